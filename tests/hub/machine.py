"""A machine to set a hub up on, made of this one: its programs, but accounts, homes and processes of its own.

Linux's namespaces do it, so that what is documented can be run as it stands, as root and with real accounts, while the
machine that runs the tests sees nothing of it.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


class Machine:
    """A context in which the machine is there; leaving it, or dying in it, ends all its processes.

    Parameters
    ----------
    kept : iterable of Path
        Folders beside the project and its Python that have to be there as well.
    """

    def __init__(self, kept=()):
        self.kept = [ROOT, Path(sys.prefix), Path(sys.base_prefix), *kept]
        # What a person's shell finds, and with it what a server started by the hub does.
        self.path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])

    def __enter__(self):
        """Build it."""
        inside = [sys.executable, Path(__file__).with_name("inside.py"), json.dumps([str(one) for one in self.kept])]
        self.process = subprocess.Popen(
            ["unshare", "--mount", "--pid", "--fork", "--kill-child", *inside],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        first = self.process.stdout.readline().strip()
        if not first:
            raise RuntimeError(f"no machine could be made: {self.process.communicate(timeout=30)[1]}")
        self.enter = ["nsenter", "--target", first, "--mount", "--pid", "--"]
        return self

    def __exit__(self, *_):
        """End it, and with its first process all others."""
        self.process.stdin.close()
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def run(self, *command, user="root", status=0, **more):
        """Run a command to its end, and give what it printed."""
        done = subprocess.run(
            self._words(command, user), env=self.environment(), capture_output=True, text=True, timeout=300, **more
        )
        assert done.returncode == status, (command, done.stdout, done.stderr)
        return done.stdout + done.stderr if status else done.stdout

    def start(self, *command, **more):
        """Begin a command that stays."""
        return subprocess.Popen(self._words(command, "root"), env=self.environment(), **more)

    def environment(self):
        """What root's shell has; of this process's variables only where the project is found."""
        return {"PATH": self.path, "HOME": "/root", "LANG": "C.UTF-8", "PYTHONPATH": str(ROOT)}

    def _words(self, command, user):
        become = ["runuser", "--user", user, "--"] if user != "root" else []
        return [*self.enter, *become, *map(str, command)]
