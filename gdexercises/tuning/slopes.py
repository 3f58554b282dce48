"""The panel of lesson 02, a secant that turns into the tangent, and the lesson's own figures."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from gdexercises.figures import BLUE, GREEN, GREY, INK, ORANGE, VERMILLION, Picture, house_style, number
from gdexercises.tuning import LogSlider, Panel, Slider, Stage, Toggle, quiet_while_graded

__all__ = ["error_against_h", "secant", "slices", "stops"]

Curve = Callable[[NDArray], NDArray]

_EPS = float(np.finfo(float).eps)
_H = np.logspace(-15, 0, 121)
# A rounding error can be 0 by luck, which has no place on a log axis: it is drawn at the lower edge.
_ERRORS = (1e-14, 20.0)
_HALF_WIDTH = 2.3
_FAR = np.array([-3.0, 3.0])


@quiet_while_graded
def secant(f: Curve, derivative: Curve, name: str, *, x: float = 1.0, h: float = 1.0) -> Panel:
    """Return the panel in which a secant of a curve turns into the tangent as h shrinks.

    The second plot shows the error of the secant's slope against h: how it falls, and how it rises again.

    Parameters
    ----------
    f, derivative : callable
        The curve and its derivative, of numbers and of arrays.
    name : str
        How the curve is written, for the title.
    x, h : float
        The place and the step at first.
    """
    with house_style():
        figure = Figure(figsize=(9.6, 3.6))
        plane, errors = figure.subplots(1, 2)
        figure.subplots_adjust(left=0.075, right=0.985, bottom=0.15, top=0.9, wspace=0.22)
        stage = Stage(figure)
        grid = np.linspace(-_HALF_WIDTH, _HALF_WIDTH, 200)
        plane.plot(grid, f(grid), color=BLUE, label=f"f(x) = {name}")
        plane.set(xlim=(-_HALF_WIDTH, _HALF_WIDTH), xlabel="x", ylabel="f(x)", title="Curve, secant and tangent")
        plane.set_ylim(plane.get_ylim())
        line = stage.moving(plane.plot([], [], color=VERMILLION, label="secant")[0])
        # Over the secant, so that both are to be seen where they meet.
        tangent = stage.moving(plane.plot([], [], "--", color=GREEN, label="tangent at x")[0])
        ends = stage.moving(plane.plot([], [], "o", color="white", markeredgecolor=VERMILLION, markersize=8)[0])
        here = stage.moving(plane.plot([], [], "o", color=INK, markersize=5)[0])
        plane.legend(loc="upper left", fontsize=9)
        _log_axes(errors)
        one_sided = stage.moving(errors.plot([], [], **_ONE_SIDED)[0])
        central = stage.moving(errors.plot([], [], **_CENTRAL)[0])
        now = stage.moving(errors.plot([], [], **_NOW)[0])
        errors.legend(loc="lower left", fontsize=9)

    def show(x: float, h: float, one_sided_shown: bool) -> str:
        exact, method = float(derivative(x)), 0 if one_sided_shown else 1
        slopes = _slopes(f, x, h)
        left, right = (x, x + h) if one_sided_shown else (x - h, x + h)
        tangent.set_data(x + _FAR, f(x) + exact * _FAR)
        line.set_data(left + _FAR, f(left) + slopes[method] * _FAR)
        ends.set_data([left, right], [f(left), f(right)])
        here.set_data([x], [f(x)])
        for curve, values in zip((one_sided, central), _slopes(f, x, _H), strict=True):
            curve.set_data(_H, np.clip(np.abs(values - exact), *_ERRORS))
        error = abs(float(slopes[method]) - exact)
        now.set_data([h], [np.clip(error, *_ERRORS)])
        return _say(("One-sided", "Central")[method], x, h, float(slopes[method]), exact, error)

    controls = {
        "x": Slider("x (the place)", x, -1.2, 1.2, 0.1),
        "h": LogSlider("h (log scale)", h, float(_H[0]), 1.0, steps_per_decade=8),
        "one_sided_shown": Toggle("One-sided: from x to x + h"),
    }
    about = (
        f"Two plots. Left: the curve f(x) = {name} with a secant and the tangent at x. Right: the error of the slope "
        "against h, both on log scales, for one-sided (dashed, orange) and central differences (blue)."
    )
    return Panel(stage, show, controls, about=about)


_ONE_SIDED = {"color": ORANGE, "linestyle": "--", "linewidth": 1.5, "label": "one-sided"}
_CENTRAL = {"color": BLUE, "linewidth": 1.5, "label": "central"}
_NOW = {"marker": "*", "linestyle": "none", "color": ORANGE, "markeredgecolor": INK, "markersize": 14, "label": "now"}


def _slopes(f: Curve, x: float, h: ArrayLike) -> tuple[NDArray, NDArray]:
    """Return the one-sided and the central slope of ``f`` at ``x`` for a step or for many."""
    h = np.asarray(h)
    return (f(x + h) - f(x)) / h, (f(x + h) - f(x - h)) / (2 * h)


def _log_axes(axes: Axes) -> None:
    axes.set(xscale="log", yscale="log", xlim=(_H[0], 1.6), ylim=_ERRORS)
    axes.set(xlabel="h (log scale)", ylabel="error of the slope (log scale)", title="Error against h")
    axes.grid(color="#e6e6e6", linewidth=0.8)


def _say(method: str, x: float, h: float, slope: float, exact: float, error: float) -> str:
    best = _EPS ** (1 / 3 if method == "Central" else 1 / 2)
    arm = "h is large: most of the error is truncation." if h > best else "h is tiny: most of the error is rounding."
    if best / 10 < h < best * 10:
        arm = "h is near the best one, where truncation and rounding are about equal."
    return (
        f"{method} difference at x = {number(x)} with h = {number(h)}: slope {slope:.8g}, derivative {exact:.8g}, "
        f"error {number(error)}. {arm}"
    )


def error_against_h(h: ArrayLike, one_sided: ArrayLike, central: ArrayLike) -> Picture:
    """Draw the errors of two kinds of slopes against h, with the lines that theory predicts.

    Parameters
    ----------
    h : array of shape (n,)
    one_sided, central : array of shape (n,)
        Absolute errors of the slopes at these h.

    Returns
    -------
    Picture
    """
    h, one_sided, central = (np.asarray(values, dtype=np.float64) for values in (h, one_sided, central))
    with house_style():
        figure = Figure(figsize=(6, 4), layout="constrained")
        axes = figure.add_subplot()
        _log_axes(axes)
        axes.plot(h, np.clip(one_sided, *_ERRORS), marker="^", markersize=4, **_ONE_SIDED)
        axes.plot(h, np.clip(central, *_ERRORS), marker="o", markersize=4, **_CENTRAL)
        for values, text, place, away in (
            (h**2, "h²", 1e-3, (9, -15)),
            (3 * h, "3 h", 1e-5, (-9, 9)),
            (_EPS / h, "ε / h", 1e-12, (4, 8)),
        ):
            shown = values > 1e-11
            axes.plot(h[shown], values[shown], ":", color=GREY, linewidth=1.2, zorder=1)
            beside = {"xytext": away, "textcoords": "offset points", "color": INK}
            axes.annotate(text, (place, np.interp(place, h, values)), **beside)
        axes.legend(loc="lower left", fontsize=9)
    lowest = [(number(h[values.argmin()]), number(values.min())) for values in (one_sided, central)]
    alt = (
        "Line plot of the error of a slope against h, both on log scales. From the right, the error of the one-sided "
        "difference (dashed) falls like h and that of the central difference like h²; further left both rise like "
        f"ε / h. Lowest error of the one-sided difference: {lowest[0][1]} at h = {lowest[0][0]}; of the central one: "
        f"{lowest[1][1]} at h = {lowest[1][0]}."
    )
    return Picture(figure, alt)


def slices(loss: Callable[[float, float], float], b: float, w: float) -> Picture:
    """Draw the loss over w with b held at its value, and with b set to 0, each with its tangent at w.

    Parameters
    ----------
    loss : callable
        The loss as a function of b and w.
    b, w : float

    Returns
    -------
    Picture
    """
    held = (
        (b, f"b held at {number(b)}", BLUE, "-", "o", (-68, -12)),
        (0.0, "b set to 0", VERMILLION, "--", "^", (12, 2)),
    )
    grid, near, h = np.linspace(w - 2, w + 2, 101), np.array([-0.7, 0.7]), 1e-5
    said = []
    with house_style():
        figure = Figure(figsize=(6, 3.8), layout="constrained")
        axes = figure.add_subplot()
        for value, label, color, dashes, mark, away in held:
            slope = (loss(value, w + h) - loss(value, w - h)) / (2 * h)
            height = loss(value, w)
            axes.plot(grid, [loss(value, each) for each in grid], dashes, color=color, label=label)
            axes.plot(w + near, height + slope * near, color=INK, linewidth=1.2)
            axes.plot(w, height, mark, color=color, markeredgecolor=INK, markersize=8)
            axes.annotate(f"slope {number(slope)}", (w, height), xytext=away, textcoords="offset points")
            said.append(f"{label}: slope {number(slope)}, loss {number(height)} at w = {number(w)}")
        axes.margins(y=0.12)
        axes.set(xlabel="w (slope)", ylabel="loss (MSE)", title="Two slices through the loss")
        axes.legend()
    alt = f"Line plot of the loss over w, twice, with tangents (black). With {said[0]}. With {said[1]}."
    return Picture(figure, alt)


def stops(runs: Mapping[str, tuple[Sequence[float], str]]) -> Picture:
    """Draw the losses of several trainings, each up to where it stopped, with the reason.

    Parameters
    ----------
    runs : mapping
        The losses, one for each epoch, and the reason for stopping, by what the run is called.

    Returns
    -------
    Picture
    """
    styles = ((BLUE, "-", "o"), (ORANGE, "--", "^"), (GREEN, "-.", "s"), (VERMILLION, ":", "D"))
    said = []
    with house_style():
        figure = Figure(figsize=(6.4, 3.8), layout="constrained")
        axes = figure.add_subplot()
        axes.set(yscale="log", xscale="symlog", xlabel="epoch (log scale from 1 on)", ylabel="loss (MSE, log scale)")
        for (name, (losses, reason)), (color, dashes, mark) in zip(runs.items(), styles, strict=False):
            losses = np.asarray(losses, dtype=np.float64).ravel()
            axes.plot(losses, dashes, color=color, label=f'{name}: "{reason}"')
            axes.plot(losses.size - 1, losses[-1], mark, color=color, markeredgecolor=INK, markersize=9)
            said.append(f'{name}: {losses.size} epochs, loss {number(losses[-1])} at the end, reason "{reason}".')
        axes.set_title("Where each training stopped, and why")
        axes.legend(loc="lower left", fontsize=9)
    alt = "Line plot of the loss over the epochs, both on log scales, each curve up to where it stopped. "
    return Picture(figure, alt + " ".join(said))
