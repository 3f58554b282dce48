"""The grader's side of the jail: start it, get a sandbox for a submission, run cells and drivers in it.

The jail is bubblewrap's: no network, a read-only system, no home, no class. In it waits a Python that has imported what
the course needs (``template.py``); a sandbox is a fork of it, in namespaces and under limits of its own.
"""

import contextlib
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import gdexercises
import grading
from gdexercises.checking import wire
from gdexercises.checking.attempts import AttemptEnded, Remote, receive, send
from gdexercises.checking.drivers import Description, Outcome
from grading.sandbox import walls
from grading.sandbox.stripped import PROGRAMS, furnish

__all__ = ["Ended", "Entrance", "Jail", "JailError", "Limits", "Sandbox", "Time"]

INSIDE = "/sandbox"
MODULES = {
    "numpy": r"",
    "torch": r"\btorch\b",
    "torch._dynamo": r"\btorch\b[\s\S]*\boptim\b",  # which torch's optimizers import at their first use
    "jax": r"\bjax\b",
    "jax.numpy": r"\bjax\b",
}
"""What may be imported before a submission comes, and the pattern in the lesson's text that asks for it."""
START_SECONDS = 120
ASK_SECONDS = 10
MAX_REPLY = 16 * 2**20
MAX_OUTCOME = 8 * 2**20
HOW_TO_INSTALL = "install bubblewrap (Debian and Ubuntu: apt install bubblewrap)"


class JailError(RuntimeError):
    """The jail cannot be built; the message says what is missing and what to do."""


@dataclass(frozen=True)
class Limits:
    """What one submission may use.

    Attributes
    ----------
    call, cell, submission : float
        Seconds for one use of a student's object by a check, for one cell (or all uses by one check), and for all of a
        submission together.
    memory, disk, file_size : int
        Bytes: memory of all its processes beyond what they start with, all files together, one file.
    processes, files : int
        Processes and threads at a time, open files of a process.
    """

    call: float = 20
    cell: float = 60
    submission: float = 180
    memory: int = 2 * 2**30
    disk: int = 64 * 2**20
    file_size: int = 32 * 2**20
    processes: int = 128
    files: int = 256

    def for_walls(self) -> dict[str, int]:
        """What the walls inside want to know."""
        limits = {name: value for name, value in asdict(self).items() if name not in ("call", "cell", "submission")}
        return {**limits, "cpu": int(2 * self.submission)}


class Ended(AttemptEnded):
    """The student's process is gone: `why` says by which limit or how, in words that go on after "it"."""

    def __init__(self, kind: str, why: str):
        super().__init__(why)
        self.kind = kind
        self.why = why


class Entrance:
    """A way into a jail, which may be another process's: it can be handed on to a process that is being started.

    Parameters
    ----------
    limits : Limits
        For each sandbox.
    control : socket.socket
        Leads to the Python in the jail.
    """

    def __init__(self, limits: Limits, control: socket.socket):
        self.limits = limits
        self._control = control

    @property
    def alive(self) -> bool:
        """Whether sandboxes can be had."""
        return not self.ends_within(0)

    def ends_within(self, seconds: float) -> bool:
        """Whether the jail has ended, or does so in a moment."""
        if self._control.fileno() < 0:
            return True
        other_end = select.poll()
        other_end.register(self._control, 0)  # that nobody holds it any more is told without being asked for
        return bool(other_end.poll(1_000 * seconds))

    def sandbox(self) -> "Sandbox":
        """A sandbox for one submission, as soon as the jail is ready. Raises `JailError`."""
        sandbox = Sandbox(self)
        try:  # the jail may be starting still, and nobody's time is to be used up by that
            sandbox.run_cell("", START_SECONDS)
        except Ended as ended:
            self.ends_within(1)
            raise JailError(f"no sandbox can be had: before anything ran in it, it {ended.why}") from ended
        return sandbox

    def fork(self) -> tuple[socket.socket, socket.socket]:
        """Fork a student's process; give the sockets to talk to it and to its keeper."""
        data, data_inside = socket.socketpair()
        link, link_inside = socket.socketpair()
        with data_inside, link_inside:
            message = json.dumps(self.limits.for_walls()).encode()
            try:
                socket.send_fds(self._control, [message], [data_inside.fileno(), link_inside.fileno()])
            except OSError as error:
                data.close()
                link.close()
                raise JailError(f"the jail has ended: {error}. Run the command again.") from error
        return data, link

    def close(self) -> None:
        """Go away from it; the jail ends when nobody is left who could ask for a sandbox."""
        self._control.close()


