# base: solution
# Penalizes the intercept in all three; the same check says so three times.

# %% fit
def fit(X, y, lr, n_epochs, penalty):
    b, w = 0.0, np.zeros(X.shape[1])
    losses = []
    for _ in range(n_epochs):
        error = b + X @ w - y
        losses.append((error**2).mean() + penalty * (b**2 + (w**2).sum()))
        b_grad = 2 * error.mean() + 2 * penalty * b
        w_grad = 2 * X.T @ error / len(y) + 2 * penalty * w
        b, w = b - lr * b_grad, w - lr * w_grad
    return b, w, np.array(losses)

# %% fit_torch
def fit_torch(X, y, lr, n_epochs, penalty):
    X, y = torch.from_numpy(X), torch.from_numpy(y)
    b = torch.zeros((), dtype=torch.float64, requires_grad=True)
    w = torch.zeros(X.shape[1], dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([b, w], lr=lr)
    losses = []
    for _ in range(n_epochs):
        loss = ((b + X @ w - y) ** 2).mean() + penalty * (b**2 + (w**2).sum())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return b.item(), w.detach().numpy(), losses

# %% fit_jax
jax.config.update("jax_enable_x64", True)


def fit_jax(X, y, lr, n_epochs, penalty):
    def loss(params):
        yhat = params[0] + X @ params[1:]
        return jnp.mean((yhat - y) ** 2) + penalty * jnp.sum(params**2)

    step = jax.jit(jax.value_and_grad(loss))
    params, losses = jnp.zeros(1 + X.shape[1]), []
    for _ in range(n_epochs):
        before, grad = step(params)
        params = params - lr * grad
        losses.append(before)
    return params[0], params[1:], losses
