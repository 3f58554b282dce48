"""Typed plain data: what may cross between a check and an attempt, also between two processes.

Numbers, strings, bools, None, lists, tuples, dicts, sets, arrays and tensors (as dtype, shape and bytes) and
random generators (as their state) have a plain form. Everything else becomes an :class:`Opaque` note of what it
was. Nothing is ever unpickled, so a hostile process on the other side can send wrong data but no code.
"""

import base64
import decimal
import json
import math
import numbers
import sys
from collections import deque
from collections.abc import Iterator, KeysView, ValuesView
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["Opaque", "Tensor", "WireError", "decode", "encode", "pack", "unpack"]

MAX_DEPTH = 32
MAX_ITEMS = 200_000
MAX_BYTES = 64 * 2**20
MAX_TEXT = 10_000
MAX_DIGITS = 4_000
# Keys of dicts and members of sets, all together: whoever chooses them can make looking each one up slow.
MAX_KEYS = 2_000
DTYPES = {f"{kind}{size}" for kind, sizes in {"b": "1", "i": "1248", "u": "1248", "f": "248"}.items() for size in sizes}
DTYPES |= {"c8", "c16"}


class WireError(ValueError):
    """The other side sent something that is not in the wire's format."""


@dataclass(frozen=True)
class Tensor:
    """A PyTorch tensor or JAX array as data: its values, and what only a framework's array has."""

    values: np.ndarray
    framework: str
    requires_grad: bool = False
    grad: "Tensor | None" = None


@dataclass(frozen=True)
class Opaque:
    """Something without a plain form: the name of its type, and how it prints."""

    kind: str
    text: str


def encode(value: Any) -> bytes:
    """Bytes that :func:`decode` turns back into ``value``; objects without a plain form become `Opaque`."""
    return json.dumps(pack(value), allow_nan=False, separators=(",", ":")).encode()


def decode(data: bytes, *, live: bool = False) -> Any:
    """The value that `data` stands for.

    Parameters
    ----------
    data : bytes
        What :func:`encode` returned, here or in another process.
    live : bool
        Make real PyTorch tensors and JAX arrays instead of `Tensor` records (imports the framework).

    Raises
    ------
    WireError
        If `data` is malformed, too large or nested too deep.
    """
    if len(data) > 2 * MAX_BYTES:
        raise WireError(f"the message has {len(data)} bytes; {2 * MAX_BYTES} are allowed")
    try:
        tree = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise WireError(f"the message is not JSON: {error}") from None
    return unpack(tree, live=live)


def pack(value: Any) -> Any:
    """The JSON tree of ``value``. Iterators are drained, at most `MAX_ITEMS` items of them."""
    return _Packer().pack(value, 0)


