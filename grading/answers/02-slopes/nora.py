# base: blank
# Half done: the slopes are right, the repairs have not begun.

# %% slope
def slope(f, x, h):
    return (f(x + h) - f(x - h)) / (2 * h)

# %% numerical_gradient
def numerical_gradient(f, params, h):
    grad = np.zeros(len(params))
    for i in range(len(params)):
        step = np.zeros(len(params))
        step[i] = h
        grad[i] = (f(params + step) - f(params - step)) / (2 * h)
    return grad

# %% gradient_check
def gradient_check(grad, numeric):
    return np.linalg.norm(grad - numeric) / (np.linalg.norm(grad) + np.linalg.norm(numeric))
