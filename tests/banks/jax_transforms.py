"""Answers to lesson 08."""

import functools
from functools import partial

import numpy as np

from gdexercises import jax_transforms
from gdexercises.environment import require
from tests.banks import Bank

jax = require("jax")
jnp = jax.numpy

bank = Bank()


def loss(b, w, x, y):
    return ((b + w * x - y) ** 2).mean()


def mean_of_squares(params, x, y):
    return jnp.mean((params[0] + params[1] * x - y) ** 2)


# The loop as a scan -------------------------------------------------------------------------------------------------


@bank.right(jax_transforms.train_scan)
def with_value_and_grad(x, y, b, w, lr, n_epochs):
    def body(carry, _):
        b, w = carry
        value, grads = jax.value_and_grad(loss, argnums=(0, 1))(b, w, x, y)
        return (b - lr * grads[0], w - lr * grads[1]), value

    carry, values = jax.lax.scan(body, (b, w), xs=None, length=n_epochs)
    return carry[0], carry[1], values


@bank.right(jax_transforms.train_scan)
def gradients_by_hand(x, y, b, w, lr, n_epochs):
    def body(carry, _):
        b, w = carry
        error = b + w * x - y
        return (b - 2 * lr * error.mean(), w - 2 * lr * (x * error).mean()), (error**2).mean()

    (b, w), losses = jax.lax.scan(body, (b, w), None, n_epochs)
    return [b, w, losses]


@bank.right(jax_transforms.train_scan)
def walks_along_the_epochs(x, y, b, w, lr, n_epochs):
    def body(params, epoch):
        value, grad = jax.value_and_grad(mean_of_squares)(params, x, y)
        return params - lr * grad, value

    params, losses = jax.lax.scan(body, jnp.array([b, w]), jnp.arange(n_epochs))
    return params[0], params[1], losses


@bank.right(jax_transforms.train_scan)
def dict_of_parameters(x, y, b, w, lr, n_epochs):
    of_params = lambda params: loss(params["b"], params["w"], x, y)

    def body(params, _):
        value, grads = jax.value_and_grad(of_params)(params)
        return jax.tree.map(lambda p, g: p - lr * g, params, grads), value

    params, losses = jax.lax.scan(body, {"b": b, "w": w}, length=n_epochs)
    return params["b"], params["w"], losses


@bank.right(jax_transforms.train_scan)
def fori_loop(x, y, b, w, lr, n_epochs):
    def body(i, carry):
        b, w, losses = carry
        value, (b_grad, w_grad) = jax.value_and_grad(loss, argnums=(0, 1))(b, w, x, y)
        return b - lr * b_grad, w - lr * w_grad, losses.at[i].set(value)

    return jax.lax.fori_loop(0, n_epochs, body, (b, w, jnp.zeros(n_epochs)))


@bank.right(jax_transforms.train_scan)
@partial(jax.jit, static_argnums=5)
def compiled_too(x, y, b, w, lr, n_epochs):
    return with_value_and_grad(x, y, b, w, lr, n_epochs)


@bank.right(jax_transforms.train_scan)
def step_compiled_inside(x, y, b, w, lr, n_epochs):
    @jax.jit
    def step(params, _):
        grads = jax.grad(mean_of_squares)(params, x, y)
        return params - lr * grads, mean_of_squares(params, x, y)

    params, losses = jax.lax.scan(step, jnp.stack([jnp.asarray(b), jnp.asarray(w)]), None, length=n_epochs)
    return *params, losses


@bank.right(jax_transforms.train_scan)
def two_grads(features, targets, intercept, slope, rate, rounds):
    def body(carry, _):
        new = (
            carry[0] - rate * jax.grad(loss)(*carry, features, targets),
            carry[1] - rate * jax.grad(loss, 1)(*carry, features, targets),
        )
        return new, loss(*carry, features, targets)

    (intercept, slope), found = jax.lax.scan(body, (intercept, slope), None, length=rounds)
    return intercept, slope, found


def scanned(body_of, x, y, b, w, lr, n_epochs):
    (b, w), losses = jax.lax.scan(body_of(x, y, lr), (b, w), None, length=n_epochs)
    return b, w, losses


def slopes(b, w, x, y):
    return jax.value_and_grad(loss, argnums=(0, 1))(b, w, x, y)


@bank.wrong(jax_transforms.train_scan, mistake="python_loop")
def loop_with_append(x, y, b, w, lr, n_epochs):
    losses = []
    for _ in range(n_epochs):
        value, (b_grad, w_grad) = slopes(b, w, x, y)
        losses.append(value)
        b = b - lr * b_grad
        w = w - lr * w_grad
    return b, w, jnp.stack(losses)


@bank.wrong(jax_transforms.train_scan, mistake="python_loop")
@partial(jax.jit, static_argnames="n_epochs")
def while_loop_compiled(x, y, b, w, lr, n_epochs):
    losses = jnp.zeros(n_epochs)
    i = 0
    while i < n_epochs:
        value, (b_grad, w_grad) = slopes(b, w, x, y)
        losses = losses.at[i].set(value)
        b, w = b - lr * b_grad, w - lr * w_grad
        i += 1
    return b, w, losses


