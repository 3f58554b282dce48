"""How quickly classes are graded: python tests/benchmarks/autograde.py

The same submissions, right and wrong ones as in the demo classes, are graded by stock `nbgrader autograde` (no wall,
one after the other) and by `gdgrade autograde` (behind the wall, on all cores), in turn, in one run. Processor time is
that of all processes together. What a submission costs at least is measured by running all its cells and checks in one
warm process, submission after submission. If otter-grader's `otter` is on PATH, it grades the same notebooks, too.
"""

import argparse
import contextlib
import ctypes
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from pathlib import Path

import nbformat
import psutil

from grading import demo, plugins, report, trusted
from grading.graft import graft_submission

LESSONS = ("01-five-steps", "04-autograd", "08-jax-transforms")
STOCK = "c = get_config()\nc.CourseDirectory.course_id = 'benchmark'\nc.CourseDirectory.root = {root!r}\n"
PR_SET_CHILD_SUBREAPER = 36


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--submissions", type=int, default=40)
    parser.add_argument("--lesson", action="append", help="may be given again; default: " + ", ".join(LESSONS))
    parser.add_argument("--warm", nargs=2, metavar=("CLASS", "LESSON"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.warm:
        run_warm(*options.warm)
        return
    # What is left over by those who are measured becomes a child of this process, so that its time counts.
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    os.environ["XDG_CACHE_HOME"] = tempfile.mkdtemp(prefix="benchmark-")  # no program is compiled yet
    try:
        for lesson in options.lesson or LESSONS:
            measure(lesson, options.submissions)
    finally:
        shutil.rmtree(os.environ["XDG_CACHE_HOME"], ignore_errors=True)


def measure(lesson: str, count: int) -> None:
    with tempfile.TemporaryDirectory(prefix="benchmark-") as temporary:
        played = make_class(Path(temporary), lesson, count)
        ours, stock = Path(temporary, "ours"), Path(temporary, "stock")
        shutil.copytree(played, stock)
        (stock / "nbgrader_config.py").write_text(STOCK.format(root=str(stock)))
        shutil.copytree(played, ours)
        plugins_config = ours / "nbgrader_config.py"
        shutil.copy(demo.CONFIG, plugins_config)

        wall = Cost(["-c", "from grading.cli import app; app()", "autograde", lesson, "--json"], ours)
        plain = Cost(["-m", "nbgrader", "autograde", lesson], stock)
        warm = Cost([__file__, "--warm", str(ours), lesson], ours)
        least = json.loads(warm.said.splitlines()[-1])

        print(f"\n{lesson}, {count} submissions, {len(os.sched_getaffinity(0))} cores")
        for name, cost in (("nbgrader autograde", plain), ("gdgrade autograde", wall)):
            print(
                f"  {name:20} {60 * count / cost.seconds:7.1f} a minute   {cost.cpu / count:6.2f} CPU s a submission"
                f"   {cost.memory / 2**20:5.0f} MiB at most"
            )
        print(f"  throughput: {plain.seconds / wall.seconds:.1f} x nbgrader's")
        for name, what in (("whole", "all cells and checks"), ("needed", "the cells that are run, and checks")):
            ratio = wall.cpu / count / least[name]
            print(f"  processor time: {ratio:.2f} x that of {what} in one warm process ({least[name]:.2f} s)")
        print(f"  the same points for {same_scores(ours, stock, lesson)} of {count}")
        if shutil.which("otter"):
            otter = otter_cost(Path(temporary), ours, lesson, count)
            print(
                f"  otter run            {60 * count / otter.seconds:7.1f} a minute   {otter.cpu / count:6.2f} CPU s; "
                f"throughput: {otter.seconds / wall.seconds:.1f} x otter's"
            )


class Cost:
    """What a Python command costs: seconds, processor seconds of all it started, and the most memory at a time."""

    def __init__(self, arguments: list[str], folder: Path):
        environment = {**os.environ, "JUPYTER_NO_CONFIG": "1", "PYTHONPATH": str(Path(__file__).parents[2])}
        environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
        before, started = _children(), time.perf_counter()
        with subprocess.Popen(
            [sys.executable, *arguments],
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        ) as process:
            watch = _Memory(process.pid)
            self.said, errors = process.communicate()
            self.seconds = time.perf_counter() - started
            self.memory = watch.end()
        if process.returncode:
            raise SystemExit(f"{arguments} ended with {process.returncode}: {errors[-2_000:]}")
        with contextlib.suppress(ChildProcessError):
            while True:
                os.wait()
        self.cpu = _children() - before


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class _Memory:
    """Looks twice a second at how much memory a process and all below it hold; shared pages are counted once."""

    def __init__(self, pid: int):
        self._process, self._most, self._over = psutil.Process(pid), 0, threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()

    def _watch(self) -> None:
        while not self._over.wait(1.0):
            total = 0
            with contextlib.suppress(psutil.Error):
                for process in [self._process, *self._process.children(recursive=True)]:
                    with contextlib.suppress(psutil.Error, OSError):
                        total += process.memory_full_info().pss
            self._most = max(self._most, total)

    def end(self) -> int:
        self._over.set()
        self._thread.join()
        return self._most


def make_class(folder: Path, lesson: str, count: int) -> Path:
    """A class with `count` submissions, made of the demo class's answers."""
    played = demo.Demo(folder / "class", (lesson,))
    (folder / "answers").mkdir()
    (folder / "answers" / "roster.csv").write_text("id,first_name,last_name,email\n")
    demo._make_class(played, folder / "answers")
    demo._make_source(played, demo.SOURCE / f"{lesson}.py")
    demo._nbgrader(played, "generate_assignment", lesson)
    answers = sorted((demo.ANSWERS / lesson).glob("*.py"))
    for number in range(count):
        demo._hand_in(played, lesson, f"student{number:05}", answers[number % len(answers)])
    return played.directory


def same_scores(ours: Path, stock: Path, lesson: str) -> int:
    one, other = ({s.student: s.score for s in report.findings(directory, lesson)} for directory in (ours, stock))
    return sum(one[student] == other.get(student) for student in one)


def run_warm(directory: str, lesson: str) -> None:
    """Run all submissions of a class in this process and print the processor time of one of them, in JSON."""
    from grading.sandbox import inside  # IPython without a kernel

    os.environ |= {"MPLBACKEND": "module://matplotlib_inline.backend_inline", "NBGRADER_EXECUTION": "autograde"}
    os.environ[plugins.SEED_VARIABLE] = "0" * 64
    released = nbformat.read(Path(directory, "release", lesson, f"{lesson}.ipynb"), as_version=4)
    for module in trusted.modules_of(released):
        __import__(module)
    inside.warm_up()
    shell = inside._shell()
    spent = {"whole": 0.0, "needed": 0.0}
    paths = sorted(Path(directory, "submitted").glob(f"*/{lesson}/{lesson}.ipynb"))
    signal.signal(signal.SIGALRM, signal.default_int_handler)
    for path in paths:
        nb = graft_submission(released, nbformat.read(path, as_version=4))
        cells = [cell for cell in nb.cells if cell.cell_type == "code"]
        shown = trusted._only_shown(cells, trusted.check_cells(nb))
        shell.reset()
        for number, cell in enumerate(cells, start=1):
            before = time.process_time()
            signal.alarm(60)
            shell.run(cell.source)
            signal.alarm(0)
            spent["whole"] += time.process_time() - before
            spent["needed"] += 0.0 if number in shown else time.process_time() - before
    print(json.dumps({name: seconds / len(paths) for name, seconds in spent.items()}))


def otter_cost(temporary: Path, ours: Path, lesson: str, count: int) -> Cost:
    """Grade the notebooks with otter-grader: each check of the lesson is a test of its own."""
    folder = temporary / "otter"
    (folder / "tests").mkdir(parents=True)
    released = nbformat.read(ours / "release" / lesson / f"{lesson}.ipynb", as_version=4)
    for cell in (cell for cell in released.cells if trusted.is_check(cell)):
        name = cell.metadata.nbgrader.grade_id.replace("-", "_")
        case = {"code": f">>> _ = {cell.source.strip()}\n", "hidden": False, "locked": False}
        suite = {"cases": [case], "scored": True, "setup": "", "teardown": "", "type": "doctest"}
        test = {"name": name, "points": cell.metadata.nbgrader.points, "suites": [suite]}
        (folder / "tests" / f"{name}.py").write_text(f"OK_FORMAT = True\ntest = {test!r}\n")
    archive = folder / "autograder.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for path in sorted((folder / "tests").iterdir()):
            file.write(path, f"tests/{path.name}")
        file.writestr("otter_config.json", json.dumps({"lang": "python", "zips": False, "pdf": False}))
        file.writestr("run_otter.py", "")
    script = (
        "import subprocess, sys\n"
        "for path in sys.argv[3:]:\n"
        "    subprocess.run([sys.argv[1], 'run', '-a', sys.argv[2], '-o', '.', path], capture_output=True)\n"
    )
    paths = sorted(str(path) for path in (ours / "submitted").glob(f"*/{lesson}/{lesson}.ipynb"))[:count]
    return Cost(["-c", script, shutil.which("otter"), str(archive), *paths], folder)


if __name__ == "__main__":
    main()
