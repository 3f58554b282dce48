"""Grafting: a student's text in the lesson's notebook, and nothing else of what was handed in."""

import copy

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output, new_raw_cell

from grading.graft import GraftError, graft, graft_submission
from grading.safe import made_output


def by_id(nb):
    return {cell.id: cell for cell in nb.cells}


def test_graft_puts_answers_in_and_touches_nothing_else(tiny):
    before = nbformat.writes(tiny)
    nb = graft(tiny, {"height": "height = 2"}, [("height", "a = 1"), ("height", "b = 2"), ("imports", "c")])
    nbformat.validate(nb)
    assert nbformat.writes(tiny) == before
    cells = by_id(nb)
    assert cells["height"].source == "height = 2"
    assert list(cells)[1:5] == ["imports", "imports-extra-1", "height", "height-extra-1"]
    assert cells["height-extra-2"].source == "b = 2"
    assert [cell for cell in nb.cells if cell.id in by_id(tiny) and cell.id != "height"] == [
        cell for cell in tiny.cells if cell.id != "height"
    ]


@pytest.mark.parametrize(
    ("answers", "extras"), [({"dubble": "1"}, []), ({"check-height": "1"}, []), ({}, [("x", "1")])]
)
def test_graft_names_an_answer_without_a_cell(tiny, answers, extras):
    with pytest.raises(GraftError, match="the notebook has no cell to take"):
        graft(tiny, answers, extras)


# What was handed in --------------------------------------------------------------------------------------------------


def sources(nb):
    return [(cell.metadata.get("nbgrader", {}).get("grade_id"), cell.source) for cell in nb.cells]


def answered(nb, name):
    return dict(sources(nb))[name]


@pytest.fixture
def submitted(tiny):
    """The tiny lesson with both exercises answered."""
    return graft(tiny, {"height": "height = 1", "roll": "roll = 2"})


def cell_of(nb, name):
    return next(cell for cell in nb.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == name)


def test_answers_arrive_and_all_else_is_the_lessons(tiny, submitted):
    for cell in submitted.cells:
        cell.metadata["tags"] = ["skip-execution"]
        if "nbgrader" in cell.metadata:
            cell.metadata.nbgrader |= {"points": 1000, "grade": True, "solution": True, "locked": False}
    cell_of(submitted, "check-height").source = "1 + 1"
    submitted.metadata = nbformat.from_dict({"kernelspec": {"name": "bash"}, "gdexercises": {"finding": "forged"}})
    nb = graft_submission(tiny, submitted)
    assert (answered(nb, "height"), answered(nb, "roll")) == ("height = 1", "roll = 2")
    assert nb.metadata == tiny.metadata
    for name in ("imports", "check-height", "check-roll"):
        assert cell_of(nb, name) == cell_of(tiny, name)
    for name in ("height", "roll"):
        assert cell_of(nb, name).metadata == cell_of(tiny, name).metadata


def test_own_cells_stay_in_their_places_as_bare_text(tiny, submitted):
    index = [cell.id for cell in submitted.cells].index("height")
    own = new_code_cell("helper = 1", metadata={"tags": ["skip-execution"], "nbgrader": {"grade_id": "mine"}})
    own.outputs = [nbformat.v4.new_output("stream", text="forged")]
    submitted.cells[index:index] = [own, new_markdown_cell("Why?"), new_raw_cell("<script>raw</script>")]
    submitted.cells.insert(0, new_code_cell("first = 0"))
    nb = graft_submission(tiny, submitted)
    assert nb.cells[0].source == "first = 0"
    place = [cell.id for cell in nb.cells].index("height")
    code, words, raw = nb.cells[place - 3 : place]
    assert (code.source, code.metadata, code.outputs) == ("helper = 1", {}, [])
    assert (words.cell_type, words.source) == ("markdown", "Why?")
    assert raw.cell_type == "markdown" and "<script>" not in raw.source
    nbformat.validate(nb)


