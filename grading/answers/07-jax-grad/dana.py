# base: solution
# Leaves argnums out; so that step and train unpack what is no pair.

# %% loss_and_gradient
def loss_and_gradient(b, w, x, y):
    return jax.value_and_grad(loss)(b, w, x, y)
