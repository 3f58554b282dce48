"""Lesson 01: the five steps of gradient descent, written in NumPy for one feature.

0 initialize, 1 predict, 2 loss, 3 gradients, 4 update, 5 repeat. The steps, their names and the data come from
"Reviewing the Steps of Gradient Descent".
"""

from copy import deepcopy
from itertools import pairwise

import numpy as np

from gdexercises.checking import Case, Quiz, Unusable, driver, exercise, right, wrong


def _line(rng, n, scale=1.0, noise=0.3):
    x = scale * rng.uniform(-2, 2, (n, 1))
    b, w = rng.uniform(0.5, 3, 2) * rng.choice([-1, 1], 2)
    y = scale * b + w * x + scale * noise * rng.standard_normal((n, 1))
    return x, y


def _parameters(rng, scale=1.0):
    b, w = rng.uniform(0.5, 3, 2) * rng.choice([-1, 1], 2)
    return float(scale * b), float(w)


def _noisy_lines(rng):
    """Points around a line with parameters to judge there: few, one, none off the line, far, near, single precision."""
    yield Case("four points", *_line(rng, 4), *_parameters(rng))
    yield Case("twenty points", *_line(rng, 20), *_parameters(rng))
    yield Case("one point", *_line(rng, 1), *_parameters(rng))
    x = rng.integers(-4, 5, (5, 1)).astype(float)
    yield Case("points on the line, so no error", x, 1.5 - 0.5 * x, 1.5, -0.5)
    yield Case("large numbers", *_line(rng, 6, 1e3), *_parameters(rng, 1e3))
    yield Case("small numbers", *_line(rng, 6, 1e-2), *_parameters(rng, 1e-2))
    x, y = _line(rng, 8)
    yield Case("single precision (float32)", x.astype(np.float32), y.astype(np.float32), *_parameters(rng))


# Split -------------------------------------------------------------------------------------------------------------


@driver
def look_at_split(attempt, x, y, fraction, rng):
    """What can be said about a split whatever the shuffle: sizes, lost, shared and torn points, use of `rng`."""
    columns = [x.copy(), y.copy()]
    others = [np.random.RandomState(seed) for seed in rng.randint(2**31, size=3)]
    result = attempt(x, y, fraction, deepcopy(rng))
    if result is None or result is ...:
        return result
    first = _split_parts(result)
    again, *others = [_split_parts(attempt(*deepcopy(columns), fraction, other)) for other in (rng, *others)]
    ordered = [*zip(*(column[:, 0].tolist() for column in columns), strict=True)]
    points = set(ordered)
    train, val = [list(zip(*first[i : i + 2], strict=True)) for i in (0, 2)]
    return {
        "training points": len(train),
        "validation points": len(val),
        "points that are not in the data": len(set(train + val) - points),
        "points in both parts": len(set(train) & set(val)),
        "points left out": len(points - set(train) - set(val)),
        "points in the given order": train == ordered[: len(train)],
        "training points are a block of the given order": _is_block(sorted(map(ordered.index, points & set(train)))),
        "same rng, same split": first == again,
        "another rng, another split": any(set(other[0]) != set(first[0]) for other in others),
    }


def _is_block(places):
    """Whether whole numbers follow each other without a gap, or with a single one (then the rest is a block)."""
    return sum(after - before > 1 for before, after in pairwise(places)) <= 1


def _split_parts(result):
    """The four columns as tuples of numbers, or a complaint about what was returned instead."""
    names = ("x_train", "y_train", "x_val", "y_val")
    if not isinstance(result, tuple | list) or len(result) != 4:
        found = f"{len(result)} values" if isinstance(result, tuple | list) else f"a {type(result).__name__}"
        raise Unusable(f"It should return 4 values ({', '.join(names)}) but returns {found}.")
    parts = [np.asarray(part) for part in result]
    for name, part in zip(names, parts, strict=True):
        if part.ndim != 2 or part.shape[1] != 1:
            raise Unusable(f"{name} has shape {part.shape}. Keep the column: (n, 1), as x and y have it.")
    for i in (0, 2):
        if len(parts[i]) != len(parts[i + 1]):
            raise Unusable(
                f"{names[i]} has {len(parts[i])} points and {names[i + 1]} has {len(parts[i + 1])}. The order is "
                f"{', '.join(names)}, and each x belongs to one y."
            )
    return [tuple(part[:, 0].tolist()) for part in parts]


