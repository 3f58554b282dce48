"""Lesson 07: gradients from JAX, on the points and the descent of "Gradient Descent, a deep dive".

Pure functions, `grad` and `value_and_grad`, `argnums`, and parameters in a tree. Every function that JAX may work on is
also checked under `jit` and `vmap`.
"""

from functools import lru_cache

import numpy as np

from gdexercises.checking import Case, Quiz, Unusable, driver, exercise, right, wrong
from gdexercises.checking.jax_drivers import (
    TRANSFORMED,
    array,
    batch_call,
    batched,
    call_or_batch,
    changes_outside,
    compiled,
    jax,
    numbers_of,
)
from gdexercises.checking.wire import pack

jnp = jax.numpy

# The six points of the lesson, and its learning rate: what an answer sees that reads the notebook's names.
_X = np.arange(-1, 5, dtype=np.float32)
_Y = 2 * _X - 1
_LR = 0.01


def _float32(value):
    """A Python float that single precision holds exactly, so that it is the same number in and outside of JAX."""
    return float(np.float32(value))


def _parameters(rng, shape=None):
    values = rng.uniform(0.5, 3, (2, *(shape or ()))) * rng.choice([-1, 1], (2, *(shape or ())))
    return [array(value) for value in values] if shape else [_float32(value) for value in values]


def _points(rng, n, noise=0.5):
    x = np.linspace(-2, 3, n) + rng.uniform(-0.4, 0.4, n)
    b, w = rng.uniform(0.5, 2, 2) * rng.choice([-1, 1], 2)
    return array(x), array(b + w * x + noise * rng.standard_normal(n))


def _lines(rng):
    """Parameters and points to judge them on: the lesson's, few, one, and a batch of parameters under jit and vmap."""
    yield Case("the points of this lesson", None, *_parameters(rng), array(_X), array(_Y))
    yield Case("four points", None, *map(array, _parameters(rng)), *_points(rng, 4))
    yield Case("one point", None, *_parameters(rng), *_points(rng, 1))
    yield Case(TRANSFORMED, [0, 0, None, None], *_parameters(rng, (3,)), *_points(rng, 4))


def _called(name, names, axes):
    """How a call is shown, for axes of a batch or None."""
    return f"{name}({names})" if axes is None else batch_call(name, axes, names)


@jax.jit
def _value_and_gradients(b, w, x, y):
    """Loss and gradients for mistakes, compiled once: a check tries all mistakes, and tracing is slow."""
    error = b + w * x - y
    return (error**2).mean(), (2 * error.mean(), 2 * (x * error).mean())


# Step 1: predict ---------------------------------------------------------------------------------------------------


def _points_to_predict(rng):
    for case in _lines(rng):
        axes, b, w, x, _ = case.arguments
        axes = None if axes is None else [None, 0, 0]
        yield Case(case.label, axes, x, b, w, call=_called("predict", "x, b, w", axes))


@exercise(
    inputs=_points_to_predict,
    driver=call_or_batch,
    returns=("yhat",),
    hints=(
        "The same line as in lesson 01. A JAX array adds and multiplies as a NumPy array does.",
        "yhat = b + w * x. No function of np or jnp is needed.",
    ),
)
def predict(x, b, w):
    """Predictions of the line with intercept `b` and slope `w`.

    Parameters
    ----------
    x : jax.Array of shape (N,)
    b, w : float or jax.Array of shape ()

    Returns
    -------
    yhat : jax.Array of shape (N,)
    """
    return b + w * x


@predict.mistake("b and w are exchanged: b is the intercept, added once; w is the slope, multiplied by x.")
def exchanges_parameters(x, b, w):
    return w + b * x


@predict.mistake("The intercept b is missing: without it every line goes through the origin.")
def leaves_out_b(x, b, w):
    return w * x


@predict.mistake(
    "The function reads the notebook's own x in place of its argument. It must work on any points that are handed to "
    "it: use the names in the line with def."
)
def reads_global_x(x, b, w):
    return b + w * jnp.asarray(_X)


@predict.mistake(
    "It is right for the line of S1, where b is fixed at -1. Here b is an argument: use it instead of the -1."
)
def fixes_b(x, b, w):
    return w * x - 1


@predict.mistake("Here it is np.add, np.multiply or np.array that does not go with a tracer: b + w * x needs neither.")
def predicts_with_numpy(x, b, w):
    return np.add(b, np.multiply(w, x))


@predict.mistake("Do not convert b and w with float(…): they may be tracers. The sum and the product take them as is.")
def converts_parameters(x, b, w):
    return float(b) + float(w) * x


# Step 2: loss ------------------------------------------------------------------------------------------------------


def _losses(rng):
    for case in _lines(rng):
        yield Case(case.label, *case.arguments, call=_called("loss", "b, w, x, y", case.arguments[0]))


@exercise(
    inputs=_losses,
    driver=call_or_batch,
    returns=("the loss",),
    builds_on=(predict,),
    hints=(
        "First the predictions, then the error, then its square, then the mean: as in lesson 01, now in one function.",
        "((predict(x, b, w) - y) ** 2).mean() is all there is to it. Return it as it is, without float(…).",
    ),
)
def loss(b, w, x, y):
    """Mean squared error of the line ``b + w * x``, as a pure function of its arguments.

    Parameters
    ----------
    b, w : float or jax.Array of shape ()
        The parameters come first: `jax.grad` differentiates with respect to the first argument, unless told otherwise.
    x, y : jax.Array of shape (N,)

    Returns
    -------
    loss : jax.Array of shape ()
        In squared units of y.
    """
    error = predict(x, b, w) - y
    return (error**2).mean()


@loss.mistake("You sum the squares; the mean divides by the number of points as well.")
def sums(b, w, x, y):
    return ((b + w * x - y) ** 2).sum()


@loss.mistake(
    "You divide by 6, which is right for the six points of this lesson alone. Take the mean, or divide by len(x)."
)
def divides_by_six(b, w, x, y):
    return ((b + w * x - y) ** 2).sum() / 6


