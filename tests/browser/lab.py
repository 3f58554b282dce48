"""JupyterLab in a real browser: start it, open a notebook, run cells, find what they show."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Locator, Page

ROOT = Path(__file__).parents[2]
CHROMIUM = shutil.which("chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 120_000
KERNEL = "jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel"


@dataclass
class Lab:
    """A JupyterLab server on a folder of its own."""

    folder: Path
    url: str


def start(folder: Path, state: Path) -> tuple[subprocess.Popen, Lab]:
    """Start JupyterLab in `folder`, with all that it keeps of its own in `state`; the caller ends the process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    places = (
        "JUPYTER_CONFIG_DIR",
        "JUPYTER_DATA_DIR",
        "JUPYTER_RUNTIME_DIR",
        "IPYTHONDIR",
        "JUPYTERLAB_WORKSPACES_DIR",
    )
    environment = os.environ | {name: str(state / name.lower()) for name in places}
    environment["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment["PYTHONPATH"] = str(ROOT)
    options = [
        f"--ServerApp.port={port}",
        "--ServerApp.ip=127.0.0.1",
        "--IdentityProvider.token=",
        f"--ServerApp.root_dir={folder}",
        "--ServerApp.open_browser=False",
        "--ServerApp.allow_root=True",
        "--LabApp.expose_app_in_browser=True",
        "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]
    ask = state / "jupyter_config_dir" / "lab" / "user-settings" / "@jupyterlab" / "apputils-extension"
    ask.mkdir(parents=True, exist_ok=True)
    (ask / "notification.jupyterlab-settings").write_text('{"fetchNews": "false"}')
    log = (state / "server.log").open("w")
    command = [sys.executable, "-m", "jupyterlab", *options]
    server = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT)
    lab = Lab(folder, f"http://127.0.0.1:{port}")
    deadline = time.monotonic() + PATIENCE / 1000
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(f"{lab.url}/api/status", timeout=5).close()
            return server, lab
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            if server.poll() is not None:
                break
            time.sleep(0.2)
    server.kill()
    raise RuntimeError(f"JupyterLab did not start:\n{(state / 'server.log').read_text()[-3000:]}")


def open_notebook(page: Page, lab: Lab, path: str) -> None:
    """Open a notebook in a workspace of its own, and wait until its kernel is ready."""
    workspace = uuid.uuid4().hex[:8]
    page.goto(f"{lab.url}/doc/workspaces/{workspace}/tree/{path}?reset", wait_until="domcontentloaded")
    page.wait_for_function("window.jupyterapp", timeout=PATIENCE)
    page.evaluate("jupyterapp.restored.then(() => 1)")
    page.wait_for_function(f"{KERNEL}?.status === 'idle'", timeout=PATIENCE)


def open_lab(page: Page, lab: Lab) -> None:
    """Open JupyterLab with nothing open in it, in a workspace of its own.

    Without ``?reset``: while that is in the address, a link to a part of the page reloads JupyterLab.
    """
    page.goto(f"{lab.url}/lab/workspaces/{uuid.uuid4().hex[:8]}", wait_until="domcontentloaded")
    page.wait_for_function("window.jupyterapp", timeout=PATIENCE)
    page.evaluate("jupyterapp.restored.then(() => 1)")


def execute(page: Page, name: str) -> None:
    """Run one of JupyterLab's commands, such as nbgrader:open-formgrader, and wait until it has been run."""
    page.evaluate("name => jupyterapp.commands.execute(name).then(() => 1)", name)


def command(page: Page, name: str) -> None:
    """Run one of JupyterLab's commands, such as notebook:run-cell, and wait until the kernel is idle again."""
    execute(page, name)
    page.wait_for_function(f"{KERNEL}?.status === 'idle'", timeout=PATIENCE)


def run_all(page: Page) -> None:
    """Run all cells, up to the first error."""
    command(page, "notebook:run-all-cells")


def save(page: Page) -> None:
    """Save the notebook."""
    execute(page, "docmanager:save")
    page.wait_for_function("!jupyterapp.shell.currentWidget.context.model.dirty", timeout=PATIENCE)


_CELL = """([id, source]) => {
    const notebook = jupyterapp.shell.currentWidget.content;
    const index = notebook.widgets.findIndex(cell => cell.model.id === id);
    if (index < 0) throw new Error('no cell ' + id);
    notebook.activeCellIndex = index;
    notebook.deselectAll();
    if (source !== null) notebook.widgets[index].model.sharedModel.setSource(source);
    return notebook.scrollToItem ? notebook.scrollToItem(index).then(() => index) : index;
}"""


def select(page: Page, cell_id: str, source: str | None = None) -> Locator:
    """Make a cell the active one, optionally with another text, and return it as it stands on the page."""
    index = page.evaluate(_CELL, [cell_id, source])
    return page.locator(f'.jp-Notebook [data-windowed-list-index="{index}"]')


def run_cell(page: Page, cell_id: str, source: str | None = None) -> Locator:
    """Run one cell, optionally with another text, and return it."""
    cell = select(page, cell_id, source)
    command(page, "notebook:run-cell")
    return cell


def press(page: Page, element: Locator, key: str) -> None:
    """Give an element the focus and press a key there.

    JupyterLab moves the focus to a cell some time after it was made the active one, so the focus must have stayed.
    """
    for _ in range(50):
        element.focus()
        page.wait_for_timeout(100)
        if element.evaluate("element => element === document.activeElement"):
            return page.keyboard.press(key)
    raise AssertionError(f"{element} does not keep the focus")


def problems(page: Page) -> list[str]:
    """Errors and warnings that cells show."""
    kinds = ("error", "stderr")
    found = ",".join(f'.jp-OutputArea-output[data-mime-type="application/vnd.jupyter.{kind}"]' for kind in kinds)
    return page.locator(found).all_inner_texts()
