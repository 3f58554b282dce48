"""The panel of lesson 08, hundreds of learning rates as one picture, and the lesson's own figures."""

import math
from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter
from numpy.typing import ArrayLike, NDArray

from gdexercises.figures import BLUE, GREEN, GREY, INK, ORANGE, VERMILLION, Picture, house_style, number
from gdexercises.tuning import LogSlider, Panel, Slider, Stage, quiet_while_graded

__all__ = ["gradients_of_points", "loss_map", "program_sizes", "sweep_map"]

# The points of the lesson.
_SEED = 42
_POINTS = 100
_RATES = 300
_EPOCHS = 60
# The loss relative to the start, in powers of ten: below 0 it has fallen, above 0 it has grown.
_SPAN = 4.0
_FALLEN_OR_GROWN = LinearSegmentedColormap.from_list("fallen or grown", ["#004c7f", BLUE, "#f7f7f7", ORANGE, "#8a3b00"])
_BOUND = {"color": INK, "linestyle": "--", "linewidth": 1.8}
_CURSOR = {"color": GREEN, "linewidth": 2.2}
_BOX = {"boxstyle": "round,pad=0.25", "facecolor": "white", "edgecolor": "none", "alpha": 0.85}


def _relative(losses: ArrayLike, start: ArrayLike) -> NDArray[np.float64]:
    """Return log10 of losses over the loss at the start, within the span of the colours; what overflowed has grown."""
    with np.errstate(all="ignore"):
        powers = np.log10(np.asarray(losses, dtype=np.float64) / start)
    return np.clip(np.nan_to_num(powers, nan=_SPAN, posinf=_SPAN, neginf=-_SPAN), -_SPAN, _SPAN)


def _log_ticks(axes: Axes, low: float, high: float) -> None:
    """Label an axis of log10(lr) with learning rates."""
    powers = range(math.ceil(low - 1e-3), math.floor(high + 1e-3) + 1)  # learning rates may be of single precision
    axes.set_xticks([min(max(power, low), high) for power in powers], [f"{10.0**power:g}" for power in powers])
    minor = [
        math.log10(digit * 10.0**power) for power in range(math.floor(low), math.ceil(high)) for digit in range(2, 10)
    ]
    axes.set_xticks([place for place in minor if low <= place <= high], minor=True)


def _draw_map(axes: Axes, powers: NDArray[np.float64], low: float, high: float):
    """Draw losses, shape (learning rates, epochs), with an axis of log10(lr); return the image."""
    image = axes.imshow(
        powers.T,
        origin="lower",
        aspect="auto",
        interpolation="nearest",
        extent=(low, high, -0.5, powers.shape[1] - 0.5),
        cmap=_FALLEN_OR_GROWN,
        vmin=-_SPAN,
        vmax=_SPAN,
    )
    _log_ticks(axes, low, high)
    axes.set(xlim=(low, high), xlabel="lr (learning rate, log scale)", ylabel="epoch")
    return image


def _name_sides(axes: Axes, height: float) -> tuple[Text, Text]:
    """Write on either side of a border what the loss does there: colours alone do not say it to everyone."""
    words = (("has fallen", -8, "right"), ("has grown", 8, "left"))
    return tuple(
        axes.annotate(
            text, (0, height), (away, 0), textcoords="offset points", ha=side, va="center", fontsize=10, bbox=_BOX
        )
        for text, away, side in words
    )


def _colour_bar(figure: Figure, image, axes: Axes) -> None:
    bar = figure.colorbar(image, ax=axes, ticks=[-4, -2, 0, 2, 4], pad=0.02, fraction=0.06)
    bar.ax.set_yticklabels(["≤ 1/10⁴", "1/100", "1", "100", "≥ 10⁴"])
    bar.set_label("loss / loss at the start")


# The panel ----------------------------------------------------------------------------------------------------------


