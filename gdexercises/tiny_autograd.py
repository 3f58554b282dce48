"""Lesson 05: an autograd for single numbers, built rung by rung.

Each operation returns a `Value` that knows its parents and its local derivatives; an order of the nodes and one walk
through it backwards give all gradients; a neuron is trained with them.
"""

import math

import numpy as np

from gdexercises.checking import Case, Quiz, Unusable, driver, exercise, right, wrong


# The lesson shows this class in full: a test holds the two texts together.
class Value:
    """A number that remembers what it was computed from."""

    def __init__(self, data, parents=(), local=()):
        self.data = data  # the number itself
        self.grad = 0.0  # derivative of the end result by this number, once backward has run
        self.parents = parents  # the Values that it was computed from
        self.local = local  # its derivative by each parent, in the same order

    def __repr__(self):
        return f"Value(data={self.data}, grad={self.grad})"


def _value_class(attempt):
    """The notebook's own `Value` where there is one, so that ``isinstance(a, Value)`` holds in a student's code."""
    own = getattr(attempt, "__globals__", {}).get("Value")
    return own if isinstance(own, type) else Value


def _letters(count):
    """Names for nodes, as they stand in messages: a, b, c …"""
    return [chr(ord("a") + index) if count <= 26 else f"node {index}" for index in range(count)]


# One operation ------------------------------------------------------------------------------------------------------


@driver
def operate_on_two(attempt, a, b):
    """The result of an operation on two Values, or on the same one twice where `b` is None."""
    make = _value_class(attempt)
    first = make(a)
    second = first if b is None else make(b)
    return _look_at_result(attempt(first, second), {"a": first, "b": second}, {"a": a, "b": a if b is None else b})


@driver
def operate_on_one(attempt, a, *constants):
    """The result of an operation on one Value, and perhaps plain numbers."""
    value = _value_class(attempt)(a)
    return _look_at_result(attempt(value, *constants), {"a": value}, {"a": a})


def _look_at_result(result, inputs, before):
    """The data of `result`, and its derivative by each input, summed where an input is a parent twice."""
    if result is None or result is ...:
        return result
    if not all(hasattr(result, name) for name in ("parents", "local", "grad")):
        raise Unusable(
            f"It should return a Value but returns {_kind(result)}. Hand the number, its parents and its local "
            "derivatives to Value(…) and return that."
        )
    for name, value in inputs.items():
        if value.data is not before[name] and value.data != before[name]:
            raise Unusable(f"The call has changed {name}.data. Leave {name} as it is and make a new Value.")
    if hasattr(result.data, "parents"):
        raise Unusable(
            "The data of the result is a Value; it should be a number. Compute with the numbers inside, a.data."
        )
    pairs = _parents_with_local(result)
    for parent, _ in pairs:
        if not any(parent is value for value in inputs.values()):
            raise Unusable(
                f"Among the parents is {_kind(parent)} that was not handed over. The parents are the Values themselves "
                f"({', '.join(inputs)}), not copies and not their numbers."
            )
    for name, value in inputs.items():
        if not any(parent is value for parent, _ in pairs):
            raise Unusable(f"{name} is not among the parents of the result, so no gradient could ever reach it.")
    totals = [sum(local for parent, local in pairs if parent is value) for value in inputs.values()]
    return (result.data, *totals)


def _parents_with_local(result):
    for name in ("parents", "local"):
        found = getattr(result, name)
        if isinstance(found, set | frozenset):
            raise Unusable(f"{name} is a set, which has no order, so nobody knows which local derivative is whose.")
        if not isinstance(found, tuple | list | np.ndarray):
            one = "(a,)" if name == "parents" else "(0.5,)"
            raise Unusable(
                f"{name} should be a tuple but is {_kind(found)}. A tuple with one entry needs a comma, as in {one}."
            )
    if len(result.parents) != len(result.local):
        raise Unusable(
            f"Number of parents: {len(result.parents)}, of local derivatives: {len(result.local)}. Each parent needs "
            "exactly one."
        )
    if any(hasattr(local, "parents") for local in result.local):
        raise Unusable("local holds a Value; local derivatives are numbers, so take the .data of it.")
    return list(zip(result.parents, result.local, strict=True))


def _kind(thing):
    if thing is None:
        return "None"
    if hasattr(thing, "parents"):
        return "a Value"
    if isinstance(thing, int | float):
        return f"the number {thing:.6g}"
    return f"a {type(thing).__name__}"


def _pair(rng):
    return [float(number) for number in rng.uniform(1.2, 4, 2) * rng.choice([-1, 1], 2)]


def _two_values(name):
    """Inputs for an operation on two Values."""

    def inputs(rng):
        a, b = (float(number) for number in rng.choice([2, 3, 4, 5, 7], 2, replace=False))
        yield Case("two numbers", a, b, call=f"{name}(a, b), with a = Value({a:g}), b = Value({b:g})")
        for label, scale in (("any two numbers", 1.0), ("large numbers", 1e3), ("small numbers", 1e-2)):
            a, b = (scale * number for number in _pair(rng))
            yield Case(label, a, b, call=f"{name}(a, b), with a = Value({a:.6g}), b = Value({b:.6g})")
        a = float(rng.uniform(1.2, 4))
        yield Case("zero and a number", 0.0, a, call=f"{name}(a, b), with a = Value(0.0), b = Value({a:.6g})")
        yield Case("the same Value twice", a, None, call=f"{name}(a, a), with a = Value({a:.6g})")

    return inputs