@loss.mistake("You take the square root at the end: that is the RMSE. The mean squared error has no root.")
def takes_the_root(b, w, x, y):
    return jnp.sqrt(((b + w * x - y) ** 2).mean())


@loss.mistake("The errors are not squared, so positive and negative ones cancel.")
def does_not_square(b, w, x, y):
    return (b + w * x - y).mean()


@loss.mistake("You take the absolute errors in place of their squares: that is the mean absolute error.")
def takes_absolute_values(b, w, x, y):
    return abs(b + w * x - y).mean()


@loss.mistake(
    "The function reads the notebook's own x and y in place of its arguments, so it gives their loss for whatever "
    "points you hand to it. A pure function takes in all that it needs as arguments."
)
def reads_global_data(b, w, x, y):
    return ((b + w * jnp.asarray(_X) - jnp.asarray(_Y)) ** 2).mean()


@loss.mistake("b and w arrive at the wrong places: the order is loss(b, w, x, y), but predict(x, b, w).")
def hands_over_in_the_wrong_order(b, w, x, y):
    return ((w + b * x - y) ** 2).mean()


@loss.mistake("In this function it is the square or the difference that NumPy was to compute: (yhat - y) ** 2 does it.")
def computes_with_numpy(b, w, x, y):
    return jnp.mean(np.square(b + w * x - y))


@loss.mistake("float(loss) or loss.item() belongs to where you print the loss, not into the function.")
def makes_a_float(b, w, x, y):
    return float(((b + w * x - y) ** 2).mean())


# Step 3: gradients -------------------------------------------------------------------------------------------------


@driver
def look_at_gradients(attempt, axes, b, w, x, y):
    """The loss and the gradients that a call gives, in one row; a batch of calls if `axes` are given."""
    result = call_or_batch(lambda *arguments: _pair(attempt(*arguments)), axes, b, w, x, y)
    if not isinstance(result, tuple | list):
        return result
    return tuple(part for half in result for part in _parts(half, batch=axes is not None))


def _pair(result):
    """The result itself if it can be a loss and a gradient, or a complaint about what it is instead."""
    if result is None or result is ...:
        return result
    if callable(result):
        raise Unusable(
            "It returns a function. jax.grad and jax.value_and_grad make a function of a function: call the one that "
            "they make, with b, w, x and y, and return what that gives."
        )
    if isinstance(result, tuple | list) and any(map(callable, result)):
        raise Unusable(
            "One of the values that it returns is a function. jax.grad(loss, …) makes a function: call it, with b, w, "
            "x and y in brackets of their own behind it."
        )
    if not isinstance(result, tuple | list) or len(result) != 2:
        found = f"{len(result)} values" if isinstance(result, tuple | list) else "one value"
        raise Unusable(
            f"It returns {found}. Return two, as jax.value_and_grad does: the loss, and the pair (b_grad, w_grad)."
        )
    return result


def _parts(half, batch):
    """The gradients in a tuple, a list or an array of them, or the loss alone."""
    if isinstance(half, tuple | list):
        return list(half)
    return list(half) if np.ndim(half) > batch and len(half) <= 2 else [half]


def _gradients(rng):
    cases = {case.label: case for case in _lines(rng)}
    del cases["one point"]
    for case in cases.values():
        yield Case(case.label, *case.arguments, call=_called("loss_and_gradient", "b, w, x, y", case.arguments[0]))


@exercise(
    inputs=_gradients,
    driver=look_at_gradients,
    returns=("the loss", "b_grad", "w_grad"),
    builds_on=(predict, loss),
    hints=(
        "jax.value_and_grad(loss) makes a new function. It takes the same arguments as loss, and returns the loss and "
        "the gradient.",
        "With respect to which arguments? argnums=(0, 1) means the first and the second: in loss(b, w, x, y), b and w.",
        "return jax.value_and_grad(loss, argnums=(0, 1))(…), with the four arguments in place of the dots.",
    ),
)
def loss_and_gradient(b, w, x, y):
    """The loss, and its gradient with respect to `b` and `w`.

    Parameters
    ----------
    b, w : float or jax.Array of shape ()
    x, y : jax.Array of shape (N,)

    Returns
    -------
    loss : jax.Array of shape ()
    gradient : tuple of two jax.Array of shape ()
        b_grad and w_grad, in units of loss per unit of the parameter.
    """
    return jax.value_and_grad(loss, argnums=(0, 1))(b, w, x, y)


@loss_and_gradient.mistake(
    "argnums is missing (or 0), so you get the gradient with respect to the first argument alone, b. Both are wanted: "
    "argnums=(0, 1)."
)
def with_respect_to_b_alone(b, w, x, y):
    value, (b_grad, _) = _value_and_gradients(b, w, x, y)
    return value, b_grad


@loss_and_gradient.mistake(
    "argnums=1 gives the gradient with respect to w alone, as in S1. Now both are wanted: argnums=(0, 1)."
)
def with_respect_to_w_alone(b, w, x, y):
    value, (_, w_grad) = _value_and_gradients(b, w, x, y)
    return value, w_grad


@loss_and_gradient.mistake(
    "The two gradients are exchanged. argnums counts the arguments of loss(b, w, x, y) from 0, and the gradients come "
    "in the order of argnums: (0, 1), not (1, 0)."
)
def argnums_exchanged(b, w, x, y):
    value, (b_grad, w_grad) = _value_and_gradients(b, w, x, y)
    return value, (w_grad, b_grad)


@loss_and_gradient.mistake(
    "Both gradients are that with respect to b: grad without argnums takes the first argument, whichever you have in "
    "mind. One call with argnums=(0, 1) gives both."
)
def both_with_respect_to_b(b, w, x, y):
    value, (b_grad, _) = _value_and_gradients(b, w, x, y)
    return value, (b_grad, b_grad)


@loss_and_gradient.mistake(
    "argnums counts from 0. With (1, 2) you differentiate with respect to w and x; b and w are (0, 1)."
)
def argnums_from_one(b, w, x, y):
    value, (_, w_grad) = _value_and_gradients(b, w, x, y)
    return value, (w_grad, 2 * (b + w * x - y) * w / len(x))


