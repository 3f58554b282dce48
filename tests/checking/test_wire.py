"""What crosses between processes: typed plain data, the same on the other side, and nothing else."""

import json
import math
from collections import deque
from fractions import Fraction

import numpy as np
import pytest

from gdexercises.checking import wire
from gdexercises.checking.wire import Opaque, Tensor, WireError, decode, encode, pack, unpack


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        0,
        -(10**30),
        1.5,
        "text, also Ünicode",
        [1, 2.0, None],
        (1, (2, [3])),
        {"a": 1, 2: (3,)},
        {"x"},
        [],
        (),
        {},
    ],
    ids=repr,
)
def test_plain_value_arrives_as_it_was_sent(value):
    arrived = decode(encode(value))
    assert arrived == value
    assert type(arrived) is type(value)


@pytest.mark.parametrize("number", [math.inf, -math.inf])
def test_infinite_number_arrives(number):
    assert decode(encode(number)) == number


def test_nan_arrives():
    assert math.isnan(decode(encode(math.nan)))


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", "i1", "i8", "u4", "?", "c16", ">f8", ">i4"])
@pytest.mark.parametrize("shape", [(), (3,), (2, 0), (2, 3, 4)])
def test_array_arrives_with_dtype_shape_and_values(dtype, shape):
    array = np.arange(math.prod(shape)).reshape(shape).astype(dtype)
    arrived = decode(encode(array))
    assert arrived.dtype == array.dtype.newbyteorder("=")
    assert arrived.shape == shape
    np.testing.assert_array_equal(arrived, array)
    arrived[...] = 1  # what arrives belongs to the receiver


def test_noncontiguous_and_transposed_arrays_arrive():
    array = np.arange(12.0).reshape(3, 4)
    np.testing.assert_array_equal(decode(encode(array.T[::2])), array.T[::2])


def test_numpy_scalar_stays_a_scalar():
    arrived = decode(encode(np.float32(1.5)))
    assert isinstance(arrived, np.float32) and arrived == 1.5


def test_long_double_and_subclasses_become_plain_arrays():
    assert decode(encode(np.longdouble(0.5))).dtype == np.float64
    assert type(decode(encode(np.ma.array([1.0, 2.0])))) is np.ndarray


@pytest.mark.parametrize("make", [np.random.default_rng, np.random.RandomState])
def test_random_generator_arrives_in_its_state(make):
    rng = make(7)
    rng.random(5)
    arrived = decode(encode(rng))
    assert type(arrived) is type(rng)
    np.testing.assert_array_equal(arrived.random(10), rng.random(10))


def test_iterators_are_drained_and_number_types_become_numbers():
    assert decode(encode(value for value in (1, 2))) == [1, 2]
    assert decode(encode(range(3))) == [0, 1, 2]
    assert decode(encode({"a": 1}.keys())) == ["a"]
    assert decode(encode(deque([1]))) == [1]
    assert decode(encode(Fraction(1, 4))) == 0.25


def test_endless_iterator_ends():
    from itertools import count

    assert len(decode(encode(count()))) <= wire.MAX_ITEMS + 1


def test_what_has_no_plain_form_becomes_a_note():
    assert decode(encode(print)) == Opaque("builtin_function_or_method", repr(print))
    assert decode(encode(...)).kind == "ellipsis"
    assert decode(encode(np.array(["a"]))).kind == "array of dtype <U1"
    assert decode(encode(np.str_("word"))) == "word"
    assert decode(encode(np.ma.array([1.0, 2.0], mask=[True, False]))).kind == "masked array"
    assert decode(encode(np.array([1, None]))).kind == "array of dtype object"

    class Unprintable:
        def __repr__(self):
            raise ValueError

    assert "repr raises ValueError" in decode(encode(Unprintable())).text


def test_recursive_and_deep_values_are_cut():
    endless = []
    endless.append(endless)
    assert "nested" in json.dumps(pack(endless))
    decode(encode(endless))


def test_huge_array_is_not_sent():
    huge = np.broadcast_to(np.float64(0), (wire.MAX_BYTES,))
    assert "too large" in decode(encode(huge)).text


def test_torch_tensor_arrives_with_gradient_and_flag():
    torch = pytest.importorskip("torch")
    leaf = torch.tensor([1.0, 2.0], requires_grad=True)
    (leaf**2).sum().backward()
    arrived = decode(encode(leaf))
    assert (arrived.framework, arrived.requires_grad) == ("torch", True)
    np.testing.assert_array_equal(arrived.values, [1, 2])
    np.testing.assert_array_equal(arrived.grad.values, [2, 4])
    live = decode(encode(leaf), live=True)
    assert isinstance(live, torch.Tensor) and live.requires_grad and live.is_leaf
    assert decode(encode(torch.ones(2, dtype=torch.bfloat16))).values.dtype == np.float32
    assert decode(encode(2 * leaf)).grad is None


def test_jax_array_arrives():
    jnp = pytest.importorskip("jax.numpy")
    arrived = decode(encode(jnp.ones((2, 1))))
    assert isinstance(arrived, Tensor) and arrived.framework == "jax" and arrived.values.shape == (2, 1)
    assert type(decode(encode(jnp.ones(2)), live=True)) is type(jnp.ones(2))
    assert decode(encode(jnp.ones(2, dtype=jnp.bfloat16))).values.dtype == np.float32


def test_jax_tracer_is_a_note_and_not_an_error():
    jax = pytest.importorskip("jax")
    seen = []
    jax.jit(lambda x: seen.append(pack(x)) or x)(1.0)
    assert "opaque" in seen[0]


ARRAY = pack(np.zeros((2, 1)))["array"]


@pytest.mark.parametrize(
    "tree",
    [
        {"array": ["<f8", [3, 1], ARRAY[2]]},
        {"array": ["<f8", [-2, -1], ARRAY[2]]},
        {"array": ["O", [2], ARRAY[2]]},
        {"array": ["<U4", [1], ARRAY[2]]},
        {"array": ["<f8", [2, 1], "no base64"]},
        {"array": ["no dtype", [2, 1], ARRAY[2]]},
        {"array": ["f8,f8", [1], ARRAY[2]]},
        {"array": ["<f8", ["2", 1], ARRAY[2]]},
        {"array": 3},
        {"tensor": [{"list": []}, "torch", False, None]},
        {"tensor": [pack(np.zeros(1)), "pickle", False, None]},
        {"rng": ["Generator", {"dict": [["bit_generator", "seed"]]}]},
        {"pickle": "gASV"},
        {"list": 3},
        {"dict": [[1]]},
        {"float": "not a number"},
        {"list": [], "tuple": []},
        {},
        [],
    ],
    ids=str,
)
def test_malformed_data_is_refused(tree):
    with pytest.raises(WireError):
        unpack(tree)


def test_deep_and_broken_messages_are_refused():
    deep = "[" * 100_000
    with pytest.raises(WireError):
        decode(deep.encode())
    tree = None
    for _ in range(200):
        tree = {"list": [tree]}
    with pytest.raises(WireError, match="deep"):
        unpack(tree)
    with pytest.raises(WireError):
        decode(b"\xff\xfe")
    with pytest.raises(WireError, match="bytes"):
        decode(b" " * (2 * wire.MAX_BYTES + 1))
