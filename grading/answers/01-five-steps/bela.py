# base: blank
# Right, with Python loops and lists where others use arrays.

# %% split
def split(x, y, fraction, rng):
    numbers = list(range(len(x)))
    rng.shuffle(numbers)
    n_train = int(round(len(numbers) * fraction))
    x_train, y_train, x_val, y_val = [], [], [], []
    for place, number in enumerate(numbers):
        if place < n_train:
            x_train.append([x[number, 0]])
            y_train.append([y[number, 0]])
        else:
            x_val.append([x[number, 0]])
            y_val.append([y[number, 0]])
    return x_train, y_train, x_val, y_val

# %% predict
def predict(x, b, w):
    yhat = []
    for (value,) in x:
        yhat.append([b + w * value])
    return yhat

# %% mse
def mse(yhat, y):
    total = 0.0
    for (guess,), (truth,) in zip(yhat, y):
        total += (float(guess) - float(truth)) ** 2
    return total / len(y)

# %% gradients
def gradients(x, y, b, w):
    b_grad = w_grad = 0.0
    for (xi,), (yi,) in zip(x, y):
        error = b + w * float(xi) - float(yi)
        b_grad += 2 * error / len(x)
        w_grad += 2 * float(xi) * error / len(x)
    return [b_grad, w_grad]

# %% update
def update(b, w, b_grad, w_grad, lr):
    b -= lr * b_grad
    w -= lr * w_grad
    return b, w

# %% train
def train(x, y, b, w, lr, n_epochs):
    losses = []
    while len(losses) < n_epochs:
        losses += [mse(predict(x, b, w), y)]
        b, w = update(b, w, *gradients(x, y, b, w), lr)
    return b, w, losses

# %% inside_the_loop
inside_the_loop = ["e", "d", "c", "b"]

# %% what_the_gradient_tells
what_the_gradient_tells = "ac"

# %% learning_rate_too_large
learning_rate_too_large = "b"

# %% why_the_mean
why_the_mean = ("b", "c")

# %% fit
def fit(x, y, lr, n_epochs):
    b = w = 0.0
    for _ in range(n_epochs):
        b_grad, w_grad = gradients(x, y, b, w)
        b, w = b - lr * b_grad, w - lr * w_grad
    return b, w
