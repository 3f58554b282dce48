"""Answers to lesson 02."""

import functools
import math

import numpy as np

from gdexercises import slopes
from tests.banks import Bank

bank = Bank()

# Slope -------------------------------------------------------------------------------------------------------------


@bank.right(slopes.slope)
def rise_over_run(f, x, h):
    left, right = x - h, x + h
    rise = f(right) - f(left)
    return rise / (right - left)


@bank.right(slopes.slope)
def mean_of_both_sides(f, x, h):
    return ((f(x + h) - f(x)) / h + (f(x) - f(x - h)) / h) / 2


@bank.right(slopes.slope)
def differences_of_an_array(function, place, step):
    ends = np.array([place - step, place + step])
    return np.diff(function(ends)) / np.diff(ends)


@bank.right(slopes.slope)
def through_polyfit(f, x, h):
    return np.polyfit([-h, h], [f(x - h), f(x + h)], 1)[0]


@bank.right(slopes.slope)
def divides_each_term(f, x, h):
    return 0.5 * f(x + h) / h - 0.5 * f(x - h) / h


@bank.right(slopes.slope)
def numpy_gradient(f, x, h):
    return np.gradient([f(x - h), f(x), f(x + h)], h)[1]


bank.right(slopes.slope, lambda *a: (a[0](a[1] + a[2]) - a[0](a[1] - a[2])) * 0.5 / a[2], label="a-lambda")


@bank.wrong(slopes.slope, mistake="one_sided")
def to_the_right(f, x, h):
    y0 = f(x)
    return (f(x + h) - y0) / h


@bank.wrong(slopes.slope, mistake="one_sided_to_the_left")
def to_the_left(f, x, h):
    return np.diff([f(x - h), f(x)]).item() / h


@bank.wrong(slopes.slope, mistake="divides_by_h", says=("2 times", "2 · h"))
def forgets_the_two(f, x, h):
    return -(f(x - h) - f(x + h)) / h


bank.wrong(slopes.slope, lambda f, x, h: (f(x + h) - f(x - h)) / 2 * h, mistake="multiplies_by_h", label="no-brackets")
bank.wrong(
    slopes.slope,
    lambda f, x, h: f(x + h) - f(x - h) / (2 * h),
    mistake="divides_the_second_term_only",
    label="no-brackets-around-the-rise",
)
bank.wrong(
    slopes.slope,
    lambda f, x, h: f(x + h) - f(x - h) / 2 * h,
    mistake="no_brackets_at_all",
    label="no-brackets-anywhere",
)
bank.wrong(slopes.slope, lambda f, x, h: f(x + h) - f(x - h), mistake="does_not_divide", label="rise-only")
bank.wrong(
    slopes.slope, lambda f, x, h: (f(x - h) - f(x + h)) / 2 / h, mistake="left_minus_right", label="left-minus-right"
)
bank.wrong(
    slopes.slope,
    lambda f, x, h: (f(x + 0.5 * h) - f(x - 0.5 * h)) / h,
    mistake="half_the_step",
    label="half-the-step-each-way",
)
bank.wrong(
    slopes.slope, lambda f, x, h: (f(x + 1e-6) - f(x - 1e-6)) / 2e-6, mistake="own_h", label="another-h-of-its-own"
)
bank.wrong(slopes.slope, lambda f, x, h: f((x + h) - (x - h)) / (2 * h), label="f-of-the-run")
bank.wrong(slopes.slope, lambda f, x, h: 2 * h / (f(x + h) - f(x - h)), finding="value", label="run-over-rise")
bank.wrong(slopes.slope, lambda f, x, h: (f[x + h] - f[x - h]) / (2 * h), finding="raised", label="square-brackets")
bank.wrong(slopes.slope, lambda f, x: f(x), finding="arguments", says="f, x, h", label="h-missing")
bank.wrong(slopes.slope, lambda x, f, h: (f(x + h) - f(x - h)) / (2 * h), finding="signature", label="x-first")
bank.wrong(slopes.slope, 3.0, finding="not callable", label="a-number")
bank.wrong(slopes.slope, lambda f, x, h: ..., finding="not attempted", label="dots")


@bank.wrong(slopes.slope, finding="none", says="prints")
def prints_the_slope(f, x, h):
    print((f(x + h) - f(x - h)) / (2 * h))


# Numerical gradient ------------------------------------------------------------------------------------------------


@bank.right(slopes.numerical_gradient)
def rows_of_an_identity(f, params, h):
    return [(f(params + step) - f(params - step)) / (2 * h) for step in h * np.eye(len(params))]


@bank.right(slopes.numerical_gradient)
def all_at_once_in_columns(f, params, h):
    steps = h * np.eye(params.size)
    return (f(params[:, None] + steps) - f(params[:, None] - steps)) / (2 * h)


@bank.right(slopes.numerical_gradient)
def on_lists(f, params, h):
    grad = []
    for i, value in enumerate(params.tolist()):
        rest = params.tolist()
        up = f([*rest[:i], value + h, *rest[i + 1 :]])
        down = f([*rest[:i], value - h, *rest[i + 1 :]])
        grad.append((up - down) / h / 2)
    return tuple(grad)