@bank.wrong(jax_transforms.train_scan, mistake="records_after_update")
def loss_of_the_new_carry(x, y, b, w, lr, n_epochs):
    def body(carry, _):
        _, (b_grad, w_grad) = slopes(*carry, x, y)
        b, w = carry[0] - lr * b_grad, carry[1] - lr * w_grad
        return (b, w), loss(b, w, x, y)

    return scanned(lambda *_: body, x, y, b, w, lr, n_epochs)


@bank.wrong(jax_transforms.train_scan, mistake="ignores_the_carry")
def gradients_of_the_outer_b(x, y, b, w, lr, n_epochs):
    def body(params, _):
        value, (b_grad, w_grad) = slopes(b, w, x, y)
        return (params[0] - lr * b_grad, params[1] - lr * w_grad), value

    return scanned(lambda *_: body, x, y, b, w, lr, n_epochs)


@bank.wrong(jax_transforms.train_scan, mistake="restarts_each_epoch")
def outer_b_throughout(x, y, b, w, lr, n_epochs):
    def body(params, _):
        value, (b_grad, w_grad) = slopes(b, w, x, y)
        return (b - lr * b_grad, w - lr * w_grad), value

    return scanned(lambda *_: body, x, y, b, w, lr, n_epochs)


def body_with(update):
    def body_of(x, y, lr):
        def body(carry, _):
            b, w = carry
            value, (b_grad, w_grad) = slopes(b, w, x, y)
            return update(b, w, b_grad, w_grad, lr), value

        return body

    return body_of


for mistake, update in {
    "uphill": lambda b, w, b_grad, w_grad, lr: (b + lr * b_grad, w + lr * w_grad),
    "forgets_lr": lambda b, w, b_grad, w_grad, lr: (b - b_grad, w - w_grad),
}.items():
    bank.wrong(jax_transforms.train_scan, partial(scanned, body_with(update)), mistake=mistake, label=mistake)


@bank.wrong(jax_transforms.train_scan, mistake="one_gradient_for_both")
def no_argnums(x, y, b, w, lr, n_epochs):
    def body(carry, _):
        value, grad = jax.value_and_grad(loss)(*carry, x, y)
        return (carry[0] - lr * grad, carry[1] - lr * grad), value

    return scanned(lambda *_: body, x, y, b, w, lr, n_epochs)


@bank.wrong(jax_transforms.train_scan, mistake="updates_in_turn")
def b_first(x, y, b, w, lr, n_epochs):
    def body(carry, _):
        b, w = carry
        value = loss(b, w, x, y)
        b = b - lr * jax.grad(loss, 0)(b, w, x, y)
        w = w - lr * jax.grad(loss, 1)(b, w, x, y)
        return (b, w), value

    return scanned(lambda *_: body, x, y, b, w, lr, n_epochs)


@bank.wrong(jax_transforms.train_scan, mistake="one_epoch_short")
def from_one(x, y, b, w, lr, n_epochs):
    (b, w), losses = jax.lax.scan(
        lambda params, _: body_with(lambda b, w, bg, wg, lr: (b - lr * bg, w - lr * wg))(x, y, lr)(params, None),
        (b, w),
        jnp.arange(1, n_epochs),
    )
    return b, w, losses


@bank.wrong(jax_transforms.train_scan, mistake="one_epoch_for_each_point")
def scans_over_x(x, y, b, w, lr, n_epochs):
    body = body_with(lambda b, w, bg, wg, lr: (b - lr * bg, w - lr * wg))(x, y, lr)
    (b, w), losses = jax.lax.scan(body, (b, w), x)
    return b, w, losses


@bank.wrong(jax_transforms.train_scan, mistake="one_epoch_long")
def a_loss_for_the_end_as_well(x, y, b, w, lr, n_epochs):
    return with_value_and_grad(x, y, b, w, lr, n_epochs + 1)


@bank.wrong(jax_transforms.train_scan, mistake="collects_the_parameters")
def histories(x, y, b, w, lr, n_epochs):
    def body(carry, _):
        b, w = carry
        value, (b_grad, w_grad) = slopes(b, w, x, y)
        new = b - lr * b_grad, w - lr * w_grad
        return new, (*new, value)

    return jax.lax.scan(body, (b, w), None, length=n_epochs)[1]


@bank.wrong(jax_transforms.train_scan, mistake="keeps_the_last_loss")
def last_loss(x, y, b, w, lr, n_epochs):
    b, w, losses = with_value_and_grad(x, y, b, w, lr, n_epochs)
    return b, w, losses[n_epochs - 1]


@bank.wrong(jax_transforms.train_scan, mistake="starts_at_zero")
def from_zero(x, y, b, w, lr, n_epochs):
    return with_value_and_grad(x, y, 0.0, 0.0, lr, n_epochs)


