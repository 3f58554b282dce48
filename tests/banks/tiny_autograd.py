"""Answers to lesson 05."""

import functools
import math
from collections import Counter, deque

import numpy as np

from gdexercises import tiny_autograd
from gdexercises.tiny_autograd import Value
from tests.banks import Bank

bank = Bank()

# add ----------------------------------------------------------------------------------------------------------------


@bank.right(tiny_autograd.add)
def sum_in_steps(a, b):
    out = Value(a.data + b.data)
    out.parents = [a, b]
    out.local = [1, 1]
    return out


@bank.right(tiny_autograd.add)
def sum_with_the_other_parent_first(left, right):
    return Value(right.data + left.data, (right, left), (1, 1))


@bank.right(tiny_autograd.add)
def sum_as_numpy(a, b):
    return Value(np.add(a.data, b.data), (a, b), np.ones(2))


@bank.right(tiny_autograd.add)
def sum_with_keywords(a, b):
    return Value(local=(np.float64(1), True + 0.0), parents=(a, b), data=sum([a.data, b.data]))


@bank.right(tiny_autograd.add)
def sum_of_one_kind(a, b):
    b = b if isinstance(b, Value) else Value(b)
    if a is b:
        return Value(2 * a.data, (a,), (2.0,))
    return Value(a.data + b.data, (a, b), (1.0, 1.0))


bank.right(
    tiny_autograd.add, lambda a, b: Value(np.array(a.data) + b.data, (a, b), (1.0,) * 2), label="sum-as-0d-array"
)

for mistake, attempt in {
    "local_of_a_product": lambda a, b: Value(a.data + b.data, [a, b], [b.data, a.data]),
    "local_is_the_data": lambda a, b: Value(a.data + b.data, [b, a], [b.data, a.data]),
    "multiplies": lambda a, b: Value(np.prod([a.data, b.data]), (a, b), (1, 1)),
    "local_zero": lambda a, b: Value(a.data + b.data, (a, b), [0, 0]),
}.items():
    bank.wrong(tiny_autograd.add, attempt, mistake=mistake, label=f"add-{mistake}")


@bank.wrong(tiny_autograd.add, finding="not attempted")
def add_stub(a, b):
    # YOUR CODE HERE
    raise NotImplementedError()


@bank.wrong(tiny_autograd.add, finding="kind", says="should return a Value but returns the number")
def sum_as_a_number(a, b):
    return a.data + b.data


@bank.wrong(tiny_autograd.add, finding="kind", says="a is not among the parents")
def sum_without_parents(a, b):
    return Value(a.data + b.data)


@bank.wrong(tiny_autograd.add, finding="kind", says=("the number", "not copies and not their numbers"))
def sum_with_numbers_as_parents(a, b):
    return Value(a.data + b.data, (a.data, b.data), (1.0, 1.0))


@bank.wrong(tiny_autograd.add, finding="kind", says="a Value that was not handed over")
def sum_with_copies_as_parents(a, b):
    return Value(a.data + b.data, (Value(a.data), Value(b.data)), (1.0, 1.0))


@bank.wrong(tiny_autograd.add, finding="kind", says="Number of parents: 2, of local derivatives: 1")
def sum_with_one_local(a, b):
    return Value(a.data + b.data, (a, b), (1.0,))


@bank.wrong(tiny_autograd.add, finding="kind", says="set, which has no order")
def sum_with_a_set(a, b):
    return Value(a.data + b.data, {a, b}, (1.0, 1.0))


@bank.wrong(tiny_autograd.add, finding="kind", says="changed a.data")
def sum_in_place(a, b):
    a.data += b.data
    return Value(a.data, (a, b), (1.0, 1.0))


@bank.wrong(tiny_autograd.add, finding="none", says="return")
def sum_without_return(a, b):
    Value(a.data + b.data, (a, b), (1.0, 1.0))


@bank.wrong(tiny_autograd.add, finding="value")
def sum_that_counts_a_parent_once(a, b):
    local = {a: 1.0, b: 1.0}
    return Value(a.data + b.data, tuple(local), tuple(local.values()))


bank.wrong(tiny_autograd.add, ..., finding="not attempted", label="no-sum-at-all")

# mul ----------------------------------------------------------------------------------------------------------------


@bank.right(tiny_autograd.mul)
def product_in_steps(a, b):
    out = Value(a.data * b.data)
    out.parents = (a, b)
    out.local = (b.data, a.data)
    return out


