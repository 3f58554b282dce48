"""How a panel shows in a notebook: live widgets, and the last picture for where there are none."""

import asyncio
import html
import math
from typing import TYPE_CHECKING

from IPython import get_ipython
from IPython.display import display

if TYPE_CHECKING:
    from gdexercises.tuning.panel import Panel

__all__ = ["LastPicture", "Widgets", "widgets_work"]

# Long enough that a drag is never slowed by it, short enough to be there when the reader saves.
_REST = 0.5
_PLAY_INTERVAL = 100
_VIEW = "application/vnd.jupyter.widget-view+json"


def widgets_work() -> bool:
    """Return whether there is a kernel to talk to, and ipywidgets to talk with."""
    shell = get_ipython()
    if shell is None or not hasattr(shell, "kernel"):
        return False
    try:
        import ipywidgets  # noqa: F401
    except ImportError:
        return False
    return True


class Widgets:
    """A panel's sliders, buttons, picture and read-out as ipywidgets, displayed when made.

    A change sends two messages: the picture, and the text below it.
    """

    def __init__(self, panel: "Panel") -> None:
        import ipywidgets

        self._panel = panel
        self._controls = {name: control.widget() for name, control in panel.controls.items()}
        for name, widget in self._controls.items():
            widget.observe(lambda change, name=name: self._moved(name, change["new"]), "value")
        self._picture = ipywidgets.Image(
            # ipywidgets' images can carry neither an alt text nor a tooltip: the text below stands for the picture.
            format="jpeg",
            # Narrower than this its labels are too small to read; the box around it scrolls instead.
            layout={"width": "100%", "min_width": "720px", "max_width": f"{int(panel.stage.figure.bbox.width)}px"},
        )
        self._readout = ipywidgets.HTML()
        sliders, toggles = [], []
        for widget in self._controls.values():
            (toggles if isinstance(widget, ipywidgets.ToggleButton) else sliders).append(widget)
        wrap = {"flex_flow": "row wrap"}
        # Only while this widget lives is its style part of the page, and the plain output beside it hidden.
        hide_last_picture = ipywidgets.HTML(
            f"<style>.{_class(panel)} {{display: none}}</style>", layout={"height": "0"}
        )
        self.box = ipywidgets.VBox(
            [
                ipywidgets.HBox(sliders, layout=wrap),
                ipywidgets.HBox([*self._buttons(), *toggles], layout=wrap),
                ipywidgets.Box([self._picture], layout={"overflow": "auto hidden"}),
                self._readout,
                hide_last_picture,
            ]
        )
        self.refresh()
        bundle = {_VIEW: self.box._repr_mimebundle_()[_VIEW], "text/plain": "A live panel: run this cell to use it."}
        display(bundle, raw=True)

    def _buttons(self) -> list:
        from ipywidgets import Button

        reset = Button(description="Reset", icon="undo", layout={"width": "auto"})
        reset.on_click(lambda _: self._reset())
        if self._panel.counter is None:
            return [reset]
        step = Button(description="Step", icon="step-forward", layout={"width": "auto"})
        step.on_click(lambda _: self._panel.step())
        return [step, *self._play_buttons(), reset]

    def _play_buttons(self) -> list:
        """Return Play as a button with a name, driven by ipywidgets' own, which has icons only and stays hidden."""
        from ipywidgets import Play, ToggleButton

        counter = self._panel.counter
        self._play = Play(
            min=0, max=self._panel.controls[counter].high, interval=_PLAY_INTERVAL, layout={"display": "none"}
        )
        self._play_button = ToggleButton(description="Play", icon="play", layout={"width": "auto"})
        self._play.observe(lambda change: self._panel.set(**{counter: change["new"]}), "value")
        self._play.observe(lambda change: self._played(change["new"]), "playing")
        self._play_button.observe(lambda change: self._press_play(change["new"]), "value")
        return [self._play_button, self._play]

    def _press_play(self, playing: bool) -> None:
        if playing and not self._play.playing:
            here = self._panel.values[self._panel.counter]
            self._play.value = 0 if here >= self._play.max else here
        self._play.playing = playing

    def _played(self, playing: bool) -> None:
        button = self._play_button
        button.value, button.description, button.icon = (True, "Pause", "pause") if playing else (False, "Play", "play")
        self.refresh_readout()

    def _moved(self, name: str, value: float) -> None:
        # A slider that follows the panel reports the value it was just given.
        if not _same(value, self._panel.values[name]):
            self._panel.set(**{name: value})

    def _reset(self) -> None:
        if self._panel.counter is not None:
            self._play.playing = False
        self._panel.reset()

    def refresh(self) -> None:
        """Bring the widgets up to date with the panel."""
        self._picture.value = self._panel.frame()
        self.refresh_readout()
        for name, widget in self._controls.items():
            if not _same(widget.value, self._panel.values[name]):
                widget.value = self._panel.values[name]

    def refresh_readout(self) -> None:
        """Write what the picture shows; a screen reader says it, but not at every frame of an animation."""
        live = "off" if self._panel.counter is not None and self._play.playing else "polite"
        text = html.escape(self._panel.text)
        self._readout.value = f'<div role="status" aria-live="{live}" class="gd-readout">{text}</div>'


class LastPicture:
    """A panel's last picture with its alt text as plain output, displayed when made and updated when at rest."""

    def __init__(self, panel: "Panel") -> None:
        self._panel = panel
        self._timer: asyncio.TimerHandle | None = None
        self._handle = display(self._bundle(), raw=True, display_id=_class(panel))

    def _bundle(self) -> dict[str, str]:
        name = _class(self._panel)
        # Without its model a widget's own output says only that it failed: it makes room for the picture.
        dead_widget = f".jp-OutputArea-child:not(:has(.widget-vbox)):has(+ .jp-OutputArea-child .{name})"
        caption = "The panel's last picture. Run the cell to move its sliders."
        picture = (
            f'<figure class="{name}" style="margin: 0">{self._panel.html()}<figcaption>{caption}</figcaption></figure>'
        )
        return {
            "text/html": f"<style>{dead_widget} {{display: none}}</style>{picture}",
            "text/plain": self._panel.alt,
        }

    def refresh(self) -> None:
        """Take the picture again once the panel has been at rest for a moment."""
        if self._timer is not None:
            self._timer.cancel()
        try:
            self._timer = asyncio.get_running_loop().call_later(_REST, self._update)
        except RuntimeError:  # No event loop, so nobody is dragging.
            self._update()

    def _update(self) -> None:
        self._handle.update(self._bundle(), raw=True)


def _same(one: float, other: float) -> bool:
    """Whether a browser's slider and the panel mean the same step: their arithmetic rounds differently."""
    return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-12)


def _class(panel: "Panel") -> str:
    return f"gd-last-{panel.name}"
