# base: blank
# Half done: np is repaired halfway, and the step updates one parameter after the other.

# %% predict
def predict(x, b, w):
    return b + x * w

# %% loss
def loss(b, w, x, y):
    return jnp.mean((predict(x, b, w) - y) ** 2)

# %% loss_curve
def loss_curve(ws, b, x, y):
    import jax.numpy as np

    losses = np.zeros(len(ws))
    for i in range(len(ws)):
        losses[i] = loss(b, ws[i], x, y)
    return losses

# %% loss_and_gradient
def loss_and_gradient(b, w, x, y):
    return loss(b, w, x, y), jax.grad(loss, argnums=(0, 1))(b, w, x, y)

# %% step
def step(b, w, x, y, lr):
    value, (b_grad, _) = loss_and_gradient(b, w, x, y)
    b = b - lr * b_grad
    _, (_, w_grad) = loss_and_gradient(b, w, x, y)
    return b, w - lr * w_grad, value
