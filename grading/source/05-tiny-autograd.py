# %% [markdown] locked="head"
# # 05 · Build a tiny autograd
#
# **You will** write what stands behind `loss.backward()`: about forty lines that find the gradient of any expression
# you can type. Then you will train a neuron with them.
#
# **You will learn**
# - how a number can remember where it came from, and what a *computation graph* is;
# - the two rules by which gradients travel through a graph: multiply along an edge, add where ways meet;
# - why the order of the nodes matters, and why PyTorch adds to `.grad` where you might expect it to overwrite.
#
# **You need** lesson 04, Python classes, and the chain rule. No PyTorch here, and hardly any NumPy.
#
# **It takes** about 60 minutes. There are 16 points: 14 for code, 2 for a short quiz.
#
# Every exercise is checked alone. If one resists, go on and come back: no later check needs your earlier answers.
# Stuck? Put `tiny_autograd.mul.hint()` (or the name of another exercise) into a new cell.

# %% locked="imports"
import math
import sys

import numpy as np

from gdexercises import figures, tiny_autograd
from gdexercises.tuning import tiny_autograd as panels

# %% [markdown]
# ## A number that remembers
#
# In lesson 01 you found the gradients with pencil and paper. In lesson 04 PyTorch found them, and did not say how. Here
# is the idea: a computer works out an expression step by step, and every step is an operation so simple that its
# derivative stands in every textbook. If each result remembers which operation made it, the rest is bookkeeping.
#
# So here is a number with a memory. This is all of it.


# %% locked="value"
class Value:
    """A number that remembers what it was computed from."""

    def __init__(self, data, parents=(), local=()):
        self.data = data  # the number itself
        self.grad = 0.0  # derivative of the end result by this number, once backward has run
        self.parents = parents  # the Values that it was computed from
        self.local = local  # its derivative by each parent, in the same order

    def __repr__(self):
        return f"Value(data={self.data}, grad={self.grad})"


# %% [markdown]
# A Value that you make yourself, such as `Value(2.0)`, has no parents. A Value that is computed has some, and for each
# of them one *local derivative*: how fast this result grows if that parent grows a little and all else stays as it is.
# "Local" says that it is about this one operation only, whatever comes after it.

# %% [markdown]
# ## Rung 1: operations
#
# An operation takes Values and returns a new one, with three things in it: the number, the parents, and a local
# derivative for each parent.
#
# ### Exercise: add (1 point)
#
# **Predict before you run:** $a = 2$, $b = 3$. If $a$ grows by 0.01, by how much does $a + b$ grow? Does your answer
# depend on $b$?


# %% solution="add"
def add(a, b):
    """The sum of two Values.

    Returns a new Value: its data, the tuple of its parents, the tuple of its local derivatives.
    """
    ### BEGIN SOLUTION
    return Value(a.data + b.data, (a, b), (1.0, 1.0))
    ### END SOLUTION


# %% check="add" points=1
tiny_autograd.add.check(add)

# %% [markdown]
# ### Exercise: mul (2 points)
#
# The same for the product. **Predict before you run:** $a = 2$, $b = 5$. If $a$ grows by 0.01, by how much does
# $a \cdot b$ grow? So which of the two numbers is the local derivative for $a$?


# %% solution="mul"
def mul(a, b):
    """The product of two Values.

    Returns a new Value: its data, the tuple of its parents, the tuple of its local derivatives.
    """
    ### BEGIN SOLUTION
    return Value(a.data * b.data, (a, b), (b.data, a.data))
    ### END SOLUTION


# %% check="mul" points=2
tiny_autograd.mul.check(mul)

# %% [markdown]
# ### Exercise: power (1 point)
#
# A Value to the power of a plain number $n$. You know the rule:
#
# $$\frac{d\, a^n}{d a} = n \, a^{n-1}$$
#
# There is only one parent here, since $n$ is no Value. (Python writes a tuple with one entry as `(a,)`. Without the
# comma it is just `a` in brackets.)


# %% solution="power"
def power(a, n):
    """The Value a to the power n. n is a plain number.

    Returns a new Value: its data, the tuple of its one parent, the tuple of its one local derivative.
    """
    ### BEGIN SOLUTION
    return Value(a.data**n, (a,), (n * a.data ** (n - 1),))
    ### END SOLUTION


# %% check="power" points=1
tiny_autograd.power.check(power)

# %% [markdown]
# ### Exercise: tanh (1 point)
#
# The last operation is a curve that rises from $-1$ to $1$, the hyperbolic tangent, `math.tanh` in Python. Neurons use
# it to bend a line. Its derivative has a handy form: if $t = \tanh(a)$ is the result, then
#
# $$\frac{d\, t}{d a} = 1 - t^2$$