def _points_to_split(rng):
    # Whole numbers are the same in every dtype, so that points are recognised, and no x is there twice.
    for n, fraction in ((40, 0.8), (60, 0.75)):
        x = rng.permutation(2 * n)[:n].reshape(-1, 1).astype(float)
        y = 2 * x + rng.integers(-9, 10, (n, 1))
        shuffler = np.random.RandomState(rng.integers(2**32))  # the kind that the lesson uses
        yield Case(f"{n} points, {fraction} of them for training", x, y, fraction, shuffler)


@exercise(
    inputs=_points_to_split,
    driver=look_at_split,
    returns=("the split",),
    hints=(
        "Do not shuffle x and y: shuffle the numbers 0 … N-1, and use them as an index into both.",
        "rng.permutation(len(x)) gives these numbers in random order. The first fraction * N of them are for training.",
    ),
)
def split(x, y, fraction, rng):
    """Divide the points at random into a training part and a validation part.

    Parameters
    ----------
    x, y : ndarray of shape (N, 1)
    fraction : float
        Share of the points that is for training; ``fraction * N`` is a whole number.
    rng : numpy.random.RandomState
        Source of all randomness: the same generator state gives the same split.

    Returns
    -------
    x_train, y_train, x_val, y_val : ndarray of shape (n, 1)
    """
    order = rng.permutation(len(x))
    n_train = round(fraction * len(x))
    train, val = order[:n_train], order[n_train:]
    return x[train], y[train], x[val], y[val]


@split.mistake(
    "The points are not shuffled: the first ones go into training, the last ones into validation. Data often comes "
    "sorted, and then you validate on a region that you never trained on. Draw the order from rng."
)
def not_shuffled(x, y, fraction, rng):
    n = round(fraction * len(x))
    return x[:n], y[:n], x[n:], y[n:]


@split.mistake(
    "Some points are in both parts (a leak): the model is then judged on points that it has seen. Each point belongs "
    "to one part only: training gets the first n of the shuffled order, validation the rest."
)
def leaks_into_validation(x, y, fraction, rng):
    order = rng.permutation(len(x))
    n = round(fraction * len(x))
    return x[order[:n]], y[order[:n]], x[order[len(x) - 2 * (len(x) - n) :]], y[order[len(x) - 2 * (len(x) - n) :]]


@split.mistake(
    "All points are in the validation part, those of the training part too (a leak). Validation is for the points "
    "that training does not see."
)
def validates_on_everything(x, y, fraction, rng):
    order = rng.permutation(len(x))
    n = round(fraction * len(x))
    return x[order[:n]], y[order[:n]], x[order], y[order]


@split.mistake(
    "The parts are drawn one after the other from all points, so some points are in both and some in none. Draw one "
    "order of all points and cut it in two."
)
def draws_twice(x, y, fraction, rng):
    n = round(fraction * len(x))
    train, val = rng.permutation(len(x))[:n], np.random.default_rng(0).permutation(len(x))[n:]
    return x[train], y[train], x[val], y[val]


@split.mistake(
    "x and y are shuffled apart from each other, so each x stands beside a y of another point. Shuffle one list of "
    "indices and use it for both."
)
def shuffles_apart(x, y, fraction, rng):
    n = round(fraction * len(x))
    x, y = rng.permutation(x), rng.permutation(y)
    return x[:n], y[:n], x[n:], y[n:]


@split.mistake(
    "The two parts are exchanged: `fraction` is the share for training, and the order of what you return is x_train, "
    "y_train, x_val, y_val."
)
def parts_exchanged(x, y, fraction, rng):
    x_train, y_train, x_val, y_val = split(x, y, fraction, rng)
    return x_val, y_val, x_train, y_train


@split.mistake(
    "The shuffle does not come from `rng`: with the same generator state it differs from call to call, so nobody can "
    "repeat your result. Use rng.permutation or rng.shuffle in place of np.random."
)
def ignores_rng(x, y, fraction, rng):
    return split(x, y, fraction, np.random.default_rng())


