"""The panels of lesson 01: be the optimizer yourself, then let gradient descent do it."""

import math
from collections import deque
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from gdexercises.figures import (
    BLUE,
    GREEN,
    INK,
    ORANGE,
    VERMILLION,
    LossBowl,
    Window,
    contours,
    house_style,
    label_map,
    number,
    scatter,
)
from gdexercises.tuning import Counter, LogSlider, Panel, Slider, Stage, Toggle, quiet_while_graded

__all__ = ["by_hand", "descend"]

# Step 0 of the lesson: np.random.seed(42), then b and w from np.random.randn(1).
_FIRST_GUESS = (0.49671415, -0.1382643)
_TRIES = 100
# A path that leaves the map is drawn up to the first place this many map sizes away.
_MARGIN = 1000


@quiet_while_graded
def by_hand(x: ArrayLike, y: ArrayLike) -> Panel:
    """Return the panel in which the reader looks for the lowest loss with two sliders, b and w.

    The map shows only the places the reader has been, until a button shows the loss everywhere.

    Parameters
    ----------
    x, y : array of shape (N, 1)
        The data.
    """
    plots = _Plots(x, y)
    bowl, window = plots.bowl, plots.window
    stage, (_, area, tries) = plots.stage, plots.axes
    with house_style():
        surface = contours(area, bowl, window)
        area.set_title("Places you have tried")
        tries.set(xlim=(-_TRIES, 3), xlabel="tries ago", title="Loss of each try")
        colors = {"norm": LogNorm(*plots.loss_limits), "cmap": "cividis", "edgecolors": "white", "linewidths": 0.5}
        places = stage.moving(area.scatter([], [], c=[], s=34, zorder=3, **colors))
        best_place = stage.moving(area.plot([], [], **_LOWEST)[0])
        here = stage.moving(area.plot([], [], **_HERE)[0])
        trace = stage.moving(tries.plot([], [], ".-", color=BLUE, linewidth=1.2, markersize=4)[0])
        best_line = stage.moving(tries.plot([], [], "--", color=GREEN, linewidth=1.5, label="lowest so far")[0])
        now = stage.moving(tries.plot([], [], **_HERE | {"label": "now"})[0])
        tries.legend(handles=[now, best_line], loc="upper left", fontsize=9)
        area.legend(handles=[here, best_place], loc="upper right", fontsize=9, **_LEGEND)
    log = _Log(_TRIES)
    shown = None

    def show(b: float, w: float, surface_shown: bool) -> str:
        nonlocal shown
        if surface_shown != shown:
            for artist in surface:
                artist.set_visible(surface_shown)
            stage.redraw()
            shown = surface_shown
        loss = float(bowl(b, w))
        log.add(b, w, loss)
        recent = np.array(log.recent)
        plots.line.set_ydata(b + w * plots.line.get_xdata())
        places.set_offsets(recent[:, :2])
        places.set_array(recent[:, 2])
        best_place.set_data([log.best.b], [log.best.w])
        here.set_data([b], [w])
        trace.set_data(np.arange(1 - len(recent), 1), recent[:, 2])
        best_line.set_data([-_TRIES, 0], [log.best.loss] * 2)
        now.set_data([0], [loss])
        return _say_tries(log, bowl)

    step_b, step_w = ((high - low) / 200 for low, high in (window[:2], window[2:]))
    start_b, start_w = _start(window)
    controls = {
        "b": Slider("b (intercept)", start_b, window.b_low, window.b_high, step_b),
        "w": Slider("w (slope)", start_w, window.w_low, window.w_high, step_w),
        "surface_shown": Toggle("Show the loss surface"),
    }
    about = (
        "Three plots: the data with your line; a map over b and w of the places you have tried, with the lowest one "
        "marked; the loss of each try on a log scale."
    )
    return Panel(stage, show, controls, about=about, on_reset=log.clear)


