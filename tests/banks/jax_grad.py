"""Answers to lesson 07."""

import math
import time
from importlib import import_module

import numpy as np

from gdexercises import jax_grad
from gdexercises.checking.jax_drivers import jax
from tests.banks import Bank

jnp = jax.numpy
ravel_pytree = import_module("jax.flatten_util").ravel_pytree
bank = Bank()

# What a notebook has beside the answers: names that an answer may read by mistake.
x = jnp.arange(-1.0, 5.0)
y = 2 * x - 1
lr = 0.01
b_now = 1.0
worst = 0.0
history = []  # one answer's is not another's: tracers get into this one
history_of_w = []
history_of_training = []


def notebook_loss(b, w, x, y):
    """A right loss, as an answer may call it."""
    return jnp.mean((b + w * x - y) ** 2)


def notebook_gradient(b, w, x, y):
    """A right gradient."""
    return jax.value_and_grad(notebook_loss, argnums=(0, 1))(b, w, x, y)


def notebook_step(b, w, x, y, lr):
    """A right step."""
    value, (b_grad, w_grad) = notebook_gradient(b, w, x, y)
    return b - lr * b_grad, w - lr * w_grad, value


# Step 1: predict ---------------------------------------------------------------------------------------------------


@bank.right(jax_grad.predict)
def functional(x, b, w):
    return jnp.add(b, jnp.multiply(w, x))


@bank.right(jax_grad.predict)
def with_polyval(features, intercept, slope):
    return jnp.polyval(jnp.stack([jnp.asarray(slope), jnp.asarray(intercept)]), features)


@bank.right(jax_grad.predict)
def with_a_matrix(x, b, w):
    return jnp.stack([jnp.ones_like(x), x], axis=1) @ jnp.array([b, w])


@bank.right(jax_grad.predict)
def with_a_loop(x, b, w):
    return jnp.array([b + w * value for value in x])


@bank.right(jax_grad.predict)
def as_a_list(x, b, w):
    return [b + w * x[i] for i in range(len(x))]


bank.right(jax_grad.predict, jax.jit(lambda x, b, w: b + w * x), label="jitted")
bank.right(jax_grad.predict, lambda *arguments: arguments[1] + arguments[2] * arguments[0], label="a-lambda")


@bank.right(jax_grad.predict)
def one_by_one_with_vmap(x, b, w):
    return jax.vmap(lambda value: b + w * value)(x)


@bank.wrong(jax_grad.predict, mistake="exchanges_parameters")
def slope_first(x, b, w):
    return b * x + w


@bank.wrong(jax_grad.predict, mistake="leaves_out_b")
def through_the_origin(x, b, w):
    return x * w


def predicts_global_x(features, b, w):
    return b + w * x


bank.wrong(jax_grad.predict, predicts_global_x, mistake="reads_global_x")


@bank.wrong(jax_grad.predict, mistake="fixes_b")
def line_of_s1(x, b, w):
    return x * w + -1.0


@bank.wrong(jax_grad.predict, finding="raised", mistake="predicts_with_numpy", says="Use jnp in place of np")
def numpy_array(x, b, w):
    return np.array(b) + np.array(w) * np.array(x)


@bank.wrong(jax_grad.predict, finding="raised", mistake="converts_parameters", says=("under jax.jit", "tracers"))
def with_item(x, b, w):
    return b + (w if isinstance(w, float) else w.item()) * x


@bank.wrong(jax_grad.predict, finding="raised", says="jnp.where")
def asks_a_tracer(x, b, w):
    return b + w * x if w != 0 else b * jnp.ones_like(x)


@bank.wrong(jax_grad.predict, finding="shape")
def a_column(x, b, w):
    return (b + w * x).reshape(-1, 1)


@bank.wrong(jax_grad.predict, finding="none", says="return")
def forgets_return(x, b, w):
    yhat = b + w * x  # noqa: F841


@bank.wrong(jax_grad.predict, finding="raised", says="cannot be changed in place")
def fills_a_jax_array_with_predictions(x, b, w):
    yhat = jnp.zeros_like(x)
    for i in range(len(x)):
        yhat[i] = b + w * x[i]
    return yhat


@bank.wrong(jax_grad.predict, finding="not attempted")
def stub(x, b, w):
    """Predictions of the line."""
    # YOUR CODE HERE
    raise NotImplementedError()


bank.wrong(jax_grad.predict, ..., finding="not attempted", label="no-function-at-all")
bank.wrong(jax_grad.predict, jax_grad.predict, finding="not attempted", says="yourself", label="the-reference")

# Step 2: loss ------------------------------------------------------------------------------------------------------

bank.right(jax_grad.loss, notebook_loss, label="functional")
bank.right(jax_grad.loss, jax.jit(notebook_loss), label="jitted")


@bank.right(jax_grad.loss)
def with_a_scalar_product(b, w, x, y):
    error = y - (b + w * x)
    return error @ error / x.size


@bank.right(jax_grad.loss)
def with_a_loop_over_points(intercept, slope, xs, ys):
    total = 0.0
    for x_i, y_i in zip(xs, ys, strict=True):
        total += (intercept + slope * x_i - y_i) ** 2
    return total / len(xs)


@bank.right(jax_grad.loss)
def mean_of_numpy_that_hands_over_to_jax(b, w, x, y):
    return np.mean((b + w * x - y) ** 2)


@bank.right(jax_grad.loss)
def norm_squared(b, w, x, y):
    return jnp.sum(jnp.abs(b + w * x - y) ** 2, keepdims=True)[0] / len(y)


@bank.right(jax_grad.loss)
def variance_and_mean(b, w, x, y):
    error = b + w * x - y
    return error.var() + error.mean() ** 2


@bank.wrong(jax_grad.loss, mistake="sums")
def sum_of_squares(b, w, x, y):
    return jnp.sum((b + w * x - y) ** 2)