@split.mistake(
    "Every call gives the same split: the generator is made anew inside the function, or seeded there. Take the one "
    "that was handed over as `rng`."
)
def seeds_inside(x, y, fraction, rng):
    return split(x, y, fraction, np.random.default_rng(42))


# Step 1: predict ---------------------------------------------------------------------------------------------------


def _points_to_predict(rng):
    for case in _noisy_lines(rng):
        x, _, b, w = case.arguments
        yield Case(case.label, x, b, w)


@exercise(
    inputs=_points_to_predict,
    returns=("yhat",),
    hints=("A line has an intercept b, its height at x = 0, and a slope w.", "yhat = b + w · x, for all x at once."),
)
def predict(x, b, w):
    """Predictions of the line with intercept `b` and slope `w`.

    Parameters
    ----------
    x : ndarray of shape (N, 1)
    b, w : float

    Returns
    -------
    yhat : ndarray of shape (N, 1)
    """
    return b + w * x


@predict.mistake("b and w are exchanged: b is the intercept, added once; w is the slope, multiplied by x.")
def exchanges_parameters(x, b, w):
    return w + b * x


@predict.mistake("The intercept b is missing: without it every line goes through the origin.")
def leaves_out_b(x, b, w):
    return w * x


@predict.mistake("w multiplies b as well. Only x is multiplied by w: b + w · x, not w · (b + x).")
def multiplies_b(x, b, w):
    return w * (b + x)


@predict.mistake("b is subtracted; the line is b + w · x.")
def subtracts_b(x, b, w):
    return w * x - b


# Step 2: loss ------------------------------------------------------------------------------------------------------


def _predictions_and_targets(rng):
    for case in _noisy_lines(rng):
        x, y, b, w = case.arguments
        yield Case(case.label, (b + w * x).astype(y.dtype), y)


@exercise(
    inputs=_predictions_and_targets,
    returns=("the loss",),
    hints=(
        "Read the name backwards: first the error, then its square, then the mean.",
        "error = yhat - y has shape (N, 1); error ** 2 squares each entry; .mean() averages them into one number.",
    ),
)
def mse(yhat, y):
    """Mean squared error.

    Parameters
    ----------
    yhat, y : ndarray of shape (N, 1)

    Returns
    -------
    loss : float
        In squared units of y.
    """
    return ((yhat - y) ** 2).mean()


@mse.mistake(
    "You sum the squares; the mean divides by the number of points N, so that losses of small and large data sets "
    "compare."
)
def sums(yhat, y):
    return ((yhat - y) ** 2).sum()


@mse.mistake("You take the square root at the end: that is the RMSE. The mean squared error has no root.")
def takes_the_root(yhat, y):
    return np.sqrt(((yhat - y) ** 2).mean())


@mse.mistake(
    "One of the two arrays was flattened to shape (N,), and NumPy broadcast (N, 1) against (N,) to (N, N): you average "
    "over all pairs of points. Keep both as (N, 1)."
)
def broadcasts(yhat, y):
    return ((yhat - y.ravel()) ** 2).mean()


@mse.mistake("The errors are not squared, so positive and negative ones cancel.")
def does_not_square(yhat, y):
    return (yhat - y).mean()


@mse.mistake("You average the absolute errors (that is the MAE); square them instead.")
def absolute_errors(yhat, y):
    return np.abs(yhat - y).mean()


@mse.mistake(
    "You square the mean; take the mean of the squares. Positive and negative errors cancel before you square."
)
def squares_the_mean(yhat, y):
    return (yhat - y).mean() ** 2


@mse.mistake(
    "There is a factor ½ too many. Some texts put it there to make the derivative look simpler; this course does not."
)
def halves(yhat, y):
    return ((yhat - y) ** 2).mean() / 2


@mse.mistake("You square the prediction, not the error: it is mean((yhat - y)²), not mean(yhat² - y).")
def squares_the_prediction(yhat, y):
    return (yhat**2 - y).mean()


# Step 3: gradients -------------------------------------------------------------------------------------------------


