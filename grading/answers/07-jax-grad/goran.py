# base: solution
# Changes the tree that he is handed.

# %% step_pytree
def step_pytree(loss_of, params, x, y, lr):
    grads = jax.grad(loss_of)(params, x, y)

    def descend(p, g):
        for key in p if isinstance(p, dict) else range(len(p)):
            if isinstance(p[key], dict | list):
                descend(p[key], g[key])
            else:
                p[key] = p[key] - lr * g[key]

    descend(params, grads)
    return params
