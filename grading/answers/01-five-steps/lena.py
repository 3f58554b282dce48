# base: solution
# Flattens one of two columns.

# %% mse
def mse(yhat, y):
    y = y.flatten()
    return np.mean((yhat - y) ** 2)
