"""Notebooks and files that nobody expects, by name: how they come to lie in a folder, and what must come of them."""

import copy
import json
import os
import socket
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_raw_cell

from grading.graft import graft
from tests.hostile.lesson import NAME, POINTS

FILE = f"{NAME}.ipynb"
FULL = sum(POINTS.values())


@dataclass(frozen=True)
class Broken:
    """What lies in a folder, and what must come of it: the score, and words that its author is told."""

    hand_in: Callable[[Path], None]
    score: float
    told: str = ""


def all_broken(released: NotebookNode, solutions: dict[str, str], world: Path) -> dict[str, Broken]:
    """All of them; some point at files in `world`, which nobody may read or change."""
    right = graft(released, solutions)
    found = dict(_texts(right))
    found |= {name: Broken(_writes(nb), score, told) for name, (nb, score, told) in _notebooks(right).items()}
    found |= _files(right, world)
    return found


def _writes(content: bytes | str | dict) -> Callable[[Path], None]:
    if isinstance(content, dict):
        content = json.dumps(content)
    data = content if isinstance(content, bytes) else content.encode()
    return lambda folder: (folder / FILE).write_bytes(data) and None


def _texts(right: NotebookNode) -> Iterator[tuple[str, Broken]]:
    """Files that are no notebook, or nearly."""
    text = nbformat.writes(right)
    yield "json_cut", Broken(_writes(text[:300]), 0, "is not valid JSON")
    yield "json_none", Broken(_writes("print('hello')"), 0, "is not valid JSON")
    yield "json_zip", Broken(_writes(b"PK\3\4" + bytes(range(256))), 0, "is not UTF-8 text")
    yield "utf16", Broken(_writes(text.encode("utf-16")), 0, "is not UTF-8 text")
    yield "latin1", Broken(_writes(text.replace("height", "h\xf6he").encode("latin-1")), 0, "is not UTF-8 text")
    yield "bom", Broken(_writes(b"\xef\xbb\xbf" + text.encode()), FULL)
    yield "zero_bytes", Broken(_writes(bytes(10_000)), 0, "is not valid JSON")
    yield "nested", Broken(_writes('{"nbformat": 4, "cells": ' + "[" * 200_000), 0, "nested too deeply")
    yield "nested_a_bit", Broken(_writes({**right, "metadata": _nest(900)}), FULL)
    yield "huge", Broken(_sparse, 0, "has 200 MiB, more than the 32 MiB that are read")
    yield "number_without_end", Broken(_writes('{"nbformat": 4' + "0" * 10_000 + "}"), 0, "is not valid JSON")


def _sparse(folder: Path) -> None:
    with (folder / FILE).open("wb") as file:
        file.truncate(200 * 2**20)


def _nest(depth: int) -> dict:
    tree: dict = {}
    for _ in range(depth):
        tree = {"a": tree}
    return tree


