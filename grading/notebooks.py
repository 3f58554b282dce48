"""From a lesson as text to the instructor's notebook, to the student's, and to one with answers in it.

A lesson is a jupytext percent script with the solutions inside. Its cells say in short what nbgrader wants at length:

=====================================  ======================================================================
``# %% solution="gradients"``          the student writes here; between ``### BEGIN SOLUTION`` and
                                       ``### END SOLUTION`` stands what they do not get to see
``# %% check="gradients" points=3``    grades that cell, read-only
``# %% locked="imports"``              read-only, ungraded; also for markdown
=====================================  ======================================================================

A solution may bring its own stub, broken code to repair for example: the comments between ``### STUB`` and
``### END SOLUTION``. A markdown line ``{{ quiz: five_steps.quiz_loop }}`` becomes the text of that quiz.
"""

import hashlib
import importlib
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jupytext
import nbformat
from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode
from nbformat.v4 import new_notebook
from nbgrader import preprocessors as stock
from nbgrader import utils
from nbgrader.converters import GenerateAssignment
from traitlets.config import Config

from grading.plugins import ClearSolutions, SolutionRegionError, with_our_steps

__all__ = [
    "Answers",
    "Changes",
    "SourceError",
    "build_course",
    "drift",
    "lessons",
    "read_answers",
    "read_source",
    "solutions",
    "student_version",
    "write",
]

METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
ROLES = ("solution", "check", "locked")
MARKERS = re.compile(
    r"^[ \t]*### STUB[ \t]*\n(?:.*\n)*?(?=[ \t]*### END SOLUTION)|^[ \t]*### (?:BEGIN|END) SOLUTION[ \t]*(?:\n|\Z)",
    re.MULTILINE,
)
QUIZ = re.compile(r"^\{\{ *quiz: *(\w+)\.(\w+) *\}\}$", re.MULTILINE)
IGNORED = {".ipynb_checkpoints", "__pycache__", ".DS_Store"}


class SourceError(ValueError):
    """A lesson's or an answer's text is not what it should be; the message names the file, the cell and what to do."""


# The instructor's notebook ------------------------------------------------------------------------------------------


def read_source(path: Path | str) -> NotebookNode:
    """Read a lesson's text and make the instructor's notebook of it.

    The same text always gives the same notebook, cell ids included.

    Parameters
    ----------
    path : Path or str
        A jupytext percent script.

    Returns
    -------
    NotebookNode
        The notebook with the solutions in it and nbgrader's metadata on its cells.

    Raises
    ------
    SourceError
        If the text is no percent script, or a cell's markers, ids or points do not fit together.
    """
    path = Path(path)
    try:
        raw = jupytext.read(path, fmt="py:percent")
    except Exception as error:
        raise SourceError(f"{path} cannot be read as a percent script: {error}") from error
    cells = []
    for number, cell in enumerate(raw.cells, start=1):
        try:
            cells.append(_instructor_cell(cell))
        except (SourceError, SolutionRegionError) as error:
            raise SourceError(f"{path}, cell {number} ({_label(cell)}): {error}") from error
    _check_ids(cells, path)
    return new_notebook(cells=_with_ids(cells), metadata=METADATA)


def _label(cell: NotebookNode) -> str:
    for role in ROLES:
        if role in cell.metadata:
            return f'{role}="{cell.metadata[role]}"'
    first = cell.source.strip().splitlines()[:1]
    return f'"{first[0][:50]}"' if first else "empty"


def _instructor_cell(raw: NotebookNode) -> NotebookNode:
    metadata = {key: value for key, value in raw.metadata.items() if key not in ("lines_to_next_cell", "cell_marker")}
    roles = [role for role in ROLES if role in metadata]
    if len(roles) > 1:
        raise SourceError(f"it is marked {' and '.join(roles)} at once: keep one")
    points = metadata.pop("points", None)
    if points is not None and roles != ["check"]:
        raise SourceError('points belong to a check: mark the cell check="..." or remove them')
    cell = NotebookNode(cell_type=raw.cell_type, metadata=NotebookNode(metadata), source=raw.source.rstrip("\n"))
    if cell.cell_type == "code":
        cell.update(outputs=[], execution_count=None)
    else:
        cell.source = QUIZ.sub(_quiz_text, cell.source)
    if roles:
        role = roles[0]
        cell.metadata["nbgrader"] = _nbgrader_metadata(role, cell.metadata.pop(role), points, cell.cell_type)
    _check_region(cell)
    return cell


def _nbgrader_metadata(role: str, name: Any, points: Any, cell_type: str) -> NotebookNode:
    if role != "locked" and cell_type != "code":
        raise SourceError(f"a {role} must be a code cell: remove [{cell_type}]")
    grade_id = f"check-{name}" if role == "check" else name
    if not isinstance(name, str) or not re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", grade_id):
        raise SourceError(f"{name!r} cannot be an id: use letters, digits, _ and -, at most 58 of them, in quotes")
    metadata = NotebookNode(
        schema_version=3,
        grade_id=grade_id,
        grade=role == "check",
        solution=role == "solution",
        locked=role != "solution",
        task=False,
        cell_type=cell_type,
    )
    if role == "check":
        if isinstance(points, bool) or not isinstance(points, int | float) or points < 0:
            raise SourceError("a check needs its points, a number of at least 0: add points=1")
        metadata.points = points
    return metadata


