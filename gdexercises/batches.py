"""Lesson 03: batch, stochastic and mini-batch gradient descent, and the largest learning rate that each can bear.

The variants follow "Reviewing the Steps of Gradient Descent" and "Gradient Descent, a deep dive"; the data, and the
divergence that the lesson explains, come from "Gradient Descent implementation in PyTorch".
"""

import math
from copy import deepcopy
from itertools import combinations, islice

import numpy as np

from gdexercises.checking import Case, Quiz, Tolerance, Unusable, driver, exercise, right, wrong

# From lesson 01, as the notebook gives them.


def predict(x, b, w):
    return b + w * x


def mse(yhat, y):
    return ((yhat - y) ** 2).mean()


def gradients(x, y, b, w):
    error = predict(x, b, w) - y
    return 2 * error.mean(), 2 * (x * error).mean()


def update(b, w, b_grad, w_grad, lr):
    return b - lr * b_grad, w - lr * w_grad


def _line(rng, n, scale=1.0):
    x = scale * rng.uniform(-2, 2, (n, 1))
    b, w = rng.uniform(0.5, 3, 2) * rng.choice([-1, 1], 2)
    return x, scale * b + w * x + scale * 0.3 * rng.standard_normal((n, 1))


def _parameters(rng):
    return tuple(map(float, rng.uniform(0.5, 3, 2) * rng.choice([-1, 1], 2)))


# Updates in an epoch -----------------------------------------------------------------------------------------------


def _counts(rng):
    yield Case("the last batch is short", 10, 4)
    yield Case("the last batch is nearly full", 11, 4)
    yield Case("the batches come out even", 100, 10)
    yield Case("all points in one batch", 100, 100)
    yield Case("one point at a time", 100, 1)
    batch_size, full, rest = map(int, rng.integers(3, 40, 3))
    yield Case("other numbers", batch_size * full + 1 + rest % (batch_size - 1), batch_size)


@exercise(
    inputs=_counts,
    returns=("the number of updates",),
    hints=(
        "Write the batches of 10 points down, 4 at a time. How many lines do you need?",
        "It is N / n, rounded up: the rest makes a batch too. math.ceil rounds up.",
    ),
)
def updates_per_epoch(n_points, batch_size):
    """Count the updates in one epoch: every point is used once, `batch_size` of them in an update.

    Parameters
    ----------
    n_points : int
        Number of points N.
    batch_size : int
        Number of points in a batch, from 1 to N. The last batch takes what is left.

    Returns
    -------
    int
    """
    return math.ceil(n_points / batch_size)


@updates_per_epoch.mistake(
    "You round down, so the points of the last, short batch are never used. They make one more update: round up."
)
def rounds_down(n_points, batch_size):
    return n_points // batch_size


@updates_per_epoch.mistake("You always add one for a short last batch. Where the batch size divides N, there is none.")
def always_one_more(n_points, batch_size):
    return n_points // batch_size + 1


@updates_per_epoch.mistake(
    "You round to the nearest whole number, so a short last batch counts only if it is more than half full. However "
    "short, it makes an update: round up."
)
def rounds_to_nearest(n_points, batch_size):
    return round(n_points / batch_size)


@updates_per_epoch.mistake("There is no fraction of an update: the last batch is short, but it is a batch. Round up.")
def keeps_the_fraction(n_points, batch_size):
    return n_points / batch_size


@updates_per_epoch.mistake("The fraction is upside down: it is points divided by points in a batch.")
def upside_down(n_points, batch_size):
    return math.ceil(batch_size / n_points)


# Batches -----------------------------------------------------------------------------------------------------------

_MOST_BATCHES = 1000


@driver
def look_at_batches(attempt, x, y, batch_size, rng):
    """What can be said about batches whatever the shuffle: sizes, lost, repeated and torn points, use of `rng`."""
    points = list(zip(x[:, 0].tolist(), y[:, 0].tolist(), strict=True))
    columns = x.copy(), y.copy()
    others = [np.random.default_rng(seed) for seed in rng.integers(2**32, size=3)]
    result = attempt(x, y, batch_size, deepcopy(rng))
    if result is None or result is ...:
        return result
    batches = _batches_of(result)
    walk = lambda rng: _batches_of(attempt(*deepcopy(columns), batch_size, rng))
    again = walk(rng)
    used = [point for batch in batches for point in batch]
    return {
        "sizes": [len(batch) for batch in batches],
        "some x has the y of another point": not set(used) <= set(points),
        "some point is left out": not set(points) <= set(used),
        "some point is used twice": len(set(used)) < len(used),
        "the order is the given one": used == points[: len(used)],
        "same rng, same order": batches == again,
        "another rng, another order": any(walk(other) != batches for other in others),
        "called again, another order": any(walk(rng) != batches for _ in range(3)),
    }


def _batches_of(result):
    """The batches as lists of points, read one at a time as a loop would, or a complaint about their form."""
    try:
        steps = iter(result)
    except TypeError:
        raise Unusable(
            "It should give batches to a for loop: yield them one by one, or return a list of them. It returns an "
            f"object of type {type(result).__name__}."
        ) from None
    if isinstance(result, tuple | list) and len(result) == 2 and all(_is_column(part) for part in result):
        raise Unusable(
            "It returns one pair, x_batch and y_batch, and so ends after the first batch. Write `yield x_batch, "
            "y_batch` in the loop in place of `return`, or collect all pairs in a list and return that after the loop."
        )
    batches = [_points_of(batch) for batch in islice(steps, _MOST_BATCHES + 1)]
    if len(batches) > _MOST_BATCHES:
        raise Unusable(f"It gives more than {_MOST_BATCHES} batches: one epoch ends when every point was used once.")
    return batches


def _points_of(batch):
    try:
        x, y = map(np.asarray, batch)
    except (TypeError, ValueError):
        raise Unusable(
            f"Each batch should be a pair (x_batch, y_batch), but one is an object of type {type(batch).__name__} that "
            "is no pair of columns."
        ) from None
    for name, part in (("x_batch", x), ("y_batch", y)):
        if not _is_column(part):
            raise Unusable(f"{name} has shape {part.shape}. Keep the column, also for a single point: (n, 1).")
    if len(x) != len(y):
        raise Unusable(f"In one batch there are {len(x)} x and {len(y)} y: each x belongs to one y.")
    return list(zip(x[:, 0].tolist(), y[:, 0].tolist(), strict=True))


def _is_column(part):
    return isinstance(part, np.ndarray) and part.ndim == 2 and part.shape[1] == 1


