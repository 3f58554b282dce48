"""A tiny lesson, and how a hostile submission to it is written down: as text, with what must come of it above."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader import utils

from grading import notebooks
from grading.graft import graft

NAME = "97-hostile"
POINTS = {"height": 1.5, "roll": 2, "gradients": 3}
SUBMISSIONS = Path(__file__).parent / "submissions"

SOURCE = """\
# %% locked="imports"
import numpy as np

from gdexercises import five_steps, start_here

# %% solution="height"
def height(w):
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
    ### END SOLUTION

# %% check="roll" points=2
start_here.roll.check(roll)

# %% solution="gradients"
def gradients(x, y, b, w):
    ### BEGIN SOLUTION
    error = b + w * x - y
    return 2 * error.mean(), 2 * (x * error).mean()
    ### END SOLUTION

# %% check="gradients" points=3
five_steps.gradients.check(gradients)
"""
LIMITS = {
    "call": 4,
    "cell": 5,
    "submission": 15,
    "memory": 512 * 2**20,
    "disk": 32 * 2**20,
    "file_size": 16 * 2**20,
    "processes": 64,
    "files": 128,
}
"""Small ones, so that what never ends does not take long. What is right needs a hundredth of them."""


@dataclass(frozen=True)
class Submission:
    """What somebody hands in, and what must come of it.

    Attributes
    ----------
    attacks : tuple of str
        The exercises that must get no points.
    keeps : tuple of str
        Those that must get all of theirs; together with `attacks` these are all there are.
    finding : list of str
        Words that its author must be told.
    never : list of str
        Words that must not come out.
    """

    name: str
    answers: notebooks.Answers
    attacks: tuple[str, ...]
    keeps: tuple[str, ...]
    finding: list[str] = field(default_factory=list)
    never: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return self.name

    def notebook(self, released: NotebookNode, solutions: Mapping[str, str], places: Mapping[str, str]) -> NotebookNode:
        """What was handed in; words such as ``@TCP@`` in it become the `places` that are attacked."""
        texts = dict(solutions) if self.answers.base == "solution" else {}
        nb = graft(released, texts | self.answers.answers, self.answers.extras)
        for cell in nb.cells:
            for word, place in places.items():
                cell.source = cell.source.replace(f"@{word}@", place)
        return nb

    @property
    def score(self) -> float:
        return sum(POINTS[name] for name in self.keeps)


def read(path: Path) -> Submission:
    """A submission from its text: an answer file whose comments at the top say what must come of it."""
    said: dict[str, list[str]] = {"attacks": [], "keeps": [], "finding": [], "never": []}
    for line in path.read_text(encoding="utf-8").split("# %%")[0].splitlines():
        word, colon, rest = line.removeprefix("# ").partition(":")
        if colon and word in said:
            said[word].append(rest.strip())
    attacks, keeps = (tuple(" ".join(said[word]).split()) for word in ("attacks", "keeps"))
    if sorted(attacks + keeps) != sorted(POINTS):
        raise ValueError(f"{path.name}: each of {', '.join(POINTS)} must stand once after attacks: or keeps:")
    return Submission(path.stem, notebooks.read_answers(path), attacks, keeps, said["finding"], said["never"])


def all_submissions() -> list[Submission]:
    return [read(path) for path in sorted(SUBMISSIONS.glob("*.py"))]


def scores(nb: NotebookNode) -> dict[str, float]:
    """What nbgrader gives for each check of a notebook that was run."""
    return {
        cell.metadata.nbgrader.grade_id.removeprefix("check-"): utils.determine_grade(cell)[0]
        for cell in nb.cells
        if utils.is_grade(cell)
    }


def told(nb: NotebookNode) -> str:
    """All that the outputs of a notebook say as text."""
    return re.sub(r"\x1b\[[\d;]*m", "", "\n".join(text for cell in nb.cells for text in _texts(cell)))


def _texts(cell: NotebookNode) -> list[str]:
    texts = []
    for output in cell.get("outputs", ()):
        if output.output_type == "stream":
            texts.append(output.text)
        elif output.output_type == "error":
            texts += [output.evalue, *output.traceback]
        else:
            texts += [str(value) for value in output.data.values()]
    return texts


def make_source(folder: Path) -> Path:
    """Write the lesson's text."""
    path = folder / f"{NAME}.py"
    path.write_text(SOURCE)
    return path


def as_bytes(nb: NotebookNode) -> bytes:
    return nbformat.writes(nb).encode()
