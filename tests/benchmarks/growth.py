"""How grading grows with the class: python tests/benchmarks/growth.py [--most 10000] [--write docs/growth]

Classes of 10, 100, 1,000 and 10,000 submissions of lesson 01 (the answers of its demo class, over and over) are graded
by `gdgrade autograde`, each from an empty gradebook: seconds, and the most memory that the coordinator and that all
processes together held. Then the same again with nothing changed, and the time that formgrader's lists and pages take.
`--write` keeps the table as CSV and draws it.
"""

import argparse
import contextlib
import csv
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

import psutil

from grading import demo

LESSON = "01-five-steps"
SIZES = (10, 100, 1_000, 10_000)
FIELDS = ("submissions", "seconds", "coordinator_mib", "all_mib", "unchanged_seconds", "list_seconds", "page_seconds")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--most", type=int, default=1_000, help="the largest class (default: %(default)s)")
    parser.add_argument("--write", type=Path, help="where to put NAME.csv and NAME.svg")
    options = parser.parse_args()
    rows = []
    print(("{:>20}" * len(FIELDS)).format(*FIELDS))
    for size in (size for size in SIZES if size <= options.most):
        with tempfile.TemporaryDirectory(prefix="growth-") as temporary:
            rows.append(measure(Path(temporary), size))
        print(("{:>20}" * len(FIELDS)).format(*(f"{rows[-1][name]:g}" for name in FIELDS)), flush=True)
    if options.write:
        write(rows, options.write)


def measure(folder: Path, size: int) -> dict[str, float]:
    directory = make_class(folder, size)
    seconds, coordinator, everything = grade(directory)
    unchanged, _, _ = grade(directory)
    listing, page = formgrader(directory)
    numbers = (size, seconds, coordinator, everything, unchanged, listing, page)
    return {name: round(number, 3) for name, number in zip(FIELDS, numbers, strict=True)}


def make_class(folder: Path, size: int) -> Path:
    played = demo.Demo(folder / "class", (LESSON,))
    (folder / "answers").mkdir()
    (folder / "answers" / "roster.csv").write_text("id,first_name,last_name,email\n")
    demo._make_class(played, folder / "answers")
    demo._make_source(played, demo.SOURCE / f"{LESSON}.py")
    demo._nbgrader(played, "generate_assignment", LESSON)
    answers = sorted((demo.ANSWERS / LESSON).glob("*.py"))[:size]
    for number, answer in enumerate(answers):
        demo._hand_in(played, LESSON, f"student{number:06}", answer)
    for number in range(len(answers), size):
        first, other = (
            played.directory / "submitted" / f"student{index:06}" / LESSON for index in (number % len(answers), number)
        )
        other.mkdir(parents=True)
        shutil.copy(first / f"{LESSON}.ipynb", other)
    return played.directory


def grade(directory: Path) -> tuple[float, float, float]:
    """Seconds, and the most MiB of the coordinator and of all processes."""
    environment = {**os.environ, "JUPYTER_NO_CONFIG": "1", "PYTHONPATH": str(Path(__file__).parents[2])}
    command = [sys.executable, "-c", "from grading.cli import app; app()", "autograde", LESSON, "--json"]
    started = time.perf_counter()
    with subprocess.Popen(command, cwd=directory, env=environment, stdout=subprocess.DEVNULL) as process:
        coordinator = everything = 0.0
        watched = psutil.Process(process.pid)
        over = threading.Event()

        def watch() -> None:
            nonlocal coordinator, everything
            while not over.wait(2.0):
                try:
                    own = watched.memory_info().rss
                    total = sum(one.memory_full_info().pss for one in [watched, *watched.children(recursive=True)])
                except (psutil.Error, OSError):
                    continue
                coordinator, everything = max(coordinator, own / 2**20), max(everything, total / 2**20)

        thread = threading.Thread(target=watch)
        thread.start()
        status = process.wait()
        over.set()
        thread.join()
    if status:
        raise SystemExit(f"gdgrade autograde ended with {status}")
    return time.perf_counter() - started, coordinator, everything


def formgrader(directory: Path) -> tuple[float, float]:
    """Seconds until formgrader's page shows the list of a lesson's submissions, and until it shows one of them."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token = secrets.token_hex(8)
    command = [sys.executable, "-m", "jupyter_server", f"--port={port}", "--no-browser", "--allow-root"]
    command += [f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={directory}"]
    command += ["--ServerApp.jpserver_extensions={'nbgrader.server_extensions.formgrader': True}"]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "JUPYTER_NO_CONFIG": "1"}
    with subprocess.Popen(
        command, cwd=directory, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:
        try:
            base = f"http://127.0.0.1:{port}/formgrader"
            wait_for(f"{base}/?token={token}")
            listing, found = fetch(f"{base}/api/submitted_notebooks/{LESSON}/{LESSON}?token={token}")
            page, text = fetch(f"{base}/submissions/{json.loads(found)[-1]['id']}/?token={token}")
            assert "Submission #" in text, text[:500]
        finally:
            server.terminate()
    return listing, page


def wait_for(url: str) -> None:
    for _ in range(120):
        with contextlib.suppress(OSError):
            urllib.request.urlopen(url).close()
            return
        time.sleep(0.5)
    raise SystemExit(f"nothing answers at {url}")


def fetch(url: str) -> tuple[float, str]:
    """The second time of two, as for somebody who goes through a class."""
    for _ in range(2):
        started = time.perf_counter()
        with urllib.request.urlopen(url) as answer:
            text = answer.read().decode()
        seconds = time.perf_counter() - started
    return seconds, text


def write(rows: list[dict[str, float]], name: Path) -> None:
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    with name.with_suffix(".csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, FIELDS)
        writer.writeheader()
        writer.writerows(rows)
    sizes = [row["submissions"] for row in rows]
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
    left.loglog(sizes, [row["seconds"] for row in rows], "o-", color="#0072B2", label="new")
    left.loglog(sizes, [row["unchanged_seconds"] for row in rows], "s--", color="#D55E00", label="unchanged")
    left.set(xlabel="submissions", ylabel="seconds", title="Time")
    right.semilogx(sizes, [row["all_mib"] for row in rows], "o-", color="#0072B2", label="all processes")
    right.semilogx(sizes, [row["coordinator_mib"] for row in rows], "s--", color="#D55E00", label="coordinator")
    right.set(xlabel="submissions", ylabel="MiB", title="Most memory at a time", ylim=(0, None))
    for axes in (left, right):
        axes.legend(frameon=False)
        axes.grid(alpha=0.3)
    figure.savefig(name.with_suffix(".svg"), metadata={"Date": None})


if __name__ == "__main__":
    main()
