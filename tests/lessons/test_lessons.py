"""What every lesson must be: it runs, it is quick, it is accessible, and it teaches what its module checks."""

import ast
import inspect
import re
from pathlib import Path

import pytest

from gdexercises.checking import Quiz, exercises_in
from grading.notebooks import read_source, student_version
from tests.banks import lesson

SOURCE = Path(__file__).parents[2] / "grading" / "source"
NAMES = sorted(path.stem for path in SOURCE.glob("[0-9][0-9]-*.py"))
SECONDS = 60


def module_of(name):
    return lesson(name[3:].replace("-", "_"))


pytestmark = [
    pytest.mark.parametrize("name", [pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in NAMES])
]


def test_lesson_runs_from_top_to_bottom_with_the_solutions_in(name, solved):
    run = solved(name)
    assert run.error is None
    assert run.warned == ""
    # A lesson takes seconds; the limit is so wide that only an endless one meets it.
    assert run.seconds < SECONDS


def test_every_check_passes_with_the_solutions_in(name, solved):
    checks = [cell for cell in solved(name).notebook.cells if cell.metadata.get("nbgrader", {}).get("grade")]
    assert checks
    for cell in checks:
        assert [output.output_type for output in cell.outputs] == ["display_data"], cell.source
        assert cell.outputs[0].data["application/vnd.gdexercises.verdict+json"]["passed"]


def test_released_lesson_stops_at_the_first_unsolved_exercise_and_says_what_to_do(name, released):
    run = released(name)
    assert run.error is not None
    assert "Not attempted yet" in run.error
    assert "run that cell" in run.error
    assert len(run.outputs("error")) == 1
    assert run.warned == ""


def test_pictures_and_verdicts_have_a_text_alternative(name, solved):
    images = [tag for html in solved(name).html() for tag in re.findall(r"<img[^>]*>", html)]
    assert images
    for tag in images:
        assert len(re.search(r'alt="([^"]*)"', tag)[1]) > 40
    for output in solved(name).outputs("display_data"):
        assert output.data["text/plain"].strip()


def test_every_exercise_has_a_solution_cell_and_a_check_cell(name):
    cells = {
        cell.metadata.nbgrader.grade_id: cell
        for cell in read_source(SOURCE / f"{name}.py").cells
        if "nbgrader" in cell.metadata
    }
    for exercise in exercises_in(module_of(name)):
        assert cells[exercise].metadata.nbgrader.solution
        assert f".{exercise}.check(" in cells[f"check-{exercise}"].source


def test_stub_has_the_signature_of_the_reference(name):
    notebook = student_version(read_source(SOURCE / f"{name}.py"))
    stubs = {}
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("solution"):
            for node in ast.parse(cell.source).body:
                if isinstance(node, ast.FunctionDef):
                    stubs[node.name] = [argument.arg for argument in node.args.args]
    for exercise in exercises_in(module_of(name)).values():
        if not isinstance(exercise, Quiz) and exercise.name in stubs:
            assert stubs[exercise.name] == list(inspect.signature(exercise.reference).parameters)


def test_lesson_opens_with_what_you_will_do_learn_and_need_and_closes_with_what_comes_next(name):
    cells = [cell for cell in read_source(SOURCE / f"{name}.py").cells if cell.cell_type == "markdown"]
    for words in ("You will", "You will learn", "You need", "It takes"):
        assert words in cells[0].source
    assert "What you now know" in cells[-1].source
    assert "Predict before you run" in "".join(cell.source for cell in cells)