@bank.right(tiny_autograd.mul)
def product_with_the_other_parent_first(a, b):
    return Value(a.data * b.data, (b, a), (a.data, b.data))


@bank.right(tiny_autograd.mul)
def product_as_numpy(a, b):
    pair = np.array([a.data, b.data])
    return Value(pair.prod(), [a, b], pair[::-1])


@bank.right(tiny_autograd.mul)
def product_of_one_kind(a, b):
    if a is b:
        return Value(a.data**2, (a,), (2 * a.data,))
    return Value(a.data * b.data, (a, b), (b.data, a.data))


@bank.right(tiny_autograd.mul)
def product_unpacked(u, v, label="u * v"):
    x, y = u.data, v.data
    return Value(x * y, (u, v), (y, x))


bank.right(
    tiny_autograd.mul,
    functools.partial(lambda k, a, b: Value(k * a.data * b.data, (a, b), (k * b.data, k * a.data)), 1),
    label="product-as-a-partial",
)

for mistake, attempt in {
    "swapped": lambda a, b: Value(a.data * b.data, [a, b], [a.data, b.data]),
    "local_of_a_sum": lambda a, b: Value(a.data * b.data, (a, b), (1, 1)),
    "local_is_the_product": lambda a, b: Value(a.data * b.data, (a, b), (a.data * b.data,) * 2),
    "adds": lambda a, b: Value(a.data + b.data, (a, b), (b.data, a.data)),
}.items():
    bank.wrong(tiny_autograd.mul, attempt, mistake=mistake, label=f"mul-{mistake}")


@bank.wrong(tiny_autograd.mul, mistake="swapped")
def product_with_parents_but_not_local_exchanged(a, b):
    return Value(a.data * b.data, (b, a), (b.data, a.data))


@bank.wrong(tiny_autograd.mul, mistake="swapped", says="the local derivative for b")
def product_with_one_local_swapped(a, b):
    return Value(a.data * b.data, (a, b), (b.data, b.data))


@bank.wrong(tiny_autograd.mul, finding="kind", says="local holds a Value")
def product_with_values_as_local(a, b):
    return Value(a.data * b.data, (a, b), (b, a))


@bank.wrong(tiny_autograd.mul, finding="kind", says="b is not among the parents")
def product_that_forgets_b(a, b):
    return Value(a.data * b.data, (a,), (b.data,))


@bank.wrong(tiny_autograd.mul, finding="raised", says="TypeError")
def product_of_values(a, b):
    return Value(a * b, (a, b), (b.data, a.data))


@bank.wrong(tiny_autograd.mul, finding="kind", says="The data of the result is a Value")
def product_in_a_value(a, b):
    return Value(Value(a.data * b.data), (a, b), (b.data, a.data))


@bank.wrong(tiny_autograd.mul, finding="kind", says="returns a tuple")
def product_as_a_tuple(a, b):
    return a.data * b.data, (a, b), (b.data, a.data)


@bank.wrong(tiny_autograd.mul, says="the sign is reversed")
def product_with_a_minus(a, b):
    return Value(-a.data * b.data, (a, b), (b.data, a.data))


# power --------------------------------------------------------------------------------------------------------------


@bank.right(tiny_autograd.power)
def power_in_steps(a, n):
    out = Value(pow(a.data, n))
    out.parents, out.local = [a], [n * pow(a.data, n - 1)]
    return out


@bank.right(tiny_autograd.power)
def power_as_numpy(a, n):
    return Value(np.power(a.data, n, dtype=float), (a,), np.array([n * np.power(a.data, n - 1.0)]))


@bank.right(tiny_autograd.power)
def power_with_other_names(base, exponent):
    x = base.data
    return Value(x**exponent, (base,), (x ** (exponent - 1) * exponent,))


@bank.right(tiny_autograd.power)
def power_by_cases(a, n):
    slope = 1.0 if n == 1 else 2 * a.data if n == 2 else n * a.data**n / a.data
    return Value(a.data**n, (a,), (slope,))


@bank.right(tiny_autograd.power)
def power_as_a_parent_list_of_two(a, n):
    half = n * a.data ** (n - 1) / 2
    return Value(a.data**n, (a, a), (half, half))


for mistake, attempt in {
    "keeps_the_exponent": lambda a, n: Value(a.data**n, (a,), (a.data**n * n,)),
    "forgets_the_factor": lambda a, n: Value(a.data**n, [a], [a.data ** (n - 1)]),
    "as_if_a_square": lambda a, n: Value(a.data**n, (a,), (a.data * n,)),
    "multiplies_by_n": lambda a, n: Value(n * a.data, (a,), (n * a.data ** (n - 1),)),
    "lowers_the_factor": lambda a, n: Value(a.data**n, (a,), (a.data ** (n - 1) * (n - 1),)),
}.items():
    bank.wrong(tiny_autograd.power, attempt, mistake=mistake, label=f"power-{mistake}")


