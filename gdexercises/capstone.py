"""Lesson 10: real data from the table to the report, with one training loop in NumPy, in PyTorch and in JAX.

Penguins first (body mass from flipper length, then from three measurements), then ten measurements of people with
diabetes. Rows with gaps, the split, the scale, the training, when to stop, and what to say in grams and millimetres.
"""

import contextlib
import sys
from copy import deepcopy
from itertools import pairwise

import numpy as np

from gdexercises.checking import Case, Quiz, Unusable, driver, exercise, right, wire, wrong
from gdexercises.checking.compare import array_of
from gdexercises.environment import require

# Both at once: with one of them missing, a student learns so in the first cell.
torch = require("torch")
jax = require("jax")

from gdexercises.checking.torch_drivers import GraphsGoneBack  # noqa: E402


def _signed(rng, low, high, size=None):
    return rng.uniform(low, high, size) * rng.choice([-1, 1], size)


def _mse(b, w, X, y):
    return float(((b + X @ w - y) ** 2).mean())


# Prepare ------------------------------------------------------------------------------------------------------------

_PARTS = ("Z_train", "y_train", "Z_val", "y_val", "mean", "std")


@driver
def look_at_preparation(attempt, X, y, fraction, rng):
    """What can be said about prepared data whatever the shuffle: rows lost, shared and torn, and on which scale."""
    copies = X.copy(), y.copy()
    others = [np.random.default_rng(seed) for seed in rng.integers(2**31, size=3)]
    result = attempt(X, y, fraction, deepcopy(rng))
    if result is None or result is ...:
        return result
    first = _prepared(result, copies[0].shape[1])
    again, *others = [
        _prepared(attempt(*deepcopy(copies), fraction, other), copies[0].shape[1]) for other in (rng, *others)
    ]
    sizes = {len(parts[1]) for parts in (first, *others)}
    return _describe_preparation(*copies, *first) | {
        "training rows": sizes.pop() if len(sizes) == 1 else "another number in each call",
        "same rng, same parts": _same_rows(first, again),
        "another rng, another training part": any(not _same_rows(first, other) for other in others),
    }


def _prepared(result, n_features):
    """The six parts as arrays, or a complaint about what was returned instead."""
    if not isinstance(result, tuple | list) or len(result) != 6:
        found = f"{len(result)} values" if isinstance(result, tuple | list) else f"a {type(result).__name__}"
        raise Unusable(f"It should return 6 values ({', '.join(_PARTS)}) but returns {found}.")
    try:
        parts = [np.asarray(part, dtype=float) for part in result]
    except (TypeError, ValueError):
        raise Unusable(f"It should return six arrays of numbers: {', '.join(_PARTS)}.") from None
    for index in (4, 5):
        if parts[index].size == n_features:
            parts[index] = parts[index].reshape(n_features)
    for name, part, shape in zip(
        _PARTS, parts, ((0, n_features), (0,), (0, n_features), (0,), None, None), strict=True
    ):
        wanted = (n_features,) if shape is None else (len(part) if part.ndim else 0, *shape[1:])
        if part.shape != wanted:
            shown = f"({n_features},)" if shape is None else ("(n,)" if len(shape) == 1 else f"(n, {n_features})")
            raise Unusable(f"{name} has shape {part.shape} and should have {shown}. The order is {', '.join(_PARTS)}.")
    for index in (0, 2):
        if len(parts[index]) != len(parts[index + 1]):
            raise Unusable(
                f"{_PARTS[index]} has {len(parts[index])} rows and {_PARTS[index + 1]} has {len(parts[index + 1])}: "
                "each row of features needs its target. Drop a row in both, or in neither."
            )
    return parts


def _same_rows(one, other):
    return all(np.array_equal(one[index], other[index], equal_nan=True) for index in (1, 3))


def _describe_preparation(X, y, Z_train, y_train, Z_val, y_val, mean, std):
    # The targets are whole numbers that differ from each other, so each one tells which row of the table it is from.
    place = {target: index for index, target in enumerate(y.tolist()) if target == target}
    complete = {target for target, index in place.items() if np.isfinite(X[index]).all()}
    train, val = set(y_train.tolist()) & complete, set(y_val.tolist()) & complete
    order = [place[target] for target in y_train.tolist() if target in place]
    rows, targets = np.concatenate([Z_train, Z_val]), [*y_train.tolist(), *y_val.tolist()]
    with np.errstate(all="ignore"):
        raw = rows * std + mean
    return {
        "rows in both parts": len(train & val),
        "complete rows that are in neither": len(complete - train - val),
        "rows with a gap that are still there": sum(target not in complete for target in targets),
        "training rows in the order of the table": order == sorted(order),
        "column means of Z_train": _word(Z_train.mean(axis=0), {0: "0"}),
        "column means of squares of Z_train": _word(
            (Z_train**2).mean(axis=0), {1: "1", 1 - 1 / max(len(y_train), 2): "(n - 1) / n"}
        ),
        "column means of Z_val": _word(Z_val.mean(axis=0), {0: "0"}),
        "column means of Z_train and Z_val together": _word(rows.mean(axis=0), {0: "0"}),
        "rows of Z_train · std + mean that are not in X": _strangers(X, place, raw[: len(y_train)], y_train),
        "rows of Z_val · std + mean that are not in X": _strangers(X, place, raw[len(y_train) :], y_val),
    }


def _word(values, words):
    """A word for numbers that are all the same and known, else "other": which others they are is up to the shuffle."""
    return next((word for value, word in words.items() if np.allclose(values, value, atol=1e-4)), "other")


def _strangers(X, place, raw, targets):
    """Whether there are rows that are not the row of the table that their target belongs to."""
    own = [X[place[target]] if target in place else np.full(X.shape[1], np.nan) for target in targets.tolist()]
    return "none" if np.allclose(raw, np.reshape(own, raw.shape), rtol=1e-4, atol=1e-4, equal_nan=True) else "some"


def _tables(rng):
    """Tables with gaps in features and in targets, of which a whole number of rows are for training."""
    for n, gaps, fraction, n_features in ((60, 20, 0.8, 2), (70, 22, 0.75, 3)):
        X = rng.normal(0, [3, 0.5, 20][:n_features], (n, n_features)) + [40, -2, 200][:n_features]
        y = rng.permutation(5 * n)[:n] + 3000.0
        empty, *some = rng.permutation(n)[:gaps]
        X[empty] = np.nan
        X[some[3:], rng.integers(n_features, size=gaps - 4)] = np.nan
        y[some[:3]] = np.nan
        yield Case(f"{n} rows, {gaps} of them with a gap", X, y, fraction, np.random.default_rng(rng.integers(2**32)))


@exercise(
    inputs=_tables,
    driver=look_at_preparation,
    returns=("the preparation",),
    hints=(
        "Three things in this order: drop rows, split, scale. What the scale is made of may only be seen after the "
        "split.",
        "np.isfinite(X).all(axis=1) & np.isfinite(y) is True for the rows without a gap. Index X and y with it, both.",
        "Then order = rng.permutation(len(y)); the first round(fraction * len(y)) of these numbers are the training "
        "rows. mean and std are X_train.mean(axis=0) and X_train.std(axis=0), and serve for both parts.",
    ),
)
def prepare(X, y, fraction, rng):
    """Drop rows with gaps, split at random, and standardize by the training part alone.

    Parameters
    ----------
    X : ndarray of shape (N, n_features)
        Raw features, NaN where one is missing.
    y : ndarray of shape (N,)
        Targets, NaN where one is missing.
    fraction : float
        Share of the complete rows that is for training.
    rng : numpy.random.Generator
        Source of all randomness.

    Returns
    -------
    Z_train : ndarray of shape (n_train, n_features)
        Standardized: each column has mean 0, and its squares have mean 1.
    y_train : ndarray of shape (n_train,)
        In the units of y.
    Z_val, y_val : ndarray of shape (n_val, n_features) and (n_val,)
        Shifted and scaled like the training part.
    mean, std : ndarray of shape (n_features,)
        Of the training rows, in the units of X.
    """
    return _prepare(X, y, fraction, rng)


