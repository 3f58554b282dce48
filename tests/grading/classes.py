"""A small class to kill the grading of, and what its gradebook and its files say afterwards."""

import copy
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.api import Gradebook
from nbgrader.plugins import LateSubmissionPlugin

from grading import demo
from grading.course import open_class
from grading.graft import graft
from tests.grading.conftest import LESSON, ROLL

ROOT = Path(__file__).parents[2]
HEIGHT = "def height(w):\n    return (w - 1) ** 2"
ESSAY = "Downhill, in smaller and smaller steps."
SETTINGS = """
import sys
sys.path.insert(0, {root!r})
from tests.grading.classes import Latecomers
c.AssignLatePenalties.plugin_class = Latecomers
"""
SUBMISSIONS: dict[str, dict[str, str]] = {
    "ada": {"height": HEIGHT, "roll": ROLL, "essay": ESSAY},
    "bob": {},
    "cyd": {"height": "def height(w):\n    return (w + 1) ** 2", "roll": ROLL},
    "dee": {"height": HEIGHT, "roll": "import os\nos._exit(0)", "essay": ESSAY},
    "eli": {"height": "import warnings\nwarnings.warn('careful')\nheight = lambda w: (w - 1) ** 2", "essay": "?"},
    "fay": {"height": HEIGHT + "\nprint(height(3))", "roll": "1 / 0"},
    "gus": {"height": HEIGHT, "roll": ROLL},
    "hal": {"height": HEIGHT, "roll": ROLL, "essay": ESSAY},
    "ivy": {"height": HEIGHT},
    "jon": {},
    "kim": {},
    "liv": {"height": HEIGHT, "roll": ROLL},
}
"""Answers by student. What is special about some of them: see `make_class`."""

LATE = {"gus": "2030-01-02 06:00:00 UTC", "hal": "2030-01-05 00:00:00 UTC", "ivy": "2030-01-01 00:00:00 UTC"}
DUE = "2030-01-01 12:00:00 UTC"


