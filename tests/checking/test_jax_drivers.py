"""Drivers for JAX: what they see of a function, and what they leave to its author's style."""

import functools

import numpy as np
import pytest

from gdexercises.checking import Case, drivers, exercise, wire
from gdexercises.checking import jax_drivers as jd
from gdexercises.checking.errors import explain
from gdexercises.environment import require

jax = require("jax")
jnp = jax.numpy


def line(b, w, x):
    return b + w * x


def drive(use, attempt, *arguments):
    return drivers.run(use, attempt, wire.encode(arguments))


def test_arrays_arrive_as_jax_arrays_of_single_precision():
    seen = []
    drive(drivers.call, lambda x, tree: seen.append((x, tree["w"])), jd.array([1, 2]), {"w": jd.array(3.0)})
    assert all(isinstance(value, jax.Array) and value.dtype == jnp.float32 for value in seen[0])


def test_traced_and_batched_give_what_jit_and_vmap_give():
    x, w = jnp.arange(4.0), jnp.array([1.0, -2.0])
    for function in (line, functools.partial(line, 1.0), lambda b, w, x: {"yhat": [line(b, w, x)], "n": 4}):
        arguments = (w, x) if isinstance(function, functools.partial) else (0.5, w, x)
        axes = (0, None) if len(arguments) == 2 else (None, 0, None)
        expected = jax.jit(jax.vmap(function, in_axes=axes, out_axes=-1))(*arguments)
        got = jd.batched(function, list(axes), *arguments)
        assert jax.tree.all(jax.tree.map(np.array_equal, got, expected))
    assert jd.traced(line, 1.0, 2.0, x).tolist() == jax.jit(line)(1.0, 2.0, x).tolist()


def test_traced_sees_what_has_changed_outside():
    offset = 1.0

    def shifted(w):
        return offset + w

    assert jd.traced(shifted, 1.0) == 2.0
    offset = 2.0
    assert jd.traced(shifted, 1.0) == 3.0


@pytest.mark.parametrize(
    ("attempt", "kind", "words"),
    [
        (lambda w: np.square(w), "TracerArrayConversionError", "Use jnp in place of np"),
        (lambda w: float(w), "ConcretizationTypeError", "Return the value as it is"),
        (lambda w: w.item(), "ConcretizationTypeError", "Python number"),
        (lambda w: w if w > 0 else -w, "TracerBoolConversionError", "jnp.where"),
        (lambda w: jnp.arange(3.0)[jnp.arange(3.0) > w], "NonConcreteBooleanIndexError", "mask"),
        (lambda w: [1, 2][w.astype(int)], "TracerIntegerConversionError", "index"),
        (lambda w: jax.grad(lambda v: v * jnp.arange(3.0))(w), "TypeError", "returns one number"),
        (lambda w: jax.grad(lambda v: v**2)(3), "TypeError", "8.0"),
        (lambda w: jax.grad(lambda v: v**2, argnums=1)(w), "TypeError", "counts from 0"),
        (lambda w: jnp.zeros(2).__setitem__(0, w), "TypeError", "cannot be changed in place"),
    ],
)
def test_each_error_of_jax_is_told_in_the_courses_words(attempt, kind, words):
    @exercise(inputs=lambda rng: iter([Case(jd.TRANSFORMED, [0], jd.array([1.0, 2.0]))]), driver=jd.call_or_batch)
    def reference(w):
        return w

    verdict = reference.verdict(attempt)
    assert verdict.finding == "raised"
    assert kind in verdict.message and words in verdict.message and jd.TRANSFORMED in verdict.message
    assert "docs.jax.dev" not in str(verdict) and "docs.jax.dev" not in verdict._repr_html_()
    assert verdict.got in (kind, None)


ones, pair = jnp.ones(2), (1.0, 2.0)


