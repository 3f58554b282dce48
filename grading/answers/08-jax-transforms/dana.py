# base: solution
# One vmap for starts and learning rates, without in_axes.

# %% sweep
@partial(jax.jit, static_argnames="n_epochs")
def sweep(x, y, bs, ws, lrs, n_epochs):
    def losses_of(b, w, lr):
        return train_scan(x, y, b, w, lr, n_epochs)[2]

    return jax.vmap(losses_of)(bs, ws, lrs)
