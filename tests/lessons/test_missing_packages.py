"""Without PyTorch or JAX: the lessons that need it say so in one line, those that may use it can do without it."""

import subprocess
import sys
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell

from gdexercises.environment import PARTS
from grading.notebooks import read_source, student_version
from tests.hidden import HIDE
from tests.lessons.conftest import run

SOURCE = Path(__file__).parents[2] / "grading" / "source"
NAMES = sorted(path.stem for path in SOURCE.glob("[0-9][0-9]-*.py"))
FRAMEWORKS = [part for part in PARTS if part.package in ("torch", "jax")]


def pairs(are):
    """A framework and a lesson of which the condition is true."""
    return [
        pytest.param(part.package, name, marks=pytest.mark.xdist_group(name))
        for part in FRAMEWORKS
        for name in NAMES
        if are(part, name[:2])
    ]


@pytest.mark.parametrize(("package", "name"), pairs(lambda part, number: number in part.lessons))
def test_lesson_that_needs_a_missing_package_says_which_extra_to_install_and_nothing_else(package, name):
    notebook = student_version(read_source(SOURCE / f"{name}.py"))
    notebook.cells.insert(0, new_code_cell(HIDE.format(hidden={package})))
    ended = run(notebook)
    (shown,) = ended.outputs("error")
    assert shown.ename == "MissingPackage"
    (line,) = shown.traceback
    assert "\n" not in line
    assert f"[{package}]" in line
    assert not ended.outputs("stream")


@pytest.mark.parametrize(("package", "name"), pairs(lambda part, number: number in part.lessons)[::2])
def test_grading_a_lesson_that_needs_a_missing_package_says_once_what_to_install(package, name):
    code = f"""{HIDE.format(hidden={package})}
import nbformat
from grading.trusted import UnusableCheck, check_cells
try:
    check_cells(nbformat.read({str(SOURCE.parents[1] / "course" / name / f"{name}.ipynb")!r}, as_version=4))
except UnusableCheck as error:
    print(error)
"""
    said = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=SOURCE.parents[1]
    )
    assert f"needs {package}, which is missing here" in said.stdout
    assert said.stdout.strip().endswith(f"pip install 'gdexercises[{package}]'")


@pytest.mark.parametrize(("package", "name"), pairs(lambda part, number: number in part.also))
def test_lesson_that_may_use_a_missing_package_runs_to_its_end_and_says_so(package, name):
    notebook = read_source(SOURCE / f"{name}.py")
    notebook.cells.insert(0, new_code_cell(HIDE.format(hidden={package})))
    ended = run(notebook)
    assert ended.error is None
    assert ended.warned == ""
    assert package not in ended.imported
    checked = [
        output.data["text/plain"] for output in ended.outputs("display_data") if "✓" in output.data["text/plain"]
    ]
    assert any("which this Python does not have" in text for text in checked)


@pytest.mark.parametrize(("package", "name"), pairs(lambda part, number: number not in part.lessons + part.also))
def test_lesson_that_does_not_need_a_package_never_imports_it(package, name, solved):
    assert solved(name).error is None
    assert package not in solved(name).imported
