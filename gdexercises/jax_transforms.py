"""Lesson 08: what JAX makes of a function: `jit`, `vmap`, `lax.scan` and `hessian`, and what they ask of it in return.

The training loop as a scan, hundreds of trainings in one call, a gradient for each point, the largest stable learning
rate, and a side effect that happens only once. The data are those of lesson 03.
"""

import re
from functools import partial

import numpy as np

from gdexercises.checking import Case, Quiz, driver, exercise, right, wrong
from gdexercises.checking.compiled import call_compiled, compilations, compiled, kept, plain, printed_by, program_size
from gdexercises.checking.jax_drivers import array, changes_outside, jax, numbers_of

jnp = jax.numpy

# Labels of the cases in which an attempt is not called for its result; messages quote them.
_PROGRAM = "the program that JAX makes of it"
_AGAIN = "a second call"
_BATCH = "under jax.jit and jax.vmap"


def loss(b, w, x, y):
    """The mean squared error of the line ``b + w * x``, as the lesson gives it."""
    return jnp.mean((b + w * x - y) ** 2)


def _gradients(b, w, x, y):
    """Loss and gradients for mistakes, worked out by hand: tracing jax.grad anew for each of them would be slow."""
    error = b + w * x - y
    return jnp.mean(error**2), (2 * jnp.mean(error), 2 * jnp.mean(x * error))


# In place of the arguments in a case that makes its own.
_NOTHING = [None] * 6


def _points(rng, n):
    x = np.linspace(-1.5, 2, n) + rng.uniform(-0.2, 0.2, n)
    b, w = rng.uniform(0.5, 2, 2) * rng.choice([-1, 1], 2)
    return array(x), array(b + w * x + 0.5 * rng.standard_normal(n))


def _away(rng, *shape):
    """Numbers of either sign that are not near 0."""
    return rng.uniform(0.5, 3, shape) * rng.choice([-1, 1], shape)


def _single(value):
    """A Python float that single precision holds exactly, so that it is the same number in JAX and outside."""
    return float(np.float32(value))


def _fixed(n):
    """Points for looking at a program, which depends on their number alone."""
    x = jnp.linspace(-1.0, 1.0, n)
    return x, 1 - 2 * x


# The loop as a scan -------------------------------------------------------------------------------------------------


@driver
def look_at_training(attempt, looked_at, axes, x, y, b, w, lr, n_epochs):
    """What a compiled training gives, one or (with `axes`) a batch; or, of its program, how it grows."""
    with printed_by():
        if looked_at == "program":
            return kept(_describe_training, attempt)
        train = compiled(attempt, None if axes is None else tuple(axes), (n_epochs,))
        return numbers_of(train(x, y, b, w, lr))


def _describe_training(attempt):
    changed = changes_outside(plain(attempt))
    x, y = _fixed(4)
    sizes = [program_size(lambda *given, n=n: attempt(*given, n), x, y, 0.5, -0.5, 0.1) for n in (2, 5)]
    return {
        "the program for 5 epochs": _compared(*sizes, "as long as for 2"),
        "what it changes outside": changed(),
    }


def _compared(small, large, same):
    """How a program grows, in words: sizes are nobody's business, and differ from one right answer to another."""
    return same if large <= small else "longer: the work stands there again and again"


def _trainings(rng):
    n = 5  # another number than that of the points: a scan may go over either
    x, y = _points(rng, 7)
    b, w, lr = *map(_single, _away(rng, 2)), _single(rng.uniform(0.03, 0.12))
    call = f"train_scan(x, y, b={b:.6g}, w={w:.6g}, lr={lr:.6g}, n_epochs={n})\n{_shown(x=x, y=y)}"
    yield Case("seven points", "results", None, x, y, b, w, lr, n, call=call)
    batch = [array(_away(rng, 3)), array(_away(rng, 3)), array(rng.uniform(0.03, 0.12, 3))]
    call = f"jax.jit(jax.vmap(train_scan, …)) over three b, w and lr, with n_epochs={n}"
    yield Case(_BATCH, "results", [None, None, 0, 0, 0], *_points(rng, 7), *batch, n, call=call)
    call = "train_scan(x, y, b, w, lr, n_epochs), traced with n_epochs=2 and with n_epochs=5"
    yield Case(_PROGRAM, "program", None, *_NOTHING, call=call)


def _shown(**arrays):
    return "\n".join(f"{name} = {np.round(array.values.astype(float), 4).tolist()}" for name, array in arrays.items())


@exercise(
    inputs=_trainings,
    driver=look_at_training,
    returns=("b", "w", "losses"),
    hints=(
        "Write one epoch first, as a function that gets (params, _) and returns (new params, loss). params is the pair "
        "(b, w); the second argument is not needed.",
        "jax.value_and_grad(loss, argnums=(0, 1))(b, w, x, y) gives the loss and the pair of gradients.",
        "params, losses = jax.lax.scan(epoch, (b, w), None, length=n_epochs) goes round n_epochs times.",
    ),
)
def train_scan(x, y, b, w, lr, n_epochs):
    """Gradient descent on the mean squared error of a line, as one loop inside the compiled program.

    Parameters
    ----------
    x, y : jax.Array of shape (N,)
    b, w : float or jax.Array of shape ()
        Where to start.
    lr : float or jax.Array of shape ()
        Learning rate.
    n_epochs : int
        How many updates; a plain Python number.

    Returns
    -------
    b, w : jax.Array of shape ()
        After the last update.
    losses : jax.Array of shape (n_epochs,)
        ``losses[i]`` is the loss just before update i.
    """

    def epoch(params, _):
        b, w = params
        before, (b_grad, w_grad) = jax.value_and_grad(loss, argnums=(0, 1))(b, w, x, y)
        return (b - lr * b_grad, w - lr * w_grad), before

    (b, w), losses = jax.lax.scan(epoch, (b, w), None, length=n_epochs)
    return b, w, losses