def _kept(X, y):
    return np.isfinite(X).all(axis=1) & np.isfinite(y)


def _scale(part):
    return part.mean(axis=0), part.std(axis=0)


def _prepare(X, y, fraction, rng, kept=None, order=None, scale=None):
    """A preparation for mistakes: other rows, another order, another scale (made of the training part and the rest)."""
    kept = _kept(X, y) if kept is None else kept
    X, y = X[kept], y[kept]
    order = rng.permutation(len(y)) if order is None else order(len(y))
    n_train = round(fraction * len(y))
    train, val = order[:n_train], order[n_train:]
    mean, std = _scale(X[train]) if scale is None else scale(X[train], X[val])
    return (X[train] - mean) / std, y[train], (X[val] - mean) / std, y[val], mean, std


@prepare.mistake(
    "The scale leaks: mean and standard deviation are those of all rows, so the training part knows something of the "
    "rows that it is to be judged by. What you validate with must not have been seen. Split first, and take mean and "
    "std from the training rows."
)
def scales_before_the_split(X, y, fraction, rng):
    return _prepare(X, y, fraction, rng, scale=lambda train, val: _scale(np.concatenate([train, val])))


@prepare.mistake(
    "Mean and std are taken from the whole table, the rows with gaps included (np.nanmean does that). That is before "
    "the split, so the scale leaks. Drop, split, and take both from the training rows."
)
def scales_the_whole_table(X, y, fraction, rng):
    return _prepare(X, y, fraction, rng, scale=lambda train, val: (np.nanmean(X, axis=0), np.nanstd(X, axis=0)))


@prepare.mistake(
    "The validation part is scaled by a mean and std of its own. The same penguin would get other numbers in other "
    "company. New data is put on the scale of the training part: the same mean, the same std."
)
def scales_each_part_by_itself(X, y, fraction, rng):
    Z_train, y_train, Z_val, y_val, mean, std = _prepare(X, y, fraction, rng)
    own_mean, own_std = _scale(Z_val)
    return Z_train, y_train, (Z_val - own_mean) / own_std, y_val, mean, std


@prepare.mistake("The validation part is left as it is. The model will only know scaled features, so scale both parts.")
def leaves_validation_raw(X, y, fraction, rng):
    Z_train, y_train, Z_val, y_val, mean, std = _prepare(X, y, fraction, rng)
    return Z_train, y_train, Z_val * std + mean, y_val, mean, std


@prepare.mistake("Nothing is scaled: both parts hold raw features. Return (X - mean) / std of each.")
def leaves_all_raw(X, y, fraction, rng):
    Z_train, y_train, Z_val, y_val, mean, std = _prepare(X, y, fraction, rng)
    return Z_train * std + mean, y_train, Z_val * std + mean, y_val, mean, std


@prepare.mistake(
    "Your standard deviation divides by n - 1. Divide by n, as X.std(axis=0) does: then the squares in a column have "
    "mean 1."
)
def divides_by_n_minus_1(X, y, fraction, rng):
    return _prepare(X, y, fraction, rng, scale=lambda train, _: (train.mean(axis=0), train.std(axis=0, ddof=1)))


@prepare.mistake("You divide by the variance. The standard deviation is its root.")
def divides_by_the_variance(X, y, fraction, rng):
    return _prepare(X, y, fraction, rng, scale=lambda train, _: (train.mean(axis=0), train.var(axis=0)))


@prepare.mistake(
    "Rows whose target is missing are still there: you looked for gaps in X alone. A row is complete if X and y are."
)
def drops_by_features_alone(X, y, fraction, rng):
    return _prepare(X, y, fraction, rng, kept=np.isfinite(X).all(axis=1))


@prepare.mistake(
    "Rows with a gap in the features are still there: you looked for gaps in y alone. A row is complete if X and y are."
)
def drops_by_targets_alone(X, y, fraction, rng):
    return _prepare(X, y, fraction, rng, kept=np.isfinite(y))


@prepare.mistake(
    "A row is dropped only if all its features are missing. One gap is enough: .all(axis=1) of what is finite."
)
def drops_empty_rows_only(X, y, fraction, rng):
    return _prepare(X, y, fraction, rng, kept=np.isfinite(X).any(axis=1) & np.isfinite(y))


@prepare.mistake(
    "No row is dropped. A single NaN in a column makes its mean NaN, and with it everything that comes after."
)
def drops_nothing(X, y, fraction, rng):
    return _prepare(X, y, fraction, rng, kept=np.full(len(y), True))


@prepare.mistake(
    "The split comes before the gaps are looked at, so the training part has lost rows to them and is no longer the "
    "share of the complete rows that it should be. Drop first, then split."
)
def splits_before_dropping(X, y, fraction, rng):
    order = rng.permutation(len(y))
    n_train = round(fraction * len(y))
    whole = _kept(X, y)
    train, val = (part[whole[part]] for part in (order[:n_train], order[n_train:]))
    mean, std = _scale(X[train])
    return (X[train] - mean) / std, y[train], (X[val] - mean) / std, y[val], mean, std


@prepare.mistake(
    "Gaps are filled, with a mean or with a number of your own. That invents penguins nobody has measured, and a mean "
    "of the whole column knows the validation rows. Drop the rows instead."
)
def fills_the_gaps(X, y, fraction, rng):
    X, y = np.where(np.isfinite(X), X, np.nanmean(X, axis=0)), np.where(np.isfinite(y), y, np.nanmean(y))
    return _prepare(X, y, fraction, rng)


@prepare.mistake(
    "The targets are standardized too. That is possible, but here they stay in their units, so that errors are in "
    "grams: return y as it is."
)
def scales_the_targets(X, y, fraction, rng):
    Z_train, y_train, Z_val, y_val, mean, std = _prepare(X, y, fraction, rng)
    middle, spread = _scale(y_train)
    return Z_train, (y_train - middle) / spread, Z_val, (y_val - middle) / spread, mean, std


@prepare.mistake(
    "The rows are not shuffled. The table is sorted by species, so the validation part would be of one species and the "
    "training part without it. Draw the order with rng.permutation."
)
def not_shuffled(X, y, fraction, rng):
    return _prepare(X, y, fraction, rng, order=np.arange)


@prepare.mistake(
    "Features and targets are shuffled apart, so each penguin gets the mass of another one. Draw one order, and use it "
    "for both."
)
def shuffled_apart(X, y, fraction, rng):
    Z_train, y_train, Z_val, y_val, mean, std = _prepare(X, y, fraction, rng)
    return np.roll(Z_train, 1, axis=0), y_train, np.roll(Z_val, 1, axis=0), y_val, mean, std


@prepare.mistake(
    "The rows of X are shuffled and those of y are not (or the other way round), so each penguin gets the mass of "
    "another one. Draw one order, and use it for both."
)
def shuffles_one_of_them(X, y, fraction, rng):
    Z_train, y_train, Z_val, y_val, mean, std = _prepare(X, y, fraction, rng, order=np.arange)
    return np.roll(Z_train, 1, axis=0), y_train, np.roll(Z_val, 1, axis=0), y_val, mean, std


@prepare.mistake("The parts are exchanged: fraction is the share of the training part, and that is returned first.")
def exchanges_the_parts(X, y, fraction, rng):
    return _prepare(X, y, 1 - fraction, rng)


