"""Lesson 02: slopes without a formula, gradient checks, code that walks uphill, and when to stop.

The faults that are repaired here, and two of the three stopping rules, come from "Machine Learning Log 8: an
intuitive overview of gradient descent".
"""

import numpy as np

from gdexercises.checking import Case, Quiz, Tolerance, Unusable, driver, exercise, right, wrong
from gdexercises.checking.compare import show

# Functions cannot travel to a process where an attempt lives, their names can: the text is what a reader sees.
CURVES = {
    "x ** 2": lambda x: x**2,
    "x ** 3": lambda x: x**3,
    "(x - 1) ** 2": lambda x: (x - 1) ** 2,
    "np.exp(x)": lambda x: np.exp(x),
    "np.sin(x)": lambda x: np.sin(x),
    "2 - 5 * x": lambda x: 2 - 5 * x,
}
SURFACES = {
    "p[0] ** 2 * p[1] + p[1] ** 3": lambda p: p[0] ** 2 * p[1] + p[1] ** 3,
    "p[0] * p[1] * p[2] + p[0] ** 3": lambda p: p[0] * p[1] * p[2] + p[0] ** 3,
    "p[0] * p[4] + p[1] ** 3 + p[2] * p[3] ** 2": lambda p: p[0] * p[4] + p[1] ** 3 + p[2] * p[3] ** 2,
    "(p[0] + 2 * p[1] - 5) ** 2": lambda p: (p[0] + 2 * p[1] - 5) ** 2,
    "np.exp(p[0])": lambda p: np.exp(p[0]),
}


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
    yield "four points", *_line(rng, 4), *_parameters(rng)
    yield "twenty points", *_line(rng, 20), *_parameters(rng)
    yield "one point", *_line(rng, 1), *_parameters(rng)
    x = rng.integers(-4, 5, (5, 1)).astype(float)
    yield "points on the line, so no error", x, 1.5 - 0.5 * x, 1.5, -0.5
    yield "large numbers", *_line(rng, 6, 1e3), *_parameters(rng, 1e3)
    yield "small numbers", *_line(rng, 6, 1e-2), *_parameters(rng, 1e-2)
    x, y = _line(rng, 8)
    yield "single precision (float32)", x.astype(np.float32), y.astype(np.float32), *_parameters(rng)


def _called(name, **arguments):
    """How a call of the student's function reads: short values in it, arrays below it."""
    text = {key: show(value) for key, value in arguments.items()}
    long = [key for key, value in text.items() if "\n" in value or len(value) > 30]
    inline = ", ".join(key if key in long else f"{key}={value}" for key, value in text.items())
    return "\n".join([f"{name}({inline})", *(f"{key} = {text[key]}" for key in long)])


# Slope -------------------------------------------------------------------------------------------------------------


@driver
def slope_of_curve(attempt, curve, x, h):
    """The slope that the attempt finds for a function of one variable."""
    return attempt(CURVES[curve], x, h)


def _places_on_curves(rng):
    def case(label, curve, x, h):
        return Case(label, curve, x, h, call=f"slope(lambda x: {curve}, x={x:g}, h={h:g})")

    def somewhere():
        return float(rng.integers(5, 20) / 10)

    yield case("a steep curve", "x ** 3", somewhere(), 0.1)
    yield case("a curve that bends", "np.exp(x)", somewhere(), 0.5)
    yield case("left of zero", "np.sin(x)", -somewhere(), 0.2)
    yield case("the bottom of a valley", "(x - 1) ** 2", 1.0, 0.1)
    yield case("a straight line that falls", "2 - 5 * x", somewhere(), 0.3)
    yield case("a large x", "x ** 2", float(rng.integers(100, 1000)), 1.0)
    yield case("a small h", "x ** 3", somewhere(), 1e-3)


@exercise(
    inputs=_places_on_curves,
    driver=slope_of_curve,
    returns=("the slope",),
    hints=(
        "Slope is rise over run. Which two points of the curve does the line go through, and how far apart are they?",
        "The rise is f(x + h) - f(x - h). The run, from x - h to x + h, is 2 · h. Mind the brackets.",
    ),
)
def slope(f, x, h):
    """Slope of the secant of `f` through the points at ``x - h`` and ``x + h`` (central difference).

    Parameters
    ----------
    f : callable
        A function of one number.
    x : float
        Where.
    h : float
        Distance of the two points from `x`, positive.

    Returns
    -------
    slope : float
        In units of f per unit of x.
    """
    return (f(x + h) - f(x - h)) / (2 * h)


@slope.mistake(
    "That is the one-sided difference: it goes from x to x + h. Its error shrinks only like h, while that of the "
    "central difference, from x - h to x + h, shrinks like h²."
)
def one_sided(f, x, h):
    return (f(x + h) - f(x)) / h


@slope.mistake(
    "That is a one-sided difference: it goes from x - h to x. Let the second point lie on the other side, at x + h."
)
def one_sided_to_the_left(f, x, h):
    return (f(x) - f(x - h)) / h


@slope.mistake("You divide by h, but from x - h to x + h it is 2 · h: the slope comes out twice as large.")
def divides_by_h(f, x, h):
    return (f(x + h) - f(x - h)) / h


@slope.mistake(
    "`/ 2 * h` divides by 2 and then multiplies by h, because Python goes from left to right. Write `/ (2 * h)`."
)
def multiplies_by_h(f, x, h):
    return (f(x + h) - f(x - h)) / 2 * h


@slope.mistake(
    "Only f(x - h) is divided, because division comes before subtraction. Put brackets around the difference: "
    "(f(x + h) - f(x - h)) / (2 * h)."
)
def divides_the_second_term_only(f, x, h):
    return f(x + h) - f(x - h) / (2 * h)


@slope.mistake(
    "Two pairs of brackets are missing: Python divides and multiplies first, from left to right, and subtracts last. "
    "Write (f(x + h) - f(x - h)) / (2 * h)."
)
def no_brackets_at_all(f, x, h):
    return f(x + h) - f(x - h) / 2 * h