@quiet_while_graded
def descend(x: ArrayLike, y: ArrayLike, *, lr: float | None = None, n_epochs: int = 0, max_epochs: int = 200) -> Panel:
    """Return the panel in which gradient descent runs from a start, at a learning rate, for a number of epochs.

    Parameters
    ----------
    x, y : array of shape (N, 1)
        The data.
    lr : float, optional
        The learning rate at first; by default about an eighth of the largest stable one.
    n_epochs : int
        The number of epochs shown at first.
    max_epochs : int
        The largest number of epochs.
    """
    plots = _Plots(x, y)
    bowl, window = plots.bowl, plots.window
    stage, (_, area, curve) = plots.stage, plots.axes
    largest = bowl.largest_stable_lr
    with house_style():
        contours(area, bowl, window)
        area.plot(bowl.b, bowl.w, "+", color=INK, markersize=9, markeredgewidth=1.5, label="lowest loss")
        area.set_title("Loss over b and w: darker is lower")
        curve.set(xlim=(-0.03 * max_epochs, 1.03 * max_epochs), xlabel="epoch", title="Loss after each epoch")
        path = stage.moving(area.plot([], [], ".-", color=VERMILLION, linewidth=1.2, markersize=4)[0])
        first = stage.moving(area.plot([], [], **_FIRST)[0])
        here = stage.moving(area.plot([], [], **_HERE)[0])
        trace = stage.moving(curve.plot([], [], color=BLUE)[0])
        now = stage.moving(curve.plot([], [], **_HERE)[0])
        alarm = stage.moving(plots.alarm())
        area.legend(loc="upper right", fontsize=9, **_LEGEND)
    run = lru_cache(maxsize=8)(_runner(bowl, max_epochs))

    def show(b: float, w: float, lr: float, n_epochs: int) -> str:
        steps, losses = run(b, w, lr)
        reached = min(n_epochs, len(losses) - 1)
        walked = _until_far(steps[: reached + 1], window)
        # A loss above the axis leaves it; drawn at its edge it would look as if it had stopped growing.
        drawn = np.clip(losses[: reached + 1], plots.loss_limits[0], 1e300)
        plots.line.set_ydata(_line_through(steps[reached], plots.line.get_xdata()))
        path.set_data(*walked.T)
        first.set_data([b], [w])
        here.set_data(*([value] for value in window.clip(*steps[reached])))
        trace.set_data(np.arange(reached + 1), drawn)
        now.set_data([reached], np.minimum(drawn[-1:], plots.loss_limits[1]))
        fate = _fate(losses, n_epochs, lr, largest)
        alarm.set_text(fate if fate.startswith("Diverges") else "")
        position = f"b = {number(steps[reached][0])}, w = {number(steps[reached][1])}, loss = {number(losses[reached])}"
        return f"After {n_epochs} epoch{'s' * (n_epochs != 1)} at lr = {number(lr)}: {position}. {fate}"

    start_b, start_w = _start(window)
    step_b, step_w = ((high - low) / 200 for low, high in (window[:2], window[2:]))
    controls = {
        "lr": LogSlider(
            "lr (log scale)", lr or float(f"{largest / 8:.0e}"), _power_of_ten(largest / 800), largest * 2.5
        ),
        "n_epochs": Counter("epochs", n_epochs, max_epochs),
        "b": Slider("b at the start", start_b, window.b_low, window.b_high, step_b),
        "w": Slider("w at the start", start_w, window.w_low, window.w_high, step_w),
    }
    about = (
        "Three plots: the data with the line; a contour map of the loss over b and w with the path of gradient "
        "descent; the loss after each epoch on a log scale."
    )
    return Panel(stage, show, controls, about=about)


_HERE = {"marker": "*", "linestyle": "none", "color": ORANGE, "markeredgecolor": INK, "markersize": 14, "label": "now"}
_FIRST = {
    "marker": "o",
    "linestyle": "none",
    "color": "white",
    "markeredgecolor": INK,
    "markersize": 7,
    "label": "start",
}
_LOWEST = {
    "marker": "D",
    "linestyle": "none",
    "color": "none",
    "markeredgecolor": GREEN,
    "markeredgewidth": 2,
    "markersize": 9,
    "label": "lowest so far",
}
_LEGEND = {"frameon": True, "framealpha": 0.85, "edgecolor": "none"}


class _Plots:
    """The three axes that both panels share: data with a line, the plane of (b, w), the loss on a log scale."""

    def __init__(self, x: ArrayLike, y: ArrayLike) -> None:
        self.bowl = LossBowl.of(x, y)
        self.window = self.bowl.window()
        self.loss_limits = _loss_limits(self.bowl, self.window)
        with house_style():
            figure = Figure(figsize=(9.6, 3.3))
            self.axes: tuple[Axes, Axes, Axes] = tuple(figure.subplots(1, 3))
            figure.subplots_adjust(left=0.055, right=0.985, bottom=0.15, top=0.83, wspace=0.27)
            data, area, curve = self.axes
            self.stage = Stage(figure)
            scatter(data, x, y, markersize=4)
            # The first line lies below the lesson's data: make room for it.
            b, w = _start(self.window)
            low, high = data.get_ylim()
            ends = b + w * np.array(data.get_xlim())
            data.set(title="Data and line", ylim=(min(low, *ends), max(high, *ends)))
            self.line = self.stage.moving(data.plot(*[data.get_xlim()] * 2, color=VERMILLION)[0])
            label_map(area, self.window)
            curve.set(yscale="log", ylim=self.loss_limits, ylabel="loss (MSE, log scale)")
            curve.grid(axis="y", color="#e6e6e6", linewidth=0.8)

    def alarm(self):
        """Return the text over the plots in which a divergence is named."""
        return self.stage.figure.text(0.055, 0.94, "", color="#a33c00", fontsize=11, fontweight="bold")