@bank.wrong(tiny_autograd.power, finding="kind", says=("parents should be a tuple but is a Value", "comma"))
def power_without_a_comma(a, n):
    return Value(a.data**n, (a), (n * a.data ** (n - 1)))


@bank.wrong(tiny_autograd.power, finding="kind", says=("local should be a tuple but is the number", "comma"))
def power_with_one_comma(a, n):
    return Value(a.data**n, (a,), (n * a.data ** (n - 1)))


@bank.wrong(tiny_autograd.power, finding="kind", says="the number 2 that was not handed over")
def power_with_n_as_a_parent(a, n):
    return Value(a.data**n, (a, n), (n * a.data ** (n - 1), 0.0))


@bank.wrong(tiny_autograd.power, finding="raised", says=("ZeroDivisionError", "zero"))
def power_divided_by_a(a, n):
    return Value(a.data**n, (a,), (n * a.data**n / a.data,))


@bank.wrong(tiny_autograd.power, finding="raised", says="unsupported operand")
def power_of_the_value(a, n):
    return Value(a**n, (a,), (n * a.data ** (n - 1),))


# tanh ---------------------------------------------------------------------------------------------------------------


@bank.right(tiny_autograd.tanh)
def tanh_as_numpy(a):
    return Value(np.tanh(a.data), [a], [1 / np.cosh(a.data) ** 2])


@bank.right(tiny_autograd.tanh)
def tanh_by_exponentials(a):
    e = math.exp(2 * a.data)
    t = (e - 1) / (e + 1)
    return Value(t, (a,), (1 - t * t,))


@bank.right(tiny_autograd.tanh)
def tanh_from_its_own_result(a):
    out = Value(math.tanh(a.data), (a,))
    out.local = (1 - out.data**2,)
    return out


@bank.right(tiny_autograd.tanh)
def tanh_as_a_product(a):
    t = math.tanh(a.data)
    return Value(t, (a,), ((1 - t) * (1 + t),))


@bank.right(tiny_autograd.tanh)
def tanh_in_single_precision(a):
    t = np.tanh(np.float32(a.data))
    return Value(t, (a,), (np.float32(1) - t**2,))


for mistake, attempt in {
    "forgets_the_square": lambda a: Value(math.tanh(a.data), (a,), (1 - math.tanh(a.data),)),
    "squares_the_argument": lambda a: Value(np.tanh(a.data), (a,), (1 - a.data * a.data,)),
    "falls": lambda a: Value(math.tanh(a.data), (a,), (math.tanh(a.data) ** 2 - 1,)),
    "local_of_the_logistic": lambda a: Value(np.tanh(a.data), (a,), (np.tanh(a.data) * (1 - np.tanh(a.data)),)),
    "local_is_the_result": lambda a: Value(math.tanh(a.data), [a], [math.tanh(a.data)]),
    "tangent": lambda a: Value(math.tan(a.data), (a,), (1 - math.tan(a.data) ** 2,)),
}.items():
    bank.wrong(tiny_autograd.tanh, attempt, mistake=mistake, label=f"tanh-{mistake}")


@bank.wrong(tiny_autograd.tanh, finding="kind", says="comma")
def tanh_without_a_comma(a):
    t = math.tanh(a.data)
    return Value(t, (a), (1 - t**2))


@bank.wrong(tiny_autograd.tanh, finding="raised", says="TypeError")
def tanh_of_the_value(a):
    return Value(math.tanh(a), (a,), (1 - math.tanh(a) ** 2,))


@bank.wrong(tiny_autograd.tanh, says="the local derivative for a")
def tanh_with_the_derivative_of_the_sine(a):
    return Value(math.tanh(a.data), (a,), (math.cos(a.data),))


# topological_order --------------------------------------------------------------------------------------------------


@bank.right(tiny_autograd.topological_order)
def order_by_recursion(root):
    order, seen = [], set()

    def visit(node):
        if node not in seen:
            seen.add(node)
            for parent in node.parents:
                visit(parent)
            order.append(node)

    visit(root)
    return order


