"""Grading one submission, as bytes in and bytes out: what a worker does, on this machine or another.

A task holds all that grading needs and changes nothing outside of the worker, so it may run anywhere, again, or twice.
"""

import base64
import copy
import functools
import hashlib
import importlib.util
import json
import os
import threading
import time
import traceback
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader import utils
from nbgrader.preprocessors import LimitOutput

from gdexercises.checking.verdict import MIME
from grading import plugins, trusted
from grading.intake import FINDING_KEY, UnreadableSubmission, finding_about, not_graded, submission_finding, take_in
from grading.sandbox import JailError, Limits

__all__ = ["Graded", "Notebook", "Outcome", "Task", "code_version", "grade", "modules_of"]


@dataclass(frozen=True)
class Notebook:
    """One notebook of a submission.

    Attributes
    ----------
    released : str
        The lesson's notebook as it was released.
    submitted : bytes or None
        What was handed in; None if it could not be opened.
    problem : str
        Why not.
    fingerprint : str
        Of all that the result depends on; it is written into the result.
    before : str or None
        The autograded notebook that is there, if only some exercises are to be graded again.
    """

    released: str
    submitted: bytes | None
    problem: str = ""
    fingerprint: str = ""
    before: str | None = None


@dataclass(frozen=True)
class Task:
    """All that grading a submission needs.

    Attributes
    ----------
    lesson, student : str
        Names.
    notebooks : mapping of str to Notebook
        By the notebook's name.
    seed : str
        Seed of the checks (`grading.plugins.submission_seed`).
    code : str
        The version of the course's code, which the worker's must equal (`code_version`).
    limits : mapping
        Limits that differ from `grading.sandbox.Limits`.
    everything : bool
        Whether to run also cells that no answer needs.
    max_lines, max_traceback : int
        How much output of a cell is kept, as nbgrader's LimitOutput has them.
    exercises : tuple of str
        Grade ids of the checks to run; all if there are none. The others stay as they are in `Notebook.before`.
    """

    lesson: str
    student: str
    notebooks: Mapping[str, Notebook]
    seed: str
    code: str
    limits: Mapping[str, float] = field(default_factory=dict)
    everything: bool = False
    max_lines: int = 1000
    max_traceback: int = 100
    exercises: tuple[str, ...] = ()

    def to_bytes(self) -> bytes:
        """Write it down; `from_bytes` reads it."""
        content = asdict(self)
        for notebook in content["notebooks"].values():
            if notebook["submitted"] is not None:
                notebook["submitted"] = base64.b64encode(notebook["submitted"]).decode()
        return json.dumps(content).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> "Task":
        """Read what `to_bytes` wrote."""
        content = json.loads(data)
        for name, notebook in content["notebooks"].items():
            if notebook["submitted"] is not None:
                notebook["submitted"] = base64.b64decode(notebook["submitted"])
            content["notebooks"][name] = Notebook(**notebook)
        return cls(**{**content, "exercises": tuple(content["exercises"])})


@dataclass(frozen=True)
class Graded:
    """What came of one notebook.

    Attributes
    ----------
    text : str
        The autograded notebook, as its file has it.
    grades : dict
        Automatic points by the grade id of each cell that was graded now; None where a person has to grade.
    comments : dict
        Automatic comment, or None, by the grade id of each cell that a student answers in.
    findings : dict
        What its check found, by grade id: the name of a mistake, of a finding, ``passed``, or ``not graded``.
    """

    text: str
    grades: dict[str, float | None]
    comments: dict[str, str | None]
    findings: dict[str, str]


