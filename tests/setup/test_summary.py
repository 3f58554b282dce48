"""A student's own record: what the saved notebooks say, in whatever state, and nothing that leaves the machine."""

import html
import json
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from gdexercises import five_steps
from gdexercises.checking.verdict import MIME
from gdexercises.summary import COURSE, MAX_BYTES, Lesson, Record, summary

ROOT = Path(__file__).parents[2]
LESSON = "01-five-steps"


def cell(name, *, points=1, passed=None, **more):
    """A check cell as a notebook holds it; `passed` is what its verdict says, None that it was not run."""
    outputs = []
    if passed is not None:
        data = {"text/plain": "a card", MIME: {"exercise": name, "passed": passed}}
        outputs = [{"output_type": "display_data", "data": data, "metadata": {}}]
    role = {"grade": True, "solution": False, "grade_id": f"check-{name}", "points": points}
    return {"cell_type": "code", "source": "", "outputs": outputs, "metadata": {"nbgrader": role}} | more


def save(folder, cells, lesson=LESSON):
    path = folder / lesson / f"{lesson}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    text = cells if isinstance(cells, str) else json.dumps({"cells": cells, "metadata": {}, "nbformat": 4})
    path.write_text(text, encoding="utf-8")
    return path


def first(folder):
    return summary(folder).lessons[0]


def words(text):
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", text)).split())


# What the notebooks say ---------------------------------------------------------------------------------------------


def test_course_is_told_as_it_is():
    for name, (title, points) in COURSE.items():
        notebook = json.loads((ROOT / "course" / name / f"{name}.ipynb").read_text(encoding="utf-8"))
        roles = [cell["metadata"].get("nbgrader", {}) for cell in notebook["cells"]]
        assert sum(role.get("points", 0) for role in roles) == points
        assert notebook["cells"][0]["source"][0].strip() == f"# {name[:2]} · {title}"
    assert {path.name for path in (ROOT / "course").glob("[0-9]*")} - set(COURSE) == {"00-start-here"}


def test_released_course_is_there_and_not_begun():
    record = summary(ROOT / "course")
    assert [lesson.state for lesson in record.lessons] == ["new"] * len(COURSE)
    assert all(lesson.checks for lesson in record.lessons)
    assert record.headline.startswith("0 of 10 lessons done: 0 checks passed, 0 of ")
    assert not record.advice


def test_checks_that_passed_count_with_their_points(tmp_path):
    save(tmp_path, [cell("a", points=3, passed=True), cell("b", points=0.5, passed=False), cell("c", points=2)])
    lesson = first(tmp_path)
    assert (lesson.state, lesson.passed, lesson.checks, lesson.earned) == ("begun", 1, 3, 3)


def test_verdict_of_a_real_check_is_read(tmp_path):
    verdict = five_steps.mse.verdict(five_steps.mse.reference)
    output = {"output_type": "display_data", "data": {MIME: verdict.to_dict()}}
    save(tmp_path, [cell("mse", points=1, outputs=[output])])
    assert (first(tmp_path).state, first(tmp_path).earned) == ("done", 1)


def test_all_passed_is_done(tmp_path):
    for name, (_, points) in COURSE.items():
        save(tmp_path, [cell("a", points=points, passed=True)], name)
    record = summary(tmp_path)
    total = sum(points for _, points in COURSE.values())
    assert record.headline == f"The whole course is done: 10 checks passed, {total} of {total} points."


def test_cells_that_are_no_checks_do_not_count(tmp_path):
    own = cell("own", passed=True)
    own["metadata"] = {}
    solution = cell("solution", passed=True)
    solution["metadata"]["nbgrader"]["solution"] = True
    save(tmp_path, [own, solution, cell("text", passed=True, cell_type="markdown"), cell("a", passed=True)])
    assert (first(tmp_path).passed, first(tmp_path).checks) == (1, 1)


def test_points_never_exceed_those_of_the_lesson(tmp_path):
    save(tmp_path, [cell("a", points=10**6, passed=True)])
    assert first(tmp_path).earned == COURSE[LESSON][1]


@pytest.mark.parametrize("points", ["3", None, -1, True, float("nan"), float("inf"), [1]])
def test_odd_points_are_none(tmp_path, points):
    save(tmp_path, [cell("a", points=points, passed=True)])
    assert (first(tmp_path).passed, first(tmp_path).earned) == (1, 0)


@pytest.mark.parametrize("passed", [False, "true", 1, None, {"passed": True}])
def test_only_true_is_a_pass(tmp_path, passed):
    data = {MIME: {"passed": passed}}
    save(tmp_path, [cell("a", outputs=[{"output_type": "display_data", "data": data}])])
    assert first(tmp_path).passed == 0


# Notebooks that cannot be read --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        "{}",
        '{"cells": 3}',
        '{"cells": ["a"]}',
        '{"cells": [{"metadata": []}]}',
        '{"cells": [{"cell_type": "code", "metadata": {"nbgrader": 3}}]}',
        "[" * 100_000,
        '{"cells": ' + "9" * 5000 + "}",
        "\x00\x01",
    ],
    ids=lambda text: repr(text[:20]),
)
def test_broken_notebook_says_so_and_the_others_are_read(tmp_path, text):
    save(tmp_path, text)
    save(tmp_path, [cell("a", passed=True)], "02-slopes")
    broken, whole, *_ = summary(tmp_path).lessons
    assert (broken.state, broken.problem) == ("unread", "cannot be read: it is no notebook, or a broken one")
    assert whole.state == "done"


