"""The course's figures: one house style, and a text alternative that travels with each picture.

Every figure is a pure function of its data. It draws on a `matplotlib.figure.Figure` of its own, so no figure stays
open behind the reader's back and any backend will do, and it returns a `Picture`, which shows as an image with an alt
text: notebook front ends drop the alt text of plain Matplotlib output.
"""

import base64
import html
import io
import logging
import os
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

# A first import may build a font cache and say so on stderr, where a grading tool reads it as a student's error.
_logger = logging.getLogger("matplotlib")
_level = _logger.level
_logger.setLevel(logging.ERROR)
import matplotlib  # noqa: E402
from matplotlib.axes import Axes  # noqa: E402
from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: E402
from matplotlib.colors import LinearSegmentedColormap  # noqa: E402
from matplotlib.figure import Figure  # noqa: E402

_logger.setLevel(_level)

__all__ = [
    "BLUE",
    "GREEN",
    "GREY",
    "INK",
    "LEVELS",
    "ORANGE",
    "VERMILLION",
    "LossBowl",
    "Picture",
    "Window",
    "contours",
    "data_split",
    "fitted_line",
    "house_style",
    "loss_curve",
    "loss_surface",
    "number",
    "scatter",
]

# Okabe and Ito's palette, told apart with every common kind of colour vision. A mark of its own goes with each colour.
BLUE, ORANGE, GREEN, VERMILLION = "#0072B2", "#E69F00", "#009E73", "#D55E00"
INK, GREY = "#222222", "#767676"
# Dark where the loss is low; lightness alone orders it, so it also reads in grey. Never so dark that marks drown.
LEVELS = LinearSegmentedColormap.from_list("levels", ["#7fb2d6", "#b9d5ea", "#e0ecf5", "#f6f9fc"])

_STYLE = {
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": GREY,
    "axes.titlesize": 11,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.facecolor": "white",
    "axes.formatter.limits": (-3, 4),
    "figure.facecolor": "white",
    "figure.dpi": 100,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "legend.frameon": False,
    "lines.linewidth": 2,
    "path.simplify": True,
}


@contextmanager
def house_style():
    """Make figures in the course's style, whatever style the reader's own session has set."""
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_STYLE)
        yield


def number(value: float) -> str:
    """Write a number with three significant digits: the same in pictures, alt texts and read-outs."""
    return f"{float(value):.3g}"


class Picture:
    """A figure and the text that stands for it where it cannot be seen.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        The drawn figure.
    alt : str
        What the figure shows, with its numbers. Plain text: it is escaped where HTML needs it.
    """

    def __init__(self, figure: Figure, alt: str) -> None:
        self.figure = figure
        self.alt = alt

    @cached_property
    def png(self) -> bytes:
        """The figure as PNG, at two image pixels for a CSS pixel so that it stays sharp on a dense screen."""
        buffer = io.BytesIO()
        with house_style():
            FigureCanvasAgg(self.figure)
            self.figure.savefig(buffer, format="png", dpi=2 * self.figure.dpi, metadata={"Software": None})
        return buffer.getvalue()

    @property
    def html(self) -> str:
        """An ``<img>`` that carries the PNG and the alt text in itself."""
        return image_html(self.png, self.alt, int(self.figure.get_figwidth() * self.figure.dpi))

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, str]:
        # Nobody looks while a notebook is graded, and drawing costs more than the answers: the alt text is enough.
        if os.environ.get("NBGRADER_EXECUTION"):
            return {"text/plain": self.alt}
        return {"text/html": self.html, "text/plain": self.alt}

    def __repr__(self) -> str:
        return self.alt


def image_html(png: bytes, alt: str, width: int) -> str:
    """Return an ``<img>`` element for ``png``, ``width`` CSS pixels wide and never wider than its column."""
    data = base64.b64encode(png).decode()
    style = "max-width: 100%; height: auto;"
    return f'<img src="data:image/png;base64,{data}" alt="{html.escape(alt)}" width="{width}" style="{style}">'


class Window(NamedTuple):
    """The part of the parameter plane that a map of the loss shows: the ranges of b and of w."""

    b_low: float
    b_high: float
    w_low: float
    w_high: float

    def clip(self, b: ArrayLike, w: ArrayLike, margin: float = 0.0) -> tuple[NDArray, NDArray]:
        """Move points to the window, or to a window wider by ``margin`` times its own size on every side."""
        b_margin, w_margin = margin * (self.b_high - self.b_low), margin * (self.w_high - self.w_low)
        return (
            np.clip(b, self.b_low - b_margin, self.b_high + b_margin),
            np.clip(w, self.w_low - w_margin, self.w_high + w_margin),
        )