class _Losses:
    """Losses of gradient descent on noisy points near y = -5x, for all learning rates at once."""

    def __init__(self, spread: float, n_points: int, b: float, w: float) -> None:
        x = spread * (2 * np.arange(_POINTS) / _POINTS - 1)
        y = -5 * x + 0.4 * np.random.default_rng(_SEED).standard_normal(_POINTS)
        # Always the same order: then one point more leaves the others where they are.
        chosen = np.random.default_rng(_SEED).permutation(_POINTS)[:n_points]
        x, y = x[chosen], y[chosen]
        design = np.column_stack([np.ones_like(x), x])
        self.curvatures, self.directions = np.linalg.eigh(2 * design.T @ design / len(x))
        best, *_ = np.linalg.lstsq(design, y, rcond=None)
        self.floor = float(np.mean((design @ best - y) ** 2))
        # In the direction of an eigenvector the loss is half its curvature times the squared distance.
        self.shares = self.curvatures / 2 * (self.directions.T @ (np.array([b, w]) - best)) ** 2

    @property
    def bound(self) -> float:
        """2 / L: above it the loss grows."""
        return float(2 / self.curvatures.max())

    def after(self, lr: ArrayLike, epochs: ArrayLike) -> NDArray[np.float64]:
        """Return the losses, shape (learning rates, epochs): an epoch multiplies a distance by 1 - lr · curvature."""
        factors = np.abs(1 - np.multiply.outer(np.asarray(lr, dtype=np.float64), self.curvatures))
        with np.errstate(over="ignore", invalid="ignore"):
            squares = factors[:, None, :] ** (2 * np.asarray(epochs)[None, :, None])
            return self.floor + squares @ self.shares


@quiet_while_graded
def sweep_map(
    *, spread: float = 5.0, n_points: int = 100, b: float = -20.0, w: float = -10.0, lr: float = 0.03
) -> Panel:
    """Return the panel with the losses of 300 learning rates as one picture, and the curve of one of them.

    Parameters
    ----------
    spread : float
        x lies between -spread and spread at first: the larger, the more the loss curves. With 5 and all 100 points,
        these are the points of the lesson.
    n_points : int
        The number of points at first, at most 100.
    b, w : float
        Where all trainings start at first.
    lr : float
        The learning rate of the cursor at first.
    """
    low, high = -3.0, 1.0
    rates = np.logspace(low, high, _RATES)
    epochs = np.arange(_EPOCHS + 1)
    with house_style():
        figure = Figure(figsize=(9.6, 4.0))
        area, curve = figure.subplots(1, 2, width_ratios=(1.35, 1))
        figure.subplots_adjust(left=0.06, right=0.985, bottom=0.135, top=0.83, wspace=0.42)
        stage = Stage(figure)
        image = stage.moving(_draw_map(area, np.zeros((_RATES, _EPOCHS + 1)), low, high))
        _colour_bar(figure, image, area)
        area.set_title("300 learning rates: blue has fallen, orange grown")
        curve.set(yscale="log", ylim=(1e-2, 1e6), xlim=(-1, _EPOCHS + 1))
        curve.set(xlabel="epoch", ylabel="loss (MSE, log scale)", title="Loss at the cursor's lr")
        curve.grid(axis="y", color="#e6e6e6", linewidth=0.8)
        bound_line = stage.moving(area.axvline(0.0, **_BOUND))
        cursor = stage.moving(area.axvline(0.0, **_CURSOR))
        mark = stage.moving(
            area.plot([0], [_EPOCHS / 2], "D", color=GREEN, markeredgecolor=INK, markersize=8, clip_on=False)[0]
        )
        bound_text = stage.moving(
            area.annotate("", (0, 0.93), (8, 0), area.get_xaxis_transform(), "offset points", va="center", bbox=_BOX)
        )
        sides = [stage.moving(text) for text in _name_sides(area, 0.6 * _EPOCHS)]
        trace = stage.moving(curve.plot([], [], "-", color=GREEN, marker="D", markersize=4, markevery=5)[0])
        floor = stage.moving(curve.axhline(1.0, color=GREY, linewidth=1, linestyle=":"))
        alarm = stage.moving(figure.text(0.06, 0.94, "", color="#a33c00", fontsize=11, fontweight="bold"))

    def show(lr: float, spread: float, n_points: float, b: float, w: float) -> str:
        run = _Losses(spread, int(n_points), b, w)
        losses = run.after(rates, epochs)
        image.set_data(_relative(losses, losses[:, :1]).T)
        border, here = math.log10(run.bound), math.log10(lr)
        bound_line.set_xdata([border] * 2)
        cursor.set_xdata([here] * 2)
        mark.set_xdata([here])
        for text in (bound_text, *sides):
            text.xy = (border, text.xy[1])
        bound_text.set_text(f"2/L = {number(run.bound)}")
        [own] = run.after([lr], epochs)
        trace.set_data(epochs, np.clip(own, 1e-2, 1e9))
        floor.set_ydata([max(run.floor, 1e-2)] * 2)
        alarm.set_text("Diverges: this lr is above 2/L" if lr > run.bound else "")
        flat, steep = map(number, run.curvatures)
        below = int(np.sum(rates < run.bound))
        return (
            f"Curvatures {flat} and L = {steep}, so 2/L = {number(run.bound)}: {below} of the {_RATES} learning rates "
            f"are below it. {_say_curve(lr, own, run.bound)}"
        )

    controls = {
        "lr": LogSlider("lr (cursor, log scale)", lr, 10**low, 10**high),
        "spread": Slider("spread of x", spread, 0.5, 10.0, 0.1),
        "n_points": Slider("number of points", n_points, 2, _POINTS, 1),
        "b": Slider("b at the start", b, -30.0, 30.0, 1.0),
        "w": Slider("w at the start", w, -30.0, 30.0, 1.0),
    }
    about = (
        "Two plots. Left: a map with the learning rate across, on a log scale, and the epoch upwards; the colour is "
        "the loss over the loss at the start, blue where it has fallen, orange where it has grown; a dashed line "
        "marks 2/L, a green line with a diamond the learning rate of the cursor. Right: the loss of that learning "
        "rate over the epochs on a log scale; a dotted line marks the lowest loss there is."
    )
    return Panel(stage, show, controls, about=about)


