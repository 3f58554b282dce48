# base: solution
# 1/L for 2/L.

# %% hessian_bound
def hessian_bound(f, params):
    H = jax.hessian(f)(params)
    return 1 / jnp.linalg.eigvalsh(H)[-1]
