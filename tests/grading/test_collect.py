"""Downloads of Moodle and Canvas become submissions; nothing that was there is lost, and nobody is guessed."""

import errno
import json
from datetime import datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from grading import collect as collecting
from grading import course, submitted
from grading.cli import app
from grading.collect import CollectError
from grading.matching import MatchError
from tests.grading.downloads import (
    LESSON,
    NOTEBOOK,
    download,
    make_class,
    moodle,
    notebook,
    place_of,
    zipped,
)

LATER = datetime(2030, 1, 3, 12)


@pytest.fixture
def class_dir(tmp_path):
    return make_class(tmp_path / "class")


def collected(class_dir: Path, *zips: Path, **more) -> dict[str, collecting.Row]:
    outcome = collecting.collect(class_dir, LESSON, zips, **more)
    return {row.student: row for row in outcome.rows}


def statuses(rows: dict[str, collecting.Row]) -> dict[str, str]:
    return {student: row.status for student, row in rows.items()}


def gdgrade(class_dir: Path, *words: str | Path, status: int = 0) -> str:
    result = CliRunner(env={"COLUMNS": "200"}).invoke(app, ["collect", *map(str, words), "--class", str(class_dir)])
    assert result.exit_code == status, result.output
    return result.output


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_a_moodle_download_is_collected_kept_and_unchanged_the_second_time(class_dir, tmp_path):
    path = download(
        tmp_path / "Course-Tiny-17.zip",
        moodle("Ada Lovelace", 1, {NOTEBOOK: notebook("ada"), "more/notes.txt": "mine"})
        | moodle("Szőke-Nagy Béla", 2, {"98-tiny (1).ipynb": notebook("bela")})
        | moodle("Szőke-Nagy Béla", 2, {"onlinetext.html": "<p>Hello"}, kind="onlinetext")
        | moodle("Conan OBrien", 3, {"work.zip": zipped({"tiny/98-tiny.ipynb": notebook("conan"), "tiny/a.csv": "1"})}),
    )
    said = gdgrade(class_dir, "98", path)
    assert "3 collected, 1 missing. Next: gdgrade autograde 98-tiny" in said
    assert (class_dir / "downloaded" / LESSON / "archive" / path.name).read_bytes() == path.read_bytes()
    assert place_of(class_dir, "ada").read_text() == notebook("ada")
    assert place_of(class_dir, "ada", "more/notes.txt").read_text() == "mine"
    assert place_of(class_dir, "bela").read_text() == notebook("bela")
    assert place_of(class_dir, "bela", "onlinetext.html").exists()
    assert place_of(class_dir, "conan").read_text() == notebook("conan")
    assert place_of(class_dir, "conan", "a.csv").read_text() == "1"
    assert not place_of(class_dir, "ada", "timestamp.txt").exists()  # a download does not say when
    before = tree(class_dir)
    assert "3 unchanged, 1 missing" in gdgrade(class_dir, "98", path)
    assert "3 unchanged, 1 missing" in gdgrade(class_dir, LESSON)
    assert tree(class_dir) == before


def test_a_canvas_download_has_late_marks_numbers_and_second_versions(class_dir, tmp_path):
    path = download(
        tmp_path / "submissions.zip",
        {
            f"lovelaceada_LATE_11_501_{NOTEBOOK}": notebook("ada"),
            "szőkenagybéla_22_502_98-tiny-1.ipynb": notebook("bela"),
            f"obrienconan_33_503_{NOTEBOOK}": notebook("first"),
            "obrienconan_33_504_98-tiny-2.ipynb": notebook("second"),
            f"unclelee_99_505_{NOTEBOOK}": notebook(),
        },
    )
    rows = collected(class_dir, path)
    assert statuses(rows) == {
        "ada": "collected",
        "bela": "collected",
        "conan": "collected",
        "dana": "missing",
        "unclelee_99": "unmatched",
    }
    assert rows["ada"].late == "marked late, time unknown"
    assert place_of(class_dir, "bela").read_text() == notebook("bela")
    assert place_of(class_dir, "conan").read_text() == notebook("second")
    assert rows["conan"].needs_a_look
    assert rows["conan"].notes == ["2 notebooks have this lesson's name: 98-tiny-2.ipynb is taken, not 98-tiny.ipynb"]
    assert collected(class_dir)["ada"].late == "marked late, time unknown"
    said = gdgrade(class_dir, LESSON, status=3)
    assert "1 late" in said
    assert "1 marked late by Canvas, whose download does not say by how much" in said


