"""The walls that a fork of the template puts around itself before it runs a line of student code.

Used inside the jail, where neither gdexercises' checks nor the class are, so this file needs the standard library
alone. Constants are the kernel's; see the manual pages named beside them.
"""

import contextlib
import ctypes
import os
import platform
import resource
import struct
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

__all__ = ["WallError", "become_nobody", "build", "hide", "mount", "own_namespaces"]

_libc = ctypes.CDLL(None, use_errno=True)

# unshare(2)
_NEWNS, _NEWUTS, _NEWIPC = 0x00020000, 0x04000000, 0x08000000
_NEWUSER, _NEWPID, _NEWNET, _NEWCGROUP = 0x10000000, 0x20000000, 0x40000000, 0x02000000
# mount(2)
_NOSUID, _NODEV, _NOEXEC, _BIND, _REC, _PRIVATE = 0x2, 0x4, 0x8, 0x1000, 0x4000, 0x40000
# prctl(2)
_SET_DUMPABLE, _CAPBSET_DROP, _SET_SECCOMP, _SET_NO_NEW_PRIVS, _CAP_AMBIENT = 4, 24, 22, 38, 47
_CAP_AMBIENT_CLEAR_ALL, _SECCOMP_MODE_FILTER = 4, 2
_LAST_CAPABILITY = 63
NOBODY = 65534


class WallError(OSError):
    """A wall could not be built; nothing may be run then."""


def _must(result: int, what: str) -> None:
    if result < 0:
        number = ctypes.get_errno()
        raise WallError(number, f"{what}: {os.strerror(number)}")


def mount(kind: str, target: str, flags: int = 0, options: str = "") -> None:
    """Mount a file system of a `kind` at `target`, without devices and without programs that gain rights."""
    _must(
        _libc.mount(kind.encode(), target.encode(), kind.encode(), _NOSUID | _NODEV | flags, options.encode() or None),
        f"mounting {kind} at {target}",
    )


def mount_proc() -> None:
    """Mount a /proc that shows the processes of this pid namespace, and no others."""
    mount("proc", "/proc", _NOEXEC)


def hide() -> None:
    """Let no process of the same user look into this one (ptrace, /proc/PID/mem)."""
    _look_into(False)


def _look_into(allowed: bool) -> None:
    _must(_libc.prctl(_SET_DUMPABLE, int(allowed), 0, 0, 0), "prctl(PR_SET_DUMPABLE)")


def become_nobody() -> None:
    """Give up being root, for good."""
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)


def own_namespaces() -> None:
    """Move this process into namespaces of its own: users, IPC, network; its next child begins a pid namespace.

    The process must have one thread. Inside, it keeps its user id.
    """
    uid, gid = os.getuid(), os.getgid()
    _must(
        _libc.unshare(_NEWUSER | _NEWPID | _NEWIPC | _NEWNET | _NEWUTS | _NEWCGROUP),
        "unshare (are user namespaces allowed here?)",
    )
    # A process that hid itself cannot write its own maps: show it for this moment, in which no student code runs.
    _look_into(True)
    for name, text in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")):
        Path("/proc/self", name).write_text(text)
    hide()


def build(limits: Mapping[str, int], keep: Sequence[int]) -> None:
    """Wall this process in: mounts, limits, file descriptors, rights, system calls.

    To be called in the first process of a pid namespace, in namespaces of its own.

    Parameters
    ----------
    limits : mapping
        ``memory``, ``disk`` and ``file_size`` in bytes, ``cpu`` in seconds, ``processes``, ``files``.
    keep : sequence of int
        The file descriptors that stay open; the standard ones lead nowhere.
    """
    os.setsid()
    _look_into(True)
    _mounts(limits["disk"])
    _limits(limits)
    _descriptors(keep)
    _rights()
    _system_calls()
    Path("/proc/self/oom_score_adj").write_text("1000")  # if the machine runs out of memory, this goes first


