"""The first process of the machine that `tests.hub.machine` makes: it gives it an /etc, homes and a /proc of its own.

All mounts are in a namespace of this process: the machine that runs the tests keeps none of it, however this ends.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

OWN = ("/home", "/srv", "/tmp", "/var/tmp", "/var/log", "/var/mail")
"""Folders that begin empty."""


def main(kept: list[Path]) -> None:
    """Build it, say by which id this process is known outside, and stay until nobody listens any more."""
    me = Path("/proc/self").readlink()
    mount("--make-rprivate", "/")
    mount("-t", "proc", "proc", "/proc")
    copy_etc()
    make_room(kept)
    print(me, flush=True)
    sys.stdin.read()


def copy_etc() -> None:
    """Let accounts be made in a copy."""
    folder = os.open("/etc", os.O_PATH)
    mount("-t", "tmpfs", "-o", "mode=755", "tmpfs", "/etc")
    subprocess.run(["cp", "-a", f"/proc/self/fd/{folder}/.", "/etc"], check=True, pass_fds=[folder])
    shutil.rmtree("/etc/jupyter", ignore_errors=True)


def make_room(kept: list[Path]) -> None:
    """Empty the folders that are to be empty, and those that an account may not pass, but for what is kept."""
    folders = {Path(one).resolve() for one in OWN if Path(one).is_dir()}
    ways = {path: [one for one in reversed(path.parents) if not one.stat().st_mode & 0o001] for path in kept}
    folders.update(way[0] for way in ways.values() if way)
    handles = {path: os.open(path, os.O_PATH) for path in kept}
    for folder in sorted(folders):
        mode = folder.stat().st_mode & 0o7777 if folder.name == "tmp" else 0o755
        mount("-t", "tmpfs", "-o", f"mode={mode:o}", "tmpfs", folder)
    for path, handle in handles.items():
        if not path.exists() or not os.path.samestat(path.stat(), os.fstat(handle)):
            path.mkdir(parents=True, exist_ok=True)
            mount("--no-canonicalize", "--rbind", f"/proc/self/fd/{handle}", path, pass_fds=[handle])


def mount(*arguments: str | Path, pass_fds: Sequence[int] = ()) -> None:
    """Run mount."""
    subprocess.run(["mount", *arguments], check=True, pass_fds=pass_fds)


if __name__ == "__main__":
    main([Path(one) for one in json.loads(sys.argv[1])])