@bank.right(slopes.numerical_gradient)
def in_place_with_the_value_kept(f, params, h):
    grad = np.zeros_like(params)
    for i, kept in enumerate(params.copy()):
        params[i] = kept + h
        grad[i] = f(params)
        params[i] = kept - h
        grad[i] -= f(params)
        params[i] = kept
    return grad / (2 * h)


@bank.right(slopes.numerical_gradient)
def one_slope_per_variable(function, at, step):
    def along(i):
        def curve(value):
            point = np.array(at)
            point[i] = value
            return function(point)

        return curve

    return np.array([rise_over_run(along(i), at[i], step) for i in range(len(at))])


@bank.right(slopes.numerical_gradient)
def as_a_generator(f, params, h):
    for i in range(params.shape[0]):
        step = np.where(np.arange(len(params)) == i, h, 0.0)
        yield (f(params + step) - f(params - step)) / (2 * h)


@bank.right(slopes.numerical_gradient)
def one_copy_moved_back(f, params, h):
    point, grad = np.array(params), np.empty(len(params))
    for i in range(len(params)):
        point[i] = params[i] + h
        above = f(point)
        point[i] = params[i] - h
        grad[i] = (above - f(point)) / (2 * h)
        point[i] = params[i]
    return grad


@bank.wrong(slopes.numerical_gradient, mistake="one_sided_gradient")
def one_sided_in_a_loop(f, params, h):
    grad, here = np.zeros(len(params)), f(params)
    for i in range(len(params)):
        up = params.copy()
        up[i] += h
        grad[i] = (f(up) - here) / h
    return grad


@bank.wrong(slopes.numerical_gradient, mistake="divides_gradient_by_h", says="2 times")
def run_of_h(f, params, h):
    return [(f(params + step) - f(params - step)) / h for step in h * np.eye(len(params))]


@bank.wrong(slopes.numerical_gradient, mistake="multiplies_gradient_by_h")
def no_brackets(f, params, h):
    return [(f(params + step) - f(params - step)) / 2 * h for step in h * np.eye(len(params))]


@bank.wrong(slopes.numerical_gradient, mistake="others_at_zero", says="values they have")
def starts_from_zeros(f, params, h):
    grad = np.zeros(len(params))
    for i in range(len(params)):
        up, down = np.zeros(len(params)), np.zeros(len(params))
        up[i], down[i] = params[i] + h, params[i] - h
        grad[i] = (f(up) - f(down)) / (2 * h)
    return grad


@bank.wrong(slopes.numerical_gradient, mistake="moves_all_at_once")
def moves_the_whole_array(f, params, h):
    grad = []
    for _ in params:
        up, down = params.copy(), params.copy()
        up += h
        down -= h
        grad.append((f(up) - f(down)) / (2 * h))
    return np.array(grad)


@bank.wrong(slopes.numerical_gradient, mistake="moves_params_and_back", says=("params", "copy"))
def moves_and_restores_by_adding(f, params, h):
    grad = []
    for i in range(len(params)):
        params[i] += h
        above = f(params)
        params[i] -= h + h
        below = f(params)
        params[i] += h
        grad.append((above - below) / (2 * h))
    return grad


@bank.wrong(slopes.numerical_gradient, mistake="leaves_params_moved", says="moved back")
def never_restores(f, params, h):
    grad = []
    for i in range(len(params)):
        params[i] = params[i] + h
        above = f(params)
        params[i] = params[i] - 2 * h
        grad.append((above - f(params)) / (2 * h))
    return grad


@bank.wrong(slopes.numerical_gradient, mistake="copies_before_the_loop")
def copies_too_early(f, params, h):
    up, down, grad = np.array(params), np.array(params), []
    for i in range(len(params)):
        up[i] = up[i] + h
        down[i] = down[i] - h
        grad.append((f(up) - f(down)) / (2 * h))
    return grad


@bank.wrong(slopes.numerical_gradient, mistake="names_instead_of_copies")
def two_names(f, params, h):
    grad = [0.0] * len(params)
    for i in range(len(params)):
        up = down = params
        up[i] += h
        down[i] -= h
        grad[i] = (f(up) - f(down)) / (2 * h)
    return grad


@bank.wrong(slopes.numerical_gradient, mistake="returns_in_the_loop")
def return_too_far_right(f, params, h):
    grad = np.zeros(len(params))
    for i in range(len(params)):
        step = np.zeros(len(params))
        step[i] = h
        grad[i] = (f(params + step) - f(params - step)) / (2 * h)
        return grad


@bank.wrong(slopes.numerical_gradient, mistake="own_h_for_all")
def fixed_h(f, params, h):
    return rows_of_an_identity(f, params, 1e-6)


@bank.wrong(slopes.numerical_gradient, finding="kind", says=("whole array of 2", "one number"))
def hands_over_one_number(f, params, h):
    return [(f(value + h) - f(value - h)) / (2 * h) for value in params]


@bank.wrong(slopes.numerical_gradient, finding="kind", says="an array of 1")
def hands_over_one_entry(f, params, h):
    return [(f(params[i : i + 1] + h) - f(params[i : i + 1] - h)) / (2 * h) for i in range(len(params))]


