"""Live panels: sliders, one figure, and step, play and reset.

A panel is a figure with moving parts (`Stage`), a function that moves them and says in words what is to be seen, and
its controls (`Slider`, `LogSlider`, `Choice`, `Counter`, `Toggle`). `Panel` joins the three::

    @quiet_while_graded
    def secant(x, y):
        stage = Stage(figure)
        line = stage.moving(axes.plot([], [])[0])

        def show(h):
            line.set_data(...)
            return f"h = {number(h)}: slope {number(slope)}"

        return Panel(stage, show, {"h": LogSlider("h", 0.1, 1e-6, 1)}, about="The secant of a curve.")
"""

from gdexercises.tuning.controls import Choice, Control, Counter, LogSlider, Slider, Toggle
from gdexercises.tuning.panel import Notice, Panel, quiet_while_graded
from gdexercises.tuning.stage import Stage

__all__ = [
    "Choice",
    "Control",
    "Counter",
    "LogSlider",
    "Notice",
    "Panel",
    "Slider",
    "Stage",
    "Toggle",
    "quiet_while_graded",
]
