# base: solution
# Turns the learning rate up instead of mending the scale; and forgets zero_grad.

# %% progression
def progression(X, y, X_new, lr, n_epochs):
    lr = lr * len(y)
    mean, norm = X.mean(axis=0), np.linalg.norm(X - X.mean(axis=0), axis=0)
    Z, Z_new = (X - mean) / norm, (X_new - mean) / norm
    b, w = 0.0, np.zeros(X.shape[1])
    for _ in range(n_epochs):
        error = b + Z @ w - y
        b_grad, w_grad = 2 * error.mean(), 2 * Z.T @ error / len(y)
        b, w = b - lr * b_grad, w - lr * w_grad
    return b + Z_new @ w

# %% fit_torch
def fit_torch(X, y, lr, n_epochs, penalty):
    X, y = torch.from_numpy(X), torch.from_numpy(y)
    b = torch.zeros((), dtype=torch.float64, requires_grad=True)
    w = torch.zeros(X.shape[1], dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([b, w], lr=lr)
    losses = []
    for _ in range(n_epochs):
        loss = ((b + X @ w - y) ** 2).mean() + penalty * (w**2).sum()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return b.item(), w.detach().numpy(), np.array(losses)
