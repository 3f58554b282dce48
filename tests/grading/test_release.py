"""A lesson is released whole, says what changed, and what was released before is never lost."""

import json
import shutil

import nbformat
import pytest
from typer.testing import CliRunner

from grading import classes
from grading import release as releases
from grading.book import opened
from grading.cli import app
from grading.course import alone, open_class
from grading.release import ReleaseError
from tests.grading.classes import nbgrader
from tests.grading.conftest import LESSON
from tests.grading.elsewhere import elsewhere


@pytest.fixture(scope="module")
def new_class(tmp_path_factory, tiny_sources):
    """A class of the tiny lesson; nothing is released."""
    return classes.make(tmp_path_factory.mktemp("new") / "class", source_dir=tiny_sources).directory


@pytest.fixture
def class_dir(new_class, tmp_path):
    """A copy of it to do things in."""
    return shutil.copytree(new_class, tmp_path / "class")


def run(class_dir, *words, status=0):
    result = CliRunner().invoke(app, ["release", "--class", str(class_dir), *words])
    assert result.exit_code == status, result.output
    return result.output


def edit(class_dir, change, lesson=LESSON):
    path = class_dir / "source" / lesson / f"{lesson}.ipynb"
    nb = nbformat.read(path, as_version=4)
    change({cell.id: cell for cell in nb.cells}, nb)
    nbformat.write(nb, path)


def set_points(cells, nb):
    cells["check-roll"].metadata.nbgrader.points = 5


def grade_ada(class_dir):
    """Ada has handed in, and is graded."""
    shutil.copytree(class_dir / "release" / LESSON, class_dir / "submitted" / "ada" / LESSON)
    with opened(open_class(class_dir)) as gradebook:
        gradebook.add_student("ada")
        gradebook.add_submission(LESSON, "ada")


def everything(class_dir):
    return {str(path.relative_to(class_dir)): path.read_bytes() for path in class_dir.rglob("*") if path.is_file()}


def points(class_dir):
    with opened(open_class(class_dir)) as gradebook:
        notebook = gradebook.find_notebook(LESSON, LESSON)
        return {cell.name: cell.max_score for cell in notebook.grade_cells}


def test_it_makes_what_nbgrader_makes(class_dir, tmp_path):
    assert f"{LESSON}: new. 3.5 points" in run(class_dir, LESSON)
    other = shutil.copytree(class_dir, tmp_path / "other", ignore=shutil.ignore_patterns("release", "gradebook.db"))
    nbgrader(other, "generate_assignment", LESSON)
    for name in (f"{LESSON}.ipynb", "points.csv"):
        paths = [one / "release" / LESSON / name for one in (class_dir, other)]
        assert paths[0].read_bytes() == paths[1].read_bytes()
        assert paths[0].stat().st_mode == paths[1].stat().st_mode
    with opened(open_class(class_dir)) as ours, opened(open_class(other)) as theirs:
        assert releases._in_gradebook(ours, LESSON) == releases._in_gradebook(theirs, LESSON)
        assert ours.find_notebook(LESSON, LESSON).kernelspec == theirs.find_notebook(LESSON, LESSON).kernelspec
    assert not list(class_dir.glob(".gdgrade-*"))


def test_a_second_time_nothing_is_written(class_dir):
    run(class_dir, "98")
    before = everything(class_dir)
    assert f"{LESSON}: unchanged" in run(class_dir, "98")
    assert everything(class_dir) == before


def test_what_nbgrader_released_is_unchanged_and_the_other_way_round(class_dir):
    nbgrader(class_dir, "generate_assignment", LESSON)
    assert f"{LESSON}: unchanged" in run(class_dir, LESSON)
    nbgrader(class_dir, "generate_assignment", LESSON, "--force")
    assert f"{LESSON}: unchanged" in run(class_dir, LESSON)


def test_a_class_made_by_hand_is_released(tmp_path, new_class):
    shutil.copy(classes.CONFIG, tmp_path)
    shutil.copytree(new_class / "source", tmp_path / "source")
    assert f"{LESSON}: new" in run(tmp_path, "98")


def test_what_changed_is_told_and_what_was_before_is_kept(class_dir):
    run(class_dir, LESSON)
    before = (class_dir / "release" / LESSON / f"{LESSON}.ipynb").read_bytes()

    def change(cells, nb):
        set_points(cells, nb)
        cells["imports"].source += "\nimport math"
        nb.cells.append(nbformat.v4.new_markdown_cell("New words", id="new"))
        locked = nbformat.v4.new_markdown_cell("New and locked", id="locked")
        locked.metadata.nbgrader = {**cells["imports"].metadata.nbgrader, "grade_id": "locked", "cell_type": "markdown"}
        nb.cells.append(locked)
        nb.cells.remove(cells["check-height"])

    edit(class_dir, change)
    said = run(class_dir, LESSON)
    assert f"{LESSON}: changed. 5 points" in said
    for words in ("check-roll: 5 points instead of 2 points", "imports: other text", "locked: a new cell",
                  "check-height: the cell is gone"):  # fmt: skip
        assert words in said
    assert points(class_dir) == {"check-roll": 5}
    assert (class_dir / releases.BEFORE / LESSON / f"{LESSON}.ipynb").read_bytes() == before
    assert f"{LESSON}: unchanged" in run(class_dir, LESSON)