@slope.mistake("You return the rise alone. A slope is rise over run: divide by the run, 2 · h.")
def does_not_divide(f, x, h):
    return f(x + h) - f(x - h)


@slope.mistake("The sign is reversed: the rise is the value on the right minus the value on the left.")
def left_minus_right(f, x, h):
    return (f(x - h) - f(x + h)) / (2 * h)


@slope.mistake(
    "Your points lie at x - h/2 and x + h/2. That is a central difference too, but with half the step: here the points "
    "lie at x - h and x + h."
)
def half_the_step(f, x, h):
    return (f(x + h / 2) - f(x - h / 2)) / h


@slope.mistake(
    "You do not use the h that was handed over, but a small one of your own. Near the tangent, that is closer to the "
    "derivative; here the secant with this very h is asked for."
)
def own_h(f, x, h):
    return slope(f, x, 1e-5)


# Numerical gradient ------------------------------------------------------------------------------------------------


@driver
def gradient_of_surface(attempt, surface, params, h):
    """The gradient that the attempt finds for a function of several variables."""
    size = len(params)

    def f(p):
        if np.ndim(p) == 0 or len(p) != size:
            what = "one number" if np.ndim(p) == 0 else f"an array of {len(p)}"
            raise Unusable(
                f"f takes the whole array of {size}, but your code called it with {what}. Change one entry of a copy, "
                "and hand over the whole copy."
            )
        return SURFACES[surface](p)

    return attempt(f, params, h)


def _places_on_surfaces(rng):
    def case(label, surface, params, h):
        values = ", ".join(map(repr, params))
        call = f"numerical_gradient(lambda p: {surface}, params=np.array([{values}]), h={h:g})"
        return Case(label, surface, np.array(params), h, call=call)

    def somewhere(k):
        return (rng.integers(5, 20, k) / 10 * rng.choice([-1, 1], k)).tolist()

    yield case("two variables", "p[0] ** 2 * p[1] + p[1] ** 3", somewhere(2), 0.1)
    yield case("three variables", "p[0] * p[1] * p[2] + p[0] ** 3", somewhere(3), 0.5)
    yield case("one variable", "np.exp(p[0])", somewhere(1), 0.2)
    yield case("five variables", "p[0] * p[4] + p[1] ** 3 + p[2] * p[3] ** 2", somewhere(5), 0.2)
    yield case("the lowest point", "(p[0] + 2 * p[1] - 5) ** 2", [1.0, 2.0], 0.1)
    # 1e-17 + 0.1 is 0.1: whoever moves it away and back in place has lost it.
    yield case("a variable near zero", "(p[0] + 2 * p[1] - 5) ** 2", [1e-17, *somewhere(1)], 0.1)


@exercise(
    inputs=_places_on_surfaces,
    driver=gradient_of_surface,
    returns=("the gradient",),
    hints=(
        "One variable at a time: the slope in variable i, while all others stay at the values they have in params.",
        "In a loop over i, make two copies, up = params.copy() and down = params.copy(). Add h to up[i], subtract it "
        "from down[i], and leave the other entries alone.",
        "The i-th entry of the gradient is (f(up) - f(down)) / (2 * h).",
    ),
)
def numerical_gradient(f, params, h):
    """Gradient of `f` at `params` by central differences.

    Parameters
    ----------
    f : callable
        A function of an array of shape (k,) that returns a number.
    params : ndarray of shape (k,)
        Where, in floats.
    h : float
        How far each variable is moved to either side, positive.

    Returns
    -------
    grad : ndarray of shape (k,)
        ``grad[i]`` is the slope in variable ``i``, in units of f per unit of that variable.
    """
    grad = np.zeros(len(params))
    for i in range(len(params)):
        up, down = params.copy(), params.copy()
        up[i] += h
        down[i] -= h
        grad[i] = (f(up) - f(down)) / (2 * h)
    return grad


@numerical_gradient.mistake(
    "Those are one-sided differences, from params to params + h. The central difference goes from h below to h above; "
    "its error shrinks like h², not like h."
)
def one_sided_gradient(f, params, h):
    return np.array([(f(params + step) - f(params)) / h for step in h * np.eye(len(params))])


@numerical_gradient.mistake("You divide by h, but from h below to h above it is 2 · h: all entries are twice as large.")
def divides_gradient_by_h(f, params, h):
    return 2 * numerical_gradient(f, params, h)


@numerical_gradient.mistake(
    "`/ 2 * h` divides by 2 and then multiplies by h, because Python goes from left to right. Write `/ (2 * h)`."
)
def multiplies_gradient_by_h(f, params, h):
    return numerical_gradient(f, params, h) * h**2


@numerical_gradient.mistake(
    "The other variables are set to 0 while one is moved, so you get the slope at another place. Hold them at the "
    "values they have: start from a copy of params, not from zeros."
)
def others_at_zero(f, params, h):
    return np.array([numerical_gradient(f, params * axis, h)[i] for i, axis in enumerate(np.eye(len(params)))])


@numerical_gradient.mistake(
    "All variables are moved at once: that is one slope, along the diagonal, and every entry is that number. Move "
    "variable i alone, and hold the others."
)
def moves_all_at_once(f, params, h):
    return np.full(len(params), (f(params + h) - f(params - h)) / (2 * h))


@numerical_gradient.mistake(
    "params is changed in place: you move an entry and move it back, and rounding does not always bring it back (0.1 + "
    "0.2 - 0.2 is not 0.1). Whoever called you has other parameters now. Work on a copy, params.copy()."
)
def moves_params_and_back(f, params, h):
    grad = np.zeros(len(params))
    for i in range(len(params)):
        params[i] += h
        above = f(params)
        params[i] -= 2 * h
        below = f(params)
        params[i] += h
        grad[i] = (above - below) / (2 * h)
    return grad


