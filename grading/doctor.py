"""Test the jail for real: each wall by trying to climb it."""

import json
import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

from grading.sandbox import Ended, Jail, JailError, Limits

__all__ = ["WALLS", "Finding", "Wall", "examine", "try_to_climb"]

LIMITS = Limits(call=5, cell=20, submission=60, memory=512 * 2**20, disk=32 * 2**20, file_size=8 * 2**20, processes=64)


class Runs(Protocol):
    """Something that runs a cell, walled in or not."""

    def run_cell(self, source: str, seconds: float | None = None) -> list[Any]: ...


@dataclass(frozen=True)
class Finding:
    """Whether a wall held, and what was seen."""

    wall: str
    tried: str
    held: bool
    seen: str


@dataclass(frozen=True)
class Wall:
    """One wall, and code that tries to climb it.

    The code calls ``climbed(what)`` for each way over that it finds; what it raises or fails at is a wall that holds.
    `place` gives it names of things outside. Some walls are limits, and end the process: then `ends` says how.
    """

    name: str
    tried: str
    code: str
    ends: str | None = None
    seconds: float = 10


PRELUDE = """
import contextlib, ctypes, errno, json, os, socket, sys, time
place = json.loads({place!r})
ways = []
climbed = ways.append
"""
REPORT = "\nprint('ways: ' + json.dumps(ways))"

WALLS = (
    Wall(
        "files of the class",
        "read a gradebook that lies beside the submissions, by its path",
        "for name in place['files']:\n    with contextlib.suppress(OSError):\n        open(name).read(); climbed(name)",
    ),
    Wall(
        "home folders",
        "look for what there is in the one of who grades",
        "for name in place['home']:\n    os.path.exists(name) and climbed(name)",
    ),
    Wall(
        "the system's files",
        "write beside Python, the course and the system",
        "for name in ('/', '/usr', '/usr/bin', '/sandbox', '/sandbox/lib/gdexercises', '/etc', '/dev', sys.prefix):\n"
        "    with contextlib.suppress(OSError):\n"
        "        open(os.path.join(name, 'climbed'), 'w').close(); climbed(name)",
    ),
    Wall(
        "other processes",
        "see them in /proc, and signal all there are",
        "others = [name for name in os.listdir('/proc') if name.isdigit() and int(name) != os.getpid()]\n"
        "others and climbed(f'{len(others)} processes in /proc')\n"
        "os.getppid() and climbed(f'parent {os.getppid()}')",
    ),
    Wall(
        "the network",
        "reach a server on this machine by TCP, UDP, and sockets with and without a name in the file system",
        "def reach(kind, family, type_, address):\n    with contextlib.suppress(OSError):\n"
        "        s = socket.socket(family, type_); s.settimeout(2); s.connect(address); s.send(b'?'); climbed(kind)\n"
        "reach('TCP', socket.AF_INET, socket.SOCK_STREAM, ('127.0.0.1', place['port']))\n"
        "reach('UDP', socket.AF_INET, socket.SOCK_DGRAM, ('127.0.0.1', place['port']))\n"
        "reach('an abstract socket', socket.AF_UNIX, socket.SOCK_STREAM, chr(0) + place['abstract'])\n"
        "reach('a socket file', socket.AF_UNIX, socket.SOCK_STREAM, place['socket'])",
    ),
    Wall(
        "references",
        "call the course's own answer, find its text, or import the grader",
        "import inspect\nfrom gdexercises import five_steps\n"
        "with contextlib.suppress(Exception):\n    five_steps.mse([1.0], [2.0]); climbed('the reference of mse')\n"
        "'no_factor_two' in inspect.getsource(five_steps) and climbed('mistakes in the module')\n"
        "with contextlib.suppress(ImportError):\n    import grading.notebooks; climbed('the grader')",
    ),
    Wall(
        "seeds",
        "find them in the environment",
        "[climbed(name) for name in os.environ if 'SEED' in name]",
    ),
    Wall(
        "rights",
        "become root, mount, make namespaces",
        "libc = ctypes.CDLL(None)\n"
        "with contextlib.suppress(OSError):\n    os.setuid(0); os.getuid() == 0 and climbed('root')\n"
        "libc.mount(b'tmpfs', b'/tmp', b'tmpfs', 0, None) == 0 and climbed('mount')\n"
        "libc.unshare(0x10000000) == 0 and climbed('a user namespace')\n"
        "rights = [line for line in open('/proc/self/status') if line.startswith('CapEff')][0].split()[1]\n"
        "int(rights, 16) and climbed(f'capabilities {rights}')",
    ),
    Wall(
        "system calls",
        "use keyrings, trace processes, make memory that no limit counts",
        "libc = ctypes.CDLL(None, use_errno=True)\n"
        "numbers = {'x86_64': (250, 101, 319), 'aarch64': (219, 117, 279)}[os.uname().machine]\n"
        "for name, number, arguments in zip(('keyctl', 'ptrace', 'memfd_create'), numbers,\n"
        "                                   ((0, -3, 1), (0, 0, 0, 0), (b'x', 0))):\n"
        "    libc.syscall(number, *arguments) >= 0 and climbed(name)",
    ),
    Wall(
        "memory",
        "take twice what there is",
        "with contextlib.suppress(MemoryError):\n"
        "    block = bytearray(2 * place['memory']); climbed(f'{len(block)} bytes')",
    ),
    Wall(
        "memory of several processes",
        "take it a part in each of many",
        "for _ in range(8):\n    if os.fork() == 0:\n"
        "        block = b'1' * (place['memory'] // 3); time.sleep(30); os._exit(0)\n"
        "time.sleep(15); climbed('8 processes with a third each')",
        ends="memory",
        seconds=20,
    ),
    Wall(
        "processes",
        "start as many as there can be",
        "count = 0\nwith contextlib.suppress(OSError):\n    while count < 4 * place['processes']:\n"
        "        if os.fork() == 0:\n            time.sleep(20); os._exit(0)\n        count += 1\n"
        "count >= 4 * place['processes'] and climbed(f'{count} processes')",
    ),
    Wall(
        "disk",
        "write more than there is, in many files",
        "written = 0\nwith contextlib.suppress(OSError):\n    for number in range(200):\n"
        "        with open(f'/tmp/{number}', 'wb') as file:\n            written += file.write(bytes(2**20))\n"
        "written >= 200 * 2**20 and climbed(f'{written} bytes')",
    ),
    Wall("time", "loop without end", "while True:\n    pass", ends="time", seconds=2),
    Wall(
        "the end",
        "leave a process behind, in a session of its own",
        "if os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n"
        "        os.execv(sys.executable, [sys.executable, '-c', 'import time; time.sleep(120)', place['mark']])\n"
        "    os._exit(0)\ntime.sleep(0.5)",
    ),
)