_OF_TWO = ("data", "the local derivative for a", "the local derivative for b")
_OF_ONE = ("data", "the local derivative for a")


@exercise(
    inputs=_two_values("add"),
    driver=operate_on_two,
    returns=_OF_TWO,
    hints=(
        "Value(data, parents, local) wants three things: the sum of the two numbers, the Values it was made of, and "
        "how much the sum grows with each of them.",
        "If a grows by 0.01, so does a + b. What is the derivative then, and what is it for b?",
    ),
)
def add(a, b):
    """The Value of the sum, with its parents and local derivatives.

    Parameters
    ----------
    a, b : Value

    Returns
    -------
    Value
    """
    return Value(a.data + b.data, (a, b), (1.0, 1.0))


@add.mistake(
    "The local derivatives are those of a product. If a grows by a little, a + b grows by just as much, whatever b is: "
    "both local derivatives are 1."
)
def local_of_a_product(a, b):
    return Value(a.data + b.data, (a, b), (b.data, a.data))


@add.mistake(
    "You store the numbers themselves as local derivatives. Wanted is how fast the sum grows with each of them: 1 and "
    "1."
)
def local_is_the_data(a, b):
    return Value(a.data + b.data, (a, b), (a.data, b.data))


@add.mistake("The numbers are multiplied; add them.")
def multiplies(a, b):
    return Value(a.data * b.data, (a, b), (1.0, 1.0))


@add.mistake("Both local derivatives are 0, as if the sum did not depend on a and b. It grows with each of them.")
def local_zero(a, b):
    return Value(a.data + b.data, (a, b), (0.0, 0.0))


@exercise(
    inputs=_two_values("mul"),
    driver=operate_on_two,
    returns=_OF_TWO,
    hints=(
        "Take a = 2 and b = 5. If a grows by 0.01, the product grows from 10 to 10.05. So what is the derivative by a?",
        "The derivative of a · b by a is b, and by b it is a. Local derivatives are numbers: use .data.",
    ),
)
def mul(a, b):
    """The Value of the product, with its parents and local derivatives.

    Parameters
    ----------
    a, b : Value

    Returns
    -------
    Value
    """
    return Value(a.data * b.data, (a, b), (b.data, a.data))


@mul.mistake(
    "The local derivatives are swapped: the derivative of a · b by a is b, and by b it is a. The first one belongs to "
    "the first parent."
)
def swapped(a, b):
    return Value(a.data * b.data, (a, b), (a.data, b.data))


@mul.mistake("The local derivatives are those of a sum. For a product, a growing a counts b times.")
def local_of_a_sum(a, b):
    return Value(a.data * b.data, (a, b), (1.0, 1.0))


@mul.mistake(
    "You store the product as both local derivatives. How much the product grows with a depends on b alone: if a grows "
    "by 1, another b is added."
)
def local_is_the_product(a, b):
    product = a.data * b.data
    return Value(product, (a, b), (product, product))


@mul.mistake("The numbers are added; multiply them.")
def adds(a, b):
    return Value(a.data + b.data, (a, b), (b.data, a.data))


def _bases_and_exponents(rng):
    yield _power_case("a square", float(rng.choice([3, 4, 5])), 2)
    yield _power_case("a cube of a negative number", -float(rng.uniform(1.2, 3)), 3)
    yield _power_case("one over a", float(rng.uniform(1.5, 4)), -1)
    yield _power_case("a root", float(rng.uniform(1.5, 4)), 0.5)
    yield _power_case("the first power", float(rng.uniform(1.5, 4)), 1)
    yield _power_case("the square of zero", 0.0, 2)


def _power_case(label, a, n):
    return Case(label, a, n, call=f"power(a, {n:g}), with a = Value({a:.6g})")


@exercise(
    inputs=_bases_and_exponents,
    driver=operate_on_one,
    returns=_OF_ONE,
    hints=(
        "n is a plain number and not a Value, so there is one parent, a, and one local derivative.",
        "The derivative of aⁿ by a is n · aⁿ⁻¹. A tuple with one entry is written (a,).",
    ),
)
def power(a, n):
    """The Value of `a` to the power `n`, with its parent and local derivative.

    Parameters
    ----------
    a : Value
    n : int or float
        A constant, so not a parent.

    Returns
    -------
    Value
    """
    return Value(a.data**n, (a,), (n * a.data ** (n - 1),))


@power.mistake("The exponent is not lowered: the derivative of aⁿ is n · aⁿ⁻¹. For the square that is 2a, not 2a².")
def keeps_the_exponent(a, n):
    return Value(a.data**n, (a,), (n * a.data**n,))


@power.mistake("The factor n is missing: the derivative of aⁿ is n · aⁿ⁻¹.")
def forgets_the_factor(a, n):
    return Value(a.data**n, (a,), (a.data ** (n - 1),))


