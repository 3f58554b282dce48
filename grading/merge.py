"""Three versions of a thing made one: as it was brought in, as somebody has edited it, and as it is now.

What only one side changed is taken. What both changed, each in another way, is a conflict, and somebody is asked. In a
notebook this goes by cell, and in a cell by what an instructor edits of it: its text, its points, its role.
"""

import copy
import difflib
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import nbformat
from nbformat import NotebookNode

__all__ = ["Answer", "Ask", "Conflict", "Merged", "merge_notebooks", "merge_texts"]

Answer = Literal["keep", "take", "skip"]
"""Keep what is there, take what is new, or leave it as it is and ask again the next time."""

UNKNOWN = object()
ALIKE = 0.6
"""So much of two texts has to be the same for one to be taken for the other, edited."""


@dataclass(frozen=True)
class Conflict:
    """Something that both sides changed.

    Attributes
    ----------
    where : str
        Which cell, or which lines.
    mine, new : str or None
        What there is, and what there would be, as text to compare; None for nothing.
    why : str
        How it came to this, in words.
    """

    where: str
    mine: str | None
    new: str | None
    why: str


Ask = Callable[[Conflict], Answer]


@dataclass
class Merged:
    """What three versions have come to.

    Attributes
    ----------
    result : Any
        The one version.
    base : Any
        What to compare with the next time: the new version, but for what is still to be decided; None if it cannot be
        said yet.
    brought, kept, skipped : list of str
        What came in (with what happened), what was kept although there is something newer, and what is still open.
    """

    result: Any
    base: Any
    brought: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)

    def decide(self, conflict: Conflict, ask: Ask) -> Answer:
        """Have somebody decide, and note it."""
        answer = ask(conflict)
        {"keep": self.kept, "take": self.brought, "skip": self.skipped}[answer].append(conflict.where)
        return answer


# Texts ----------------------------------------------------------------------------------------------------------------


def merge_texts(base: str | None, mine: str, new: str, ask: Ask) -> Merged:
    """Merge by lines.

    Parameters
    ----------
    base : str or None
        None if it is not known: then all that differs is a conflict.
    mine, new : str
    ask : callable
        Asked for each conflict.

    Returns
    -------
    Merged
        With texts.
    """
    merged = Merged("", "")
    before = base if base is not None else ""
    lines = [text.splitlines(keepends=True) for text in (before, mine, new)]
    chunks = _differing(*lines[1:]) if base is None else _chunks(*lines)
    result, rest = [], []
    line = 1
    for old, here, there in chunks:
        where = f"line {line}" if len(here) < 2 else f"lines {line} to {line + len(here) - 1}"
        line += len(here)
        if here == there or there == old:
            result, rest = result + here, rest + there
        elif here == old:
            result, rest = result + there, rest + there
            merged.brought.append(where)
        else:
            conflict = Conflict(where, "".join(here), "".join(there), "edited here and in the newer version")
            answer = merged.decide(conflict, ask)
            result += there if answer == "take" else here
            rest += (old or []) if answer == "skip" else there
    merged.result = "".join(result)
    merged.base = None if base is None and merged.skipped else "".join(rest)
    return merged


Chunk = tuple[list[str] | None, list[str], list[str]]


def _chunks(base: list[str], mine: list[str], new: list[str]) -> list[Chunk]:
    """Cut three texts at the lines that all have in common."""
    to_mine, to_new = _matches(base, mine), _matches(base, new)
    chunks, at = [], (0, 0, 0)
    for index in range(len(base)):
        if index in to_mine and index in to_new:
            here = (index, to_mine[index], to_new[index])
            between = [text[begin:end] for text, begin, end in zip((base, mine, new), at, here, strict=True)]
            chunks += [tuple(between), ([base[index]],) * 3]
            at = tuple(place + 1 for place in here)
    chunks.append(tuple(text[begin:] for text, begin in zip((base, mine, new), at, strict=True)))
    return [chunk for chunk in chunks if any(chunk)]