@bank.wrong(jax_transforms.train_scan, mistake="exchanges_parameters")
def w_first(x, y, b, w, lr, n_epochs):
    b, w, losses = with_value_and_grad(x, y, b, w, lr, n_epochs)
    return w, b, losses


@bank.wrong(jax_transforms.train_scan, finding="raised", says=("carry", "another (b, w)"))
def loss_comes_first(x, y, b, w, lr, n_epochs):
    def body(carry, _):
        value, (b_grad, w_grad) = slopes(*carry, x, y)
        return value, (carry[0] - lr * b_grad, carry[1] - lr * w_grad)

    losses, (b, w) = jax.lax.scan(body, (b, w), None, length=n_epochs)
    return b, w, losses


@bank.wrong(jax_transforms.train_scan, finding="raised", says="returns a pair")
def three_from_the_body(x, y, b, w, lr, n_epochs):
    def body(carry, _):
        value, (b_grad, w_grad) = slopes(*carry, x, y)
        return carry[0] - lr * b_grad, carry[1] - lr * w_grad, value

    return jax.lax.scan(body, (b, w), None, length=n_epochs)


@bank.wrong(jax_transforms.train_scan, finding="raised", says="length=n_epochs")
def no_length(x, y, b, w, lr, n_epochs):
    return jax.lax.scan(lambda carry, _: (carry, loss(*carry, x, y)), (b, w), None)


@bank.wrong(
    jax_transforms.train_scan, finding="raised", says=("ConcretizationTypeError", "losses.append(float(value))")
)
def floats_in_a_list(x, y, b, w, lr, n_epochs):
    losses = []
    for _ in range(n_epochs):
        value, (b_grad, w_grad) = slopes(b, w, x, y)
        losses.append(float(value))
        b, w = b - lr * b_grad, w - lr * w_grad
    return b, w, losses


@bank.wrong(jax_transforms.train_scan, finding="raised", says="static_argnames")
@jax.jit
def compiled_without_static(x, y, b, w, lr, n_epochs):
    return with_value_and_grad(x, y, b, w, lr, n_epochs)


seen = []


@bank.wrong(jax_transforms.train_scan, finding="value", says=("changes outside", "seen"))
def keeps_outside(x, y, b, w, lr, n_epochs):
    def body(carry, _):
        value, (b_grad, w_grad) = slopes(*carry, x, y)
        seen.append(1)
        return (carry[0] - lr * b_grad, carry[1] - lr * w_grad), value

    (b, w), losses = jax.lax.scan(body, (b, w), None, length=n_epochs)
    return b, w, losses


@bank.wrong(jax_transforms.train_scan, finding="not attempted")
def stub(x, y, b, w, lr, n_epochs):
    """Train."""
    raise NotImplementedError()


@bank.wrong(jax_transforms.train_scan, finding="none")
def forgets_return(x, y, b, w, lr, n_epochs):
    with_value_and_grad(x, y, b, w, lr, n_epochs)


bank.wrong(jax_transforms.train_scan, lambda x, y, b, w: b, finding="arguments", label="four-arguments")

# Many at once -------------------------------------------------------------------------------------------------------

train_scan = with_value_and_grad
jitted = partial(jax.jit, static_argnames="n_epochs")


@bank.right(jax_transforms.sweep)
@jitted
def two_vmaps(x, y, bs, ws, lrs, n_epochs):
    one = lambda b, w, lr: train_scan(x, y, b, w, lr, n_epochs)[2]
    return jax.vmap(jax.vmap(one, (None, None, 0)), (0, 0, None))(bs, ws, lrs)


@bank.right(jax_transforms.sweep)
@partial(jax.jit, static_argnums=5)
def in_axes_for_all_six(x, y, bs, ws, lrs, n_epochs):
    inner = jax.vmap(train_scan, in_axes=(None, None, None, None, 0, None))
    outer = jax.vmap(inner, in_axes=(None, None, 0, 0, None, None))
    _, _, losses = outer(x, y, bs, ws, lrs, n_epochs)
    return losses


@bank.right(jax_transforms.sweep)
@jitted
def vmaps_the_other_way_round(x, y, bs, ws, lrs, n_epochs):
    one = lambda b, w, lr: train_scan(x, y, b, w, lr, n_epochs)[2]
    over_starts = jax.vmap(one, in_axes=(0, 0, None))
    return jax.vmap(over_starts, in_axes=(None, None, 0), out_axes=1)(bs, ws, lrs)


@bank.right(jax_transforms.sweep)
@jitted
def a_grid_made_flat(x, y, bs, ws, lrs, n_epochs):
    S, L = len(bs), len(lrs)
    b, w = jnp.repeat(bs, L), jnp.repeat(ws, L)
    losses = jax.vmap(lambda b, w, lr: train_scan(x, y, b, w, lr, n_epochs)[2])(b, w, jnp.tile(lrs, S))
    return losses.reshape(S, L, n_epochs)


