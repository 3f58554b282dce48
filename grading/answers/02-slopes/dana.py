# base: solution
# Goes to one side only.

# %% slope
def slope(f, x, h):
    return (f(x + h) - f(x)) / h

# %% numerical_gradient
def numerical_gradient(f, params, h):
    grad = np.zeros(len(params))
    for i in range(len(params)):
        up = params.copy()
        up[i] += h
        grad[i] = (f(up) - f(params)) / h
    return grad