@bank.right(tiny_autograd.topological_order)
def order_from_the_last_parent(root, seen=None):
    seen = set() if seen is None else seen
    order = []
    for parent in reversed(root.parents):
        if id(parent) not in seen:
            order += order_from_the_last_parent(parent, seen)
    seen.add(id(root))
    return [*order, root]


@bank.right(tiny_autograd.topological_order)
def order_by_counting_children(root):
    uses, waiting = Counter(), [root]
    seen = {root}
    for node in waiting:
        for parent in node.parents:
            uses[parent] += 1
            if parent not in seen:
                seen.add(parent)
                waiting.append(parent)
    order, ready = deque(), [root]
    while ready:
        node = ready.pop()
        order.appendleft(node)
        for parent in node.parents:
            uses[parent] -= 1
            if not uses[parent]:
                ready.append(parent)
    return order


@bank.right(tiny_autograd.topological_order)
def order_in_a_dict(root):
    order = {}

    def visit(node):
        for parent in node.parents:
            if parent not in order:
                visit(parent)
        order[node] = True

    visit(root)
    return order


@bank.right(tiny_autograd.topological_order)
def order_as_a_generator(root):
    seen = []

    def walk(node):
        if node in seen:
            return
        seen.append(node)
        for parent in node.parents:
            yield from walk(parent)
        yield node

    return walk(root)


@bank.right(tiny_autograd.topological_order)
def order_with_a_stack_of_pairs(root):
    order, seen, stack = [], set(), [(root, False)]
    while stack:
        node, parents_are_done = stack.pop()
        if parents_are_done:
            order.append(node)
        elif node not in seen:
            seen.add(node)
            stack.append((node, True))
            stack.extend((parent, False) for parent in node.parents)
    return tuple(order)


@bank.right(tiny_autograd.topological_order)
def order_by_depth(root):
    depth = {}

    def depth_of(node):
        if node not in depth:
            depth[node] = 1 + max((depth_of(parent) for parent in node.parents), default=0)
        return depth[node]

    depth_of(root)
    return sorted(depth, key=depth.get)


@bank.wrong(tiny_autograd.topological_order, mistake="root_first")
def children_first(root):
    return [*reversed(order_by_recursion(root))]


@bank.wrong(tiny_autograd.topological_order, mistake="visits_twice")
def no_set_of_seen(root):
    order = []
    for parent in root.parents:
        order += no_set_of_seen(parent)
    return [*order, root]


@bank.wrong(tiny_autograd.topological_order, mistake="visits_twice")
def never_adds_to_the_set(root):
    order, seen = [], set()

    def visit(node):
        if node not in seen:
            for parent in node.parents[::-1]:
                visit(parent)
            order.append(node)

    visit(root)
    return order


@bank.wrong(tiny_autograd.topological_order, mistake="appends_before_the_parents")
def appends_on_the_way_down(root):
    order = []

    def visit(node):
        if node not in order:
            order.append(node)
            for parent in node.parents:
                visit(parent)

    visit(root)
    return order


@bank.wrong(tiny_autograd.topological_order, mistake="appends_before_the_parents")
def stack_without_waiting(root):
    order, stack = [], [root]
    while stack:
        node = stack.pop()
        if node not in order:
            order.append(node)
            stack.extend(node.parents)
    return order


@bank.wrong(tiny_autograd.topological_order, mistake="level_by_level")
def breadth_first(root):
    order, queue, seen = [], deque([root]), {root}
    while queue:
        node = queue.popleft()
        order.append(node)
        for parent in reversed(node.parents):
            if parent not in seen:
                seen.add(parent)
                queue.append(parent)
    return list(reversed(order))


@bank.wrong(tiny_autograd.topological_order, mistake="leaves_out_leaves")
def only_results(root):
    return [node for node in order_by_recursion(root) if len(node.parents) > 0]


@bank.wrong(tiny_autograd.topological_order, mistake="leaves_out_the_root")
def only_ancestors(root):
    return [node for node in order_by_recursion(root) if node is not root]


@bank.wrong(tiny_autograd.topological_order, mistake="follows_the_first_parent")
def one_parent_only(root):
    return [*one_parent_only(root.parents[0]), root] if root.parents else [root]


@bank.wrong(tiny_autograd.topological_order, mistake="goes_back_one_step", says="thrown away")
def drops_what_the_call_returns(root):
    order = []
    for parent in root.parents:
        if parent not in order:
            order.append(parent)
            drops_what_the_call_returns(parent)
    order.append(root)
    return order


