# base: solution
# attacks: height gradients
# keeps: roll
# finding: too large to be compared
# finding: height should be a number
# %% height
def height(w):
    return np.zeros(2**28, dtype=bool)
# %% gradients
def gradients(x, y, b, w):
    return np.zeros(3 * 10**6, dtype=bool)