class Jail(Entrance):
    """A jail with a warm Python in it. Use it as a context manager, or `close` it.

    Parameters
    ----------
    limits : Limits
        For each sandbox.
    modules : collection of str
        What is imported before the first submission comes; it can import the others itself.
    programs : Path, optional
        A folder of JAX's compiled programs (`grading.programs`), which submissions may use.
    fill : bool
        Whether what runs in the sandboxes adds to that folder: for the course's own code alone.
    place : Path, optional
        Where the folder is made that it shows to student code; for temporary files if it is not given.
    wait : bool
        Whether to wait until it is ready. Without that, who asks for a sandbox waits; if it cannot be built, it ends.

    Raises
    ------
    JailError
        If the jail cannot be built here.
    """

    def __init__(
        self,
        limits: Limits = Limits(),
        modules: Collection[str] = tuple(MODULES),
        programs: Path | None = None,
        *,
        fill: bool = False,
        place: Path | None = None,
        wait: bool = True,
    ):
        bubblewrap = _find_bubblewrap()
        self._room = furnish(None if fill else programs, place)
        self._complaints = tempfile.TemporaryFile()  # noqa: SIM115 -- it lives as long as the jail
        control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        super().__init__(limits, control)
        with theirs:
            seen = [*_arguments(self._room), *_programs(programs, fill)]
            command = [bubblewrap, *seen, *_python(), f"{INSIDE}/template.py", str(theirs.fileno())]
            self._process = subprocess.Popen(
                [*command, *modules],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=self._complaints,
                stderr=self._complaints,
                env={},
                start_new_session=True,  # it must not hear Ctrl-C: whoever uses it ends it, in order
            )
        try:
            if wait:
                self._await_start()
        except BaseException:
            self.close()
            raise

    def _await_start(self) -> None:
        self._control.settimeout(START_SECONDS)
        try:
            said = json.loads(self._control.recv(65_536) or b"{}")
        except (OSError, ValueError):
            said = {}
        self._control.settimeout(None)
        if said.get("ready"):
            return
        self._process.kill()
        self._process.wait()
        self._complaints.seek(0)
        text = said.get("failed") or self._complaints.read(4_000).decode(errors="replace").strip().splitlines()[-1:]
        raise JailError(_what_to_do(text if isinstance(text, str) else "".join(text)))

    def __enter__(self) -> "Jail":
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    def entrance(self) -> Entrance:
        """A way in for other processes; this one must live as long as they need it."""
        return Entrance(self.limits, self._control)

    def close(self, *, now: bool = False) -> None:
        """End all that runs in the jail; `now` also if it is still importing, which takes a while."""
        super().close()
        if not now:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(2)
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        self._complaints.close()
        shutil.rmtree(self._room, ignore_errors=True)


def _find_bubblewrap() -> str:
    if sys.platform != "linux" or not walls.machine_is_known():
        raise JailError(
            "student code is walled in with Linux's own means, on x86-64 and ARM64, and this machine is another one. "
            "Grade on Linux (a virtual machine will do)."
        )
    found = shutil.which("bwrap")
    if found is None:
        raise JailError(f"bubblewrap, the program that walls student code in, is missing: {HOW_TO_INSTALL}.")
    return found


def _what_to_do(said: str) -> str:
    """A message for the instructor, from what bubblewrap or the template said."""
    reason = said or "it ended without a word"
    advice = "`gdgrade doctor` tests it wall by wall."
    if "namespace" in said or "Operation not permitted" in said or "uid map" in said or "Permission denied" in said:
        advice = (
            "This machine refuses user namespaces. On Debian and Ubuntu: sysctl kernel.unprivileged_userns_clone=1, or "
            "kernel.apparmor_restrict_unprivileged_userns=0. In a container they need to be allowed by whoever runs "
            "it (Docker: --user 1000 --security-opt seccomp=unconfined --security-opt apparmor=unconfined "
            "--security-opt systempaths=unconfined)."
        )
    return f"the jail for student code cannot be built: {reason}. {advice}"


def _python() -> list[str]:
    return [sys.executable, "-I", "-B", "-u"]


