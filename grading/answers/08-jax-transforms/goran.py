# base: solution
# Takes out the append and leaves the print.

# %% logged_epoch
@jax.jit
def logged_epoch(b, w, x, y, lr):
    before, (b_grad, w_grad) = jax.value_and_grad(loss, argnums=(0, 1))(b, w, x, y)
    print("loss:", before)
    return b - lr * b_grad, w - lr * w_grad, before