def _mounts(disk: int) -> None:
    # Only now, so that what this process mounts is not in the way of the one that watches it.
    _must(_libc.unshare(_NEWNS), "unshare")
    _must(_libc.mount(b"none", b"/", None, _REC | _PRIVATE, None), "making mounts private")
    mount_proc()
    inodes = max(1_000, disk // 16_384)
    below = [path for path in _python_roots() if path.is_relative_to("/tmp")]
    held = [os.open(path, os.O_PATH) for path in below]
    mount("tmpfs", "/tmp", 0, f"size={disk},nr_inodes={inodes},mode=700")
    for path, fd in zip(below, held, strict=True):
        path.mkdir(parents=True, exist_ok=True)
        source = f"/proc/self/fd/{fd}".encode()
        _must(_libc.mount(source, str(path).encode(), None, _BIND | _REC, None), f"mounting {path}")
        os.close(fd)
    for folder in ("/tmp/home", "/tmp/shm", "/tmp/work"):
        Path(folder).mkdir()
    # Mapped as shared, /dev/zero is memory that no limit counts.
    _must(_libc.mount(b"/dev/null", b"/dev/zero", None, _BIND, None), "mounting /dev/zero")
    # One file system, so one limit, also for shared memory.
    _must(_libc.mount(b"/tmp/shm", b"/dev/shm", None, _BIND, None), "mounting /dev/shm")
    os.chdir("/tmp/work")
    _must(_libc.sethostname(b"sandbox", 7), "sethostname")


def _python_roots() -> list[Path]:
    return sorted({Path(prefix) for prefix in (sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix)})


def _limits(limits: Mapping[str, int]) -> None:
    data = int(_status("VmData").split()[0]) * 1024
    for name, most in (
        (resource.RLIMIT_DATA, data + limits["memory"]),
        (resource.RLIMIT_NPROC, limits["processes"]),
        (resource.RLIMIT_FSIZE, limits["file_size"]),
        (resource.RLIMIT_NOFILE, limits["files"]),
        (resource.RLIMIT_CPU, limits["cpu"]),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_MSGQUEUE, 0),
        (resource.RLIMIT_SIGPENDING, 1_000),
    ):
        resource.setrlimit(name, (most, most))


def _status(field: str) -> str:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(line.partition(":")[2].strip() for line in lines if line.startswith(f"{field}:"))


def _descriptors(keep: Sequence[int]) -> None:
    for number in [int(path.name) for path in Path("/proc/self/fd").iterdir()]:
        if number > 2 and number not in keep:
            with contextlib.suppress(OSError):  # the one that listed the folder is closed already
                os.close(number)
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nothing, standard)
    os.close(nothing)


def _rights() -> None:
    for capability in range(_LAST_CAPABILITY + 1):
        _libc.prctl(_CAPBSET_DROP, capability, 0, 0, 0)  # fails for numbers that this kernel does not have
    _libc.prctl(_CAP_AMBIENT, _CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
    header = struct.pack("Ii", 0x20080522, 0)  # capset(2), version 3, this process
    _must(_libc.capset(header, bytes(24)), "capset")
    _must(_libc.prctl(_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "prctl(PR_SET_NO_NEW_PRIVS)")


# System calls -------------------------------------------------------------------------------------------------------
# Refused is what no lesson needs and what reaches round the other walls: new namespaces and mounts, other processes,
# keyrings, memory that no limit counts, and parts of the kernel with a history of holes. Numbers: x86-64, ARM64.

_REFUSED = {
    "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51),
    "unshare": (272, 97), "setns": (308, 268),
    "open_tree": (428, 428), "move_mount": (429, 429), "fsopen": (430, 430), "fsconfig": (431, 431),
    "fsmount": (432, 432), "fspick": (433, 433), "mount_setattr": (442, 442),
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "kcmp": (312, 272),
    "pidfd_getfd": (438, 438),
    "add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219),
    "memfd_create": (319, 279), "memfd_secret": (447, 447), "shmget": (29, 194), "msgget": (68, 186),
    "semget": (64, 190),
    "bpf": (321, 280), "perf_event_open": (298, 241), "userfaultfd": (323, 282), "personality": (135, 92),
    "io_uring_setup": (425, 425), "io_uring_enter": (426, 426), "io_uring_register": (427, 427),
    "name_to_handle_at": (303, 264), "open_by_handle_at": (304, 265), "fanotify_init": (300, 262),
    "kexec_load": (246, 104), "kexec_file_load": (320, 294), "init_module": (175, 105), "finit_module": (313, 273),
    "delete_module": (176, 106), "reboot": (169, 142), "swapon": (167, 224), "swapoff": (168, 225), "acct": (163, 89),
    "quotactl": (179, 60), "syslog": (103, 116), "settimeofday": (164, 170), "clock_settime": (227, 112),
    "adjtimex": (159, 171), "clock_adjtime": (305, 266), "sethostname": (170, 161), "setdomainname": (171, 162),
}  # fmt: skip
_CLONE, _CLONE3 = (56, 220), (435, 435)
_MMAP, _SOCKET, _SOCKETPAIR = (9, 222), (41, 198), (53, 199)
# Other families reach what network namespaces do not wall off: the host of a virtual machine, the kernel's ciphers.
_FAMILIES = (1, 2, 10, 16)  # AF_UNIX, AF_INET, AF_INET6, AF_NETLINK
_MAP_SHARED, _MAP_ANONYMOUS = 0x1, 0x20
_MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}  # column, AUDIT_ARCH of <linux/audit.h>
_X32 = 0x40000000  # system calls of another kind, which would go round the list

# <linux/filter.h>, <linux/seccomp.h>: opcodes and results
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _KILL, _ERROR = 0x7FFF0000, 0x80000000, 0x00050000
_EPERM, _ENOSYS, _EAFNOSUPPORT = 1, 38, 97
_NR, _ARCH, _FIRST_ARGUMENT, _FOURTH_ARGUMENT = 0, 4, 16, 40


def machine_is_known() -> bool:
    """Whether the numbers of this machine's system calls are known here."""
    return platform.machine() in _MACHINES


def _system_calls() -> None:
    filters = _filters()
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *one) for one in filters))

    class Program(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("filters", ctypes.c_void_p))

    program = Program(len(filters), ctypes.addressof(code))
    _must(_libc.prctl(_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0), "prctl(PR_SET_SECCOMP)")