@exercise(
    inputs=_noisy_lines,
    returns=("b_grad", "w_grad"),
    builds_on=(predict,),
    hints=(
        "The loss is the mean of error², with error = b + w · x - y. Use the chain rule: outer derivative 2 · error, "
        "times the derivative of the error by the parameter.",
        "The derivative of the error by b is 1, by w it is x. So b_grad is the mean of 2 · error.",
        "w_grad is the mean of 2 · x · error.",
    ),
)
def gradients(x, y, b, w):
    """Partial derivatives of the mean squared error of ``b + w * x`` with respect to `b` and `w`.

    Parameters
    ----------
    x, y : ndarray of shape (N, 1)
    b, w : float

    Returns
    -------
    b_grad, w_grad : float
        In units of loss per unit of the parameter.
    """
    error = predict(x, b, w) - y
    return 2 * error.mean(), 2 * (x * error).mean()


@gradients.mistake("The factor 2 is missing: the derivative of error² is 2 · error.")
def no_factor_two(x, y, b, w):
    error = predict(x, b, w) - y
    return error.mean(), (x * error).mean()


@gradients.mistake(
    "The sign is reversed. Either your error is y - yhat, or there is a minus too many: the derivative of (yhat - y)² "
    "with respect to yhat is 2 · (yhat - y)."
)
def reversed_sign(x, y, b, w):
    b_grad, w_grad = gradients(x, y, b, w)
    return -b_grad, -w_grad


@gradients.mistake("w_grad lacks x: by the chain rule, the derivative of b + w · x with respect to w is x.")
def leaves_out_x(x, y, b, w):
    b_grad, _ = gradients(x, y, b, w)
    return b_grad, b_grad


@gradients.mistake("The two gradients are exchanged: return b_grad first, then w_grad.")
def exchanged(x, y, b, w):
    b_grad, w_grad = gradients(x, y, b, w)
    return w_grad, b_grad


@gradients.mistake("You sum over the points; the loss is a mean, so its derivative is a mean as well: divide by N.")
def sums_the_gradients(x, y, b, w):
    b_grad, w_grad = gradients(x, y, b, w)
    return len(x) * b_grad, len(x) * w_grad


@gradients.mistake(
    "One array was flattened to shape (N,), and NumPy broadcast (N, 1) against (N,) to (N, N), so every x meets the "
    "errors of all points. Keep the columns: (N, 1)."
)
def broadcasts_gradients(x, y, b, w):
    error = predict(x, b, w) - y.ravel()
    return 2 * error.mean(), 2 * (x * error).mean()


@gradients.mistake(
    "In w_grad, the mean of x · error is not the mean of x times the mean of the error: multiply point by "
    "point, then average. (The same comes out if x or the error was flattened to shape (N,): (N, 1) times (N,) pairs "
    "every x with every error. Keep the columns.)"
)
def product_of_means(x, y, b, w):
    error = predict(x, b, w) - y
    return 2 * error.mean(), 2 * x.mean() * error.mean()


@gradients.mistake("The error is squared in the gradients. Squaring belongs to the loss; its derivative is 2 · error.")
def keeps_the_square(x, y, b, w):
    squared = (predict(x, b, w) - y) ** 2
    return 2 * squared.mean(), 2 * (x * squared).mean()


@gradients.mistake(
    "b_grad has x in it as well: the derivative of b + w · x with respect to b is 1, so b_grad is the mean of "
    "2 · error."
)
def x_in_both(x, y, b, w):
    _, w_grad = gradients(x, y, b, w)
    return w_grad, w_grad


# Step 4: update ----------------------------------------------------------------------------------------------------


def _positions(rng):
    for label in ("a step", "another step"):
        b, w, b_grad, w_grad = rng.uniform(0.5, 4, 4) * rng.choice([-1, 1], 4)
        yield Case(label, *map(float, (b, w, b_grad, w_grad)), float(rng.uniform(0.01, 0.5)))
    b, w = rng.uniform(0.5, 4, 2)
    yield Case("the gradient is zero", float(b), float(w), 0.0, 0.0, 0.1)
    yield Case("a large gradient", float(b), float(w), 2e6, -3e6, 1e-3)