@numerical_gradient.mistake(
    "params is changed in place, and an entry that was moved is not moved back. So the next slope is taken at another "
    "place, and whoever called you has other parameters now. Take a fresh copy for every variable: params.copy()."
)
def leaves_params_moved(f, params, h):
    grad = np.zeros(len(params))
    for i in range(len(params)):
        params[i] += h
        above = f(params)
        params[i] -= 2 * h
        grad[i] = (above - f(params)) / (2 * h)
    return grad


@numerical_gradient.mistake(
    "The copies are made once, before the loop, so variables that were moved in earlier rounds stay moved. Take fresh "
    "copies for every variable, inside the loop."
)
def copies_before_the_loop(f, params, h):
    grad = np.zeros(len(params))
    up, down = params.copy(), params.copy()
    for i in range(len(params)):
        up[i] += h
        down[i] -= h
        grad[i] = (f(up) - f(down)) / (2 * h)
    return grad


@numerical_gradient.mistake(
    "Every slope is 0, because up and down are the same array: `up = params` gives the array a second name, it does "
    "not copy it (and params itself is changed). Write params.copy()."
)
def names_instead_of_copies(f, params, h):
    grad = np.zeros(len(params))
    for i in range(len(params)):
        up = params
        down = params
        up[i] += h
        down[i] -= h
        grad[i] = (f(up) - f(down)) / (2 * h)
    return grad


@numerical_gradient.mistake(
    "Only the first entry is filled: `return` stands inside the loop. Indent it like the line with `for`."
)
def returns_in_the_loop(f, params, h):
    grad = np.zeros(len(params))
    grad[0] = numerical_gradient(f, params, h)[0]
    return grad


@numerical_gradient.mistake("The sign is reversed: it is the value above minus the value below.")
def below_minus_above(f, params, h):
    return -numerical_gradient(f, params, h)


@numerical_gradient.mistake(
    "You do not use the h that was handed over, but a small one of your own. Who calls this function wants to choose."
)
def own_h_for_all(f, params, h):
    return numerical_gradient(f, params, 1e-5)


# Gradient check ----------------------------------------------------------------------------------------------------


def _pairs_of_gradients(rng):
    def gradient(k=3, scale=1.0):
        return scale * rng.uniform(0.5, 3, k) * rng.choice([-1, 1], k)

    grad = gradient()
    yield Case("nearly the same", grad, grad + 1e-3 * gradient())
    yield Case("two different ones", gradient(), gradient())
    yield Case("the same", grad, grad.copy())
    yield Case("opposite signs", grad, -grad)
    yield Case("twice as large", 2 * grad, grad)
    yield Case("half as large", grad, 2 * grad)
    yield Case("one entry in another order", grad, grad[[1, 0, 2]])
    yield Case("one variable", gradient(1), gradient(1))
    yield Case("equal up to rounding", grad, grad * (1 + 1e-9 * np.array([1, -1, 1])))
    yield Case("large ones", gradient(4, 1e4), gradient(4, 1e4))
    yield Case("small ones", gradient(2, 1e-3), gradient(2, 1e-3))
    yield Case("single precision (float32)", gradient().astype(np.float32), gradient().astype(np.float32))
    yield Case("one of them zero", grad, np.zeros(3))
    yield Case("both zero", np.zeros(2), np.zeros(2))


_BOTH_ZERO = (
    "When both gradients are zero you divide 0 by 0. At a lowest point that is no rare case, and the two agree "
    "there: return 0.0 before you divide."
)


@exercise(
    inputs=_pairs_of_gradients,
    returns=("the relative error",),
    # Wide enough for a tiny number added below the fraction, a common guard against 0 / 0.
    tolerance=Tolerance(relative=1e-4),
    hints=(
        "np.linalg.norm(v) is the length of an array v: the root of the sum of its squares.",
        "Above the line stands the length of the difference; below it, the sum of the two lengths.",
        "If both lengths are 0, the two gradients agree: return 0.0 before you divide.",
    ),
)
def gradient_check(grad, numeric):
    """Relative error of two gradients: length of the difference over the sum of the lengths.

    Parameters
    ----------
    grad, numeric : ndarray of shape (k,)

    Returns
    -------
    relative_error : float
        From 0 (equal) to 1 (opposite); 0 if both are zero. It has no unit.
    """
    total = np.linalg.norm(grad) + np.linalg.norm(numeric)
    if total == 0:
        return 0.0
    return np.linalg.norm(grad - numeric) / total


@gradient_check.mistake(
    "That is the absolute error. It says nothing by itself: 0.001 is close for gradients near 1000 and hopeless for "
    "gradients near 0.001. Divide by the sum of the two lengths."
)
def absolute_error(grad, numeric):
    return np.linalg.norm(grad - numeric)


@gradient_check.mistake(
    "You divide by the length of one gradient only. Then it matters which one comes first, and the result has no upper "
    "end. Divide by the sum of the two lengths."
)
def divides_by_one_length(grad, numeric):
    length = np.linalg.norm(numeric)
    return 0.0 if not grad.any() and not length else np.linalg.norm(grad - numeric) / length


@gradient_check.mistake(
    "You divide by the length of `grad` only. Then it matters which gradient comes first. Divide by the sum of the two "
    "lengths."
)
def divides_by_first_length(grad, numeric):
    return divides_by_one_length(numeric, grad)


@gradient_check.mistake(
    "You divide by the longer of the two lengths. A common choice too, but it goes up to 2; here it is their sum."
)
def divides_by_the_longer(grad, numeric):
    longer = max(np.linalg.norm(grad), np.linalg.norm(numeric))
    return np.linalg.norm(grad - numeric) / longer if longer else 0.0


@gradient_check.mistake(
    "You divide by the length of the sum. Two opposite gradients cancel there. Take the two lengths first, then add."
)
def divides_by_length_of_sum(grad, numeric):
    length = np.linalg.norm(grad + numeric)
    return np.linalg.norm(grad - numeric) / length if grad.any() or numeric.any() else 0.0