@bank.wrong(jax_grad.loss, mistake="divides_by_six")
def six_of_s1(b, w, x, y):
    return sum((b + w * x - y) ** 2) / 6


@bank.wrong(jax_grad.loss, mistake="takes_the_root")
def rmse(b, w, x, y):
    return ((b + w * x - y) ** 2).mean() ** 0.5


@bank.wrong(jax_grad.loss, mistake="does_not_square")
def mean_error(b, w, x, y):
    return jnp.mean(b + w * x - y)


def loss_of_the_notebooks_points(b, w, x_points, y_points):
    return notebook_loss(b, w, x, y)


bank.wrong(jax_grad.loss, loss_of_the_notebooks_points, mistake="reads_global_data")


@bank.wrong(jax_grad.loss, mistake="hands_over_in_the_wrong_order")
def predicts_in_the_wrong_order(b, w, x, y):
    return ((with_polyval(x, w, b) - y) ** 2).mean()


@bank.wrong(jax_grad.loss, finding="raised", mistake="computes_with_numpy", says="Use jnp in place of np")
def powers_of_numpy(b, w, x, y):
    return np.power(b + w * x - y, 2).mean()


@bank.wrong(jax_grad.loss, finding="raised", mistake="makes_a_float", says="under jax.jit")
def item_of_the_loss(b, w, x, y):
    return notebook_loss(b, w, x, y).item()


@bank.wrong(jax_grad.loss, finding="raised", mistake="makes_a_float")
def root_of_python(b, w, x, y):
    return math.pow(math.sqrt(notebook_loss(b, w, x, y)), 2)


@bank.wrong(jax_grad.loss, finding="shape")
def one_loss_a_point(b, w, x, y):
    return (b + w * x - y) ** 2


@bank.wrong(jax_grad.loss, says="1/2 of")
def half(b, w, x, y):
    return notebook_loss(b, w, x, y) / 2


@bank.wrong(jax_grad.loss, finding="arguments", says="takes 4 arguments")
def parameters_of_s1(w, b):
    return notebook_loss(b, w, x, y)


@bank.wrong(jax_grad.loss, mistake="takes_absolute_values")
def mean_absolute_error(b, w, x, y):
    return jnp.abs(y - b - w * x).mean()


# Step 3: gradients -------------------------------------------------------------------------------------------------

bank.right(jax_grad.loss_and_gradient, notebook_gradient, label="value-and-grad")
bank.right(jax_grad.loss_and_gradient, jax.jit(notebook_gradient), label="jitted")
bank.right(jax_grad.loss_and_gradient, jax.value_and_grad(notebook_loss, (0, 1)), label="the-function-that-jax-makes")


@bank.right(jax_grad.loss_and_gradient)
def two_calls_in_lists(b, w, x, y):
    b_grad = jax.grad(notebook_loss)(b, w, x, y)
    w_grad = jax.grad(notebook_loss, argnums=1)(b, w, x, y)
    return [notebook_loss(b, w, x, y), [b_grad, w_grad]]


@bank.right(jax_grad.loss_and_gradient)
def by_hand(b, w, x, y):
    error = b + w * x - y
    return (error**2).mean(), (2 * error.mean(), 2 * (x * error).mean())


@bank.right(jax_grad.loss_and_gradient)
def of_an_array_of_parameters(b, w, x, y):
    return jax.value_and_grad(lambda params: notebook_loss(*params, x, y))(jnp.array([b, w]))


@bank.right(jax_grad.loss_and_gradient)
def of_a_dict_of_parameters(b, w, x, y):
    loss_of = lambda params: notebook_loss(params["b"], params["w"], x, y)
    value, grads = jax.value_and_grad(loss_of)({"b": jnp.float32(b), "w": jnp.float32(w)})
    return value, [grads["b"], grads["w"]]


@bank.right(jax_grad.loss_and_gradient)
def forward_mode(b, w, x, y):
    return notebook_loss(b, w, x, y), jax.jacfwd(notebook_loss, (0, 1))(b, w, x, y)


@bank.wrong(jax_grad.loss_and_gradient, finding="kind", mistake="with_respect_to_b_alone")
def no_argnums(b, w, x, y):
    return jax.value_and_grad(notebook_loss)(b, w, x, y)


@bank.wrong(jax_grad.loss_and_gradient, finding="kind", mistake="with_respect_to_w_alone")
def argnums_of_s1(b, w, x, y):
    return jax.value_and_grad(notebook_loss, argnums=1)(b, w, x, y)


@bank.wrong(jax_grad.loss_and_gradient, mistake="argnums_exchanged")
def one_zero(b, w, x, y):
    return jax.value_and_grad(notebook_loss, argnums=(1, 0))(b, w, x, y)


@bank.wrong(jax_grad.loss_and_gradient, finding="shape", mistake="argnums_from_one")
def one_two(b, w, x, y):
    return jax.value_and_grad(notebook_loss, argnums=(1, 2))(b, w, x, y)


@bank.wrong(jax_grad.loss_and_gradient, finding="shape", mistake="with_respect_to_the_data")
def two_three(b, w, x, y):
    return jax.value_and_grad(notebook_loss, argnums=(2, 3))(b, w, x, y)


@bank.wrong(jax_grad.loss_and_gradient, finding="kind", mistake="forgets_the_loss")
def grad_alone(b, w, x, y):
    return jax.grad(notebook_loss, argnums=(0, 1))(b, w, x, y)


@bank.wrong(jax_grad.loss_and_gradient, mistake="gradient_first")
def grad_then_loss(b, w, x, y):
    return jax.grad(notebook_loss, argnums=(0, 1))(b, w, x, y), notebook_loss(b, w, x, y)


