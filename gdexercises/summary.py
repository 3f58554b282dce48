"""Your own record of the course, drawn from your own notebooks: read on this computer, shown here, sent nowhere.

A check leaves its verdict in the notebook as data, so what is saved says which exercises are done. That makes a record
for oneself and no proof: whoever has a notebook can edit it, and grading uses other inputs than the checks here.
"""

import json
import math
import os
import re
import tempfile
from dataclasses import dataclass
from datetime import date
from html import escape
from pathlib import Path
from typing import Any

from gdexercises.checking.verdict import MIME

__all__ = ["COURSE", "Lesson", "Record", "summary"]

COURSE = {
    "01-five-steps": ("The five steps of gradient descent", 15),
    "02-slopes": ("Slopes without a formula", 14),
    "03-batches": ("Batches", 16),
    "04-autograd": ("Autograd: PyTorch computes the gradients", 18),
    "05-tiny-autograd": ("Build a tiny autograd", 16),
    "06-curves": ("Curves: a fit that looks right", 15),
    "07-jax-grad": ("Gradients of functions: JAX", 15),
    "08-jax-transforms": ("Compile, repeat, map: JAX's transformations", 14),
    "09-optimizers": ("Race the optimizers: momentum to Adam", 17),
    "10-capstone": ("Real data: penguins, people and three frameworks", 20),
}
"""The graded lessons: title and points by the name of their folder."""

MAX_BYTES = 64 * 2**20
_RECORD = "gdexercises-record"
_STATES = {"done": ("✓", "all done"), "begun": ("◐", "begun"), "new": ("○", "not begun"), "unread": ("✗", "not read")}
_COLOURS = {"done": "#009E73", "begun": "#0072B2", "new": "#767676", "unread": "#D55E00"}
_SAYS = (
    "Drawn from the notebooks saved on one computer, by whoever had them open, and sent nowhere. It is a record for "
    "its owner and no proof of anything: a notebook can be edited, and it counts what was saved, not what is graded."
)


@dataclass(frozen=True)
class Lesson:
    """What one notebook says.

    Attributes
    ----------
    name, title : str
    points : float
        Points of the lesson.
    earned : float
        Points of the checks that passed when the notebook was last saved.
    passed, checks : int
        Checks that passed, and all that are in the notebook.
    saved : str
        Date on which it was last saved; empty if it is not there.
    problem : str
        Why nothing could be read, if so.
    """

    name: str
    title: str
    points: float
    earned: float = 0.0
    passed: int = 0
    checks: int = 0
    saved: str = ""
    problem: str = ""

    @property
    def state(self) -> str:
        """``done``, ``begun``, ``new`` or ``unread``."""
        if self.problem:
            return "unread" if self.saved else "new"
        if self.checks and self.passed == self.checks:
            return "done"
        return "begun" if self.passed else "new"


@dataclass(frozen=True)
class Record:
    """The record of all lessons. As the last expression of a cell it shows as a table.

    Attributes
    ----------
    lessons : tuple of Lesson
    owner : str
        The name to write on it, if any.
    folder : str
        Name of the folder that was looked through.
    """

    lessons: tuple[Lesson, ...]
    owner: str = ""
    folder: str = ""

    @property
    def headline(self) -> str:
        done = sum(lesson.state == "done" for lesson in self.lessons)
        passed = sum(lesson.passed for lesson in self.lessons)
        earned, points = (
            _points(sum(part)) for part in zip(*((x.earned, x.points) for x in self.lessons), strict=True)
        )
        whole = (
            "The whole course is done" if done == len(self.lessons) else f"{done} of {len(self.lessons)} lessons done"
        )
        return f"{whole}: {passed} checks passed, {earned} of {points} points."

    @property
    def advice(self) -> str:
        """What to do if nothing was found; empty otherwise."""
        if any(lesson.saved for lesson in self.lessons):
            return ""
        return (
            f"No lesson was found in {self.folder or 'this folder'}. Say where they are: "
            'summary.summary(folder="path/to/the/folder/with/01-five-steps/in/it").'
        )

    def save(self, path: str | Path = "my-record.html") -> Path:
        """Write the record as a page of its own, to open in a browser or to print.

        Parameters
        ----------
        path : str or Path
            Where to; a record that is there already is replaced.

        Returns
        -------
        Path
            The file.

        Raises
        ------
        FileExistsError
            If there is a file of that name which is no record.
        """
        path = Path(path)
        if path.exists() and not _is_record(path):
            raise FileExistsError(f"{path} is there already and is no record: choose another name")
        page = (
            f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="generator" content="{_RECORD}">'
            '<meta name="viewport" content="width=device-width">'
            "<title>My record: Gradient descent, step by step</title></head>\n"
            f'<body style="font-family:sans-serif;max-width:52em;margin:2em auto;padding:0 1em">{self._card()}</body>'
            "</html>\n"
        )
        # Written aside and renamed: an interruption never leaves half a page.
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", dir=path.parent, prefix=f".{path.name}.", delete=False
        ) as aside:
            aside.write(page)
        Path(aside.name).replace(path)
        return path

    def __str__(self) -> str:
        cells = [
            (_STATES[x.state][0], x.name, _checks(x), f"{_of_points(x)} points", x.problem or f"saved {x.saved}")
            for x in self.lessons
        ]
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        rows = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in cells]
        head = f"{self.owner}: {self.headline}" if self.owner else self.headline
        return "\n".join([head, *([self.advice] if self.advice else []), "", *rows, "", _SAYS])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return self._card()

    def _card(self) -> str:
        owner = f'<p style="margin:.2em 0;font-size:1.2em">{escape(self.owner)}</p>' if self.owner else ""
        advice = f'<p style="margin:.4em 0">{escape(self.advice)}</p>' if self.advice else ""
        heads = "".join(
            f'<th scope="col" style="text-align:left;padding:.2em 1em .2em 0">{word}</th>'
            for word in ("Lesson", "State", "Checks passed", "Points", "Last saved")
        )
        rows = "".join(map(_row, self.lessons))
        return (
            '<div role="group" aria-label="My record of the course" '
            'style="border:2px solid #0072B2;border-radius:8px;padding:1em 1.4em;margin:.4em 0">'
            f'<strong style="font-size:1.3em">Gradient descent, step by step</strong>{owner}'
            f'<p style="margin:.4em 0">{escape(self.headline)}</p>{advice}'
            f'<table style="border-collapse:collapse;margin:.6em 0"><thead><tr>{heads}</tr></thead>'
            f'<tbody>{rows}</tbody></table><p style="margin:.6em 0 0;font-size:.85em">{escape(_SAYS)}</p></div>'
        )


