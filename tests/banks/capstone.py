"""Answers to lesson 10."""

import functools

import numpy as np

from gdexercises import capstone
from gdexercises.capstone import jax, torch
from tests.banks import Bank

jnp = jax.numpy
bank = Bank()


# Prepare ------------------------------------------------------------------------------------------------------------


def complete(X, y):
    rows = np.isfinite(X).all(axis=1) & np.isfinite(y)
    return X[rows], y[rows]


def scaled(X_train, y_train, X_val, y_val, mean, std):
    return (X_train - mean) / std, y_train, (X_val - mean) / std, y_val, mean, std


def parts(X, y, fraction, order):
    n = round(fraction * len(y))
    return X[order[:n]], y[order[:n]], X[order[n:]], y[order[n:]]


@bank.right(capstone.prepare)
def step_by_step(X, y, fraction, rng):
    X, y = complete(X, y)
    X_train, y_train, X_val, y_val = parts(X, y, fraction, rng.permutation(len(y)))
    return scaled(X_train, y_train, X_val, y_val, X_train.mean(axis=0), X_train.std(axis=0))


@bank.right(capstone.prepare)
def one_table(X, y, fraction, rng):
    table = np.column_stack([X, y])
    table = table[~np.isnan(table).any(axis=1)]
    rng.shuffle(table)
    n = round(fraction * len(table))
    mean, std = table[:n, :-1].mean(axis=0), table[:n, :-1].std(axis=0)
    Z = (table[:, :-1] - mean) / std
    return Z[:n], table[:n, -1], Z[n:], table[n:, -1], mean, std


@bank.right(capstone.prepare)
def validation_drawn_first(X, y, fraction, rng):
    X, y = complete(X, y)
    val = rng.choice(len(y), size=len(y) - round(fraction * len(y)), replace=False)
    train = np.setdiff1d(np.arange(len(y)), val)
    train = rng.permutation(train)
    return scaled(X[train], y[train], X[val], y[val], X[train].mean(0), X[train].std(0))


@bank.right(capstone.prepare)
def by_loops(X, y, fraction, rng):
    rows = [
        (row, target) for row, target in zip(X.tolist(), y.tolist(), strict=True) if not np.isnan([*row, target]).any()
    ]
    rows = [rows[i] for i in rng.permutation(len(rows))]
    n = round(fraction * len(rows))
    train = [row for row, _ in rows[:n]]
    mean = [sum(column) / n for column in zip(*train, strict=True)]
    std = [
        (sum((v - m) ** 2 for v in column) / n) ** 0.5 for column, m in zip(zip(*train, strict=True), mean, strict=True)
    ]
    Z = [[(v - m) / s for v, m, s in zip(row, mean, std, strict=True)] for row, _ in rows]
    targets = [target for _, target in rows]
    return Z[:n], targets[:n], Z[n:], targets[n:], mean, std


@bank.right(capstone.prepare)
def statistics_keep_their_row(X, y, fraction, rng):
    X, y = complete(X, y)
    X_train, y_train, X_val, y_val = parts(X, y, fraction, rng.permutation(len(y)))
    return scaled(
        X_train, y_train, X_val, y_val, X_train.mean(axis=0, keepdims=True), X_train.std(axis=0, keepdims=True)
    )


@bank.right(capstone.prepare)
def in_torch(X, y, fraction, rng):
    X, y = complete(X, y)
    X, y = torch.from_numpy(X), torch.from_numpy(y)
    order = torch.from_numpy(rng.permutation(len(y)))
    X_train, y_train, X_val, y_val = parts(X, y, fraction, order)
    return scaled(X_train, y_train, X_val, y_val, X_train.mean(dim=0), X_train.std(dim=0, correction=0))


def prepared(scale=None, keep=complete, order=None, each=False):
    def attempt(X, y, fraction, rng):
        raw = X
        X, y = keep(X, y)
        X_train, y_train, X_val, y_val = parts(X, y, fraction, order(y, rng) if order else rng.permutation(len(y)))
        mean, std = scale(X_train, X_val, raw) if scale else (X_train.mean(axis=0), X_train.std(axis=0))
        return scaled(X_train, y_train, X_val, y_val, mean, std)

    return attempt


def stacked(X_train, X_val):
    return np.vstack([X_train, X_val])


for name, attempt in {
    "scales_before_the_split": prepared(lambda t, v, _: (stacked(t, v).mean(axis=0), stacked(t, v).std(axis=0))),
    "scales_the_whole_table": prepared(lambda t, v, raw: (np.nanmean(raw, axis=0), np.nanstd(raw, axis=0))),
    "divides_by_n_minus_1": prepared(lambda t, v, _: (t.mean(axis=0), t.std(axis=0, ddof=1))),
    "divides_by_the_variance": prepared(lambda t, v, _: (t.mean(axis=0), t.std(axis=0) ** 2)),
    "drops_by_features_alone": prepared(keep=lambda X, y: (X[~np.isnan(X).any(axis=1)], y[~np.isnan(X).any(axis=1)])),
    "drops_by_targets_alone": prepared(keep=lambda X, y: (X[~np.isnan(y)], y[~np.isnan(y)])),
    "drops_empty_rows_only": prepared(
        keep=lambda X, y: (
            X[~(np.isnan(X).all(axis=1) | np.isnan(y))],
            y[~(np.isnan(X).all(axis=1) | np.isnan(y))],
        )
    ),
    "drops_nothing": prepared(keep=lambda X, y: (X, y)),
    "not_shuffled": prepared(order=lambda y, rng: np.arange(len(y))),
    "seeds_itself": prepared(order=lambda y, rng: np.random.default_rng(7).permutation(len(y))),
    "ignores_rng": prepared(order=lambda y, rng: np.random.permutation(len(y))),  # noqa: NPY002
}.items():
    bank.wrong(capstone.prepare, attempt, mistake=name, label=name)


@bank.wrong(capstone.prepare, mistake="scales_before_the_split", says=("leaks", "Split first"))
def leaks_at_the_top(X, y, fraction, rng):
    X, y = complete(X, y)
    mean, std = X.mean(axis=0), X.std(axis=0)
    Z_train, y_train, Z_val, y_val = parts((X - mean) / std, y, fraction, rng.permutation(len(y)))
    return Z_train, y_train, Z_val, y_val, mean, std


@bank.wrong(capstone.prepare, mistake="scales_each_part_by_itself", says="The same penguin")
def each_part_for_itself(X, y, fraction, rng):
    X, y = complete(X, y)
    X_train, y_train, X_val, y_val = parts(X, y, fraction, rng.permutation(len(y)))
    mean, std = X_train.mean(axis=0), X_train.std(axis=0)
    return (X_train - mean) / std, y_train, (X_val - X_val.mean(axis=0)) / X_val.std(axis=0), y_val, mean, std


@bank.wrong(capstone.prepare, mistake="leaves_validation_raw")
def scales_training_only(X, y, fraction, rng):
    X, y = complete(X, y)
    X_train, y_train, X_val, y_val = parts(X, y, fraction, rng.permutation(len(y)))
    mean, std = X_train.mean(axis=0), X_train.std(axis=0)
    return (X_train - mean) / std, y_train, X_val, y_val, mean, std