def gradient_on_the_notebooks_points(b, w, xs, ys):
    return notebook_gradient(b, w, x, y)


bank.wrong(jax_grad.loss_and_gradient, gradient_on_the_notebooks_points, mistake="gradient_of_global_data")


@bank.wrong(jax_grad.loss_and_gradient, finding="raised", mistake="gradient_in_floats")
def items(b, w, x, y):
    value, grads = notebook_gradient(b, w, x, y)
    return value.item(), tuple(grad.item() for grad in grads)


@bank.wrong(jax_grad.loss_and_gradient, finding="kind", says="It returns a function")
def forgets_to_call(b, w, x, y):
    return jax.value_and_grad(notebook_loss, argnums=(0, 1))


@bank.wrong(jax_grad.loss_and_gradient, finding="kind", says="It returns 3 values. Return two")
def three_in_a_row(b, w, x, y):
    value, (b_grad, w_grad) = notebook_gradient(b, w, x, y)
    return value, b_grad, w_grad


@bank.wrong(jax_grad.loss_and_gradient, finding="raised", says="returns one number")
def gradient_of_the_predictions(b, w, x, y):
    return jax.value_and_grad(lambda b, w: b + w * x - y, argnums=(0, 1))(b, w)


@bank.wrong(jax_grad.loss_and_gradient, finding="raised", says="counts from 0")
def argnums_beyond_the_end(b, w, x, y):
    return jax.value_and_grad(notebook_loss, argnums=(3, 4))(b, w, x, y)


@bank.wrong(jax_grad.loss_and_gradient, says="b_grad is")
def one_sided_differences(b, w, x, y):
    value, h = notebook_loss(b, w, x, y), 0.1
    return value, ((notebook_loss(b + h, w, x, y) - value) / h, (notebook_loss(b, w + h, x, y) - value) / h)


@bank.wrong(jax_grad.loss_and_gradient, mistake="both_with_respect_to_b")
def grad_twice(b, w, x, y):
    b_grad = jax.grad(notebook_loss)(b, w, x, y)
    w_grad = jax.grad(notebook_loss)(b, w, x, y)
    return notebook_loss(b, w, x, y), (b_grad, w_grad)


@bank.wrong(jax_grad.loss_and_gradient, finding="kind", says="is a function")
def second_value_not_called(b, w, x, y):
    return notebook_loss(b, w, x, y), jax.grad(notebook_loss, argnums=(0, 1))


@bank.wrong(jax_grad.loss_and_gradient, finding="raised", says="before the second pair of brackets")
def argnums_in_the_call(b, w, x, y):
    return jax.value_and_grad(notebook_loss)(b, w, x, y, argnums=(0, 1))


@bank.wrong(jax_grad.loss_and_gradient, finding="raised", says="without brackets")
def gradient_of_a_number(b, w, x, y):
    return jax.value_and_grad(notebook_loss(b, w, x, y), argnums=(0, 1))


# Step 4: update ----------------------------------------------------------------------------------------------------

bank.right(jax_grad.step, notebook_step, label="as-in-lesson-01")
bank.right(jax_grad.step, jax.jit(notebook_step), label="jitted")


@bank.right(jax_grad.step)
def with_two_gradients(b, w, x, y, lr):
    b_grad, w_grad = jax.grad(notebook_loss, (0, 1))(b, w, x, y)
    b_new = b - b_grad * lr
    w_new = w - w_grad * lr
    return [b_new, w_new, notebook_loss(b, w, x, y)]


@bank.right(jax_grad.step)
def with_a_tree(b, w, x, y, lr):
    value, grads = notebook_gradient(b, w, x, y)
    return *jax.tree.map(lambda p, g: p - lr * g, (b, w), grads), value


@bank.right(jax_grad.step)
def with_formulas(b, w, x, y, lr):
    error = b + w * x - y
    return b - lr * 2 * error.mean(), w - lr * 2 * (x * error).mean(), (error**2).mean()


@bank.right(jax_grad.step)
def in_one_array(b, w, x, y, lr):
    value, grads = notebook_gradient(b, w, x, y)
    return jnp.stack([*(jnp.array([b, w]) - lr * jnp.array(grads)), value])


@bank.wrong(jax_grad.step, mistake="uphill")
def plus(b, w, x, y, lr):
    value, grads = notebook_gradient(b, w, x, y)
    return b + lr * grads[0], w + lr * grads[1], value


@bank.wrong(jax_grad.step, mistake="forgets_lr")
def whole_gradient(b, w, x, y, lr):
    return notebook_step(b, w, x, y, 1.0)


def rate_of_the_notebook(b, w, x, y, rate):
    value, (b_grad, w_grad) = notebook_gradient(b, w, x, y)
    return b - lr * b_grad, w - lr * w_grad, value


bank.wrong(jax_grad.step, rate_of_the_notebook, mistake="reads_global_lr")


@bank.wrong(jax_grad.step, mistake="exchanges_gradients")
def crosses_over(b, w, x, y, lr):
    value, (w_grad, b_grad) = notebook_gradient(b, w, x, y)
    return b - lr * b_grad, w - lr * w_grad, value


@bank.wrong(jax_grad.step, mistake="one_gradient_for_both")
def argnums_missing_in_a_step(b, w, x, y, lr):
    value, grad = jax.value_and_grad(notebook_loss)(b, w, x, y)
    return b - lr * grad, w - lr * grad, value


@bank.wrong(jax_grad.step, mistake="returns_gradients")
def hands_on_gradients(b, w, x, y, lr):
    value, grads = notebook_gradient(b, w, x, y)
    return *grads, value


@bank.wrong(jax_grad.step, mistake="updates_in_turn")
def one_after_the_other(b, w, x, y, lr):
    value = notebook_loss(b, w, x, y)
    b = b - lr * jax.grad(notebook_loss, 0)(b, w, x, y)
    w = w - lr * jax.grad(notebook_loss, 1)(b, w, x, y)
    return b, w, value


