"""The panel of lesson 07, a slope that rolls down the loss curve, and the lesson's own figures.

Arrays of JAX come in as they are and are only read; all is computed in NumPy.
"""

from typing import NamedTuple

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
    LossBowl,
    Picture,
    Window,
    contours,
    house_style,
    label_map,
    number,
    scatter,
)
from gdexercises.tuning import Counter, LogSlider, Panel, Slider, Stage, quiet_while_graded

__all__ = ["fitted", "path_on_curve", "path_on_map", "roll", "two_drawings"]

_W_LABEL, _LOSS_LABEL = "w (slope)", "loss (MSE, squared units of y)"
_START = {"marker": "o", "color": "white", "markeredgecolor": INK, "markersize": 8, "linestyle": "none"}
_END = {"marker": "*", "color": ORANGE, "markeredgecolor": INK, "markersize": 14, "linestyle": "none"}
# Losses that the panel draws: single precision leaves about 1e-12 of those of this lesson, and beyond 1e6 it diverges.
_LOSSES = (1e-12, 1e6)


def _numbers(values: ArrayLike) -> NDArray[np.float64]:
    return np.asarray(values, dtype=np.float64).ravel()


# The panel ----------------------------------------------------------------------------------------------------------


class _Valley(NamedTuple):
    """The mean squared error over w with b fixed: a parabola, lowest at ``w``, where it is ``floor``."""

    w: float
    floor: float
    curvature: float

    @classmethod
    def of(cls, x: NDArray[np.float64], y: NDArray[np.float64], b: float) -> "_Valley":
        square = np.mean(x**2)
        w = np.mean(x * (y - b)) / square
        return cls(float(w), float(np.mean((b + w * x - y) ** 2)), float(2 * square))

    @property
    def largest_stable_lr(self) -> float:
        return 2 / self.curvature

    def loss(self, w: ArrayLike) -> NDArray[np.float64]:
        return self.floor + self.curvature / 2 * (np.asarray(w) - self.w) ** 2

    def slope(self, w: ArrayLike) -> NDArray[np.float64]:
        return self.curvature * (np.asarray(w) - self.w)

    def descend(self, w: float, lr: float, n_epochs: int) -> NDArray[np.float64]:
        """Return w at the start and after each epoch, shape (n_epochs + 1,), kept within 1e100 of the lowest point."""
        with np.errstate(over="ignore"):
            shares = (1 - lr * self.curvature) ** np.arange(n_epochs + 1)
        return self.w + np.clip(shares * (w - self.w), -1e100, 1e100)