@bank.right(jax_transforms.sweep)
@jitted
def broadcasts_by_hand(x, y, bs, ws, lrs, n_epochs):
    shape = (len(bs), len(lrs))
    rate = jnp.broadcast_to(lrs, shape)[..., None]
    start = tuple(jnp.broadcast_to(part[:, None], shape)[..., None] for part in (bs, ws))

    def body(carry, _):
        b, w = carry
        error = b + w * x - y
        mean = lambda values: values.mean(axis=-1, keepdims=True)
        new = b - rate * 2 * mean(error), w - rate * 2 * mean(x * error)
        return new, mean(error**2)[..., 0]

    _, losses = jax.lax.scan(body, start, None, length=n_epochs)
    return jnp.moveaxis(losses, 0, -1)


@partial(jax.jit, static_argnums=5)
def _sweep_elsewhere(x, y, bs, ws, lrs, n_epochs):
    one = lambda start, lr: train_scan(x, y, start[0], start[1], lr, n_epochs)[2]
    return jax.vmap(lambda start: jax.vmap(lambda lr: one(start, lr))(lrs))((bs, ws))


@bank.right(jax_transforms.sweep)
def jitted_in_another_function(x, y, bs, ws, lrs, n_epochs):
    return _sweep_elsewhere(x, y, bs, ws, lrs, n_epochs)


@bank.right(jax_transforms.sweep)
@jitted
def maps_one_after_the_other(x, y, bs, ws, lrs, n_epochs):
    one = lambda b, w, lr: train_scan(x, y, b, w, lr, n_epochs)[2]
    return jax.lax.map(lambda start: jax.vmap(lambda lr: one(*start, lr))(lrs), (bs, ws))


def one_of(x, y, n_epochs):
    return lambda b, w, lr: train_scan(x, y, b, w, lr, n_epochs)[2]


for mistake, use in {
    "walks_side_by_side": lambda one, bs, ws, lrs: jax.vmap(one, in_axes=(0, 0, 0))(bs, ws, lrs),
    "learning_rates_first": lambda one, bs, ws, lrs: jax.vmap(jax.vmap(one, (0, 0, None)), (None, None, 0))(
        bs, ws, lrs
    ),
    "epochs_first": lambda one, bs, ws, lrs: jax.vmap(
        jax.vmap(one, (None, None, 0), out_axes=1), (0, 0, None), out_axes=1
    )(bs, ws, lrs),
    "epochs_in_the_middle": lambda one, bs, ws, lrs: jax.vmap(jax.vmap(one, (None, None, 0), out_axes=1), (0, 0, None))(
        bs, ws, lrs
    ),
    "combines_b_and_w": lambda one, bs, ws, lrs: jax.vmap(
        jax.vmap(jax.vmap(one, (None, None, 0)), (None, 0, None)), (0, None, None)
    )(bs, ws, lrs),
    "keeps_the_last_loss_of_each": lambda one, bs, ws, lrs: jax.vmap(
        jax.vmap(lambda b, w, lr: one(b, w, lr)[-1], (None, None, 0)), (0, 0, None)
    )(bs, ws, lrs),
    "one_start_for_all": lambda one, bs, ws, lrs: jax.vmap(lambda _: jax.vmap(lambda lr: one(bs[0], ws[0], lr))(lrs))(
        bs
    ),
    "one_learning_rate_for_all": lambda one, bs, ws, lrs: jax.vmap(
        lambda b, w: jax.vmap(lambda _: one(b, w, lrs[0]))(lrs)
    )(bs, ws),
    "loops_in_python": lambda one, bs, ws, lrs: jnp.stack(
        [jnp.stack([one(bs[i], ws[i], lr) for lr in lrs]) for i in range(len(bs))]
    ),
}.items():

    def attempt(x, y, bs, ws, lrs, n_epochs, use=use):
        return use(one_of(x, y, n_epochs), bs, ws, lrs)

    bank.wrong(jax_transforms.sweep, jitted(attempt), mistake=mistake, label=mistake)


@bank.wrong(jax_transforms.sweep, mistake="loops_in_python")
@jitted
def one_vmap_in_a_loop(x, y, bs, ws, lrs, n_epochs):
    one = one_of(x, y, n_epochs)
    rows = []
    for b, w in zip(bs, ws, strict=True):
        rows.append(jax.vmap(lambda lr, b=b, w=w: one(b, w, lr))(lrs))
    return jnp.array(rows)


@bank.wrong(jax_transforms.sweep, mistake="walks_along_everything")
@jitted
def no_in_axes(x, y, bs, ws, lrs, n_epochs):
    return jax.vmap(train_scan)(x, y, bs, ws, lrs, n_epochs)[2]


@bank.wrong(jax_transforms.sweep, mistake="returns_all_three")
@jitted
def forgets_to_pick(x, y, bs, ws, lrs, n_epochs):
    one = lambda b, w, lr: train_scan(x, y, b, w, lr, n_epochs)
    return jax.vmap(jax.vmap(one, (None, None, 0)), (0, 0, None))(bs, ws, lrs)


