# base: solution
# Takes mean and standard deviation before the split.

# %% prepare
def prepare(X, y, fraction, rng):
    complete = np.isfinite(X).all(axis=1) & np.isfinite(y)
    X, y = X[complete], y[complete]
    mean, std = X.mean(axis=0), X.std(axis=0)
    Z = (X - mean) / std
    order = rng.permutation(len(y))
    n = round(fraction * len(y))
    train, val = order[:n], order[n:]
    return Z[train], y[train], Z[val], y[val], mean, std