@power.mistake("n · a is right for the square only. For any exponent it is n · aⁿ⁻¹.")
def as_if_a_square(a, n):
    return Value(a.data**n, (a,), (n * a.data,))


@power.mistake("You multiply by n. The power is a ** n.")
def multiplies_by_n(a, n):
    return Value(a.data * n, (a,), (n * a.data ** (n - 1),))


@power.mistake("The factor is n, not n - 1. Only the exponent goes down by one: n · aⁿ⁻¹.")
def lowers_the_factor(a, n):
    return Value(a.data**n, (a,), ((n - 1) * a.data ** (n - 1),))


def _arguments_of_tanh(rng):
    cases = (
        ("a small number", 0.5),
        ("any number", float(rng.uniform(0.7, 2))),
        ("a negative number", -float(rng.uniform(0.3, 2))),
        ("zero", 0.0),
        ("far to the right, where the curve is flat", float(rng.uniform(15, 20))),
    )
    for label, a in cases:
        yield Case(label, a, call=f"tanh(a), with a = Value({a:.6g})")


@exercise(
    inputs=_arguments_of_tanh,
    driver=operate_on_one,
    returns=_OF_ONE,
    hints=(
        "Compute t = math.tanh(a.data) once: it is the data, and the derivative needs it too.",
        "The local derivative is 1 - t², in which t is the result and not the argument.",
    ),
)
def tanh(a):
    """The Value of the hyperbolic tangent, with its parent and local derivative.

    Parameters
    ----------
    a : Value

    Returns
    -------
    Value
    """
    t = math.tanh(a.data)
    return Value(t, (a,), (1 - t**2,))


@tanh.mistake("The square is missing: the derivative is 1 - t², with t = tanh(a).")
def forgets_the_square(a):
    t = math.tanh(a.data)
    return Value(t, (a,), (1 - t,))


@tanh.mistake("You put a into 1 - t². There, t is the result, t = tanh(a), and not the argument.")
def squares_the_argument(a):
    return Value(math.tanh(a.data), (a,), (1 - a.data**2,))


@tanh.mistake("The local derivative has the wrong sign: tanh grows everywhere, so 1 - t² and not t² - 1.")
def falls(a):
    t = math.tanh(a.data)
    return Value(t, (a,), (t**2 - 1,))


@tanh.mistake("t · (1 - t) is the derivative of the logistic function. For tanh it is 1 - t².")
def local_of_the_logistic(a):
    t = math.tanh(a.data)
    return Value(t, (a,), (t * (1 - t),))


@tanh.mistake("You store t itself as its derivative. How steep the curve is where it has the height t is 1 - t².")
def local_is_the_result(a):
    t = math.tanh(a.data)
    return Value(t, (a,), (t,))


@tanh.mistake("That is the tangent, math.tan. The curve that goes from -1 to 1 is math.tanh, with an h.")
def tangent(a):
    t = math.tan(a.data)
    return Value(t, (a,), (1 - t**2,))


# The order ----------------------------------------------------------------------------------------------------------


def _build(make, data, parents, local=None):
    """The nodes of a graph; ``parents[i]`` are the places of the parents of node i, all of them before i."""
    nodes = []
    for index, number in enumerate(data):
        slopes = () if local is None else tuple(local[index])
        nodes.append(make(number, tuple(nodes[place] for place in parents[index]), slopes))
    return nodes


@driver
def look_at_order(attempt, data, parents):
    """What can be said about an order of a graph's nodes whichever of the right orders it is."""
    make = _value_class(attempt)
    nodes = _build(make, data, parents)
    result = attempt(nodes[-1])
    if result is None or result is ...:
        return result
    places = _places(result, nodes)
    if places != _places(attempt(nodes[-1]), nodes):
        raise Unusable(
            "A second call with the same root gives another list. Something is left over from the first call: start "
            "with a new list and a new set in every call (a default such as seen=set() is made only once)."
        )
    _places(attempt(_build(make, data, parents)[-1]), None)
    root, found = len(nodes) - 1, set(places)
    leaves = {place for place in range(root) if not parents[place]}
    return {
        "all leaves are in it": leaves <= found,
        "all other nodes are in it": set(range(root + 1)) - leaves <= found,
        "no node is in it twice": len(found) == len(places),
        "the root is last": places[-1:] == [root],
        "nodes that come before one of their parents": _too_early(places, parents),
    }


def _too_early(places, parents):
    """How many nodes are in the list before a parent of theirs; each counts from where it is for the first time."""
    first = {place: position for position, place in reversed(list(enumerate(places)))}
    return sum(any(first.get(parent, -1) > first[place] for parent in parents[place]) for place in first)


def _places(result, nodes):
    """The places in `nodes` of what an attempt listed, or a complaint about what it listed instead."""
    if isinstance(result, set | frozenset):
        raise Unusable("It returns a set, which has no order. Return a list.")
    if hasattr(result, "parents") or not hasattr(result, "__iter__"):
        raise Unusable(f"It should return a list of nodes but returns {_kind(result)}.")
    listed = list(result)
    if nodes is None:
        return []
    by_identity = {id(node): place for place, node in enumerate(nodes)}
    for item in listed:
        if id(item) not in by_identity:
            _complain_about_stranger(item)
    return [by_identity[id(item)] for item in listed]