class Latecomers(LateSubmissionPlugin):
    """A point for each day, begun or not, which may be more than there is."""

    def late_submission_penalty(self, student_id: str, score: float, total_seconds_late: float) -> float:
        """The penalty."""
        return -(-total_seconds_late // 86_400)


def make_class(directory: Path, sources: Path) -> Path:
    """Release the tiny lesson to a class that hands in `SUBMISSIONS`. Nothing is graded yet.

    There is a cell that a person grades, and files come with the lesson. Jon hands in no notebook, Kim half of one,
    Liv one with a program of her own beside it.
    """
    played = demo.Demo(directory.resolve(), (LESSON,))
    answers = directory.parent / f"{directory.name}-answers"
    answers.mkdir(parents=True)
    (answers / "roster.csv").write_text("id,first_name,last_name,email\nada,Ada,First,\nzoe,Zoe,Absent,\n")
    demo._make_class(played, answers)
    with (directory / "nbgrader_config.py").open("a") as config:
        config.write(SETTINGS.format(root=str(ROOT)))
    demo._make_source(played, sources / f"{LESSON}.py")
    source = directory / "source" / LESSON
    (source / "more" / "still").mkdir(parents=True)
    (source / "more" / "still" / "points.csv").write_text("x,y\n3,4\n")
    with_essay = nbformat.read(source / f"{LESSON}.ipynb", as_version=4)
    with_essay.cells.append(_essay())
    nbformat.write(with_essay, source / f"{LESSON}.ipynb")
    release(directory)
    released = nbformat.read(directory / "release" / LESSON / f"{LESSON}.ipynb", as_version=4)
    for student, texts in SUBMISSIONS.items():
        hand_in(directory, student, graft(copy.deepcopy(released), texts), LATE.get(student))
    (directory / "submitted" / "jon" / LESSON / f"{LESSON}.ipynb").rename(
        directory / "submitted" / "jon" / LESSON / "Untitled.ipynb"
    )
    kims = directory / "submitted" / "kim" / LESSON / f"{LESSON}.ipynb"
    kims.write_bytes(kims.read_bytes()[:700])
    (directory / "submitted" / "liv" / LESSON / "points.csv").write_text("hers")
    (directory / "submitted" / "liv" / LESSON / "mine.py").write_text("1")
    shutil.rmtree(answers)
    return directory


def release(directory: Path, *options: str) -> None:
    """Write the roster and the lesson into the gradebook, with nbgrader's options."""
    nbgrader(directory, "db", "student", "import", "roster.csv", *options)
    nbgrader(directory, "generate_assignment", LESSON, "--force", *options)
    nbgrader(directory, "db", "assignment", "add", LESSON, "--duedate", DUE, *options)


def nbgrader(directory: Path, *command: str) -> None:
    """Run one of nbgrader's commands in the class."""
    demo._nbgrader(demo.Demo(directory, (LESSON,)), *command)


def _essay() -> nbformat.NotebookNode:
    about = {"grade": True, "solution": True, "locked": False, "points": 4, "grade_id": "essay", "schema_version": 3}
    cell = nbformat.v4.new_markdown_cell("How does the ball roll?", id="essay")
    cell.metadata.nbgrader = {**about, "task": False, "cell_type": "markdown"}
    return cell


def hand_in(directory: Path, student: str, nb: nbformat.NotebookNode, when: str | None = None) -> None:
    """Put a submission where `nbgrader collect` would."""
    folder = directory / "submitted" / student / LESSON
    folder.mkdir(parents=True, exist_ok=True)
    nbformat.write(nb, folder / f"{LESSON}.ipynb")
    if when is not None:
        (folder / "timestamp.txt").write_text(when)


def copy_class(directory: Path, to: Path) -> Path:
    """Copy a class as it is, and give the copy."""
    shutil.rmtree(to, ignore_errors=True)
    shutil.copytree(directory, to, symlinks=True)
    return to


# What it has come to ------------------------------------------------------------------------------------------------


def gradebook(directory: Path, db: str | None = None) -> Gradebook:
    """The class's gradebook."""
    course = open_class(directory)
    return Gradebook(db or course.db_url, course.course_id)


def book_of(directory: Path, db: str | None = None) -> dict[str, Any]:
    """All that a gradebook says of the lesson's submissions, without what the database itself has made up."""
    with gradebook(directory, db) as book:
        return {
            submission.student.id: {
                "timestamp": str(submission.timestamp),
                "notebooks": {
                    notebook.name: {
                        "penalty": notebook.late_submission_penalty,
                        "grades": {
                            one.name: (one.auto_score, one.manual_score, one.extra_credit, one.needs_manual_grade)
                            for one in notebook.grades
                        },
                        "comments": {one.name: (one.auto_comment, one.manual_comment) for one in notebook.comments},
                    }
                    for notebook in submission.notebooks
                },
            }
            for submission in book.assignment_submissions(LESSON)
        }


def files_of(directory: Path) -> dict[str, tuple[int, bytes]]:
    """Modes and contents of all that is autograded."""
    root = directory / "autograded"
    return {
        str(path.relative_to(root)): (path.stat().st_mode, b"" if path.is_dir() else path.read_bytes())
        for path in sorted(root.rglob("*"))
    }


def leftovers(directory: Path) -> list[str]:
    """What is being written, or was when somebody was killed."""
    return [str(path) for path in directory.rglob(".gdgrade-*")] + [str(one) for one in directory.glob("*-journal")]


# Grading it ---------------------------------------------------------------------------------------------------------


def gdgrade(directory: Path, *options: str, scratch: Path | None = None, before: str = "") -> subprocess.Popen[str]:
    """Begin `gdgrade autograde`, in a process group of its own; `before` may change something in it."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **({"TMPDIR": str(scratch)} if scratch else {})}
    command = ["autograde", LESSON, "--class", directory, *options]
    return subprocess.Popen(
        [sys.executable, "-c", f"{before}from grading.cli import app; app()", *command],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def grade(directory: Path, *options: str, status: int = 0, **more: Any) -> str:
    """Run it to its end, and give what it said."""
    with gdgrade(directory, *options, **more) as process:
        said = "\n".join(process.communicate(timeout=300))
    assert process.returncode == status, said
    assert "Traceback" not in said
    return said