def _scanned(x, y, b, w, lr, n_epochs, step=None, start=None):
    """A scan for mistakes; `step(b, w, lr)` gives the new parameters and what is kept of the epoch."""

    def epoch(params, _):
        before, (b_grad, w_grad) = _gradients(*params, x, y)
        b, w = params
        if step is not None:
            return step(b, w, b_grad, w_grad, before)
        return (b - lr * b_grad, w - lr * w_grad), before

    params = (b, w) if start is None else start
    params, kept_of_each = jax.lax.scan(epoch, params, None, length=n_epochs)
    return *params, kept_of_each


@train_scan.mistake(
    "The numbers are right, but a Python loop goes round while JAX traces, and every epoch is written into the "
    "program once more: a thousand epochs make a program a thousand times as long, and compiling it takes minutes. "
    "jax.lax.scan puts one epoch into the program, and a loop around it."
)
def python_loop(x, y, b, w, lr, n_epochs):
    losses = []
    for _ in range(n_epochs):
        before, (b_grad, w_grad) = _gradients(b, w, x, y)
        losses.append(before)
        b, w = b - lr * b_grad, w - lr * w_grad
    return b, w, jnp.array(losses)


@train_scan.mistake(
    "Each loss is that after its update; losses[0] should be the loss at the start. value_and_grad gives the loss that "
    "belongs to the gradients: keep that one."
)
def records_after_update(x, y, b, w, lr, n_epochs):
    def step(b, w, b_grad, w_grad, before):
        b, w = b - lr * b_grad, w - lr * w_grad
        return (b, w), _gradients(b, w, x, y)[0]

    return _scanned(x, y, b, w, lr, n_epochs, step)


@train_scan.mistake("The update goes uphill: the gradient points to where the loss grows, so subtract it.")
def uphill(x, y, b, w, lr, n_epochs):
    return _scanned(x, y, b, w, -lr, n_epochs)


@train_scan.mistake("lr is missing in the update: subtract lr times the gradient.")
def forgets_lr(x, y, b, w, lr, n_epochs):
    return _scanned(x, y, b, w, 1.0, n_epochs)


@train_scan.mistake(
    "Every epoch computes its gradients at the start: the function of the scan uses the b and w of the function around "
    "it. Take b and w out of the carry, the first argument, before you use them."
)
def ignores_the_carry(x, y, b, w, lr, n_epochs):
    before, (b_grad, w_grad) = _gradients(b, w, x, y)
    step = lambda b, w, *_: ((b - lr * b_grad, w - lr * w_grad), before)
    return _scanned(x, y, b, w, lr, n_epochs, step)


@train_scan.mistake(
    "Every epoch starts where the first one did, so only one update is made: the new carry is computed from the b and "
    "w of the function around it. Take b and w out of the carry, the first argument, before you use them."
)
def restarts_each_epoch(x, y, b, w, lr, n_epochs):
    before, (b_grad, w_grad) = _gradients(b, w, x, y)
    step = lambda *_: ((b - lr * b_grad, w - lr * w_grad), before)
    return _scanned(x, y, b, w, lr, n_epochs, step)


@train_scan.mistake(
    "w moves by the gradient of b: value_and_grad takes the first argument alone unless you tell it argnums=(0, 1). "
    "Then it gives the loss and a pair of gradients."
)
def one_gradient_for_both(x, y, b, w, lr, n_epochs):
    step = lambda b, w, b_grad, w_grad, before: ((b - lr * b_grad, w - lr * b_grad), before)
    return _scanned(x, y, b, w, lr, n_epochs, step)


@train_scan.mistake(
    "w is updated with the gradient at the b that was updated already. Compute both gradients first, with one "
    "value_and_grad, then update both."
)
def updates_in_turn(x, y, b, w, lr, n_epochs):
    def step(b, w, b_grad, w_grad, before):
        b = b - lr * b_grad
        return (b, w - lr * _gradients(b, w, x, y)[1][1]), before

    return _scanned(x, y, b, w, lr, n_epochs, step)


@train_scan.mistake("One epoch is missing: with length=n_epochs the scan makes n_epochs updates.")
def one_epoch_short(x, y, b, w, lr, n_epochs):
    return _scanned(x, y, b, w, lr, n_epochs - 1)


@train_scan.mistake("There is one epoch too many: with length=n_epochs the scan makes n_epochs updates.")
def one_epoch_long(x, y, b, w, lr, n_epochs):
    return _scanned(x, y, b, w, lr, n_epochs + 1)


@train_scan.mistake(
    "You return b and w of every epoch. What the scan's function returns first is the carry, and of that scan gives "
    "the last value; what it returns second is collected. Collect the loss alone."
)
def collects_the_parameters(x, y, b, w, lr, n_epochs):
    def step(b, w, b_grad, w_grad, before):
        b, w = b - lr * b_grad, w - lr * w_grad
        return (b, w), (b, w, before)

    return _scanned(x, y, b, w, lr, n_epochs, step)[2]


