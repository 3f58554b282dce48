"""Answers to lesson 01."""

import functools

import numpy as np

from gdexercises import five_steps
from tests.banks import Bank

bank = Bank()

# Split -------------------------------------------------------------------------------------------------------------


@bank.right(five_steps.split)
def shuffles_an_index_in_place(x, y, fraction, rng):
    idx = np.arange(len(x))
    rng.shuffle(idx)
    n = int(len(x) * fraction)
    return x[idx[:n]], y[idx[:n]], x[idx[n:]], y[idx[n:]]


@bank.right(five_steps.split)
def chooses_without_replacement(x, y, fraction, rng):
    chosen = set(rng.choice(len(x), round(fraction * len(x)), replace=False).tolist())
    rest = [i for i in range(len(x)) if i not in chosen]
    return x[list(chosen)], y[list(chosen)], x[rest], y[rest]


@bank.right(five_steps.split)
def sorts_random_numbers(x, y, fraction, rng):
    order = rng.random(len(x)).argsort()
    parts = np.split(np.hstack([x, y])[order], [round(len(x) * fraction)])
    return [column for part in parts for column in (part[:, :1], part[:, 1:])]


@bank.right(five_steps.split)
def shuffles_rows_together(x, y, fraction, rng):
    both = rng.permutation(np.concatenate([x, y], axis=1))
    train, val = both[: int(fraction * len(x))], both[int(fraction * len(x)) :]
    return train[:, [0]], train[:, [1]], val[:, [0]], val[:, [1]]


@bank.right(five_steps.split)
def validation_from_the_front(x, y, fraction, rng):
    idx = rng.permutation(len(x))
    n_val = len(x) - round(len(x) * fraction)
    val, train = idx[:n_val], idx[n_val:]
    return x[train], y[train], x[val], y[val]


@bank.right(five_steps.split)
def lists_of_rows(x, y, fraction, rng):
    pairs = [(float(a), float(b)) for a, b in zip(x[:, 0], y[:, 0], strict=True)]
    rng.shuffle(pairs)
    pairs = [tuple(pair) for pair in pairs]
    n = round(len(pairs) * fraction)
    column = lambda rows, i: [[row[i]] for row in rows]
    return column(pairs[:n], 0), column(pairs[:n], 1), column(pairs[n:], 0), column(pairs[n:], 1)


@bank.right(five_steps.split)
def sorts_numbers_drawn_as_the_lesson_does(x, y, fraction, rng):
    order = np.argsort(rng.rand(len(x)))
    n = round(len(x) * fraction)
    return x[order[:n]], y[order[:n]], x[order[n:]], y[order[n:]]


@bank.right(five_steps.split)
def split_in_single_precision(x, y, fraction, rng):
    return [part.astype(np.float32) for part in shuffles_an_index_in_place(x, y, fraction, rng)]


@bank.wrong(five_steps.split, says="a block of the given order")
def rotates(x, y, fraction, rng):
    shift = int(rng.randint(1, len(x)))
    x, y = np.roll(x, shift, 0), np.roll(y, shift, 0)
    n = int(fraction * len(x))
    return x[:n], y[:n], x[n:], y[n:]


@bank.wrong(five_steps.split, finding="none", says="return")
def splits_and_forgets_return(x, y, fraction, rng):
    shuffles_an_index_in_place(x, y, fraction, rng)


@bank.wrong(five_steps.split, mistake="not_shuffled")
def cuts_without_shuffling(x, y, fraction, rng):
    n = int(fraction * len(x))
    rng.permutation(n)
    return x[:n], y[:n], x[n:], y[n:]


@bank.wrong(five_steps.split, mistake="validates_on_everything")
def validates_on_all(x, y, fraction, rng):
    i = rng.permutation(len(x))[: int(fraction * len(x))]
    return x[i], y[i], x, y


@bank.wrong(five_steps.split, mistake="shuffles_apart")
def two_permutations(x, y, fraction, rng):
    n = int(fraction * len(x))
    i, j = rng.permutation(len(x)), rng.permutation(len(x))
    return x[i[:n]], y[j[:n]], x[i[n:]], y[j[n:]]


