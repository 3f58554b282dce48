"""The panels of every lesson in a real browser: keyboard, buttons, and the last picture where no kernel is."""

import re
import subprocess
import sys

import nbformat
import pytest
from playwright.sync_api import expect

from tests.browser import lab as jupyterlab

WALK_BACK = """
from gdexercises import tiny_autograd as autograd
from gdexercises.tuning import tiny_autograd as panels

def expression(a, b):
    a, b = autograd.Value(a), autograd.Value(b)
    c = autograd.mul(a, b)
    d = autograd.add(c, a)
    autograd.backward(autograd.topological_order(d))
    return {"a": a, "b": b, "c": c, "d": d}

panels.walk_back(expression, a=0.5, b=1.0)
"""
PANELS = {
    "ball": "from gdexercises.tuning import start_here as panels\npanels.ball()",
    "by_hand": "from gdexercises.tuning import five_steps as panels\npanels.by_hand(*line()[:2])",
    "descend": "from gdexercises.tuning import five_steps as panels\npanels.descend(*line()[:2])",
    "secant": "from gdexercises.tuning import slopes as panels\n"
    "panels.secant(lambda x: x**3, lambda x: 3 * x**2, 'x³')",
    "three_paths": "from gdexercises.tuning import batches as panels\npanels.three_paths(*line()[:2], 0.5, -0.1)",
    "two_ways": "from gdexercises.tuning import autograd as panels\npanels.two_ways(*line()[:2], 0.5, -0.1)",
    "walk_back": WALK_BACK.strip(),
    "scaling": "import numpy as np\nfrom gdexercises.tuning import curves as panels\n"
    "x = np.arange(15.0)\npanels.scaling(x, 0.9 * (x - 3) ** 2 + 1, [-0.9, 1.1, -0.5])",
    "roll": "import numpy as np\nfrom gdexercises.tuning import jax_grad as panels\n"
    "x = np.arange(-1.0, 5)\npanels.roll(x, 2 * x - 1)",
    "sweep_map": "from gdexercises.tuning import jax_transforms as panels\npanels.sweep_map()",
    "race": "from gdexercises.tuning import optimizers as panels\npanels.race()",
    "frameworks": "from gdexercises.tuning import capstone as panels\npanels.frameworks()",
}


@pytest.fixture(scope="module")
def notebook(page, lab):
    """A notebook with all panels, run."""
    cells = [nbformat.v4.new_code_cell("from gdexercises.data import line", id="data")]
    cells += [nbformat.v4.new_code_cell(source, id=name) for name, source in PANELS.items()]
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), lab.folder / "panels.ipynb")
    complaints = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    jupyterlab.open_notebook(page, lab, "panels.ipynb")
    jupyterlab.run_all(page)
    yield lab.folder / "panels.ipynb"
    assert not [text for text in complaints if "view" in text.lower() or "widget" in text.lower()]


def panel(page, name):
    cell = jupyterlab.select(page, name)
    cell.locator("img.widget-image").wait_for()
    return cell


def shown(cell):
    return cell.locator("img.widget-image").get_attribute("src"), cell.locator('[role="status"]').inner_text()


def wait_for_change(cell, before):
    """Wait until picture and text have both changed."""
    expect(cell.locator("img.widget-image")).not_to_have_attribute("src", before[0], timeout=30_000)
    expect(cell.locator('[role="status"]')).not_to_have_text(before[1], timeout=30_000)


def says(cell, words):
    """Wait until the panel's text matches."""
    expect(cell.locator('[role="status"]')).to_have_text(re.compile(words), timeout=30_000)


def at_its_end(slider):
    return float(slider.get_attribute("aria-valuenow")) >= float(slider.get_attribute("aria-valuemax"))


def test_no_cell_complains(page, notebook):
    assert jupyterlab.problems(page) == []
    assert page.locator("text=javascript error").count() == 0


@pytest.mark.parametrize("name", PANELS)
def test_every_slider_has_a_label_and_moves_picture_and_text_by_keyboard(page, notebook, name):
    cell = panel(page, name)
    sliders = cell.locator(".noUi-handle")
    assert cell.locator(".widget-slider").filter(has=page.locator(".widget-label")).count() == sliders.count() > 1
    for index in reversed(range(sliders.count())):
        before = shown(cell)
        jupyterlab.press(page, sliders.nth(index), "ArrowLeft" if at_its_end(sliders.nth(index)) else "ArrowRight")
        wait_for_change(cell, before)


def test_buttons_step_play_and_reset_by_keyboard(page, notebook):
    cell = panel(page, "descend")
    press = lambda label: jupyterlab.press(page, cell.get_by_role("button", name=label), "Enter")
    press("Reset")
    says(cell, "^After 0 epochs")
    press("Step")
    says(cell, "^After 1 epoch at")
    press("Play")
    says(cell, r"^After ([5-9]|\d\d)")
    press("Pause")
    press("Reset")
    says(cell, "^After 0 epochs")


def test_while_the_panel_lives_only_one_picture_is_seen(page, notebook):
    for name in PANELS:
        visible = [image for image in panel(page, name).locator("img").all() if image.is_visible()]
        assert len(visible) == 1


def test_divergence_is_named_in_the_text(page, notebook):
    cell = panel(page, "descend")
    sliders = cell.locator(".noUi-handle")
    for index in (0, 1):
        jupyterlab.press(page, sliders.nth(index), "End")
    says(cell, "Diverges: the loss grows")


def test_last_picture_is_seen_without_a_kernel_and_in_exported_html(page, notebook, lab, browser):
    cell = panel(page, "by_hand")
    before = shown(cell)
    jupyterlab.press(page, cell.locator(".noUi-handle").first, "ArrowRight")
    wait_for_change(cell, before)
    said = shown(cell)[1]
    last = "[said] => [...document.querySelectorAll('figure img')].some(image => image.alt.includes(said))"
    page.wait_for_function(last.replace("[said]", "said"), arg=said)
    jupyterlab.save(page)

    window = browser.new_page(viewport={"width": 1300, "height": 1000})
    copy = lab.folder / "panels-later.ipynb"
    copy.write_bytes(notebook.read_bytes())
    jupyterlab.open_notebook(window, lab, copy.name)
    later = jupyterlab.select(window, "by_hand").locator("figure img")
    later.wait_for()
    assert said in later.get_attribute("alt")
    assert later.evaluate("image => image.naturalWidth") > 500
    window.close()

    subprocess.run(
        [sys.executable, "-m", "nbconvert", "--to", "html", str(copy)], check=True, capture_output=True, timeout=120
    )
    exported = browser.new_page()
    exported.goto(copy.with_suffix(".html").as_uri(), wait_until="domcontentloaded")
    images = exported.locator("figure img")
    assert images.count() == len(PANELS)
    assert all(image.is_visible() for image in images.all())
    assert any(said in image.get_attribute("alt") for image in images.all())
    exported.close()
