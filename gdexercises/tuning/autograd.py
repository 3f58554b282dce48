"""The panel of lesson 04, batch against stochastic training at one learning rate, and the lesson's own figures.

Tensors come in as they are and are only read; all is computed in NumPy.
"""

from collections.abc import Mapping
from functools import lru_cache
from itertools import count
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from gdexercises.figures import BLUE, GREEN, GREY, INK, VERMILLION, LossBowl, Picture, house_style, number
from gdexercises.tuning import Counter, LogSlider, Panel, Slider, Stage, quiet_while_graded
from gdexercises.tuning.batches import loss_histories

__all__ = ["graph", "loss_histories", "two_ways"]

# Far beyond any picture, and still far from the largest float when it is squared.
_FAR = 1e150


def _numbers(values: Any) -> NDArray[np.float64]:
    """Return the numbers in an array or a tensor, one after the other; one that requires gradients will do."""
    values = values.detach() if hasattr(values, "detach") else values
    return np.asarray(values, dtype=np.float64).ravel()


# The panel ----------------------------------------------------------------------------------------------------------


@quiet_while_graded
def two_ways(
    x: Any, y: Any, b: float, w: float, *, lr: float = 0.02, n_epochs: int = 10, max_epochs: int = 20
) -> Panel:
    """Return the panel in which batch and stochastic training run at the same learning rate.

    Parameters
    ----------
    x, y : array or tensor of shape (N, 1)
        The data.
    b, w : float
        Where both start.
    lr : float
        The learning rate at first.
    n_epochs : int
        The number of epochs at first.
    max_epochs : int
        The largest number of epochs.
    """
    x, y, b, w = _numbers(x), _numbers(y), float(b), float(w)
    bowl = LossBowl.of(x, y)
    start_loss = float(bowl(b, w))
    limits = (bowl.floor / 2, 1e6 * start_loss)
    safe = 1 / (1 + x**2)
    bounds = _Bounds(bowl.largest_stable_lr, float(safe.min()))
    walk = lru_cache(maxsize=16)(lambda lr, size, seed: _walk(x, y, b, w, lr, size, seed, max_epochs))
    with house_style():
        figure = Figure(figsize=(9.6, 4.0))
        curve, steepness = figure.subplots(1, 2, width_ratios=(1.25, 1))
        figure.subplots_adjust(left=0.075, right=0.985, bottom=0.13, top=0.83, wspace=0.24)
        stage = Stage(figure)
        _draw_curve(curve, max_epochs, limits, bowl.floor)
        _draw_limits(steepness, x, safe, bounds)
        runs = [_run(stage, curve, *style) for style in _STYLES]
        rate = stage.moving(steepness.axhline(lr, color=INK, linewidth=1.8, label="lr"))
        steepness.legend(loc="lower center", ncols=3, fontsize=9)
        too_steep = stage.moving(
            steepness.plot([], [], "^", color=VERMILLION, markeredgecolor=INK, markeredgewidth=0.4, markersize=5)[0]
        )
        for place, (name, (color, *_)) in zip((0.075, 0.2), zip(_NAMES, _STYLES, strict=True), strict=True):
            figure.text(place, 0.945, name, color=color, fontsize=10, fontweight="bold")
        alarm = stage.moving(figure.text(0.985, 0.945, "", color="#a33c00", fontsize=11, fontweight="bold", ha="right"))

    def show(lr: float, n_epochs: int, seed: float) -> str:
        said, diverging = [], []
        for name, size, (trace, now) in zip(_NAMES, (x.size, 1), runs, strict=True):
            places = walk(lr, size, int(seed) if size == 1 else 0)[: n_epochs + 1]
            losses = bowl(*places.T)
            lost = len(places) <= n_epochs
            if lost or losses[-1] > start_loss:
                diverging.append(name[2:])
            trace.set_data(np.arange(len(losses)), np.clip(losses, *limits))
            now.set_data([len(losses) - 1], np.clip(losses[-1:], *limits))
            said.append(_say(name[2:], n_epochs * x.size // size, places[-1], losses[-1], start_loss, lost))
        rate.set_ydata([lr, lr])
        above = safe < lr
        too_steep.set_data(x[above], safe[above])
        alarm.set_text(f"Diverges: {' and '.join(diverging)}" if diverging else "")
        order = f"shuffled in every epoch (seed {int(seed)})" if seed else "in the given order"
        head = f"After {n_epochs} epoch{'s' * (n_epochs != 1)} at lr = {number(lr)}, points {order}."
        return f"{head} {' '.join(said)} {bounds.say(lr, int(above.sum()), x.size)}"

    controls = {
        "lr": LogSlider("lr (log scale)", lr, 1e-3, 2.5 * bounds.batch),
        "n_epochs": Counter("epochs", n_epochs, max_epochs),
        "seed": Slider("seed (0: no shuffle)", 0, 0, 20, 1),
    }
    about = (
        "Two plots. Left: the loss after each epoch on a log scale, of batch (blue, circle) and of stochastic training "
        "(red, triangle), and the lowest loss as a grey line. Right: for each point, the learning rate below which a "
        "step is safe, 1 / (x² + 1), on a log scale against x, with that of all points together as a green line and lr "
        "as a black one; red triangles are the points for which lr is too large."
    )
    return Panel(stage, show, controls, about=about)


_NAMES = ("● batch", "▲ stochastic")
_STYLES = ((BLUE, "-", "o"), (VERMILLION, "--", "^"))


class _Bounds(NamedTuple):
    """The largest stable learning rates: of all points together, and of the steepest one."""

    batch: float
    point: float

    def say(self, lr: float, above: int, points: int) -> str:
        steepest = f"2/{number(2 / self.point)} = {number(self.point)}, the limit of the steepest point"
        together = f"2/{number(2 / self.batch)} = {number(self.batch)}, the limit of all points together"
        if lr <= self.point:
            return f"This lr is below {steepest}."
        many = f"{above} of {points} points" if above != 1 else f"1 of {points} points"
        if lr <= self.batch:
            return f"This lr is above {steepest}, and too large for {many}; it is below {together}."
        return f"This lr is above {steepest}, too large for {many}, and above {together}."


def _walk(
    x: NDArray, y: NDArray, b: float, w: float, lr: float, size: int, seed: int, n_epochs: int
) -> NDArray[np.float64]:
    """Return b and w at the start and after each epoch, shape (n_epochs + 1, 2), as far as they are finite."""
    rng = np.random.default_rng(seed)
    columns = x.tolist(), y.tolist()
    means = [[*map(np.mean, (x, y, x * x, x * y))]]
    places = [(b, w)]
    for _ in range(n_epochs):
        if size > 1:
            points = means
        else:
            order = rng.permutation(x.size).tolist() if seed else range(x.size)
            points = ((u, v, u * u, u * v) for u, v in ((columns[0][i], columns[1][i]) for i in order))
        for x_mean, y_mean, xx_mean, xy_mean in points:
            b, w = (
                b - lr * 2 * (b + w * x_mean - y_mean),
                w - lr * 2 * (b * x_mean + w * xx_mean - xy_mean),
            )
        if not (abs(b) < _FAR and abs(w) < _FAR):
            break
        places.append((b, w))
    return np.array(places)


def _draw_curve(axes: Axes, max_epochs: int, limits: tuple[float, float], floor: float) -> None:
    axes.set(yscale="log", xlim=(-0.03 * max_epochs, 1.03 * max_epochs), ylim=limits)
    axes.set(xlabel="epoch", ylabel="loss (MSE, log scale)", title="Loss after each epoch")
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.grid(axis="y", color="#e6e6e6", linewidth=0.8)
    axes.axhline(floor, color=GREY, linewidth=1)
    axes.text(0.985, 1.15 * floor, "lowest", transform=axes.get_yaxis_transform(), fontsize=8.5, color=INK, ha="right")


def _draw_limits(axes: Axes, x: NDArray[np.float64], safe: NDArray[np.float64], bounds: _Bounds) -> None:
    axes.plot(x, safe, "o", color=BLUE, markersize=3, label="one point")
    axes.axhline(bounds.batch, color=GREEN, linewidth=1.5, linestyle="-.", label="all points")
    axes.set(yscale="log", ylim=(2e-4, 1.5), xlabel="x", ylabel="learning rate (log scale)")
    axes.set_title("A step is safe below")


def _run(stage: Stage, curve: Axes, color: str, dashes: str, mark: str) -> tuple:
    """Return the moving artists of one training: its losses, and the last of them."""
    now = {"marker": mark, "color": color, "markeredgecolor": INK, "markersize": 9, "linestyle": "none"}
    return stage.moving(curve.plot([], [], dashes, color=color)[0]), stage.moving(curve.plot([], [], **now)[0])


def _say(name: str, updates: int, place: NDArray[np.float64], loss: float, start_loss: float, lost: bool) -> str:
    text = f"{name.capitalize()} ({updates} update{'s' * (updates != 1)}): "
    if lost:
        return f"{text}diverges: the loss has grown from {number(start_loss)} beyond 1e300."
    if loss > start_loss:
        return f"{text}diverges: the loss has grown from {number(start_loss)} to {number(loss)}."
    b, w = map(number, place)
    return f"{text}b = {b}, w = {w}, loss = {number(loss)}."


# Figures ------------------------------------------------------------------------------------------------------------


_ARROW = {"arrowstyle": "-|>", "color": VERMILLION, "shrinkA": 25, "shrinkB": 25, "linewidth": 1.5}


def graph(result: Any, leaves: Mapping[str, Any]) -> Picture:
    """Draw the graph that PyTorch has recorded behind a tensor: what it was computed by, back to the leaves.

    Parameters
    ----------
    result : torch.Tensor
        Has been computed from leaves that require gradients.
    leaves : mapping
        The leaves by their names.

    Returns
    -------
    Picture
    """
    nodes, before = _nodes_behind(result)
    named = {id(tensor): name for name, tensor in leaves.items()}
    labels, said = {}, []
    for node in nodes:
        leaf = getattr(node, "variable", None)
        labels[node] = (
            f"{named.get(id(leaf), 'leaf')}\n.grad"
            if leaf is not None
            else node.name().removesuffix("0").removesuffix("Backward").lower()
        )
    places = _places(nodes, before)
    columns = 1 + max(column for column, _ in places.values())
    rows = 1 + max(row for _, row in places.values())
    with house_style():
        figure = Figure(figsize=(1.5 * columns + 0.6, 0.95 * rows + 0.7), layout="constrained")
        axes = figure.add_subplot()
        for node in nodes:
            here = places[node]
            for other in before[node]:
                there = places[other]
                axes.annotate("", there, here, arrowprops=_ARROW)
            is_leaf = getattr(node, "variable", None) is not None
            style = {"boxstyle": "circle,pad=0.35" if is_leaf else "round,pad=0.45", "edgecolor": INK, "linewidth": 1}
            axes.text(
                *here, labels[node], ha="center", va="center", fontsize=11,
                bbox=style | {"facecolor": "#cfe3f1" if is_leaf else "#f2f2f2"},
            )  # fmt: skip
        axes.set(xlim=(columns - 0.45, -0.55), ylim=(rows - 0.4, -0.6))
        axes.axis("off")
        axes.set_title("The way back, from the loss to the leaves")
    for node in nodes:
        if before[node]:
            ways = " and ".join(labels[other].replace("\n", "") for other in before[node])
            said.append(f"{labels[node]} leads to {ways}")
    alt = (
        f"A graph of {len(nodes)} nodes, drawn from right to left as backward() walks it; boxes are operations, "
        f"circles are leaves, where gradients arrive. {'; '.join(said)}."
    )
    return Picture(figure, alt)


def _nodes_behind(result: Any) -> tuple[list, dict]:
    """Return the nodes of the graph, each after all that lead to it, and by each node those that it leads to."""
    before: dict = {}
    order: list = []

    def visit(node: Any) -> None:
        if node not in before:
            before[node] = [other for other, _ in node.next_functions if other is not None]
            for other in before[node]:
                visit(other)
            order.append(node)

    visit(result.grad_fn)
    return order[::-1], before


def _places(nodes: list, before: dict) -> dict:
    """Return column and row of each node: a column further than all that lead to it, a row of its own within that."""
    columns = dict.fromkeys(nodes, 0)
    for node in nodes:
        for other in before[node]:
            columns[other] = max(columns[other], columns[node] + 1)
    rows: dict[int, count] = {}
    places = {node: (column, next(rows.setdefault(column, count()))) for node, column in columns.items()}
    return places
