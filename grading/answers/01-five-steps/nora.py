# base: blank
# Half done: stopped at the gradients, of which the second is not right yet.

# %% split
def split(x, y, fraction, rng):
    order = rng.permutation(len(x))
    n_train = round(fraction * len(x))
    return x[order[:n_train]], y[order[:n_train]], x[order[n_train:]], y[order[n_train:]]

# %% predict
def predict(x, b, w):
    return b + w * x

# %% mse
def mse(yhat, y):
    return ((yhat - y) ** 2).mean()

# %% gradients
def gradients(x, y, b, w):
    error = predict(x, b, w) - y
    b_grad = 2 * error.mean()
    w_grad = 2 * error.mean()
    return b_grad, w_grad
