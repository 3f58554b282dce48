"""Lessons as text: what becomes of each marker, which mistakes are named, and that nbgrader releases the same."""

import importlib
import re

import nbformat
import pytest

from grading import notebooks
from grading.notebooks import SourceError

LESSON = "98-tiny"
SOLUTION = '# %% solution="f"\ndef f():\n    ### BEGIN SOLUTION\n    return 1\n    ### END SOLUTION\n\n'
CHECK = '# %% check="f" points=1\nassert f() == 1\n\n'


@pytest.fixture
def read(tmp_path):
    """Read a lesson given as text."""

    def read(text):
        path = tmp_path / "97-lesson.py"
        path.write_text(text)
        return notebooks.read_source(path)

    return read


def by_id(nb):
    return {cell.id: cell for cell in nb.cells}


def test_markers_become_nbgrader_metadata(read):
    cells = by_id(read('# %% [markdown] locked="head"\n# # Title\n\n' + SOLUTION + CHECK.replace("=1", "=0.5", 1)))
    common = {"schema_version": 3, "task": False}
    assert cells["head"].metadata.nbgrader == {
        **common, "grade_id": "head", "grade": False, "solution": False, "locked": True, "cell_type": "markdown",
    }  # fmt: skip
    assert cells["f"].metadata.nbgrader == {
        **common, "grade_id": "f", "grade": False, "solution": True, "locked": False, "cell_type": "code",
    }  # fmt: skip
    assert cells["check-f"].metadata.nbgrader == {
        **common, "grade_id": "check-f", "grade": True, "solution": False, "locked": True, "cell_type": "code",
        "points": 0.5,
    }  # fmt: skip


def test_other_cells_are_plain_and_keep_their_tags(read):
    plain, tagged = read('# %% [markdown]\n# text\n\n# %% tags=["hide-input"]\n1\n').cells
    assert plain.metadata == {}
    assert tagged.metadata == {"tags": ["hide-input"]}


def test_same_text_gives_same_bytes(tiny_sources, tmp_path):
    for name in ("one", "two"):
        notebooks.write(notebooks.read_source(tiny_sources / f"{LESSON}.py"), tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_notebooks_are_valid_and_hold_nothing_that_changes_by_itself(tiny_sources, tiny):
    for nb in (notebooks.read_source(tiny_sources / f"{LESSON}.py"), tiny):
        nbformat.validate(nb)
        assert set(nb.metadata) == {"kernelspec", "language_info"}
        assert all(re.fullmatch("[a-zA-Z0-9_-]{1,64}", cell.id) for cell in nb.cells)
        assert len({cell.id for cell in nb.cells}) == len(nb.cells)
        assert all(cell.outputs == [] and cell.execution_count is None for cell in nb.cells if cell.cell_type == "code")


def test_a_cell_keeps_its_id_when_others_come_before_it(read):
    body = SOLUTION + CHECK + "# %%\nprint(1)\n\n# %%\nprint(1)\n"
    ids = [cell.id for cell in read(body).cells]
    assert [cell.id for cell in read("# %% [markdown]\n# New\n\n" + body).cells][1:] == ids
    assert ids[3] == f"{ids[2]}-2"


def test_students_get_stubs(tiny):
    cells = by_id(tiny)
    assert cells["height"].source.endswith(
        'Height of the valley."""\n    # YOUR CODE HERE\n    raise NotImplementedError()'
    )
    assert cells["roll"].source == (
        "def roll(w, lr, n_steps):\n    for _ in range(n_steps):\n        # downhill\n"
        "        return w - lr * 2 * (w - 1)\n\n    return None"
    )


def test_solutions_are_what_a_student_would_have_written(tiny_sources):
    assert notebooks.solutions(notebooks.read_source(tiny_sources / f"{LESSON}.py")) == {
        "height": 'def height(w):\n    """Height of the valley."""\n    return (w - 1) ** 2',
        "roll": "def roll(w, lr, n_steps):\n    for _ in range(n_steps):\n"
        "        w = w - lr * 2 * (w - 1)\n    return w",
    }


def test_a_cell_may_hold_stubs_of_both_kinds(read):
    text = (
        SOLUTION.rstrip()
        + "\nanswer = {\n    ### BEGIN SOLUTION\n    1\n    ### STUB\n    # ...\n    ### END SOLUTION\n}\n"
    )
    assert notebooks.student_version(read(text)).cells[0].source == (
        "def f():\n    # YOUR CODE HERE\n    raise NotImplementedError()\nanswer = {\n    ...\n}"
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (SOLUTION.replace("    ### END SOLUTION\n", ""), "begins and never ends: add ### END SOLUTION"),
        (SOLUTION.replace("### BEGIN", "###"), "line 4 ends a solution that was never begun"),
        (SOLUTION.replace("return 1", "### BEGIN SOLUTION"), "line 3 begins a solution inside a solution"),
        (SOLUTION.replace("def f():", "### STUB"), "line 1 has ### STUB outside a solution"),
        (SOLUTION.replace("return 1", "### STUB\n    ### STUB"), "line 4 has a second ### STUB"),
        (SOLUTION.replace("return 1", "### STUB\n    return 2"), "line 4 stands after ### STUB and is not a comment"),
        (SOLUTION.replace("return 1", "### STUB\n    #return 2"), "line 4 stands after ### STUB and is not a comment"),
        ('# %% solution="f"\nf = 1\n', "a solution cell needs a region"),
        (SOLUTION.replace(' solution="f"', ""), "only a solution cell may hold a solution region"),
        (CHECK, 'check="f" has no solution cell'),
        (SOLUTION + SOLUTION, 'cell 2: the id "f" is taken by cell 1'),
        (SOLUTION + CHECK + CHECK, 'cell 3: the id "check-f" is taken by cell 2'),
        (SOLUTION + CHECK.replace(" points=1", ""), "a check needs its points"),
        (SOLUTION + CHECK.replace("=1", '="1"', 1), "a check needs its points"),
        (SOLUTION + CHECK.replace("=1", "=-1", 1), "a check needs its points"),
        (SOLUTION + CHECK.replace('check="f" ', ""), "points belong to a check"),
        (SOLUTION.replace('"f"', '"f" locked="g"'), "it is marked solution and locked at once"),
        (SOLUTION.replace('"f"', '"an f"'), "'an f' cannot be an id"),
        (SOLUTION.replace('"f"', '""'), "'' cannot be an id"),
        ('# %% [markdown] solution="f"\n# text\n', "a solution must be a code cell"),
        ("# %% [markdown]\n# {{ quiz: no_such.quiz }}\n", "there is no quiz gdexercises.no_such.quiz"),
    ],
)
def test_what_does_not_fit_is_named_with_file_and_cell(read, text, words):
    with pytest.raises(SourceError) as caught:
        read(text)
    assert words in str(caught.value)
    assert re.search(r"97-lesson\.py, cell \d", str(caught.value))


