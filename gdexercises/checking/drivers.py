"""Drivers: how a check uses an attempt, and what of it becomes the outcome.

A driver runs beside the attempt, which may be in another process. It holds no answers: the same driver is run on
the reference and on the attempt, and only what they returned is compared.
"""

import contextlib
import dis
import importlib
import inspect
import io
import linecache
import sysconfig
import traceback
import types
import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from gdexercises.checking import wire

__all__ = ["Description", "Outcome", "Raised", "Unusable", "call", "describe", "driver", "read", "resolve", "run"]

MAX_PRINTED = 2_000


class Unusable(Exception):
    """Raised by a driver when what an attempt gave cannot be looked at any further; the message tells why."""


@dataclass(frozen=True)
class Raised:
    """An exception of an attempt: its type and message, and where in the student's code it happened.

    ``function`` is empty if that is the attempt itself, else the name of the function that the attempt called.
    """

    kind: str
    message: str
    line: int | None = None
    source: str = ""
    function: str = ""


@dataclass(frozen=True)
class Outcome:
    """What one run of a driver gave: plain data only (see `wire`).

    ``value`` is what the driver returned, ``arguments`` are the arguments as the call left them, as packed trees.
    """

    value: Any
    raised: Raised | None = None
    printed: str = ""
    arguments: tuple = ()

    def to_tree(self) -> dict:
        return {
            "value": wire.pack(self.value),
            "raised": None if self.raised is None else asdict(self.raised),
            "printed": self.printed,
            "arguments": list(self.arguments),
        }

    @classmethod
    def from_tree(cls, tree: dict) -> "Outcome":
        try:
            raised = tree["raised"]
            return cls(
                value=wire.unpack(tree["value"]),
                raised=None if raised is None else _raised_from(raised),
                printed=_plain(tree["printed"], MAX_PRINTED),
                arguments=tuple(tree["arguments"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise wire.WireError(f"not an outcome: {error}") from None


def _raised_from(tree):
    line = tree["line"]
    return Raised(
        kind=_plain(tree["kind"], 200),
        message=_plain(tree["message"], wire.MAX_TEXT),
        line=line if isinstance(line, int) else None,
        source=_plain(tree["source"], 500),
        function=_plain(tree["function"], 200),
    )


def _plain(value, most):
    if not isinstance(value, str):
        raise wire.WireError(f"not a text but a {type(value).__name__}")
    return wire.clean(value[:most])


@dataclass(frozen=True)
class Description:
    """What an attempt is, before it is run.

    ``parameters`` are (name, kind, has a default) triples, or None where Python cannot tell; ``empty`` says that
    the body of the function is only a docstring, ``...`` or ``pass``; ``names`` are those that its code refers to.
    """

    kind: str
    callable: bool
    empty: bool = False
    parameters: tuple[tuple[str, str, bool], ...] | None = None
    names: tuple[str, ...] = ()


def driver(function: Callable) -> Callable:
    """Mark ``function(attempt, *arguments)`` as a driver; only marked functions of gdexercises may be named."""
    function.is_driver = True
    return function


@driver
def call(attempt: Any, *arguments: Any) -> Any:
    """Call the attempt once and report what it returns."""
    return attempt(*arguments)


@driver
def read(attempt: Any) -> Any:
    """Report the attempt itself: it is a value, such as the letters of a quiz."""
    return attempt


def name_of(function: Callable) -> str:
    return f"{function.__module__}:{function.__qualname__}"


def resolve(name: str) -> Callable:
    """The driver called `name` (``module:function``); raises `WireError` for anything that is not a driver."""
    module, _, attribute = name.partition(":")
    if not module.startswith("gdexercises."):
        raise wire.WireError(f"not a driver: {name}")
    found = getattr(importlib.import_module(module), attribute, None)
    if not getattr(found, "is_driver", False):
        raise wire.WireError(f"not a driver: {name}")
    return found


def run(use: Callable, attempt: Any, arguments: bytes) -> Outcome:
    """Run driver `use` on `attempt` with fresh copies of the encoded `arguments`, and catch all that it does.

    What the attempt prints or warns is kept out of the notebook: a warning on stderr must not cost points.
    """
    copies = wire.decode(arguments, live=True)
    printed, left = _Limited(MAX_PRINTED), ()
    value, raised = None, None
    with (
        contextlib.redirect_stdout(printed),
        contextlib.redirect_stderr(_Limited(0)),
        warnings.catch_warnings(),
        np.errstate(),
    ):
        warnings.simplefilter("ignore")
        try:
            value = wire.unpack(wire.pack(use(attempt, *copies)))
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            raised = _describe_error(error, attempt)
        # An argument can be left in a state that raises when it is read, such as a list with an iterator in it.
        with contextlib.suppress(Exception):
            left = tuple(wire.pack(copy) for copy in copies)
    return Outcome(value, raised, printed.getvalue(), left)


class _Limited(io.StringIO):
    """Text that stops growing at a limit, however much is printed, and that nobody can close."""

    def __init__(self, limit):
        super().__init__()
        self.limit = limit

    def write(self, text):
        room = self.limit - self.tell()
        if room > 0:
            super().write(text[:room])
        return len(text)

    def close(self):
        pass


def _describe_error(error, attempt):
    # The last frame outside libraries is the student's own line; what NumPy did below it is noise to them.
    own, function = None, ""
    for frame, line in traceback.walk_tb(error.__traceback__):
        code = frame.f_code
        if not code.co_filename.startswith(_NOT_THE_STUDENTS):
            own = (code.co_filename, line)
            function = "" if code is getattr(attempt, "__code__", code) else code.co_name
    try:
        message = str(error)
    except Exception:
        message = ""
    source = "" if own is None else linecache.getline(*own).strip()
    line = None if own is None else own[1]
    return Raised(type(error).__name__[:200], wire.clean(message)[:500], line, source[:500], function[:200])


_NOT_THE_STUDENTS = (
    str(Path(__file__).parents[1]),
    *{sysconfig.get_paths()[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")},
)
_NO_WORK = {"RESUME", "NOP", "LOAD_CONST", "RETURN_VALUE", "RETURN_CONST", "POP_TOP", "COPY_FREE_VARS"}


def describe(attempt: Any) -> Description:
    """What `attempt` is: its kind, whether it can be called, its parameters, whether it was written at all.

    An object that misbehaves when it is looked at is described by its kind alone.
    """
    kind = "ellipsis" if attempt is ... else type(attempt).__name__[:200]
    if not callable(attempt):
        return Description(kind, False)
    try:
        # A decorator such as jax.jit keeps the function that the student wrote inside.
        code = getattr(inspect.unwrap(attempt), "__code__", None)
        code = code if isinstance(code, types.CodeType) else None
        return Description(kind, True, code is not None and _is_empty(code), _parameters(attempt), _names(code))
    except Exception:
        return Description(kind, True)


def _parameters(attempt):
    try:
        signature = inspect.signature(attempt)
    except (ValueError, TypeError):
        return None
    return tuple(
        (parameter.name, parameter.kind.name, parameter.default is not parameter.empty)
        for parameter in signature.parameters.values()
    )


def _names(code):
    """Names that the code refers to, also in the functions and comprehensions inside it."""
    if code is None:
        return ()
    inner = [name for constant in code.co_consts if isinstance(constant, types.CodeType) for name in _names(constant)]
    return tuple(sorted({*code.co_names, *code.co_freevars, *inner}))


def _is_empty(code):
    instructions = list(dis.get_instructions(code))
    returned = [step.argval for step in instructions if step.opname in ("LOAD_CONST", "RETURN_CONST")]
    return all(step.opname in _NO_WORK for step in instructions) and returned[-1:] in ([None], [...])
