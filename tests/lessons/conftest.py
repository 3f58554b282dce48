"""Run lessons: the instructor's notebook once for all tests, the student's up to its first error."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from gdexercises.checking import exercises_in
from grading.notebooks import read_source, student_version
from grading.plugins import SocketKernelManager
from tests.banks import LESSONS, lesson

SOURCE = Path(__file__).parents[2] / "grading" / "source"


@dataclass
class Run:
    """An executed notebook: how long it took, the error that ended it, and which frameworks it has imported."""

    notebook: NotebookNode
    seconds: float
    error: str | None = None
    imported: frozenset[str] = frozenset()

    def outputs(self, kind: str) -> list[NotebookNode]:
        code = [cell for cell in self.notebook.cells if cell.cell_type == "code"]
        return [output for cell in code for output in cell.outputs if output.output_type == kind]

    @property
    def printed(self) -> str:
        return "".join(output.text for output in self.outputs("stream") if output.name == "stdout")

    @property
    def warned(self) -> str:
        return "".join(output.text for output in self.outputs("stream") if output.name == "stderr")

    @property
    def prose(self) -> str:
        return "\n".join(cell.source for cell in self.notebook.cells if cell.cell_type == "markdown")

    def html(self) -> list[str]:
        shown = self.outputs("display_data") + self.outputs("execute_result")
        return [output.data["text/html"] for output in shown if "text/html" in output.data]

    def after(self, grade_id: str) -> list[NotebookNode]:
        """The outputs of the cell with this grade id."""
        cells = self.notebook.cells
        return next(cell.outputs for cell in cells if cell.metadata.get("nbgrader", {}).get("grade_id") == grade_id)


IMPORTED = "import sys\nprint(*{'torch', 'jax'} & set(sys.modules))"


def run(notebook: NotebookNode) -> Run:
    """Execute a notebook as a student's JupyterLab would, with a kernel of its own."""
    notebook.cells.append(new_code_cell(IMPORTED))
    client = NotebookClient(notebook, timeout=300, kernel_name="python3", kernel_manager_class=SocketKernelManager)
    started = time.perf_counter()
    error = None
    try:
        client.execute(env={**os.environ, "JUPYTER_PLATFORM_DIRS": "1"})
    except CellExecutionError as failed:
        error = str(failed)
    seconds = time.perf_counter() - started
    printed = "".join(output.get("text", "") for output in notebook.cells.pop().outputs)
    return Run(notebook, seconds, error, frozenset(printed.split()))


@pytest.fixture(autouse=True)
def fresh_exercises():
    """What one test's student did is nothing to the next one's."""
    for name in LESSONS:
        for exercise in exercises_in(lesson(name)).values():
            exercise.reset()


@pytest.fixture(scope="session")
def solved():
    """``solved("01-five-steps")``: the lesson run from top to bottom with its solutions."""
    runs = {}

    def of(name):
        if name not in runs:
            runs[name] = run(read_source(SOURCE / f"{name}.py"))
        return runs[name]

    return of


@pytest.fixture(scope="session")
def released():
    """``released("01-five-steps")``: the student's notebook, run as released."""
    runs = {}

    def of(name):
        if name not in runs:
            runs[name] = run(student_version(read_source(SOURCE / f"{name}.py")))
        return runs[name]

    return of