@train_scan.mistake(
    "You return only the last loss. scan collects what its function returns second, one for each epoch: return that "
    "whole array."
)
def keeps_the_last_loss(x, y, b, w, lr, n_epochs):
    b, w, losses = _scanned(x, y, b, w, lr, n_epochs)
    return b, w, losses[-1]


@train_scan.mistake(
    "The scan goes round once for each point, not once for each epoch: its third argument is an array to walk through. "
    "Here that is None, and length=n_epochs says how often."
)
def one_epoch_for_each_point(x, y, b, w, lr, n_epochs):
    return _scanned(x, y, b, w, lr, len(x))


@train_scan.mistake(
    "The training starts at b = w = 0, whatever b and w were handed over. The second argument of scan is the carry at "
    "the start: (b, w)."
)
def starts_at_zero(x, y, b, w, lr, n_epochs):
    return _scanned(x, y, b, w, lr, n_epochs, start=(0.0, 0.0))


@train_scan.mistake("b and w are exchanged in what you return: first b, then w, then the losses.")
def exchanges_parameters(x, y, b, w, lr, n_epochs):
    b, w, losses = _scanned(x, y, b, w, lr, n_epochs)
    return w, b, losses


# Many at once -------------------------------------------------------------------------------------------------------


@driver
def look_at_sweep(attempt, looked_at, x, y, bs, ws, lrs, n_epochs):
    """What a sweep gives when it is compiled; or how its program grows, and whether a second call compiles anew."""
    with printed_by():
        if looked_at == "program":
            return kept(_describe_sweep, attempt)
        if looked_at == "second call":
            return kept(_call_again, attempt)
        return numbers_of(compiled(attempt, None, (n_epochs,))(x, y, bs, ws, lrs))


def _describe_sweep(attempt):
    sweep_all = plain(attempt)
    x, y = _fixed(4)
    counts = [(2, 3), (3, 5)]
    sizes = [
        program_size(lambda *given: sweep_all(*given, 4), x, y, jnp.ones(s), jnp.ones(s), jnp.full(n, 0.1))
        for s, n in counts
    ]
    return {"the program for 3 starts and 5 learning rates": _compared(*sizes, "as long as for 2 and 3")}


def _call_again(attempt):
    x, y = _fixed(4)
    starts, lrs = jnp.array([0.5, -0.5]), jnp.array([0.01, 0.05, 0.1])
    attempt(x, y, starts, starts, lrs, 4)
    x, y, starts, lrs = jax.block_until_ready((x + 1, y + 1, starts + 1, lrs / 2))
    # The second of two calls with other numbers, so that what the first one of these needs is there.
    again = compilations(lambda: attempt(x, y, starts, starts, lrs, 4))
    return {"a second call with arrays of the same shapes": "compiles again" if again else "compiles nothing"}


def _sweeps(rng):
    x, y = _points(rng, 5)
    bs, ws, lrs = array(_away(rng, 2)), array(_away(rng, 2)), array(np.sort(rng.uniform(0.02, 0.12, 3)))
    call = f"sweep(x, y, bs, ws, lrs, n_epochs=4)\n{_shown(x=x, y=y, bs=bs, ws=ws, lrs=lrs)}"
    yield Case("two starts, three learning rates", "results", x, y, bs, ws, lrs, 4, call=call)
    call = "sweep(x, y, bs, ws, lrs, n_epochs=4), traced with few and with more starts and learning rates"
    yield Case(_PROGRAM, "program", *_NOTHING, call=call)
    call = "sweep(x, y, bs, ws, lrs, n_epochs=4), then again with other numbers"
    yield Case(_AGAIN, "second call", *_NOTHING, call=call)


@exercise(
    inputs=_sweeps,
    driver=look_at_sweep,
    returns=("losses",),
    builds_on=(train_scan,),
    hints=(
        "Begin with one training: a function of b, w and lr that returns the losses of train_scan, its third result.",
        "vmap over lr: jax.vmap(losses_of, in_axes=(None, None, 0)). None is for what stays the same.",
        "The outer vmap walks over the starts: b and w side by side, so in_axes=(0, 0, None). Call it with bs, ws, "
        "lrs.",
        'The decorator stands above the line with def: @partial(jax.jit, static_argnames="n_epochs").',
    ),
)
@partial(jax.jit, static_argnames="n_epochs")
def sweep(x, y, bs, ws, lrs, n_epochs):
    """The losses of gradient descent for every pair of a start and a learning rate, compiled once.

    Parameters
    ----------
    x, y : jax.Array of shape (N,)
    bs, ws : jax.Array of shape (S,)
        The starts: ``bs[i]`` belongs to ``ws[i]``.
    lrs : jax.Array of shape (L,)
        The learning rates.
    n_epochs : int
        How many updates; a plain Python number, static under jit.

    Returns
    -------
    losses : jax.Array of shape (S, L, n_epochs)
    """

    def losses_of(b, w, lr):
        return train_scan(x, y, b, w, lr, n_epochs)[2]

    over_lrs = jax.vmap(losses_of, in_axes=(None, None, 0))
    over_starts = jax.vmap(over_lrs, in_axes=(0, 0, None))
    return over_starts(bs, ws, lrs)


def _losses_of(x, y, n_epochs):
    return lambda b, w, lr: _scanned(x, y, b, w, lr, n_epochs)[2]


