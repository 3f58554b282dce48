"""What of a student's files goes where: the lesson's notebooks under their own names, the rest beside them."""

import fnmatch
import json
import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any

from nbgrader.coursedir import CourseDirectory

from grading.archives import Archive, Entry, Limits, Refused, safe_path
from grading.download import is_clutter
from grading.intake import BESIDE

__all__ = ["Lesson", "Placed", "lesson_of", "limits_of", "place", "unpacked"]

DECORATION = re.compile(r"(?:[-_ ]*\(\d+\)|[-_ ]+\d+|[-_ ]*copy\s*\d*)$", re.IGNORECASE)
"""What browsers, Canvas and JupyterLab append to the name of a second copy."""

MAX_NOTEBOOK = 32 * 2**20
MOST_INSIDE = 10_000
"""So many entries a student's own ZIP file has at most."""


@dataclass(frozen=True)
class Lesson:
    """What was released: grade ids by the notebook's name, and the files beside the notebooks."""

    name: str
    notebooks: Mapping[str, frozenset[str]]
    files: Mapping[PurePosixPath, bytes] = field(default_factory=dict, repr=False)


@dataclass
class Placed:
    """Files by their places, what there is to say of the choice, and whether somebody should look at it."""

    files: dict[PurePosixPath, bytes] = field(default_factory=dict, repr=False)
    notes: list[str] = field(default_factory=list)
    look: bool = False
    folders: set[PurePosixPath] = field(default_factory=set, repr=False)

    def put(self, path: PurePosixPath, data: bytes) -> None:
        """Give a file its place; raises `Refused` for one that is none."""
        self.files[safe_path(str(path))] = data
        self.folders.update(path.parents)


def limits_of(course: CourseDirectory) -> Limits:
    """What nbgrader's settings say of the size of files and submissions (there in units of 1,000 bytes)."""
    return Limits(file=1_000 * course.max_file_size, submission=1_000 * course.max_dir_size)


def lesson_of(course: CourseDirectory, lesson: str) -> Lesson:
    """Read what a lesson's released folder has; if there is none, one notebook of the lesson's name is expected."""
    folder = Path(course.format_path(course.release_directory, ".", lesson))
    found = sorted(path for path in folder.rglob("*") if path.is_file() and ".ipynb_checkpoints" not in path.parts)
    notebooks = [path for path in found if path.parent == folder and path.suffix == ".ipynb"]
    others = {
        PurePosixPath(path.relative_to(folder).as_posix()): path.read_bytes() for path in found if path not in notebooks
    }
    ids = {path.stem: frozenset(_grade_ids(path.read_bytes()) or ()) for path in notebooks}
    return Lesson(lesson, ids or {lesson: frozenset()}, others)


def unpacked(
    archive: Archive, files: Iterable[tuple[PurePosixPath, int, Entry]], limits: Limits
) -> tuple[dict[PurePosixPath, bytes], dict[PurePosixPath, int]]:
    """Read what somebody handed in; ZIP files in it are opened, those in these are not.

    Parameters
    ----------
    archive : Archive
    files : iterable of (PurePosixPath, int, Entry)
        The place of each, and its upload's number.
    limits : Limits

    Returns
    -------
    dict of PurePosixPath to bytes
    dict of PurePosixPath to int
        Of each place, the upload's number.

    Raises
    ------
    Refused
        If something in it is refused or damaged, or it is too much.
    """
    read: dict[PurePosixPath, bytes] = {}
    uploads: dict[PurePosixPath, int] = {}
    size = 0
    for path, upload, entry in files:
        try:
            inner = _inside(path, archive.read(entry), limits)
        except Refused as error:
            raise Refused(f"{path} {error}") from error
        for at, data in inner.items():
            if at in read:
                raise Refused(f"{at} is there more than once")
            read[at], uploads[at] = data, upload
            size += len(data)
            if size > limits.submission:
                raise Refused(f"has more than the {limits.submission} bytes that are read of a submission")
    return read, uploads


def _inside(path: PurePosixPath, data: bytes, limits: Limits) -> dict[PurePosixPath, bytes]:
    if path.suffix.lower() != ".zip":
        return {path: data}
    found: dict[PurePosixPath, bytes] = {}
    with Archive(data, replace(limits, entries=MOST_INSIDE)) as archive:
        entries = [entry for entry in archive.entries if not is_clutter(entry.path)]
        if sum(entry.size for entry in entries) > limits.submission:
            raise Refused(f"would unpack to more than the {limits.submission} bytes that are read of a submission")
        for entry in entries:
            try:
                found[path.with_suffix("") / entry.path] = archive.read(entry)
            except Refused as error:
                raise Refused(f"has in it {entry.path}, which {error}") from error
    return found