@bank.wrong(capstone.prepare, mistake="leaves_all_raw")
def scales_nothing(X, y, fraction, rng):
    X, y = complete(X, y)
    X_train, y_train, X_val, y_val = parts(X, y, fraction, rng.permutation(len(y)))
    return X_train, y_train, X_val, y_val, X_train.mean(axis=0), X_train.std(axis=0)


@bank.wrong(capstone.prepare, mistake="splits_before_dropping")
def split_then_drop(X, y, fraction, rng):
    X_train, y_train, X_val, y_val = parts(X, y, fraction, rng.permutation(len(y)))
    X_train, y_train = complete(X_train, y_train)
    X_val, y_val = complete(X_val, y_val)
    return scaled(X_train, y_train, X_val, y_val, X_train.mean(axis=0), X_train.std(axis=0))


@bank.wrong(capstone.prepare, mistake="fills_the_gaps", says="invents penguins")
def fills_with_means(X, y, fraction, rng):
    X, y = X.copy(), y.copy()
    for column in X.T:
        column[np.isnan(column)] = np.nanmean(column)
    y[np.isnan(y)] = np.nanmean(y)
    X_train, y_train, X_val, y_val = parts(X, y, fraction, rng.permutation(len(y)))
    return scaled(X_train, y_train, X_val, y_val, X_train.mean(axis=0), X_train.std(axis=0))


@bank.wrong(capstone.prepare, mistake="fills_the_gaps")
def fills_with_zeros(X, y, fraction, rng):
    X, y = np.nan_to_num(X), np.nan_to_num(y)
    X_train, y_train, X_val, y_val = parts(X, y, fraction, rng.permutation(len(y)))
    return scaled(X_train, y_train, X_val, y_val, X_train.mean(axis=0), X_train.std(axis=0))


@bank.wrong(capstone.prepare, mistake="shuffled_apart", says="the mass of another one")
def two_orders(X, y, fraction, rng):
    X, y = complete(X, y)
    X_train, _, X_val, _ = parts(X, y, fraction, rng.permutation(len(y)))
    _, y_train, _, y_val = parts(X, y, fraction, rng.permutation(len(y)))
    return scaled(X_train, y_train, X_val, y_val, X_train.mean(axis=0), X_train.std(axis=0))


@bank.wrong(capstone.prepare, mistake="shuffles_one_of_them", says="the mass of another")
def shuffles_features_alone(X, y, fraction, rng):
    X, y = complete(X, y)
    X_train, y_train, X_val, y_val = parts(rng.permutation(X), y, fraction, np.arange(len(y)))
    return scaled(X_train, y_train, X_val, y_val, X_train.mean(axis=0), X_train.std(axis=0))


@bank.wrong(capstone.prepare, mistake="scales_the_targets", says="errors are in grams")
def standardizes_y(X, y, fraction, rng):
    X, y = complete(X, y)
    X_train, y_train, X_val, y_val = parts(X, y, fraction, rng.permutation(len(y)))
    y_mean, y_std = y_train.mean(), y_train.std()
    mean, std = X_train.mean(axis=0), X_train.std(axis=0)
    return scaled(X_train, (y_train - y_mean) / y_std, X_val, (y_val - y_mean) / y_std, mean, std)


@bank.wrong(capstone.prepare, mistake="exchanges_the_parts")
def fraction_for_validation(X, y, fraction, rng):
    X, y = complete(X, y)
    X_val, y_val, X_train, y_train = parts(X, y, fraction, rng.permutation(len(y)))
    return scaled(X_train, y_train, X_val, y_val, X_train.mean(axis=0), X_train.std(axis=0))


@bank.wrong(capstone.prepare, finding="kind", says=("6 values", "returns 4 values"))
def forgets_mean_and_std(X, y, fraction, rng):
    return step_by_step(X, y, fraction, rng)[:4]


@bank.wrong(capstone.prepare, finding="kind", says="each row of features needs its target")
def drops_in_features_only(X, y, fraction, rng):
    rows = np.isfinite(X).all(axis=1)
    order = rng.permutation(rows.sum())
    n = round(fraction * len(order))
    X = X[rows][order]
    return scaled(X[:n], y[:n], X[n:], y[n:], X[:n].mean(axis=0), X[:n].std(axis=0))


@bank.wrong(capstone.prepare, finding="kind", says="mean has shape () and should have (")
def one_mean_for_the_table(X, y, fraction, rng):
    X, y = complete(X, y)
    X_train, y_train, X_val, y_val = parts(X, y, fraction, rng.permutation(len(y)))
    return scaled(X_train, y_train, X_val, y_val, X_train.mean(), X_train.std())


@bank.wrong(capstone.prepare, finding="kind", says="The order is")
def in_another_order(X, y, fraction, rng):
    Z_train, y_train, Z_val, y_val, mean, std = step_by_step(X, y, fraction, rng)
    return Z_train, Z_val, y_train, y_val, mean, std


@bank.wrong(capstone.prepare, finding="changed arguments", says="X")
def scales_in_place(X, y, fraction, rng):
    result = step_by_step(X, y, fraction, rng)
    X[0] = 0
    return result


@bank.wrong(capstone.prepare, finding="not attempted")
def prepare_not_written(X, y, fraction, rng):
    raise NotImplementedError()


# Fit ----------------------------------------------------------------------------------------------------------------


def loss_of(b, w, X, y, penalty):
    return ((b + X @ w - y) ** 2).mean() + penalty * (w**2).sum()


@bank.right(capstone.fit)
def plain_numpy(X, y, lr, n_epochs, penalty):
    b, w, losses = 0.0, np.zeros(X.shape[1]), []
    for _ in range(n_epochs):
        error = b + X @ w - y
        losses += [np.mean(error**2) + penalty * w @ w]
        b, w = b - lr * 2 * error.mean(), w - lr * (2 * error @ X / len(y) + 2 * penalty * w)
    return b, w, losses


@bank.right(capstone.fit)
def one_vector(X, y, lr, n_epochs, penalty):
    A = np.column_stack([np.ones(len(y)), X])
    held = penalty * np.r_[0.0, np.ones(X.shape[1])]
    theta, losses = np.zeros(A.shape[1]), np.empty(n_epochs)
    for epoch in range(n_epochs):
        losses[epoch] = np.mean((A @ theta - y) ** 2) + held @ theta**2
        theta = theta - 2 * lr * (A.T @ (A @ theta - y) / len(y) + held * theta)
    return theta[0], theta[1:], losses


