"""The panel of lesson 03, three batch sizes on one map of the loss, and the lesson's own figures."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from itertools import cycle
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
)
from gdexercises.tuning import Counter, LogSlider, Panel, Slider, Stage, Toggle, quiet_while_graded

__all__ = ["curvatures", "gradient_clouds", "loss_histories", "paths", "three_paths"]

_SEED = 0
# A path that leaves the map is drawn this many map sizes further: enough to see where it goes.
_MARGIN = 3
_STYLES = ((VERMILLION, ":", "^"), (ORANGE, "--", "s"), (BLUE, "-", "o"), (GREEN, "-.", "D"))
_START = {
    "marker": "o",
    "linestyle": "none",
    "color": "white",
    "markeredgecolor": INK,
    "markersize": 7,
    "label": "start",
}
_BOTTOM = {"marker": "+", "linestyle": "none", "color": INK, "markersize": 9, "markeredgewidth": 1.5}


def _window(bowl: LossBowl, b: float, w: float) -> Window:
    """Return the part of the plane around the lowest loss that has the start b, w near its edge, where there is one."""
    b_half, w_half = 1.3 * abs(b - bowl.b), 1.3 * abs(w - bowl.w)
    if not b_half or not w_half:
        return bowl.window()
    return Window(bowl.b - b_half, bowl.b + b_half, bowl.w - w_half, bowl.w + w_half)


# The panel ----------------------------------------------------------------------------------------------------------


class _Walk(NamedTuple):
    """The parameters after each update, shape (updates + 1, 2), as far as finite, and the updates in an epoch."""

    places: NDArray[np.float64]
    updates: int

    def until(self, n_epochs: int) -> NDArray[np.float64]:
        return self.places[: n_epochs * self.updates + 1]


@quiet_while_graded
def three_paths(
    x: ArrayLike,
    y: ArrayLike,
    b: float,
    w: float,
    *,
    lr: float = 0.01,
    batch_size: int = 10,
    n_epochs: int = 3,
    max_epochs: int = 20,
) -> Panel:
    """Return the panel in which batch, mini-batch and stochastic gradient descent run side by side.

    All three see the points in the same orders, drawn afresh for every epoch.

    Parameters
    ----------
    x, y : array of shape (N, 1)
        The data.
    b, w : float
        Where all three start.
    lr : float
        The learning rate at first.
    batch_size, n_epochs : int
        The size of the mini-batches and the number of epochs at first.
    max_epochs : int
        The largest number of epochs.
    """
    x, y = (np.asarray(values, dtype=np.float64).ravel() for values in (x, y))
    bowl = LossBowl.of(x, y)
    window = _window(bowl, b, w)
    start_loss = float(bowl(b, w))
    limits = (bowl.floor / 2, 1e4 * start_loss)
    largest = bowl.largest_stable_lr, float(1 / (1 + x**2).max())
    walk = lru_cache(maxsize=16)(_walker(x, y, b, w, max_epochs))
    with house_style():
        figure = Figure(figsize=(9.6, 4.2))
        area, curve = figure.subplots(1, 2, width_ratios=(1.15, 1))
        figure.subplots_adjust(left=0.07, right=0.985, bottom=0.125, top=0.84, wspace=0.2)
        stage = Stage(figure)
        contours(area, bowl, window)
        label_map(area, window)
        area.set_title("Loss over b and w: darker is lower")
        curve.set(yscale="log", xlim=(-0.03 * max_epochs, 1.03 * max_epochs), ylim=limits)
        curve.set(xlabel="epoch", ylabel="loss (MSE, log scale)", title="Loss after each epoch")
        curve.grid(axis="y", color="#e6e6e6", linewidth=0.8)
        lines = [_lines(stage, area, curve, *style) for style in _STYLES[:3]]
        stage.moving(area.plot([b], [w], **_START)[0])
        stage.moving(area.plot([bowl.b], [bowl.w], **_BOTTOM)[0])
        # The lines themselves wear the panel's labels: a legend would have to be laid out in every picture.
        for index, (label, (color, *_)) in enumerate(zip(_NAMES, _STYLES, strict=False)):
            figure.text(0.07 + 0.21 * index, 0.945, label, color=color, fontsize=10, fontweight="bold")
        alarm = stage.moving(figure.text(0.985, 0.945, "", color="#a33c00", fontsize=11, fontweight="bold", ha="right"))

    def show(lr: float, batch_size: float, n_epochs: int, decays: bool) -> str:
        said, diverging = [], []
        for name, size, (path, end, trace, now) in zip(_NAMES, (1, int(batch_size), x.size), lines, strict=True):
            run = walk(lr, size, decays)
            places = run.until(n_epochs)
            with np.errstate(over="ignore"):
                losses = bowl(*places[:: run.updates].T)
            lost = len(places) <= n_epochs * run.updates or not np.isfinite(losses[-1])
            diverges = lost or losses[-1] > start_loss
            drawn = _until_far(places, window) if diverges else places
            path.set_data(*drawn.T)
            end.set_data(*(drawn[-1:].T))
            trace.set_data(np.arange(len(losses)), np.clip(losses, *limits))
            now.set_data([len(losses) - 1], np.clip(losses[-1:], *limits))
            if diverges:
                diverging.append(name.split()[1])
            said.append(_say(name, size, n_epochs * run.updates, places[-1], losses[-1], start_loss, lost))
        alarm.set_text(f"Diverges: {', '.join(diverging)}" if diverging else "")
        rate = f"lr = {number(lr)}" + (", falling as 1/(1 + epoch)" if decays else "")
        return f"After {n_epochs} epochs at {rate}. {' '.join(said)} {_say_limits(lr, decays, *largest)}"

    controls = {
        "lr": LogSlider("lr (log scale)", lr, 1e-3, 2.5 * largest[0]),
        "batch_size": Slider("n (batch size)", batch_size, 1, x.size, 1),
        "n_epochs": Counter("epochs", n_epochs, max_epochs),
        "decays": Toggle("lr decays: lr / (1 + epoch)"),
    }
    about = (
        "Two plots. Left: a contour map of the loss over b and w with the paths of stochastic (red, triangle), "
        "mini-batch (orange, square) and batch gradient descent (blue, circle) from one start; a cross marks the "
        "lowest loss. Right: their losses after each epoch on a log scale."
    )
    return Panel(stage, show, controls, about=about)


_NAMES = ("▲ stochastic", "■ mini-batch", "● batch")


def _lines(stage: Stage, area: Axes, curve: Axes, color: str, dashes: str, mark: str) -> tuple:
    """Return the moving artists of one run: its path and the end of it, its losses and the last of them."""
    end = {"marker": mark, "color": color, "markeredgecolor": INK, "markersize": 9, "linestyle": "none"}
    parts = (
        area.plot([], [], "-", color=color, linewidth=1.2),
        area.plot([], [], **end),
        curve.plot([], [], dashes, color=color, linewidth=1.8),
        curve.plot([], [], **end),
    )
    return tuple(stage.moving(part[0]) for part in parts)


def _until_far(places: NDArray[np.float64], window: Window) -> NDArray[np.float64]:
    """Return the path up to where it first is far off the map: what comes later would only cross it out."""
    clipped = np.column_stack(window.clip(*places.T, margin=_MARGIN))
    far = np.any(clipped != places, axis=1)
    return clipped[: far.argmax() + 1] if far.any() else places


def _walker(
    x: NDArray[np.float64], y: NDArray[np.float64], b: float, w: float, n_epochs: int
) -> Callable[[float, int, bool], _Walk]:
    """Return a function of lr, batch size and whether lr decays, which descends from b, w on flat x, y."""
    rng = np.random.default_rng(_SEED)
    orders = [rng.permutation(x.size) for _ in range(n_epochs)]
    columns = np.stack([x, y, x * x, x * y])

    def walk(lr: float, batch_size: int, decays: bool) -> _Walk:
        # The gradient of a batch needs only four means of it, and these need no loop.
        starts = np.arange(0, x.size, batch_size)
        sizes = np.diff(starts, append=x.size)
        place, places = (b, w), [(b, w)]
        for epoch, order in enumerate(orders):
            rate = lr / (1 + epoch) if decays else lr
            means = np.add.reduceat(columns[:, order], starts, axis=1) / sizes
            for x_mean, y_mean, xx_mean, xy_mean in means.T.tolist():
                b_now, w_now = place
                place = (
                    b_now - rate * 2 * (b_now + w_now * x_mean - y_mean),
                    w_now - rate * 2 * (b_now * x_mean + w_now * xx_mean - xy_mean),
                )
                places.append(place)
        places = np.array(places)
        # Far beyond any map, and still far from the largest float when it is squared.
        finite = np.all(np.abs(places) < 1e150, axis=1)
        return _Walk(places if finite.all() else places[: finite.argmin()], len(starts))

    return walk


def _say(name: str, size: int, updates: int, place: ArrayLike, loss: float, start_loss: float, lost: bool) -> str:
    b, w = map(number, place)
    name = name.split()[1].capitalize()
    text = f"{name} (n = {size}, {updates} updates): "
    if lost:
        return f"{text}diverges: the loss has grown from {number(start_loss)} beyond 1e300."
    if loss > start_loss:
        return f"{text}diverges: the loss has grown from {number(start_loss)} to {number(loss)}."
    return f"{text}b = {b}, w = {w}, loss = {number(loss)}."


def _say_limits(lr: float, decays: bool, batch: float, point: float) -> str:
    above = [
        f"{number(limit)}, the limit of {whose}"
        for limit, whose in ((point, "the steepest point"), (batch, "the batch"))
        if lr > limit
    ]
    which = "The first" if decays else "This"
    return f"{which} lr is above {' and '.join(above)}." if above else ""


# Figures ------------------------------------------------------------------------------------------------------------


def loss_histories(histories: Mapping[str, Sequence[float]], *, floor: float | None = None) -> Picture:
    """Draw the losses of several runs over the epochs in one plot, on a log scale.

    Parameters
    ----------
    histories : mapping
        By what the run is called, its losses: item i is the loss before epoch i, in squared units of y.
    floor : float, optional
        The lowest loss there is, drawn as a line.

    Returns
    -------
    Picture
    """
    said = []
    with house_style():
        figure = Figure(figsize=(6, 3.8), layout="constrained")
        axes = figure.add_subplot(yscale="log")
        for (name, losses), (color, dashes, mark) in zip(histories.items(), cycle(reversed(_STYLES[:3])), strict=False):
            values = np.asarray(losses, dtype=np.float64)
            shown = np.where(np.isfinite(values) & (values > 0), values, np.nan)
            axes.plot(
                shown, dashes, color=color, marker=mark, markersize=5, markevery=max(1, len(values) // 12), label=name
            )
            grows = ": it grows" if not values[-1] <= values[0] else ""
            said.append(f"{name}: from {number(values[0])} to {number(values[-1])} (epoch {len(values) - 1}){grows}.")
        if floor is not None:
            axes.axhline(floor, color=GREY, linewidth=1, zorder=1, label="lowest loss")
            said.append(f"A grey line marks the lowest loss there is, {number(floor)}.")
        axes.set(xlabel="epoch", ylabel="loss (MSE, log scale)", title="Loss before each epoch")
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.legend()
    return Picture(figure, "Line plot of losses on a log scale over the epochs. " + " ".join(said))


def paths(x: ArrayLike, y: ArrayLike, walks: Mapping[str, ArrayLike]) -> Picture:
    """Draw the paths of several runs on one map of the mean squared error over (b, w).

    Parameters
    ----------
    x, y : array of shape (N, 1)
    walks : mapping
        By what the run is called, the parameters (b, w) at the start and after each update, shape (updates + 1, 2).

    Returns
    -------
    Picture
    """
    bowl = LossBowl.of(x, y)
    start = np.asarray(next(iter(walks.values())), dtype=np.float64)[0]
    window = _window(bowl, *start)
    said = [f"The loss is lowest, {number(bowl.floor)}, at b = {number(bowl.b)}, w = {number(bowl.w)} (a cross)."]
    with house_style():
        figure = Figure(figsize=(6.4, 4.6), layout="constrained")
        axes = figure.add_subplot()
        contours(axes, bowl, window)
        for (name, walk), (color, _, mark) in zip(walks.items(), cycle(reversed(_STYLES[:3])), strict=False):
            walk = np.asarray(walk, dtype=np.float64).reshape(-1, 2)
            drawn = _until_far(walk, window)
            axes.plot(*drawn.T, "-", color=color, linewidth=1.2)
            axes.plot(*drawn[-1], mark, color=color, markeredgecolor=INK, markersize=9, label=f"{name}, end")
            b, w = map(number, walk[-1])
            said.append(f"{name}: {len(walk) - 1} updates, to b = {b}, w = {w}, loss {number(bowl(*walk[-1]))}.")
        axes.plot(*start, **_START)
        axes.plot(bowl.b, bowl.w, **_BOTTOM, label="lowest loss")
        label_map(axes, window)
        axes.set_title("Loss (MSE) over b and w: darker is lower")
        axes.legend(loc="upper right", fontsize=9, frameon=True, framealpha=0.85, edgecolor="none")
    b, w = map(number, start)
    alt = f"Contour map of the mean squared error with {len(walks)} paths from b = {b}, w = {w}. "
    return Picture(figure, alt + " ".join(said))


def gradient_clouds(clouds: Mapping[int, ArrayLike], whole: ArrayLike) -> Picture:
    """Draw gradients of many batches, taken at one place, side by side for several batch sizes.

    Parameters
    ----------
    clouds : mapping
        By the batch size, the gradients (b_grad, w_grad) of batches of that size, shape (batches, 2).
    whole : array of shape (2,)
        The gradient of all points.

    Returns
    -------
    Picture
    """
    clouds = {size: np.asarray(cloud, dtype=np.float64) for size, cloud in clouds.items()}
    said = []
    with house_style():
        figure = Figure(figsize=(8.4, 3.2), layout="constrained")
        for axes, (size, cloud) in zip(
            figure.subplots(1, len(clouds), sharex=True, sharey=True), clouds.items(), strict=True
        ):
            axes.plot(*cloud.T, "o", color=BLUE, alpha=0.5, markersize=4)
            axes.plot(*whole, "*", color=ORANGE, markeredgecolor=INK, markersize=14)
            axes.set(xlabel="b_grad", title="n = 1 point" if size == 1 else f"n = {size} points")
            axes.label_outer()
            b_spread, w_spread = map(number, cloud.std(axis=0))
            said.append(f"n = {size}: standard deviation {b_spread} in b_grad, {w_spread} in w_grad.")
        figure.axes[0].set_ylabel("w_grad")
    alt = (
        f"{len(clouds)} scatter plots of w_grad against b_grad, {len(cloud)} batches each (blue dots), around the "
        f"gradient of all points (star), b_grad = {number(whole[0])}, w_grad = {number(whole[1])}. {' '.join(said)}"
    )
    return Picture(figure, alt)


def curvatures(x: ArrayLike, lrs: Sequence[float]) -> Picture:
    """Draw the curvature of each point, 2 (x² + 1), that of the batch, and the limits 2 / lr that learning rates set.

    Parameters
    ----------
    x : array of shape (N, 1)
    lrs : sequence of float

    Returns
    -------
    Picture
    """
    x = np.sort(np.asarray(x, dtype=np.float64).ravel())
    points = 2 * (x**2 + 1)
    batch = np.linalg.eigvalsh(2 * np.array([[1, x.mean()], [x.mean(), (x**2).mean()]]))[-1]
    said = []
    with house_style():
        figure = Figure(figsize=(6.4, 3.9), layout="constrained")
        axes = figure.add_subplot()
        axes.plot(x, points, "o", color=BLUE, markersize=4, label="one point: 2 (x² + 1)")
        axes.axhline(batch, color=GREEN, label=f"all points: {number(batch)}")
        for lr, (color, dashes, _) in zip(lrs, _STYLES, strict=False):
            # A point on the line is not above it, whatever the last digit of its x does.
            above = int((points > 2 / lr * (1 + 1e-9)).sum())
            axes.axhline(2 / lr, color=color, linestyle=dashes, label=f"2 / lr for lr = {number(lr)}: {number(2 / lr)}")
            said.append(f"2 / lr for lr = {number(lr)} is {number(2 / lr)}; {above} points lie above it.")
        axes.set(xlabel="x", ylabel="curvature", ylim=(0, 1.45 * max(points.max(), *(2 / lr for lr in lrs))))
        axes.set_title("A learning rate is too large for the points above its line")
        axes.legend(loc="upper center", fontsize=9)
    alt = (
        f"Scatter plot of the curvature 2 (x² + 1) of each point against x: from {number(points.min())} to "
        f"{number(points.max())} at x = {number(x[points.argmax()])}. That of all points is {number(batch)} (green "
        f"line). {' '.join(said)}"
    )
    return Picture(figure, alt)
