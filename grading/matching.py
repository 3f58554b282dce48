"""Who of the class somebody is whom a learning platform names: found for sure, or not at all; nobody is guessed."""

import csv
import difflib
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from grading.course import STATE_DIR, write_whole
from grading.download import HandedIn, Submitter
from grading.moodle import WAYS, WORKSHEET
from grading.roster import Student
from grading.tables import Sheet

__all__ = ["MATCHES", "Match", "MatchError", "Roster", "ids_in", "participants_in", "read_matches", "write_matches"]

MATCHES = Path(STATE_DIR, "matches.csv")
"""Where a class keeps who is who: what ``--match`` was told, one line each."""

HEADER = ("name", "student")


_Key = str | tuple[str, ...]


class MatchError(ValueError):
    """What was told of who is who cannot be used; the message says why."""


@dataclass(frozen=True)
class Match:
    """What came of a search.

    Attributes
    ----------
    student : str or None
        The id; None if nobody was found, or several were.
    note : str
        What there is to say of it: who it might be, or why it is not sure.
    told : bool
        Whether it was told who this is; then None is nobody of the class.
    """

    student: str | None
    note: str = ""
    told: bool = False

    @property
    def students(self) -> tuple[str, ...]:
        """Ids of all whose work it is: it may have been told of a team that it is several."""
        return ids_in(self.student or "") if self.told else tuple(filter(None, (self.student,)))


class Roster:
    """The class's students, to be found by what platforms call them.

    Parameters
    ----------
    people : iterable of Student
        Those in the gradebook. If there are none, all are taken in by the names that the platform has for them.
    participants : mapping of str to str
        Student ids by the numbers that Moodle's grading worksheet gives them.
    told : mapping of str to str
        Student ids by name, by number or by both, as `Submitter.label` has them: these come first. A team is several
        ids with commas between; an empty one is nobody.
    """

    def __init__(
        self,
        people: Iterable[Student],
        told: Mapping[str, str] | None = None,
        participants: Mapping[str, str] | None = None,
    ):
        self.people = tuple(people)
        self._participants = participants or {}
        self._told = {_exact(name): student for name, student in (told or {}).items()}
        self._by_id = self._index(lambda one: (_exact(one.id), _exact(one.email or "")))
        self._by_number = self._index(lambda one: (one.lms_user_id or "",))
        self._by_words = [
            self._index(lambda one, fold=fold: [_words(fold(name)) for name in _both_orders(one)])
            for fold in (_exact, _loose)
        ]
        self._by_letters = [
            self._index(lambda one, fold=fold: [_squeezed(fold(name)) for name in _both_orders(one)])
            for fold in (_exact, _loose)
        ]

    def _index(self, keys: Callable[[Student], Iterable[_Key]]) -> dict[_Key, list[Student]]:
        found: dict[_Key, list[Student]] = {}
        for person in self.people:
            for key in set(keys(person)):
                if key:
                    found.setdefault(key, []).append(person)
        return found

    def told(self, name: str, default: str | None = None) -> str | None:
        """Who it was told that somebody is; the empty id is nobody."""
        return self._told.get(_exact(name), default)

    def find(self, handed_in: HandedIn) -> Match:
        """Find out who handed something in."""
        submitter = handed_in.submitter
        for name in filter(None, (submitter.label, submitter.number, submitter.name)):
            student = self.told(name)
            if student is not None:
                return Match(student or None, told=True)
        if not self.people:
            return self._without_a_roster(submitter)
        if submitter.lms == "moodle" and submitter.number in self._participants:
            return Match(self._participants[submitter.number])
        if submitter.lms == "canvas" and len(self._by_number.get(submitter.number, ())) == 1:
            return self._whose_number(self._by_number[submitter.number][0], handed_in)
        for found in self._named(submitter):
            if len(found) == 1:
                return Match(found[0].id)
            if found:
                return Match(None, f"could be {_listed(found)}")
        return Match(None, "is not on the roster")

    def nearly(self, submitter: Submitter) -> str:
        """Say whom a name that is not on the roster may mean; empty if there is nobody like it."""
        names = self._by_letters[1]
        near = difflib.get_close_matches(_squeezed(_loose(submitter.name)), list(names), n=3, cutoff=0.75)
        people = dict.fromkeys(person for name in near for person in names[name])
        return f"maybe {_listed(people)}" if people else ""

    def _whose_number(self, person: Student, handed_in: HandedIn) -> Match:
        agrees = any(person in found for found in self._named(handed_in.submitter))
        if handed_in.doubtful and not agrees:
            return Match(None, f"has the number of {person.id}, but maybe only as a part of the name")
        return Match(person.id, "" if agrees else f"found by the number; the roster has another name for {person.id}")

    def _named(self, submitter: Submitter) -> Iterator[Sequence[Student]]:
        """Those that a name may mean, the surest way to read it first."""
        name = submitter.name
        if submitter.lms == "folders":
            yield self._by_id.get(_exact(name), ())
        words = {_exact(word) for word in re.split(r"[\s()\[\],;]+", name) if "@" in word or re.search(r"\d", word)}
        yield list(dict.fromkeys(person for word in words for person in self._by_id.get(word, ())))
        key, indexes = (_squeezed, self._by_letters) if submitter.lms == "canvas" else (_words, self._by_words)
        for fold, index in zip((_exact, _loose), indexes, strict=True):
            yield index.get(key(fold(name)), ())
        # With groups, Moodle has put the group's name in front.
        rest = name.split("-")[1:] if submitter.lms == "moodle" else []
        for start in range(len(rest)):
            yield self._by_words[1].get(_words(_loose("-".join(rest[start:]))), ())

    def _without_a_roster(self, submitter: Submitter) -> Match:
        student = re.sub(r"[^\w.@-]+", "-", unicodedata.normalize("NFC", submitter.name)).strip("-.")
        student = student if submitter.lms == "folders" else student.casefold()
        if not student or student.startswith("anon_"):
            return Match(None, "has no name that could be an id")
        return Match(student)


