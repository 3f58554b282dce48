# base: solution
# Takes the difference for the relative error.

# %% gradient_check
def gradient_check(grad, numeric):
    return np.sqrt(np.sum((grad - numeric) ** 2))