@loss_and_gradient.mistake(
    "You differentiate with respect to the data, x and y. They are given; the parameters b and w are what can change."
)
def with_respect_to_the_data(b, w, x, y):
    error = b + w * x - y
    return (error**2).mean(), (2 * error * w / len(x), -2 * error / len(x))


@loss_and_gradient.mistake(
    "The gradients are there, but the loss is missing: jax.grad gives the gradient alone, jax.value_and_grad both."
)
def forgets_the_loss(b, w, x, y):
    return _value_and_gradients(b, w, x, y)[1]


@loss_and_gradient.mistake("The loss comes first, then the pair of gradients: that is the order of value_and_grad.")
def gradient_first(b, w, x, y):
    return _value_and_gradients(b, w, x, y)[::-1]


@loss_and_gradient.mistake(
    "The gradient is that of the notebook's own x and y, whatever points are handed over. Pass the arguments on."
)
def gradient_of_global_data(b, w, x, y):
    return _value_and_gradients(b, w, jnp.asarray(_X), jnp.asarray(_Y))


@loss_and_gradient.mistake("Return the loss and the gradients as they are: float(…) is for where you print them.")
def gradient_in_floats(b, w, x, y):
    value, (b_grad, w_grad) = _value_and_gradients(b, w, x, y)
    return float(value), (float(b_grad), float(w_grad))


# Step 4: update ----------------------------------------------------------------------------------------------------


def _steps(rng):
    for case in _gradients(rng):
        axes, *arguments = case.arguments
        axes = None if axes is None else [*axes, None]
        lr = _float32(rng.uniform(0.02, 0.1))
        yield Case(case.label, axes, *arguments, lr, call=_called("step", "b, w, x, y, lr", axes))


@exercise(
    inputs=_steps,
    driver=call_or_batch,
    returns=("b", "w", "the loss"),
    builds_on=(predict, loss, loss_and_gradient),
    hints=(
        "Get the loss and both gradients first. Then update both parameters, as in lesson 01.",
        "value, (b_grad, w_grad) = loss_and_gradient(b, w, x, y) takes the pair apart.",
    ),
)
def step(b, w, x, y, lr):
    """One update of both parameters, from the same point.

    Parameters
    ----------
    b, w : float or jax.Array of shape ()
    x, y : jax.Array of shape (N,)
    lr : float
        Learning rate, positive.

    Returns
    -------
    b, w : jax.Array of shape ()
        The updated parameters.
    loss : jax.Array of shape ()
        The loss before the update.
    """
    value, (b_grad, w_grad) = loss_and_gradient(b, w, x, y)
    return b - lr * b_grad, w - lr * w_grad, value


def _stepped(b, w, x, y, lr):
    """The right step, quickly."""
    value, (b_grad, w_grad) = _value_and_gradients(b, w, x, y)
    return b - lr * b_grad, w - lr * w_grad, value


@step.mistake("You walk uphill: the gradient points to larger loss. Subtract lr · gradient.")
def uphill(b, w, x, y, lr):
    value, (b_grad, w_grad) = _value_and_gradients(b, w, x, y)
    return b + lr * b_grad, w + lr * w_grad, value


@step.mistake("The learning rate is forgotten: the step is lr times the gradient, not the whole gradient.")
def forgets_lr(b, w, x, y, lr):
    value, (b_grad, w_grad) = _value_and_gradients(b, w, x, y)
    return b - b_grad, w - w_grad, value


@step.mistake(
    "The step is taken with the notebook's own lr, 0.01. Use the argument, so that the function depends on nothing "
    "else."
)
def reads_global_lr(b, w, x, y, lr):
    value, (b_grad, w_grad) = _value_and_gradients(b, w, x, y)
    return b - _LR * b_grad, w - _LR * w_grad, value


@step.mistake("The gradients are exchanged: b moves by its own gradient b_grad, w by w_grad.")
def exchanges_gradients(b, w, x, y, lr):
    value, (b_grad, w_grad) = _value_and_gradients(b, w, x, y)
    return b - lr * w_grad, w - lr * b_grad, value


@step.mistake("Both parameters move by the same gradient, that of b. w moves by its own, w_grad.")
def one_gradient_for_both(b, w, x, y, lr):
    value, (b_grad, _) = _value_and_gradients(b, w, x, y)
    return b - lr * b_grad, w - lr * b_grad, value


@step.mistake("You return the gradients. The new parameter is the old one minus lr times its gradient.")
def returns_gradients(b, w, x, y, lr):
    value, (b_grad, w_grad) = _value_and_gradients(b, w, x, y)
    return b_grad, w_grad, value


@step.mistake(
    "w is updated with a gradient that was computed after b had moved. Both gradients belong to the same point: "
    "compute both in one call, then update both."
)
def updates_in_turn(b, w, x, y, lr):
    value, (b_grad, _) = _value_and_gradients(b, w, x, y)
    b = b - lr * b_grad
    return b, w - lr * _value_and_gradients(b, w, x, y)[1][1], value


@step.mistake("The loss is that after the update. Return the one that came with the gradients, before it.")
def loss_after_the_update(b, w, x, y, lr):
    b, w, _ = _stepped(b, w, x, y, lr)
    return b, w, _value_and_gradients(b, w, x, y)[0]


@step.mistake("The new b and w are right, but the loss is missing: return b, w and the loss before the update.")
def returns_parameters_alone(b, w, x, y, lr):
    return _stepped(b, w, x, y, lr)[:2]


@step.mistake("The loss comes last here: b, w, loss.")
def returns_the_loss_first(b, w, x, y, lr):
    b, w, value = _stepped(b, w, x, y, lr)
    return value, b, w


@step.mistake("Return b, w and the loss as they are: float(…) is for where you print them.")
def steps_in_floats(b, w, x, y, lr):
    return tuple(map(float, _stepped(b, w, x, y, lr)))


# Step 5: repeat ----------------------------------------------------------------------------------------------------