def _say_curve(lr: float, losses: NDArray[np.float64], bound: float) -> str:
    text = f"Cursor: lr = {number(lr)}, loss from {number(losses[0])} "
    if lr > bound:
        end = number(losses[-1]) if np.isfinite(losses[-1]) else "beyond the largest float"
        return f"{text}to {end} after {_EPOCHS} epochs: diverges, since lr is above 2/L."
    return f"{text}to {number(losses[-1])} after {_EPOCHS} epochs."


# Figures ------------------------------------------------------------------------------------------------------------


def loss_map(lrs: ArrayLike, losses: ArrayLike, *, bound: float | None = None, title: str = "") -> Picture:
    """Draw the losses of many learning rates as one picture: learning rate across, epoch upwards, loss as colour.

    Parameters
    ----------
    lrs : array of shape (L,)
        Learning rates, evenly spaced on a log scale.
    losses : array of shape (L, epochs)
        ``losses[i, j]`` is the loss at learning rate i before update j; inf and nan where it overflowed.
    bound : float, optional
        The largest stable learning rate, drawn as a line.
    title : str, optional
        What stands above.

    Returns
    -------
    Picture
    """
    lrs, losses = np.asarray(lrs, dtype=np.float64), np.asarray(losses, dtype=np.float64)
    powers = _relative(losses, losses[:, :1])
    low, high = np.log10(lrs[[0, -1]])
    fallen = powers[:, -1] < 0
    with house_style():
        figure = Figure(figsize=(7, 4.2), layout="constrained")
        axes = figure.add_subplot()
        image = _draw_map(axes, powers, low, high)
        _colour_bar(figure, image, axes)
        border = np.log10(lrs[fallen][-1]) if fallen.any() else low
        if bound is not None:
            border = np.log10(bound)
            axes.axvline(border, **_BOUND)
            place = (border, 0.93), (8, 0), axes.get_xaxis_transform(), "offset points"
            axes.annotate(f"2/L = {number(bound)}", *place, va="center", bbox=_BOX)
        for side in _name_sides(axes, 0.6 * losses.shape[1]):
            side.xy = (border, side.xy[1])
        axes.set_title(title or f"Loss of {len(lrs)} learning rates")
    lowest = np.nanmin(losses)
    near = lrs[losses[:, -1] <= 1.01 * lowest]
    best = f" Within 1 % of it are {number(near[0])} to {number(near[-1])}." if near.size else ""
    alt = (
        f"Map of the loss, {len(lrs)} learning rates from {number(lrs[0])} to {number(lrs[-1])} across on a log scale, "
        f"{losses.shape[1]} epochs upwards; blue where the loss is below that at the start, orange where it is above. "
        f"At the end {fallen.sum()} learning rates are below, the largest of them "
        f"{number(lrs[fallen].max(initial=0))}, and {(~fallen).sum()} are above. "
        f"The lowest loss is {number(lowest)}.{best}"
    )
    if bound is not None:
        alt += f" A dashed line marks 2/L = {number(bound)}."
    return Picture(figure, alt)


