# base: solution
# Takes the loss at the end of the loop.

# %% train
def train(x, y, b, w, lr, n_epochs):
    losses = []
    for epoch in range(n_epochs):
        b_grad, w_grad = gradients(x, y, b, w)
        b, w = update(b, w, b_grad, w_grad, lr)
        losses.append(mse(predict(x, b, w), y))
    return b, w, losses