def _notebooks(right: NotebookNode) -> dict[str, tuple[dict, float, str]]:
    """Notebooks that were changed; each with its score, and with words that are told."""

    def changed(change: Callable[[dict], None]) -> dict:
        nb = json.loads(json.dumps(right))
        change(nb)
        return nb

    def each(change: Callable[[dict], object], *ids: str) -> dict:
        return changed(lambda nb: [change(cell) for cell in nb["cells"] if not ids or cell["id"] in ids] and None)

    def about(cell: dict, **named: object) -> None:
        cell["metadata"].setdefault("nbgrader", {}).update(named)

    def replace_cells(make: Callable[[list], list]) -> dict:
        return changed(lambda nb: nb.update(cells=make(nb["cells"])))

    by_id = {cell.id: json.loads(json.dumps(cell)) for cell in right.cells}
    wrong = {"cell_type": "code", "metadata": {}, "source": "", "outputs": [], "execution_count": None}
    again = [{**copy.deepcopy(by_id["height"]), "id": "again", "source": "def height(w):\n    return 0"}]
    merged = "\n\n".join(by_id[name]["source"] for name in ("height", "roll", "gradients"))
    bomb = "x = 1\n" * 40_000
    return {
        "tags_skip": (
            each(lambda cell: cell["metadata"].update(tags=["skip-execution"])),
            FULL,
            "",
        ),
        "tags_of_any_form": (each(lambda cell: cell["metadata"].update(tags={"a": 5}, collapsed=5)), FULL, ""),
        "points_changed": (each(lambda cell: about(cell, points=1_000, schema_version=99)), FULL, ""),
        "flags_flipped": (each(lambda cell: about(cell, grade=True, solution=True, locked=False, task=True)), FULL, ""),
        "flags_of_any_form": (each(lambda cell: about(cell, grade="x", solution=[], locked={})), FULL, ""),
        "checks_rewritten": (each(lambda cell: cell.update(source="pass"), "check-height", "check-roll"), FULL, ""),
        "checks_made_answers": (
            each(lambda cell: about(cell, grade_id="height"), "check-height"),
            FULL,
            "",
        ),
        "imports_rewritten": (each(lambda cell: cell.update(source="1 / 0"), "imports"), FULL, ""),
        "ids_gone": (each(lambda cell: cell.pop("id")), FULL, ""),
        "ids_all_the_same": (each(lambda cell: cell.update(id="height")), FULL, ""),
        "ids_of_any_form": (each(lambda cell: cell.update(id=["x"])), FULL, ""),
        "grade_ids_gone": (each(lambda cell: cell["metadata"].clear()), FULL, ""),
        "grade_ids_and_ids_gone": (each(lambda cell: (cell["metadata"].clear(), cell.pop("id"))), FULL, ""),
        "grade_ids_swapped": (
            replace_cells(
                lambda cells: [
                    {**by_id["roll"], "metadata": by_id["height"]["metadata"]},
                    {**by_id["height"], "metadata": by_id["roll"]["metadata"]},
                    by_id["gradients"],
                ]
            ),
            FULL - 1.5,  # roll is defined after its text moved into the cell of height, height after its check
            "There is no height",
        ),
        "grade_ids_twice": (replace_cells(lambda cells: [*cells[:2], *again, *cells[2:]]), FULL - 1.5, "height is 0"),
        "grade_ids_renamed": (each(lambda cell: about(cell, grade_id=cell["id"] + "2")), FULL, ""),
        "cells_reordered": (replace_cells(lambda cells: cells[::-1]), FULL, ""),
        "cells_deleted": (replace_cells(lambda cells: [c for c in cells if "check" not in c["id"]]), FULL, ""),
        "cells_merged": (
            replace_cells(lambda cells: [{**wrong, "id": "m", "source": "import numpy as np\n" + merged}]),
            FULL,
            "",
        ),
        "cells_all_gone": (replace_cells(lambda cells: []), 0, "There is no height"),
        "cells_turned_to_markdown": (each(lambda cell: cell.update(cell_type="markdown")), FULL, ""),
        "cells_turned_to_nonsense": (each(lambda cell: cell.update(cell_type="heading")), FULL, ""),
        "cells_without_source": (each(lambda cell: cell.pop("source"), "height"), FULL - 1.5, "There is no height"),
        "cells_of_numbers": (replace_cells(lambda cells: [1, 2, 3]), 0, "not all of its cells are cells"),
        "cells_too_many": (replace_cells(lambda cells: cells * 500), 0, "more than the 2000 that are read"),
        "cells_many": (
            replace_cells(lambda cells: cells + [{**wrong, "id": f"x{n}", "source": "1"} for n in range(1_000)]),
            FULL,
            "",
        ),
        "cells_too_long": (
            replace_cells(lambda cells: cells + [{**wrong, "id": f"x{n}", "source": bomb} for n in range(30)]),
            FULL,
            "This cell is left out: it has 240000 characters, more than are read.",
        ),
        "kernel_changed": (
            changed(
                lambda nb: nb.update(
                    metadata={
                        "kernelspec": {"name": "bash", "language": "bash"},
                        "language_info": {"name": "javascript"},
                    }
                )
            ),
            FULL,
            "",
        ),
        "kernel_of_any_form": (changed(lambda nb: nb["metadata"].update(kernelspec=[1], widgets=5)), FULL, ""),
        "findings_forged": (changed(lambda nb: nb["metadata"].update(gdexercises={"finding": "forged"})), FULL, ""),
        "outputs_forged": (
            each(
                lambda cell: cell.update(
                    outputs=[{"output_type": "display_data", "data": {"text/plain": "Right"}, "metadata": {}}],
                    execution_count=7,
                ),
                "check-height",
            ),
            FULL,
            "",
        ),
        "outputs_of_any_form": (each(lambda cell: cell.update(outputs=[5, {}, None], execution_count="x")), FULL, ""),
        "format_of_the_future": (changed(lambda nb: nb.update(nbformat=9)), 0, "is valid JSON but not a notebook"),
        "format_of_tomorrow": (changed(lambda nb: nb.update(nbformat_minor=99, new="thing")), FULL, ""),
        "format_of_long_ago": (_old(right), FULL, ""),
        "format_without_number": (changed(lambda nb: nb.pop("nbformat")), 0, "it does not say its nbformat"),
        "surrogates": (each(lambda cell: cell.update(source=cell["source"] + "\n# \ud800 \0")), FULL, ""),
        "scripts": (json.loads(nbformat.writes(_with_scripts(right))), FULL, "an honest link"),
    }


def _old(right: NotebookNode) -> dict:
    cells = [
        {
            "cell_type": "code",
            "input": cell.source,
            "language": "python",
            "collapsed": False,
            "metadata": cell.metadata,
            "outputs": [],
        }
        for cell in right.cells
    ]
    return {
        "nbformat": 3,
        "nbformat_minor": 0,
        "metadata": {"name": ""},
        "worksheets": [{"cells": cells, "metadata": {}}],
    }