def test_a_change_that_the_gradebook_does_not_have_is_told_too(class_dir):
    run(class_dir, LESSON)
    (class_dir / "source" / LESSON / "points.csv").write_text("x,y\n")
    edit(class_dir, lambda cells, nb: nb.cells.append(nbformat.v4.new_markdown_cell("New words", id="new")))
    said = run(class_dir, LESSON)
    assert "points.csv: other text" in said
    assert f"{LESSON}.ipynb: other text" in said


def test_released_again_after_work_came_in_it_warns_and_keeps_the_grades(class_dir):
    run(class_dir, LESSON)
    grade_ada(class_dir)
    edit(class_dir, set_points)
    said = " ".join(run(class_dir, LESSON, status=3).split())
    assert "1 students have handed in 98-tiny as it was before. Their points may change: gdgrade autograde" in said
    assert points(class_dir)["check-roll"] == 5
    with opened(open_class(class_dir)) as gradebook:
        assert gradebook.find_submission(LESSON, "ada")
    assert "unchanged" in run(class_dir, LESSON)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda cells, nb: nb.cells.remove(cells["check-roll"]), "gone: check-roll"),
        (lambda cells, nb: cells["imports"].metadata.nbgrader.update(grade_id="import"), "new: import; gone: imports"),
    ],
)
def test_a_cell_that_comes_or_goes_is_refused_while_there_are_grades(class_dir, change, said):
    run(class_dir, LESSON)
    grade_ada(class_dir)
    edit(class_dir, change)
    before = everything(class_dir)
    assert said in " ".join(run(class_dir, LESSON, status=1).split())
    assert everything(class_dir) == before


def test_a_lesson_that_cannot_be_made_says_why_and_what_was_released_stays(class_dir):
    run(class_dir, LESSON)

    def change(cells, nb):
        cells["height"].source = cells["height"].source + "\n### BEGIN SOLUTION"

    edit(class_dir, change)
    before = everything(class_dir)
    with pytest.raises(ReleaseError, match="SolutionRegionError: a solution begins and never ends"):
        releases.release(class_dir, LESSON)
    assert everything(class_dir) == before
    assert not list(class_dir.glob(".gdgrade-*"))


def test_a_source_that_is_no_notebook_is_told(class_dir):
    (class_dir / "source" / LESSON / f"{LESSON}.ipynb").write_text("{")
    with pytest.raises(ReleaseError, match=r"98-tiny cannot be released: .*JSON"):
        releases.release(class_dir, LESSON)
    (class_dir / "source" / LESSON / f"{LESSON}.ipynb").unlink()
    with pytest.raises(ReleaseError, match="has no notebook"):
        releases.release(class_dir, LESSON)


def test_one_lesson_that_fails_does_not_stop_the_others(class_dir):
    (class_dir / "source" / "97-broken").mkdir()
    (class_dir / "source" / "97-broken" / "97-broken.ipynb").write_text("{")
    said = run(class_dir, "97-98", status=1)
    assert "97-broken cannot be released" in said
    assert f"{LESSON}: new" in said


def test_ended_between_gradebook_and_folder_it_is_mended_by_the_next(class_dir, monkeypatch):
    run(class_dir, LESSON)
    edit(class_dir, set_points)

    def die(*folders):
        raise KeyboardInterrupt

    monkeypatch.setattr(releases, "_take_its_place", die)
    with pytest.raises(KeyboardInterrupt):
        releases.release(class_dir, LESSON)
    monkeypatch.undo()
    assert releases.release(class_dir, LESSON).what == "changed"
    released = json.loads((class_dir / "release" / LESSON / f"{LESSON}.ipynb").read_text())
    assert [cell["metadata"]["nbgrader"]["points"] for cell in released["cells"] if cell["id"] == "check-roll"] == [5]
    assert releases.release(class_dir, LESSON).what == "unchanged"


def test_a_gradebook_that_is_lost_is_written_anew(class_dir):
    run(class_dir, LESSON)
    (class_dir / "gradebook.db").unlink()
    run(class_dir, LESSON)
    assert points(class_dir) == {"check-height": 1.5, "check-roll": 2}


