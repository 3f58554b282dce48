# base: blank
# Half done: stopped at the sweep, which walks over the learning rates first.

# %% train_scan
def train_scan(x, y, b, w, lr, n_epochs):
    def one_epoch(params, _):
        b, w = params
        before, grads = jax.value_and_grad(loss, argnums=(0, 1))(b, w, x, y)
        return (b - lr * grads[0], w - lr * grads[1]), before

    params, losses = jax.lax.scan(one_epoch, (b, w), None, length=n_epochs)
    return params[0], params[1], losses

# %% sweep
@partial(jax.jit, static_argnames="n_epochs")
def sweep(x, y, bs, ws, lrs, n_epochs):
    losses_of = lambda b, w, lr: train_scan(x, y, b, w, lr, n_epochs)[2]
    over_starts = jax.vmap(losses_of, in_axes=(0, 0, None))
    return jax.vmap(over_starts, in_axes=(None, None, 0))(bs, ws, lrs)