@dataclass(frozen=True)
class LossBowl:
    """The mean squared error of the line ``b + w x``, as the bowl over (b, w) that it is.

    A quadratic is known from its lowest point and its curvature, so a whole map of the loss costs no pass over the
    data, and the loss near the bottom is not lost to rounding.

    Attributes
    ----------
    b, w : float
        Where the loss is lowest (the shortest such point, where the data leave a choice).
    floor : float
        The lowest loss, in squared units of y.
    x_mean, x_square : float
        Means of x and of x²: half the entries of the Hessian.
    y_spread : float
        Standard deviation of y, or another scale of y where that is zero.
    """

    b: float
    w: float
    floor: float
    x_mean: float
    x_square: float
    y_spread: float

    @classmethod
    def of(cls, x: ArrayLike, y: ArrayLike) -> "LossBowl":
        """Measure the bowl of the data ``x``, ``y``, arrays of shape (N, 1)."""
        x, y = _column(x), _column(y)
        x_scale = np.sqrt(np.mean(x**2)) or 1.0
        design = np.column_stack([np.ones_like(x), x / x_scale])
        (b, w), *_ = np.linalg.lstsq(design, y, rcond=None)
        w = w / x_scale
        floor = np.mean((b + w * x - y) ** 2)
        spread = y.std() if y.std() > 1e-9 * abs(y).max() else abs(y).max()
        return cls(*map(float, (b, w, floor, x.mean(), np.mean(x**2), spread or 1.0)))

    def __call__(self, b: ArrayLike, w: ArrayLike) -> NDArray[np.float64]:
        """Return the loss at ``b``, ``w`` (numbers or arrays of one shape)."""
        b, w = np.asarray(b, float) - self.b, np.asarray(w, float) - self.w
        return self.floor + b**2 + 2 * self.x_mean * b * w + self.x_square * w**2

    @property
    def largest_stable_lr(self) -> float:
        """2 / λ_max, λ_max the largest eigenvalue of the Hessian: above it gradient descent diverges."""
        half_hessian = [[1.0, self.x_mean], [self.x_mean, self.x_square]]
        return float(1 / np.linalg.eigvalsh(half_hessian)[-1])

    def window(self) -> Window:
        """Return round ranges of b and w around the bowl, its lowest point in neither centre nor corner."""
        b_half = _round_up(3 * self.y_spread)
        w_half = _round_up(3 * self.y_spread / (np.sqrt(self.x_square) or 1.0))
        b_middle = _round_to(self.b - 0.1 * b_half, b_half / 4)
        w_middle = _round_to(self.w - 0.2 * w_half, w_half / 4)
        return Window(b_middle - b_half, b_middle + b_half, w_middle - w_half, w_middle + w_half)


def _round_up(value: float) -> float:
    """Round up to 1, 2, 3, 4, 5, 6 or 8 times a power of ten."""
    power = 10.0 ** np.floor(np.log10(value))
    return next(float(digit * power) for digit in (1, 2, 3, 4, 5, 6, 8, 10) if digit * power >= value * (1 - 1e-12))


def _round_to(value: float, step: float) -> float:
    return float(np.round(value / step) * step)


def _column(values: ArrayLike) -> NDArray[np.float64]:
    """Return the values as a flat float64 array: what Matplotlib and the sums above want, whatever the dtype was."""
    return np.asarray(values, dtype=np.float64).ravel()


def _span(values: NDArray[np.float64], room: float = 0.08) -> tuple[float, float]:
    """Return axis limits with some room around the values, also where they are all the same."""
    low, high = float(values.min()), float(values.max())
    room = room * (high - low) or 0.5 * abs(high) or 0.5
    return low - room, high + room


def _figure(width: float, height: float) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.add_subplot()


def scatter(axes: Axes, x: ArrayLike, y: ArrayLike, **style) -> None:
    """Draw data points and set the limits and labels of ``axes`` by them."""
    x, y = _column(x), _column(y)
    axes.plot(x, y, **{"marker": "o", "color": BLUE, "alpha": 0.75, "markersize": 5, "linestyle": "none"} | style)
    axes.set(xlim=_span(x), ylim=_span(y, room=0.15), xlabel="x", ylabel="y")


