"""Collecting: what was handed in for a lesson, from nbgrader's exchange or from downloads, goes into ``submitted``.

The downloads are kept as they are in ``downloaded/LESSON/archive``, nbgrader's place for them, and are all read each
time: so the outcome does not depend on the order in which they came, and who is who may be told later. What was there
before is replaced only by what is newer, and then kept in ``.gdgrade/previous``.
"""

import errno
import fnmatch
import hashlib
import re
import shlex
import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from grading import book, exchange, placing, submitted
from grading.archives import Archive, Refused
from grading.course import ASIDE, ClassError, alone, class_config
from grading.download import HandedIn, made_when, who_handed_in
from grading.intake import handed_in, timestamp_of
from grading.lessons import in_class
from grading.matching import MATCHES, Match, MatchError, Roster, ids_in, participants_in, read_matches, write_matches
from grading.moodle import WORKSHEET
from grading.roster import Student, in_gradebook
from grading.tables import read_sheet

__all__ = ["CollectError", "Collected", "Row", "archive_folder", "collect", "participants"]

EXCHANGE = "the exchange"
LATE_SOMEHOW = "marked late, time unknown"
KINDS = (".zip", ".csv")
"""Endings of what is read: downloads, and Moodle's grading worksheets."""
ONE_ALONE = (errno.ENAMETOOLONG, errno.EINVAL, errno.EILSEQ, errno.EEXIST, errno.EACCES, errno.EPERM)
"""What a file system has against one submission, and not against the next."""
FEW = 60
"""So many who are not on the roster are told whom they may be: it takes time."""


class CollectError(ValueError):
    """Nothing was collected; the message says why and what to do."""


@dataclass
class Row:
    """What came of one student's submission, or of one that is nobody's.

    Attributes
    ----------
    student : str
        The id; for one that could not be matched, what the platform calls them.
    status : str
        ``collected``, ``updated``, ``unchanged``, ``kept`` (what is there differs, and may be newer), ``missing``,
        ``twice`` (several claim to be this student), ``unmatched`` or ``refused``; empty for what was there before.
    name, source : str
        The student's name, and where the submission is from.
    late : str
        By how much, or who says so; empty if it is not known to be late.
    notes : list of str
    look : bool
        Whether somebody should look at the notes.
    """

    student: str
    status: str
    name: str = ""
    source: str = ""
    late: str = ""
    notes: list[str] = field(default_factory=list)
    look: bool = False

    @property
    def needs_a_look(self) -> bool:
        """Whether there is something for somebody to decide."""
        return self.look or self.status in ("kept", "twice", "unmatched", "refused")


@dataclass
class Collected:
    """What came of collecting a lesson.

    Attributes
    ----------
    lesson : str
    rows : list of Row
        Students in the order of their ids, then those that are nobody's.
    said, troubles : list of str
        What there is to know, and what was wrong with a source as a whole.
    """

    lesson: str
    rows: list[Row] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)

    def count(self, status: str) -> int:
        """How many rows have a status."""
        return sum(row.status == status for row in self.rows)

    @property
    def needs_a_look(self) -> bool:
        """Whether there is something for somebody to decide."""
        return bool(self.troubles) or any(row.needs_a_look for row in self.rows)


@dataclass(frozen=True)
class _Candidate:
    """Something that was handed in and is a student's.

    Of downloads, ``made`` says which was made later. ``told`` says whether somebody has said whose it is.
    """

    source: str
    read: Callable[[], placing.Placed]
    called: str = ""
    made: tuple[str, ...] = ()
    when: datetime | None = None
    late: bool = False
    any_other: bool = False
    told: bool = False
    note: str = ""


