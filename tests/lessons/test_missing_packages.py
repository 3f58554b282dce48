"""Without PyTorch or JAX: the lessons that need it say so in one line, and all others do not miss it."""

from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell

from gdexercises.environment import PARTS
from grading.notebooks import read_source, student_version
from tests.hidden import HIDE
from tests.lessons.conftest import run

SOURCE = Path(__file__).parents[2] / "grading" / "source"
NAMES = sorted(path.stem for path in SOURCE.glob("[0-9][0-9]-*.py"))
NEEDED_BY = {part.package: part.lessons for part in PARTS if part.package in ("torch", "jax")}


def pairs(needed):
    """A framework and a lesson that needs it, or does not."""
    return [
        pytest.param(package, name, marks=pytest.mark.xdist_group(name))
        for package, numbers in NEEDED_BY.items()
        for name in NAMES
        if (name[:2] in numbers) == needed
    ]


@pytest.mark.parametrize(("package", "name"), pairs(needed=True))
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


@pytest.mark.parametrize(("package", "name"), pairs(needed=False))
def test_lesson_that_does_not_need_a_package_never_imports_it(package, name, solved):
    assert solved(name).error is None
    assert package not in solved(name).imported
