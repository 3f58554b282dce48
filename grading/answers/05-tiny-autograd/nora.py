# base: blank
# Half done: the operations, of which the last is not right yet, and the walk back without the order it needs.

# %% add
def add(a, b):
    return Value(a.data + b.data, (a, b), (1, 1))

# %% mul
def mul(a, b):
    return Value(a.data * b.data, (a, b), (b.data, a.data))

# %% power
def power(a, n):
    return Value(a.data**n, (a,), (n * a.data ** (n - 1),))

# %% tanh
def tanh(a):
    t = math.tanh(a.data)
    return Value(t, (a,), (1 - a.data**2,))

# %% backward
def backward(order):
    order[-1].grad = 1
    for node in reversed(order):
        for parent, local in zip(node.parents, node.local):
            parent.grad += local * node.grad
