"""A lesson, a jail, and a world outside of it that must stay as it is."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from grading import notebooks
from grading.sandbox import Jail, Limits
from tests.hostile import lesson

CANARY = "the-canary-sings"


class World:
    """What is outside: files with a secret in them, and listeners on every kind of socket."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.heard: list[str] = []
        self._sockets: list[socket.socket] = []
        self.files = {}
        for name in ("gradebook.db", ".gdexercises-secret", "source/97-hostile.py", "submitted/ada/97-hostile.ipynb"):
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"{CANARY} {name}\n")
            path.chmod(0o666)
            self.files[path] = path.read_bytes()
        abstract = f"gdexercises-{folder.name}-{id(self)}"
        self.places = {
            "CLASS": str(folder),
            "TCP": str(self._listen("tcp", socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0))[1]),
            "UDP": str(self._listen("udp", socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0))[1]),
            "UNIX": self._listen("unix", socket.AF_UNIX, socket.SOCK_STREAM, str(folder / "socket")),
            "ABSTRACT": abstract,
        }
        self._listen("abstract", socket.AF_UNIX, socket.SOCK_STREAM, f"\0{abstract}")
        (folder / "socket").chmod(0o777)

    def _listen(self, kind: str, family: int, way: int, address):
        listener = socket.socket(family, way)
        listener.bind(address)
        self._sockets.append(listener)
        if way == socket.SOCK_STREAM:
            listener.listen()
        threading.Thread(target=self._hear, args=(kind, listener, way), daemon=True).start()
        return listener.getsockname()

    def _hear(self, kind: str, listener: socket.socket, way: int) -> None:
        with contextlib.suppress(OSError):
            while True:
                if way == socket.SOCK_STREAM:
                    listener.accept()[0].close()
                else:
                    listener.recvfrom(100)
                self.heard.append(kind)

    def close(self) -> None:
        for listener in self._sockets:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()

    def check_unchanged(self) -> None:
        """Nobody called, and each file is what it was."""
        assert self.heard == []
        assert {path: path.read_bytes() for path in self.files} == self.files
        names = {path.name for path in self.folder.iterdir()}
        assert names == {"gradebook.db", ".gdexercises-secret", "source", "submitted", "socket"}


@pytest.fixture(scope="session")
def world(tmp_path_factory) -> Iterator[World]:
    world = World(tmp_path_factory.mktemp("world"))
    yield world
    world.close()


@pytest.fixture(scope="session")
def instructor(tmp_path_factory):
    """The instructor's notebook of the lesson."""
    return notebooks.read_source(lesson.make_source(tmp_path_factory.mktemp("source")))


@pytest.fixture(scope="session")
def released(instructor):
    """The lesson as it is released."""
    return notebooks.student_version(instructor)


@pytest.fixture(scope="session")
def solutions(instructor):
    return notebooks.solutions(instructor)


@pytest.fixture(scope="session")
def jail() -> Iterator[Jail]:
    with Jail(Limits(**lesson.LIMITS)) as jail:
        yield jail


@pytest.fixture(autouse=True)
def graded(monkeypatch):
    """The environment in which nbgrader runs a submission."""
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    monkeypatch.setenv("GDEXERCISES_SEED", "a seed that nobody knows")