@bank.wrong(slopes.numerical_gradient, finding="shape", says="shape ()")
def length_of_the_gradient(f, params, h):
    return np.linalg.norm(rows_of_an_identity(f, params, h))


@bank.wrong(slopes.numerical_gradient, finding="shape", says="(2, 1)")
def a_column(f, params, h):
    return np.array(rows_of_an_identity(f, params, h))[:, None]


@bank.wrong(slopes.numerical_gradient, finding="raised", says="IndexError")
def counts_from_one(f, params, h):
    grad = np.zeros(len(params))
    for i in range(1, len(params) + 1):
        up = params.copy()
        up[i] += h
        grad[i] = (f(up) - f(params)) / h
    return grad


@bank.wrong(slopes.numerical_gradient, finding="dtype", says="integers")
def cut_to_integers(f, params, h):
    return np.array(rows_of_an_identity(f, params, h)).astype(int)


# Gradient check ----------------------------------------------------------------------------------------------------


@bank.right(slopes.gradient_check)
def roots_by_hand(grad, numeric):
    length = lambda v: (v**2).sum() ** 0.5
    both = length(grad) + length(numeric)
    return length(grad - numeric) / both if both > 0 else 0.0


@bank.right(slopes.gradient_check)
def with_math(grad, numeric):
    grad, numeric = grad.tolist(), numeric.tolist()
    if not any(grad) and not any(numeric):
        return 0
    return math.dist(grad, numeric) / (math.hypot(*grad) + math.hypot(*numeric))


@bank.right(slopes.gradient_check)
def tiny_number_below(grad, numeric):
    return np.linalg.norm(numeric - grad) / (np.linalg.norm(numeric) + np.linalg.norm(grad) + 1e-12)


@bank.right(slopes.gradient_check)
def at_least_a_tiny_number(grad, numeric):
    return np.linalg.norm(grad - numeric) / max(np.linalg.norm(grad) + np.linalg.norm(numeric), 1e-8)


@bank.right(slopes.gradient_check)
def dot_products(grad, numeric):
    grad, numeric = grad.astype(float), numeric.astype(float)
    difference = grad - numeric
    below = np.sqrt(grad @ grad) + np.sqrt(numeric @ numeric)
    return np.array(0.0) if below == 0 else np.sqrt(difference @ difference) / below


@bank.right(slopes.gradient_check)
def replaces_nan(grad, numeric):
    with np.errstate(invalid="ignore"):
        ratio = np.linalg.norm(grad - numeric) / (np.linalg.norm(grad) + np.linalg.norm(numeric))
    return float(np.nan_to_num(ratio))


@bank.right(slopes.gradient_check)
def loop_over_entries(a, n):
    above = below_a = below_n = 0.0
    for x, y in zip(a, n, strict=True):
        above, below_a, below_n = above + (x - y) ** 2, below_a + x**2, below_n + y**2
    return above and above**0.5 / (below_a**0.5 + below_n**0.5)


def _guarded(ratio):
    """The ratio with 0 for two zero gradients, as the task says."""

    def attempt(grad, numeric):
        return ratio(grad, numeric) if grad.any() or numeric.any() else 0.0

    return attempt


_norm = np.linalg.norm
for mistake, ratio in {
    "absolute_error": lambda a, n: math.sqrt(((a - n) ** 2).sum()),
    "divides_by_one_length": lambda a, n: _norm(a - n) / _norm(n),
    "divides_by_first_length": lambda a, n: _norm(a - n) / _norm(a),
    "divides_by_the_longer": lambda a, n: _norm(a - n) / np.maximum(_norm(a), _norm(n)),
    "divides_by_length_of_sum": lambda a, n: _norm(n - a) / _norm(n + a),
    "subtracts_the_lengths": lambda a, n: abs(_norm(n) - _norm(a)) / (_norm(a) + _norm(n)),
    "leaves_out_the_roots": lambda a, n: (a - n) @ (a - n) / (a @ a + n @ n),
    "adds_absolute_values": lambda a, n: sum(abs(a - n)) / (sum(abs(a)) + sum(abs(n))),
}.items():
    bank.wrong(slopes.gradient_check, _guarded(ratio), mistake=mistake, label=mistake)

bank.wrong(
    slopes.gradient_check, lambda a, n: np.isclose(a, n).all(), mistake="says_yes_or_no", finding="kind", label="yes-no"
)


@bank.wrong(slopes.gradient_check, mistake="absolute_error", says="absolute")
def norm_of_the_difference(grad, numeric):
    return np.linalg.norm(grad - numeric)


@bank.wrong(slopes.gradient_check, mistake="divides_zero_by_zero", says="0 by 0")
def no_guard(grad, numeric):
    lengths = np.sqrt((grad**2).sum()) + np.sqrt((numeric**2).sum())
    return np.sqrt(((grad - numeric) ** 2).sum()) / lengths


