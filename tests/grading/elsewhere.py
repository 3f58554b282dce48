"""An exchange that is no folder, made as ngshare's is: what is replaced there takes along what was handed in for it."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nbgrader.exchange import abc

UNWRITABLE = "cannot be written down"
"""In a submission, a file of this name is what the exchange's own program stumbles over."""


class Server:
    """What it has, below `root`: ``released/LESSON``, ``handed-in/LESSON/STUDENT`` and ``feedback/LESSON/STUDENT``."""

    root: Path
    answers = True
    why = "the server answered 500"
    """What it says first if it does not do something; what it says after that is of no use."""


@contextmanager
def elsewhere(class_dir: Path, root: Path) -> Iterator[type[Server]]:
    """Have a class use it."""
    kinds = ("release_assignment", "fetch_assignment", "collect", "release_feedback")
    names = ("ReleaseAssignment", "FetchAssignment", "Collect", "ReleaseFeedback")
    with (class_dir / "nbgrader_config.py").open("a") as config:
        config.writelines(
            f"c.ExchangeFactory.{kind} = 'tests.grading.elsewhere.{name}'\n"
            for kind, name in zip(kinds, names, strict=True)
        )
    Server.root = root
    try:
        yield Server
    finally:
        Server.answers = True


class _Asks:
    def init_src(self) -> None:
        if not Server.answers:
            self._refuse()

    def _refuse(self) -> None:
        self.log.error(Server.why)
        self.fail("Something failed.")

    def init_dest(self) -> None:
        pass


class ReleaseAssignment(_Asks, abc.ExchangeReleaseAssignment):
    """As ngshare's, it does not raise that the server is away."""

    def init_src(self) -> None:
        pass

    def copy_files(self) -> None:
        lesson = self.coursedir.assignment_id
        there = Server.root / "released" / lesson
        if not Server.answers:
            self.log.error(Server.why)
            self.log.error("An error occurred")
            return
        if there.is_dir():
            if not self.force:
                self.fail("Destination already exists, add --force to overwrite")
            shutil.rmtree(there)
            shutil.rmtree(Server.root / "handed-in" / lesson, ignore_errors=True)
        shutil.copytree(self.coursedir.format_path(self.coursedir.release_directory, ".", lesson), there)


class FetchAssignment(_Asks, abc.ExchangeFetchAssignment):
    def copy_files(self) -> None:
        lesson = self.coursedir.assignment_id
        if (Server.root / "released" / lesson).is_dir():
            shutil.copytree(Server.root / "released" / lesson, Path(self.assignment_dir, lesson))


class Collect(_Asks, abc.ExchangeCollect):
    def init_src(self) -> None:
        super().init_src()
        folders = sorted((Server.root / "handed-in" / self.coursedir.assignment_id).glob("*"))
        self.src_records = [{"student_id": folder.name} for folder in folders]

    def copy_files(self) -> None:
        lesson = self.coursedir.assignment_id
        for record in self.src_records:
            student = record["student_id"]
            there = self.coursedir.format_path(self.coursedir.submitted_directory, student, lesson)
            shutil.copytree(Server.root / "handed-in" / lesson / student, there)
            if Path(there, UNWRITABLE).exists():
                raise IsADirectoryError(f"{there} is a directory")


class ReleaseFeedback(_Asks, abc.ExchangeReleaseFeedback):
    def copy_files(self) -> None:
        lesson = self.coursedir.assignment_id
        pattern = self.coursedir.format_path(self.coursedir.feedback_directory, "{student}", lesson)
        above, _, below = pattern.partition("{student}")
        for page in sorted(Path(above).glob(f"{self.coursedir.student_id or '*'}{below}/*.html")):
            student = page.relative_to(above).parts[0]
            assert (page.parent / "timestamp.txt").is_file()
            if not (Server.root / "handed-in" / lesson / student).is_dir():
                self._refuse()
            there = Server.root / "feedback" / lesson / student
            there.mkdir(parents=True, exist_ok=True)
            shutil.copy(page, there)