def _swept(x, y, bs, ws, lrs, n_epochs):
    """A sweep for mistakes: all of it, for one training of each pair."""
    over_lrs = jax.vmap(_losses_of(x, y, n_epochs), in_axes=(None, None, 0))
    return jax.vmap(over_lrs, in_axes=(0, 0, None))(bs, ws, lrs)


_jitted = partial(jax.jit, static_argnames="n_epochs")


@sweep.mistake(
    "One vmap walks along arrays of different lengths side by side, as zip does. You want every start with every "
    "learning rate: a vmap over lrs alone, in_axes=(None, None, 0), inside a vmap over the starts, in_axes=(0, 0, "
    "None). x, y and n_epochs are the same for all trainings, so no vmap walks along them."
)
@_jitted
def walks_side_by_side(x, y, bs, ws, lrs, n_epochs):
    return jax.vmap(_losses_of(x, y, n_epochs))(bs, ws, lrs)


@sweep.mistake(
    "vmap is to walk along something that has no such axis: a single number, or a second axis of a flat array. Give "
    "None to everything that is the same in all calls. bs, ws and lrs have axis 0 alone, and each is walked along "
    "once: lrs by one vmap, bs and ws by the other."
)
@_jitted
def walks_along_everything(x, y, bs, ws, lrs, n_epochs):
    return jax.vmap(lambda x, y, b, w, lr, n: b)(x, y, bs, ws, lrs, 1.0)


@sweep.mistake(
    "The axes are in another order: learning rates first, starts second. The outer vmap makes the first axis, so let "
    "it walk over the starts."
)
@_jitted
def learning_rates_first(x, y, bs, ws, lrs, n_epochs):
    return _swept(x, y, bs, ws, lrs, n_epochs).swapaxes(0, 1)


@sweep.mistake(
    "The epochs have come to the front. vmap puts its axis first (out_axes=0) if you do not say otherwise: starts, "
    "learning rates, epochs."
)
@_jitted
def epochs_first(x, y, bs, ws, lrs, n_epochs):
    return jnp.moveaxis(_swept(x, y, bs, ws, lrs, n_epochs), -1, 0)


@sweep.mistake(
    "The epochs stand between starts and learning rates: the inner vmap puts its axis last. With out_axes=0, which it "
    "takes by itself, the order is starts, learning rates, epochs."
)
@_jitted
def epochs_in_the_middle(x, y, bs, ws, lrs, n_epochs):
    return _swept(x, y, bs, ws, lrs, n_epochs).swapaxes(1, 2)


@sweep.mistake(
    "Every b is combined with every w. A start is a pair, bs[i] with ws[i]: let one vmap walk along both, "
    "in_axes=(0, 0, None)."
)
@_jitted
def combines_b_and_w(x, y, bs, ws, lrs, n_epochs):
    return jax.vmap(lambda b: _swept(x, y, jnp.full_like(ws, b), ws, lrs, n_epochs))(bs)


@sweep.mistake(
    "Only the last loss of each training is there. train_scan collects one for each epoch: return the whole array, its "
    "third result."
)
@_jitted
def keeps_the_last_loss_of_each(x, y, bs, ws, lrs, n_epochs):
    return _swept(x, y, bs, ws, lrs, n_epochs)[..., -1]


@sweep.mistake(
    "All trainings begin at the first start. Hand the b and w of the vmapped function on to train_scan, not bs[0] and "
    "ws[0]."
)
@_jitted
def one_start_for_all(x, y, bs, ws, lrs, n_epochs):
    return _swept(x, y, jnp.full_like(bs, bs[0]), jnp.full_like(ws, ws[0]), lrs, n_epochs)


@sweep.mistake(
    "All trainings use the first learning rate. Hand the lr of the vmapped function on to train_scan, not lrs[0]."
)
@_jitted
def one_learning_rate_for_all(x, y, bs, ws, lrs, n_epochs):
    return _swept(x, y, bs, ws, jnp.full_like(lrs, lrs[0]), n_epochs)


@sweep.mistake(
    "train_scan returns three things, and you pass on all of them. Take the third, the losses: train_scan(…)[2]."
)
@_jitted
def returns_all_three(x, y, bs, ws, lrs, n_epochs):
    over_lrs = jax.vmap(lambda b, w, lr: _scanned(x, y, b, w, lr, n_epochs), in_axes=(None, None, 0))
    return jax.vmap(over_lrs, in_axes=(0, 0, None))(bs, ws, lrs)


@sweep.mistake(
    "The numbers are right, but a Python loop goes over the starts or the learning rates, and every training is "
    "written into the program once more. vmap writes one, which works on all of them at once."
)
@_jitted
def loops_in_python(x, y, bs, ws, lrs, n_epochs):
    losses_of = _losses_of(x, y, n_epochs)
    return jnp.array([[losses_of(b, w, lr) for lr in lrs] for b, w in zip(bs, ws, strict=True)])


@sweep.mistake(
    "The numbers are right, but every call compiles anew. Either there is no jit, and then each scan is compiled again "
    "for each call; or jit is called inside the function: that makes a new compiled function each time, and the last "
    'one is forgotten. Put it outside, once: @partial(jax.jit, static_argnames="n_epochs") above the line with def.'
)
def compiles_at_every_call(x, y, bs, ws, lrs, n_epochs):
    return jax.jit(lambda *given: _swept(x, y, *given, n_epochs))(bs, ws, lrs)