@bank.wrong(slopes.gradient_check, mistake="divides_zero_by_zero_in_floats", says=("ZeroDivisionError", "0 by 0"))
def no_guard_in_floats(grad, numeric):
    return math.dist(grad, numeric) / (math.hypot(*grad) + math.hypot(*numeric))


@bank.wrong(slopes.gradient_check, finding="shape", says="One number is asked for")
def entry_by_entry(grad, numeric):
    return np.abs(grad - numeric) / (np.abs(grad) + np.abs(numeric) + 1e-12)


@bank.wrong(slopes.gradient_check, mistake="divides_entry_by_entry", finding="shape", says="whole difference")
def one_for_each_entry(grad, numeric):
    return abs(numeric - grad) / (abs(numeric) + abs(grad))


@bank.wrong(slopes.gradient_check)
def mean_of_the_entries(grad, numeric):
    return (np.abs(grad - numeric) / (np.abs(grad) + np.abs(numeric) + 1e-12)).mean()


@bank.wrong(slopes.gradient_check, finding="changed arguments", says="grad")
def subtracts_in_place(grad, numeric):
    total = np.linalg.norm(grad) + np.linalg.norm(numeric)
    grad -= numeric
    return np.linalg.norm(grad) / total if total else 0.0


@bank.wrong(slopes.gradient_check)
def always_zero(grad, numeric):
    return 0.0


# Repair the loss ---------------------------------------------------------------------------------------------------


@bank.right(slopes.repair_mse)
def brackets_moved(yhat, y):
    return ((y - yhat) ** 2).mean()


@bank.right(slopes.repair_mse)
def in_a_loop(yhat, y):
    total = 0.0
    for (guess,), (truth,) in zip(yhat, y, strict=True):
        total += (float(truth) - float(guess)) ** 2
    return total / len(y)


@bank.right(slopes.repair_mse)
def with_a_product(yhat, y):
    error = yhat - y
    return error.T @ error / len(y)


@bank.right(slopes.repair_mse)
def squared_length(yhat, y):
    return np.linalg.norm(yhat - y) ** 2 / y.size


@bank.right(slopes.repair_mse)
def with_einsum(yhat, y):
    return np.einsum("ij,ij->", yhat - y, yhat - y) / len(y)


@bank.right(slopes.repair_mse)
def multiplied_out(yhat, y):
    yhat, y = yhat.astype(np.float64), y.astype(np.float64)
    return np.average(np.square(np.subtract(yhat, y)))


for mistake, broken in {
    "squares_the_prediction": lambda yhat, y: np.mean(y - yhat**2),
    "squares_the_prediction_the_other_way": lambda yhat, y: np.mean(yhat**2 - y),
    "hides_the_sign": lambda yhat, y: np.abs(np.mean(y - yhat * yhat)),
    "squares_twice": lambda yhat, y: np.mean((yhat**2 - y) ** 2),
    "subtracts_the_squares": lambda yhat, y: np.mean(y**2) - np.mean(yhat**2),
    "drops_the_square": lambda yhat, y: np.mean(yhat - y),
    "squares_the_mean": lambda yhat, y: np.mean(y - yhat) ** 2,
    "takes_absolute_errors": lambda yhat, y: abs(y - yhat).mean(),
    "sums_the_squares": lambda yhat, y: sum((yhat - y).ravel() ** 2),
    "takes_the_root": lambda yhat, y: np.mean((yhat - y) ** 2) ** 0.5,
}.items():
    bank.wrong(slopes.repair_mse, broken, mistake=mistake, label=mistake)

bank.wrong(slopes.repair_mse, lambda yhat, y: (yhat - y) ** 2, finding="shape", label="no-mean")
bank.wrong(slopes.repair_mse, lambda yhat, y: ((yhat - y.ravel()) ** 2).mean(), label="broadcasts")
bank.wrong(slopes.repair_mse, lambda yhat, y: ((yhat - y) ** 2).mean() / 2, says="1/2 of", label="halves")


# Repair the gradients ----------------------------------------------------------------------------------------------


@bank.right(slopes.repair_gradients)
def error_turned_around(x, y, b, w):
    error = y - (b + w * x)
    return -2 * error.mean(), -2 * (x * error).mean()


@bank.right(slopes.repair_gradients)
def matrix_form(x, y, b, w):
    design = np.hstack([np.ones_like(x), x])
    return 2 / len(x) * design.T @ (design @ np.array([[b], [w]]) - y)


@bank.right(slopes.repair_gradients)
def point_by_point(x, y, b, w):
    b_grad = w_grad = 0.0
    for (xi,), (yi,) in zip(x.tolist(), y.tolist(), strict=True):
        error = b + w * xi - yi
        b_grad += 2 * error / len(x)
        w_grad += 2 * error * xi / len(x)
    return b_grad, w_grad


@bank.right(slopes.repair_gradients)
def flat_arrays(x, y, b, w):
    x, y = x.ravel(), y.ravel()
    error = b + w * x - y
    return [2 * np.mean(error), 2 * np.dot(x, error) / x.size]


@bank.right(slopes.repair_gradients)
def from_means(x, y, b, w):
    x, y = x.astype(np.float64), y.astype(np.float64)
    error = b + w * x - y
    return np.array([np.average(error), np.average(x, weights=None) * 0 + np.average(x * error)]) * 2


