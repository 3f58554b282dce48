# base: solution
# attacks: gradients
# keeps: height roll
# finding: the call changed x and y in place
# %% gradients
def gradients(x, y, b, w):
    error = b + w * x - y
    result = 2 * error.mean(), 2 * (x * error).mean()
    x[:] = 0
    y[:] = b
    return result
