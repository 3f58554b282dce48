# base: solution
# Keeps the loss after the update, which sweep carries on; and prints with an f-string.

# %% train_scan
def train_scan(x, y, b, w, lr, n_epochs):
    def one_epoch(params, _):
        b, w = params
        b_grad, w_grad = jax.grad(loss, argnums=(0, 1))(b, w, x, y)
        b, w = b - lr * b_grad, w - lr * w_grad
        return (b, w), loss(b, w, x, y)

    (b, w), losses = jax.lax.scan(one_epoch, (b, w), None, length=n_epochs)
    return b, w, losses

# %% logged_epoch
@jax.jit
def logged_epoch(b, w, x, y, lr):
    before, (b_grad, w_grad) = jax.value_and_grad(loss, argnums=(0, 1))(b, w, x, y)
    jax.debug.print(f"loss: {before}")
    return b - lr * b_grad, w - lr * w_grad, before