@bank.right(slopes.repair_gradients)
def minus_times_minus(x, y, b, w):
    error = -(b + w * x - y)
    return -2 * error.mean(), -2 * (error * x).mean()


for mistake, scale in {"still_uphill": -2, "drops_the_two": 1, "keeps_only_the_minus": -1}.items():
    bank.wrong(
        slopes.repair_gradients,
        lambda x, y, b, w, scale=scale: (scale * (b + w * x - y).mean(), scale * (x * (b + w * x - y)).mean()),
        mistake=mistake,
        label=mistake,
    )


@bank.wrong(slopes.repair_gradients, mistake="still_uphill", says="w_grad")
def repairs_b_only(x, y, b, w):
    error = b + w * x - y
    return 2 * error.mean(), -2 * (x * error).mean()


@bank.wrong(slopes.repair_gradients, mistake="still_uphill", says="b_grad")
def repairs_w_only(x, y, b, w):
    error = b + w * x - y
    return -2 * error.mean(), 2 * (x * error).mean()


@bank.wrong(slopes.repair_gradients, mistake="still_uphill")
def turns_both_around(x, y, b, w):
    error = y - b - w * x
    return 2 * error.mean(), 2 * (x * error).mean()


@bank.wrong(slopes.repair_gradients, mistake="turns_around_without_brackets", says="y - (b + w * x)")
def no_brackets_in_the_error(x, y, b, w):
    error = -b + w * x + y
    return -2 * error.mean(), -2 * (x * error).mean()


@bank.wrong(slopes.repair_gradients, mistake="removes_the_sign")
def absolute_values(x, y, b, w):
    return tuple(abs(value) for value in point_by_point(x, y, b, w))


@bank.wrong(slopes.repair_gradients, mistake="loses_x")
def no_x(x, y, b, w):
    error = b + w * x - y
    return 2 * error.mean(), 2 * error.mean()


@bank.wrong(slopes.repair_gradients, mistake="exchanges_gradients")
def w_first(x, y, b, w):
    return point_by_point(x, y, b, w)[::-1]


@bank.wrong(slopes.repair_gradients, mistake="sums_over_points")
def sums(x, y, b, w):
    error = b + w * x - y
    return 2 * error.sum(), 2 * (x * error).sum()


@bank.wrong(slopes.repair_gradients, mistake="multiplies_the_means")
def flattens_one(x, y, b, w):
    error = (b + w * x - y).ravel()
    return 2 * error.mean(), 2 * (x * error).mean()


@bank.wrong(slopes.repair_gradients, finding="kind", says="2 values")
def one_number(x, y, b, w):
    return 2 * (b + w * x - y).mean()


# Repair the loop ---------------------------------------------------------------------------------------------------


@bank.right(slopes.repair_train)
def two_functions(x, y, b, w, lr, n_epochs):
    log = []
    for _ in range(n_epochs):
        log.append(brackets_moved(b + w * x, y))
        b_grad, w_grad = error_turned_around(x, y, b, w)
        b, w = b - lr * b_grad, w - lr * w_grad
    return b, w, log


@bank.right(slopes.repair_train)
def returns_the_other_list(x, y, b, w, lr, n_epochs):
    losses = []
    while len(losses) < n_epochs:
        losses += [in_a_loop(b + w * x, y)]
        b_grad, w_grad = point_by_point(x, y, b, w)
        b -= lr * b_grad
        w -= lr * w_grad
    return [b, w, losses]


@bank.right(slopes.repair_train)
def fills_an_array(x, y, b, w, lr, n_epochs):
    log, params = np.empty(n_epochs), np.array([[b], [w]])
    for i in range(n_epochs):
        log[i] = brackets_moved(params[0] + params[1] * x, y)
        params = params - lr * matrix_form(x, y, *params.ravel())
    return params[0], params[1], log


@bank.right(slopes.repair_train)
def calls_itself(x, y, b, w, lr, n_epochs):
    if n_epochs == 0:
        return b, w, ()
    b_grad, w_grad = flat_arrays(x, y, b, w)
    b_end, w_end, log = calls_itself(x, y, b - lr * b_grad, w - lr * w_grad, lr, n_epochs - 1)
    return b_end, w_end, (brackets_moved(b + w * x, y), *log)


@bank.right(slopes.repair_train)
def prints_as_it_goes(x, y, b, w, lr, n_epochs):
    b, w, log = two_functions(x, y, b, w, lr, n_epochs)
    for epoch, loss in enumerate(log):
        print(epoch, loss)
    return b, w, log


bank.right(slopes.repair_train, functools.partial(two_functions), label="a-partial")


def _train(x, y, b, w, lr, n_epochs, mse=brackets_moved, gradients=error_turned_around, after=False):
    """The program of the lesson with parts to exchange."""
    log = []
    for _ in range(n_epochs):
        loss = mse(b + w * x, y)
        b_grad, w_grad = gradients(x, y, b, w)
        b, w = b - lr * b_grad, w - lr * w_grad
        log.append(mse(b + w * x, y) if after else loss)
    return b, w, log