def _differing(mine: list[str], new: list[str]) -> list[Chunk]:
    """Cut two texts where they differ; of what was before, nothing is known."""
    chunks = difflib.SequenceMatcher(None, mine, new, autojunk=False).get_opcodes()
    return [(None, mine[a:b], new[c:d]) for _, a, b, c, d in chunks]


def _matches(one: Sequence[Hashable], other: Sequence[Hashable]) -> dict[int, int]:
    blocks = difflib.SequenceMatcher(None, one, other, autojunk=False).get_matching_blocks()
    return {a + offset: b + offset for a, b, size in blocks for offset in range(size)}


# Notebooks ------------------------------------------------------------------------------------------------------------


@dataclass
class _Slot:
    """One cell, in up to three versions."""

    base: NotebookNode | None = None
    mine: NotebookNode | None = None
    new: NotebookNode | None = None
    result: NotebookNode | None = None
    rest: NotebookNode | None = None


def merge_notebooks(base: NotebookNode | None, mine: NotebookNode, new: NotebookNode, ask: Ask) -> Merged:
    """Merge by cells, and within a cell by its text, its points, its role and its tags.

    Outputs do not count, and what else front ends write into a notebook stays.

    Parameters
    ----------
    base : NotebookNode or None
        None if it is not known: then all that differs is a conflict.
    mine, new : NotebookNode
    ask : callable
        Asked for each conflict.

    Returns
    -------
    Merged
        With notebooks. If nothing of the result is other than it was, it is ``mine`` itself.
    """
    slots = _slots(base.cells if base else [], mine.cells, new.cells)
    merged = Merged(mine, None)
    for slot in slots:
        _decide(slot, base is not None, merged, ask)
    by_mine = _ordered(slots, "mine", mine.cells)
    by_new, by_base = _ordered(slots, "new", new.cells), _ordered(slots, "base", base.cells if base else [])
    common = [id(slot) for slot in by_base if slot.mine is not None]
    moved = [id(slot) for slot in by_mine if slot.base is not None] != common
    order = _woven(by_mine, by_new) if moved or base is None else _woven(by_new, by_mine)
    cells = [slot for slot in order if slot.result is not None]
    stay = [slot for slot in by_mine if slot.result is not None]
    if [id(slot) for slot in cells if slot.mine is not None] != [id(slot) for slot in stay]:
        merged.brought.append("the order of the cells")
    if [id(slot) for slot in cells] != [id(slot) for slot in by_mine] or any(_changed(slot) for slot in cells):
        merged.result = _notebook(mine, [slot.result for slot in cells])
    if base is not None or not merged.skipped:
        kept = [slot.rest for slot in _woven(by_new, by_base) if slot.rest is not None]
        merged.base = NotebookNode({**copy.deepcopy(new), "cells": copy.deepcopy(kept)})
    return merged


def _decide(slot: _Slot, known: bool, merged: Merged, ask: Ask) -> None:
    """Say what comes of a cell, and what to compare with the next time."""
    base, mine, new = (_parts(cell) for cell in (slot.base, slot.mine, slot.new))
    slot.rest = slot.new
    if mine is not None and new is not None:
        _decide_parts(slot, merged, ask)
    elif new is None:
        slot.result = slot.mine  # the instructor's own, unless
        if base is not None and mine == base:
            slot.result = None
            merged.brought.append(f"{_label(slot.base)}: gone")
        elif base is not None and mine is not None:
            conflict = Conflict(_label(slot.mine), _text(slot.mine), None, "edited here, gone in the newer version")
            answer = merged.decide(conflict, ask)
            slot.result = None if answer == "take" else slot.mine
            slot.rest = slot.base if answer == "skip" else None
    elif base is None and known:
        slot.result = slot.new
        merged.brought.append(f"{_label(slot.new)}: a new cell")
    elif base != new:
        why = "deleted here, another one in the newer version" if known else "deleted here, or new"
        answer = merged.decide(Conflict(_label(slot.new), None, _text(slot.new), why), ask)
        slot.result = slot.new if answer == "take" else None
        slot.rest = slot.base if answer == "skip" else slot.new