@quiet_while_graded
def roll(
    x: ArrayLike,
    y: ArrayLike,
    *,
    lr: float = 0.01,
    n_epochs: int = 10,
    w: float = 8.0,
    b: float = -1.0,
    max_epochs: int = 60,
) -> Panel:
    """Return the panel in which w alone rolls down the loss curve.

    Parameters
    ----------
    x, y : array of shape (N,)
        The data.
    lr : float
        The learning rate at first.
    n_epochs : int
        The number of epochs at first.
    w : float
        Where w starts at first.
    b : float
        The fixed intercept at first.
    max_epochs : int
        The largest number of epochs.
    """
    x, y = _numbers(x), _numbers(y)
    first = _Valley.of(x, y, b)
    low, high = first.w - 10.5, first.w + 10.5
    top = float(first.loss(low))
    ws = np.linspace(low, high, 301)
    with house_style():
        figure = Figure(figsize=(9.6, 3.8))
        curve, history = figure.subplots(1, 2, width_ratios=(1.25, 1))
        figure.subplots_adjust(left=0.075, right=0.985, bottom=0.135, top=0.83, wspace=0.26)
        stage = Stage(figure)
        curve.set(xlim=(low, high), ylim=(-0.06 * top, top), xlabel=_W_LABEL, ylabel=_LOSS_LABEL)
        curve.set_title("Loss over w, b fixed")
        curve.grid(color="#eeeeee", linewidth=0.8)
        history.set(yscale="log", ylim=_LOSSES, xlim=(-0.03 * max_epochs, 1.03 * max_epochs))
        history.set(xlabel="epoch", ylabel="loss (MSE, log scale)", title="Loss after each epoch")
        history.grid(axis="y", color="#e6e6e6", linewidth=0.8)
        parabola = stage.moving(curve.plot(ws, ws, color=BLUE)[0])
        tangent = stage.moving(curve.plot([], [], "--", color=GREEN, linewidth=1.5)[0])
        path = stage.moving(curve.plot([], [], ".-", color=VERMILLION, linewidth=1.2, markersize=7)[0])
        start = stage.moving(curve.plot([], [], **_START, label="start")[0])
        now = stage.moving(curve.plot([], [], **_END, label="now")[0])
        curve.legend([start, now, tangent], ["start", "now", "tangent, slope w_grad"], loc="upper center", fontsize=9)
        trace = stage.moving(history.plot([], [], ".-", color=BLUE, markersize=6)[0])
        end = stage.moving(history.plot([], [], **_END, clip_on=False)[0])
        floor = stage.moving(history.axhline(1.0, color=GREY, linewidth=1, linestyle=":"))
        alarm = stage.moving(figure.text(0.075, 0.94, "", color="#a33c00", fontsize=11, fontweight="bold"))

    def show(lr: float, n_epochs: int, w: float, b: float) -> str:
        valley = _Valley.of(x, y, b)
        steps = valley.descend(w, lr, n_epochs)
        losses = valley.loss(steps)
        slope = valley.slope(steps[-1])
        parabola.set_ydata(valley.loss(ws))
        # Far beyond the frame a line would not be drawn as the straight one that it is.
        places = np.clip(steps, low - 20, high + 20)
        path.set_data(places, valley.loss(places))
        start.set_data(places[:1], valley.loss(places[:1]))
        now.set_data(places[-1:], valley.loss(places[-1:]))
        reach = np.array([-4.0, 4.0])
        tangent.set_data(places[-1] + reach, valley.loss(places[-1]) + valley.slope(places[-1]) * reach)
        drawn = np.clip(losses, *_LOSSES)
        trace.set_data(np.arange(n_epochs + 1), drawn)
        end.set_data([n_epochs], drawn[-1:])
        floor.set_ydata([max(valley.floor, _LOSSES[0])] * 2)
        limit = valley.largest_stable_lr
        alarm.set_text(f"Diverges: lr is above {number(limit)}" if lr > limit and w != valley.w else "")
        return (
            f"After {n_epochs} epoch{'s' * (n_epochs != 1)} at lr = {number(lr)} from w = {number(w)}, with b fixed at "
            f"{number(b)}: w = {number(steps[-1])}, loss = {number(losses[-1])}, w_grad = {number(slope)}. "
            f"{_say_fate(valley, lr, float(w))}"
        )

    controls = {
        "lr": LogSlider("lr (log scale)", lr, 1e-3, 1.0),
        "n_epochs": Counter("epochs", n_epochs, max_epochs),
        "w": Slider("w at the start", w, -8.0, 12.0, 0.5),
        "b": Slider("b, fixed", b, -6.0, 6.0, 0.5),
    }
    about = (
        "Two plots. Left: the loss over w, a parabola (blue), with the path of w on it (red dots), its start (circle), "
        "where it is now (star) and the tangent there (green, dashed). Right: the loss after each epoch on a log "
        "scale; a dotted line marks the lowest loss there is."
    )
    return Panel(stage, show, controls, about=about)


def _say_fate(valley: _Valley, lr: float, w: float) -> str:
    """What becomes of the distance to the lowest point, in words."""
    factor = 1 - lr * valley.curvature
    text = (
        f"The lowest loss, {number(valley.floor)}, is at w = {number(valley.w)}; each epoch multiplies the distance "
        f"to it by 1 - lr · {number(valley.curvature)} = {number(factor)}"
    )
    limit = number(valley.largest_stable_lr)
    if w == valley.w:
        return f"{text}, and there is no distance: w starts there."
    if factor < -1:
        return f"{text}. Diverges: lr is above the largest stable one, 2 / {number(valley.curvature)} = {limit}."
    if factor < 0:
        return f"{text}: w jumps from side to side, and comes nearer as long as lr is below {limit}."
    return f"{text}: w stays on its side and comes nearer."


# Figures ------------------------------------------------------------------------------------------------------------


def _loss_axes(axes: Axes, title: str) -> None:
    axes.set(xlabel=_W_LABEL, ylabel=_LOSS_LABEL, title=title)


def two_drawings(ws_few: ArrayLike, losses_few: ArrayLike, ws: ArrayLike, losses: ArrayLike) -> Picture:
    """Draw one loss curve twice, side by side: through few values of w, and through many.

    Parameters
    ----------
    ws_few, losses_few : array of shape (n,)
        The few values of w and their losses, in squared units of y.
    ws, losses : array of shape (m,)
        The many.

    Returns
    -------
    Picture
    """
    ws_few, losses_few, ws, losses = map(_numbers, (ws_few, losses_few, ws, losses))
    with house_style():
        figure = Figure(figsize=(9, 3.4), layout="constrained")
        left, right = figure.subplots(1, 2, sharex=True, sharey=True)
        left.plot(ws_few, losses_few, "o-", color=VERMILLION, markersize=5)
        right.plot(ws, losses, "-", color=BLUE)
        right.plot(ws_few, losses_few, "o", color=VERMILLION, markersize=5)
        _loss_axes(left, f"{ws_few.size} values of w")
        _loss_axes(right, f"{ws.size} values of w")
        right.set_ylabel("")
    lowest = int(losses.argmin())
    pairs = ", ".join(f"{number(w)}: {number(loss)}" for w, loss in zip(ws_few, losses_few, strict=True))
    alt = (
        f"Two line plots of the loss over w. Left: {ws_few.size} values of w, joined by straight lines with corners "
        f"between them ({pairs}). Right: {ws.size} values of w make a smooth parabola, with the same points on it. It "
        f"is lowest, {number(losses[lowest])}, at w = {number(ws[lowest])}."
    )
    return Picture(figure, alt)


