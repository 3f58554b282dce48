# base: solution
# Adds up where a mean is asked for.

# %% mse
def mse(yhat, y):
    return np.sum((yhat - y) ** 2)
