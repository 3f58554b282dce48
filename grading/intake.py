"""What a student handed in: opened, read, or a plain word on why that is impossible."""

import copy
import json
import os
import stat
import warnings
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.coursedir import CourseDirectory

from grading.graft import graft_submission

__all__ = [
    "BESIDE",
    "FINDING_KEY",
    "STAMP",
    "UnreadableSubmission",
    "beside",
    "finding_about",
    "handed_in",
    "not_graded",
    "open_submission",
    "parse_submission",
    "ran_behind_the_wall",
    "read_submission",
    "submission_finding",
    "take_in",
    "timestamp_of",
]

FINDING_KEY = "gdexercises"
"""Notebook metadata under which an autograded notebook says how it was graded, and why if nothing in it could be."""

STAMP = "timestamp.txt"
"""In it stands when something was handed in."""

SECRET = "submission_secret.txt"
BESIDE = (STAMP, SECRET)
"""What nbgrader's exchange puts beside a notebook that is handed in. Feedback has to have it to be given back there."""

MAX_SUBMISSION = 32 * 2**20
MAX_CELLS = 2_000


class UnreadableSubmission(ValueError):
    """A submitted notebook that cannot be read; the message says why."""


def handed_in(course: CourseDirectory, lesson: str, step: str | None = None) -> dict[str, Path]:
    """Where what was handed in for a lesson is, whatever it is, by the student's id, in the order of the ids.

    The same of another one of nbgrader's folders, such as ``course.autograded_directory``, if ``step`` names it.
    """
    pattern = course.format_path(step or course.submitted_directory, "{student}", lesson)
    above, _, below = pattern.partition("{student}")
    root = Path(above)
    names = sorted(path.name for path in root.iterdir()) if root.is_dir() else []
    excluded = set(filter(None, course.student_id_exclude.split(",")))
    found = {name: Path(f"{above}{name}{below}") for name in names if name not in excluded}
    return {name: folder for name, folder in found.items() if os.path.lexists(folder)}


def read_submission(path: Path) -> NotebookNode:
    """Read a submitted notebook: `open_submission` and `parse_submission` in one."""
    return parse_submission(open_submission(path))


def open_submission(path: Path) -> bytes:
    """Read the bytes of a submitted notebook, or say in plain words why that is impossible.

    Parameters
    ----------
    path : Path
        Where the notebook should be.

    Returns
    -------
    bytes

    Raises
    ------
    UnreadableSubmission
        If there is no such file, or it is no plain file, or too large.
    """
    try:
        return _open(path)
    except OSError as error:
        raise UnreadableSubmission(f"cannot be opened: {error.strerror}") from error


def _open(path: Path) -> bytes:
    if path.parent.is_symlink() or path.is_symlink():
        raise UnreadableSubmission("is a link to somewhere else, not a notebook")
    if not path.exists():
        raise UnreadableSubmission(_what_is_there_instead(path))
    if path.is_dir():
        raise UnreadableSubmission("is a folder, not a notebook")
    if not path.is_file():
        raise UnreadableSubmission("is a pipe or a device, not a notebook")
    if path.stat().st_size > MAX_SUBMISSION:
        size = path.stat().st_size / 2**20
        raise UnreadableSubmission(f"has {size:.0f} MiB, more than the {MAX_SUBMISSION // 2**20} MiB that are read")
    return path.read_bytes()


def parse_submission(data: bytes) -> NotebookNode:
    """Make a notebook of the bytes that were handed in, or say in plain words why that is impossible.

    Parameters
    ----------
    data : bytes
        Whatever was handed in.

    Returns
    -------
    NotebookNode
        The notebook, converted to the current format.

    Raises
    ------
    UnreadableSubmission
        If it is empty, not UTF-8, not JSON or not a notebook.
    """
    try:
        # Some editors put a byte order mark in front; it harms nothing.
        text = data.decode("utf-8-sig")
        content = json.loads(text)
    except UnicodeDecodeError as error:
        raise UnreadableSubmission(f"is not UTF-8 text: {error.reason} at byte {error.start}") from error
    except json.JSONDecodeError as error:
        if not text.strip():
            raise UnreadableSubmission("is empty") from error
        raise UnreadableSubmission(
            f"is not valid JSON: {error.msg}, line {error.lineno} column {error.colno}"
        ) from error
    except ValueError as error:
        raise UnreadableSubmission("is not valid JSON: it holds a number of thousands of digits") from error
    except RecursionError as error:
        raise UnreadableSubmission("is not a notebook: its JSON is nested too deeply to read") from error
    if not isinstance(content, dict) or not isinstance(content.get("nbformat"), int):
        raise UnreadableSubmission("is valid JSON but not a notebook: it does not say its nbformat")
    if not isinstance(content.get("cells", content.get("worksheets")), list):
        raise UnreadableSubmission("is valid JSON but not a notebook: it has no list of cells")
    cells = _cells_of(content)
    if len(cells) > MAX_CELLS:
        raise UnreadableSubmission(f"has {len(cells)} cells, more than the {MAX_CELLS} that are read")
    content["metadata"] = {}
    for cell in cells:
        _leave_text_alone(cell)
    try:
        with warnings.catch_warnings():  # cells with the same id, or with none: of no importance here
            warnings.simplefilter("ignore")
            return nbformat.reads(json.dumps(content), as_version=4)
    except Exception as error:
        raise UnreadableSubmission(f"is valid JSON but not a notebook: {_first_line(error)}") from error


