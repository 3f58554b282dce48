# base: solution
# Goes where the gradient points.

# %% update
def update(b, w, b_grad, w_grad, lr):
    b = b + lr * b_grad
    w = w + lr * w_grad
    return b, w