def _points_to_batch(rng):
    for label, n, batch_size in (
        ("20 points, 8 in a batch", 20, 8),
        ("24 points, 6 in a batch", 24, 6),
        ("10 points, one at a time", 10, 1),
        ("15 points, 7 in a batch", 15, 7),
    ):
        # Whole numbers, so that a point is known again in single precision too.
        x = rng.integers(-9, 9) + np.arange(float(n))[:, None]
        call = f"minibatches(x, y, batch_size={batch_size}, rng) on {n} points"
        yield Case(label, x, 100 - 3 * x, batch_size, np.random.default_rng(rng.integers(2**32)), call=call)


@exercise(
    inputs=_points_to_batch,
    driver=look_at_batches,
    returns=("the report",),
    hints=(
        "Draw one random order of the numbers 0 … N-1, then walk through it in steps of batch_size: range(0, N, "
        "batch_size) gives the places where a batch starts.",
        "order[start : start + batch_size] are the points of one batch; a slice that runs over the end is cut off "
        "there, which makes the short last batch by itself.",
        "Index x and y with the same slice, and write `yield x[chosen], y[chosen]` inside the loop.",
    ),
)
def minibatches(x, y, batch_size, rng):
    """Go through all points once, in a fresh random order, a batch at a time.

    Parameters
    ----------
    x, y : ndarray of shape (N, 1)
    batch_size : int
        Number of points in a batch, from 1 to N.
    rng : numpy.random.Generator
        Source of all randomness: the same generator state gives the same order.

    Yields
    ------
    x_batch, y_batch : ndarray of shape (n, 1)
        n is `batch_size`, except in the last batch, which takes what is left.
    """
    order = rng.permutation(len(x))
    for start in range(0, len(x), batch_size):
        chosen = order[start : start + batch_size]
        yield x[chosen], y[chosen]


@minibatches.mistake(
    "The short last batch is dropped, so in every epoch some points are not used. Let the last batch take what is left."
)
def drops_the_short_batch(x, y, batch_size, rng):
    order = rng.permutation(len(x))
    for start in range(0, len(x) - batch_size + 1, batch_size):
        chosen = order[start : start + batch_size]
        yield x[chosen], y[chosen]


@minibatches.mistake(
    "The last full batch is dropped: range(0, N - batch_size, batch_size) stops too early. range(0, N, batch_size) has "
    "all the starts."
)
def stops_one_batch_early(x, y, batch_size, rng):
    order = rng.permutation(len(x))
    for start in range(0, len(x) - batch_size, batch_size):
        chosen = order[start : start + batch_size]
        yield x[chosen], y[chosen]


@minibatches.mistake(
    "Where batch_size divides N, the last batch is empty, and the mean over no point is nan. range(0, N, batch_size) "
    "starts no batch that has no point."
)
def ends_with_an_empty_batch(x, y, batch_size, rng):
    order = rng.permutation(len(x))
    for start in range(0, len(x) + 1, batch_size):
        chosen = order[start : start + batch_size]
        yield x[chosen], y[chosen]


@minibatches.mistake(
    "The points come in the order in which they were given. Sorted data then makes every batch one-sided, and every "
    "epoch has the same order. Draw the order from rng at each call."
)
def keeps_the_order(x, y, batch_size, rng):
    for start in range(0, len(x), batch_size):
        yield x[start : start + batch_size], y[start : start + batch_size]


@minibatches.mistake(
    "x and y are shuffled apart from each other, so each x stands beside a y of another point. Draw one order and "
    "index both with it."
)
def tears_points_apart(x, y, batch_size, rng):
    x, y = rng.permutation(x), rng.permutation(y)
    for start in range(0, len(x), batch_size):
        yield x[start : start + batch_size], y[start : start + batch_size]


@minibatches.mistake(
    "Every call gives the same order: the generator is made or seeded anew inside the function, so every epoch has the "
    "same batches. Use the one that was handed over as `rng`; it moves on by itself."
)
def reseeds_inside(x, y, batch_size, rng):
    return minibatches(x, y, batch_size, np.random.default_rng(0))


@minibatches.mistake(
    "The order does not come from `rng`: with the same generator state it differs from call to call, so nobody can "
    "repeat your run. Use rng.permutation or rng.shuffle in place of np.random."
)
def ignores_rng(x, y, batch_size, rng):
    return minibatches(x, y, batch_size, np.random.default_rng())


@minibatches.mistake(
    "The same rng gives the same order every time you call: you work on a copy of it. Draw from `rng` itself, so that "
    "the next epoch gets another order."
)
def draws_from_a_copy(x, y, batch_size, rng):
    return minibatches(x, y, batch_size, deepcopy(rng))


@minibatches.mistake(
    "Each batch is drawn from all points anew, so in one epoch some points are used twice and others not at all. Draw "
    "one order of all points and cut it into batches."
)
def draws_each_batch_anew(x, y, batch_size, rng):
    for start in range(0, len(x), batch_size):
        chosen = rng.choice(len(x), min(batch_size, len(x) - start), replace=False)
        yield x[chosen], y[chosen]


@minibatches.mistake(
    "Each batch is drawn from all points anew, and a last batch that should be short is full: in one epoch some points "
    "are used twice and others not at all. Draw one order of all points and cut it into batches."
)
def draws_full_batches_anew(x, y, batch_size, rng):
    for _ in range(0, len(x), batch_size):
        chosen = rng.integers(len(x), size=batch_size)
        yield x[chosen], y[chosen]


@minibatches.mistake(
    "The short last batch is filled up with points that this epoch has already used. Let it be short: an epoch uses "
    "every point once."
)
def fills_the_last_batch(x, y, batch_size, rng):
    order = rng.permutation(len(x))
    for start in range(0, len(x), batch_size):
        chosen = np.take(order, range(start, start + batch_size), mode="wrap")
        yield x[chosen], y[chosen]


@minibatches.mistake(
    "You make `batch_size` batches; it is the number of points in a batch. (The second argument of np.array_split is a "
    "number of parts.)"
)
def takes_size_for_number(x, y, batch_size, rng):
    for chosen in np.array_split(rng.permutation(len(x)), batch_size):
        yield x[chosen], y[chosen]


@minibatches.mistake(
    "The number of batches is right, but the points are spread evenly over them. All batches have batch_size points "
    "except the last, which takes what is left."
)
def evens_the_batches_out(x, y, batch_size, rng):
    for chosen in np.array_split(rng.permutation(len(x)), math.ceil(len(x) / batch_size)):
        yield x[chosen], y[chosen]


