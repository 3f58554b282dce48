# base: solution
# Truth minus prediction.

# %% gradients
def gradients(x, y, b, w):
    error = y - predict(x, b, w)
    return 2 * error.mean(), 2 * (x * error).mean()
