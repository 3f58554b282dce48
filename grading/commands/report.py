"""``gdgrade report``."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from grading.terminal import Class, Database, fail, say

if TYPE_CHECKING:
    from nbgrader.api import Gradebook
    from nbgrader.coursedir import CourseDirectory

    from grading.report_page import Page

app = typer.Typer()

FOLDER = "reports"
CLASS_PAGE = "class"


@app.command()
def report(
    lesson: Annotated[
        str | None, typer.Argument(help="The lesson, such as 01-five-steps, or its number; the class without it.")
    ] = None,
    directory: Class = Path(),
    to: Annotated[
        Path | None, typer.Option(help="The page's file.", show_default="reports/LESSON.html in the class")
    ] = None,
    csv: Annotated[Path | None, typer.Option(help="Write each table of the page as a CSV file, too, here.")] = None,
    db: Database = None,
    anonymous: Annotated[bool, typer.Option("--anonymous", help="Write numbers in place of names and ids.")] = False,
) -> None:
    """Make a page of what came of a lesson, or of the class: scores, exercises, mistakes, who is stuck, alike answers.

    It is one HTML file, which loads nothing. Nothing in the class is changed.

    Ends with 0 if the page is made, 1 if it could not be, 2 for a wrong call, and 3 if it is made and something is not
    graded yet, or was handed in again.
    """
    from grading import lessons, report_page
    from grading.book import BookError, opened, require
    from grading.course import open_class

    try:
        course = open_class(directory, db)
        require(course)
        name = lessons.one(lesson, lessons.in_class(course)) if lesson else None
        target = to or Path(course.root, FOLDER, f"{report_page.file_name(name) if name else CLASS_PAGE}.html")
        report_page.may_write(target)
        with opened(course) as gradebook:
            page = _page(course, gradebook, name, target, anonymous)
        written = _write(page, target, csv)
    except (BookError, LookupError, FileNotFoundError, ValueError) as error:
        fail(error.args[0] if isinstance(error, LookupError) and error.args else error)
    except OSError as error:
        fail(f"{error.filename or target} cannot be written: {error.strerror}")
    _show(page, written, name)


def _page(course: "CourseDirectory", gradebook: "Gradebook", name: str | None, target: Path, anonymous: bool) -> "Page":
    from grading import due, report_class, report_lesson, report_page

    options = {
        "names": report_page.names_of(course, gradebook) if anonymous else None,
        "zone": due.zone(due.zone_of(course.config)),
        "now": datetime.now(UTC).replace(tzinfo=None),
    }
    if name is not None:
        return report_lesson.lesson_page(course, gradebook, name, **options)
    beside = {path.stem: path.name for path in target.parent.glob("*.html") if path != target}
    links = {
        one.name: beside[report_page.file_name(one.name)]
        for one in gradebook.assignments
        if report_page.file_name(one.name) in beside
    }
    return report_class.class_page(course, gradebook, links=links, **options)


def _write(page: "Page", target: Path, csv: Path | None) -> list[Path]:
    from grading.course import write_whole

    files = {target: page.html().encode()}
    if csv is not None:
        files |= {csv / name: content for name, content in page.csv().items()}
    for path, content in files.items():
        write_whole(path, content)
    return list(files)


def _show(page: "Page", written: list[Path], name: str | None) -> None:
    for label, value in page.numbers:
        say(f"{label}: {value}")
    for _, words in page.glance:
        say(f"  - {words}")
    say(
        f"Written: {written[0]}" + (f", and {len(written) - 1} CSV files in {written[1].parent}" if written[1:] else "")
    )
    if page.look:
        after = page.look[0].rpartition(": ")[2]
        say(f"Next: {after}, then this report again")
        raise typer.Exit(3)
    say(f"Next: open it in a browser; then {'gdgrade export' if name else 'gdgrade report LESSON for one lesson'}")
