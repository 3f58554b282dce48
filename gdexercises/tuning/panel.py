"""A panel: a figure, its controls, and a text that says what the figure shows now."""

import functools
import os
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from gdexercises.figures import image_html
from gdexercises.tuning.controls import Control, Counter
from gdexercises.tuning.stage import Stage

__all__ = ["Notice", "Panel", "quiet_while_graded"]


class Notice(str):
    """One line of text that shows as itself where a panel would stand."""

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, str]:
        return {"text/plain": str(self)}


def quiet_while_graded(make: Callable[..., "Panel"]) -> Callable[..., "Panel | Notice"]:
    """Decorate a function that makes a panel: while a notebook is graded it returns one line and draws nothing."""

    @functools.wraps(make)
    def panel_or_notice(*args: Any, **kwargs: Any) -> "Panel | Notice":
        if os.environ.get("NBGRADER_EXECUTION"):
            return Notice("The panel is not drawn while the notebook is graded.")
        return make(*args, **kwargs)

    return panel_or_notice


class Panel:
    """Join a figure, a function that moves its parts, and controls.

    As the last expression of a notebook cell a panel shows as live widgets. Beside them stands its last picture as
    plain output, hidden as long as the widgets live: that is what a saved or exported notebook shows.

    Parameters
    ----------
    stage : Stage
        The figure.
    show : callable
        Called with the value of every control by name; moves the figure's moving parts and returns, as plain text,
        what the figure shows now, with its numbers.
    controls : dict of str to Control
        The controls by the parameter of ``show`` that they set, in the order in which they stand.
    about : str
        One sentence on what the figure is: the first part of its alt text.
    on_reset : callable, optional
        Called without arguments before a reset shows, for a ``show`` that remembers.

    Attributes
    ----------
    values : dict
        The controls' present values.
    text : str
        What the figure shows now.
    """

    def __init__(
        self,
        stage: Stage,
        show: Callable[..., str],
        controls: Mapping[str, Control],
        *,
        about: str,
        on_reset: Callable[[], None] | None = None,
    ) -> None:
        self.stage = stage
        self.controls = dict(controls)
        self.about = about
        self.name = uuid.uuid4().hex[:12]
        self._show = show
        self._on_reset = on_reset
        self._views: list[Any] = []
        self.values = {name: control.clip(control.value) for name, control in self.controls.items()}
        self.text = show(**self.values)

    @property
    def counter(self) -> str | None:
        """The name of the control that Step and Play count up, if there is one."""
        return next((name for name, control in self.controls.items() if isinstance(control, Counter)), None)

    def set(self, **values: float) -> None:
        """Set some of the controls and show the result, all at once."""
        self.values.update({name: self.controls[name].clip(value) for name, value in values.items()})
        self.text = self._show(**self.values)
        for view in self._views:
            view.refresh()

    def step(self) -> None:
        """Count one up; at the end, stay there."""
        self.set(**{self.counter: self.values[self.counter] + 1})

    def reset(self) -> None:
        """Set all controls to their first values."""
        if self._on_reset is not None:
            self._on_reset()
        self.set(**{name: control.value for name, control in self.controls.items()})

    def png(self) -> bytes:
        """Return the picture as it is now, to be kept."""
        return self.stage.png()

    def frame(self) -> bytes:
        """Return the picture as it is now, as a JPEG, to be seen and replaced."""
        return self.stage.frame()

    @property
    def alt(self) -> str:
        """The text that stands for the picture as it is now."""
        return f"{self.about} {self.text}"

    def html(self) -> str:
        """Return the picture as it is now as an ``<img>`` with its alt text."""
        return image_html(self.png(), self.alt, int(self.stage.figure.bbox.width))

    def _ipython_display_(self) -> None:
        from gdexercises.tuning.live import LastPicture, Widgets, widgets_work

        if widgets_work():
            self._views.append(Widgets(self))
        self._views.append(LastPicture(self))