def place(
    files: Mapping[PurePosixPath, bytes],
    lesson: Lesson,
    *,
    uploads: Mapping[PurePosixPath, int] | None = None,
    ignore: Collection[str] = (),
    reserved: Collection[str] = BESIDE,
) -> Placed:
    """Find the lesson's notebooks in what was handed in, and a place for everything.

    Parameters
    ----------
    files : mapping of PurePosixPath to bytes
    lesson : Lesson
    uploads : mapping of PurePosixPath to int, optional
        The number of each upload: of two, the higher one is the later.
    ignore : collection of str
        Patterns of names that are left out, as nbgrader does.
    reserved : collection of str
        Names of files that are left out: those that nbgrader writes are no student's to bring in a ZIP file.

    Returns
    -------
    Placed
        The notebook with the lesson's name is taken, also with what a copy's name has after it. If there are several,
        it is the one with most of the lesson's exercises, then the one uploaded last, then the one named exactly so; if
        there is none, the one that has the lesson's exercises. Either is said.
    """
    left = {path: data for path, data in files.items() if not _ignored(path, ignore)}
    placed = Placed()
    chosen: dict[str, PurePosixPath] = {}
    for name in lesson.notebooks:
        free = [path for path in left if path.suffix.lower() == ".ipynb" and path not in chosen.values()]
        found = _choose(name, free, left, lesson, uploads or {}, placed)
        if found is not None:
            chosen[name] = found
            placed.put(PurePosixPath(f"{name}.ipynb"), left[found])
    root = next(iter(chosen.values())).parent if chosen else PurePosixPath()
    for path, data in left.items():
        where = path.relative_to(root) if path.is_relative_to(root) else path
        # Of another notebook with the lesson's name it is said already that it is not taken.
        if path not in chosen.values() and where.with_suffix("").as_posix() not in chosen:
            _put_beside(where, data, lesson, reserved, placed)
    if not chosen:
        placed.look = True
        there = ", ".join(str(path) for path in list(left)[:5]) or "nothing"
        placed.notes.append(f"no notebook of this lesson, only {there}")
    return placed


def _choose(
    name: str,
    free: list[PurePosixPath],
    files: Mapping[PurePosixPath, bytes],
    lesson: Lesson,
    uploads: Mapping[PurePosixPath, int],
    placed: Placed,
) -> PurePosixPath | None:
    def worth(path: PurePosixPath) -> tuple[Any, ...]:
        exact = _fold(path.stem) == _fold(name)
        return known(path), uploads.get(path, 0), exact, -len(path.parts), str(path)

    def known(path: PurePosixPath) -> int:
        return len(lesson.notebooks[name] & (_grade_ids(files[path]) or set()))

    named = [path for path in free if _is_named(path.stem, name)]
    if named:
        best = named[0] if len(named) == 1 else max(named, key=worth)
        if len({files[path] for path in named}) > 1:
            others = ", ".join(str(path) for path in named if path != best)
            placed.notes.append(f"{len(named)} notebooks have this lesson's name: {best} is taken, not {others}")
            placed.look = True
        return best
    like = [path for path in free if known(path)]
    if not like and len(free) == len(lesson.notebooks) == 1 and not _grade_ids(files[free[0]]):
        like = free
    if not like:
        return None
    best = max(like, key=worth)
    placed.notes.append(f"{best} is taken for {name}.ipynb")
    if len(like) > 1:
        placed.notes[-1] += f", not {', '.join(str(path) for path in like if path != best)}"
        placed.look = True
    return best


def _put_beside(path: PurePosixPath, data: bytes, lesson: Lesson, reserved: Collection[str], placed: Placed) -> None:
    if path.name in reserved and len(path.parts) == 1:
        placed.notes.append(f"{path} is left out: nbgrader has a file of that name")
    elif path in lesson.files and lesson.files[path] != data:
        placed.notes.append(f"{path} is left out: the lesson brings its own")
    elif path in placed.files or path in placed.folders or any(above in placed.files for above in path.parents):
        placed.notes.append(f"{path} is left out: another file has its place")
    else:
        placed.put(path, data)


def _is_named(stem: str, name: str) -> bool:
    stem, name = _fold(stem), _fold(name)
    while stem != name:
        shorter = DECORATION.sub("", stem).rstrip()
        if shorter == stem:
            return False
        stem = shorter
    return True


def _fold(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold().strip()


def _ignored(path: PurePosixPath, patterns: Collection[str]) -> bool:
    return is_clutter(path) or any(fnmatch.fnmatch(part, pattern) for part in path.parts for pattern in patterns)


def _grade_ids(data: bytes) -> set[str] | None:
    """The grade ids of a notebook's cells; None if it cannot be read."""
    if len(data) > MAX_NOTEBOOK:
        return None
    try:
        cells = json.loads(data.decode("utf-8-sig"))["cells"]
        found = {cell.get("metadata", {}).get("nbgrader", {}).get("grade_id") for cell in cells}
    except (ValueError, RecursionError, LookupError, TypeError, AttributeError):
        return None
    return {one for one in found if isinstance(one, str)}
