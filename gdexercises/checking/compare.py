"""Compare what an attempt gave with what the reference gave: kind, shape, dtype, finiteness, and only then value."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gdexercises.checking.wire import Opaque, Tensor

MAX_SHOWN = 1_500

__all__ = ["Difference", "Tolerance", "compare", "show"]


@dataclass(frozen=True)
class Tolerance:
    """Values agree if they differ by at most ``absolute + relative * |expected|``.

    Single precision widens both, the absolute part to `single`, since a right answer computed in float32 is still a
    right answer.
    """

    def at(self, scale: float) -> "Tolerance":
        """For inputs of this size: what cancels in single precision leaves an error of the size of their products."""
        return replace(self, single=max(self.single, 1e-6 * scale**2))

    relative: float = 1e-6
    absolute: float = 1e-12
    single: float = 1e-5

    def of(self, *dtypes: np.dtype) -> tuple[float, float]:
        floats = [dtype for dtype in dtypes if dtype.kind in "fc"]
        if any(np.finfo(dtype).eps > 1e-12 for dtype in floats):
            return max(self.relative, 1e-4), max(self.absolute, self.single)
        return self.relative, self.absolute


DEFAULT_TOLERANCE = Tolerance()


@dataclass(frozen=True)
class Difference:
    """The first way in which an answer differs: which finding, at which part of it, and a sentence about it."""

    finding: str
    message: str
    part: int | None = None


def compare(
    expected: Any, got: Any, tolerance: Tolerance = DEFAULT_TOLERANCE, names: Sequence[str] = ("the result",)
) -> Difference | None:
    """The first difference between two plain values, or None if `got` is as good as `expected`.

    Style never matters: a list passes for an array, a 0-d array or an array of one element for a number, a tensor
    for an array, another dtype within the tolerance. A shape that would only broadcast does not pass.

    Parameters
    ----------
    expected, got : plain values (see `wire`)
    tolerance : Tolerance
    names : sequence of str
        What to call the result in messages; one name for each part if the reference returns a tuple.
    """
    if isinstance(expected, tuple):
        return _compare_tuple(expected, got, tolerance, names)
    name = names[0] if len(names) == 1 else "the result"
    if isinstance(expected, dict):
        return _compare_dict(expected, got, tolerance, name)
    if isinstance(expected, list):
        return _compare_list(expected, got, tolerance, name)
    if isinstance(expected, bool | np.bool_ | str | set | Opaque) or expected is None:
        return _compare_exactly(expected, got, name)
    return _compare_numbers(expected, got, tolerance, name)


def _compare_tuple(expected, got, tolerance, names):
    if len(names) != len(expected):
        names = [f"value {index + 1} of the result" for index in range(len(expected))]
    listed = ", ".join(names)
    parts = parts_of(got)
    if parts is None:
        return Difference("kind", f"It should return {len(expected)} values ({listed}) but returns {kind_of(got)}.")
    if len(parts) != len(expected):
        return Difference("kind", f"It should return {len(expected)} values ({listed}) but returns {len(parts)}.")
    for part, (name, right, answer) in enumerate(zip(names, expected, parts, strict=True)):
        difference = compare(right, answer, tolerance, (name,))
        if difference is not None:
            return Difference(difference.finding, difference.message, part)
    return None


def _compare_dict(expected, got, tolerance, name):
    if not isinstance(got, dict):
        return Difference("kind", f"{name} should be a dict but is {kind_of(got)}.")
    missing, extra = expected.keys() - got.keys(), got.keys() - expected.keys()
    if missing or extra:
        said = [
            f"{word} {', '.join(sorted(map(repr, keys)))}"
            for word, keys in (("lacks", missing), ("has", extra))
            if keys
        ]
        return Difference(
            "kind", f"{name} should have the keys {', '.join(map(repr, expected))}; it {' and '.join(said)}."
        )
    for key, right in expected.items():
        difference = compare(right, got[key], tolerance, (f"{name}[{key!r}]",))
        if difference is not None:
            return difference
    return None


def _compare_list(expected, got, tolerance, name):
    parts = parts_of(got)
    if parts is None:
        return Difference("kind", f"{name} should be a list but is {kind_of(got)}.")
    if len(parts) != len(expected):
        return Difference("shape", f"{name} should have {len(expected)} items but has {len(parts)}.")
    numbers = [array_of(part) for part in parts]
    rights = [array_of(part) for part in expected]
    if all(n is not None and n.size == 1 for n in numbers + rights):
        # One comparison for the whole list, so that the message can tell how much of it is wrong.
        flat = [np.array([n.reshape(()) for n in side]) for side in (rights, numbers)]
        return _compare_numbers(*flat, tolerance, name)
    for index, (right, answer) in enumerate(zip(expected, parts, strict=True)):
        difference = compare(right, answer, tolerance, (f"{name}[{index}]",))
        if difference is not None:
            return difference
    return None


def _compare_exactly(expected, got, name):
    if isinstance(got, np.ndarray) and got.size == 1:
        got = got.reshape(())[()]
    if isinstance(got, np.bool_):
        got = bool(got)
    if type(got) is not type(expected):
        return Difference("kind", f"{name} should be {show(expected)} but is {kind_of(got)}.")
    if got != expected:
        return Difference("value", f"{name} is {show(got)} and should be {show(expected)}.")
    return None


def _compare_numbers(expected, got, tolerance, name):
    right, answer = array_of(expected), array_of(got)
    what = "a number" if right.ndim == 0 else f"an array of shape {right.shape}"
    if answer is None:
        if isinstance(got, Opaque) and got.kind.startswith("array of dtype"):
            return Difference("dtype", f"{name} is an {got.kind}; it should hold numbers.")
        return Difference("kind", f"{name} should be {what} but is {kind_of(got)}.")
    if answer.dtype.kind == "b" and right.dtype.kind != "b":
        return Difference("kind", f"{name} should be {what} but is {kind_of(got)}, true or false.")
    if right.shape != answer.shape and not (right.ndim == 0 and answer.size == 1):
        return Difference("shape", _about_shape(name, what, right, answer))
    answer = answer.reshape(right.shape)
    if answer.dtype.kind == "c" and right.dtype.kind != "c":
        return Difference("dtype", f"{name} is complex; it should be real.")
    if not np.isfinite(answer).all() and np.isfinite(right).all():
        return Difference("not finite", _about_infinite(name, answer))
    relative, absolute = tolerance.of(right.dtype, answer.dtype)
    with np.errstate(all="ignore"):
        close = np.isclose(answer, right, rtol=relative, atol=absolute, equal_nan=True)
    if close.all():
        return None
    if answer.dtype.kind in "iu" and right.dtype.kind == "f" and (abs(answer - right) < 1).all():
        return Difference("dtype", f"{name} holds integers ({answer.dtype}), so the fractions were cut off.")
    return Difference("value", _about_value(name, right, answer, close))


def array_of(value: Any) -> np.ndarray | None:
    """The numbers in a plain value as an array, or None if it is not made of numbers only."""
    if isinstance(value, Tensor):
        return value.values
    if isinstance(value, np.ndarray | np.generic):
        return np.asarray(value)
    if isinstance(value, bool | int | float):
        try:
            return np.asarray(value if abs(value) < 2**63 else float(value))
        except OverflowError:  # an integer beyond what a float can hold
            return np.asarray(np.inf)
    if isinstance(value, list | tuple):
        parts = [array_of(part) for part in value]
        if any(part is None for part in parts) or len({part.shape for part in parts}) > 1:
            return None
        array = np.array(parts) if parts else np.zeros(0)
        return None if array.dtype.kind == "O" else array
    return None


def parts_of(value: Any) -> list | None:
    """The items of a sequence, or the entries of an array along its first axis."""
    if isinstance(value, Tensor):
        value = value.values
    if isinstance(value, np.ndarray):
        return list(value) if value.ndim else None
    return list(value) if isinstance(value, list | tuple) else None


def _about_shape(name, what, right, answer):
    message = f"{name} should be {what} but has shape {answer.shape}."
    n = right.shape[0] if right.ndim else None
    if n is not None and n > 1 and right.shape in ((n,), (n, 1)) and answer.shape == (n, n):
        message += (
            f" An array of shape ({n}, 1) and one of shape ({n},) were combined, and NumPy broadcast them to "
            f"({n}, {n}): reshape one to the shape of the other first."
        )
    elif right.ndim == 2 and answer.shape == (n,):
        message += f" Keep the column: .reshape(-1, 1) makes ({n}, 1) of ({n},)."
    elif right.ndim == 0:
        message += " One number is asked for, over all points."
    return message


def _about_infinite(name, answer):
    bad = ~np.isfinite(answer)
    which = show(answer[bad].flat[0])
    where = "" if answer.ndim == 0 else f" in {bad.sum()} of {answer.size} entries"
    return (
        f"{name} is {which}{where}: a number overflowed, or something was divided by zero or taken the root or "
        "logarithm of outside its domain."
    )


def _about_value(name, right, answer, close):
    if right.ndim == 0:
        message = f"{name} is {show(answer)} and should be {show(right)}"
    else:
        index = tuple(int(i) for i in np.argwhere(~close)[0])
        place = ", ".join(map(str, index))
        message = (
            f"{name} is wrong in {(~close).sum()} of {close.size} entries; the first is {name}[{place}], "
            f"{show(answer[index])}, which should be {show(right[index])}"
        )
    return message + _pattern(right, answer) + "."


def _pattern(right, answer):
    """A clue for mistakes that nobody registered: a reversed sign, a constant factor."""
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _factor(right, answer)


def _factor(right, answer):
    right, answer = right.astype(complex).ravel(), answer.astype(complex).ravel()
    if not np.all(right) or not np.all(answer):
        return ""
    ratio = answer / right
    factor = ratio[0].real
    if not np.isfinite(factor) or not np.allclose(ratio, factor, rtol=1e-6, atol=0):
        return ""
    if np.isclose(factor, -1):
        return ": the sign is reversed"
    for number, text in ((factor, f"{factor:.6g} times"), (1 / factor, f"1/{1 / factor:.6g} of")):
        if 1.5 < abs(number) < 1e4 and np.isclose(number, round(number), rtol=1e-6):
            return f": it is {text} what it should be"
    return ""


def kind_of(value: Any) -> str:
    """What kind of thing a plain value is, in words: 'a list of 3 items', 'an array of shape (4, 1)'."""
    if value is None:
        return "None"
    if isinstance(value, Opaque):
        return f"an object of type {value.kind}" if value.kind != "ellipsis" else "..."
    if isinstance(value, Tensor):
        return f"a {value.framework} array of shape {value.values.shape}"
    if isinstance(value, np.ndarray) and value.ndim:
        return f"an array of shape {value.shape}"
    if isinstance(value, str):
        return f"the text {value[:40]!r}"
    if isinstance(value, bool | np.bool_):
        return f"{bool(value)}"
    if isinstance(value, list | tuple | set | dict):
        return f"a {type(value).__name__} of {len(value)} item{'s' * (len(value) != 1)}"
    return f"the number {show(value)}"


def show(value: Any) -> str:
    """A plain value as short text: six digits, at most six rows of an array, and never more than a screen."""
    text = _show(value)
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]} …"


def _show(value):
    if isinstance(value, Tensor):
        value = value.values
    if isinstance(value, np.ndarray) and value.ndim:
        text = np.array2string(value, precision=6, threshold=12, edgeitems=3, separator=", ", suppress_small=False)
        return f"{text}, shape {value.shape}"
    if isinstance(value, np.ndarray | np.generic):
        return _show(value.item())
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, tuple):
        return "(" + ", ".join(map(show, value)) + ")"
    if isinstance(value, list):
        shown = [show(item) for item in (value if len(value) <= 8 else value[:8])]
        return "[" + ", ".join(shown + ["…"] * (len(value) > 8)) + "]" + (f", {len(value)} items" * (len(value) > 8))
    if isinstance(value, set):
        return "{" + ", ".join(sorted(map(show, value))) + "}" if value else "the empty set"
    if isinstance(value, dict):
        return "\n".join(f"{key}: {show(item)}" for key, item in value.items()) or "an empty dict"
    if isinstance(value, np.random.Generator | np.random.RandomState):
        return "rng"
    if isinstance(value, Opaque):
        return value.text
    return repr(value)
