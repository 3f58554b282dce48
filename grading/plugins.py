"""This course's rules, put where nbgrader asks for them.

``nbgrader_config.py`` names these classes. Each one is nbgrader's own with one thing changed, so that ``nbgrader``
on the command line and formgrader's buttons take the same road.
"""

import atexit
import fnmatch
import glob
import hashlib
import hmac
import os
import re
import secrets
import shutil
import tempfile
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from importlib.util import find_spec
from multiprocessing.util import Finalize
from pathlib import Path
from typing import Any
from unittest import mock

import nbformat
from jupyter_client.manager import AsyncKernelManager
from nbclient.exceptions import DeadKernelError
from nbconvert.exporters import NotebookExporter
from nbconvert.exporters.exporter import ResourcesDict
from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode
from nbgrader import preprocessors as stock
from nbgrader import utils
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters import Autograde
from nbgrader.converters.base import BaseConverter, NbGraderException
from nbgrader.coursedir import CourseDirectory
from sqlalchemy.dialects import registry
from sqlalchemy.exc import SQLAlchemyError
from traitlets import Bool, Dict, default

from grading import trusted
from grading.course import ASIDE, write_whole
from grading.graft import graft_submission
from grading.intake import (
    FINDING_KEY,
    UnreadableSubmission,
    beside,
    finding_about,
    not_graded,
    read_submission,
    submission_finding,
    timestamp_of,
)
from grading.sandbox import Entrance, Jail, JailError, Limits

__all__ = [
    "PROGRAMS_VARIABLE",
    "SECRET_FILE",
    "SEED_VARIABLE",
    "ClearSolutions",
    "GraftSubmission",
    "SeededExecute",
    "SocketKernelManager",
    "SolutionRegionError",
    "SubmissionExporter",
    "WalledExecute",
    "class_secret",
    "fail_checks_not_run",
    "jail_of_this_process",
    "released_path",
    "submission_seed",
    "use_jail",
    "with_our_steps",
]

SEED_VARIABLE = "GDEXERCISES_SEED"
"""Environment variable in which a check cell finds the seed of its random inputs while a notebook is graded."""

PROGRAMS_VARIABLE = "GDEXERCISES_PROGRAMS"
"""Environment variable in which a worker finds the folder of JAX's compiled programs (`grading.programs`), if any."""

SECRET_FILE = ".gdexercises-secret"
"""The class secret's file, in the class directory."""

NO_SANDBOX = (
    "Grading WITHOUT the wall: student code runs as you. It can read and change your files, and give itself points."
)

STUB = "### STUB"

# SQLAlchemy takes psycopg for `postgresql://...` since 2.1, and took psycopg2 before: here, the one that there is.
if find_spec("psycopg") is None and find_spec("psycopg2") is not None:
    registry.register("postgresql", "sqlalchemy.dialects.postgresql.psycopg2", "dialect")

# What a student receives --------------------------------------------------------------------------------------------


class SolutionRegionError(ValueError):
    """The markers of a solution region do not fit together."""


class ClearSolutions(stock.ClearSolutions):
    """Replace solutions by stubs; a region may bring its own stub as comments after ``### STUB``."""

    def _replace_solution_region(self, cell: NotebookNode, language: str) -> bool:
        cell.source, replaced = self._hand_out_own_stubs(cell.source)
        return super()._replace_solution_region(cell, language) or replaced

    def _hand_out_own_stubs(self, source: str) -> tuple[str, bool]:
        kept: list[str] = []
        region: list[str] | None = None
        stub: list[str] | None = None
        replaced = False
        for number, line in enumerate(source.split("\n"), start=1):
            if self.begin_solution_delimeter in line:
                if region is not None:
                    raise SolutionRegionError(f"line {number} begins a solution inside a solution: end the first one")
                region = [line]
            elif self.end_solution_delimeter in line:
                if region is None:
                    raise SolutionRegionError(f"line {number} ends a solution that was never begun: remove the line")
                kept += [*region, line] if stub is None else stub
                replaced = replaced or stub is not None
                region = stub = None
            elif line.strip() == STUB:
                if region is None:
                    raise SolutionRegionError(f"line {number} has {STUB} outside a solution: move it before its end")
                if stub is not None:
                    raise SolutionRegionError(f"line {number} has a second {STUB}: keep one for each solution")
                stub = []
            elif stub is not None:
                stub.append(_uncommented(line, number))
            else:
                (kept if region is None else region).append(line)
        if region is not None:
            raise SolutionRegionError(f"a solution begins and never ends: add ### {self.end_solution_delimeter}")
        return "\n".join(kept), replaced


