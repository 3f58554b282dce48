"""What a check found, and how a student sees it: as text, as an accessible HTML card, and as data for reports."""

import re
import sys
from dataclasses import asdict, dataclass
from html import escape

__all__ = ["MIME", "CheckFailed", "Note", "Verdict", "display"]

MIME = "application/vnd.gdexercises.verdict+json"

_HEADS = {"passed": ("✓", "Right"), "not attempted": ("○", "Not attempted yet")}
_COLOURS = {"passed": "#009E73", "not attempted": "#0072B2"}


@dataclass(frozen=True)
class Verdict:
    """The result of one check.

    Attributes
    ----------
    exercise : str
        Name of the exercise.
    passed : bool
    finding : str
        ``passed``, ``not attempted``, ``not callable``, ``arguments``, ``signature``, ``raised``, ``none``,
        ``kind``, ``shape``, ``dtype``, ``not finite``, ``changed arguments``, ``value``, or ``ended`` where the process
        of the attempt ended before the check did.
    mistake : str or None
        Name of the registered mistake that the answer matches.
    message : str
        What happened, and what to do about it.
    call, expected, got : str or None
        The first failing case.
    notes : tuple of str
        Remarks that change nothing about the result.
    """

    exercise: str
    passed: bool
    finding: str
    message: str
    mistake: str | None = None
    call: str | None = None
    expected: str | None = None
    got: str | None = None
    notes: tuple[str, ...] = ()

    @property
    def head(self) -> str:
        sign, word = _HEADS.get(self.finding, ("✗", "Not right yet"))
        return f"{sign} {self.exercise}: {word}"

    @property
    def _case(self) -> list[tuple[str, str]]:
        rows = [("call", self.call), ("expected", self.expected), ("got", self.got)]
        return [(name, text) for name, text in rows if text is not None]

    def __str__(self) -> str:
        lines = [self.head, *([self.message] if self.message else []), *self.notes]
        for name, text in self._case:
            lines.append(f"  {name + ':':10}" + text.replace("\n", "\n" + " " * 12))
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        colour = _COLOURS.get(self.finding, "#D55E00")
        rows = "".join(
            f'<tr><th scope="row" style="text-align:left;vertical-align:top;padding:2px 1em 2px 0">{name}</th>'
            f'<td style="text-align:left"><pre style="margin:0;background:none">{escape(text)}</pre></td></tr>'
            for name, text in self._case
        )
        paragraphs = "".join(
            f'<p style="margin:.3em 0;white-space:pre-line">{marked_up(text)}</p>'
            for text in (self.message, *self.notes)
            if text
        )
        table = f'<table style="margin:.4em 0 0;border:none">{rows}</table>' if rows else ""
        return (
            f'<div role="group" aria-label="{escape(self.head)}" '
            f'style="border-left:6px solid {colour};padding:.4em 0 .4em 1em;margin:.3em 0">'
            f'<strong style="font-size:1.1em">{escape(self.head)}</strong>{paragraphs}{table}</div>'
        )

    def to_dict(self) -> dict:
        """The fields as plain data, as they stand in a notebook's outputs."""
        return {**asdict(self), "notes": list(self.notes)}

    def _ipython_display_(self) -> None:
        # As display data rather than as the cell's result: nbgrader reads a graded cell's result as partial credit.
        _publish({"text/plain": str(self), "text/html": self._repr_html_(), MIME: self.to_dict()})


@dataclass(frozen=True)
class Note:
    """Text for the student, such as a hint, or code, such as a solution."""

    title: str
    text: str
    code: bool = False

    def __str__(self) -> str:
        return f"{self.title}\n{self.text}"

    __repr__ = __str__

    def _repr_html_(self) -> str:
        style = "margin:.3em 0;white-space:pre-wrap" + (";background:none" if self.code else ";font-family:inherit")
        return (
            f'<div role="note" style="border-left:6px solid #56B4E9;padding:.4em 0 .4em 1em;margin:.3em 0">'
            f"<strong>{escape(self.title)}</strong>"
            f'<pre style="{style}">{escape(self.text)}</pre></div>'
        )

    def _ipython_display_(self) -> None:
        _publish({"text/plain": str(self), "text/html": self._repr_html_()})


class CheckFailed(AssertionError):
    """An answer is not right yet; ``verdict`` tells why."""

    def __init__(self, verdict: Verdict):
        super().__init__(f"{verdict.head}\n{verdict.message}")
        self.verdict = verdict

    def __reduce__(self):
        return CheckFailed, (self.verdict,)

    def _render_traceback_(self) -> list[str]:
        # A traceback through the checks would tell a student nothing; the card above the error tells all.
        return [f"CheckFailed: {self}"]


def marked_up(text):
    """A message as HTML, with `code` in the font of code."""
    return re.sub(r"`([^`\n]+)`", r"<code>\1</code>", escape(text))


def display(shown: Verdict | Note) -> None:
    """Show `shown` in the notebook, if there is one."""
    if _in_notebook():
        shown._ipython_display_()


def _in_notebook() -> bool:
    ipython = sys.modules.get("IPython")
    return ipython is not None and ipython.get_ipython() is not None


def _publish(bundle):
    from IPython.display import publish_display_data

    publish_display_data(bundle)