@bank.wrong(tiny_autograd.topological_order, mistake="appends_inside_the_loop", says="after the loop")
def appends_too_deep(root):
    order, seen = [], []

    def visit(node):
        if node in seen:
            return
        seen.append(node)
        for parent in node.parents:
            visit(parent)
            order.append(node)

    visit(root)
    return order


@bank.wrong(tiny_autograd.topological_order, mistake="compares_numbers")
def list_of_numbers_appended(root):
    order = []

    def visit(node):
        if node.data in [other.data for other in order]:
            return
        for parent in node.parents:
            visit(parent)
        order.append(node)

    visit(root)
    return order


@bank.wrong(tiny_autograd.topological_order, mistake="compares_numbers")
def set_of_numbers(root):
    order, numbers = [], set()

    def visit(node):
        if node.data in numbers:
            return
        numbers.add(node.data)
        for parent in node.parents:
            visit(parent)
        order.append(node)

    visit(root)
    return order


@bank.wrong(tiny_autograd.topological_order, mistake="lists_every_way")
def all_ways_from_the_root(root):
    return [root, *(node for parent in root.parents for node in all_ways_from_the_root(parent))]


def lists_forever(root, order=[], seen=set()):  # noqa: B006 -- the mistake is the default
    if root not in seen:
        seen.add(root)
        for parent in root.parents:
            lists_forever(parent)
        order.append(root)
    return order


bank.wrong(
    tiny_autograd.topological_order,
    lambda root: lists_forever(_strange) and lists_forever(root),
    finding="kind",
    says="default such as order=[] is made only once",
    label="list-as-a-default",
)
_strange = Value(1.0)


@bank.wrong(tiny_autograd.topological_order, finding="kind", says="second call with the same root")
def remembers_what_it_saw(root, seen=set()):  # noqa: B006 -- the mistake is the default
    order = []
    for parent in root.parents:
        if parent not in seen:
            order += remembers_what_it_saw(parent)
    seen.add(root)
    return [*order, root]


@bank.wrong(tiny_autograd.topological_order, finding="kind", says="the number")
def order_of_numbers(root):
    return [node.data for node in order_by_recursion(root)]


@bank.wrong(tiny_autograd.topological_order, finding="kind", says="set, which has no order")
def order_as_a_set(root):
    return set(order_by_recursion(root))


@bank.wrong(tiny_autograd.topological_order, finding="kind", says="returns a Value")
def order_of_one(root):
    return root


@bank.wrong(tiny_autograd.topological_order, finding="none", says="return")
def order_without_return(root):
    order_by_recursion(root)


# backward -----------------------------------------------------------------------------------------------------------


@bank.right(tiny_autograd.backward)
def back_by_index(order):
    order[-1].grad += 1
    for i in range(len(order) - 1, -1, -1):
        node = order[i]
        for k in range(len(node.parents)):
            node.parents[k].grad = node.parents[k].grad + node.local[k] * node.grad


@bank.right(tiny_autograd.backward)
def back_with_a_reset(order):
    for node in order:
        node.grad = 0
    order[-1].grad = 1
    for node in order[::-1]:
        for local, parent in zip(node.local, node.parents, strict=True):
            parent.grad += node.grad * local
    return order


@bank.right(tiny_autograd.backward)
def back_by_popping(order):
    order[-1].grad = np.float64(1)
    while order:
        node = order.pop()
        for parent, local in zip(node.parents, node.local, strict=True):
            parent.grad += local * node.grad


@bank.right(tiny_autograd.backward)
def back_by_collecting(order):
    gradient = dict.fromkeys(order, 0.0) | {order[-1]: 1.0}
    for node in reversed(order):
        for parent, local in zip(node.parents, node.local, strict=True):
            gradient[parent] += local * gradient[node]
    for node, value in gradient.items():
        node.grad = value


@bank.right(tiny_autograd.backward)
def back_by_all_ways(order):
    def flow(node, amount):
        node.grad += amount
        for parent, local in zip(node.parents, node.local, strict=True):
            flow(parent, amount * local)

    flow(order[-1], 1.0)


@bank.right(tiny_autograd.backward)
def back_by_asking_the_children(order):
    order[-1].grad = 1.0
    for place in range(len(order) - 2, -1, -1):
        node = order[place]
        node.grad = sum(
            local * child.grad
            for child in order[place + 1 :]
            for parent, local in zip(child.parents, child.local, strict=True)
            if parent is node
        )


@bank.right(tiny_autograd.backward)
def back_in_single_precision(order):
    order[-1].grad = np.float32(1)
    for node in reversed(order):
        for parent, local in zip(node.parents, node.local, strict=True):
            parent.grad = np.float32(parent.grad + local * node.grad)