@bank.wrong(jax_grad.step, mistake="loss_after_the_update")
def new_loss(b, w, x, y, lr):
    b, w, _ = notebook_step(b, w, x, y, lr)
    return b, w, notebook_loss(b, w, x, y)


@bank.wrong(jax_grad.step, finding="kind", mistake="returns_parameters_alone")
def update_of_lesson_01(b, w, x, y, lr):
    return notebook_step(b, w, x, y, lr)[:2]


@bank.wrong(jax_grad.step, mistake="returns_the_loss_first")
def loss_first(b, w, x, y, lr):
    b, w, value = notebook_step(b, w, x, y, lr)
    return [value, b, w]


@bank.wrong(jax_grad.step, finding="raised", mistake="steps_in_floats")
def float_of_the_loss(b, w, x, y, lr):
    b, w, value = notebook_step(b, w, x, y, lr)
    return b, w, float(value)


@bank.wrong(jax_grad.step, finding="raised", says="jnp.where")
def asks_whether_the_loss_is_small(b, w, x, y, lr):
    value, (b_grad, w_grad) = notebook_gradient(b, w, x, y)
    if value < 1e-9:
        return b, w, value
    return b - lr * b_grad, w - lr * w_grad, value


# Step 5: repeat ----------------------------------------------------------------------------------------------------


@bank.right(jax_grad.train_w)
def with_while(x, y, b, w, lr, n_epochs, tolerance):
    losses = []
    value_and_grad = jax.value_and_grad(lambda w: notebook_loss(b, w, x, y))
    while len(losses) < n_epochs and (not losses or losses[-1] >= tolerance):
        value, grad = value_and_grad(w)
        losses.append(value)
        if value >= tolerance:
            w = w - lr * grad
    return w, losses


@bank.right(jax_grad.train_w)
def in_python_floats(x, y, b, w, lr, n_epochs, tolerance):
    losses = []
    for _ in range(n_epochs):
        value = notebook_loss(b, w, x, y)
        losses += [float(value)]
        if losses[-1] < tolerance:
            return float(w), losses
        w = float(w - lr * jax.grad(notebook_loss, argnums=1)(b, w, x, y))
    return w, losses


@bank.right(jax_grad.train_w)
def in_an_array(x, y, b, w, lr, n_epochs, tolerance):
    losses = jnp.array([])
    for _ in range(n_epochs):
        value, (_, grad) = notebook_gradient(b, w, x, y)
        losses = jnp.append(losses, value)
        if bool(value < tolerance):
            break
        w -= lr * grad
    return [w, losses]


@bank.right(jax_grad.train_w)
def with_a_jitted_step(x, y, b, w, lr, n_epochs, tolerance):
    losses = []
    for _ in range(n_epochs):
        value, (_, grad) = _jitted_gradient(b, w, x, y)
        losses.append(value.item())
        if value.item() < tolerance:
            break
        w = w - lr * grad
    return w, losses


_jitted_gradient = jax.jit(notebook_gradient)


@bank.right(jax_grad.train_w)
def with_a_formula(x, y, b, w, lr, n_epochs, tolerance):
    losses = []
    for _ in range(n_epochs):
        error = b + w * x - y
        losses.append((error**2).mean())
        if losses[-1] < tolerance:
            break
        w = w - lr * (2 * error * x).mean()
    return w, losses


@bank.right(jax_grad.train_w)
def notes_in_a_list_of_the_notebook(x, y, b, w, lr, n_epochs, tolerance):
    w, losses = with_a_formula(x, y, b, w, lr, n_epochs, tolerance)
    history.append(w)
    return w, losses


def _w_loop(stop, grad=1, before=False, late=False):
    """Trainings of w alone with one thing changed."""

    def attempt(x, y, b, w, lr, n_epochs, tolerance):
        losses = []
        for _ in range(n_epochs):
            value, grads = _jitted_gradient(b, w, x, y)
            if before and stop(value, tolerance):
                break
            losses.append(value)
            if not late and stop(value, tolerance):
                break
            w = w - lr * grads[grad]
            if late and stop(value, tolerance):
                break
        return w, losses

    return attempt


below = lambda value, tolerance: value < tolerance
for label, mistake, attempt in (
    ("not-equal-to-zero-as-in-s1", "float_equality", _w_loop(lambda value, tolerance: value == 0.0)),
    ("equal-to-the-tolerance", "float_equality", _w_loop(lambda value, tolerance: value == tolerance)),
    ("never", "float_equality", _w_loop(lambda value, tolerance: False)),
    ("argnums-0", "differentiates_b", _w_loop(below, grad=0)),
    ("breaks-first", "stops_before_recording", _w_loop(below, before=True)),
    ("breaks-last", "updates_before_stopping", _w_loop(below, late=True)),
    ("greater", "stops_while_large", _w_loop(lambda value, tolerance: value >= tolerance)),
):
    bank.wrong(jax_grad.train_w, attempt, label=label, mistake=mistake)


@bank.wrong(jax_grad.train_w, mistake="trains_b_as_well")
def both_at_once(x, y, b, w, lr, n_epochs, tolerance):
    losses = []
    for _ in range(n_epochs):
        b_new, w_new, value = notebook_step(b, w, x, y, lr)
        losses.append(value)
        if value < tolerance:
            break
        b, w = b_new, w_new
    return w, losses


@bank.wrong(jax_grad.train_w, mistake="w_uphill")
def climbs(x, y, b, w, lr, n_epochs, tolerance):
    return with_a_formula(x, y, b, w, -lr, n_epochs, tolerance)