@minibatches.mistake(
    "The batches overlap: the start moves on by one point. Move it by batch_size, the third argument of range."
)
def moves_by_one(x, y, batch_size, rng):
    order = rng.permutation(len(x))
    for start in range(len(x)):
        chosen = order[start : start + batch_size]
        yield x[chosen], y[chosen]


@minibatches.mistake(
    "Only the first batch has points: your slices end at place batch_size, where the first batch ends. A slice goes "
    "from one place to another, so write start : start + batch_size."
)
def slices_to_the_size(x, y, batch_size, rng):
    order = rng.permutation(len(x))
    for start in range(0, len(x), batch_size):
        chosen = order[start:batch_size]
        yield x[chosen], y[chosen]


@minibatches.mistake(
    "There is only one batch, the first: `return` stands inside the loop. Yield each batch, or return after the loop."
)
def gives_one_batch(x, y, batch_size, rng):
    chosen = rng.permutation(len(x))[:batch_size]
    yield x[chosen], y[chosen]


# An epoch ----------------------------------------------------------------------------------------------------------


@driver
def walk_through(attempt, batches, b, w, lr):
    """Hand the batches over one by one, as minibatches does: there is no second walk through them, and no len."""
    return attempt(((x, y) for x, y in batches), b, w, lr)


def _epochs(rng):
    cut = lambda x, y, *ends: list(zip(np.split(x, ends), np.split(y, ends), strict=True))
    x = rng.permutation(np.arange(1.0, 6.0))[:3, None]
    yield _epoch("two points, then one", cut(x, 1 + 2 * x + rng.choice([-1, 1], (3, 1)), 2), 0.0, 1.0, 0.01)
    yield _epoch("batches of 4, 4 and 2", cut(*_line(rng, 10), 4, 8), *_parameters(rng), 0.05)
    yield _epoch("one point at a time", cut(*_line(rng, 4), 1, 2, 3), *_parameters(rng), 0.02)
    yield _epoch("all points in one batch", cut(*_line(rng, 6)), *_parameters(rng), 0.1)
    x, y = (column.astype(np.float32) for column in _line(rng, 7))
    yield _epoch("single precision (float32)", cut(x, y, 3, 6), *_parameters(rng), 0.05)


def _epoch(label, batches, b, w, lr):
    call = f"sgd_epoch(batches, b={b:.6g}, w={w:.6g}, lr={lr})"
    for name, (x, y) in enumerate(batches):
        x, y = (", ".join(f"{value:.6g}" for value in column[:, 0]) for column in (x, y))
        call += f"\nbatch {name}: x = {x}; y = {y}"
    return Case(label, batches, b, w, lr, call=call)


@exercise(
    inputs=_epochs,
    driver=walk_through,
    returns=("b", "w"),
    hints=(
        "Loop over the batches: for x_batch, y_batch in batches. One round of this loop is one update.",
        "In the loop, compute the gradients on x_batch and y_batch at the present b and w, then update b and w. After "
        "the loop, return them.",
    ),
)
def sgd_epoch(batches, b, w, lr):
    """One epoch: one update for each batch, with the gradients of that batch alone.

    Parameters
    ----------
    batches : iterable of (x_batch, y_batch)
        Pairs of arrays of shape (n, 1); n may differ from batch to batch. It may be a generator: one walk, no length.
    b, w : float
        Where the epoch starts.
    lr : float
        Learning rate.

    Returns
    -------
    b, w : float
        The parameters after the last update.
    """
    for x_batch, y_batch in batches:
        b_grad, w_grad = gradients(x_batch, y_batch, b, w)
        b, w = update(b, w, b_grad, w_grad, lr)
    return b, w


@sgd_epoch.mistake(
    "There is one update for the whole epoch, with the mean of the batches' gradients. Update after every batch: the "
    "next batch then starts from better parameters."
)
def updates_once(batches, b, w, lr):
    grads = np.mean([gradients(x, y, b, w) for x, y in batches], axis=0)
    return update(b, w, *grads, lr)


@sgd_epoch.mistake(
    "All gradients are computed at the parameters with which the epoch began. Compute each batch's gradients at the b "
    "and w that the batch before has left."
)
def computes_at_the_start(batches, b, w, lr):
    grads = np.sum([gradients(x, y, b, w) for x, y in batches], axis=0)
    return update(b, w, *grads, lr)


@sgd_epoch.mistake("Only the first batch is used: `return` stands inside the loop. Indent it like the line with `for`.")
def returns_in_the_loop(batches, b, w, lr):
    x, y = next(iter(batches))
    return update(b, w, *gradients(x, y, b, w), lr)


@sgd_epoch.mistake(
    "Each batch starts again from the first b and w, so only the last batch counts. Assign the updated values to b and "
    "w themselves."
)
def restarts_for_each_batch(batches, b, w, lr):
    x, y = list(batches)[-1]
    return update(b, w, *gradients(x, y, b, w), lr)


@sgd_epoch.mistake(
    "Every update uses the gradients of all points. Then it is batch gradient descent at the full price for each "
    "update: use x_batch and y_batch of this round only."
)
def uses_the_whole_set(batches, b, w, lr):
    batches = list(batches)
    x, y = (np.concatenate(columns) for columns in zip(*batches, strict=True))
    for _ in batches:
        b, w = update(b, w, *gradients(x, y, b, w), lr)
    return b, w


@sgd_epoch.mistake(
    "You divide by the number N of all points. The gradient of a batch is the mean over its own n points: divide by n."
)
def means_over_all(batches, b, w, lr):
    batches = list(batches)
    n_points = sum(len(x) for x, _ in batches)
    for x, y in batches:
        b, w = update(b, w, *gradients(x, y, b, w), lr * len(x) / n_points)
    return b, w


@sgd_epoch.mistake(
    "You divide by the size of the first batch also in a batch that is shorter. Divide by the number of points that "
    "are in this batch; .mean() does."
)
def means_over_the_first_size(batches, b, w, lr):
    size = None
    for x, y in batches:
        size = size or len(x)
        b, w = update(b, w, *gradients(x, y, b, w), lr * len(x) / size)
    return b, w


@sgd_epoch.mistake("You sum over the points of a batch. Take the mean, so that the same lr suits batches of any size.")
def sums_over_the_batch(batches, b, w, lr):
    for x, y in batches:
        b, w = update(b, w, *gradients(x, y, b, w), lr * len(x))
    return b, w


@sgd_epoch.mistake("You walk uphill: the gradient points to larger loss. Subtract lr · gradient.")
def walks_uphill(batches, b, w, lr):
    return sgd_epoch(batches, b, w, -lr)


@sgd_epoch.mistake("The factor 2 is missing: the derivative of error² is 2 · error.")
def no_factor_two(batches, b, w, lr):
    return sgd_epoch(batches, b, w, lr / 2)