@bank.right(capstone.fit)
def loops_only(X, y, lr, n_epochs, penalty):
    X, y = X.tolist(), y.tolist()
    b, w, losses = 0.0, [0.0] * len(X[0]), []
    for _ in range(n_epochs):
        errors = [b + sum(wj * xj for wj, xj in zip(w, row, strict=True)) - t for row, t in zip(X, y, strict=True)]
        losses.append(sum(e * e for e in errors) / len(y) + penalty * sum(wj * wj for wj in w))
        grads = [sum(2 * e * row[j] for e, row in zip(errors, X, strict=True)) / len(y) for j in range(len(w))]
        b -= lr * 2 * sum(errors) / len(y)
        w = [wj - lr * (g + 2 * penalty * wj) for wj, g in zip(w, grads, strict=True)]
    return b, w, losses


@bank.right(capstone.fit)
def columns_and_einsum(X, y, lr, n_epochs, penalty):
    y = y.reshape(-1, 1)
    b, w, losses = np.zeros((1, 1)), np.zeros((X.shape[1], 1)), []
    for _ in range(n_epochs):
        error = np.einsum("nf,fk->nk", X, w) + b - y
        losses.append((error**2).mean() + penalty * (w**2).sum())
        b = b - 2 * lr * error.mean(axis=0, keepdims=True)
        w = (1 - 2 * lr * penalty) * w - 2 * lr * np.einsum("nf,nk->fk", X, error) / len(y)
    return b.item(), w.ravel(), np.array(losses)


@bank.right(capstone.fit)
def in_place(X, y, lr, n_epochs, penalty):
    b, w, losses = np.zeros(1), np.zeros(X.shape[1]), []
    for _ in range(n_epochs):
        error = b + X @ w - y
        losses.append(float((error**2).mean() + penalty * np.square(w).sum()))
        w -= lr * (2 * X.T @ error / len(y) + 2 * penalty * w)
        b -= lr * 2 * error.mean()
    return b, w, losses


def torch_right(attempt):
    return bank.right(capstone.fit, attempt, using="torch")


def jax_right(attempt):
    return bank.right(capstone.fit, attempt, using="jax")


@torch_right
def torch_by_backward(X, y, lr, n_epochs, penalty):
    X, y = torch.from_numpy(X), torch.from_numpy(y)
    b = torch.zeros((), dtype=torch.float64, requires_grad=True)
    w = torch.zeros(X.shape[1], dtype=torch.float64, requires_grad=True)
    losses = []
    for _ in range(n_epochs):
        loss = loss_of(b, w, X, y, penalty)
        loss.backward()
        with torch.no_grad():
            b -= lr * b.grad
            w -= lr * w.grad
        b.grad = w.grad = None
        losses.append(loss.item())
    return b.item(), w.detach().numpy(), np.array(losses)


@torch_right
def torch_by_an_optimizer(X, y, lr, n_epochs, penalty):
    X, y = torch.tensor(X), torch.tensor(y)
    model = torch.nn.Linear(X.shape[1], 1).double()
    for parameter in model.parameters():
        torch.nn.init.zeros_(parameter)
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for _ in range(n_epochs):
        optimizer.zero_grad()
        loss = torch.nn.functional.mse_loss(model(X)[:, 0], y) + penalty * model.weight.square().sum()
        loss.backward()
        optimizer.step()
        losses.append(loss.detach())
    return model.bias.detach(), model.weight.detach()[0], torch.stack(losses)


@torch_right
def torch_by_weight_decay(X, y, lr, n_epochs, penalty):
    X, y = torch.from_numpy(X), torch.from_numpy(y)
    b, w = (torch.zeros(n, dtype=torch.float64, requires_grad=True) for n in (1, X.shape[1]))
    optimizer = torch.optim.SGD([{"params": [b]}, {"params": [w], "weight_decay": 2 * penalty}], lr=lr)
    losses = []
    for _ in range(n_epochs):
        mse = ((b + X @ w - y) ** 2).mean()
        losses.append((mse + penalty * (w**2).sum()).item())
        optimizer.zero_grad()
        mse.backward()
        optimizer.step()
    return b, w, losses


@torch_right
def torch_by_autograd_grad(X, y, lr, n_epochs, penalty):
    torch.set_default_dtype(torch.float64)
    X, y, params, losses = torch.tensor(X), torch.tensor(y), torch.zeros(1 + X.shape[1], requires_grad=True), []
    for _ in range(n_epochs):
        loss = loss_of(params[0], params[1:], X, y, penalty)
        (grad,) = torch.autograd.grad(loss, params)
        params = (params - lr * grad).detach().requires_grad_()
        losses.append(loss)
    return params[0], params[1:], losses


@torch_right
def torch_by_func_grad(X, y, lr, n_epochs, penalty):
    X, y = torch.from_numpy(X), torch.from_numpy(y)
    params = torch.zeros((), dtype=torch.float64), torch.zeros(X.shape[1], dtype=torch.float64)
    gradient = torch.func.grad_and_value(lambda params: loss_of(*params, X, y, penalty))
    losses = []
    for _ in range(n_epochs):
        grads, loss = gradient(params)
        params = tuple(p - lr * g for p, g in zip(params, grads, strict=True))
        losses.append(loss.item())
    return *params, losses


def doubles():
    jax.config.update("jax_enable_x64", True)


@jax_right
def jax_by_value_and_grad(X, y, lr, n_epochs, penalty):
    doubles()
    X, y = jnp.asarray(X), jnp.asarray(y)
    b, w, losses = 0.0, jnp.zeros(X.shape[1]), []
    both = jax.jit(jax.value_and_grad(loss_of, argnums=(0, 1)))
    for _ in range(n_epochs):
        loss, (b_grad, w_grad) = both(b, w, X, y, penalty)
        b, w = b - lr * b_grad, w - lr * w_grad
        losses.append(float(loss))
    return b, w, losses


@jax_right
def jax_by_scan(X, y, lr, n_epochs, penalty):
    doubles()

    def epoch(params, _):
        loss, grads = jax.value_and_grad(lambda params: loss_of(*params, X, y, penalty))(params)
        return jax.tree.map(lambda p, g: p - lr * g, params, grads), loss

    start = jnp.zeros(()), jnp.zeros(X.shape[1])
    (b, w), losses = jax.lax.scan(epoch, start, None, length=n_epochs)
    return b, w, losses


@functools.partial(jax.jit, static_argnames="n_epochs")
def _compiled(X, y, lr, n_epochs, penalty):
    def epoch(i, state):
        params, losses = state
        loss, grads = jax.value_and_grad(lambda p: loss_of(p["b"], p["w"], X, y, penalty))(params)
        return {name: params[name] - lr * grads[name] for name in params}, losses.at[i].set(loss)

    start = {"b": jnp.zeros(()), "w": jnp.zeros(X.shape[1])}
    params, losses = jax.lax.fori_loop(0, n_epochs, epoch, (start, jnp.zeros(n_epochs)))
    return params["b"], params["w"], losses


@jax_right
def jax_compiled_as_a_whole(X, y, lr, n_epochs, penalty):
    doubles()
    return _compiled(X, y, lr, n_epochs, penalty)