def _decide_parts(slot: _Slot, merged: Merged, ask: Ask) -> None:
    mine, new = _parts(slot.mine), _parts(slot.new)
    base = _parts(slot.base) or dict.fromkeys(new, UNKNOWN)
    came = [part for part in new if new[part] != mine[part] and mine[part] == base[part]]
    both = [part for part in new if new[part] != mine[part] and part not in came and new[part] != base[part]]
    take, answer = list(came), "take"
    if came:
        merged.brought.append(f"{_label(slot.new)}: {', '.join(came)}")
    if both:
        why = f"{' and '.join(both)} edited here and in the newer version"
        if slot.base is None:
            why = f"other {' and '.join(both)} here than in the newer version"
        answer = merged.decide(Conflict(_label(slot.mine), _text(slot.mine), _text(slot.new), why), ask)
        take += both if answer == "take" else []
        slot.rest = slot.base if answer == "skip" else slot.new
        # What came in along with an open conflict is not to be taken for an edit the next time.
        if answer == "skip" and slot.base is not None and came:
            slot.rest = _with_parts(slot.base, slot.new, came)
    slot.result = _with_parts(slot.mine, slot.new, take) if take else slot.mine
    if answer != "skip" and slot.base is not None and slot.mine.get("id") == slot.base.get("id") != slot.new.get("id"):
        slot.result = NotebookNode({**slot.result, "id": slot.new.id})  # by which it is found the next time


def _parts(cell: NotebookNode | None) -> dict[str, Any] | None:
    """What an instructor edits of a cell."""
    if cell is None:
        return None
    about = cell.metadata.get("nbgrader", {})
    roles = ("grade_id", "grade", "solution", "locked", "task")
    return {
        "text": (cell.cell_type, cell.source),
        "points": about.get("points") if about.get("grade") or about.get("task") else None,
        "role": tuple(about.get(role) or False for role in roles),
        "tags": sorted(cell.metadata.get("tags", [])),
    }


def _with_parts(mine: NotebookNode, new: NotebookNode, parts: Sequence[str]) -> NotebookNode:
    """A cell with some parts of another."""
    cell = copy.deepcopy(mine)
    if "text" in parts and cell.cell_type != new.cell_type:
        cell = NotebookNode({**copy.deepcopy(new), "metadata": cell.metadata})
    if "text" in parts:
        cell.source = new.source
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    about = copy.deepcopy(new.metadata.get("nbgrader", {}))
    if "role" in parts:
        points = cell.metadata.get("nbgrader", {}).get("points")
        cell.metadata.pop("nbgrader", None)
        if about:
            cell.metadata["nbgrader"] = about
            if "points" in about and points is not None:
                about["points"] = points
    if "points" in parts and "nbgrader" in cell.metadata:
        cell.metadata.nbgrader.pop("points", None)
        if "points" in about:
            cell.metadata.nbgrader["points"] = about["points"]
    if "tags" in parts:
        cell.metadata.pop("tags", None)
        if "tags" in new.metadata:
            cell.metadata["tags"] = list(new.metadata["tags"])
    return cell


def _changed(slot: _Slot) -> bool:
    return slot.result is not slot.mine


def _notebook(mine: NotebookNode, cells: list[NotebookNode]) -> NotebookNode:
    nb = NotebookNode({**copy.deepcopy(mine), "cells": copy.deepcopy(cells)})
    seen: set[str] = set()
    if nb.nbformat_minor < 5:  # which has no ids of cells
        for cell in nb.cells:
            cell.pop("id", None)
        return nb
    for cell in nb.cells:
        if cell.get("id") in seen or "id" not in cell:
            cell["id"] = nbformat.v4.new_raw_cell().id
        seen.add(cell["id"])
    return nb


def _label(cell: NotebookNode) -> str:
    """How people find a cell."""
    first = next((line for line in cell.source.splitlines() if line.strip()), "")
    shown = f"“{first[:50]}{'…' if len(first) > 50 else ''}”" if first else "an empty cell"
    return _grade_id(cell) or shown


