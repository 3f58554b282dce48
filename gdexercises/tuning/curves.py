"""The panel of lesson 06, a parabola fitted on raw or on standardized features, and the lesson's own figures.

Tensors come in as they are and are only read; all is computed in NumPy.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from gdexercises.figures import (
    BLUE,
    GREEN,
    GREY,
    INK,
    ORANGE,
    VERMILLION,
    Picture,
    house_style,
    number,
    scatter,
)
from gdexercises.tuning import Counter, LogSlider, Panel, Stage, Toggle, quiet_while_graded

__all__ = ["compare_fits", "fits_in_a_row", "loss_curves", "scaling", "show_forecast", "slices"]

_NAMES = ("a", "b", "c")
_MARKS = ((BLUE, "o", "-"), (ORANGE, "s", "--"), (GREEN, "^", ":"))
_STYLES = ((VERMILLION, "--", "^"), (GREEN, "-", "o"), (BLUE, "-.", "s"))
# What is drawn of the way from the start (0) to the best value (1); beyond it, a mark stands at the edge.
_WAY = (-0.6, 1.6)


def _numbers(values: Any) -> NDArray[np.float64]:
    """Return the numbers in an array or a tensor, one after the other; one that requires gradients will do."""
    values = values.detach() if hasattr(values, "detach") else values
    return np.asarray(values, dtype=np.float64).ravel()


def _parabola(x: ArrayLike, params: ArrayLike) -> NDArray[np.float64]:
    a, b, c = params
    return a * np.square(x) + b * np.asarray(x) + c


def _rmse(x: ArrayLike, y: ArrayLike, params: ArrayLike) -> float:
    return float(np.sqrt(np.mean((_parabola(x, params) - y) ** 2)))


def _formula(params: ArrayLike) -> str:
    a, b, c = map(float, params)
    return f"{number(a)} x² {'-' if b < 0 else '+'} {number(abs(b))} x {'-' if c < 0 else '+'} {number(abs(c))}"


def _fine(x: NDArray[np.float64], room: float = 0.0) -> NDArray[np.float64]:
    return np.linspace(x.min() - room, x.max() + room, 200)


# The panel ----------------------------------------------------------------------------------------------------------


class _Bowl(NamedTuple):
    """The mean squared error over (a, b, c), seen through features that are shifted and scaled, or left as they are.

    ``to_raw`` maps parameters of these features to those of the raw ones, ``best`` is where the loss is lowest.
    """

    curvatures: NDArray[np.float64]
    directions: NDArray[np.float64]
    best: NDArray[np.float64]
    to_raw: NDArray[np.float64]

    @classmethod
    def of(cls, x: NDArray[np.float64], y: NDArray[np.float64], scaled: bool) -> "_Bowl":
        raw = np.stack([x**2, x, np.ones_like(x)], axis=1)
        mean, std = (raw.mean(axis=0), raw.std(axis=0)) if scaled else (np.zeros(3), np.ones(3))
        mean[2], std[2] = 0, 1
        design = (raw - mean) / std
        to_raw = np.diag(1 / std)
        to_raw[2] -= mean / std
        best = np.linalg.lstsq(design, y, rcond=None)[0]
        return cls(*np.linalg.eigh(2 * design.T @ design / x.size), best, to_raw)

    @property
    def largest_stable_lr(self) -> float:
        return float(2 / self.curvatures[-1])

    def descend(self, start: NDArray[np.float64], lr: float, n_epochs: int) -> NDArray[np.float64]:
        """Return the raw parameters at the start and after each epoch, shape (n_epochs + 1, 3), kept below 1e100."""
        away = self.directions.T @ (np.linalg.solve(self.to_raw, start) - self.best)
        with np.errstate(over="ignore", invalid="ignore"):
            shares = (1 - lr * self.curvatures) ** np.arange(n_epochs + 1)[:, None]
        shares = np.clip(np.nan_to_num(shares, posinf=1e100, neginf=-1e100), -1e100, 1e100)
        return (self.best + shares * away @ self.directions.T) @ self.to_raw.T


@quiet_while_graded
def scaling(
    x: ArrayLike, y: ArrayLike, start: ArrayLike, *, lr: float = 1e-4, n_epochs: int = 20, max_epochs: int = 300
) -> Panel:
    """Return the panel in which a parabola is fitted on raw or on standardized features.

    Parameters
    ----------
    x, y : array of shape (N,)
        The data.
    start : array of shape (3,)
        a, b and c of the first curve; on standardized features the first curve is the same.
    lr : float
        The learning rate at first.
    n_epochs : int
        The number of epochs at first.
    max_epochs : int
        The largest number of epochs.
    """
    x, y, start = map(_numbers, (x, y, start))
    bowls = {scaled: _Bowl.of(x, y, scaled) for scaled in (False, True)}
    best = bowls[False].best
    floor, first = _rmse(x, y, best), _rmse(x, y, start)
    limits = (floor / 2, 50 * first)
    fine = _fine(x)
    with house_style():
        figure = Figure(figsize=(9.6, 3.3))
        data, way, curve = figure.subplots(1, 3, width_ratios=(1.1, 1, 1))
        figure.subplots_adjust(left=0.055, right=0.985, bottom=0.15, top=0.83, wspace=0.27)
        stage = Stage(figure)
        scatter(data, x, y, markersize=4)
        data.plot(fine, _parabola(fine, best), "--", color=GREEN, linewidth=1.5, label="best")
        data.set(title="Data and curve", ylim=(y.min() - 0.25 * np.ptp(y), y.max() + 0.15 * np.ptp(y)))
        line = stage.moving(data.plot(fine, fine, color=VERMILLION, label="now")[0])
        data.legend(loc="upper left", fontsize=9)
        _draw_way(way)
        sticks = [stage.moving(way.plot([], [], "-", color=mark[0], linewidth=3)[0]) for mark in _MARKS]
        ends = [
            stage.moving(way.plot([], [], mark, color=color, markeredgecolor=INK, markersize=10)[0])
            for color, mark, _ in _MARKS
        ]
        curve.set(yscale="log", ylim=limits, xlim=(-0.03 * max_epochs, 1.03 * max_epochs), xlabel="epoch")
        curve.set(ylabel="RMSE (units of y, log scale)", title="RMSE after each epoch")
        curve.grid(axis="y", color="#e6e6e6", linewidth=0.8)
        curve.axhline(floor, color=GREY, linewidth=1)
        trace = stage.moving(curve.plot([], [], color=BLUE)[0])
        now = stage.moving(curve.plot([], [], "*", color=ORANGE, markeredgecolor=INK, markersize=14)[0])
        alarm = stage.moving(figure.text(0.055, 0.94, "", color="#a33c00", fontsize=11, fontweight="bold"))

    def show(lr: float, n_epochs: int, scaled: bool) -> str:
        bowl = bowls[scaled]
        steps = bowl.descend(start, lr, n_epochs)
        losses = np.array([_rmse(x, y, params) for params in steps])
        ways = (steps[-1] - start) / (best - start)
        line.set_ydata(np.clip(_parabola(fine, steps[-1]), -1e30, 1e30))
        for row, (stick, end, share) in enumerate(zip(sticks, ends, ways, strict=True)):
            share = float(np.clip(share, *_WAY))
            stick.set_data([0, share], [row, row])
            end.set_data([share], [row])
        drawn = np.clip(losses, limits[0], 1e30)
        trace.set_data(np.arange(n_epochs + 1), drawn)
        now.set_data([n_epochs], [min(drawn[-1], limits[1])])
        diverges = lr > bowl.largest_stable_lr
        alarm.set_text("Diverges" if diverges and losses[-1] > first else "")
        return _say(lr, n_epochs, scaled, steps[-1], losses[-1], ways, bowl, diverges)

    controls = {
        "lr": LogSlider("lr (log scale)", lr, 1e-6, 1.0),
        "n_epochs": Counter("epochs", n_epochs, max_epochs),
        "scaled": Toggle("Standardized features"),
    }
    about = (
        "Three plots. Left: the data with the curve now (red) and the best one (green, dashed). Middle: the share of "
        "the way from its start to its best value that each parameter has come, a as a blue circle, b as an orange "
        "square, c as a green triangle. Right: the RMSE after each epoch on a log scale, and the lowest there is."
    )
    return Panel(stage, show, controls, about=about)


def _draw_way(axes: Axes) -> None:
    for place, text in ((0, "start"), (1, "best")):
        axes.axvline(place, color=GREY, linewidth=1)
        axes.text(place, -0.62, text, ha="center", fontsize=9)
    axes.set(xlim=_WAY, ylim=(2.5, -0.8), yticks=range(3), yticklabels=_NAMES)
    axes.set(xlabel="share of the way (1 = all of it)", title="How far each has come")


def _say(
    lr: float,
    n_epochs: int,
    scaled: bool,
    params: NDArray[np.float64],
    loss: float,
    ways: NDArray[np.float64],
    bowl: _Bowl,
    diverges: bool,
) -> str:
    features = "standardized" if scaled else "raw"
    values = ", ".join(
        f"{name} = {number(value)} ({_percent(share)})" for name, value, share in zip(_NAMES, params, ways, strict=True)
    )
    limit = number(bowl.largest_stable_lr)
    fate = f"above the largest stable one, {limit}: it diverges" if diverges else f"below the limit, {limit}"
    return (
        f"After {n_epochs} epoch{'s' * (n_epochs != 1)} on {features} features: {values} of the way, "
        f"RMSE = {number(loss)}. lr = {number(lr)} is {fate}."
    )


def _percent(share: float) -> str:
    percent = round(100 * float(share), 1) + 0.0  # no minus before a zero
    return f"{percent:.1f} %" if abs(percent) < 1000 else f"{number(percent)} %"


# Figures ------------------------------------------------------------------------------------------------------------


def fits_in_a_row(x: ArrayLike, y: ArrayLike, steps: Sequence[ArrayLike], *, first: int = 0) -> Picture:
    """Draw the data and one curve a step, side by side.

    Parameters
    ----------
    x, y : array of shape (N,)
    steps : sequence of arrays of shape (3,)
        a, b and c before each update.
    first : int
        The epoch of the first of them.

    Returns
    -------
    Picture
    """
    x, y = _numbers(x), _numbers(y)
    steps = [_numbers(params) for params in steps]
    fine, said = _fine(x), []
    curves = np.array([_parabola(fine, params) for params in steps])
    low, high = min(y.min(), curves.min()), max(y.max(), curves.max())
    room = 0.05 * (high - low)
    with house_style():
        figure = Figure(figsize=(12.5, 2.3), layout="constrained")
        rows = figure.subplots(1, len(steps), sharex=True, sharey=True, squeeze=False)[0]
        for epoch, (axes, params, curve) in enumerate(zip(rows, steps, curves, strict=True), first):
            loss = _rmse(x, y, params)
            axes.plot(x, y, "o", color=BLUE, markersize=2.5)
            axes.plot(fine, curve, color=VERMILLION, linewidth=1.5)
            axes.set_title(f"epoch {epoch}\nRMSE {loss:.1f}", fontsize=9, loc="center")
            axes.set(ylim=(low - room, high + room), xticks=[0, 10], xlabel="x")
            axes.tick_params(labelsize=8)
            said.append(f"{epoch}: {loss:.1f}")
        rows[0].set_ylabel("y")
    alt = (
        f"{len(steps)} small plots side by side, each with the {x.size} data points (blue) and the parabola before "
        f"one update (red). RMSE by epoch: {', '.join(said)}."
    )
    return Picture(figure, alt)


def compare_fits(x: ArrayLike, y: ArrayLike, fits: Mapping[str, ArrayLike]) -> Picture:
    """Draw data and several parabolas, whole and, beside it, with the left third enlarged.

    Parameters
    ----------
    x, y : array of shape (N,)
    fits : mapping
        By what the parabola is called, its a, b and c.

    Returns
    -------
    Picture
    """
    x, y = _numbers(x), _numbers(y)
    fits = {name: _numbers(params) for name, params in fits.items()}
    split = x.min() + np.ptp(x) / 3
    near = x <= split
    fine, said = _fine(x), []
    with house_style():
        figure = Figure(figsize=(9, 3.4), layout="constrained")
        whole, left = figure.subplots(1, 2)
        for axes, chosen in ((whole, x == x), (left, near)):
            scatter(axes, x[chosen], y[chosen], label="data")
        for (name, params), (color, dashes, mark) in zip(fits.items(), _STYLES, strict=False):
            for axes in (whole, left):
                axes.plot(fine, _parabola(fine, params), dashes, color=color, marker=mark, markevery=14, label=name)
            ends = [number(value) for value in _parabola(x[near], params)]
            said.append(
                f"{name}: {_formula(params)}, RMSE {number(_rmse(x, y, params))}; there it is {', '.join(ends)}."
            )
        low, high = left.get_ylim()
        left.set(title="The left end", ylim=(min(low, -3), high))
        whole.set_title("All points")
        whole.legend()
    alt = (
        f"Two scatter plots of the data, all {x.size} points and the {near.sum()} with x up to {number(split)}, where "
        f"y is {', '.join(map(number, y[near]))}. {' '.join(said)}"
    )
    return Picture(figure, alt)


def slices(x: ArrayLike, y: ArrayLike, best: ArrayLike) -> Picture:
    """Draw how the mean squared error rises when one parameter is moved away from its best value.

    Parameters
    ----------
    x, y : array of shape (N,)
    best : array of shape (3,)
        a, b and c at the lowest loss.

    Returns
    -------
    Picture
    """
    x, y, best = map(_numbers, (x, y, best))
    shifts = np.linspace(-1, 1, 81)
    floor, said = _rmse(x, y, best) ** 2, []
    with house_style():
        figure = Figure(figsize=(6.4, 3.8), layout="constrained")
        axes = figure.add_subplot(yscale="log")
        for index, (name, (color, mark, dashes)) in enumerate(zip(_NAMES, _MARKS, strict=True)):
            losses = [_rmse(x, y, best + shift * np.eye(3)[index]) ** 2 for shift in shifts]
            axes.plot(
                shifts, losses, dashes, color=color, marker=mark, markevery=8, markersize=5, label=f"{name} moved"
            )
            said.append(f"{name}: from {number(floor)} to {number(losses[-1])}")
        axes.set(xlabel="distance of one parameter from its best value", ylabel="loss (MSE, log scale)")
        axes.set_title("The same distance, three slopes")
        axes.legend(loc="upper center")
    alt = (
        "Line plot of the mean squared error on a log scale, when a, b or c alone is moved by -1 to 1 from its best "
        f"value. Loss at distance 0 and 1, for {'; '.join(said)}."
    )
    return Picture(figure, alt)


def loss_curves(histories: Mapping[str, Sequence[float]]) -> Picture:
    """Draw the RMSE of several runs over the epochs, on a log scale.

    Parameters
    ----------
    histories : mapping
        By what the run is called, its losses: item i is the RMSE before epoch i, in units of y.

    Returns
    -------
    Picture
    """
    said = []
    with house_style():
        figure = Figure(figsize=(6.4, 3.6), layout="constrained")
        axes = figure.add_subplot(yscale="log")
        for (name, losses), (color, dashes, mark) in zip(histories.items(), _STYLES, strict=False):
            values = _numbers(losses)
            shown = np.where(np.isfinite(values), values, np.nan)
            axes.plot(shown, dashes, color=color, marker=mark, markersize=5, markevery=len(values) // 10, label=name)
            said.append(f"{name}: from {number(values[0])} to {number(values[-1])} (epoch {len(values) - 1}).")
        axes.set(xlabel="epoch", ylabel="RMSE (units of y, log scale)", title="RMSE before each epoch")
        axes.legend()
    return Picture(figure, "Line plot of the RMSE on a log scale over the epochs. " + " ".join(said))


def show_forecast(x: ArrayLike, y: ArrayLike, x_new: ArrayLike, yhat_new: ArrayLike) -> Picture:
    """Draw data and predictions at other x.

    Parameters
    ----------
    x, y : array of shape (N,)
    x_new, yhat_new : array of shape (M,)

    Returns
    -------
    Picture
    """
    x, y, x_new, yhat_new = map(_numbers, (x, y, x_new, yhat_new))
    with house_style():
        figure = Figure(figsize=(6, 3.4), layout="constrained")
        axes = figure.add_subplot()
        scatter(axes, np.append(x, x_new), np.append(y, yhat_new), linestyle="none", marker="")
        axes.plot(x, y, "o", color=BLUE, alpha=0.75, markersize=5, label=f"data ({x.size})")
        axes.plot(x_new, yhat_new, "--^", color=VERMILLION, linewidth=1, label=f"forecast ({x_new.size})")
        axes.set_title("Data and forecast")
        axes.legend(loc="upper left")
    alt = (
        f"Scatter plot of {x.size} data points, which end at y = {number(y[-1])}, and {x_new.size} predictions (red "
        f"triangles) at x from {number(x_new[0])} to {number(x_new[-1])}: {', '.join(map(number, yhat_new))}."
    )
    return Picture(figure, alt)
