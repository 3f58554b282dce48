"""The pictures of lesson 05: graphs of Values, and the panel in which gradients walk back through one.

They draw the reader's own objects: whatever has ``data``, ``grad``, ``parents`` and ``local``. Nothing is derived here.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch
from numpy.typing import ArrayLike

from gdexercises.figures import BLUE, GREEN, GREY, INK, ORANGE, VERMILLION, Picture, house_style, number, scatter
from gdexercises.tuning import Counter, Panel, Slider, Stage, quiet_while_graded

__all__ = ["graph", "neuron", "walk_back"]

# Inches; a box is given in shares of them.
_COLUMN, _ROW = 1.75, 1.05
_HALF_WIDTH, _HALF_HEIGHT = 0.34, 0.36
_PARTIAL, _COMPLETE = "#FFF3D6", "#E2F3EC"


class Node(Protocol):
    """What is drawn as a node."""

    data: float
    grad: float
    parents: Sequence["Node"]
    local: Sequence[float]


def graph(nodes: Mapping[str, Node], title: str = "Computation graph") -> Picture:
    """Draw a graph with the data and the gradient of each node, and the local derivative on each edge.

    Parameters
    ----------
    nodes : mapping of str to Value
        All nodes by the name to write on them, each after its parents.
    title : str

    Returns
    -------
    Picture
    """
    with house_style():
        drawing = _Drawing(nodes, width=None)
        drawing.axes.set_title(title)
        for place, node in enumerate(nodes.values()):
            drawing.data[place].set_text(_data(node))
            drawing.grad[place].set_text(f"grad {number(node.grad)}")
        for edge in drawing.edges:
            edge.label.set_text(f"× {number(edge.local(drawing.nodes))}")
    alt = f"Graph of {len(nodes)} nodes. " + " ".join(_say_node(name, nodes) for name in nodes)
    return Picture(drawing.figure, alt)


def _data(node: Node) -> str:
    return f"data {number(node.data)}"


def _say_node(name: str, nodes: Mapping[str, Node]) -> str:
    node = nodes[name]
    names = {id(value): key for key, value in nodes.items()}
    made = " and ".join(
        f"{_short(names[id(parent)])} (local derivative {number(local)})"
        for parent, local in zip(node.parents, node.local, strict=True)
    )
    return f"{name}: data {number(node.data)}, grad {number(node.grad)}{', from ' + made if made else ''}."


def _short(name: str) -> str:
    """The name alone of a node that is called something like "c = a · b"."""
    return name.split("=")[0].strip()


class _Edge:
    """One use of a parent by a child, as places in the list of nodes, with its arrow and label."""

    def __init__(self, parent: int, child: int, slot: int) -> None:
        self.parent, self.child, self.slot = parent, child, slot

    def local(self, nodes: Sequence[Node]) -> float:
        return nodes[self.child].local[self.slot]

    def draw(self, axes: Axes, start: tuple[float, float], end: tuple[float, float], bend: float) -> None:
        """Draw the arrow; ``bend`` is how far it goes down (or up, if negative) in shares of its length."""
        arrow = FancyArrowPatch(
            start, end, arrowstyle="-|>", mutation_scale=12, connectionstyle=f"arc3,rad={bend}", zorder=1
        )
        self.arrow = axes.add_patch(arrow)
        self.activate(False)
        flat = not bend and abs(end[1] - start[1]) < 0.2
        x, y = (np.array(start) + np.array(end)) / 2
        # The arrow bends in inches, and a column is wider than a row is high.
        y += bend * (end[0] - start[0]) * _COLUMN / _ROW / 2 - 0.1 * flat
        box = {"facecolor": "white", "edgecolor": "none", "pad": 0.6}
        self.label = axes.text(
            x, y, "", fontsize=9, color=BLUE, ha="center", va="center", zorder=3, bbox=None if flat else box
        )

    def activate(self, active: bool) -> None:
        """Point back, to the parent, while a gradient goes there."""
        self.arrow.set(color=VERMILLION if active else GREY, linewidth=2.6 if active else 1.2)
        self.arrow.set_arrowstyle("<|-" if active else "-|>")


class _Drawing:
    """Boxes and arrows for the nodes of a graph, in columns from the leaves on the left to the root on the right."""

    def __init__(self, nodes: Mapping[str, Node], width: float | None) -> None:
        self.names, self.nodes = list(nodes), list(nodes.values())
        places = {id(node): place for place, node in enumerate(self.nodes)}
        unnamed = [name for name, node in nodes.items() if any(id(parent) not in places for parent in node.parents)]
        if unnamed:
            raise ValueError(f"a parent of {unnamed[0]} has no name: name all nodes of the graph, constants too")
        self.parents = [[places[id(parent)] for parent in node.parents] for node in self.nodes]
        where = _layout(self.parents)
        columns = 1 + max(x for x, _ in where.values())
        rows = 1 + max(y for _, y in where.values()) - min(y for _, y in where.values())
        self.figure = Figure(figsize=(width or max(4.0, _COLUMN * columns), 0.6 + _ROW * rows), layout="constrained")
        self.axes = self.figure.add_subplot()
        heights = [y for _, y in where.values()]
        self.axes.set(xlim=(-0.45, columns - 0.55), ylim=(max(heights) + 0.5, min(heights) - 0.5))
        self.axes.axis("off")
        self.edges = [edge for child in range(len(self.nodes)) for edge in self._arrows_to(child, where)]
        self.boxes = [self._box(*where[place]) for place in range(len(self.nodes))]
        for place, name in enumerate(self.names):
            x, y = where[place]
            self.axes.text(x, y - 0.2, name, ha="center", va="center", fontweight="bold", zorder=4)
        self.data = [self._text(*where[place], 0.02) for place in range(len(self.nodes))]
        self.grad = [self._text(*where[place], 0.23) for place in range(len(self.nodes))]

    def _arrows_to(self, child: int, where: Mapping[int, tuple[float, float]]) -> list[_Edge]:
        row = self.parents[child]
        edges = [_Edge(parent, child, slot) for slot, parent in enumerate(row)]
        from_above = sorted(edges, key=lambda edge: where[edge.parent][1])
        for rank, edge in enumerate(from_above):
            apart = 0.24 * (rank - (len(edges) - 1) / 2)
            (x0, y0), (x1, y1) = where[edge.parent], where[child]
            twice = row.count(edge.parent) > 1
            bend = np.sign(apart) * 0.2 if twice else _way_round(edge.parent, child, where)
            start = (x0 + _HALF_WIDTH, y0 + apart * twice)
            edge.draw(self.axes, start, (x1 - _HALF_WIDTH, y1 + apart), bend)
        return edges

    def _box(self, x: float, y: float) -> FancyBboxPatch:
        box = FancyBboxPatch(
            (x - _HALF_WIDTH + 0.04, y - _HALF_HEIGHT + 0.04),
            2 * _HALF_WIDTH - 0.08,
            2 * _HALF_HEIGHT - 0.08,
            boxstyle="round,pad=0.04",
            facecolor="white",
            edgecolor=INK,
            linewidth=1.2,
            zorder=2,
        )
        return self.axes.add_patch(box)

    def _text(self, x: float, y: float, below: float):
        return self.axes.text(x, y + below, "", ha="center", va="center", zorder=4)


def _way_round(parent: int, child: int, where: Mapping[int, tuple[float, float]]) -> float:
    """Return how an arrow bends that would cross a box between its ends: over it or under it."""
    (x0, y0), (x1, y1) = where[parent], where[child]
    for x, y in where.values():
        if x0 < x < x1:
            height = y0 + (x - x0) / (x1 - x0) * (y1 - y0)
            if abs(y - height) < 0.55:
                return -0.22 if height <= y else 0.22
    return 0.0


def _layout(parents: Sequence[Sequence[int]]) -> dict[int, tuple[float, float]]:
    """Return (column, row) of each node: leaves one below the other, just left of their first use."""
    column: dict[int, int] = {}
    for place, row in enumerate(parents):
        column[place] = 1 + max((column[parent] for parent in row), default=-1)
    leaves = [place for place, row in enumerate(parents) if not row]
    for leaf in leaves:
        column[leaf] = min((column[child] for child, row in enumerate(parents) if leaf in row), default=1) - 1
    height = {leaf: float(index) for index, leaf in enumerate(leaves)}
    for place, row in enumerate(parents):
        if row:
            height[place] = sum(height[parent] for parent in row) / len(row)
            taken = [height[other] for other in range(place) if column[other] == column[place]]
            while any(abs(height[place] - other) < 0.95 for other in taken):
                height[place] += 0.25
    return {place: (float(column[place]), height[place]) for place in range(len(parents))}


def neuron(x: ArrayLike, y: ArrayLike, b: float, w: float) -> Picture:
    """Draw data and the curve ``tanh(b + w x)``.

    Parameters
    ----------
    x, y : array of shape (N,)
    b, w : float
        The neuron's parameters.

    Returns
    -------
    Picture
    """
    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    loss = number(np.mean((np.tanh(b + w * x) - y) ** 2))
    formula = f"tanh({number(b)} {'-' if w < 0 else '+'} {number(abs(w))} x)"
    with house_style():
        figure = Figure(figsize=(6, 3.4), layout="constrained")
        axes = figure.add_subplot()
        scatter(axes, x, y, label=f"data ({x.size})")
        fine = np.linspace(*axes.get_xlim(), 200)
        axes.plot(fine, np.tanh(b + w * fine), color=VERMILLION, label=f"ŷ = {formula}")
        axes.set(ylim=(-1.4, 1.4), title=f"Data and neuron, loss (MSE) {loss}")
        axes.legend(loc="upper left")
    alt = (
        f"Scatter plot of {x.size} points with the curve yhat = {formula} in red, which goes from -1 to 1. "
        f"Its mean squared error is {loss}."
    )
    return Picture(figure, alt)


@quiet_while_graded
def walk_back(expression: Callable[..., Mapping[str, Node]], **inputs: float) -> Panel:
    """Return the panel in which values fill in from the inputs, and gradients from the root.

    Parameters
    ----------
    expression : callable
        Takes the inputs as numbers and returns all nodes by name, each after its parents, the gradients computed.
    **inputs : float
        The inputs at first; each gets a slider from -2 to 2.
    """
    walk = _Walk(expression(**inputs))
    stage, drawing = walk.stage, walk.drawing

    def show(step: int, **values: float) -> str:
        walk.nodes = list(expression(**values).values())
        return walk.show(step)

    controls: dict[str, Any] = {"step": Counter("step", 0, walk.last_step)}
    controls |= {name: Slider(f"{name}.data", value, -2.0, 2.0, 0.05) for name, value in inputs.items()}
    about = (
        f"A graph of {len(drawing.names)} nodes, {', '.join(drawing.names)}, with data and gradient of each and the "
        "local derivative on each edge."
    )
    return Panel(stage, show, controls, about=about)


class _Walk:
    """A graph on a stage, and what of it is known after a number of steps: forward for values, then back.

    The gradients are the reader's. What a node has received so far is the part of its gradient that comes from the
    nodes that have had their turn.
    """

    def __init__(self, nodes: Mapping[str, Node]) -> None:
        with house_style():
            self.drawing = _Drawing(nodes, width=9.6)
        self.nodes = self.drawing.nodes
        self.names = [_short(name) for name in self.drawing.names]
        self.results = [place for place, row in enumerate(self.drawing.parents) if row]
        self.last_step = 2 * len(self.results) + 1
        self.stage = Stage(self.drawing.figure)
        moving = [edge.arrow for edge in self.drawing.edges] + self.drawing.boxes
        moving += [edge.label for edge in self.drawing.edges] + self.drawing.data + self.drawing.grad
        # Names stand still on white boxes that move, so they are drawn anew as well.
        moving += [text for text in self.drawing.axes.texts if text not in moving]
        for artist in moving:
            self.stage.moving(artist)

    def show(self, step: int) -> str:
        """Draw the graph after ``step`` steps and say what the last of them did."""
        count = len(self.results)
        known = set(range(len(self.nodes))) - set(self.results[min(step, count) :])
        done = self.results[::-1][: max(0, step - count - 1)]
        seeded = step > count
        received = {len(self.nodes) - 1: 1.0} if seeded else {}
        waits = set()
        for edge in self.drawing.edges:
            if edge.child in done:
                share = edge.local(self.nodes) * self.nodes[edge.child].grad
                received[edge.parent] = received.get(edge.parent, 0.0) + share
            else:
                waits.add(edge.parent)
        self._draw(known, received, waits, done[-1:])
        if step <= count:
            return self._say_forward(step)
        return self._say_back(step, received, waits, done)

    def _draw(self, known: set[int], received: Mapping[int, float], waits: set[int], turn: Sequence[int]) -> None:
        for place, node in enumerate(self.nodes):
            partial = place in waits
            self.drawing.data[place].set_text(_data(node) if place in known else "data ?")
            amount = f"grad {number(received[place])}{' so far' if partial else ''}" if place in received else "grad ?"
            self.drawing.grad[place].set_text(amount)
            colour = "white" if place not in received else _PARTIAL if partial else _COMPLETE
            edge_colour = VERMILLION if place in turn else ORANGE if colour == _PARTIAL else INK
            edge_colour = GREEN if colour == _COMPLETE and place not in turn else edge_colour
            box = self.drawing.boxes[place]
            box.set(facecolor=colour, edgecolor=edge_colour, linewidth=2.6 if place in turn else 1.2)
        for edge in self.drawing.edges:
            edge.label.set_text(f"× {number(edge.local(self.nodes))}" if edge.child in known else "")
            edge.activate(edge.child in turn)

    def _say_forward(self, step: int) -> str:
        if step == 0:
            leaves = [place for place in range(len(self.nodes)) if place not in self.results]
            given = ", ".join(f"{self.names[place]} = {number(self.nodes[place].data)}" for place in leaves)
            return f"Step 0 of {self.last_step}. The inputs are given: {given}."
        place = self.results[step - 1]
        node = self.nodes[place]
        local = ", ".join(
            f"{number(slope)} for {self.names[parent]}"
            for parent, slope in zip(self.drawing.parents[place], node.local, strict=True)
        )
        return (
            f"Step {step} of {self.last_step}, forward. {self.drawing.names[place]} = {number(node.data)}, with the "
            f"local derivatives {local}."
        )

    def _say_back(self, step: int, received: Mapping[int, float], waits: set[int], done: Sequence[int]) -> str:
        root = self.names[-1]
        if not done:
            return f"Step {step} of {self.last_step}. The seed: {root}.grad = 1, the derivative of {root} by itself."
        turn = done[-1]
        grad = number(self.nodes[turn].grad)
        said = []
        for edge in self.drawing.edges:
            if edge.child == turn:
                local, now = edge.local(self.nodes), number(received[edge.parent])
                so_far = " so far" if edge.parent in waits else ""
                said.append(
                    f"{number(local)} × {grad} = {number(local * self.nodes[turn].grad)} to "
                    f"{self.names[edge.parent]}.grad, now {now}{so_far}"
                )
        end = " All gradients are complete." if step == self.last_step else ""
        return (
            f"Step {step} of {self.last_step}, back. It is the turn of {self.names[turn]}: it adds "
            f"{', and '.join(said)}.{end}"
        )