@bank.wrong(jax_grad.train_w, mistake="w_stays")
def new_w_in_another_name(x, y, b, w, lr, n_epochs, tolerance):
    losses = []
    for _ in range(n_epochs):
        value, (_, grad) = _jitted_gradient(b, w, x, y)
        losses.append(value)
        new_w = w - lr * grad  # noqa: F841
    return w, losses


@bank.wrong(jax_grad.train_w, finding="kind", mistake="keeps_state_of_w", says="Called twice")
def list_in_the_notebook(x, y, b, w, lr, n_epochs, tolerance):
    w, losses = with_a_formula(x, y, b, w, lr, n_epochs, tolerance)
    history_of_w.extend(losses)
    return w, history_of_w


@bank.wrong(jax_grad.train_w, finding="kind", says="should return 2 values")
def w_alone(x, y, b, w, lr, n_epochs, tolerance):
    return with_a_formula(x, y, b, w, lr, n_epochs, tolerance)[0]


@bank.wrong(jax_grad.train_w, finding="none", says="return")
def returns_if_it_stops(x, y, b, w, lr, n_epochs, tolerance):
    losses = []
    for _ in range(n_epochs):
        value, (_, grad) = _jitted_gradient(b, w, x, y)
        losses.append(value)
        if value < tolerance:
            return w, losses
        w = w - lr * grad


@bank.wrong(jax_grad.train_w, finding="raised", mistake="differentiates_both")
def gradient_by_both(x, y, b, w, lr, n_epochs, tolerance):
    losses = []
    for _ in range(n_epochs):
        value, w_grad = notebook_gradient(b, w, x, y)
        losses.append(value)
        if value < tolerance:
            break
        w = w - lr * w_grad
    return w, losses


@bank.wrong(jax_grad.train_w, finding="kind", mistake="returns_the_last_loss_of_w")
def value_for_losses(x, y, b, w, lr, n_epochs, tolerance):
    for _ in range(n_epochs):
        value, (_, w_grad) = notebook_gradient(b, w, x, y)
        if value < tolerance:
            break
        w = w - lr * w_grad
    return w, value


@bank.wrong(jax_grad.train_w, mistake="returns_w_in_the_loop")
def leaves_in_the_first_round(x, y, b, w, lr, n_epochs, tolerance):
    losses = []
    for _ in range(n_epochs):
        value, (_, w_grad) = notebook_gradient(b, w, x, y)
        losses.append(value)
        if value < tolerance:
            break
        w = w - lr * w_grad
        return w, losses


@bank.wrong(jax_grad.train_w, mistake="hands_over_w_first")
def w_before_b(x, y, b, w, lr, n_epochs, tolerance):
    losses = []
    for _ in range(n_epochs):
        value, w_grad = jax.value_and_grad(notebook_loss, argnums=1)(w, b, x, y)
        losses.append(value)
        if value < tolerance:
            break
        w = w - lr * w_grad
    return w, losses


@bank.right(jax_grad.train)
def loop_with_steps(x, y, b, w, lr, n_epochs):
    losses = []
    while len(losses) < n_epochs:
        b, w, value = notebook_step(b, w, x, y, lr)
        losses.append(value)
    return b, w, losses


@bank.right(jax_grad.train)
def comprehension(x, y, b, w, lr, n_epochs):
    places = [(b, w)]
    for _ in range(n_epochs):
        places.append(jax.jit(notebook_step)(*places[-1], x, y, lr)[:2])
    return *places[-1], [float(notebook_loss(*place, x, y)) for place in places[:-1]]


@bank.right(jax_grad.train)
def formulas(x, y, b, w, lr, n_epochs):
    losses = jnp.zeros(n_epochs)
    for i in range(n_epochs):
        error = b + w * x - y
        losses = losses.at[i].set((error**2).mean())
        b, w = b - lr * 2 * error.mean(), w - lr * 2 * (x * error).mean()
    return b, w, losses


@bank.right(jax_grad.train)
def in_numpy(x, y, b, w, lr, n_epochs):
    x, y, losses = np.asarray(x), np.asarray(y), []
    for _ in range(n_epochs):
        error = b + w * x - y
        losses.append(np.mean(error**2))
        b, w = b - lr * 2 * error.mean(), w - lr * 2 * (x * error).mean()
    return [b, w, losses]


@bank.right(jax_grad.train)
def with_scan(x, y, b, w, lr, n_epochs):
    def body(params, _):
        b, w, value = notebook_step(*params, x, y, lr)
        return (b, w), value

    (b, w), losses = jax.lax.scan(body, (jnp.float32(b), jnp.float32(w)), None, length=n_epochs)
    return b, w, losses


@bank.right(jax_grad.train)
def counts_its_own_seconds(x, y, b, w, lr, n_epochs):
    global seconds
    seconds = time.perf_counter()
    return formulas(x, y, b, w, lr, n_epochs)


seconds = 0.0


@bank.wrong(jax_grad.train, mistake="records_after_update")
def loss_of_the_new_parameters(x, y, b, w, lr, n_epochs):
    losses = []
    for _ in range(n_epochs):
        b, w, _ = notebook_step(b, w, x, y, lr)
        losses.append(notebook_loss(b, w, x, y))
    return b, w, losses


@bank.wrong(jax_grad.train, mistake="one_epoch_short")
def from_one(x, y, b, w, lr, n_epochs):
    losses = []
    for _ in range(1, n_epochs):
        b, w, value = notebook_step(b, w, x, y, lr)
        losses.append(value)
    return b, w, losses


@bank.wrong(jax_grad.train, mistake="one_epoch_long")
def to_the_end_and_beyond(x, y, b, w, lr, n_epochs):
    return formulas(x, y, b, w, lr, n_epochs + 1)