@sgd_epoch.mistake(
    "w is updated with a gradient that was computed after b had moved. Compute both gradients of a batch, then update "
    "both parameters."
)
def updates_in_turn(batches, b, w, lr):
    for x, y in batches:
        b = b - lr * 2 * (predict(x, b, w) - y).mean()
        w = w - lr * 2 * (x * (predict(x, b, w) - y)).mean()
    return b, w


@sgd_epoch.mistake(
    "The parameters have not moved. Take what update returns: b, w = update(…). And go through `batches` with one loop "
    "only: a generator that was walked through before, to count its batches for example, is empty."
)
def drops_the_update(batches, b, w, lr):
    return b, w


# Training ----------------------------------------------------------------------------------------------------------
#
# A shuffle cannot be prescribed. So three cases are chosen in which it makes no difference, and in a fourth the result
# itself tells which points each update used: with x = 0 only b moves, b ← r · b + (1 - r) · mean(y of the batch), where
# r = 1 - 2 · lr. With r = 1/64 and means that are whole numbers below 64, b is a number in base 64, and its digits
# are these means, the latest first.

_BASE = 64
_TRACED_LR = (1 - 1 / _BASE) / 2
_TRACED_Y = 2.0 ** np.arange(1, 6)[:, None]
_TRACED_SIZE = 2
_TRACED_UPDATES = 3
_TRACED_SEEDS = 5
_TRACED_BATCHES = {
    int(_TRACED_Y[list(points)].mean()): points
    for size in range(1, _TRACED_SIZE + 1)
    for points in combinations(range(len(_TRACED_Y)), size)
}


def _traced_points(b):
    """The points of the last three updates, oldest first; no points where the update was no mean over one or two."""
    value, latest_first = b * _BASE / (_BASE - 1), []
    for _ in range(_TRACED_UPDATES):
        if not 0.5 < value < _BASE:
            break
        # What follows a digit is at most 0.52, so a quarter is room for rounding on either side.
        mean = int(value + 0.25)
        latest_first.append(_TRACED_BATCHES.get(mean, ()))
        value = (value - mean) * _BASE
    return [point for points in reversed(latest_first) for point in points]


def _trace(run, seeds):
    """What can be said about the points that updates use, whatever the shuffle. ``run(n_epochs, rng)`` returns b."""
    first, again = ([run(1, np.random.default_rng(seed)) for seed in seeds] for _ in range(2))
    second = [run(2, np.random.default_rng(seed)) for seed in seeds]
    orders = [_traced_points(b) for b in first]
    everyone = list(range(len(_TRACED_Y)))
    return {
        "every epoch uses every point once": all(
            sorted(order) == everyone for order in orders + [_traced_points(b) for b in second]
        ),
        "the order is the given one": all(order == everyone for order in orders),
        # The epoch before moves b by less than 2e-4, another order by more than 1e-2.
        "the next epoch has another order": not np.allclose(first, second, rtol=0, atol=2e-3),
        "same rng, same result": np.allclose(again, first),
        "another rng, another result": not np.allclose(first, first[0]),
    }


def _whatever_the_shuffle(results, names):
    """The result of runs with different rngs, by name, where the shuffle cannot matter; nothing of it where it did."""
    if results[0] is None or results[0] is ...:
        return results[0]
    for result in results:
        if not isinstance(result, tuple | list | np.ndarray) or len(result) != len(names):
            listed = isinstance(result, tuple | list | np.ndarray)
            found = f"{len(result)} values" if listed else f"an object of type {type(result).__name__}"
            raise Unusable(f"It should return {len(names)} values ({', '.join(names)}) but returns {found}.")
    same = _alike([result[:2] for result in results])
    return {"the same for every rng": same} | {
        name: part if same else None for name, part in zip(names, results[0], strict=True)
    }


def _alike(places):
    try:
        numbers = np.array([[_number(value) for value in place] for place in places])
    except (TypeError, ValueError):
        return True
    # The sum of the same numbers in another order differs by rounding, in single precision too.
    return bool(np.allclose(numbers, numbers[0], rtol=1e-4, atol=1e-6, equal_nan=True))


def _number(value):
    return np.asarray(value, dtype=float).item()


def _runs(x, y, seeds):
    """The data and an rng for each run; the first run gets the arguments themselves, so that changes to them show."""
    for index, seed in enumerate(seeds):
        yield (x.copy(), y.copy()) if index else (x, y), np.random.default_rng(seed)


@driver
def look_at_training(attempt, x, y, b, w, lr, n_epochs, batch_size, seeds, traced):
    """Train once for each seed: the result where no shuffle can change it, or else what holds whatever the shuffle."""
    if not traced:
        results = [attempt(*data, b, w, lr, n_epochs, batch_size, rng) for data, rng in _runs(x, y, seeds)]
        return _whatever_the_shuffle(results, ("b", "w", "losses"))
    train = lambda n_epochs, rng: attempt(x.copy(), y.copy(), b, w, lr, n_epochs, batch_size, rng)
    report = _trace(lambda n_epochs, rng: _number(train(n_epochs, rng)[0]), seeds)
    _, _, losses = train(1, np.random.default_rng(seeds[0]))
    return report | {"losses[0]": losses[0]}


def _settings(rng):
    """Label, x, y, b, w, lr and batch size: the order of the points cannot matter, but in the last, which is traced."""
    x, y = _line(rng, 6)
    b, w = _parameters(rng)
    yield "all points in one batch", x, y, b, w, float(rng.uniform(0.05, 0.1)), 6
    batch_size = int(rng.integers(2, 4))
    # An error of at least 1, so that an update more or less shows.
    point, error = rng.uniform(0.5, 2), rng.uniform(1, 2)
    x, y = np.full((7, 1), point), np.full((7, 1), b + w * point + error)
    yield f"the same point 7 times, {batch_size} in a batch", x, y, b, w, float(rng.uniform(0.02, 0.05)), batch_size
    x = rng.uniform(-2, 2, (6, 1))
    yield "the start is the solution", x, b + w * x, b, w, 0.05, 2
    yield "which points the updates use", np.zeros((5, 1)), _TRACED_Y, 0.0, 0.0, _TRACED_LR, _TRACED_SIZE