def _text(cell: NotebookNode) -> str:
    """A cell as a text to compare."""
    parts = _parts(cell)
    head = [f"[{cell.cell_type}]"]
    if parts["points"] is not None:
        head.append(f"{parts['points']} points")
    grade_id, *flags = parts["role"]
    if grade_id:
        words = [word for word, on in zip(("graded", "solution", "locked", "task"), flags, strict=True) if on]
        head.append(f"{grade_id} ({', '.join(words)})")
    if parts["tags"]:
        head.append(f"tags: {', '.join(parts['tags'])}")
    return f"{', '.join(head)}\n{cell.source}\n"


# Which cell is which --------------------------------------------------------------------------------------------------


def _slots(base: list[NotebookNode], mine: list[NotebookNode], new: list[NotebookNode]) -> list[_Slot]:
    slots = [_Slot(base=cell) for cell in base]
    of_mine, of_new = _aligned(base, mine), _aligned(base, new)
    for cell, place in zip(mine, of_mine, strict=True):
        if place is not None:
            slots[place].mine = cell
    for cell, place in zip(new, of_new, strict=True):
        if place is not None:
            slots[place].new = cell
    own = [cell for cell, place in zip(mine, of_mine, strict=True) if place is None]
    added = [cell for cell, place in zip(new, of_new, strict=True) if place is None]
    of_added = _aligned(own, added)
    slots_of_own = [_Slot(mine=cell) for cell in own]
    for cell, place in zip(added, of_added, strict=True):
        if place is None:
            slots.append(_Slot(new=cell))
        else:
            slots_of_own[place].new = cell
    return slots + slots_of_own


def _aligned(cells: list[NotebookNode], others: list[NotebookNode]) -> list[int | None]:
    """For each of the others, which of the cells it is: by its grade id, its id, its text, or a text much like it."""
    found: list[int | None] = [None] * len(others)
    free = dict(enumerate(cells))

    def pair(key: Callable[[NotebookNode], Hashable | None]) -> None:
        places: dict[Hashable, list[int]] = {}
        for place, cell in free.items():
            if (value := key(cell)) is not None:
                places.setdefault(value, []).append(place)
        for index, cell in enumerate(others):
            if found[index] is None and (left := places.get(key(cell))):
                found[index] = left.pop(0)
                del free[found[index]]

    for key in (_grade_id, lambda cell: cell.get("id"), lambda cell: (cell.cell_type, cell.source)):
        pair(key)
    _pair_alike(cells, others, found, free)
    return found


def _pair_alike(
    cells: list[NotebookNode], others: list[NotebookNode], found: list[int | None], free: dict[int, NotebookNode]
) -> None:
    """Pair what stands behind the same cell, is of the same type and much alike, the most alike first."""
    before, last = [], None
    for place in found:
        before.append(last)
        last = place if place is not None else last
    candidates = []
    for index, cell in enumerate(others):
        if found[index] is not None or _grade_id(cell):
            continue
        for place, other in free.items():
            behind = max((taken for taken in range(place) if taken not in free), default=None)
            if behind == before[index] and other.cell_type == cell.cell_type and not _grade_id(other):
                compared = difflib.SequenceMatcher(None, other.source, cell.source, autojunk=False)
                if compared.real_quick_ratio() >= ALIKE and compared.quick_ratio() >= ALIKE:
                    candidates += [(-ratio, index, place)] if (ratio := compared.ratio()) >= ALIKE else []
    for _, index, place in sorted(candidates):
        if found[index] is None and place in free:
            found[index] = place
            del free[place]


def _grade_id(cell: NotebookNode) -> str | None:
    return cell.metadata.get("nbgrader", {}).get("grade_id") or None


def _ordered(slots: list[_Slot], version: str, cells: list[NotebookNode]) -> list[_Slot]:
    by_cell = {id(getattr(slot, version)): slot for slot in slots if getattr(slot, version) is not None}
    return [by_cell[id(cell)] for cell in cells]


def _woven(spine: list[_Slot], other: list[_Slot]) -> list[_Slot]:
    """One order of both: the first's, with what only the second has behind what it stands behind there."""
    order = list(spine)
    there = {id(slot) for slot in spine}
    after: _Slot | None = None
    for slot in other:
        if id(slot) not in there:
            place = next((index + 1 for index, one in enumerate(order) if one is after), 0)
            order.insert(place, slot)
            there.add(id(slot))
        after = slot
    return order