@bank.wrong(jax_grad.train, mistake="drops_the_update")
def step_without_effect(x, y, b, w, lr, n_epochs):
    losses = []
    for _ in range(n_epochs):
        _, _, value = notebook_step(b, w, x, y, lr)
        losses.append(value)
    return b, w, losses


@bank.wrong(jax_grad.train, mistake="restarts_each_epoch")
def from_the_start_each_time(x, y, b, w, lr, n_epochs):
    losses = []
    for _ in range(n_epochs):
        new_b, new_w, value = notebook_step(b, w, x, y, lr)
        losses.append(value)
    return new_b, new_w, losses


@bank.wrong(jax_grad.train, mistake="trains_w_alone")
def b_of_s1(x, y, b, w, lr, n_epochs):
    losses = []
    for _ in range(n_epochs):
        _, w_new, value = notebook_step(b, w, x, y, lr)
        w = w_new
        losses.append(value)
    return b, w, losses


@bank.wrong(jax_grad.train, finding="kind", mistake="returns_the_last_loss")
def last_value(x, y, b, w, lr, n_epochs):
    for _ in range(n_epochs):
        b, w, value = notebook_step(b, w, x, y, lr)
    return b, w, value


@bank.wrong(jax_grad.train, finding="kind", mistake="keeps_state", says="Called twice")
def losses_of_all_calls(x, y, b, w, lr, n_epochs):
    for _ in range(n_epochs):
        b, w, value = notebook_step(b, w, x, y, lr)
        history_of_training.append(value)
    return b, w, history_of_training


@bank.wrong(jax_grad.train, finding="kind", mistake="keeps_state", says="Called twice")
def goes_on_from_where_it_was(x, y, b, w, lr, n_epochs, start={}):  # noqa: B006 -- that is the mistake
    b, w = start.setdefault("b", b), start.setdefault("w", w)
    start["b"], start["w"], losses = formulas(x, y, b, w, lr, n_epochs)
    return start["b"], start["w"], losses


@bank.wrong(jax_grad.train, says="b is")
def twice_the_rate(x, y, b, w, lr, n_epochs):
    return formulas(x, y, b, w, 2 * lr, n_epochs)


@bank.wrong(jax_grad.train, mistake="returns_in_the_first_round")
def return_indented_too_far(x, y, b, w, lr, n_epochs):
    losses = []
    for _ in range(n_epochs):
        b, w, value = notebook_step(b, w, x, y, lr)
        losses.append(value)
        return b, w, losses


@bank.wrong(jax_grad.train, mistake="takes_w_for_b")
def unpacks_w_first(x, y, b, w, lr, n_epochs):
    losses = []
    for _ in range(n_epochs):
        w, b, value = notebook_step(b, w, x, y, lr)
        losses.append(value)
    return b, w, losses


# Trees of parameters -----------------------------------------------------------------------------------------------


@bank.right(jax_grad.step_pytree)
def value_and_grad_of_a_tree(loss_of, params, x, y, lr):
    _, grads = jax.value_and_grad(loss_of)(params, x, y)
    return jax.tree.map(lambda g, p: p - g * lr, grads, params)


@bank.right(jax_grad.step_pytree)
def flattens_and_builds_again(loss_of, params, x, y, lr):
    leaves, shape = jax.tree.flatten(params)
    grads = jax.tree.leaves(jax.grad(loss_of)(params, x, y))
    return jax.tree.unflatten(shape, [p - lr * g for p, g in zip(leaves, grads, strict=True)])


@bank.right(jax_grad.step_pytree)
def by_recursion(loss_of, params, x, y, lr):
    def descend(p, g):
        if isinstance(p, dict):
            return {key: descend(p[key], g[key]) for key in p}
        if isinstance(p, list | tuple):
            return [descend(*pair) for pair in zip(p, g, strict=True)]
        return p - lr * g

    return descend(params, jax.grad(loss_of)(params, x, y))


@bank.right(jax_grad.step_pytree)
def named_update(loss_of, weights, inputs, targets, rate):
    def update(weight, grad):
        return weight + -rate * grad

    return jax.tree_util.tree_map(update, weights, jax.grad(lambda p: loss_of(p, inputs, targets))(weights))


@bank.right(jax_grad.step_pytree)
def with_ravel(loss_of, params, x, y, lr):
    flat, back = ravel_pytree(params)
    return back(flat - lr * jax.grad(lambda values: loss_of(back(values), x, y))(flat))


@bank.right(jax_grad.step_pytree)
def changes_a_copy(loss_of, params, x, y, lr):
    copy = jax.tree.map(lambda p: p, params)
    return _in_place(copy, jax.grad(loss_of)(params, x, y), lr)


def _in_place(params, grads, lr):
    for key in params if isinstance(params, dict) else range(len(params)):
        if isinstance(params[key], dict | list):
            _in_place(params[key], grads[key], lr)
        else:
            params[key] -= lr * grads[key]
    return params


@bank.wrong(jax_grad.step_pytree, mistake="tree_uphill")
def adds_the_gradients(loss_of, params, x, y, lr):
    return jax.tree.map(lambda p, g: p + lr * g, params, jax.grad(loss_of)(params, x, y))


@bank.wrong(jax_grad.step_pytree, mistake="tree_forgets_lr")
def subtracts_the_gradients(loss_of, params, x, y, lr):
    return jax.tree.map(jnp.subtract, params, jax.grad(loss_of)(params, x, y))


@bank.wrong(jax_grad.step_pytree, mistake="returns_the_gradients")
def gradients_alone(loss_of, params, x, y, lr):
    return jax.grad(loss_of)(params, x, y)


@bank.wrong(jax_grad.step_pytree, mistake="returns_the_steps")
def steps_alone(loss_of, params, x, y, lr):
    return jax.tree.map(lambda p, g: -(lr * g), params, jax.grad(loss_of)(params, x, y))


