"""What JAX makes of an attempt: its compiled form, the size of its program, and how often a call compiles anew.

Compiling costs a thousand times what a compiled call costs, and a check would otherwise compile the reference and each
mistake again and again. So what is made of an attempt is kept, for as long as the attempt and all that it can reach
stay as they are.
"""

import contextlib
import functools
import io
import types
from collections import OrderedDict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from gdexercises.checking.drivers import _NOT_THE_STUDENTS, driver
from gdexercises.checking.exercise import Exercise
from gdexercises.checking.jax_drivers import jax, numbers_of

__all__ = [
    "call_compiled",
    "compilations",
    "compiled",
    "kept",
    "plain",
    "printed_by",
    "program_size",
]

_KEPT: OrderedDict[tuple, Any] = OrderedDict()
_MOST_KEPT = 512
_MOST_BYTES = 100_000
_JITTED = type(jax.jit(lambda: None))
_COURSE = str(Path(__file__).parents[1])


# Keeping what was made ----------------------------------------------------------------------------------------------


def kept(make: Callable, attempt: Any, *arguments: Any) -> Any:
    """What ``make(attempt, *arguments)`` returns, made anew only if the attempt has changed since.

    An attempt has changed if its code, or a global, a variable around it or a default value that it can reach has. Of
    an attempt that reaches something which cannot be looked through, nothing is kept.

    Parameters
    ----------
    make : callable
        A function at the top of a module, so that it is the same one in each call.
    attempt : callable
    *arguments
        Hashable.
    """
    try:
        key = (make, _fingerprint(attempt, ()), arguments)
        found = key in _KEPT
    except (_CannotTell, RecursionError, TypeError):
        return make(attempt, *arguments)
    if not found:
        # Tracing may change what the attempt reaches, such as a list outside: then nobody will come back to this key.
        _KEPT[key] = make(attempt, *arguments)
        while len(_KEPT) > _MOST_KEPT:
            _KEPT.popitem(last=False)
    _KEPT.move_to_end(key)
    return _KEPT[key]


class _CannotTell(Exception):
    """There is something of which nobody can say whether it has changed."""


def _fingerprint(value, above):
    """Something hashable that is another one whenever `value`, or what it can reach, has changed."""
    if value is None or value is ... or isinstance(value, bool | int | float | complex | str | bytes | np.generic):
        return type(value), repr(value)
    if any(value is one for one in above):
        return "itself", next(index for index, one in enumerate(above) if value is one)
    if len(above) > 40:
        raise _CannotTell
    within = (*above, value)
    inner = lambda part: _fingerprint(part, within)
    if isinstance(value, tuple | list):
        return type(value), *map(inner, value)
    if isinstance(value, dict):
        return dict, *((inner(key), inner(item)) for key, item in value.items())
    if isinstance(value, jax.core.Tracer):
        raise _CannotTell
    if isinstance(value, np.ndarray | jax.Array):
        if value.nbytes > _MOST_BYTES:
            raise _CannotTell
        array = np.asarray(value)
        return type(value), array.dtype.str, array.shape, array.tobytes()
    if isinstance(value, types.ModuleType):
        return types.ModuleType, value.__name__
    if isinstance(value, functools.partial):
        return functools.partial, inner(value.func), inner(value.args), inner(value.keywords)
    if isinstance(value, Exercise):
        return Exercise, inner(value.reference), inner(value._stand_in)
    return _fingerprint_callable(value, inner)


def _fingerprint_callable(value, inner):
    if isinstance(value, types.FunctionType) and not _is_from_a_library(value):
        code = value.__code__
        names = sorted(_names_in(code) & value.__globals__.keys())
        cells = [_cell(cell) for cell in value.__closure__ or ()]
        reached = [value.__defaults__, value.__kwdefaults__, *cells, *(value.__globals__[name] for name in names)]
        return types.FunctionType, code, tuple(names), *map(inner, reached)
    if _is_from_a_library(value):
        # jax.jit, grad and vmap return functions of their own, with the student's inside.
        wrapped = getattr(value, "__wrapped__", None)
        return type(value), value, None if wrapped is None else inner(wrapped)
    raise _CannotTell