def _complain_about_stranger(item):
    if hasattr(item, "parents"):
        raise Unusable(
            "The list holds a Value that is not in this graph. Is it left over from an earlier call? Start with a new "
            "list in every call: a default such as order=[] is made only once. And list the nodes, not copies of them."
        )
    raise Unusable(f"The list holds {_kind(item)}. List the nodes themselves, the Values.")


_PRODUCT = [[], [], [0, 1]]
_TWICE = [[], [], [0, 1], [0, 1], [2, 3]]
_SHORT_AND_LONG_WAY = [[], [0], [1], [0, 2], [2, 0], [3, 4]]


def _graphs_to_order(rng):
    def numbers(parents):
        return rng.permutation(np.arange(1.0, 1 + len(parents))).tolist()

    shapes = (
        ("one operation", _PRODUCT),
        ("a and b are used twice", _TWICE),
        ("the same parent twice", [[], [0, 0]]),
        ("a short and a long way from a to the root", _SHORT_AND_LONG_WAY),
        ("a root without parents", [[]]),
        ("every node is used twice", [[], *([place, place] for place in range(6))]),
    )
    for label, parents in shapes:
        yield Case(label, numbers(parents), parents, call=_order_call(parents))
    equal = [float(rng.integers(1, 9))] * len(_TWICE)
    yield Case("other nodes with the same number in them", equal, _TWICE, call=_order_call(_TWICE))
    length = int(rng.integers(30, 60))
    chain = [[], *([place] for place in range(length - 1))]
    yield Case("a chain", numbers(chain), chain, call=f"topological_order(root), on a chain of {length} nodes")


def _order_call(parents):
    names = _letters(len(parents))
    made = [
        f"{name} from {', '.join(names[place] for place in places)}"
        for name, places in zip(names, parents, strict=True)
        if places
    ]
    return f"topological_order({names[-1]})" + (", with " + "; ".join(made) if made else "")


@exercise(
    inputs=_graphs_to_order,
    driver=look_at_order,
    returns=("the order",),
    hints=(
        "When may a node go into the list? As soon as all its parents are in it. A node without parents may go at "
        "once.",
        "Write a function visit(node) inside yours: if the node was seen before, do nothing; else note that it was "
        "seen, visit each of its parents, and only then append the node.",
        "Start with order = [], seen = set(), then visit(root), then return order. To need no recursion, keep a list "
        "of nodes that still wait; take a node off it once none of its parents is missing in the order.",
    ),
)
def topological_order(root):
    """All nodes that `root` was computed from, and `root` itself, each once and after its parents.

    Parameters
    ----------
    root : Value

    Returns
    -------
    list of Value
        The root is last.
    """
    order, done, waiting = [], set(), [root]
    while waiting:
        node = waiting[-1]
        missing = [parent for parent in node.parents if parent not in done]
        if missing:
            waiting.extend(missing)
            continue
        waiting.pop()
        if node not in done:
            done.add(node)
            order.append(node)
    return order


@topological_order.mistake(
    "The order is reversed: your list begins with the root. Append a node after its parents, or reverse the list at "
    "the end."
)
def root_first(root):
    return topological_order(root)[::-1]


@topological_order.mistake(
    "A node that is used twice is in the list twice: it was visited once for each use. Note which nodes you have seen, "
    "and leave at once when you meet one again."
)
def visits_twice(root):
    order = []

    def visit(node):
        for parent in node.parents:
            visit(parent)
        order.append(node)

    visit(root)
    return order


@topological_order.mistake(
    "You append a node before its parents have been visited. Reading the list backwards does not mend that where a "
    "node is used twice. Visit the parents first, then append."
)
def appends_before_the_parents(root):
    order, seen = [], set()

    def visit(node):
        if node not in seen:
            seen.add(node)
            order.append(node)
            for parent in node.parents:
                visit(parent)

    visit(root)
    return order


@topological_order.mistake(
    "The list begins with the root, and a node that is used twice is in it twice. Note which nodes you have seen, "
    "leave at once when you meet one again, and append a node only after its parents."
)
def lists_every_way(root):
    return [root, *(node for parent in root.parents for node in lists_every_way(parent))]


@topological_order.mistake(
    "You go back level by level. A node can be near the root on one way and far on another, and then it comes too late "
    "in your list. Follow each way down to its end: a node goes in after all of its parents."
)
def level_by_level(root):
    order = [root]
    for node in order:
        order.extend(dict.fromkeys(parent for parent in node.parents if parent not in order))
    return order[::-1]


@topological_order.mistake(
    "The nodes without parents are missing. They are what the gradients are wanted for: b and w are such nodes."
)
def leaves_out_leaves(root):
    return [node for node in topological_order(root) if node.parents]


@topological_order.mistake("The root is missing: it belongs at the end of the list.")
def leaves_out_the_root(root):
    return topological_order(root)[:-1]


@topological_order.mistake("You follow only the first parent of each node. Visit all of node.parents.")
def follows_the_first_parent(root):
    order = [root]
    while order[-1].parents:
        order.append(order[-1].parents[0])
    return order[::-1]