@bank.wrong(jax_grad.step_pytree, finding="kind", mistake="returns_leaves")
def zipped_leaves(loss_of, params, x, y, lr):
    grads = jax.grad(loss_of)(params, x, y)
    pairs = zip(jax.tree.leaves(params), jax.tree.leaves(grads), strict=True)
    return tuple(p - lr * g for p, g in pairs)


@bank.wrong(jax_grad.step_pytree, finding="raised", mistake="knows_two_keys")
def b_and_w(loss_of, params, x, y, lr):
    grads = jax.grad(loss_of)(params, x, y)
    return dict(b=params["b"] - lr * grads["b"], w=params["w"] - lr * grads["w"])


@bank.wrong(jax_grad.step_pytree, finding="raised", mistake="goes_one_level_deep")
def items_of_the_dict(loss_of, params, x, y, lr):
    grads = jax.grad(loss_of)(params, x, y)
    return {name: value - lr * grads[name] for name, value in params.items()}


@bank.wrong(jax_grad.step_pytree, finding="changed arguments", mistake="mutates", says="changed params in place")
def writes_into_params(loss_of, params, x, y, lr):
    return _in_place(params, jax.grad(loss_of)(params, x, y), lr)


@bank.wrong(jax_grad.step_pytree, finding="raised", mistake="tree_with_respect_to_x")
def argnums_one(loss_of, params, x, y, lr):
    return jax.tree.map(lambda p, g: p - lr * g, params, jax.grad(loss_of, 1)(params, x, y))


@bank.wrong(jax_grad.step_pytree, finding="raised", says="unsupported operand")
def a_dict_times_a_number(loss_of, params, x, y, lr):
    return params - lr * jax.grad(loss_of)(params, x, y)


@bank.wrong(jax_grad.step_pytree, finding="none")
def updates_and_forgets_return(loss_of, params, x, y, lr):
    params = jax.tree.map(lambda p, g: p - lr * g, params, jax.grad(loss_of)(params, x, y))


@bank.wrong(jax_grad.step_pytree, mistake="exchanges_p_and_g")
def gradient_first_in_the_lambda(loss_of, params, x, y, lr):
    return jax.tree.map(lambda grad, param: param - lr * grad, params, jax.grad(loss_of)(params, x, y))


@bank.wrong(jax_grad.step_pytree, finding="raised", says="jax.value_and_grad returns a pair")
def maps_over_a_pair(loss_of, params, x, y, lr):
    return jax.tree.map(lambda p, g: p - lr * g, params, jax.value_and_grad(loss_of)(params, x, y))


@bank.wrong(jax_grad.step_pytree, finding="raised", says="The function comes first")
def function_last(loss_of, params, x, y, lr):
    return jax.tree.map(params, jax.grad(loss_of)(params, x, y), lambda p, g: p - lr * g)


@bank.wrong(jax_grad.step_pytree, finding="raised", says="is called jax.tree.map now")
def name_in_older_texts(loss_of, params, x, y, lr):
    return jax.tree_map(lambda p, g: p - lr * g, params, jax.grad(loss_of)(params, x, y))


# Find the bug: an impure loss --------------------------------------------------------------------------------------


@bank.right(jax_grad.loss_and_worst)
def both_values(b, w, x, y):
    error = b + w * x - y
    worst = abs(error).max()
    return (error**2).mean(), worst


@bank.right(jax_grad.loss_and_worst)
def functional_pair(b, w, x, y):
    error = jnp.abs(jnp.subtract(b + w * x, y))
    return [jnp.mean(jnp.square(error)), jnp.max(error)]


@bank.right(jax_grad.loss_and_worst)
def with_the_earlier_loss(b, w, x, y):
    return notebook_loss(b, w, x, y), jnp.linalg.norm(b + w * x - y, jnp.inf)


@bank.right(jax_grad.loss_and_worst)
def larger_of_both_ends(b, w, x, y):
    error = b + w * x - y
    return jnp.mean(error**2), jnp.maximum(error.max(), -error.min())


@bank.right(jax_grad.loss_and_worst)
def sorted_errors(b, w, x, y):
    error = jnp.sort(abs(b + w * x - y))
    return error @ error / len(error), error[-1]


bank.right(jax_grad.loss_and_worst, jax.jit(both_values), label="jitted-pair")


@bank.wrong(jax_grad.loss_and_worst, mistake="still_reads_b_now")
def b_of_the_notebook(b, w, x, y):
    error = b_now + w * x - y
    return (error**2).mean(), abs(error).max()


@bank.wrong(jax_grad.loss_and_worst, mistake="still_writes_a_global")
def global_and_returned(b, w, x, y):
    global worst
    error = b + w * x - y
    worst = abs(error).max()
    return (error**2).mean(), worst


@bank.wrong(jax_grad.loss_and_worst, finding="kind", mistake="returns_one_value")
def loss_without_the_worst(b, w, x, y):
    return notebook_loss(b, w, x, y)


@bank.wrong(jax_grad.loss_and_worst, mistake="worst_with_a_sign")
def largest_error(b, w, x, y):
    error = b + w * x - y
    return (error**2).mean(), jnp.max(error)


@bank.wrong(jax_grad.loss_and_worst, mistake="worst_squared")
def largest_square(b, w, x, y):
    squares = (b + w * x - y) ** 2
    return squares.mean(), squares.max()


@bank.wrong(jax_grad.loss_and_worst, mistake="returns_the_worst_first")
def worst_then_loss(b, w, x, y):
    return both_values(b, w, x, y)[::-1]


@bank.wrong(jax_grad.loss_and_worst, finding="raised", mistake="worst_as_a_float")
def float_of_the_worst(b, w, x, y):
    return notebook_loss(b, w, x, y), float(jnp.max(abs(b + w * x - y)))


