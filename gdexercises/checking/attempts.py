"""Where an attempt lives: in this process, or in another one that is reached over a byte stream."""

import os
import struct
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from gdexercises.checking import drivers, wire
from gdexercises.checking.drivers import Description, Outcome

__all__ = [
    "Attempt",
    "AttemptEnded",
    "Local",
    "Remote",
    "Through",
    "answer",
    "receive",
    "send",
    "serve",
    "serve_stdio",
]

MAX_MESSAGE = 4 * wire.MAX_BYTES


class Attempt(Protocol):
    """A student's object, wherever it is: it can be described, and a driver can be run on it."""

    def describe(self) -> Description: ...

    def run(self, use: Any, arguments: bytes) -> Outcome: ...


class AttemptEnded(Exception):
    """The process that holds an attempt is gone, or had to be ended; the message says in words how: "it ..."."""

    call: str | None = None
    """What was being called, where that is known."""


class Local:
    """An attempt in this process."""

    def __init__(self, value: Any):
        self.value = value

    def describe(self) -> Description:
        return drivers.describe(self.value)

    def run(self, use: Any, arguments: bytes) -> Outcome:
        return drivers.run(use, self.value, arguments)


class Through:
    """An attempt that is run by a driver of its own, whatever driver it is to be run by."""

    def __init__(self, attempt: Attempt, driver: Any):
        self.attempt = attempt
        self.driver = driver

    def describe(self) -> Description:
        return self.attempt.describe()

    def run(self, use: Any, arguments: bytes) -> Outcome:
        return self.attempt.run(self.driver, arguments)


class Remote:
    """An attempt called `name` in the process at the other end of a pair of streams, where `serve` runs."""

    def __init__(self, reader: BinaryIO, writer: BinaryIO, name: str):
        self.reader, self.writer, self.name = reader, writer, name

    def describe(self) -> Description:
        reply = self._ask({"do": "describe"})
        try:
            parameters = reply["parameters"]
            if parameters is not None:
                parameters = tuple((str(n), str(k), bool(d)) for n, k, d in parameters)
            names = tuple(str(name) for name in reply["names"])
            kind = str(reply["kind"])[:200]
            return Description(kind, bool(reply["callable"]), bool(reply["empty"]), parameters, names)
        except (KeyError, TypeError, ValueError) as error:
            raise wire.WireError(f"not a description: {error}") from None

    def run(self, use: Any, arguments: bytes) -> Outcome:
        return Outcome.from_tree(
            self._ask({"do": "run", "driver": drivers.name_of(use), "arguments": arguments.decode()})
        )

    def _exchange(self, request):
        send(self.writer, request)
        return receive(self.reader)

    def _ask(self, request):
        reply = self._exchange({"name": self.name, **request})
        if reply is None:
            raise wire.WireError("the process that holds the attempt has ended")
        if not isinstance(reply, dict):
            raise wire.WireError(f"not a reply but a {type(reply).__name__}")
        if "error" in reply:
            error = reply["error"]
            raise wire.WireError(error[:500] if isinstance(error, str) else "an error")
        if "undefined" in reply:
            raise NameError(f"name {self.name!r} is not defined")
        return reply


def serve(namespace: Mapping[str, Any], reader: BinaryIO, writer: BinaryIO) -> None:
    """Answer requests about the objects in `namespace` until the other end closes its stream."""
    while (request := receive(reader)) is not None:
        send(writer, answer(request, namespace))


def answer(request: Any, namespace: Mapping[str, Any]) -> dict:
    """Describe an object in `namespace`, or run a driver on it, as a request asks; errors become part of the reply."""
    try:
        name = request["name"]
        if name not in namespace:
            return {"undefined": name}
        if request["do"] == "describe":
            return asdict(drivers.describe(namespace[name]))
        use = drivers.resolve(request["driver"])
        return drivers.run(use, namespace[name], request["arguments"].encode()).to_tree()
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}


def serve_stdio(namespace: Mapping[str, Any]) -> None:
    """Serve over this process's standard streams, out of reach of what the attempts print or read."""
    with os.fdopen(os.dup(0), "rb") as reader, os.fdopen(os.dup(1), "wb") as writer:
        with Path(os.devnull).open() as nothing:
            os.dup2(nothing.fileno(), 0)
        os.dup2(2, 1)
        serve(namespace, reader, writer)


def send(stream: BinaryIO, message: Any) -> None:
    """Write one message: its length in eight bytes, then JSON."""
    data = wire.json.dumps(message, allow_nan=False).encode()
    stream.write(struct.pack(">Q", len(data)) + data)
    stream.flush()


def receive(stream: BinaryIO, most: int = MAX_MESSAGE) -> Any:
    """Read one message; None at the end of the stream.

    Raises `WireError` if it is cut short, has more than `most` bytes, or is no JSON.
    """
    head = stream.read(8)
    if not head:
        return None
    if len(head) < 8:
        raise wire.WireError("the message was cut short")
    [length] = struct.unpack(">Q", head)
    if length > most:
        raise wire.WireError(f"a message of {length} bytes; {most} are allowed")
    data = stream.read(length)
    if len(data) < length:
        raise wire.WireError("the message was cut short")
    try:
        return wire.json.loads(data)
    except (ValueError, RecursionError) as error:
        raise wire.WireError(f"the message is not JSON: {error}") from None