@prepare.mistake(
    "The split is the same whatever rng is handed over: it comes from a seed of your own. Draw from rng, so that "
    "whoever calls decides."
)
def seeds_itself(X, y, fraction, rng):
    return _prepare(X, y, fraction, np.random.default_rng(0))


@prepare.mistake(
    "Two calls with the same rng give different parts: the shuffle comes from somewhere else. Draw from rng alone, so "
    "that a run can be repeated."
)
def ignores_rng(X, y, fraction, rng):
    return _prepare(X, y, fraction, np.random.default_rng())


# Fit ----------------------------------------------------------------------------------------------------------------


@driver
def look_at_fit(attempt, X, y, lr, n_epochs, penalty):
    """The parameters and losses of a training in NumPy, and whether all of it was computed in double precision."""
    copies = X.copy(), y.copy()
    with _own_settings():
        result = attempt(X, y, lr, n_epochs, penalty)
    foreign = [_framework_of(part) for part in _listed(result)]
    if any(foreign):
        raise Unusable(
            f"It returns an array of {next(filter(None, foreign))}. Here NumPy is to do the work, with the gradients "
            "worked out by hand; the frameworks have their own cells below."
        )
    with _own_settings():
        return _settled(result, lambda: attempt(*copies, lr, n_epochs, penalty), y)


@driver
def look_at_torch_fit(attempt, X, y, lr, n_epochs, penalty):
    """The same of a training in PyTorch, which must have computed the gradients."""
    copies = X.copy(), y.copy()
    with _own_settings(), GraphsGoneBack() as graphs:
        result = attempt(X, y, lr, n_epochs, penalty)
    if result is None or result is ...:
        return result
    if len(graphs.sizes) < n_epochs:
        times = "never" if not graphs.sizes else f"only {len(graphs.sizes)} times in {n_epochs} epochs"
        raise Unusable(
            f"PyTorch was {times} asked for a gradient (by backward or torch.autograd.grad). In this cell it is to "
            "compute the gradients, in every epoch: make b and w tensors that require gradients, compute the loss from "
            "them, and call loss.backward()."
        )
    with _own_settings():
        return _settled(result, lambda: attempt(*copies, lr, n_epochs, penalty), y)


@driver
def look_at_jax_fit(attempt, X, y, lr, n_epochs, penalty):
    """The same of a training in JAX, which must have computed the gradients."""
    copies = X.copy(), y.copy()
    with _own_settings():
        result = attempt(X, y, lr, n_epochs, penalty)
        if result is None or result is ...:
            return result
        settled = _settled(result, lambda: attempt(*deepcopy(copies), lr, n_epochs, penalty), y)
        if not _differentiates(lambda: attempt(*copies, lr, 2, penalty)):
            raise Unusable(
                "JAX was never asked for a gradient. In this cell it is to compute the gradients: write the loss as a "
                "function of the parameters, and take jax.grad or jax.value_and_grad of it."
            )
    return settled


@contextlib.contextmanager
def _own_settings():
    """Whatever an attempt sets in a framework, the next one finds it as this one did."""
    double, dtype = jax.config.jax_enable_x64, torch.get_default_dtype()
    try:
        with torch.enable_grad():
            yield
    finally:
        jax.config.update("jax_enable_x64", double)
        torch.set_default_dtype(dtype)


def _differentiates(call):
    """Whether JAX takes a derivative while ``call()`` runs, with all that was compiled before taken apart again."""
    seen = []

    def watch(frame, event, _):
        if event == "call" and frame.f_code.co_filename.endswith(("interpreters/ad.py", "interpreters\\ad.py")):
            seen.append(frame.f_code.co_name)

    before = sys.getprofile()
    with jax.disable_jit():
        sys.setprofile(watch)
        try:
            call()
        finally:
            sys.setprofile(before)
    return bool(seen)


def _listed(result):
    return result if isinstance(result, tuple | list) else [result]


def _framework_of(value):
    if isinstance(value, torch.Tensor):
        return "PyTorch"
    return "JAX" if isinstance(value, jax.Array) else None


def _settled(result, again, y):
    """The parts of a result as plain numbers, and the precision in which they were computed.

    Numbers of which each one fits single precision without rest were computed so, whatever they are stored as.
    ``again()`` is called where the training seems not to begin at zeros: two starts tell whether they are drawn.
    """
    if not isinstance(result, tuple | list) or len(result) != 3:
        return result
    first = _first_loss(result)
    if first is not None and not np.isclose(first, (y**2).mean(), rtol=1e-5) and _first_loss(again()) != first:
        raise Unusable(
            "Two runs with the same arguments begin with different losses: the start is drawn at random. Here b and w "
            "begin at 0, so that runs can be compared. (A torch.nn.Linear draws its weights when it is made.)"
        )
    parts, single = [], False
    for part in result:
        plain = wire.unpack(wire.pack(part))
        numbers = array_of(plain)
        if numbers is not None and numbers.dtype.kind == "f" and numbers.size and np.isfinite(numbers).all():
            with np.errstate(over="ignore"):
                fits = bool((numbers.astype(np.float32) == numbers).all())
            single = single or fits
            numbers = numbers.astype(np.float32 if fits else np.float64)
            plain = numbers if numbers.ndim else numbers[()]
        parts.append(plain)
    return *parts, "single" if single else "double"


def _first_loss(result):
    """The first of the losses, where there is one."""
    if not isinstance(result, tuple | list) or len(result) != 3:
        return None
    losses = array_of(wire.unpack(wire.pack(result[2])))
    return None if losses is None or not losses.size else float(losses.flat[0])


def _rows(rng, n, n_features, far=0.0, noise=0.5):
    X = rng.normal(0, 1, (n, n_features)) + 0.3
    w = _signed(rng, 0.5, 2, n_features)
    return X, far + _signed(rng, 1, 2) + X @ w + noise * rng.standard_normal(n)


def _trainings(rng):
    yield Case("five rows of one feature", *_rows(rng, 5, 1), 0.1, 3, 0.0)
    yield Case("eight rows of three features, with a penalty", *_rows(rng, 8, 3), 0.05, 4, rng.uniform(0.2, 0.6))
    yield Case("one epoch", *_rows(rng, 8, 3), 0.05, 1, rng.uniform(0.2, 0.6))
    # Losses of 10⁷ that come down to 10⁻²: whoever computes in single precision loses them on the way.
    yield Case("targets far from 0", *_rows(rng, 8, 3, 4200.0, 0.05), 0.1, 40, 0.02)


@exercise(
    inputs=_trainings,
    driver=look_at_fit,
    using={"torch": look_at_torch_fit, "jax": look_at_jax_fit},
    returns=("b", "w", "losses", "the precision"),
    hints=(
        "Start with b = 0.0 and w = np.zeros(X.shape[1]). Each epoch: yhat = b + X @ w, the error, the loss, both "
        "gradients, both updates.",
        "The loss is (error**2).mean() + penalty * (w**2).sum(). Its derivative with respect to w is that of the mean, "
        "2 * X.T @ error / len(y), and 2 * penalty * w on top. b does not occur in the penalty.",
        "With a framework, only the gradients change hands: write the same loss from tensors or inside a function, and "
        "let .backward() or jax.grad do the rest.",
        "Double precision: torch.from_numpy(X) keeps it, torch.zeros needs dtype=torch.float64. JAX needs "
        'jax.config.update("jax_enable_x64", True) before its first array.',
    ),
)
def fit(X, y, lr, n_epochs, penalty):
    """Gradient descent from zeros for a linear model whose slopes are held back by a penalty.

    The loss is ``mean((b + X @ w - y)²) + penalty * sum(w²)``.

    Parameters
    ----------
    X : ndarray of shape (N, n_features)
        Standardized features.
    y : ndarray of shape (N,)
        Targets.
    lr : float
        Learning rate.
    n_epochs : int
        How many updates.
    penalty : float
        How strongly slopes are held back, without a unit; 0 for plain least squares.

    Returns
    -------
    b : float
        In units of y; without penalty.
    w : array of shape (n_features,)
        In units of y for each standard deviation of a feature.
    losses : array of shape (n_epochs,)
        ``losses[i]`` is the loss before update i, penalty included.
    """
    b, w, losses = 0.0, np.zeros(X.shape[1]), []
    for _ in range(n_epochs):
        error = b + X @ w - y
        losses.append((error**2).mean() + penalty * (w**2).sum())
        b_grad = 2 * error.mean()
        w_grad = 2 * X.T @ error / len(y) + 2 * penalty * w
        b, w = b - lr * b_grad, w - lr * w_grad
    return b, w, np.array(losses)


