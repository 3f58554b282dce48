# base: solution
# Uses NumPy's root, which fails under jax.jit.

# %% rmsprop
def rmsprop(params, grads, v, lr, beta, eps):
    v = beta * v + (1 - beta) * grads**2
    return params - lr * grads / (np.sqrt(v) + eps), v
