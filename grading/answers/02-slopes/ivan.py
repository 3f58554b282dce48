# base: solution
# Repaired what raises an error, and not what does not.

# %% repair_train
def train(x, y, b, w, lr, n_epochs):
    log = []
    losses = []
    for epoch in range(n_epochs):
        losses.append(mse(b + w * x, y))
        b_grad, w_grad = gradients(x, y, b, w)
        b, w = b - lr * b_grad, w - lr * w_grad
    return b, w, log
