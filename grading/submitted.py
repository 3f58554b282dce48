"""A student's place in ``submitted``: what is there, and how something newer takes its place without a loss."""

import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath

from nbgrader.coursedir import CourseDirectory

from grading.archives import Limits, Refused
from grading.course import ASIDE, STATE_DIR, sync_folder, write_whole
from grading.exchange import read_folder
from grading.intake import STAMP, timestamp_of

__all__ = ["Record", "There", "digest_of", "put", "read_records", "there", "usable_id", "write_records"]

PREVIOUS = Path(STATE_DIR, "previous")
RECORDS = Path(STATE_DIR, "collected")
SLIP = PurePosixPath(STAMP)
TIME_FORMAT = "%Y-%m-%d %H:%M:%S.%f UTC"


@dataclass(frozen=True)
class Record:
    """What was collected for a student at last: its files, where from, in which download, and whether marked late."""

    digest: str
    source: str
    made: tuple[str, ...] = ()
    late: bool = False


@dataclass(frozen=True)
class There:
    """What is in a student's place: a digest of its files, if these can be read, and when it was handed in (UTC)."""

    digest: str | None
    when: datetime | None


def usable_id(student: str) -> bool:
    """Whether an id can be the name of a folder, and is none that leads elsewhere or is hidden."""
    return bool(student) and not re.search(r"[/\\\x00-\x1f]", student) and not student.startswith(".")


def digest_of(files: Mapping[PurePosixPath, bytes]) -> str:
    """A digest of names and contents, but for the time that stands beside them."""
    total = hashlib.sha256()
    for path in sorted(files):
        if path != SLIP:
            total.update(f"{path}\0{hashlib.sha256(files[path]).hexdigest()}\0".encode())
    return total.hexdigest()


def there(course: CourseDirectory, place: Path, limits: Limits) -> There | None:
    """Look at a student's place; None if there is nothing."""
    if not os.path.lexists(place):
        return None
    try:
        digest = digest_of(read_folder(place, limits))
    except Refused:
        digest = None
    return There(digest, timestamp_of(course, place) if place.is_dir() else None)


def put(
    course: CourseDirectory,
    lesson: str,
    student: str,
    files: Mapping[PurePosixPath, bytes],
    when: datetime | None,
) -> Path | None:
    """Put a submission in its place. What was there is kept.

    Parameters
    ----------
    course : CourseDirectory
    lesson, student : str
    files : mapping of PurePosixPath to bytes
    when : datetime or None
        When it was handed in (UTC).

    Returns
    -------
    Path or None
        Where that is now which was there before; None if there was nothing.
    """
    place = Path(course.format_path(course.submitted_directory, student, lesson))
    place.parent.mkdir(parents=True, exist_ok=True)
    for leftover in place.parent.glob(f"{ASIDE}*"):
        shutil.rmtree(leftover, ignore_errors=True)
    aside = Path(tempfile.mkdtemp(prefix=ASIDE, dir=place.parent))
    try:
        _write(aside, files, when, course.groupshared)
        kept = _keep(Path(course.root, PREVIOUS, lesson, student), place) if os.path.lexists(place) else None
        aside.rename(place)
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        raise
    sync_folder(place.parent)
    return kept


def _write(folder: Path, files: Mapping[PurePosixPath, bytes], when: datetime | None, shared: bool) -> None:
    files = {path: data for path, data in files.items() if path != SLIP}
    if when is not None:
        files[SLIP] = when.strftime(TIME_FORMAT).encode()
    for path, data in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if shared:
            target.chmod(target.stat().st_mode & 0o777 | 0o660)
    probe = folder / ASIDE  # `mkdtemp` makes a folder for its owner alone; a plain one is what others may read
    probe.mkdir()
    folder.chmod(probe.stat().st_mode & 0o7777)
    probe.rmdir()
    if shared:
        for path in (folder, *(one for one in folder.rglob("*") if one.is_dir())):
            path.chmod(path.stat().st_mode & 0o777 | 0o2770)


def _keep(folder: Path, place: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    number = 1 + max((int(path.name) for path in folder.iterdir() if path.name.isdecimal()), default=0)
    target = folder / str(number)
    shutil.move(place, target)
    sync_folder(folder)
    return target


def read_records(class_dir: Path, lesson: str) -> dict[str, Record]:
    """Read what was collected of a lesson, by student; nothing where there is no note that can be read."""
    try:
        found = json.loads((class_dir / RECORDS / f"{lesson}.json").read_bytes())
        return {
            student: Record(one["digest"], one["source"], tuple(one["made"]), one["late"])
            for student, one in found.items()
        }
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return {}


def write_records(class_dir: Path, lesson: str, records: Mapping[str, Record]) -> None:
    """Write what was collected of a lesson."""
    content = json.dumps({student: asdict(records[student]) for student in sorted(records)}, indent=1)
    write_whole(class_dir / RECORDS / f"{lesson}.json", content.encode())