def _uncommented(line: str, number: int) -> str:
    match = re.fullmatch(r"(\s*)#(?: (.*))?", line)
    if match:
        return (match[1] + match[2]) if match[2] else ""
    if not line.strip():
        return ""
    raise SolutionRegionError(f"line {number} stands after {STUB} and is not a comment: start it with '# '")


# What a student hands in --------------------------------------------------------------------------------------------


class SubmissionExporter(NotebookExporter):
    """Take in whatever a student handed in; what is no notebook becomes the released one, carrying the reason.

    nbgrader ends a submission it cannot read without a record. Here it ends with a score of zero and a finding,
    and the file in ``submitted`` stays as it is.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        # nbgrader lists the notebooks there are and only then makes its exporter: this is the first moment at which
        # a notebook that is not there can still be put on the list.
        if isinstance(self.parent, Autograde):
            _list_missing_notebooks(self.parent)
            _take_only_notebooks(self.parent)
            WalledExecute(parent=self).get_ready(_released_notebooks(self.parent))

    def from_filename(
        self, filename: str, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[str, dict[str, Any]]:
        """Convert a notebook file; while sanitizing, an unreadable one is replaced by the released one."""
        if resources is None or not self.parent._sanitizing:
            return super().from_filename(filename, resources, **kw)
        path = Path(filename)
        resources["metadata"] = ResourcesDict(name=path.stem, path=str(path.parent))
        try:
            nb = read_submission(path)
            nb.metadata.pop(FINDING_KEY, None)
            return self.from_notebook_node(nb, resources, **kw)
        except SQLAlchemyError:
            raise
        except Exception as error:
            if not isinstance(error, UnreadableSubmission):
                self.log.warning("%s could not be sanitized", filename, exc_info=True)
            about = resources["nbgrader"]
            finding = finding_about(f"{about['student']}/{about['assignment']}/{path.name}", error)
        self.log.warning("%s", finding)
        return self.from_notebook_node(self._released_with(finding, about), resources, **kw)

    def _released_with(self, finding: str, about: dict[str, str]) -> NotebookNode:
        nb = _released_notebook(self.parent.coursedir, about["assignment"], about["notebook"])
        return not_graded(nb, finding)


def _list_missing_notebooks(autograde: Autograde) -> None:
    course = autograde.coursedir
    pattern = autograde._format_source(course.assignment_id, course.student_id)
    folders = glob.glob(pattern)  # noqa: PTH207 -- an absolute pattern, and the very strings nbgrader has for keys
    with Gradebook(course.db_url, course.course_id) as gradebook:
        try:
            names = [notebook.name for notebook in gradebook.find_assignment(course.assignment_id).notebooks]
        except MissingEntry:
            return  # nbgrader reports an unknown assignment itself
    for folder in folders:
        listed = autograde.assignments.setdefault(folder, [])
        paths = [str(Path(folder, f"{name}.ipynb")) for name in names if fnmatch.fnmatch(name, course.notebook_id)]
        listed += [path for path in paths if path not in listed]


def _take_only_notebooks(autograde: Autograde) -> None:
    """Let nothing of a submission be opened or copied but its notebooks and what the exchange put beside them.

    nbgrader copies all other files beside the notebook, along links, out of pipes and devices. Here they are of no use:
    a lesson brings its own files, and student code runs where neither are.
    """
    copy_all = autograde.init_assignment

    def init_assignment(assignment_id: str, student_id: str) -> None:
        with mock.patch.object(BaseConverter, "init_assignment"):
            copy_all(assignment_id, student_id)
        folder = Path(autograde._format_source(assignment_id, student_id))
        # nbgrader looks there later: whether something newer was handed in, and what its feedback is called.
        for name, content in beside(folder, timestamp_of(autograde.coursedir, folder)).items():
            write_whole(Path(autograde._format_dest(assignment_id, student_id), name), content)

    autograde.init_assignment = init_assignment
    autograde.coursedir.get_existing_timestamp = partial(timestamp_of, autograde.coursedir)


def _released_notebooks(autograde: Autograde) -> Iterator[NotebookNode]:
    course = autograde.coursedir
    names = {Path(path).stem for paths in autograde.assignments.values() for path in paths}
    for name in sorted(names):
        with suppress(FileNotFoundError):  # a notebook of the student's own, or a lesson that was never released
            yield _released_notebook(course, course.assignment_id, name)


def _course(step: Preprocessor) -> CourseDirectory:
    """Give the class directory a step works in: its parent is the exporter, and the exporter's the converter."""
    return step.parent.parent.coursedir