def _cell(cell):
    try:
        return cell.cell_contents
    except ValueError:  # not filled yet
        return ...


def _names_in(code):
    """The names that the code uses, also in the functions inside it."""
    return {*code.co_names}.union(*(_names_in(part) for part in code.co_consts if isinstance(part, types.CodeType)))


def _is_from_a_library(value):
    if isinstance(value, types.FunctionType):
        # The course's own modules count as a student's: its reference and mistakes are run as attempts.
        return value.__code__.co_filename.startswith(_NOT_THE_STUDENTS) and not _is_from_the_course(value)
    if isinstance(value, types.BuiltinFunctionType | types.MethodDescriptorType | np.ufunc | _JITTED):
        return True
    module = getattr(value, "__module__", None) or ""
    return module.partition(".")[0] in ("jax", "jaxlib", "numpy", "builtins", "math", "functools", "operator")


def _is_from_the_course(function):
    return function.__code__.co_filename.startswith(_COURSE)


# What an attempt is like ----------------------------------------------------------------------------------------------


def plain(attempt: Callable) -> Callable:
    """The function inside ``jax.jit(function)``; other attempts are returned as they are.

    A jitted function remembers what it read from outside when it was compiled. The function inside is compiled anew.
    """
    while isinstance(attempt, _JITTED) and hasattr(attempt, "__wrapped__"):
        attempt = attempt.__wrapped__
    return attempt


def compiled(attempt: Callable, axes: tuple | None, static: tuple = ()) -> Callable:
    """The attempt under ``jax.jit``, and under ``jax.vmap`` first if `axes` are given.

    Parameters
    ----------
    attempt : callable
    axes : tuple or None
        By argument that is not static, the axis along which it is a batch, or None.
    static : tuple
        Arguments at the end that are fixed, as plain numbers.
    """
    return kept(_compile, attempt, axes, static)


def _compile(attempt, axes, static):
    function = plain(attempt)
    fixed = lambda *arguments: function(*arguments, *static)
    return jax.jit(fixed if axes is None else jax.vmap(fixed, in_axes=axes))


@driver
def call_compiled(attempt: Any, axes: Any, *arguments: Any) -> Any:
    """Call the attempt under jit; if `axes` are given, under vmap too, over these axes of the arguments."""
    with printed_by():
        return numbers_of(compiled(attempt, None if axes is None else tuple(axes))(*arguments))


@contextlib.contextmanager
def printed_by() -> Iterator[io.StringIO]:
    """Collect what is printed meanwhile, also by ``jax.debug.print``, which prints when it gets round to it."""
    text = io.StringIO()
    with contextlib.redirect_stdout(text):
        try:
            yield text
        finally:
            jax.effects_barrier()


def program_size(function: Callable, *arguments: Any) -> int:
    """The number of operations in the program that JAX makes of a function; those in a loop count once.

    Parameters
    ----------
    function : callable
    *arguments
        Arrays and numbers to trace it for.
    """
    return _count(jax.make_jaxpr(lambda *tracers: function(*tracers))(*arguments).jaxpr)


def _count(jaxpr):
    parts = [part for equation in jaxpr.eqns for part in jax.tree.leaves(list(equation.params.values()))]
    inner = [getattr(part, "jaxpr", part) for part in parts]
    return len(jaxpr.eqns) + sum(_count(part) for part in inner if hasattr(part, "eqns"))


_compilations = 0


def _on_event(event: str, seconds: float, **_: Any) -> None:
    global _compilations
    _compilations += event.endswith("backend_compile_duration")


jax.monitoring.register_event_duration_secs_listener(_on_event)


def compilations(call: Callable[[], Any]) -> int:
    """How many programs are compiled while ``call()`` runs."""
    before = _compilations
    jax.block_until_ready(call())
    return _compilations - before