def _arguments(room: Path) -> Iterator[str]:
    """Bubblewrap's arguments: the namespaces, and what of the machine's files can be seen."""
    yield from ("--die-with-parent", "--new-session", "--unshare-pid", "--unshare-net", "--unshare-ipc")
    yield from ("--unshare-uts", "--unshare-cgroup-try", "--cap-drop", "ALL")
    if os.getuid() != 0:
        yield "--unshare-user"
    else:  # root has no need of it; inside, the template mounts its own /proc and becomes nobody
        for capability in ("SYS_ADMIN", "SETUID", "SETGID"):
            yield from ("--cap-add", f"CAP_{capability}")
    yield from ("--ro-bind", "/usr", "/usr")
    for name in ("bin", "sbin", "lib", "lib32", "lib64"):
        path = Path("/", name)
        if path.is_symlink():
            yield from ("--symlink", str(path.readlink()), str(path))
        elif path.is_dir():
            yield from ("--ro-bind", str(path), str(path))
    yield from ("--perms", "0755", "--dir", "/etc")
    for path in ("/etc/ld.so.cache", "/etc/localtime", "/etc/fonts", "/etc/alternatives"):
        yield from ("--ro-bind-try", path, path)
    yield from ("--perms", "1777", "--tmpfs", "/tmp")  # first: Python may live below it
    roots = _python_roots()
    for path in roots:
        for parent in reversed(path.parents[:-1]):  # bubblewrap would make them for its own user alone
            yield from ("--perms", "0755", "--dir", str(parent))
        yield from ("--ro-bind", str(path), str(path))
    for package in (gdexercises, grading):
        folder = Path(package.__file__).resolve().parent
        if any(folder.is_relative_to(root) for root in (*roots, Path("/usr"))):
            yield from ("--tmpfs", str(folder))  # installed beside what is needed: the references stand there
    if os.getuid() != 0:
        yield from ("--proc", "/proc")
    else:
        yield from ("--dir", "/proc")
    yield from ("--dev", "/dev")
    yield from ("--ro-bind", str(room), INSIDE)
    # What could be written to would lie there for the next submission.
    yield from ("--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/")
    for name, value in _environment().items():
        yield from ("--setenv", name, value)


def _programs(programs: Path | None, fill: bool) -> Iterator[str]:
    """Bubblewrap's arguments for JAX's compiled programs: found in the room, or written to a folder outside."""
    if programs is None:
        return
    if fill:
        yield from ("--bind", str(programs), f"{INSIDE}/{PROGRAMS}")
    seconds = "0" if fill else "1e9"  # what takes less to compile is not written
    yield from ("--setenv", "JAX_COMPILATION_CACHE_DIR", f"{INSIDE}/{PROGRAMS}")
    yield from ("--setenv", "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", seconds)
    yield from ("--setenv", "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES", "-1")


def _python_roots() -> list[Path]:
    """The folders that Python needs and that are not in /usr, outermost first."""
    prefixes = {sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix}
    prefixes |= {str(Path(prefix).resolve()) for prefix in prefixes}
    found: list[Path] = []
    for path in sorted(map(Path, prefixes)):
        if not path.is_relative_to("/usr") and not any(path.is_relative_to(other) for other in found):
            found.append(path)
    return found


def _environment() -> dict[str, str]:
    one_thread = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    # Some processors need to be told to OpenBLAS; without it, it computes wrongly there.
    machine = {name: value for name, value in os.environ.items() if name.startswith("OPENBLAS_CORETYPE")}
    return {
        **one_thread,
        **machine,
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "HOME": "/tmp/home",
        "IPYTHONDIR": "/tmp/home/.ipython",
        "USER": "student",
        "LANG": "C.UTF-8",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "MPLCONFIGDIR": "/tmp/home/matplotlib",
        "JAX_PLATFORMS": "cpu",
        "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
        "NBGRADER_EXECUTION": "autograde",
    }


class Sandbox:
    """One submission's process: it runs cells, and hands out its objects as attempts.

    Nothing that comes out of it is to be believed: it is data, within a size, in a time. Use it as a context manager.
    """

    def __init__(self, jail: Entrance):
        self.limits = jail.limits
        self._jail = jail  # which ends when nobody holds it any more
        self._data, self._link = jail.fork()
        self._ended: Ended | None = None

    def __enter__(self) -> "Sandbox":
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    def run_cell(self, source: str, seconds: float | None = None, within: "Time | None" = None) -> list[Any]:
        """Run a cell; give its outputs as the sandbox tells them. Raises `Ended` if there is nobody any more.

        The limit is `seconds`, else that of a cell, and in any case the time that is left `within` something larger.
        """
        reply = self.ask({"do": "cell", "source": source}, Time.limit(seconds or self.limits.cell, "cell", within))
        outputs = reply.get("outputs")
        return outputs if isinstance(outputs, list) else []

    def attempt(self, name: str, within: "Time | None" = None) -> "Handle":
        """The student's object of that name, for a check: all its calls together have the time of a cell."""
        return Handle(self, name, Time.limit(self.limits.cell, "check", within))

    def ask(self, request: dict, limit: "Time", most: int = MAX_REPLY) -> dict:
        """Send a request and return the reply; raises `Ended` on silence, nonsense, or the end of the process."""
        if self._ended is not None:
            raise self._ended
        stream = _Timed(self._data, limit.until)
        try:
            send(stream, request)
            reply = receive(stream, most)
        except TimeoutError:
            raise self._end("time", limit.why) from None
        except wire.WireError:
            raise self.distrust() from None
        except OSError:
            reply = None
        if reply is None:
            raise self._end("exit", "")
        if not isinstance(reply, dict):
            raise self.distrust()
        return reply

    def distrust(self) -> Ended:
        """End it since what it said is no reply."""
        return self._end("wire", "wrote into the channel to the grader, which is not its own")

    def broken(self, error: str) -> Ended:
        """End it since student code has broken what a check needs there, such as the course's modules."""
        return self._end("broken", f"left Python in a state in which nothing can be checked ({error})")

    def _end(self, kind: str, why: str) -> Ended:
        """End the process; its keeper knows more of how it ended than its silence tells."""
        told = self._ask_keeper()
        if told.get("ended") == "wall":
            self.close()
            raise JailError(_what_to_do(str(told.get("detail"))))
        if kind == "exit" or told.get("ended") == "memory":
            kind, why = _ending(told, self.limits)
        self.close()
        self._ended = Ended(kind, why)
        return self._ended

    def _ask_keeper(self) -> dict:
        self._link.settimeout(ASK_SECONDS)
        try:
            # An end by itself is told without being asked for.
            self._link.settimeout(0.3)
            with contextlib.suppress(TimeoutError):
                return json.loads(self._link.recv(65_536) or b"{}")
            self._link.settimeout(ASK_SECONDS)
            self._link.sendall(b"end")
            return json.loads(self._link.recv(65_536) or b"{}")
        except (OSError, ValueError):
            return {}

    def close(self) -> None:
        """End the student's process and all that it started."""
        self._data.close()
        self._link.close()


