"""From the instructor's lesson to what students get, by nbgrader's own steps, and into the gradebook: all or nothing.

``nbgrader generate_assignment --force`` deletes what was released before it knows whether there will be anything new.
Here the new one is made aside, what it would change is told, and it takes its place in the end.
"""

import contextlib
import fnmatch
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader import preprocessors as stock
from nbgrader.api import Assignment, Gradebook, Notebook
from nbgrader.auth import Authenticator
from nbgrader.converters import GenerateAssignment
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange import ExchangeFactory
from nbgrader.exchange.default import ExchangeReleaseAssignment
from nbgrader.utils import check_directory
from traitlets.config import Config

from grading.book import one_transaction, opened
from grading.course import ASIDE, STATE_DIR, cause, class_config, listening
from grading.intake import handed_in

__all__ = ["BEFORE", "ReleaseError", "Released", "exchange_folder", "has_exchange", "release", "to_exchange"]

BEFORE = Path(STATE_DIR, "before", "release")
"""In a class directory: what was released before, by lesson."""


class ReleaseError(RuntimeError):
    """A lesson cannot be released; the message says why and what to do. What was released before is as it was."""


@dataclass(frozen=True)
class Released:
    """What came of releasing a lesson.

    Attributes
    ----------
    lesson : str
    what : str
        ``new``, ``changed`` or ``unchanged``.
    folder : Path
        What students get.
    changes : tuple of str
        What is different from before, in words.
    points : float
        All points of the lesson.
    handed_in : int
        How many students have handed it in already.
    regrade : bool
        Whether what was handed in is to be graded again: points or cells that count are others now.
    """

    lesson: str
    what: str
    folder: Path
    changes: tuple[str, ...]
    points: float
    handed_in: int
    regrade: bool


@dataclass(frozen=True)
class _Cell:
    """What the gradebook has of a cell."""

    kinds: frozenset[str]
    points: float | None
    cell_type: str | None
    locked: bool | None
    source: str | None


@dataclass
class _Foreseen:
    """What `stock.SaveCells` is about to save of a notebook."""

    nb: NotebookNode
    cells: dict[str, dict[str, dict[str, Any]]]

    def as_cells(self) -> dict[str, _Cell]:
        kinds: dict[str, set[str]] = {}
        for kind in ("grade", "solution", "task"):
            for name in self.cells[kind]:
                kinds.setdefault(name, set()).add(kind)
        for name in self.cells["source"]:
            kinds.setdefault(name, set())
        graded = self.cells["grade"] | self.cells["task"]
        return {
            name: _Cell(
                frozenset(what), graded.get(name, {}).get("max_score"), *_source(self.cells["source"].get(name))
            )
            for name, what in kinds.items()
        }


def _source(info: Mapping[str, Any] | None) -> tuple[str | None, bool | None, str | None]:
    return (None, None, None) if info is None else (info["cell_type"], info["locked"], info["source"])


def release(class_dir: Path | str, lesson: str, *, db: str | None = None) -> Released:
    """Release a lesson: make the students' version of it, and have the gradebook know it.

    The class's lock has to be held, see `grading.course.alone`.

    Parameters
    ----------
    class_dir : Path or str
        The class directory.
    lesson : str
        The name of a folder in ``source/``.
    db : str, optional
        The gradebook's database, if it is another one than the class's settings say.

    Returns
    -------
    Released

    Raises
    ------
    ReleaseError
        If there is no such lesson, one of nbgrader's steps fails, or graded cells would come or go although the
        gradebook has grades for them. Nothing was changed then.
    grading.book.BookError
        If the gradebook cannot be used.
    """
    config = class_config(class_dir, db)
    course = CourseDirectory(config=config)
    place = Path(course.format_path(course.release_directory, ".", lesson)).resolve()
    with _made_aside(course, config, lesson) as (made, foreseen), opened(course) as gradebook:
        before = _in_gradebook(gradebook, lesson)
        after = {name: one.as_cells() for name, one in foreseen.items()}
        known = place.is_dir() and bool(before)
        changes = _differences(before, after) if before else []
        _refuse_if_grades_are_lost(gradebook, lesson, before, after)
        same_files = place.is_dir() and _same(made, place, course.ignore)
        if before != after:
            _save(gradebook, course, config, lesson, foreseen)
        if not same_files:
            changes += _other_changes(made, place, course.ignore) if place.is_dir() and not changes else []
            _take_its_place(made, place, Path(course.root, BEFORE, lesson))
    what = "unchanged" if same_files and before == after else "changed" if known else "new"
    count = len(handed_in(course, lesson))
    return Released(
        lesson,
        what,
        place,
        tuple(changes) if known else (),
        sum(cell.points or 0 for cells in after.values() for cell in cells.values()),
        count,
        bool(count) and bool(before) and _counting(before) != _counting(after),
    )