def test_order_of_the_lesson_comes_back(tiny, submitted):
    expected = sources(graft_submission(tiny, submitted))
    submitted.cells = [cell for cell in submitted.cells if "nbgrader" in cell.metadata][::-1]
    graded = [row for row in expected if row[0]]
    assert [row for row in sources(graft_submission(tiny, submitted)) if row[0]] == graded


def test_of_several_answers_with_one_id_the_last_counts_and_the_others_stay_as_own_cells(tiny, submitted):
    again = copy.deepcopy(cell_of(submitted, "height"))
    again.source = "height = 99"
    submitted.cells.insert(2, again)
    nb = graft_submission(tiny, submitted)
    first = max(index for index, cell in enumerate(submitted.cells) if cell.source == "height = 1")
    assert first > 2
    assert answered(nb, "height") == "height = 1"
    assert "height = 99" in [cell.source for cell in nb.cells if "nbgrader" not in cell.metadata]


def test_deleted_checks_come_back_and_deleted_answers_are_empty(tiny, submitted):
    submitted.cells = [cell for cell in submitted.cells if cell.id not in ("height", "check-height", "imports")]
    submitted.cells.insert(0, new_code_cell("height = 5  # moved here"))
    nb = graft_submission(tiny, submitted)
    assert [name for name, _ in sources(nb) if name] == ["imports", "height", "check-height", "roll", "check-roll"]
    assert answered(nb, "height") == ""
    assert cell_of(nb, "check-height") == cell_of(tiny, "check-height")


def test_answers_whose_metadata_an_editor_lost_are_known_by_their_cells_id(tiny, submitted):
    for name in ("height", "roll"):
        cell_of(submitted, name).metadata = nbformat.from_dict({})
    nb = graft_submission(tiny, submitted)
    assert (answered(nb, "height"), answered(nb, "roll")) == ("height = 1", "roll = 2")


@pytest.mark.parametrize("about", ["text", 3, None, [], {"grade_id": 5}, {"grade_id": ["height"]}, {}])
def test_metadata_of_any_form_is_no_obstacle(tiny, submitted, about):
    for cell in submitted.cells:
        if cell.id != "height":
            cell.metadata["nbgrader"] = about
    nb = graft_submission(tiny, submitted)
    assert answered(nb, "height") == "height = 1"
    assert answered(nb, "roll") == "roll = 2"


def test_an_answer_is_code_whatever_its_cell_was_turned_into(tiny, submitted):
    cell_of(submitted, "height").cell_type = "markdown"
    nb = graft_submission(tiny, submitted)
    assert cell_of(nb, "height").cell_type == "code"
    assert answered(nb, "height") == "height = 1"


def test_half_a_surrogate_pair_can_be_written_to_a_file(tiny, submitted):
    cell_of(submitted, "height").source = "height = '\ud800'"
    nbformat.writes(graft_submission(tiny, submitted)).encode()


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", "a <img src=x onerror=alert(1)>", "<svg/onload=alert(1)>", "</div><style>"]
)
def test_text_of_own_cells_can_run_nothing(tiny, submitted, text):
    submitted.cells.append(new_markdown_cell(text))
    shown = graft_submission(tiny, submitted).cells[-1].source
    assert not any(tag in shown for tag in ("<script", "<img", "<svg", "<style"))


def test_text_without_html_stays_to_the_letter(tiny, submitted):
    text = "If $a < 3$ & b > 2, *then* `x<<1` is 'fine'."
    submitted.cells.append(new_markdown_cell(text))
    assert graft_submission(tiny, submitted).cells[-1].source == text


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("stream", {"name": "stdout", "text": "a"}),
        ("error", {"ename": "E", "evalue": "v", "traceback": ["t"]}),
        ("display_data", {"data": {"text/plain": "x"}}),
        ("execute_result", {"data": {"text/plain": "x"}}),
    ],
)
def test_an_output_is_what_nbformat_makes_of_it(kind, content):
    assert made_output(kind, **content) == new_output(kind, **content)