def collect(
    class_dir: Path | str,
    lesson: str,
    files: Sequence[Path] = (),
    *,
    matches: Mapping[str, str] | None = None,
    replace: bool = False,
    db: str | None = None,
    wait: bool = False,
    on_step: Callable[[int, int], None] = lambda done, total: None,
) -> Collected:
    """Collect what was handed in for a lesson.

    Parameters
    ----------
    class_dir : Path or str
        The class directory.
    lesson : str
        The lesson's name.
    files : sequence of Path
        Downloads, and Moodle's grading worksheets as CSV files, to be kept and read with those kept before. If there
        are none, nbgrader's exchange is read, too.
    matches : mapping of str to str, optional
        Who is who, to be remembered: ids by the names that a platform has. A team is several, with commas between; an
        empty id is nobody.
    replace : bool
        Whether to replace also what may be newer than what is collected.
    db : str, optional
        The gradebook's database, if it is another one than the class's configuration says.
    wait : bool
        Whether to wait for somebody else who is at work in the class.
    on_step : callable
        Called with how many students are done, and of how many.

    Returns
    -------
    Collected

    Raises
    ------
    CollectError, ClassError, MatchError, FileNotFoundError
        If nothing could be collected; the message says why and what to do.
    Busy
        If somebody else is at work in the class.
    BookError
        If the gradebook cannot be read.
    """
    config = class_config(class_dir, db)
    course = CourseDirectory(config=config)
    for path in files:
        if not path.is_file():
            raise CollectError(f"there is no file {path}: give the ZIP file that Moodle or Canvas made")
    with alone(course.root, wait=wait), book.opened(course) as gradebook:
        return _Run(course, config, lesson, gradebook, replace, on_step).run(list(files), dict(matches or {}))