# Making it ------------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _made_aside(course: CourseDirectory, config: Config, lesson: str) -> Iterator[tuple[Path, dict[str, _Foreseen]]]:
    """Have nbgrader make the students' version in a folder of its own, and say what it would save."""
    source = Path(course.format_path(course.source_directory, ".", lesson))
    if not any(source.glob("*.ipynb")):
        raise ReleaseError(f"{source} has no notebook: there is nothing to release for {lesson}")
    foreseen: dict[str, _Foreseen] = {}
    with tempfile.TemporaryDirectory(prefix=ASIDE, dir=course.root) as aside:
        there = CourseDirectory(config=config)
        there.release_directory, there.assignment_id = Path(aside).name, lesson
        converter = GenerateAssignment(coursedir=there, config=config)
        converter.no_database = True
        converter.preprocessors = [
            _foreseeing(step, foreseen) if isinstance(step, type) and issubclass(step, stock.SaveCells) else step
            for step in converter.preprocessors
        ]
        with listening(converter.log) as said:
            try:
                converter.start()
            except NbGraderException as error:
                raise ReleaseError(
                    f"{lesson} cannot be released: {_why(said) or error}. Nothing was changed"
                ) from error
        yield Path(there.format_path(there.release_directory, ".", lesson)).resolve(), foreseen


def _foreseeing(step: type[stock.SaveCells], foreseen: dict[str, _Foreseen]) -> type[stock.SaveCells]:
    class Foreseeing(step):
        def _create_notebook(self, nb: NotebookNode) -> None:
            kinds = ("grade", "solution", "task", "source")
            foreseen[self.notebook_id] = _Foreseen(nb, {kind: getattr(self, f"new_{kind}_cells") for kind in kinds})

    return Foreseeing


def _why(said: list[str]) -> str:
    """The last line of the traceback among what nbgrader said, or else its last word."""
    for text in said:
        if text.startswith("Traceback"):
            return re.sub(r"^(\w+\.)*(\w+): ", r"\2: ", text.strip().splitlines()[-1])
    return said[-1].strip().splitlines()[0] if said else ""


def _take_its_place(made: Path, place: Path, before: Path) -> None:
    """Put a new folder in the place of another, which is kept; after an end in between, a second call mends it."""
    place.parent.mkdir(parents=True, exist_ok=True)
    if place.exists():
        shutil.rmtree(before, ignore_errors=True)
        before.parent.mkdir(parents=True, exist_ok=True)
        place.rename(before)
    made.rename(place)


# What is different ----------------------------------------------------------------------------------------------------


def _in_gradebook(gradebook: Gradebook, lesson: str) -> dict[str, dict[str, _Cell]]:
    """What a gradebook has of a lesson, by notebook and grade id."""
    assignment = gradebook.db.query(Assignment).filter_by(name=lesson).one_or_none()
    return {one.name: _cells_of(one) for one in assignment.notebooks} if assignment else {}


def _cells_of(notebook: Notebook) -> dict[str, _Cell]:
    kinds: dict[str, set[str]] = {}
    for kind, cells in (
        ("grade", notebook.grade_cells),
        ("solution", notebook.solution_cells),
        ("task", notebook.task_cells),
    ):
        for cell in cells:
            kinds.setdefault(cell.name, set()).add(kind)
    sources = {cell.name: (cell.cell_type, cell.locked, cell.source) for cell in notebook.source_cells}
    points = {cell.name: cell.max_score for cell in (*notebook.grade_cells, *notebook.task_cells)}
    return {
        name: _Cell(frozenset(kinds.get(name, ())), points.get(name), *sources.get(name, (None, None, None)))
        for name in {*kinds, *sources}
    }