# %% solution="tanh"
def tanh(a):
    """The hyperbolic tangent of a Value.

    Returns a new Value: its data, the tuple of its one parent, the tuple of its one local derivative.
    """
    ### BEGIN SOLUTION
    t = math.tanh(a.data)
    return Value(t, (a,), (1 - t**2,))
    ### END SOLUTION


# %% check="tanh" points=1
tiny_autograd.tanh.check(tanh)

# %% [markdown]
# ## The graph
#
# Now compute something, one operation at a time. Note that $a$ is used twice.

# %%
a, b = Value(0.5), Value(1.0)
c = mul(a, b)
d = add(c, a)
e = tanh(d)

nodes = {"a": a, "b": b, "c = a·b": c, "d = c + a": d, "e = tanh(d)": e}
panels.graph(nodes)

# %% [markdown]
# This is the *computation graph* of $e = \tanh(ab + a)$. Every Value is a *node*. An arrow goes from a parent to what
# was computed from it, its *child*, and bears the local derivative. Nodes without parents are the *leaves*, here $a$
# and $b$. The node at the end is the *root*.
#
# The gradients are all 0 still. You want `grad` to be the derivative of the root by each node. Two rules give it:
#
# 1. **Along an arrow, multiply.** If $d$ grows by a little, $e$ grows by 0.42 of that. And $c$ makes $d$ grow by as
#    much as itself. So $c$ makes $e$ grow by $1 \cdot 0.42$. This is the chain rule.
# 2. **Where ways meet, add.** $a$ reaches $e$ on two ways: through $c$, and straight into $d$. If $a$ grows, both are
#    at work, so their shares add up.
#
# In a formula: the gradient of a node is the sum over its children,
#
# $$\frac{\partial\, \text{root}}{\partial\, \text{node}} = \sum_{\text{children}}
# \frac{\partial\, \text{child}}{\partial\, \text{node}} \cdot \frac{\partial\, \text{root}}{\partial\, \text{child}}$$
#
# The first factor is a local derivative, and stands on the arrow. The second is the gradient of the child. So begin at
# the root and walk back.
#
# **Predict before you run:** work out `a.grad` and `b.grad` from the picture, before any code does.

# %% [markdown]
# ## Rung 2: the order
#
# Walk back, but how? The obvious way is to start at the root, give each parent its share, and go on from there.
# A function that calls itself does that in five lines.


# %% locked="naive"
def walk_of_a_colleague(root):
    def visit(node):
        for parent, local in zip(node.parents, node.local, strict=True):
            parent.grad += local * node.grad
            visit(parent)

    root.grad = 1.0
    visit(root)


# %% [markdown]
# To judge it you need the truth. Lesson 02 has it: move each input up and down a little, and see how far the result
# moves.


# %% locked="central-differences"
def central_differences(f, numbers, h=1e-5):
    """The slope of f by each of its inputs. f takes Values and returns one."""
    slopes = []
    for i in range(len(numbers)):
        up, down = list(numbers), list(numbers)
        up[i] += h
        down[i] -= h
        slopes.append((f(*map(Value, up)).data - f(*map(Value, down)).data) / (2 * h))
    return slopes


# %%
def square_of_product(a, b):
    c = mul(a, b)
    return mul(c, c)


a, b = Value(2.0), Value(3.0)
walk_of_a_colleague(square_of_product(a, b))
print("walk of a colleague:", a.grad, b.grad)
print("central differences:", central_differences(square_of_product, [2.0, 3.0]))

# %% [markdown]
# One and a half times what it should be. What happened? The root uses $c$ twice, so the walk comes to $c$ twice. The
# first time `c.grad` is 6, half of what it will be, and $c$ passes that on. The second time it is 12, and $c$ passes
# on all 12: the first 6 are counted again.
#
# The cure: **a node may pass on its gradient only when that is complete**, which is when all its children have had
# their turn. So put the nodes in an order first: every node after its parents. Read backwards, every node then comes
# after its children, and a single walk will do. Such an order is called *topological*.
#
# ### Exercise: topological_order (3 points)
#
# Return a list of all nodes that the root was computed from, with the root itself at the end. Each node is in the list
# once, after all of its parents. Often several orders are right, and the check takes them all.
#
# Nodes can be put into a set: `seen = set()`, `seen.add(node)`, `node in seen`.


