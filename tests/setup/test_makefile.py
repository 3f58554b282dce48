"""The Makefile: each target has its line of help, and those that only pass on call the command that does the work."""

import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def make(*arguments: str) -> str:
    # These tests run under `make test`: told nothing of that, this make is not its child and prints no directories.
    clean = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
    return subprocess.run(["make", *arguments], cwd=ROOT, env=clean, capture_output=True, text=True, check=True).stdout


def test_help_lists_every_target_with_a_line():
    targets = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)[1].split()
    lines = dict(line.split(maxsplit=1) for line in make("help").splitlines())
    assert lines.keys() == set(targets)
    assert all(len(line) > 15 for line in lines.values())


@pytest.mark.parametrize(
    ("target", "command"), [("course", ".venv/bin/gdgrade course"), ("demo", ".venv/bin/gdgrade demo demo")]
)
def test_target_calls_the_instructors_command(target, command):
    assert command in make("--dry-run", target)


def test_lab_opens_the_workbook_and_needs_no_screen():
    said = make("--dry-run", "lab", "PORT=9000", "BROWSER=none")
    assert "tools/workbook.py course workbook" in said
    assert "--notebook-dir=workbook" in said and "--port=9000" in said and "--no-browser" in said
