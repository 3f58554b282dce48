# base: blank
# Right, in a style of her own: attributes set afterwards, recursion, indices, letters as text.

# %% add
def add(left, right):
    out = Value(left.data + right.data)
    out.parents = [left, right]
    out.local = [1, 1]
    return out

# %% mul
def mul(a, b):
    if not isinstance(b, Value):
        b = Value(b)
    return Value(a.data * b.data, (b, a), (a.data, b.data))

# %% power
def power(a, n):
    return Value(pow(a.data, n), [a], [n * pow(a.data, n - 1)])

# %% tanh
def tanh(a):
    return Value(np.tanh(a.data), (a,), np.array([1 / np.cosh(a.data) ** 2]))

# %% topological_order
def topological_order(root):
    order, seen = [], set()

    def visit(node):
        if node not in seen:
            seen.add(node)
            for parent in reversed(node.parents):
                visit(parent)
            order.append(node)

    visit(root)
    return order

# %% backward
def backward(order):
    order[-1].grad += 1
    for i in range(len(order) - 1, -1, -1):
        node = order[i]
        for k, parent in enumerate(node.parents):
            parent.grad = parent.grad + node.grad * node.local[k]

# %% divide
def divide(a, b):
    q = a.data / b.data
    return Value(q, (a, b), (1 / b.data, -q / b.data))

# %% train_neuron
def train_neuron(params, loss_of, lr, n_epochs):
    losses = []
    while len(losses) < n_epochs:
        loss = loss_of(params)
        losses += [loss.data]
        backward(topological_order(loss))
        for p in params:
            p.data, p.grad = p.data - lr * p.grad, 0
    return losses

# %% share_of_a_product
share_of_a_product = "c"

# %% equals_for_plus
equals_for_plus = ["c", "a"]

# %% topological
topological = ("a", "b")

# %% price_of_a_gradient
price_of_a_gradient = "a, b"