@driver
def train_once_and_again(attempt, *arguments):
    """What a training gives; where it has changed something outside itself, a second one must give the same."""
    changed = changes_outside(attempt)
    result = numbers_of(attempt(*arguments))
    if changed() != "nothing":
        before = pack(result)
        if pack(attempt(*arguments)) != before:
            raise Unusable(
                "Called twice with the same arguments, it gives two different results: something is kept from one "
                "call to the next, in a global variable or in a default value such as losses=[]."
            )
    return result


def _by_hand(b, w, x, y):
    """Loss, b_grad and w_grad for mistakes, in NumPy: single numbers are quicker there than in JAX."""
    x = np.asarray(x)
    error = b + w * x - np.asarray(y)
    return (error**2).mean(), 2 * error.mean(), 2 * (x * error).mean()


def _w_alone(rng):
    """Descents of w alone: one that meets the tolerance after two updates, and one that does not."""
    x, y = _points(rng, 4, noise=0.0)
    b = float(y.values[0] - x.values[0] * (y.values[3] - y.values[0]) / (x.values[3] - x.values[0]))
    slope = float((y.values[0] - b) / x.values[0])
    w, lr = _float32(slope + rng.choice([-1, 1]) * rng.uniform(2, 4)), 0.25 / float((x.values**2).mean())
    lr = _float32(lr)
    losses, place = [], w
    for _ in range(4):
        value, _, w_grad = _by_hand(b, place, x.values, y.values)
        losses.append(float(value))
        place = place - lr * float(w_grad)
    tolerance = _float32((losses[1] * losses[2]) ** 0.5)
    arguments = (x, y, _float32(b), w, lr)
    call = "train_w(x, y, b, w, lr, n_epochs={}, tolerance={:.6g})"
    yield Case("the loss gets below the tolerance", *arguments, 5, tolerance, call=call.format(5, tolerance))
    x, y = _points(rng, 4)
    b, w = _parameters(rng)
    yield Case("too few epochs for the tolerance", x, y, b, w, lr, 2, 1e-6, call=call.format(2, 1e-6))


@exercise(
    inputs=_w_alone,
    driver=train_once_and_again,
    returns=("w", "losses"),
    builds_on=(predict, loss),
    hints=(
        "A for loop over range(n_epochs). In each round: the loss and its gradient with respect to w, note the loss, "
        "stop if it is small, update w.",
        "argnums=1 is w: value, w_grad = jax.value_and_grad(loss, argnums=1)(b, w, x, y).",
        "Right after losses.append(value): if value < tolerance: break.",
    ),
)
def train_w(x, y, b, w, lr, n_epochs, tolerance):
    """Gradient descent on `w` alone, with `b` fixed, until the loss is small.

    Each epoch computes the loss and records it, stops if it is smaller than `tolerance`, and only then updates w.

    Parameters
    ----------
    x, y : jax.Array of shape (N,)
    b : float
        Stays as it is.
    w : float
        Where to start.
    lr : float
        Learning rate.
    n_epochs : int
        The largest number of epochs.
    tolerance : float
        Stop if the loss is smaller than that, in squared units of y.

    Returns
    -------
    w : jax.Array of shape ()
    losses : list
        The loss of each epoch begun, the one that stopped included.
    """
    losses = []
    for _ in range(n_epochs):
        value, w_grad = jax.value_and_grad(loss, argnums=1)(b, w, x, y)
        losses.append(value)
        if value < tolerance:
            break
        w = w - lr * w_grad
    return w, losses


@train_w.mistake(
    "It never stops early, although the loss is below the tolerance. If you compare with == or !=: a float that comes "
    "ever nearer to a number need never be equal to it. Stop if value < tolerance."
)
def float_equality(x, y, b, w, lr, n_epochs, tolerance):
    losses = []
    for _ in range(n_epochs):
        value, _, w_grad = _by_hand(b, w, x, y)
        losses.append(value)
        if value == 0:
            break
        w = w - lr * w_grad
    return w, losses


@train_w.mistake(
    "w moves by the gradient with respect to b: without argnums, or with argnums=0, jax differentiates with respect to "
    "the first argument. w is argument 1 of loss(b, w, x, y)."
)
def differentiates_b(x, y, b, w, lr, n_epochs, tolerance):
    losses = []
    for _ in range(n_epochs):
        value, b_grad, _ = _by_hand(b, w, x, y)
        losses.append(value)
        if value < tolerance:
            break
        w = w - lr * b_grad
    return w, losses


@train_w.mistake("b moves as well. In this exercise it stays where it is; only w learns.")
def trains_b_as_well(x, y, b, w, lr, n_epochs, tolerance):
    losses = []
    for _ in range(n_epochs):
        value, b_grad, w_grad = _by_hand(b, w, x, y)
        losses.append(value)
        if value < tolerance:
            break
        b, w = b - lr * b_grad, w - lr * w_grad
    return w, losses


@train_w.mistake("The loss that stopped it is missing at the end of losses: record it first, then decide.")
def stops_before_recording(x, y, b, w, lr, n_epochs, tolerance):
    losses = []
    for _ in range(n_epochs):
        value, _, w_grad = _by_hand(b, w, x, y)
        if value < tolerance:
            break
        losses.append(value)
        w = w - lr * w_grad
    return w, losses


@train_w.mistake("It makes one more update after the loss is small enough: decide first, then update.")
def updates_before_stopping(x, y, b, w, lr, n_epochs, tolerance):
    losses = []
    for _ in range(n_epochs):
        value, _, w_grad = _by_hand(b, w, x, y)
        losses.append(value)
        w = w - lr * w_grad
        if value < tolerance:
            break
    return w, losses


@train_w.mistake("It stops at once, while the loss is still large. Stop if the loss is smaller than the tolerance.")
def stops_while_large(x, y, b, w, lr, n_epochs, tolerance):
    losses = []
    for _ in range(n_epochs):
        value, _, w_grad = _by_hand(b, w, x, y)
        losses.append(value)
        if value > tolerance:
            break
        w = w - lr * w_grad
    return w, losses