@bank.wrong(jax_grad.loss_and_worst, finding="raised", says="jnp.maximum")
def max_of_python(b, w, x, y):
    return notebook_loss(b, w, x, y), max(abs(b + w * x - y))


@bank.wrong(jax_grad.loss_and_worst, finding="raised", says="Use jnp in place of np")
def absolute_value_of_numpy(b, w, x, y):
    return notebook_loss(b, w, x, y), np.abs(b + w * x - y).max()


@bank.wrong(jax_grad.loss_and_worst, mistake="still_writes_a_global")
def appends_to_a_history(b, w, x, y):
    history.append(abs(b + w * x - y).max())
    return notebook_loss(b, w, x, y), history[-1]


@bank.wrong(jax_grad.loss_and_worst, finding="kind", mistake="returns_one_value", says="Return two")
def as_given(b, w, x, y):
    global worst
    error = b_now + w * x - y
    worst = abs(error).max()
    return (error**2).mean()


# Find the bug: np bound twice --------------------------------------------------------------------------------------


@bank.right(jax_grad.loss_curve)
def numpy_array_filled(ws, b, x, y):
    losses = np.zeros(len(ws))
    for i in range(len(ws)):
        losses[i] = np.mean((b + ws[i] * np.asarray(x) - np.asarray(y)) ** 2)
    return losses


@bank.right(jax_grad.loss_curve)
def at_set(ws, b, x, y):
    losses = jnp.zeros(len(ws))
    for i, w in enumerate(ws):
        losses = losses.at[i].set(notebook_loss(b, w, x, y))
    return losses


@bank.right(jax_grad.loss_curve)
def vectorized(ws, b, x, y):
    return jax.vmap(notebook_loss, in_axes=(None, 0, None, None))(b, ws, x, y)


@bank.right(jax_grad.loss_curve)
def list_of_floats(ws, b, x, y):
    return [float(notebook_loss(b, w, x, y)) for w in ws]


@bank.right(jax_grad.loss_curve)
def broadcast(ws, b, x, y):
    return ((b + jnp.outer(ws, x) - y) ** 2).mean(axis=1)


@bank.right(jax_grad.loss_curve)
def inner_import_of_numpy(ws, b, x, y):
    import numpy

    return numpy.array([notebook_loss(b, w, x, y) for w in ws])


@bank.wrong(jax_grad.loss_curve, finding="raised", mistake="says_numpy", says="there is no numpy")
def spelled_out(ws, b, x, y):
    losses = np.zeros(len(ws))
    for i in range(len(ws)):
        losses[i] = numpy.mean((b + ws[i] * x - y) ** 2)  # noqa: F821 -- that is the mistake
    return losses


@bank.wrong(jax_grad.loss_curve, finding="raised", mistake="fills_a_jax_array", says="cannot be changed in place")
def np_is_still_jax(ws, b, x, y):
    import jax.numpy as np

    losses = np.zeros(len(ws))
    for i in range(len(ws)):
        losses[i] = np.mean((b + ws[i] * x - y) ** 2)
    return losses


@bank.wrong(jax_grad.loss_curve, mistake="drops_the_new_array")
def set_without_a_name(ws, b, x, y):
    losses = jnp.zeros(len(ws))
    for i, w in enumerate(ws):
        losses.at[i].set(notebook_loss(b, w, x, y))
    return losses


@bank.wrong(jax_grad.loss_curve, mistake="sums_along")
def sums_the_squares(ws, b, x, y):
    return jnp.array([jnp.sum((b + w * x - y) ** 2) for w in ws])


@bank.wrong(jax_grad.loss_curve, mistake="returns_in_the_loop")
def indented_return(ws, b, x, y):
    losses = np.zeros(len(ws))
    for i in range(len(ws)):
        losses[i] = notebook_loss(b, ws[i], x, y)
        return losses


def curve_of_the_notebooks_points(ws, b, xs, ys):
    return [notebook_loss(b, w, x, y) for w in ws]


bank.wrong(jax_grad.loss_curve, curve_of_the_notebooks_points, mistake="curve_of_global_data")


@bank.wrong(jax_grad.loss_curve, mistake="varies_b")
def intercepts(ws, b, x, y):
    return jnp.array([notebook_loss(w, b, x, y) for w in ws])


@bank.wrong(jax_grad.loss_curve, finding="shape")
def one_loss_for_all(ws, b, x, y):
    return numpy_array_filled(ws, b, x, y).mean()


@bank.wrong(jax_grad.loss_curve, finding="raised", says="Use jnp in place of np")
def numpy_under_vmap(ws, b, x, y):
    return jax.vmap(lambda w: np.square(b + w * x - y).mean())(ws)


# Quiz --------------------------------------------------------------------------------------------------------------

for quiz, answers in (
    (jax_grad.what_grad_makes, ({"b", "c"}, ["c", "b"], "b, c")),
    (jax_grad.which_are_pure, ({"a", "d"}, "ad")),
    (jax_grad.when_does_it_stop, ({"a", "b"}, ("A", "B"))),
    (jax_grad.what_a_tracer_is, ({"b", "c"}, "B C")),
):
    for answer in answers:
        bank.right(quiz, answer)

bank.wrong(jax_grad.what_grad_makes, {"a", "b", "c"}, mistake="chose_a", says="where to take the slope")
bank.wrong(jax_grad.what_grad_makes, {"b"}, mistake="missed_c")
bank.wrong(jax_grad.which_are_pure, {"a", "b", "d"}, mistake="chose_b")
bank.wrong(jax_grad.when_does_it_stop, {"a"}, mistake="missed_b")
bank.wrong(jax_grad.what_a_tracer_is, {"a", "c"}, mistake="chose_a")
bank.wrong(jax_grad.what_a_tracer_is, ..., finding="not attempted", label="what_a_tracer_is-dots")