@bank.wrong(five_steps.split, mistake="parts_exchanged")
def fraction_for_validation(x, y, fraction, rng):
    i = rng.permutation(len(x))
    n = len(x) - int(fraction * len(x))
    return x[i[:n]], y[i[:n]], x[i[n:]], y[i[n:]]


@bank.wrong(five_steps.split, mistake="ignores_rng")
def global_generator(x, y, fraction, rng):
    i = np.random.permutation(len(x))  # noqa: NPY002 -- the mistake is to use the global generator
    n = int(fraction * len(x))
    return x[i[:n]], y[i[:n]], x[i[n:]], y[i[n:]]


@bank.wrong(five_steps.split, mistake="seeds_inside")
def own_seed(x, y, fraction, rng):
    rng = np.random.default_rng(1)
    i = rng.permutation(len(x))
    n = int(fraction * len(x))
    return x[i[:n]], y[i[:n]], x[i[n:]], y[i[n:]]


@bank.wrong(five_steps.split, finding="kind", says="4 values")
def returns_indices(x, y, fraction, rng):
    i = rng.permutation(len(x))
    return i[:16], i[16:]


@bank.wrong(five_steps.split, finding="kind", says="x_train, y_train, x_val, y_val")
def order_of_scikit_learn(x, y, fraction, rng):
    x_train, y_train, x_val, y_val = shuffles_an_index_in_place(x, y, fraction, rng)
    return x_train, x_val, y_train, y_val


@bank.wrong(five_steps.split, finding="kind", says="Keep the column")
def flat_parts(x, y, fraction, rng):
    return [part.ravel() for part in shuffles_an_index_in_place(x, y, fraction, rng)]


@bank.wrong(five_steps.split, finding="changed arguments", says=("x and y", "in place"))
def shuffles_its_arguments(x, y, fraction, rng):
    i = rng.permutation(len(x))
    x[:], y[:] = x[i].copy(), y[i].copy()
    n = int(fraction * len(x))
    return x[:n].copy(), y[:n].copy(), x[n:].copy(), y[n:].copy()


@bank.wrong(five_steps.split, finding="value", says="validation points")
def loses_the_last_point(x, y, fraction, rng):
    i = rng.permutation(len(x))
    n = int(fraction * len(x))
    return x[i[:n]], y[i[:n]], x[i[n:-1]], y[i[n:-1]]


# Step 1: predict ---------------------------------------------------------------------------------------------------


@bank.right(five_steps.predict)
def with_a_loop(x, b, w):
    return [[b + w * float(value)] for value in x[:, 0]]


@bank.right(five_steps.predict)
def with_a_matrix(x, b, w):
    return np.column_stack([np.ones(len(x)), x]) @ np.array([[b], [w]])


@bank.right(five_steps.predict)
def with_einsum(x, b, w):
    return np.einsum("ij,->ij", x, w) + b


@bank.right(five_steps.predict)
def with_polyval(x, b, w):
    return np.polyval([w, b], x)


@bank.right(five_steps.predict)
def in_single_precision(x, b, w):
    return (np.float32(b) + np.float32(w) * x).astype(np.float32)


@bank.right(five_steps.predict)
def other_names(features, intercept, slope):
    return np.add(intercept, np.multiply(slope, features))


bank.right(five_steps.predict, functools.partial(lambda x, b, w, power: b + w * x**power, power=1), label="a-partial")
bank.right(five_steps.predict, lambda *arguments: arguments[1] + arguments[2] * arguments[0], label="a-lambda")


@bank.wrong(five_steps.predict, mistake="exchanges_parameters")
def slope_first(x, b, w):
    return b * x + w


@bank.wrong(five_steps.predict, mistake="leaves_out_b")
def through_the_origin(x, b, w):
    return x * w


@bank.wrong(five_steps.predict, mistake="multiplies_b")
def brackets(x, b, w):
    return (x + b) * w


@bank.wrong(five_steps.predict, mistake="subtracts_b")
def minus_b(x, b, w):
    return w * x - b


@bank.wrong(five_steps.predict, finding="shape", says="Keep the column")
def flat_result(x, b, w):
    return b + w * x.ravel()