_broken_mse = lambda yhat, y: (y - yhat**2).mean()
_broken_gradients = lambda x, y, b, w: tuple(-part for part in point_by_point(x, y, b, w))


@bank.wrong(slopes.repair_train, mistake="hides_the_function", finding="raised", says=("TypeError", "another name"))
def still_hides(x, y, b, w, lr, n_epochs):
    log, mse = [], []
    for _ in range(n_epochs):
        mse.append(mse(b + w * x, y))
    return b, w, log


@bank.wrong(slopes.repair_train, mistake="calls_a_name_that_is_not_there", finding="raised", says="NameError")
def still_calls_gradient(x, y, b, w, lr, n_epochs):
    log = []
    for _ in range(n_epochs):
        log.append(brackets_moved(b + w * x, y))
        b_grad, w_grad = gradient(x, y, b, w)  # noqa: F821 -- the mistake is that there is no such name
        b, w = b - lr * b_grad, w - lr * w_grad
    return b, w, log


@bank.wrong(slopes.repair_train, mistake="returns_an_empty_log", finding="shape", says="empty")
def fills_another_list(x, y, b, w, lr, n_epochs):
    log = []
    b, w, losses = two_functions(x, y, b, w, lr, n_epochs)
    assert len(losses) == n_epochs
    return b, w, log


@bank.wrong(slopes.repair_train, mistake="makes_the_log_anew", finding="shape", says="before the loop")
def new_list_each_round(x, y, b, w, lr, n_epochs):
    log = []
    for _ in range(n_epochs):
        log = []
        log.append(brackets_moved(b + w * x, y))
        b, w, _ = two_functions(x, y, b, w, lr, 1)
    return b, w, log


@bank.wrong(slopes.repair_train, mistake="logs_after_the_update")
def late_log(x, y, b, w, lr, n_epochs):
    return _train(x, y, b, w, lr, n_epochs, after=True)


@bank.wrong(slopes.repair_train, mistake="climbs", says="gradients")
def with_broken_gradients(x, y, b, w, lr, n_epochs):
    return _train(x, y, b, w, lr, n_epochs, gradients=_broken_gradients)


@bank.wrong(slopes.repair_train, mistake="logs_the_broken_loss", says="mse")
def with_broken_mse(x, y, b, w, lr, n_epochs):
    return _train(x, y, b, w, lr, n_epochs, mse=_broken_mse)


@bank.wrong(slopes.repair_train, mistake="calls_two_broken_functions", says="both")
def with_both_broken(x, y, b, w, lr, n_epochs):
    return _train(x, y, b, w, lr, n_epochs, mse=_broken_mse, gradients=_broken_gradients)


@bank.wrong(slopes.repair_train, mistake="updates_in_turn")
def b_moves_first(x, y, b, w, lr, n_epochs):
    log = []
    for _ in range(n_epochs):
        log.append(brackets_moved(b + w * x, y))
        b = b - lr * point_by_point(x, y, b, w)[0]
        w = w - lr * point_by_point(x, y, b, w)[1]
    return b, w, log


@bank.wrong(slopes.repair_train, mistake="returns_after_one_round", finding="shape")
def return_in_the_loop(x, y, b, w, lr, n_epochs):
    log = []
    for _ in range(n_epochs):
        log.append(brackets_moved(b + w * x, y))
        b_grad, w_grad = point_by_point(x, y, b, w)
        b, w = b - lr * b_grad, w - lr * w_grad
        return b, w, log


@bank.wrong(slopes.repair_train, finding="kind", says="3 values")
def forgets_the_log(x, y, b, w, lr, n_epochs):
    return two_functions(x, y, b, w, lr, n_epochs)[:2]


@bank.wrong(slopes.repair_train, finding="kind", says="log should be a list")
def only_the_last_loss(x, y, b, w, lr, n_epochs):
    b, w, log = two_functions(x, y, b, w, lr, n_epochs)
    return b, w, log[-1] if log else 0.0


@bank.wrong(slopes.repair_train, finding="raised", says="UnboundLocalError")
def makes_mse_a_local_name(x, y, b, w, lr, n_epochs):
    log = []
    for _ in range(n_epochs):
        brackets_moved = brackets_moved(b + w * x, y)  # noqa: F823 -- the mistake is that it is read before it is set
        log.append(brackets_moved)
    return b, w, log


# When to stop ------------------------------------------------------------------------------------------------------


@bank.right(slopes.train_until)
def returns_early(x, y, b, w, lr, n_epochs, small_loss, small_gradient):
    losses = []
    for _ in range(n_epochs):
        loss = brackets_moved(b + w * x, y)
        losses.append(loss)
        if loss < small_loss:
            return b, w, losses, "loss"
        b_grad, w_grad = point_by_point(x, y, b, w)
        if math.sqrt(b_grad**2 + w_grad**2) < small_gradient:
            return b, w, losses, "gradient"
        b, w = b - lr * b_grad, w - lr * w_grad
    return b, w, losses, "epochs"


