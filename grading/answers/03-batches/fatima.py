# base: solution
# Draws the batches once, before the loop.

# %% train_minibatch
def train_minibatch(x, y, b, w, lr, n_epochs, batch_size, rng):
    pairs = list(minibatches(x, y, batch_size, rng))
    losses = []
    for epoch in range(n_epochs):
        losses.append(mse(predict(x, b, w), y))
        b, w = sgd_epoch(pairs, b, w, lr)
    return b, w, losses