@exercise(
    inputs=_positions,
    returns=("b", "w"),
    hints=(
        "The gradient points uphill, to where the loss grows fastest. You want to go down.",
        "New value = old value - lr · its gradient, for b and for w.",
    ),
)
def update(b, w, b_grad, w_grad, lr):
    """One step of length `lr` times the gradient, downhill.

    Parameters
    ----------
    b, w : float
    b_grad, w_grad : float
        In units of loss per unit of the parameter.
    lr : float
        Learning rate, positive.

    Returns
    -------
    b, w : float
        The updated parameters.
    """
    return b - lr * b_grad, w - lr * w_grad


@update.mistake("You walk uphill: the gradient points to larger loss. Subtract lr · gradient.")
def uphill(b, w, b_grad, w_grad, lr):
    return b + lr * b_grad, w + lr * w_grad


@update.mistake("The learning rate is forgotten: the step is lr times the gradient, not the whole gradient.")
def forgets_lr(b, w, b_grad, w_grad, lr):
    return b - b_grad, w - w_grad


@update.mistake("The gradients are exchanged: b moves by its own gradient b_grad, w by w_grad.")
def exchanges_gradients(b, w, b_grad, w_grad, lr):
    return b - lr * w_grad, w - lr * b_grad


@update.mistake("b and w are returned in the wrong order: b comes first.")
def exchanges_results(b, w, b_grad, w_grad, lr):
    return w - lr * w_grad, b - lr * b_grad


@update.mistake("You return the step alone. The new parameter is the old one minus the step.")
def returns_the_step(b, w, b_grad, w_grad, lr):
    return lr * b_grad, lr * w_grad


@update.mistake("The parameters have not moved. Compute the new values and return these.")
def does_not_move(b, w, b_grad, w_grad, lr):
    return b, w


@update.mistake("You divide by the learning rate: a larger lr must make a larger step, so multiply.")
def divides_by_lr(b, w, b_grad, w_grad, lr):
    return b - b_grad / lr, w - w_grad / lr


# Step 5: repeat ----------------------------------------------------------------------------------------------------


def _trainings(rng):
    for label, n, n_epochs in (("three epochs", 5, 3), ("ten epochs", 12, 10), ("one epoch", 6, 1), ("no epoch", 3, 0)):
        lr = float(rng.uniform(0.02, 0.1))
        yield Case(label, *_line(rng, n), *_parameters(rng), lr, n_epochs)


@exercise(
    inputs=_trainings,
    returns=("b", "w", "losses"),
    builds_on=(predict, mse, gradients, update),
    hints=(
        "Start with an empty list, losses = []. Loop over range(n_epochs), and put the steps 1 to 4 into the loop.",
        "In each round: yhat = predict(…), losses.append(mse(…)), b_grad, w_grad = gradients(…), b, w = update(…).",
    ),
)
def train(x, y, b, w, lr, n_epochs):
    """Gradient descent: repeat steps 1 to 4.

    Parameters
    ----------
    x, y : ndarray of shape (N, 1)
    b, w : float
        Where to start.
    lr : float
        Learning rate.
    n_epochs : int
        How often to update; every update uses all points.

    Returns
    -------
    b, w : float
        The parameters after the last update.
    losses : list of float
        ``losses[i]`` is the loss just before update ``i``, so there are `n_epochs` of them.
    """
    losses = []
    for _ in range(n_epochs):
        yhat = predict(x, b, w)
        losses.append(mse(yhat, y))
        b_grad, w_grad = gradients(x, y, b, w)
        b, w = update(b, w, b_grad, w_grad, lr)
    return b, w, losses


@train.mistake(
    "The losses are recorded after the update; losses[i] is the loss just before update i, so record it first."
)
def records_after_update(x, y, b, w, lr, n_epochs):
    losses = []
    for _ in range(n_epochs):
        b, w = update(b, w, *gradients(x, y, b, w), lr)
        losses.append(mse(predict(x, b, w), y))
    return b, w, losses


@train.mistake("One epoch is missing: range(n_epochs) already runs from 0 to n_epochs - 1, which is n_epochs rounds.")
def one_epoch_short(x, y, b, w, lr, n_epochs):
    return train(x, y, b, w, lr, n_epochs - 1)