# A gradient for each point ------------------------------------------------------------------------------------------


@driver
def look_at_gradients(attempt, axes, b, w, x, y):
    """The gradients for each point, as arrays of shape (N,): columns are taken apart."""
    result = call_compiled(_unstacked(attempt), axes, b, w, x, y)
    if not isinstance(result, tuple | list) or len(result) != 2 or axes is not None:
        return result
    return tuple(part[:, 0] if jnp.shape(part) == (*jnp.shape(x), 1) else part for part in result)


def _unstacked(attempt):
    """The attempt, with one array of two rows as the pair that it unpacks to."""
    function = plain(attempt)

    def call(*arguments):
        result = function(*arguments)
        rows = isinstance(result, jax.Array) and result.ndim == 2 and len(result) == 2
        return tuple(result) if rows else result

    return call


def _lines_with_points(rng):
    b, w = map(_single, _away(rng, 2))
    x, y = _points(rng, 4)
    call = f"per_example_gradients(b={b:.6g}, w={w:.6g}, x, y)\n{_shown(x=x, y=y)}"
    yield Case("four points", None, b, w, x, y, call=call)
    call = "jax.jit(jax.vmap(per_example_gradients, in_axes=(0, 0, None, None))) over three b and w"
    yield Case(_BATCH, [0, 0, None, None], array(_away(rng, 3)), array(_away(rng, 3)), *_points(rng, 4), call=call)


@exercise(
    inputs=_lines_with_points,
    driver=look_at_gradients,
    returns=("b_grads", "w_grads"),
    hints=(
        "loss takes one point as well as many: loss(b, w, x[0], y[0]) is the squared error of the first one.",
        "jax.grad(loss, argnums=(0, 1)) is a function of (b, w, x, y). Which of the four have one entry for each "
        "point?",
        "jax.vmap(jax.grad(loss, argnums=(0, 1)), in_axes=(None, None, 0, 0)) takes (b, w, x, y).",
    ),
)
def per_example_gradients(b, w, x, y):
    """The gradients of each point's own squared error.

    Parameters
    ----------
    b, w : float or jax.Array of shape ()
    x, y : jax.Array of shape (N,)

    Returns
    -------
    b_grads, w_grads : jax.Array of shape (N,)
        Entry i belongs to point i; their means are the gradients of `loss`.
    """
    return jax.vmap(jax.grad(loss, argnums=(0, 1)), in_axes=(None, None, 0, 0))(b, w, x, y)


@per_example_gradients.mistake(
    "You have one gradient, not one for each point: loss takes the mean over the points before grad sees them. First "
    "the gradient of one point, then vmap over the points: jax.vmap(jax.grad(…), …), not jax.grad of something that "
    "has taken a sum or a mean already."
)
def means_first(b, w, x, y):
    return _gradients(b, w, x, y)[1]


@per_example_gradients.mistake(
    "You have one gradient, the sum over the points: the losses are added up before grad sees them. First the gradient "
    "of one point, then vmap over the points."
)
def sums_first(b, w, x, y):
    return tuple(len(x) * part for part in _gradients(b, w, x, y)[1])


@per_example_gradients.mistake(
    "All entries are the same, the gradient of the whole set: vmap walks along something, but each call gets all "
    "points. in_axes=(None, None, 0, 0) gives each call one x and one y."
)
def repeats_the_mean(b, w, x, y):
    return tuple(jnp.full_like(x, part) for part in _gradients(b, w, x, y)[1])


@per_example_gradients.mistake(
    "Each x meets all y: in_axes lets vmap walk along x only. y has one entry for each point too: (None, None, 0, 0)."
)
def walks_along_x_alone(b, w, x, y):
    return jax.vmap(lambda x: _gradients(b, w, x, y)[1])(x)


@per_example_gradients.mistake(
    "Each y meets all x: in_axes lets vmap walk along y only. x has one entry for each point too: (None, None, 0, 0)."
)
def walks_along_y_alone(b, w, x, y):
    return jax.vmap(lambda y: _gradients(b, w, x, y)[1])(y)


@per_example_gradients.mistake(
    "vmap is to walk along b and w, which are single numbers here. They are the same for all points, so they get None "
    "in in_axes: (None, None, 0, 0)."
)
def walks_along_the_parameters(b, w, x, y):
    return jax.vmap(lambda b: b)(jnp.float32(1.0))


@per_example_gradients.mistake("The two are exchanged: return b_grads first, then w_grads.")
def exchanges_gradients(b, w, x, y):
    return _of_each(b, w, x, y)[::-1]


def _of_each(b, w, x, y):
    return jax.vmap(lambda x, y: _gradients(b, w, x, y)[1])(x, y)


@per_example_gradients.mistake(
    "Each entry is divided by the number of points. That is a point's share of the gradient of the mean; asked for is "
    "the gradient of its own squared error."
)
def shares_of_the_mean(b, w, x, y):
    return tuple(part / len(x) for part in _of_each(b, w, x, y))


@per_example_gradients.mistake(
    "Only the gradients with respect to w are there. argnums=(0, 1) gives a pair, those of b and those of w."
)
def of_w_alone(b, w, x, y):
    return _of_each(b, w, x, y)[1]


@per_example_gradients.mistake(
    "The losses came along. jax.value_and_grad gives the loss and the gradients; here the gradients alone are wanted: "
    "jax.grad."
)
def keeps_the_losses(b, w, x, y):
    return (b + w * x - y) ** 2, _of_each(b, w, x, y)


