# base: solution
# Makes whole batches only; his training carries it on.

# %% minibatches
def minibatches(x, y, batch_size, rng):
    order = rng.permutation(len(x))
    for k in range(len(x) // batch_size):
        part = order[k * batch_size : (k + 1) * batch_size]
        yield x[part], y[part]
