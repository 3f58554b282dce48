# base: solution
# The derivative of the square without its 2.

# %% gradients
def gradients(x, y, b, w):
    error = predict(x, b, w) - y
    b_grad = error.mean()
    w_grad = (x * error).mean()
    return b_grad, w_grad