def _cases(rng, name, n_epochs=()):
    """Cases for an exercise called ``name(x, y, b, w, lr, [n_epochs,] batch_size, rng)``."""
    for label, x, y, b, w, lr, batch_size in _settings(rng):
        traced = y is _TRACED_Y
        seeds = rng.integers(2**32, size=_TRACED_SEEDS if traced else 2).tolist()
        listed = [", ".join(f"{value:.6g}" for value in column[:, 0]) for column in (x, y)]
        epochs = "".join(f"n_epochs={number}, " for number in n_epochs)
        call = f"{name}(x, y, b={b:.6g}, w={w:.6g}, lr={lr:.6g}, {epochs}batch_size={batch_size}, rng)"
        call += f"\nx = {listed[0]}\ny = {listed[1]}"
        if traced:
            call += f"\nfor {len(seeds)} generators, one epoch and two: with x = 0, b tells which y came when"
        yield Case(label, x, y, b, w, lr, *n_epochs, batch_size, seeds, traced, call=call)


def _trainings(rng):
    yield from _cases(rng, "train_minibatch", (2,))


@exercise(
    inputs=_trainings,
    driver=look_at_training,
    returns=("the report",),
    # Losses fall by orders of magnitude, and a right answer in single precision loses digits on the way.
    tolerance=Tolerance(relative=1e-4, absolute=1e-5),
    builds_on=(minibatches, sgd_epoch),
    hints=(
        "One round of the loop is one epoch. First record the loss over all points, then go through the batches.",
        "minibatches(x, y, batch_size, rng) gives the batches of one epoch in a fresh order, sgd_epoch(batches, b, w, "
        "lr) does its updates. Call both in every round, and hand on the rng that you were given.",
    ),
)
def train_minibatch(x, y, b, w, lr, n_epochs, batch_size, rng):
    """Gradient descent with one update for each batch.

    Parameters
    ----------
    x, y : ndarray of shape (N, 1)
    b, w : float
        Where to start.
    lr : float
        Learning rate.
    n_epochs : int
        How often every point is used.
    batch_size : int
        Points in a batch: N for batch, 1 for stochastic gradient descent.
    rng : numpy.random.Generator
        Source of all randomness; every epoch draws a fresh order from it.

    Returns
    -------
    b, w : float
        The parameters after the last update.
    losses : list of float
        ``losses[i]`` is the loss over all points just before epoch ``i``, so there are `n_epochs` of them.
    """
    losses = []
    for _ in range(n_epochs):
        losses.append(mse(predict(x, b, w), y))
        b, w = sgd_epoch(minibatches(x, y, batch_size, rng), b, w, lr)
    return b, w, losses


def _train_with(x, y, b, w, n_epochs, epoch):
    """The loop over the epochs with another way to do one: ``epoch(b, w)`` returns the new b and w."""
    losses = []
    for _ in range(n_epochs):
        losses.append(mse(predict(x, b, w), y))
        b, w = epoch(b, w)
    return b, w, losses


@train_minibatch.mistake(
    "The short last batch is dropped, so some points of every epoch are not used. Let the last batch take what is left."
)
def trains_without_the_short_batch(x, y, b, w, lr, n_epochs, batch_size, rng):
    batches = lambda: drops_the_short_batch(x, y, batch_size, rng)
    return _train_with(x, y, b, w, n_epochs, lambda b, w: sgd_epoch(batches(), b, w, lr))


@train_minibatch.mistake(
    "The batches are drawn once and used in every epoch in the same order. Draw a fresh order inside the loop over the "
    "epochs: call minibatches there."
)
def same_order_each_epoch(x, y, b, w, lr, n_epochs, batch_size, rng):
    batches = list(minibatches(x, y, batch_size, rng))
    return _train_with(x, y, b, w, n_epochs, lambda b, w: sgd_epoch(batches, b, w, lr))


@train_minibatch.mistake(
    "Only the first epoch does anything: a generator can be walked through once, and yours is made before the loop. "
    "Call minibatches inside the loop over the epochs."
)
def walks_an_empty_generator(x, y, b, w, lr, n_epochs, batch_size, rng):
    batches = minibatches(x, y, batch_size, rng)
    return _train_with(x, y, b, w, n_epochs, lambda b, w: sgd_epoch(batches, b, w, lr))


@train_minibatch.mistake(
    "The points are not shuffled: every epoch uses them in the order in which they were given. Draw a fresh order for "
    "each epoch from rng."
)
def trains_in_the_given_order(x, y, b, w, lr, n_epochs, batch_size, rng):
    batches = lambda: keeps_the_order(x, y, batch_size, rng)
    return _train_with(x, y, b, w, n_epochs, lambda b, w: sgd_epoch(batches(), b, w, lr))


@train_minibatch.mistake(
    "The generator is made anew, or seeded, inside the loop: every epoch then has the same order, whatever rng was "
    "handed over. Draw from `rng` and leave it alone; it moves on by itself."
)
def reseeds_each_epoch(x, y, b, w, lr, n_epochs, batch_size, rng):
    return same_order_each_epoch(x, y, b, w, lr, n_epochs, batch_size, np.random.default_rng(0))


@train_minibatch.mistake(
    "The `rng` that was handed over is replaced by one with a seed of its own, so every call trains in the same "
    "orders. Draw from the one that you are given."
)
def seeds_inside(x, y, b, w, lr, n_epochs, batch_size, rng):
    return train_minibatch(x, y, b, w, lr, n_epochs, batch_size, np.random.default_rng(0))


@train_minibatch.mistake(
    "The order does not come from `rng`: with the same generator state the result differs from call to call, so nobody "
    "can repeat your run."
)
def trains_without_rng(x, y, b, w, lr, n_epochs, batch_size, rng):
    return train_minibatch(x, y, b, w, lr, n_epochs, batch_size, np.random.default_rng())


@train_minibatch.mistake(
    "Each batch is drawn from all points anew, so in one epoch some points are used twice and others not at all. Draw "
    "one order for an epoch and cut it into batches."
)
def trains_on_fresh_draws(x, y, b, w, lr, n_epochs, batch_size, rng):
    batches = lambda: draws_full_batches_anew(x, y, batch_size, rng)
    return _train_with(x, y, b, w, n_epochs, lambda b, w: sgd_epoch(batches(), b, w, lr))


@train_minibatch.mistake(
    "Some points are used twice in an epoch: each batch is drawn from all points anew, or the short last batch is "
    "filled up. Cut one order of all points into batches, and let the last one be short."
)
def uses_points_twice(x, y, b, w, lr, n_epochs, batch_size, rng):
    batches = lambda: fills_the_last_batch(x, y, batch_size, rng)
    return _train_with(x, y, b, w, n_epochs, lambda b, w: sgd_epoch(batches(), b, w, lr))