@jax_right
def jax_without_jit(X, y, lr, n_epochs, penalty):
    doubles()
    gradient = jax.grad(loss_of, argnums=(0, 1))
    b, w, losses = jnp.array(0.0), jnp.zeros(X.shape[1]), []
    for _ in range(n_epochs):
        losses.append(loss_of(b, w, X, y, penalty))
        b_grad, w_grad = gradient(b, w, X, y, penalty)
        b, w = b - lr * b_grad, w - lr * w_grad
    return np.asarray(b), np.asarray(w), np.array(losses)


@jax_right
def jax_by_forward_mode(X, y, lr, n_epochs, penalty):
    doubles()
    theta, losses = jnp.zeros(1 + X.shape[1]), []
    total = jax.jit(lambda theta: loss_of(theta[0], theta[1:], X, y, penalty))
    gradient = jax.jit(jax.jacfwd(total))
    for _ in range(n_epochs):
        losses.append(total(theta))
        theta = theta - lr * gradient(theta)
    return theta[0], theta[1:], jnp.stack(losses)


def numpy_fit(penalty_of=lambda w: 2 * w, in_losses=lambda b, w: w @ w, b_too=0, share=1.0, each=None, kind=np.float64):
    def attempt(X, y, lr, n_epochs, penalty):
        X, y, lr, penalty = X.astype(kind), y.astype(kind), kind(lr), kind(penalty)
        b, w, losses = kind(0), np.zeros(X.shape[1], kind), []
        for _ in range(n_epochs):
            error = X @ w + b - y
            losses.append(np.mean(error * error) + penalty * in_losses(b, w))
            b_grad = kind(2 * share) * error.mean() + penalty * kind(b_too) * b
            w_grad = kind(2 * share / len(y)) * (X.T @ error) + penalty * penalty_of(w)
            b, w = b - lr * b_grad, w - lr * w_grad
        return b, w, np.array(losses)

    return attempt


for name, attempt in {
    "penalizes_the_intercept": numpy_fit(in_losses=lambda b, w: b * b + w @ w, b_too=2),
    "pulls_the_intercept": numpy_fit(b_too=2),
    "forgets_the_penalty": numpy_fit(lambda w: 0 * w, lambda b, w: 0),
    "penalty_not_in_the_gradient": numpy_fit(lambda w: 0 * w),
    "penalty_not_in_the_losses": numpy_fit(in_losses=lambda b, w: 0),
    "penalty_without_factor_two": numpy_fit(lambda w: w),
    "averages_the_penalty": numpy_fit(lambda w: 2 * w / w.size, lambda b, w: np.mean(w**2)),
    "penalizes_absolute_values": numpy_fit(np.sign, lambda b, w: np.abs(w).sum()),
    "in_single_precision": numpy_fit(kind=np.float32),
    "no_factor_two": numpy_fit(share=0.5),
    "uphill": lambda X, y, lr, n, penalty: plain_numpy(X, y, -lr, n, penalty),
    "divides_the_penalty_by_n": lambda X, y, lr, n, penalty: plain_numpy(X, y, lr, n, penalty / len(X)),
    "one_epoch_short": lambda X, y, lr, n, penalty: plain_numpy(X, y, lr, n - 1, penalty),
    "one_epoch_long": lambda X, y, lr, n, penalty: plain_numpy(X, y, lr, n + 1, penalty),
}.items():
    bank.wrong(capstone.fit, attempt, mistake=name, label=name)


@bank.wrong(capstone.fit, mistake="sums")
def sums_over_rows(X, y, lr, n_epochs, penalty):
    b, w, losses = 0.0, np.zeros(X.shape[1]), []
    for _ in range(n_epochs):
        error = b + X @ w - y
        losses.append(np.mean(error**2) + penalty * w @ w)
        b, w = b - 2 * lr * error.sum(), w - lr * (2 * X.T @ error + 2 * penalty * w)
    return b, w, losses


@bank.wrong(capstone.fit, mistake="updates_in_turn")
def b_before_w(X, y, lr, n_epochs, penalty):
    b, w, losses = 0.0, np.zeros(X.shape[1]), []
    for _ in range(n_epochs):
        losses.append(loss_of(b, w, X, y, penalty))
        b -= lr * 2 * (b + X @ w - y).mean()
        w = w - lr * (2 * X.T @ (b + X @ w - y) / len(y) + 2 * penalty * w)
    return b, w, losses


@bank.wrong(capstone.fit, mistake="records_after_update")
def loss_at_the_end_of_the_epoch(X, y, lr, n_epochs, penalty):
    b, w, losses = 0.0, np.zeros(X.shape[1]), []
    for _ in range(n_epochs):
        error = b + X @ w - y
        b, w = b - lr * 2 * error.mean(), w - lr * (2 * X.T @ error / len(y) + 2 * penalty * w)
        losses.append(loss_of(b, w, X, y, penalty))
    return b, w, losses


@bank.wrong(capstone.fit, mistake="keeps_the_root")
def rmse_in_the_losses(X, y, lr, n_epochs, penalty):
    b, w, losses = plain_numpy(X, y, lr, n_epochs, penalty)
    return b, w, [loss**0.5 for loss in losses]


@bank.wrong(capstone.fit, mistake="leaves_out_the_intercept")
def no_intercept(X, y, lr, n_epochs, penalty):
    w, losses = np.zeros(X.shape[1]), []
    for _ in range(n_epochs):
        losses.append(loss_of(0.0, w, X, y, penalty))
        w = w - lr * (2 * X.T @ (X @ w - y) / len(y) + 2 * penalty * w)
    return 0.0, w, losses


@bank.wrong(capstone.fit, finding="kind", says=("an array of PyTorch", "the frameworks have their own cells"))
def torch_in_the_cell_of_numpy(X, y, lr, n_epochs, penalty):
    b, w, losses = torch_by_backward(X, y, lr, n_epochs, penalty)
    return torch.tensor(b), torch.tensor(w), losses


@bank.wrong(capstone.fit, says="b is")
def starts_at_ones(X, y, lr, n_epochs, penalty):
    b, w, losses = 1.0, np.ones(X.shape[1]), []
    for _ in range(n_epochs):
        error = b + X @ w - y
        losses.append(loss_of(b, w, X, y, penalty))
        b, w = b - lr * 2 * error.mean(), w - lr * (2 * X.T @ error / len(y) + 2 * penalty * w)
    return b, w, losses


@bank.wrong(capstone.fit, finding="kind", says=("drawn at random", "begin at 0"))
def starts_at_random(X, y, lr, n_epochs, penalty):
    b, w, losses = np.random.randn(), np.random.randn(X.shape[1]), []  # noqa: NPY002
    for _ in range(n_epochs):
        error = b + X @ w - y
        losses.append(loss_of(b, w, X, y, penalty))
        b, w = b - lr * 2 * error.mean(), w - lr * (2 * X.T @ error / len(y) + 2 * penalty * w)
    return b, w, losses


@bank.wrong(capstone.fit, finding="shape", says="w should be an array of shape")
def one_slope_for_all(X, y, lr, n_epochs, penalty):
    b, w, losses = plain_numpy(X, y, lr, n_epochs, penalty)
    return b, w[:0], losses