@gradient_check.mistake(
    "You subtract the lengths. Two gradients of the same length can point anywhere, opposite to each other for "
    "example. Take the difference first, then its length."
)
def subtracts_the_lengths(grad, numeric):
    one, other = np.linalg.norm(grad), np.linalg.norm(numeric)
    return abs(one - other) / (one + other) if one or other else 0.0


@gradient_check.mistake("The lengths lack their roots: a length is the root of the sum of the squares.")
def leaves_out_the_roots(grad, numeric):
    total = (grad**2).sum() + (numeric**2).sum()
    return ((grad - numeric) ** 2).sum() / total if total else 0.0


@gradient_check.mistake(
    "You add absolute values where the length is asked for: the root of the sum of the squares, np.linalg.norm."
)
def adds_absolute_values(grad, numeric):
    total = np.abs(grad).sum() + np.abs(numeric).sum()
    return np.abs(grad - numeric).sum() / total if total else 0.0


@gradient_check.mistake(
    "You form a relative error for every entry and return the worst. One entry near zero then spoils the whole check. "
    "Take the lengths of the whole arrays."
)
def worst_entry(grad, numeric):
    total = np.abs(grad) + np.abs(numeric)
    return (np.abs(grad - numeric) / np.where(total, total, 1)).max()


@gradient_check.mistake(
    "You form a relative error for every entry. One number is asked for: divide the length of the whole difference by "
    "the sum of the two lengths, np.linalg.norm(grad) and np.linalg.norm(numeric)."
)
def divides_entry_by_entry(grad, numeric):
    return np.abs(grad - numeric) / (np.abs(grad) + np.abs(numeric))


@gradient_check.mistake(
    "You return True or False. Return the relative error itself: how small is small enough is for the caller to say."
)
def says_yes_or_no(grad, numeric):
    return bool(np.allclose(grad, numeric))


@gradient_check.mistake(_BOTH_ZERO)
def divides_zero_by_zero(grad, numeric):
    return np.linalg.norm(grad - numeric) / (np.linalg.norm(grad) + np.linalg.norm(numeric))


@gradient_check.mistake(_BOTH_ZERO)
def divides_zero_by_zero_in_floats(grad, numeric):
    return float(np.linalg.norm(grad - numeric)) / float(np.linalg.norm(grad) + np.linalg.norm(numeric))


# Repair the loss ---------------------------------------------------------------------------------------------------


def _predictions_and_targets(rng):
    for label, x, y, b, w in _noisy_lines(rng):
        yhat = (b + w * x).astype(y.dtype)
        yield Case(label, yhat, y, call=_called("mse", yhat=yhat, y=y))
    yhat, y = np.full((3, 1), 0.5), rng.uniform(0.6, 0.9, (3, 1))
    yield Case("all between 0 and 1", yhat, y, call=_called("mse", yhat=yhat, y=y))


@exercise(
    inputs=_predictions_and_targets,
    returns=("the loss",),
    hints=(
        "Try it on a perfect prediction, yhat = y. What must come out, and what does?",
        "What is to be squared is the error, yhat - y. In the broken line, what does the ** 2 stand behind?",
    ),
)
def repair_mse(yhat, y):
    """Mean squared error.

    Parameters
    ----------
    yhat, y : ndarray of shape (N, 1)

    Returns
    -------
    loss : float
        In squared units of y, never negative.
    """
    error = yhat - y
    return (error**2).mean()


@repair_mse.mistake(
    "It is still the prediction that is squared, not the error: y - yhat² can be negative. Subtract first, then square "
    "the difference: (yhat - y) ** 2."
)
def squares_the_prediction(yhat, y):
    return (y - yhat**2).mean()


@repair_mse.mistake(
    "It is the prediction that is squared, not the error; with the sign turned around that is still no mean squared "
    "error. Subtract first, then square: (yhat - y) ** 2."
)
def squares_the_prediction_the_other_way(yhat, y):
    return (yhat**2 - y).mean()


@repair_mse.mistake(
    "Taking the absolute value only hides the negative sign: a perfect prediction still does not give 0. Square the "
    "error, (yhat - y) ** 2."
)
def hides_the_sign(yhat, y):
    return abs((y - yhat**2).mean())


@repair_mse.mistake(
    "It can no longer be negative, but the prediction is squared before the subtraction as well. Square the error "
    "alone: (yhat - y) ** 2."
)
def squares_twice(yhat, y):
    return ((y - yhat**2) ** 2).mean()


@repair_mse.mistake(
    "You subtract the squares: y² - yhat² is not (y - yhat)², and it can be negative. Subtract first, then square."
)
def subtracts_the_squares(yhat, y):
    return (y**2 - yhat**2).mean()


@repair_mse.mistake("The square is gone, so positive and negative errors cancel. Square the error: (yhat - y) ** 2.")
def drops_the_square(yhat, y):
    return (yhat - y).mean()


@repair_mse.mistake("You square the mean of the errors. Square each error first, then average.")
def squares_the_mean(yhat, y):
    return (yhat - y).mean() ** 2


@repair_mse.mistake("Those are absolute errors (the MAE). The mean squared error squares them: (yhat - y) ** 2.")
def takes_absolute_errors(yhat, y):
    return np.abs(yhat - y).mean()


@repair_mse.mistake("You sum the squared errors. The fault was the square; the mean was right, so keep it.")
def sums_the_squares(yhat, y):
    return ((yhat - y) ** 2).sum()


@repair_mse.mistake("You take a root at the end: that is the RMSE. The mean squared error has none.")
def takes_the_root(yhat, y):
    return np.sqrt(((yhat - y) ** 2).mean())


# Repair the gradients ----------------------------------------------------------------------------------------------


def _lines(rng):
    for label, x, y, b, w in _noisy_lines(rng):
        yield Case(label, x, y, b, w, call=_called("gradients", x=x, y=y, b=b, w=w))
    x, y = _line(rng, 5)
    low = float(y.min()) - 1.0
    yield Case("a line below all points", x, y, low, 0.0, call=_called("gradients", x=x, y=y, b=low, w=0.0))