@train_minibatch.mistake(
    "Every update uses the gradients of the whole set, x and y, in place of those of the batch. The number of updates "
    "is that of mini-batches, at the full price for each: use x_batch and y_batch."
)
def trains_on_the_whole_set(x, y, b, w, lr, n_epochs, batch_size, rng):
    batches = lambda: ((x, y) for _ in range(0, len(x), batch_size))
    return _train_with(x, y, b, w, n_epochs, lambda b, w: sgd_epoch(batches(), b, w, lr))


@train_minibatch.mistake(
    "You divide a batch's gradient by the number N of all points. It is the mean over the n points of the batch: "
    "divide by n, or use .mean()."
)
def trains_with_means_over_all(x, y, b, w, lr, n_epochs, batch_size, rng):
    batches = lambda: minibatches(x, y, batch_size, rng)
    return _train_with(x, y, b, w, n_epochs, lambda b, w: means_over_all(batches(), b, w, lr))


@train_minibatch.mistake(
    "You divide by batch_size also in the last batch, which is shorter. Divide by the number of points that are in it; "
    ".mean() does."
)
def trains_with_means_over_batch_size(x, y, b, w, lr, n_epochs, batch_size, rng):
    batches = lambda: minibatches(x, y, batch_size, rng)
    return _train_with(x, y, b, w, n_epochs, lambda b, w: means_over_the_first_size(batches(), b, w, lr))


@train_minibatch.mistake("You sum over the points of a batch; the gradient of the loss is a mean over them.")
def trains_with_sums(x, y, b, w, lr, n_epochs, batch_size, rng):
    batches = lambda: minibatches(x, y, batch_size, rng)
    return _train_with(x, y, b, w, n_epochs, lambda b, w: sums_over_the_batch(batches(), b, w, lr))


@train_minibatch.mistake(
    "There is only one update in each epoch, where every batch should make one: the update, or a `return`, stands at "
    "the wrong indentation. Let the loop over the batches run to its end, with an update in every round."
)
def one_update_an_epoch(x, y, b, w, lr, n_epochs, batch_size, rng):
    batches = lambda: minibatches(x, y, batch_size, rng)
    return _train_with(x, y, b, w, n_epochs, lambda b, w: updates_once(batches(), b, w, lr))


@train_minibatch.mistake(
    "x and y are shuffled apart from each other, so each x stands beside a y of another point. Draw one order and "
    "index both with it."
)
def trains_on_torn_points(x, y, b, w, lr, n_epochs, batch_size, rng):
    batches = lambda: tears_points_apart(x, y, batch_size, rng)
    return _train_with(x, y, b, w, n_epochs, lambda b, w: sgd_epoch(batches(), b, w, lr))


@train_minibatch.mistake(
    "The loss is recorded after the epoch; losses[i] is the loss just before epoch i, so record it first."
)
def records_after_the_epoch(x, y, b, w, lr, n_epochs, batch_size, rng):
    losses = []
    for _ in range(n_epochs):
        b, w = sgd_epoch(minibatches(x, y, batch_size, rng), b, w, lr)
        losses.append(mse(predict(x, b, w), y))
    return b, w, losses


@train_minibatch.mistake(
    "A loss is recorded for each update. Record one for each epoch, before its first batch, over all points: runs with "
    "other batch sizes then compare."
)
def records_each_update(x, y, b, w, lr, n_epochs, batch_size, rng):
    losses = []
    for _ in range(n_epochs):
        for batch in minibatches(x, y, batch_size, rng):
            losses.append(mse(predict(x, b, w), y))
            b, w = sgd_epoch([batch], b, w, lr)
    return b, w, losses


def _records_of_batches(x, y, b, w, lr, n_epochs, batch_size, rng, choose):
    losses = []
    for _ in range(n_epochs):
        seen = []
        for x_batch, y_batch in minibatches(x, y, batch_size, rng):
            seen.append(mse(predict(x_batch, b, w), y_batch))
            b, w = sgd_epoch([(x_batch, y_batch)], b, w, lr)
        losses.append(choose(seen))
    return b, w, losses


@train_minibatch.mistake(
    "The recorded loss is that of the last batch of each epoch, not that of all points before the epoch. A single "
    "batch says little: compute it from x and y, before the loop over the batches."
)
def records_the_last_batch(x, y, b, w, lr, n_epochs, batch_size, rng):
    return _records_of_batches(x, y, b, w, lr, n_epochs, batch_size, rng, lambda seen: seen[-1])


@train_minibatch.mistake(
    "The recorded loss is that of the first batch of each epoch, not that of all points. Compute it from x and y."
)
def records_the_first_batch(x, y, b, w, lr, n_epochs, batch_size, rng):
    return _records_of_batches(x, y, b, w, lr, n_epochs, batch_size, rng, lambda seen: seen[0])


@train_minibatch.mistake(
    "The recorded loss is the mean of the batches' losses, each taken at other parameters. Compute it over all points, "
    "before the first update of the epoch."
)
def records_the_mean_of_batches(x, y, b, w, lr, n_epochs, batch_size, rng):
    return _records_of_batches(x, y, b, w, lr, n_epochs, batch_size, rng, lambda seen: sum(seen) / len(seen))


@train_minibatch.mistake("The parameters are set back to the start in every epoch. Set them once, before the loop.")
def restarts_each_epoch(x, y, b, w, lr, n_epochs, batch_size, rng):
    epoch = lambda: sgd_epoch(minibatches(x, y, batch_size, rng), b, w, lr)
    return *[epoch() for _ in range(n_epochs)][-1], [mse(predict(x, b, w), y)] * n_epochs


# The largest stable learning rate ----------------------------------------------------------------------------------


def _places(rng):
    x = rng.permutation([-4.0, -1.0, 1.0, 2.0])[:, None]
    yield Case("four points", x)
    x = rng.uniform(1, 3, (12, 1))
    yield Case("all x on one side of 0", x)
    x = np.append(rng.uniform(-1, 3, (9, 1)), [[-4.0]], axis=0)
    yield Case("the farthest x is negative", x)
    yield Case("large numbers", 1e3 * rng.uniform(-2, 1, (8, 1)))
    yield Case("single precision (float32)", rng.uniform(-3, 2, (8, 1)).astype(np.float32))