@train.mistake("One epoch too many: range(n_epochs) gives n_epochs rounds.")
def one_epoch_long(x, y, b, w, lr, n_epochs):
    return train(x, y, b, w, lr, n_epochs + 1)


@train.mistake(
    "w is updated with a gradient that was computed after b had moved. Both gradients belong to the same point: "
    "compute both, then update both."
)
def updates_in_turn(x, y, b, w, lr, n_epochs):
    losses = []
    for _ in range(n_epochs):
        losses.append(mse(predict(x, b, w), y))
        b, _ = update(b, w, *gradients(x, y, b, w), lr)
        _, w = update(b, w, *gradients(x, y, b, w), lr)
    return b, w, losses


@train.mistake("The parameters never change inside the loop: take what update returns, b, w = update(…).")
def drops_the_update(x, y, b, w, lr, n_epochs):
    return b, w, [mse(predict(x, b, w), y)] * n_epochs


@train.mistake(
    "The gradients are computed once, before the loop. Their values change with b and w: compute them in every round."
)
def gradients_before_the_loop(x, y, b, w, lr, n_epochs):
    losses = []
    grads = gradients(x, y, b, w)
    for _ in range(n_epochs):
        losses.append(mse(predict(x, b, w), y))
        b, w = update(b, w, *grads, lr)
    return b, w, losses


@train.mistake(
    "b and w are right, but the losses are all the first one: the predictions are computed once, before the loop. "
    "Predict in every round."
)
def predicts_before_the_loop(x, y, b, w, lr, n_epochs):
    loss = mse(predict(x, b, w), y)
    b, w, _ = train(x, y, b, w, lr, n_epochs)
    return b, w, [loss] * n_epochs


@train.mistake(
    "b and w are right, but losses has one value too many, the one after the last update. Record the loss once in each "
    "round, before the update."
)
def one_loss_too_many(x, y, b, w, lr, n_epochs):
    b, w, losses = train(x, y, b, w, lr, n_epochs)
    return b, w, [*losses, mse(predict(x, b, w), y)]


@train.mistake("The values are right, but in another order: return b, w, losses.")
def returns_losses_first(x, y, b, w, lr, n_epochs):
    b, w, losses = train(x, y, b, w, lr, n_epochs)
    return losses, b, w


@train.mistake("`return` stands inside the loop, so it ends after the first round. Indent it like the line with `for`.")
def returns_in_the_loop(x, y, b, w, lr, n_epochs):
    return train(x, y, b, w, lr, min(n_epochs, 1)) if n_epochs else None


@train.mistake("The parameters are set back to the start in every round. Set them once, before the loop.")
def restarts_each_epoch(x, y, b, w, lr, n_epochs):
    loss = mse(predict(x, b, w), y)
    if n_epochs:
        b, w = update(b, w, *gradients(x, y, b, w), lr)
    return b, w, [loss] * n_epochs


# Find the bug ------------------------------------------------------------------------------------------------------


def _fits(rng):
    for label, n, n_epochs in (("five points", 5, 4), ("thirty points", 30, 20), ("one point", 1, 3)):
        yield Case(label, *_line(rng, n), float(rng.uniform(0.02, 0.1)), n_epochs)


@exercise(
    inputs=_fits,
    returns=("b", "w"),
    hints=(
        "The line comes out flat, at the mean of y: w sees no connection between x and y. Print the shape of every "
        "array in the loop.",
        "x has shape (N, 1) and y.ravel() has shape (N,). What shape has their difference?",
    ),
)
def fit(x, y, lr, n_epochs):
    """Fit ``y ≈ b + w * x`` by gradient descent from b = w = 0.

    Parameters
    ----------
    x, y : ndarray of shape (N, 1)
    lr : float
        Learning rate.
    n_epochs : int

    Returns
    -------
    b, w : float
    """
    b, w = 0.0, 0.0
    for _ in range(n_epochs):
        error = b + w * x - y
        b, w = b - lr * 2 * error.mean(), w - lr * 2 * (x * error).mean()
    return b, w


