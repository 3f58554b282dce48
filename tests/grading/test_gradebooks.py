"""One writer, two kinds of database: what a gradebook and the files say after `gdgrade autograde`."""

import json
import os
import sqlite3
import subprocess
import sys
import time

import nbformat
import pytest
from nbgrader.utils import notebook_hash
from typer.testing import CliRunner

from grading import autograde, cli
from tests.grading import classes, postgres
from tests.grading.conftest import LESSON

pytestmark = [pytest.mark.xdist_group("gradebooks"), pytest.mark.slow]

STUDENTS = set(classes.SUBMISSIONS)
PATIENCE = 120


@pytest.fixture(scope="module")
def handed_in(tmp_path_factory, tiny_sources):
    """A class that nobody has graded."""
    return classes.make_class(tmp_path_factory.mktemp("handed-in") / "class", tiny_sources)


@pytest.fixture(scope="module")
def graded(handed_in, tmp_path_factory):
    """The same class, graded."""
    directory = classes.copy_class(handed_in, tmp_path_factory.mktemp("graded") / "class")
    autograde.autograde(directory, LESSON)
    return directory


@pytest.fixture
def a_class(graded, tmp_path):
    """A copy of the graded class."""
    return classes.copy_class(graded, tmp_path / "class")


@pytest.fixture(scope="module")
def server():
    """A PostgreSQL server of our own."""
    if postgres.missing() and not os.environ.get("CI"):
        pytest.skip(postgres.REASON)
    with postgres.Server() as running:
        yield running


@pytest.fixture(scope="module")
def base(server, handed_in, tmp_path_factory):
    """The address of a PostgreSQL gradebook for the class that nobody has graded."""
    url = server.create("base")
    directory = classes.copy_class(handed_in, tmp_path_factory.mktemp("base") / "class")
    classes.release(directory, "--db", url)
    assert classes.book_of(directory, url) == {}
    return url


@pytest.fixture
def in_postgres(handed_in, base, server, tmp_path, request):
    """The class that nobody has graded, with a gradebook in PostgreSQL: its folder, and the address."""
    url = server.url(request.node.name)
    postgres.copy(base, url)
    return classes.copy_class(handed_in, tmp_path / "class"), url


def run(directory, *options, status=0):
    """Run `gdgrade autograde` in this process."""
    shown = CliRunner().invoke(cli.app, ["autograde", LESSON, "--class", str(directory), *options])
    assert shown.exit_code == status, shown.output
    return shown.output


def same(directory, graded, db=None):
    assert classes.leftovers(directory) == []
    assert classes.book_of(directory, db) == classes.book_of(graded)
    assert classes.files_of(directory) == classes.files_of(graded)
    return True


def wait_for(path):
    until = time.monotonic() + PATIENCE
    while not path.exists():
        assert time.monotonic() < until
        time.sleep(0.02)


def standing_still(folder, at=3):
    folder.mkdir()
    return f"from tests.grading import killers; killers.stand_still({at}, {str(folder)!r}); "


# PostgreSQL ---------------------------------------------------------------------------------------------------------


def test_a_gradebook_in_postgresql_says_the_same(in_postgres, graded):
    directory, url = in_postgres
    assert "12 graded now" in classes.grade(directory, "--db", url)
    same(directory, graded, url)
    assert "0 graded now, 12 unchanged" in run(directory, "--db", url)
    assert classes.book_of(directory) == {}  # the other gradebook is not touched


def test_postgresql_may_be_away_for_ten_seconds(in_postgres, graded, server, tmp_path):
    directory, url = in_postgres
    hook = standing_still(tmp_path / "still")
    with classes.gdgrade(directory, "--db", url, "--json", before=hook) as process:
        wait_for(tmp_path / "still" / "here")
        server.stop()
        try:
            (tmp_path / "still" / "go").touch()
            events = [json.loads(process.stdout.readline())]
            while events[-1]["kind"] != "waits":
                events.append(json.loads(process.stdout.readline()))
            time.sleep(10)
        finally:
            server.start()
        said, complaints = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, complaints
    assert "the gradebook does not answer" in events[-1]["message"]
    assert json.loads(said.splitlines()[-1])["graded"] == 12
    assert "Traceback" not in complaints
    same(directory, graded, url)


def test_killed_at_any_write_a_gradebook_in_postgresql_ends_the_same(handed_in, base, server, tmp_path):
    command = [sys.executable, "-m", "tests.grading.killed", handed_in, tmp_path, "20", "3", server.url("{}")]
    said = subprocess.run(command, cwd=classes.ROOT, capture_output=True, text=True)
    assert said.returncode == 0, said.stderr
    found = json.loads(said.stdout)
    print(found["points"])
    assert found["wrong"] == []


