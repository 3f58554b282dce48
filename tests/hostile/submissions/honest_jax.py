# base: solution
# attacks:
# keeps: height roll gradients
# %% height
import jax
import jax.numpy as jnp

jax.config.update("jax_enable_x64", True)

@jax.jit
def height(w):
    return (w - 1) ** 2
# %% gradients
def loss(parameters, x, y):
    b, w = parameters
    return ((b + w * x - y) ** 2).mean()

slopes = jax.jit(jax.grad(loss))

def gradients(x, y, b, w):
    return list(slopes((jnp.float64(b), jnp.float64(w)), jnp.asarray(x, float), jnp.asarray(y, float)))