class _Run:
    def __init__(
        self,
        course: CourseDirectory,
        config: Config,
        lesson: str,
        gradebook: Gradebook,
        replace: bool,
        on_step: Callable[[int, int], None],
    ):
        known = sorted({*in_class(course), *(one.name for one in gradebook.assignments)})
        if lesson not in known:
            raise CollectError(f"there is no lesson {lesson} in this class; there are: {', '.join(known) or 'none'}")
        self.course, self.config, self.lesson = course, config, lesson
        self.replace, self.on_step = replace, on_step
        self.root = Path(course.root)
        self.limits = placing.limits_of(course)
        self.outline = placing.lesson_of(course, lesson)
        self.people = in_gradebook(gradebook)
        self.due, self.due_for = _due(gradebook, lesson)
        self.records = submitted.read_records(self.root, lesson)
        self.claims: dict[str, list[list[_Candidate]]] = {}
        self.rows: dict[str, Row] = {}
        self.strange: list[Row] = []
        self.outcome = Collected(lesson)

    def run(self, given: list[Path], matches: dict[str, str]) -> Collected:
        """Collect, and give what came of it."""
        told = self._who_is_who(matches)
        archives, worksheets = self._kept(given)
        numbers, troubles = participants(worksheets, self.people)
        self.outcome.troubles += troubles
        roster = Roster(self.people, told, numbers)
        with ExitStack() as open_now:
            if not given:
                self._from_the_exchange(open_now, roster, needed=not archives)
            for path in archives:
                self._from_a_download(open_now, path, roster)
            try:
                for done, student in enumerate(sorted(self.claims)):
                    self.on_step(done, len(self.claims))
                    self._take(student)
            finally:
                if self.records:
                    submitted.write_records(self.root, self.lesson, self.records)
        self._add_the_others()
        return self.outcome

    def _who_is_who(self, matches: dict[str, str]) -> dict[str, str]:
        told = read_matches(self.root)
        known = {person.id for person in self.people}
        for name, ids in matches.items():
            for student in ids_in(ids):
                if not submitted.usable_id(student):
                    raise MatchError(f"{student!r} cannot be a student's id")
                if known and student not in known:
                    raise MatchError(f"{student} is not on the roster: add them first (gdgrade roster), or mend the id")
            if not name:
                raise MatchError(f"a name is missing before {ids}: --match 'Ada Lovelace=ada'")
        if not matches.items() <= told.items():
            told |= matches
            write_matches(self.root, told)
            self.outcome.said.append(f"Remembered in {self.root / MATCHES} who is who.")
        return told

    # Where from -----------------------------------------------------------------------------------------------------

    def _kept(self, given: list[Path]) -> tuple[list[Path], list[Path]]:
        """All downloads of the lesson, ZIP files and worksheets; those that are new are put with the others."""
        folder = archive_folder(self.course, self.config, self.lesson)
        there = sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
        others = [path.name for path in there if path.suffix.lower() not in KINDS]
        if others:
            self.outcome.said.append(f"Not read, as they are no ZIP files: {_some(others)} in {folder}.")
        kept = {_digest_of_file(path): path for path in there if path.suffix.lower() in KINDS}
        refused = []
        for path in given:
            digest = _digest_of_file(path)
            if digest in kept:
                continue
            try:
                self._try(path)
            except (Refused, ClassError, MatchError) as error:
                refused.append(f"{path} {error}" if isinstance(error, Refused) else str(error))
                continue
            kept[digest] = _keep(path, folder, digest)
            self.outcome.said.append(f"{path.name} is kept as {kept[digest]}.")
        if refused and len(refused) == len(given):
            raise CollectError(f"{'; '.join(refused)}. Nothing was collected")
        self.outcome.troubles += [f"{error}. Nothing of it was collected" for error in refused]
        worksheets = [path for path in kept.values() if path.suffix.lower() == ".csv"]
        return [path for path in kept.values() if path not in worksheets], worksheets

    def _try(self, path: Path) -> None:
        """See whether a file that was given is of use."""
        if path.suffix.lower() == ".csv":
            participants_in(read_sheet(path, WORKSHEET), self.people)
        else:
            Archive(path, self.limits).close()

    def _from_a_download(self, open_now: ExitStack, path: Path, roster: Roster) -> None:
        try:
            archive = open_now.enter_context(Archive(path, self.limits))
        except Refused as error:
            self.outcome.troubles.append(f"{path.name} {error}. Nothing of it was collected")
            return
        submissions, strangers = who_handed_in(archive.entries)
        if strangers:
            names = _some([str(one.path) for one in strangers])
            self.outcome.troubles.append(f"{path.name} has files whose names say nothing of a student: {names}")
        elif not submissions:
            self.outcome.troubles.append(f"{path.name} is empty")
        made = made_when(archive.entries, path)
        claims: dict[str, list[_Candidate]] = {}
        for one in submissions:
            match = roster.find(one)
            if not match.students or not all(map(submitted.usable_id, match.students)):
                self._unmatched(one, match, path, roster)
            for student in match.students:
                candidate = _Candidate(
                    path.name,
                    self._reader(archive, one),
                    called=one.submitter.label,
                    made=made,
                    late=one.late,
                    told=match.told,
                    note=match.note,
                )
                claims.setdefault(student, []).append(candidate)
        for student, those in claims.items():
            self.claims.setdefault(student, []).append(those)

    def _unmatched(self, one: HandedIn, match: Match, path: Path, roster: Roster) -> None:
        if match.told and not match.students:
            return
        note = match.note
        if len(self.strange) < FEW:
            note = ", ".join(filter(None, (note, roster.nearly(one.submitter))))
        late = "marked late" if one.late else ""
        self.strange.append(Row(one.submitter.label, "unmatched", source=path.name, late=late, notes=[note]))

    def _reader(self, archive: Archive, one: HandedIn) -> Callable[[], placing.Placed]:
        def read() -> placing.Placed:
            files, uploads = placing.unpacked(archive, one.files, self.limits)
            return placing.place(files, self.outline, uploads=uploads, ignore=self.course.ignore)

        return read

    def _from_the_exchange(self, open_now: ExitStack, roster: Roster, *, needed: bool) -> None:
        try:
            found = open_now.enter_context(exchange.brought(self.course, self.config, self.lesson, self.due))
        except exchange.NoExchange as error:
            if needed:
                raise CollectError(
                    f"there is no download to collect {self.lesson} from, and nothing comes from the exchange: {error}."
                    f" Give the ZIP file that Moodle or Canvas made: gdgrade collect {self.lesson} FILE.zip"
                ) from error
            if isinstance(error, exchange.NoAnswer):
                self.outcome.troubles.append(f"Nothing comes from the exchange: {error}")
            return
        if not found:
            self.outcome.said.append(f"The exchange has nothing for {self.lesson}.")
        known = {person.id for person in self.people}
        for one in found:
            if one.refused or not submitted.usable_id(one.student):
                self.outcome.troubles.append(one.refused or f"{one.folder.name} in the exchange names no student")
                continue
            # Who it is has been proved, so that others are taken in as well, as nbgrader does.
            for student in ids_in(roster.told(one.student, default=one.student)):
                candidate = _Candidate(
                    EXCHANGE,
                    self._folder_reader(one.folder),
                    called=one.student,
                    when=one.when,
                    any_other=one.any_other,
                    note="is not on the roster" if known and student not in known else "",
                )
                self.claims.setdefault(student, []).append([candidate])

    def _folder_reader(self, folder: Path) -> Callable[[], placing.Placed]:
        def ignored(name: str) -> bool:
            return any(fnmatch.fnmatch(name, pattern) for pattern in self.course.ignore)

        def read() -> placing.Placed:
            return placing.place(exchange.read_folder(folder, self.limits, ignored), self.outline, reserved=())

        return read

    # Where to -------------------------------------------------------------------------------------------------------

    def _take(self, student: str) -> None:
        """Take the newest of what is a student's and can be read."""
        row = self.rows[student] = Row(student, "")
        # What the exchange has says when it was handed in; of the downloads, the one made last has the last word.
        downloads = [those[0].source for those in self.claims[student] if those[0].source != EXCHANGE]
        if downloads and len(downloads) < len(self.claims[student]):
            row.notes.append(f"{_some(downloads)} has a submission, too; that of the exchange is the one to have")
        for those in sorted(self.claims[student], key=lambda those: (those[0].source == EXCHANGE, those[0].made))[::-1]:
            row.source = those[0].source
            try:
                candidate, placed = _the_one(those)
            except Refused as error:
                row.status = "refused"
                row.notes.append(str(error))
                continue
            if candidate is None:
                row.status = "twice"
                row.notes.append(
                    f"{' and '.join(one.called for one in those)} would all be {student}. To say who is: "
                    f"gdgrade collect {self.lesson} --match {shlex.quote(f'{those[0].called}={student}')}"
                )
                return
            others = [one.called for one in those if not one.told]
            if candidate.told and others:
                row.notes.append(f"{' and '.join(others)} would be {student}, too, and is not taken")
            was_refused = row.status == "refused"
            self._settle(row, candidate, placed)
            row.look |= placed.look or was_refused
            return

    def _settle(self, row: Row, candidate: _Candidate, placed: placing.Placed) -> None:
        row.notes += filter(None, (candidate.note, *placed.notes))
        place = Path(self.course.format_path(self.course.submitted_directory, row.student, self.lesson))
        there = submitted.there(self.course, place, self.limits)
        digest = submitted.digest_of(placed.files)
        record = self.records.get(row.student)
        row.status, note = _decide(there, record, candidate, digest)
        if row.status == "kept" and self.replace:
            row.status, note = "updated", ""
        if row.status in ("collected", "updated"):
            try:
                kept = submitted.put(self.course, self.lesson, row.student, placed.files, candidate.when)
            except OSError as error:
                if error.errno not in ONE_ALONE:
                    raise
                row.status = "refused"
                row.notes.append(f"{error.filename} cannot be written: {error.strerror}")
                return
            note = f"what was there before is kept in {kept.relative_to(self.root)}" if kept else note
        if note:
            row.notes.append(note)
        if row.status in ("collected", "updated") or (there is not None and there.digest == digest):
            self.records[row.student] = submitted.Record(digest, candidate.source, candidate.made, candidate.late)

    def _add_the_others(self) -> None:
        there = handed_in(self.course, self.lesson)
        names = {one.id: one.name for one in self.people}
        for student, place in there.items():
            if submitted.usable_id(student) and not student.startswith(ASIDE):
                row = self.rows.setdefault(student, Row(student, "", source="before"))
                row.late = self._late(student, place)
        for student in names.keys() - there.keys() - self.rows.keys():
            self.rows[student] = Row(student, "missing")
        for student, row in self.rows.items():
            row.name = names.get(student, "")
        self.outcome.rows = [self.rows[student] for student in sorted(self.rows)] + self.strange
        unknown = sum(row.late == LATE_SOMEHOW for row in self.rows.values())
        if unknown:
            self.outcome.said.append(
                f"{unknown} marked late by Canvas, whose download does not say by how much: nbgrader takes nothing off."
            )
        if not self.people:
            self.outcome.said.append(
                "The gradebook has no roster: all are collected under the names they came with, and who is missing is "
                "not known. See gdgrade roster."
            )

    def _late(self, student: str, place: Path) -> str:
        when, due = timestamp_of(self.course, place), self.due_for.get(student, self.due)
        record = self.records.get(student)
        if when is not None:
            return f"by {_span((when - due).total_seconds())}" if due is not None and when > due else ""
        return LATE_SOMEHOW if record is not None and record.late else ""


