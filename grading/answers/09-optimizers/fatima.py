# base: solution
# Shares the state among the racers, and repairs the training only in part.

# %% race
def race(racers, f, grad, start, n_steps):
    paths, states = {}, {}
    for name, (update, first) in racers.items():
        state = states.get(len(first), first)
        params, path = start, [start]
        for _ in range(n_steps):
            params, *state = update(params, grad(params), *state)
            path.append(params)
        paths[name], states[len(first)] = path, state
    return paths, {name: [f(params) for params in path] for name, path in paths.items()}

# %% train_line
def train_line(x, y, b, w, lr, n_epochs):
    m_b = v_b = m_w = v_w = 0.0
    t = 0
    losses = []
    for _ in range(n_epochs):
        error = b + w * x - y
        losses.append((error**2).mean())
        b_grad, w_grad = 2 * error.mean(), 2 * (x * error).mean()
        b, m_b, v_b, t = adam(b, b_grad, m_b, v_b, t, lr, 0.9, 0.999, 1e-8)
        w, m_w, v_w, t = adam(w, w_grad, m_w, v_w, t, lr, 0.9, 0.999, 1e-8)
    return b, w, losses
