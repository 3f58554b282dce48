"""From a slider's key to changed pixels, in a real browser: python tests/benchmarks/panel_latency.py [KEYS]

Three ways to show what a slider does, in one run and in turn: a bare label that echoes the slider's value (nothing can
be faster), lesson 01's panel, and `interact` drawing the same three axes with inline Matplotlib (what most courses do).
"""

import itertools
import random
import statistics
import sys
import tempfile
from pathlib import Path

import nbformat
from playwright.sync_api import Page, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[2]))
from tests.browser import lab as jupyterlab

ROUNDS = 4
DATA = "from gdexercises.data import line\nx, y, _ = line()"
WAYS = {
    "label": """
import ipywidgets
slider = ipywidgets.FloatLogSlider(value=0.1, min=-3, max=0.3, step=1 / 40, description="lr")
label = ipywidgets.Label(str(slider.value))
label.add_class("echo")
slider.observe(lambda change: setattr(label, "value", str(change["new"])), "value")
ipywidgets.VBox([slider, label])
""",
    "panel": """
from gdexercises.tuning import five_steps as panels
panels.descend(x, y, n_epochs=50)
""",
    "interact": """
%matplotlib inline
import ipywidgets
import numpy as np
from matplotlib import pyplot
b_grid, w_grid = np.meshgrid(np.linspace(-1, 3, 121), np.linspace(-3, 5, 121))
loss_grid = ((b_grid[..., None] + w_grid[..., None] * x.ravel() - y.ravel()) ** 2).mean(-1)

def draw(lr):
    path, losses = [(0.5, -0.1)], []
    for _ in range(50):
        b, w = path[-1]
        error = b + w * x - y
        losses.append((error**2).mean())
        path.append((b - lr * 2 * error.mean(), w - lr * 2 * (x * error).mean()))
    figure, (data, area, curve) = pyplot.subplots(1, 3, figsize=(9.6, 3.3))
    data.plot(x, y, "o")
    data.plot([0, 1], [path[-1][0], sum(path[-1])])
    area.contourf(b_grid, w_grid, loss_grid, 13)
    area.plot(*np.clip(path, -20, 20).T, ".-")
    area.set(xlim=(-1, 3), ylim=(-3, 5))
    curve.semilogy(losses)
    pyplot.show()

ipywidgets.interact(draw, lr=ipywidgets.FloatLogSlider(value=0.1, min=-3, max=0.3, step=1 / 40));
""",
}


def notebook(way: str) -> nbformat.NotebookNode:
    cells = [nbformat.v4.new_code_cell(source.strip()) for source in (DATA, WAYS[way])]
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    return nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})


def latencies(page: Page, keys: int, key: str) -> list[float]:
    """Milliseconds from each key press to the last paint it caused."""
    page.bring_to_front()
    handle = page.locator(".jp-OutputArea-output .widget-slider .noUi-handle").first
    for _ in range(3):  # warm up
        jupyterlab.press(page, handle, key)
        page.wait_for_timeout(400)
    page.evaluate("() => { __probe.keys.length = __probe.paints.length = 0 }")
    for _ in range(keys):
        seen = page.evaluate("__probe.paints.length")
        page.keyboard.press(key)
        page.evaluate("seen => __probe.settled(seen, 80, 3000)", seen)
        page.wait_for_timeout(random.uniform(20, 80))
    presses = [*page.evaluate("__probe.keys"), float("inf")]
    paints = page.evaluate("__probe.paints.map(paint => paint.time)")
    found = []
    for start, end in itertools.pairwise(presses):
        after = [time for time in paints if start < time < end]
        if after:
            found.append(after[-1] - start)
    return found


def main(keys: int) -> None:
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright:
        (work := Path(place, "work")).mkdir()
        server, lab = jupyterlab.start(work, Path(place, "state"))
        try:
            browser = playwright.chromium.launch(executable_path=jupyterlab.CHROMIUM, args=jupyterlab.ARGUMENTS)
            context = browser.new_context(viewport={"width": 1300, "height": 900})
            context.add_init_script(path=Path(__file__).with_name("probe.js"))
            pages = {}
            for way in WAYS:
                nbformat.write(notebook(way), work / f"{way}.ipynb")
                pages[way] = context.new_page()
                jupyterlab.open_notebook(pages[way], lab, f"{way}.ipynb")
                jupyterlab.run_all(pages[way])
                pages[way].locator(".noUi-handle").first.wait_for()
            times = {way: [] for way in WAYS}
            for number in range(ROUNDS):
                for way in random.sample(list(WAYS), len(WAYS)):
                    times[way] += latencies(pages[way], keys, "ArrowLeft" if number % 2 else "ArrowRight")
            browser.close()
        finally:
            server.terminate()
            server.wait(30)
    report(times, keys)


def report(times: dict[str, list[float]], keys: int) -> None:
    medians = {way: statistics.median(found) for way, found in times.items()}
    print(f"slider key to changed pixels, {ROUNDS} rounds of {keys} keys each, in turn")
    for way, found in times.items():
        p95 = statistics.quantiles(found, n=20)[-1]
        print(f"  {way:9} median {medians[way]:6.1f} ms   p95 {p95:6.1f} ms   ({len(found)} changes seen)")
    print(f"  the panel takes {medians['panel'] / medians['label']:.2f} x the label (at most 1.6 is the aim)")
    print(f"  the panel takes {medians['panel'] / medians['interact']:.2f} x interact (at most 0.5 is the aim)")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
