"""`make lab` fills workbook/ and never overwrites a student's work."""

import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
spec = importlib.util.spec_from_file_location("workbook", ROOT / "tools" / "workbook.py")
workbook = importlib.util.module_from_spec(spec)
spec.loader.exec_module(workbook)


@pytest.fixture
def folders(tmp_path):
    course = tmp_path / "course"
    for name in ("01-one", "02-two"):
        (course / name).mkdir(parents=True)
        (course / name / f"{name}.ipynb").write_text(f"lesson {name}")
    return course, tmp_path / "workbook"


def test_first_time_everything_is_added(folders):
    course, target = folders
    lines = workbook.fill(course, target)
    assert [line.split()[0] for line in lines] == ["added", "added"]
    assert (target / "01-one" / "01-one.ipynb").read_text() == "lesson 01-one"


def test_second_time_work_is_kept_and_only_what_is_new_is_added(folders):
    course, target = folders
    workbook.fill(course, target)
    mine = target / "01-one" / "01-one.ipynb"
    mine.write_text("my answers")
    (course / "03-three.ipynb").write_text("new lesson")
    lines = workbook.fill(course, target)
    assert mine.read_text() == "my answers"
    assert [line.split()[0] for line in lines] == ["kept", "kept", "added"]
    assert "yours" in lines[0] and "yours" not in lines[1]


def test_interrupted_copy_leaves_nothing_that_looks_like_a_lesson(folders, monkeypatch):
    course, target = folders

    def interrupted(source, target):
        Path(target).write_text("half a less")
        raise KeyboardInterrupt

    monkeypatch.setattr(workbook.shutil, "copyfile", interrupted)
    with pytest.raises(KeyboardInterrupt):
        workbook.fill(course, target)
    monkeypatch.undo()
    assert not (target / "01-one" / "01-one.ipynb").exists()
    workbook.fill(course, target)
    assert (target / "01-one" / "01-one.ipynb").read_text() == "lesson 01-one"


def test_course_without_lessons_is_an_error_that_says_what_to_do(tmp_path):
    with pytest.raises(SystemExit, match="make course"):
        workbook.fill(tmp_path / "nothing", tmp_path / "workbook")


def test_workbook_that_cannot_be_written_is_a_clear_error(folders):
    course, target = folders
    target.write_text("a file where the folder should be")
    with pytest.raises(SystemExit, match="cannot be filled"):
        workbook.fill(course, target)