@bank.right(slopes.train_until)
def breaks_with_a_reason(x, y, b, w, lr, n_epochs, small_loss, small_gradient):
    losses, reason = [], "Epochs"
    while len(losses) < n_epochs:
        losses.append(in_a_loop(b + w * x, y))
        grads = np.array(point_by_point(x, y, b, w))
        if losses[-1] <= small_loss:
            reason = "Loss"
            break
        if np.linalg.norm(grads) <= small_gradient:
            reason = "Gradient"
            break
        b, w = np.array([b, w]) - lr * grads
    return [b, w, np.array(losses), reason]


@bank.right(slopes.train_until)
def largest_gradient(x, y, b, w, lr, n_epochs, small_loss, small_gradient):
    losses = []
    for _ in range(n_epochs):
        losses.append(squared_length(b + w * x, y))
        b_grad, w_grad = flat_arrays(x, y, b, w)
        if losses[-1] < small_loss:
            return b, w, losses, "loss"
        if max(abs(b_grad), abs(w_grad)) < small_gradient:
            return b, w, losses, "gradient"
        b, w = b - lr * b_grad, w - lr * w_grad
    return b, w, losses, "epochs"


@bank.right(slopes.train_until)
def both_absolute_values(x, y, b, w, lr, n_epochs, small_loss, small_gradient):
    losses, reason, epoch = [], None, 0
    while reason is None:
        if epoch == n_epochs:
            reason = "epochs"
            continue
        epoch += 1
        losses.append(brackets_moved(b + w * x, y))
        b_grad, w_grad = error_turned_around(x, y, b, w)
        if losses[-1] < small_loss:
            reason = "loss"
        elif abs(b_grad) < small_gradient and abs(w_grad) < small_gradient:
            reason = "gradient"
        else:
            b, w = b - lr * b_grad, w - lr * w_grad
    return b, w, losses, reason


@bank.right(slopes.train_until)
def for_with_else(x, y, b, w, lr, n_epochs, small_loss, small_gradient):
    params, losses = np.array([[b], [w]]), []
    for _ in range(n_epochs):
        losses.append(brackets_moved(params[0] + params[1] * x, y))
        grads = matrix_form(x, y, *params.ravel())
        if (reason := "loss" if losses[-1] < small_loss else "gradient") == "loss" or (
            np.sqrt(np.sum(grads**2)) < small_gradient
        ):
            break
        params = params - lr * grads
    else:
        reason = "epochs"
    return params[0], params[1], losses, reason


@bank.right(slopes.train_until)
def calls_itself_until(x, y, b, w, lr, n_epochs, small_loss, small_gradient):
    if not n_epochs:
        return b, w, [], "epochs"
    loss, (b_grad, w_grad) = brackets_moved(b + w * x, y), point_by_point(x, y, b, w)
    if loss < small_loss:
        return b, w, [loss], "loss"
    if abs(b_grad) + abs(w_grad) < small_gradient:
        return b, w, [loss], "gradient"
    b, w = b - lr * b_grad, w - lr * w_grad
    b, w, losses, reason = calls_itself_until(x, y, b, w, lr, n_epochs - 1, small_loss, small_gradient)
    return b, w, [loss, *losses], reason


def _until(
    x, y, b, w, lr, n_epochs, small_loss, small_gradient, *,
    mse=brackets_moved, gradients=point_by_point, length=math.hypot, order=("loss", "gradient"), stops=True,
):  # fmt: skip
    """The solution with parts to exchange."""
    losses, reason = [], "epochs"
    for _ in range(n_epochs):
        losses.append(mse(b + w * x, y))
        b_grad, w_grad = gradients(x, y, b, w)
        small = {"loss": losses[-1] < small_loss, "gradient": length(b_grad, w_grad) < small_gradient}
        found = next((word for word in order if small[word]), None)
        reason = found or reason
        if found and stops:
            break
        b, w = b - lr * b_grad, w - lr * w_grad
    return b, w, losses, reason


for mistake, change in {
    "ignores_the_loss": {"order": ("gradient",)},
    "ignores_the_gradient": {"order": ("loss",)},
    "ignores_both": {"order": ()},
    "asks_the_gradient_first": {"order": ("gradient", "loss")},
    "does_not_break": {"stops": False},
    "forgets_the_sign": {"length": max},
    "looks_at_b_grad_only": {"length": lambda b_grad, w_grad: abs(b_grad)},
    "forgets_the_root": {"length": lambda b_grad, w_grad: b_grad**2 + w_grad**2},
    "stops_after_climbing": {"gradients": _broken_gradients},
    "believes_the_broken_loss": {"mse": _broken_mse},
}.items():
    bank.wrong(
        slopes.train_until,
        lambda x, y, b, w, lr, n_epochs, small_loss, small_gradient, change=change: _until(
            x, y, b, w, lr, n_epochs, small_loss, small_gradient, **change
        ),
        mistake=mistake,
        finding="value" if mistake != "forgets_the_sign" else "shape",
        label=mistake,
    )


@bank.wrong(slopes.train_until, mistake="reason_not_reported", finding="kind", says=("4 values", "reason"))
def three_values(x, y, b, w, lr, n_epochs, small_loss, small_gradient):
    return returns_early(x, y, b, w, lr, n_epochs, small_loss, small_gradient)[:3]