@bank.wrong(jax_transforms.sweep, mistake="compiles_at_every_call")
def no_jit_at_all(x, y, bs, ws, lrs, n_epochs):
    return jax.vmap(jax.vmap(one_of(x, y, n_epochs), (None, None, 0)), (0, 0, None))(bs, ws, lrs)


@bank.wrong(jax_transforms.sweep, mistake="compiles_at_every_call")
def jit_inside(x, y, bs, ws, lrs, n_epochs):
    many = jax.vmap(jax.vmap(one_of(x, y, n_epochs), (None, None, 0)), (0, 0, None))
    return jax.jit(many)(bs, ws, lrs)


@bank.wrong(jax_transforms.sweep, finding="raised", says="static_argnames")
@jax.jit
def nothing_static(x, y, bs, ws, lrs, n_epochs):
    return jax.vmap(jax.vmap(one_of(x, y, n_epochs), (None, None, 0)), (0, 0, None))(bs, ws, lrs)


@bank.wrong(jax_transforms.sweep, finding="raised", says="jax.vmap(f)(x)")
@jitted
def does_not_call_the_vmap(x, y, bs, ws, lrs, n_epochs):
    return jax.vmap(jax.vmap(one_of(x, y, n_epochs), (None, None, 0)), (0, 0, None))


@bank.wrong(jax_transforms.sweep, mistake="walks_side_by_side")
@jitted
def walks_along_x_and_lrs(x, y, bs, ws, lrs, n_epochs):
    inner = jax.vmap(train_scan, in_axes=(0, 0, None, None, 0, None))
    return jax.vmap(inner, in_axes=(None, None, 0, 0, None, None))(x, y, bs, ws, lrs, n_epochs)[2]


@bank.wrong(jax_transforms.sweep, mistake="walks_along_everything")
@jitted
def second_axis_of_lrs(x, y, bs, ws, lrs, n_epochs):
    return jax.vmap(jax.vmap(one_of(x, y, n_epochs), (None, None, 1)), (0, 0, None))(bs, ws, lrs)


@bank.wrong(jax_transforms.sweep, finding="raised", says="An array is named static")
@partial(jax.jit, static_argnames=("n_epochs", "lrs"))
def learning_rates_static(x, y, bs, ws, lrs, n_epochs):
    return jax.vmap(jax.vmap(one_of(x, y, n_epochs), (None, None, 0)), (0, 0, None))(bs, ws, lrs)


@bank.wrong(jax_transforms.sweep, finding="raised", says="one for each")
@jitted
def in_axes_too_short(x, y, bs, ws, lrs, n_epochs):
    return jax.vmap(train_scan, in_axes=(None, None, 0, 0, 0))(x, y, bs, ws, lrs, n_epochs)[2]


# A gradient for each point ------------------------------------------------------------------------------------------

bank.right(
    jax_transforms.per_example_gradients,
    jax.vmap(jax.grad(loss, argnums=(0, 1)), in_axes=(None, None, 0, 0)),
    label="vmap-itself",
)


@bank.right(jax_transforms.per_example_gradients)
def lambda_of_one_point(b, w, x, y):
    return jax.vmap(lambda xi, yi: jax.grad(loss, argnums=(0, 1))(b, w, xi, yi))(x, y)


@bank.right(jax_transforms.per_example_gradients)
def by_hand(b, w, x, y):
    error = b + w * x - y
    return [2 * error, 2 * x * error]


@bank.right(jax_transforms.per_example_gradients)
def jacobian_of_all_losses(b, w, x, y):
    return jax.jacobian(lambda b, w: (b + w * x - y) ** 2, argnums=(0, 1))(b, w)


@bank.right(jax_transforms.per_example_gradients)
def point_by_point(b, w, x, y):
    pairs = [jax.grad(loss, argnums=(0, 1))(b, w, x[i], y[i]) for i in range(len(x))]
    b_grads, w_grads = zip(*pairs, strict=True)
    return jnp.array(b_grads), jnp.array(w_grads)


@bank.right(jax_transforms.per_example_gradients)
def one_array_of_two_rows(b, w, x, y):
    of_one = jax.grad(lambda params, xi, yi: (params[0] + params[1] * xi - yi) ** 2)
    params = jnp.stack([jnp.asarray(b), jnp.asarray(w)])
    b_grads, w_grads = jax.vmap(of_one, in_axes=(None, 0, 0))(params, x, y).T
    return b_grads, w_grads


@bank.right(jax_transforms.per_example_gradients)
@jax.jit
def one_array_to_unpack(b, w, x, y):
    return jnp.stack(by_hand(b, w, x, y))


@bank.right(jax_transforms.per_example_gradients)
@jax.jit
def columns_of_points(b, w, x, y):
    grads = jax.vmap(jax.grad(loss, argnums=(0, 1)), in_axes=(None, None, 0, 0))
    return grads(b, w, x[:, None], y[:, None])