def test_a_database_that_does_not_exist_is_not_waited_for(in_postgres, server):
    assert 'database "elsewhere" does not exist' in run(
        in_postgres[0], "--db", server.url("elsewhere"), status=1
    ).replace("\n", " ")


def test_a_database_that_stays_away_is_given_up(handed_in, server, tmp_path, monkeypatch):
    monkeypatch.setattr(autograde, "PATIENCE", 1)
    url = f"postgresql://grader@/base?host={tmp_path}"
    said = run(classes.copy_class(handed_in, tmp_path / "class"), "--db", url, status=1)
    assert "did not come back within 1 seconds" in said.replace("\n", " ")


# One writer ---------------------------------------------------------------------------------------------------------


def test_of_two_at_once_the_second_stops_or_waits(handed_in, graded, tmp_path):
    directory = classes.copy_class(handed_in, tmp_path / "class")
    with classes.gdgrade(directory, before=standing_still(tmp_path / "still")) as first:
        wait_for(tmp_path / "still" / "here")
        said = classes.grade(directory, status=4)
        assert "somebody else is at work" in said
        assert "--wait" in said
        with classes.gdgrade(directory, "--wait", "--json") as second:
            assert json.loads(second.stdout.readline())["kind"] == "waits"
            (tmp_path / "still" / "go").touch()
            said, _ = second.communicate(timeout=PATIENCE)
        first.communicate(timeout=PATIENCE)
    assert (first.returncode, second.returncode) == (0, 0)
    assert json.loads(said.splitlines()[-1])["unchanged"] == 12
    same(directory, graded)


def test_who_waits_for_another_can_be_told_to_end(handed_in, tmp_path):
    directory = classes.copy_class(handed_in, tmp_path / "class")
    with classes.gdgrade(directory, before=standing_still(tmp_path / "still")) as first:
        wait_for(tmp_path / "still" / "here")
        with classes.gdgrade(directory, "--wait", "--json") as second:
            assert json.loads(second.stdout.readline())["kind"] == "waits"
            second.terminate()
            _, said = second.communicate(timeout=PATIENCE)
        (tmp_path / "still" / "go").touch()
        first.communicate(timeout=PATIENCE)
    assert (first.returncode, second.returncode) == (0, 130)
    assert "run the same command again" in said


