"""Newer lessons come into a class; what the instructor edited stays, and what both changed is asked about."""

import os
import pty
import shutil
import subprocess
import sys

import nbformat
import pytest
from typer.testing import CliRunner

from grading import classes
from grading import release as releases
from grading.cli import app
from grading.course import CONFIG_FILE, alone
from grading.merge import merge_notebooks, merge_texts
from grading.upgrade import upgrade
from tests.grading.conftest import LESSON, TINY

NEWER = (
    TINY.replace("# # A ball in a valley", "# # A ball in a deep valley")
    .replace('check="height" points=1.5', 'check="height" points=2.5')
    .replace('"""Height of the valley."""', '"""How high the valley is."""')
    .replace("# %% tags", "# %% [markdown]\n# That was it.\n\n# %% tags")
)
PATH = f"source/{LESSON}/{LESSON}.ipynb"


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    """A course of the tiny lesson, as it was and as it is now: one more lesson, too."""
    root = tmp_path_factory.mktemp("course")
    for name, text in (("old", TINY), ("new", NEWER)):
        (root / name / LESSON).mkdir(parents=True)
        (root / name / f"{LESSON}.py").write_text(text)
        (root / name / LESSON / "points.csv").write_text(f"x,y\n{name}\n")
    (root / "new" / "99-more.py").write_text(TINY)
    settings = classes.CONFIG.read_text()
    (root / "new" / CONFIG_FILE).write_text(settings.replace("c.Execute.timeout = 60", "c.Execute.timeout = 90"))
    return root


@pytest.fixture(scope="module")
def old_class(tmp_path_factory, sources):
    """A class made of the course as it was."""
    return classes.make(tmp_path_factory.mktemp("new") / "class", source_dir=sources / "old").directory


@pytest.fixture
def class_dir(old_class, tmp_path):
    """A copy of it."""
    return shutil.copytree(old_class, tmp_path / "class")


@pytest.fixture
def newer(sources, monkeypatch):
    """Have gdgrade itself come with the newer course."""
    monkeypatch.setattr("grading.upgrade.upgrade.__kwdefaults__", {
        **upgrade.__kwdefaults__, "source_dir": sources / "new", "config": sources / "new" / CONFIG_FILE,
    })  # fmt: skip


def bring(class_dir, sources, answer="skip", **more):
    """Upgrade, with the same answer to all that is asked; give what was asked, too."""
    asked = []

    def ask(lesson, conflict):
        asked.append((lesson, conflict.where, conflict.why))
        return answer(conflict) if callable(answer) else answer

    new = {"source_dir": sources / "new", "config": sources / "new" / CONFIG_FILE}
    return upgrade(class_dir, ask, **{**new, **more}), asked


def run(*words, status=0):
    result = CliRunner().invoke(app, ["upgrade", *map(str, words)])
    assert result.exit_code == status, result.output
    return " ".join(result.output.split())


def cells(class_dir, path=PATH):
    nb = nbformat.read(class_dir / path, as_version=4)
    return {cell.metadata.get("nbgrader", {}).get("grade_id") or cell.source: cell for cell in nb.cells}


def edit(class_dir, change, path=PATH):
    nb = nbformat.read(class_dir / path, as_version=4)
    by_name = {cell.metadata.get("nbgrader", {}).get("grade_id") or cell.source: cell for cell in nb.cells}
    change(by_name, nb)
    nbformat.write(nb, class_dir / path)


def everything(class_dir):
    return {str(path.relative_to(class_dir)): path.read_bytes() for path in class_dir.rglob("*") if path.is_file()}


# A class ------------------------------------------------------------------------------------------------------------


def test_what_nobody_edited_becomes_the_newer_lesson(class_dir, sources):
    came, asked = bring(class_dir, sources)
    assert asked == []
    new = classes.notebooks.read_source(sources / "new" / f"{LESSON}.py")
    assert nbformat.read(class_dir / PATH, as_version=4) == new
    assert nbformat.read(class_dir / classes.BASE / LESSON / f"{LESSON}.ipynb", as_version=4) == new
    assert (class_dir / "source" / LESSON / "points.csv").read_text() == "x,y\nnew\n"
    assert "c.Execute.timeout = 90" in (class_dir / CONFIG_FILE).read_text()
    assert 'course_id = "class"' in (class_dir / CONFIG_FILE).read_text()
    lesson, settings = came.brought
    assert (lesson.what, settings.what, came.more) == ("changed", "changed", ("99-more",))
    assert "check-height: points" in lesson.brought


