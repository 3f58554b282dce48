"""What was exported before: a note of each export, what changed since the last, and whose a file is."""

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from grading.course import STATE_DIR, ClassError, write_whole
from grading.tables import Export

__all__ = ["Change", "Outcome", "last_exports", "write"]

FOLDER = "exports"
VERSION = 1


@dataclass(frozen=True)
class Change:
    """Points that are not what was exported before."""

    lesson: str
    student: str
    before: float | None
    now: float | None


@dataclass(frozen=True)
class Outcome:
    """What an export has come to.

    Attributes
    ----------
    written : bool
        Whether the file is another than it was.
    since : str or None
        When such an export was last made, in UTC; None if this is the first.
    changes : list of Change
        Of the lessons that were exported before.
    first : list of str
        The lessons that were not.
    """

    written: bool
    since: str | None
    changes: list[Change]
    first: list[str]


@dataclass
class Note:
    """What is noted of the exports of one format: each of them, and what the last said of each lesson and student."""

    exports: list[dict[str, Any]] = field(default_factory=list)
    points: dict[str, dict[str, float | None]] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    version: int = VERSION


def write(root: Path | str, kind: str, to: Path, export: Export, *, force: bool = False) -> Outcome:
    """Write an export to its file, note it, and say what changed since the last one of its kind.

    Parameters
    ----------
    root : Path or str
        The class directory.
    kind : str
        Which exports to compare with: a name for a file.
    to : Path
        The file. If it is there already, it must be as an export of this kind left it.
    export : Export
    force : bool
        Overwrite whatever is there.

    Raises
    ------
    ClassError
        If the file is somebody else's, or the notes cannot be read. Nothing is changed then.
    """
    place = Path(root, STATE_DIR, FOLDER, f"{kind}.json")
    note = _read(place)
    digest = hashlib.sha256(export.content).hexdigest()
    there = _digest_of(to)
    if there not in (None, digest, *note.files) and not force:
        raise ClassError(
            f"{to} is there already and is not as gdgrade export wrote it. Nothing was changed. "
            "Name another file with --to, or overwrite it with --force"
        )
    last = note.exports[-1]["when"] if note.exports else None
    lessons = sorted({lesson for lesson, _ in export.points})
    outcome = Outcome(
        there != digest, last, _changes(note, export.points), [one for one in lessons if one not in note.points]
    )
    if outcome.written and digest not in note.files:
        note.files.append(digest)  # before the file: whenever this ends, the next run knows it for its own
        _write(place, note)
    if outcome.written:
        write_whole(to, export.content)
    _note(note, {"file": str(to), "sha256": digest, "lessons": lessons}, outcome)
    for lesson in lessons:
        note.points[lesson] = {who: points for (name, who), points in export.points.items() if name == lesson}
    _write(place, note)
    return outcome


def last_exports(root: Path | str) -> dict[str, str]:
    """When each lesson was last exported (UTC), in whatever form; a note that cannot be read is left out."""
    found: dict[str, str] = {}
    for place in sorted(Path(root, STATE_DIR, FOLDER).glob("*.json")):
        with suppress(ClassError, KeyError, TypeError):
            for one in _read(place).exports:
                for lesson in one["lessons"]:
                    found[lesson] = max(found.get(lesson, ""), one.get("holds", one["when"]))
    return found


def _note(note: Note, about: Mapping[str, Any], outcome: Outcome) -> None:
    """Note that there was an export; of one that is as the last in all, only that it still holds."""
    when = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S")
    if note.exports and not outcome.written and about.items() <= note.exports[-1].items():
        note.exports[-1]["holds"] = when
    else:
        note.exports.append({"when": when, **about})


def _changes(note: Note, points: Mapping[tuple[str, str], float | None]) -> list[Change]:
    found = [
        Change(lesson, student, note.points[lesson].get(student), now)
        for (lesson, student), now in points.items()
        if lesson in note.points and note.points[lesson].get(student) != now
    ]
    for lesson in {lesson for lesson, _ in points} & note.points.keys():
        gone = {who: before for who, before in note.points[lesson].items() if (lesson, who) not in points}
        found += [Change(lesson, who, before, None) for who, before in gone.items() if before is not None]
    return sorted(found, key=lambda one: (one.lesson, one.student))


def _digest_of(file: Path) -> str | None:
    if file.is_dir():
        raise ClassError(f"{file} is a folder: name a file with --to")
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ClassError(f"{file} cannot be read: {error.strerror}. Name another file with --to") from error


def _read(place: Path) -> Note:
    try:
        said = json.loads(place.read_text(encoding="utf-8"))
        return Note(said["exports"], said["points"], said["files"], said["version"])
    except FileNotFoundError:
        return Note()
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ClassError(
            f"{place}, the note of what was exported, cannot be read: {type(error).__name__}: {error}. Move it away: "
            "then nothing is said of what changed, and a file that is there is overwritten with --force alone"
        ) from error


def _write(place: Path, note: Note) -> None:
    write_whole(place, json.dumps(asdict(note), indent=1, sort_keys=True).encode(), mode=0o600)
