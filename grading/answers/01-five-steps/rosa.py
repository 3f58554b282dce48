# base: solution
# Takes b for the slope and w for the intercept.

# %% predict
def predict(x, b, w):
    return b * x + w