def released_path(course: CourseDirectory, assignment: str, notebook: str) -> Path:
    """Where the released notebook is; raises `FileNotFoundError`, which says what to do, if it is not there."""
    path = Path(course.format_path(course.release_directory, ".", assignment), f"{notebook}.ipynb")
    if not path.exists():
        raise FileNotFoundError(
            f"{path} is missing: run `nbgrader generate_assignment {assignment}` before autograding it"
        )
    return path


def _released_notebook(course: CourseDirectory, assignment: str, notebook: str) -> NotebookNode:
    return nbformat.read(released_path(course, assignment, notebook), as_version=4)


class GraftSubmission(stock.NbGraderPreprocessor):
    """Build a submission anew from the released notebook, as `grading.graft.graft_submission` does."""

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> tuple[NotebookNode, ResourcesDict]:
        """Give the lesson's notebook with the student's text in it."""
        about = resources["nbgrader"]
        released = _released_notebook(_course(self), about["assignment"], about["notebook"])
        if submission_finding(nb) is not None:  # this is the released notebook already
            return nb, resources
        return graft_submission(released, nb), resources


# Running it ---------------------------------------------------------------------------------------------------------


def class_secret(path: Path) -> bytes:
    """Read the class secret, making it first if there is none.

    Parameters
    ----------
    path : Path
        The secret's file: 32 random bytes in hexadecimal, readable by its owner alone. Never overwritten.

    Returns
    -------
    bytes
        The 32 bytes.

    Raises
    ------
    ValueError
        If the file holds something else.
    """
    if not path.exists():  # there is never a part of it, whatever ends whoever makes it
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=ASIDE) as aside:
            made = Path(aside, path.name)
            made.touch(mode=0o600)
            made.write_text(secrets.token_hex(32) + "\n")
            with suppress(FileExistsError):
                path.hardlink_to(made)
    text = path.read_text().strip()
    if not re.fullmatch(r"[0-9a-f]{64}", text):
        raise ValueError(
            f"{path} is not a class secret (64 hexadecimal digits). Restore it from a backup, or move it away: "
            "a new one is then made, and checks draw other random inputs than before."
        )
    return bytes.fromhex(text)


def submission_seed(secret: bytes, lesson: str, student: str) -> str:
    """Derive the seed of one submission's checks: HMAC-SHA256 of ``lesson/student`` under the class secret, as hex."""
    return hmac.new(secret, f"{lesson}/{student}".encode(), hashlib.sha256).hexdigest()


@contextmanager
def _environment(name: str, value: str) -> Iterator[None]:
    previous = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        os.environ.pop(name)
        if previous is not None:
            os.environ[name] = previous


class SocketKernelManager(AsyncKernelManager):
    """Reach a kernel through sockets in a folder of its own.

    A kernel's ports are drawn by who starts it and taken by the kernel a moment later. Where many notebooks are run at
    the same time, somebody else may have taken one in between; then the kernel never answers, and a submission with
    nothing wrong in it would end in an error. Sockets also keep other users of the machine out.
    """

    @default("transport")
    def _transport_default(self) -> str:
        return "ipc" if os.name == "posix" else "tcp"

    @default("connection_file")
    def _connection_file_default(self) -> str:
        # Not in Jupyter's runtime folder: the path of a socket may have no more than about 100 characters.
        return str(Path(tempfile.mkdtemp(prefix="kernel-"), "kernel.json"))

    async def _async_cleanup_resources(self, restart: bool = False) -> None:
        await super()._async_cleanup_resources(restart)
        if not restart:
            shutil.rmtree(Path(self.connection_file).parent, ignore_errors=True)

    cleanup_resources = _async_cleanup_resources


class SeededExecute(stock.Execute):
    """Run a submission with a seed of its own, and let only a check that ran and did not fail give points."""

    def preprocess(
        self, nb: NotebookNode, resources: ResourcesDict, km: Any = None
    ) -> tuple[NotebookNode, ResourcesDict]:
        """Run the notebook, unless it carries the reason why there is nothing to run."""
        finding = submission_finding(nb)
        if finding is not None:
            fail_checks_not_run(nb, "NotGraded", finding)
            return nb, resources
        about = resources["nbgrader"]
        reason = "This check did not run."
        secret = class_secret(Path(_course(self).root, SECRET_FILE))
        with _environment(SEED_VARIABLE, submission_seed(secret, about["assignment"], about["student"])):
            try:
                nb, resources = super().preprocess(nb, resources, km)
            except DeadKernelError:
                reason = "This check did not run: the notebook ended Python, or used up the memory, before it."
                self.log.warning("The kernel died while running %s of %s", about["notebook"], about["student"])
        for cell in _checks(nb):
            # nbgrader takes any line on stderr in a check cell for a failure; a warning is not one.
            for output in cell.outputs:
                if output.output_type == "stream":
                    output.name = "stdout"
        fail_checks_not_run(nb, "CheckNotRun", reason)
        return nb, resources


