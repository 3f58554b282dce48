# base: blank
# Right, by other ways: fori_loop, one vmap over a flat grid, jacobian, a callback that prints.

# %% train_scan
def train_scan(x, y, b, w, lr, n_epochs):
    def body(i, carry):
        b, w, losses = carry
        error = b + w * x - y
        losses = losses.at[i].set((error**2).mean())
        return b - lr * 2 * error.mean(), w - lr * 2 * (x * error).mean(), losses

    return jax.lax.fori_loop(0, n_epochs, body, (b, w, jnp.zeros(n_epochs)))

# %% sweep
@partial(jax.jit, static_argnums=5)
def sweep(x, y, bs, ws, lrs, n_epochs):
    S, L = len(bs), len(lrs)
    flat = jnp.repeat(bs, L), jnp.repeat(ws, L), jnp.tile(lrs, S)
    _, _, losses = jax.vmap(lambda b, w, lr: train_scan(x, y, b, w, lr, n_epochs))(*flat)
    return losses.reshape(S, L, n_epochs)

# %% hessian_bound
def hessian_bound(f, params):
    H = jax.jacfwd(jax.grad(f))(params)
    return 2 / np.linalg.norm(H, ord=2)

# %% per_example_gradients
def per_example_gradients(b, w, x, y):
    return jax.jacobian(lambda b, w: (b + w * x - y) ** 2, argnums=(0, 1))(b, w)

# %% logged_epoch
@jax.jit
def logged_epoch(b, w, x, y, lr):
    before, grads = jax.value_and_grad(loss, argnums=(0, 1))(b, w, x, y)
    jax.debug.callback(lambda value: print(f"The loss is {float(value):.3f}."), before)
    return b - lr * grads[0], w - lr * grads[1], before

# %% what_compiles_again
what_compiles_again = ["c", "b"]

# %% side_effects
side_effects = "a, d"

# %% loops
loops = ("a", "c")

# %% order_of_transforms
order_of_transforms = "bc"
