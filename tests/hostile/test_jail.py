"""The jail itself, where a submission's score does not tell: memory, what stays behind, plain users."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from grading import trusted
from grading.sandbox import Ended, Jail, Limits
from tests.hostile import lesson
from tests.hostile.test_submissions import processes_below

pytestmark = [pytest.mark.xdist_group("hostile"), pytest.mark.slow]

SECONDS = 120
CALL = "\nheight(5)"


@pytest.mark.parametrize("name", ["bomb_memory_copies", "bomb_memory_template"])
def test_memory_that_many_processes_take_is_counted(jail, name):
    submission = lesson.read(lesson.SUBMISSIONS / f"{name}.py")
    with jail.sandbox() as sandbox:
        sandbox.run_cell("import numpy as np")
        with pytest.raises(Ended) as ended:
            sandbox.run_cell(submission.answers.answers["height"] + CALL, SECONDS)
    assert ended.value.kind == "memory"
    assert "0.5 GiB" in ended.value.why


def test_memory_that_processes_share_is_counted_once(jail):
    source = """
import os, time
block = np.ones(2**25)  # 256 MiB, half of what there is
children = []
for _ in range(20):
    children.append(os.fork())
    if children[-1] == 0:
        time.sleep(1.0)
        os._exit(int(block[0]))
print([os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children])
"""
    with jail.sandbox() as sandbox:
        sandbox.run_cell("import numpy as np")
        [output] = sandbox.run_cell(source, SECONDS)
    assert output["text"] == f"{[1] * 20}\n"


def test_a_process_that_hides_is_counted_in_full(jail):
    source = """
import ctypes, os, time
block = np.ones(2**25)
for _ in range(8):
    if os.fork() == 0:
        ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)
        time.sleep(3600)
time.sleep(3600)
"""
    with jail.sandbox() as sandbox:
        sandbox.run_cell("import numpy as np")
        with pytest.raises(Ended) as ended:
            sandbox.run_cell(source, SECONDS)
    assert ended.value.kind == "memory"


def test_sandboxes_do_not_see_each_other(jail):
    source = """
import os, pathlib, socket
pathlib.Path("/tmp/mine").write_text("x")
pathlib.Path("/dev/shm/mine").write_text("x")
listener = socket.socket(socket.AF_UNIX)
listener.bind("\\0mine")
listener.listen()
tcp = socket.create_server(("127.0.0.1", 12345))
"""
    look = """
import glob, socket
found = glob.glob("/tmp/mine") + glob.glob("/dev/shm/mine") + glob.glob("/proc/[02-9]*")
for family, place in ((socket.AF_UNIX, "\\0mine"), (socket.AF_INET, ("127.0.0.1", 12345))):
    try:
        socket.socket(family).connect(place)
        found.append(place)
    except OSError:
        pass
print(found)
"""
    with jail.sandbox() as one, jail.sandbox() as other:
        assert one.run_cell(source, SECONDS) == []
        assert other.run_cell(look, SECONDS)[0]["text"] == "[]\n"


def test_what_a_jail_takes_to_start_is_nobodys_time(tmp_path, monkeypatch):
    slow = tmp_path / "bwrap"
    slow.write_text(f'#!/bin/sh\nsleep 7\nexec {shutil.which("bwrap")} "$@"\n')
    slow.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with Jail(Limits(cell=6, submission=6), modules=(), wait=False) as jail:
        grading = trusted._Grading(jail)
        [output] = grading.run_cell("print('in time')")
        grading.close()
    assert output.text == "in time\n"


def test_a_jail_leaves_nothing_behind(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before = Path("/proc/self/mountinfo").read_text()
    with Jail(Limits(**lesson.LIMITS)) as jail:
        pid = jail._process.pid
        [room] = tmp_path.iterdir()
        sandbox = jail.sandbox()
        sandbox.run_cell("import os, time\nfor _ in range(5):\n    if os.fork() == 0:\n        time.sleep(3600)")
        below = processes_below(pid)
        assert len(below) >= 8
    assert list(tmp_path.iterdir()) == []
    assert not room.exists()
    assert Path("/proc/self/mountinfo").read_text() == before
    until = time.monotonic() + SECONDS
    while (left := [one for one in below if Path(f"/proc/{one}").exists()]) and time.monotonic() < until:
        time.sleep(0.05)
    assert left == []
    sandbox.close()


PLAIN = """
from grading.sandbox import Ended, Jail, Limits
from gdexercises import start_here
with Jail(Limits(call=20, cell=20)) as jail, jail.sandbox() as sandbox:
    print(sandbox.run_cell("import os; print(os.getpid(), os.listdir('/proc/self/fd') != [])")[0]["text"].strip())
    sandbox.run_cell("def height(w): return (w - 1) ** 2")
    print(start_here.height.verdict(sandbox.attempt("height")).passed)
    try:
        sandbox.run_cell("import os; os._exit(7)")
    except Ended as ended:
        print(ended.why)
"""


@pytest.mark.skipif(os.getuid() != 0, reason="all other tests run as a plain user already")
@pytest.mark.skipif(shutil.which("setpriv") is None, reason="there is no setpriv to become somebody else with")
def test_a_plain_user_can_use_it():
    user = ["setpriv", "--reuid=1000", "--regid=1000", "--clear-groups", sys.executable, "-c"]
    readable = "import os, sys, grading.sandbox; sys.exit(not os.access(os.path.realpath(sys.executable), os.X_OK))"
    if subprocess.run([*user, readable], cwd="/tmp", capture_output=True).returncode:
        pytest.skip("somebody else cannot read this Python")
    ran = subprocess.run([*user, PLAIN], cwd="/tmp", capture_output=True, text=True, timeout=SECONDS)
    assert ran.stdout.splitlines() == ["1 True", "True", "ended Python (exit status 7)"], ran.stderr