def test_a_later_download_replaces_what_came_in_an_earlier_one_whatever_their_order(tmp_path):
    early = {"content": moodle("Ada Lovelace", 1, {NOTEBOOK: notebook("early")})}
    late = {"content": moodle("Ada Lovelace", 1, {NOTEBOOK: notebook("late")}), "when": LATER}
    for name, order in (("forth", (early, late)), ("back", (late, early))):
        class_dir = make_class(tmp_path / name)
        paths = [download(tmp_path / name / f"{n}.zip", **one) for n, one in enumerate(order)]
        collected(class_dir, paths[0])
        row = collected(class_dir, paths[1])["ada"]
        assert place_of(class_dir, "ada").read_text() == notebook("late")
        assert row.status == ("updated" if name == "forth" else "unchanged")
        if name == "forth":
            assert row.notes == [f"what was there before is kept in .gdgrade/previous/{LESSON}/ada/1"]
            kept = class_dir / ".gdgrade" / "previous" / LESSON / "ada" / "1" / NOTEBOOK
            assert kept.read_text() == notebook("early")
        assert collected(class_dir, *paths)["ada"].status == "unchanged"


def test_two_downloads_of_one_name_are_both_kept(class_dir, tmp_path):
    one = download(tmp_path / "a" / "submissions.zip", moodle("Ada Lovelace", 1, {NOTEBOOK: notebook("1")}))
    two = download(tmp_path / "b" / "submissions.zip", moodle("Dana Dahl", 1, {NOTEBOOK: notebook("2")}))
    rows = collected(class_dir, one, two, one)
    assert (rows["ada"].status, rows["dana"].status) == ("collected", "collected")
    kept = sorted((class_dir / "downloaded" / LESSON / "archive").iterdir())
    assert sorted(path.read_bytes() for path in kept) == sorted((one.read_bytes(), two.read_bytes()))


def test_what_was_there_before_stays_until_it_is_told_otherwise(class_dir, tmp_path):
    place_of(class_dir, "ada").parent.mkdir(parents=True)
    place_of(class_dir, "ada").write_text(notebook("by plain nbgrader"))
    path = download(tmp_path / "m.zip", moodle("Ada Lovelace", 1, {NOTEBOOK: notebook("new")}))
    row = collected(class_dir, path)["ada"]
    assert row.status == "kept"
    assert row.needs_a_look
    assert place_of(class_dir, "ada").read_text() == notebook("by plain nbgrader")
    assert collected(class_dir, replace=True)["ada"].status == "updated"
    assert place_of(class_dir, "ada").read_text() == notebook("new")
    kept = class_dir / ".gdgrade" / "previous" / LESSON / "ada" / "1" / NOTEBOOK
    assert kept.read_text() == notebook("by plain nbgrader")


def test_what_nbgrader_has_collected_from_the_same_files_is_unchanged(class_dir, tmp_path):
    place_of(class_dir, "ada").parent.mkdir(parents=True)
    place_of(class_dir, "ada").write_text(notebook("same"))
    place_of(class_dir, "dana").parent.mkdir(parents=True)
    path = download(tmp_path / "m.zip", moodle("Ada Lovelace", 1, {NOTEBOOK: notebook("same")}))
    rows = collected(class_dir, path)
    assert rows["ada"].status == "unchanged"
    assert (rows["dana"].status, rows["dana"].source) == ("", "before")


def test_a_submission_that_was_mended_by_hand_is_left_alone(class_dir, tmp_path):
    path = download(tmp_path / "m.zip", moodle("Ada Lovelace", 1, {NOTEBOOK: notebook("broken")}))
    collected(class_dir, path)
    place_of(class_dir, "ada").write_text(notebook("mended"))
    row = collected(class_dir)["ada"]
    assert (row.status, row.needs_a_look) == ("unchanged", False)
    assert row.notes == ["what is there was changed by hand since it was collected"]
    later = download(tmp_path / "n.zip", moodle("Ada Lovelace", 1, {NOTEBOOK: notebook("newer")}), LATER)
    assert collected(class_dir, later)["ada"].status == "kept"
    assert place_of(class_dir, "ada").read_text() == notebook("mended")