@per_example_gradients.mistake(
    "These are the gradients with respect to x and y. argnums counts from 0: b is 0 and w is 1, so argnums=(0, 1)."
)
def differentiates_by_the_data(b, w, x, y):
    error = b + w * x - y
    return 2 * w * error, -2 * error


@per_example_gradients.mistake(
    "Only the gradients with respect to b are there. jax.grad takes the first argument alone unless you tell it "
    "argnums=(0, 1)."
)
def forgets_argnums(b, w, x, y):
    return _of_each(b, w, x, y)[0]


@per_example_gradients.mistake(
    "These are the losses of the points. You need their gradients: jax.grad inside the vmap."
)
def returns_the_losses(b, w, x, y):
    return (b + w * x - y) ** 2


# The largest stable learning rate -----------------------------------------------------------------------------------


def _bowl(data, params):
    return params @ data @ params / 2


def _basin(data, params):
    return jnp.sum(jnp.exp(data @ params))


_SURFACES = {"bowl": _bowl, "basin": _basin}


@driver
def look_at_bound(attempt, surface, data, params):
    """The attempt's bound for a loss made of `data`: compiled, or as it is if it computes with NumPy."""
    with printed_by():
        return numbers_of(kept(_bound_of, attempt, surface)(data, params))


def _bound_of(attempt, surface):
    called = lambda data, params: attempt(partial(_SURFACES[surface], data), params)
    try:
        jitted = jax.jit(called)
        jitted(jnp.eye(2), jnp.ones(2))
    except jax.errors.JAXTypeError:  # NumPy's eigenvalues are as good: nothing here has to be compiled
        return called
    return jitted


def _surfaces(rng):
    turn = rng.uniform(0.3, 1.2) * rng.choice([-1, 1])
    axes = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    steep = rng.uniform(4, 20)
    hessian = array(axes @ np.diag([steep, steep * rng.uniform(0.1, 0.4)]) @ axes.T)
    params = array(_away(rng, 2))
    call = f"hessian_bound(f, params), with f(params) = params @ H @ params / 2\n{_shown(H=hessian, params=params)}"
    yield Case("a bowl", "bowl", hessian, params, call=call)
    rows, params = array(rng.uniform(0.3, 1, (2, 2)) * [[1, 1], [1, -1]]), array(_away(rng, 2) / 2)
    call = f"hessian_bound(f, params), with f(params) = exp(A @ params).sum()\n{_shown(A=rows, params=params)}"
    yield Case("a surface whose curvature differs from place to place", "basin", rows, params, call=call)


@exercise(
    inputs=_surfaces,
    driver=look_at_bound,
    returns=("the bound",),
    hints=(
        "jax.hessian(f) is a function, as jax.grad(f) is. Call it at params: that gives the table of second "
        "derivatives.",
        "In lesson 03 the largest eigenvalue of the Hessian was the curvature in the steepest direction, and the limit "
        "was 2 over it.",
        "jnp.linalg.eigvalsh(H) gives the eigenvalues of a symmetric table, and .max() the largest of them.",
    ),
)
def hessian_bound(f, params):
    """The largest stable learning rate of gradient descent near a place.

    Parameters
    ----------
    f : callable
        ``f(params)`` is a loss, one number.
    params : jax.Array of shape (P,)
        The place.

    Returns
    -------
    bound : float or jax.Array of shape ()
        2 / L, with the largest curvature L of `f` at `params`.
    """
    return 2 / jnp.linalg.eigvalsh(jax.hessian(f)(params)).max()


def _eigenvalues(f, params):
    return jnp.linalg.eigvalsh(jax.hessian(f)(params))


@hessian_bound.mistake(
    "You give 1/L. That is the step that lands at the bottom in one go; steps up to twice as long still come closer, "
    "so the limit is 2/L."
)
def takes_one_over(f, params):
    return 1 / _eigenvalues(f, params).max()


@hessian_bound.mistake(
    "You take the smallest eigenvalue, the flattest direction. The steepest one gives way first: take the largest."
)
def takes_the_flattest_direction(f, params):
    return 2 / _eigenvalues(f, params).min()


@hessian_bound.mistake(
    "You take the mean of the eigenvalues. Stability is decided where the surface is steepest: max in place of mean."
)
def averages_the_eigenvalues(f, params):
    return 2 / _eigenvalues(f, params).mean()


@hessian_bound.mistake("You take the sum of the eigenvalues (the trace is the same). The largest one alone decides.")
def adds_the_eigenvalues(f, params):
    return 2 / _eigenvalues(f, params).sum()


@hessian_bound.mistake(
    "You return one bound for each eigenvalue. The steepest direction decides, so take the largest eigenvalue."
)
def keeps_all_eigenvalues(f, params):
    return 2 / _eigenvalues(f, params)


@hessian_bound.mistake(
    "You take the largest entry of the Hessian or of its diagonal. The corners count as well: take the largest "
    "eigenvalue, jnp.linalg.eigvalsh(…).max()."
)
def reads_the_diagonal(f, params):
    return 2 / jnp.diag(jax.hessian(f)(params)).max()


@hessian_bound.mistake(
    "You take the length of the whole table (jnp.linalg.norm adds up the squares of all entries). The curvature in the "
    "steepest direction is the largest eigenvalue."
)
def takes_the_norm(f, params):
    return 2 / jnp.linalg.norm(jax.hessian(f)(params))


