# base: solution
# Has taken the line with jax_enable_x64 out, and hands his NumPy function in as the one in PyTorch.

# %% fit_torch
fit_torch = fit

# %% fit_jax
def fit_jax(X, y, lr, n_epochs, penalty):
    X, y = jnp.asarray(X), jnp.asarray(y)

    def loss(b, w):
        return jnp.mean((b + X @ w - y) ** 2) + penalty * jnp.sum(w**2)

    step = jax.jit(jax.value_and_grad(loss, argnums=(0, 1)))
    b, w, losses = 0.0, jnp.zeros(X.shape[1]), []
    for _ in range(n_epochs):
        before, (b_grad, w_grad) = step(b, w)
        b, w = b - lr * b_grad, w - lr * w_grad
        losses.append(float(before))
    return float(b), np.asarray(w, dtype=float), losses