def _walk(order, share, *, seed=1.0, backwards=True, put=lambda old, share: old + share):
    if seed is not None:
        order[-1].grad = seed
    for node in reversed(order) if backwards else order:
        for parent, local in zip(node.parents, node.local, strict=True):
            parent.grad = put(parent.grad, share(node, parent, local))


def _chain_rule(node, parent, local):
    return local * node.grad


def _everything_starts_at_one(order):
    for node in order:
        node.grad = 1
    _walk(order, _chain_rule)


def _back_by_recursion(order):
    root = order[-1]
    root.grad = 1.0

    def visit(node):
        for i, parent in enumerate(node.parents):
            parent.grad += node.local[i] * node.grad
            visit(parent)

    visit(root)


def _back_through_the_root_only(order):
    order[-1].grad = 1.0
    for parent, local in zip(order[-1].parents, order[-1].local, strict=True):
        parent.grad += local * order[-1].grad


for label, mistake, attempt in (
    ("assigns", "overwrites", lambda order: _walk(order, _chain_rule, put=lambda old, share: share)),
    ("starts-from-nothing", "no_seed", lambda order: _walk(order, _chain_rule, seed=None)),
    ("does-nothing", "no_seed", lambda order: None),
    ("returns-the-gradients", "no_seed", lambda order: [1.0 for _ in order]),
    ("starts-at-the-wrong-end", "seeds_the_start", lambda order: _walk(order[::-1], _chain_rule)),
    ("root-keeps-its-data", "seeds_with_the_data", lambda order: _walk(order, _chain_rule, seed=order[-1].data)),
    ("from-the-start", "parents_before_children", lambda order: _walk(order, _chain_rule, backwards=False)),
    ("through-the-root-only", "parents_before_children", _back_through_the_root_only),
    ("local-alone", "forgets_the_chain_rule", lambda order: _walk(order, lambda node, parent, local: local)),
    ("local-plus-grad", "adds_along_the_edge", lambda order: _walk(order, lambda n, parent, local: local + n.grad)),
    ("by-recursion", "passes_on_twice", _back_by_recursion),
    ("all-start-at-one", "seeds_every_node", _everything_starts_at_one),
    ("times-data", "multiplies_by_data", lambda order: _walk(order, lambda node, p, local: p.data * node.grad)),
):
    bank.wrong(tiny_autograd.backward, attempt, mistake=mistake, label=f"backward-{label}")


@bank.wrong(tiny_autograd.backward, finding="value")
def back_with_local_reversed(order):
    order[-1].grad = 1.0
    for node in reversed(order):
        for parent, local in zip(node.parents, node.local[::-1], strict=True):
            parent.grad += local * node.grad


@bank.wrong(tiny_autograd.backward, finding="kind", says="should be a number")
def back_with_values(order):
    for node in order:
        node.grad = Value(0.0)


@bank.wrong(tiny_autograd.backward, finding="raised", says=("AttributeError", "root"))
def back_from_a_list(order):
    order.root.grad = 1.0


@bank.wrong(tiny_autograd.backward, finding="not attempted")
def backward_stub(order):
    # YOUR CODE HERE
    raise NotImplementedError()


# divide -------------------------------------------------------------------------------------------------------------


@bank.right(tiny_autograd.divide)
def quotient_by_powers(a, b):
    return Value(a.data * b.data**-1, (a, b), (b.data**-1, a.data * -1 * b.data**-2))


@bank.right(tiny_autograd.divide)
def quotient_from_itself(a, b):
    q = a.data / b.data
    return Value(q, (a, b), (1 / b.data, -q / b.data))


@bank.right(tiny_autograd.divide)
def quotient_of_one_kind(a, b):
    return Value(1.0, (a,), (0.0,)) if a is b else quotient_by_powers(a, b)


def _reciprocal(b):
    return Value(1 / b.data, (b,), (-1 / b.data**2,))


def _product(a, b):
    return Value(a.data * b.data, (a, b), (b.data, a.data))


@bank.right(tiny_autograd.divide)
def quotient_by_two_operations(a, b):
    reciprocal = _reciprocal(b)
    product = _product(a, reciprocal)
    return Value(product.data, (a, b), (product.local[0], product.local[1] * reciprocal.local[0]))


@bank.right(tiny_autograd.divide)
def quotient_as_numpy(a, b):
    return Value(np.divide(a.data, b.data), [b, a], np.array([-a.data / np.square(b.data), np.reciprocal(b.data)]))


