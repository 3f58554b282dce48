"""What stands in ``course/``: exactly what ``make course`` writes, with neither outputs nor solutions in it."""

import json
from pathlib import Path

import pytest

from grading import notebooks
from grading.commands.course import COURSE
from grading.demo import SOURCE

NOTEBOOKS = sorted(COURSE.rglob("*.ipynb"))
FILES = sorted(path for path in COURSE.rglob("*") if path.is_file() and ".ipynb_checkpoints" not in path.parts)


def cells(path: Path) -> list[dict]:
    return json.loads(path.read_text(encoding="utf-8"))["cells"]


def solution_lines(path: Path) -> set[str]:
    """Lines that only the instructor's cells have, long enough to be nobody's coincidence."""
    lesson = notebooks.read_source(SOURCE / f"{path.parent.name}.py")
    released = notebooks.student_version(lesson)
    shown = {line.strip() for cell in released.cells for line in cell.source.splitlines()}
    solved = {line.strip() for text in notebooks.solutions(lesson).values() for line in text.splitlines()}
    return {line for line in solved - shown if len(line) > 12}


def test_course_is_what_make_course_writes():
    changes = notebooks.drift(SOURCE, COURSE)
    assert not changes, f"run `make course`: {changes}"


def test_every_lesson_stands_in_a_folder_of_its_name():
    assert [path.relative_to(COURSE).as_posix() for path in NOTEBOOKS] == [
        f"{source.stem}/{source.stem}.ipynb" for source in notebooks.lessons(SOURCE)
    ]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_carries_no_outputs(path):
    for cell in cells(path):
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_carries_no_solutions(path):
    text = "\n".join("".join(cell["source"]) for cell in cells(path))
    for marker in ("BEGIN SOLUTION", "END SOLUTION", "### STUB", "BEGIN HIDDEN"):
        assert marker not in text
    secret = solution_lines(path)
    assert secret
    present = {line.strip() for line in text.splitlines()}
    assert not secret & present


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_file_names_no_place_on_a_machine(path):
    text = path.read_text(encoding="utf-8")
    assert not any(place in text for place in [f"/{name}/" for name in ("home", "root", "Users", "site-packages")])
