# base: blank
# Half done: stopped at fit, whose penalty she forgot.

# %% prepare
def prepare(X, y, fraction, rng):
    keep = ~(np.isnan(X).any(axis=1) | np.isnan(y))
    X, y = X[keep], y[keep]
    order = rng.permutation(len(y))
    train, val = np.split(order, [round(fraction * len(y))])
    mean, std = np.mean(X[train], axis=0), np.std(X[train], axis=0)
    return (X[train] - mean) / std, y[train], (X[val] - mean) / std, y[val], mean, std

# %% fit
def fit(X, y, lr, n_epochs, penalty):
    b, w = 0.0, np.zeros(X.shape[1])
    losses = []
    for _ in range(n_epochs):
        error = b + X @ w - y
        losses.append((error**2).mean())
        b -= lr * 2 * error.mean()
        w = w - lr * 2 * X.T @ error / len(y)
    return b, w, losses
