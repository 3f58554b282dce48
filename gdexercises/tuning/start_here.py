"""The panel of lesson 00: a ball in a valley, and what the learning rate makes of it."""

import numpy as np
from matplotlib.figure import Figure

from gdexercises.figures import BLUE, GREEN, INK, ORANGE, VERMILLION, house_style, number
from gdexercises.tuning import Counter, LogSlider, Panel, Stage, quiet_while_graded

__all__ = ["ball"]

_START, _LOWEST = -1.0, 1.0
_WIDTH = 4.2
_LOWEST_MARK = {
    "marker": "+",
    "linestyle": "none",
    "color": INK,
    "markersize": 11,
    "markeredgewidth": 1.5,
    "label": "lowest place",
}
_START_MARK = {"marker": "o", "linestyle": "none", "color": "white", "markeredgecolor": INK, "label": "start"}
_BALL = {
    "marker": "o",
    "linestyle": "none",
    "color": ORANGE,
    "markeredgecolor": INK,
    "markersize": 14,
    "label": "now",
}
_ALARM = {"color": "#a33c00", "fontweight": "bold", "ha": "center", "bbox": {"color": "white"}}
# At this learning rate one step leads from anywhere to the lowest place; at twice as much the ball is never lower.
_ONE_STEP = 0.5


@quiet_while_graded
def ball() -> Panel:
    """Return the panel in which a ball goes downhill in the valley of height (w - 1)², from w = -1."""
    with house_style():
        figure = Figure(figsize=(7.2, 4))
        axes = figure.subplots()
        figure.subplots_adjust(left=0.085, right=0.98, bottom=0.13, top=0.9)
        w = np.linspace(_LOWEST - _WIDTH, _LOWEST + _WIDTH, 201)
        axes.plot(w, _height(w), color=BLUE)
        [lowest] = axes.plot(_LOWEST, 0, **_LOWEST_MARK)
        axes.set(xlim=w[[0, -1]], ylim=(-0.8, 18), yticks=range(0, 17, 4), xlabel="w", ylabel="height (w − 1)²")
        axes.set_title("A ball in a valley")
        stage = Stage(figure)
        path = stage.moving(axes.plot([], [], ".-", color=VERMILLION, linewidth=1.2, markersize=7, label="steps")[0])
        first = stage.moving(axes.plot(_START, _height(_START), **_START_MARK)[0])
        here = stage.moving(axes.plot([], [], **_BALL)[0])
        tangent = stage.moving(axes.plot([], [], ":", color=GREEN, label="slope here")[0])
        alarm = stage.moving(axes.text(_LOWEST, 11, "", **_ALARM))
        marks = [first, path, here, tangent, lowest]
        axes.legend(handles=marks, loc="lower right", bbox_to_anchor=(1, 1), ncols=5, columnspacing=1.2, fontsize=9)

    def show(lr: float, n_steps: int) -> str:
        places = _LOWEST + (1 - 2 * lr) ** np.arange(n_steps + 1) * (_START - _LOWEST)
        now = places[-1]
        slope = 2 * (now - _LOWEST)
        path.set_data(places, _height(places))
        here.set_data([now], [_height(now)])
        alarm.set_text("" if abs(now - _LOWEST) < _WIDTH else "The ball has left this picture.")
        reach = np.array([-0.9, 0.9])
        tangent.set_data(now + reach, _height(now) + slope * reach)
        return (
            f"After {n_steps} {'step' if n_steps == 1 else 'steps'} at lr = {number(lr)}: w = {number(now)}, "
            f"height {number(_height(now))}, slope {number(slope)}. {_fate(lr)}"
        )

    controls = {
        "lr": LogSlider("lr (log scale)", 0.1, 0.01, 1.4),
        "n_steps": Counter("steps", 0, 30),
    }
    about = "A ball on the curve of the height (w − 1)² over w, with its steps from the start at w = −1."
    return Panel(stage, show, controls, about=about)


def _height(w):
    return (w - _LOWEST) ** 2


def _fate(lr: float) -> str:
    """Say what this learning rate does: each step multiplies the distance from the lowest place by 1 - 2 lr."""
    if np.isclose(lr, _ONE_STEP, rtol=0.02):
        return "About the best lr there is: one step leads to the lowest place, or very near to it."
    if lr < _ONE_STEP:
        return "The ball stays on its side of the valley and comes nearer with each step."
    if np.isclose(lr, 2 * _ONE_STEP, rtol=1e-6):
        return "The ball jumps from side to side and never gets any lower."
    if lr < 2 * _ONE_STEP:
        return "Each step jumps across the valley and lands lower on the other side."
    return "Diverges: each step jumps across the valley and lands higher on the other side."
