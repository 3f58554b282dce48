"""What is here of what the course needs, and the one command that adds the rest.

This module runs where nothing else of the course does: it needs the standard library alone, keeps to the syntax of
Python 3.8, and imports nothing just to see whether it is there.
"""

from __future__ import annotations

import importlib
import os
import re
import shlex
import subprocess
import sys
import sysconfig
import tempfile
from dataclasses import dataclass
from html import escape
from importlib import metadata, util
from pathlib import Path
from types import ModuleType
from typing import Any

__all__ = ["Finding", "MissingPackage", "Part", "Report", "report", "require"]

PYTHON = "3.11"
ALL_LESSONS = ("01", "02", "03", "04", "05", "06", "07", "08", "09", "10")


@dataclass(frozen=True)
class Part:
    """A package that the course uses.

    Attributes
    ----------
    label : str
        Its name in prose.
    package : str
        What it is installed as, and imported as.
    floor : str
        The oldest version that will do.
    purpose : str
        What needs it.
    lessons : tuple of str
        The lessons that cannot be done without it.
    also : tuple of str
        Lessons that use it if it is there.
    """

    label: str
    package: str
    floor: str
    purpose: str
    lessons: tuple[str, ...] = ()
    also: tuple[str, ...] = ()


PARTS = (
    Part("NumPy", "numpy", "2.0", "all lessons", ALL_LESSONS),
    Part("Matplotlib", "matplotlib", "3.9", "the pictures in all lessons", ALL_LESSONS),
    Part("ipywidgets", "ipywidgets", "8.1", "live panels; without it they are still pictures"),
    Part("PyTorch", "torch", "2.4", "lessons 04, 06 and 10", ("04", "06", "10"), ("09",)),
    Part("JAX", "jax", "0.4.31", "lessons 07, 08 and 10", ("07", "08", "10"), ("09",)),
    Part("JupyterLab", "jupyterlab", "4.2", "opening the lessons, unless another program does"),
    Part("nbgrader", "nbgrader", "0.9.5", "the Validate button"),
)


@dataclass(frozen=True)
class Finding:
    """One row of the report.

    Attributes
    ----------
    fine : bool
        Whether it is as it should be.
    label : str
        What was looked at.
    found : str
        What is there.
    purpose : str
        What needs it.
    lessons : tuple of str
        The lessons that cannot be done as it is; empty if it is fine.
    """

    fine: bool
    label: str
    found: str
    purpose: str
    lessons: tuple[str, ...] = ()

    @property
    def sign(self) -> str:
        return "✓" if self.fine else "✗"


@dataclass(frozen=True)
class Report:
    """What was found, and the one command that mends it; shows as a text table and as an HTML table.

    Attributes
    ----------
    findings : tuple of Finding
    advice : str
        What to do with the command, or instead; empty if there is nothing to mend.
    command : str
        For a cell or a terminal; empty if there is nothing to mend, or if no command can mend it.
    """

    findings: tuple[Finding, ...]
    advice: str = ""
    command: str = ""

    @property
    def summary(self) -> str:
        wrong = [finding.label for finding in self.findings if not finding.fine]
        if not wrong:
            return "✓ All that the course needs is here."
        return f"✗ Not as it should be: {', '.join(wrong)}. {self._possible()}"

    def _possible(self) -> str:
        blocked = {lesson for finding in self.findings for lesson in finding.lessons}
        left = [lesson for lesson in ALL_LESSONS if lesson not in blocked]
        if not left:
            return "Mend this before you begin."
        if not blocked:
            return "You can do all lessons as it is."
        return f"You can do lessons {', '.join(left)} as it is."

    def __str__(self) -> str:
        rows = [(finding.label, finding.found, finding.purpose) for finding in self.findings]
        first, second = (max(len(row[column]) for row in rows) + 2 for column in (0, 1))
        table = [
            f"  {finding.sign} {finding.label.ljust(first)}{finding.found.ljust(second)}{finding.purpose}"
            for finding in self.findings
        ]
        mend = ["", self.advice] if self.advice else []
        mend += ["", "    " + self.command] if self.command else []
        return "\n".join([self.summary, "", *table, *mend])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        heads = "".join(_cell("th", word, ' scope="col"') for word in ("State", "What", "Found", "Needed for"))
        rows = "".join(map(_row, self.findings))
        advice = f'<p style="margin:.6em 0 .3em">{escape(self.advice)}</p>' if self.advice else ""
        command = f'<pre style="white-space:pre-wrap">{escape(self.command)}</pre>' if self.command else ""
        colour = "#D55E00" if self.advice else "#009E73"
        return (
            f'<div role="group" aria-label="What is here of what the course needs" '
            f'style="border-left:6px solid {colour};padding:.4em 0 .4em 1em;margin:.3em 0">'
            f"<strong>{escape(self.summary)}</strong>"
            f'<table style="margin:.6em 0 0"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>'
            f"{advice}{command}</div>"
        )


