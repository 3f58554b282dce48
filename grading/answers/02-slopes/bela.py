# base: blank
# Right, with Python loops and lists where others use arrays.

# %% slope
def slope(f, x, h):
    left, right = x - h, x + h
    rise = f(right) - f(left)
    run = right - left
    return rise / run

# %% numerical_gradient
def numerical_gradient(f, params, h):
    grad = []
    for i in range(len(params)):
        point = list(params)
        point[i] = params[i] + h
        above = f(point)
        point[i] = params[i] - h
        below = f(point)
        grad.append((above - below) / (2 * h))
    return grad

# %% gradient_check
def gradient_check(grad, numeric):
    difference = sum((a - b) ** 2 for a, b in zip(grad, numeric)) ** 0.5
    total = sum(a**2 for a in grad) ** 0.5 + sum(b**2 for b in numeric) ** 0.5
    return difference / total if total > 0 else 0

# %% repair_mse
def mse(yhat, y):
    total = 0.0
    for (guess,), (truth,) in zip(yhat, y):
        total += (float(guess) - float(truth)) ** 2
    return total / len(y)

# %% repair_gradients
def gradients(x, y, b, w):
    error = y - (b + w * x)
    return -2 * error.mean(), -2 * (x * error).mean()

# %% repair_train
def train(x, y, b, w, lr, n_epochs):
    losses = []
    while len(losses) < n_epochs:
        losses += [mse(b + w * x, y)]
        b_grad, w_grad = gradients(x, y, b, w)
        b -= lr * b_grad
        w -= lr * w_grad
    return [b, w, losses]

# %% train_until
def train_until(x, y, b, w, lr, n_epochs, small_loss, small_gradient):
    losses, reason = [], None
    while reason is None:
        if len(losses) == n_epochs:
            reason = "Epochs"
            break
        losses.append(mse(b + w * x, y))
        b_grad, w_grad = gradients(x, y, b, w)
        if losses[-1] <= small_loss:
            reason = "Loss"
        elif max(abs(b_grad), abs(w_grad)) <= small_gradient:
            reason = "Gradient"
        else:
            b, w = b - lr * b_grad, w - lr * w_grad
    return b, w, losses, reason

# %% size_of_h
size_of_h = ["c", "b"]

# %% held_variable
held_variable = "c"

# %% error_of_one
error_of_one = ("B",)

# %% which_rule_stops
which_rule_stops = "bd"
