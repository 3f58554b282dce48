# base: solution
# Epsilon inside of the root, as in Ruder's overview.

# %% adagrad
def adagrad(params, grads, total, lr, eps):
    total = total + grads**2
    return params - lr / (total + eps) ** 0.5 * grads, total

# %% rmsprop
def rmsprop(params, grads, v, lr, beta, eps):
    v = beta * v + (1 - beta) * grads**2
    return params - lr / (v + eps) ** 0.5 * grads, v
