# base: solution
# Overwrites m and v with the corrected ones; the velocity points downhill.

# %% momentum
def momentum(params, grads, velocity, lr, beta):
    velocity = beta * velocity - grads
    return params + lr * velocity, velocity

# %% adam
def adam(params, grads, m, v, t, lr, beta1, beta2, eps):
    t = t + 1
    m = beta1 * m + (1 - beta1) * grads
    v = beta2 * v + (1 - beta2) * grads**2
    m = m / (1 - beta1**t)
    v = v / (1 - beta2**t)
    return params - lr * m / (v**0.5 + eps), m, v, t