def test_who_could_not_be_matched_is_matched_once_it_is_told_and_remembered(class_dir, tmp_path):
    path = download(
        tmp_path / "m.zip",
        moodle("Lady A.", 1, {NOTEBOOK: notebook("ada")}) | moodle("Test Student", 2, {NOTEBOOK: notebook("?")}),
    )
    said = gdgrade(class_dir, LESSON, path, status=3)
    assert "Lady A._1" in said
    assert "--match 'NAME=ID'" in said
    said = gdgrade(class_dir, LESSON, "--match", "Lady A.=ada", "--match", "Test Student=")
    assert "1 collected, 3 missing" in said
    assert place_of(class_dir, "ada").read_text() == notebook("ada")
    assert "1 unchanged, 3 missing" in gdgrade(class_dir, LESSON)


def test_a_teams_work_is_that_of_all_who_are_told_to_be_in_it(class_dir, tmp_path):
    path = download(tmp_path / "m.zip", moodle("Team 1", 7, {NOTEBOOK: notebook("team")}))
    rows = collected(class_dir, path, matches={"Team 1": "ada, dana"})
    assert statuses(rows) == {"ada": "collected", "bela": "missing", "conan": "missing", "dana": "collected"}
    assert place_of(class_dir, "dana").read_text() == notebook("team")
    assert statuses(collected(class_dir))["ada"] == "unchanged"


def test_a_submission_that_the_file_system_does_not_take_does_not_stop_the_class(class_dir, tmp_path, monkeypatch):
    path = download(
        tmp_path / "m.zip",
        moodle("Ada Lovelace", 1, {NOTEBOOK: notebook("ada")}) | moodle("Dana Dahl", 2, {NOTEBOOK: notebook("dana")}),
    )
    put = submitted.put

    def fails_for_ada(course, lesson, student, *rest):
        if student == "ada":
            raise OSError(number, "no", str(place_of(class_dir, "ada")))
        return put(course, lesson, student, *rest)

    monkeypatch.setattr(submitted, "put", fails_for_ada)
    number = errno.ENAMETOOLONG
    rows = collected(class_dir, path)
    assert (rows["ada"].status, rows["dana"].status) == ("refused", "collected")
    number = errno.ENOSPC
    assert "What was collected by then stays" in gdgrade(class_dir, LESSON, status=1)


@pytest.mark.parametrize(
    ("word", "status", "said"),
    [
        ("Ada", 2, "is not of the form NAME=ID"),
        ("=ada", 2, "is not of the form NAME=ID"),
        ("Lady A.=nobody", 1, "nobody is not on the roster"),
        ("Lady A.=../x", 1, "cannot be a student's id"),
        ("Lady A.=ada,nobody", 1, "nobody is not on the roster"),
    ],
)
def test_a_wrong_match_is_told_and_not_remembered(class_dir, tmp_path, word, status, said):
    path = download(tmp_path / "m.zip", moodle("Lady A.", 1, {NOTEBOOK: notebook("ada")}))
    assert said in gdgrade(class_dir, LESSON, path, "--match", word, status=status)
    assert not (class_dir / ".gdgrade" / "matches.csv").exists()


def test_two_who_claim_to_be_one_student_are_left_for_somebody_to_decide(class_dir, tmp_path):
    path = download(
        tmp_path / "m.zip",
        moodle("Ada Lovelace", 1, {NOTEBOOK: notebook("one")}) | moodle("Lovelace Ada", 2, {NOTEBOOK: notebook("two")}),
    )
    row = collected(class_dir, path)["ada"]
    assert row.status == "twice"
    assert "Ada Lovelace_1 and Lovelace Ada_2 would all be ada" in row.notes[0]
    assert not place_of(class_dir, "ada").exists()
    assert "--match 'Ada Lovelace_1=ada'" in row.notes[0]
    row = collected(class_dir, matches={"Ada Lovelace_1": "ada"})["ada"]
    assert row.status == "collected"
    assert row.notes == ["Lovelace Ada_2 would be ada, too, and is not taken"]
    assert place_of(class_dir, "ada").read_text() == notebook("one")
    rows = collected(class_dir, matches={"Ada Lovelace_1": ""})
    assert (rows["ada"].status, rows["ada"].notes[0][:21]) == ("updated", "what was there before")
    assert place_of(class_dir, "ada").read_text() == notebook("two")