@exercise(
    inputs=_places,
    returns=("lr_batch", "lr_point"),
    hints=(
        "For one point the curvature is 2 · (x² + 1). A learning rate is safe for every point if it is so for the one "
        "with the largest curvature.",
        "For the batch, put the Hessian together, np.array([[2, 2 * m], [2 * m, 2 * s]]), with m the mean of x and s "
        "the mean of x², and take the largest of np.linalg.eigvalsh(…).",
        "Both times the largest stable learning rate is 2 / (largest curvature).",
    ),
)
def largest_stable_lr(x):
    """Give the learning rate above which gradient descent on the MSE of a line is not stable.

    Parameters
    ----------
    x : ndarray of shape (N, 1)

    Returns
    -------
    lr_batch : float
        For updates that use all points: above it the steps along the steepest direction grow.
    lr_point : float
        For updates that use one point: above it there is a point whose own update makes its error larger.
    """
    hessian = 2 * np.array([[1, x.mean()], [x.mean(), (x**2).mean()]])
    lr_batch = 2 / np.linalg.eigvalsh(hessian).max()
    lr_point = 2 / (2 * (x**2 + 1)).max()
    return lr_batch, lr_point


def _curvatures(x, mean=np.mean):
    """The eigenvalues of the Hessian over all points, and the curvature of each point."""
    x = np.asarray(x, dtype=float)
    return np.linalg.eigvalsh(2 * np.array([[mean(x**0), mean(x)], [mean(x), mean(x**2)]])), 2 * (x**2 + 1)


@largest_stable_lr.mistake(
    "You give 1/L, with L the largest curvature. That is the step that lands at the bottom in one go; steps up to "
    "twice as long still come closer, so the limit is 2/L."
)
def takes_one_over(x):
    batch, points = _curvatures(x)
    return 1 / batch.max(), 1 / points.max()


@largest_stable_lr.mistake(
    "For the batch you take the mean of the two eigenvalues. Stability is decided where the bowl is steepest: take the "
    "largest, max in place of mean."
)
def averages_the_eigenvalues(x):
    batch, points = _curvatures(x)
    return 2 / batch.mean(), 2 / points.max()


@largest_stable_lr.mistake(
    "For one point you take the mean of the points' curvatures. The run meets every point, the steepest too, and there "
    "the error would grow: take the largest, max in place of mean."
)
def averages_the_points(x):
    batch, points = _curvatures(x)
    return 2 / batch.max(), 2 / points.mean()


@largest_stable_lr.mistake(
    "You take means of curvatures, for the batch and for the points. Stability is decided by the largest: max in place "
    "of mean, both times."
)
def averages_both(x):
    batch, points = _curvatures(x)
    return 2 / batch.mean(), 2 / points.mean()


@largest_stable_lr.mistake(
    "For the batch you take the smallest eigenvalue, the flattest direction. The steepest one gives way first: take "
    "the largest."
)
def takes_the_flattest_direction(x):
    batch, points = _curvatures(x)
    return 2 / batch.min(), 2 / points.max()


@largest_stable_lr.mistake(
    "For the batch you give two numbers: np.linalg.eigvalsh returns both curvatures of the bowl. The steepest "
    "direction decides, so take the largest, neither sum nor average."
)
def keeps_both_eigenvalues(x):
    batch, points = _curvatures(x)
    return 2 / batch, 2 / points.max()


@largest_stable_lr.mistake(
    "In the Hessian stands the square of the mean of x where the mean of x² belongs. Square first, then average: "
    "(x**2).mean()."
)
def squares_the_mean(x):
    mean = np.asarray(x, dtype=float).mean()
    _, points = _curvatures(x)
    return 1 / (1 + mean**2), 2 / points.max()


@largest_stable_lr.mistake(
    "For the batch you take the sum of the eigenvalues. The largest one alone decides. (np.trace gives the sum; "
    "np.linalg.eigvalsh gives them one by one.)"
)
def adds_the_eigenvalues(x):
    batch, points = _curvatures(x)
    return 2 / batch.sum(), 2 / points.max()


@largest_stable_lr.mistake(
    "For the batch you take the larger number on the diagonal. The corners of the Hessian matter as well, unless the "
    "mean of x is 0: take the largest eigenvalue."
)
def reads_the_diagonal(x):
    _, points = _curvatures(x)
    return 2 / max(2.0, 2 * np.mean(np.asarray(x, dtype=float) ** 2)), 2 / points.max()


@largest_stable_lr.mistake(
    "For the batch the Hessian is summed over the points. The loss is a mean, so its second derivatives are means too: "
    "divide by N."
)
def sums_the_hessian(x):
    batch, points = _curvatures(x, np.sum)
    return 2 / batch.max(), 2 / points.max()


@largest_stable_lr.mistake(
    "The factor 2 of the curvature is missing: the second derivative of error² is 2 for b, and 2x² for w. You give "
    "twice the largest stable learning rate."
)
def forgets_the_two(x):
    batch, points = _curvatures(x)
    return 4 / batch.max(), 4 / points.max()


@largest_stable_lr.mistake(
    "b is left out: the curvature of one point is 2 · (x² + 1), and the 1 is the share of b. In the Hessian it is the "
    "row and the column of b."
)
def leaves_out_b(x):
    squares = np.asarray(x, dtype=float) ** 2
    return 1 / squares.mean(), 1 / squares.max()


@largest_stable_lr.mistake(
    "For one point you take the largest x, but the largest x² may belong to a negative x. Square first, then take the "
    "maximum."
)
def overlooks_negative_x(x):
    batch, points = _curvatures(x)
    return 2 / batch.max(), points.dtype.type(1 / (float(x.max()) ** 2 + 1))


@largest_stable_lr.mistake(
    "For one point you give the learning rate that suits the flattest point. Every point has its turn, so the steepest "
    "one sets the limit: the smallest of the points' limits."
)
def takes_the_flattest_point(x):
    batch, points = _curvatures(x)
    return 2 / batch.max(), 2 / points.min()


@largest_stable_lr.mistake("You return the curvatures. The largest stable learning rate is 2 / curvature.")
def returns_the_curvatures(x):
    batch, points = _curvatures(x)
    return batch.max(), points.max()


@largest_stable_lr.mistake("The two are exchanged: return lr_batch first, then lr_point.")
def exchanges_the_two(x):
    return largest_stable_lr(x)[::-1]


# Find the bug ------------------------------------------------------------------------------------------------------


@driver
def look_at_epoch(attempt, x, y, b, w, lr, batch_size, seeds, traced):
    """Do an epoch for each seed: the result where no shuffle can change it, or else what holds whatever the shuffle."""
    if not traced:
        results = [attempt(*data, b, w, lr, batch_size, rng) for data, rng in _runs(x, y, seeds)]
        return _whatever_the_shuffle(results, ("b", "w"))

    def run(n_epochs, rng):
        place = b, w
        for _ in range(n_epochs):
            place = attempt(x.copy(), y.copy(), *map(_number, place), lr, batch_size, rng)
        return _number(place[0])

    return _trace(run, seeds)


def _torn_epochs(rng):
    yield from _cases(rng, "shuffled_epoch")


