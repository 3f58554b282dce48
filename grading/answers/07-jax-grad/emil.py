# base: solution
# Squares with NumPy, which no tracer goes through; what differentiates his loss carries it on.

# %% loss
def loss(b, w, x, y):
    return np.square(predict(x, b, w) - y).mean()