def test_two_who_claim_to_be_one_student_with_the_same_work_are_no_trouble(class_dir, tmp_path):
    path = download(
        tmp_path / "m.zip",
        moodle("Ada Lovelace", 1, {NOTEBOOK: notebook("one")}) | moodle("Lovelace Ada", 2, {NOTEBOOK: notebook("one")}),
    )
    assert collected(class_dir, path)["ada"].status == "collected"


def test_one_refused_submission_does_not_stop_the_class(class_dir, tmp_path):
    path = download(
        tmp_path / "m.zip",
        moodle("Ada Lovelace", 1, {"../../../evil.ipynb": "x", NOTEBOOK: notebook()})
        | moodle("Béla Szőke-Nagy", 2, {"w.zip": zipped({"/etc/x": "1", NOTEBOOK: notebook()})})
        | moodle("Conan OBrien", 3, {"w.zip": b"no zip"})
        | moodle("Dana Dahl", 4, {NOTEBOOK: notebook("dana")}),
    )
    rows = collected(class_dir, path)
    assert statuses(rows) == {"ada": "refused", "bela": "refused", "conan": "refused", "dana": "collected"}
    assert "has a name that leads out of its folder" in rows["ada"].notes[0]
    assert rows["bela"].notes == ["w.zip has in it etc/x, which has an absolute name"]
    assert "w.zip is not a ZIP file" in rows["conan"].notes[0]
    assert not list(tmp_path.rglob("evil*"))
    assert not place_of(class_dir, "ada").exists()


def test_of_a_student_whose_last_submission_is_refused_the_one_before_is_taken(class_dir, tmp_path):
    early = download(tmp_path / "1.zip", moodle("Ada Lovelace", 1, {NOTEBOOK: notebook("early")}))
    late = download(tmp_path / "2.zip", moodle("Ada Lovelace", 1, {"w.zip": b"broken"}), LATER)
    row = collected(class_dir, late, early)["ada"]
    assert (row.status, row.needs_a_look) == ("collected", True)
    assert "w.zip is not a ZIP file" in row.notes[0]
    assert place_of(class_dir, "ada").read_text() == notebook("early")


def test_a_bomb_within_is_refused_at_any_level(class_dir, tmp_path):
    path = download(
        tmp_path / "m.zip",
        moodle("Ada Lovelace", 1, {"b.zip": zipped({"b": b"\0" * (40 * 2**20)}), NOTEBOOK: notebook()})
        | moodle("Dana Dahl", 2, {NOTEBOOK: notebook()}),
    )
    rows = collected(class_dir, path)
    assert (rows["ada"].status, rows["dana"].status) == ("refused", "collected")
    assert "is a ZIP bomb" in rows["ada"].notes[0]


def test_a_zip_file_in_a_zip_file_in_the_download_stays_closed(class_dir, tmp_path):
    deep = zipped({NOTEBOOK: notebook("deep")})
    path = download(tmp_path / "m.zip", moodle("Ada Lovelace", 1, {"w.zip": zipped({"deep.zip": deep})}))
    row = collected(class_dir, path)["ada"]
    assert row.notes == ["no notebook of this lesson, only w/deep.zip"]
    assert row.needs_a_look
    assert place_of(class_dir, "ada", "w/deep.zip").read_bytes() == deep


def test_the_lessons_own_files_and_nbgraders_are_not_the_students_to_bring(class_dir, tmp_path):
    files = {
        NOTEBOOK: notebook("ada"),
        "data/points.csv": "mine",
        "timestamp.txt": "2001-01-01 00:00:00 UTC",
        ".ipynb_checkpoints/x.ipynb": "{}",
    }
    row = collected(class_dir, download(tmp_path / "m.zip", moodle("Ada Lovelace", 1, files)))["ada"]
    assert list(tree(place_of(class_dir, "ada").parent)) == [NOTEBOOK]
    assert row.notes == [
        "data/points.csv is left out: the lesson brings its own",
        "timestamp.txt is left out: nbgrader has a file of that name",
    ]