@dataclass(frozen=True)
class Outcome:
    """What came of a task.

    Attributes
    ----------
    notebooks : dict of str to Graded
        By the notebook's name.
    seconds : float
        How long it took.
    trouble : str
        Why there is no result; empty if there is.
    fatal : bool
        Whether no other submission can be graded by this worker, either.
    lost : bool
        Whether the jail ended meanwhile, so that it has to be graded again.
    """

    notebooks: dict[str, Graded] = field(default_factory=dict)
    seconds: float = 0.0
    trouble: str = ""
    fatal: bool = False
    lost: bool = False

    def to_bytes(self) -> bytes:
        """Write it down; `from_bytes` reads it."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> "Outcome":
        """Read what `to_bytes` wrote."""
        content = json.loads(data)
        return cls(**{**content, "notebooks": {name: Graded(**one) for name, one in content["notebooks"].items()}})


def grade(data: bytes) -> bytes:
    """Grade a submission behind the wall.

    Parameters
    ----------
    data : bytes
        `Task.to_bytes`.

    Returns
    -------
    bytes
        `Outcome.to_bytes`. Whatever goes wrong is said in it; nothing is raised.
    """
    with _ONE_AT_A_TIME:
        return _grade(data).to_bytes()


def _grade(data: bytes) -> Outcome:
    started, jail = time.perf_counter(), None
    try:
        task = Task.from_bytes(data)
        if task.code != code_version():
            raise _WrongVersionError
        # As nbgrader has it: a check then draws its inputs from the seed, and more of them.
        os.environ |= {plugins.SEED_VARIABLE: task.seed, "NBGRADER_EXECUTION": "autograde"}
        modules = modules_of(notebook.released for notebook in task.notebooks.values())
        jail = plugins.jail_of_this_process(Limits(**task.limits), modules)
        notebooks = {name: _grade_notebook(task, name, jail) for name in task.notebooks}
    except _WrongVersionError:
        trouble = "this worker has another version of the course than the one that the class is graded with"
        outcome = Outcome(trouble=trouble, fatal=True)
    except (JailError, trusted.UnusableCheck) as error:
        lost = jail is not None and not jail.alive
        outcome = Outcome(trouble=str(error), fatal=not lost, lost=lost)
    except Exception:
        outcome = Outcome(trouble=traceback.format_exc())
    else:
        outcome = Outcome(notebooks, time.perf_counter() - started)
    finally:
        for name in (plugins.SEED_VARIABLE, "NBGRADER_EXECUTION"):
            os.environ.pop(name, None)
    return outcome


class _WrongVersionError(RuntimeError):
    pass


# The seed stands in the environment, and the jail is one for the whole process.
_ONE_AT_A_TIME = threading.Lock()


def _grade_notebook(task: Task, name: str, jail: Any) -> Graded:
    notebook = task.notebooks[name]
    released = _read_released(notebook.released)
    where = f"{task.student}/{task.lesson}/{name}.ipynb"
    if notebook.submitted is None:
        nb = not_graded(copy.deepcopy(released), finding_about(where, UnreadableSubmission(notebook.problem)))
    else:
        nb = take_in(released, notebook.submitted, where)
    nb.metadata[FINDING_KEY] = {
        **nb.metadata.get(FINDING_KEY, {}),
        "sandbox": True,
        "fingerprint": notebook.fingerprint,
    }
    finding = submission_finding(nb)
    if finding is not None:
        plugins.fail_checks_not_run(nb, "NotGraded", finding)
        graded_now = _grade_ids(nb)
    else:
        graded_now = _grade_ids(nb) & set(task.exercises) if task.exercises else _grade_ids(nb)
        trusted.run(nb, jail, everything=task.everything, only=graded_now)
        LimitOutput(max_lines=task.max_lines, max_traceback=task.max_traceback).preprocess(nb, {})
        if notebook.before is not None:
            _keep_others(nb, graded_now, nbformat.from_dict(json.loads(notebook.before)))
    return Graded(
        nbformat.writes(nb) + "\n",
        {id_: utils.determine_grade(cell)[0] for id_, cell in _cells(nb, utils.is_grade) if id_ in graded_now},
        {id_: _comment(cell) for id_, cell in _cells(nb, _takes_comments)},
        {id_: _finding(cell, finding) for id_, cell in _cells(nb, trusted.is_check) if id_ in graded_now},
    )


def modules_of(released: Iterable[str]) -> tuple[str, ...]:
    """What a jail had better have ready for a lesson (`grading.trusted.modules_of`), from its released notebooks."""
    return trusted.modules_of(*map(_read_released, released))


@functools.lru_cache(maxsize=8)
def _read_released(text: str) -> NotebookNode:
    return nbformat.reads(text, as_version=4)


def _cells(nb: NotebookNode, chosen: Any) -> list[tuple[str, NotebookNode]]:
    return [(cell.metadata.nbgrader.grade_id, cell) for cell in nb.cells if chosen(cell)]


def _grade_ids(nb: NotebookNode) -> set[str]:
    return {id_ for id_, _ in _cells(nb, utils.is_grade)}


def _takes_comments(cell: NotebookNode) -> bool:
    return utils.is_solution(cell) or utils.is_task(cell)


def _comment(cell: NotebookNode) -> str | None:
    """nbgrader's own comment on a cell that was left as it had been handed out."""
    untouched = cell.metadata.nbgrader.get("checksum") == utils.compute_checksum(cell) and not utils.is_task(cell)
    return "No response." if untouched else None


def _finding(cell: NotebookNode, reason: str | None) -> str:
    if reason is not None:
        return "not graded"
    for output in cell.outputs:
        said = output.get("data", {}).get(MIME)
        if said:
            return "passed" if said["passed"] else said["mistake"] or said["finding"] or "wrong"
    return "not graded"


def _keep_others(nb: NotebookNode, graded_now: Collection[str], before: NotebookNode) -> None:
    """Put back what the checks that did not run now had said before, and the fingerprint of that."""
    old = dict(_cells(before, trusted.is_check))
    for id_, cell in _cells(nb, trusted.is_check):
        if id_ not in graded_now and id_ in old:
            cell.outputs, cell.execution_count = old[id_].outputs, old[id_].execution_count
    nb.metadata[FINDING_KEY]["fingerprint"] = before.metadata.get(FINDING_KEY, {}).get("fingerprint", "")


@functools.cache
def code_version() -> str:
    """Hash of the course's code that a grade depends on: lessons, checks, and the way they are run."""
    digest = hashlib.sha256()
    for package in ("gdexercises", "grading"):
        folder = Path(importlib.util.find_spec(package).origin).parent
        for path in sorted(folder.rglob("*.py")):
            relative = path.relative_to(folder)
            if relative.parts[0] not in ("source", "answers"):
                digest.update(f"{package}/{relative.as_posix()}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()
