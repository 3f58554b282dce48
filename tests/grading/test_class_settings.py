"""A class directory: its settings as nbgrader reads them, one at a time at work in it, files whole or not at all."""

import logging
import os
import subprocess
import sys

import pytest

from grading import course


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A folder of this machine's own settings; what the real machine has is left out."""
    folder = tmp_path / "machine"
    folder.mkdir()
    monkeypatch.setattr(course, "jupyter_config_path", lambda: [str(folder)])
    return folder


@pytest.fixture
def class_dir(tmp_path, machine):
    folder = tmp_path / "a class"
    folder.mkdir()
    (folder / course.CONFIG_FILE).write_text("c = get_config()\nc.CourseDirectory.course_id = 'own'\n")
    return folder


def test_a_class_without_a_root_of_its_own_is_where_its_settings_are(class_dir, machine):
    (machine / course.CONFIG_FILE).write_text("c = get_config()\nc.CourseDirectory.root = '/somewhere/else'\n")
    assert course.open_class(class_dir).root == str(class_dir.resolve())


def test_a_root_that_the_class_names_is_kept(class_dir, tmp_path):
    with (class_dir / course.CONFIG_FILE).open("a") as file:
        file.write(f"c.CourseDirectory.root = {str(tmp_path)!r}\n")
    assert course.open_class(class_dir).root == str(tmp_path)


def test_the_machines_settings_hold_where_the_class_says_nothing(class_dir, machine):
    (machine / course.CONFIG_FILE).write_text(
        "c = get_config()\nc.Exchange.root = '/exchange'\nc.CourseDirectory.course_id = 'machine'\n"
    )
    config = course.class_config(class_dir)
    assert (config.Exchange.root, config.CourseDirectory.course_id) == ("/exchange", "own")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("c = get_config()\n\nc.CourseDirectory.course_id = = 3\n", "line 3 of .*SyntaxError"),
        ("c = get_config()\nc.CourseDirectory.course_id = nobody\n", "line 2 of .*NameError: name 'nobody'"),
    ],
)
def test_settings_that_cannot_be_read_are_told_with_their_line(class_dir, text, said):
    (class_dir / course.CONFIG_FILE).write_text(text)
    with pytest.raises(course.ClassError, match=said):
        course.class_config(class_dir)


def test_a_folder_that_is_no_class_is_told_how_to_become_one(tmp_path):
    with pytest.raises(FileNotFoundError, match="gdgrade new"):
        course.class_config(tmp_path)


def test_one_at_a_time_is_at_work(class_dir):
    held = "import sys; from grading import course\nwith course.alone(sys.argv[1]): print('in', flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", held, str(class_dir)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout.readline() == "in\n"
        with pytest.raises(course.Busy, match="Nothing was done"), course.alone(class_dir):
            pytest.fail("two are at work")
        other.kill()  # the system gives the lock back
        with course.alone(class_dir, wait=True):
            pass


def test_a_class_that_cannot_be_written_to_is_told(tmp_path):
    (tmp_path / "a file").write_text("")
    with pytest.raises(course.ClassError, match="cannot be written to"), course.alone(tmp_path / "a file" / "class"):
        pass


def test_a_file_is_written_whole_with_the_rights_it_had(tmp_path):
    path = tmp_path / "new folder" / "roster.csv"
    course.write_whole(path, b"one")
    mask = os.umask(0)
    os.umask(mask)
    assert path.stat().st_mode & 0o777 == 0o666 & ~mask
    path.chmod(0o640)
    course.write_whole(path, b"two")
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"two", 0o640)
    course.write_whole(path, b"three", mode=0o600)
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"three", 0o600)
    assert [one.name for one in path.parent.iterdir()] == ["roster.csv"]


def test_a_file_that_cannot_be_written_whole_stays_as_it_was(tmp_path, monkeypatch):
    path = tmp_path / "grades.csv"
    path.write_bytes(b"before")

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        course.write_whole(path, b"after")
    assert path.read_bytes() == b"before"
    assert [one.name for one in tmp_path.iterdir()] == ["grades.csv"]


def test_a_link_is_replaced_and_what_it_names_is_left_alone(tmp_path):
    (tmp_path / "elsewhere").write_bytes(b"theirs")
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "elsewhere")
    course.write_whole(link, b"ours")
    assert not link.is_symlink()
    assert (tmp_path / "elsewhere").read_bytes() == b"theirs"


def test_another_database_may_be_named(class_dir):
    with (class_dir / course.CONFIG_FILE).open("a") as file:
        file.write("c.CourseDirectory.db_url = 'sqlite:///own.db'\n")
    assert course.open_class(class_dir).db_url == "sqlite:///own.db"
    assert course.open_class(class_dir, "sqlite:///other.db").db_url == "sqlite:///other.db"


def test_what_a_killed_run_left_aside_is_swept_up_by_the_next(class_dir):
    left = [class_dir / ".gdgrade-run", class_dir / ".gdgrade" / ".gdgrade-run"]
    for folder in left:
        (folder / "ada").mkdir(parents=True)
    note = class_dir / ".gdgrade" / "exports" / ".gdgrade-note"
    note.parent.mkdir()
    note.write_text("{")
    kept = note.with_name("csv.json")
    kept.write_text("{}")
    with course.alone(class_dir):
        assert not any(path.exists() for path in (*left, note))
        assert kept.exists()


# What nbgrader says of errors -----------------------------------------------------------------------------------------


def test_the_cause_is_what_was_said_first_with_the_error_that_it_was_said_of():
    log = logging.getLogger("of an exchange")
    with course.listening(log) as said:
        log.warning("Not to be told")
        try:
            raise OSError("Connection refused")
        except OSError:
            log.exception("Could not ask %s.", "it")
        log.error("Something failed.")
    assert course.cause(said, RuntimeError("Something failed.")) == "Could not ask it: Connection refused"


def test_without_anything_said_the_cause_is_what_was_raised():
    assert course.cause([], RuntimeError("in vain")) == "in vain"
    assert course.cause([], KeyError()) == "KeyError"
    assert course.cause(["It failed.\nThis is how"]) == "It failed"
    assert course.cause([]) == ""