def _row(finding: Finding) -> str:
    state = _cell("td", f"{finding.sign} {'fine' if finding.fine else 'to mend'}")
    what = _cell("th", finding.label, ' scope="row"')
    return f"<tr>{state}{what}{_cell('td', finding.found)}{_cell('td', finding.purpose)}</tr>"


def _cell(tag: str, text: str, attributes: str = "") -> str:
    return f'<{tag}{attributes} style="text-align:left">{escape(text)}</{tag}>'


def report() -> Report:
    """Look at this Python, its packages, the folder and the notebook.

    Returns
    -------
    Report
        Shows itself as the last expression of a notebook cell; ``str`` of it is a text table.
    """
    python, course, folder = _look_at_python(), _look_at_course(), _look_at_folder()
    parts = {part: _look_at(part) for part in PARTS}
    findings = (python, course, *parts.values(), _look_at_panels(), folder)
    if all(finding.fine for finding in findings):
        return Report(findings)
    root = _root()
    wanted = [f"{part.package}>={part.floor}" for part, finding in parts.items() if not finding.fine]
    if root is not None and not course.fine:
        wanted += ["-e", str(root)]
    if wanted and python.fine and folder.fine and _pip_may_install():
        return Report(findings, _PASTE, _pip(wanted, root))
    if root is not None:
        return Report(findings, _MAKE_LAB, f"cd {_quoted(root)} && make lab")
    return Report(findings, _NO_COMMAND)


class MissingPackage(ImportError):
    """A package that a lesson needs is missing; the message is one line that says what to do."""

    def _render_traceback_(self) -> list[str]:
        # A notebook shows this instead of a traceback through the course, which would tell a student nothing.
        return [str(self)]


def require(package: str) -> ModuleType:
    """Import PyTorch or JAX for a lesson, or say in one line what to install.

    Parameters
    ----------
    package : {"torch", "jax"}

    Returns
    -------
    module

    Raises
    ------
    MissingPackage
        If it is not installed, is too old, or is broken.
    """
    part = next(part for part in PARTS if part.package == package)
    finding = _look_at(part)
    if finding.fine:
        # The course's arrays are small: the CPU is the quicker device for them, gives the same digits everywhere, and
        # JAX does not warn then that it found no GPU to use.
        os.environ.setdefault("JAX_PLATFORMS", "cpu")
        try:
            return importlib.import_module(package)
        except (ImportError, OSError) as error:
            found = f"cannot be imported ({error})"
    else:
        found = f"is {finding.found}"
    root = _root()
    extra = f"gdexercises[{package}]" if root is None else f"{root}[{package}]"
    command = _pip([extra] if root is None else ["-e", extra], root)
    raise MissingPackage(
        f"{part.label} {found}, and this lesson needs it. Run {command} in a new cell, then choose Kernel > Restart "
        f"Kernel. Lessons {', '.join(_lessons_without(part))} work as it is.",
        name=package,
    )


def _lessons_without(part: Part) -> list[str]:
    return [lesson for lesson in ALL_LESSONS if lesson not in part.lessons]


