# base: solution
# Calls jit inside, so that every call compiles.

# %% sweep
def sweep(x, y, bs, ws, lrs, n_epochs):
    losses_of = lambda b, w, lr: train_scan(x, y, b, w, lr, n_epochs)[2]
    many = jax.jit(jax.vmap(jax.vmap(losses_of, (None, None, 0)), (0, 0, None)))
    return many(bs, ws, lrs)