def test_a_second_time_nothing_is_written(class_dir, sources):
    edit(class_dir, lambda cells, nb: cells["roll"].update(source="# mine\n" + cells["roll"].source))
    bring(class_dir, sources)
    before = everything(class_dir)
    came, asked = bring(class_dir, sources)
    assert everything(class_dir) == before
    assert ([one.what for one in came.brought], came.before, asked) == (["unchanged", "unchanged"], None, [])


def test_what_the_instructor_edited_stays_and_the_rest_comes_in(class_dir, sources):
    def change(cells, nb):
        cells["roll"].source = "# mine\n" + cells["roll"].source
        cells["check-roll"].metadata.nbgrader.points = 7
        cells["check-height"].metadata["tags"] = ["mine"]
        nb.cells.remove(cells['print("bye")'])
        nb.cells.insert(1, nbformat.v4.new_markdown_cell("My own words", id="own"))
        cells["imports"].metadata["collapsed"] = True
        cells["imports"].outputs = [nbformat.v4.new_output("stream", text="ran")]

    edit(class_dir, change)
    _, asked = bring(class_dir, sources)
    there = cells(class_dir)
    assert asked == []
    assert there["roll"].source.startswith("# mine\n")
    assert there["check-roll"].metadata.nbgrader.points == 7
    assert (there["check-height"].metadata.tags, there["check-height"].metadata.nbgrader.points) == (["mine"], 2.5)
    assert there["imports"].outputs[0].text == "ran"
    assert "How high" in there["height"].source
    assert [*there][:2] == ["# A ball in a deep valley", "My own words"]
    assert 'print("bye")' not in there
    assert [*there][-1] == "That was it."


def both(cells, nb):
    cells["# A ball in a valley"].source = "# A marble in a valley"
    cells["check-height"].metadata.nbgrader.points = 9


WHERE = [(LESSON, "“# A marble in a valley”"), (LESSON, "check-height")]


def test_what_both_changed_is_asked_and_asked_again_until_it_is_decided(class_dir, sources):
    edit(class_dir, both)
    for _ in range(2):
        came, asked = bring(class_dir, sources, "skip")
        assert [one[:2] for one in asked] == WHERE
        assert [len(one.skipped) for one in came.brought] == [2, 0]
        assert "# A marble in a valley" in cells(class_dir)
        assert "How high" in cells(class_dir)["height"].source  # all else is there already
    bring(class_dir, sources, "keep")
    assert "# A marble in a valley" in cells(class_dir)
    assert cells(class_dir)["check-height"].metadata.nbgrader.points == 9
    assert bring(class_dir, sources, "take")[1] == []


def test_what_is_taken_takes_the_place_of_what_was_there(class_dir, sources):
    edit(class_dir, both)
    _, asked = bring(class_dir, sources, "take")
    assert [one[:2] for one in asked] == WHERE
    assert "# A ball in a deep valley" in cells(class_dir)
    assert cells(class_dir)["check-height"].metadata.nbgrader.points == 2.5
    assert bring(class_dir, sources)[1] == []


@pytest.mark.parametrize("answer", ["keep", "take", "skip"])
def test_a_cell_that_was_deleted_here_and_changed_there_is_asked_about(class_dir, sources, answer):
    edit(class_dir, lambda cells, nb: nb.cells.remove(cells["height"]))
    _, asked = bring(class_dir, sources, answer)
    assert asked == [(LESSON, "height", "deleted here, another one in the newer version")]
    assert ("height" in cells(class_dir)) is (answer == "take")
    assert bool(bring(class_dir, sources, "keep")[1]) is (answer == "skip")
    if answer == "take":
        assert [*cells(class_dir)][1:4] == ["imports", "height", "check-height"]


