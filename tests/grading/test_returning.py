"""Feedback given back: each page to its own student, by the names that a platform goes by, and once."""

import json
import os
import subprocess
import sys
import zipfile
from datetime import datetime
from pathlib import Path

import nbformat
import pytest
from nbgrader.exchange.default import ExchangeReleaseFeedback
from nbgrader.utils import notebook_hash
from typer.testing import CliRunner

from grading import cli
from grading.feedback import make_feedback
from grading.returning import RETURNED
from tests.grading.downloads import download
from tests.grading.elsewhere import elsewhere
from tests.grading.feedback_class import (
    AFTER,
    COURSE,
    HILLS,
    VALLEYS,
    book_of,
    by_hand,
    graded,
    make_class,
    notebook,
    page_of,
)

PAGE, NOTEBOOK = f"{HILLS}.html", f"{HILLS}.ipynb"


@pytest.fixture
def class_dir(tmp_path):
    """Ada, Bob and Cyd are graded."""
    directory = make_class(tmp_path / "class")
    with book_of(directory) as book:
        book.update_or_create_student("bob", first_name="Bob", last_name="Bold")
    graded(directory, "ada", HILLS, {"height": 3, "roll": 2}, essay=4)
    graded(directory, "bob", HILLS, {"height": 3}, {"roll": "said to bob: costs $5 and $6"}, essay=0)
    graded(directory, "cyd", HILLS, {}, essay=1)
    return directory


def gdgrade(directory, *options):
    return CliRunner().invoke(cli.app, ["feedback", *options, "--class", str(directory)])


def downloaded(directory, names, file="all.zip", **more):
    """Keep a download, of files of these names."""
    text = nbformat.writes(notebook(HILLS, {}, {}))
    return download(directory / "downloaded" / HILLS / "archive" / file, dict.fromkeys(names, text), **more)


def moodle(*students):
    names = {"ada": "Ada Abt_101", "bob": "Bob Bold_102", "cyd": "Cyd Cole_103", "zoe": "Zoe Absent_104"}
    return [f"{names[student]}_assignsubmission_file/{NOTEBOOK}" for student in students]


CANVAS = [f"abtada_11_501_{NOTEBOOK}", f"boldbob_LATE_12_502_{HILLS}-1.ipynb", f"colecyd_13_503_{NOTEBOOK}"]


def packed(path):
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def given(directory, way, **more):
    return make_feedback(directory, [HILLS], way=way, **more).given[HILLS]


# Moodle -------------------------------------------------------------------------------------------------------------


def test_moodle_gets_each_student_s_pages_under_their_own_number(class_dir):
    downloaded(class_dir, moodle("ada", "bob", "cyd"))
    done = given(class_dir, "moodle")
    assert (done.given, done.troubles) == (["ada", "bob", "cyd"], {})
    files = packed(done.file)
    folders = ("Ada Abt_101", "Bob Bold_102", "Cyd Cole_103")
    assert set(files) == {f"{one}_assignsubmission_file_/{name}" for one in folders for name in (PAGE, "summary.html")}
    for student, folder in zip(("ada", "bob", "cyd"), folders, strict=True):
        assert files[f"{folder}_assignsubmission_file_/{PAGE}"] == page_of(class_dir, student, HILLS).read_bytes()
    summary = files["Bob Bold_102_assignsubmission_file_/summary.html"].decode()
    assert "said to bob" in summary
    assert f'href="{PAGE}"' in summary
    assert "said to bob" not in files["Ada Abt_101_assignsubmission_file_/summary.html"].decode()


def test_names_are_read_as_moodle_reads_them(class_dir):
    """What Moodle's importer does with a name: parts between underscores, the second the number."""
    downloaded(class_dir, moodle("ada", "bob"))
    for name in packed(given(class_dir, "moodle").file):
        folder, file = name.split("/")
        full_name, number, kind, plugin, rest = folder.split("_", 4)
        assert (kind, plugin, rest) == ("assignsubmission", "file", "")
        assert (full_name, number) in {("Ada Abt", "101"), ("Bob Bold", "102")}
        assert not file.startswith((".", "~"))


def test_only_what_changed_is_given_back_again_and_no_file_is_overwritten(class_dir):
    downloaded(class_dir, moodle("ada", "bob", "cyd"))
    first = given(class_dir, "moodle")
    before = Path(first.file).read_bytes()
    again = given(class_dir, "moodle")
    assert (again.given, again.unchanged, again.file) == ([], ["ada", "bob", "cyd"], "")
    by_hand(class_dir, "bob", essay=3)
    changed = given(class_dir, "moodle")
    assert (changed.given, changed.unchanged) == (["bob"], ["ada", "cyd"])
    assert changed.file != first.file
    assert Path(first.file).read_bytes() == before
    assert {name.partition("_")[0] for name in packed(changed.file)} == {"Bob Bold"}
    assert given(class_dir, "moodle", force=True).given == ["ada", "bob", "cyd"]


