"""What students have handed in through nbgrader's exchange, by nbgrader's own settings; nothing of it is believed.

In the exchange's inbound folder anybody may make a folder ``student+lesson+time``. Who owns it is who handed it in: one
that claims to be another's is left where it is and told, and does not hide what the other has handed in. Links are not
followed, since they would be read with the instructor's rights.
"""

import os
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any

from nbgrader.auth import Authenticator
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange import ExchangeError
from nbgrader.exchange.default import ExchangeCollect
from nbgrader.exchange.exchange_factory import ExchangeFactory
from nbgrader.utils import parse_utc
from traitlets.config import Config

from grading.archives import Limits, Refused, safe_path
from grading.course import ASIDE, STATE_DIR, cause, listening
from grading.intake import timestamp_of

__all__ = ["Brought", "NoAnswer", "NoExchange", "brought", "read_folder"]

try:
    import pwd
except ImportError:  # pragma: no cover -- nbgrader's exchange is not for such systems either
    pwd = None


class NoExchange(RuntimeError):
    """The exchange cannot be read; the message says why."""


class NoAnswer(NoExchange):
    """It cannot, though there is one: it is no folder, which a class may well have none of."""


@dataclass(frozen=True)
class Brought:
    """Something in the exchange.

    Attributes
    ----------
    student : str
    folder : Path
    when : datetime or None
        When it was handed in (UTC).
    refused : str or None
        Why it is not taken.
    any_other : bool
        Whether it is the one to have even if an earlier one, as nbgrader's ``before_duedate`` wants it.
    """

    student: str
    folder: Path
    when: datetime | None
    refused: str | None = None
    any_other: bool = False


@contextmanager
def brought(course: CourseDirectory, config: Config, lesson: str, due: datetime | None) -> Iterator[list[Brought]]:
    """Give the newest that each student has in the exchange for a lesson, and what is refused there.

    Parameters
    ----------
    course : CourseDirectory
    config : Config
        The class's settings: which exchange, where it is, whether owners are checked.
    lesson : str
    due : datetime or None
        When it is due (UTC), for nbgrader's ``before_duedate``.

    Raises
    ------
    NoExchange
        If it cannot be read. The folders may be read as long as the context lasts.
    """
    factory = ExchangeFactory(config=config)
    own = CourseDirectory(config=config)
    own.assignment_id = lesson
    collector = factory.Collect(coursedir=own, authenticator=Authenticator(config=config), config=config, parent=None)
    try:
        if isinstance(collector, ExchangeCollect):
            with listening(collector.log):
                found = _in_the_folder(collector, own, lesson, due)
            yield found
            return
        with tempfile.TemporaryDirectory(prefix=ASIDE, dir=_state(course)) as aside:
            yield _by_another(collector, own, lesson, Path(aside))
    except ExchangeError as error:
        raise NoExchange(str(error)) from error


def _state(course: CourseDirectory) -> Path:
    folder = Path(course.root, STATE_DIR)
    folder.mkdir(exist_ok=True)
    return folder


def _by_another(collector: Any, own: CourseDirectory, lesson: str, aside: Path) -> list[Brought]:
    """Let an exchange that is none of nbgrader's own collect, into folders where nothing is to be overwritten.

    What it copies, one after the other, is its ``src_records``, as with nbgrader's own. It is let copy them singly, so
    that one which it cannot write down is named and leaves the others.
    """
    with listening(collector.log) as said:
        try:
            collector.set_timestamp()
            collector.init_src()
            collector.init_dest()
        except Exception as error:
            raise NoAnswer(cause(said, error)) from error
    records = list(getattr(collector, "src_records", [None]))
    found = []
    for number, record in enumerate(records):
        own.submitted_directory = str(aside / str(number))
        if record is not None:
            collector.src_records = [record]
        why = _copy(collector)
        if why and record is None:
            raise NoAnswer(why)
        if why:
            who = str(record.get("student_id", "somebody"))
            refused = f"what the exchange has of {who} cannot be taken: {why}"
            found.append(Brought(who, Path(own.submitted_directory), None, refused))
            continue
        above, _, below = own.format_path(own.submitted_directory, "{student}", lesson).partition("{student}")
        for path in sorted(Path(above).glob("*")):
            folder = Path(f"{above}{path.name}{below}")
            if folder.is_dir():
                found.append(Brought(path.name, folder, timestamp_of(own, folder)))
    return found


def _copy(collector: Any) -> str:
    """Let it copy; say why it did not, if so."""
    with listening(collector.log) as said:
        try:
            collector.copy_files()
        except Exception as error:  # a program that is not ours, at work on what anybody may have sent
            return cause(said, error)
    return cause(said)