# %% solution="topological_order"
def topological_order(root):
    """All nodes of the graph that ends in root, each once and after its parents.

    Returns a list of Values. The root is the last.
    """
    ### BEGIN SOLUTION
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
    ### END SOLUTION


# %% check="topological_order" points=3
tiny_autograd.topological_order.check(topological_order)

# %%
names = {id(node): name for name, node in nodes.items()}
print([names[id(node)] for node in topological_order(e)])

# %% [markdown]
# How long a chain can your function stand? Here are 5000 additions, one after the other.
#
# **Predict before you run:** if your function calls itself for each parent, how many calls wait for each other here?

# %%
total, one = Value(0.0), Value(1.0)
for _ in range(5000):
    total = add(total, one)

try:
    print(len(topological_order(total)), "nodes")
except RecursionError:
    print(f"RecursionError: this chain needs 5000 calls inside each other; Python allows {sys.getrecursionlimit()}.")

# %% [markdown]
# If you see `RecursionError`, your answer is still right, and good for everything in this lesson. It only has a limit,
# which a loop over a long series of data would hit. The cure is to keep your own list of the nodes that still wait, in
# place of calls that wait: lists may grow as long as memory lasts.

# %% [markdown]
# ## Rung 3: the walk back
#
# ### Exercise: backward (3 points)
#
# You are handed a topological order, and the gradients in it are all 0. Fill them in. The root comes first: its
# derivative by itself is 1. That is the *seed*. From there, rules 1 and 2.
#
# Nothing is returned. The result is in the nodes, in `node.grad`.


# %% solution="backward"
def backward(order):
    """Add to the grad of each node the derivative of the last node by it.

    order: list of all nodes of a graph, each after its parents.
    """
    ### BEGIN SOLUTION
    order[-1].grad = 1.0
    for node in reversed(order):
        for parent, local in zip(node.parents, node.local, strict=True):
            parent.grad += local * node.grad
    ### END SOLUTION


# %% check="backward" points=3
tiny_autograd.backward.check(backward)

# %% [markdown]
# Here is the graph from above once more, now with its gradients. Were your predictions right?

# %%
for node in nodes.values():
    node.grad = 0.0  # so that running this cell again does not add to what is there

backward(topological_order(e))
print("a.grad:", nodes["a"].grad)
print("b.grad:", nodes["b"].grad)
panels.graph(nodes)

# %% [markdown]
# And the expression on which the colleague's walk failed:

# %%
a, b = Value(2.0), Value(3.0)
backward(topological_order(square_of_product(a, b)))
print("your walk back:     ", a.grad, b.grad)
print("central differences:", central_differences(square_of_product, [2.0, 3.0]))

# %% [markdown]
# ## All as one
#
# What is left is comfort. Python calls `Value.__add__` when it sees a `+` between Values, so hand it your functions,
# and you can write formulas as usual. Plain numbers are wrapped into Values on the way.


# %% locked="operators"
def as_value(number):
    return number if isinstance(number, Value) else Value(number)


Value.__add__ = Value.__radd__ = lambda self, other: add(self, as_value(other))
Value.__mul__ = Value.__rmul__ = lambda self, other: mul(self, as_value(other))
Value.__pow__ = lambda self, n: power(self, n)
Value.__neg__ = lambda self: self * -1
Value.__sub__ = lambda self, other: self + -other
Value.__rsub__ = lambda self, other: -self + other
Value.tanh = lambda self: tanh(self)
Value.backward = lambda self: backward(topological_order(self))


# %% [markdown]
# That is an autograd. Give it something that you would not like to differentiate by hand:
#
# $$f(a, b) = \left(\tanh(ab + a) - 3b\right)^2 \cdot a$$


# %%
def f(a, b):
    return ((a * b + a).tanh() - 3 * b) ** 2 * a


a, b = Value(0.5), Value(-0.4)
f(a, b).backward()
print("your autograd:      ", a.grad, b.grad)
print("central differences:", *central_differences(f, [0.5, -0.4]))

# %% [markdown]
# They agree in ten digits. The autograd is the exact one of the two: its local derivatives have no $h$ in
# them.
#
# And there is a second difference. Central differences computed $f$ twice for *each* input. Your walk found *all*
# gradients in one go, whether there are two inputs or two million. This is called *reverse mode*, and it is why neural
# networks can be trained at all.

# %% [markdown]
# ## Watch it
#
# The graph again, in slow motion. Step through it: first the values fill in from left to right, then the gradients from
# right to left. The panel runs *your* code.
#
# Find out:
# 1. At which step is `a.grad` only half done, and why must `a` wait?
# 2. Choose $b$ so that `a.grad` becomes 0. Which two shares cancel?
# 3. Set $a$ to 2 and $b$ to 2. What happens to all gradients, and which local derivative is to blame?


