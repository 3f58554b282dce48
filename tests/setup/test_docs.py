"""The site: built without a warning, whole in itself, with every lesson and none of the solutions."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from bs4 import BeautifulSoup

from grading import notebooks

ROOT = Path(__file__).parents[2]
LESSONS = notebooks.lessons(ROOT / "grading" / "source")
IDS = [path.stem for path in LESSONS]

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("docs"), pytest.mark.timeout(1200)]


def build(folder: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """Build the site as `make docs` does."""
    clean = {name: value for name, value in os.environ.items() if name not in ("REPOSITORY_URL", "HUB_URL")}
    command = re.search(r"-m sphinx (.*) -d build/doctrees docs build/docs", (ROOT / "Makefile").read_text())[1]
    places = ["-d", str(folder / "doctrees"), "docs", str(folder / "site")]
    return subprocess.run(
        [sys.executable, "-m", "sphinx", *command.split(), *places],
        cwd=ROOT,
        env=clean | settings,
        capture_output=True,
        text=True,
    )


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """The folder of the built site."""
    folder = tmp_path_factory.mktemp("docs")
    built = build(folder)
    assert built.returncode == 0, built.stderr[-4000:]
    return folder / "site"


@pytest.fixture(scope="session")
def pages(site):
    """The pages by their path in the site."""
    return {
        path.relative_to(site).as_posix(): BeautifulSoup(path.read_text(), "html.parser")
        for path in site.rglob("*.html")
    }


def references(page: BeautifulSoup) -> Iterator[tuple[str, str]]:
    """What a page points at, as (attribute, address)."""
    for tag in page.find_all(True):
        for name in ("href", "src", "srcset", "action", "poster", "data"):
            if tag.get(name) is not None and not tag[name].startswith("data:"):
                yield name, tag[name]


def test_every_page_links_only_to_files_and_headings_that_are_there(site, pages):
    lost = []
    anchors = {name: {tag["id"] for tag in page.find_all(id=True)} for name, page in pages.items()}
    for name, page in pages.items():
        for _, address in references(page):
            link = urlsplit(address)
            if link.scheme or link.netloc:
                continue
            target = (site / name).parent / unquote(link.path) if link.path else site / name
            inside = os.path.relpath(target.resolve(), site.resolve())
            found = target.is_file() and not inside.startswith("..")
            if not found or (link.fragment and unquote(link.fragment) not in anchors.get(inside, [])):
                lost.append((name, address))
    assert not lost


def test_nothing_is_loaded_over_the_network(site, pages):
    for name, page in pages.items():
        loads = [tag.get("src") or tag.get("href") for tag in page.select("[src], link[href]:not([rel=canonical])")]
        assert not [address for address in loads if urlsplit(address).netloc], name
    for style in site.rglob("*.css"):
        assert not re.findall(r"(?:@import|url\()\s*[\"']?(?:https?:)?//[^)\"']*", style.read_text()), style


def test_every_page_can_be_reached_from_the_front_page(pages):
    listed = {tag["href"] for tag in pages["index.html"].select(".sidebar-tree a")}
    assert pages.keys() - listed == {"index.html", "genindex.html", "search.html"}


@pytest.fixture(scope="session")
def handed_out():
    """All lines that students get, of all lessons."""
    cells = [cell for path in LESSONS for cell in notebooks.student_version(notebooks.read_source(path)).cells]
    return {line.strip() for cell in cells for line in cell.source.splitlines()}


@pytest.mark.parametrize("source", LESSONS, ids=IDS)
def test_no_solution_is_on_the_site(source, pages, handed_out):
    answers = notebooks.solutions(notebooks.read_source(source)).values()
    secret = {line.strip() for text in answers for line in text.splitlines()} - handed_out
    assert secret
    shown = {line.strip() for page in pages.values() for block in page("pre") for line in block.text.splitlines()}
    assert not secret & shown


@pytest.mark.parametrize("source", LESSONS, ids=IDS)
def test_lesson_shows_what_its_cells_print_and_draw(source, pages):
    page = pages[f"lessons/{source.stem}.html"]
    assert page.select_one("h1").text.startswith(source.stem[:2])
    assert page.select(".cell_output")
    assert page.select("figure.gd-last img[alt]")
    assert all(len(image["alt"]) > 20 for image in page.select("article img"))
    assert "live panel: run this cell" not in page.text


@pytest.mark.parametrize("source", LESSONS, ids=IDS)
def test_formulas_are_mathml_with_nothing_left_of_latex(source, pages):
    page = pages[f"lessons/{source.stem}.html"]
    prose = "\n".join(cell.source for cell in notebooks.read_source(source).cells if cell.cell_type == "markdown")
    assert bool(page("math")) == ("$" in re.sub(r"`[^`]*`", "", prose))
    assert not [formula.text for formula in page("math") if re.search(r"[\\&]", formula.text)]
    assert "$" not in "".join(text.text for text in page.select("article p, article li"))


def test_lesson_can_be_downloaded_as_students_get_it(site, pages):
    for name in IDS:
        (link,) = pages[f"lessons/{name}.html"].select("a.download")
        path = site / "lessons" / link["href"]
        assert path.read_bytes() == (ROOT / "course" / name / f"{name}.ipynb").read_bytes()