@bank.right(jax_transforms.per_example_gradients)
def two_vmaps_for_two(b, w, x, y):
    return tuple(jax.vmap(jax.grad(loss, k), (None, None, 0, 0))(b, w, x, y) for k in (0, 1))


for mistake, attempt in {
    "means_first": lambda b, w, x, y: jax.grad(loss, argnums=(0, 1))(b, w, x, y),
    "sums_first": lambda b, w, x, y: jax.grad(
        lambda b, w: jax.vmap(loss, (None, None, 0, 0))(b, w, x, y).sum(), argnums=(0, 1)
    )(b, w),
    "repeats_the_mean": lambda b, w, x, y: jax.vmap(lambda _: jax.grad(loss, argnums=(0, 1))(b, w, x, y))(x),
    "walks_along_x_alone": jax.vmap(jax.grad(loss, argnums=(0, 1)), in_axes=(None, None, 0, None)),
    "walks_along_y_alone": jax.vmap(jax.grad(loss, argnums=(0, 1)), in_axes=(None, None, None, 0)),
    "walks_along_the_parameters": lambda b, w, x, y: jax.vmap(jax.grad(loss, argnums=(0, 1)))(b, w, x, y),
    "exchanges_gradients": lambda b, w, x, y: by_hand(b, w, x, y)[::-1],
    "shares_of_the_mean": lambda b, w, x, y: [part / x.size for part in by_hand(b, w, x, y)],
    "differentiates_by_the_data": jax.vmap(jax.grad(loss, argnums=(2, 3)), in_axes=(None, None, 0, 0)),
    "forgets_argnums": jax.vmap(jax.grad(loss), in_axes=(None, None, 0, 0)),
    "returns_the_losses": jax.vmap(loss, in_axes=(None, None, 0, 0)),
    "of_w_alone": jax.vmap(jax.grad(loss, argnums=1), in_axes=(None, None, 0, 0)),
    "keeps_the_losses": jax.vmap(jax.value_and_grad(loss, argnums=(0, 1)), in_axes=(None, None, 0, 0)),
}.items():
    bank.wrong(jax_transforms.per_example_gradients, attempt, mistake=mistake, label=mistake)

bank.wrong(
    jax_transforms.per_example_gradients,
    lambda b, w, x, y: np.array(by_hand(b, w, x, y)),
    finding="raised",
    says="Use jnp in place of np",
    label="with-numpy",
)
bank.wrong(
    jax_transforms.per_example_gradients,
    lambda b, w, x, y: jnp.stack(by_hand(b, w, x, y), axis=1),
    finding="kind",
    says="2 values (b_grads, w_grads)",
    label="pairs-in-rows",
)
bank.wrong(
    jax_transforms.per_example_gradients,
    lambda b, w, x, y: (b + w * x - y, x * (b + w * x - y)),
    says="1/2 of",
    label="no-factor-two",
)

# The largest stable learning rate -----------------------------------------------------------------------------------


@bank.right(jax_transforms.hessian_bound)
def with_eigvalsh(f, params):
    return 2 / jnp.max(jnp.linalg.eigvalsh(jax.hessian(f)(params)))


@bank.right(jax_transforms.hessian_bound)
def with_numpy(f, params):
    return float(2 / np.linalg.eigvalsh(np.asarray(jax.hessian(f)(params)))[-1])


@bank.right(jax_transforms.hessian_bound)
def jacobian_of_the_gradient(f, params):
    curvatures, _ = jnp.linalg.eigh(jax.jacfwd(jax.grad(f))(params))
    return 2 / curvatures[-1]


@bank.right(jax_transforms.hessian_bound)
def all_eigenvalues_of_any_table(f, params):
    return 2 / jnp.linalg.eigvals(jax.jacrev(jax.jacrev(f))(params)).real.max()


@bank.right(jax_transforms.hessian_bound)
def largest_singular_value(f, params):
    return 2 / jnp.linalg.norm(jax.hessian(f)(params), ord=2)


@bank.right(jax_transforms.hessian_bound)
def quadratic_formula(f, params):
    (a, b), (c, d) = jax.hessian(f)(params)
    return 2 / ((a + d + jnp.sqrt((a - d) ** 2 + 4 * b * c)) / 2)


@bank.right(jax_transforms.hessian_bound)
def one_row_at_a_time(loss, place):
    slope = jax.grad(loss)
    rows = [jax.jvp(slope, (place,), (unit,))[1] for unit in jnp.eye(len(place))]
    return min(2 / value for value in np.linalg.eigvalsh(np.array(rows)))