def _row(lesson: Lesson) -> str:
    sign, word = _STATES[lesson.state]
    colour = _COLOURS[lesson.state]
    share = min(lesson.earned / lesson.points, 1) if lesson.points else 0
    bar = (
        '<span aria-hidden="true" style="display:inline-block;width:6em;height:.6em;background:#e6e6e6;'
        f'margin-right:.6em"><span style="display:block;width:{100 * share:.0f}%;height:100%;background:{colour}">'
        "</span></span>"
    )
    cell = '<td style="text-align:left;padding:.2em 1em .2em 0">'
    last = escape(lesson.problem or lesson.saved or "–")
    return (
        f'<tr><th scope="row" style="text-align:left;font-weight:normal;padding:.2em 1em .2em 0">'
        f"{escape(lesson.name[:2])} {escape(lesson.title)}</th>"
        f'{cell}<span style="color:{colour}">{sign}</span> {word}</td>'
        f"{cell}{_checks(lesson)}</td>{cell}{bar}{_of_points(lesson)}</td>{cell}{last}</td></tr>"
    )


def _checks(lesson: Lesson) -> str:
    return f"{lesson.passed} of {lesson.checks}" if lesson.checks else "–"


def _of_points(lesson: Lesson) -> str:
    return f"{_points(lesson.earned)} of {_points(lesson.points)}"


def _points(value: float) -> str:
    return f"{value:g}"


def _is_record(path: Path) -> bool:
    try:
        with path.open(encoding="utf-8") as stream:
            return _RECORD in stream.read(500)
    except (OSError, UnicodeDecodeError):
        return False


def summary(folder: str | Path | None = None, *, name: str = "") -> Any:
    """Read your notebooks of this course and say how far you are.

    Only what is saved counts: save the open notebook first (Ctrl+S). Notebooks are read, never run or changed.

    Parameters
    ----------
    folder : str or Path, optional
        The folder with the lessons' folders in it. By default the one around the present one, as in `workbook/`.
    name : str
        A name to write on it.

    Returns
    -------
    Record
        Or one line of text while a notebook is graded: then there is nothing to read.
    """
    if os.environ.get("NBGRADER_EXECUTION"):
        from gdexercises.tuning import Notice

        return Notice("Your record is not drawn while the notebook is graded.")
    folder = _lessons_folder() if folder is None else Path(folder).expanduser()
    lessons = tuple(_read(folder, lesson, title, points) for lesson, (title, points) in COURSE.items())
    return Record(lessons, str(name)[:80], folder.resolve().name)


def _lessons_folder() -> Path:
    """The folder around a lesson's own, or the present one, or a workbook in it: the first in which a lesson lies."""
    here = Path.cwd()
    places = (here.parent, here, here / "workbook") if re.match(r"\d\d-", here.name) else (here, here / "workbook")
    return next((place for place in places if any(_notebook(place, lesson) for lesson in COURSE)), places[0])


def _notebook(folder: Path, lesson: str) -> Path | None:
    places = (folder / lesson / f"{lesson}.ipynb", folder / f"{lesson}.ipynb")
    try:
        return next((place for place in places if place.is_file()), None)
    except OSError:
        return None


def _read(folder: Path, name: str, title: str, points: float) -> Lesson:
    path = _notebook(folder, name)
    if path is None:
        return Lesson(name, title, points, problem="not there")
    try:
        status = path.stat()
        saved = date.fromtimestamp(status.st_mtime).isoformat()
        if status.st_size > MAX_BYTES:
            problem = f"too large to be read: {status.st_size // 2**20} MB"
            return Lesson(name, title, points, saved=saved, problem=problem)
        cells = json.loads(path.read_text(encoding="utf-8-sig"))["cells"]
        found = [check for cell in cells if (check := _check(cell)) is not None]
    except OSError as error:
        return Lesson(name, title, points, saved="unknown", problem=f"cannot be opened: {error.strerror}")
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
        return Lesson(name, title, points, saved=saved, problem="cannot be read: it is no notebook, or a broken one")
    earned = min(sum(own for passed, own in found if passed), points)
    return Lesson(name, title, points, earned, sum(passed for passed, _ in found), len(found), saved)


def _check(cell: Any) -> tuple[bool, float] | None:
    """Whether a check passed when the notebook was saved, and its points; None if the cell is no check."""
    role = cell.get("metadata", {}).get("nbgrader", {})
    if cell.get("cell_type") != "code" or not role.get("grade") or role.get("solution"):
        return None
    points = role.get("points")
    known = isinstance(points, int | float) and not isinstance(points, bool) and math.isfinite(points) and points >= 0
    return any(map(_says_passed, cell.get("outputs", []))), float(points) if known else 0.0


def _says_passed(output: Any) -> bool:
    verdict = output.get("data", {}).get(MIME)
    return isinstance(verdict, dict) and verdict.get("passed") is True
