# base: solution
# Moves the caller's parameters and moves them back.

# %% numerical_gradient
def numerical_gradient(f, params, h):
    grad = np.zeros(len(params))
    for i in range(len(params)):
        params[i] += h
        above = f(params)
        params[i] -= 2 * h
        below = f(params)
        params[i] += h
        grad[i] = (above - below) / (2 * h)
    return grad