def take_in(released: NotebookNode, data: bytes, where: str) -> NotebookNode:
    """Build a submission anew from the released notebook, or give that with the reason on top why there is nothing.

    Parameters
    ----------
    released : NotebookNode
        The lesson as it was released.
    data : bytes
        Whatever was handed in.
    where : str
        What to call it, such as ``ada/01-five-steps/01-five-steps.ipynb``.

    Returns
    -------
    NotebookNode
        See `grading.graft.graft_submission` and `not_graded`.
    """
    try:
        return graft_submission(released, parse_submission(data))
    except Exception as error:
        return not_graded(copy.deepcopy(released), finding_about(where, error))


def finding_about(where: str, error: Exception) -> str:
    """Say why nothing in a submission could be graded."""
    reason = str(error)
    if not isinstance(error, UnreadableSubmission):
        reason = f"does not hold together as a notebook of this lesson: {_first_line(error)}"
    return f"{where} {reason}. Nothing in it could be graded: it has to be submitted again."


def timestamp_of(course: CourseDirectory, folder: Path | str) -> datetime | None:
    """When a submission was handed in (UTC), as nbgrader notes it beside the notebook; None where that is no time."""
    path = Path(folder, STAMP)
    try:
        return CourseDirectory.get_existing_timestamp(course, str(folder)) if _is_slip(path) else None
    except FileNotFoundError:
        return None
    except (OSError, ValueError, OverflowError, AttributeError):  # nbgrader trips over what is no time
        course.log.warning("%s is no time and is not used", path)
        return None


def beside(folder: Path | str, timestamp: datetime | None) -> dict[str, bytes]:
    """Give what comes along with a submission: the files of `BESIDE` that are what they should be, by name.

    Parameters
    ----------
    folder : Path or str
        Where it was handed in.
    timestamp : datetime or None
        What `timestamp_of` says of it.

    Returns
    -------
    dict
    """
    stamp, secret = (Path(folder, name) for name in BESIDE)
    found = {STAMP: stamp.read_bytes()} if timestamp is not None else {}
    with suppress(OSError):
        text = secret.read_bytes() if _is_slip(secret) else b""
        if text.isascii() and text.strip().isalnum():  # nbgrader reads it as text, and names the feedback by it
            found[SECRET] = text
    return found


def _is_slip(path: Path) -> bool:
    """Whether it is a plain file of a line or so."""
    about = path.lstat()
    return stat.S_ISREG(about.st_mode) and about.st_size < 1_000


def not_graded(released: NotebookNode, finding: str) -> NotebookNode:
    """Give the released notebook, with the reason on top why what was handed in instead of it is not graded."""
    released.cells.insert(0, nbformat.v4.new_markdown_cell(f"**Not graded.** {finding}", id="not-graded"))
    released.metadata[FINDING_KEY] = {"finding": finding}
    return released


def submission_finding(nb: NotebookNode) -> str | None:
    """Give the reason why nothing in an autograded notebook could be graded, or None if it was graded."""
    return nb.metadata.get(FINDING_KEY, {}).get("finding")


def ran_behind_the_wall(nb: NotebookNode) -> bool:
    """Whether an autograded notebook does not say that its code ran without the wall."""
    return nb.metadata.get(FINDING_KEY, {}).get("sandbox", True)


def _cells_of(content: dict[str, Any]) -> list[dict[str, Any]]:
    """The cells of a notebook as it was handed in, in today's form or in that of long ago."""
    parts = [content, *content["worksheets"]] if isinstance(content.get("worksheets"), list) else [content]
    cells = [cell for part in parts if isinstance(part, dict) for cell in _listed(part.get("cells"))]
    if not all(isinstance(cell, dict) for cell in cells):
        raise UnreadableSubmission("is valid JSON but not a notebook: not all of its cells are cells")
    return cells


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _leave_text_alone(cell: dict[str, Any]) -> None:
    """Drop what is not looked at, which is most of a large file, slow to read, and may have any form."""
    if cell.get("cell_type") == "code":
        cell |= {"outputs": [], "execution_count": None}
    cell.pop("attachments", None)
    if not isinstance(cell.get("id"), str):
        cell.pop("id", None)
    if "input" not in cell:  # which was the name of a code cell's text long ago
        cell.setdefault("source", "")
    about = cell.get("metadata")
    cell["metadata"] = {"nbgrader": about["nbgrader"]} if isinstance(about, dict) and "nbgrader" in about else {}


def _what_is_there_instead(path: Path) -> str:
    if not path.parent.is_dir():
        return f"is missing: {path.parent.name} is a file, not a folder"
    others = sorted(child.name for child in path.parent.iterdir())
    return f"is missing: only {', '.join(others)} was handed in" if others else "is missing: nothing was handed in"


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__