@exercise(
    inputs=_lines,
    returns=("b_grad", "w_grad"),
    hints=(
        "Ask gradient_check: what does a relative error of 1 say about the two gradients?",
        "The loss is the mean of error² with error = yhat - y. Its derivative by b is the mean of 2 · error. Where "
        "does the minus come from in texts that write -2? What do they call the error there?",
    ),
)
def repair_gradients(x, y, b, w):
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
    error = b + w * x - y
    return 2 * error.mean(), 2 * (x * error).mean()


@repair_gradients.mistake(
    "The sign is still wrong, so the update climbs. -2 belongs to the error y - yhat, and +2 to the error yhat - y; "
    "here the two are mixed. Change one of them, not both."
)
def still_uphill(x, y, b, w):
    b_grad, w_grad = repair_gradients(x, y, b, w)
    return -b_grad, -w_grad


@repair_gradients.mistake(
    "The sign is right now, but the factor 2 went away with the minus: the derivative of error² is 2 · error."
)
def drops_the_two(x, y, b, w):
    b_grad, w_grad = repair_gradients(x, y, b, w)
    return b_grad / 2, w_grad / 2


@repair_gradients.mistake("The sign is still wrong, and the factor 2 is gone as well: only the minus was the fault.")
def keeps_only_the_minus(x, y, b, w):
    b_grad, w_grad = repair_gradients(x, y, b, w)
    return -b_grad / 2, -w_grad / 2


@repair_gradients.mistake(
    "The absolute value makes every gradient positive, but a gradient must be negative where the loss falls. Repair "
    "the sign, do not remove it."
)
def removes_the_sign(x, y, b, w):
    b_grad, w_grad = repair_gradients(x, y, b, w)
    return abs(b_grad), abs(w_grad)


@repair_gradients.mistake(
    "Turning the error around needs brackets: y - b + w * x adds w * x. Write y - (b + w * x), or leave the error as "
    "it was."
)
def turns_around_without_brackets(x, y, b, w):
    error = y - b + w * x
    return -2 * error.mean(), -2 * (x * error).mean()


@repair_gradients.mistake("w_grad has lost its x: it is the mean of 2 · x · error. Only the sign was the fault.")
def loses_x(x, y, b, w):
    b_grad, _ = repair_gradients(x, y, b, w)
    return b_grad, b_grad


@repair_gradients.mistake("The two gradients are exchanged: return b_grad first, then w_grad.")
def exchanges_gradients(x, y, b, w):
    b_grad, w_grad = repair_gradients(x, y, b, w)
    return w_grad, b_grad


@repair_gradients.mistake("The gradients are sums over the points now; they were means, and that was right.")
def sums_over_points(x, y, b, w):
    b_grad, w_grad = repair_gradients(x, y, b, w)
    return len(x) * b_grad, len(x) * w_grad


@repair_gradients.mistake(
    "w_grad is the mean of x times the mean of the error now; multiply point by point, then average. Only the sign was "
    "the fault."
)
def multiplies_the_means(x, y, b, w):
    b_grad, _ = repair_gradients(x, y, b, w)
    return b_grad, x.mean() * b_grad


# Repair the loop ---------------------------------------------------------------------------------------------------


def _trainings(rng):
    for label, n, n_epochs in (("three epochs", 5, 3), ("ten epochs", 12, 10), ("one epoch", 6, 1), ("no epoch", 3, 0)):
        (x, y), (b, w), lr = _line(rng, n), _parameters(rng), float(rng.integers(2, 10) / 100)
        call = _called("train", x=x, y=y, b=b, w=w, lr=lr, n_epochs=n_epochs)
        yield Case(label, x, y, b, w, lr, n_epochs, call=call)


@exercise(
    inputs=_trainings,
    returns=("b", "w", "log"),
    builds_on=(repair_mse, repair_gradients),
    hints=(
        "Run train(x, y, 0.0, 0.0, 0.05, 3) in a cell of its own. Read the last line of the error first: it says what "
        "went wrong. Repair that, and run again, until nothing is raised.",
        "Inside train, `mse` can be a function or a list, but not both: give the list another name.",
        "Which of the two lists is filled, and which one is returned?",
    ),
)
def repair_train(x, y, b, w, lr, n_epochs):
    """Gradient descent with a log of the loss.

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
    log : list of float
        ``log[i]`` is the loss just before update ``i``, so there are `n_epochs` of them.
    """
    log = []
    for _ in range(n_epochs):
        log.append(repair_mse(b + w * x, y))
        b_grad, w_grad = repair_gradients(x, y, b, w)
        b, w = b - lr * b_grad, w - lr * w_grad
    return b, w, log


@repair_train.mistake(
    "Inside train, the name `mse` is a list, and it hides the function `mse`: a list cannot be called. Give the list "
    "another name, and the function can be reached again."
)
def hides_the_function(x, y, b, w, lr, n_epochs):
    mse = []
    for _ in range(n_epochs):
        mse.append(mse(b + w * x, y))
    return b, w, mse


@repair_train.mistake(
    "`gradient` is called and `gradients` is defined. Python takes names literally: write the name with its s."
)
def calls_a_name_that_is_not_there(x, y, b, w, lr, n_epochs):
    for _ in range(n_epochs):
        b_grad, w_grad = gradient(x, y, b, w)  # noqa: F821 -- the mistake is that there is no such name
        b, w = b - lr * b_grad, w - lr * w_grad
    return b, w, []


@repair_train.mistake(
    "b and w are right, but the log comes back empty: the losses are collected in another list, or in none. Append "
    "each loss to the list that you return."
)
def returns_an_empty_log(x, y, b, w, lr, n_epochs):
    b, w, _ = repair_train(x, y, b, w, lr, n_epochs)
    return b, w, []


@repair_train.mistake(
    "The log holds only the last loss: it is made anew in every round. Make the empty list once, before the loop."
)
def makes_the_log_anew(x, y, b, w, lr, n_epochs):
    b, w, log = repair_train(x, y, b, w, lr, n_epochs)
    return b, w, log[-1:]