def test_a_gradebook_that_another_program_has_locked_is_waited_for(handed_in, graded, tmp_path):
    directory = classes.copy_class(handed_in, tmp_path / "class")
    other = sqlite3.connect(directory / "gradebook.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with classes.gdgrade(directory, "--json") as process:
        event = json.loads(process.stdout.readline())
        other.execute("ROLLBACK")
        other.close()
        process.communicate(timeout=PATIENCE)
    assert (event["kind"], "locked" in event["message"]) == ("waits", True)
    assert process.returncode == 0
    same(directory, graded)


def test_a_gradebook_that_is_none_is_not_waited_for(handed_in, tmp_path):
    directory = classes.copy_class(handed_in, tmp_path / "class")
    (directory / "gradebook.db").write_bytes(b"no database" * 1000)
    assert "file is not a database" in run(directory, status=1).replace("\n", " ")


# As nbgrader has it -------------------------------------------------------------------------------------------------


def without_fingerprints(files):
    """The same files; notebooks without what only `gdgrade autograde` writes into them."""
    plain = dict(files)
    for path, (mode, content) in files.items():
        if path.endswith(".ipynb"):
            nb = json.loads(content)
            nb["metadata"]["gdexercises"].pop("fingerprint", None)
            plain[path] = mode, json.dumps(nb, sort_keys=True)
    return plain


def both_roads(directory, tmp_path, *options, status=0):
    """Grade one copy by `gdgrade`, another by `nbgrader`; the gradebooks and files must be the same then."""
    ours, theirs = (classes.copy_class(directory, tmp_path / name / "class") for name in ("ours", "theirs"))
    # One after the other, as nbgrader does: a folder of a shared class gets the mode of those that are there by then.
    run(ours, "--workers", "1", *options, status=status)
    try:
        classes.nbgrader(theirs, "autograde", LESSON, *options)
    except Exception:
        assert status, "nbgrader could not grade what gdgrade could"
    assert classes.book_of(ours) == classes.book_of(theirs)
    found, right = (without_fingerprints(classes.files_of(one)) for one in (ours, theirs))
    assert found.keys() == right.keys()
    assert [path for path in right if found[path] != right[path]] == []
    return ours


def configure(directory, *lines):
    with (directory / "nbgrader_config.py").open("a") as config:
        config.write("\n".join(lines) + "\n")


def test_nbgrader_leaves_the_same_gradebook_and_the_same_files(handed_in, tmp_path):
    ours = both_roads(handed_in, tmp_path)
    book = classes.book_of(ours)
    assert {student: found["notebooks"][LESSON]["penalty"] for student, found in book.items() if found} == {
        **dict.fromkeys(STUDENTS),
        "gus": 1,
        "hal": 3.5,  # four days, but there are only so many points
    }
    place = ours / "autograded" / "liv" / LESSON
    assert (place / "points.csv").read_text() == "x,y\n1,2\n"
    assert (place / "more" / "still" / "points.csv").read_text() == "x,y\n3,4\n"
    assert not (place / "mine.py").exists()


def test_nbgrader_leaves_the_same_where_a_group_shares_the_class(handed_in, tmp_path):
    directory = classes.copy_class(handed_in, tmp_path / "class")
    configure(
        directory,
        "c.CourseDirectory.groupshared = True",
        "c.CourseDirectory.student_id_exclude = 'bob,kim'",
        f"c.Autograde.exclude_overwriting = {{{LESSON!r}: ['points.csv']}}",
    )
    ours = both_roads(directory, tmp_path)
    files = classes.files_of(ours)
    assert files[f"ada/{LESSON}"][0] & 0o2770 == 0o2770
    assert files[f"ada/{LESSON}/{LESSON}.ipynb"][0] & 0o777 == 0o664
    assert f"ada/{LESSON}/points.csv" not in files
    assert "bob" not in files


def test_nbgrader_leaves_the_same_where_students_are_not_made(handed_in, tmp_path):
    directory = classes.copy_class(handed_in, tmp_path / "class")
    configure(directory, "c.Autograde.create_student = False")
    both_roads(directory, tmp_path, status=3)


def grade_by_hand(directory):
    """What formgrader writes."""
    with classes.gradebook(directory) as book:
        for name, points, extra in (("check-height", 1.0, 0.5), ("essay", 3.0, None)):
            grade = book.find_grade(name, LESSON, LESSON, "ada")
            grade.manual_score, grade.extra_credit, grade.needs_manual_grade = points, extra, False
        for name in ("height", "essay"):
            book.find_comment(name, LESSON, LESSON, "ada").manual_comment = f"On {name}: look again."
        book.db.commit()


def test_what_a_person_entered_survives_every_regrade_as_with_nbgrader(a_class, tmp_path):
    grade_by_hand(a_class)
    ours = both_roads(a_class, tmp_path, "--force")

    def check():
        notebook = classes.book_of(ours)["ada"]["notebooks"][LESSON]
        assert notebook["grades"]["check-height"][1:] == (1.0, 0.5, True)
        assert notebook["grades"]["essay"][1:] == (3.0, None, True)
        assert notebook["grades"]["check-roll"][1:] == (None, None, False)
        assert notebook["comments"]["height"][1] == "On height: look again."
        assert notebook["comments"]["essay"][1] == "On essay: look again."

    check()
    released = nbformat.read(ours / "release" / LESSON / f"{LESSON}.ipynb", as_version=4)
    classes.hand_in(ours, "ada", released, "2030-01-01 01:00:00 UTC")
    run(ours)
    check()
    run(ours, "--force", "--student", "ada", "--exercise", "height")
    check()


def test_nbgrader_sees_that_something_newer_was_handed_in(a_class):
    place = a_class / "submitted" / "gus" / LESSON
    (place / "timestamp.txt").write_text("2030-01-03 06:00:00 UTC")
    classes.nbgrader(a_class, "autograde", LESSON)
    assert classes.book_of(a_class)["gus"]["notebooks"][LESSON]["penalty"] == 2
    (place / "timestamp.txt").write_text("2030-01-04 06:00:00 UTC")
    classes.nbgrader(a_class, "autograde", LESSON)
    assert classes.book_of(a_class)["gus"]["notebooks"][LESSON]["penalty"] == 3


@pytest.mark.parametrize("road", ["gdgrade", "nbgrader"])
def test_feedback_goes_back_through_the_exchange(a_class, tmp_path, road):
    secret = "5ec4e7" * 20
    place = a_class / "submitted" / "gus" / LESSON
    (place / "submission_secret.txt").write_text(secret)
    (tmp_path / "exchange").mkdir()
    with (a_class / "nbgrader_config.py").open("a") as settings:
        settings.write(f"\nc.Exchange.root = {str(tmp_path / 'exchange')!r}\n")
    if road == "gdgrade":
        assert autograde.autograde(a_class, LESSON).graded == 1
        assert autograde.autograde(a_class, LESSON).graded == 0
    else:
        classes.nbgrader(a_class, "autograde", LESSON, "--student", "gus", "--force")
    assert (a_class / "autograded" / "gus" / LESSON / "submission_secret.txt").read_text() == secret
    classes.nbgrader(a_class, "generate_feedback", LESSON, "--student", "gus")
    classes.nbgrader(a_class, "release_feedback", LESSON, "--student", "gus")
    released = (
        tmp_path
        / "exchange"
        / "gradient-descent"
        / "feedback"
        / f"{notebook_hash(secret=secret, notebook_id=LESSON)}.html"
    )
    assert released.read_bytes() == (a_class / "feedback" / "gus" / LESSON / f"{LESSON}.html").read_bytes()


# Only what changed --------------------------------------------------------------------------------------------------


def test_only_what_changed_is_graded_again(a_class):
    def graded_now(**options):
        return autograde.autograde(a_class, LESSON, **options).graded

    def path(*parts):
        return a_class.joinpath(*parts)

    submitted = path("submitted", "ada", LESSON, f"{LESSON}.ipynb")
    submitted.touch()
    assert graded_now() == 0
    submitted.write_bytes(path("submitted", "cyd", LESSON, f"{LESSON}.ipynb").read_bytes())
    path("submitted", "gus", LESSON, "timestamp.txt").write_text("2030-01-03 06:00:00 UTC")
    path("submitted", "liv", LESSON, "mine.py").write_text("2")
    assert graded_now() == 2
    book = classes.book_of(a_class)
    assert book["ada"]["notebooks"][LESSON]["grades"]["check-height"][0] == 0
    assert book["gus"]["notebooks"][LESSON]["penalty"] == 2
    path("source", LESSON, "points.csv").write_text("x,y\n5,6\n")
    assert graded_now() == 12
    assert path("autograded", "ada", LESSON, "points.csv").read_text() == "x,y\n5,6\n"
    released = path("release", LESSON, f"{LESSON}.ipynb")
    released.chmod(0o644)
    released.write_text(released.read_text().replace("A ball in a valley", "A ball in another valley"))
    assert graded_now() == 12
    secret = path(".gdexercises-secret")
    secret.write_text("ab" * 32 + "\n")
    assert graded_now() == 12
    assert graded_now() == 0


def test_a_regrade_on_purpose_says_how_many_points_changed_and_how(a_class):
    with classes.gradebook(a_class) as book:
        for student, name in (("ada", "check-height"), ("ada", "check-roll"), ("cyd", "check-roll")):
            book.find_grade(name, LESSON, LESSON, student).auto_score = 0.5
        book.db.commit()
    before = classes.book_of(a_class)
    said = run(a_class, "--exercise", "height", "--student", "ada")
    assert "Points that changed: 1, of 1 students" in said
    rows = [[word.strip() for word in line.split("│")[1:-1]] for line in said.splitlines()]
    assert ["ada", "height", "0.5", "1.5"] in rows
    assert "1 graded now" in said
    after = classes.book_of(a_class)
    assert after["ada"]["notebooks"][LESSON]["grades"]["check-roll"] == (0.5, None, None, False)
    assert {one: after[one] for one in STUDENTS - {"ada"}} == {one: before[one] for one in STUDENTS - {"ada"}}
    said = run(a_class, "--force")
    assert "Points that changed: 2, of 2 students" in said
    assert "12 graded now" in said
    assert "No points changed." in run(a_class, "--force", "--student", "ada", "--student", "cyd")
    assert "no exercise hight" in run(a_class, "--exercise", "hight", status=1)
    assert "nobody handed in nothing" in run(a_class, "--student", "nobody", status=1)


def test_what_another_version_left_beside_the_notebook_goes(a_class, graded):
    place = a_class / "autograded" / "ada" / LESSON
    (place / "older").mkdir()
    (place / "older" / "data.csv").write_text("1")
    (place / "link").symlink_to("/nowhere")
    autograde.autograde(a_class, LESSON, students=["ada"], force=True)
    same(a_class, graded)