def test_what_was_given_back_is_noted_with_when_and_how(class_dir):
    downloaded(class_dir, moodle("ada", "bob"))
    given(class_dir, "moodle", students=["bob"])
    noted = json.loads((class_dir / RETURNED).read_text())
    assert set(noted) == {HILLS}
    assert set(noted[HILLS]) == {"bob"}
    assert noted[HILLS]["bob"]["how"] == "moodle"
    assert datetime.fromisoformat(noted[HILLS]["bob"]["when"]).tzinfo is not None
    given(class_dir, "moodle")
    assert set(json.loads((class_dir / RETURNED).read_text())[HILLS]) == {"ada", "bob"}


def test_another_way_gives_back_all_again(class_dir):
    downloaded(class_dir, moodle("ada"), "moodle.zip")
    downloaded(class_dir, CANVAS, "canvas.zip")
    given(class_dir, "moodle")
    assert given(class_dir, "canvas").given == ["ada", "bob", "cyd"]


def test_who_is_in_no_download_is_named_and_the_others_are_given_theirs(class_dir):
    downloaded(class_dir, moodle("ada"))
    result = gdgrade(class_dir, HILLS, "--zip", "moodle")
    assert result.exit_code == 3
    assert f"bob, {HILLS}: is in no download of Moodle's" in result.stderr
    assert "1 given back now, 0 as they were given back before, 2 not." in result.stdout
    assert "Upload multiple feedback files in a zip" in result.stdout


def test_without_a_download_it_is_said_what_to_do(class_dir):
    result = gdgrade(class_dir, HILLS, "--zip", "moodle")
    assert result.exit_code == 1
    assert f"Download all submissions of {HILLS} from Moodle" in result.stderr
    assert f"gdgrade collect {HILLS} FILE.zip" in result.stderr
    assert not (class_dir / "returned").exists()
    assert not (class_dir / RETURNED).exists()
    downloaded(class_dir, CANVAS)
    assert "is Moodle's" in gdgrade(class_dir, HILLS, "--zip", "moodle").stderr


def test_two_who_would_be_one_student_get_nothing_of_hers(class_dir):
    downloaded(class_dir, [*moodle("ada", "bob"), f"Ada Abt_109_assignsubmission_file/{NOTEBOOK}"])
    done = given(class_dir, "moodle")
    assert done.given == ["bob"]
    assert "ada" in done.troubles


def test_a_name_without_a_number_is_no_address(class_dir):
    downloaded(class_dir, [*moodle("bob"), f"Ada Abt_assignsubmission_file/{NOTEBOOK}"])
    done = given(class_dir, "moodle")
    assert (done.given, "has no number" in done.troubles["ada"]) == (["bob"], True)


def test_a_broken_download_among_others_does_no_harm(class_dir):
    downloaded(class_dir, moodle("ada", "bob", "cyd"))
    (class_dir / "downloaded" / HILLS / "archive" / "cut.zip").write_bytes(b"PK\3\4")
    assert given(class_dir, "moodle").given == ["ada", "bob", "cyd"]


# Canvas -------------------------------------------------------------------------------------------------------------


def test_canvas_gets_a_notebook_under_the_very_name_that_it_gave(class_dir):
    downloaded(class_dir, CANVAS)
    done = given(class_dir, "canvas")
    assert (done.given, done.troubles) == (["ada", "bob", "cyd"], {})
    files = packed(done.file)
    assert set(files) == set(CANVAS)
    notebooks = {name: nbformat.reads(content.decode(), as_version=4) for name, content in files.items()}
    for nb in notebooks.values():
        nbformat.validate(nb)
    top, *rest = notebooks[CANVAS[1]].cells
    assert "3 of 9 points" in top.source
    assert "said to bob" in top.source
    assert [cell.id for cell in rest] == ["essay", "height", "check-height", "roll", "check-roll"]
    assert "said to bob" not in files[CANVAS[0]].decode()


def test_what_is_put_above_a_notebook_is_one_piece_of_html_and_no_formula(class_dir):
    downloaded(class_dir, CANVAS)
    source = nbformat.reads(packed(given(class_dir, "canvas").file)[CANVAS[1]].decode(), as_version=4).cells[0].source
    assert "\n\n" not in source
    assert "$" not in source
    assert source.startswith("<h1>")


def test_canvas_s_newest_upload_is_answered_to(class_dir):
    downloaded(class_dir, [f"abtada_11_501_{NOTEBOOK}"], "later in the alphabet.zip", when=datetime(2030, 1, 1))
    downloaded(class_dir, [f"abtada_11_777_{NOTEBOOK}", "abtada_11_778_notes.txt"], "a.zip", when=datetime(2030, 1, 3))
    assert set(packed(given(class_dir, "canvas").file)) == {f"abtada_11_777_{NOTEBOOK}"}


