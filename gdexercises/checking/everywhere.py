"""Drivers for code that is written once and works on the arrays of NumPy, PyTorch and JAX.

A framework that is not installed is left out; a check that passed without it says so. Nothing is imported before the
first inputs are made.
"""

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import numpy as np

from gdexercises.checking.drivers import Unusable, driver
from gdexercises.environment import MissingPackage, require

# What errors say of code that is one framework's own, or that asks what an array of several numbers cannot tell.
_OF_ONE_FRAMEWORK = (
    "must be Tensor",
    "object has no attribute",
    "converted to Python scalars",
    "truth value of an array",
    "Boolean value of Tensor",
)

__all__ = ["call_everywhere", "frameworks", "said_of_missing"]

_LABELS = {"numpy": "NumPy arrays", "torch": "PyTorch tensors", "jax": "JAX arrays"}
_OPERATORS = (
    "Write the rule with operators alone (+ - * / **): they work on every framework's arrays and give back the same "
    "kind. The root is ** 0.5."
)


@cache
def frameworks() -> tuple[str, ...]:
    """Return those of ``numpy``, ``torch`` and ``jax`` that can be imported here; the first call imports them."""
    return tuple(name for name in _LABELS if name == "numpy" or _is_here(name))


def _is_here(package: str) -> bool:
    try:
        require(package)
    except MissingPackage:
        return False
    return True


def said_of_missing() -> tuple[str, ...]:
    """Say, for the notes of a check that passed, which frameworks it was passed without."""
    missing = [label for name, label in _LABELS.items() if name not in frameworks()]
    if not missing:
        return ()
    names = " and ".join(missing)
    return (f"Not tried on {names}, which this Python does not have; at grading, it is tried on them as well.",)


@driver
def call_everywhere(attempt: Any, framework: str, *arguments: Any) -> Any:
    """Call the attempt once, with the arrays among `arguments` as arrays of a framework; with JAX's, under jit."""
    try:
        return _of_one_kind(_called(attempt, framework, arguments), framework)
    except (TypeError, AttributeError, ValueError, RuntimeError) as error:
        if not any(words in str(error) for words in _OF_ONE_FRAMEWORK):
            raise
        said = f"Given {_LABELS[framework]}, it raises {type(error).__name__}: {str(error).splitlines()[0].rstrip('.')}"
        raise Unusable(f"{said}. {_OPERATORS}") from None


def _called(attempt, framework, arguments):
    if framework == "jax":
        return _traced(attempt, arguments)
    if framework == "torch":
        torch = importlib.import_module("torch")
        # They share their memory with the arguments, so that a change in place is seen.
        arguments = [torch.from_numpy(part) if isinstance(part, np.ndarray) else part for part in arguments]
    return attempt(*arguments)


def _traced(attempt, arguments):
    """What ``jax.jit`` makes of the attempt, in double precision; numbers that are no arrays stay Python's own."""
    jax_drivers = importlib.import_module("gdexercises.checking.jax_drivers")
    places = [place for place, part in enumerate(arguments) if isinstance(part, np.ndarray)]

    def of_arrays(*arrays):
        given = list(arguments)
        for place, array in zip(places, arrays, strict=True):
            given[place] = array
        return attempt(*given)

    with _double_precision():
        try:
            arrays = [jax_drivers.jax.numpy.asarray(arguments[place]) for place in places]
            return jax_drivers.numbers_of(jax_drivers.traced(of_arrays, *arrays))
        except Exception as error:
            if type(error).__name__ != "TracerArrayConversionError":
                raise
            raise Unusable(f"NumPy's functions cannot work on JAX arrays under jax.jit. {_OPERATORS}") from None


@contextmanager
def _double_precision() -> Iterator[None]:
    """JAX in double precision, for comparing to as many digits as with the other frameworks."""
    jax = importlib.import_module("jax")
    # Its place before it had one in jax itself; whether it is there is all that can be asked of it.
    where = jax if hasattr(jax, "enable_x64") else importlib.import_module("jax.experimental")
    with where.enable_x64(True):
        yield


def _of_one_kind(result, framework):
    """The result, if what is no single number in it is an array of the framework that came in."""
    several = isinstance(result, tuple) or (isinstance(result, list) and any(map(_kind, result)))
    for part in result if several else (result,):
        kind = _kind(part)
        if kind not in (None, framework):
            raise Unusable(f"Given {_LABELS[framework]}, it returns {_named(part, kind)}. {_OPERATORS}")
    return result


def _kind(part):
    """Whose array it is; an empty text for a list, None for a number or for what no check could take for an array."""
    if isinstance(part, list):
        return ""
    if isinstance(part, np.ndarray):
        return "numpy" if part.ndim else None
    module = type(part).__module__.partition(".")[0]
    if module in ("torch", "jax", "jaxlib") and getattr(part, "ndim", 0):
        return "torch" if module == "torch" else "jax"
    return None


def _named(part, kind):
    return {"numpy": "a NumPy array", "torch": "a PyTorch tensor", "jax": "a JAX array"}.get(kind, "a list")