def _the_one(those: Sequence[_Candidate]) -> tuple[_Candidate | None, placing.Placed]:
    """Of those that claim to be one student, the one that is to be taken: none, if they brought different work.

    Of whom it was told who they are, the others do not count.
    """
    those = [one for one in those if one.told] or those
    placed = [one.read() for one in those]
    same = all(submitted.digest_of(one.files) == submitted.digest_of(placed[0].files) for one in placed)
    return (those[0] if same else None), placed[0]


def _decide(
    there: submitted.There | None, record: submitted.Record | None, new: _Candidate, digest: str
) -> tuple[str, str]:
    """What becomes of what is new: a status, and why if it is not taken."""
    if there is None:
        return "collected", ""
    if new.when is not None and there.when is not None:
        newer = new.when != there.when if new.any_other else new.when > there.when
        return ("updated" if newer else "unchanged"), ""
    if there.digest == digest:
        return ("updated" if new.when is not None else "unchanged"), ""
    if record is not None and record.digest == digest:
        return "unchanged", "what is there was changed by hand since it was collected"
    if new.when is None and there.when is None and record is not None and record.digest == there.digest:
        if new.made >= record.made:
            return "updated", ""
        return "unchanged", "what is there is of a later download"
    return "kept", "what is there differs, and which is newer is not known: --replace takes the new one, and keeps both"