@exercise(
    inputs=_torn_epochs,
    driver=look_at_epoch,
    returns=("the report",),
    hints=(
        "The line comes out flat, as if x did not matter. Take three points by hand, and follow one pair (x, y) "
        "through the function: where does it end up?",
        "rng.permutation draws a new order at every call. Two calls, two orders.",
        "Draw one order, rng.permutation(len(x)), and index both x and y with it.",
    ),
)
def shuffled_epoch(x, y, b, w, lr, batch_size, rng):
    """One epoch of mini-batch gradient descent: shuffle, then one update for each batch.

    Parameters
    ----------
    x, y : ndarray of shape (N, 1)
    b, w : float
    lr : float
        Learning rate.
    batch_size : int
    rng : numpy.random.Generator

    Returns
    -------
    b, w : float
    """
    order = rng.permutation(len(x))
    x_shuffled, y_shuffled = x[order], y[order]
    for start in range(0, len(x), batch_size):
        x_batch = x_shuffled[start : start + batch_size]
        y_batch = y_shuffled[start : start + batch_size]
        b_grad, w_grad = gradients(x_batch, y_batch, b, w)
        b, w = update(b, w, b_grad, w_grad, lr)
    return b, w


@shuffled_epoch.mistake(
    "x and y still get an order each, so most x stand beside the y of another point. Draw one order for both."
)
def still_torn(x, y, b, w, lr, batch_size, rng):
    return sgd_epoch(tears_points_apart(x, y, batch_size, rng), b, w, lr)


@shuffled_epoch.mistake(
    "Now only x is shuffled and y stays as it was, so the pairs are torn all the same. Use one order for both."
)
def shuffles_only_x(x, y, b, w, lr, batch_size, rng):
    return sgd_epoch(keeps_the_order(rng.permutation(x), y, batch_size, rng), b, w, lr)


@shuffled_epoch.mistake(
    "The pairs are whole again, but nothing is shuffled any more: every epoch goes through the points in the given "
    "order. Shuffle, with one order for x and y."
)
def shuffles_nothing(x, y, b, w, lr, batch_size, rng):
    return sgd_epoch(keeps_the_order(x, y, batch_size, rng), b, w, lr)


@shuffled_epoch.mistake(
    "The pairs are whole again, but with a seed inside the function every epoch has the same order, whatever rng was "
    "handed over. Draw one order from `rng` and use it twice."
)
def seeds_both_alike(x, y, b, w, lr, batch_size, rng):
    return shuffled_epoch(x, y, b, w, lr, batch_size, np.random.default_rng(0))


@shuffled_epoch.mistake(
    "The pairs are whole again, but the order does not come from `rng`, so nobody can repeat the run."
)
def shuffles_without_rng(x, y, b, w, lr, batch_size, rng):
    return shuffled_epoch(x, y, b, w, lr, batch_size, np.random.default_rng())


@shuffled_epoch.mistake(
    "The pairs are whole again, but the short last batch is gone. The bug is in the shuffling; leave the rest as it is."
)
def loses_the_short_batch(x, y, b, w, lr, batch_size, rng):
    return sgd_epoch(drops_the_short_batch(x, y, batch_size, rng), b, w, lr)


@shuffled_epoch.mistake(
    "Every update uses all points now: the slice of the batch is gone. The bug is in the shuffling; leave the rest as "
    "it is."
)
def loses_the_batches(x, y, b, w, lr, batch_size, rng):
    return sgd_epoch([(x, y) for _ in range(0, len(x), batch_size)], b, w, lr)


@shuffled_epoch.mistake(
    "Each batch is drawn from all points anew, so in one epoch some points are used twice and others not at all. Draw "
    "one order before the loop."
)
def shuffles_for_each_batch(x, y, b, w, lr, batch_size, rng):
    return sgd_epoch(draws_each_batch_anew(x, y, batch_size, rng), b, w, lr)


# Quiz --------------------------------------------------------------------------------------------------------------

counting_updates = Quiz(
    "counting_updates",
    "1000 points, batch size 64, 10 epochs. What is true?",
    a=right("There are 160 updates.", "how many updates make one epoch, if the last batch may be short?"),
    b=wrong("There are 150 updates.", "1000 / 64 is 15.6, and rounding down leaves out the points of the last batch."),
    c=right("In every epoch one batch has 40 points.", "15 full batches use 960 points. What happens to the others?"),
    d=wrong("An epoch uses 64 points.", "that is a batch; in an epoch every point is used once."),
)

cost_and_noise = Quiz(
    "cost_and_noise",
    "On 10,000 points you go from batches of 100 to batches of 25. What changes?",
    a=right("One update costs about a quarter.", "what an update has to compute is one error for each of its points."),
    b=right(
        "There are four times as many updates in an epoch.",
        "the same points, cut into smaller pieces: how many pieces?",
    ),
    c=right("The noise in a gradient doubles.", "the noise of a mean of n numbers goes with 1/√n. What is √(100/25)?"),
    d=wrong("An epoch uses four times as many points.", "whatever the batch size, an epoch uses each point once."),
)

why_it_blows_up = Quiz(
    "why_it_blows_up",
    "On the data of this lesson, lr = 0.1 works with all points in a batch, and blows up with one. Why?",
    a=wrong(
        "The gradient of a single point has the wrong sign.",
        "it points downhill for that point; it is the length of the step that goes wrong.",
    ),
    b=right(
        "At x = -5 one update makes the error of that point 4.2 times as large.",
        "compute 1 - 2 · lr · (x² + 1) for the steepest point. What does an update do to its error?",
    ),
    c=right(
        "In the mean over the batch, flat points make up for steep ones.",
        "the largest curvature of the batch is 16.7, that of single points goes up to 52. How can that be?",
    ),
    d=wrong(
        "The points come in a fixed order; shuffled it would work.",
        "shuffled, the loss grows even further: a step that is too long for a point is so in any order.",
    ),
)

what_calms_it = Quiz(
    "what_calms_it",
    "Stochastic gradient descent at a constant, safe lr: the loss has come down, and now jumps about above its lowest "
    "value. What makes it settle?",
    a=right(
        "a learning rate that decays",
        "the jumps are as long as lr times the noise. Which of the two can you shrink over time?",
    ),
    b=right("larger batches", "the jumps are as long as lr times the noise. What does a mean over more points do?"),
    c=wrong("more epochs at the same lr", "every update jumps as far as the ones before it: that does not wear off."),
    d=wrong(
        "the same order in every epoch",
        "then the jumps repeat from epoch to epoch, but each of them is as long as before.",
    ),
)