@pytest.mark.parametrize("answer", ["keep", "take", "skip"])
def test_a_cell_that_was_edited_here_and_is_gone_there_is_asked_about(class_dir, sources, tmp_path, answer):
    (tmp_path / "less").mkdir()
    (tmp_path / "less" / f"{LESSON}.py").write_text(TINY.replace('# %% tags=["keep"]\nprint("bye")\n', ""))
    edit(class_dir, lambda cells, nb: cells['print("bye")'].update(source='print("bye, bye")'))
    _, asked = bring(class_dir, sources, answer, source_dir=tmp_path / "less")
    assert asked == [(LESSON, '“print("bye, bye")”', "edited here, gone in the newer version")]
    assert ('print("bye, bye")' in cells(class_dir)) is (answer != "take")
    assert bool(bring(class_dir, sources, "keep", source_dir=tmp_path / "less")[1]) is (answer == "skip")


def test_files_beside_a_lesson_go_as_a_whole(class_dir, sources):
    (class_dir / "source" / LESSON / "points.csv").write_text("mine")
    _, asked = bring(class_dir, sources, "skip")
    assert asked == [(LESSON, "points.csv", "edited here and in the newer version")]
    assert (class_dir / "source" / LESSON / "points.csv").read_text() == "mine"
    bring(class_dir, sources, "keep")
    assert bring(class_dir, sources)[1] == []
    assert (class_dir / "source" / LESSON / "points.csv").read_text() == "mine"


def test_settings_that_both_changed_are_asked_about(class_dir, sources):
    path = class_dir / CONFIG_FILE
    path.write_text(path.read_text().replace("c.Execute.timeout = 60", "c.Execute.timeout = 30") + "\nMINE = 1\n")
    _, asked = bring(class_dir, sources, "skip")
    assert [one[0] for one in asked] == [CONFIG_FILE]
    assert "c.Execute.timeout = 30" in path.read_text()
    bring(class_dir, sources, "take")
    assert "c.Execute.timeout = 90" in path.read_text()
    assert path.read_text().endswith("\nMINE = 1\n")


def test_settings_that_would_be_no_python_stay_as_they_are(class_dir, sources, tmp_path):
    (class_dir / classes.BASE / CONFIG_FILE).write_text("a = 1\nb = 2\nc = 3\nd = 4\ne = 5\n")
    mine = 'a = 1\n"""\nb = 2\nc = 3\nd = 4\n"""\ne = 5\n'
    (class_dir / CONFIG_FILE).write_text(mine)
    (tmp_path / "newer.py").write_text('a = 1\nb = 2\nc = """3"""\nd = 4\ne = 5\n')
    came, asked = bring(class_dir, sources, config=tmp_path / "newer.py")
    assert asked == []
    assert "nbgrader_config.py would be no Python any more" in came.brought[1].error
    assert (class_dir / CONFIG_FILE).read_text() == mine


def test_what_was_before_is_kept_and_is_a_way_back(class_dir, sources):
    edit(class_dir, both)
    before = everything(class_dir)
    came, _ = bring(class_dir, sources, "take")
    assert everything(class_dir) != before
    shutil.copytree(came.before, class_dir, dirs_exist_ok=True)
    there = everything(class_dir)
    assert {name: there[name] for name in before} == before


def test_a_class_that_was_made_by_hand_is_asked_about_all_that_differs(class_dir, sources):
    shutil.rmtree(class_dir / ".gdgrade")
    came, asked = bring(class_dir, sources, "skip")
    assert not came.brought[0].had_base
    assert {where for lesson, where, _ in asked if lesson == LESSON} == {
        "“# A ball in a valley”", "height", "check-height", "“That was it.”", "points.csv",
    }  # fmt: skip
    assert came.before is None
    bring(class_dir, sources, "take")
    new = classes.notebooks.read_source(sources / "new" / f"{LESSON}.py")
    assert [cell.source for cell in nbformat.read(class_dir / PATH, as_version=4).cells] == [
        cell.source for cell in new.cells
    ]
    assert bring(class_dir, sources)[1] == []


