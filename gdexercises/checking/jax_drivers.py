"""Drivers for exercises in JAX: a function called as it is, or taken apart by JAX first, as its transformations do.

Arguments that are to arrive as JAX arrays are made with :func:`array`; on the way to the attempt they become real ones.
"""

import functools
import inspect
import types
from collections.abc import Callable
from typing import Any

import numpy as np

from gdexercises.checking import wire
from gdexercises.checking.drivers import Unusable, driver
from gdexercises.checking.exercise import Exercise
from gdexercises.environment import require

jax = require("jax")

__all__ = [
    "TRANSFORMED",
    "array",
    "batch_call",
    "batched",
    "call_or_batch",
    "changes_outside",
    "compiled",
    "numbers_of",
    "traced",
]

# The label of a case in which the attempt is transformed; messages quote it.
TRANSFORMED = "under jax.jit and jax.vmap"


def array(values: Any, dtype: Any = np.float32) -> wire.Tensor:
    """Values for a `Case` that reach the attempt as a JAX array; of single precision, as JAX's own are."""
    return wire.Tensor(np.asarray(values, dtype), "jax")


def traced(function: Callable, *arguments: Any) -> Any:
    """What ``jax.jit(function)(*arguments)`` gives, without its price.

    Compiling takes a hundred times as long as tracing, and finds nothing that tracing does not find. `function` is
    traced anew by every call, so nothing is kept that it read from outside before.
    """
    jaxpr, shape = jax.make_jaxpr(lambda *tracers: function(*tracers), return_shape=True)(*arguments)
    results = jax.core.eval_jaxpr(jaxpr.jaxpr, jaxpr.consts, *jax.tree.leaves(arguments))
    return jax.tree.unflatten(jax.tree.structure(shape), results)


def batched(function: Callable, axes: Any, *arguments: Any) -> Any:
    """What ``jax.jit(jax.vmap(function, in_axes=axes, out_axes=-1))(*arguments)`` gives.

    The batch is the last axis, so that a pair stays a pair whether it comes as a tuple or as one array.
    """
    return traced(jax.vmap(function, in_axes=tuple(axes), out_axes=-1), *arguments)


def compiled(reference: Callable) -> Callable:
    """Make `reference` a compiled function: below ``@exercise``, it makes a check many times as quick.

    Tracing costs milliseconds in every call, and a compiled function is traced once. But it keeps what it was traced
    with, so as long as a mistake stands in for an exercise of the same module, the function runs as it is written.
    """
    quick = jax.jit(reference)

    @functools.wraps(reference)
    def run(*arguments: Any) -> Any:
        others = (value for value in reference.__globals__.values() if isinstance(value, Exercise))
        return (reference if any(other.stands_in for other in others) else quick)(*arguments)

    return run


@driver
def call_or_batch(attempt: Any, axes: Any, *arguments: Any) -> Any:
    """Call the attempt once; if `axes` are given, under jit and vmap, over these axes of the arguments."""
    return numbers_of(attempt(*arguments) if axes is None else batched(attempt, axes, *arguments))


def batch_call(name: str, axes: Any, names: str) -> str:
    """How to show the call of a case with `axes`, such as ``batch_call("loss", (0, 0), "b, w")``."""
    return f"jax.jit(jax.vmap({name}, in_axes={tuple(axes)}, out_axes=-1))({names})"


def numbers_of(value: Any) -> Any:
    """A result as plain data, where a tracer that has got out of its function is a finding of its own."""
    if any(isinstance(leaf, jax.core.Tracer) for leaf in jax.tree.leaves(value)):
        raise Unusable(
            "The result holds a tracer: a stand-in without a number, which JAX uses while it takes a function apart. "
            "It was stored outside the function. Return what you computed instead."
        )
    return value


def changes_outside(function: Callable) -> Callable[[], str]:
    """Look at what `function` can reach outside itself, now; call the result to hear which of it has changed since.

    Looked at are the data among the globals that its code names, the variables around it and its default values. The
    answer is ``"nothing"`` or their names.
    """
    before = {name: (wire.pack(value), _tracers(value)) for name, value in _outside(function).items()}

    def changed() -> str:
        after = _outside(function)
        names = [name for name in {**before, **after} if name not in before or name not in after]
        names += [name for name in before.keys() & after.keys() if not _same(before[name], after[name])]
        return ", ".join(sorted(names)) or "nothing"

    return changed


def _same(before, value):
    """Whether a value is as it was; one tracer looks like another, so they must be the very same ones."""
    packed, tracers = before
    now = _tracers(value)
    same = len(tracers) == len(now) and all(one is other for one, other in zip(tracers, now, strict=True))
    return same and packed == wire.pack(value)


def _tracers(value):
    return [leaf for leaf in jax.tree.leaves(value) if isinstance(leaf, jax.core.Tracer)]


def _outside(function):
    """The data outside a function by name."""
    function = inspect.unwrap(function)  # a jitted function keeps the student's own inside
    code = getattr(function, "__code__", None)
    if not isinstance(code, types.CodeType):
        return {}
    own = function.__globals__
    found = {name: own[name] for name in _names(code) if name in own}
    for name, cell in zip(code.co_freevars, function.__closure__ or (), strict=False):
        try:
            found[name] = cell.cell_contents
        except ValueError:  # not filled yet
            continue
    found |= {"a default value": function.__defaults__, **(function.__kwdefaults__ or {})}
    return {
        name: value for name, value in found.items() if not callable(value) and not isinstance(value, types.ModuleType)
    }


def _names(code):
    """The globals that the code names, also in the functions inside it."""
    inner = {name for part in code.co_consts if isinstance(part, types.CodeType) for name in _names(part)}
    return {*code.co_names, *inner}