def _due(gradebook: Gradebook, lesson: str) -> tuple[datetime | None, dict[str, datetime]]:
    """When a lesson is due (UTC), and for whom at another time."""
    try:
        due = gradebook.find_assignment(lesson).duedate
    except MissingEntry:
        return None, {}
    if due is None:
        return None, {}
    submissions = gradebook.assignment_submissions(lesson)
    return due, {one.student.id: one.duedate for one in submissions if one.extension is not None}


def participants(worksheets: Sequence[Path], people: Sequence[Student]) -> tuple[dict[str, str], list[str]]:
    """Read whose number is whose in Moodle's grading worksheets: ids by number, and what is wrong with a worksheet."""
    found: dict[str, str] = {}
    troubles = []
    for path in worksheets:
        try:
            found |= participants_in(read_sheet(path, WORKSHEET), people)
        except (ClassError, MatchError) as error:
            troubles.append(str(error))
    return found, troubles


def archive_folder(course: CourseDirectory, config: Config, lesson: str) -> Path:
    """Where nbgrader's ``zip_collect`` looks for downloads, by the class's settings."""
    about = config.ZipCollectApp
    structure = about.get("collect_directory_structure", str(Path("{downloaded}", "{assignment_id}", "{collect_step}")))
    where = structure.format(
        downloaded=about.get("downloaded_directory", "downloaded"),
        assignment_id=lesson,
        collect_step=about.get("archive_directory", "archive"),
    )
    return Path(course.root, where)


def _keep(path: Path, folder: Path, digest: str) -> Path:
    """Copy a download, with its date, to where all are kept; none that is there is overwritten."""
    name = re.sub(r"[\x00-\x1f]", "_", path.name)
    target = folder / (name if name.lower().endswith(KINDS) else f"{name}.zip")
    if target.exists():
        target = target.with_name(f"{target.stem}-{digest[:8]}{target.suffix}")
    folder.mkdir(parents=True, exist_ok=True)
    aside = folder / f"{ASIDE}{digest[:16]}"
    try:
        shutil.copy2(path, aside)
        aside.rename(target)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise
    return target


def _digest_of_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


def _span(seconds: float) -> str:
    minutes = max(1, round(seconds / 60))
    days, hours = divmod(minutes // 60, 24)
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes % 60} min" if hours else f"{minutes} min"