def test_a_class_made_by_hand_of_this_very_version_only_learns_where_it_came_from(class_dir, sources):
    shutil.rmtree(class_dir / ".gdgrade")
    before = everything(class_dir)
    old = {"source_dir": sources / "old", "config": class_dir / CONFIG_FILE}
    came, asked = bring(class_dir, sources, **old)
    assert (asked, came.before) == ([], None)
    after = everything(class_dir)
    assert {name: after[name] for name in before} == before
    assert bring(class_dir, sources, config=class_dir / CONFIG_FILE)[1] == []  # known from now on


def test_lessons_can_be_added_and_those_not_of_the_course_are_left_alone(class_dir, sources):
    (class_dir / "source" / "homework").mkdir()
    came, _ = bring(class_dir, sources, only=["99"])
    assert [(one.lesson, one.what) for one in came.brought] == [("99-more", "new")]
    assert (came.more, came.own) == ((), ("homework",))
    assert (class_dir / "source" / "99-more" / "99-more.ipynb").exists()
    assert "height" in cells(class_dir, "source/99-more/99-more.ipynb")
    assert [one.what for one in bring(class_dir, sources, only=["99"])[0].brought] == ["unchanged"]


def test_a_dry_run_writes_nothing(class_dir, sources):
    edit(class_dir, both)
    before = everything(class_dir)
    came, asked = bring(class_dir, sources, "take", only=["98-99"], dry_run=True)
    assert [one.what for one in came.brought] == ["changed", "new"]
    assert [one[:2] for one in asked] == WHERE
    assert everything(class_dir) == before


def test_a_notebook_that_cannot_be_read_stays_and_the_others_go_on(class_dir, sources):
    (class_dir / PATH).write_text("{")
    came, _ = bring(class_dir, sources)
    assert [one.what for one in came.brought] == ["failed", "changed"]
    assert "is no notebook that can be read" in came.brought[0].error
    assert (class_dir / PATH).read_text() == "{"


def test_interrupted_it_goes_on_the_next_time(class_dir, sources, monkeypatch):
    edit(class_dir, lambda cells, nb: cells["roll"].update(source="# mine\n" + cells["roll"].source))
    written = []
    whole = classes.write_whole

    def dies(path, content, mode=None):
        if len(written) == 2:  # the copy, the notebook; then its base
            raise KeyboardInterrupt
        written.append(path)
        whole(path, content, mode)

    monkeypatch.setattr("grading.upgrade.write_whole", dies)
    with pytest.raises(KeyboardInterrupt):
        bring(class_dir, sources)
    monkeypatch.undo()
    _, asked = bring(class_dir, sources)
    assert asked == []
    assert cells(class_dir)["roll"].source.startswith("# mine\n")
    assert [one.what for one in bring(class_dir, sources)[0].brought] == ["unchanged", "unchanged"]


def test_an_upgraded_lesson_is_released(class_dir, sources):
    releases.release(class_dir, LESSON)
    bring(class_dir, sources)
    came = releases.release(class_dir, LESSON)
    assert came.what == "changed"
    assert "check-height: 2.5 points instead of 1.5 points" in " ".join(came.changes)


# The command --------------------------------------------------------------------------------------------------------


def test_the_command_shows_what_differs_and_leaves_it_open_where_nobody_can_be_asked(class_dir, newer):
    edit(class_dir, both)
    said = run(class_dir, status=3)
    for words in ("-# A marble in a valley", "+# A ball in a deep valley", "in height: text", "open check-height",
                  "The course also has: 99-more", "The way back: cp -r", "with --keep or --take"):  # fmt: skip
        assert words in said
    assert f"Next: gdgrade release {LESSON}" not in run(class_dir, "--keep")
    assert "All is up to date" in run(class_dir)


def test_the_command_can_take_all_or_show_all(class_dir, newer):
    edit(class_dir, both)
    assert "Something is open" in run(class_dir, "--dry-run", status=3)
    assert f"Next: gdgrade release {LESSON}" in run(class_dir, "--take")
    assert "# A ball in a deep valley" in cells(class_dir)