def _descend(X, y, lr, n_epochs, gradients, loss):
    """A training for mistakes: ``gradients(b, w, error)`` and ``loss(b, w, error)`` make the difference."""
    b, w, losses = 0.0, np.zeros(X.shape[1]), []
    for _ in range(n_epochs):
        error = b + X @ w - y
        losses.append(loss(b, w, error))
        b_grad, w_grad = gradients(b, w, error)
        b, w = b - lr * b_grad, w - lr * w_grad
    return b, w, np.array(losses)


def _of_mse(X, error):
    return 2 * error.mean(), 2 * X.T @ error / len(error)


def _penalized(X, penalty, of_b=0.0, of_w=lambda w: 2 * w):
    """Gradients with some penalty, for mistakes: `of_b` times b, and a function of w."""

    def gradients(b, w, error):
        b_grad, w_grad = _of_mse(X, error)
        return b_grad + penalty * of_b * b, w_grad + penalty * of_w(w)

    return gradients


def _with_penalty(penalty, of=lambda b, w: (w**2).sum()):
    return lambda b, w, error: (error**2).mean() + penalty * of(b, w)


@fit.mistake(
    "The intercept is penalized too. b has to carry the mean of y, for penguins 4200 g, and a penalty on it pulls "
    "every prediction towards 0. Only the slopes are held back: penalty * sum(w²), without b."
)
def penalizes_the_intercept(X, y, lr, n_epochs, penalty):
    loss = _with_penalty(penalty, lambda b, w: b**2 + (w**2).sum())
    return _descend(X, y, lr, n_epochs, _penalized(X, penalty, of_b=2), loss)


@fit.mistake(
    "The gradient of b has a share of the penalty: 2 · penalty · b. b does not occur in penalty * sum(w²), so its "
    "gradient is 2 · mean(error) alone; a penalty on b would pull every prediction towards 0."
)
def pulls_the_intercept(X, y, lr, n_epochs, penalty):
    return _descend(X, y, lr, n_epochs, _penalized(X, penalty, of_b=2), _with_penalty(penalty))


@fit.mistake(
    "The intercept is held back like the slopes, and the losses leave the penalty out. That is what weight_decay does "
    "if it is set for all parameters: torch.optim takes a list of groups, one for [b] without it and one for [w]. And "
    "the penalty belongs to the loss that you keep."
)
def decays_the_intercept(X, y, lr, n_epochs, penalty):
    return _descend(X, y, lr, n_epochs, _penalized(X, penalty, of_b=2), _with_penalty(0))


@fit.mistake("The penalty is missing altogether: add penalty * sum(w²) to the loss.")
def forgets_the_penalty(X, y, lr, n_epochs, penalty):
    return _descend(X, y, lr, n_epochs, _penalized(X, 0), _with_penalty(0))


@fit.mistake(
    "The penalty stands in the losses but not in the gradient of w, so nothing holds the slopes back. Its derivative "
    "is 2 · penalty · w."
)
def penalty_not_in_the_gradient(X, y, lr, n_epochs, penalty):
    return _descend(X, y, lr, n_epochs, _penalized(X, 0), _with_penalty(penalty))


@fit.mistake("The training is right; the losses leave the penalty out. Keep the loss that you go down on.")
def penalty_not_in_the_losses(X, y, lr, n_epochs, penalty):
    return _descend(X, y, lr, n_epochs, _penalized(X, penalty), _with_penalty(0))


@fit.mistake(
    "The factor 2 is missing in the gradient of the penalty: the derivative of penalty · w² is 2 · penalty · w."
)
def penalty_without_factor_two(X, y, lr, n_epochs, penalty):
    return _descend(X, y, lr, n_epochs, _penalized(X, penalty, of_w=lambda w: w), _with_penalty(penalty))


@fit.mistake(
    "Your penalty takes the mean of w²; the sum is asked for. With the mean, a slope would be held back the less, the "
    "more features there are."
)
def averages_the_penalty(X, y, lr, n_epochs, penalty):
    loss = _with_penalty(penalty, lambda b, w: (w**2).mean())
    return _descend(X, y, lr, n_epochs, _penalized(X, penalty, of_w=lambda w: 2 * w / len(w)), loss)


@fit.mistake("Your penalty is on the sizes of the slopes, sum(|w|), known as the lasso. Here it is on their squares.")
def penalizes_absolute_values(X, y, lr, n_epochs, penalty):
    loss = _with_penalty(penalty, lambda b, w: abs(w).sum())
    return _descend(X, y, lr, n_epochs, _penalized(X, penalty, of_w=np.sign), loss)


@fit.mistake("The penalty is divided by the number of rows. Here it is penalty * sum(w²) as it stands.")
def divides_the_penalty_by_n(X, y, lr, n_epochs, penalty):
    return fit(X, y, lr, n_epochs, penalty / len(y))


@fit.mistake(
    "All numbers are right to seven digits and no further: somewhere the training runs in single precision (float32). "
    'JAX does so unless told otherwise: jax.config.update("jax_enable_x64", True), before its first array. In PyTorch '
    "it comes from torch.zeros or torch.tensor without dtype=torch.float64, or from .float()."
)
def in_single_precision(X, y, lr, n_epochs, penalty):
    X, y, lr, penalty = X.astype(np.float32), y.astype(np.float32), np.float32(lr), np.float32(penalty)
    b, w, losses = np.float32(0), np.zeros(X.shape[1], np.float32), []
    for _ in range(n_epochs):
        error = b + X @ w - y
        losses.append((error**2).mean() + penalty * (w**2).sum())
        b_grad, w_grad = 2 * error.mean(), 2 * X.T @ error / np.float32(len(y)) + 2 * penalty * w
        b, w = b - lr * b_grad, w - lr * w_grad
    return b, w, np.array(losses)


@fit.mistake(
    "The gradients add up from epoch to epoch. PyTorch adds into .grad: put it back to None (or call zero_grad) in "
    "every epoch."
)
def gradients_add_up(X, y, lr, n_epochs, penalty):
    total = [0.0, 0.0]

    def gradients(b, w, error):
        b_grad, w_grad = _penalized(X, penalty)(b, w, error)
        total[:] = total[0] + b_grad, total[1] + w_grad
        return total

    return _descend(X, y, lr, n_epochs, gradients, _with_penalty(penalty))


@fit.mistake(
    "Each prediction is compared with every target: predictions of shape (N, 1) minus targets of shape (N,) make a "
    "table of (N, N). Bring both to one shape, with model(X)[:, 0] for example."
)
def compares_each_with_all(X, y, lr, n_epochs, penalty):
    def gradients(b, w, error):
        yhat = error + y
        return 2 * (yhat - y.mean()).mean(), 2 * X.T @ (yhat - y.mean()) / len(y) + 2 * penalty * w

    def loss(b, w, error):
        return (((error + y)[:, None] - y) ** 2).mean() + penalty * (w**2).sum()

    return _descend(X, y, lr, n_epochs, gradients, loss)


