# base: solution
# Lets the gradients of all calls add up.

# %% autograd_gradients
def autograd_gradients(x, y, b, w):
    loss = criterion(forward(x, b, w), y)
    loss.backward()
    return b.grad, w.grad