# %%
def expression(a, b):
    a, b = Value(a), Value(b)
    c = a * b
    d = c + a
    e = d.tanh()
    e.backward()
    return {"a": a, "b": b, "c = a·b": c, "d = c + a": d, "e = tanh(d)": e}


panels.walk_back(expression, a=0.5, b=1.0)

# %% [markdown]
# With $b = -1$ the share through $c$ is the exact opposite of the one straight into $d$. With $a = b = 2$ the tanh is
# so far out on its flat end that $1 - t^2$ is almost 0. It is one factor in every gradient, so they all *vanish*. A
# neuron that is too sure of itself hardly learns.

# %% [markdown]
# ## Find the bug (1 point)
#
# A colleague adds division. He is careful, and compares with central differences.


# %% locked="bug-shown"
def divide_of_a_colleague(a, b):
    return Value(a.data / b.data, (a, b), (1 / b.data, -a.data / b.data))


a, b = Value(3.0), Value(1.0)
divide_of_a_colleague(a, b).backward()
print("autograd:           ", a.grad, b.grad)
print("central differences:", *central_differences(divide_of_a_colleague, [3.0, 1.0]))

# %% [markdown]
# All digits that count agree. It is wrong all the same. He tried one point only, and a special one.
#
# Here is his function again. Put other numbers into a test like his until you see it fail. Then repair it.


# %% solution="divide"
def divide(a, b):
    """The quotient a / b of two Values.

    Returns a new Value: its data, the tuple of its parents, the tuple of its local derivatives.
    """
    ### BEGIN SOLUTION
    return Value(a.data / b.data, (a, b), (1 / b.data, -a.data / b.data**2))
    ### STUB
    # return Value(a.data / b.data, (a, b), (1 / b.data, -a.data / b.data))
    ### END SOLUTION


# %% check="divide" points=1
tiny_autograd.divide.check(divide)

# %%
Value.__truediv__ = lambda self, other: divide(self, as_value(other))

a, b = Value(3.0), Value(2.0)
(a / b).backward()
print("autograd:           ", a.grad, b.grad)
print("central differences:", *central_differences(divide, [3.0, 2.0]))

# %% [markdown]
# ## Train a neuron
#
# A neuron is the line of lesson 01 with a bend:
#
# $$\hat{y} = \tanh(b + w x)$$
#
# Finding its gradients by hand would be a page of algebra, and another page for the next model. From now on nobody has
# to.
#
# The data: $N = 20$ points near such a curve, made with $b = 1$ and $w = 2$ and a little noise. They are lists of plain
# numbers, since a Value holds one number.

# %% locked="data"
rng = np.random.RandomState(42)
N = 20
x = rng.uniform(-2, 2, N).tolist()
y = (np.tanh(1 + 2 * np.array(x)) + 0.1 * rng.randn(N)).tolist()

# %% [markdown]
# **Step 0, initialize.** The parameters are Values. They are the leaves that you want gradients for.

# %% locked="initialize"
rng = np.random.RandomState(42)
params = [Value(number) for number in rng.randn(2)]
b, w = params
print("b:", b)
print("w:", w)
panels.neuron(x, y, b.data, w.data)


# %% [markdown]
# **Step 1, predict,** and **step 2, loss.** These are the functions of lesson 01, for lists. There is no gradient in
# them anywhere. They just compute, and the Values remember.


# %% locked="forward"
def predict(x, b, w):
    return [(b + w * x_i).tanh() for x_i in x]


def mse(yhat, y):
    squares = [(yhat_i - y_i) ** 2 for yhat_i, y_i in zip(yhat, y, strict=True)]
    return sum(squares) * (1 / len(squares))


def loss_of(params):
    b, w = params
    return mse(predict(x, b, w), y)


loss = loss_of(params)
print("loss:", loss.data)
print("nodes in its graph:", len(topological_order(loss)))

# %% [markdown]
# **Step 3, gradients,** is one call. Is it right for a graph of this size too?

# %%
loss_of(params).backward()
print("autograd:           ", b.grad, w.grad)
print("central differences:", *central_differences(lambda b, w: loss_of([b, w]), [b.data, w.data]))

# %% [markdown]
# **Predict before you run:** what is in `b.grad` if you compute the loss again and call `backward` a second time?

# %%
loss_of(params).backward()
print("after a second walk:", b.grad, w.grad)