@fit.mistake("The update goes uphill: subtract lr times the gradient.")
def uphill(X, y, lr, n_epochs, penalty):
    return fit(X, y, -lr, n_epochs, penalty)


@fit.mistake("The factor 2 of the squared error is missing in the gradients.")
def no_factor_two(X, y, lr, n_epochs, penalty):
    def gradients(b, w, error):
        b_grad, w_grad = _of_mse(X, error)
        return b_grad / 2, w_grad / 2 + 2 * penalty * w

    return _descend(X, y, lr, n_epochs, gradients, _with_penalty(penalty))


@fit.mistake("Your gradients are sums over the rows; the loss is a mean, so divide both by the number of rows.")
def sums(X, y, lr, n_epochs, penalty):
    def gradients(b, w, error):
        return 2 * error.sum(), 2 * X.T @ error + 2 * penalty * w

    return _descend(X, y, lr, n_epochs, gradients, _with_penalty(penalty))


@fit.mistake("losses[i] is the loss before update i: compute it from the error that the gradients are made of.")
def records_after_update(X, y, lr, n_epochs, penalty):
    b, w, losses = fit(X, y, lr, n_epochs + 1, penalty)
    b, w, _ = fit(X, y, lr, n_epochs, penalty)
    return b, w, losses[1:]


@fit.mistake("You keep the root of the loss. The root comes into the report; here the loss itself is asked for.")
def keeps_the_root(X, y, lr, n_epochs, penalty):
    b, w, losses = fit(X, y, lr, n_epochs, penalty)
    return b, w, np.sqrt(losses)


@fit.mistake(
    "w is updated with an error at the b that was updated already. Compute both gradients from one error, then update "
    "both."
)
def updates_in_turn(X, y, lr, n_epochs, penalty):
    b, w, losses = 0.0, np.zeros(X.shape[1]), []
    for _ in range(n_epochs):
        error = b + X @ w - y
        losses.append((error**2).mean() + penalty * (w**2).sum())
        b = b - lr * 2 * error.mean()
        w = w - lr * (2 * X.T @ (b + X @ w - y) / len(y) + 2 * penalty * w)
    return b, w, np.array(losses)


@fit.mistake("There is one epoch too few: n_epochs updates are to be made, and as many losses kept.")
def one_epoch_short(X, y, lr, n_epochs, penalty):
    return fit(X, y, lr, n_epochs - 1, penalty)


@fit.mistake("There is one epoch too many: n_epochs updates are to be made, and as many losses kept.")
def one_epoch_long(X, y, lr, n_epochs, penalty):
    return fit(X, y, lr, n_epochs + 1, penalty)


@fit.mistake("The intercept never moves. b has a gradient too: 2 · mean(error).")
def leaves_out_the_intercept(X, y, lr, n_epochs, penalty):
    def gradients(b, w, error):
        return 0.0, _penalized(X, penalty)(b, w, error)[1]

    return _descend(X, y, lr, n_epochs, gradients, _with_penalty(penalty))


# Early stopping -----------------------------------------------------------------------------------------------------


def _stopping_cases(rng):
    """Trainings whose validation loss goes up and down: once within the patience, and for good after the best epoch."""
    yield Case("seven training rows", *_draw(rng, _turns, patience=2))
    yield Case("a rise that is over within the patience", *_draw(rng, _recovers, patience=3))
    yield Case("no rise before the last epoch", *_draw(rng, _falls, patience=2))


def _draw(rng, wanted, patience):
    """Draw training and validation rows until the validation losses of the training are as wanted."""
    while True:
        X, w = rng.normal(0, 1, (7, 4)), _signed(rng, 0.5, 2, 4)
        X_val = rng.normal(0, 1, (6, 4))
        y, y_val = (1 + part @ w + 1.5 * rng.standard_normal(len(part)) for part in (X, X_val))
        design = np.column_stack([np.ones(7), X])
        lr = round(float(rng.uniform(0.6, 0.95) * 2 / np.linalg.eigvalsh(2 * design.T @ design / 7)[-1]), 3)
        max_epochs = 30 if wanted is not _falls else 6
        losses = _validation_losses(X, y, X_val, y_val, lr, max_epochs + 8)
        if wanted(losses[:max_epochs], patience) and abs(np.diff(losses)).min() > 1e-3:
            return X, y, X_val, y_val, lr, max_epochs, patience


def _validation_losses(X, y, X_val, y_val, lr, n_epochs):
    b, w, losses = 0.0, np.zeros(X.shape[1]), []
    for _ in range(n_epochs):
        losses.append(_mse(b, w, X_val, y_val))
        b_grad, w_grad = _of_mse(X, b + X @ w - y)
        b, w = b - lr * b_grad, w - lr * w_grad
    return np.array(losses)


def _stop(losses, patience):
    """The best epoch and the one at which the training stops, -1 if it does not."""
    best = 0
    for epoch, loss in enumerate(losses):
        if loss < losses[best]:
            best = epoch
        elif epoch - best >= patience:
            return best, epoch
    return best, -1


def _turns(losses, patience):
    best, stop = _stop(losses, patience)
    rises = np.diff(losses) > 0
    in_a_row = [bool(rises[epoch - patience : epoch].all()) for epoch in range(patience, len(losses) - 1)]
    return 2 <= best <= 8 and 0 < stop < len(losses) - 4 and any(in_a_row)


def _recovers(losses, patience):
    """Whether rises are over in time, as many as the patience counts, and never that long without a break."""
    best, stop = _stop(losses, patience)
    rises = losses[1:] >= losses[:-1]
    if not (4 <= best <= 15 and 0 < stop < len(losses) - 4):
        return False
    above_the_best = losses > np.minimum.accumulate(losses)
    in_a_row = [bool(rises[epoch - patience : epoch].all()) for epoch in range(patience, stop + 1)]
    return above_the_best[:best].sum() >= patience and not any(in_a_row)


def _falls(losses, patience):
    return bool((np.diff(losses) < 0).all())


@exercise(
    inputs=_stopping_cases,
    returns=("b", "w", "best_epoch", "val_losses"),
    hints=(
        "Before each update compute the validation loss with the present b and w. Is it lower than the lowest so far? "
        "Then keep it, the epoch, b and a copy of w.",
        "If it is not lower, look how long ago the best epoch was: epoch - best_epoch >= patience means stop (break).",
        "Return what you kept, not what b and w have become since. `w -= …` changes an array in place, so a kept w "
        "must be a copy: w.copy().",
    ),
)
def early_stopping(X, y, X_val, y_val, lr, max_epochs, patience):
    """Gradient descent on the training rows until the validation loss has not fallen for a while.

    Parameters
    ----------
    X, y : ndarray of shape (N, n_features) and (N,)
        Training rows: the gradients come from these alone.
    X_val, y_val : ndarray of shape (M, n_features) and (M,)
        Validation rows: these decide when to stop.
    lr : float
        Learning rate.
    max_epochs : int
        The largest number of epochs.
    patience : int
        Stop in the epoch in which the best one is this many epochs ago.

    Returns
    -------
    b, w : float and ndarray of shape (n_features,)
        As they were in the best epoch, the one with the lowest validation loss.
    best_epoch : int
    val_losses : ndarray of shape (n,)
        ``val_losses[i]`` is the mean squared error on the validation rows before update i, up to the epoch of the stop.
    """
    return _stopped(X, y, X_val, y_val, lr, max_epochs, patience)