@repair_train.mistake(
    "The log is recorded after the update; log[i] is the loss just before update i, so record it first."
)
def logs_after_the_update(x, y, b, w, lr, n_epochs):
    b_end, w_end, _ = repair_train(x, y, b, w, lr, n_epochs)
    _, _, log = repair_train(x, y, b, w, lr, n_epochs + 1)
    return b_end, w_end, log[1:]


@repair_train.mistake(
    "The program runs now, but it climbs: the sign of the step is wrong. If your train calls your gradients, make "
    "their check pass first, and leave `b - lr * b_grad` as it was."
)
def climbs(x, y, b, w, lr, n_epochs):
    return repair_train(x, y, b, w, -lr, n_epochs)


@repair_train.mistake(
    "b and w are right; the log holds means of y - yhat², which are no losses. Make the check of your mse pass first, "
    "then run this one again."
)
def logs_the_broken_loss(x, y, b, w, lr, n_epochs):
    log = []
    for _ in range(n_epochs):
        log.append((y - (b + w * x) ** 2).mean())
        b, w, _ = repair_train(x, y, b, w, lr, 1)
    return b, w, log


@repair_train.mistake(
    "The program runs now, but both functions that it calls are still broken. Make the checks of your mse and of your "
    "gradients pass first, then run this one again."
)
def calls_two_broken_functions(x, y, b, w, lr, n_epochs):
    # One climbing round is one round with -lr.
    return logs_the_broken_loss(x, y, b, w, -lr, n_epochs)


@repair_train.mistake(
    "w is updated with a gradient that was computed after b had moved. Compute both gradients, then update both."
)
def updates_in_turn(x, y, b, w, lr, n_epochs):
    log = []
    for _ in range(n_epochs):
        log.append(((b + w * x - y) ** 2).mean())
        b = b - lr * 2 * (b + w * x - y).mean()
        w = w - lr * 2 * (x * (b + w * x - y)).mean()
    return b, w, log


@repair_train.mistake(
    "`return` stands inside the loop, so it ends after the first round. Indent it like the line with `for`."
)
def returns_after_one_round(x, y, b, w, lr, n_epochs):
    return repair_train(x, y, b, w, lr, min(n_epochs, 1)) if n_epochs else None


# When to stop ------------------------------------------------------------------------------------------------------

_REASONS = ("epochs", "loss", "gradient")


@driver
def train_and_tell(attempt, x, y, b, w, lr, n_epochs, small_loss, small_gradient):
    """What the attempt returns, the reason in small letters; a reason that is no word of the three is refused."""
    result = attempt(x, y, b, w, lr, n_epochs, small_loss, small_gradient)
    if not isinstance(result, tuple | list) or len(result) != 4:
        return result
    *numbers, reason = result
    word = reason.strip().lower() if isinstance(reason, str) else reason
    if word not in _REASONS:
        raise Unusable(f'The reason is {reason!r}. It is one of three words: "epochs", "loss" or "gradient".')
    return *numbers, word


def _even_line(rng, noise):
    """Four points whose x have mean 0 and mean square 1: each update shrinks the gradient by the same factor.

    No line can follow the noise, so the loss ends at its square. The start lies so far below the best b and w that both
    gradients are negative.
    """
    x = np.array([[-3.0], [-1.0], [1.0], [3.0]]) / np.sqrt(5)
    b, w = rng.uniform(1, 3, 2)
    y = b + w * x + noise * np.array([[1.0], [-1.0], [-1.0], [1.0]])
    return x, y, float(b - rng.uniform(1, 2)), float(w - rng.uniform(1, 2))


def _between(before, after):
    """A threshold far from both, so that < or <=, and any sensible length of a gradient, tell the same round."""
    return float(f"{np.sqrt(before * after):.3g}")


def _lengths_of_gradients(x, y, b, w, lr, n_epochs):
    for _ in range(n_epochs):
        yield np.hypot(*repair_gradients(x, y, b, w))
        b, w, _ = repair_train(x, y, b, w, lr, 1)


def _trainings_to_stop(rng):
    def case(label, *arguments):
        names = ("x", "y", "b", "w", "lr", "n_epochs", "small_loss", "small_gradient")
        return Case(label, *arguments, call=_called("train_until", **dict(zip(names, arguments, strict=True))))

    lr = 0.35
    last = int(rng.integers(3, 6))
    start = _even_line(rng, 0.0)
    *_, before, after = repair_train(*start, lr, last + 1)[2]
    yield case("no noise, so the loss gets small", *start, lr, 8, _between(before, after), 1e-9)
    start = _even_line(rng, 0.3)
    *_, before, after = _lengths_of_gradients(*start, lr, last + 1)
    yield case("noise, so only the gradient gets small", *start, lr, 8, 1e-3, _between(before, after))
    yield case("few epochs", *_line(rng, 6), *_parameters(rng), 0.05, 3, 1e-9, 1e-9)
    x, y, _, w = _even_line(rng, 0.3)
    yield case("only w is wrong at the start", x, y, float(y.mean()), w, lr, 4, 1e-3, 0.01)
    x = rng.integers(-4, 5, (5, 1)).astype(float)
    yield case("on the line from the start", x, 1.5 - 0.5 * x, 1.5, -0.5, 0.1, 5, 0.01, 0.01)
    yield case("no epoch", *_line(rng, 3), *_parameters(rng), 0.05, 0, 0.01, 0.01)


