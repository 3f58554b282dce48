"""Lesson 00: the states of an exercise as its text tells them, the numbers that it quotes, Validate, its panel."""

import re
from itertools import pairwise

import pytest
from nbgrader.validator import Validator

from gdexercises import environment, start_here
from gdexercises.tuning import Panel
from gdexercises.tuning import start_here as panels
from grading.notebooks import read_source, student_version, write
from tests.lessons.conftest import SOURCE

LESSON = "00-start-here"

pytestmark = pytest.mark.xdist_group(LESSON)


@pytest.fixture
def height():
    start_here.height.reset()
    return start_here.height


def prose(run):
    return re.sub(r"\s+", " ", run.prose)


# The report on what is installed ------------------------------------------------------------------------------------


def test_first_cell_shows_the_report_as_text_and_as_a_table(solved):
    [shown] = solved(LESSON).after("environment")
    assert re.search(r"✓ Python +3\.\d+\.\d+ +all lessons", shown.data["text/plain"])
    assert re.search(r"✓ Live panels +can work here", shown.data["text/plain"])
    assert '<th scope="row"' in shown.data["text/html"]


def test_first_cell_comes_before_anything_of_the_course_is_loaded():
    cells = [cell for cell in read_source(SOURCE / f"{LESSON}.py").cells if cell.cell_type == "code"]
    assert cells[0].id == "environment"
    assert [cell.id for cell in cells if "from gdexercises" in cell.source] == ["environment", "imports"]


@pytest.mark.parametrize("package", ["torch", "jax"])
def test_prose_and_table_say_which_lessons_need_what(solved, package):
    part = next(part for part in environment.PARTS if part.package == package)
    rows = re.findall(r"^\| (\d\d) .*\| ([^|]*) \|$", solved(LESSON).prose, re.MULTILINE)
    assert tuple(lesson for lesson, _ in rows) == environment.ALL_LESSONS
    assert tuple(lesson for lesson, needs in rows if part.label in needs) == part.lessons
    assert re.search(rf"{part.label} (is )?for {part.purpose}", prose(solved(LESSON)))


# What the kernel remembers ------------------------------------------------------------------------------------------


def test_the_counting_cell_prints_what_the_text_says():
    cells = [cell.source for cell in read_source(SOURCE / f"{LESSON}.py").cells]
    place = cells.index("steps = 3")
    namespace, printed = {"print": lambda *words: printed.append(words)}, []
    for source in (cells[place], cells[place + 1], cells[place + 1]):
        exec(source, namespace)
    assert printed[-1] == ("steps:", 5)
    assert "It prints 5." in cells[place + 2]
    with pytest.raises(NameError) as error:
        exec(cells[place + 1], {})
    assert f"NameError: {error.value}" in re.sub(r"\s+", " ", cells[place + 2])


# The toy exercise, state by state -----------------------------------------------------------------------------------


def test_as_released_it_is_not_attempted_in_the_words_of_the_text(released):
    run = released(LESSON)
    card, error = run.after("check-height")
    assert card.data["text/plain"].startswith("○ height: Not attempted yet\n")
    assert error.ename == "CheckFailed"
    for words in ("`○ height: Not attempted yet`", "the error `CheckFailed`", "`raise NotImplementedError()`"):
        assert words in prose(run)
    [stub] = [cell.source for cell in run.notebook.cells if cell.id == "height"]
    assert "YOUR CODE HERE\n    raise NotImplementedError()" in stub


def test_wrong_answer_of_the_text_is_recognised_and_shows_the_promised_rows(solved, height):
    [line] = re.findall(r"write `(return [^`]*)`", prose(solved(LESSON)))
    namespace = {}
    exec(f"def height(w):\n    {line}", namespace)
    verdict = height.verdict(namespace["height"])
    assert (verdict.head, verdict.mistake) == ("✗ height: Not right yet", "difference_not_squared")
    assert f"`{verdict.head}`" in prose(solved(LESSON))
    for word in ("call", "expected", "got"):
        assert f"*{word}*" in prose(solved(LESSON)) and f"{word}:" in str(verdict)


def test_each_hint_says_more_than_the_one_before(height):
    height.verdict(lambda w: w - 1)
    first, second, third, again = (height.hint() for _ in range(4))
    assert "brackets" in first.text
    assert len({first.text, second.text, third.text}) == 3
    assert again == third