def _stopped(X, y, X_val, y_val, lr, max_epochs, patience, watch=None, stops=None, gradients=None):
    """Early stopping; for mistakes `watch` other rows, stop by another rule, or train on other rows."""
    X_seen, y_seen = (X_val, y_val) if watch is None else watch
    X_used, y_used = (X, y) if gradients is None else gradients
    b, w = 0.0, np.zeros(X.shape[1])
    best, best_epoch, kept = np.inf, 0, (b, w)
    seen, val_losses = [], []
    for epoch in range(max_epochs):
        val_losses.append(_mse(b, w, X_val, y_val))
        seen.append(_mse(b, w, X_seen, y_seen))
        if seen[-1] < best:
            best, best_epoch, kept = seen[-1], epoch, (b, w)
        if stops is None:
            if epoch - best_epoch >= patience:
                break
        elif stops(seen, patience):
            break
        b_grad, w_grad = _of_mse(X_used, b + X_used @ w - y_used)
        b, w = b - lr * b_grad, w - lr * w_grad
    return *kept, best_epoch, np.array(val_losses)


def _last_parameters(X, y, lr, n_epochs):
    b, w, _ = _descend(X, y, lr, n_epochs, _penalized(X, 0), _with_penalty(0))
    return b, w


@early_stopping.mistake(
    "It is the training loss that decides. That one falls as long as the learning rate is stable, so the training "
    "never stops and the last epoch looks best. Stop by the rows that the gradients have not seen: X_val, y_val."
)
def stops_on_the_training_loss(X, y, X_val, y_val, lr, max_epochs, patience):
    return _stopped(X, y, X_val, y_val, lr, max_epochs, patience, watch=(X, y))


@early_stopping.mistake(
    "What you keep in val_losses is the training loss. Compute the losses with X_val and y_val, and let these decide."
)
def keeps_the_training_loss(X, y, X_val, y_val, lr, max_epochs, patience):
    b, w, best_epoch, _ = _stopped(X, y, X_val, y_val, lr, max_epochs, patience, watch=(X, y))
    losses = [_mse(*_last_parameters(X, y, lr, epoch), X, y) for epoch in range(max_epochs)]
    return b, w, best_epoch, np.array(losses)


@early_stopping.mistake(
    "The best parameters are not restored: you return those of the epoch in which it stopped. In every epoch with a "
    "new lowest validation loss, keep b and w, and return what you kept."
)
def not_restored(X, y, X_val, y_val, lr, max_epochs, patience):
    _, _, best_epoch, val_losses = _stopped(X, y, X_val, y_val, lr, max_epochs, patience)
    n = len(val_losses)
    stopped = n < max_epochs or n - 1 - best_epoch >= patience
    return *_last_parameters(X, y, lr, n - stopped), best_epoch, val_losses


@early_stopping.mistake(
    "b is that of the best epoch, but w is the last one: you kept the array itself, and `w -= …` has changed it since. "
    "Keep a copy, w.copy(), or make a new array in each update: w = w - lr * w_grad."
)
def keeps_no_copy(X, y, X_val, y_val, lr, max_epochs, patience):
    b, _, best_epoch, val_losses = _stopped(X, y, X_val, y_val, lr, max_epochs, patience)
    _, w, _, _ = not_restored(X, y, X_val, y_val, lr, max_epochs, patience)
    return b, w, best_epoch, val_losses


@early_stopping.mistake(
    "The parameters are those after the update of the best epoch, so one update too far: keep b and w before you "
    "update."
)
def restores_one_too_late(X, y, X_val, y_val, lr, max_epochs, patience):
    _, _, best_epoch, val_losses = _stopped(X, y, X_val, y_val, lr, max_epochs, patience)
    return *_last_parameters(X, y, lr, best_epoch + 1), best_epoch, val_losses


@early_stopping.mistake("It never stops: all max_epochs are run. break ends the loop once patience is used up.")
def never_stops(X, y, X_val, y_val, lr, max_epochs, patience):
    return _stopped(X, y, X_val, y_val, lr, max_epochs, patience, stops=lambda seen, patience: False)


@early_stopping.mistake(
    "It stops one epoch too late. Stop in the epoch that is patience epochs after the best one: epoch - best_epoch >= "
    "patience."
)
def one_epoch_too_patient(X, y, X_val, y_val, lr, max_epochs, patience):
    return _stopped(X, y, X_val, y_val, lr, max_epochs, patience + 1)


@early_stopping.mistake(
    "It stops one epoch too early. Stop in the epoch that is patience epochs after the best one: epoch - best_epoch >= "
    "patience."
)
def one_epoch_too_impatient(X, y, X_val, y_val, lr, max_epochs, patience):
    stops = lambda seen, patience: len(seen) - 1 - int(np.argmin(seen)) >= patience - 1 and len(seen) > 1
    return _stopped(X, y, X_val, y_val, lr, max_epochs, patience, stops=stops)


@early_stopping.mistake(
    "Epochs without a new lowest loss are counted over the whole training. Each new lowest loss gives the full "
    "patience back: count from the best epoch on."
)
def counts_all_bad_epochs(X, y, X_val, y_val, lr, max_epochs, patience):
    def stops(seen, patience):
        return sum(loss >= min(seen[:epoch]) for epoch, loss in enumerate(seen) if epoch) >= patience

    return _stopped(X, y, X_val, y_val, lr, max_epochs, patience, stops=stops)


@early_stopping.mistake(
    "Each validation loss is compared with the one before it. A loss that bounces up and down above the best one would "
    "go on for ever: compare it with the lowest so far."
)
def compares_with_the_epoch_before(X, y, X_val, y_val, lr, max_epochs, patience):
    def stops(seen, patience):
        late = seen[-patience - 1 :]
        return len(late) == patience + 1 and all(b >= a for a, b in pairwise(late))

    return _stopped(X, y, X_val, y_val, lr, max_epochs, patience, stops=stops)


@early_stopping.mistake(
    "It stops at the first rise, whatever patience is. A validation loss goes up and down: wait for patience epochs "
    "without a new lowest one."
)
def stops_at_the_first_rise(X, y, X_val, y_val, lr, max_epochs, patience):
    return _stopped(X, y, X_val, y_val, lr, max_epochs, 1)


@early_stopping.mistake(
    "best_epoch is the epoch in which it stopped; the one with the lowest validation loss is wanted."
)
def returns_the_epoch_of_the_stop(X, y, X_val, y_val, lr, max_epochs, patience):
    b, w, _, val_losses = _stopped(X, y, X_val, y_val, lr, max_epochs, patience)
    return b, w, len(val_losses) - 1, val_losses


@early_stopping.mistake("best_epoch counts from 1; epochs count from 0 here, as the places in val_losses do.")
def counts_epochs_from_1(X, y, X_val, y_val, lr, max_epochs, patience):
    b, w, best_epoch, val_losses = _stopped(X, y, X_val, y_val, lr, max_epochs, patience)
    return b, w, best_epoch + 1, val_losses


@early_stopping.mistake("best_epoch is to be a number of an epoch; you return the lowest validation loss itself.")
def returns_the_best_loss(X, y, X_val, y_val, lr, max_epochs, patience):
    b, w, _, val_losses = _stopped(X, y, X_val, y_val, lr, max_epochs, patience)
    return b, w, val_losses.min(), val_losses


@early_stopping.mistake(
    "The validation losses end with the best epoch. Keep those up to the epoch of the stop: the rise belongs in the "
    "picture."
)
def cuts_the_losses(X, y, X_val, y_val, lr, max_epochs, patience):
    b, w, best_epoch, val_losses = _stopped(X, y, X_val, y_val, lr, max_epochs, patience)
    cut = val_losses[: best_epoch + 1]
    return b, w, best_epoch, cut


