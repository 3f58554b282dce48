"""Cells of the lesson that need not run, and those that must."""

import nbformat
import pytest
from nbgrader import utils

from grading import demo, notebooks, trusted
from grading.given import not_needed
from grading.graft import graft, graft_submission, is_given

ANSWER = "def train(x, lr):\n    return scaled(x) - lr"
SHOWS = "losses = train(x, 0.1)\nprint(losses)\nfigures.loss_curve(losses)"
LOCKED = "import numpy as np\nfrom gdexercises import figures\nx = np.ones(3)\ndef mse(a):\n    return a"


def skipped(given, written=(ANSWER,), locked=(LOCKED,)):
    return not_needed(list(enumerate(given)), written, locked)


def test_a_cell_that_only_shows_something_need_not_run():
    assert skipped([SHOWS, "panel(train)", "for n in range(3):\n    print(n)"]) == {0, 1, 2}


@pytest.mark.parametrize(
    "needed",
    [
        "def scaled(x):\n    return x",
        "scaled = lambda x: x",
        "from helpers import scaled",
        "for scaled in range(3):\n    pass",
        "def define():\n    global scaled\n    scaled = abs\ndefine()",
        "scaled.factor = 2",
        "scaled[0] = 1",
        "del scaled",
        "jax.config.update('jax_enable_x64', True)",
        "torch.set_default_dtype(torch.float64)",
        "import os\nos.environ['X'] = '1'",
        "np.seterr(all='raise')",
        "warnings.filterwarnings('ignore')",
        "%matplotlib inline\nscaled",
    ],
)
def test_a_cell_that_an_answer_could_notice_runs(needed):
    assert skipped([SHOWS, needed]) == {0}


def test_what_a_needed_cell_needs_runs_as_well():
    assert skipped(["table = {}", "table['a'] = 1", "def scaled(x):\n    return table[x]", SHOWS]) == {3}


def test_the_name_that_a_check_asks_for_is_needed():
    assert skipped(["w = 3", "v = 3"], written=["w"]) == {1}


@pytest.mark.parametrize(
    "text", ["globals()['w']", "eval('w')", "%who", "!ls", "import sys", "__import__('x')", "getattr(a, b)"]
)
def test_all_cells_run_if_the_student_looks_names_up_as_it_runs(text):
    assert skipped(["w = 3", SHOWS], written=[ANSWER, text]) == set()


@pytest.mark.parametrize("text", ["def broken(:\n    scaled", "\x00", "(" * 1000, "1 +"])
def test_what_is_no_python_is_read_by_its_words(text):
    assert skipped(["scaled = 1", "other = 1"], written=["scaled(", ANSWER]) == {1}
    assert skipped([text], written=["unrelated = 1"]) == {0}


@pytest.mark.parametrize("source", notebooks.lessons(demo.SOURCE), ids=lambda path: path.stem)
def test_most_of_what_lessons_show_is_not_run_for_grading(source):
    released = nbformat.read(demo.SOURCE.parents[1] / "course" / source.stem / f"{source.stem}.ipynb", as_version=4)
    solved = graft_submission(released, graft(released, notebooks.solutions(notebooks.read_source(source))))
    cells = [cell for cell in solved.cells if cell.cell_type == "code"]
    written = [cell.source for cell in cells if utils.is_solution(cell)]
    given = [(number, cell.source) for number, cell in enumerate(cells) if is_given(cell)]
    locked = [cell.source for cell in cells if utils.is_locked(cell) and not trusted.is_check(cell)]
    assert given
    # 05: every later cell uses the class whose operators the student writes.
    assert len(not_needed(given, written, locked)) >= (3 if source.stem == "05-tiny-autograd" else 0.9 * len(given))


def test_a_changed_cell_is_the_students(tmp_path):
    released = nbformat.read(demo.SOURCE.parents[1] / "course/01-five-steps/01-five-steps.ipynb", as_version=4)
    submission = graft(released, {})
    plain = next(cell for cell in submission.cells if cell.cell_type == "code" and "nbgrader" not in cell.metadata)
    assert any(is_given(cell) and cell.source == plain.source for cell in graft_submission(released, submission).cells)
    plain.source += "\n# mine"
    mine = next(cell for cell in graft_submission(released, submission).cells if cell.source == plain.source)
    assert not is_given(mine)