@pytest.mark.parametrize(
    ("files", "taken", "notes"),
    [
        (
            {"my solution.ipynb": notebook("x"), "b.ipynb": "{}"},
            "my solution.ipynb",
            ["my solution.ipynb is taken for"],
        ),
        ({"broken.ipynb": "{"}, "broken.ipynb", ["broken.ipynb is taken for"]),
        ({"98-TINY-Copy1.ipynb": notebook("x")}, "98-TINY-Copy1.ipynb", []),
        ({"a.ipynb": notebook("a"), "b.ipynb": notebook("b", ("height",))}, "a.ipynb", ["a.ipynb is taken for"]),
        ({"02-slopes.ipynb": notebook("x", ("slope",))}, None, ["no notebook of this lesson, only 02-slopes.ipynb"]),
        ({"notes.txt": "sorry"}, None, ["no notebook of this lesson, only notes.txt"]),
        ({"a/98-tiny.ipynb": notebook("x"), "b/98-tiny.ipynb": notebook("x")}, "b/98-tiny.ipynb", []),
    ],
)
def test_the_lessons_notebook_is_found_among_others_and_it_is_said(class_dir, tmp_path, files, taken, notes):
    row = collected(class_dir, download(tmp_path / "m.zip", moodle("Ada Lovelace", 1, files)))["ada"]
    assert row.status == "collected"
    assert [note.startswith(start) for note, start in zip(row.notes, notes, strict=True)] == [True] * len(notes)
    if taken:
        assert place_of(class_dir, "ada").read_text() == files[taken]
    else:
        assert not place_of(class_dir, "ada").exists()
        assert row.needs_a_look


def test_a_class_without_a_roster_collects_under_the_names_that_came(tmp_path):
    class_dir = make_class(tmp_path / "class", roster=False)
    path = download(tmp_path / "m.zip", moodle("Ada Lovelace", 1, {NOTEBOOK: notebook("ada")}))
    said = gdgrade(class_dir, LESSON, path)
    assert "The gradebook has no roster" in said
    assert "gdgrade roster" in said
    assert place_of(class_dir, "ada-lovelace").read_text() == notebook("ada")


def test_an_archive_that_is_none_is_told_and_not_kept(class_dir, tmp_path):
    bad = tmp_path / "page.zip"
    bad.write_text("<html>Please log in")
    assert "is not a ZIP file" in gdgrade(class_dir, LESSON, bad, status=1)
    good = download(tmp_path / "m.zip", moodle("Ada Lovelace", 1, {NOTEBOOK: notebook("ada")}))
    said = gdgrade(class_dir, LESSON, good, bad, status=3)
    assert "Not collected:" in said
    assert "1 collected" in said
    kept = class_dir / "downloaded" / LESSON / "archive"
    assert [path.name for path in kept.iterdir()] == ["m.zip"]


WORKSHEET = (
    "Identifier,Full name,Email address,Status,Grade,Last modified (submission)\n"
    "Participant 1,Lady A.,ADA@example.org,Submitted,-,-\n"
    "Participant 2,Somebody,,Submitted,-,-\n"
    "Participant 3,Dana D.,s4711@example.org,Submitted,-,-\n"
)


def test_moodles_grading_worksheet_says_who_has_which_number(class_dir, tmp_path):
    content = {}
    for name, number in (("Lady A.", 1), ("Somebody", 2), ("Participant", 3)):
        content |= moodle(name, number, {NOTEBOOK: notebook(name)})
    path, sheet = download(tmp_path / "m.zip", content), tmp_path / "Grades-Course-Tiny-17.csv"
    sheet.write_text(WORKSHEET)
    rows = collected(class_dir, path)
    assert [row.status for row in rows.values()].count("unmatched") == 3
    rows = collected(class_dir, sheet)
    assert (rows["ada"].status, rows["dana"].status, rows["Somebody_2"].status) == (*["collected"] * 2, "unmatched")
    assert place_of(class_dir, "dana").read_text() == notebook("Participant")
    assert (class_dir / "downloaded" / LESSON / "archive" / sheet.name).read_text() == WORKSHEET
    assert collected(class_dir)["ada"].status == "unchanged"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("Identifier,Full name\nAda,Ada Lovelace\n", "rows that begin without a participant's number"),
        ("", "is empty"),
        ("PK", "is an Excel workbook"),
    ],
)
def test_a_table_that_is_no_worksheet_is_told_and_not_kept(class_dir, tmp_path, content, said):
    sheet = tmp_path / "Grades.csv"
    sheet.write_text(content)
    assert said in gdgrade(class_dir, LESSON, sheet, status=1)
    assert not (class_dir / "downloaded").exists()