@early_stopping.mistake(
    "The gradients come from the validation rows. Those are to judge, not to teach: whoever trains on them has nothing "
    "left to judge by."
)
def trains_on_validation(X, y, X_val, y_val, lr, max_epochs, patience):
    return _stopped(X, y, X_val, y_val, lr, max_epochs, patience, gradients=(X_val, y_val))


@early_stopping.mistake("Training and validation rows are put together for the gradients. Train on X and y alone.")
def trains_on_both(X, y, X_val, y_val, lr, max_epochs, patience):
    both = np.concatenate([X, X_val]), np.concatenate([y, y_val])
    return _stopped(X, y, X_val, y_val, lr, max_epochs, patience, gradients=both)


@early_stopping.mistake("Each validation loss is that after its update; val_losses[0] is the one at the start.")
def records_after_the_update(X, y, X_val, y_val, lr, max_epochs, patience):
    losses = _validation_losses(X, y, X_val, y_val, lr, max_epochs + 1)[1:]
    best, stop = _stop(losses, patience)
    return *_last_parameters(X, y, lr, best + 1), best, losses[: stop + 1] if stop > 0 else losses


@early_stopping.mistake("You keep the root of the validation loss. Keep the mean squared error itself.")
def keeps_roots(X, y, X_val, y_val, lr, max_epochs, patience):
    b, w, best_epoch, val_losses = _stopped(X, y, X_val, y_val, lr, max_epochs, patience)
    return b, w, best_epoch, np.sqrt(val_losses)


# Report -------------------------------------------------------------------------------------------------------------


def _models(rng):
    for label, n, n_features in (("four rows, one feature", 4, 1), ("six rows, three features", 6, 3)):
        mean, std = rng.uniform(20, 60, n_features), rng.uniform(2, 9, n_features)
        w, b = _signed(rng, 100, 400, n_features), rng.uniform(3000, 5000)
        X = mean + std * rng.normal(0.4, 1, (n, n_features))
        y = b + (X - mean) / std @ w + _signed(rng, 50, 200, n) + 30
        yield Case(label, b, w, mean, std, X, y)


@exercise(
    inputs=_models,
    returns=("intercept", "slopes", "rmse"),
    hints=(
        "The model is yhat = b + w₁ (x₁ - mean₁) / std₁ + … Multiply out, and sort: what stands before x₁, and what is "
        "left without any x?",
        "A slope is w / std. What is left over is b - (w * mean / std).sum().",
        "For the RMSE predict with these two on the raw X: intercept + X @ slopes.",
    ),
)
def report(b, w, mean, std, X, y):
    """The model in raw units, and by how much it misses.

    Parameters
    ----------
    b, w : float and ndarray of shape (n_features,)
        Parameters for standardized features.
    mean, std : ndarray of shape (n_features,)
        With which the features were standardized, in the units of X.
    X : ndarray of shape (M, n_features)
        Raw features of rows to judge by.
    y : ndarray of shape (M,)
        Their targets.

    Returns
    -------
    intercept : float
        The prediction where all raw features are 0, in units of y.
    slopes : ndarray of shape (n_features,)
        In units of y for each unit of a feature.
    rmse : float
        Root of the mean squared error on these rows, in units of y.
    """
    slopes = w / std
    intercept = b - (slopes * mean).sum()
    return intercept, slopes, np.sqrt(((intercept + X @ slopes - y) ** 2).mean())


def _reported(X, y, intercept, slopes):
    return intercept, slopes, np.sqrt(((intercept + X @ slopes - y) ** 2).mean())


@report.mistake(
    "The intercept is still b, the prediction for an average row. Where all raw features are 0 it is another one: "
    "b - sum(w · mean / std)."
)
def keeps_the_intercept(b, w, mean, std, X, y):
    return _reported(X, y, b, w / std)


@report.mistake(
    "The slopes are still w, in units of y for each standard deviation. Divide by std to get them for each unit of x."
)
def keeps_the_slopes(b, w, mean, std, X, y):
    return _reported(X, y, b - (w * mean / std).sum(), w)


@report.mistake("You multiply by std. One unit of x is 1/std standard deviations, so a slope for each unit is w / std.")
def multiplies_by_std(b, w, mean, std, X, y):
    return _reported(X, y, b - (w * std * mean).sum(), w * std)


@report.mistake("The shift has the wrong sign: (x - mean) brings a minus into the intercept, b - sum(w · mean / std).")
def adds_the_shift(b, w, mean, std, X, y):
    return _reported(X, y, b + (w * mean / std).sum(), w / std)


@report.mistake("In the intercept you multiply the means by w. They go with the slopes: b - sum(w · mean / std).")
def shifts_by_scaled_slopes(b, w, mean, std, X, y):
    return _reported(X, y, b - (w * mean).sum(), w / std)


@report.mistake("b is divided by std as well. b is in units of y already; only the slopes know of a feature's unit.")
def divides_the_intercept(b, w, mean, std, X, y):
    return _reported(X, y, b / std[0] - (w * mean / std).sum(), w / std)


@report.mistake("Nothing is mapped back: b and w are for standardized features, and X here is raw.")
def maps_nothing_back(b, w, mean, std, X, y):
    return _reported(X, y, b, w)


@report.mistake(
    "b and w are returned as they are: these are right for standardized features. Only the RMSE is right. The report "
    "is for people who measure in grams and millimetres: slopes w / std, intercept b - sum(w · mean / std)."
)
def reports_the_scaled_model(b, w, mean, std, X, y):
    return b, w, report(b, w, mean, std, X, y)[2]


@report.mistake("The third value is the mean squared error, in squared units. Take its root: then it is in units of y.")
def forgets_the_root(b, w, mean, std, X, y):
    intercept, slopes, rmse = report(b, w, mean, std, X, y)
    return intercept, slopes, rmse**2


@report.mistake("You average the sizes of the errors. The RMSE is the root of the mean of their squares.")
def averages_the_sizes(b, w, mean, std, X, y):
    intercept, slopes, _ = report(b, w, mean, std, X, y)
    return intercept, slopes, abs(intercept + X @ slopes - y).mean()


@report.mistake("Your error is the standard deviation of the misses: it does not count that they are off on average.")
def takes_the_spread(b, w, mean, std, X, y):
    intercept, slopes, _ = report(b, w, mean, std, X, y)
    return intercept, slopes, (intercept + X @ slopes - y).std()


@report.mistake(
    "The RMSE is that of raw features in the model for standardized ones. Predict with the intercept and the slopes "
    "that you report."
)
def predicts_with_the_scaled_model(b, w, mean, std, X, y):
    intercept, slopes, _ = report(b, w, mean, std, X, y)
    return intercept, slopes, np.sqrt(_mse(b, w, X, y))


@report.mistake(
    "For the RMSE you standardize X by its own mean and std. Those of the training part belong to the model; with the "
    "raw intercept and slopes you need neither."
)
def standardizes_anew(b, w, mean, std, X, y):
    intercept, slopes, _ = report(b, w, mean, std, X, y)
    return intercept, slopes, np.sqrt(_mse(b, w, (X - X.mean(axis=0)) / X.std(axis=0), y))


# The bug ------------------------------------------------------------------------------------------------------------


def _patients(rng):
    for label, n, m, n_epochs in (("nine rows, three new ones", 9, 3, 6), ("seven rows, one new one", 7, 1, 4)):
        away = rng.normal(0, [2, 0.5], (n + m, 2))
        y = 150 + away @ _signed(rng, 10, 30, 2) + rng.normal(0, 5, n + m)
        X = away + np.array([30, -4])
        yield Case(label, X[:n], y[:n], X[n:], 0.1, n_epochs)


