"""One machine with an exchange, the instructor's class and a student's home, and a JupyterLab for each of the two.

Set GDEXERCISES_PICTURES to a folder, and `picture` writes what it sees there: the pictures of docs/day.md.
"""

import io
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, FrameLocator, Locator, Page
from typer.testing import CliRunner

from grading import cli
from tests.browser import lab as jupyterlab

LESSON = "01-five-steps"
NOTEBOOK = f"{LESSON}/{LESSON}.ipynb"
COURSE = "gradient-descent"
STUDENT, OTHER = "ada", "mal"
ROSTER = f"id,first_name,last_name,email\n{STUDENT},Ada,Abt,\n{OTHER},Mal,Moor,\n"
SETTINGS = """
c = get_config()
c.Exchange.root = {exchange!r}
"""
PICTURES = os.environ.get("GDEXERCISES_PICTURES")


@dataclass(frozen=True)
class Classroom:
    """Where everything is.

    Attributes
    ----------
    place : Path
        Where all of it lies.
    instructor, student : lab.Lab
        The class directory with its JupyterLab, and the student's home with theirs.
    """

    place: Path
    instructor: jupyterlab.Lab
    student: jupyterlab.Lab


@contextmanager
def opened(place: Path) -> Iterator[Classroom]:
    """Make a class with one lesson, and open both JupyterLabs."""
    exchange = place / "exchange"
    exchange.mkdir()
    exchange.chmod(0o777)
    class_dir = _make_class(place / "class", exchange)
    for student in (STUDENT, OTHER):
        (place / student).mkdir()
        _settings(_config_dir(place, student), exchange, student)
    teaching, instructor = jupyterlab.start(class_dir, place / "instructor-state")
    try:
        learning, student = jupyterlab.start(place / STUDENT, place / f"{STUDENT}-state")
        try:
            yield Classroom(place, instructor, student)
        finally:
            _end(learning)
    finally:
        _end(teaching)


def _end(server: subprocess.Popen) -> None:
    server.terminate()
    server.wait(30)


def _config_dir(place: Path, who: str) -> Path:
    return place / f"{who}-state" / "jupyter_config_dir"


def _settings(folder: Path, exchange: Path, student: str) -> None:
    """What a machine's nbgrader_config.py says. The name of the account is usually the student's; here all are one."""
    folder.mkdir(parents=True)
    own = f"c.CourseDirectory.student_id = {student!r}\n"
    (folder / "nbgrader_config.py").write_text(SETTINGS.format(exchange=str(exchange)) + own)


def _make_class(directory: Path, exchange: Path) -> Path:
    gdgrade("new", directory, "--lessons", LESSON, "--course-id", COURSE)
    (directory / "roster.csv").write_text(ROSTER)
    gdgrade("roster", "--class", directory)
    with (directory / "nbgrader_config.py").open("a") as config:
        config.write(SETTINGS.format(exchange=str(exchange)) + "c.ExchangeCollect.check_owner = False\n")
    return directory


def gdgrade(*command: object) -> str:
    """Run one of the instructor's commands, and give what it said."""
    ran = CliRunner().invoke(cli.app, [str(word) for word in command])
    assert ran.exit_code == 0, ran.output
    return ran.output


def nbgrader(room: Classroom, student: str, *command: str) -> None:
    """Run one of nbgrader's commands in a student's home."""
    environment = os.environ | {"JUPYTER_CONFIG_DIR": str(_config_dir(room.place, student))}
    environment["JUPYTER_DATA_DIR"] = str(room.place / f"{student}-state" / "jupyter_data_dir")
    ran = subprocess.run(
        [sys.executable, "-m", "nbgrader", *command],
        cwd=room.place / student,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stderr


def window(browser: Browser) -> Page:
    """A window of somebody's own, which sees this machine alone: formgrader's pages would load MathJax from the net."""
    context = browser.new_context(viewport={"width": 1200, "height": 760})
    context.route(lambda url: "//127.0.0.1:" not in url, lambda route: route.abort())
    page = context.new_page()
    page.set_default_timeout(jupyterlab.PATIENCE)
    return page


def picture(page: Page, name: str, height: int | None = None) -> None:
    """Take a picture for the docs, of the window or of its upper part, if pictures are wanted."""
    if not PICTURES:
        return
    size = page.viewport_size
    clip = {"x": 0, "y": 0, "width": size["width"], "height": height or size["height"]}
    page.mouse.move(5, 5)
    taken = page.screenshot(animations="disabled", caret="hide", clip=clip)
    image = Image.open(io.BytesIO(taken)).convert("RGB").quantize(96)
    Path(PICTURES).mkdir(parents=True, exist_ok=True)
    image.save(Path(PICTURES, f"{name}.png"), optimize=True)


class Formgrader:
    """nbgrader's pages for the instructor, in JupyterLab."""

    def __init__(self, page: Page):
        self.page = page
        jupyterlab.execute(page, "nbgrader:open-formgrader")
        self.frame: FrameLocator = page.frame_locator("#formgrader-iframe iframe")

    def row(self, text: str) -> Locator:
        """The row of a table that has a text in it."""
        return self.frame.locator("#main-table tr").filter(has_text=text)

    def press(self, row: str, column: str, name: str = "") -> str:
        """Press a row's button, and give what the page then says; optionally with a picture of it."""
        self.row(row).locator(f".{column} a").click()
        said = self.frame.locator(".modal.in")
        said.wait_for()
        text = said.inner_text()
        if name:
            picture(self.page, name)
        said.locator(".modal-footer button").click()
        self.frame.locator(".modal-backdrop").wait_for(state="detached")
        return text

    def home(self) -> None:
        """Go to the list of lessons."""
        self.frame.get_by_role("link", name="Manage Assignments").click()

    def follow(self, *links: str) -> None:
        """Click one link after the other."""
        for link in links:
            self.frame.get_by_role("link", name=link, exact=True).last.click()
