# base: solution
# Keeps all losses in one list outside; and his repair still writes the global.

# %% train
history = []


def train(x, y, b, w, lr, n_epochs):
    for _ in range(n_epochs):
        b, w, value = step(b, w, x, y, lr)
        history.append(value)
    return b, w, history

# %% loss_and_worst
def loss_and_worst(b, w, x, y):
    global worst
    error = b + w * x - y
    worst = abs(error).max()
    return (error**2).mean(), worst
