"""A class with a roster and a lesson, made without nbgrader's commands; downloads as Moodle and Canvas make them."""

import atexit
import io
import json
import shutil
import tempfile
import zipfile
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path

from nbgrader.api import Gradebook

from grading.demo import CONFIG

LESSON = "98-tiny"
NOTEBOOK = f"{LESSON}.ipynb"
ROSTER = {
    "ada": ("Ada", "Lovelace", "ada@example.org", "11"),
    "bela": ("Béla", "Szőke-Nagy", "bela@example.org", "22"),
    "conan": ("Conan", "O'Brien", "conan@example.org", "33"),
    "dana": ("Dana", "Dahl", "s4711@example.org", "44"),
}
DUE = "2030-01-01 12:00:00 UTC"
Content = Mapping[str, bytes | str] | list[tuple[str, bytes | str]]


def make_class(directory: Path, *, roster: bool = True) -> Path:
    """Make a class directory with a released lesson of an exercise and a data file, due at `DUE`."""
    shutil.copytree(_one_like_it(roster), directory)
    return directory


@cache
def _one_like_it(roster: bool) -> Path:
    """A class to be copied: making a gradebook takes seconds."""
    made = tempfile.mkdtemp(prefix="class-")
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    directory = Path(made, "class")
    directory.mkdir()
    shutil.copy(CONFIG, directory / "nbgrader_config.py")
    release = directory / "release" / LESSON
    (release / "data").mkdir(parents=True)
    (release / NOTEBOOK).write_text(notebook())
    (release / "data" / "points.csv").write_text("x,y\n1,2\n")
    with Gradebook(f"sqlite:///{directory}/gradebook.db", "gradient-descent") as gradebook:
        gradebook.add_assignment(LESSON, duedate=DUE)
        for student, (first, last, email, number) in ROSTER.items() if roster else ():
            gradebook.add_student(student, first_name=first, last_name=last, email=email, lms_user_id=number)
    return directory


def notebook(answer: str = "", ids: tuple[str, ...] = ("height", "check-height")) -> str:
    """A notebook with these exercises, and an answer."""
    cells = [
        {
            "cell_type": "code",
            "execution_count": None,
            "id": one,
            "metadata": {"nbgrader": {"grade_id": one, "schema_version": 3}},
            "outputs": [],
            "source": answer,
        }
        for one in ids
    ]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def zipped(content: Content, when: datetime = datetime(2030, 1, 2, 12)) -> bytes:
    """The bytes of a ZIP file; folders' names end in a slash."""
    packed = io.BytesIO()
    pairs = content.items() if isinstance(content, Mapping) else content
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in pairs:
            archive.writestr(zipfile.ZipInfo(name, when.timetuple()[:6]), data, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def download(path: Path, content: Content, when: datetime = datetime(2030, 1, 2, 12)) -> Path:
    """Write a ZIP file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(zipped(content, when))
    return path


def moodle(name: str, number: int | str, files: Content, kind: str = "file") -> dict[str, bytes | str]:
    """One student's folder, as Moodle has it."""
    pairs = files.items() if isinstance(files, Mapping) else files
    return {f"{name}_{number}_assignsubmission_{kind}/{path}": data for path, data in pairs}


def place_of(directory: Path, student: str, name: str = NOTEBOOK) -> Path:
    """Where a file of a student is."""
    return directory / "submitted" / student / LESSON / name
