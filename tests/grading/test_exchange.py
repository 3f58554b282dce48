"""The exchange is read as nbgrader reads it, but nothing in it is believed."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import pytest
from nbgrader.api import Gradebook
from typer.testing import CliRunner

from grading import collect as collecting
from grading import exchange
from grading.archives import Limits, Refused
from grading.cli import app
from tests.grading.downloads import LESSON, NOTEBOOK, download, make_class, moodle, notebook, place_of
from tests.grading.elsewhere import UNWRITABLE, elsewhere

EARLY, LATE = "2029-12-30 12:00:00.000000 UTC", "2030-01-02 12:00:00.000000 UTC"


@pytest.fixture
def class_dir(tmp_path):
    """A class with an exchange; owners are checked by `everybody_owns_theirs` or not at all."""
    directory = make_class(tmp_path / "class")
    with (directory / "nbgrader_config.py").open("a") as config:
        config.write(f"\nc.Exchange.root = {str(tmp_path / 'exchange')!r}\n")
    inbound(directory).mkdir(parents=True)
    return directory


@pytest.fixture
def owners(monkeypatch) -> dict[str, str]:
    """Who owns which folder of the exchange, by its name; where it is not told, who it says."""
    told: dict[str, str] = {}
    numbers: dict[int, str] = {}
    lstat = Path.lstat

    def lstat_of(path: Path) -> os.stat_result:
        about = lstat(path)
        if "+" not in path.name:
            return about
        owner = told.get(path.name, path.name.partition("+")[0])
        number = 50_000 + len(numbers)
        numbers[number] = owner
        return os.stat_result((*about[:4], number, *about[5:]))

    monkeypatch.setattr(Path, "lstat", lstat_of)
    monkeypatch.setattr(exchange, "_owner", lambda uid: numbers.get(uid, "root"))
    return told


def inbound(class_dir: Path) -> Path:
    return class_dir.parent / "exchange" / "gradient-descent" / "inbound"


def hand_in(class_dir: Path, student: str, when: str, answer: str, *, tail: str = "+abc_-123") -> Path:
    """Hand in as `nbgrader submit` does."""
    folder = inbound(class_dir) / f"{student}+{LESSON}+{when}{tail}"
    folder.mkdir()
    (folder / NOTEBOOK).write_text(notebook(answer))
    (folder / "timestamp.txt").write_text(when)
    (folder / "submission_secret.txt").write_text("secret")
    return folder


def collected(class_dir: Path, **more) -> dict[str, collecting.Row]:
    outcome = collecting.collect(class_dir, LESSON, **more)
    return {row.student: row for row in outcome.rows} | {"": outcome}


def gdgrade(class_dir: Path, *words: str, status: int = 0) -> str:
    result = CliRunner(env={"COLUMNS": "200"}).invoke(app, ["collect", LESSON, *words, "--class", str(class_dir)])
    assert result.exit_code == status, result.output
    return result.output


def test_the_newest_is_collected_with_its_time_and_its_secret(class_dir, owners):
    hand_in(class_dir, "ada", EARLY, "first")
    hand_in(class_dir, "ada", LATE, "second")
    hand_in(class_dir, "dana", EARLY, "dana", tail="")
    hand_in(class_dir, "bela", EARLY, "other").rename(inbound(class_dir) / f"bela+97-other+{EARLY}+x")
    rows = collected(class_dir)
    assert {student: rows[student].status for student in ("ada", "bela", "conan", "dana")} == {
        "ada": "collected",
        "bela": "missing",
        "conan": "missing",
        "dana": "collected",
    }
    assert place_of(class_dir, "ada").read_text() == notebook("second")
    assert place_of(class_dir, "ada", "timestamp.txt").read_text() == LATE
    assert place_of(class_dir, "ada", "submission_secret.txt").read_text() == "secret"
    assert rows["ada"].late == "by 1 d 0 h"
    assert rows["dana"].late == ""
    assert collected(class_dir)["ada"].status == "unchanged"


def test_what_is_handed_in_again_replaces_what_was_there_which_is_kept(class_dir, owners):
    hand_in(class_dir, "ada", EARLY, "first")
    assert "1 collected, 3 missing" in gdgrade(class_dir)
    hand_in(class_dir, "ada", LATE, "second")
    assert "1 updated, 3 missing, 1 late" in gdgrade(class_dir)
    assert place_of(class_dir, "ada").read_text() == notebook("second")
    kept = class_dir / ".gdgrade" / "previous" / LESSON / "ada" / "1"
    assert (kept / NOTEBOOK).read_text() == notebook("first")
    assert (kept / "timestamp.txt").read_text() == EARLY


def test_who_claims_to_be_somebody_else_is_told_and_hides_nothing(class_dir, owners):
    hand_in(class_dir, "ada", EARLY, "true")
    forged = hand_in(class_dir, "ada", LATE, "forged")
    owners[forged.name] = "mallory"
    said = gdgrade(class_dir, status=3)
    assert f"{forged.name} in the exchange claims to be ada's, but mallory owns it" in said
    assert place_of(class_dir, "ada").read_text() == notebook("true")


def test_owners_are_not_asked_for_where_the_class_says_so(class_dir):
    with (class_dir / "nbgrader_config.py").open("a") as config:
        config.write("c.ExchangeCollect.check_owner = False\n")
    hand_in(class_dir, "ada", EARLY, "ada")  # owned by whoever runs the tests
    assert collected(class_dir)["ada"].status == "collected"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder to somebody else")
def test_the_owner_is_who_owns_the_folder(class_dir):
    forged, true = hand_in(class_dir, "ada", LATE, "forged"), hand_in(class_dir, "nobody", EARLY, "true")
    nobody = pwd.getpwnam("nobody").pw_uid
    for folder in (forged, true):
        os.chown(folder, nobody, -1)
    rows = collected(class_dir)
    assert rows[""].troubles == [f"{forged.name} in the exchange claims to be ada's, but nobody owns it"]
    assert rows["nobody"].status == "collected"


def test_owners_are_asked_for_by_default(class_dir):
    hand_in(class_dir, "ada", EARLY, "ada")
    outcome = collected(class_dir)[""]
    assert "claims to be ada's, but" in outcome.troubles[0]
    assert not place_of(class_dir, "ada").exists()


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda folder: (folder / "leak.txt").symlink_to("/etc/passwd"), "leak.txt is a link"),
        (lambda folder: (folder / "leak").symlink_to("/etc"), "leak is a link"),
        (lambda folder: (folder / NOTEBOOK).unlink() or (folder / NOTEBOOK).symlink_to("/etc/passwd"), "is a link"),
        (lambda folder: os.mkfifo(folder / "pipe"), "pipe is a pipe or a device"),
    ],
)
def test_links_and_pipes_in_a_submission_are_refused(class_dir, owners, spoil: Callable[[Path], None], why):
    spoil(hand_in(class_dir, "ada", EARLY, "ada"))
    hand_in(class_dir, "dana", EARLY, "dana")
    rows = collected(class_dir)
    assert rows["ada"].status == "refused"
    assert why in rows["ada"].notes[0]
    assert rows["dana"].status == "collected"
    assert not place_of(class_dir, "ada").exists()


def test_what_has_no_time_or_is_no_folder_does_not_stop_the_class(class_dir, owners):
    hand_in(class_dir, "dana", EARLY, "dana")
    hand_in(class_dir, "ada", EARLY, "ada").rename(inbound(class_dir) / f"ada+{LESSON}+yesterday-ish+x")
    (inbound(class_dir) / f"bela+{LESSON}+{EARLY}+x").write_text("a file")
    (inbound(class_dir) / f"conan+{LESSON}+{EARLY}+x").symlink_to("/etc")
    outcome = collected(class_dir)[""]
    assert sorted(said.partition(" in the exchange ")[2] for said in outcome.troubles) == [
        "has no time in its name",
        "is no folder",
        "is no folder",
    ]
    assert place_of(class_dir, "dana").exists()


def test_before_the_due_date_counts_where_the_class_says_so(class_dir, owners):
    hand_in(class_dir, "ada", EARLY, "in time")
    hand_in(class_dir, "ada", LATE, "late")
    hand_in(class_dir, "dana", LATE, "only late")
    collected(class_dir)
    assert place_of(class_dir, "ada").read_text() == notebook("late")
    with (class_dir / "nbgrader_config.py").open("a") as config:
        config.write("c.ExchangeCollect.before_duedate = True\n")
    rows = collected(class_dir)
    assert (rows["ada"].status, rows["dana"].status) == ("updated", "unchanged")
    assert place_of(class_dir, "ada").read_text() == notebook("in time")
    assert (rows["ada"].late, rows["dana"].late) == ("", "by 1 d 0 h")


@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")
def test_an_extension_counts_for_who_has_it(class_dir, owners):
    with Gradebook(f"sqlite:///{class_dir}/gradebook.db", "gradient-descent") as gradebook:
        gradebook.add_submission(LESSON, "ada")
        gradebook.grant_extension(LESSON, "ada", days=2)
    hand_in(class_dir, "ada", LATE, "ada")
    hand_in(class_dir, "dana", LATE, "dana")
    rows = collected(class_dir)
    assert (rows["ada"].late, rows["dana"].late) == ("", "by 1 d 0 h")


def test_who_is_not_on_the_roster_is_taken_in_told_and_may_be_told_who_they_are(class_dir, owners):
    hand_in(class_dir, "jdoe", EARLY, "ada")
    hand_in(class_dir, "tutor", EARLY, "tutor")
    rows = collected(class_dir)
    assert (rows["jdoe"].status, rows["jdoe"].notes) == ("collected", ["is not on the roster"])
    rows = collected(class_dir, matches={"jdoe": "ada", "tutor": ""})
    assert rows["ada"].status == "collected"
    assert rows["tutor"].status == ""


def test_what_nbgrader_has_collected_is_respected(class_dir, owners):
    folder = hand_in(class_dir, "ada", EARLY, "ada")
    there = place_of(class_dir, "ada").parent
    there.parent.mkdir(parents=True)
    shutil.copytree(folder, there)
    (there / NOTEBOOK).write_text(notebook("mended by the instructor"))
    assert collected(class_dir)["ada"].status == "unchanged"
    assert (there / NOTEBOOK).read_text() == notebook("mended by the instructor")


def test_the_exchange_comes_before_a_download(class_dir, owners, tmp_path):
    hand_in(class_dir, "ada", EARLY, "exchange")
    path = download(tmp_path / "m.zip", moodle("Ada Lovelace", 1, {NOTEBOOK: notebook("download")}))
    collecting.collect(class_dir, LESSON, [path])
    assert place_of(class_dir, "ada").read_text() == notebook("download")
    row = collected(class_dir)["ada"]
    assert (row.status, row.source) == ("kept", "the exchange")
    assert row.notes[0] == "m.zip has a submission, too; that of the exchange is the one to have"
    assert collected(class_dir, replace=True)["ada"].status == "updated"
    assert collected(class_dir)["ada"].status == "unchanged"


def test_where_there_is_neither_exchange_nor_download_it_is_said_what_to_do(tmp_path):
    class_dir = make_class(tmp_path / "class")
    with (class_dir / "nbgrader_config.py").open("a") as config:
        config.write(f"\nc.Exchange.root = {str(tmp_path / 'none')!r}\n")
    said = gdgrade(class_dir, status=1)
    assert "there is no download to collect 98-tiny from, and nothing comes from the exchange" in said
    assert "gdgrade collect 98-tiny FILE.zip" in said


def test_an_exchange_with_nothing_in_it_says_so(class_dir):
    said = gdgrade(class_dir)
    assert "The exchange has nothing for 98-tiny." in said
    assert "4 missing" in said


@pytest.fixture
def server(class_dir, tmp_path):
    """An exchange that is no folder; Ada and Dana have handed in."""
    with elsewhere(class_dir, tmp_path / "server") as server:
        for student in ("ada", "dana"):
            folder = server.root / "handed-in" / LESSON / student
            folder.mkdir(parents=True)
            (folder / NOTEBOOK).write_text(notebook(student))
            (folder / "timestamp.txt").write_text(EARLY)
        yield server


def test_an_exchange_of_another_kind_collects_by_itself_and_overwrites_nothing(class_dir, server):
    place_of(class_dir, "ada").parent.mkdir(parents=True)
    place_of(class_dir, "ada").write_text(notebook("by hand"))
    rows = collected(class_dir)
    assert (rows["ada"].status, rows["dana"].status) == ("kept", "collected")
    assert place_of(class_dir, "ada").read_text() == notebook("by hand")
    assert place_of(class_dir, "dana", "timestamp.txt").read_text() == EARLY
    assert not list((class_dir / ".gdgrade").glob(".gdgrade-*"))
    server.answers = False
    assert "the server answered 500. Give" in " ".join(gdgrade(class_dir, status=1).split())


def test_an_exchange_of_another_kind_that_is_away_is_told_even_if_there_are_downloads(class_dir, server, tmp_path):
    collecting.collect(
        class_dir, LESSON, [download(tmp_path / "m.zip", moodle("Cleo Ohm", 1, {NOTEBOOK: notebook("c")}))]
    )
    server.answers = False
    assert "Nothing comes from the exchange: the server answered 500" in gdgrade(class_dir, status=3)
    server.answers = True
    assert collected(class_dir)["ada"].status == "collected"


def test_what_an_exchange_of_another_kind_cannot_write_down_is_named_and_the_others_are_collected(class_dir, server):
    (server.root / "handed-in" / LESSON / "ada" / UNWRITABLE).mkdir()
    said = " ".join(gdgrade(class_dir, status=3).split())
    assert "what the exchange has of ada cannot be taken" in said
    assert "1 collected, 3 missing" in said
    assert not place_of(class_dir, "ada").exists()
    assert place_of(class_dir, "dana").read_text() == notebook("dana")


def test_a_folder_is_read_without_what_is_ignored_and_within_limits(tmp_path):
    for name in ("a/b/c.txt", "a/skip/d.txt", "e.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("12345")
    found = exchange.read_folder(tmp_path, Limits(), lambda name: name == "skip")
    assert found == {PurePosixPath("a/b/c.txt"): b"12345", PurePosixPath("e.txt"): b"12345"}
    with pytest.raises(Refused, match="has 5 bytes, more than the 4"):
        exchange.read_folder(tmp_path, Limits(file=4))
    with pytest.raises(Refused, match="has more than the 14 bytes"):
        exchange.read_folder(tmp_path, Limits(submission=14))
    with pytest.raises(Refused, match="is no folder"):
        exchange.read_folder(tmp_path / "e.txt", Limits())
    with pytest.raises(Refused, match="cannot be read: No such file"):
        exchange.read_folder(tmp_path / "none", Limits())


def test_folders_in_folders_without_end_are_refused(tmp_path):
    here = os.open(tmp_path, os.O_RDONLY)
    for _ in range(1_500):
        os.mkdir("d", dir_fd=here)
        inner = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    os.close(here)
    try:
        with pytest.raises(Refused, match=r"cannot be read|too many to read"):
            exchange.read_folder(tmp_path, Limits())
    finally:
        subprocess.run(["rm", "-rf", tmp_path / "d"], check=True)  # Python's own way ends in too much recursion