def _quiz_text(match: re.Match[str]) -> str:
    module, name = match.groups()
    try:
        quiz = getattr(importlib.import_module(f"gdexercises.{module}"), name)
    except (ImportError, AttributeError) as error:
        raise SourceError(f"there is no quiz gdexercises.{module}.{name}: {error}") from error
    return quiz.markdown()


def _check_region(cell: NotebookNode) -> None:
    """Clear the solution once on a copy: what is wrong with its region comes out here, where the cell is known."""
    trial = NotebookNode(cell_type="code", metadata={}, source=cell.source)
    has_region = ClearSolutions()._replace_solution_region(trial, "python")
    if utils.is_solution(cell) and not has_region:
        raise SourceError(
            "a solution cell needs a region: put ### BEGIN SOLUTION and ### END SOLUTION around the answer"
        )
    if has_region and not utils.is_solution(cell):
        raise SourceError('only a solution cell may hold a solution region: mark it solution="..."')


def _with_ids(cells: list[NotebookNode]) -> list[NotebookNode]:
    """Give each cell an id that stays when others come and go: its grade id, or else a hash of its text."""
    seen: Counter[str] = Counter()
    for cell in cells:
        name = _grade_id(cell)
        if name is None:
            name = hashlib.sha256(f"{cell.cell_type}\n{cell.source}".encode()).hexdigest()[:12]
            seen[name] += 1
            if seen[name] > 1:
                name = f"{name}-{seen[name]}"
        cell["id"] = name
    return cells


def _grade_id(cell: NotebookNode) -> str | None:
    return cell.metadata.get("nbgrader", {}).get("grade_id")


def _check_ids(cells: list[NotebookNode], path: Path) -> None:
    places: dict[str, int] = {}
    for number, name in enumerate(map(_grade_id, cells), start=1):
        if name in places:
            raise SourceError(
                f'{path}, cell {number}: the id "{name}" is taken by cell {places[name]}: give it another'
            )
        if name is not None:
            places[name] = number
    answers = {_grade_id(cell) for cell in cells if utils.is_solution(cell)}
    for number, cell in enumerate(cells, start=1):
        name = (_grade_id(cell) or "").removeprefix("check-")
        if utils.is_grade(cell) and name not in answers:
            raise SourceError(
                f'{path}, cell {number}: check="{name}" has no solution cell: mark the cell it grades solution="{name}"'
            )


def solutions(nb: NotebookNode) -> dict[str, str]:
    """Give the text of each solution cell by its grade id, as a student would have written it: without markers."""
    return {_grade_id(cell): MARKERS.sub("", cell.source).rstrip("\n") for cell in nb.cells if utils.is_solution(cell)}


# The student's notebook ---------------------------------------------------------------------------------------------


def student_version(nb: NotebookNode) -> NotebookNode:
    """Make the student's notebook with the very steps of ``nbgrader generate_assignment``, less the gradebook's.

    Parameters
    ----------
    nb : NotebookNode
        The instructor's notebook; it stays as it is.

    Returns
    -------
    NotebookNode
        The notebook to release: stubs for solutions, checks locked, checksums in place.
    """
    exporter = NotebookExporter(config=Config(Exporter={"default_preprocessors": []}))
    for step in with_our_steps(GenerateAssignment().preprocessors):
        if step is not stock.SaveCells:
            exporter.register_preprocessor(step)
    text, _ = exporter.from_notebook_node(nb)
    return nbformat.reads(text, as_version=4)


def write(nb: NotebookNode, path: Path | str) -> None:
    """Write a notebook, in UTF-8 and with the line ends of every platform the same."""
    Path(path).write_bytes(_as_bytes(nb))


def _as_bytes(nb: NotebookNode) -> bytes:
    return (nbformat.writes(nb).rstrip("\n") + "\n").encode()


# The course ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Changes:
    """What differs between the lessons' text and the notebooks made of it; paths relative to the course."""

    missing: list[Path] = field(default_factory=list)
    changed: list[Path] = field(default_factory=list)
    stale: list[Path] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.missing or self.changed or self.stale)


def lessons(source_dir: Path | str) -> list[Path]:
    """List the lessons' texts in their order.

    Raises
    ------
    SourceError
        If there are none: an empty course is a wrong path, and must not empty what was built before.
    """
    found = sorted(Path(source_dir).glob("[0-9][0-9]-*.py"))
    if not found:
        raise SourceError(f"{source_dir} holds no lesson (NN-name.py): is it the right folder?")
    return found


