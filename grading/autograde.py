"""Many submissions: nbgrader's own autograding, behind the wall, with a report of its progress."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

from nbgrader.converters import Autograde
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory

from grading import report

__all__ = ["AutogradeError", "autograde"]

Step = Callable[[str, int, int], None]


class AutogradeError(RuntimeError):
    """A lesson could not be graded, or not all of it; the message says why and what to do."""


def autograde(
    class_dir: Path | str,
    lesson: str,
    *,
    student: str = "*",
    force: bool = False,
    sandbox: bool = True,
    on_step: Step = lambda what, done, total: None,
) -> int:
    """Grade the submissions of a lesson as ``nbgrader autograde`` does with the class's configuration.

    Parameters
    ----------
    class_dir : Path or str
        The class directory.
    lesson : str
        The lesson's name, such as ``01-five-steps``.
    student : str
        Student id, or ``*`` for all.
    force : bool
        Whether to grade again what is graded already.
    sandbox : bool
        Whether student code runs behind the wall. Without it, each grade is recorded as such.
    on_step : callable
        Told what is being graded, how many are done and how many there are.

    Returns
    -------
    int
        How many were graded.

    Raises
    ------
    AutogradeError
        If nothing was handed in, the wall cannot be built, or some submission could not be graded.
    FileNotFoundError
        If the folder is not a class directory.
    """
    config = report.class_config(class_dir)
    if not sandbox:
        config.WalledExecute.sandbox = False
    course = CourseDirectory(config=config)
    course.assignment_id, course.student_id = lesson, student
    # nbgrader calls alembic from PATH.
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    converter = _Watched(course, config, on_step)
    converter.force = force
    try:
        converter.start()
    except NbGraderException as error:
        raise AutogradeError(str(error)) from error
    return converter.done


class _Watched(Autograde):
    """nbgrader's autograding, which tells of each submission."""

    def __init__(self, course: CourseDirectory, config: object, on_step: Step) -> None:
        super().__init__(coursedir=course, config=config)
        self.on_step = on_step
        self.done = 0

    def init_assignment(self, assignment_id: str, student_id: str) -> None:
        """Tell who comes next, and go on as nbgrader does."""
        self.on_step(f"Autograding {student_id}", self.done, len(self.assignments))
        super().init_assignment(assignment_id, student_id)
        self.done += 1
