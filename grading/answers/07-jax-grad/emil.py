# base: solution
# Squares with NumPy, which no tracer goes through; so that all that differentiates his loss ends in an error.

# %% loss
def loss(b, w, x, y):
    return np.square(predict(x, b, w) - y).mean()