def test_solution_opens_after_three_wrong_answers_or_a_right_one(height):
    for _ in range(5):
        height.verdict(...)
    for _ in range(2):
        height.verdict(lambda w: w - 1)
        assert "still locked" in height.solution().title
    height.verdict(lambda w: w - 1)
    assert "return (w - 1) ** 2" in height.solution().text
    height.reset()
    height.verdict(lambda w: (w - 1) ** 2)
    assert "return (w - 1) ** 2" in height.solution().text


def test_right_answer_of_the_text_passes(solved, height):
    assert "Put brackets around the difference, `(w - 1) ** 2`" in prose(solved(LESSON))
    assert height.verdict(lambda w: (w - 1) ** 2).head == "✓ height: Right"
    assert "`✓ height: Right`" in prose(solved(LESSON))


# Validate -----------------------------------------------------------------------------------------------------------


def validated(notebook, folder):
    path = folder / f"{LESSON}.ipynb"
    write(notebook, path)
    return Validator().validate(str(path))


def test_validate_passes_with_the_solutions_in(tmp_path):
    assert validated(read_source(SOURCE / f"{LESSON}.py"), tmp_path) == {}


def test_validate_names_each_check_that_does_not_pass(tmp_path):
    failed = validated(student_version(read_source(SOURCE / f"{LESSON}.py")), tmp_path)["failed"]
    assert [cell["source"] for cell in failed] == [
        f"start_here.{name}.check({name})" for name in ("height", "roll", "still_the_old_answer")
    ]
    assert "Not attempted yet" in failed[0]["error"]
    assert "`return` still stands inside the loop" in failed[1]["error"]


def test_nothing_is_graded(solved):
    cells = [cell.metadata.nbgrader for cell in solved(LESSON).notebook.cells if "nbgrader" in cell.metadata]
    assert [cell.points for cell in cells if cell.grade] == [0, 0, 0]
    assert "Nothing here is graded." in solved(LESSON).prose


# The ball -----------------------------------------------------------------------------------------------------------


def test_colleagues_ball_stops_after_one_step_and_the_mended_one_near_1(solved):
    printed = solved(LESSON).printed
    broken, mended = map(float, re.findall(r"^after 20 steps: w = (\S+)$", printed, re.MULTILINE))
    assert broken == pytest.approx(start_here.roll(-1.0, 0.1, 1))
    assert mended == pytest.approx(1, abs=0.05)
    assert "it should be near 1" in prose(solved(LESSON))


def test_prose_says_what_the_learning_rate_does(solved):
    said = prose(solved(LESSON))
    places = lambda lr: [start_here.roll(-1.0, lr, n_steps) for n_steps in range(6)]
    assert "At 0.5 a single step leads to the lowest place." in said and places(0.5)[1] == 1
    assert "Between 0.5 and 1 the ball jumps from side to side, lower each time." in said
    for lr in (0.51, 0.9, 0.99):
        here = places(lr)
        assert all((one - 1) * (two - 1) < 0 for one, two in pairwise(here))
        assert all(start_here.height(two) < start_here.height(one) for one, two in pairwise(here))
    assert "Above 1 it lands higher each time" in said
    here = [start_here.height(w) for w in places(1.01)]
    assert here == sorted(here)


@pytest.mark.parametrize(
    ("lr", "words"),
    [
        (0.1, "stays on its side"),
        (0.5, "one step leads to the lowest place"),
        (0.9, "lands lower on the other side"),
        (1, "never gets any lower"),
        (1.1, "Diverges"),
    ],
)
def test_panel_shows_and_says_where_the_ball_is_and_where_it_goes(lr, words):
    panel = panels.ball()
    assert isinstance(panel, Panel)
    picture, text = panel.png(), panel.text
    panel.set(lr=lr, n_steps=4)
    assert panel.png() != picture
    assert panel.text != text
    assert words in panel.text
    w = start_here.roll(-1.0, panel.values["lr"], 4)
    assert float(re.search(r"w = ([^,]+),", panel.text)[1]) == pytest.approx(w, rel=5e-3, abs=1e-3)
    assert float(re.search(r"height ([^,]+),", panel.text)[1]) == pytest.approx(
        start_here.height(w), rel=5e-3, abs=1e-3
    )


def test_panel_says_in_the_picture_that_the_ball_has_left_it():
    panel = panels.ball()
    [alarm] = panel.stage.figure.axes[0].texts
    panel.set(lr=1.4, n_steps=1)
    assert alarm.get_text() == ""
    panel.set(n_steps=30)
    assert alarm.get_text() == "The ball has left this picture."
    assert "Diverges" in panel.alt


def test_panel_is_quiet_while_graded(monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "validate")
    assert "not drawn" in panels.ball()
