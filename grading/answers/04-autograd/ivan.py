# base: solution
# Repairs half of each bug, or trades it for another.

# %% settle
def settle(x, y, b, w, lr, n_epochs):
    b = torch.tensor(b, requires_grad=True)
    w = torch.tensor(w, requires_grad=True)
    losses = []
    for _ in range(n_epochs):
        loss = criterion(forward(x, b, w), y)
        losses.append(loss.item())
        loss.backward()
        with torch.no_grad():
            b -= lr * b.grad
            w -= lr * w.grad
        b.grad = None
    return b.item(), w.item(), losses

# %% improve
def improve(x, y, b, w, lr):
    loss = criterion(forward(x, b, w), y)
    loss.backward()
    with torch.no_grad():
        b = b - lr * b.grad
        w = w - lr * w.grad
    return b, w

# %% descend
def descend(x, y, b, w, lr, n_epochs):
    b = torch.tensor(b, requires_grad=True)
    w = torch.tensor(w, requires_grad=True)
    losses = []
    for _ in range(n_epochs):
        loss = criterion(forward(x, b, w), y)
        losses.append(loss.item())
        loss.backward()
        with torch.no_grad():
            b -= lr * b.grad
            w -= lr * w.grad
    return b.item(), w.item(), losses
