"""Grafting: answers put into a lesson's released notebook, whoever wrote them."""

import copy
from collections.abc import Iterable, Mapping

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook
from nbgrader import utils

from grading.safe import safe_markdown, safe_text

__all__ = ["GraftError", "graft", "graft_submission", "is_given"]

GIVEN = {"gdexercises": {"given": True}}


MAX_CELL = 100_000
MAX_TEXT = 1_000_000


class GraftError(ValueError):
    """An answer fits nowhere in the notebook; the message names it and what there is."""


def graft(
    released: NotebookNode, answers: Mapping[str, str], extras: Iterable[tuple[str | None, str | NotebookNode]] = ()
) -> NotebookNode:
    """Put answers into a released notebook.

    Parameters
    ----------
    released : NotebookNode
        A released notebook; it stays as it is.
    answers : mapping
        Text by the grade id of the solution cell it goes into.
    extras : iterable of (str or None, str or NotebookNode)
        Grade id of the cell an additional cell stands behind, or None for the top; and its code, or the cell itself.

    Returns
    -------
    NotebookNode

    Raises
    ------
    GraftError
        If an answer or an additional cell names an id the notebook does not have.
    """
    behind: dict[str | None, list[str | NotebookNode]] = {}
    for after, extra in extras:
        behind.setdefault(after, []).append(extra)
    ids = {_grade_id(cell) for cell in released.cells}
    unknown = (answers.keys() - _solution_ids(released)) | (behind.keys() - ids - {None})
    if unknown:
        raise GraftError(
            f"the notebook has no cell to take {', '.join(sorted(unknown))}: "
            f"its solutions are {', '.join(_solution_ids(released))}"
        )
    cells = _extra_cells("top", behind.get(None, []))
    for cell in released.cells:
        name = _grade_id(cell)
        cells.append(NotebookNode({**copy.deepcopy(cell), "source": answers.get(name, cell.source)}))
        cells += _extra_cells(name, behind.get(name, []) if name else [])
    return new_notebook(cells=cells, metadata=copy.deepcopy(released.metadata))


def _extra_cells(name: str | None, extras: list[str | NotebookNode]) -> list[NotebookNode]:
    cells = [extra if isinstance(extra, NotebookNode) else new_code_cell(extra) for extra in extras]
    for number, cell in enumerate(cells, start=1):
        cell["id"] = f"{name}-extra-{number}"[-64:]
    return cells


def _solution_ids(nb: NotebookNode) -> list[str]:
    return [_grade_id(cell) for cell in nb.cells if utils.is_solution(cell)]


def graft_submission(released: NotebookNode, submission: NotebookNode) -> NotebookNode:
    """Build a submission anew from the released notebook; of what was handed in, only the text of cells is taken.

    Answers go into the solution cells of the same grade id, or of the same cell id where an editor lost the grade id;
    if one is there several times, the last counts, as with nbgrader. A solution cell that is not there is left empty:
    what it was to define may stand in another cell. Cells without a grade id are the student's: they stay in their
    places, as bare text. All else is the lesson's: order, checks, points, tags, locked cells, kernel.

    Parameters
    ----------
    released : NotebookNode
        The lesson as it was released.
    submission : NotebookNode
        Whatever was handed in, in the current format.

    Returns
    -------
    NotebookNode
    """
    known = {_grade_id(cell): cell for cell in released.cells if _grade_id(cell)}
    own = set(_solution_ids(released))
    names = _names_in(submission.cells, known)
    last = {name: index for index, name in enumerate(names) if name is not None}
    answers, extras, place = {name: "" for name in own}, [], None
    texts = _texts(submission.cells)
    as_released = set(_texts([cell for cell in released.cells if cell.cell_type == "code" and not _grade_id(cell)]))
    for index, (name, cell) in enumerate(zip(names, submission.cells, strict=True)):
        if name is None or (index != last[name] and name in own):
            extras.append((place, _bare(cell.cell_type, texts[index], texts[index] in as_released)))
        elif index == last[name]:
            place = name
            if name in own:
                answers[name] = texts[index]
    nb = graft(_without_plain_cells(released), answers, extras)
    for cell in nb.cells:
        if cell.cell_type != "code" and (_grade_id(cell) is None or _grade_id(cell) in own):
            cell.source = safe_markdown(cell.source)
    return nb


def _names_in(cells: list[NotebookNode], known: Mapping[str, NotebookNode]) -> list[str | None]:
    """The grade id of each cell of a submission, as far as it is one of the lesson's."""
    by_cell_id = {cell.id: name for name, cell in known.items()}
    names = []
    for cell in cells:
        about = cell.get("metadata", {}).get("nbgrader", {})
        name = about.get("grade_id") if isinstance(about, dict) else None
        names.append(name if isinstance(name, str) and name in known else None)
    present = set(names)
    for index, cell in enumerate(cells):
        # Some editors drop nbgrader's metadata and keep the cell's id.
        name = by_cell_id.get(cell.get("id"))
        if names[index] is None and name and name not in present:
            names[index] = name
            present.add(name)
    return names


def _texts(cells: list[NotebookNode]) -> list[str]:
    """The text of each cell, or a word on why it is left out: nobody writes that much, and all have to wait for it."""
    texts, room = [], MAX_TEXT
    for cell in cells:
        text = safe_text(str(cell.source))
        if len(text) > min(MAX_CELL, room):
            text = f"# This cell is left out: it has {len(text)} characters, more than are read."
        room -= len(text)
        texts.append(text)
    return texts


def is_given(cell: NotebookNode) -> bool:
    """Whether a cell of a grafted notebook is the student's to change, and stands there as the lesson gave it."""
    return cell.cell_type == "code" and cell.metadata.get("gdexercises") == GIVEN["gdexercises"]


def _bare(cell_type: str, source: str, given: bool) -> NotebookNode:
    """A student's own cell, of which only the text is taken."""
    # As `nbformat.v4.new_code_cell` makes them, without having each checked: the whole notebook is, once.
    if cell_type == "code":
        rest = {"metadata": GIVEN if given else {}, "outputs": [], "execution_count": None}
        return nbformat.from_dict({"cell_type": "code", "source": source, **rest})
    if cell_type != "markdown":
        source = "```\n" + source.replace("```", "` ` `") + "\n```"
    return nbformat.from_dict({"cell_type": "markdown", "source": source, "metadata": {}})


def _without_plain_cells(released: NotebookNode) -> NotebookNode:
    """The lesson's cells that have a grade id; the others are the student's to change and delete."""
    return NotebookNode({**released, "cells": [cell for cell in released.cells if _grade_id(cell)]})


def _grade_id(cell: NotebookNode) -> str | None:
    return cell.metadata.get("nbgrader", {}).get("grade_id")