def ids_in(told: str) -> tuple[str, ...]:
    """The ids in what was told of somebody: one, none for nobody, several for a team."""
    return tuple(filter(None, (one.strip() for one in told.split(","))))


def participants_in(sheet: Sheet, people: Sequence[Student]) -> dict[str, str]:
    """Find out from Moodle's grading worksheet which participant's number is whose.

    Parameters
    ----------
    sheet : Sheet
        Each row begins with a participant's number. Whose it is, is found as `grading.moodle` does; if Moodle speaks
        another language, by the email address.
    people : sequence of Student
        Those in the gradebook.

    Returns
    -------
    dict of str to str
        Ids of students by numbers, where it is nobody else's.

    Raises
    ------
    MatchError
        If the rows do not begin with numbers.
    """
    head = [cell.strip().casefold() for cell in sheet.rows[0]]
    numbers = [re.search(r"([0-9]+)\s*$", row[0]) for row in sheet.rows[1:]]
    if not all(numbers):
        raise MatchError(f"{sheet.path} has rows that begin without a participant's number. It should be {WORKSHEET}")
    found: dict[str, str] = {}
    for number, row in zip(numbers, sheet.rows[1:], strict=True):
        cells = {(name, _exact(cell)) for name, cell in zip(head, row, strict=True) if cell.strip()}
        emails = {cell for _, cell in cells if "@" in cell}
        fitting = [
            one.id
            for one in people
            if _exact(one.email or "") in emails
            or any((title, _exact(getattr(one, attribute) or "")) in cells for title, attribute in WAYS)
        ]
        if len(fitting) == 1:
            found[number[1]] = fitting[0]
    often = Counter(found.values())
    return {number: student for number, student in found.items() if often[student] == 1}


def read_matches(class_dir: Path) -> dict[str, str]:
    """Read what a class has been told of who is who.

    Parameters
    ----------
    class_dir : Path

    Returns
    -------
    dict of str to str
        Student ids by names, in the order of the file; nothing if there is none.

    Raises
    ------
    MatchError
        If the file is no such table.
    """
    path = class_dir / MATCHES
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return {}
    except UnicodeDecodeError as error:
        raise MatchError(f"{path} is not UTF-8 text: save it as UTF-8") from error
    told: dict[str, str] = {}
    lines = csv.reader(io.StringIO(text))
    for line in lines:
        if not line or tuple(line) == HEADER:
            continue
        if len(line) != 2 or not line[0].strip():
            raise MatchError(f"line {lines.line_num} of {path} is not a name, a comma, and a student's id")
        told[line[0].strip()] = line[1].strip()
    return told


def write_matches(class_dir: Path, told: Mapping[str, str]) -> None:
    """Write what is to be remembered of who is who."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([HEADER, *told.items()])
    write_whole(class_dir / MATCHES, text.getvalue().encode())


def _both_orders(person: Student) -> list[str]:
    first, last = (person.first_name or "").strip(), (person.last_name or "").strip()
    return [f"{first} {last}", f"{last} {first}"] if first or last else []


def _listed(people: Iterable[Student]) -> str:
    return " or ".join(f"{one.id} ({one.name})" for one in people)


def _exact(text: str) -> str:
    """Without what is the same in another dress: case, and how Unicode composes a letter."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).strip()


def _loose(text: str) -> str:
    """Also without accents."""
    apart = unicodedata.normalize("NFKD", _exact(text))
    return "".join(char for char in apart if unicodedata.category(char) != "Mn")


def _words(text: str) -> tuple[str, ...]:
    """The words of a name, in whatever order, without signs between letters, of which Moodle drops some."""
    return tuple(sorted(filter(None, (_squeezed(word) for word in re.split(r"[\s,_]+", text)))))


def _squeezed(text: str) -> str:
    """What Canvas leaves of a name."""
    return "".join(char for char in text if unicodedata.category(char)[0] in "LMN")
