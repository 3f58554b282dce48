# base: blank
# Half done: stopped at the step, which gives the names b and w to new tensors.

# %% forward
def forward(x, b, w):
    return b + w * x

# %% criterion
def criterion(yhat, y):
    return torch.mean((y - yhat) ** 2)

# %% autograd_gradients
def autograd_gradients(x, y, b, w):
    b.grad = w.grad = None
    criterion(forward(x, b, w), y).backward()
    return b.grad, w.grad

# %% step
def step(x, y, b, w, lr):
    loss = criterion(forward(x, b, w), y)
    loss.backward()
    with torch.no_grad():
        b = b - lr * b.grad
        w = w - lr * w.grad
    b.grad = None
    w.grad = None
    return loss.item()
