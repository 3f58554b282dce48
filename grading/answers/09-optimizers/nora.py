# base: blank
# Half done: stopped at Adam, which counts its steps from 0.

# %% momentum
def momentum(params, grads, velocity, lr, beta):
    velocity = beta * velocity + grads
    return params - lr * velocity, velocity

# %% nesterov
def nesterov(params, grads, velocity, lr, beta):
    velocity = beta * velocity + grads
    return params - lr * (grads + beta * velocity), velocity

# %% adagrad
def adagrad(params, grads, total, lr, eps):
    total = total + grads**2
    return params - lr * grads / (total**0.5 + eps), total

# %% rmsprop
def rmsprop(params, grads, v, lr, beta, eps):
    v = beta * v + (1 - beta) * grads**2
    return params - lr * grads / (v**0.5 + eps), v

# %% adam
def adam(params, grads, m, v, t, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * grads
    v = beta2 * v + (1 - beta2) * grads**2
    m_hat = m / (1 - beta1**t)
    v_hat = v / (1 - beta2**t)
    return params - lr * m_hat / (v_hat**0.5 + eps), m, v, t + 1