@hessian_bound.mistake("You return the curvature L. The largest stable learning rate is 2 / L.")
def returns_the_curvature(f, params):
    return _eigenvalues(f, params).max()


@hessian_bound.mistake("That is L / 2, the wrong way up. The largest stable learning rate is 2 / L.")
def upside_down(f, params):
    return _eigenvalues(f, params).max() / 2


@hessian_bound.mistake(
    "The Hessian is taken at another place, such as 0. That makes no difference to a bowl, whose curvature is the same "
    "everywhere, and it does to other losses: call jax.hessian(f) at params."
)
def looks_at_another_place(f, params):
    return 2 / _eigenvalues(f, jnp.zeros_like(params)).max()


@hessian_bound.mistake(
    "You divide by the length of the gradient. That says how steep it is here; what decides is how fast the slope "
    "changes, the second derivative: jax.hessian."
)
def takes_the_gradient(f, params):
    return 2 / jnp.linalg.norm(jax.grad(f)(params))


# Find the bug -------------------------------------------------------------------------------------------------------

_CALLS = 3


@driver
def look_at_log(attempt, looked_at, b, w, x, y, lr):
    """An epoch that reports its loss: its results, or what it prints in several compiled calls and changes outside."""
    if looked_at == "log":
        return kept(_describe_log, attempt)
    with printed_by():
        return numbers_of(compiled(attempt, None)(b, w, x, y, lr))


def _describe_log(attempt):
    function = plain(attempt)
    changed = changes_outside(function)
    epoch = jax.jit(lambda *given: function(*given))
    x, y = _fixed(7)
    y = 12 * y  # for a loss in the hundreds: then rounding it leaves it what it is
    # Arrays from the start, as the results are: for Python floats JAX would trace once more.
    b, w, lines, with_number, telling = jnp.float32(0.5), jnp.float32(-0.5), [], 0, 0
    for _ in range(_CALLS):
        with printed_by() as text:
            result = numbers_of(epoch(b, w, x, y, 0.1))
        if not isinstance(result, tuple | list) or len(result) != 3:
            return result
        b, w, before = result
        before = float(np.ravel(before)[0])
        printed = [line for line in text.getvalue().splitlines() if line.strip()]
        numbers = [number for line in printed for number in _numbers_in(line)]
        lines.append(len(printed))
        with_number += bool(numbers)
        # The loss may have been printed with as few digits as anybody likes.
        telling += any(abs(number - before) <= 0.05 * before for number in numbers)
    return {
        "calls that printed anything": sum(map(bool, lines)),
        "calls that printed a number": with_number,
        "calls that printed their loss": telling,
        "lines in the first call": "more than later" if lines[0] > lines[-1] else "as many as later",
        "what it changes outside": "nothing" if changed() == "nothing" else "something",
    }


def _numbers_in(line):
    """The numbers in a line; what a tracer prints as, such as float32[] or float32[7], holds none."""
    line = re.sub(r"\w+\[[^\]]*\]", "", line)
    return [float(word) for word in re.findall(r"(?<![\w.])[-+]?\d+\.?\d*(?:e[-+]?\d+)?(?!\w)", line)]


def _epochs_with_a_log(rng):
    b, w, lr = *map(_single, _away(rng, 2)), _single(rng.uniform(0.03, 0.12))
    x, y = _points(rng, 5)
    call = f"jax.jit(logged_epoch)(b={b:.6g}, w={w:.6g}, x, y, lr={lr:.6g})\n{_shown(x=x, y=y)}"
    yield Case("five points", "results", b, w, x, y, lr, call=call)
    call = f"jax.jit(logged_epoch)(b, w, x, y, lr), {_CALLS} times"
    yield Case(f"{_CALLS} compiled calls", "log", *_NOTHING[:5], call=call)


@exercise(
    inputs=_epochs_with_a_log,
    driver=look_at_log,
    returns=("b", "w", "loss"),
    hints=(
        "Python's print and append run while JAX traces the function: once, and on a tracer. Calls after that run the "
        "compiled program, and in that there is no Python.",
        "What a compiled function finds out, it must return: the history belongs to the code that calls it.",
        'jax.debug.print("loss: {}", before) puts the printing into the program. The number is an argument, and its '
        "place is {}: an f-string would be filled in while tracing.",
    ),
)
@jax.jit
def logged_epoch(b, w, x, y, lr):
    """One epoch, compiled, that prints its loss in every call.

    Parameters
    ----------
    b, w : float or jax.Array of shape ()
    x, y : jax.Array of shape (N,)
    lr : float or jax.Array of shape ()
        Learning rate.

    Returns
    -------
    b, w : jax.Array of shape ()
        After the update.
    loss : jax.Array of shape ()
        Before it.
    """
    before, (b_grad, w_grad) = jax.value_and_grad(loss, argnums=(0, 1))(b, w, x, y)
    jax.debug.print("loss: {}", before)
    return b - lr * b_grad, w - lr * w_grad, before


# What the mistakes change outside: there and back again, so that they find things as they were.
_history = []


def _epoch(b, w, x, y, lr):
    before, (b_grad, w_grad) = _gradients(b, w, x, y)
    return b - lr * b_grad, w - lr * w_grad, before


