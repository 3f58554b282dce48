"""The warm Python inside the jail: what the course needs is imported once, and each submission is a fork of it.

Run as ``python -I template.py CONTROL-FD MODULE ...``. For each message on the control socket, which brings limits and
two sockets, it forks a *keeper*. The keeper moves into namespaces of its own and forks the *student's process*, the
first of its pid namespace: when that one ends, the kernel ends all that it left. The keeper watches the memory, ends
the student's process when it is told to or when the other end of its socket is gone, and says why it ended.

No thread may be started before the fork: a fork has only one.
"""

import contextlib
import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent / "lib"), str(Path(__file__).parent)]

import walls  # noqa: E402

WATCH_SECONDS = 0.1
FDS = 2
HELD = ("RssAnon", "RssShmem", "VmSwap")
SHARE = ("Pss_Anon", "Pss_Shmem", "SwapPss")  # memory that n processes share counts 1/n for each of them


def main() -> None:
    control = socket.socket(fileno=int(sys.argv[1]))
    try:
        if os.getuid() == 0:
            walls.mount_proc()
            walls.become_nobody()
        walls.hide()
        _warm_up(sys.argv[2:])
    except Exception as error:
        control.sendall(json.dumps({"failed": f"{type(error).__name__}: {error}"}).encode())
        return
    control.sendall(json.dumps({"ready": True}).encode())
    signal.signal(signal.SIGCHLD, lambda *_: None)
    while True:
        message, fds, _, _ = socket.recv_fds(control, 65_536, FDS)
        if not message:
            os._exit(0)  # there is nothing to tidy up, and that would take a tenth of a second
        if os.fork() == 0:
            control.close()
            _keep(json.loads(message), *fds)
        for fd in fds:
            os.close(fd)
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass


def _warm_up(modules: list[str]) -> None:
    gc.disable()  # nothing of what is imported is garbage
    for name in modules:
        with contextlib.suppress(Exception):  # whoever needs it will be told
            importlib.import_module(name)
    import inside

    inside.warm_up()
    # What is there now is for all forks: the collector must not touch, and so copy, it in each of them.
    gc.collect()
    gc.freeze()
    gc.enable()


def _keep(limits: dict, data: int, link: int) -> None:
    """Fork the student's process, watch it, and say why it ended; this process never returns."""
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        walls.own_namespaces()
        student = os.fork()
        if student == 0:
            _be_the_students(limits, data, link)
        os.close(data)
        reason = _watch(student, link, limits["memory"])
    except BaseException as error:
        reason = {"ended": "wall", "detail": f"{type(error).__name__}: {error}"}
    with contextlib.suppress(OSError):
        os.write(link, json.dumps(reason).encode())
    os._exit(0)


def _be_the_students(limits: dict, data: int, link: int) -> None:
    try:
        walls.build(limits, keep=(data, link))
    except BaseException as error:
        os.write(link, json.dumps({"ended": "wall", "detail": f"{type(error).__name__}: {error}"}).encode())
        os._exit(1)
    os.close(link)  # from here on, nothing that this process says is believed
    import inside

    inside.main(data)
    os._exit(0)


def _watch(student: int, link: int, memory: int) -> dict:
    most = memory + _status("self")[1]
    while True:
        told, _, _ = select.select([link], [], [], WATCH_SECONDS)
        pid, status = os.waitpid(student, os.WNOHANG)
        if pid:
            return {"ended": "exit", "status": status}
        if told:
            return _end(student, {"ended": "told"})
        if _uses_more(student, most):
            return _end(student, {"ended": "memory"})


def _end(student: int, reason: dict) -> dict:
    os.kill(student, signal.SIGKILL)
    os.waitpid(student, 0)  # returns once all that it had started is gone as well
    return reason


def _uses_more(student: int, most: int) -> bool:
    """Whether a process and all below it hold more than `most` bytes, with what they share with the template.

    What each of them holds is quickly told; how much of it is the same memory is only looked at if there is need to.
    """
    held = _held(student)
    if sum(held.values()) <= most:
        return False
    total = 0
    for pid in held:
        with contextlib.suppress(FileNotFoundError, ProcessLookupError, KeyError):
            try:
                total += _memory(_fields(f"{pid}/smaps_rollup"), SHARE)
            except PermissionError:  # it hides, so all counts that it holds; or it has just ended, and holds nothing
                total += _status(str(pid))[1]
        if total > most:
            return True
    return False


def _held(student: int) -> dict[int, int]:
    """Bytes in memory of a process and of all below it, by their number.

    Orphans belong to the first process of their namespace, so all that a student's process started is below it.
    """
    processes = {}
    for path in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, KeyError, ValueError):  # it may have ended meanwhile
            processes[int(path.name)] = _status(path.name)
    below = {student}
    # A number can be smaller than its parent's once all have been used: go round until nothing is added.
    while found := {pid for pid, (parent, _) in processes.items() if parent in below and pid not in below}:
        below |= found
    return {pid: processes[pid][1] for pid in below & processes.keys()}


def _status(pid: str) -> tuple[int, int]:
    """The parent of a process, and the bytes that it has in memory and in no file on disk."""
    fields = _fields(f"{pid}/status")
    return int(fields["PPid"]), _memory(fields, HELD)


def _fields(path: str) -> dict[str, str]:
    """The fields of a file of /proc that says what it says by name."""
    lines = Path("/proc", path).read_text().splitlines()
    return dict(line.split(":", 1) for line in lines if ":" in line)


def _memory(fields: dict[str, str], names: tuple[str, ...]) -> int:
    return sum(1024 * int(fields[name].split()[0]) for name in names if name in fields)


if __name__ == "__main__":
    main()
