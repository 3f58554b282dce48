# base: solution
# Leaves the gradient where it is; his fit carries it on.

# %% step
def step(x, y, params, lr):
    yhat = quadratic(x, params)
    loss = mse(yhat, y)
    loss.backward()
    with torch.no_grad():
        params -= lr * params.grad
    return rmse(yhat, y).item()