def test_what_cannot_be_collected_is_told(class_dir, tmp_path):
    assert "there is no file" in gdgrade(class_dir, LESSON, tmp_path / "none.zip", status=1)
    path = download(tmp_path / "m.zip", moodle("Ada Lovelace", 1, {NOTEBOOK: notebook()}))
    assert "there is no lesson 97-other in this class" in gdgrade(class_dir, "97-other", path, status=1)
    assert "is missing: is" in gdgrade(tmp_path, LESSON, path, status=1)
    with course.alone(class_dir):
        assert "somebody else is at work" in gdgrade(class_dir, LESSON, path, status=4)


def test_names_from_outside_do_not_speak_to_the_terminal(class_dir, tmp_path):
    path = download(tmp_path / "m.zip", moodle("[bold]Eve\x1b[2J", 1, {NOTEBOOK: notebook()}))
    said = gdgrade(class_dir, LESSON, path, status=3)
    assert "\x1b[2J" not in said
    assert "[bold]Eve" in said


def test_it_is_said_as_json_too(class_dir, tmp_path):
    path = download(tmp_path / "s.zip", {f"lovelaceada_LATE_11_501_{NOTEBOOK}": notebook("ada")})
    said = json.loads(gdgrade(class_dir, LESSON, path, "--json"))
    assert said["lesson"] == LESSON
    assert said["counts"]["collected"] == said["counts"]["late"] == 1
    assert said["rows"][0]["student"] == "ada"
    assert said["rows"][0]["needs_a_look"] is False


def test_a_run_that_was_interrupted_goes_on_where_it_was(class_dir, tmp_path, monkeypatch):
    path = download(
        tmp_path / "m.zip",
        moodle("Ada Lovelace", 1, {NOTEBOOK: notebook("ada")}) | moodle("Dana Dahl", 2, {NOTEBOOK: notebook("dana")}),
    )
    put = submitted.put

    def interrupted(course, lesson, student, *rest):
        if student == "dana":
            raise KeyboardInterrupt
        return put(course, lesson, student, *rest)

    with monkeypatch.context() as patched:
        patched.setattr(submitted, "put", interrupted)
        assert "run the same command again" in gdgrade(class_dir, LESSON, path, status=130)
    assert statuses(collected(class_dir)) | {"bela": "", "conan": ""} == {
        "ada": "unchanged",
        "bela": "",
        "conan": "",
        "dana": "collected",
    }


def test_what_a_killed_run_left_is_swept_up_and_what_it_moved_away_comes_back(class_dir, tmp_path, monkeypatch):
    early = download(tmp_path / "1.zip", moodle("Ada Lovelace", 1, {NOTEBOOK: notebook("early")}))
    late = download(tmp_path / "2.zip", moodle("Ada Lovelace", 1, {NOTEBOOK: notebook("late")}), LATER)
    collected(class_dir, early)
    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", lambda self, target: (_ for _ in ()).throw(KeyboardInterrupt))
        patched.setattr(collecting, "_keep", lambda path, folder, digest: path)
        patched.setattr(submitted.shutil, "rmtree", lambda *_, **__: None)  # as after kill -9
        with pytest.raises(KeyboardInterrupt):
            collected(class_dir, late)
    assert list((class_dir / "submitted" / "ada").glob(".gdgrade-*"))
    assert collected(class_dir, late)["ada"].status == "collected"
    assert place_of(class_dir, "ada").read_text() == notebook("late")
    assert not list((class_dir / "submitted" / "ada").glob(".gdgrade-*"))
    assert (class_dir / ".gdgrade" / "previous" / LESSON / "ada" / "1" / NOTEBOOK).read_text() == notebook("early")


def test_wrong_calls_from_python_have_their_own_errors(class_dir, tmp_path):
    with pytest.raises(CollectError, match="no lesson"):
        collecting.collect(class_dir, "x")
    with pytest.raises(MatchError, match="a name is missing"):
        collecting.collect(class_dir, LESSON, matches={"": "ada"})
