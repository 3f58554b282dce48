"""The lessons as pages: run with their solutions, shown without them.

A page shows a lesson as a student opens it, and below each cell what comes out once the exercises above it are done. So
the instructor's notebook is run, and of that run only the outputs of the cells that both notebooks share go into the
page: none of a solution, none of a check.
"""

import hashlib
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from logging import WARNING, getLogger
from pathlib import Path
from typing import Any

import links
import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from nbgrader import utils
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util import logging

from grading import notebooks
from grading.course import write_whole
from grading.plugins import SocketKernelManager

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "grading" / "source"
PAGES = "lessons"
"""The folder of the pages among the site's sources. It is written here, and ignored by git."""

WIDGET = "application/vnd.jupyter.widget-view+json"
ABOUT = """\
:::{note}
Below the cells stands what comes out once the exercises above them are done. The answers themselves are yours to write:
an exercise is a cell that says `YOUR CODE HERE`, and the cell below it checks what you wrote, when you run it.
:::"""

logger = logging.getLogger(__name__)


def setup(app: Sphinx) -> dict[str, Any]:
    """Have the lessons' pages written before Sphinx looks for pages."""
    app.add_config_value("lessons_cache", "", "", str, "Folder in which the lessons' runs are kept.")
    app.connect("builder-inited", _write_pages)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}


def _write_pages(app: Sphinx) -> None:
    sources = notebooks.lessons(SOURCE)
    cache = Path(app.confdir, app.config.lessons_cache or ".lessons")
    folder = Path(app.srcdir, PAGES)
    pages = {}
    runs = _run_all(sources, cache)
    for source in sources:
        student = notebooks.student_version(notebooks.read_source(source))
        made = page(runs[source.stem], student, links.of_lesson(app.config, source.stem))
        pages[folder / f"{source.stem}.ipynb"] = nbformat.writes(made).encode()
    for path, content in pages.items():
        # A page that is written has Sphinx read it again.
        if not path.exists() or path.read_bytes() != content:
            write_whole(path, content)
    for stale in set(folder.glob("*.ipynb")) - pages.keys():
        stale.unlink()


# A run --------------------------------------------------------------------------------------------------------------


def _run_all(sources: list[Path], cache: Path) -> dict[str, NotebookNode]:
    """Run the lessons that have changed, as many at a time as there are cores, and read the others' runs."""
    kept = {source: cache / f"{source.stem}-{_key(source)}.ipynb" for source in sources}
    due = [source for source in sources if not kept[source].exists()]
    if due:
        logger.info("running %d of the %d lessons; each is kept until it changes", len(due), len(sources))
    with ThreadPoolExecutor(os.cpu_count()) as executor:
        running = {executor.submit(run, source): source for source in due}
        try:
            for number, future in enumerate(as_completed(running), start=1):
                source = running[future]
                write_whole(kept[source], nbformat.writes(future.result()).encode())
                logger.info("ran %s (%d of %d)", source.stem, number, len(due))
        except BaseException:
            executor.shutdown(wait=False, cancel_futures=True)
            raise
    for stale in set(cache.glob("*.ipynb")) - set(kept.values()):
        stale.unlink()
    return {source.stem: nbformat.read(path, as_version=4) for source, path in kept.items()}


def _key(source: Path) -> str:
    """Hash all that a lesson's run depends on."""
    digest = hashlib.sha256(sys.version.encode())
    package = ROOT / "gdexercises"
    for path in (
        source,
        Path(__file__),
        ROOT / "constraints.txt",
        *sorted(package.rglob("*.py")),
        *sorted(package.rglob("*.csv")),
    ):
        digest.update(f"{path.relative_to(ROOT).as_posix()}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def run(source: Path) -> NotebookNode:
    """Run a lesson with its solutions, beside the others as a student has them who has just begun.

    Raises
    ------
    ExtensionError
        If a cell fails; the message has its traceback.
    """
    notebook = notebooks.read_source(source)
    quiet = getLogger("lessons.kernels")
    quiet.setLevel(WARNING)
    with tempfile.TemporaryDirectory() as folder:
        workbook = shutil.copytree(ROOT / "course", Path(folder, "workbook"))
        if "SOURCE_DATE_EPOCH" in os.environ:
            # A student's record says when a notebook was saved.
            for path in workbook.rglob("*.ipynb"):
                os.utime(path, (float(os.environ["SOURCE_DATE_EPOCH"]),) * 2)
        client = NotebookClient(
            notebook,
            timeout=600,
            kernel_name="python3",
            kernel_manager_class=SocketKernelManager,
            record_timing=False,
            coalesce_streams=True,
            log=quiet,
            resources={"metadata": {"path": str(workbook / source.stem)}},
        )
        try:
            client.execute(env={**os.environ, "JUPYTER_PLATFORM_DIRS": "1"})
        except CellExecutionError as error:
            raise ExtensionError(f"{source.name} cannot be shown, one of its cells fails:\n{error}") from error
    return notebook


# A page -------------------------------------------------------------------------------------------------------------


def page(run: NotebookNode, student: NotebookNode, links: str = "") -> NotebookNode:
    """Make the page of a lesson.

    Parameters
    ----------
    run : NotebookNode
        The instructor's notebook with its outputs.
    student : NotebookNode
        The student's notebook.
    links : str
        What stands below the title, in Markdown.

    Returns
    -------
    NotebookNode
        The student's cells, with the outputs of those that neither are nor tell an answer, and are no check.
    """
    outputs = {cell.id: cell.outputs for cell in run.cells if cell.cell_type == "code"}
    head, *others = student.cells
    title, _, rest = head.source.partition("\n")
    cells = [new_markdown_cell("\n\n".join(filter(None, (title, links, ABOUT, rest.strip()))), id=head.id)]
    for cell in others:
        if cell.cell_type == "markdown":
            cells.append(new_markdown_cell(cell.source, id=cell.id))
        else:
            hidden = utils.is_solution(cell) or utils.is_grade(cell) or ".solution(" in cell.source
            shown = [] if hidden else list(_shown(outputs[cell.id]))
            cells.append(new_code_cell(cell.source, id=cell.id, outputs=shown))
    return new_notebook(cells=cells, metadata=notebooks.METADATA)


def _shown(outputs: list[NotebookNode]) -> Iterator[NotebookNode]:
    """Give what a page without a kernel shows of a cell's outputs: of a panel its last picture, not its widgets."""
    for output in outputs:
        data = output.get("data", {})
        if WIDGET in data:
            continue
        if output.output_type == "execute_result":
            output.execution_count = None
        if "text/html" in data:
            # A panel's name is drawn at random, and its style is for beside its widgets.
            html = re.sub(r"<style>\.jp-OutputArea.*?</style>", "", data["text/html"])
            data["text/html"] = re.sub(r"\bgd-last-[0-9a-f]+", "gd-last", html)
        yield output