for mistake, attempt in {
    "takes_one_over": lambda H: 1 / jnp.linalg.eigvalsh(H).max(),
    "takes_the_flattest_direction": lambda H: 2 / jnp.linalg.eigvalsh(H)[0],
    "averages_the_eigenvalues": lambda H: 2 / (jnp.trace(H) / len(H)),
    "adds_the_eigenvalues": lambda H: 2 / jnp.trace(H),
    "keeps_all_eigenvalues": lambda H: 2 / jnp.linalg.eigvalsh(H),
    "reads_the_diagonal": lambda H: 2 / jnp.diagonal(H).max(),
    "takes_the_norm": lambda H: 2 / jnp.sqrt((H**2).sum()),
    "returns_the_curvature": lambda H: np.linalg.eigvalsh(H)[-1],
    "upside_down": lambda H: jnp.linalg.eigvalsh(H)[-1] / 2,
}.items():
    bank.wrong(
        jax_transforms.hessian_bound,
        lambda f, params, attempt=attempt: attempt(jax.hessian(f)(params)),
        mistake=mistake,
        label=mistake,
    )
bank.wrong(
    jax_transforms.hessian_bound,
    lambda f, params: 2 / jnp.linalg.eigvalsh(jax.hessian(f)(0 * params)).max(),
    mistake="looks_at_another_place",
    label="at-zero",
)
bank.wrong(
    jax_transforms.hessian_bound,
    lambda f, params: 2 / jnp.sqrt((jax.grad(f)(params) ** 2).sum()),
    mistake="takes_the_gradient",
    label="length-of-the-gradient",
)
bank.wrong(
    jax_transforms.hessian_bound,
    lambda f, params: 2 / jnp.linalg.eigvals(jax.hessian(f)(params)).max(),
    finding="dtype",
    says="complex",
    label="complex-eigenvalues",
)
bank.wrong(
    jax_transforms.hessian_bound,
    lambda f, params: jax.hessian(f)(params),
    finding="shape",
    label="the-hessian",
)
bank.wrong(
    jax_transforms.hessian_bound,
    lambda f, params: 2 / jnp.linalg.eigvalsh(jax.hessian(f)).max(),
    finding="raised",
    says="jax.hessian(f)(params)",
    label="not-called",
)
bank.wrong(jax_transforms.hessian_bound, lambda f, params: print(f(params)), finding="none", label="prints")

# Find the bug -------------------------------------------------------------------------------------------------------


def _epoch(b, w, x, y, lr):
    before, (b_grad, w_grad) = slopes(b, w, x, y)
    return b - lr * b_grad, w - lr * w_grad, before


@bank.right(jax_transforms.logged_epoch)
@jax.jit
def prints_from_the_program(b, w, x, y, lr):
    before, (b_grad, w_grad) = slopes(b, w, x, y)
    jax.debug.print("loss: {}", before)
    return b - lr * b_grad, w - lr * w_grad, before


@bank.right(jax_transforms.logged_epoch)
@jax.jit
def rounded_and_named(b, w, x, y, lr):
    b, w, before = _epoch(b, w, x, y, lr)
    jax.debug.print("b = {b:.3f}, the loss before was {loss:.4g}", b=b, loss=before)
    return [b, w, before]


@bank.right(jax_transforms.logged_epoch)
def without_the_decorator(b, w, x, y, lr):
    result = _epoch(b, w, x, y, lr)
    jax.debug.print("{x}", x=result[2], ordered=True)
    return result


@bank.right(jax_transforms.logged_epoch)
@jax.jit
def through_a_callback(b, w, x, y, lr):
    result = _epoch(b, w, x, y, lr)
    jax.debug.callback(lambda value: print(f"loss={float(value):.6f}"), result[2])
    return result


@bank.right(jax_transforms.logged_epoch)
@functools.partial(jax.jit)
def gradients_written_out(b, w, x, y, lr):
    error = b + w * x - y
    now = jnp.mean(jnp.square(error))
    jax.debug.print("loss, {}", now)
    return b - 2 * lr * error.mean(), w - 2 * lr * (x * error).mean(), now


@bank.right(jax_transforms.logged_epoch)
@jax.jit
def rounded_in_a_sentence(b, w, x, y, lr):
    result = _epoch(b, w, x, y, lr)
    jax.debug.print("The loss is {:.0f}.", result[2])
    return result


history = []


@bank.wrong(jax_transforms.logged_epoch, mistake="prints_while_tracing")
@jax.jit
def takes_only_the_append_out(b, w, x, y, lr):
    result = _epoch(b, w, x, y, lr)
    print("loss:", result[2])
    return result


@bank.wrong(jax_transforms.logged_epoch, mistake="prints_while_tracing")
def takes_jit_out(b, w, x, y, lr):
    result = _epoch(b, w, x, y, lr)
    print(result[2])
    return result


@bank.wrong(jax_transforms.logged_epoch, mistake="fills_in_while_tracing")
@jax.jit
def an_f_string(b, w, x, y, lr):
    result = _epoch(b, w, x, y, lr)
    jax.debug.print(f"loss: {result[2]}")
    return result


@bank.wrong(jax_transforms.logged_epoch, mistake="still_appends")
@jax.jit
def appends_too(b, w, x, y, lr):
    result = _epoch(b, w, x, y, lr)
    history.append(result[2])
    jax.debug.print("loss: {}", result[2])
    return result