@exercise(
    inputs=_patients,
    returns=("yhat_new",),
    hints=(
        "Nothing is wrong with lr. Print (Z**2).mean(axis=0): how large are the features, and how large, then, are the "
        "curvatures?",
        "A column of length 1 has the mean square 1/N. A column divided by its standard deviation has the mean square "
        "1, whatever N is.",
    ),
)
def progression(X, y, X_new, lr, n_epochs):
    """Fit a linear model on standardized features from zeros, and predict for new rows.

    Parameters
    ----------
    X, y : ndarray of shape (N, n_features) and (N,)
        The rows to fit, raw.
    X_new : ndarray of shape (M, n_features)
        Where to predict, raw.
    lr : float
    n_epochs : int

    Returns
    -------
    yhat_new : ndarray of shape (M,)
    """
    mean, std = X.mean(axis=0), X.std(axis=0)
    return _predicted(X, y, X_new, lr, n_epochs, mean, std)


def _predicted(X, y, X_new, lr, n_epochs, mean, scale, mean_new=None, scale_new=None, lr_b=None):
    Z = (X - mean) / scale
    Z_new = (X_new - (mean if mean_new is None else mean_new)) / (scale if scale_new is None else scale_new)
    b, w = 0.0, np.zeros(X.shape[1])
    for _ in range(n_epochs):
        b_grad, w_grad = _of_mse(Z, b + Z @ w - y)
        b, w = b - (lr if lr_b is None else lr_b) * b_grad, w - lr * w_grad
    return b + Z_new @ w


def _norms(X):
    return np.linalg.norm(X - X.mean(axis=0), axis=0)


@progression.mistake(
    "The columns still have length 1, so their mean squares are 1/N and the slopes hardly move at any usual learning "
    "rate. Divide by the standard deviation, not by the norm."
)
def still_of_unit_norm(X, y, X_new, lr, n_epochs):
    return _predicted(X, y, X_new, lr, n_epochs, X.mean(axis=0), _norms(X))


@progression.mistake(
    "The learning rate is multiplied by the number of rows. That suits the slopes, but b has a curvature of 2 whatever "
    "the features are, and it now overshoots further with every epoch. Mend the scale: divide by the standard "
    "deviation."
)
def multiplies_lr(X, y, X_new, lr, n_epochs):
    return _predicted(X, y, X_new, lr * len(y), n_epochs, X.mean(axis=0), _norms(X))


@progression.mistake(
    "It trains N times as long now. It gets there in the end, but the trouble is still in the scale: divide by the "
    "standard deviation, and n_epochs will do."
)
def trains_longer(X, y, X_new, lr, n_epochs):
    return _predicted(X, y, X_new, lr, n_epochs * len(y), X.mean(axis=0), _norms(X))


@progression.mistake(
    "The columns are scaled by std now, but the new rows still by the norm. One scale for both: that of the rows that "
    "were fitted."
)
def new_rows_by_the_norm(X, y, X_new, lr, n_epochs):
    return _predicted(X, y, X_new, lr, n_epochs, X.mean(axis=0), X.std(axis=0), scale_new=_norms(X))


@progression.mistake("The new rows are no longer scaled. Shift and scale them by mean and std of X.")
def new_rows_raw(X, y, X_new, lr, n_epochs):
    return _predicted(X, y, X_new, lr, n_epochs, X.mean(axis=0), X.std(axis=0), 0, 1)


@progression.mistake("The new rows are shifted by a mean of their own. Mean and std both belong to X.")
def new_rows_by_their_mean(X, y, X_new, lr, n_epochs):
    return _predicted(X, y, X_new, lr, n_epochs, X.mean(axis=0), X.std(axis=0), X_new.mean(axis=0))


@progression.mistake("Your standard deviation divides by N - 1; divide by N, as X.std(axis=0) does.")
def std_of_n_minus_1(X, y, X_new, lr, n_epochs):
    return _predicted(X, y, X_new, lr, n_epochs, X.mean(axis=0), X.std(axis=0, ddof=1))


@progression.mistake("The columns are not shifted any more: subtract the mean of X before you divide.")
def does_not_shift(X, y, X_new, lr, n_epochs):
    return _predicted(X, y, X_new, lr, n_epochs, 0, X.std(axis=0))


@progression.mistake("You divide by the variance. The standard deviation is its root.")
def scales_by_the_variance(X, y, X_new, lr, n_epochs):
    return _predicted(X, y, X_new, lr, n_epochs, X.mean(axis=0), X.var(axis=0))


@progression.mistake(
    "The columns are shifted and not scaled at all. That works only as long as they happen to be of a size; divide by "
    "the standard deviation."
)
def does_not_scale(X, y, X_new, lr, n_epochs):
    return _predicted(X, y, X_new, lr, n_epochs, X.mean(axis=0), 1)


# Quiz ---------------------------------------------------------------------------------------------------------------

what_leaks = Quiz(
    "what_leaks",
    "You want to know how well a model will do on penguins that nobody has measured yet. Which of these let the "
    "validation part leak into the training?",
    a=right(
        "Standardizing all rows, then splitting.",
        "of which rows may a number be made that the training uses, and which of these numbers is made too early?",
    ),
    b=wrong("Standardizing the validation part by the mean and std of the training part.", "nothing flows back there."),
    c=right(
        "Trying 50 learning rates and keeping the one with the lowest validation loss, then quoting that loss.",
        "choosing by a number is learning from it, even if no gradient is taken.",
    ),
    d=wrong(
        "Shuffling the rows before the split.", "the order says nothing about the validation rows, once it is drawn."
    ),
    e=right(
        "Filling gaps with the mean of the whole column, before the split.",
        "a mean of the whole column is made of which rows?",
    ),
)

why_not_the_intercept = Quiz(
    "why_not_the_intercept",
    "The features are standardized. You put a penalty on the intercept as well as on the slopes, and make it larger "
    "and larger. Where do the predictions go?",
    a=right("Towards 0 grams, for every penguin.", "what is left of b + X @ w when both are pulled to 0?"),
    b=wrong(
        "Towards the mean mass of the training penguins.", "that is what they do when the slopes alone are held back."
    ),
    c=wrong("Nowhere: b does not depend on the features.", "the penalty does not ask what b depends on, it pulls."),
    d=right(
        "Towards 3000 grams, if masses had been written down as grams above 3000.",
        "a pull towards 0 depends on where 0 is.",
    ),
)

which_epoch = Quiz(
    "which_epoch",
    "`early_stopping` stops in epoch 90 with `patience=20`. What do you know?",
    a=right("The lowest validation loss so far was that of epoch 70.", "how long ago is the best epoch when it stops?"),
    b=wrong("The training loss was lowest in epoch 70.", "the training loss goes on falling; it does not decide."),
    c=wrong("From epoch 70 to 90 the validation loss rose in every epoch.", "it only has to stay above the best one."),
    d=right(
        "The parameters returned are those before update 70.",
        "which parameters belong to the lowest validation loss?",
    ),
    e=wrong("No later epoch would have had a lower validation loss.", "nobody knows: patience is a bet, not a proof."),
)

how_far_apart = Quiz(
    "how_far_apart",
    "The same training with the same data, in NumPy and in a framework. The losses differ by a share of 10⁻⁷ at first, "
    "and by 10⁻⁴ at the end. What is likely?",
    a=right("One of the two computes in single precision.", "how many digits does a float32 have?"),
    b=wrong("The frameworks use different formulas for the gradient.", "a derivative has one value; both compute it."),
    c=wrong(
        "Such differences are normal between frameworks in double precision.",
        "there they are 10⁻¹⁶ at first, and this lesson finds less than 10⁻¹³ after thousands of epochs.",
    ),
    d=right(
        "A loss that has become small is a difference of large numbers, of which the last digits are lost.",
        "4200 g has been subtracted from 4200 g; which digits are left?",
    ),
)