def test_quiz_line_becomes_the_quiz(read, monkeypatch):
    class Quiz:
        def markdown(self):
            return "**Which?**\n\n- **a** this"

    module = type(importlib)("gdexercises.quizzes")
    module.which = Quiz()
    monkeypatch.setitem(importlib.sys.modules, "gdexercises.quizzes", module)
    cell = read("# %% [markdown]\n# ## Quiz\n#\n# {{ quiz: quizzes.which }}\n#\n# Answer below.\n").cells[0]
    assert cell.source == "## Quiz\n\n**Which?**\n\n- **a** this\n\nAnswer below."


def test_build_says_what_it_does_and_does_it_once(tiny_sources, tmp_path):
    stale = tmp_path / "12-gone" / "12-gone.ipynb"
    stale.parent.mkdir()
    stale.write_text("{}")
    (tmp_path / "README.md").write_text("mine")
    changes = notebooks.build_course(tiny_sources, tmp_path)
    assert [str(path) for path in changes.missing] == [f"{LESSON}/{LESSON}.ipynb", f"{LESSON}/points.csv"]
    assert [str(path) for path in changes.stale] == ["12-gone/12-gone.ipynb"]
    assert not stale.parent.exists()
    assert (tmp_path / "README.md").read_text() == "mine"
    assert not notebooks.build_course(tiny_sources, tmp_path)
    assert not notebooks.drift(tiny_sources, tmp_path)


def test_drift_is_seen_and_not_mended(tiny_sources, tmp_path):
    notebooks.build_course(tiny_sources, tmp_path)
    path = tmp_path / LESSON / f"{LESSON}.ipynb"
    path.write_text("edited")
    changes = notebooks.drift(tiny_sources, tmp_path)
    assert [str(path) for path in changes.changed] == [f"{LESSON}/{LESSON}.ipynb"]
    assert path.read_text() == "edited"


def test_an_empty_source_folder_does_not_empty_the_course(tiny_sources, tmp_path):
    course = tmp_path / "course"
    notebooks.build_course(tiny_sources, course)
    with pytest.raises(SourceError, match="holds no lesson"):
        notebooks.build_course(tmp_path, course)
    assert (course / LESSON / f"{LESSON}.ipynb").exists()


def test_a_second_notebook_beside_a_lesson_is_refused(tmp_path):
    (tmp_path / "97-lesson.py").write_text(SOLUTION + CHECK)
    (tmp_path / "97-lesson").mkdir()
    (tmp_path / "97-lesson" / "more.ipynb").write_text("{}")
    with pytest.raises(SourceError, match=r"more\.ipynb: a lesson has one notebook"):
        notebooks.build_course(tmp_path, tmp_path / "course")


def test_answers_are_read(tmp_path):
    path = tmp_path / "ada.py"
    path.write_text('# base: blank\n# Doubles.\n\n# %% height\nheight = 2\n\n# %% extra after="height"\nprint(1)\n')
    assert notebooks.read_answers(path) == notebooks.Answers(
        "blank", {"height": "height = 2"}, [("height", "print(1)")]
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("# %% height\n", "make its first line"),
        ("# base: blank\n# %%\n1\n", "a cell has no title"),
        ("# base: blank\n# %% f\n1\n# %% f\n2\n", "f is answered twice"),
    ],
)
def test_answers_that_cannot_be_read_are_named(tmp_path, text, words):
    path = tmp_path / "ada.py"
    path.write_text(text)
    with pytest.raises(SourceError, match=r"ada\.py.*" + words):
        notebooks.read_answers(path)


@pytest.mark.slow
@pytest.mark.xdist_group("tiny")
def test_course_is_what_nbgrader_releases(tiny_sources, tiny_class, tmp_path):
    notebooks.build_course(tiny_sources, tmp_path)
    released = tiny_class.directory / "release" / LESSON
    for path in (f"{LESSON}.ipynb", "points.csv"):
        assert (tmp_path / LESSON / path).read_bytes() == (released / path).read_bytes()