@topological_order.mistake(
    "Only the root and its own parents are in the list. If your function calls itself to go further back: what that "
    "call returns is thrown away, so add it to the list."
)
def goes_back_one_step(root):
    return [*dict.fromkeys(root.parents), root]


@topological_order.mistake(
    "A node is appended once for each of its parents, and not at all if it has none: the append stands inside the loop "
    "over the parents. Indent it like the line with `for`, so that it comes after the loop."
)
def appends_inside_the_loop(root):
    order, seen = [], set()

    def visit(node):
        if node not in seen:
            seen.add(node)
            for parent in node.parents:
                visit(parent)
                order.append(node)

    visit(root)
    return order


@topological_order.mistake(
    "Two nodes that hold the same number are taken for one. Put the nodes into the set of those seen, not their data."
)
def compares_numbers(root):
    order, seen = [], set()

    def visit(node):
        if node.data not in seen:
            seen.add(node.data)
            for parent in node.parents:
                visit(parent)
            order.append(node)

    visit(root)
    return order


# The walk back ------------------------------------------------------------------------------------------------------


@driver
def look_at_gradients(attempt, data, parents, local):
    """The gradients that an attempt leaves in the nodes of a graph, of which it is handed an order."""
    nodes = _build(_value_class(attempt), data, parents, local)
    attempt(list(nodes))
    for name, node in zip(_letters(len(nodes)), nodes, strict=True):
        if node.grad is None or hasattr(node.grad, "parents"):
            raise Unusable(f"{name}.grad is {_kind(node.grad)} after the call; it should be a number.")
    return {name: node.grad for name, node in zip(_letters(len(nodes)), nodes, strict=True)}


def _graphs_to_walk(rng):
    a, b = (float(number) for number in rng.choice([2, 3, 4, 5, 7], 2, replace=False))
    product = ([a, b, a * b], _PRODUCT, [[], [], [b, a]])
    yield Case("one product", *product, call=_walk_call(*product[1:]))
    reuse = ([a, b, a * b, a * b + a], [[], [], [0, 1], [2, 0]], [[], [], [b, a], [1.0, 1.0]])
    yield Case("a is used twice", *reuse, call=_walk_call(*reuse[1:]))
    square = ([a, a * a], [[], [0, 0]], [[], [a, a]])
    yield Case("a times itself", *square, call=_walk_call(*square[1:]))
    yield Case("the root alone", [a], [[]], [[]], call=_walk_call([[]], [[]]))
    nine = [[], *([place, int(rng.integers(place + 1))] for place in range(8))]
    for label, parents in (
        ("two ways that meet again", _TWICE),
        ("a short and a long way", _SHORT_AND_LONG_WAY),
        ("nine nodes", nine),
    ):
        data, local = _random_numbers(rng, parents)
        yield Case(label, data, parents, local, call=_walk_call(parents, local))


def _random_numbers(rng, parents):
    data = rng.uniform(1.5, 3, len(parents)).round(2).tolist()
    return data, [rng.choice([0.5, -0.8, 1.5, 0.7, -1.25, 1.2], len(places)).tolist() for places in parents]


def _walk_call(parents, local):
    names = _letters(len(parents))
    rows = [
        f"{name} from {', '.join(names[place] for place in places)}, local = ({', '.join(f'{s:g}' for s in slopes)})"
        for name, places, slopes in zip(names, parents, local, strict=True)
        if places
    ]
    return "\n".join([f"backward([{', '.join(names)}])" + (", with" if rows else ""), *rows])


@exercise(
    inputs=_graphs_to_walk,
    driver=look_at_gradients,
    returns=("grad",),
    hints=(
        "Begin at the end: how much does the root grow if the root grows by 1? That is its gradient.",
        "Go through the order from the end to the start. When it is a node's turn, its own gradient is complete, and "
        "it gives each parent a share: the local derivative for that parent, times its own gradient.",
        "Use zip(node.parents, node.local), and add to what is there: parent.grad += local * node.grad.",
    ),
)
def backward(order):
    """Add to the ``grad`` of each node the derivative of the last node by it.

    Parameters
    ----------
    order : list of Value
        All nodes of a graph, each after its parents; their ``grad`` is 0 at first.
    """
    order[-1].grad = 1.0
    for node in reversed(order):
        for parent, local in zip(node.parents, node.local, strict=True):
            parent.grad += local * node.grad


@backward.mistake(
    "A node that is used twice keeps only one of its two shares: you write = where += is needed. The shares of all "
    "uses add up."
)
def overwrites(order):
    order[-1].grad = 1.0
    for node in reversed(order):
        for parent, local in zip(node.parents, node.local, strict=True):
            parent.grad = local * node.grad


@backward.mistake(
    "All gradients are 0: the walk has nothing to start from. The root's gradient, its derivative by itself, is 1. Set "
    "it before the loop. (Or do you compute gradients and return them? They belong into the nodes, into node.grad.)"
)
def no_seed(order):
    for node in reversed(order):
        for parent, local in zip(node.parents, node.local, strict=True):
            parent.grad += local * node.grad


