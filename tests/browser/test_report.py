"""A report's page in a real browser: nothing is fetched, everything can be read and reached."""

import pytest
from typer.testing import CliRunner

from grading import cli
from tests.grading.reported import LESSON
from tests.grading.test_report_page import DUE, REFERENCE, WORKS, make_class, soup

CONTRAST = """() => {
  const parse = text => [...text.match(/[\\d.]+/g).map(Number), 1].slice(0, 4);
  const linear = v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => .2126 * linear(r / 255) + .7152 * linear(g / 255) + .0722 * linear(b / 255);
  const over = (under, [r, g, b, a]) => [r, g, b].map((v, i) => under[i] * (1 - a) + v * a);
  const behind = element => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) layers.push(parse(getComputedStyle(at).backgroundColor));
    return layers.reverse().reduce(over, [255, 255, 255]);
  };
  const read = [];
  for (const element of document.querySelectorAll('main *')) {
    const own = [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim());
    if (!own || element.closest('svg')) continue;
    const [a, b] = [light(parse(getComputedStyle(element).color)), light(behind(element))];
    read.push([(Math.max(a, b) + .05) / (Math.min(a, b) + .05), element.outerHTML.slice(0, 80)]);
  }
  return read;
}"""
"""For each element with words of its own, the contrast that they have, as WCAG reckons it."""


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    directory = tmp_path_factory.mktemp("class")
    make_class(directory, WORKS, due=DUE, essay=True, solutions={"roll": REFERENCE}, waiting=["kim"])
    for words in (["1"], []):
        CliRunner().invoke(cli.app, ["report", *words, "--class", str(directory)])
    return [directory / "reports" / f"{name}.html" for name in (LESSON, "class")]


@pytest.fixture
def opened(browser):
    """``opened(path, **settings)``: a page, and the addresses that it asked for."""
    contexts = []

    def open_page(path, **settings):
        context = browser.new_context(**settings)
        contexts.append(context)
        page, asked = context.new_page(), []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(path.as_uri())
        return page, asked

    yield open_page
    for context in contexts:
        context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everything_can_be_read_by_day_and_by_night(pages, opened, scheme):
    for path in pages:
        page, asked = opened(path, color_scheme=scheme)
        assert asked == [path.as_uri()]
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        read = page.evaluate(CONTRAST)
        assert len(read) > 50
        assert [one for one in read if one[0] < 4.5] == []
        assert max(one[0] for one in read) > 12


def test_on_a_small_screen_only_tables_and_charts_scroll(pages, opened):
    for path in pages:
        page, _ = opened(path, viewport={"width": 380, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= 380


def test_lists_unfold_by_keyboard(pages, opened):
    page, _ = opened(pages[0])
    summary = page.locator("details.fold > summary").first
    summary.focus()
    page.keyboard.press("Enter")
    assert page.locator("details.fold").first.get_attribute("open") is not None
    assert page.locator("#table-scores").is_visible()


def test_a_table_can_be_saved_as_csv(pages, opened, tmp_path):
    page, _ = opened(pages[0])
    with page.expect_download() as waiting:
        page.locator("a[download$='-exercises.csv']").click()
    waiting.value.save_as(tmp_path / "saved.csv")
    lines = (tmp_path / "saved.csv").read_text(encoding="utf-8-sig").splitlines()
    table = soup(pages[0]).find(id="table-exercises").find_parent("table")
    assert len(lines) == len(table.find_all("tr"))
    assert waiting.value.suggested_filename == f"{LESSON}-exercises.csv"


def test_it_prints_without_links_to_files(pages, opened):
    page, _ = opened(pages[0])
    page.emulate_media(media="print")
    assert not page.locator("nav").is_visible()
    assert not page.locator(".csv").first.is_visible()
    assert page.pdf().startswith(b"%PDF")