@train_w.mistake("You walk uphill: subtract lr · w_grad.")
def w_uphill(x, y, b, w, lr, n_epochs, tolerance):
    losses = []
    for _ in range(n_epochs):
        value, _, w_grad = _by_hand(b, w, x, y)
        losses.append(value)
        if value < tolerance:
            break
        w = w + lr * w_grad
    return w, losses


@train_w.mistake("The loss is kept, but w never changes: w = w - lr * w_grad has to stand in the loop.")
def w_stays(x, y, b, w, lr, n_epochs, tolerance):
    return w, [_by_hand(b, w, x, y)[0]] * n_epochs


@train_w.mistake(
    "argnums=(0, 1) gives a pair of gradients, and a pair cannot be multiplied by lr. Here only w learns: argnums=1 "
    "gives its gradient alone."
)
def differentiates_both(x, y, b, w, lr, n_epochs, tolerance):
    _, *gradients = _by_hand(b, w, x, y)
    return w - lr * tuple(gradients), []


@train_w.mistake("The training is right, but only its last loss is returned. losses is a list with one for each epoch.")
def returns_the_last_loss_of_w(x, y, b, w, lr, n_epochs, tolerance):
    w, losses = _descended_below(x, y, b, w, lr, n_epochs, tolerance)
    return w, losses[-1]


@train_w.mistake("The training ends after its first epoch: `return` stands inside the loop. Indent it like the for.")
def returns_w_in_the_loop(x, y, b, w, lr, n_epochs, tolerance):
    return _descended_below(x, y, b, w, lr, 1, tolerance)


@train_w.mistake("b and w arrive at the wrong places: the order is loss(b, w, x, y).")
def hands_over_w_first(x, y, b, w, lr, n_epochs, tolerance):
    losses = []
    for _ in range(n_epochs):
        value, _, grad = _by_hand(w, b, x, y)
        losses.append(value)
        if value < tolerance:
            break
        w = w - lr * grad
    return w, losses


_STATE_HINT = (
    "What is made outside the function, or in its line with def, is made once for all calls, and each call finds what "
    "the last one left there. Make it inside: the first line of the function is losses = []."
)


def _descended_below(x, y, b, w, lr, n_epochs, tolerance):
    """The right training of w, quickly."""
    losses = []
    for _ in range(n_epochs):
        value, _, w_grad = _by_hand(b, w, x, y)
        losses.append(value)
        if value < tolerance:
            break
        w = w - lr * w_grad
    return w, losses


@train_w.mistake(_STATE_HINT)
def keeps_state_of_w(x, y, b, w, lr, n_epochs, tolerance, losses=[]):  # noqa: B006 -- that is the mistake
    w, new = _descended_below(x, y, b, w, lr, n_epochs, tolerance)
    losses.extend(new)
    return w, losses


def _trainings(rng):
    for label, n, n_epochs in (("three epochs", 4, 3), ("one epoch", 6, 1)):
        arguments = (*_points(rng, n), *_parameters(rng), _float32(rng.uniform(0.05, 0.1)), n_epochs)
        yield Case(label, *arguments, call=f"train(x, y, b, w, lr, n_epochs={n_epochs})")


@exercise(
    inputs=_trainings,
    driver=train_once_and_again,
    returns=("b", "w", "losses"),
    builds_on=(predict, loss, loss_and_gradient, step),
    hints=(
        "step does all the work of one epoch. Start with losses = [], and call step n_epochs times.",
        "b, w, value = step(b, w, x, y, lr) gives the next b and w to the next round.",
    ),
)
def train(x, y, b, w, lr, n_epochs):
    """Gradient descent on `b` and `w`.

    Parameters
    ----------
    x, y : jax.Array of shape (N,)
    b, w : float
        Where to start.
    lr : float
        Learning rate.
    n_epochs : int

    Returns
    -------
    b, w : jax.Array of shape ()
        The parameters after the last update.
    losses : list
        ``losses[i]`` is the loss just before update ``i``.
    """
    losses = []
    for _ in range(n_epochs):
        b, w, value = step(b, w, x, y, lr)
        losses.append(value)
    return b, w, losses


def _descended(x, y, b, w, lr, n_epochs):
    """The right training, quickly."""
    losses = []
    for _ in range(n_epochs):
        value, b_grad, w_grad = _by_hand(b, w, x, y)
        losses.append(value)
        b, w = b - lr * b_grad, w - lr * w_grad
    return b, w, losses


@train.mistake(
    "The losses are recorded after the update; losses[i] is the loss just before update i. It is the one that step "
    "returns."
)
def records_after_update(x, y, b, w, lr, n_epochs):
    *parameters, losses = _descended(x, y, b, w, lr, n_epochs)
    return *parameters, [*losses[1:], _by_hand(*parameters, x, y)[0]]


@train.mistake("One epoch is missing: range(n_epochs) already gives n_epochs rounds.")
def one_epoch_short(x, y, b, w, lr, n_epochs):
    return _descended(x, y, b, w, lr, n_epochs - 1)


@train.mistake("One epoch too many: range(n_epochs) gives n_epochs rounds.")
def one_epoch_long(x, y, b, w, lr, n_epochs):
    return _descended(x, y, b, w, lr, n_epochs + 1)


@train.mistake("b and w never change: take what step returns, b, w, value = step(…).")
def drops_the_update(x, y, b, w, lr, n_epochs):
    return b, w, [_by_hand(b, w, x, y)[0]] * n_epochs


@train.mistake(
    "The parameters are set back to the start in every round: what step returns must go into the next round as b and w."
)
def restarts_each_epoch(x, y, b, w, lr, n_epochs):
    b, w, losses = _descended(x, y, b, w, lr, 1)
    return b, w, losses * n_epochs


@train.mistake("Only w has learned, and b has stayed at its start. Both parameters are to be updated now.")
def trains_w_alone(x, y, b, w, lr, n_epochs):
    losses = []
    for _ in range(n_epochs):
        value, _, w_grad = _by_hand(b, w, x, y)
        losses.append(value)
        w = w - lr * w_grad
    return b, w, losses