def extra_files(source: Path) -> dict[Path, Path]:
    """List the files a lesson brings along in the folder of its name, as ``{relative path: file}``.

    Raises
    ------
    SourceError
        If one is a notebook: nbgrader would take it for a second one to grade.
    """
    folder = source.with_suffix("")
    files = {}
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder)
        if path.is_dir() or IGNORED.intersection(relative.parts):
            continue
        if path.suffix == ".ipynb":
            raise SourceError(f"{path}: a lesson has one notebook, made of {source.name}: move this one elsewhere")
        files[relative] = path
    return files


def drift(source_dir: Path | str, course_dir: Path | str) -> Changes:
    """Compare the course with what the lessons' text would make of it.

    Parameters
    ----------
    source_dir : Path or str
        Folder of the lessons' texts.
    course_dir : Path or str
        Folder of the students' notebooks.

    Returns
    -------
    Changes
        False as a truth value if there is nothing to do.

    Raises
    ------
    SourceError
        If there are no lessons or one is not well formed.
    """
    return _differences(_planned(source_dir), Path(course_dir))


def build_course(source_dir: Path | str, course_dir: Path | str) -> Changes:
    """Make the students' notebooks: ``course/NN-name/NN-name.ipynb`` and the files beside them.

    Only what differs is written, and only inside ``NN-name`` folders is anything removed.

    Parameters
    ----------
    source_dir : Path or str
        Folder of the lessons' texts.
    course_dir : Path or str
        Folder of the students' notebooks; made if need be.

    Returns
    -------
    Changes
        What was written anew, overwritten and removed.

    Raises
    ------
    SourceError
        If there are no lessons or one is not well formed; nothing is written then.
    """
    course_dir = Path(course_dir)
    planned = _planned(source_dir)
    changes = _differences(planned, course_dir)
    for relative in changes.missing + changes.changed:
        path = course_dir / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(planned[relative])
    for relative in changes.stale:
        path = course_dir / relative
        path.unlink()
        _remove_empty(path.parent, course_dir)
    return changes


def _planned(source_dir: Path | str) -> dict[Path, bytes]:
    planned = {}
    for source in lessons(source_dir):
        folder = Path(source.stem)
        planned[folder / f"{source.stem}.ipynb"] = _as_bytes(student_version(read_source(source)))
        planned |= {folder / relative: path.read_bytes() for relative, path in extra_files(source).items()}
    return planned


def _differences(planned: Mapping[Path, bytes], course_dir: Path) -> Changes:
    there = {
        path.relative_to(course_dir)
        for path in course_dir.glob("[0-9][0-9]-*/**/*")
        if path.is_file() and not IGNORED.intersection(path.parts)
    }
    return Changes(
        missing=sorted(planned.keys() - there),
        changed=sorted(path for path in planned.keys() & there if planned[path] != (course_dir / path).read_bytes()),
        stale=sorted(there - planned.keys()),
    )


def _remove_empty(folder: Path, stop: Path) -> None:
    while folder != stop and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent


# A student's answers ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Answers:
    """What one student wrote: answers by grade id, and cells of their own.

    Attributes
    ----------
    base : str
        ``"solution"`` or ``"blank"``: what stands in the cells not answered here.
    answers : dict
        Text by grade id.
    extras : list of (str, str)
        Grade id of the cell they stand behind, and text, in order.
    """

    base: str
    answers: dict[str, str]
    extras: list[tuple[str, str]] = field(default_factory=list)


def read_answers(path: Path | str) -> Answers:
    """Read a student's answers from text.

    The first line is ``# base: solution`` or ``# base: blank``; comments may follow. Then come percent cells whose
    title is the grade id, as in ``# %% gradients``, and cells ``# %% extra after="gradients"`` with what the student
    added on their own.

    Parameters
    ----------
    path : Path or str
        The text.

    Returns
    -------
    Answers

    Raises
    ------
    SourceError
        If the first line or a cell's title is missing, or a cell is answered twice.
    """
    path = Path(path)
    first, _, rest = path.read_text(encoding="utf-8").partition("\n")
    match = re.fullmatch(r"# base: (solution|blank)", first.strip())
    if not match:
        raise SourceError(f"{path} begins with {first!r}: make its first line '# base: solution' or '# base: blank'")
    answers: dict[str, str] = {}
    extras = []
    for cell in jupytext.reads(rest, fmt="py:percent").cells:
        title, source = cell.metadata.get("title"), cell.source.rstrip("\n")
        if title == "extra" and "after" in cell.metadata:
            extras.append((cell.metadata["after"], source))
        elif not title and all(line.startswith("#") for line in source.splitlines()):
            continue  # what the file says about itself
        elif not title:
            raise SourceError(
                f'{path}: a cell has no title: write "# %% <id>" or "# %% extra after=\\"<id>\\"" above it'
            )
        elif title in answers:
            raise SourceError(f"{path}: {title} is answered twice: keep one")
        else:
            answers[title] = source
    return Answers(match[1], answers, extras)
