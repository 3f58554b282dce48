# base: blank
# Right, by other ways: one table, one vector of parameters, weight decay, a compiled step, all parameters kept.

# %% prepare
def prepare(X, y, fraction, rng):
    table = np.column_stack([X, y])
    table = rng.permutation(table[~np.isnan(table).any(axis=1)])
    n = round(fraction * len(table))
    mean, std = table[:n, :-1].mean(axis=0), table[:n, :-1].std(axis=0)
    Z = (table[:, :-1] - mean) / std
    return Z[:n], table[:n, -1], Z[n:], table[n:, -1], mean, std

# %% fit
def fit(X, y, lr, n_epochs, penalty):
    A = np.column_stack([np.ones(len(y)), X])
    held = penalty * (np.arange(A.shape[1]) > 0)
    theta, losses = np.zeros(A.shape[1]), []
    for _ in range(n_epochs):
        error = A @ theta - y
        losses.append(error @ error / len(y) + held @ theta**2)
        theta = theta - 2 * lr * (A.T @ error / len(y) + held * theta)
    return theta[0], theta[1:], losses

# %% fit_torch
def fit_torch(X, y, lr, n_epochs, penalty):
    X, y = torch.tensor(X), torch.tensor(y)
    layer = torch.nn.Linear(X.shape[1], 1, dtype=torch.float64)
    torch.nn.init.zeros_(layer.weight)
    torch.nn.init.zeros_(layer.bias)
    groups = [{"params": [layer.bias]}, {"params": [layer.weight], "weight_decay": 2 * penalty}]
    sgd = torch.optim.SGD(groups, lr=lr)
    losses = []
    for _ in range(n_epochs):
        mse = torch.nn.functional.mse_loss(layer(X)[:, 0], y)
        losses.append(mse.item() + penalty * layer.weight.square().sum().item())
        sgd.zero_grad()
        mse.backward()
        sgd.step()
    return layer.bias, layer.weight[0], losses

# %% fit_jax
jax.config.update("jax_enable_x64", True)


@jax.jit
def one_step(b, w, X, y, lr, penalty):
    loss = lambda b, w: jnp.mean((b + X @ w - y) ** 2) + penalty * w @ w
    before, (b_grad, w_grad) = jax.value_and_grad(loss, argnums=(0, 1))(b, w)
    return b - lr * b_grad, w - lr * w_grad, before


def fit_jax(X, y, lr, n_epochs, penalty):
    b, w, losses = 0.0, jnp.zeros(X.shape[1]), []
    for _ in range(n_epochs):
        b, w, before = one_step(b, w, X, y, lr, penalty)
        losses.append(before)
    return b, w, losses

# %% progression
def progression(X, y, X_new, lr, n_epochs):
    Z_mean, Z_std = X.mean(axis=0), X.std(axis=0)
    b, w, _ = fit((X - Z_mean) / Z_std, y, lr, n_epochs, 0.0)
    return b + (X_new - Z_mean) / Z_std @ w

# %% early_stopping
def early_stopping(X, y, X_val, y_val, lr, max_epochs, patience):
    path = [(0.0, np.zeros(X.shape[1]))]
    losses = []
    for epoch in range(max_epochs):
        b, w = path[-1]
        losses.append(np.mean((b + X_val @ w - y_val) ** 2))
        if epoch - np.argmin(losses) >= patience:
            break
        error = b + X @ w - y
        path.append((b - 2 * lr * error.mean(), w - 2 * lr * error @ X / len(y)))
    best = int(np.argmin(losses))
    return *path[best], best, losses

# %% report
def report(b, w, mean, std, X, y):
    error = b + (X - mean) / std @ w - y
    return b - w @ (mean / std), w / std, np.linalg.norm(error) / len(y) ** 0.5

# %% what_leaks
what_leaks = ["e", "c", "a"]

# %% why_not_the_intercept
why_not_the_intercept = "a, d"

# %% which_epoch
which_epoch = ("a", "d")

# %% how_far_apart
how_far_apart = "ad"
