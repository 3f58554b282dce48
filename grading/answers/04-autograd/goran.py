# base: solution
# Takes the loss of the last point for that of the epoch.

# %% train_stochastic
def train_stochastic(x, y, b, w, lr, n_epochs):
    b = torch.tensor(b, requires_grad=True)
    w = torch.tensor(w, requires_grad=True)
    losses = []
    for _ in range(n_epochs):
        for x_i, y_i in zip(x, y):
            loss = step(x_i, y_i, b, w, lr)
        losses.append(loss)
    return b.item(), w.item(), losses
