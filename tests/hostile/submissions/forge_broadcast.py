# base: solution
# attacks: height gradients
# keeps: roll
# finding: height should be a number but has shape (2,)
# %% height
def height(w):
    return np.array([(w - 1) ** 2] * 2)
# %% gradients
def gradients(x, y, b, w):
    return np.nan, np.inf