b.grad = w.grad = 0.0  # clear up after the experiment

# %% [markdown]
# Twice as much. Each loss has a graph of its own, new from the first node to the last, with one exception: the
# parameters are leaves of both. And your walk *adds*, since a node may be used twice. So here is the reason why lesson
# 04 had to zero its gradients: the `+=` that is needed inside a graph also adds up across graphs. Nobody but you knows
# when one sum ends and the next begins.
#
# ### Exercise: train_neuron (2 points)
#
# **Step 4, update,** and **step 5, repeat.** Write the loop. `loss_of` is handed to you as an argument and does steps
# 1 and 2. The parameters are changed in place: set `p.data`. (`p = p - …` would make a new Value and leave the
# parameter as it was.)


# %% solution="train_neuron"
def train_neuron(params, loss_of, lr, n_epochs):
    """Gradient descent on the data of the Values in params.

    params: list of Values. loss_of: loss_of(params) returns the loss as a Value; its backward() adds to each p.grad.
    lr: learning rate. n_epochs: how many updates.

    Returns losses, a list of numbers: losses[i] is the loss just before update i.
    """
    ### BEGIN SOLUTION
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
    ### END SOLUTION


# %% check="train_neuron" points=2
tiny_autograd.train_neuron.check(train_neuron)

# %%
losses = train_neuron(params, loss_of, lr=0.5, n_epochs=500)
print(f"b = {b.data:.4f}, w = {w.data:.4f}, loss = {loss_of(params).data:.6f}")
panels.neuron(x, y, b.data, w.data)

# %%
figures.loss_curve(losses)

# %% [markdown]
# The curve has found the points, and the loss is about the variance of the noise, $0.1^2$. As in lesson 01, the
# parameters are not exactly 1 and 2: for *these* 20 points another pair is better.
#
# Look at what you have not done. You did not differentiate the neuron. Change `predict` to two neurons, or to something
# without a name, and the same three rungs train it.

# %% [markdown]
# ## Quiz (2 points)
#
# Answer each question with a set of letters, such as `{"a", "c"}`. The check says for each wrong letter why it is
# wrong.

# %% [markdown] locked="question-1"
# **Question 1.**
#
# {{ quiz: tiny_autograd.share_of_a_product }}

# %% solution="share_of_a_product"
### BEGIN SOLUTION
share_of_a_product = {"c"}
### STUB
# share_of_a_product = ...
### END SOLUTION

# %% check="share_of_a_product" points=0.5
tiny_autograd.share_of_a_product.check(share_of_a_product)

# %% [markdown] locked="question-2"
# **Question 2.**
#
# {{ quiz: tiny_autograd.equals_for_plus }}

# %% solution="equals_for_plus"
### BEGIN SOLUTION
equals_for_plus = {"a", "c"}
### STUB
# equals_for_plus = ...
### END SOLUTION

# %% check="equals_for_plus" points=0.5
tiny_autograd.equals_for_plus.check(equals_for_plus)

# %% [markdown] locked="question-3"
# **Question 3.**
#
# {{ quiz: tiny_autograd.topological }}

# %% solution="topological"
### BEGIN SOLUTION
topological = {"a", "b"}
### STUB
# topological = ...
### END SOLUTION

# %% check="topological" points=0.5
tiny_autograd.topological.check(topological)

# %% [markdown] locked="question-4"
# **Question 4.**
#
# {{ quiz: tiny_autograd.price_of_a_gradient }}

# %% solution="price_of_a_gradient"
### BEGIN SOLUTION
price_of_a_gradient = {"a", "b"}
### STUB
# price_of_a_gradient = ...
### END SOLUTION

# %% check="price_of_a_gradient" points=0.5
tiny_autograd.price_of_a_gradient.check(price_of_a_gradient)

# %% [markdown] locked="tail"
# ## What you now know
#
# - Each operation knows its local derivatives, and nothing else about calculus is needed.
# - Gradients travel from the root to the leaves: multiply along an arrow, add where ways meet.
# - A node passes its gradient on once, when it is complete. The topological order sees to that.
# - Gradients add up, inside a graph because they must, and across graphs unless you set them to 0.
# - A gradient check at one special point proves little.
#
# PyTorch's autograd is this, with arrays in place of single numbers and several hundred operations in place of five.
# What it calls `grad_fn` plays the part of your `parents` and `local`.
#
# In nbgrader, press **Validate** in the toolbar to run all checks once more from top to bottom before you submit.
#
# **Next: lesson 06**, in which a curve is fitted that looks right while one of its parameters has hardly moved.