@exercise(
    inputs=_trainings_to_stop,
    driver=train_and_tell,
    returns=("b", "w", "losses", "reason"),
    builds_on=(repair_mse, repair_gradients),
    hints=(
        "Begin with the loop of train. A `return` inside the loop ends it at once, and can say why.",
        'Right after losses.append(loss): if loss < small_loss: return b, w, losses, "loss".',
        "After the gradients, before the update: compare np.hypot(b_grad, w_grad) with small_gradient. Whoever gets to "
        "the end of the loop has used up the epochs.",
    ),
)
def train_until(x, y, b, w, lr, n_epochs, small_loss, small_gradient):
    """Gradient descent that stops as soon as one of three rules says so, and tells which.

    Each epoch computes the loss and records it, stops if it is small, computes the gradients, stops if they are
    small, and only then updates.

    Parameters
    ----------
    x, y : ndarray of shape (N, 1)
    b, w : float
        Where to start.
    lr : float
        Learning rate.
    n_epochs : int
        The largest number of epochs.
    small_loss : float
        Stop if the loss is smaller than that, in squared units of y.
    small_gradient : float
        Stop if the length of the gradient (b_grad, w_grad) is smaller than that.

    Returns
    -------
    b, w : float
        The parameters at the end.
    losses : list of float
        The loss of each epoch begun, the one that stopped included.
    reason : {"epochs", "loss", "gradient"}
        The rule that ended the training.
    """
    losses = []
    for _ in range(n_epochs):
        loss = repair_mse(b + w * x, y)
        losses.append(loss)
        if loss < small_loss:
            return b, w, losses, "loss"
        b_grad, w_grad = repair_gradients(x, y, b, w)
        if np.hypot(b_grad, w_grad) < small_gradient:
            return b, w, losses, "gradient"
        b, w = b - lr * b_grad, w - lr * w_grad
    return b, w, losses, "epochs"


@train_until.mistake(
    "b, w and losses are right, but the reason is not reported. Return it as the fourth value: who trains wants to "
    'know whether it arrived ("loss", "gradient") or ran out of time ("epochs").'
)
def reason_not_reported(x, y, b, w, lr, n_epochs, small_loss, small_gradient):
    return train_until(x, y, b, w, lr, n_epochs, small_loss, small_gradient)[:3]


@train_until.mistake(
    'It stops at the right moment, but the reason is always "epochs". Return the word of the rule that stopped it.'
)
def always_says_epochs(x, y, b, w, lr, n_epochs, small_loss, small_gradient):
    return *train_until(x, y, b, w, lr, n_epochs, small_loss, small_gradient)[:3], "epochs"


@train_until.mistake("A small loss does not stop it. Compare the loss with small_loss in every epoch.")
def ignores_the_loss(x, y, b, w, lr, n_epochs, small_loss, small_gradient):
    return train_until(x, y, b, w, lr, n_epochs, -1.0, small_gradient)


@train_until.mistake(
    "A small gradient does not stop it. With noise the loss never gets near zero, and this rule is the one that sees "
    "that nothing is left to gain."
)
def ignores_the_gradient(x, y, b, w, lr, n_epochs, small_loss, small_gradient):
    return train_until(x, y, b, w, lr, n_epochs, small_loss, -1.0)


@train_until.mistake("Only the number of epochs stops it. Compare the loss and the length of the gradient as well.")
def ignores_both(x, y, b, w, lr, n_epochs, small_loss, small_gradient):
    return train_until(x, y, b, w, lr, n_epochs, -1.0, -1.0)


@train_until.mistake(
    "The reason is noted, but the training goes on: after a rule has said stop, `return` or `break` has to follow."
)
def does_not_break(x, y, b, w, lr, n_epochs, small_loss, small_gradient):
    reason, losses = "epochs", []
    for _ in range(n_epochs):
        *_, [loss, *_], said = train_until(x, y, b, w, lr, 1, small_loss, small_gradient)
        losses.append(loss)
        reason = reason if said == "epochs" else said
        b, w, _ = repair_train(x, y, b, w, lr, 1)
    return b, w, losses, reason


@train_until.mistake(
    "The sign of the gradients is not taken off before they are compared: a gradient of -3 is below any small positive "
    "number, and still steep. Compare the length, np.hypot(b_grad, w_grad), or the absolute values."
)
def forgets_the_sign(x, y, b, w, lr, n_epochs, small_loss, small_gradient):
    losses = []
    for _ in range(n_epochs):
        losses.append(repair_mse(b + w * x, y))
        if losses[-1] < small_loss:
            return b, w, losses, "loss"
        if max(repair_gradients(x, y, b, w)) < small_gradient:
            return b, w, losses, "gradient"
        b, w, _ = repair_train(x, y, b, w, lr, 1)
    return b, w, losses, "epochs"


@train_until.mistake(
    "It looks at one of the two gradients only. Where b_grad is small, w can still have far to go: compare the length "
    "of both together."
)
def looks_at_b_grad_only(x, y, b, w, lr, n_epochs, small_loss, small_gradient):
    losses = []
    for _ in range(n_epochs):
        losses.append(repair_mse(b + w * x, y))
        if losses[-1] < small_loss:
            return b, w, losses, "loss"
        if abs(repair_gradients(x, y, b, w)[0]) < small_gradient:
            return b, w, losses, "gradient"
        b, w, _ = repair_train(x, y, b, w, lr, 1)
    return b, w, losses, "epochs"


@train_until.mistake(
    "It stops too early by the gradient: b_grad² + w_grad² is the square of the length. Take the root, "
    "np.hypot(b_grad, w_grad)."
)
def forgets_the_root(x, y, b, w, lr, n_epochs, small_loss, small_gradient):
    return train_until(x, y, b, w, lr, n_epochs, small_loss, np.sqrt(small_gradient))


@train_until.mistake(
    "It stops by the wrong rule: a small change of the loss from one epoch to the next is not a small loss. Compare "
    "the loss itself with small_loss."
)
def stops_on_a_small_change(x, y, b, w, lr, n_epochs, small_loss, small_gradient):
    losses = []
    for _ in range(n_epochs):
        losses.append(repair_mse(b + w * x, y))
        if len(losses) > 1 and abs(losses[-1] - losses[-2]) < small_loss:
            return b, w, losses, "loss"
        if np.hypot(*repair_gradients(x, y, b, w)) < small_gradient:
            return b, w, losses, "gradient"
        b, w, _ = repair_train(x, y, b, w, lr, 1)
    return b, w, losses, "epochs"


