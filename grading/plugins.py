"""This course's rules, put where nbgrader asks for them.

``nbgrader_config.py`` names these classes. Each one is nbgrader's own with one thing changed, so that ``nbgrader``
on the command line and formgrader's buttons take the same road.
"""

import copy
import fnmatch
import glob
import hashlib
import hmac
import json
import os
import re
import secrets
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

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
from nbgrader.coursedir import CourseDirectory
from sqlalchemy.exc import SQLAlchemyError
from traitlets import default

__all__ = [
    "FINDING_KEY",
    "SECRET_FILE",
    "SEED_VARIABLE",
    "ClearSolutions",
    "OverwriteCells",
    "SeededExecute",
    "SocketKernelManager",
    "SolutionRegionError",
    "SubmissionExporter",
    "UnreadableSubmission",
    "class_secret",
    "read_submission",
    "submission_finding",
    "submission_seed",
    "with_our_steps",
]

SEED_VARIABLE = "GDEXERCISES_SEED"
"""Environment variable in which a check cell finds the seed of its random inputs while a notebook is graded."""

SECRET_FILE = ".gdexercises-secret"
"""The class secret's file, in the class directory."""

FINDING_KEY = "gdexercises"
"""Notebook metadata under which an autograded notebook says why nothing in it could be graded."""

STUB = "### STUB"


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


class UnreadableSubmission(ValueError):
    """A submitted notebook that cannot be read; the message says why."""