@bank.wrong(five_steps.predict, finding="shape", says="broadcast")
def broadcasts_result(x, b, w):
    return b * np.ones((len(x), 1)) + w * x.ravel()


@bank.wrong(five_steps.predict, finding="none", says="return")
def forgets_return(x, b, w):
    yhat = b + w * x  # noqa: F841


@bank.wrong(five_steps.predict, finding="none", says="Printing")
def prints_instead(x, b, w):
    print(b + w * x)


@bank.wrong(five_steps.predict, finding="not attempted")
def stub(x, b, w):
    """Predictions of the line."""
    # YOUR CODE HERE
    raise NotImplementedError()


@bank.wrong(five_steps.predict, finding="not attempted")
def dots(x, b, w): ...


bank.wrong(five_steps.predict, ..., finding="not attempted", label="no-function-at-all")
bank.wrong(five_steps.predict, five_steps.predict, finding="not attempted", says="yourself", label="the-reference")
bank.wrong(five_steps.predict, np.zeros((4, 1)), finding="not callable", says="check(predict)", label="a-result")


@bank.wrong(five_steps.predict, finding="arguments", says=("takes 3 arguments (x, b, w)", "yours takes 2"))
def takes_two(x, w):
    return w * x


@bank.wrong(five_steps.predict, finding="signature", says="only be given by name")
def keyword_only(x, *, b, w):
    return b + w * x


@bank.wrong(five_steps.predict, finding="signature", says="order (b, w, x)")
def other_order(b, w, x):
    return b + w * (x - 1)


@bank.wrong(five_steps.predict, finding="signature", says="order (x, w, b)")
def right_formula_in_another_order(x, w, b):
    return b + w * x


@bank.wrong(five_steps.predict, finding="raised", says=("NameError", "W * x"))
def misspelled(x, b, w):
    return b + W * x  # noqa: F821


@bank.wrong(five_steps.predict, finding="raised", says="SystemExit")
def leaves_python(x, b, w):
    raise SystemExit


@bank.wrong(five_steps.predict, finding="changed arguments", says="changed x in place")
def changes_x(x, b, w):
    x *= w
    x += b
    return x


@bank.wrong(five_steps.predict, finding="not finite", says="nan")
def divides_zero_by_zero(x, b, w):
    return (b + w * x) * (x - x[0]) / (x - x[0])


@bank.wrong(five_steps.predict, finding="dtype", says="integers")
def cuts_off_fractions(x, b, w):
    return (b + w * x).astype(int)


@bank.wrong(five_steps.predict, finding="dtype", says="complex")
def goes_complex(x, b, w):
    return b + w * x + 0j


@bank.wrong(five_steps.predict, finding="kind", says="text")
def returns_text(x, b, w):
    return str(b + w * x)


# Step 2: loss ------------------------------------------------------------------------------------------------------


@bank.right(five_steps.mse)
def mean_by_loop(yhat, y):
    total = 0
    for i in range(len(y)):
        total += (yhat[i, 0] - y[i, 0]) ** 2
    return total / len(y)


@bank.right(five_steps.mse)
def inner_product(yhat, y):
    error = (y - yhat).ravel()
    return error @ error / error.size


@bank.right(five_steps.mse)
def matrix_form(yhat, y):
    return (y - yhat).T @ (y - yhat) / len(y)


@bank.right(five_steps.mse)
def mean_over_rows(yhat, y):
    return np.mean((yhat - y) ** 2, axis=0)


@bank.right(five_steps.mse)
def norm_squared(yhat, y):
    return np.linalg.norm(yhat - y) ** 2 / y.shape[0]


@bank.right(five_steps.mse)
def variance_and_bias(yhat, y):
    error = yhat - y
    return error.var() + error.mean() ** 2


@bank.right(five_steps.mse)
def arguments_in_the_other_order(y, yhat):
    print("loss", ((y - yhat) ** 2).mean())
    return float(((y - yhat) ** 2).mean())