def _counting(notebooks: Mapping[str, Mapping[str, _Cell]]) -> dict[tuple[str, str], tuple[float | None, str | None]]:
    """The cells that give points: what they are worth, and their text."""
    return {
        (notebook, name): (cell.points, cell.source)
        for notebook, cells in notebooks.items()
        for name, cell in cells.items()
        if cell.points is not None
    }


def _differences(before: Mapping[str, Mapping[str, _Cell]], after: Mapping[str, Mapping[str, _Cell]]) -> list[str]:
    found = []
    for notebook in sorted({*before, *after}):
        old, new = before.get(notebook, {}), after.get(notebook, {})
        if notebook not in before or notebook not in after:
            found.append(f"{notebook}.ipynb {'is new' if notebook in after else 'is gone'}")
            continue
        names = [*new, *sorted(old.keys() - new.keys())]
        found += [said for name in names if (said := _difference(name, old.get(name), new.get(name)))]
    return found


def _difference(name: str, old: _Cell | None, new: _Cell | None) -> str | None:
    if old is None or new is None:
        return f"{name}: {'a new cell' if old is None else 'the cell is gone'}"
    if old == new:
        return None
    said = []
    if old.points != new.points:
        said.append(
            " instead of ".join("no points" if one is None else f"{one:g} points" for one in (new.points, old.points))
        )
    if old.source != new.source:
        said.append("other text")
    return f"{name}: {', '.join(said) or 'of another kind'}"


def _refuse_if_grades_are_lost(
    gradebook: Gradebook,
    lesson: str,
    before: Mapping[str, Mapping[str, _Cell]],
    after: Mapping[str, Mapping[str, _Cell]],
) -> None:
    """As nbgrader does, but before anything is changed, and with the names."""
    assignment = gradebook.db.query(Assignment).filter_by(name=lesson).one_or_none()
    count = len(assignment.submissions) if assignment else 0
    kinds = [
        {(notebook, name): cell.kinds for notebook, cells in one.items() for name, cell in cells.items()}
        for one in (before, after)
    ]
    lost, new = (sorted(name for _, name in one.keys() - other.keys()) for one, other in (kinds, kinds[::-1]))
    other = sorted(key[1] for key in kinds[0].keys() & kinds[1].keys() if kinds[0][key] != kinds[1][key])
    if count and (lost or new or other or before.keys() != after.keys()):
        told = [f"{word} {', '.join(names)}" for word, names in
                (("new:", new), ("gone:", lost), ("of another kind:", other)) if names]  # fmt: skip
        raise ReleaseError(
            f"{lesson} cannot be released: the gradebook has grades of {count} submissions, and nbgrader cannot have "
            f"cells with an id of nbgrader's come or go then ({'; '.join(told) or 'another notebook'}). Nothing was "
            f"changed. Make these cells in source/{lesson} as they were; their text and points may change"
        )


def _same(made: Path, place: Path, ignore: list[str]) -> bool:
    return not _other_changes(made, place, ignore)


def _other_changes(made: Path, place: Path, ignore: list[str]) -> list[str]:
    new, old = _files(made, ignore), _files(place, ignore)
    found = []
    for name in sorted({*new, *old}):
        if name not in old or name not in new:
            found.append(f"{name} {'is new' if name in new else 'is gone'}")
        elif _meaning(new[name]) != _meaning(old[name]):
            found.append(f"{name}: other text")
    return found


def _files(folder: Path, ignore: list[str]) -> dict[str, Path]:
    found = {}
    for path in folder.rglob("*"):
        relative = path.relative_to(folder)
        left_out = any(fnmatch.fnmatch(part, pattern) for part in relative.parts for pattern in ignore)
        if path.is_file() and not left_out:
            found[str(relative)] = path
    return found


def _meaning(path: Path) -> object:
    """A file's content; of a notebook, what does not depend on how it was written."""
    content = path.read_bytes()
    if path.suffix != ".ipynb":
        return content
    try:
        nb = nbformat.reads(content.decode(), as_version=4)
    except Exception:
        return content
    return nb.metadata, [(cell.cell_type, cell.source, cell.metadata, cell.get("outputs")) for cell in nb.cells]


# The gradebook --------------------------------------------------------------------------------------------------------


