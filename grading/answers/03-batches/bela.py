# base: blank
# Right, with Python loops and lists where others use arrays.

# %% updates_per_epoch
def updates_per_epoch(n_points, batch_size):
    updates = n_points // batch_size
    if n_points % batch_size:
        updates += 1
    return updates

# %% minibatches
def minibatches(x, y, batch_size, rng):
    points = [(x[i, 0], y[i, 0]) for i in rng.permutation(len(x))]
    pairs = []
    while points:
        batch, points = points[:batch_size], points[batch_size:]
        pairs.append((np.array([[a] for a, _ in batch]), np.array([[c] for _, c in batch])))
    return pairs

# %% sgd_epoch
def sgd_epoch(batches, b, w, lr):
    for xs, ys in batches:
        b_sum = w_sum = 0.0
        for (xi,), (yi,) in zip(xs, ys):
            error = b + w * float(xi) - float(yi)
            b_sum += 2 * error
            w_sum += 2 * error * float(xi)
        b, w = b - lr * b_sum / len(xs), w - lr * w_sum / len(xs)
    return [b, w]

# %% train_minibatch
def train_minibatch(x, y, b, w, lr, n_epochs, batch_size, rng):
    losses = []
    while len(losses) < n_epochs:
        losses += [mse(predict(x, b, w), y)]
        b, w = sgd_epoch(minibatches(x, y, batch_size, rng), b, w, lr)
    return [b, w, losses]

# %% largest_stable_lr
def largest_stable_lr(x):
    values = [float(value) for (value,) in x]
    m = sum(values) / len(values)
    s = sum(value * value for value in values) / len(values)
    largest = (1 + s) + ((1 - s) ** 2 + 4 * m * m) ** 0.5
    return 2 / largest, min(1 / (1 + value * value) for value in values)

# %% shuffled_epoch
def shuffled_epoch(x, y, b, w, lr, batch_size, rng):
    return sgd_epoch(minibatches(x, y, batch_size, rng), b, w, lr)

# %% counting_updates
counting_updates = ["c", "a"]

# %% cost_and_noise
cost_and_noise = "abc"

# %% why_it_blows_up
why_it_blows_up = "b, c"

# %% what_calms_it
what_calms_it = ("a", "b")