def examine(on_wall: Callable[[str], None] = lambda name: None) -> list[Finding]:
    """Build a jail and try to climb each of its walls, each in a sandbox of its own.

    Parameters
    ----------
    on_wall : callable
        Told the name of the wall that is tried next.

    Returns
    -------
    list of Finding
        One for each wall; a single one if there is no jail.
    """
    on_wall("the jail")
    found = [Finding("the jail", "build it", True, "bubblewrap, namespaces, and a Python that waits in it")]
    try:
        with Jail(LIMITS) as jail:
            for wall in WALLS:
                on_wall(wall.name)
                with outside() as place, jail.sandbox() as sandbox:
                    found.append(try_to_climb(wall, sandbox, place))
                if wall.name == "the end" and found[-1].held and _stays(place["mark"]):
                    found[-1] = replace(found[-1], held=False, seen="a process is still there")
    except JailError as error:  # some of what it needs is needed only when a sandbox is made in it
        return [Finding("the jail", "build it", False, str(error))]
    return found


def try_to_climb(wall: Wall, sandbox: Runs, place: dict[str, Any]) -> Finding:
    """Run the code of a wall, and read what it found."""
    source = PRELUDE.format(place=json.dumps(place)) + wall.code + REPORT
    try:
        outputs = sandbox.run_cell(source, wall.seconds)
    except Ended as ended:
        held = wall.ends == ended.kind
        return Finding(wall.name, wall.tried, held, f"it {ended.why}")
    text = "".join(output.get("text", "") for output in outputs if isinstance(output, dict))
    errors = [output.get("evalue", "") for output in outputs if output.get("output_type") == "error"]
    if "ways: " not in text:
        return Finding(wall.name, wall.tried, False, f"the attempt did not finish: {' '.join(errors) or text[-200:]}")
    ways = json.loads(text.rpartition("ways: ")[2].splitlines()[0])
    if wall.ends and not ways:
        return Finding(wall.name, wall.tried, False, "it was not ended")
    return Finding(wall.name, wall.tried, not ways, "; ".join(map(str, ways)) or "no way over")


@contextmanager
def outside() -> Iterator[dict[str, Any]]:
    """Things that a wall must keep in or out of reach: a gradebook, servers; and the names that code needs for them."""
    with TemporaryDirectory(prefix="gdgrade-doctor-") as folder, socket.create_server(("127.0.0.1", 0)) as tcp:
        gradebook = Path(folder, "gradebook.db")
        gradebook.write_text("grades")
        port = tcp.getsockname()[1]
        servers = [tcp, socket.socket(socket.AF_INET, socket.SOCK_DGRAM)]
        servers[1].bind(("127.0.0.1", port))
        abstract, path = f"gdgrade-doctor-{os.getpid()}-{port}", str(Path(folder, "socket"))
        for address in ("\0" + abstract, path):
            server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            server.bind(address)
            server.listen()
            servers.append(server)
        try:
            yield {
                "files": [str(gradebook), str(gradebook.resolve()), "/etc/shadow", "/etc/passwd"],
                "home": _home(),
                "port": port,
                "abstract": abstract,
                "socket": path,
                "memory": LIMITS.memory,
                "processes": LIMITS.processes,
                "mark": f"gdgrade-doctor-{os.getpid()}-{threading.get_ident()}",
            }
        finally:
            for server in servers:
                server.close()


def _home() -> list[str]:
    """What stands in the home folder, but for the way to Python, which has to be seen inside."""
    prefixes = [Path(prefix).resolve() for prefix in (sys.prefix, sys.base_prefix)]
    with suppress(OSError):
        return [str(path) for path in Path.home().iterdir() if not any(one.is_relative_to(path) for one in prefixes)]
    return []


def _stays(mark: str) -> bool:
    """Whether a process with this mark is still there some seconds after its sandbox was closed."""
    until = time.monotonic() + 5
    while _is_running(mark):
        if time.monotonic() > until:
            return True
        time.sleep(0.05)
    return False


def _is_running(mark: str) -> bool:
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if mark.encode() in path.read_bytes():
                return True
        except OSError:
            continue
    return False
