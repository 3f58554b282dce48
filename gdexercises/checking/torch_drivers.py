"""Drivers for exercises in PyTorch: values, and what stands behind them: a graph, a leaf, a gradient left over.

Arguments that are to arrive as tensors are made with :func:`tensor`. Parameters are cloned before an attempt gets them,
so that what it does to them is reported by name and is not taken for a changed argument.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from gdexercises.checking import wire
from gdexercises.checking.drivers import Unusable, driver
from gdexercises.environment import require

torch = require("torch")
from torch.overrides import TorchFunctionMode  # noqa: E402

__all__ = [
    "GraphsGoneBack",
    "graph_size",
    "holds_graph",
    "look_at_forward",
    "look_at_gradients",
    "look_at_loss",
    "look_at_steps",
    "look_at_training",
    "look_at_updates",
    "single",
    "state_of",
    "tensor",
    "torch_driver",
]

READY = "a leaf that requires gradients"
_ROUNDS = 3


def torch_driver(function: Callable) -> Callable:
    """Mark a driver in which graphs are built, whatever the attempt, or somebody before it, has switched off for good.

    ``torch.set_grad_enabled(False)`` lasts beyond the function that says it: the next one checked would suffer from it.
    """
    return driver(torch.enable_grad()(function))


def tensor(values: Any, requires_grad: bool = False, dtype: Any = np.float32) -> wire.Tensor:
    """Values for a `Case` that reach the attempt as a tensor; of single precision, PyTorch's own, unless told."""
    return wire.Tensor(np.asarray(values, dtype), "torch", requires_grad)


def state_of(value: Any) -> str:
    """In words, whether a value can be the parameter of another round."""
    if not isinstance(value, torch.Tensor):
        return "no tensor"
    if not value.requires_grad:
        return "a tensor that does not require gradients"
    return READY if value.is_leaf else "no leaf, but the result of a computation"


def holds_graph(value: Any) -> bool:
    """Whether a value keeps alive the graph that it was computed with."""
    if isinstance(value, list | tuple):
        return any(map(holds_graph, value))
    return isinstance(value, torch.Tensor) and value.grad_fn is not None


def graph_size(value: Any) -> int:
    """The number of nodes in the graph that a tensor was computed with."""
    found, left = set(), [getattr(value, "grad_fn", None)]
    while left:
        node = left.pop()
        if node is not None and node not in found:
            found.add(node)
            left += [before for before, _ in node.next_functions]
    return len(found)


class GraphsGoneBack(TorchFunctionMode):
    """Notes the size of each graph through which gradients are sent back, for as long as it is entered."""

    _ASKED = (torch.Tensor.backward, torch.autograd.backward, torch.autograd.grad)

    def __init__(self):
        super().__init__()
        self.sizes = []

    def __torch_function__(self, function, types, arguments=(), named=None):
        named = named or {}
        if function in self._ASKED:
            roots = arguments[0] if arguments else named.get("tensors", named.get("outputs"))
            roots = roots if isinstance(roots, list | tuple) else [roots]
            self.sizes.append(sum(map(graph_size, roots)))
        return function(*arguments, **named)

    @property
    def grew(self) -> bool:
        return any(size > self.sizes[0] for size in self.sizes)


def single(values: Any) -> Any:
    """Numbers in single precision: what an attempt computed so, and handed out by .item(), is compared as such."""
    if isinstance(values, list | tuple):
        return [single(value) for value in values]
    if isinstance(values, torch.Tensor):
        return values.detach().float().clone()
    return np.float32(values) if isinstance(values, float | int | np.number) else values


def _parameter(value):
    return value.detach().clone().requires_grad_()


def _is_nothing(value):
    return value is None or value is ...


def _parts(value, names):
    """The parts of a result, or a complaint about what was returned instead."""
    if isinstance(value, tuple | list) and len(value) == len(names):
        return value
    found = f"{len(value)} values" if isinstance(value, tuple | list) else f"a {type(value).__name__}"
    raise Unusable(f"It should return {len(names)} values ({', '.join(names)}) but returns {found}.")


def _same_numbers(some, others):
    """Whether two rows of numbers are the same; what is no number counts as the same."""
    try:
        one, other = (np.array([np.asarray(single(value), float) for value in row]) for row in (some, others))
    except (TypeError, ValueError):
        return True
    return np.array_equal(one, other, equal_nan=True)


def _gradients_of(total, leaves):
    """Gradients of a number by each leaf; zero where no graph leads to it."""
    if not total.requires_grad:
        return [torch.zeros_like(leaf) for leaf in leaves]
    grads = torch.autograd.grad(total, leaves, allow_unused=True)
    return [torch.zeros_like(leaf) if grad is None else grad for leaf, grad in zip(leaves, grads, strict=True)]