def test_the_command_refuses_wrong_calls_and_who_is_not_alone(class_dir, newer, tmp_path):
    assert "not both" in run(class_dir, "--keep", "--take", status=2)
    assert "there is no lesson 42" in run(class_dir, "--lessons", "42", status=1)
    assert "gdgrade new" in run(tmp_path, status=1)
    with alone(class_dir):
        assert "somebody else is at work" in run(class_dir, status=4)


def test_in_a_terminal_one_is_asked(class_dir, sources):
    edit(class_dir, both)
    program = (
        "import sys; from pathlib import Path; from grading import upgrade; from grading.cli import app\n"
        "upgrade.upgrade.__kwdefaults__ |= {'source_dir': Path(sys.argv[1]), 'config': Path(sys.argv[2])}\n"
        "app(['upgrade', sys.argv[3]])"
    )
    ours, theirs = pty.openpty()
    command = [sys.executable, "-c", program, sources / "new", sources / "new" / CONFIG_FILE, class_dir]
    with subprocess.Popen(command, stdin=theirs, stdout=subprocess.PIPE, text=True) as asking:
        os.write(ours, b"k\nt\n")
        said = asking.communicate(timeout=60)[0]
    os.close(ours)
    os.close(theirs)
    assert asking.returncode == 0, said
    assert "(k)eep yours" in said
    assert "# A marble in a valley" in cells(class_dir)
    assert cells(class_dir)["check-height"].metadata.nbgrader.points == 2.5


# Merging --------------------------------------------------------------------------------------------------------------


def never(conflict):
    pytest.fail(f"asked about {conflict}")


@pytest.mark.parametrize(
    ("base", "mine", "new", "result"),
    [
        ("a\nb\nc\n", "a\nB\nc\n", "a\nb\nc\nd\n", "a\nB\nc\nd\n"),
        ("a\nx\nb\nc\n", "a\nx\nc\n", "A\nx\nb\nc\n", "A\nx\nc\n"),
        ("a\n", "a\n", "", ""),
        ("a\n", "b\n", "b\n", "b\n"),
        ("", "a\n", "", "a\n"),
        ("a\nb", "a\nb", "a\nb\n", "a\nb\n"),
    ],
)
def test_lines_are_merged_where_only_one_side_changed_them(base, mine, new, result):
    merged = merge_texts(base, mine, new, never)
    assert (merged.result, merged.base) == (result, new)
    assert merge_texts(merged.base, merged.result, new, never).result == result


def test_lines_that_both_changed_are_asked_about():
    for answer, result, base in (
        ("keep", "a\nB\n", "a\nc\n"),
        ("take", "a\nc\n", "a\nc\n"),
        ("skip", "a\nB\n", "a\nb\n"),
    ):
        merged = merge_texts("a\nb\n", "a\nB\n", "a\nc\n", lambda conflict, answer=answer: answer)
        assert (merged.result, merged.base) == (result, base)


def notebook(*texts):
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(text, id=text.split()[0]) for text in texts])


def texts(nb):
    return [cell.source for cell in nb.cells]


def test_cells_that_the_instructor_moved_stay_where_they_are():
    merged = merge_notebooks(notebook("a", "b", "c"), notebook("c", "a", "b"), notebook("a", "new", "b", "c"), never)
    assert texts(merged.result) == ["c", "a", "new", "b"]


def test_cells_that_the_course_moved_are_moved():
    merged = merge_notebooks(notebook("a", "b", "c"), notebook("a", "own", "b", "c"), notebook("c", "a", "b"), never)
    assert merged.brought == ["the order of the cells"]
    assert texts(merged.result) == ["c", "a", "own", "b"]


def test_a_notebook_whose_cells_have_lost_their_ids_is_understood():
    base, new = notebook("a one two three", "b one"), notebook("a one two three", "b one", "c")
    mine = notebook("a one two four", "b one")
    mine.nbformat_minor = 4
    for cell in mine.cells:
        del cell["id"]
    merged = merge_notebooks(base, mine, new, never)
    assert texts(merged.result) == ["a one two four", "b one", "c"]
    nbformat.validate(merged.result)


def test_what_both_added_is_one_cell():
    merged = merge_notebooks(notebook("a"), notebook("a", "b mine"), notebook("a", "b new"), lambda conflict: "take")
    assert texts(merged.result) == ["a", "b new"]