SCRIPTS = [
    "<script>alert(1)</script>",
    "a <img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "[x](javascript:alert(1)) [y](JaVaScRiPt:alert(1)) [z](java&Tab;script:alert(1)) [q](&#1;javascript:alert(1))",
    "[x][1]\n\n[1]: javascript:alert(1)\n[2]: data:text/html;base64,PHNjcmlwdD4=",
    "<javascript:alert(1)> <a href='javascript:alert(1)'>x</a>",
    "![a](https://evil.example/seen.png) ![b](attachment:missing.png) ![c][1]",
    "$\\href{javascript:alert(1)}{x}$ and $$\\style{background:url(//evil.example)}{y}$$",
    "</div></body></html><style>* {display: none}</style><base href=//evil.example>",
    "[an honest link](https://numpy.org) and `a[i](j)`",
]


def _with_scripts(right: NotebookNode) -> NotebookNode:
    cells = [make(text) for text in SCRIPTS for make in (new_markdown_cell, new_raw_cell)]
    cells.append(new_code_cell("# </pre><script>alert(1)</script>"))
    nb = copy.deepcopy(right)
    nb.cells += cells
    return nb


def _files(right: NotebookNode, world: Path) -> dict[str, Broken]:
    """What is no plain file in a plain folder."""
    write = _writes(nbformat.writes(right))

    def beside(make: Callable[[Path], object]) -> Callable[[Path], None]:
        def hand_in(folder: Path) -> None:
            write(folder)
            make(folder)

        return hand_in

    def folder_link(folder: Path) -> None:
        folder.rmdir()
        folder.symlink_to(world, target_is_directory=True)

    def bound(folder: Path) -> None:
        # By the open folder's descriptor: the name of a socket is at most 107 bytes long.
        descriptor = os.open(folder, os.O_DIRECTORY)
        try:
            with socket.socket(socket.AF_UNIX) as one:
                one.bind(f"/proc/self/fd/{descriptor}/{FILE}")
        finally:
            os.close(descriptor)

    def modules(folder: Path) -> None:
        for name in ("numpy.py", "gdexercises.py", "sitecustomize.py"):
            (folder / name).write_text("1 / 0")

    secret = world / ".gdexercises-secret"
    found = {
        "link": Broken(lambda folder: (folder / FILE).symlink_to(secret), 0, "is a link to somewhere else"),
        "link_to_nothing": Broken(lambda folder: (folder / FILE).symlink_to("/nowhere"), 0, "is a link"),
        "link_to_itself": Broken(lambda folder: (folder / FILE).symlink_to(FILE), 0, "is a link"),
        "link_without_end": Broken(lambda folder: (folder / FILE).symlink_to("/dev/zero"), 0, "is a link"),
        "folder_link": Broken(folder_link, 0, "is a link to somewhere else"),
        "hard_link": Broken(lambda folder: os.link(secret, folder / FILE), 0, "is not valid JSON"),
        "pipe": Broken(lambda folder: os.mkfifo(folder / FILE), 0, "is a pipe or a device"),
        "socket": Broken(bound, 0, "is a pipe or a device"),
        "folder": Broken(lambda folder: (folder / FILE).mkdir(), 0, "is a folder, not a notebook"),
        "nothing": Broken(lambda folder: None, 0, "is missing: nothing was handed in"),
        "other_name": Broken(
            lambda folder: (folder / "Untitled.ipynb").write_text("{}"), 0, "is missing: only Untitled"
        ),
        "beside_pipes": Broken(beside(lambda folder: os.mkfifo(folder / "data.csv")), FULL),
        "beside_links": Broken(beside(lambda folder: (folder / "data").symlink_to(world)), FULL),
        "beside_other_notebooks": Broken(beside(lambda folder: (folder / "Untitled.ipynb").write_text("{}")), FULL),
        "beside_other_pipes": Broken(beside(lambda folder: os.mkfifo(folder / "Untitled1.ipynb")), FULL),
        "beside_modules": Broken(
            beside(lambda folder: [(folder / name).write_text("1 / 0") for name in ("numpy.py", "gdexercises.py")]),
            FULL,
        ),
        "time_of_no_time": Broken(beside(lambda folder: (folder / "timestamp.txt").write_text("never")), FULL),
        "time_from_a_pipe": Broken(beside(lambda folder: os.mkfifo(folder / "timestamp.txt")), FULL),
        "time_from_a_link": Broken(beside(lambda folder: (folder / "timestamp.txt").symlink_to(secret)), FULL),
        "secret_from_a_pipe": Broken(beside(lambda folder: os.mkfifo(folder / "submission_secret.txt")), FULL),
        "secret_from_a_link": Broken(
            beside(lambda folder: (folder / "submission_secret.txt").symlink_to(secret)), FULL
        ),
    }
    if os.getuid() == 0:
        device = stat.S_IFCHR | 0o666
        make = lambda folder: os.mknod(folder / FILE, device, os.makedev(1, 5))  # /dev/zero
        found["device"] = Broken(make, 0, "is a pipe or a device")
    return found
