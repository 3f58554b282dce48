# base: solution
# Computes the loss once, and silences PyTorch with retain_graph.

# %% train_batch
def train_batch(x, y, b, w, lr, n_epochs):
    b = torch.tensor(b, requires_grad=True)
    w = torch.tensor(w, requires_grad=True)
    loss = criterion(forward(x, b, w), y)
    losses = []
    for _ in range(n_epochs):
        loss.backward(retain_graph=True)
        losses.append(loss.item())
        with torch.no_grad():
            b -= lr * b.grad
            w -= lr * w.grad
        b.grad = None
        w.grad = None
    return b.item(), w.item(), losses