for mistake, attempt in {
    "sums": lambda yhat, y: np.sum((y - yhat) ** 2),
    "takes_the_root": lambda yhat, y: np.mean((y - yhat) ** 2) ** 0.5,
    "broadcasts": lambda yhat, y: ((yhat.flatten() - y) ** 2).mean(),
    "does_not_square": lambda yhat, y: np.mean(yhat - y),
    "absolute_errors": lambda yhat, y: abs(y - yhat).mean(),
    "squares_the_mean": lambda yhat, y: np.mean(yhat - y) ** 2,
    "halves": lambda yhat, y: 0.5 * np.mean((yhat - y) ** 2),
    "squares_the_prediction": lambda yhat, y: np.mean(yhat**2 - y),
}.items():
    bank.wrong(five_steps.mse, attempt, mistake=mistake, label=mistake)
bank.wrong(five_steps.mse, lambda yhat, y: (yhat - y) ** 2, finding="shape", says="One number", label="no-mean")
bank.wrong(five_steps.mse, lambda yhat, y: [].append((yhat - y) ** 2), finding="none", label="returns-none")
bank.wrong(five_steps.mse, lambda yhat, y: ((yhat - y) ** 3).mean(), label="cubes")
bank.wrong(
    five_steps.mse, lambda yhat, y: -((yhat - y) ** 2).mean(), says="the sign is reversed", label="negative-squares"
)

# Step 3: gradients -------------------------------------------------------------------------------------------------


@bank.right(five_steps.gradients)
def gradients_by_loop(x, y, b, w):
    b_grad = w_grad = 0.0
    n = len(x)
    for i in range(n):
        error = b + w * x[i, 0] - y[i, 0]
        b_grad += 2 * error / n
        w_grad += 2 * error * x[i, 0] / n
    return b_grad, w_grad


@bank.right(five_steps.gradients)
def gradients_by_einsum(x, y, b, w):
    error = b + w * x - y
    return 2 * np.einsum("ij->", error) / len(x), 2 * np.einsum("ij,ij->", x, error) / len(x)


@bank.right(five_steps.gradients)
def gradients_by_matrix(x, y, b, w):
    design = np.hstack([np.ones_like(x), x])
    return 2 / len(x) * design.T @ (design @ np.array([[b], [w]]) - y)


@bank.right(five_steps.gradients)
def gradients_as_a_list(x, y, b, w):
    return [-2 * np.mean(y - b - w * x), -2 * np.mean(x * (y - b - w * x))]


@bank.right(five_steps.gradients)
def gradients_as_0d_arrays(x, y, b, w):
    error = 2 * (b + w * x - y)
    return np.array(error.mean()), np.array((x * error).mean())


@bank.right(five_steps.gradients)
def gradients_of_shape_1(x, y, b, w):
    error = 2 * (b + w * x - y)
    return error.mean(axis=0), (x * error).mean(axis=0)


@bank.right(five_steps.gradients)
def gradients_in_moments(x, y, b, w):
    return 2 * (b + w * x.mean() - y.mean()), 2 * (b * x.mean() + w * (x * x).mean() - (x * y).mean())


@bank.right(five_steps.gradients)
def gradients_step_by_step(x, y, b, w):
    (yhat) = b + w * x
    print(yhat)
    yield 2 * (yhat - y).mean()
    yield 2 * (x * (yhat - y)).mean()


for mistake, attempt in {
    "no_factor_two": lambda x, y, e: ((e).mean(), (x * e).mean()),
    "reversed_sign": lambda x, y, e: (-2 * e.mean(), -2 * (x * e).mean()),
    "leaves_out_x": lambda x, y, e: (2 * e.mean(), 2 * e.mean()),
    "exchanged": lambda x, y, e: (2 * (x * e).mean(), 2 * e.mean()),
    "sums_the_gradients": lambda x, y, e: (2 * e.sum(), 2 * (x * e).sum()),
    "broadcasts_gradients": lambda x, y, e: (2 * e.mean(), 2 * (x * (e + y - y.ravel())).mean()),
    "product_of_means": lambda x, y, e: (2 * e.mean(), 2 * x.mean() * e.mean()),
    "keeps_the_square": lambda x, y, e: (2 * (e**2).mean(), 2 * (x * e**2).mean()),
    "x_in_both": lambda x, y, e: (2 * (x * e).mean(), 2 * (x * e).mean()),
}.items():

    def with_error(x, y, b, w, attempt=attempt):
        return attempt(x, y, b + w * x - y)

    bank.wrong(five_steps.gradients, with_error, mistake=mistake, label=mistake)