class _Packer:
    def __init__(self):
        self.items = 0
        self.bytes = 0
        self.keys = 0

    def pack(self, value, depth):
        self.items += 1
        if depth > MAX_DEPTH:
            return _opaque(value, f"nested more than {MAX_DEPTH} deep")
        if self.items > MAX_ITEMS:
            return _opaque(value, f"more than {MAX_ITEMS} items")
        if value is None or value is True or value is False:
            return value
        if isinstance(value, Opaque):
            return {"opaque": [value.kind, value.text]}
        if isinstance(value, Tensor):
            return self._tensor(value)
        if isinstance(value, np.generic | np.ndarray):
            return self._array(value)
        if isinstance(value, str):
            return clean(str.__str__(value)[:MAX_TEXT])
        if isinstance(value, numbers.Number | decimal.Decimal):
            return _number(value)
        if isinstance(value, np.random.Generator | np.random.RandomState):
            return self._rng(value, depth)
        return self._framework(value) or self._container(value, depth)

    def _framework(self, value):
        read = _reader(value)
        if read is None:
            return None
        try:
            return self._tensor(read(value))
        except Exception as error:  # sparse, quantized, without data: no array that could be compared
            return _opaque(value, f"{type(error).__name__}: {error}")

    def _container(self, value, depth):
        if isinstance(value, dict | set | frozenset):
            self.keys += len(value)
            if self.keys > MAX_KEYS:
                return _opaque(value, f"more than {MAX_KEYS} keys or members", kind=type(value).__name__)
        if isinstance(value, dict):
            rows = [[self.pack(key, depth + 1), self.pack(item, depth + 1)] for key, item in value.items()]
            return {"dict": rows}
        for kinds, name in _SEQUENCES:
            if isinstance(value, kinds):
                return {name: self._items(value, depth)}
        return _opaque(value)

    def _items(self, values, depth):
        packed = []
        for item in values:
            packed.append(self.pack(item, depth + 1))
            if self.items > MAX_ITEMS:
                break
        return packed

    def _array(self, value):
        array = np.asarray(value)
        if array.dtype.kind == "U" and array.ndim == 0:
            return clean(str(array[()])[:MAX_TEXT])
        if np.ma.is_masked(value):
            return _opaque(value, kind="masked array")
        if array.dtype.kind not in "biufc":
            if array.dtype.kind != "V" or array.dtype.fields is not None:  # bfloat16 and its kin convert
                return _opaque(value, kind=f"array of dtype {array.dtype}")
            array = array.astype(np.float32)
        if array.dtype.itemsize > (16 if array.dtype.kind == "c" else 8):
            array = array.astype(np.complex128 if array.dtype.kind == "c" else np.float64)
        self.bytes += array.nbytes
        if self.bytes > MAX_BYTES:
            return _opaque(value, f"an array of shape {array.shape}: too large to be compared")
        return {
            "scalar" if isinstance(value, np.generic) else "array": [
                array.dtype.newbyteorder("<").str,
                list(array.shape),
                base64.b64encode(array.astype(array.dtype.newbyteorder("<")).tobytes()).decode(),
            ]
        }

    def _tensor(self, tensor):
        grad = None if tensor.grad is None else self._tensor(tensor.grad)
        return {"tensor": [self._array(tensor.values), tensor.framework, bool(tensor.requires_grad), grad]}

    def _rng(self, rng, depth):
        if isinstance(rng, np.random.Generator):
            return {"rng": ["Generator", self.pack(rng.bit_generator.state, depth + 1)]}
        return {"rng": ["RandomState", self.pack(rng.get_state(legacy=False), depth + 1)]}


_SEQUENCES = (
    (tuple, "tuple"),
    ((set, frozenset), "set"),
    ((list, deque, range, Iterator, KeysView, ValuesView), "list"),
)


def clean(text: str) -> str:
    """The text without what cannot be encoded, such as half of a surrogate pair."""
    return text.encode("utf-8", "replace").decode()


def _number(value):
    try:
        return _plain_number(value)
    except (ValueError, OverflowError, ArithmeticError, TypeError) as error:
        return _opaque(value, f"{type(error).__name__}: {error}")


def _plain_number(value):
    if isinstance(value, numbers.Integral):
        value = int(value)
        return value if value.bit_length() < 3 * MAX_DIGITS else _opaque(value, "a very large integer")
    if isinstance(value, numbers.Real | decimal.Decimal):
        value = float(value)
        return value if math.isfinite(value) else {"float": repr(value)}
    return {"array": ["<c16", [], base64.b64encode(np.complex128(value).tobytes()).decode()]}


def _opaque(value, text=None, kind=None):
    if text is None:
        try:
            text = repr(value)
        except Exception as error:
            text = f"<its repr raises {type(error).__name__}>"
    if kind is None:
        kind = "ellipsis" if value is ... or value is NotImplemented else type(value).__name__
    return {"opaque": [clean(str(kind)[:200]), clean(str(text)[:500])]}


def _reader(value):
    """How to read `value` if it is a PyTorch or JAX array, without importing what the attempt did not import."""
    torch, jax = sys.modules.get("torch"), sys.modules.get("jax")
    if torch is not None and isinstance(value, getattr(torch, "Tensor", ())):
        return _from_torch
    if jax is not None and isinstance(value, getattr(jax, "Array", ())):
        # Inside jit or grad an array is a tracer, which has no values to read.
        return None if isinstance(value, jax.core.Tracer) else _from_jax
    return None


def _from_torch(tensor, with_grad=True):
    torch = sys.modules["torch"]
    values = tensor.detach().cpu().resolve_conj().resolve_neg()
    if values.dtype == torch.bfloat16:
        values = values.float()
    grad = tensor.grad if with_grad and tensor.is_leaf else None
    return Tensor(
        np.array(values.numpy()), "torch", tensor.requires_grad, None if grad is None else _from_torch(grad, False)
    )


def _from_jax(array):
    return Tensor(np.array(array), "jax")


def unpack(tree: Any, *, live: bool = False) -> Any:
    """The value of a JSON tree that :func:`pack` made; raises `WireError` where it is malformed."""
    try:
        return _Unpacker(live).unpack(tree, 0)
    except WireError:
        raise
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RecursionError) as error:
        raise WireError(f"the message is malformed: {error}") from None


