"""What a panel can be steered with. A control is plain data; ipywidgets is imported only to show one."""

import math
from dataclasses import dataclass

__all__ = ["Choice", "Control", "Counter", "LogSlider", "Slider", "Toggle"]


def _layout() -> dict:
    """Return the style of one slider: as wide as its label needs, two to a row where there is room."""
    return {"style": {"description_width": "8.5em"}, "layout": {"width": "27em", "max_width": "100%"}}


def _on_grid(value: float, low: float, high: float, step: float) -> float:
    """Return the step nearest to ``value``: a browser's slider stands on its steps and nowhere else."""
    return min(max(low + round((value - low) / step) * step, low), high)


@dataclass(frozen=True)
class Control:
    """A value that the reader can change.

    Attributes
    ----------
    label : str
        What it is called beside its slider: start with the name that the lesson's code uses.
    value : float, int or bool
        The value at first and after a reset.
    """

    label: str
    value: float

    def clip(self, value: float) -> float:
        """Return the value nearest to ``value`` that this control can take."""
        return value


@dataclass(frozen=True)
class Slider(Control):
    """A number from ``low`` to ``high``; an arrow key moves it by ``step``."""

    low: float
    high: float
    step: float

    def clip(self, value: float) -> float:
        return _on_grid(value, self.low, self.high, self.step)

    def widget(self):
        """Return the ipywidgets slider."""
        from ipywidgets import FloatSlider

        decimals = max(0, -math.floor(math.log10(self.step)))
        readout = f".{decimals}f" if decimals < 5 and self.high < 1e5 else ".3g"
        limits = {"min": self.low, "max": self.high, "step": self.step, "readout_format": readout}
        return FloatSlider(value=self.clip(self.value), description=self.label, **limits, **_layout())


@dataclass(frozen=True)
class LogSlider(Control):
    """A positive number from ``low`` to ``high`` on a log scale: an arrow key multiplies or divides it."""

    low: float
    high: float
    steps_per_decade: int = 40

    def clip(self, value: float) -> float:
        low, high = math.log10(self.low), math.log10(self.high)
        return 10 ** _on_grid(math.log10(max(value, self.low)), low, high, 1 / self.steps_per_decade)

    def widget(self):
        """Return the ipywidgets slider."""
        from ipywidgets import FloatLogSlider

        limits = {"min": math.log10(self.low), "max": math.log10(self.high), "step": 1 / self.steps_per_decade}
        return FloatLogSlider(
            value=self.clip(self.value), description=self.label, readout_format=".3g", **limits, **_layout()
        )


@dataclass(frozen=True)
class Counter(Control):
    """A whole number from 0 to ``high``, which Step and Play count up."""

    high: int

    def clip(self, value: int) -> int:
        return min(max(int(value), 0), self.high)

    def widget(self):
        """Return the ipywidgets slider."""
        from ipywidgets import IntSlider

        return IntSlider(value=self.value, min=0, max=self.high, description=self.label, **_layout())


@dataclass(frozen=True)
class Choice(Control):
    """One of several named things; an arrow key goes on to the next. The value is its place among the names."""

    names: tuple[str, ...]

    def clip(self, value: int) -> int:
        return min(max(int(value), 0), len(self.names) - 1)

    def widget(self):
        """Return the ipywidgets slider."""
        from ipywidgets import SelectionSlider

        options = [(name, place) for place, name in enumerate(self.names)]
        return SelectionSlider(options=options, value=self.value, description=self.label, **_layout())


@dataclass(frozen=True)
class Toggle(Control):
    """Something shown or hidden by a button."""

    value: bool = False

    def widget(self):
        """Return the ipywidgets button."""
        from ipywidgets import ToggleButton

        return ToggleButton(value=self.value, description=self.label, layout={"width": "auto"})