@pytest.mark.parametrize(
    ("attempt", "words"),
    [
        (lambda: jax.jit(lambda n: jax.lax.scan(lambda c, _: (c, c), 1.0, None, length=n))(3), "static_argnames"),
        (lambda: jax.lax.scan(lambda c, _: (1.0, c), pair, None, length=3), "returns (new carry, output)"),
        (lambda: jax.lax.scan(lambda c, _: (c, 1.0, 2.0), pair, None, length=3), "returns a pair"),
        (lambda: jax.lax.scan(lambda c, _: (c, 1.0), pair, None), "length=n_epochs"),
        (lambda: jax.lax.scan(lambda c, _: (c, 1.0), pair, 3), "an array to walk through"),
        (lambda: jax.vmap(jnp.add)(ones, jnp.ones(3)), "side by side"),
        (lambda: jax.vmap(jnp.add)(ones, 1.0), "None for each argument"),
        (lambda: jax.vmap(jnp.add, in_axes=(0,))(ones, ones), "one for each"),
        (lambda: jax.vmap(lambda a: a, in_axes=(None,))(ones), "nothing to walk along"),
        (lambda: jax.jit(lambda a: a, static_argnums=0)(ones), "An array is named static"),
        (lambda: jax.jit(lambda a: jax.vmap(jnp.sin))(ones), "jax.vmap(f)(x)"),
        (lambda: jnp.linalg.eigvalsh(jax.hessian(jnp.sum)), "jax.hessian(f)(params)"),
        (lambda: jax.jit(lambda a: jax.debug.print("a:", a))(ones), "a value has no place"),
        (lambda: jax.jit(lambda a: jax.debug.print(a))(ones), "The first argument of jax.debug.print"),
    ],
)
def test_each_error_of_scan_and_vmap_is_told_in_the_courses_words(attempt, words):
    raised = drive(drivers.call, attempt).raised
    assert words in explain(raised.kind, raised.message)


def test_leaked_tracer_is_told_in_the_courses_words():
    kept = []
    jd.traced(lambda w: kept.append(w), 1.0)
    outcome = drive(drivers.call, lambda: kept[0] + 1)
    assert "only as its return value" in explain(outcome.raised.kind, outcome.raised.message)
    assert "holds a tracer" in drive(jd.call_or_batch, lambda axes: [kept[0]], None, None).raised.message


def test_other_errors_keep_their_own_message():
    assert explain("TypeError", "unsupported operand type(s)") is None
    assert explain("KeyError", "'w'") is None


calls = 0
history = []


def counts():
    global calls
    calls += 1


def remembers(kept=[]):  # noqa: B006 -- that is what is to be seen
    kept.append(1)
    history.append(1)


def reads_only():
    return calls, len(history), np.pi


def test_a_tracer_that_takes_the_place_of_another_is_a_change():
    kept = {}

    def keeps(w):
        kept["w"] = w
        return 2 * w

    def leaves_it(w):
        return kept.get("w"), w

    jd.traced(keeps, 1.0)
    for function, names in ((keeps, "kept"), (leaves_it, "nothing")):
        changed = jd.changes_outside(function)
        jax.make_jaxpr(lambda w, function=function: (function(w), w)[1])(1.0)
        assert changed() == names


def test_changes_outside_are_named():
    for function, names in ((counts, "calls"), (remembers, "a default value, history"), (reads_only, "nothing")):
        changed = jd.changes_outside(function)
        function()
        assert changed() == names


def test_changes_in_a_closure_and_under_jit_are_named():
    last = 0.0
    still_empty = None
    del still_empty

    def keeps(w):
        nonlocal last
        last = 2 * w
        return last if w is not None else still_empty  # noqa: F821 -- a cell that is not filled

    changed = jd.changes_outside(keeps)
    jd.traced(keeps, 1.0)
    assert changed() == "last"


def test_objects_without_code_have_nothing_outside():
    assert jd.changes_outside(functools.partial(counts))() == "nothing"


def test_changes_outside_a_jitted_function_are_named():
    jitted = jax.jit(counts)
    changed = jd.changes_outside(jitted)
    jitted()
    assert changed() == "calls"


def test_call_of_a_batch_is_shown_as_a_student_can_run_it():
    b, x = jnp.array([1.0, 2.0]), jnp.arange(3.0)
    text = jd.batch_call("line", (0, None, None), "b, 3.0, x")
    shown = eval(text, {"jax": jax, "line": line, "b": b, "x": x})
    assert shown.tolist() == jd.batched(line, [0, None, None], b, 3.0, x).tolist()