def _in_the_folder(
    collector: ExchangeCollect, own: CourseDirectory, lesson: str, due: datetime | None
) -> list[Brought]:
    inbound = Path(collector.root, own.course_id, "inbound")
    if not own.course_id:
        raise NoExchange("nbgrader_config.py has no c.CourseDirectory.course_id")
    try:
        names = sorted(path.name for path in inbound.iterdir())
    except OSError as error:
        raise NoExchange(f"{inbound} cannot be read: {error.strerror}") from error
    found: dict[str, list[Brought]] = {}
    refused = []
    for name in names:
        one = _record(name, inbound / name, lesson, collector.check_owner)
        if one is not None and one.refused:
            refused.append(one)
        elif one is not None:
            found.setdefault(one.student, []).append(one)
    return [_newest(those, due if collector.before_duedate else None) for those in found.values()] + refused


def _newest(those: list[Brought], due: datetime | None) -> Brought:
    if due is None:
        return max(those, key=lambda one: one.when)
    in_time = [one for one in those if one.when <= due]
    best = max(in_time or those, key=lambda one: one.when)
    return Brought(best.student, best.folder, best.when, any_other=True)


def _record(name: str, folder: Path, lesson: str, check_owner: bool) -> Brought | None:
    """What a folder's name says, as nbgrader reads it; None if it is about another lesson."""
    student, sign, rest = name.rpartition(f"+{lesson}+")
    if not sign or not student:
        return None
    text = rest.partition("+")[0]
    try:
        when = parse_utc(text)
    except (ValueError, OverflowError):
        return Brought(student, folder, None, f"{name} in the exchange has no time in its name")
    about = folder.lstat()
    if not stat.S_ISDIR(about.st_mode):
        return Brought(student, folder, when, f"{name} in the exchange is no folder")
    owner = _owner(about.st_uid)
    if check_owner and pwd is not None and owner != student:
        return Brought(student, folder, when, f"{name} in the exchange claims to be {student}'s, but {owner} owns it")
    return Brought(student, folder, when)


def _owner(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"


def read_folder(
    folder: Path, limits: Limits, ignored: Callable[[str], bool] = lambda name: False
) -> dict[PurePosixPath, bytes]:
    """Read all files of a folder, without following anything out of it.

    Parameters
    ----------
    folder : Path
    limits : Limits
    ignored : callable
        Says of a name whether a file or folder of that name is passed over.

    Returns
    -------
    dict of PurePosixPath to bytes

    Raises
    ------
    Refused
        If there is a link, a pipe or a device in it, or too much, or something cannot be read.
    """
    found: dict[PurePosixPath, bytes] = {}
    size = 0
    try:
        if not stat.S_ISDIR(folder.lstat().st_mode):
            raise Refused("is no folder")
        # Names are looked up in folders that are open: nobody can exchange one for a link meanwhile.
        for above, folders, files, here in os.fwalk(folder, follow_symlinks=False, onerror=_raise):
            folders[:] = [name for name in folders if not ignored(name)]
            place = PurePosixPath(Path(above).relative_to(folder).as_posix())
            for name in folders:
                if stat.S_ISLNK(os.stat(name, dir_fd=here, follow_symlinks=False).st_mode):
                    raise Refused(f"{place / name} is a link")
            for name in files:
                if ignored(name):
                    continue
                path = place / safe_path(name)
                found[path] = _read_at(name, here, path, limits)
                size += len(found[path])
                if size > limits.submission or len(found) > limits.entries:
                    raise Refused(f"has more than the {limits.submission} bytes that are read of a submission")
    except OSError as error:
        raise Refused(f"cannot be read: {error.strerror}") from error
    except RecursionError as error:
        raise Refused("has folders in folders, too many to read") from error
    return found


def _raise(error: OSError) -> None:
    raise error


def _read_at(name: str, here: int, path: PurePosixPath, limits: Limits) -> bytes:
    if stat.S_ISLNK(os.stat(name, dir_fd=here, follow_symlinks=False).st_mode):
        raise Refused(f"{path} is a link")
    descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=here)
    with os.fdopen(descriptor, "rb") as file:
        about = os.fstat(descriptor)
        if not stat.S_ISREG(about.st_mode):
            raise Refused(f"{path} is a pipe or a device")
        if about.st_size > limits.file:
            raise Refused(f"{path} has {about.st_size} bytes, more than the {limits.file} that are read")
        data = file.read(limits.file + 1)
    if len(data) > limits.file:
        raise Refused(f"{path} has more than the {limits.file} bytes that are read")
    return data
