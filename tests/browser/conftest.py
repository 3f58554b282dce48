"""A browser and a JupyterLab for all tests in this folder."""

import os

import pytest
from playwright.sync_api import sync_playwright

from tests.browser import lab as jupyterlab

TO_INSTALL = "chromium is missing; install it with: sudo apt-get install chromium"
FOLDER = os.path.dirname(__file__)  # noqa: PTH120 -- compared with pytest's own strings


@pytest.hookimpl(tryfirst=True)  # pytest-xdist looks for groups in the same hook
def pytest_collection_modifyitems(items):
    for item in items:
        if str(item.path).startswith(FOLDER):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.fixture(scope="session")
def browser():
    if jupyterlab.CHROMIUM is None:
        if os.environ.get("CI"):
            pytest.fail(TO_INSTALL)
        pytest.skip(TO_INSTALL)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=jupyterlab.CHROMIUM, args=jupyterlab.ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    """JupyterLab on an empty folder; tests put notebooks into ``lab.folder``."""
    place = tmp_path_factory.mktemp("lab")
    (place / "work").mkdir()
    server, lab = jupyterlab.start(place / "work", place / "state")
    yield lab
    server.terminate()
    server.wait(30)


@pytest.fixture(scope="module")
def page(browser):
    """A window for the tests of one module, which fails the test if the page's own code goes wrong."""
    context = browser.new_context(viewport={"width": 1300, "height": 1000})
    page = context.new_page()
    page.set_default_timeout(60_000)
    yield page
    context.close()