def test_hidden_tests_go_into_the_gradebook_and_not_to_students(class_dir):
    def change(cells, nb):
        cells["check-roll"].source += "\n### BEGIN HIDDEN TESTS\nassert True\n### END HIDDEN TESTS"

    edit(class_dir, change)
    run(class_dir, LESSON)
    assert "HIDDEN" not in (class_dir / "release" / LESSON / f"{LESSON}.ipynb").read_text()
    with opened(open_class(class_dir)) as gradebook:
        assert "assert True" in gradebook.find_source_cell("check-roll", LESSON, LESSON).source
    assert "unchanged" in run(class_dir, LESSON)


def test_nobody_else_may_be_at_work(class_dir):
    with alone(class_dir):
        assert "somebody else is at work" in run(class_dir, LESSON, status=4)
    assert not (class_dir / "release").exists()


def test_wrong_words_are_told(class_dir, tmp_path):
    assert "there is no lesson 3; there are: 98-tiny" in run(class_dir, "3", status=1)
    run(class_dir, status=2)
    assert "gdgrade new" in run(tmp_path, "1", status=1)


@pytest.fixture
def exchange(class_dir, tmp_path):
    """The class's exchange."""
    with (class_dir / "nbgrader_config.py").open("a") as config:
        config.write(f"c.Exchange.root = {str(tmp_path / 'exchange')!r}\n")
    (tmp_path / "exchange").mkdir(mode=0o777)
    return tmp_path / "exchange"


def test_the_exchange_gets_what_changed(class_dir, exchange):
    assert "--exchange" in run(class_dir, LESSON)
    assert f"{LESSON}: unchanged, new in the exchange" in run(class_dir, LESSON, "--exchange")
    there = exchange / open_class(class_dir).course_id / "outbound" / LESSON / f"{LESSON}.ipynb"
    assert there.read_bytes() == (class_dir / "release" / LESSON / f"{LESSON}.ipynb").read_bytes()
    before = there.stat().st_ino
    assert "unchanged, unchanged in the exchange" in run(class_dir, LESSON, "--exchange")
    assert there.stat().st_ino == before
    edit(class_dir, set_points)
    assert "changed, changed in the exchange" in run(class_dir, LESSON, "--exchange")
    assert there.read_bytes() == (class_dir / "release" / LESSON / f"{LESSON}.ipynb").read_bytes()


def test_an_exchange_that_cannot_be_written_to_is_told(class_dir, exchange):
    exchange.rmdir()
    exchange.write_text("a file")
    said = " ".join(run(class_dir, LESSON, "--exchange", status=1).split())
    assert f"{LESSON} cannot be put into the exchange" in said


@pytest.fixture
def server(class_dir, tmp_path):
    """An exchange that is no folder."""
    with elsewhere(class_dir, tmp_path / "server") as server:
        yield server


def test_an_exchange_of_another_kind_gets_a_lesson_once(class_dir, server):
    assert "--exchange" in run(class_dir, LESSON)
    assert f"{LESSON}: unchanged, new in the exchange" in run(class_dir, LESSON, "--exchange")
    there = server.root / "released" / LESSON / f"{LESSON}.ipynb"
    assert there.read_bytes() == (class_dir / "release" / LESSON / f"{LESSON}.ipynb").read_bytes()
    assert "unchanged, unchanged in the exchange" in run(class_dir, LESSON, "--exchange")
    assert not list(class_dir.glob(".gdgrade-*"))


def test_what_is_handed_in_elsewhere_is_not_thrown_away_for_a_lesson_that_changed(class_dir, server):
    run(class_dir, LESSON, "--exchange")
    there, work = (server.root / folder / LESSON for folder in ("released", "handed-in"))
    before = (there / f"{LESSON}.ipynb").read_bytes()
    (work / "ada").mkdir(parents=True)
    edit(class_dir, set_points)
    said = " ".join(run(class_dir, LESSON, "--exchange", status=1).split())
    assert f"gdgrade collect {LESSON}" in said
    assert f"gdgrade feedback {LESSON} --exchange" in said
    assert f"nbgrader release_assignment {LESSON} --force" in said
    assert f"{LESSON}: changed. 6.5 points" in said
    assert (there / f"{LESSON}.ipynb").read_bytes() == before
    assert (work / "ada").is_dir()
    assert points(class_dir)["check-roll"] == 5


def test_an_exchange_of_another_kind_that_is_away_is_told(class_dir, server):
    server.answers = False
    said = " ".join(run(class_dir, LESSON, "--exchange", status=1).split())
    assert f"{LESSON} cannot be put into the exchange: the server answered 500" in said


def test_changes_as_json(class_dir):
    said = json.loads(run(class_dir, LESSON, "--json"))
    assert (said["lesson"], said["what"], said["points"], said["exchange"]) == (LESSON, "new", 3.5, None)
