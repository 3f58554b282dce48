"""One submission in, one scored notebook out: the student's cells run in a sandbox, the checks here.

A check cell of a lesson is one plain statement, such as ``five_steps.gradients.check(gradients)``. It is read, not
executed: the exercise is this process's own, and the name stands for the student's object in the sandbox. What comes
back over the wall is data, and the comparison is made on this side. So nothing that student code prints, displays,
patches or raises can touch a score.
"""

import ast
import functools
import importlib
import re
from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from types import ModuleType

from nbformat import NotebookNode
from nbgrader import utils

from gdexercises.checking import Exercise, exercises_in
from gdexercises.checking.verdict import MIME, CheckFailed, Verdict
from grading.given import not_needed
from grading.graft import is_given
from grading.safe import Room, made_output, safe_outputs, safe_verdict
from grading.sandbox import MODULES, Ended, Entrance, JailError, Sandbox, Time

__all__ = ["CheckCell", "UnusableCheck", "check_cells", "is_check", "modules_of", "run"]

MAX_RESTARTS = 6
JAIL_SECONDS = 0.05
"""How long after a sandbox the jail may end that took it along: then it was not the submission that ended it."""

NOT_RUN = "(This cell was not run for grading: it is the lesson's own, and no answer needs it.)\n"


class UnusableCheck(ValueError):
    """A check cell of a lesson is not one plain statement, so it cannot be run outside of the student's notebook."""


# Reading the lesson -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CheckCell:
    """What a check cell says: which exercise checks which name, and what that is to be written with."""

    exercise: Exercise
    name: str
    using: str | None = None


def check_cells(nb: NotebookNode) -> dict[str, CheckCell]:
    """Read the check cells of a lesson.

    Parameters
    ----------
    nb : NotebookNode
        A released notebook, or a submission grafted into one: its locked cells are the lesson's own.

    Returns
    -------
    dict
        By grade id.

    Raises
    ------
    UnusableCheck
        If one is not of the form ``module.exercise.check(name)``, with ``using="..."`` behind the name or without, or
        names what is not there.
    """
    modules = _modules(cell.source for cell in nb.cells if cell.cell_type == "code" and utils.is_locked(cell))
    return {cell.metadata.nbgrader.grade_id: _read_check(cell, modules) for cell in nb.cells if is_check(cell)}


def modules_of(*released: NotebookNode) -> tuple[str, ...]:
    """What a lesson uses and takes long to import, going by its text: a jail had better have it ready."""
    text = "\n".join(cell.source for nb in released for cell in nb.cells)
    large = [module for module, pattern in MODULES.items() if re.search(pattern, text)]
    locked = [cell for nb in released for cell in nb.cells if cell.cell_type == "code" and utils.is_locked(cell)]
    return (*large, *dict.fromkeys(name for cell in locked for _, name in _imported(cell.source)))


def is_check(cell: NotebookNode) -> bool:
    """Whether a cell is one that grades, and not one that a student writes and a person grades."""
    return cell.cell_type == "code" and utils.is_grade(cell) and not utils.is_solution(cell)


def _modules(sources: Iterable[str]) -> dict[str, str]:
    """The course's modules that the lesson's own cells import, by the name they have there."""
    return {name: module for source in sources for name, module in _imported(source)}


@functools.lru_cache(maxsize=256)  # the lesson's cells are the same in all submissions
def _imported(source: str) -> tuple[tuple[str, str], ...]:
    """The names that a cell gives to the course's modules, and which they are."""
    try:
        tree = ast.parse(source)
    except SyntaxError:  # a magic, for example
        return ()
    return tuple(
        (alias.asname or alias.name, f"{node.module}.{alias.name}")
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module in ("gdexercises", "gdexercises.tuning")
        for alias in node.names
    )


def _read_check(cell: NotebookNode, modules: dict[str, str]) -> CheckCell:
    grade_id = cell.metadata.nbgrader.grade_id
    with suppress(SyntaxError):
        match ast.parse(cell.source).body:
            case [
                ast.Expr(
                    ast.Call(
                        ast.Attribute(ast.Attribute(ast.Name(module), exercise), "check"),
                        [ast.Name(name)],
                        [] | [ast.keyword("using", ast.Constant())] as options,
                    )
                )
            ] if module in modules:
                found = getattr(_lesson_module(modules[module]), exercise, None)
                using = options[0].value.value if options else None
                if isinstance(found, Exercise) and (using is None or using in found.using):
                    return CheckCell(found, name, using)
    raise UnusableCheck(
        f"the check cell {grade_id} says {cell.source.strip()[:100]!r}. Behind the wall, a check is one statement of "
        "the form module.exercise.check(name), with a module that a locked cell imports from gdexercises. Change the "
        "cell and release the lesson again, or grade without the wall."
    )