@train.mistake("The training ends after its first epoch: `return` stands inside the loop. Indent it like the for.")
def returns_in_the_first_round(x, y, b, w, lr, n_epochs):
    return _descended(x, y, b, w, lr, 1)


@train.mistake(
    "b and w are exchanged in every round: step returns b, w and the loss in this order. Write b, w, value = step(…)."
)
def takes_w_for_b(x, y, b, w, lr, n_epochs):
    losses = []
    for _ in range(n_epochs):
        value, b_grad, w_grad = _by_hand(b, w, x, y)
        losses.append(value)
        w, b = b - lr * b_grad, w - lr * w_grad
    return b, w, losses


@train.mistake("The training is right, but only its last loss is returned. losses is a list with one for each epoch.")
def returns_the_last_loss(x, y, b, w, lr, n_epochs):
    b, w, losses = _descended(x, y, b, w, lr, n_epochs)
    return b, w, losses[-1]


@train.mistake(_STATE_HINT)
def keeps_state(x, y, b, w, lr, n_epochs, losses=[]):  # noqa: B006 -- that is the mistake
    b, w, new = _descended(x, y, b, w, lr, n_epochs)
    losses.extend(new)
    return b, w, losses


# Trees of parameters -----------------------------------------------------------------------------------------------


@jax.jit
def _loss_of_line(params, x, y):
    return ((params["b"] + params["w"] * x - y) ** 2).mean()


@jax.jit
def _loss_of_network(params, x, y):
    hidden = jnp.tanh(params["hidden"]["b"] + params["hidden"]["w"] * x[:, None])
    b, w = params["out"]
    return ((b + hidden @ w - y) ** 2).mean()


_MODELS = {"line": _loss_of_line, "network": _loss_of_network}


@driver
def step_on_tree(attempt, model, axes, params, x, y, lr):
    """One step on the parameters of a model; on a batch of parameters under jit and vmap if `axes` are given."""
    loss_of = _MODELS[model]
    if axes is None:
        return numbers_of(attempt(loss_of, params, x, y, lr))
    return batched(lambda params: attempt(loss_of, params, x, y, lr), [axes], params)


def _trees(rng):
    lr = _float32(rng.uniform(0.02, 0.1))

    def case(label, model, axes, params, text):
        return Case(label, model, axes, params, *_points(rng, 4), lr, call=text)

    call = "step_pytree(loss_of, params, x, y, lr), with params = {}"
    b, w = map(array, _parameters(rng))
    yield case("a dict", "line", None, {"b": b, "w": w}, call.format('{"b": …, "w": …}'))
    hidden = dict(zip("bw", _parameters(rng, (3,)), strict=True))
    out = [array(rng.uniform(0.5, 2)), array(rng.uniform(0.5, 2, 3))]
    call_network = call.format('{"hidden": {"b": …, "w": …}, "out": […, …]}')
    yield case("a dict in a dict, and a list", "network", None, {"hidden": hidden, "out": out}, call_network)
    params = dict(zip("bw", _parameters(rng, (3,)), strict=True))
    call_batch = (
        'jax.jit(jax.vmap(lambda params: step_pytree(loss_of, params, x, y, lr), out_axes=-1))({"b": …, "w": …})'
    )
    yield case(TRANSFORMED, "line", {"b": 0, "w": 0}, params, call_batch)


@exercise(
    inputs=_trees,
    driver=step_on_tree,
    returns=("params",),
    hints=(
        "jax.grad(loss_of)(params, x, y) has the shape of params: a dict for a dict, with a gradient in each place.",
        "jax.tree.map(f, params, grads) calls f with each parameter and its gradient, and builds a tree of what f "
        "returns.",
        "jax.tree.map(lambda p, g: p - lr * g, params, grads)",
    ),
)
def step_pytree(loss_of, params, x, y, lr):
    """One update of all parameters in a tree, whatever its shape.

    Parameters
    ----------
    loss_of : callable
        ``loss_of(params, x, y)`` is the loss, one number.
    params : pytree of jax.Array
        Dicts, lists and tuples, one in the other, with arrays at the ends. It stays as it is.
    x, y : jax.Array of shape (N,)
    lr : float
        Learning rate.

    Returns
    -------
    params : pytree of jax.Array
        A new tree of the same shape.
    """
    grads = jax.grad(loss_of)(params, x, y)
    return jax.tree.map(lambda p, g: p - lr * g, params, grads)


@lru_cache
def _gradient_of(loss_of):
    return jax.jit(jax.grad(loss_of))


@step_pytree.mistake("You walk uphill: subtract lr · gradient.")
def tree_uphill(loss_of, params, x, y, lr):
    return jax.tree.map(lambda p, g: p + lr * g, params, _gradient_of(loss_of)(params, x, y))


@step_pytree.mistake("The learning rate is forgotten: the step is lr times the gradient, not the whole gradient.")
def tree_forgets_lr(loss_of, params, x, y, lr):
    return jax.tree.map(lambda p, g: p - g, params, _gradient_of(loss_of)(params, x, y))


@step_pytree.mistake(
    "Parameter and gradient are exchanged: jax.tree.map(f, params, grads) calls f with the parameter first, then the "
    "gradient."
)
def exchanges_p_and_g(loss_of, params, x, y, lr):
    return jax.tree.map(lambda g, p: p - lr * g, params, _gradient_of(loss_of)(params, x, y))


@step_pytree.mistake("You return the gradients. The new parameters are the old ones minus lr times the gradients.")
def returns_the_gradients(loss_of, params, x, y, lr):
    return _gradient_of(loss_of)(params, x, y)


@step_pytree.mistake("You return the steps alone. The new parameters are the old ones minus the steps.")
def returns_the_steps(loss_of, params, x, y, lr):
    return jax.tree.map(lambda g: -lr * g, _gradient_of(loss_of)(params, x, y))