def test_who_uploaded_no_notebook_to_canvas_is_named(class_dir):
    downloaded(class_dir, ["abtada_11_501_work.zip", "boldbob_12_text.html", CANVAS[2]])
    done = given(class_dir, "canvas")
    assert done.given == ["cyd"]
    assert all("has uploaded no" in done.troubles[student] for student in ("ada", "bob"))


# The exchange -------------------------------------------------------------------------------------------------------


@pytest.fixture
def exchange(tmp_path, class_dir):
    """An exchange, through which Ada and Bob have handed in."""
    root = tmp_path / "exchange"
    root.mkdir(mode=0o777)
    root.chmod(0o777)
    with (class_dir / "nbgrader_config.py").open("a") as config:
        config.write(f"c.Exchange.root = {str(root)!r}\n")
    for student in ("ada", "bob"):
        folder = class_dir / "autograded" / student / HILLS
        (folder / "timestamp.txt").write_text(f"{AFTER} UTC")
        (folder / "submission_secret.txt").write_text(f"secretof{student}")
    return root / COURSE / "feedback"


def released(exchange, student):
    return exchange / f"{notebook_hash(secret=f'secretof{student}', notebook_id=HILLS)}.html"


def test_the_exchange_gets_each_page_with_the_summary_in_it(class_dir, exchange):
    result = gdgrade(class_dir, HILLS, "--exchange", "--student", "ada", "--student", "bob")
    assert result.exit_code == 0
    assert {path.name for path in exchange.iterdir()} == {released(exchange, one).name for one in ("ada", "bob")}
    page = page_of(class_dir, "bob", HILLS).read_text()
    text = released(exchange, "bob").read_text()
    above, _, below = page.rpartition("</body>")
    assert text.startswith(above)
    assert text.endswith(below)
    assert "<h1>All lessons</h1>" in text
    assert VALLEYS in text.removeprefix(above)
    assert "said to bob" not in released(exchange, "ada").read_text()
    assert not list(class_dir.glob(".gdgrade-*"))


def test_who_did_not_hand_in_through_the_exchange_is_named(class_dir, exchange):
    done = given(class_dir, "exchange")
    assert done.given == ["ada", "bob"]
    assert "was not handed in through the exchange" in done.troubles["cyd"]
    released(exchange, "ada").unlink()
    assert given(class_dir, "exchange").unchanged == ["ada", "bob"]
    assert not released(exchange, "ada").exists()
    given(class_dir, "exchange", force=True)
    assert released(exchange, "ada").exists()


def test_an_exchange_that_is_not_there_is_told_and_nothing_noted(class_dir, exchange):
    exchange.parent.parent.rename(exchange.parent.parent.with_name("away"))
    result = gdgrade(class_dir, HILLS, "--exchange")
    assert result.exit_code == 1
    assert "the exchange does not take feedback" in result.stderr
    assert not (class_dir / RETURNED).exists()


def test_nothing_handed_in_through_the_exchange_is_told_what_else_there_is(class_dir):
    result = gdgrade(class_dir, HILLS, "--exchange")
    assert result.exit_code == 1
    assert "--zip moodle or --zip canvas" in result.stderr


def test_an_exchange_of_another_kind_needs_to_know_only_when_it_was_handed_in(class_dir, tmp_path):
    (class_dir / "autograded" / "ada" / HILLS / "timestamp.txt").write_text(f"{AFTER} UTC")
    with elsewhere(class_dir, tmp_path / "server") as server:
        (server.root / "handed-in" / HILLS / "ada").mkdir(parents=True)
        done = given(class_dir, "exchange")
        assert done.given == ["ada"]
        assert "was not handed in through the exchange (there is no timestamp.txt)" in done.troubles["bob"]
        page = server.root / "feedback" / HILLS / "ada" / PAGE
        assert "<h1>All lessons</h1>" in page.read_text()
        server.answers = False
        done = make_feedback(class_dir, [HILLS], way="exchange", force=True).given[HILLS]
        assert done.problem == "the exchange does not take feedback: the server answered 500"


