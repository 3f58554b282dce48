# base: solution
# Damps the gradient in momentum, and in Nesterov's form as well.

# %% momentum
def momentum(params, grads, velocity, lr, beta):
    velocity = beta * velocity + (1 - beta) * grads
    return params - lr * velocity, velocity

# %% nesterov
def nesterov(params, grads, velocity, lr, beta):
    velocity = beta * velocity + (1 - beta) * grads
    return params - lr * (grads + beta * velocity), velocity