def _lesson_module(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        package = (error.name or "").partition(".")[0]
        wanted = f"gdexercises[{package}]" if package in ("torch", "jax") else package
        raise UnusableCheck(
            f"{name} needs {package}, which is missing here, too old, or broken: pip install '{wanted}'"
        ) from error


# Running it ---------------------------------------------------------------------------------------------------------


def run(
    nb: NotebookNode, jail: Entrance, *, everything: bool = False, only: Collection[str] | None = None
) -> NotebookNode:
    """Run a submission: its own cells in a sandbox of the jail, its checks here.

    Parameters
    ----------
    nb : NotebookNode
        The submission, grafted into the lesson's notebook (`grading.graft.graft_submission`). Its outputs are
        written into it.
    jail : Entrance
    everything : bool
        Whether to run also the cells that stand as the lesson gave them and that no answer needs.
    only : collection of str, optional
        Grade ids of the checks to run, if not all.

    Returns
    -------
    NotebookNode
        The same notebook.

    Raises
    ------
    UnusableCheck
        If a check of the lesson cannot be run here.
    JailError
        If no sandbox can be had.
    """
    checks = check_cells(nb)
    for module in {check.exercise.module for check in checks.values()}:
        for exercise in exercises_in(importlib.import_module(module)).values():
            exercise.reset()
    cells = [cell for cell in nb.cells if cell.cell_type == "code"]
    only_shown = set() if everything else _only_shown(cells, checks)
    grading = _Grading(jail)
    try:
        for count, cell in enumerate(cells, start=1):
            if count in only_shown:
                cell.outputs = [made_output("stream", name="stdout", text=NOT_RUN)]
                continue
            grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
            if is_check(cell) and only is not None and grade_id not in only:
                continue
            check = checks.get(grade_id) if is_check(cell) else None
            cell.outputs = grading.run_cell(cell.source) if check is None else grading.check(check)
            cell.execution_count = count
            for output in cell.outputs:
                if output.output_type == "execute_result":
                    output.execution_count = count
    finally:
        grading.close()
    return nb


def _only_shown(cells: list[NotebookNode], checks: dict[str, CheckCell]) -> set[int]:
    """Numbers, from 1 on, of the code cells that make no difference to a check."""
    given, written, locked = [], [check.name for check in checks.values()], []
    for number, cell in enumerate(cells, start=1):
        if is_given(cell):
            given.append((number, cell.source))
        elif not is_check(cell):
            (locked if utils.is_locked(cell) else written).append(cell.source)
    return not_needed(given, written, locked)


class _Grading:
    """The run of one submission, which may need several sandboxes: one that ended is replaced by another.

    In the new one, the cells that ran before run again, without the one that ended it. So a cell that crashes, or never
    ends, costs what depends on it, and nothing else.
    """

    def __init__(self, jail: Entrance):
        self._jail = jail
        self._sandbox: Sandbox | None = jail.sandbox()  # before the submission's time begins
        self._ran: list[str] = []
        self._restarts = 0
        self._room = Room()
        self._time = replace(
            Time.limit(jail.limits.submission, "submission"),
            why=f"was not done when the {jail.limits.submission:g} seconds that a submission has were used up",
        )

    def run_cell(self, source: str) -> list[NotebookNode]:
        """Run a student's cell, and give its outputs in a form that is safe to show."""
        if not source.strip():
            return []
        try:
            outputs = self._there().run_cell(source, within=self._time)
        except Ended as ended:
            self._drop()
            said = f"This cell was stopped: it {ended.why}. Cells below run as if it were not there."
            return [made_output("error", ename="Stopped", evalue=said, traceback=[f"Stopped: {said}"])]
        self._ran.append(source)
        return safe_outputs(outputs, self._room)

    def check(self, check: CheckCell) -> list[NotebookNode]:
        """Check a student's object, and give the outputs that the check cell has in a notebook."""
        exercise = check.exercise
        try:
            verdict = exercise.verdict(self._there().attempt(check.name, self._time), check.using)
        except Ended as ended:
            verdict = exercise.ended(ended.why)
        except NameError:
            said = f"There is no {check.name}: no cell that ran to its end defines it."
            verdict = Verdict(exercise.name, False, "not attempted", said)
        if verdict.finding == "ended":
            self._drop()
        verdict = safe_verdict(verdict)
        bundle = {"text/plain": str(verdict), "text/html": verdict._repr_html_(), MIME: verdict.to_dict()}
        shown = made_output("display_data", data=bundle)
        if verdict.passed:
            return [shown]
        error = CheckFailed(verdict)
        return [
            shown,
            made_output("error", ename="CheckFailed", evalue=str(error), traceback=error._render_traceback_()),
        ]

    def _there(self) -> Sandbox:
        """The sandbox, with all in it that ran so far. Raises `Ended` if there is no time left, or no more patience."""
        while self._sandbox is None:
            self._go_on()
            self._sandbox = self._jail.sandbox()
            for index, source in enumerate(self._ran):
                try:
                    self._sandbox.run_cell(source, within=self._time)
                except Ended:
                    self._drop()
                    self._go_on()
                    # It ran before, and does not any more: go on without it.
                    del self._ran[index]
                    break
        self._go_on()
        return self._sandbox

    def _go_on(self) -> None:
        limit = self._jail.limits.submission
        if self._time.is_over:
            raise Ended("time", f"comes after the {limit:g} seconds that a submission has were used up")
        if self._restarts > MAX_RESTARTS:
            raise Ended(
                "restarts", f"comes after {self._restarts} cells and calls that ended Python or had to be ended"
            )

    def _drop(self) -> None:
        if self._sandbox is not None:
            self.close()
            self._restarts += 1
            if self._jail.ends_within(JAIL_SECONDS):
                raise JailError("the jail has ended while a submission was in it")

    def close(self) -> None:
        if self._sandbox is not None:
            self._sandbox.close()
            self._sandbox = None