@backward.mistake(
    "The walk starts with the root's data as its gradient. The seed is 1: if the root grows by a little, the root "
    "grows by just as much."
)
def seeds_with_the_data(order):
    backward(order)
    for node in order:
        node.grad *= order[-1].data


@backward.mistake(
    "The seed is on the first node of the order. The root is the last one, order[-1]: set its gradient to 1, and walk "
    "from there to the start."
)
def seeds_the_start(order):
    order[0].grad = 1.0


@backward.mistake(
    "Only the root's own parents got a share. If you go through the order from its start, parents have their turn "
    "before their children and pass on a gradient that they have not got yet: start at the end, reversed(order). (Or "
    "do you look at order[-1] alone? Each node in the order passes on its gradient.)"
)
def parents_before_children(order):
    order[-1].grad = 1.0
    for node in order:
        for parent, local in zip(node.parents, node.local, strict=True):
            parent.grad += local * node.grad


@backward.mistake(
    "The shares are the local derivatives alone. By the chain rule, a share is the local derivative times the gradient "
    "of the node that it comes from."
)
def forgets_the_chain_rule(order):
    order[-1].grad = 1.0
    for node in reversed(order):
        for parent, local in zip(node.parents, node.local, strict=True):
            parent.grad += local


@backward.mistake("Along an edge, derivatives are multiplied: local * node.grad. You add them.")
def adds_along_the_edge(order):
    order[-1].grad = 1.0
    for node in reversed(order):
        for parent, local in zip(node.parents, node.local, strict=True):
            parent.grad += local + node.grad


@backward.mistake(
    "A node that is used twice is visited twice, and at the second visit it passes on again what it had already passed "
    "on. Follow the order: there each node has one turn, when its gradient is complete."
)
def passes_on_twice(order):
    order[-1].grad = 1.0

    def visit(node):
        for parent, local in zip(node.parents, node.local, strict=True):
            parent.grad += local * node.grad
            visit(parent)

    visit(order[-1])


@backward.mistake(
    "Every gradient starts at 1. Only the root's does; all others start at 0, or each of them comes out 1 too large "
    "and passes the 1 on."
)
def seeds_every_node(order):
    for node in order:
        node.grad = 1.0
    for node in reversed(order):
        for parent, local in zip(node.parents, node.local, strict=True):
            parent.grad += local * node.grad


@backward.mistake(
    "You multiply by the number in the parent (its data). Take the local derivative that the node has stored for that "
    "parent."
)
def multiplies_by_data(order):
    order[-1].grad = 1.0
    for node in reversed(order):
        for parent in node.parents:
            parent.grad += parent.data * node.grad


# Find the bug -------------------------------------------------------------------------------------------------------


@exercise(
    inputs=lambda rng: (case for case in _two_values("divide")(rng) if case.arguments[1] != 0.0),
    driver=operate_on_two,
    returns=_OF_TWO,
    hints=(
        "One of the two local derivatives is right everywhere. Compare each with a central difference, at b = 2.",
        "Write a / b as a · b⁻¹. What does the power rule say about b⁻¹?",
    ),
)
def divide(a, b):
    """The Value of the quotient, with its parents and local derivatives.

    Parameters
    ----------
    a, b : Value

    Returns
    -------
    Value
    """
    return Value(a.data / b.data, (a, b), (1 / b.data, -a.data / b.data**2))


@divide.mistake(
    "The local derivative for b is still right at b = 1 only. The quotient is a · b⁻¹, and the power rule makes b⁻² of "
    "b⁻¹: divide by b²."
)
def right_at_one(a, b):
    return Value(a.data / b.data, (a, b), (1 / b.data, -a.data / b.data))


@divide.mistake("The minus has gone: if a positive b grows, a / b falls towards 0. The derivative by b is -a / b².")
def lost_the_minus(a, b):
    return Value(a.data / b.data, (a, b), (1 / b.data, a.data / b.data**2))


@divide.mistake("The local derivatives are swapped: 1 / b belongs to a, the first parent.")
def exchanged(a, b):
    return Value(a.data / b.data, (a, b), (-a.data / b.data**2, 1 / b.data))


@divide.mistake("The b² is there, but the factor a has gone: the derivative of a / b by b is -a / b².")
def lost_a(a, b):
    return Value(a.data / b.data, (a, b), (1 / b.data, -1 / b.data**2))


@divide.mistake(
    "Now both local derivatives are divided by b². That of a was right before: a / b grows by 1 / b if a grows by 1."
)
def squares_both(a, b):
    return Value(a.data / b.data, (a, b), (1 / b.data**2, -a.data / b.data**2))


# A neuron -----------------------------------------------------------------------------------------------------------


class _Parameter(Value):
    """A parameter from which a number can be subtracted, as from the lesson's Values with their operators."""

    def __sub__(self, other):
        return _Parameter(self.data - getattr(other, "data", other))

    def __add__(self, other):
        return _Parameter(self.data + getattr(other, "data", other))


class _Loss(Value):
    """A loss whose parents are the parameters themselves, its slopes given as numbers."""

    def backward(self):
        for parameter, slope in zip(self.parents, self.local, strict=True):
            parameter.grad += slope