class _Unpacker:
    def __init__(self, live):
        self.live = live
        self.items = 0
        self.keys = 0

    def unpack(self, tree, depth):
        self.items += 1
        if depth > 2 * MAX_DEPTH + 2:
            raise WireError("the message is nested too deep")
        if self.items > 2 * MAX_ITEMS:
            raise WireError(f"the message has more than {2 * MAX_ITEMS} items")
        if tree is None or isinstance(tree, bool | int | float):
            return tree
        if isinstance(tree, str):
            return _text(tree, MAX_TEXT)
        if not isinstance(tree, dict) or len(tree) != 1:
            raise WireError(f"not a wire value but a {type(tree).__name__}")
        [(name, body)] = tree.items()
        inner = lambda part: self.unpack(part, depth + 1)
        match name:
            case "float":
                return float(_text(body, MAX_TEXT))
            case "list":
                return [inner(part) for part in _rows(body)]
            case "tuple":
                return tuple(inner(part) for part in _rows(body))
            case "set":
                return {_hashable(inner(part)) for part in self._few(body)}
            case "dict":
                return {_hashable(inner(key)): inner(item) for key, item in self._few(body)}
            case "array":
                return _unpack_array(body)
            case "scalar":
                return _unpack_array(body).reshape(())[()]
            case "tensor":
                return self._tensor(body, depth)
            case "rng":
                return _unpack_rng(body[0], inner(body[1]))
            case "opaque":
                kind, text = body
                return Opaque(_text(kind, MAX_TEXT), _text(text, MAX_TEXT))
            case _:
                raise WireError(f"not a wire type: {name[:80]}")

    def _few(self, body):
        self.keys += len(_rows(body))
        if self.keys > MAX_KEYS:
            raise WireError(f"the message has more than {MAX_KEYS} keys")
        return body

    def _tensor(self, body, depth):
        array, framework, requires_grad, grad = body
        if framework not in ("torch", "jax"):
            raise WireError(f"not a framework: {str(framework)[:80]}")
        values = self.unpack(array, depth + 1)
        if not isinstance(values, np.ndarray):
            raise WireError("a tensor without values")
        if self.live:
            return _live(values, framework, bool(requires_grad))
        grad = None if grad is None else self.unpack(grad, depth + 1)
        if not isinstance(grad, Tensor | None):
            raise WireError("a gradient that is no tensor")
        return Tensor(values, framework, bool(requires_grad), grad)


def _live(values, framework, requires_grad):
    if framework == "torch":
        import torch

        return torch.from_numpy(values.copy()).requires_grad_(requires_grad)
    import jax.numpy as jnp

    return jnp.asarray(values)


def _text(value, most):
    if not isinstance(value, str) or len(value) > most:
        raise WireError(f"not a text of at most {most} characters")
    return value


def _rows(body):
    if not isinstance(body, list):
        raise WireError(f"not a list but a {type(body).__name__}")
    return body


def _hashable(value):
    """Keys and set members that cannot be hashed are replaced by a note, so that odd answers still arrive."""
    try:
        hash(value)
    except TypeError:
        return Opaque(type(value).__name__, repr(value)[:500])
    return value


def _unpack_array(body):
    dtype, shape, data = body
    if _text(dtype, 10).lstrip("<>|=") not in DTYPES:
        raise WireError(f"dtype {dtype} does not cross")
    dtype = np.dtype(dtype)
    if len(_rows(shape)) > MAX_DEPTH or not all(type(n) is int and n >= 0 for n in shape):
        raise WireError("not a shape")
    raw = base64.b64decode(data, validate=True)
    if math.prod(shape) * dtype.itemsize != len(raw):
        raise WireError(f"shape {tuple(shape)} and dtype {dtype} do not fit {len(raw)} bytes")
    return np.frombuffer(bytearray(raw), dtype).reshape(shape).astype(dtype.newbyteorder("="), copy=False)


def _unpack_rng(kind, state):
    if kind == "RandomState":
        rng = np.random.RandomState()
        rng.set_state(state)
        return rng
    bit_generator = state["bit_generator"]
    if bit_generator not in ("PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64"):
        raise WireError(f"not a bit generator: {bit_generator}")
    rng = np.random.Generator(getattr(np.random, bit_generator)())
    rng.bit_generator.state = state
    return rng
