# base: blank
# Right, by other ways: matrix form, torch.autograd.grad, closures, NumPy's std.

# %% quadratic
def quadratic(x, params):
    return torch.stack([x * x, x, torch.ones_like(x)], dim=1) @ params

# %% rmse
def rmse(yhat, y):
    return torch.linalg.norm(yhat - y) / len(y) ** 0.5

# %% step
def step(x, y, params, lr):
    loss = torch.nn.functional.mse_loss(quadratic(x, params), y)
    (grad,) = torch.autograd.grad(loss, params)
    with torch.no_grad():
        params.copy_(params - lr * grad)
    return loss.item() ** 0.5

# %% fit
def fit(x, y, start, lr, n_epochs):
    params = torch.nn.Parameter(start.detach().clone())
    losses = []
    while len(losses) < n_epochs:
        losses += [step(x, y, params, lr)]
    return params.data, losses

# %% fit_with_optim
def fit_with_optim(model, x, y, lr, n_epochs):
    sgd = torch.optim.SGD(model.parameters(), lr)
    criterion = torch.nn.MSELoss()

    def closure():
        sgd.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        return loss

    return [sgd.step(closure).item() ** 0.5 for _ in range(n_epochs)]

# %% standardize
def standardize(X, X_new):
    centred = X - X.mean(0)
    scale = (centred**2).mean(0).sqrt()
    return centred / scale, (X_new - X.mean(0)) / scale

# %% forecast
def forecast(x, y, x_new, lr, n_epochs):
    X = torch.stack([x**2, x], dim=1)
    X_new = torch.stack([x_new**2, x_new], dim=1)
    Z, Z_new = standardize(X, X_new)
    params = torch.zeros(3, requires_grad=True)
    for _ in range(n_epochs):
        mse(Z @ params[:2] + params[2], y).backward()
        with torch.no_grad():
            params -= lr * params.grad
        params.grad = None
    return (Z_new @ params[:2] + params[2]).detach()

# %% why_c_stands_still
why_c_stands_still = ["c", "b"]

# %% looks_fitted
looks_fitted = "c"

# %% what_standardizing_changes
what_standardizing_changes = "b, c, d"

# %% what_the_optimizer_sees
what_the_optimizer_sees = ("b", "d")