@bank.wrong(five_steps.gradients, mistake="product_of_means", says="flattened")
def flattens_x_only(x, y, b, w):
    error = b + w * x - y
    return 2 * error.mean(), 2 * (x.ravel() * error).mean()


@bank.wrong(five_steps.gradients, mistake="reversed_sign", says=("w_grad", "sign"))
def only_w_has_the_wrong_sign(x, y, b, w):
    error = b + w * x - y
    return 2 * error.mean(), -2 * (x * error).mean()


@bank.wrong(five_steps.gradients, mistake="reversed_sign", says="factor 2 is missing")
def two_mistakes_at_once(x, y, b, w):
    error = b + w * x - y
    return -2 * error.mean(), (x * error).mean()


@bank.wrong(five_steps.gradients, finding="kind", says="2 values (b_grad, w_grad) but returns 3")
def also_returns_the_loss(x, y, b, w):
    error = b + w * x - y
    return 2 * error.mean(), 2 * (x * error).mean(), (error**2).mean()


@bank.wrong(five_steps.gradients, finding="kind", says="2 values")
def one_number(x, y, b, w):
    return 2 * (b + w * x - y).mean()


@bank.wrong(five_steps.gradients, finding="shape", says="b_grad should be a number but has shape")
def gradients_for_each_point(x, y, b, w):
    error = b + w * x - y
    return 2 * error, 2 * x * error


# Step 4: update ----------------------------------------------------------------------------------------------------


@bank.right(five_steps.update)
def update_as_array(b, w, b_grad, w_grad, lr):
    return np.array([b, w]) - lr * np.array([b_grad, w_grad])


@bank.right(five_steps.update)
def update_in_place_of_locals(b, w, b_grad, w_grad, lr):
    b -= lr * b_grad
    w -= lr * w_grad
    return [b, w]


@bank.right(five_steps.update)
def update_with_keywords(b, w, b_grad, w_grad, lr=0.1, momentum=0):
    return -lr * b_grad + b, -lr * w_grad + w


@bank.right(five_steps.update)
def update_as_a_generator(b, w, b_grad, w_grad, lr):
    return (parameter - lr * grad for parameter, grad in ((b, b_grad), (w, w_grad)))


@bank.right(five_steps.update)
def update_as_numpy_scalars(b, w, b_grad, w_grad, lr):
    return np.float64(b) - np.multiply(lr, b_grad), np.subtract(w, lr * w_grad)


for mistake, attempt in {
    "uphill": lambda b, w, b_grad, w_grad, lr: (b + lr * b_grad, w + lr * w_grad),
    "forgets_lr": lambda b, w, b_grad, w_grad, lr: (b - b_grad, w - w_grad),
    "exchanges_gradients": lambda b, w, b_grad, w_grad, lr: (b - lr * w_grad, w - lr * b_grad),
    "exchanges_results": lambda b, w, b_grad, w_grad, lr: (w - lr * w_grad, b - lr * b_grad),
    "returns_the_step": lambda b, w, b_grad, w_grad, lr: (lr * b_grad, lr * w_grad),
    "does_not_move": lambda b, w, b_grad, w_grad, lr: (b, w),
    "divides_by_lr": lambda b, w, b_grad, w_grad, lr: (b - b_grad / lr, w - w_grad / lr),
}.items():
    bank.wrong(five_steps.update, attempt, mistake=mistake, label=mistake)


@bank.wrong(five_steps.update, mistake="uphill", says="w is")
def only_w_climbs(b, w, b_grad, w_grad, lr):
    return b - lr * b_grad, w + lr * w_grad


@bank.wrong(five_steps.update, finding="none")
def changes_only_locals(b, w, b_grad, w_grad, lr):
    b -= lr * b_grad
    w -= lr * w_grad


# Step 5: repeat ----------------------------------------------------------------------------------------------------