def contours(axes: Axes, bowl: LossBowl, window: Window) -> list:
    """Draw the loss over the window as a map and return its artists; levels are denser near the lowest point."""
    b, w = np.meshgrid(np.linspace(*window[:2], 121), np.linspace(*window[2:], 121))
    loss = bowl(b, w)
    # In units of the highest loss on the map: Matplotlib merges levels closer than 1e-8 whatever the data's scale.
    rise = (loss - bowl.floor) / (loss.max() - bowl.floor)
    levels = np.linspace(0, 1, 13) ** 2
    bands = axes.contourf(b, w, rise, levels=levels, cmap=LEVELS, vmin=0, vmax=0.7)
    lines = axes.contour(b, w, rise, levels=levels[1:], colors=["#4c7ea3"], linewidths=0.5)
    return [bands, lines]


def label_map(axes: Axes, window: Window) -> None:
    """Set the limits and labels of a map over (b, w)."""
    axes.set(xlim=window[:2], ylim=window[2:], xlabel="b (intercept)", ylabel="w (slope)")


def data_split(x_train: ArrayLike, y_train: ArrayLike, x_val: ArrayLike, y_val: ArrayLike) -> Picture:
    """Draw the training and the validation data in one plot.

    Parameters
    ----------
    x_train, y_train : array of shape (N_train, 1)
    x_val, y_val : array of shape (N_val, 1)

    Returns
    -------
    Picture
    """
    sets = [_column(values) for values in (x_train, y_train, x_val, y_val)]
    x_train, y_train, x_val, y_val = sets
    with house_style():
        figure, axes = _figure(6, 3.6)
        scatter(axes, x_train, y_train, label=f"train ({x_train.size})")
        scatter(axes, x_val, y_val, label=f"validation ({x_val.size})", marker="^", color=VERMILLION, markersize=6)
        axes.set(xlim=_span(np.concatenate([x_train, x_val])), ylim=_span(np.concatenate([y_train, y_val]), 0.15))
        axes.set_title("Training and validation data")
        axes.legend()
    ranges = [f"x from {number(x.min())} to {number(x.max())}" for x in (x_train, x_val)]
    alt = (
        f"Scatter plot of y against x: {x_train.size} training points (blue circles), {ranges[0]}, "
        f"and {x_val.size} validation points (red triangles), {ranges[1]}."
    )
    return Picture(figure, alt)


def fitted_line(x: ArrayLike, y: ArrayLike, b: float, w: float, *, residuals: bool = False) -> Picture:
    """Draw data and the line ``b + w x``.

    Parameters
    ----------
    x, y : array of shape (N, 1)
    b, w : float
        Intercept and slope of the line.
    residuals : bool
        Also draw each point's error as a vertical line.

    Returns
    -------
    Picture
    """
    x, y, b, w = _column(x), _column(y), _scalar(b), _scalar(w)
    loss = number(np.mean((b + w * x - y) ** 2))
    with house_style():
        figure, axes = _figure(6, 3.6)
        scatter(axes, x, y, label=f"data ({x.size})")
        ends = np.array(axes.get_xlim())
        low, high = axes.get_ylim()
        line = b + w * ends
        if residuals:  # then the line belongs into the picture, however far off it is
            axes.set_ylim(min(low, *line), max(high, *line))
        axes.plot(ends, line, color=VERMILLION, label=f"ŷ = {_line(b, w)}")
        if residuals:
            axes.vlines(x, y, b + w * x, color=GREY, linewidth=0.8, zorder=1, label="error = ŷ − y")
        axes.set_title(f"Data and line, loss (MSE) {loss}")
        axes.legend()
    errors = " A grey vertical line from each point to the line is its error." if residuals else ""
    alt = (
        f"Scatter plot of {x.size} points with the line yhat = {_line(b, w)} in red. "
        f"Its mean squared error is {loss}.{errors}"
    )
    return Picture(figure, alt)


def _line(b: float, w: float) -> str:
    return f"{number(b)} {'-' if w < 0 else '+'} {number(abs(w))} x"


