# base: blank
# Right, by other ways: PyTorch's order in Adam, one array for both parameters, racers side by side.

# %% momentum
def momentum(p, g, v, eta, mu):
    v_new = g + mu * v
    return [p + (-eta) * v_new, v_new]

# %% nesterov
def nesterov(params, grads, velocity, lr, beta):
    return params - lr * ((1 + beta) * grads + beta**2 * velocity), beta * velocity + grads

# %% adagrad
def adagrad(params, grads, total, lr, eps):
    total = total + abs(grads) ** 2
    rate = lr / (eps + total ** (1 / 2))
    return params - rate * grads, total

# %% rmsprop
def rmsprop(params, grads, v, lr, beta, eps):
    v = v + (1 - beta) * (grads * grads - v)
    return params - lr * grads / (v**0.5 + eps), v

# %% adam
def adam(params, grads, m, v, t, lr, beta1, beta2, eps):
    step = t + 1
    m = m + (1 - beta1) * (grads - m)
    v = beta2 * v + (1 - beta2) * grads * grads
    denominator = v**0.5 / np.sqrt(1 - beta2**step) + eps
    return params - lr / (1 - beta1**step) * m / denominator, m, v, step

# %% decayed_lr
def decayed_lr(lr, decay, t):
    half = 1 / decay
    return lr * half / (half + t)

# %% race
def race(racers, f, grad, start, n_steps):
    now = {name: (start, *state) for name, (_, state) in racers.items()}
    paths = {name: [start] for name in racers}
    for _ in range(n_steps):
        for name, (update, _) in racers.items():
            params, *state = now[name]
            now[name] = update(params, grad(params), *state)
            paths[name].append(now[name][0])
    return paths, {name: list(map(f, path)) for name, path in paths.items()}

# %% train_line
def train_line(x, y, b, w, lr, n_epochs):
    params, m, v, t = np.array([b, w]), np.zeros(2), np.zeros(2), 0
    losses = np.empty(n_epochs)
    for epoch in range(n_epochs):
        error = params[0] + params[1] * x - y
        losses[epoch] = (error**2).mean()
        grads = 2 * np.array([error.mean(), (x * error).mean()])
        params, m, v, t = adam(params, grads, m, v, t, lr, 0.9, 0.999, 1e-8)
    return params[0], params[1], losses

# %% first_step_of_adam
first_step_of_adam = ["c", "a"]

# %% loss_in_other_units
loss_in_other_units = "c, d, e"

# %% what_beta_changes
what_beta_changes = ("a", "b")

# %% turned_ravine
turned_ravine = "ba"