@train_until.mistake(
    "The comparison with small_loss is the wrong way round: it stops while the loss is still large. Stop if loss < "
    "small_loss."
)
def stops_while_the_loss_is_large(x, y, b, w, lr, n_epochs, small_loss, small_gradient):
    losses = []
    for _ in range(n_epochs):
        losses.append(repair_mse(b + w * x, y))
        if losses[-1] > small_loss:
            return b, w, losses, "loss"
        if np.hypot(*repair_gradients(x, y, b, w)) < small_gradient:
            return b, w, losses, "gradient"
        b, w, _ = repair_train(x, y, b, w, lr, 1)
    return b, w, losses, "epochs"


@train_until.mistake(
    'The gradient is asked before the loss. Where both are small, the reason is "loss": that rule comes first in every '
    "epoch."
)
def asks_the_gradient_first(x, y, b, w, lr, n_epochs, small_loss, small_gradient):
    losses = []
    for _ in range(n_epochs):
        losses.append(repair_mse(b + w * x, y))
        if np.hypot(*repair_gradients(x, y, b, w)) < small_gradient:
            return b, w, losses, "gradient"
        if losses[-1] < small_loss:
            return b, w, losses, "loss"
        b, w, _ = repair_train(x, y, b, w, lr, 1)
    return b, w, losses, "epochs"


@train_until.mistake(
    "One update too many: b and w move once more after the rule said stop, so the loss that stopped it is not theirs. "
    "Ask the rules before the update."
)
def updates_once_more(x, y, b, w, lr, n_epochs, small_loss, small_gradient):
    b, w, losses, reason = train_until(x, y, b, w, lr, n_epochs, small_loss, small_gradient)
    if reason != "epochs":
        b, w, _ = repair_train(x, y, b, w, lr, 1)
    return b, w, losses, reason


@train_until.mistake(
    "The loss that stopped the training is missing from losses. Append it first, then ask whether it is small."
)
def leaves_out_the_last_loss(x, y, b, w, lr, n_epochs, small_loss, small_gradient):
    b, w, losses, reason = train_until(x, y, b, w, lr, n_epochs, small_loss, small_gradient)
    return b, w, losses if reason == "epochs" else losses[:-1], reason


@train_until.mistake(
    "It climbs: the sign of the step is wrong. If your train_until calls your gradients, make their check pass first."
)
def stops_after_climbing(x, y, b, w, lr, n_epochs, small_loss, small_gradient):
    return train_until(x, y, b, w, -lr, n_epochs, small_loss, small_gradient)


@train_until.mistake(
    "The loss is the mean of y - yhat², which is below any small number as soon as the predictions are large, so that "
    'it stops at once and says "loss". Make the check of your mse pass first.'
)
def believes_the_broken_loss(x, y, b, w, lr, n_epochs, small_loss, small_gradient):
    losses = []
    for _ in range(n_epochs):
        losses.append((y - (b + w * x) ** 2).mean())
        if losses[-1] < small_loss:
            return b, w, losses, "loss"
        if np.hypot(*repair_gradients(x, y, b, w)) < small_gradient:
            return b, w, losses, "gradient"
        b, w, _ = repair_train(x, y, b, w, lr, 1)
    return b, w, losses, "epochs"


# Quiz --------------------------------------------------------------------------------------------------------------

size_of_h = Quiz(
    "size_of_h",
    "You compute slopes by central differences. What is true about h?",
    a=wrong(
        "The smaller h is, the more exact is the slope.",
        "look at the left arm of the V: below some h the error grows again.",
    ),
    b=right(
        "While h is not too small, a tenth of h makes the error about a hundred times as small.",
        "the truncation error goes like h². What does that say on the right arm of the V?",
    ),
    c=right(
        "When h is tiny, f(x + h) and f(x - h) agree in nearly all digits, and their difference keeps only the rest.",
        "a float has 16 digits. How many of them are left in a difference of two numbers that nearly agree?",
    ),
    d=wrong(
        "With h = 1e-20 you get the derivative exactly.",
        "1 + 1e-20 is 1 for a computer, so that the difference is 0, and so is the slope.",
    ),
)

held_variable = Quiz(
    "held_variable",
    "f(b, w) = b · w². What is the partial derivative of f with respect to w at b = 3, w = 2?",
    a=wrong("0", "that comes out when b is set to 0. Hold b at the value it has, 3."),
    b=wrong("4", "that is w², the partial derivative with respect to b."),
    c=right("12", "hold b at 3: what is the derivative of 3 · w² with respect to w, at w = 2?"),
    d=wrong("16", "that is the sum of both partial derivatives: both variables were moved at once."),
)

error_of_one = Quiz(
    "error_of_one",
    "A gradient check of your formula returns a relative error of 1. What do you look for first?",
    a=wrong("Rounding", "rounding leaves a relative error near 1e-10, not 1."),
    b=right("A reversed sign", "put grad and -grad into the fraction. What comes out?"),
    c=wrong("A missing factor 2", "put grad and 2 · grad into the fraction: 1/3 comes out."),
    d=wrong("An h that is a bit too large", "that makes the numerical gradient a little wrong, not wrong by its size."),
)

which_rule_stops = Quiz(
    "which_rule_stops",
    "The data are noisy: the best line has a loss of 0.3. You train with small_loss = 0.1, small_gradient = 1e-6 and "
    "n_epochs = 1000000, and lr is well chosen. What is true?",
    a=wrong("It stops because the loss is small.", "no line has a loss below 0.3, so it never gets below 0.1."),
    b=right("It stops because the gradient is small.", "what happens to the slope near the bottom of a valley?"),
    c=wrong(
        "It uses all epochs.", "near the best line the slope goes to 0, and one of the rules sees that much earlier."
    ),
    d=right("At the end the loss is about 0.3.", "where is the slope of the loss 0, and how high is the loss there?"),
)
