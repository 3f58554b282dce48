"""A class to look at: invented students, their submissions, graded for real."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

import nbformat

from grading import autograde, notebooks, plugins
from grading.classes import CONFIG, SOURCE, write_lesson
from grading.graft import GraftError, graft

__all__ = ["ANSWERS", "SOURCE", "Demo", "DemoError", "play"]

ANSWERS = Path(__file__).parent / "answers"
MARKER = ".gdexercises-demo"
MARKER_TEXT = "`gdgrade demo` made this directory and may delete it. Remove this file to keep the directory.\n"

Step = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is."""


class DemoError(RuntimeError):
    """The demo class cannot be made; the message says why and what to do."""


@dataclass(frozen=True)
class Demo:
    """A class that was played.

    Attributes
    ----------
    directory : Path
        The class directory.
    lessons : tuple of str
        The lessons it was played with.
    """

    directory: Path
    lessons: tuple[str, ...]

    @property
    def log(self) -> Path:
        """All that nbgrader said."""
        return self.directory / "nbgrader.log"

    @property
    def grades(self) -> Path:
        """The exported grades."""
        return self.directory / "grades.csv"

    def feedback(self, student: str, lesson: str) -> Path:
        """Give the page a student gets back."""
        return self.directory / "feedback" / student / lesson / f"{lesson}.html"


def play(
    directory: Path | str,
    source_dir: Path | str = SOURCE,
    answers_dir: Path | str = ANSWERS,
    only: Collection[str] = (),
    on_step: Step = lambda what, done, total: None,
) -> Demo:
    """Make a class directory and play release, submissions, autograding, feedback and export in it.

    Parameters
    ----------
    directory : Path or str
        Where the class goes. A demo made here before is made anew; anything else is left alone.
    source_dir : Path or str
        The lessons' texts.
    answers_dir : Path or str
        ``roster.csv`` and a folder for each lesson. In it ``ada.py`` holds Ada's answers (see
        `grading.notebooks.read_answers`), while a folder ``ada`` is handed in as it is.
    only : collection of str, optional
        The lessons to play; all that have answers if there are none named.
    on_step : callable
        Told of the progress.

    Returns
    -------
    Demo

    Raises
    ------
    DemoError
        If the directory is not a demo's, the roster lacks a student, or a step of nbgrader fails.
    """
    sources = {path.stem: path for path in notebooks.lessons(source_dir)}
    lessons = tuple(path.name for path in sorted(Path(answers_dir).iterdir()) if path.is_dir() and path.name in sources)
    if not lessons:
        raise DemoError(f"{answers_dir} has answers for no lesson of {source_dir}: name its folders as the lessons")
    unknown = sorted(set(only) - set(lessons))
    if unknown:
        raise DemoError(f"there is no demo class for {', '.join(unknown)}; there is one for {', '.join(lessons)}")
    lessons = tuple(lesson for lesson in lessons if lesson in only or not only)
    demo = Demo(Path(directory).resolve(), lessons)
    _make_class(demo, Path(answers_dir))
    students = {lesson: _students(Path(answers_dir, lesson)) for lesson in lessons}
    progress = _Progress(on_step, total=2 + sum(2 + len(names) for names in students.values()))

    progress.begin("Writing the roster into the gradebook")
    _nbgrader(demo, "db", "student", "import", "roster.csv")
    for lesson in lessons:
        progress.begin(f"Releasing {lesson}")
        _make_source(demo, sources[lesson])
        _nbgrader(demo, "generate_assignment", lesson)
        for student, path in students[lesson].items():
            _hand_in(demo, lesson, student, path)
        _autograde(demo, lesson, progress)
        progress.begin(f"Writing feedback on {lesson}")
        _nbgrader(demo, "generate_feedback", lesson)
    progress.begin("Exporting the grades")
    _nbgrader(demo, "export", "--to", demo.grades.name)
    progress.begin("Done")
    return demo


@dataclass
class _Progress:
    on_step: Step
    total: int
    done: int = 0

    def begin(self, what: str) -> None:
        self.on_step(what, self.done, self.total)
        self.done += 1


def _make_class(demo: Demo, answers_dir: Path) -> None:
    roster = answers_dir / "roster.csv"
    if not roster.exists():
        raise DemoError(f"{roster} is missing: list the students there (id,first_name,last_name,email)")
    directory = demo.directory
    if directory.exists() and not directory.is_dir():
        raise DemoError(f"{directory} is a file: give the demo a directory")
    if directory.exists() and any(directory.iterdir()):
        if not (directory / MARKER).is_file():
            raise DemoError(
                f"{directory} is not empty and was not made by this command: give the demo another directory"
            )
        shutil.rmtree(directory)
    directory.mkdir(parents=True, exist_ok=True)
    (directory / MARKER).write_text(MARKER_TEXT)
    shutil.copy(CONFIG, directory / CONFIG.name)
    shutil.copy(roster, directory / roster.name)
    plugins.class_secret(directory / plugins.SECRET_FILE)


def _make_source(demo: Demo, source: Path) -> None:
    write_lesson(source, demo.directory / "source" / source.stem)


def _students(folder: Path) -> dict[str, Path]:
    """Find each student's answers by student id."""
    return {path.stem: path for path in sorted(folder.iterdir()) if path.name not in notebooks.IGNORED}


def _hand_in(demo: Demo, lesson: str, student: str, path: Path) -> None:
    folder = demo.directory / "submitted" / student / lesson
    if path.is_dir():
        shutil.copytree(path, folder)
        return
    answers = notebooks.read_answers(path)
    texts = answers.answers
    if answers.base == "solution":
        instructor = nbformat.read(demo.directory / "source" / lesson / f"{lesson}.ipynb", as_version=4)
        texts = notebooks.solutions(instructor) | texts
    released = demo.directory / "release" / lesson
    try:
        nb = graft(nbformat.read(released / f"{lesson}.ipynb", as_version=4), texts, answers.extras)
    except GraftError as error:
        raise DemoError(f"{path}: {error}") from error
    shutil.copytree(released, folder)
    notebooks.write(nb, folder / f"{lesson}.ipynb")


def _autograde(demo: Demo, lesson: str, progress: _Progress) -> None:
    before = progress.done

    def listen(event: autograde.Event) -> None:
        progress.done = before + event.done
        progress.on_step(f"Autograding {lesson}", progress.done, progress.total)

    try:
        summary = autograde.autograde(demo.directory, lesson, on_event=listen)
    except autograde.AutogradeError as error:
        raise DemoError(f"`gdgrade autograde {lesson}`: {error}") from error
    if summary.troubles:
        raise DemoError(f"`gdgrade autograde {lesson}` left some without a result: {summary.troubles}")


def _nbgrader(demo: Demo, *arguments: str) -> None:
    """Run one of nbgrader's commands in the class directory, as an instructor would."""
    # nbgrader calls alembic from PATH, and settings of whoever runs the demo are no part of it.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    environment = os.environ | {"PATH": path, "JUPYTER_NO_CONFIG": "1"}
    command = [sys.executable, "-m", "nbgrader", *arguments]
    errors = []
    with (
        demo.log.open("a", encoding="utf-8") as log,
        subprocess.Popen(
            command,
            cwd=demo.directory,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
        ) as process,
    ):
        for line in process.stdout:
            log.write(line)
            if "| ERROR]" in line or "| CRITICAL]" in line:
                errors.append(line.strip())
    if process.returncode:
        said = f": {errors[-1]}" if errors else ""
        raise DemoError(
            f"`nbgrader {' '.join(arguments)}` ended with status {process.returncode}{said}\n"
            f"All it said stands in {demo.log}"
        )