def path_on_curve(ws: ArrayLike, losses: ArrayLike, path: ArrayLike, path_losses: ArrayLike) -> Picture:
    """Draw the loss over w as a curve, and a descent on it.

    Parameters
    ----------
    ws, losses : array of shape (m,)
        The curve.
    path, path_losses : array of shape (n_epochs,)
        w before each update, and the loss there.

    Returns
    -------
    Picture
    """
    ws, losses, path, path_losses = map(_numbers, (ws, losses, path, path_losses))
    with house_style():
        figure = Figure(figsize=(6.4, 4), layout="constrained")
        axes = figure.add_subplot()
        axes.plot(ws, losses, color=BLUE, label="loss")
        axes.plot(path, path_losses, ".-", color=VERMILLION, linewidth=1.2, markersize=8, label="path of w")
        axes.plot(path[:1], path_losses[:1], **_START, label="start")
        axes.plot(path[-1:], path_losses[-1:], **_END, label="end")
        _loss_axes(axes, f"{path.size} values of w on their way down")
        axes.legend(loc="upper center")
    shown = ", ".join(number(w) for w in path[:4])
    alt = (
        f"The loss over w, a parabola from w = {number(ws[0])} to {number(ws[-1])}, with {path.size} points of a "
        f"descent on it: w = {shown} and so on, to {number(path[-1])}. The loss goes from {number(path_losses[0])} to "
        f"{number(path_losses[-1])}; the points lie closer and closer."
    )
    return Picture(figure, alt)


def path_on_map(x: ArrayLike, y: ArrayLike, path: ArrayLike) -> Picture:
    """Draw the loss over b and w as a map, and a descent of both on it.

    Parameters
    ----------
    x, y : array of shape (N,)
    path : array of shape (n_epochs + 1, 2)
        b and w before the first epoch and after each.

    Returns
    -------
    Picture
    """
    bowl = LossBowl.of(_numbers(x), _numbers(y))
    path = np.array([_numbers(point) for point in path])
    (b_low, w_low), (b_high, w_high) = path.min(axis=0), path.max(axis=0)
    window = Window(min(b_low, bowl.b) - 2, max(b_high, bowl.b) + 2, min(w_low, bowl.w) - 1, max(w_high, bowl.w) + 1)
    with house_style():
        figure = Figure(figsize=(6.4, 4.4), layout="constrained")
        axes = figure.add_subplot()
        contours(axes, bowl, window)
        axes.plot(*path.T, ".-", color=VERMILLION, linewidth=1.2, markersize=4, label="path")
        axes.plot(bowl.b, bowl.w, "+", color=INK, markersize=12, markeredgewidth=1.5, label="lowest loss")
        axes.plot(*path[0], **_START, label="start")
        axes.plot(*path[-1], **_END, label="end")
        label_map(axes, window)
        axes.set_title("Loss (MSE) over b and w: darker is lower")
        axes.legend(loc="upper right")
    turn = int(np.abs(path[:, 0] - path[0, 0]).argmax())
    start, away, end = (f"b = {number(b)}, w = {number(w)}" for b, w in path[[0, turn, -1]])
    alt = (
        f"Map of the loss over b and w, a long valley, lowest at b = {number(bowl.b)}, w = {number(bowl.w)} (a cross). "
        f"The path of {len(path) - 1} epochs starts at {start} (circle), is farthest in b from there after {turn} "
        f"epochs, at {away}, and ends at {end} (star)."
    )
    return Picture(figure, alt)


def fitted(x: ArrayLike, y: ArrayLike, yhat: ArrayLike) -> Picture:
    """Draw data and the predictions of a model, joined by a line.

    Parameters
    ----------
    x, y, yhat : array of shape (N,)
        ``x`` in rising order.

    Returns
    -------
    Picture
    """
    x, y, yhat = map(_numbers, (x, y, yhat))
    loss = number(np.mean((yhat - y) ** 2))
    worst = int(np.abs(yhat - y).argmax())
    with house_style():
        figure = Figure(figsize=(6, 3.4), layout="constrained")
        axes = figure.add_subplot()
        scatter(axes, x, y, label=f"data ({x.size})")
        axes.plot(x, yhat, "--^", color=VERMILLION, linewidth=1.3, markersize=5, label="predictions")
        axes.set_title(f"Data and predictions, loss (MSE) {loss}")
        axes.legend()
    alt = (
        f"Scatter plot of {x.size} points, x from {number(x[0])} to {number(x[-1])}, with the predictions as red "
        f"triangles. Mean squared error {loss}; the largest error is {number(abs(yhat - y)[worst])}, at "
        f"x = {number(x[worst])}."
    )
    return Picture(figure, alt)
