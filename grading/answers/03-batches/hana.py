# base: solution
# Uses the whole set in the loop over the batches.

# %% train_minibatch
def train_minibatch(x, y, b, w, lr, n_epochs, batch_size, rng):
    losses = []
    for _ in range(n_epochs):
        losses.append(mse(predict(x, b, w), y))
        for x_batch, y_batch in minibatches(x, y, batch_size, rng):
            b_grad, w_grad = gradients(x, y, b, w)
            b, w = update(b, w, b_grad, w_grad, lr)
    return b, w, losses
