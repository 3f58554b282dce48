# base: solution
# Right, in matrix form.

# %% numerical_gradient
def numerical_gradient(f, params, h):
    steps = h * np.eye(len(params))
    return np.array([f(params + step) - f(params - step) for step in steps]) / (2 * h)

# %% gradient_check
def gradient_check(grad, numeric):
    difference = grad - numeric
    return np.sqrt(difference @ difference) / max(np.sqrt(grad @ grad) + np.sqrt(numeric @ numeric), 1e-12)

# %% repair_mse
def mse(yhat, y):
    return (yhat - y).T @ (yhat - y) / len(y)

# %% repair_gradients
def gradients(x, y, b, w):
    A = np.hstack([np.ones_like(x), x])
    return (2 / len(x) * A.T @ (A @ [[b], [w]] - y)).ravel()

# %% repair_train
def train(x, y, b, w, lr, n_epochs):
    log, p = np.empty(n_epochs), np.array([b, w])
    for i in range(n_epochs):
        log[i] = mse(p[0] + p[1] * x, y).item()
        p = p - lr * gradients(x, y, *p)
    return *p, log