bank.wrong(
    capstone.fit, lambda X, y, lr, n, penalty: plain_numpy(X, y, lr, n, penalty)[:2], finding="kind", label="two"
)
bank.wrong(
    capstone.fit,
    lambda X, y, lr, n, penalty: (*plain_numpy(X, y, lr, n, penalty)[:2], plain_numpy(X, y, lr, n, penalty)[2][-1]),
    finding="shape",
    label="last-loss",
)


def torch_wrong(**expected):
    return functools.partial(bank.wrong, capstone.fit, using="torch", **expected)


def jax_wrong(**expected):
    return functools.partial(bank.wrong, capstone.fit, using="jax", **expected)


def torch_fit(loss_of=loss_of, dtype=torch.float64, reset=True):
    def attempt(X, y, lr, n_epochs, penalty):
        X, y = torch.tensor(X, dtype=dtype), torch.tensor(y, dtype=dtype)
        b, w = torch.zeros((), dtype=dtype), torch.zeros(X.shape[1], dtype=dtype)
        b.requires_grad_(), w.requires_grad_()
        losses = []
        for _ in range(n_epochs):
            loss = loss_of(b, w, X, y, penalty)
            loss.backward()
            with torch.no_grad():
                b -= lr * b.grad
                w -= lr * w.grad
            if reset:
                b.grad = w.grad = None
            losses.append(loss.item())
        return b.item(), w.detach(), losses

    return attempt


def jax_fit(loss_of=loss_of, double=True):
    def attempt(X, y, lr, n_epochs, penalty):
        jax.config.update("jax_enable_x64", double)
        X, y = jnp.asarray(X), jnp.asarray(y)
        both = jax.jit(jax.value_and_grad(loss_of, argnums=(0, 1)))
        b, w, losses = 0.0, jnp.zeros(X.shape[1]), []
        for _ in range(n_epochs):
            loss, (b_grad, w_grad) = both(b, w, X, y, penalty)
            b, w = b - lr * b_grad, w - lr * w_grad
            losses.append(loss)
        return b, w, losses

    return attempt


LOSSES = {
    "penalizes_the_intercept": lambda b, w, X, y, p: ((b + X @ w - y) ** 2).mean() + p * (b**2 + (w**2).sum()),
    "forgets_the_penalty": lambda b, w, X, y, p: ((b + X @ w - y) ** 2).mean(),
    "averages_the_penalty": lambda b, w, X, y, p: ((b + X @ w - y) ** 2).mean() + p * (w**2).mean(),
    "penalizes_absolute_values": lambda b, w, X, y, p: ((b + X @ w - y) ** 2).mean() + p * abs(w).sum(),
}
for name, wrong_loss in LOSSES.items():
    torch_wrong(mistake=name, label=f"torch-{name}")(torch_fit(wrong_loss))
    # For JAX the slope of |w| at 0, where it begins, is 1, so nobody recognises these numbers.
    known = None if name == "penalizes_absolute_values" else name
    jax_wrong(mistake=known, label=f"jax-{name}")(jax_fit(wrong_loss))
torch_wrong(mistake="in_single_precision", label="torch-single", says="right to seven digits")(
    torch_fit(dtype=torch.float32)
)
jax_wrong(mistake="in_single_precision", label="jax-single", says="jax_enable_x64")(jax_fit(double=False))
torch_wrong(mistake="gradients_add_up", label="torch-no-reset", says="PyTorch adds into .grad")(torch_fit(reset=False))


@jax_wrong(mistake="in_single_precision")
def single_in_the_guise_of_double(X, y, lr, n_epochs, penalty):
    b, w, losses = jax_fit(double=False)(X, y, lr, n_epochs, penalty)
    return float(b), np.asarray(w, dtype=np.float64), [float(loss) for loss in losses]


def linear_layer(n, zeros):
    layer = torch.nn.Linear(n, 1).double()
    for parameter in layer.parameters() if zeros else ():
        torch.nn.init.zeros_(parameter)
    return layer


def trained_layer(layer, X, y, lr, n_epochs, loss_of):
    optimizer = torch.optim.SGD(layer.parameters(), lr=lr)
    losses = []
    for _ in range(n_epochs):
        loss = loss_of(layer, torch.from_numpy(X), torch.from_numpy(y))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return layer.bias, layer.weight[0], losses


@torch_wrong(mistake="compares_each_with_all", says="(N, N)")
def layer_that_broadcasts(X, y, lr, n_epochs, penalty):
    loss = lambda layer, X, y: ((layer(X) - y) ** 2).mean() + penalty * (layer.weight**2).sum()
    return trained_layer(linear_layer(X.shape[1], True), X, y, lr, n_epochs, loss)


@torch_wrong(mistake="penalizes_the_intercept")
def penalty_over_all_parameters(X, y, lr, n_epochs, penalty):
    loss = lambda layer, X, y: (
        ((layer(X)[:, 0] - y) ** 2).mean() + penalty * sum((parameter**2).sum() for parameter in layer.parameters())
    )
    return trained_layer(linear_layer(X.shape[1], True), X, y, lr, n_epochs, loss)


@torch_wrong(finding="kind", says=("drawn at random", "torch.nn.Linear"))
def layer_as_it_is_made(X, y, lr, n_epochs, penalty):
    loss = lambda layer, X, y: ((layer(X)[:, 0] - y) ** 2).mean() + penalty * (layer.weight**2).sum()
    return trained_layer(linear_layer(X.shape[1], False), X, y, lr, n_epochs, loss)


@torch_wrong(mistake="decays_the_intercept", says="weight_decay")
def weight_decay_for_all(X, y, lr, n_epochs, penalty):
    X, y = torch.from_numpy(X), torch.from_numpy(y)
    b, w = (torch.zeros(n, dtype=torch.float64, requires_grad=True) for n in (1, X.shape[1]))
    optimizer = torch.optim.SGD([b, w], lr=lr, weight_decay=2 * penalty)
    losses = []
    for _ in range(n_epochs):
        mse = ((b + X @ w - y) ** 2).mean()
        losses.append(mse.item())
        optimizer.zero_grad()
        mse.backward()
        optimizer.step()
    return b, w, losses


@torch_wrong(finding="kind", says=("PyTorch was never asked for a gradient", "loss.backward()"))
def numpy_in_the_cell_of_torch(X, y, lr, n_epochs, penalty):
    return plain_numpy(X, y, lr, n_epochs, penalty)


@torch_wrong(finding="kind", says="PyTorch was never asked for a gradient")
def tensors_with_gradients_by_hand(X, y, lr, n_epochs, penalty):
    b, w, losses = plain_numpy(torch.from_numpy(X), torch.from_numpy(y), lr, 0, penalty)
    X, y, w = torch.from_numpy(X), torch.from_numpy(y), torch.from_numpy(w)
    for _ in range(n_epochs):
        error = b + X @ w - y
        losses.append(loss_of(b, w, X, y, penalty).item())
        b, w = b - lr * 2 * error.mean(), w - lr * (2 * X.T @ error / len(y) + 2 * penalty * w)
    return b, w, losses