def read_submission(path: Path) -> NotebookNode:
    """Read a submitted notebook, or say in plain words why that is impossible.

    Parameters
    ----------
    path : Path
        Where the notebook should be.

    Returns
    -------
    NotebookNode
        The notebook, converted to the current format.

    Raises
    ------
    UnreadableSubmission
        If there is no such file, or it is a folder, empty, not UTF-8, not JSON or not a notebook.
    """
    if not path.exists():
        raise UnreadableSubmission(_what_is_there_instead(path))
    if path.is_dir():
        raise UnreadableSubmission("is a folder, not a notebook")
    try:
        # Some editors put a byte order mark in front; it harms nothing.
        text = path.read_text(encoding="utf-8-sig")
        content = json.loads(text)
    except OSError as error:
        raise UnreadableSubmission(f"cannot be opened: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UnreadableSubmission(f"is not UTF-8 text: {error.reason} at byte {error.start}") from error
    except json.JSONDecodeError as error:
        if not text.strip():
            raise UnreadableSubmission("is empty") from error
        raise UnreadableSubmission(
            f"is not valid JSON: {error.msg}, line {error.lineno} column {error.colno}"
        ) from error
    except RecursionError as error:
        raise UnreadableSubmission("is not a notebook: its JSON is nested too deeply to read") from error
    if not isinstance(content, dict) or not isinstance(content.get("nbformat"), int):
        raise UnreadableSubmission("is valid JSON but not a notebook: it does not say its nbformat")
    if not isinstance(content.get("cells", content.get("worksheets")), list):
        raise UnreadableSubmission("is valid JSON but not a notebook: it has no list of cells")
    try:
        return nbformat.reads(text, as_version=4)
    except Exception as error:
        raise UnreadableSubmission(f"is valid JSON but not a notebook: {_first_line(error)}") from error


def _what_is_there_instead(path: Path) -> str:
    if not path.parent.is_dir():
        return f"is missing: {path.parent.name} is a file, not a folder"
    others = sorted(child.name for child in path.parent.iterdir())
    return f"is missing: only {', '.join(others)} was handed in" if others else "is missing: nothing was handed in"


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__


def submission_finding(nb: NotebookNode) -> str | None:
    """Give the reason why nothing in an autograded notebook could be graded, or None if it was graded."""
    return nb.metadata.get(FINDING_KEY, {}).get("finding")


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
        except UnreadableSubmission as error:
            reason = str(error)
        except Exception as error:
            self.log.warning("%s could not be sanitized", filename, exc_info=True)
            reason = f"does not hold together as a notebook of this lesson: {_first_line(error)}"
        about = resources["nbgrader"]
        finding = (
            f"{about['student']}/{about['assignment']}/{path.name} {reason}. "
            "Nothing in it could be graded: it has to be submitted again."
        )
        self.log.warning("%s", finding)
        return self.from_notebook_node(self._released_with(finding, about), resources, **kw)

    def _released_with(self, finding: str, about: dict[str, str]) -> NotebookNode:
        nb = _released_notebook(self.parent.coursedir, about["assignment"], about["notebook"])
        nb.cells.insert(0, nbformat.v4.new_markdown_cell(f"**Not graded.** {finding}", id="not-graded"))
        nb.metadata[FINDING_KEY] = {"finding": finding}
        return nb


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


def _course(step: Preprocessor) -> CourseDirectory:
    """Give the class directory a step works in: its parent is the exporter, and the exporter's the converter."""
    return step.parent.parent.coursedir


def _released_notebook(course: CourseDirectory, assignment: str, notebook: str) -> NotebookNode:
    path = Path(course.format_path(course.release_directory, ".", assignment), f"{notebook}.ipynb")
    if not path.exists():
        raise FileNotFoundError(
            f"{path} is missing: run `nbgrader generate_assignment {assignment}` before autograding it"
        )
    return nbformat.read(path, as_version=4)


class OverwriteCells(stock.OverwriteCells):
    """Give a submission back the locked cells it lost: its checks and its read-only cells.

    nbgrader's own search for the place of a lost check ends in an error when the cell before it is read-only or
    lost as well. Here a cell goes behind the nearest earlier one of the released notebook that is still there.
    """

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> tuple[NotebookNode, ResourcesDict]:
        """Overwrite what the student may not change."""
        about = resources["nbgrader"]
        self.released = _released_notebook(_course(self), about["assignment"], about["notebook"])
        _restore_metadata(nb, self.released)
        return super().preprocess(nb, resources)

    def add_missing_grade_cells(self, nb: NotebookNode, resources: ResourcesDict) -> tuple[NotebookNode, ResourcesDict]:
        """Put lost locked cells back, graded or not, each in the released notebook's order."""
        place = 0
        for released in self.released.cells:
            grade_id = _grade_id(released)
            if grade_id is None:
                continue
            ids = [_grade_id(cell) for cell in nb.cells]
            if grade_id in ids:
                place = ids.index(grade_id) + 1
            elif utils.is_locked(released):
                self.log.warning("Cell '%s' was missing from the submission and was put back", grade_id)
                nb.cells.insert(place, self._put_back(released, {cell.get("id") for cell in nb.cells}))
                place += 1
        return nb, resources

    def _put_back(self, released: NotebookNode, taken: set[str | None]) -> NotebookNode:
        cell = copy.deepcopy(released)
        if cell.id in taken:
            cell.id = nbformat.v4.new_raw_cell().id
        notice = self.missing_cell_notification.format(cell_id=_grade_id(released))
        cell.source = ("# " if cell.cell_type == "code" else "") + notice + cell.source
        return cell


def _grade_id(cell: NotebookNode) -> str | None:
    return cell.metadata.get("nbgrader", {}).get("grade_id")


def _restore_metadata(nb: NotebookNode, released: NotebookNode) -> None:
    """Give the lesson's own cells their metadata back, as far as an editor or a student changed what matters here."""
    originals = {_grade_id(cell): cell for cell in released.cells if _grade_id(cell)}
    by_cell_id = {cell.id: name for name, cell in originals.items()}
    present = {_grade_id(cell) for cell in nb.cells}
    for cell in nb.cells:
        # Some editors drop nbgrader's metadata and keep the cell's id.
        name = by_cell_id.get(cell.get("id"))
        if name and _grade_id(cell) is None and name not in present:
            cell.metadata.nbgrader = copy.deepcopy(originals[name].metadata.nbgrader)
            present.add(name)
        # The tag skip-execution would leave a check without a word.
        original = originals.get(_grade_id(cell))
        if original is not None:
            cell.metadata.pop("tags", None)
            cell.metadata.update({key: value for key, value in original.metadata.items() if key == "tags"})


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
    with suppress(FileExistsError):
        path.touch(mode=0o600, exist_ok=False)
        path.write_text(secrets.token_hex(32) + "\n")
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
            _fail_checks_not_run(nb, "NotGraded", finding)
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
        _fail_checks_not_run(nb, "CheckNotRun", reason)
        return nb, resources


def _checks(nb: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in nb.cells if cell.cell_type == "code" and utils.is_grade(cell)]


def _fail_checks_not_run(nb: NotebookNode, name: str, reason: str) -> None:
    """Fail the checks that have nothing to show: nbgrader would give a cell without output all its points."""
    for cell in _checks(nb):
        if cell.execution_count is None and not utils.has_failed(cell):
            error = nbformat.v4.new_output("error", ename=name, evalue=reason, traceback=[f"{name}: {reason}"])
            cell.outputs.append(error)


OURS = {
    stock.ClearSolutions: ClearSolutions,
    stock.OverwriteCells: OverwriteCells,
    stock.Execute: SeededExecute,
}


def with_our_steps(steps: Iterable[type]) -> list[type]:
    """Take nbgrader's own list of steps and put ours in the place of those they extend."""
    return [OURS.get(step, step) for step in steps]