for mistake, attempt in {
    "right_at_one": lambda a, b: Value(a.data / b.data, (a, b), (1 / b.data, -(a.data / b.data))),
    "lost_the_minus": lambda a, b: Value(a.data / b.data, (a, b), (1 / b.data, a.data / b.data / b.data)),
    "exchanged": lambda a, b: Value(a.data / b.data, (b, a), (1 / b.data, -a.data / b.data**2)),
    "lost_a": lambda a, b: Value(a.data / b.data, (a, b), (1 / b.data, -(b.data**-2))),
    "squares_both": lambda a, b: Value(a.data / b.data, (a, b), (b.data**-2, -a.data * b.data**-2)),
}.items():
    bank.wrong(tiny_autograd.divide, attempt, mistake=mistake, label=f"divide-{mistake}")
bank.wrong(
    tiny_autograd.divide,
    lambda a, b: Value(b.data / a.data if a.data else 0.0, (a, b), (1 / b.data, -a.data / b.data**2)),
    label="divide-the-other-way-round",
)


@bank.wrong(tiny_autograd.divide, finding="kind", says="not handed over")
def quotient_as_a_longer_graph(a, b):
    return _product(a, _reciprocal(b))


@bank.wrong(tiny_autograd.divide, says="the local derivative for b")
def quotient_minus_the_square(a, b):
    return Value(a.data / b.data, (a, b), (1 / b.data, a.data / -b.data + b.data**2))


# train_neuron -------------------------------------------------------------------------------------------------------


@bank.right(tiny_autograd.train_neuron)
def trains_and_clears_afterwards(params, loss_of, lr, n_epochs):
    losses = []
    for _ in range(n_epochs):
        loss = loss_of(params)
        losses.append(loss.data)
        loss.backward()
        for p in params:
            p.data = p.data - lr * p.grad
            p.grad = 0
    return losses


@bank.right(tiny_autograd.train_neuron)
def trains_with_its_own_backward(params, loss_of, lr, n_epochs):
    losses = np.zeros(n_epochs)
    for epoch in range(n_epochs):
        for p in params:
            p.grad = 0.0
        loss = loss_of(params)
        losses[epoch] = loss.data
        back_by_index(order_by_recursion(loss))
        for p in params:
            p.data -= lr * p.grad
    return losses


@bank.right(tiny_autograd.train_neuron)
def trains_with_fresh_values(params, loss_of, lr, n_epochs):
    losses = []
    while len(losses) < n_epochs:
        loss = loss_of(params)
        losses += [loss.data]
        loss.backward()
        for i, p in enumerate(params):
            params[i] = Value(p.data - lr * p.grad)
    return tuple(losses)


@bank.right(tiny_autograd.train_neuron)
def trains_by_recursion(params, loss_of, lr, n_epochs):
    if n_epochs == 0:
        return []
    loss = loss_of(params)
    before = loss.data
    [setattr(p, "grad", 0.0) for p in params]
    loss.backward()
    [setattr(p, "data", p.data - lr * p.grad) for p in params]
    return [before, *trains_by_recursion(params, loss_of, lr, n_epochs - 1)]


@bank.right(tiny_autograd.train_neuron)
def trains_with_differences_of_gradients(params, loss_of, lr, n_epochs):
    losses, before = [], [0.0] * len(params)
    for epoch in range(n_epochs):
        loss = loss_of(params)
        loss.backward()
        losses.append(float(loss.data))
        print("epoch", epoch, "loss", loss.data)
        for i, p in enumerate(params):
            p.data -= lr * (p.grad - before[i])
            before[i] = p.grad
    return losses


def _loop(params, loss_of, lr, n_epochs, *, zero=True, after=False):
    losses = []
    for _ in range(n_epochs):
        loss = loss_of(params)
        for p in params:
            p.grad = 0.0 if zero else p.grad
        loss.backward()
        for p in params:
            p.data -= lr * p.grad
        losses.append(loss_of(params).data if after else loss.data)
    return losses


@bank.wrong(tiny_autograd.train_neuron, mistake="accumulates", says="lesson 04")
def never_zeroes(params, loss_of, lr, n_epochs):
    return _loop(params, loss_of, lr, n_epochs, zero=False)


@bank.wrong(tiny_autograd.train_neuron, mistake="uphill")
def climbs(params, loss_of, lr, n_epochs):
    return _loop(params, loss_of, -lr, n_epochs)


@bank.wrong(tiny_autograd.train_neuron, mistake="forgets_lr")
def whole_gradient(params, loss_of, lr, n_epochs):
    return _loop(params, loss_of, 1, n_epochs)