def loss_surface(x: ArrayLike, y: ArrayLike, path: ArrayLike | None = None) -> Picture:
    """Draw the mean squared error over (b, w) as a contour map, with a path of gradient descent on it.

    Parameters
    ----------
    x, y : array of shape (N, 1)
    path : array of shape (n_epochs + 1, 2), optional
        The parameters (b, w) before the first epoch and after each.

    Returns
    -------
    Picture
    """
    bowl = LossBowl.of(x, y)
    window = bowl.window()
    alt = (
        f"Contour map of the mean squared error over b from {number(window.b_low)} to {number(window.b_high)} and w "
        f"from {number(window.w_low)} to {number(window.w_high)}. The loss is lowest, {number(bowl.floor)}, "
        f"at b = {number(bowl.b)}, w = {number(bowl.w)} (a cross)."
    )
    with house_style():
        figure, axes = _figure(6, 4.4)
        contours(axes, bowl, window)
        axes.plot(bowl.b, bowl.w, "+", color=INK, markersize=10, markeredgewidth=1.5, label="lowest loss")
        if path is not None and len(path):
            alt += _draw_path(axes, bowl, window, np.asarray(path, dtype=np.float64).reshape(-1, 2))
        label_map(axes, window)
        axes.set_title("Loss (MSE) over b and w: darker is lower")
        axes.legend(loc="upper right")
    return Picture(figure, alt)


def _draw_path(axes: Axes, bowl: LossBowl, window: Window, path: NDArray[np.float64]) -> str:
    """Draw the finite part of the path with its ends and return the sentence that says so."""
    finite = path[np.isfinite(path).all(axis=1)]
    if not len(finite):
        return " The path of gradient descent holds no finite point."
    drawn = np.column_stack(window.clip(*finite.T, margin=20))
    axes.plot(*drawn.T, ".-", color=VERMILLION, linewidth=1.3, markersize=4, label="path")
    axes.plot(*drawn[0], "o", color="white", markeredgecolor=INK, markersize=8, label="start")
    axes.plot(*drawn[-1], "*", color=ORANGE, markeredgecolor=INK, markersize=13, label="end")
    with np.errstate(over="ignore"):
        first, last = ((b, w, bowl(b, w)) for b, w in (finite[0], finite[-1]))
    start, end = ("b = {}, w = {}, loss {}".format(*map(number, point)) for point in (first, last))
    lost = "" if len(finite) == len(path) else f" {len(path) - len(finite)} later points are not finite: it diverges."
    off = "" if np.all(drawn[-1] == window.clip(*drawn[-1])) else " The end lies off the map."
    return (
        f" The path of gradient descent takes {len(finite) - 1} steps from {start} (circle) to {end} (star).{off}{lost}"
    )


def loss_curve(losses: ArrayLike, *, val_losses: ArrayLike | None = None) -> Picture:
    """Draw the loss over the epochs, on a log scale.

    Parameters
    ----------
    losses : array of shape (n_epochs,)
        ``losses[i]`` is the training loss before update i, in squared units of y.
    val_losses : array of shape (n_epochs,), optional
        The same on the validation data.

    Returns
    -------
    Picture
    """
    curves = [("training loss", _column(losses), BLUE, "-", "o")]
    if val_losses is not None:
        curves.append(("validation loss", _column(val_losses), VERMILLION, "--", "^"))
    with house_style():
        figure, axes = _figure(6, 3.6)
        axes.set_yscale("log")
        for label, values, color, dashes, mark in curves:
            # A loss of 0 has no place on a log axis and an overflow none on any: a gap says so, the alt text names it.
            shown = np.where(np.isfinite(values) & (values > 0), values, np.nan)
            every = max(1, values.size // 12)
            axes.plot(shown, dashes, color=color, marker=mark, markersize=5, markevery=every, label=label)
        axes.set(xlabel="epoch", ylabel="loss (MSE, log scale)", title="Loss over the epochs")
        axes.legend()
    alt = "Line plot of the loss on a log scale over the epochs. " + " ".join(
        _say_curve(label, values) for label, values, *_ in curves
    )
    return Picture(figure, alt)


def _say_curve(label: str, values: NDArray[np.float64]) -> str:
    if not values.size:
        return f"The {label} has no values yet."
    with np.errstate(invalid="ignore"):
        text = f"The {label} goes from {number(values[0])} (epoch 0) to {number(values[-1])} (epoch {values.size - 1})"
    finite = np.isfinite(values)
    if not finite.all():
        text += f"; from epoch {int(np.argmin(finite))} on it is not finite: it diverges"
    elif values[-1] > values[0]:
        text += ": it grows"
    return text + "."


def _scalar(value: ArrayLike) -> float:
    """Return the one number in ``value``, be it a float or an array of shape (1,)."""
    return float(np.asarray(value, dtype=np.float64).reshape(()))
