# base: solution
# Keeps the loss tensors, and every graph with them.

# %% train_batch
def train_batch(x, y, b, w, lr, n_epochs):
    b = torch.tensor(b, requires_grad=True)
    w = torch.tensor(w, requires_grad=True)
    losses = []
    for _ in range(n_epochs):
        loss = criterion(forward(x, b, w), y)
        losses.append(loss)
        loss.backward()
        with torch.no_grad():
            b -= lr * b.grad
            w -= lr * w.grad
        b.grad = w.grad = None
    return b.item(), w.item(), losses