@bank.wrong(tiny_autograd.train_neuron, mistake="records_after_update")
def records_late(params, loss_of, lr, n_epochs):
    return _loop(params, loss_of, lr, n_epochs, after=True)


@bank.wrong(tiny_autograd.train_neuron, mistake="builds_the_graph_once")
def one_graph_for_all(params, loss_of, lr, n_epochs):
    loss, losses = loss_of(params), []
    for _ in range(n_epochs):
        losses.append(loss.data)
        for p in params:
            p.grad = 0.0
        loss.backward()
        for p in params:
            p.data -= lr * p.grad
    return losses


@bank.wrong(tiny_autograd.train_neuron, mistake="never_moves", says="p = p - lr * p.grad")
def gives_the_name_to_a_new_value(params, loss_of, lr, n_epochs):
    losses = []
    for _ in range(n_epochs):
        loss = loss_of(params)
        losses.append(loss.data)
        loss.backward()
        for p in params:
            p = p - lr * p.grad
            p.grad = 0.0
    return losses


@bank.wrong(tiny_autograd.train_neuron, mistake="never_moves", says="between backward and the update")
def zeroes_too_late(params, loss_of, lr, n_epochs):
    losses = []
    for _ in range(n_epochs):
        loss = loss_of(params)
        losses.append(loss.data)
        loss.backward()
        for p in params:
            p.grad = 0.0
            p.data -= lr * p.grad
    return losses


@bank.wrong(tiny_autograd.train_neuron, mistake="trains_copies")
def a_new_list(params, loss_of, lr, n_epochs):
    losses = []
    for _ in range(n_epochs):
        loss = loss_of(params)
        losses.append(loss.data)
        loss.backward()
        params = [p - lr * p.grad for p in params]
    return losses


@bank.wrong(tiny_autograd.train_neuron, mistake="one_epoch_short", says="range")
def counts_from_one(params, loss_of, lr, n_epochs):
    return _loop(params, loss_of, lr, len(range(1, n_epochs)))


@bank.wrong(tiny_autograd.train_neuron, mistake="one_epoch_long")
def counts_to_the_end(params, loss_of, lr, n_epochs):
    return _loop(params, loss_of, lr, n_epochs + 1)


@bank.wrong(tiny_autograd.train_neuron, mistake="returns_in_the_loop")
def leaves_after_the_first(params, loss_of, lr, n_epochs):
    losses = []
    for _ in range(n_epochs):
        losses += _loop(params, loss_of, lr, 1)
        return losses


@bank.wrong(tiny_autograd.train_neuron, finding="kind", says="loss.data")
def keeps_the_graphs(params, loss_of, lr, n_epochs):
    losses = []
    for _ in range(n_epochs):
        for p in params:
            p.grad = 0.0
        losses.append(loss_of(params))
        losses[-1].backward()
        for p in params:
            p.data -= lr * p.grad
    return losses


@bank.wrong(tiny_autograd.train_neuron, finding="kind", says="list of the parameters themselves")
def hands_over_numbers(params, loss_of, lr, n_epochs):
    return [loss_of([p.data for p in params]).data for _ in range(n_epochs)]


@bank.wrong(tiny_autograd.train_neuron, finding="kind", says="losses alone")
def returns_params_too(params, loss_of, lr, n_epochs):
    return params, _loop(params, loss_of, lr, n_epochs)


@bank.right(tiny_autograd.train_neuron)
def trains_b_and_w_by_name(params, loss_of, lr, n_epochs):
    b, w = params
    losses = []
    for _ in range(n_epochs):
        b.grad = w.grad = 0.0
        loss = loss_of([b, w])
        losses.append(loss.data)
        loss.backward()
        b.data, w.data = b.data - lr * b.grad, w.data - lr * w.grad
    return losses


@bank.wrong(tiny_autograd.train_neuron, finding="kind", says="losses")
def only_the_last_loss(params, loss_of, lr, n_epochs):
    losses = _loop(params, loss_of, lr, n_epochs)
    return losses[-1] if losses else 0.0


@bank.wrong(tiny_autograd.train_neuron, finding="value", says="params")
def zeroes_the_first_only(params, loss_of, lr, n_epochs):
    losses = []
    for _ in range(n_epochs):
        loss = loss_of(params)
        losses.append(loss.data)
        params[0].grad = 0.0
        loss.backward()
        for p in params:
            p.data -= lr * p.grad
    return losses