@step_pytree.mistake(
    "The values are right, but they come as a flat list: jax.tree.leaves has taken the tree apart. jax.tree.map works "
    "on the ends and keeps the tree."
)
def returns_leaves(loss_of, params, x, y, lr):
    grads = _gradient_of(loss_of)(params, x, y)
    return [p - lr * g for p, g in zip(jax.tree.leaves(params), jax.tree.leaves(grads), strict=True)]


@step_pytree.mistake(
    'It works for {"b": …, "w": …} alone. A tree has any shape: jax.tree.map goes to all its ends, so that you need '
    "not know the keys."
)
def knows_two_keys(loss_of, params, x, y, lr):
    grads = _gradient_of(loss_of)(params, x, y)
    return {"b": params["b"] - lr * grads["b"], "w": params["w"] - lr * grads["w"]}


@step_pytree.mistake(
    "It goes through one level of the dict, and stumbles where a value is a dict or a list itself. jax.tree.map goes "
    "all the way to the arrays."
)
def goes_one_level_deep(loss_of, params, x, y, lr):
    grads = _gradient_of(loss_of)(params, x, y)
    return {key: params[key] - lr * grads[key] for key in params}


@step_pytree.mistake(
    "params itself has changed: a JAX array cannot be changed in place, but the dict that holds it can. A step that "
    "changes its argument is not pure, and under jit the change is lost. Build a new tree, with jax.tree.map."
)
def mutates(loss_of, params, x, y, lr):
    return _set_in_place(params, _gradient_of(loss_of)(params, x, y), lr)


def _set_in_place(params, grads, lr):
    for key in params if isinstance(params, dict) else range(len(params)):
        if isinstance(params[key], dict | list):
            _set_in_place(params[key], grads[key], lr)
        else:
            params[key] = params[key] - lr * grads[key]
    return params


@step_pytree.mistake("argnums points at x. params is the first argument of loss_of, so leave argnums out.")
def tree_with_respect_to_x(loss_of, params, x, y, lr):
    return jax.tree.map(lambda p, g: p - lr * g, params, jax.grad(loss_of, argnums=1)(params, x, y))


# Find the bug: an impure loss --------------------------------------------------------------------------------------


@driver
def look_for_side_effects(attempt, axes, b, w, x, y):
    """What the call returns, and whether it changes anything else."""
    changed = changes_outside(attempt)
    result = call_or_batch(lambda *arguments: _two_values(attempt(*arguments)), axes, b, w, x, y)
    if result is None or result is ...:
        return result
    return (*result, changed() != "nothing")


def _two_values(result):
    """The result itself if it is a pair, or a complaint about what it is instead."""
    if result is None or result is ...:
        return result
    if isinstance(result, jax.Array) and result.shape == (2,):
        return tuple(result)
    if not isinstance(result, tuple | list) or len(result) != 2:
        found = f"{len(result)} values" if isinstance(result, tuple | list) else "one value"
        raise Unusable(f"It returns {found}. Return two: the loss, and worst, the largest absolute error.")
    return result


def _impure(rng):
    for case in _lines(rng):
        yield Case(case.label, *case.arguments, call=_called("loss_and_worst", "b, w, x, y", case.arguments[0]))


@exercise(
    inputs=_impure,
    driver=look_for_side_effects,
    returns=("the loss", "worst", "whether the call changes something outside itself"),
    builds_on=(predict, loss),
    hints=(
        "Two names in the function do not belong to it. One is read and one is written: which?",
        "What it reads comes in as an argument, b. What it writes goes out as a second return value, in place of the "
        "global worst.",
    ),
)
def loss_and_worst(b, w, x, y):
    """Mean squared error of the line, and its largest absolute error, as a pure function.

    Parameters
    ----------
    b, w : float or jax.Array of shape ()
    x, y : jax.Array of shape (N,)

    Returns
    -------
    loss, worst : jax.Array of shape ()
    """
    error = predict(x, b, w) - y
    return (error**2).mean(), abs(error).max()


@loss_and_worst.mistake(
    "It still computes with the b_now of the notebook, and not with its argument b. Nothing that the caller hands over "
    "as b has any effect."
)
def still_reads_b_now(b, w, x, y):
    error = 1.0 + w * x - y
    return (error**2).mean(), abs(error).max()


_written = []


@loss_and_worst.mistake(
    "Both values come out now, but the function still writes a global variable as well, and under jit that is a "
    "tracer. Take the line with `global` out, and use a name of the function's own."
)
def still_writes_a_global(b, w, x, y):
    error = b + w * x - y
    _written[:] = [object()]  # never twice the same, whatever was written before
    return (error**2).mean(), abs(error).max()


@loss_and_worst.mistake(
    "Whoever calls a pure function gets all it has to say from `return`, in place of looking into a global variable."
)
def returns_one_value(b, w, x, y):
    return _value_and_gradients(b, w, x, y)[0]


@loss_and_worst.mistake("The worst error is the largest one in size, whatever its sign: take abs(error) before max().")
def worst_with_a_sign(b, w, x, y):
    error = b + w * x - y
    return (error**2).mean(), error.max()


@loss_and_worst.mistake("worst is the largest absolute error, not its square.")
def worst_squared(b, w, x, y):
    error = b + w * x - y
    return (error**2).mean(), (error**2).max()


@loss_and_worst.mistake("The two values are exchanged: the loss comes first, as value_and_grad wants it.")
def returns_the_worst_first(b, w, x, y):
    error = b + w * x - y
    return abs(error).max(), (error**2).mean()


@loss_and_worst.mistake("float(…) turns a tracer away. Return both values as they are.")
def worst_as_a_float(b, w, x, y):
    error = b + w * x - y
    return (error**2).mean(), float(abs(error).max())


# Find the bug: np bound twice --------------------------------------------------------------------------------------


def _curves(rng):
    for label, count, n in (("five values of w", 5, 6), ("one value of w", 1, 4), ("three values of w", 3, 4)):
        b = _float32(rng.uniform(0.5, 3) * rng.choice([-1, 1]))
        ws = array(np.sort(rng.uniform(-8, 10, count)))
        yield Case(label, ws, b, *_points(rng, n))