def _save(
    gradebook: Gradebook, course: CourseDirectory, config: Config, lesson: str, foreseen: Mapping[str, _Foreseen]
) -> None:
    """Save what nbgrader would have saved, in one transaction."""
    with one_transaction(gradebook):
        assignment = gradebook.update_or_create_assignment(lesson)
        for name in {one.name for one in assignment.notebooks} - foreseen.keys():
            gradebook.remove_notebook(name, lesson)
        for name, one in foreseen.items():
            saver = stock.SaveCells(config=config)
            saver.gradebook, saver.notebook_id, saver.assignment_id = gradebook, name, lesson
            for kind, cells in one.cells.items():
                setattr(saver, f"new_{kind}_cells", cells)
            saver._create_notebook(one.nb)


# The exchange ---------------------------------------------------------------------------------------------------------


def has_exchange(class_dir: Path | str) -> bool:
    """Whether the class has an exchange: a folder that can be written to, or one of another kind."""
    config = class_config(class_dir)
    releaser = _releaser(CourseDirectory(config=config), config)
    if isinstance(releaser, ExchangeReleaseAssignment):
        return bool(check_directory(releaser.root, write=True, execute=True))
    return True


def exchange_folder(course: CourseDirectory, config: Config) -> Path | None:
    """The class's folder in the exchange, there or not; None if the exchange is no folder."""
    releaser = _releaser(course, config)
    return Path(releaser.root, course.course_id) if isinstance(releaser, ExchangeReleaseAssignment) else None


def to_exchange(class_dir: Path | str, lesson: str) -> str:
    """Put a released lesson where students fetch it, as ``nbgrader release_assignment`` does.

    A folder's lesson is replaced. An exchange of another kind is not told to replace anything: ngshare, for one, throws
    away what students have handed in with the lesson that they handed it in for.

    Returns
    -------
    str
        ``new``, ``changed`` or ``unchanged``.

    Raises
    ------
    ReleaseError
        If the exchange does not take it.
    """
    config = class_config(class_dir)
    course = CourseDirectory(config=config)
    course.assignment_id = lesson
    releaser = _releaser(course, config)
    folder = exchange_folder(course, config)
    there = folder and folder / "outbound" / lesson
    if there is not None and _is_in(course, there):
        return "unchanged"
    was_there = there is not None and there.is_dir()
    releaser.force = there is not None
    raised = None
    with listening(releaser.log) as said:
        try:
            releaser.start()
        except Exception as error:  # a program that may not be nbgrader's own
            raised = error
    # Not every exchange raises what it cannot do.
    problem = cause(said, raised)
    if not problem:
        return "changed" if was_there else "new"
    if there is None:
        with _fetched(course, config) as other:
            if other is not None and _is_in(course, other):
                return "unchanged"
            if other is not None:
                raise ReleaseError(
                    f"{lesson} is in the exchange as it was before, and stays so: to replace it there may throw away "
                    "what was handed in, and then takes no feedback on it. Collect it (gdgrade collect "
                    f"{lesson}) and give feedback on it (gdgrade feedback {lesson} --exchange) before you replace it: "
                    f"nbgrader release_assignment {lesson} --force"
                )
    raise ReleaseError(f"{lesson} cannot be put into the exchange: {problem}")


def _is_in(course: CourseDirectory, there: Path) -> bool:
    made = Path(course.format_path(course.release_directory, ".", course.assignment_id))
    return there.is_dir() and made.is_dir() and _same(made, there, course.ignore)


@contextlib.contextmanager
def _fetched(course: CourseDirectory, config: Config) -> Iterator[Path | None]:
    """The lesson as students would fetch it; None if it is not in the exchange, or cannot be fetched."""
    fetch = ExchangeFactory(config=config).FetchAssignment(
        coursedir=course, authenticator=Authenticator(config=config), config=config
    )
    with tempfile.TemporaryDirectory(prefix=ASIDE, dir=course.root) as aside:
        fetch.assignment_dir, fetch.path_includes_course = aside, False
        with contextlib.suppress(Exception), listening(fetch.log):
            fetch.start()
        folder = Path(aside, course.assignment_id)
        yield folder if folder.is_dir() else None


def _releaser(course: CourseDirectory, config: Config) -> Any:
    factory = ExchangeFactory(config=config)
    return factory.ReleaseAssignment(coursedir=course, authenticator=Authenticator(config=config), config=config)
