# base: solution
# No bias correction, which the training of the line carries on.

# %% adam
def adam(params, grads, m, v, t, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * grads
    v = beta2 * v + (1 - beta2) * grads**2
    return params - lr * m / (v**0.5 + eps), m, v, t + 1