@driver
def train_in_a_bowl(attempt, start, lowest, curvature, lr, n_epochs):
    """Train parameters in a bowl-shaped loss; report where they end, and the losses on the way."""
    params = [_Parameter(number) for number in start]
    lowest, curvature = np.array(lowest), np.array(curvature)

    def loss_of(parameters):
        if not all(hasattr(parameter, "parents") for parameter in parameters):
            raise Unusable("Call loss_of(params), with the list of the parameters themselves, not their numbers.")
        away = np.array([parameter.data for parameter in parameters]) - lowest
        return _Loss(float(away @ curvature @ away), tuple(parameters), tuple((2 * curvature @ away).tolist()))

    losses = attempt(params, loss_of, lr, n_epochs)
    if losses is None or losses is ...:
        return losses
    if hasattr(losses, "parents"):
        raise Unusable("It returns one loss. Return a list with the loss of every epoch, as numbers.")
    losses = list(losses) if hasattr(losses, "__iter__") else losses
    if isinstance(losses, list) and any(isinstance(part, list | tuple) for part in losses):
        raise Unusable(
            "Return the list of losses alone. The parameters are changed in place, so nobody needs them back."
        )
    if isinstance(losses, list) and any(hasattr(loss, "parents") for loss in losses):
        raise Unusable(
            "losses holds the loss Values themselves, and each keeps its whole graph in memory. Keep the numbers: "
            "loss.data."
        )
    if any(hasattr(parameter.data, "parents") for parameter in params):
        raise Unusable("The data of a parameter is a Value after the call. Compute it from numbers: p.data and p.grad.")
    return [parameter.data for parameter in params], losses


def _trainings(rng):
    for label, n_epochs in (("three epochs", 3), ("ten epochs", 10), ("one epoch", 1), ("no epoch", 0)):
        start, lowest = rng.uniform(0.5, 2, 2), rng.uniform(-2, -0.5, 2)
        tilt = float(rng.uniform(0.2, 0.6))
        curvature = [[tilt + float(rng.uniform(0.5, 1.5)), tilt], [tilt, tilt + float(rng.uniform(0.5, 1.5))]]
        lr = round(float(rng.uniform(0.05, 0.1)), 3)
        shown = ", ".join(f"Value({number:.4g})" for number in start)
        call = f"train_neuron(params, loss_of, lr={lr:g}, n_epochs={n_epochs}), with params = [{shown}]"
        yield Case(label, start.tolist(), lowest.tolist(), curvature, lr, n_epochs, call=call)


@exercise(
    inputs=_trainings,
    driver=train_in_a_bowl,
    returns=("params", "losses"),
    hints=(
        "Steps 1 to 4 stand in the loop: loss_of(params) does 1 and 2, loss.backward() does 3, and 4 is yours.",
        "backward adds to the gradients that are there. What is there at the start of the second epoch?",
        "In the loop: loss = loss_of(params); losses.append(loss.data); set each p.grad to 0; loss.backward(); then "
        "p.data -= lr * p.grad for each p in params.",
    ),
)
def train_neuron(params, loss_of, lr, n_epochs):
    """Gradient descent on the data of `params`, which are changed.

    Parameters
    ----------
    params : list of Value
        Where to start; afterwards they hold the trained numbers.
    loss_of : callable
        ``loss_of(params)`` makes steps 1 and 2 and returns the loss, a Value. Its ``backward()`` adds to each ``grad``.
    lr : float
        Learning rate.
    n_epochs : int
        How often to update.

    Returns
    -------
    losses : list of float
        ``losses[i]`` is the loss just before update i.
    """
    losses = []
    for _ in range(n_epochs):
        loss = loss_of(params)
        losses.append(loss.data)
        for p in params:
            p.grad = 0.0
        loss.backward()
        for p in params:
            p.data -= lr * p.grad
    return losses


def _train(params, loss_of, lr, n_epochs, *, zero=True):
    """The loop with the usual order of things, for the mistakes that change something else."""
    losses = []
    for _ in range(n_epochs):
        loss = loss_of(params)
        losses.append(loss.data)
        for p in params:
            p.grad = 0.0 if zero else p.grad
        loss.backward()
        for p in params:
            p.data -= lr * p.grad
    return losses


@train_neuron.mistake(
    "The gradients add up over the epochs: backward adds to what is there. Set p.grad = 0 for every parameter before "
    "you call it. (That is the zeroing of lesson 04, and now you know the += it comes from.)"
)
def accumulates(params, loss_of, lr, n_epochs):
    return _train(params, loss_of, lr, n_epochs, zero=False)


@train_neuron.mistake("You walk uphill: the gradient points to larger loss. Subtract lr · gradient.")
def uphill(params, loss_of, lr, n_epochs):
    return _train(params, loss_of, -lr, n_epochs)


@train_neuron.mistake("The learning rate is forgotten: the step is lr times the gradient.")
def forgets_lr(params, loss_of, lr, n_epochs):
    return _train(params, loss_of, 1.0, n_epochs)


@train_neuron.mistake(
    "The losses are recorded after the update; losses[i] is the loss just before update i, so record it first."
)
def records_after_update(params, loss_of, lr, n_epochs):
    losses = _train(params, loss_of, lr, n_epochs)
    return [*losses[1:], loss_of(params).data] if losses else losses


