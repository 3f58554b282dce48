"""What importing the package and checking an answer cost: python tests/benchmarks/checks.py

Imports are timed in fresh processes, `import numpy` and `import gdexercises` in turn; checks against the student's
function alone, called on the same inputs.
"""

import statistics
import subprocess
import sys
import time

from gdexercises import five_steps
from gdexercises.checking import Quiz, exercises_in

ROUNDS = 15


def seconds_to_import(module: str) -> float:
    code = f"import time; t = time.perf_counter(); import {module}; print(time.perf_counter() - t)"
    return float(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout)


def imports() -> None:
    modules = ("numpy", "gdexercises", "gdexercises.five_steps")
    rounds = [[seconds_to_import(module) for module in modules] for _ in range(ROUNDS)]
    medians = [1e3 * statistics.median(column) for column in zip(*rounds, strict=True)]
    print(f"import, median of {ROUNDS} fresh processes each, in turn")
    for module, median in zip(modules, medians, strict=True):
        more, ratio = median - medians[0], median / medians[0]
        print(f"  {module:24} {median:6.1f} ms   {more:+6.1f} ms and {ratio:5.2f} x import numpy")


def checks() -> None:
    print(f"one check with the reference as the answer, median and slowest of {ROUNDS}, against the bare calls")
    for name, exercise in exercises_in(five_steps).items():
        times = []
        for _ in range(ROUNDS):
            start = time.perf_counter()
            exercise.check(exercise.reference if not isinstance(exercise, Quiz) else exercise.answer)
            times.append(1e3 * (time.perf_counter() - start))
        calls = "" if isinstance(exercise, Quiz) else f"   {statistics.median(times) / bare(exercise):6.1f} x the calls"
        print(f"  {name:24} {statistics.median(times):6.2f} ms, slowest {max(times):6.2f} ms{calls}")


def bare(exercise) -> float:
    """Milliseconds for the driver's calls alone, without copies, capture and comparison."""
    cases = exercise.cases(0)
    start = time.perf_counter()
    for case in cases:
        exercise.driver(exercise.reference, *case.arguments)
    return 1e3 * (time.perf_counter() - start)


if __name__ == "__main__":
    imports()
    checks()
