# base: solution
# A Python loop for the scan; the numbers are right, so sweep passes.

# %% train_scan
def train_scan(x, y, b, w, lr, n_epochs):
    losses = []
    for _ in range(n_epochs):
        before, (b_grad, w_grad) = jax.value_and_grad(loss, argnums=(0, 1))(b, w, x, y)
        losses.append(before)
        b, w = b - lr * b_grad, w - lr * w_grad
    return b, w, jnp.array(losses)