@exercise(
    inputs=_curves,
    returns=("losses",),
    builds_on=(predict, loss),
    hints=(
        "Give the two libraries two names: np for NumPy, jnp for jax.numpy. Which of the two can change an array in "
        "place?",
        "NumPy's np.zeros(len(ws)) can be filled one entry at a time. Or collect the losses in a list and return "
        "jnp.array of it; then there is nothing to change in place.",
    ),
)
def loss_curve(ws, b, x, y):
    """The loss for each of several values of w.

    Parameters
    ----------
    ws : array of shape (n,)
        Values of w.
    b : float
    x, y : jax.Array of shape (N,)

    Returns
    -------
    losses : array of shape (n,)
        Item i is the loss at ``ws[i]``, in squared units of y.
    """
    losses = np.zeros(len(ws))
    for i in range(len(ws)):
        losses[i] = loss(b, ws[i], x, y)
    return losses


def _losses_along(ws, b, x, y):
    """The right curve, quickly."""
    return [_value_and_gradients(b, w, x, y)[0] for w in np.asarray(ws)]


@loss_curve.mistake("There is still a numpy. in the function, with the name spelled out.")
def says_numpy(ws, b, x, y):
    return numpy.asarray(_losses_along(ws, b, x, y))  # noqa: F821 -- that is the mistake


@loss_curve.mistake(
    "The array to be filled is one of JAX's. If np still means jax.numpy in here, take `import jax.numpy as np` out: "
    "the notebook has np for NumPy and jnp for JAX."
)
def fills_a_jax_array(ws, b, x, y):
    losses = jnp.zeros(len(ws))
    losses[0] = 0.0
    return losses


@loss_curve.mistake(
    "All losses are 0: losses.at[i].set(…) changes nothing, it returns a new array. Write losses = losses.at[i].set(…)."
)
def drops_the_new_array(ws, b, x, y):
    return jnp.zeros(len(ws))


@loss_curve.mistake("The squares are summed; the loss is their mean.")
def sums_along(ws, b, x, y):
    return jnp.array(_losses_along(ws, b, x, y)) * len(x)


@loss_curve.mistake("The loop ends after its first round: `return` stands inside it. Indent it like the line with for.")
def returns_in_the_loop(ws, b, x, y):
    losses = np.zeros(len(ws))
    losses[0] = _value_and_gradients(b, ws[0], x, y)[0]
    return losses


@loss_curve.mistake(
    "The curve is that of the notebook's own x and y. Use the arguments, so that it works for other points as well."
)
def curve_of_global_data(ws, b, x, y):
    return jnp.array(_losses_along(ws, b, _X, _Y))


@loss_curve.mistake("b and w are exchanged: the values in ws are slopes, and b is the intercept.")
def varies_b(ws, b, x, y):
    return jnp.array([_value_and_gradients(each, b, x, y)[0] for each in np.asarray(ws)])


# A check runs its reference on every case, and tracing it anew each time would take most of the check.
for _each in (predict, loss, loss_and_gradient, step, loss_and_worst):
    _each.reference = compiled(_each.reference)
del _each


# Quiz --------------------------------------------------------------------------------------------------------------

what_grad_makes = Quiz(
    "what_grad_makes",
    "`loss(b, w, x, y)` is your function, and `g = jax.grad(loss)`. What is true?",
    a=wrong("`g` is a number, the slope of the loss.", "nobody has said yet where to take the slope."),
    b=right("`g` is a function with the same arguments as `loss`.", "what do you have to do with g to get a number?"),
    c=right(
        "`g(b, w, x, y)` is the derivative with respect to `b`.", "which argument does grad take if you name none?"
    ),
    d=wrong(
        "`g(b, w, x, y)` is the pair of derivatives with respect to `b` and `w`.",
        "grad does not know which arguments you call parameters; for a pair it needs argnums=(0, 1).",
    ),
    e=wrong(
        "`g(b, w, x, y)` is computed with a small step h, as in lesson 02.",
        "JAX knows the derivative of each operation and uses the chain rule, so there is no h and no truncation error.",
    ),
)

which_are_pure = Quiz(
    "which_are_pure",
    "Which of these functions are pure?",
    a=right("`def f(w, b): return w - b`", "one of them does nothing but compute with its arguments."),
    b=wrong("`def f(w): return w - b`, with a `b` that the notebook changes", "the same w gives different results."),
    c=wrong("`def f(w): history.append(w); return 2 * w`", "each call leaves a trace outside, in history."),
    d=right(
        "`def f(w): parts = []; parts.append(w); return sum(parts)`",
        "look at where each changed list lives. Does anybody outside ever see it?",
    ),
    e=wrong("`def f(w): return w + np.random.rand()`", "two calls with the same w give two results."),
)

when_does_it_stop = Quiz(
    "when_does_it_stop",
    "A training loop ends with `if value == 0: break`. What can go wrong?",
    a=right(
        "Rounding leaves the loss a little above 0 for ever, and it never stops.",
        "think of the numbers that single precision has near w = 2.",
    ),
    b=right(
        "With noise in the data, no line has the loss 0, so it never stops.", "what is the lowest loss of noisy points?"
    ),
    c=wrong(
        "It stops too early, since small losses are rounded to 0.", "floats go down to about 1e-38; 1e-9 is not 0."
    ),
    d=wrong(
        "A float cannot be compared with 0 at all.", "Python does it, and the answer is exact. That is the trouble."
    ),
)

what_a_tracer_is = Quiz(
    "what_a_tracer_is",
    "While `jax.jit(loss)` is traced, what stands in `w`?",
    a=wrong("The number that you handed over.", "then `if w > 0` would work, and it raises an error."),
    b=right("A stand-in with a shape and a dtype, but without a number.", "what does print(w) show in there?"),
    c=right(
        "Something that notes down each operation of JAX that it goes through.",
        "how does JAX learn what your function computes? It runs it once, and watches what?",
    ),
    d=wrong("A NumPy array.", "then np.square(w) would work, and it raises an error."),
)