@bank.right(jax_transforms.logged_epoch)
@jax.jit
def two_lines_for_each_call(b, w, x, y, lr):
    result = _epoch(b, w, x, y, lr)
    jax.debug.print("b = {}, w = {}", b, w)
    jax.debug.print("loss: {}", result[2])
    return result


last_loss_seen = None


@bank.wrong(jax_transforms.logged_epoch, mistake="still_appends")
@jax.jit
def keeps_the_loss_in_a_global(b, w, x, y, lr):
    global last_loss_seen
    result = _epoch(b, w, x, y, lr)
    jax.debug.print("loss: {}", result[2])
    last_loss_seen = result[2]
    return result


@bank.wrong(jax_transforms.logged_epoch, mistake="still_prints")
@jax.jit
def prints_twice(b, w, x, y, lr):
    result = _epoch(b, w, x, y, lr)
    print("loss now:", result[2])
    jax.debug.print("loss: {:.3f}", result[2])
    return result


@bank.wrong(jax_transforms.logged_epoch, finding="raised", says="a value has no place")
@jax.jit
def no_place_for_the_value(b, w, x, y, lr):
    result = _epoch(b, w, x, y, lr)
    jax.debug.print("loss:", result[2])
    return result


@bank.wrong(jax_transforms.logged_epoch, finding="raised", says="The first argument of jax.debug.print is a text")
@jax.jit
def the_value_alone(b, w, x, y, lr):
    result = _epoch(b, w, x, y, lr)
    jax.debug.print(result[2])
    return result


@bank.wrong(jax_transforms.logged_epoch, mistake="prints_and_appends")
@jax.jit
def as_it_was(b, w, x, y, lr):
    result = _epoch(b, w, x, y, lr)
    print("loss:", result[2])
    history.append(result[2])
    return result


@bank.wrong(jax_transforms.logged_epoch, mistake="prints_nothing")
@jax.jit
def quiet(b, w, x, y, lr):
    return _epoch(b, w, x, y, lr)


@bank.wrong(jax_transforms.logged_epoch, mistake="forgets_the_loss")
@jax.jit
def two_results(b, w, x, y, lr):
    b, w, before = _epoch(b, w, x, y, lr)
    jax.debug.print("loss: {}", before)
    return b, w


@bank.wrong(jax_transforms.logged_epoch, mistake="loss_after_the_update")
@jax.jit
def new_loss(b, w, x, y, lr):
    b, w, _ = _epoch(b, w, x, y, lr)
    after = loss(b, w, x, y)
    jax.debug.print("loss: {}", after)
    return b, w, after


@bank.wrong(jax_transforms.logged_epoch, finding="raised", says=("ConcretizationTypeError", "Python number"))
def floats_for_print(b, w, x, y, lr):
    result = _epoch(b, w, x, y, lr)
    print("loss:", float(result[2]))
    return result


@bank.wrong(jax_transforms.logged_epoch, mistake="fills_in_while_tracing")
@jax.jit
def an_f_string_of_an_array(b, w, x, y, lr):
    result = _epoch(b, w, x, y, lr)
    jax.debug.print(f"errors: {b + w * x - y}")
    return result


@bank.wrong(jax_transforms.logged_epoch, says="calls that printed their loss")
@jax.jit
def prints_the_next_loss(b, w, x, y, lr):
    b, w, before = _epoch(b, w, x, y, lr)
    jax.debug.print("loss: {}", loss(b, w, x, y))
    return b, w, before


@bank.wrong(jax_transforms.logged_epoch, says="calls that printed their loss")
@jax.jit
def prints_b(b, w, x, y, lr):
    result = _epoch(b, w, x, y, lr)
    jax.debug.print("b: {}", 100 + result[0])
    return result


# Quizzes ------------------------------------------------------------------------------------------------------------

for quiz, answer, wrong in [
    (jax_transforms.what_compiles_again, {"b", "c"}, [{"a", "b", "c"}, {"b"}, {"b", "c", "d"}]),
    (jax_transforms.side_effects, {"a", "d"}, [{"a"}, {"a", "b", "d"}, {"c"}]),
    (jax_transforms.loops, {"a", "c"}, [{"a"}, {"a", "b", "c"}, {"a", "c", "d"}]),
    (jax_transforms.order_of_transforms, {"b", "c"}, [{"b"}, {"a", "b", "c"}, {"b", "c", "d"}]),
]:
    bank.right(quiz, answer, label="the-answer")
    bank.right(quiz, "".join(sorted(answer)), label="as-text")
    for chosen in wrong:
        extra, missed = sorted(chosen - answer), sorted(answer - chosen)
        bank.wrong(quiz, chosen, mistake=f"chose_{extra[0]}" if extra else f"missed_{missed[0]}")
    bank.wrong(quiz, ..., finding="not attempted", label="dots")