def program_sizes(sizes: Mapping[str, Mapping[int, int]]) -> Picture:
    """Draw how long the programs are that JAX makes of several functions, against the number of epochs.

    Parameters
    ----------
    sizes : mapping
        By what the function is called, the number of lines of its program by the number of epochs.

    Returns
    -------
    Picture
    """
    styles = ((VERMILLION, "--", "s"), (BLUE, "-", "o"), (GREEN, "-.", "D"))
    said = []
    with house_style():
        figure = Figure(figsize=(6, 3.6), layout="constrained")
        axes = figure.add_subplot(xscale="log", yscale="log")
        for (name, by_epochs), (color, dashes, mark) in zip(sizes.items(), styles, strict=False):
            axes.plot(*zip(*by_epochs.items(), strict=True), dashes, marker=mark, color=color, label=name)
            said.append(name + ": " + ", ".join(f"{lines} for {n}" for n, lines in by_epochs.items()) + ".")
        axes.set(
            xlabel="n_epochs (log scale)", ylabel="lines of the program (log scale)", title="Length of the program"
        )
        for axis in (axes.xaxis, axes.yaxis):  # 30 rather than 3 × 10¹
            axis.set_major_locator(LogLocator(subs=(1, 3)))
            axis.set_major_formatter(StrMethodFormatter("{x:g}"))
            axis.set_minor_formatter(NullFormatter())
        axes.legend()
    return Picture(figure, "Line plot of the number of lines of the program over n_epochs. " + " ".join(said))


def gradients_of_points(x: ArrayLike, w_grads: ArrayLike, mean: float) -> Picture:
    """Draw the gradient with respect to w of each point against its x, and their mean.

    Parameters
    ----------
    x : array of shape (N,)
    w_grads : array of shape (N,)
        In units of loss per unit of w.
    mean : float
        The gradient of all points.

    Returns
    -------
    Picture
    """
    x, values = np.asarray(x, dtype=np.float64), np.asarray(w_grads, dtype=np.float64)
    with house_style():
        figure = Figure(figsize=(6, 3.6), layout="constrained")
        axes = figure.add_subplot()
        axes.plot(x, values, "o", color=BLUE, markersize=5, alpha=0.75, label="one point each")
        axes.axhline(mean, color=VERMILLION, linestyle="--", label=f"mean, {number(mean)}")
        axes.set(xlabel="x of the point", ylabel="w_grad (loss per unit of w)", title="Gradient with respect to w")
        axes.legend()
    widest = int(np.argmax(np.abs(values)))
    alt = (
        f"Scatter plot of the gradient with respect to w of {x.size} points against x, from {number(values.min())} to "
        f"{number(values.max())}; the largest in size, {number(values[widest])}, is at x = {number(x[widest])}. A "
        f"dashed line marks their mean, {number(mean)}."
    )
    return Picture(figure, alt)