_PASTE = (
    "Paste this line into a new cell and run it; it may take some minutes. Then choose Kernel > Restart Kernel in the "
    "menu and run this cell again. New buttons and sliders come when JupyterLab is started again. (In a terminal, "
    "leave out the exclamation mark.)"
)
_MAKE_LAB = (
    "Save, and paste this line into a terminal. It sets all up and opens the lessons in workbook, a folder of your "
    "own. What you have done there is never overwritten."
)
_NO_COMMAND = (
    f"Install Python {PYTHON} or later, get the whole course, and type make lab into a terminal in its folder: that "
    "sets all up."
)


def _look_at_python() -> Finding:
    version = "{}.{}.{}".format(*sys.version_info[:3])
    if _release(version) >= _release(PYTHON):
        return Finding(True, "Python", version, "all lessons")
    found = f"{version}, too old: {PYTHON} or later is needed"
    return Finding(False, "Python", found, "all lessons", ALL_LESSONS)


def _look_at_course() -> Finding:
    # The checkout itself may hold metadata, which says nothing about this Python.
    for course in metadata.distributions(name="gdexercises"):
        if Path(course.locate_file("")).resolve() != _root():
            return Finding(True, "The course", course.version, "all lessons")
    return Finding(False, "The course", "not installed in this Python", "all lessons", ALL_LESSONS)


def _look_at(part: Part) -> Finding:
    if not _is_there(part.package):
        return Finding(False, part.label, "missing", part.purpose, part.lessons)
    version = _version(part.package)
    if version is None:
        return Finding(True, part.label, "there, version unknown", part.purpose)
    if _release(version) >= _release(part.floor):
        return Finding(True, part.label, version, part.purpose)
    found = f"{version}, too old: {part.floor} or later is needed"
    return Finding(False, part.label, found, part.purpose, part.lessons)


def _look_at_panels() -> Finding:
    purpose = "moving a panel's sliders"
    if not _in_kernel():
        return Finding(False, "Live panels", "pictures only: this is not a notebook", purpose)
    if not _is_there("ipywidgets"):
        return Finding(False, "Live panels", "pictures only: ipywidgets is missing", purpose)
    return Finding(True, "Live panels", "can work here", purpose)


def _look_at_folder() -> Finding:
    purpose = "saving your work"
    try:
        # Asking for permissions is not enough: a full disk or one mounted read-only refuses as well.
        with tempfile.TemporaryFile(dir=str(Path.cwd())):
            return Finding(True, "This folder", "can be written", purpose)
    except OSError as error:
        return Finding(False, "This folder", f"cannot be written: {error.strerror}", purpose)


def _is_there(package: str) -> bool:
    try:
        spec = util.find_spec(package)
    except (ImportError, ValueError):
        return False
    # A folder of that name without any code, as an uninstalled package may leave it behind, has no origin.
    return spec is not None and spec.origin is not None


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _release(version: str) -> tuple[int, ...]:
    """The numbers at the start of a version: (2, 4, 0) of "2.4.0+cpu"."""
    return tuple(int(number) for number in re.findall(r"\d+", re.match(r"[\d.]*", version).group()))


def _in_kernel() -> bool:
    shell: Any = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return hasattr(shell, "kernel")


def _root() -> Path | None:
    """The folder in which `make lab` works, if the course is used from there."""
    folder = Path(__file__).resolve().parent.parent
    return folder if (folder / "Makefile").exists() else None


def _pip_may_install() -> bool:
    """Whether this Python has pip, and leaves it to pip what is installed: a system's own often does not."""
    shared = sys.prefix == sys.base_prefix and Path(sysconfig.get_path("stdlib"), "EXTERNALLY-MANAGED").exists()
    return _version("pip") is not None and not shared


def _pip(wanted: list[str], root: Path | None) -> str:
    tested = [] if root is None else ["-c", root / "constraints.txt"]
    return "!" + " ".join(_quoted(word) for word in (sys.executable, "-m", "pip", "install", *wanted, *tested))


def _quoted(word: str | Path) -> str:
    return subprocess.list2cmdline([str(word)]) if sys.platform == "win32" else shlex.quote(str(word))
