# base: solution
# Sets the other variables to 0.

# %% numerical_gradient
def numerical_gradient(f, params, h):
    grad = np.zeros(len(params))
    for i in range(len(params)):
        up, down = np.zeros(len(params)), np.zeros(len(params))
        up[i] = params[i] + h
        down[i] = params[i] - h
        grad[i] = (f(up) - f(down)) / (2 * h)
    return grad
