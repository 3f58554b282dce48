# base: solution
# Trains start itself, so that every later run begins elsewhere.

# %% fit
def fit(x, y, start, lr, n_epochs):
    params = start.requires_grad_()
    losses = []
    for _ in range(n_epochs):
        losses.append(step(x, y, params, lr))
    params.requires_grad_(False)
    return params, losses