class _Try(NamedTuple):
    b: float
    w: float
    loss: float


class _Log:
    """The places the reader has been: the recent ones, the best one, and how many."""

    def __init__(self, length: int) -> None:
        self.recent: deque[_Try] = deque(maxlen=length)
        self.clear()

    def clear(self) -> None:
        self.recent.clear()
        self.count = 0
        self.best: _Try | None = None

    def add(self, b: float, w: float, loss: float) -> None:
        """Note a place, unless the reader is still there."""
        place = _Try(b, w, loss)
        if self.recent and self.recent[-1] == place:
            return
        self.recent.append(place)
        self.count += 1
        if self.best is None or loss < self.best.loss:
            self.best = place


def _power_of_ten(value: float) -> float:
    """Return the power of ten at or below ``value``, so that the slider's steps meet 0.1, 0.01 and so on."""
    return 10.0 ** math.floor(math.log10(value))


def _say_tries(log: _Log, bowl: LossBowl) -> str:
    b, w, loss = map(number, log.recent[-1])
    text = f"b = {b}, w = {w}, loss = {loss}. "
    if log.count > 1:
        text += "Lowest so far: {2} at b = {0}, w = {1}. ".format(*map(number, log.best))
    text += f"Places tried: {log.count}."
    if log.best.loss <= 1.01 * bowl.floor:
        text += " That lowest loss is within 1 % of the lowest there is."
    return text


def _start(window: Window) -> tuple[float, float]:
    """Return the lesson's first guess, moved into the window where the data have another scale."""
    b, w = window.clip(*_FIRST_GUESS, margin=-0.05)
    return float(b), float(w)


def _loss_limits(bowl: LossBowl, window: Window) -> tuple[float, float]:
    """Return limits for a log axis of the loss: from just below the lowest to above the highest on the map."""
    highest = float(bowl(*np.meshgrid(window[:2], window[2:])).max())
    return max(bowl.floor / 2, 1e-6 * highest), 10 * highest


def _until_far(steps: NDArray[np.float64], window: Window) -> NDArray[np.float64]:
    """Return the steps, shape (n, 2), up to the first one far off the map: what comes after cannot be drawn truly."""
    far = (np.column_stack(window.clip(*steps.T, margin=_MARGIN)) != steps).any(axis=1)
    return steps[: int(far.argmax()) + 1] if far.any() else steps


def _line_through(parameters: NDArray[np.float64], x: ArrayLike) -> NDArray[np.float64]:
    """Return b + w x, kept to numbers that can be drawn."""
    b, w = parameters
    with np.errstate(over="ignore", invalid="ignore"):
        return np.nan_to_num(np.clip(b + w * np.asarray(x), -1e30, 1e30))


def _runner(bowl: LossBowl, n_epochs: int) -> Callable[[float, float, float], tuple[NDArray, NDArray]]:
    """Return a function of b, w and lr that runs gradient descent on the bowl, without a pass over the data."""

    def run(b: float, w: float, lr: float) -> tuple[NDArray, NDArray]:
        """Return the parameters, shape (epochs + 1, 2), and the losses, up to the last that are finite."""
        steps, losses = [], []
        for _ in range(n_epochs + 1):
            from_b, from_w = b - bowl.b, w - bowl.w
            b_half, w_half = from_b + bowl.x_mean * from_w, bowl.x_mean * from_b + bowl.x_square * from_w
            loss = bowl.floor + from_b * b_half + from_w * w_half
            if not math.isfinite(loss):
                break
            steps.append((b, w))
            losses.append(loss)
            b, w = b - lr * 2 * b_half, w - lr * 2 * w_half
        return np.array(steps), np.array(losses)

    return run


def _fate(losses: NDArray[np.float64], n_epochs: int, lr: float, largest: float) -> str:
    """Say where the run is going: losses has its finite losses, of which the first ``n_epochs`` + 1 are shown."""
    shown = losses[: n_epochs + 1]
    lowest, too_large = int(shown.argmin()), f"this lr is above 2/λ_max = {number(largest)}"
    if lr <= largest:
        return "" if len(shown) == 1 else f"The loss has fallen from {number(shown[0])}."
    if shown[-1] <= shown[lowest]:
        return f"Not stable: {too_large}, so the steps will grow."
    end = "beyond the largest float" if n_epochs >= len(losses) else f"to {number(shown[-1])}"
    return f"Diverges: the loss grows from {number(shown[lowest])} {end}; {too_large}."