@torch_driver
def look_at_forward(attempt: Any, x: Any, b: Any, w: Any) -> Any:
    """The predictions, and the gradients of their sum by b and w: zero where the graph is cut."""
    b, w = _parameter(b), _parameter(w)
    yhat = attempt(x, b, w)
    if _is_nothing(yhat):
        return yhat
    if not isinstance(yhat, torch.Tensor):
        raise Unusable(
            f"It returns a {type(yhat).__name__}; PyTorch can differentiate tensors only. Arithmetic on the tensors x, "
            "b and w gives all predictions at once, as one tensor."
        )
    return (yhat, *_gradients_of(yhat.sum(), (b, w)))


@torch_driver
def look_at_loss(attempt: Any, yhat: Any, y: Any) -> Any:
    """The loss, and its gradient by the predictions: zeros where the graph is cut."""
    yhat = _parameter(yhat)
    loss = attempt(yhat, y)
    if _is_nothing(loss):
        return loss
    if isinstance(loss, torch.Tensor) and loss.numel() == 1:
        return loss, *_gradients_of(loss.sum(), (yhat,))
    return loss, torch.zeros_like(yhat)


@torch_driver
def look_at_gradients(attempt: Any, x: Any, y: Any, b: Any, w: Any) -> Any:
    """The gradients of two calls with the same tensors, where these are afterwards, and whether a graph is kept."""
    b, w = _parameter(b), _parameter(w)
    seen, kept = [], False
    for _ in range(2):
        result = attempt(x, y, b, w)
        if _is_nothing(result):
            return result
        grads = _parts(result, ("b_grad", "w_grad"))
        kept = kept or holds_graph(grads)
        # A copy, since the next call may change in place what this one returned.
        seen += [single(grad) for grad in grads]
    return *seen, [single(b), single(w)], kept


@torch_driver
def look_at_steps(attempt: Any, x: Any, y: Any, b: Any, w: Any, lr: float) -> Any:
    """What three calls return and where they leave b and w, what these are then, and whether a graph is kept."""
    b, w = _parameter(b), _parameter(w)
    losses, places, kept = [], [], False
    for _ in range(_ROUNDS):
        loss = attempt(x, y, b, w, lr)
        if _is_nothing(loss):
            return loss
        if isinstance(loss, tuple | list):
            raise Unusable(
                f"It returns {len(loss)} values. Return the loss alone: b and w are changed in place, so whoever "
                "called has their new values already."
            )
        kept = kept or holds_graph(loss)
        losses.append(single(loss))
        places.append([single(b), single(w)])
        if state_of(b) != READY or state_of(w) != READY:
            break
    return state_of(b), state_of(w), [at for at, _ in places], [at for _, at in places], losses, kept


@torch_driver
def look_at_updates(attempt: Any, x: Any, y: Any, b: Any, w: Any, lr: float) -> Any:
    """What three calls return, each called with what the one before returned, and what b and w are then."""
    b, w = _parameter(b), _parameter(w)
    places = []
    for _ in range(_ROUNDS):
        result = attempt(x, y, b, w, lr)
        if _is_nothing(result):
            return result
        b, w = _parts(result, ("b", "w"))
        places.append([single(b), single(w)])
        if not all(isinstance(value, torch.Tensor) and value.requires_grad for value in (b, w)):
            break
    return state_of(b), state_of(w), [at for at, _ in places], [at for _, at in places]


@torch_driver
def look_at_training(attempt: Any, x: Any, y: Any, b: float, w: float, lr: float, n_epochs: int) -> Any:
    """The parameters and losses of a training, whether any of them keeps a graph, and whether its graphs grow."""
    data = x.clone(), y.clone()
    with GraphsGoneBack() as graphs:
        result = attempt(x, y, b, w, lr, n_epochs)
    if _is_nothing(result):
        return result
    names = ("b", "w", "losses")
    again = _parts(attempt(*data, b, w, lr, n_epochs), names)
    b, w, losses = _parts(result, names)
    if not _same_numbers((b, w), again[:2]):
        raise Unusable(
            "Two runs with the same arguments end at different places: something is drawn at random. Start at the b "
            "and w that are handed over, and take the points in the given order."
        )
    if isinstance(losses, torch.Tensor) and losses.ndim == 1:
        kept, losses = holds_graph(losses), list(losses.detach())
    else:
        kept = holds_graph(losses)
    return single(b), single(w), single(losses), kept, holds_graph([b, w]), graphs.grew
