# base: blank
# Half done: stopped at the step, which gives the name params to a new tensor.

# %% quadratic
def quadratic(x, params):
    return params[0] * x**2 + params[1] * x + params[2]

# %% rmse
def rmse(yhat, y):
    return mse(yhat, y) ** 0.5

# %% step
def step(x, y, params, lr):
    loss = mse(quadratic(x, params), y)
    loss.backward()
    with torch.no_grad():
        params = params - lr * params.grad
    return loss.sqrt().item()