@train_neuron.mistake(
    "The loss is computed once, before the loop. A graph holds the numbers of the moment in which it was made: call "
    "loss_of(params) anew in every epoch."
)
def builds_the_graph_once(params, loss_of, lr, n_epochs):
    loss = loss_of(params)
    return _train(params, lambda _: loss, lr, n_epochs)


@train_neuron.mistake(
    "The parameters never move. Three things do that: p = p - lr * p.grad makes a new Value and leaves the old one as "
    "it was (change p.data); the gradients are set to 0 between backward and the update; or backward is not called."
)
def never_moves(params, loss_of, lr, n_epochs):
    return _train(params, loss_of, 0.0, n_epochs)


@train_neuron.mistake(
    "The losses are right, but the Values in params have not changed: you train new ones, and these are lost when the "
    "function ends. Change the data of those handed over: p.data -= lr * p.grad."
)
def trains_copies(params, loss_of, lr, n_epochs):
    return _train([_Parameter(p.data) for p in params], loss_of, lr, n_epochs)


@train_neuron.mistake("One epoch is missing: range(n_epochs) already gives n_epochs rounds.")
def one_epoch_short(params, loss_of, lr, n_epochs):
    return _train(params, loss_of, lr, n_epochs - 1)


@train_neuron.mistake("One epoch too many: range(n_epochs) gives n_epochs rounds.")
def one_epoch_long(params, loss_of, lr, n_epochs):
    return _train(params, loss_of, lr, n_epochs + 1)


@train_neuron.mistake(
    "The parameters are updated in turn, each with a gradient that was computed after the one before had moved. Call "
    "backward once in an epoch, then update all."
)
def updates_in_turn(params, loss_of, lr, n_epochs):
    losses = []
    for _ in range(n_epochs):
        losses.append(loss_of(params).data)
        for p in params:
            p.grad = 0.0
            loss_of(params).backward()
            p.data -= lr * p.grad
            for other in params:
                other.grad = 0.0
    return losses


@train_neuron.mistake("`return` stands inside the loop, so it ends after the first epoch. Indent it like `for`.")
def returns_in_the_loop(params, loss_of, lr, n_epochs):
    return _train(params, loss_of, lr, min(n_epochs, 1)) if n_epochs else None


# Quiz ---------------------------------------------------------------------------------------------------------------

share_of_a_product = Quiz(
    "share_of_a_product",
    "`c = a * b` with `a.data = 3` and `b.data = 5`. In the walk back it is the turn of `c`, and `c.grad` is 2. What "
    "does `c` add to `a.grad`?",
    a=wrong("5", "that is the local derivative alone; the chain rule multiplies it by what has arrived at c."),
    b=wrong("6", "that uses a.data. How much the product grows with a depends on the other factor."),
    c=right("10", "take the local derivative of the product by a, and multiply it by the gradient of c."),
    d=wrong("2", "that is what a sum would pass on; a product has other local derivatives."),
)

equals_for_plus = Quiz(
    "equals_for_plus",
    "Somebody's `backward` has `parent.grad = local * node.grad`, with `=` for `+=`. For which expressions is "
    "`a.grad` wrong, if `a.data = 3` and `b.data = 5`?",
    a=right("`a * a`", "count how often each expression uses a: where is there more than one share to add?"),
    b=wrong("`a * b`", "a is used once, so there is only one share, and = does no harm."),
    c=right("`a * b + a`", "a reaches the root on one way for each use. Which expressions have two ways from a?"),
    d=wrong("`(a * b) ** 2`", "the square is one operation on a · b, and a is used once."),
)

topological = Quiz(
    "topological",
    "`c = a * b`, `d = c + a`, `e = d * c`. Which of these lists are orders that `topological_order(e)` may return?",
    a=right("a, b, c, d, e", "check each list node by node: are its parents to the left of it?"),
    b=right("b, a, c, d, e", "a and b have no parents. Does it matter which of the two comes first?"),
    c=wrong("a, b, d, c, e", "d is computed from c and a, and there it stands to the left of c."),
    d=wrong("e, d, c, b, a", "that is the way back. The order itself ends with the root."),
    e=wrong("a, b, c, a, d, c, e", "a and c are listed once for every use; each node belongs in the list once."),
)

price_of_a_gradient = Quiz(
    "price_of_a_gradient",
    "A loss depends on 1000 parameters. You want its gradient by each of them, once with central differences and once "
    "with your autograd. What is true?",
    a=right(
        "Central differences compute the loss 2000 times.",
        "each parameter is moved up and down on its own. How many losses are that?",
    ),
    b=right(
        "The autograd needs the loss once and one walk back.",
        "does the walk from the root pass one parameter, or all of them?",
    ),
    c=wrong(
        "The autograd walks back once for each parameter.",
        "the walk starts at the loss and reaches every node of the graph on its way.",
    ),
    d=wrong(
        "Central differences are exact, the autograd is approximate.",
        "it is the other way round: a finite h leaves an error, local derivatives have none beyond rounding.",
    ),
)
