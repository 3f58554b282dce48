# base: solution
# Works in place, and writes an exponential decay.

# %% momentum
def momentum(params, grads, velocity, lr, beta):
    velocity *= beta
    velocity += grads
    params -= lr * velocity
    return params, velocity

# %% decayed_lr
def decayed_lr(lr, decay, t):
    return lr * decay**t