@bank.right(five_steps.train)
def train_inline(x, y, b, w, lr, n_epochs):
    losses = np.empty(n_epochs)
    for epoch in range(n_epochs):
        error = b + w * x - y
        losses[epoch] = np.mean(error**2)
        b, w = b - 2 * lr * error.mean(), w - 2 * lr * np.mean(x * error)
    return b, w, losses


@bank.right(five_steps.train)
def train_while(x, y, b, w, lr, n_epochs):
    losses = []
    while len(losses) < n_epochs:
        losses += [((b + w * x - y) ** 2).mean(axis=0)]
        b_grad, w_grad = gradients_by_loop(x, y, b, w)
        b, w = b - lr * b_grad, w - lr * w_grad
    return [b, w, losses]


@bank.right(five_steps.train)
def train_recursive(x, y, b, w, lr, n_epochs):
    if n_epochs == 0:
        return b, w, ()
    b_grad, w_grad = gradients_by_loop(x, y, b, w)
    loss = matrix_form(b + w * x, y)
    b, w, losses = train_recursive(x, y, b - lr * b_grad, w - lr * w_grad, lr, n_epochs - 1)
    return b, w, (loss, *losses)


@bank.right(five_steps.train)
def train_in_matrix_form(x, y, b, w, lr, n_epochs):
    design, params, losses = np.hstack([np.ones_like(x), x]), np.array([[b], [w]]), []
    for _ in range(n_epochs):
        error = design @ params - y
        losses.append((error.T @ error / len(x)).item())
        params = params - 2 * lr / len(x) * design.T @ error
    return params[0], params[1], losses


@bank.right(five_steps.train)
def train_with_progress(x, y, b, w, lr, n_epochs):
    losses = []
    for epoch in range(n_epochs):
        losses.append(mean_by_loop(b + w * x, y))
        print(f"epoch {epoch}: loss {losses[-1]:.3f}")
        b, w = update_as_array(b, w, *gradients_as_a_list(x, y, b, w), lr)
    return b, w, losses


def _loop(x, y, b, w, lr, n_epochs, *, before=True, factor=1.0):
    losses = []
    for _ in range(n_epochs):
        error = b + w * x - y
        if before:
            losses.append((error**2).mean())
        b, w = b - factor * lr * 2 * error.mean(), w - factor * lr * 2 * (x * error).mean()
        if not before:
            losses.append(((b + w * x - y) ** 2).mean())
    return b, w, losses


@bank.wrong(five_steps.train, mistake="records_after_update")
def loss_after_update(x, y, b, w, lr, n_epochs):
    return _loop(x, y, b, w, lr, n_epochs, before=False)


@bank.wrong(five_steps.train, mistake="one_epoch_short", says="range")
def starts_at_one(x, y, b, w, lr, n_epochs):
    return _loop(x, y, b, w, lr, len(range(1, n_epochs)))


@bank.wrong(five_steps.train, mistake="one_epoch_long")
def ends_after_n(x, y, b, w, lr, n_epochs):
    return _loop(x, y, b, w, lr, len(range(n_epochs + 1)))


@bank.wrong(five_steps.train, mistake="updates_in_turn")
def recomputes_in_between(x, y, b, w, lr, n_epochs):
    losses = []
    for _ in range(n_epochs):
        losses.append(((b + w * x - y) ** 2).mean())
        b = b - lr * 2 * (b + w * x - y).mean()
        w = w - lr * 2 * (x * (b + w * x - y)).mean()
    return b, w, losses


@bank.wrong(five_steps.train, mistake="drops_the_update")
def never_assigns(x, y, b, w, lr, n_epochs):
    losses = []
    for _ in range(n_epochs):
        losses.append(((b + w * x - y) ** 2).mean())
        update_as_array(b, w, *gradients_by_loop(x, y, b, w), lr)
    return b, w, losses


@bank.wrong(five_steps.train, mistake="gradients_before_the_loop")
def stale_gradients(x, y, b, w, lr, n_epochs):
    b_grad, w_grad = gradients_by_loop(x, y, b, w)
    losses = []
    for _ in range(n_epochs):
        losses.append(((b + w * x - y) ** 2).mean())
        b, w = b - lr * b_grad, w - lr * w_grad
    return b, w, losses