@torch_wrong(finding="raised", says="another precision")
def zeros_of_another_precision(X, y, lr, n_epochs, penalty):
    X, y = torch.from_numpy(X), torch.from_numpy(y)
    w = torch.zeros(X.shape[1], requires_grad=True)
    loss_of(0.0, w, X, y, penalty).backward()
    return 0.0, w, [0.0]


@jax_wrong(finding="kind", says=("JAX was never asked for a gradient", "jax.value_and_grad"))
def numpy_in_the_cell_of_jax(X, y, lr, n_epochs, penalty):
    return plain_numpy(X, y, lr, n_epochs, penalty)


@jax_wrong(finding="kind", says="JAX was never asked for a gradient")
def jax_arrays_with_gradients_by_hand(X, y, lr, n_epochs, penalty):
    doubles()
    X, y = jnp.asarray(X), jnp.asarray(y)
    b, w, losses = 0.0, jnp.zeros(X.shape[1]), []
    for _ in range(n_epochs):
        error = b + X @ w - y
        losses.append(loss_of(b, w, X, y, penalty))
        b, w = b - lr * 2 * error.mean(), w - lr * (2 * X.T @ error / len(y) + 2 * penalty * w)
    return b, w, losses


@jax_wrong(finding="raised", says="argnums=(0, 1)")
def gradient_of_b_alone(X, y, lr, n_epochs, penalty):
    doubles()
    _, (b_grad, w_grad) = jax.value_and_grad(loss_of)(0.0, jnp.zeros(X.shape[1]), X, y, penalty)
    return b_grad, w_grad, []


@jax_wrong(finding="not attempted")
def fit_jax_not_written(X, y, lr, n_epochs, penalty): ...


# Early stopping -----------------------------------------------------------------------------------------------------


def mse(b, w, X, y):
    return float(np.mean((b + X @ w - y) ** 2))


def updated(b, w, X, y, lr):
    error = b + X @ w - y
    return b - lr * 2 * error.mean(), w - lr * 2 * X.T @ error / len(y)


@bank.right(capstone.early_stopping)
def with_a_counter(X, y, X_val, y_val, lr, max_epochs, patience):
    b, w, waited, best, val_losses = 0.0, np.zeros(X.shape[1]), 0, (np.inf, 0, None, None), []
    for epoch in range(max_epochs):
        loss = mse(b, w, X_val, y_val)
        val_losses.append(loss)
        if loss < best[0]:
            best, waited = (loss, epoch, b, w), 0
        else:
            waited += 1
            if waited == patience:
                break
        b, w = updated(b, w, X, y, lr)
    return best[2], best[3], best[1], val_losses


@bank.right(capstone.early_stopping)
def with_copies_in_place(X, y, X_val, y_val, lr, max_epochs, patience):
    b, w = np.zeros(1), np.zeros(X.shape[1])
    val_losses, best_epoch, kept = [], 0, (b.copy(), w.copy())
    for epoch in range(max_epochs):
        val_losses.append(mse(b, w, X_val, y_val))
        if val_losses[epoch] < val_losses[best_epoch]:
            best_epoch, kept = epoch, (b.copy(), w.copy())
        if epoch - best_epoch >= patience:
            break
        error = b + X @ w - y
        b -= 2 * lr * error.mean()
        w -= 2 * lr * X.T @ error / len(y)
    return kept[0].item(), kept[1], np.int64(best_epoch), np.array(val_losses)


@bank.right(capstone.early_stopping)
def keeps_all_parameters(X, y, X_val, y_val, lr, max_epochs, patience):
    path = [(0.0, np.zeros(X.shape[1]))]
    while len(path) < max_epochs:
        path.append(updated(*path[-1], X, y, lr))
    losses = np.array([mse(*params, X_val, y_val) for params in path])
    for stop in range(max_epochs):
        if stop - losses[: stop + 1].argmin() >= patience:
            break
    best = int(losses[: stop + 1].argmin())
    return *path[best], best, losses[: stop + 1]


@bank.right(capstone.early_stopping)
def with_while(X, y, X_val, y_val, lr, max_epochs, patience):
    params, best_params, losses = (0.0, np.zeros(X.shape[1])), None, []
    while len(losses) < max_epochs and (not losses or len(losses) - 1 - losses.index(min(losses)) < patience):
        losses.append(mse(*params, X_val, y_val))
        if losses[-1] == min(losses) and losses.count(losses[-1]) == 1:
            best_params = params
        params = updated(*params, X, y, lr)
    return *best_params, losses.index(min(losses)), losses


@bank.right(capstone.early_stopping)
def in_torch_with_autograd(X, y, X_val, y_val, lr, max_epochs, patience):
    X, y, X_val, y_val = map(torch.from_numpy, (X, y, X_val, y_val))
    params = torch.zeros(1 + X.shape[1], dtype=torch.float64, requires_grad=True)
    loss_of = lambda X, y: ((params[0] + X @ params[1:] - y) ** 2).mean()
    losses, best_epoch, best = [], 0, params.detach().clone()
    for epoch in range(max_epochs):
        losses.append(loss_of(X_val, y_val).item())
        if losses[-1] < losses[best_epoch]:
            best_epoch, best = epoch, params.detach().clone()
        elif epoch >= best_epoch + patience:
            break
        (grad,) = torch.autograd.grad(loss_of(X, y), params)
        with torch.no_grad():
            params -= lr * grad
    return best[0], best[1:], best_epoch, losses


def stopping(watch="val", restore="best", rule=None, patience_by=0, train_on="train", first=0):
    """Early stopping with something wrong."""

    def attempt(X, y, X_val, y_val, lr, max_epochs, patience):
        b, w, losses, watched, best, best_epoch, kept = 0.0, np.zeros(X.shape[1]), [], [], np.inf, 0, None
        used = {"train": (X, y), "val": (X_val, y_val), "both": (np.vstack([X, X_val]), np.hstack([y, y_val]))}[
            train_on
        ]
        for epoch in range(max_epochs):
            losses.append(mse(b, w, X_val, y_val))
            watched.append(losses[-1] if watch == "val" else mse(b, w, X, y))
            if watched[-1] < best:
                best, best_epoch, kept = watched[-1], epoch, (b, w)
            if rule(watched, patience) if rule else epoch - best_epoch >= patience + patience_by:
                break
            b, w = updated(b, w, *used, lr)
        kept = {"best": kept, "last": (b, w), "mixed": (kept[0], w)}[restore]
        return *kept, best_epoch + first, losses

    return attempt


def rising(watched, patience):
    return len(watched) > patience and all(
        after >= before for before, after in zip(watched[-patience - 1 :], watched[-patience:], strict=False)
    )


