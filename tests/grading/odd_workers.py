"""Workers of a Dask cluster that are not as they should be: what `dask worker --preload` loads into them.

The environment says what is odd: ``ODD=kills NAME`` (NAME's submission ends the worker), ``ODD=waits FILE`` (grading
waits until there is the file), ``ODD=version`` (of the course, another one). Who is graded is noted in ``ODD_LOG``.
"""

import os
import signal
import time
from pathlib import Path

from grading import task


def dask_setup(worker):
    """Make this worker odd; Dask calls it when the worker starts."""
    odd, _, what = os.environ.get("ODD", "").partition(" ")
    log, grade = Path(os.environ["ODD_LOG"]), task._grade

    def grade_oddly(data):
        student = task.Task.from_bytes(data).student
        with log.open("a") as file:
            file.write(f"{student}\n")
        if odd == "kills" and student == what:
            os.kill(os.getpid(), signal.SIGKILL)
        while odd == "waits" and not Path(what).exists():
            time.sleep(0.02)
        return grade(data)

    task._grade = grade_oddly
    if odd == "version":
        task.code_version = lambda: "another"
