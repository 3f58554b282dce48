"""The panel of lesson 09, five optimizers and plain gradient descent in a race, and the lesson's own figures."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import ArrayLike, NDArray

from gdexercises.figures import BLUE, GREEN, GREY, INK, LEVELS, ORANGE, VERMILLION, Picture, house_style, number
from gdexercises.tuning import Choice, Counter, LogSlider, Panel, Slider, Stage, Toggle, quiet_while_graded

__all__ = ["loss_curves", "race", "show_race"]

# The palette's purple, for a sixth line.
_PURPLE = "#CC79A7"
_NAMES = ("plain", "momentum", "Nesterov", "Adagrad", "RMSProp", "Adam")
_STYLES = (
    {"color": GREY, "marker": "X", "linestyle": ":"},
    {"color": BLUE, "marker": "o", "linestyle": "-"},
    {"color": _PURPLE, "marker": "s", "linestyle": "--"},
    {"color": GREEN, "marker": "^", "linestyle": "-"},
    {"color": ORANGE, "marker": "D", "linestyle": "--"},
    {"color": VERMILLION, "marker": "P", "linestyle": "-"},
)
_MAX_STEPS = 200
_DECAY = 0.05
_FAR = 1e6
_LOWEST, _HIGHEST = 1e-7, 1e3


# The panel ----------------------------------------------------------------------------------------------------------


class _Landscape(NamedTuple):
    """A loss whose lowest value is 0, its gradients (of a batch, in step t), a start, and what is shown of it."""

    name: str
    loss: Callable[[NDArray[np.float64]], NDArray[np.float64]]
    gradients: Callable[[NDArray[np.float64], int], NDArray[np.float64]]
    start: tuple[float, float]
    window: tuple[float, float, float, float]
    axes: tuple[str, str]
    lowest: tuple[tuple[float, float], ...]


def _bowl(name: str, turn: float) -> _Landscape:
    """A ravine with curvatures 1 and 50, whose axes are turned by an angle."""
    axes = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    hessian = axes @ np.diag([1.0, 50.0]) @ axes.T
    return _Landscape(
        name,
        lambda places: np.einsum("...i,ij,...j->...", places, hessian, places) / 2,
        lambda places, _: places @ hessian,
        tuple(axes @ [-2.0, 0.4]),
        (-2.4, 1.2, -0.9, 0.9) if turn == 0 else (-2.6, 1.4, -2.3, 1.4),
        ("p₀", "p₁"),
        ((0.0, 0.0),),
    )


def _saddle() -> _Landscape:
    return _Landscape(
        "saddle",
        lambda places: 10 * places[..., 0] ** 2 + (places[..., 1] ** 2 - 1) ** 2 / 4,
        lambda places, _: np.stack([20 * places[..., 0], places[..., 1] * (places[..., 1] ** 2 - 1)], axis=-1),
        (-1.0, 0.001),
        (-1.2, 0.8, -1.4, 1.4),
        ("p₀", "p₁"),
        ((0.0, -1.0), (0.0, 1.0)),
    )


def _noisy_line() -> _Landscape:
    """The loss of a line over b and w; each step sees four of 100 points, the same four for all racers."""
    rng = np.random.default_rng(42)
    x = rng.uniform(-0.5, 1.5, 100)
    y = 1 + 2 * x + 0.5 * rng.standard_normal(100)
    design = np.stack([np.ones_like(x), x], axis=1)
    best, *_ = np.linalg.lstsq(design, y, rcond=None)
    hessian = 2 * design.T @ design / len(x)
    batches = rng.integers(0, len(x), (_MAX_STEPS, 4))

    def gradients(places, t):
        part = design[batches[t]]
        return 2 * (places @ part.T - y[batches[t]]) @ part / len(part)

    return _Landscape(
        "noisy line",
        lambda places: np.einsum("...i,ij,...j->...", places - best, hessian, places - best) / 2,
        gradients,
        (-2.0, -2.0),
        (-2.6, 3.0, -2.6, 4.0),
        ("b", "w"),
        (tuple(best),),
    )


_LANDSCAPES = (_bowl("ravine", 0.0), _bowl("turned ravine", np.pi / 4), _saddle(), _noisy_line())


@lru_cache(maxsize=64)
def _walk(place: int, lr: float, beta: float, decays: bool) -> NDArray[np.float64]:
    """The places of all six, shape (steps + 1, 6, 2), in one go: they differ in what they keep and divide by."""
    land = _LANDSCAPES[place]
    column = lambda *values: np.array(values, dtype=np.float64)[:, None]
    keep_g, take_g = column(0, beta, beta, 0, 0, beta), column(1, 1, 1, 1, 1, 1 - beta)
    keep_s, take_s = column(0, 0, 0, 1, 0.9, 0.999), column(0, 0, 0, 1, 0.1, 0.001)
    looks_ahead, divides = column(0, 0, 1, 0, 0, 0), column(0, 0, 0, 1, 1, 1)
    places = np.tile(np.array(land.start), (len(_NAMES), 1))
    gradient_kept, square_kept = np.zeros_like(places), np.zeros_like(places)
    walked = [places]
    for t in range(_MAX_STEPS):
        gradients = land.gradients(places, t)
        gradient_kept = keep_g * gradient_kept + take_g * gradients
        square_kept = keep_s * square_kept + take_s * gradients**2
        towards = gradient_kept + looks_ahead * (gradients + (beta - 1) * gradient_kept)
        unbias_g, unbias_s = column(1, 1, 1, 1, 1, 1 - beta ** (t + 1)), column(1, 1, 1, 1, 1, 1 - 0.999 ** (t + 1))
        size = np.where(divides, np.sqrt(square_kept / unbias_s) + 1e-8, 1.0)
        rate = lr / (1 + _DECAY * t) if decays else lr
        places = np.clip(places - rate * towards / unbias_g / size, -_FAR, _FAR)
        walked.append(places)
    return np.array(walked)


@quiet_while_graded
def race(*, landscape: int = 0, lr: float = 0.02, beta: float = 0.9, n_steps: int = 60) -> Panel:
    """Return the panel in which five optimizers and plain gradient descent race.

    Parameters
    ----------
    landscape : int
        Where they race at first: 0 the ravine, 1 the turned ravine, 2 the saddle, 3 the noisy line.
    lr : float
        The learning rate of all of them at first.
    beta : float
        What momentum, Nesterov and Adam keep of the past at first.
    n_steps : int
        The number of steps at first.
    """
    with house_style():
        figure = Figure(figsize=(9.6, 4.3))
        grid = figure.add_gridspec(
            1, 2, width_ratios=(1.15, 1), left=0.075, right=0.985, bottom=0.12, top=0.8, wspace=0.22
        )
        maps = [figure.add_subplot(grid[0, 0], label=land.name) for land in _LANDSCAPES]
        curve = figure.add_subplot(grid[0, 1])
        for axes, land in zip(maps, _LANDSCAPES, strict=True):
            _draw_land(axes, land)
        curve.set(yscale="log", ylim=(_LOWEST, _HIGHEST), xlim=(-3, _MAX_STEPS + 3), xlabel="step")
        curve.set(ylabel="loss above the lowest (log scale)", title="Loss at each step")
        curve.grid(axis="y", color="#e6e6e6", linewidth=0.8)
        figure.legend(
            handles=_handles(_NAMES), loc="upper left", ncols=6, bbox_to_anchor=(0.06, 1.0), columnspacing=1.4
        )
        stage = Stage(figure)
        trails, heads, traces = [], [], []
        for style in _STYLES:
            line = {"color": style["color"], "linestyle": style["linestyle"], "linewidth": 1.6}
            head = {"color": style["color"], "marker": style["marker"], "markeredgecolor": INK, "markersize": 9}
            trails.append([stage.moving(axes.plot([], [], **line)[0]) for axes in maps])
            heads.append([stage.moving(axes.plot([], [], linestyle="", **head)[0]) for axes in maps])
            traces.append(
                stage.moving(curve.plot([], [], marker=style["marker"], markevery=20, markersize=5, **line)[0])
            )
        now = stage.moving(curve.axvline(0, color=INK, linewidth=0.8))
        alarm = stage.moving(figure.text(0.075, 0.865, "", color="#a33c00", fontsize=10, fontweight="bold"))
    shown = [None]

    def show(landscape: int, lr: float, beta: float, n_steps: int, decays: bool) -> str:
        land = _LANDSCAPES[landscape]
        walked = _walk(landscape, lr, beta, decays)[: n_steps + 1]
        losses = land.loss(walked)
        if shown[0] != landscape:
            for place, axes in enumerate(maps):
                axes.set_visible(place == landscape)
            shown[0] = landscape
            stage.redraw()
        for racer in range(len(_NAMES)):
            for place in range(len(maps)):
                here = walked[:, racer] if place == landscape else np.zeros((0, 2))
                trails[racer][place].set_data(here[:, 0], here[:, 1])
                heads[racer][place].set_data(here[-1:, 0], here[-1:, 1])
            traces[racer].set_data(np.arange(n_steps + 1), np.clip(losses[:, racer], _LOWEST, 10 * _HIGHEST))
        now.set_xdata([n_steps] * 2)
        lost = [name for name, first, last in zip(_NAMES, losses[0], losses[-1], strict=True) if last > 10 * first]
        alarm.set_text(f"Far above the start: {', '.join(lost)}" if lost else "")
        return _say(land, lr, beta, n_steps, decays, losses[-1], lost)

    controls = {
        "landscape": Choice("landscape", landscape, tuple(land.name for land in _LANDSCAPES)),
        "lr": LogSlider("lr (log scale)", lr, 0.001, 3.0),
        "beta": Slider("beta", beta, 0.0, 0.99, 0.01),
        "n_steps": Counter("steps", n_steps, _MAX_STEPS),
        "decays": Toggle("Decaying rate"),
    }
    styles = ", ".join(f"{name} with {mark}" for name, mark in zip(_NAMES, _MARK_NAMES, strict=True))
    about = (
        "Two plots. Left: a map of the loss with the paths of six optimizers from the same start; stars mark where the "
        f"loss is lowest. Right: their losses at each step on a log scale. The lines: {styles}."
    )
    return Panel(stage, show, controls, about=about)


_MARK_NAMES = ("grey crosses", "blue circles", "purple squares", "green triangles", "orange diamonds", "red plus signs")


def _say(land, lr, beta, n_steps, decays, losses, lost) -> str:
    ranked = sorted(zip(losses, _NAMES, strict=True))
    told = ", ".join(f"{name} {_loss(loss)}" for loss, name in ranked)
    rate = f"lr = {number(lr)} falling as 1 / (1 + {_DECAY} t)" if decays else f"lr = {number(lr)}"
    text = (
        f"After {_count(n_steps, 'step')} on the {land.name} with {rate} and beta = {number(beta)}, loss "
        f"above the lowest, best first: {told}."
    )
    return f"{text} Far above the start: {', '.join(lost)}." if lost else text


def _count(n: int, noun: str) -> str:
    return f"{n} {noun}{'s' * (n != 1)}"


def _loss(value: float) -> str:
    return number(value) if value < 1e9 else "beyond 10⁹"


def _draw_land(axes: Axes, land: _Landscape) -> None:
    left, right, bottom, top = land.window
    across, up = np.meshgrid(np.linspace(left, right, 121), np.linspace(bottom, top, 121))
    losses = land.loss(np.stack([across, up], axis=-1))
    _contours(axes, across, up, losses)
    axes.plot(*zip(*land.lowest, strict=True), "*", color="white", markeredgecolor=INK, markersize=13)
    axes.plot(*land.start, "o", color=INK, markersize=5)
    axes.set(xlim=(left, right), ylim=(bottom, top), xlabel=land.axes[0], ylabel=land.axes[1])
    axes.set_title(land.name[0].upper() + land.name[1:])


def _contours(axes: Axes, across, up, losses) -> None:
    """Fill the levels of the loss, spaced evenly in its root: those of a bowl are then evenly spaced themselves."""
    depth = np.sqrt(losses - losses.min())
    axes.contourf(across, up, depth, levels=np.linspace(0, depth.max(), 16), cmap=LEVELS)


def _handles(names: Sequence[str]) -> list[Line2D]:
    return [Line2D([], [], label=name, markersize=6, linewidth=1.6, **_style(name)) for name in names]


def _style(name: str) -> dict[str, str]:
    """The style of a racer: its own if the name begins with one that is known, else the next that is free."""
    for known, style in zip(_NAMES, _STYLES, strict=True):
        if name.lower().startswith(known.lower()):
            return style
    return {"color": INK, "marker": "v", "linestyle": "-."}


# Figures ------------------------------------------------------------------------------------------------------------


def show_race(
    f: Callable[[NDArray[np.float64]], float],
    paths: Mapping[str, Sequence[ArrayLike]],
    losses: Mapping[str, Sequence[float]],
    *,
    title: str = "",
) -> Picture:
    """Draw the paths of a race on a map of its function, and beside it the losses.

    Parameters
    ----------
    f : callable
        ``f(params)`` is the loss, for params of shape (2,).
    paths : mapping
        By name, the places where each racer was, each of shape (2,).
    losses : mapping
        By name, the losses at these places.
    title : str, optional
        What stands above the map.

    Returns
    -------
    Picture
    """
    paths = {name: np.asarray([np.asarray(place, dtype=np.float64) for place in path]) for name, path in paths.items()}
    places = np.concatenate([path[np.isfinite(path).all(axis=1)] for path in paths.values()])
    start = next(iter(paths.values()))[0]
    # A racer that has left the others far behind must not make the map so large that nothing is seen on it.
    reach = max(2.0 * float(np.abs(start).max()), 1.0)
    near = places[(np.abs(places) <= reach).all(axis=1)]
    low, high = near.min(axis=0), near.max(axis=0)
    room = 0.12 * np.maximum(high - low, 0.3 * (high - low).max())
    (left, bottom), (right, top) = low - room, high + room
    across, up = np.meshgrid(np.linspace(left, right, 61), np.linspace(bottom, top, 61))
    depths = np.array(
        [[float(f(np.array(place))) for place in zip(*rows, strict=True)] for rows in zip(across, up, strict=True)]
    )
    with house_style():
        figure = Figure(figsize=(9.6, 3.9), layout="constrained")
        area, curve = figure.subplots(1, 2, width_ratios=(1.15, 1))
        _contours(area, across, up, depths)
        for name, path in paths.items():
            style = _style(name)
            line = {"color": style["color"], "linestyle": style["linestyle"], "linewidth": 1.5}
            area.plot(*path.T, marker=style["marker"], markersize=3.5, markevery=max(1, len(path) // 12), **line)
            area.plot(*path[-1:].T, color=style["color"], marker=style["marker"], markeredgecolor=INK, markersize=9)
        area.plot(*start, "o", color=INK, markersize=5)
        area.set(xlim=(left, right), ylim=(bottom, top), xlabel="params[0]", ylabel="params[1]", title=title)
        _draw_losses(curve, losses)
        figure.legend(handles=_handles(list(paths)), loc="outside upper left", ncols=6, columnspacing=1.4)
    return Picture(
        figure,
        f"Map of the loss with the paths of {_count(len(paths), 'optimizer')}, and their losses. {_ends(losses)}",
    )


def loss_curves(losses: Mapping[str, Sequence[float]], *, title: str = "", label: str = "loss (log scale)") -> Picture:
    """Draw the losses of several racers on a log scale.

    Parameters
    ----------
    losses : mapping
        By name, the losses at each step.
    title : str, optional
        What stands above.
    label : str, optional
        What the losses are, for their axis.

    Returns
    -------
    Picture
    """
    with house_style():
        figure = Figure(figsize=(6.4, 3.8), layout="constrained")
        axes = figure.add_subplot()
        _draw_losses(axes, losses)
        axes.set(ylabel=label, title=title)
        figure.legend(handles=_handles(list(losses)), loc="outside upper left", ncols=2, columnspacing=1.4)
    return Picture(figure, f"Line plot of {label} over the steps. {_ends(losses)}")


def _draw_losses(axes: Axes, losses: Mapping[str, Sequence[float]]) -> None:
    for name, values in losses.items():
        values = np.asarray([float(value) for value in values])
        shown = np.where(np.isfinite(values), np.clip(values, 1e-12, 1e12), np.nan)
        axes.plot(shown, linewidth=1.6, markersize=5, markevery=max(1, len(values) // 8), **_style(name))
    cut = any(float(value) < 1e-12 for values in losses.values() for value in values)
    label = "loss (log scale, from 10⁻¹² up)" if cut else "loss (log scale)"
    axes.set(yscale="log", xlabel="step", ylabel=label, title="Loss at each step")
    axes.grid(axis="y", color="#e6e6e6", linewidth=0.8)


def _ends(losses: Mapping[str, Sequence[float]]) -> str:
    first = next(iter(losses.values()))
    told = ", ".join(f"{name} {number(values[-1])}" for name, values in losses.items())
    return f"From {number(first[0])} at the start, loss after {_count(len(first) - 1, 'step')}: {told}."
