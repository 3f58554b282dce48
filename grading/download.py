"""What the file names in a download-all ZIP of Moodle or Canvas mean: who handed in which file, and whether late.

Moodle (``mod/assign/classes/downloader.php``) names a folder ``Full Name_123_assignsubmission_file`` for each student,
in older versions with one more ``_``, or puts that in front of each file's name. The number is the participant's in
this one assignment; a team has its own name and number in its place, or ``Default group`` and none, and in blind
marking everybody is ``Participant``.

Canvas (``lib/content_zipper.rb``) names each file ``lastnamefirstname_LATE_123_456_file.ipynb``: the sortable name in
lower case without anything but letters and digits, ``LATE`` if it came late, the user's number, the upload's number.
Text that was typed in ends in ``_text.html`` and has no upload's number. Without names, ``anon_1a2b3`` stands for them.

Neither notes in its ZIP file when something was handed in: the dates in it are those of the download.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from grading.archives import Entry, Refused, safe_path

__all__ = ["HandedIn", "Submitter", "is_clutter", "made_when", "who_handed_in"]

MOODLE = re.compile(r"(?P<name>.+?)(?:_(?P<number>[0-9]+))?_assignsubmission_[a-z0-9]+(?:_(?P<file>.*))?$")
CANVAS = re.compile(
    r"(?:(?P<name>.*?)_(?P<late>LATE_)?(?P<number>[0-9]+)|(?P<late_anonymous>LATE_)?(?P<anonymous>anon_[A-Za-z0-9]+))"
    r"_(?:(?P<upload>[0-9]+)_(?P<file>.+)|(?P<typed>(?:text|link)\.html))$"
)
CLUTTER = re.compile(r"__MACOSX|\._.*|\.DS_Store|Thumbs\.db|desktop\.ini", re.IGNORECASE)


@dataclass(frozen=True)
class Submitter:
    """Who handed something in, as the learning platform names them.

    Attributes
    ----------
    lms : str
        ``"moodle"``, ``"canvas"``, or ``"folders"`` for an archive with a folder or a file for each student.
    name : str
    number : str
        The platform's number of them; empty if it shows none.
    """

    lms: str
    name: str
    number: str = ""

    @property
    def label(self) -> str:
        """What to call them: also what ``--match`` takes for them alone."""
        return f"{self.name}_{self.number}" if self.number else self.name


@dataclass
class HandedIn:
    """What one submitter handed in: the files, each with its place and its upload's number, and whether it was late.

    If it is ``doubtful``, the same name could be read as another's number: a name may have digits in it, too.
    """

    submitter: Submitter
    late: bool = False
    doubtful: bool = False
    files: list[tuple[PurePosixPath, int, Entry]] = field(default_factory=list)


def who_handed_in(entries: Sequence[Entry]) -> tuple[list[HandedIn], list[Entry]]:
    """Sort the files of a download by who handed them in.

    Parameters
    ----------
    entries : sequence of Entry

    Returns
    -------
    list of HandedIn
        In the order of the archive. A file that is refused is among its owner's, so that it is known whose it is.
    list of Entry
        Those whose names say nothing of a student.
    """
    files = [entry for entry in entries if not is_clutter(entry.path)]
    readings = [[read(entry.path) for entry in files] for read in (_moodle, _canvas)]
    # A student gives names to files as well: which platform's they are is for most of them to say.
    meant = max(readings, key=lambda reading: len(files) - reading.count(None))
    if 2 * meant.count(None) >= len(files):
        meant = _folders(files)
    handed_in: dict[Submitter, HandedIn] = {}
    strangers = []
    for entry, one in zip(files, meant, strict=True):
        if one is None:
            strangers.append(entry)
            continue
        theirs = handed_in.setdefault(one.submitter, HandedIn(one.submitter))
        theirs.late |= one.late
        theirs.doubtful |= one.doubtful
        theirs.files.append((one.place, one.upload, _checked(entry, one.place)))
    return list(handed_in.values()), strangers


def made_when(entries: Sequence[Entry], path: Path) -> tuple[str, str]:
    """When a download was made, to be compared with others: by the dates in it, else by the file's own."""
    dates = [entry.when for entry in entries if entry.when]
    return max(dates).isoformat() if dates else "", f"{path.stat().st_mtime_ns:020}"


def is_clutter(path: PurePosixPath) -> bool:
    """Whether a file is one that systems leave behind everywhere."""
    return any(CLUTTER.fullmatch(part) for part in path.parts)


@dataclass(frozen=True)
class _Meant:
    """What one file's name says."""

    submitter: Submitter
    place: PurePosixPath
    upload: int = 0
    late: bool = False
    doubtful: bool = False


def _checked(entry: Entry, place: PurePosixPath) -> Entry:
    """The entry; refused if what is left of its name, without the student's, is no place for it."""
    try:
        safe_path(str(place))
    except Refused as error:
        return replace(entry, refused=entry.refused or str(error))
    return entry


def _moodle(path: PurePosixPath) -> _Meant | None:
    for depth, part in enumerate(path.parts):
        match = MOODLE.match(part)
        if match:
            below = path.parts[depth + 1 :] or ((match["file"],) if match["file"] else ())
            submitter = Submitter("moodle", match["name"].strip(), match["number"] or "")
            return _Meant(submitter, PurePosixPath(*below)) if below else None
    return None


def _canvas(path: PurePosixPath) -> _Meant | None:
    match = CANVAS.match(path.name)
    if not match:
        return None
    file = match["file"] or match["typed"]
    return _Meant(
        Submitter("canvas", match["name"] or match["anonymous"], match["number"] or ""),
        PurePosixPath(file),
        upload=int(match["upload"] or 0),
        late=bool(match["late"] or match["late_anonymous"]),
        doubtful=re.match(r"[0-9]+_|(?:text|link)\.html$", file) is not None and match["typed"] is None,
    )


def _folders(files: Sequence[Entry]) -> list[_Meant | None]:
    """A folder for each student, or a file; if there is one folder around all of these, it is nobody's."""
    paths = [entry.path for entry in files]
    around = 0
    if len({path.parts[0] for path in paths}) == 1 and all(len(path.parts) > 2 for path in paths):
        around = 1 if len({path.parts[1] for path in paths}) > 1 else 0
    return [_folder(PurePosixPath(*path.parts[around:])) for path in paths]


def _folder(path: PurePosixPath) -> _Meant:
    if len(path.parts) == 1:
        return _Meant(Submitter("folders", path.stem), path)
    return _Meant(Submitter("folders", path.parts[0]), PurePosixPath(*path.parts[1:]))
