# base: blank
# Right, by other ways: matrix form, jit, formulas, jacfwd, vmap, recursion, a scan.

# %% predict
@jax.jit
def predict(x, b, w):
    return jnp.stack([jnp.ones_like(x), x], axis=1) @ jnp.stack([jnp.asarray(b), jnp.asarray(w)])

# %% loss
def loss(b, w, x, y):
    error = predict(x, b, w) - y
    return jnp.vdot(error, error) / error.size

# %% loss_curve
def loss_curve(ws, b, x, y):
    return jax.vmap(lambda w: loss(b, w, x, y))(ws)

# %% loss_and_gradient
def loss_and_gradient(b, w, x, y):
    gradient = jax.jacfwd(lambda params: loss(*params, x, y))(jnp.stack([jnp.asarray(b), jnp.asarray(w)]))
    return [loss(b, w, x, y), [gradient[0], gradient[1]]]

# %% train_w
def train_w(x, y, b, w, lr, n_epochs, tolerance):
    losses = []
    while len(losses) < n_epochs:
        losses.append(float(loss(b, w, x, y)))
        if losses[-1] < tolerance:
            return w, losses
        w -= lr * jax.grad(loss, 1)(b, w, x, y)
    return w, losses

# %% step
def step(b, w, x, y, lr):
    error = b + w * x - y
    return b - lr * 2 * error.mean(), w - lr * 2 * (x * error).mean(), (error**2).mean()

# %% train
def train(x, y, b, w, lr, n_epochs):
    def one_epoch(params, _):
        b, w, value = step(*params, x, y, lr)
        return (b, w), value

    (b, w), losses = jax.lax.scan(one_epoch, (jnp.float32(b), jnp.float32(w)), None, length=n_epochs)
    return b, w, losses

# %% loss_and_worst
def loss_and_worst(b, w, x, y):
    return loss(b, w, x, y), jnp.linalg.norm(predict(x, b, w) - y, jnp.inf)

# %% step_pytree
def step_pytree(loss_of, params, x, y, lr):
    leaves, shape = jax.tree.flatten(params)
    grads = jax.tree.leaves(jax.grad(loss_of)(params, x, y))
    return jax.tree.unflatten(shape, [p - lr * g for p, g in zip(leaves, grads, strict=True)])

# %% what_grad_makes
what_grad_makes = ["c", "b"]

# %% which_are_pure
which_are_pure = "ad"

# %% when_does_it_stop
when_does_it_stop = ("A", "B")

# %% what_a_tracer_is
what_a_tracer_is = {"c", "b"}
