# base: solution
# Never calls zero_grad; and his repair mends one of the two.

# %% fit_with_optim
def fit_with_optim(model, x, y, lr, n_epochs):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for _ in range(n_epochs):
        yhat = model(x)
        loss = mse(yhat, y)
        loss.backward()
        optimizer.step()
        losses.append(rmse(yhat, y).item())
    return losses

# %% forecast
def forecast(x, y, x_new, lr, n_epochs):
    X = torch.stack([x**2, x], dim=1)
    Z = (X - X.mean(dim=0)) / X.std(dim=0, correction=0)
    weights = torch.zeros(2, requires_grad=True)
    bias = torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.SGD([weights, bias], lr=lr)
    for _ in range(n_epochs):
        loss = mse(Z @ weights + bias, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    X_new = torch.stack([x_new**2, x_new], dim=1)
    Z_new = (X_new - X.mean(dim=0)) / X_new.std(dim=0, correction=0)
    return (Z_new @ weights + bias).detach()
