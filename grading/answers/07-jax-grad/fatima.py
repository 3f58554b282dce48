# base: solution
# Stops at a loss of exactly 0, as the tutorial does.

# %% train_w
def train_w(x, y, b, w, lr, n_epochs, tolerance):
    losses = []
    for _ in range(n_epochs):
        value, w_grad = jax.value_and_grad(loss, argnums=1)(b, w, x, y)
        losses.append(value)
        if value == 0:
            break
        w = w - lr * w_grad
    return w, losses