def _checks(nb: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in nb.cells if trusted.is_check(cell)]


def fail_checks_not_run(nb: NotebookNode, name: str, reason: str) -> None:
    """Fail the checks that have nothing to show: nbgrader would give a cell without output all its points."""
    for cell in _checks(nb):
        if cell.execution_count is None and not utils.has_failed(cell):
            error = nbformat.v4.new_output("error", ename=name, evalue=reason, traceback=[f"{name}: {reason}"])
            cell.outputs.append(error)


class WalledExecute(SeededExecute):
    """Run a submission behind the wall: its cells in a sandbox, its checks outside of it."""

    sandbox = Bool(
        True,
        help="Whether student code runs behind the wall. Without it, student code runs as you, can read your files "
        "and can give itself points. Each notebook graded so says it.",
    ).tag(config=True)
    everything = Bool(
        False,
        help="Whether to run also those cells that stand as the lesson gave them and that no answer needs: figures "
        "of what was learned, for example. It takes several times as long.",
    ).tag(config=True)
    limits = Dict(help="Limits that differ from grading.sandbox.Limits, by name, such as {'cell': 120}.").tag(
        config=True
    )

    def preprocess(
        self, nb: NotebookNode, resources: ResourcesDict, km: Any = None
    ) -> tuple[NotebookNode, ResourcesDict]:
        """Run the notebook, unless it carries the reason why there is nothing to run."""
        nb.metadata[FINDING_KEY] = {**nb.metadata.get(FINDING_KEY, {}), "sandbox": self.sandbox}
        if submission_finding(nb) is not None or not self.sandbox:
            return super().preprocess(nb, resources, km)
        about = resources["nbgrader"]
        secret = class_secret(Path(_course(self).root, SECRET_FILE))
        with _environment(SEED_VARIABLE, submission_seed(secret, about["assignment"], about["student"])):
            released = _released_notebook(_course(self), about["assignment"], about["notebook"])
            return trusted.run(nb, self.jail(released), everything=self.everything), resources

    def jail(self, released: NotebookNode) -> Entrance:
        """The jail of this process for a lesson; it is started once, and again if it has ended."""
        return jail_of_this_process(Limits(**self.limits), trusted.modules_of(released))

    def get_ready(self, released: Iterable[NotebookNode]) -> None:
        """See that the wall stands and the lesson's checks can be run behind it, before the first submission.

        Raises
        ------
        NbGraderException
            If not; the message says what to do.
        """
        if not self.sandbox:
            self.log.warning("%s", NO_SANDBOX)
            return
        try:
            for nb in released:
                trusted.check_cells(nb)
                self.jail(nb)
        except (JailError, trusted.UnusableCheck, TypeError) as error:
            self.log.error("%s", error)
            raise NbGraderException(f"Nothing was graded: {error}") from error


def use_jail(jail: Entrance, modules: Collection[str]) -> None:
    """Let this process use a jail that another one has started with these modules, as long as it lives."""
    _JAILS[jail.limits, tuple(modules)] = jail


def jail_of_this_process(limits: Limits, modules: Collection[str]) -> Entrance:
    """The jail with these limits and modules; it is started once, and again if it has ended. Raises `JailError`."""
    key = limits, tuple(modules)
    jail = _JAILS.get(key)
    if jail is None or not jail.alive:
        if jail is not None:
            jail.close()
        programs = os.environ.get(PROGRAMS_VARIABLE)
        jail = _JAILS[key] = Jail(limits, modules, Path(programs) if programs else None)
        atexit.register(jail.close)
        Finalize(jail, jail.close, exitpriority=1)  # a worker process ends without `atexit`
    return jail


_JAILS: dict[tuple[Limits, tuple[str, ...]], Entrance] = {}

OURS = {
    stock.ClearSolutions: ClearSolutions,
    stock.Execute: WalledExecute,
}


def with_our_steps(steps: Iterable[type]) -> list[type]:
    """Take nbgrader's own list of steps and put ours in the place of those they extend."""
    return [OURS.get(step, step) for step in steps]