@fit.mistake(
    "The line still comes out flat: w sees no connection between x and y. Run one epoch in a cell of its own and print "
    "error.shape there. Which shape would you expect for N points?"
)
def still_broadcasts(x, y, lr, n_epochs):
    b, w = 0.0, 0.0
    for _ in range(n_epochs):
        error = b + w * x - y.ravel()
        b, w = b - lr * 2 * error.mean(), w - lr * 2 * (x * error).mean()
    return b, w


@fit.mistake(
    "The shapes fit now, but w is updated with an error that was computed after b had moved. Update both "
    "from the same error."
)
def repairs_in_turn(x, y, lr, n_epochs):
    b, w = 0.0, 0.0
    for _ in range(n_epochs):
        b = b - lr * 2 * (b + w * x - y).mean()
        w = w - lr * 2 * (x * (b + w * x - y)).mean()
    return b, w


@fit.mistake("The shapes fit now, but the factor 2 of the gradients has gone.")
def loses_the_factor(x, y, lr, n_epochs):
    return fit(x, y, lr / 2, n_epochs)


@fit.mistake("The error has its sign reversed (y - yhat), so each update climbs.")
def climbs(x, y, lr, n_epochs):
    return fit(x, y, -lr, n_epochs)


@fit.mistake(
    "The gradients are sums over the points now; they were means. The bug is in the shapes, leave the rest as it is."
)
def sums_over_points(x, y, lr, n_epochs):
    return fit(x, y, lr * len(x), n_epochs)


# Quiz --------------------------------------------------------------------------------------------------------------

inside_the_loop = Quiz(
    "inside_the_loop",
    "Which of the steps stand inside the training loop?",
    a=wrong("initialize b and w at random", "if b and w are drawn anew in every round, all progress is thrown away."),
    b=right(
        "compute the predictions", "the error must belong to the parameters of this very round, so what does it need?"
    ),
    c=right("compute the loss, if you want to plot it", "a curve over the epochs needs one value from each epoch."),
    d=right("compute the gradients", "the slope of the surface is another one at every place you come to."),
    e=right("update b and w", "which step makes the next round differ from this one?"),
    f=wrong(
        "split the data",
        "points would move between the parts, and the model would train on the points it is judged by.",
    ),
)

what_the_gradient_tells = Quiz(
    "what_the_gradient_tells",
    "At some b and w, `b_grad` is -3. What does that tell you?",
    a=right(
        "If b grows a little, the loss falls.",
        "think of the tangent: it goes down by 3 when b moves by 1. Which way is down?",
    ),
    b=wrong("The loss is negative.", "-3 is a slope, not a height. A mean of squares is never negative."),
    c=right(
        "A small step h of b changes the loss by about -3h.",
        "a derivative says how much the output changes for a small change of the input.",
    ),
    d=wrong("b has to go down by 3.", "the sign says the direction, up here; how far you go is lr times the gradient."),
)

learning_rate_too_large = Quiz(
    "learning_rate_too_large",
    "The loss falls nicely. Then you double the learning rate, and the losses become 2.7, 3.9, 5.7, 8.3 … What is "
    "going on?",
    a=wrong(
        "The gradients have the wrong sign.", "then it would not have gone down with the smaller learning rate either."
    ),
    b=right(
        "Each step jumps over the valley and lands higher on the other side.",
        "draw a parabola and make a step that is too long for it. Where do you land?",
    ),
    c=wrong(
        "The model has too few parameters.", "that would leave the loss high at the end, but it would not make it grow."
    ),
    d=wrong("It needs more epochs.", "the loss grows by the same factor every time; more epochs make it worse."),
)

why_the_mean = Quiz(
    "why_the_mean",
    "Someone uses the sum of squared errors instead of the mean, on 100 points. What changes?",
    a=wrong("The best b and w are other ones.", "100 times the loss has its lowest point at the same place."),
    b=right("The gradients are 100 times as large.", "what does a factor in the loss do to its derivative?"),
    c=right("The same learning rate may now diverge.", "lr times gradient is the step. What happened to the gradient?"),
    d=wrong("Nothing at all.", "the loss itself is 100 times as large, and so is all that is computed from it."),
)