def _ending(told: dict, limits: Limits) -> tuple[str, str]:
    if told.get("ended") == "memory":
        return "memory", f"used more than the {limits.memory / 2**30:g} GiB of memory that there are"
    status = told.get("status")
    if not isinstance(status, int):
        return "exit", "ended Python"
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        name = signal.Signals(number).name if number in set(signal.Signals) else str(number)
        if number == signal.SIGXCPU:
            return "time", "used up the processor time that a submission has"
        if number == signal.SIGXFSZ:
            return "disk", f"wrote a file of more than {limits.file_size // 2**20} MiB"
        return "crash", f"crashed Python ({name})"
    return "exit", f"ended Python (exit status {os.waitstatus_to_exitcode(status)})"


@dataclass(frozen=True)
class Time:
    """A moment at which something is ended, and what is then said of it: "it ..."."""

    until: float
    why: str

    @classmethod
    def limit(cls, seconds: float, what: str, within: "Time | None" = None) -> "Time":
        """The limit for one `what` that begins now; if what it is part of ends earlier, that moment."""
        own = cls(time.monotonic() + seconds, f"took longer than {seconds:g} seconds, the limit for one {what}")
        return own if within is None else min(own, within, key=lambda limit: limit.until)

    @property
    def is_over(self) -> bool:
        return time.monotonic() >= self.until


class Handle(Remote):
    """A student's object in a sandbox; each use of it has its time, and all of them together."""

    def __init__(self, sandbox: Sandbox, name: str, within: Time):
        super().__init__(None, None, name)
        self._sandbox = sandbox
        self._within = within

    def describe(self) -> Description:
        """What it is; a reply that is no description ends the sandbox."""
        with self._believing_nothing():
            return super().describe()

    def run(self, use: Any, arguments: bytes) -> Outcome:
        """Run a driver on it; a reply that is no outcome ends the sandbox."""
        with self._believing_nothing():
            return super().run(use, arguments)

    @contextlib.contextmanager
    def _believing_nothing(self) -> Iterator[None]:
        try:
            yield
        except (AttemptEnded, JailError, NameError):
            raise
        except Exception:  # whatever reading it runs into, it is not what a driver says
            raise self._sandbox.distrust() from None

    def _exchange(self, request: dict) -> Any:
        limit = Time.limit(self._sandbox.limits.call, "call", self._within)
        reply = self._sandbox.ask(request, limit, MAX_OUTCOME)
        if "error" in reply:
            error = reply["error"]
            raise self._sandbox.broken(error[:200] if isinstance(error, str) else "an error without words")
        return reply


class _Timed:
    """A socket as the stream that `send` and `receive` want, with a moment at which all ends."""

    def __init__(self, connection: socket.socket, until: float):
        self._connection = connection
        self._until = until

    def _wait(self) -> None:
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._connection.settimeout(left)

    def write(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            self._wait()
            view = view[self._connection.send(view) :]

    def flush(self) -> None:
        """Nothing waits here."""

    def read(self, count: int) -> bytes:
        data = bytearray()
        while len(data) < count:
            self._wait()
            part = self._connection.recv(min(count - len(data), 2**20))
            if not part:
                break
            data += part
        return bytes(data)
