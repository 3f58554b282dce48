"""A tiny lesson, and a class of it in which everything that can be handed in wrong is handed in wrong."""

import copy
import json
from pathlib import Path

import pytest

from grading import demo, notebooks
from grading.graft import graft

TINY = '''\
# %% [markdown]
# # A ball in a valley

# %% locked="imports"
from gdexercises import start_here

# %% solution="height"
def height(w):
    """Height of the valley."""
    ### BEGIN SOLUTION
    return (w - 1) ** 2
    ### END SOLUTION

# %% check="height" points=1.5
start_here.height.check(height)

# %% solution="roll"
def roll(w, lr, n_steps):
    ### BEGIN SOLUTION
    for _ in range(n_steps):
        w = w - lr * 2 * (w - 1)
    return w
    ### STUB
    # for _ in range(n_steps):
    #     # downhill
    #     return w - lr * 2 * (w - 1)
    #
    # return None
    ### END SOLUTION

# %% check="roll" points=2
start_here.roll.check(roll)

# %% tags=["keep"]
print("bye")
'''
LESSON = "98-tiny"
ROLL = "def roll(w, lr, n_steps):\n    return 1 + (w - 1) * (1 - 2 * lr) ** n_steps"


@pytest.fixture(scope="session")
def tiny_sources(tmp_path_factory):
    """A folder with the tiny lesson in it, and a file beside it."""
    folder = tmp_path_factory.mktemp("source")
    (folder / f"{LESSON}.py").write_text(TINY)
    (folder / LESSON).mkdir()
    (folder / LESSON / "points.csv").write_text("x,y\n1,2\n")
    return folder


@pytest.fixture(scope="session")
def tiny(tiny_sources):
    """The student's notebook of the tiny lesson."""
    return notebooks.student_version(notebooks.read_source(tiny_sources / f"{LESSON}.py"))


@pytest.fixture(scope="session")
def broken_files(tiny):
    """What may come in under a notebook's name, by student, with the words the finding must contain."""
    text = json.dumps(tiny)
    return {
        "comma": (text[:-2].encode() + b",}", "is not valid JSON"),
        "cut": (
            b'{\n "cells": [\n  {"cell_ty',
            "is not valid JSON: Unterminated string starting at, line 3 column 4",
        ),
        "empty": (b"", "is empty"),
        "latin": (text.replace("ball", "Bällchen").encode("latin-1"), "is not UTF-8 text: invalid"),
        "utf16": (text.encode("utf-16"), "is not UTF-8 text: invalid start byte at byte 0"),
        "list": (b"[1, 2]", "is valid JSON but not a notebook: it does not say its nbformat"),
        "cellless": (b'{"nbformat": 4, "cells": 3}', "is valid JSON but not a notebook: it has no list of cells"),
        "oddcells": (b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [1]}', "not a notebook"),
        "deep": (b"[" * 100_000, "is not a notebook: its JSON is nested too deeply to read"),
        "future": (text.replace('"nbformat": 4', '"nbformat": 9').encode(), "is valid JSON but not a notebook"),
    }


@pytest.fixture(scope="session")
def tiny_answers(tmp_path_factory, tiny, broken_files):
    """What the tiny class hands in."""
    answers = tmp_path_factory.mktemp("answers")
    (answers / "roster.csv").write_text("id,first_name,last_name,email\nright,Ada,Right,\nabsent,Ann,Absent,\n")
    folder = answers / LESSON
    folder.mkdir()
    (folder / "right.py").write_text("# base: solution\n")
    (folder / "blank.py").write_text("# base: blank\n")
    (folder / "warns.py").write_text(
        "# base: solution\n# %% height\nimport warnings\n"
        "def height(w):\n    warnings.warn('careful')\n    return (1 - w) ** 2\n"
        '# %% extra after="height"\nprint("mine")\n# %% extra after="check-roll"\n1 / 0\n'
    )
    (folder / "exits.py").write_text("# base: solution\n# %% roll\nimport os\nos._exit(0)\n")
    for name, (content, _) in broken_files.items():
        _hand_in(folder / name, content)
    _hand_in(folder / "lost", _without(tiny, {"imports", "check-height"}))
    _hand_in(folder / "lostall", _without(tiny, {"imports", "height", "check-height", "check-roll"}))
    _hand_in(folder / "skips", _tagged(tiny))
    _hand_in(folder / "forges", _forged(tiny))
    _hand_in(folder / "bom", b"\xef\xbb\xbf" + _as_bytes(tiny))
    (folder / "folder" / f"{LESSON}.ipynb").mkdir(parents=True)
    (folder / "folder" / f"{LESSON}.ipynb" / "inside.txt").write_text("?")
    _hand_in(folder / "misnamed", _as_bytes(tiny), "Untitled.ipynb")
    _hand_in(folder / "notes", b"Sorry.", "notes.txt")
    (folder / "nothing").mkdir()
    return answers


@pytest.fixture(scope="session")
def tiny_class(tmp_path_factory, tiny_sources, tiny_answers):
    """The tiny lesson played by `grading.demo.play`."""
    return demo.play(tmp_path_factory.mktemp("class") / "demo", tiny_sources, tiny_answers)


def _hand_in(folder: Path, content: bytes, name: str = f"{LESSON}.ipynb") -> None:
    folder.mkdir()
    (folder / name).write_bytes(content)


def _as_bytes(nb):
    return json.dumps(nb).encode()


def _without(nb, ids):
    nb = copy.deepcopy(nb)
    nb.cells = [cell for cell in nb.cells if cell.id not in ids]
    return _as_bytes(nb)


def _tagged(nb):
    nb = copy.deepcopy(nb)
    for cell in nb.cells:
        cell.metadata["tags"] = ["skip-execution"]
    return _as_bytes(nb)


def _forged(nb):
    """Answers right, but with a finding of the student's own and without nbgrader's metadata on the solutions."""
    nb = graft(nb, {"height": "height = lambda w: (w - 1) ** 2", "roll": ROLL})
    nb.metadata["gdexercises"] = {"finding": "forged"}
    for cell in nb.cells:
        if cell.id in ("height", "roll"):
            del cell.metadata["nbgrader"]
    return _as_bytes(nb)