@bank.wrong(slopes.train_until, mistake="always_says_epochs")
def one_reason(x, y, b, w, lr, n_epochs, small_loss, small_gradient):
    b, w, losses, _ = returns_early(x, y, b, w, lr, n_epochs, small_loss, small_gradient)
    return b, w, losses, "epochs"


@bank.wrong(slopes.train_until, mistake="stops_on_a_small_change")
def no_progress(x, y, b, w, lr, n_epochs, small_loss, small_gradient):
    losses, last = [], math.inf
    for _ in range(n_epochs):
        loss = brackets_moved(b + w * x, y)
        losses.append(loss)
        if abs(last - loss) < small_loss:
            return b, w, losses, "loss"
        last = loss
        b_grad, w_grad = point_by_point(x, y, b, w)
        if math.hypot(b_grad, w_grad) < small_gradient:
            return b, w, losses, "gradient"
        b, w = b - lr * b_grad, w - lr * w_grad
    return b, w, losses, "epochs"


@bank.wrong(slopes.train_until, mistake="updates_once_more")
def updates_before_it_stops(x, y, b, w, lr, n_epochs, small_loss, small_gradient):
    losses = []
    for _ in range(n_epochs):
        losses.append(brackets_moved(b + w * x, y))
        b_grad, w_grad = point_by_point(x, y, b, w)
        b, w = b - lr * b_grad, w - lr * w_grad
        if losses[-1] < small_loss:
            return b, w, losses, "loss"
        if math.hypot(b_grad, w_grad) < small_gradient:
            return b, w, losses, "gradient"
    return b, w, losses, "epochs"


@bank.wrong(slopes.train_until, mistake="leaves_out_the_last_loss", finding="shape")
def appends_too_late(x, y, b, w, lr, n_epochs, small_loss, small_gradient):
    losses = []
    for _ in range(n_epochs):
        loss, (b_grad, w_grad) = brackets_moved(b + w * x, y), point_by_point(x, y, b, w)
        if loss < small_loss:
            return b, w, losses, "loss"
        if math.hypot(b_grad, w_grad) < small_gradient:
            return b, w, losses, "gradient"
        losses.append(loss)
        b, w = b - lr * b_grad, w - lr * w_grad
    return b, w, losses, "epochs"


@bank.wrong(slopes.train_until, mistake="stops_while_the_loss_is_large", finding="shape")
def wrong_way_round(x, y, b, w, lr, n_epochs, small_loss, small_gradient):
    losses = []
    for _ in range(n_epochs):
        losses.append(brackets_moved(b + w * x, y))
        b_grad, w_grad = point_by_point(x, y, b, w)
        if not losses[-1] < small_loss:
            return b, w, losses, "loss"
        if math.hypot(b_grad, w_grad) < small_gradient:
            return b, w, losses, "gradient"
        b, w = b - lr * b_grad, w - lr * w_grad
    return b, w, losses, "epochs"


@bank.wrong(slopes.train_until, finding="kind", says=("'converged'", "three words"))
def another_word(x, y, b, w, lr, n_epochs, small_loss, small_gradient):
    b, w, losses, _ = returns_early(x, y, b, w, lr, n_epochs, small_loss, small_gradient)
    return b, w, losses, "converged"


@bank.wrong(slopes.train_until, finding="kind", says="three words")
def a_flag(x, y, b, w, lr, n_epochs, small_loss, small_gradient):
    b, w, losses, _ = returns_early(x, y, b, w, lr, n_epochs, small_loss, small_gradient)
    return b, w, losses, True


# Quiz --------------------------------------------------------------------------------------------------------------

bank.right(slopes.size_of_h, {"b", "c"}, label="a-set")
bank.right(slopes.size_of_h, "b, c", label="text")
bank.wrong(slopes.size_of_h, {"a", "b", "c"}, mistake="chose_a", says="left arm", label="the-smaller-the-better")
bank.wrong(slopes.size_of_h, {"b", "c", "d"}, mistake="chose_d", label="tiny-h")
bank.wrong(slopes.size_of_h, {"b"}, mistake="missed_c", says="missing", label="one-missing")
bank.right(slopes.held_variable, "c", label="a-letter")
bank.wrong(slopes.held_variable, {"a"}, mistake="chose_a", says="set to 0", label="set-to-zero")
for letter in "bd":
    bank.wrong(slopes.held_variable, {letter}, mistake=f"chose_{letter}", label=letter)
bank.right(slopes.error_of_one, ["b"], label="a-list")
for letter in "acd":
    bank.wrong(slopes.error_of_one, {letter}, mistake=f"chose_{letter}", says="missing", label=letter)
bank.right(slopes.which_rule_stops, ("b", "d"), label="a-tuple")
for letter in "ac":
    bank.wrong(slopes.which_rule_stops, {letter, "b", "d"}, mistake=f"chose_{letter}", label=letter)
bank.wrong(slopes.which_rule_stops, {"b"}, mistake="missed_d", label="one-missing")
bank.wrong(slopes.which_rule_stops, ..., finding="not attempted", label="dots")