for name, attempt in {
    "stops_on_the_training_loss": stopping(watch="train"),
    "not_restored": stopping(restore="last"),
    "keeps_no_copy": stopping(restore="mixed"),
    "one_epoch_too_patient": stopping(patience_by=1),
    "one_epoch_too_impatient": stopping(
        rule=lambda seen, p: len(seen) > 1 and len(seen) - 1 - np.argmin(seen) >= p - 1
    ),
    "never_stops": stopping(rule=lambda seen, patience: False),
    "compares_with_the_epoch_before": stopping(rule=rising),
    "counts_all_bad_epochs": stopping(
        rule=lambda seen, p: sum(v > low for v, low in zip(seen, np.minimum.accumulate(seen), strict=True)) >= p
    ),
    "stops_at_the_first_rise": stopping(rule=lambda seen, p: len(seen) > 1 and seen[-1] >= min(seen[:-1])),
    "counts_epochs_from_1": stopping(first=1),
    "trains_on_validation": stopping(train_on="val"),
    "trains_on_both": stopping(train_on="both"),
}.items():
    bank.wrong(capstone.early_stopping, attempt, mistake=name, label=name)


@bank.wrong(capstone.early_stopping, mistake="keeps_the_training_loss", says="X_val and y_val")
def training_loss_all_the_way(X, y, X_val, y_val, lr, max_epochs, patience):
    return with_a_counter(X, y, X, y, lr, max_epochs, patience)


@bank.wrong(capstone.early_stopping, mistake="keeps_no_copy", says=".copy()")
def updates_the_kept_array(X, y, X_val, y_val, lr, max_epochs, patience):
    b, w = 0.0, np.zeros(X.shape[1])
    best, best_epoch, val_losses = np.inf, 0, []
    for epoch in range(max_epochs):
        val_losses.append(mse(b, w, X_val, y_val))
        if val_losses[-1] < best:
            best, best_epoch, best_b, best_w = val_losses[-1], epoch, b, w
        elif epoch - best_epoch >= patience:
            break
        error = b + X @ w - y
        b -= lr * 2 * error.mean()
        w -= lr * 2 * X.T @ error / len(y)
    return best_b, best_w, best_epoch, val_losses


@bank.wrong(capstone.early_stopping, mistake="restores_one_too_late")
def keeps_after_the_update(X, y, X_val, y_val, lr, max_epochs, patience):
    b, w, best, best_epoch, val_losses = 0.0, np.zeros(X.shape[1]), np.inf, 0, []
    for epoch in range(max_epochs):
        val_losses.append(mse(b, w, X_val, y_val))
        if epoch - best_epoch >= patience and val_losses[-1] >= best:
            break
        b, w = updated(b, w, X, y, lr)
        if val_losses[-1] < best:
            best, best_epoch, kept = val_losses[-1], epoch, (b, w)
    return *kept, best_epoch, val_losses


@bank.wrong(capstone.early_stopping, mistake="records_after_the_update")
def looks_after_the_update(X, y, X_val, y_val, lr, max_epochs, patience):
    b, w, best, best_epoch, val_losses = 0.0, np.zeros(X.shape[1]), np.inf, 0, []
    for epoch in range(max_epochs):
        b, w = updated(b, w, X, y, lr)
        val_losses.append(mse(b, w, X_val, y_val))
        if val_losses[-1] < best:
            best, best_epoch, kept = val_losses[-1], epoch, (b, w)
        elif epoch - best_epoch >= patience:
            break
    return *kept, best_epoch, val_losses


for name, change in {
    "returns_the_epoch_of_the_stop": lambda b, w, best, losses: (b, w, len(losses) - 1, losses),
    "returns_the_best_loss": lambda b, w, best, losses: (b, w, min(losses), losses),
    "cuts_the_losses": lambda b, w, best, losses: (b, w, best, losses[: best + 1]),
    "keeps_roots": lambda b, w, best, losses: (b, w, best, [loss**0.5 for loss in losses]),
}.items():
    bank.wrong(
        capstone.early_stopping,
        lambda *given, change=change: change(*with_a_counter(*given)),
        mistake=name,
        label=name,
    )
bank.wrong(
    capstone.early_stopping, lambda *given: with_a_counter(*given)[:3], finding="kind", says="4 values", label="three"
)


@bank.wrong(capstone.early_stopping, finding="not attempted")
def early_stopping_not_written(X, y, X_val, y_val, lr, max_epochs, patience):
    raise NotImplementedError()


# Report -------------------------------------------------------------------------------------------------------------


def rmse_of(intercept, slopes, X, y):
    return float(np.sqrt(np.mean((intercept + X @ np.asarray(slopes) - y) ** 2)))


@bank.right(capstone.report)
def by_multiplying_out(b, w, mean, std, X, y):
    slopes = w / std
    intercept = b - slopes @ mean
    return intercept, slopes, rmse_of(intercept, slopes, X, y)


@bank.right(capstone.report)
def rmse_on_the_scale_of_the_model(b, w, mean, std, X, y):
    error = b + ((X - mean) / std) @ w - y
    return b - np.sum(w * mean / std), w / std, (error @ error / len(y)) ** 0.5


@bank.right(capstone.report)
def by_predicting_at_zero_and_one(b, w, mean, std, X, y):
    predict = lambda X: b + ((X - mean) / std) @ w
    intercept = predict(np.zeros((1, len(w))))
    return intercept, predict(np.eye(len(w))) - intercept, np.linalg.norm(predict(X) - y) / np.sqrt(len(y))


@bank.right(capstone.report)
def in_lists(b, w, mean, std, X, y):
    slopes = [wj / s for wj, s in zip(w, std, strict=True)]
    intercept = b - sum(slope * m for slope, m in zip(slopes, mean, strict=True))
    return [intercept, slopes, rmse_of(intercept, slopes, X, y)]


@bank.right(capstone.report)
def by_least_squares_of_predictions(b, w, mean, std, X, y):
    rows = np.vstack([np.zeros(len(w)), np.eye(len(w))])
    A = np.column_stack([np.ones(len(rows)), rows])
    intercept, *slopes = np.linalg.solve(A, b + ((rows - mean) / std) @ w)
    return intercept, np.array(slopes), rmse_of(intercept, slopes, X, y)


def reporting(intercept, slopes, rmse=None):
    def attempt(b, w, mean, std, X, y):
        c, s = intercept(b, w, mean, std), slopes(w, std)
        return c, s, rmse_of(c, s, X, y) if rmse is None else rmse(X @ (w / std) + b - (w * mean / std).sum() - y)

    return attempt


right_intercept, right_slopes = lambda b, w, mean, std: b - (w * mean / std).sum(), lambda w, std: w / std
for name, attempt in {
    "keeps_the_intercept": reporting(lambda b, w, mean, std: b, right_slopes),
    "keeps_the_slopes": reporting(right_intercept, lambda w, std: w),
    "multiplies_by_std": reporting(lambda b, w, mean, std: b - w @ (mean * std), lambda w, std: w * std),
    "adds_the_shift": reporting(lambda b, w, mean, std: b + (w / std) @ mean, right_slopes),
    "shifts_by_scaled_slopes": reporting(lambda b, w, mean, std: b - w @ mean, right_slopes),
    "maps_nothing_back": reporting(lambda b, w, mean, std: b, lambda w, std: w),
    "forgets_the_root": reporting(right_intercept, right_slopes, lambda error: (error**2).mean()),
    "averages_the_sizes": reporting(right_intercept, right_slopes, lambda error: np.abs(error).mean()),
    "takes_the_spread": reporting(right_intercept, right_slopes, np.std),
    "reports_the_scaled_model": reporting(
        lambda b, w, mean, std: b, lambda w, std: w, lambda error: np.sqrt((error**2).mean())
    ),
}.items():
    bank.wrong(capstone.report, attempt, mistake=name, label=name)


