# base: solution
# Looked for the bug in the gradients, where it is not.

# %% fit
def fit(x, y, lr, n_epochs):
    b, w = 0.0, 0.0
    y = y.ravel()
    for _ in range(n_epochs):
        error = b + w * x - y
        b_grad, w_grad = 2 * error.mean(), 2 * (error * x).mean()
        b, w = b - lr * b_grad, w - lr * w_grad
    return b, w
