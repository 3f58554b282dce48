# base: blank
# Half done: stopped at the epoch, whose update stands behind the loop.

# %% updates_per_epoch
def updates_per_epoch(n_points, batch_size):
    return -(-n_points // batch_size)

# %% minibatches
def minibatches(x, y, batch_size, rng):
    order = rng.permutation(len(x))
    for start in range(0, len(x), batch_size):
        part = order[start : start + batch_size]
        yield x[part], y[part]

# %% sgd_epoch
def sgd_epoch(batches, b, w, lr):
    for x_batch, y_batch in batches:
        b_grad, w_grad = gradients(x_batch, y_batch, b, w)
    return update(b, w, b_grad, w_grad, lr)