@bank.wrong(capstone.report, mistake="predicts_with_the_scaled_model")
def rmse_of_raw_in_scaled(b, w, mean, std, X, y):
    return b - (w / std) @ mean, w / std, rmse_of(b, w, X, y)


@bank.wrong(capstone.report, mistake="standardizes_anew", says="belong to the model")
def rmse_after_standardizing(b, w, mean, std, X, y):
    return b - (w / std) @ mean, w / std, rmse_of(b, w, (X - X.mean(axis=0)) / X.std(axis=0), y)


bank.wrong(
    capstone.report,
    lambda b, w, mean, std, X, y: (b - (w / std) @ mean, w / std),
    finding="kind",
    says="3 values",
    label="no-rmse",
)


@bank.wrong(capstone.report, finding="changed arguments", says="w")
def divides_in_place(b, w, mean, std, X, y):
    w /= std
    return b - w @ mean, w, rmse_of(b - w @ mean, w, X, y)


# The bug ------------------------------------------------------------------------------------------------------------


def predicted(Z, y, Z_new, lr, n_epochs, lr_b=None):
    b, w = 0.0, np.zeros(Z.shape[1])
    for _ in range(n_epochs):
        error = b + Z @ w - y
        b, w = b - (lr_b or lr) * 2 * error.mean(), w - lr * 2 * Z.T @ error / len(y)
    return b + Z_new @ w


def shifted_and_scaled(scale, shift=np.mean, new_shift=None, new_scale=None, lr=1, n_epochs=1):
    def attempt(X, y, X_new, lr_, n_epochs_):
        mean, size = shift(X, axis=0), scale(X)
        mean_new = mean if new_shift is None else new_shift(X_new)
        size_new = size if new_scale is None else new_scale(X)
        n = len(y)
        return predicted(
            (X - mean) / size,
            y,
            (X_new - mean_new) / size_new,
            lr_ * n if lr == "N" else lr_,
            n_epochs_ * n if n_epochs == "N" else n_epochs_,
        )

    return attempt


def norm(X):
    return np.sqrt(((X - X.mean(axis=0)) ** 2).sum(axis=0))


def deviation(X):
    return X.std(axis=0)


@bank.right(capstone.progression)
def norm_over_root_n(X, y, X_new, lr, n_epochs):
    mean, size = X.mean(axis=0), norm(X) / np.sqrt(len(X))
    return predicted((X - mean) / size, y, (X_new - mean) / size, lr, n_epochs)


@bank.right(capstone.progression)
def unit_norm_times_root_n(X, y, X_new, lr, n_epochs):
    mean, root = X.mean(axis=0), len(y) ** 0.5
    return predicted((X - mean) / norm(X) * root, y, (X_new - mean) / norm(X) * root, lr, n_epochs)


@bank.right(capstone.progression)
def lr_times_n_for_the_slopes_alone(X, y, X_new, lr, n_epochs):
    mean = X.mean(axis=0)
    return predicted((X - mean) / norm(X), y, (X_new - mean) / norm(X), lr * len(y), n_epochs, lr_b=lr)


@bank.right(capstone.progression)
def with_torch(X, y, X_new, lr, n_epochs):
    X, y, X_new = map(torch.from_numpy, (X, y, X_new))
    mean, std = X.mean(0), X.std(0, correction=0)
    b, w = (torch.zeros(n, dtype=torch.float64, requires_grad=True) for n in (1, X.shape[1]))
    optimizer = torch.optim.SGD([b, w], lr=lr)
    for _ in range(n_epochs):
        optimizer.zero_grad()
        ((b + (X - mean) / std @ w - y) ** 2).mean().backward()
        optimizer.step()
    return (b + (X_new - mean) / std @ w).detach()


@bank.right(capstone.progression)
def as_a_list(X, y, X_new, lr, n_epochs):
    return shifted_and_scaled(deviation)(X, y, X_new, lr, n_epochs).tolist()


for name, attempt in {
    "still_of_unit_norm": shifted_and_scaled(norm),
    "multiplies_lr": shifted_and_scaled(norm, lr="N"),
    "trains_longer": shifted_and_scaled(norm, n_epochs="N"),
    "new_rows_by_the_norm": shifted_and_scaled(deviation, new_scale=norm),
    "new_rows_raw": shifted_and_scaled(deviation, new_shift=lambda X: 0, new_scale=lambda X: 1),
    "new_rows_by_their_mean": shifted_and_scaled(deviation, new_shift=lambda X: X.mean(axis=0)),
    "std_of_n_minus_1": shifted_and_scaled(lambda X: X.std(axis=0, ddof=1)),
    "does_not_shift": shifted_and_scaled(deviation, shift=lambda X, axis: 0),
    "scales_by_the_variance": shifted_and_scaled(lambda X: X.var(axis=0)),
    "does_not_scale": shifted_and_scaled(lambda X: 1),
}.items():
    bank.wrong(capstone.progression, attempt, mistake=name, label=name)


@bank.wrong(capstone.progression, finding="not finite", says="divided by zero")
def divides_by_nothing(X, y, X_new, lr, n_epochs):
    return predicted(
        (X - X.mean(axis=0)) / X.std(axis=0), y, (X_new - X.mean(axis=0)) / (0 * X.std(axis=0)), lr, n_epochs
    )


@bank.wrong(capstone.progression, finding="shape")
def returns_a_column(X, y, X_new, lr, n_epochs):
    return norm_over_root_n(X, y, X_new, lr, n_epochs).reshape(-1, 1)


# Quiz ---------------------------------------------------------------------------------------------------------------

bank.right(capstone.what_leaks, {"a", "c", "e"})
bank.right(capstone.what_leaks, "a, c, e")
bank.wrong(capstone.what_leaks, {"a", "c"}, mistake="missed_e")
bank.wrong(capstone.what_leaks, {"a", "b", "c", "e"}, mistake="chose_b", says="nothing flows back")
bank.right(capstone.why_not_the_intercept, ["a", "d"])
bank.wrong(capstone.why_not_the_intercept, {"b"}, mistake="chose_b", says="the slopes alone")
bank.wrong(capstone.why_not_the_intercept, {"a"}, mistake="missed_d")
bank.right(capstone.which_epoch, ("a", "d"))
bank.wrong(capstone.which_epoch, {"a", "d", "e"}, mistake="chose_e", says="not a proof")
bank.right(capstone.how_far_apart, {"a", "d"})
bank.wrong(capstone.how_far_apart, {"c"}, mistake="chose_c", says="10⁻¹⁶")
bank.wrong(capstone.how_far_apart, ..., finding="not attempted")