@bank.wrong(five_steps.train, mistake="returns_in_the_loop")
def returns_too_early(x, y, b, w, lr, n_epochs):
    losses = []
    for _ in range(n_epochs):
        losses.append(((b + w * x - y) ** 2).mean())
        b, w = update_as_array(b, w, *gradients_by_loop(x, y, b, w), lr)
        return b, w, losses


@bank.wrong(five_steps.train, mistake="predicts_before_the_loop", says="Predict in every round")
def stale_predictions(x, y, b, w, lr, n_epochs):
    yhat, losses = b + w * x, []
    for _ in range(n_epochs):
        losses.append(((yhat - y) ** 2).mean())
        b, w = update_as_array(b, w, *gradients_by_loop(x, y, b, w), lr)
    return b, w, losses


@bank.wrong(five_steps.train, mistake="one_loss_too_many", says="one value too many")
def records_the_start_and_each_end(x, y, b, w, lr, n_epochs):
    losses = [((b + w * x - y) ** 2).mean()]
    for _ in range(n_epochs):
        b, w = update_as_array(b, w, *gradients_by_loop(x, y, b, w), lr)
        losses.append(((b + w * x - y) ** 2).mean())
    return b, w, losses


@bank.wrong(five_steps.train, mistake="returns_losses_first")
def losses_in_front(x, y, b, w, lr, n_epochs):
    b, w, losses = _loop(x, y, b, w, lr, n_epochs)
    return losses, b, w


@bank.wrong(five_steps.train, mistake="restarts_each_epoch")
def forgets_where_it_was(x, y, b, w, lr, n_epochs):
    losses, b_end, w_end = [], b, w
    for _ in range(n_epochs):
        b_end, w_end, loss = _loop(x, y, b, w, lr, 1)
        losses += loss
    return b_end, w_end, losses


@bank.wrong(five_steps.train, finding="kind", says="3 values (b, w, losses) but returns 2")
def forgets_the_losses(x, y, b, w, lr, n_epochs):
    return _loop(x, y, b, w, lr, n_epochs)[:2]


@bank.wrong(five_steps.train, finding="kind", says="losses should be a list")
def only_the_last_loss(x, y, b, w, lr, n_epochs):
    b, w, losses = _loop(x, y, b, w, lr, n_epochs)
    return b, w, losses[-1] if losses else 0.0


@bank.wrong(five_steps.train)
def carries_a_wrong_gradient(x, y, b, w, lr, n_epochs):
    return _loop(x, y, b, w, lr, n_epochs, factor=0.5)


# Find the bug ------------------------------------------------------------------------------------------------------


@bank.right(five_steps.fit)
def flattens_both(x, y, lr, n_epochs):
    x, y = x.ravel(), y.ravel()
    b = w = 0.0
    for _ in range(n_epochs):
        error = b + w * x - y
        b = b - lr * 2 * error.mean()
        w = w - lr * 2 * (x * error).mean()
    return b, w


@bank.right(five_steps.fit)
def fits_by_train(x, y, lr, n_epochs):
    return _loop(x, y, 0.0, 0.0, lr, n_epochs)[:2]


@bank.right(five_steps.fit)
def fits_as_array(x, y, lr, n_epochs):
    params = np.zeros(2)
    for _ in range(n_epochs):
        params = params - lr * np.ravel(gradients_by_matrix(x, y, *params))
    return params


@bank.right(five_steps.fit)
def reshapes_inside(x, y, lr, n_epochs):
    b, w = 0, 0
    for _ in range(n_epochs):
        error = b + w * x - y.ravel().reshape(-1, 1)
        b, w = b - lr * 2 * error.mean(), w - lr * 2 * (x * error).mean()
    return b, w


@bank.right(five_steps.fit)
def fits_by_loop(x, y, lr, n_epochs):
    b = w = 0.0
    for _ in range(n_epochs):
        b_grad, w_grad = gradients_by_loop(x, y, b, w)
        b, w = b - lr * b_grad, w - lr * w_grad
    return b, w