@logged_epoch.mistake(
    "It still prints once, when JAX traces the function, and never again: Python's print is not part of the compiled "
    'program. jax.debug.print("loss: {}", before) is.'
)
def prints_while_tracing(b, w, x, y, lr):
    result = _epoch(b, w, x, y, lr)
    print("loss:", result[2])
    return result


@logged_epoch.mistake(
    "It prints its loss in every call now, but Python's print is still there too: once, while JAX traces, it prints a "
    "tracer. Take it out."
)
def still_prints(b, w, x, y, lr):
    result = _epoch(b, w, x, y, lr)
    print("loss:", result[2])
    jax.debug.print("loss: {}", result[2])
    return result


@logged_epoch.mistake(
    "It prints in every call, but not the number: the text was put together while JAX traced the function, when there "
    'was only a tracer to put in. Hand the value over as an argument, with {} in its place: jax.debug.print("loss: '
    '{}", before).'
)
def fills_in_while_tracing(b, w, x, y, lr):
    result = _epoch(b, w, x, y, lr)
    jax.debug.print(str(result[2]).replace("{", "{{").replace("}", "}}"))
    return result


@logged_epoch.mistake(
    "It prints rightly now, but it still changes something outside, such as a list that it appends to. A compiled "
    "function does that only while JAX traces, with a tracer instead of a number. The loss is returned; let the code "
    "that calls it collect."
)
def still_appends(b, w, x, y, lr):
    result = _epoch(b, w, x, y, lr)
    jax.debug.print("loss: {}", result[2])
    _history[:] = [] if _history else ["a tracer"]
    return result


@logged_epoch.mistake(
    "Nothing has changed: print and append still run once only, while JAX traces, and on a tracer. Print with "
    "jax.debug.print, and take the append out: the loss is returned."
)
def prints_and_appends(b, w, x, y, lr):
    result = _epoch(b, w, x, y, lr)
    print("loss:", result[2])
    _history[:] = [] if _history else ["a tracer"]
    return result


@logged_epoch.mistake(
    "The side effects are gone, and so is the report: it is to print its loss in every call, with jax.debug.print."
)
def prints_nothing(b, w, x, y, lr):
    return _epoch(b, w, x, y, lr)


@logged_epoch.mistake("It does not return the loss: return b, w and the loss before the update.")
def forgets_the_loss(b, w, x, y, lr):
    return _epoch(b, w, x, y, lr)[:2]


@logged_epoch.mistake("The loss that you return is that after the update. The one that value_and_grad gave was right.")
def loss_after_the_update(b, w, x, y, lr):
    b, w, _ = _epoch(b, w, x, y, lr)
    after = loss(b, w, x, y)
    jax.debug.print("loss: {}", after)
    return b, w, after


# Quiz ---------------------------------------------------------------------------------------------------------------

what_compiles_again = Quiz(
    "what_compiles_again",
    '`train` is compiled with `@partial(jax.jit, static_argnames="n_epochs")` and was called once, with 100 points, '
    "`lr=0.1` and `n_epochs=50`. Which of these calls compile it again?",
    a=wrong("The same with `lr=0.2`.", "lr is traced: the program takes it as an input, whatever its value is."),
    b=right("The same with `n_epochs=60`.", "a static value is built into the program. Which of these is static?"),
    c=right("The same with 101 points.", "a program is made for shapes. Which call brings another shape?"),
    d=wrong("The same with 100 other points.", "the shapes and dtypes are the same, and the values do not matter."),
)

side_effects = Quiz(
    "side_effects",
    'A function with `print("epoch")` in it and a line `count.append(1)` is compiled with `jax.jit` and called ten '
    "times with arrays of one shape. What is true?",
    a=right('"epoch" is printed once.', "Python runs while JAX traces. How often is that in ten calls of one shape?"),
    b=wrong("`count` has ten entries.", "append is Python too, and the compiled program knows nothing of it."),
    c=wrong("JAX refuses to compile it.", "it cannot know what you meant: side effects just happen while it traces."),
    d=right(
        "Called with another shape, it prints once more.",
        "for another shape there is no program yet, so what must JAX do once more?",
    ),
)

loops = Quiz(
    "loops",
    "The same training of 1000 epochs, compiled once as a Python `for` loop and once as a `lax.scan`. What is true?",
    a=right(
        "The program of the `for` loop is about a thousand times as long.",
        "what does the tracer write down in each round of a Python loop?",
    ),
    b=wrong(
        "The scan computes less.",
        "both do the same thousand updates; it is the program that is shorter.",
    ),
    c=right("The scan compiles sooner.", "the compiler's work grows with what there is to compile."),
    d=wrong(
        "The scan stops by itself when the loss no longer falls.",
        "a scan goes round as often as its length says. To stop early you need lax.while_loop.",
    ),
)

order_of_transforms = Quiz(
    "order_of_transforms",
    "`loss(b, w, x, y)` is a mean over the points in `x`, `y`. What does `vmap(grad(loss), in_axes=(None, None, 0, "
    "0))` give that `grad(loss)` does not?",
    a=wrong("The same gradient, only faster.", "grad(loss) gives one number for the whole set; count what vmap gives."),
    b=right("One gradient for each point.", "vmap calls grad(loss) for each entry of x and y. What comes out?"),
    c=right(
        "Its mean is the gradient of the whole set.",
        "the loss is a mean of the points' losses, and the gradient of a mean is what of their gradients?",
    ),
    d=wrong("The Hessian.", "that is made of second derivatives; vmap repeats a function, it does not differentiate."),
)