def _filters() -> list[tuple[int, int, int, int]]:
    """The program as (opcode, jump if true, jump if false, constant); see seccomp(2)."""
    column, architecture = _MACHINES[platform.machine()]
    program = [
        (_LOAD, 0, 0, _ARCH),
        (_EQUAL, 1, 0, architecture),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NR),
        (_AT_LEAST, 0, 1, _X32),
        (_RETURN, 0, 0, _ERROR | _EPERM),
    ]
    for numbers in _REFUSED.values():
        program += [(_EQUAL, 0, 1, numbers[column]), (_RETURN, 0, 0, _ERROR | _EPERM)]
    # The flags of clone3 lie in memory, where a filter cannot look: as if it did not exist, glibc then takes clone.
    program += [(_EQUAL, 0, 1, _CLONE3[column]), (_RETURN, 0, 0, _ERROR | _ENOSYS)]
    for numbers in (_SOCKET, _SOCKETPAIR):
        program += [(_EQUAL, 0, 3 + len(_FAMILIES), numbers[column]), (_LOAD, 0, 0, _FIRST_ARGUMENT)]
        program += [(_EQUAL, len(_FAMILIES) - index, 0, family) for index, family in enumerate(_FAMILIES)]
        program += [(_RETURN, 0, 0, _ERROR | _EAFNOSUPPORT), (_RETURN, 0, 0, _ALLOW)]
    # Memory that is shared and has no file is not a process's own, so neither its limits nor a look at it count it.
    program += [
        (_EQUAL, 0, 5, _MMAP[column]),
        (_LOAD, 0, 0, _FOURTH_ARGUMENT),
        (_ANY_BIT, 0, 2, _MAP_ANONYMOUS),
        (_ANY_BIT, 0, 1, _MAP_SHARED),
        (_RETURN, 0, 0, _ERROR | _EPERM),
        (_RETURN, 0, 0, _ALLOW),
    ]
    namespaces = _NEWUSER | _NEWPID | _NEWNS | _NEWIPC | _NEWNET | _NEWUTS | _NEWCGROUP
    program += [
        (_EQUAL, 0, 3, _CLONE[column]),
        (_LOAD, 0, 0, _FIRST_ARGUMENT),
        (_ANY_BIT, 0, 1, namespaces),
        (_RETURN, 0, 0, _ERROR | _EPERM),
        (_RETURN, 0, 0, _ALLOW),
    ]
    return program
