"""`gdgrade doctor`: every wall holds here, and code that climbs where there is no wall is seen to."""

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from grading import cli, doctor
from grading.sandbox import JailError, jail

pytestmark = [pytest.mark.xdist_group("jail"), pytest.mark.slow]


def test_every_wall_holds():
    found = doctor.examine()
    assert [one.wall for one in found] == ["the jail", *(wall.name for wall in doctor.WALLS)]
    assert [(one.wall, one.seen) for one in found if not one.held] == []


class NoWall:
    """Runs a cell in a plain Python."""

    def run_cell(self, source, seconds=None):
        done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, timeout=60)
        return [{"output_type": "stream", "text": done.stdout}, {"output_type": "error", "evalue": done.stderr[-300:]}]


@pytest.mark.parametrize(
    "name",
    ["files of the class", "other processes", "the network", "references", "seeds", "memory"],
)
def test_where_there_is_no_wall_the_attempt_gets_over(name, monkeypatch):
    monkeypatch.setenv("GDEXERCISES_SEED", "1")
    wall = next(wall for wall in doctor.WALLS if wall.name == name)
    with doctor.outside() as place:
        found = doctor.try_to_climb(wall, NoWall(), place | {"memory": 2**20})
    assert not found.held
    assert found.seen != "no way over"


def test_without_bubblewrap_one_message_says_what_to_install(monkeypatch):
    monkeypatch.setattr(jail.shutil, "which", lambda name: None)
    with pytest.raises(JailError, match=r"bubblewrap.*is missing.*apt install bubblewrap"):
        jail.Jail()
    shown = CliRunner().invoke(cli.app, ["doctor"])
    assert shown.exit_code == 1
    assert "do not grade here" in shown.output


def test_on_another_system_one_message_says_so(monkeypatch):
    monkeypatch.setattr(jail.sys, "platform", "darwin")
    with pytest.raises(JailError, match="Grade on Linux"):
        jail.Jail()


def test_where_namespaces_are_refused_one_message_says_how_to_allow_them(monkeypatch, tmp_path):
    refuses = tmp_path / "bwrap"
    refuses.write_text("#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n")
    refuses.chmod(0o755)
    monkeypatch.setattr(jail.shutil, "which", lambda name: str(refuses))
    with pytest.raises(JailError, match=r"No permissions to create new namespace.*unprivileged_userns"):
        jail.Jail()


def test_a_sandbox_that_cannot_be_made_in_the_jail_is_a_finding_too(monkeypatch):
    def refused(*_):
        raise JailError("the jail for student code cannot be built: sethostname: Operation not permitted.")

    monkeypatch.setattr(doctor, "try_to_climb", refused)
    assert [(one.wall, one.held) for one in doctor.examine()] == [("the jail", False)]
    shown = CliRunner().invoke(cli.app, ["doctor"])
    assert shown.exit_code == 1
    assert "sethostname" in shown.output and "do not grade here" in shown.output
