"""Comparison: kind, shape, dtype, finiteness, value, in this order, and never the style."""

import numpy as np
import pytest

from gdexercises.checking.compare import compare, show
from gdexercises.checking.wire import Opaque, Tensor

COLUMN = np.array([[1.0], [2.0], [4.0]])


@pytest.mark.parametrize(
    ("expected", "got"),
    [
        (2.0, 2),
        (2.0, np.float32(2)),
        (2.0, np.array(2.0)),
        (2.0, np.array([2.0])),
        (2.0, np.array([[2.0]])),
        (2.0, [2.0]),
        (2.0, Tensor(np.array(2.0), "torch")),
        (2.0, 2.0 + 1e-7),
        (COLUMN, COLUMN.tolist()),
        (COLUMN, COLUMN.astype("f4")),
        (COLUMN, COLUMN.astype(int)),
        (COLUMN, tuple(map(tuple, COLUMN))),
        (COLUMN, Tensor(COLUMN, "jax")),
        ((1.0, 2.0), [1.0, 2.0]),
        ((1.0, 2.0), np.array([1.0, 2.0])),
        ((1.0, 2.0), np.array([[1.0], [2.0]])),
        ([1.0, 2.0], (1.0, np.array([2.0]))),
        ([1.0, 2.0], np.array([1.0, 2.0])),
        ([], ()),
        ([], np.zeros(0)),
        ({"a": 1.0}, {"a": np.float64(1)}),
        (True, np.True_),
        ("word", "word"),
        (np.float32(0.1), 0.1),
        (np.zeros((0, 1)), np.zeros((0, 1))),
    ],
    ids=str,
)
def test_equal_in_all_that_matters(expected, got):
    assert compare(expected, got) is None


@pytest.mark.parametrize(
    ("expected", "got", "finding", "words"),
    [
        (2.0, "2", "kind", "the text '2'"),
        (2.0, None, "kind", "None"),
        (2.0, True, "kind", "true or false"),
        (2.0, COLUMN, "shape", "over all points"),
        (2.0, {"a": 1}, "kind", "a dict of 1 item"),
        (2.0, Opaque("module", "<module>"), "kind", "type module"),
        (2.0, float("nan"), "not finite", "nan"),
        (2.0, float("inf"), "not finite", "inf"),
        (2.0, -2.0, "value", "the sign is reversed"),
        (2.0, 6.0, "value", "3 times"),
        (2.0, 1.0, "value", "1/2 of"),
        (2.5, 2, "dtype", "cut off"),
        (2.0, np.array(2j), "dtype", "complex"),
        (2.0, 10**400, "not finite", "inf"),
        (COLUMN, COLUMN.ravel(), "shape", "reshape(-1, 1)"),
        (COLUMN, COLUMN.T, "shape", "(1, 3)"),
        (COLUMN, COLUMN + COLUMN.ravel(), "shape", "broadcast"),
        (COLUMN, COLUMN[:2], "shape", "(2, 1)"),
        (COLUMN, 1.0, "shape", "shape ()"),
        (COLUMN, [[1.0], [2.0, 3.0], [4.0]], "kind", "a list of 3 items"),
        (COLUMN, Opaque("array of dtype object", "[…]"), "dtype", "object"),
        (COLUMN, COLUMN + np.array([[0.0], [0.0], [1.0]]), "value", "1 of 3 entries"),
        ((1.0, 2.0), 1.0, "kind", "2 values"),
        ((1.0, 2.0), (1.0, 2.0, 3.0), "kind", "returns 3"),
        ((1.0, 2.0), (1.0, 3.0), "value", "value 2"),
        ([1.0, 2.0], [1.0], "shape", "2 items but has 1"),
        ([1.0, 2.0], 1.0, "kind", "a list"),
        ([1.0, 2.0], [1.0, "b"], "kind", "[1]"),
        ({"a": 1.0}, {"b": 1.0}, "kind", "lacks 'a' and has 'b'"),
        ({"a": 1.0}, {"a": 2.0}, "value", "['a']"),
        ({"a": 1.0}, 1.0, "kind", "dict"),
        (True, 1, "kind", "True"),
        ("word", "other", "value", "'other'"),
        (1e-8, 2e-8, "value", "2 times"),
        (1e8, 1e8 + 1e3, "value", "1e+08"),
    ],
    ids=str,
)
def test_first_difference_is_found_and_named(expected, got, finding, words):
    difference = compare(expected, got)
    assert difference.finding == finding
    assert words in difference.message


def test_message_uses_the_names_of_the_results():
    difference = compare((1.0, 2.0), (1.0, -2.0), names=("b_grad", "w_grad"))
    assert difference.message == "w_grad is -2 and should be 2: the sign is reversed."
    assert difference.part == 1


def test_single_precision_widens_the_tolerance_and_double_does_not():
    assert compare(np.float32(1), 1 + 5e-5) is None
    assert compare(1.0, np.float32(1 + 5e-5)) is None
    assert compare(1.0, 1 + 5e-5).finding == "value"


def test_nan_in_both_is_equal_so_that_mistakes_that_give_nan_are_recognised():
    assert compare(float("nan"), float("nan")) is None


def test_large_values_are_shown_short():
    assert len(show(np.zeros((1000, 10)))) < 500
    assert len(show(list(range(1000)))) < 100
    assert show(0.123456789) == "0.123457"
    assert show(set()) == "the empty set"
