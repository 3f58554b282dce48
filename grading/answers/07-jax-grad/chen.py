# base: solution
# Exchanges b and w; all that calls predict carries it on.

# %% predict
def predict(x, b, w):
    return w + b * x