def test_points_beyond_any_float_are_survived(tmp_path):
    save(tmp_path, [cell("a", points=10**400, passed=True)])
    assert first(tmp_path).state == "unread"


def test_notebook_that_is_not_utf_8_says_so(tmp_path):
    save(tmp_path, "").write_bytes(b"\xff\xfe\x00{")
    assert first(tmp_path).state == "unread"


def test_byte_order_mark_does_no_harm(tmp_path):
    path = save(tmp_path, [cell("a", passed=True)])
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert first(tmp_path).state == "done"


def test_huge_notebook_is_not_read(tmp_path):
    path = save(tmp_path, "")
    with path.open("wb") as stream:
        stream.truncate(MAX_BYTES + 1)
    assert first(tmp_path).problem == "too large to be read: 64 MB"


def test_no_file_but_something_of_that_name_is_not_there(tmp_path):
    (tmp_path / LESSON / f"{LESSON}.ipynb").mkdir(parents=True)
    os.mkfifo(tmp_path / "02-slopes.ipynb")
    assert {lesson.problem for lesson in summary(tmp_path).lessons} == {"not there"}


@pytest.mark.skipif(os.getuid() == 0, reason="root may read everything")
def test_notebook_without_permission_says_so(tmp_path):
    save(tmp_path, [cell("a", passed=True)]).chmod(0)
    assert "cannot be opened" in first(tmp_path).problem


def test_missing_folder_has_advice(tmp_path):
    record = summary(tmp_path / "nowhere")
    assert {lesson.problem for lesson in record.lessons} == {"not there"}
    assert "No lesson was found in nowhere" in record.advice and record.advice in str(record)


@pytest.mark.parametrize("here", [".", LESSON, "workbook/.."])
def test_lessons_are_found_from_a_lesson_and_from_the_folder_around_it(tmp_path, monkeypatch, here):
    folder = tmp_path / "workbook" if here.startswith("workbook") else tmp_path
    save(folder, [cell("a", passed=True)])
    monkeypatch.chdir(tmp_path / here)
    assert summary().lessons[0].state == "done"


def test_notebooks_side_by_side_are_found_as_well(tmp_path):
    save(tmp_path, [cell("a", passed=True)]).rename(tmp_path / f"{LESSON}.ipynb")
    assert first(tmp_path).state == "done"


# How it shows -------------------------------------------------------------------------------------------------------


@pytest.fixture
def record():
    lessons = (
        Lesson(LESSON, "Five <steps>", 15, 15, 11, 11, "2026-01-02"),
        Lesson("02-slopes", "Slopes", 14, 3.5, 2, 11, "2026-01-03"),
        Lesson("03-batches", "Batches", 16, problem="cannot be read", saved="2026-01-04"),
        Lesson("04-autograd", "Autograd", 18, problem="not there"),
    )
    return Record(lessons, "Ada <b>", "workbook")


def test_text_and_card_say_the_same(record):
    shown = words(record._repr_html_())
    for said in ("1 of 4 lessons done: 13 checks passed, 18.5 of 63 points.", "no proof of anything", "sent nowhere"):
        assert said in str(record) and said in shown
    for state in ("✓ all done", "◐ begun", "✗ not read", "○ not begun", "3.5 of 14", "cannot be read", "2026-01-03"):
        assert state in shown


def test_card_is_accessible_and_escaped(record):
    card = record._repr_html_()
    assert 'role="group" aria-label=' in card
    assert card.count('scope="col"') == 5 and card.count('scope="row"') == 4
    assert "Ada &lt;b&gt;" in card and "Five &lt;steps&gt;" in card and "<b>" not in card
    assert not re.search(r"<script|https?:|src=", card)


def test_record_is_saved_as_a_page_and_saved_again(record, tmp_path):
    path = record.save(tmp_path / "mine.html")
    page = path.read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>") and 'lang="en"' in page and "<title>" in page
    assert words(record._repr_html_()) in words(page)
    record.save(path)
    assert [found.name for found in tmp_path.iterdir()] == ["mine.html"]


def test_other_files_are_not_overwritten(record, tmp_path):
    work = tmp_path / "work.ipynb"
    work.write_text("mine")
    with pytest.raises(FileExistsError, match="is no record"):
        record.save(work)
    assert work.read_text() == "mine"


def test_nothing_is_changed_and_nothing_sent(tmp_path, monkeypatch):
    path = save(tmp_path, [cell("a", passed=True)])
    before = path.read_bytes(), path.stat().st_mtime_ns
    monkeypatch.setattr(socket, "socket", lambda *_: pytest.fail("a socket"))
    summary(tmp_path, name="Ada").save(tmp_path / "my-record.html")
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before


def test_it_needs_nothing_but_the_standard_library_and_numpy():
    code = (
        "import sys; from gdexercises import summary; print(summary.summary('.'));"
        "assert not {'torch', 'jax', 'matplotlib', 'IPython', 'nbformat'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT, capture_output=True, timeout=120)


@pytest.mark.parametrize("execution", ["autograde", "validate"])
def test_while_graded_it_is_one_line_and_reads_nothing(monkeypatch, execution):
    monkeypatch.setenv("NBGRADER_EXECUTION", execution)
    monkeypatch.setattr(Path, "is_file", lambda self: pytest.fail("it looks around"))
    assert summary()._repr_mimebundle_() == {"text/plain": "Your record is not drawn while the notebook is graded."}