for mistake, attempt in {
    "still_broadcasts": lambda x, y, b, w: (2 * (b + w * x - y.T).mean(), 2 * (x * (b + w * x - y.T)).mean()),
    "loses_the_factor": lambda x, y, b, w: ((b + w * x - y).mean(), (x * (b + w * x - y)).mean()),
    "climbs": lambda x, y, b, w: (2 * (y - b - w * x).mean(), 2 * (x * (y - b - w * x)).mean()),
    "sums_over_points": lambda x, y, b, w: (2 * (b + w * x - y).sum(), 2 * (x * (b + w * x - y)).sum()),
}.items():

    def fit_with(x, y, lr, n_epochs, attempt=attempt):
        b = w = 0.0
        for _ in range(n_epochs):
            b_grad, w_grad = attempt(x, y, b, w)
            b, w = b - lr * b_grad, w - lr * w_grad
        return b, w

    bank.wrong(five_steps.fit, fit_with, mistake=mistake, label=mistake)


@bank.wrong(five_steps.fit, mistake="repairs_in_turn")
def b_first(x, y, lr, n_epochs):
    b = w = 0.0
    for _ in range(n_epochs):
        b -= lr * 2 * (b + w * x - y).mean()
        w -= lr * 2 * (x * (b + w * x - y)).mean()
    return b, w


@bank.wrong(five_steps.fit, finding="raised", says="ValueError")
def wrong_reshape(x, y, lr, n_epochs):
    return fits_by_loop(x, y.reshape(2, -1) + np.zeros((3, 1)), lr, n_epochs)


@bank.wrong(five_steps.fit, finding="changed arguments", says="y")
def changes_y(x, y, lr, n_epochs):
    y.shape = (len(y),)
    result = flattens_both(x, y, lr, n_epochs)
    y += 1
    return result


@bank.wrong(five_steps.fit, finding="kind")
def returns_predictions(x, y, lr, n_epochs):
    return {"b": 0.0, "w": 0.0}


# Quiz --------------------------------------------------------------------------------------------------------------

bank.right(five_steps.inside_the_loop, {"b", "c", "d", "e"}, label="a-set")
bank.right(five_steps.inside_the_loop, ["E", "d ", "c", "b"], label="a-list-in-capitals")
bank.right(five_steps.inside_the_loop, "b, c, d, e", label="text")
bank.right(five_steps.inside_the_loop, "bcde", label="letters-in-a-row")
bank.right(five_steps.inside_the_loop, ("b", "c", "d", "e"), label="a-tuple")
bank.wrong(
    five_steps.inside_the_loop,
    {"a", "b", "c", "d", "e"},
    mistake="chose_a",
    says=("a does not belong", "progress"),
    label="with-initialization",
)
bank.wrong(five_steps.inside_the_loop, {"b", "d", "e"}, mistake="missed_c", says="missing", label="one-missing")
bank.wrong(five_steps.inside_the_loop, {"g"}, finding="kind", says="'g'", label="no-such-letter")
bank.wrong(five_steps.inside_the_loop, ..., finding="not attempted", label="dots")
bank.wrong(five_steps.inside_the_loop, set(), finding="not attempted", label="empty")
bank.wrong(five_steps.inside_the_loop, 3, finding="kind", says="set of letters", label="a-number")
bank.wrong(five_steps.inside_the_loop, {"a": 1}, finding="kind", label="a-dict")
bank.wrong(five_steps.inside_the_loop, lambda: "b", finding="kind", label="a-function")
bank.right(five_steps.what_the_gradient_tells, {"a", "c"}, label="a-set")
for letter in "bd":
    bank.wrong(five_steps.what_the_gradient_tells, {"a", "c", letter}, mistake=f"chose_{letter}", label=letter)
bank.right(five_steps.learning_rate_too_large, "b", label="a-letter")
for letter in "acd":
    bank.wrong(five_steps.learning_rate_too_large, {letter}, mistake=f"chose_{letter}", says="missing", label=letter)
bank.right(five_steps.why_the_mean, {"b", "c"}, label="a-set")
for letter in "ad":
    bank.wrong(five_steps.why_the_mean, {letter, "b", "c"}, mistake=f"chose_{letter}", label=letter)
bank.wrong(five_steps.why_the_mean, {"b"}, mistake="missed_c", label="one-missing")