def test_whom_an_exchange_of_another_kind_does_not_know_is_named_and_the_others_get_feedback(class_dir, tmp_path):
    for student in ("ada", "bob", "cyd"):
        (class_dir / "autograded" / student / HILLS / "timestamp.txt").write_text(f"{AFTER} UTC")
    with elsewhere(class_dir, tmp_path / "server") as server:
        for student in ("ada", "cyd"):
            (server.root / "handed-in" / HILLS / student).mkdir(parents=True)
        done = given(class_dir, "exchange")
        assert (done.given, done.problem) == (["ada", "cyd"], "")
        assert done.troubles == {"bob": "the exchange does not take it: the server answered 500"}
        assert (server.root / "feedback" / HILLS / "cyd" / PAGE).is_file()
        (server.root / "handed-in" / HILLS / "bob").mkdir()
        done = given(class_dir, "exchange")
        assert (done.given, done.unchanged, done.troubles) == (["bob"], ["ada", "cyd"], {})


def test_what_was_given_back_before_an_interruption_is_noted(class_dir, exchange, monkeypatch):
    release = ExchangeReleaseFeedback.copy_files

    def interrupted(self):
        if self.coursedir.student_id == "bob":
            raise KeyboardInterrupt
        release(self)

    monkeypatch.setattr(ExchangeReleaseFeedback, "copy_files", interrupted)
    with pytest.raises(KeyboardInterrupt):
        given(class_dir, "exchange")
    monkeypatch.undo()
    done = given(class_dir, "exchange")
    assert (done.given, done.unchanged) == (["bob"], ["ada"])


def test_an_id_that_looks_like_a_pattern_is_that_student_s(class_dir, exchange):
    with book_of(class_dir) as book:
        book.update_or_create_student("[ab]*")
    graded(class_dir, "[ab]*", HILLS, {}, essay=2)
    folder = class_dir / "autograded" / "[ab]*" / HILLS
    (folder / "timestamp.txt").write_text(f"{AFTER} UTC")
    (folder / "submission_secret.txt").write_text("secretof[ab]*")
    assert "[ab]*" in given(class_dir, "exchange").given
    assert released(exchange, "[ab]*").is_file()


@pytest.mark.slow
def test_a_student_fetches_what_was_given_back(class_dir, exchange, tmp_path):
    given(class_dir, "exchange")
    cached = tmp_path / "cache" / COURSE / f"bob+{HILLS}+{AFTER} UTC"
    cached.mkdir(parents=True)
    (cached / NOTEBOOK).write_text(nbformat.writes(notebook(HILLS, {}, {})))
    (cached / "submission_secret.txt").write_text("secretofbob")
    home = tmp_path / "home"
    home.mkdir()
    command = [sys.executable, "-m", "nbgrader", "fetch_feedback", HILLS, "--course", COURSE]
    command += [f"--Exchange.root={exchange.parent.parent}", f"--Exchange.cache={tmp_path / 'cache'}"]
    environment = {**os.environ, "JUPYTER_NO_CONFIG": "1"}
    done = subprocess.run(command, cwd=home, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    page = home / HILLS / "feedback" / f"{AFTER} UTC" / PAGE
    assert page.read_text() == released(exchange, "bob").read_text()


# All ways -----------------------------------------------------------------------------------------------------------


def test_a_student_whose_page_could_not_be_made_is_given_nothing(class_dir):
    downloaded(class_dir, moodle("ada", "bob", "cyd"))
    make_feedback(class_dir)
    (class_dir / "autograded" / "bob" / HILLS / NOTEBOOK).write_text("{")
    assert given(class_dir, "moodle").given == ["ada", "cyd"]


def test_notes_that_cannot_be_read_are_left_as_they_are(class_dir):
    downloaded(class_dir, moodle("ada"))
    (class_dir / RETURNED).parent.mkdir()
    (class_dir / RETURNED).write_text("{'01")
    result = gdgrade(class_dir, HILLS, "--zip", "moodle")
    assert result.exit_code == 1
    assert "move it away" in result.stderr
    assert (class_dir / RETURNED).read_text() == "{'01"


def test_one_lesson_that_cannot_be_given_back_does_not_stop_another(class_dir):
    graded(class_dir, "ada", VALLEYS, {})
    downloaded(class_dir, moodle("ada", "bob", "cyd"))
    summary = make_feedback(class_dir, way="moodle")
    assert summary.given[HILLS].given == ["ada", "bob", "cyd"]
    assert "there is no download" in summary.given[VALLEYS].problem
    assert gdgrade(class_dir, "--zip", "moodle").exit_code == 3


def test_two_ways_at_once_are_a_wrong_call(class_dir):
    assert gdgrade(class_dir, "--exchange", "--zip", "moodle").exit_code == 2
    assert gdgrade(class_dir, "--zip", "blackboard").exit_code == 2


def test_json_says_what_was_given_back(class_dir):
    downloaded(class_dir, moodle("ada"))
    last = json.loads(gdgrade(class_dir, HILLS, "--zip", "moodle", "--json").stdout.splitlines()[-1])
    assert last["given"][HILLS]["given"] == ["ada"]
    assert last["given"][HILLS]["file"].endswith(f"{HILLS}-moodle-1.zip")
