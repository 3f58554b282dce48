# %% [markdown] locked="head"
# # 04 · Autograd: PyTorch computes the gradients
#
# **You will** write the five steps once more, with PyTorch, train on all points and on one point at a time, and repair
# three programs that use PyTorch in ways that look right.
#
# **You will learn**
# - what a tensor is, what a *leaf* is, and what `requires_grad` asks for;
# - what `loss.backward()` does, where it leaves the gradients, and why it *adds* them;
# - why an update stands inside `torch.no_grad()`, and what happens if it does not;
# - why a learning rate that is right for all points together can blow up with one at a time.
#
# **You need** lesson 01, whose formulas PyTorch now finds by itself, and lesson 03 for the word *curvature*.
#
# **It takes** about 75 minutes. There are 18 points: 16 for code, 2 for a short quiz.
#
# The checks look at more than numbers: whether a gradient gets through, which tensors change, and what is kept in
# memory. Stuck? Put `autograd.step.hint()` (or the name of another exercise) into a new cell.

# %% locked="needs-torch"
# This import comes first: if PyTorch is missing, it says in one line how to install it.
from gdexercises import autograd

print("PyTorch is here, version", autograd.torch.__version__)

# %% locked="imports"
import warnings

import numpy as np
import torch

from gdexercises.tuning import autograd as panels

# %% [markdown]
# In lesson 01, step 3 was work: you took the derivative of the loss by each parameter, by hand, and there were three
# places to slip. For a model with a million parameters nobody does that. *Autograd*, automatic differentiation, does:
# you write steps 1 and 2, and it finds step 3.

# %% [markdown]
# ## Tensors
#
# The data are those of lesson 03: 100 points near $y = -5x$. First as NumPy arrays, as you had them there, then as
# PyTorch's *tensors*.

# %% locked="data"
rng = np.random.default_rng(42)
x_array = np.arange(-5, 5, 0.1).reshape(-1, 1)
y_array = -5 * x_array + 0.4 * rng.standard_normal((100, 1))

x = torch.tensor(x_array, dtype=torch.float32)
y = torch.tensor(y_array, dtype=torch.float32)
b_start, w_start = -20.0, -10.0

print("array: ", x_array.shape, x_array.dtype, y_array[:3].ravel())
print("tensor:", tuple(x.shape), x.dtype, y[:3].ravel())

# %% [markdown]
# A tensor is an array that can do two things more. It can live on a graphics card (ours does not), and it can remember
# how it was computed. Arithmetic, `.mean()`, slices and broadcasting are as you know them.
#
# One difference you will meet at once: NumPy computes with 64 bits, about sixteen digits, and PyTorch with 32 bits,
# about seven, unless you say otherwise. Seven are plenty for training.

# %% [markdown]
# ## Step 0: initialize
#
# The parameters are tensors too, and you want gradients by them. `requires_grad=True` says so.

# %%
b = torch.tensor(b_start, requires_grad=True)
w = torch.tensor(w_start, requires_grad=True)
print("b:", b)
print("b: requires_grad", b.requires_grad, "| leaf", b.is_leaf, "| grad", b.grad)
print("x: requires_grad", x.requires_grad, "| leaf", x.is_leaf, "| grad", x.grad)

# %% [markdown]
# A *leaf* is a tensor that you made, and that was not computed from tensors that require gradients. `b`, `w`, `x` and
# `y` are leaves. Only `b` and `w` ask for a gradient, and theirs will be left in `.grad`. So far there is none.

# %% [markdown]
# ## Step 1: predict
#
# $$\hat{y} = b + w x$$
#
# ### Exercise: forward (1 point)
#
# PyTorch's word for this step is the *forward pass*.


# %% solution="forward"
def forward(x, b, w):
    """Predictions of the line with intercept b and slope w.

    x: tensor of shape (N, 1). b, w: tensors of shape (), one number each.

    Returns yhat, a tensor of shape (N, 1), through which gradients get back to b and w.
    """
    ### BEGIN SOLUTION
    return b + w * x
    ### END SOLUTION


# %% check="forward" points=1
autograd.forward.check(forward)

# %% [markdown]
# ## Step 2: loss
#
# The mean squared error, as always. PyTorch's word for what measures the loss is the *criterion*.
#
# ### Exercise: criterion (1 point)


# %% solution="criterion"
def criterion(yhat, y):
    """Mean squared error.

    yhat, y: tensors of shape (N, 1).

    Returns the loss, a tensor of shape (), through which gradients get back to yhat.
    """
    ### BEGIN SOLUTION
    return ((yhat - y) ** 2).mean()
    ### END SOLUTION


# %% check="criterion" points=1
autograd.criterion.check(criterion)

# %% [markdown]
# Now look at what comes out.

# %%
yhat = forward(x, b, w)
loss = criterion(yhat, y)
print("loss:", loss)
print("loss: requires_grad", loss.requires_grad, "| leaf", loss.is_leaf)

# %% [markdown]
# The number is there, and something behind it: `grad_fn`. Because `b` and `w` require gradients, PyTorch has recorded
# each operation on the way from them to the loss. The records form a *graph*. Here it is.

# %%
panels.graph(loss, {"b": b, "w": w})

# %% [markdown]
# (If you wrote the formula in another way, yours has other boxes. That is fine.) Each box knows the derivative of one
# small operation. To get the derivative of the loss by $w$, walk from the loss back to $w$ and multiply the
# derivatives on the way: the chain rule, one link at a time. You build such a machine yourself in lesson 05.
#
# This function counts the nodes. You will need it again.


# %% locked="graph-size"
def graph_size(tensor):
    """The number of nodes in the graph behind a tensor."""
    nodes, left = set(), [tensor.grad_fn]
    while left:
        node = left.pop()
        if node is not None and node not in nodes:
            nodes.add(node)
            left += [before for before, _ in node.next_functions]
    return len(nodes)


# %%
print("nodes behind the loss:", graph_size(loss))

# %% [markdown]
# ## Step 3: gradients
#
# One call walks the whole way back.

# %%
loss.backward()
print("by autograd: b_grad =", b.grad, ", w_grad =", w.grad)

error = b_start + w_start * x_array - y_array
print("by hand:     b_grad =", 2 * error.mean(), ", w_grad =", 2 * (x_array * error).mean())

# %% [markdown]
# The last line is your formula from lesson 01. The same numbers, and nobody took a derivative.
#
# `backward()` returns nothing. It leaves the gradients with the leaves that asked for them, in `.grad`.
#
# **Predict before you run:** compute predictions and loss again, at the same place, and call `backward()` again. What
# is in `b.grad` then?

# %%
criterion(forward(x, b, w), y).backward()
print("after a second backward: b_grad =", b.grad, ", w_grad =", w.grad)

# %% [markdown]
# Twice as much. **`backward()` adds to what lies in `.grad` already.** That is not a whim: where a parameter is used in
# several places, its gradient is a sum over them, and it is collected by adding. But it does not know where one round
# ends and the next begins. That is for you to say: `b.grad = None`, before the next `backward()`.
#
# And twice on the *same* loss?

# %%
try:
    loss.backward()
except RuntimeError as error:
    print("RuntimeError:", str(error).partition(". ")[0])

# %% [markdown]
# On the way back PyTorch throws away what it has stored for it, so one graph is good for one `backward()`. Its message
# goes on to recommend `retain_graph=True`. Take that as a warning: if you meet this error in a training loop, you have
# most likely forgotten to compute predictions and loss anew, and then `retain_graph=True` does not mend the bug. It
# hides it, and you get the gradient of an old place.
#
# ### Exercise: autograd_gradients (2 points)
#
# The `gradients` of lesson 01, without a formula. However often it is called, it gives the gradients of this place.


# %% solution="autograd_gradients"
def autograd_gradients(x, y, b, w):
    """Partial derivatives of the mean squared error, computed by PyTorch.

    x, y: tensors of shape (N, 1). b, w: leaves of shape () that require gradients; they keep their values.

    Returns b_grad, w_grad, two tensors of shape (): the same at each call.
    """
    ### BEGIN SOLUTION
    loss = criterion(forward(x, b, w), y)
    b.grad = None
    w.grad = None
    loss.backward()
    return b.grad, w.grad
    ### END SOLUTION


# %% check="autograd_gradients" points=2
autograd.autograd_gradients.check(autograd_gradients)

# %% [markdown]
# How exactly do they agree with the formula? With 32 bits, to about seven digits. Give PyTorch 64 bits, and the
# comparison is a fair one.

# %%
x_64, y_64 = torch.from_numpy(x_array), torch.from_numpy(y_array)
b_64 = torch.tensor(b_start, dtype=torch.float64, requires_grad=True)
w_64 = torch.tensor(w_start, dtype=torch.float64, requires_grad=True)
error = b_start + w_start * x_array - y_array
by_hand = 2 * error.mean(), 2 * (x_array * error).mean()
for name, bits, grads in (
    ("b_grad", 32, autograd_gradients(x, y, b, w)[0]),
    ("w_grad", 32, autograd_gradients(x, y, b, w)[1]),
    ("b_grad", 64, autograd_gradients(x_64, y_64, b_64, w_64)[0]),
    ("w_grad", 64, autograd_gradients(x_64, y_64, b_64, w_64)[1]),
):
    right = by_hand[name == "w_grad"]
    print(f"{name}, {bits} bits: {float(grads):.12f}, relative difference {abs(float(grads) / right - 1):.0e}")

# %% [markdown]
# With 64 bits they agree in all twelve digits. Autograd is no approximation like the central difference of lesson 02.
# It applies the same rules of differentiation that you applied, one operation at a time.

# %% [markdown]
# ## Step 4: update
#
# $$b \leftarrow b - \eta \, \frac{\partial\, \text{loss}}{\partial b}$$
#
# In lesson 01 that was `b = b - lr * b_grad`. Here it does not work, and neither does the next thing that one tries.
#
# **Predict before you run:** `b - lr * b.grad` is computed from a tensor that requires gradients. Is the result a leaf?

# %%
lr = 0.1
b_new = b - lr * b.grad
print("b_new = b - lr * b.grad:  leaf", b_new.is_leaf, "| made by", b_new.grad_fn.name())
try:
    b -= lr * b.grad
except RuntimeError as error:
    print("b -= lr * b.grad:         RuntimeError:", error)

# %% [markdown]
# - `b = b - lr * b.grad` gives the name `b` to a new tensor, the result of a computation. The next `backward()` walks
#   past it to the old leaf, and the new `b` never gets a `.grad`.
# - `b -= lr * b.grad` changes the leaf itself, and that is what you want. But PyTorch is recording. The update would
#   become part of the graph, and PyTorch refuses to write over a leaf that it needs.
#
# The update is no part of what you differentiate, so tell PyTorch to look away: inside a block
# `with torch.no_grad():` nothing is recorded, and changing a leaf in place is allowed. (Older texts write
# `b.data -= …` for the same purpose.)
#
# ### Exercise: step (3 points)
#
# One whole round: steps 1 to 4, and the bookkeeping.
#
# 1. predict;
# 2. compute the loss;
# 3. `backward()`;
# 4. update `b` and `w` themselves, inside `torch.no_grad()`;
# 5. put both gradients back to `None`, so that the next round starts clean, and return the loss as a plain number,
#    which `.item()` makes of a tensor.


# %% solution="step"
def step(x, y, b, w, lr):
    """One round of gradient descent. Changes b and w in place.

    x, y: tensors of shape (N, 1). b, w: leaves of shape () that require gradients, and stay that. lr: learning rate.

    Returns the loss before the update, a plain number.
    """
    ### BEGIN SOLUTION
    yhat = forward(x, b, w)
    loss = criterion(yhat, y)
    loss.backward()
    with torch.no_grad():
        b -= lr * b.grad
        w -= lr * w.grad
    b.grad = None
    w.grad = None
    return loss.item()
    ### END SOLUTION


# %% check="step" points=3
autograd.step.check(step)

# %% [markdown]
# ### Side by side
#
# Here are the five steps as you wrote them in lesson 01, and with autograd.
#
# | | by hand | with autograd |
# | --- | --- | --- |
# | **0** initialize | `b = -20.0` | `b = torch.tensor(-20.0, requires_grad=True)` |
# | | `w = -10.0` | `w = torch.tensor(-10.0, requires_grad=True)` |
# | **1** predict | `yhat = b + w * x` | `yhat = b + w * x` |
# | **2** loss | `loss = ((yhat - y) ** 2).mean()` | `loss = ((yhat - y) ** 2).mean()` |
# | **3** gradients | `b_grad = 2 * (yhat - y).mean()` | `loss.backward()` |
# | | `w_grad = 2 * (x * (yhat - y)).mean()` | |
# | **4** update | `b -= lr * b_grad` | `with torch.no_grad(): b -= lr * b.grad` |
# | | `w -= lr * w_grad` | `with torch.no_grad(): w -= lr * w.grad` |
# | **5** repeat | | `b.grad = None` |
# | | | `w.grad = None` |
#
# Steps 1 and 2 are the same to the letter. Step 3 is new. The rest is bookkeeping: leaves that ask for gradients, an
# update that is not recorded, gradients that are reset. Run both.

# %%
b_hand, w_hand = b_start, w_start
b = torch.tensor(b_start, requires_grad=True)
w = torch.tensor(w_start, requires_grad=True)
for epoch in range(5):
    yhat = b_hand + w_hand * x_array
    loss_hand = ((yhat - y_array) ** 2).mean()
    b_grad, w_grad = 2 * (yhat - y_array).mean(), 2 * (x_array * (yhat - y_array)).mean()
    b_hand, w_hand = b_hand - 0.1 * b_grad, w_hand - 0.1 * w_grad

    loss = step(x, y, b, w, lr=0.1)
    print(f"epoch {epoch}, by hand:       loss {loss_hand:.4f}, then b = {b_hand:.5f}, w = {w_hand:.5f}")
    print(f"         with autograd: loss {loss:.4f}, then b = {b:.5f}, w = {w:.5f}")

# %% [markdown]
# ## Step 5: repeat
#
# ### Exercise: train_batch (3 points)
#
# All points in each update, as in `step`. `b` and `w` come as plain numbers: make leaves of them, once.


# %% solution="train_batch"
def train_batch(x, y, b, w, lr, n_epochs):
    """Batch gradient descent: every update uses all points.

    x, y: tensors of shape (N, 1). b, w: plain numbers, where to start. lr: learning rate. n_epochs: how many updates.

    Returns b, w (plain numbers, after the last update) and losses, a list: losses[i] is the loss before update i.
    """
    ### BEGIN SOLUTION
    b = torch.tensor(b, requires_grad=True)
    w = torch.tensor(w, requires_grad=True)
    losses = []
    for _ in range(n_epochs):
        losses.append(step(x, y, b, w, lr))
    return b.item(), w.item(), losses
    ### END SOLUTION


# %% check="train_batch" points=3
autograd.train_batch.check(train_batch)

# %% [markdown]
# These are the settings of a tutorial, "Gradient Descent implementation in PyTorch": `lr = 0.1`, 20 epochs.

# %%
for epoch in (0, 1, 2, 3, 18, 19):
    b_end, w_end, losses = train_batch(x, y, b_start, w_start, lr=0.1, n_epochs=epoch + 1)
    print(f"epoch {epoch:2}: loss {losses[-1]:9.4f}, then w = {w_end:8.4f}, b = {b_end:8.4f}")

# %% [markdown]
# The tutorial printed 596.719, 343.427, 202.710, 122.166 for the first four losses, and 0.27214, 0.22536 for the last
# two. It drew its noise without a seed, so nobody has its points. How much does the noise matter?
#
# **Predict before you run:** with other noise, which losses change more, the first or the last?

# %%
for seed in range(3):
    torch.manual_seed(seed)
    y_other = -5 * x + 0.4 * torch.randn(100, 1)
    _, _, losses = train_batch(x, y_other, b_start, w_start, lr=0.1, n_epochs=20)
    print(f"seed {seed}: " + ", ".join(f"{losses[epoch]:.4g}" for epoch in (0, 1, 2, 3, 18, 19)))

# %% [markdown]
# The first ones stay within one percent of the tutorial's: they measure how far off the start is. In the last ones the
# noise itself is a good part. And $w$ has the strange gait of lesson 03, past $-5$ and back: the factor in the steep
# direction is $1 - 0.1 \cdot 16.67 = -0.67$.
#
# ### What a list of losses can hold
#
# `losses.append(loss)` in place of `loss.item()` would have looked just as good, and printed nearly the same.
#
# **Predict before you run:** how many nodes does such a list keep alive after 20 epochs?

# %%
b = torch.tensor(b_start, requires_grad=True)
w = torch.tensor(w_start, requires_grad=True)
kept = [criterion(forward(x, b, w), y) for _ in range(20)]
print("a loss:", kept[-1])
print("its number:", kept[-1].item())
print("nodes kept alive by 20 losses:", sum(map(graph_size, kept)))

# %% [markdown]
# Each loss holds on to its graph, and the graph to the numbers that were stored for the way back. In a long training
# that fills the memory. What you keep, keep as a plain number.

# %% [markdown]
# ## One point at a time
#
# *Stochastic* training makes an update after every point. For autograd nothing changes: the graph is built from
# whatever you hand over. `x[i : i + 1]` is point `i` as a column of shape `(1, 1)`.
#
# The tutorial takes the points in the given order, from $x = -5$ to $x = 4.9$, and so do you here. (Lesson 03 told why
# one shuffles. The panel below can.)
#
# ### Exercise: train_stochastic (3 points)
#
# Record the loss over *all* points, before each epoch. The loss of a single point is no loss of the epoch: it says
# little about the line, and least of all if the line has just been fitted to that very point.


# %% solution="train_stochastic"
def train_stochastic(x, y, b, w, lr, n_epochs):
    """Stochastic gradient descent: every update uses one point, in the given order.

    x, y: tensors of shape (N, 1). b, w: plain numbers, where to start. lr: learning rate.
    n_epochs: how often every point is used.

    Returns b, w (plain numbers) and losses, a list: losses[i] is the loss over all points before epoch i.
    """
    ### BEGIN SOLUTION
    b = torch.tensor(b, requires_grad=True)
    w = torch.tensor(w, requires_grad=True)
    losses = []
    for _ in range(n_epochs):
        losses.append(criterion(forward(x, b, w), y).item())
        for i in range(len(x)):
            step(x[i : i + 1], y[i : i + 1], b, w, lr)
    return b.item(), w.item(), losses
    ### END SOLUTION


# %% check="train_stochastic" points=3
autograd.train_stochastic.check(train_stochastic)

# %% [markdown]
# **Predict before you run:** at `lr = 0.1`, all points together came below a loss of 0.2 in 20 epochs. One at a time,
# 20 epochs are 2000 updates. Where does that end?

# %%
for lr in (0.1, 0.05, 0.02, 0.01):
    _, _, losses = train_stochastic(x, y, b_start, w_start, lr=lr, n_epochs=10)
    print(f"lr = {lr}: " + ", ".join(f"{loss:.3g}" for loss in losses[:4]) + f" … {losses[-1]:.3g}")

# %% [markdown]
# At 0.1 the first epoch makes the loss more than a thousand million times as large, and it does not come back. The
# tutorial shows that and leaves it unexplained. It is no fault of PyTorch: the NumPy loop of lesson 03 did the same.

# %% [markdown]
# ### Why it blows up
#
# An update with one point multiplies the error of that point by $1 - \eta L$, with the learning rate $\eta$ and the
# curvature $L = 2(x^2 + 1)$ of that point alone (lesson 03). Between $-1$ and $1$, the error shrinks. Watch the first
# point.

# %%
b = torch.tensor(b_start, requires_grad=True)
w = torch.tensor(w_start, requires_grad=True)
before = (forward(x[:1], b, w) - y[:1]).item()
step(x[:1], y[:1], b, w, lr=0.1)
after = (forward(x[:1], b, w) - y[:1]).item()
print(f"error at x = -5: {before:.3f}, after its own update: {after:.3f}, factor {after / before:.2f}")

curvature = 2 * (x**2 + 1)
hessian = 2 * torch.tensor([[1.0, x.mean()], [x.mean(), (x**2).mean()]])
together = torch.linalg.eigvalsh(hessian)
print(f"curvature of the steepest point: {curvature.max():.0f}, so lr below {2 / curvature.max():.4f}")
print(f"curvatures of all points: {together[0]:.4f} and {together[1]:.4f}, so lr below {2 / together[1]:.2f}")
print(f"points for which 0.1 is too large: {(curvature > 20.001).sum()} of {len(x)}")

# %% [markdown]
# At $x = -5$ the curvature is 52. One step is safe below $2/52 = 0.038$, and 0.1 is far above: the update that should
# reduce this error makes it 4.2 times as large. The next points do likewise.
#
# All points together have curvatures of 1.9993 and 16.6707. The limit is $2/16.67 = 0.12$, and 0.1 is below. In the
# mean, the flat points near $x = 0$ make up for the steep ones. One at a time they cannot.
#
# So compare the two at a learning rate that is below both limits.

# %%
histories = {
    "batch, lr = 0.02": train_batch(x, y, b_start, w_start, lr=0.02, n_epochs=20)[2],
    "stochastic, lr = 0.02": train_stochastic(x, y, b_start, w_start, lr=0.02, n_epochs=20)[2],
}
w_best, b_best = np.polyfit(x_array.ravel(), y_array.ravel(), 1)
lowest = ((b_best + w_best * x_array - y_array) ** 2).mean()
for name, history in histories.items():
    print(f"{name}: {history[0]:.1f}, {history[1]:.4g}, {history[2]:.4g} … {history[-1]:.4g}")
print(f"lowest loss there is: {lowest:.4f}")
panels.loss_histories(histories, floor=lowest)

# %% [markdown]
# In two epochs, 200 updates, the single points bring the loss to 0.12. The batch has made two updates by then, and 20
# by the end of the picture, where it is still on its way (it arrives within 300). But the single points stay at 0.12,
# above the lowest loss, for they pull at the line one after the other, and the last ones pull last.

# %% [markdown]
# ## Tune it
#
# Both trainings at one learning rate. The right picture shows, for each point, below which learning rate its own step
# is safe, and the line of all points together.
#
# Find out:
# 1. Raise `lr` slowly. Where does stochastic training leave the lowest loss, where does it blow up, and where does
#    batch training follow? Compare with 0.038 and 0.12.
# 2. At `lr = 0.1`, shuffle (`seed` above 0). Is the order to blame?
# 3. At `lr = 0.001`, which of the two is ahead after 20 epochs, and how many updates has each made?

# %%
panels.two_ways(x, y, b_start, w_start)

# %% [markdown]
# ## Find three bugs
#
# Three programs of colleagues. Each does something to a gradient or a leaf that PyTorch does not forgive, or, worse,
# does not mention.
#
# ### Bug 1: it never settles (1 point)


# %% locked="settle-shown"
def settle_of_a_colleague(x, y, b, w, lr, n_epochs):
    b = torch.tensor(b, requires_grad=True)
    w = torch.tensor(w, requires_grad=True)
    losses = []
    for _ in range(n_epochs):
        loss = criterion(forward(x, b, w), y)
        losses.append(loss.item())
        loss.backward()
        with torch.no_grad():
            b -= lr * b.grad
            w -= lr * w.grad
    return b.item(), w.item(), losses


# %%
_, _, losses = settle_of_a_colleague(x, y, b_start, w_start, lr=0.02, n_epochs=300)
for epoch in (0, 50, 100, 150, 200, 250):
    print(f"lowest loss in epochs {epoch:3} to {epoch + 49}: {min(losses[epoch : epoch + 50]):7.3f}, ", end="")
    print(f"highest: {max(losses[epoch : epoch + 50]):.0f}")

# %% [markdown]
# No error, no warning, and no progress: after 300 epochs the loss still swings up to where it began. Repair it.


# %% solution="settle"
def settle(x, y, b, w, lr, n_epochs):
    """Batch gradient descent.

    x, y: tensors of shape (N, 1). b, w: plain numbers, where to start. lr: learning rate. n_epochs: how many updates.

    Returns b, w (plain numbers, after the last update) and losses, a list: losses[i] is the loss before update i.
    """
    ### BEGIN SOLUTION
    b = torch.tensor(b, requires_grad=True)
    w = torch.tensor(w, requires_grad=True)
    losses = []
    for _ in range(n_epochs):
        loss = criterion(forward(x, b, w), y)
        losses.append(loss.item())
        loss.backward()
        with torch.no_grad():
            b -= lr * b.grad
            w -= lr * w.grad
        b.grad = None
        w.grad = None
    return b.item(), w.item(), losses
    ### STUB
    # b = torch.tensor(b, requires_grad=True)
    # w = torch.tensor(w, requires_grad=True)
    # losses = []
    # for _ in range(n_epochs):
    #     loss = criterion(forward(x, b, w), y)
    #     losses.append(loss.item())
    #     loss.backward()
    #     with torch.no_grad():
    #         b -= lr * b.grad
    #         w -= lr * w.grad
    # return b.item(), w.item(), losses
    ### END SOLUTION


# %% check="settle" points=1
autograd.settle.check(settle)

# %%
_, _, losses = settle(x, y, b_start, w_start, lr=0.02, n_epochs=300)
print(f"repaired, after 299 epochs: {losses[-1]:.4f}")

# %% [markdown]
# ### Bug 2: it works once (1 point)


# %% locked="improve-shown"
def improve_of_a_colleague(x, y, b, w, lr):
    loss = criterion(forward(x, b, w), y)
    loss.backward()
    b = b - lr * b.grad
    w = w - lr * w.grad
    return b, w


b = torch.tensor(b_start, requires_grad=True)
w = torch.tensor(w_start, requires_grad=True)
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    try:
        for call in (1, 2):
            print(f"call {call}, with leaves: {b.is_leaf}")
            b, w = improve_of_a_colleague(x, y, b, w, lr=0.1)
            print(f"        b = {b:.4f}, w = {w:.4f}")
    except TypeError as error:
        print("TypeError:", error)
for warning in caught[:1]:
    print("PyTorch warned:", str(warning.message).partition(". ")[0])

# %% [markdown]
# The first call is right. The second finds `None` where a gradient should be. Repair it, so that what it returns can be
# handed over again. There is more than one way.


# %% solution="improve"
def improve(x, y, b, w, lr):
    """One update. The b and w that it returns can be handed over for the next.

    x, y: tensors of shape (N, 1). b, w: leaves of shape () that require gradients. lr: learning rate.

    Returns b and w after the update: leaves that require gradients, the same ones or new ones.
    """
    ### BEGIN SOLUTION
    loss = criterion(forward(x, b, w), y)
    loss.backward()
    with torch.no_grad():
        b -= lr * b.grad
        w -= lr * w.grad
    b.grad = None
    w.grad = None
    return b, w
    ### STUB
    # loss = criterion(forward(x, b, w), y)
    # loss.backward()
    # b = b - lr * b.grad
    # w = w - lr * w.grad
    # return b, w
    ### END SOLUTION


# %% check="improve" points=1
autograd.improve.check(improve)

# %% [markdown]
# ### Bug 3: it is right, and slower in every epoch (1 point)
#
# Another colleague met the same `None`, searched the web, and found `retain_grad()`: it makes PyTorch keep the gradient
# of a tensor that is no leaf. The error has gone.


# %% locked="descend-shown"
def descend_of_a_colleague(x, y, b, w, lr, n_epochs):
    b = torch.tensor(b, requires_grad=True)
    w = torch.tensor(w, requires_grad=True)
    losses = []
    for epoch in range(n_epochs):
        b.retain_grad()
        w.retain_grad()
        loss = criterion(forward(x, b, w), y)
        losses.append(loss.item())
        if epoch in (0, 1, 2, 10, 100):
            print(f"epoch {epoch:3}: loss {loss.item():9.4f}, {graph_size(loss)} nodes in its graph")
        loss.backward()
        b = b - lr * b.grad
        w = w - lr * w.grad
    return b.item(), w.item(), losses


# %%
_, _, losses = descend_of_a_colleague(x, y, b_start, w_start, lr=0.1, n_epochs=101)

# %% [markdown]
# The losses are right. But every `b` is computed from the `b` before it, and all of them stay in the graph. Each
# `backward()` walks from the loss through all epochs so far, back to the start, and nothing of that is ever used. Time
# and memory grow with every epoch. Repair it: the update is no part of what is to be differentiated.


# %% solution="descend"
def descend(x, y, b, w, lr, n_epochs):
    """Batch gradient descent, with a graph no larger in the last epoch than in the first.

    x, y: tensors of shape (N, 1). b, w: plain numbers, where to start. lr: learning rate. n_epochs: how many updates.

    Returns b, w (plain numbers, after the last update) and losses, a list: losses[i] is the loss before update i.
    """
    ### BEGIN SOLUTION
    b = torch.tensor(b, requires_grad=True)
    w = torch.tensor(w, requires_grad=True)
    losses = []
    for _ in range(n_epochs):
        loss = criterion(forward(x, b, w), y)
        losses.append(loss.item())
        loss.backward()
        with torch.no_grad():
            b -= lr * b.grad
            w -= lr * w.grad
        b.grad = None
        w.grad = None
    return b.item(), w.item(), losses
    ### STUB
    # b = torch.tensor(b, requires_grad=True)
    # w = torch.tensor(w, requires_grad=True)
    # losses = []
    # for epoch in range(n_epochs):
    #     b.retain_grad()
    #     w.retain_grad()
    #     loss = criterion(forward(x, b, w), y)
    #     losses.append(loss.item())
    #     loss.backward()
    #     b = b - lr * b.grad
    #     w = w - lr * w.grad
    # return b.item(), w.item(), losses
    ### END SOLUTION


# %% check="descend" points=1
autograd.descend.check(descend)

# %% [markdown]
# Three bugs, and one loop that has none of them: update the leaves in place, unrecorded, and reset their gradients. In
# lesson 06 you hand this bookkeeping to PyTorch's optimizers. They do just that.

# %% [markdown]
# ## Quiz (2 points)
#
# Answer each question with a set of letters, such as `{"a", "c"}`. The check says for each wrong letter why it is
# wrong.

# %% [markdown] locked="question-1"
# **Question 1.**
#
# {{ quiz: autograd.what_is_in_grad }}

# %% solution="what_is_in_grad"
### BEGIN SOLUTION
what_is_in_grad = {"b", "d"}
### STUB
# what_is_in_grad = ...
### END SOLUTION

# %% check="what_is_in_grad" points=0.5
autograd.what_is_in_grad.check(what_is_in_grad)

# %% [markdown] locked="question-2"
# **Question 2.**
#
# {{ quiz: autograd.who_gets_a_gradient }}

# %% solution="who_gets_a_gradient"
### BEGIN SOLUTION
who_gets_a_gradient = {"a", "b"}
### STUB
# who_gets_a_gradient = ...
### END SOLUTION

# %% check="who_gets_a_gradient" points=0.5
autograd.who_gets_a_gradient.check(who_gets_a_gradient)

# %% [markdown] locked="question-3"
# **Question 3.**
#
# {{ quiz: autograd.ways_to_update }}

# %% solution="ways_to_update"
### BEGIN SOLUTION
ways_to_update = {"a", "e"}
### STUB
# ways_to_update = ...
### END SOLUTION

# %% check="ways_to_update" points=0.5
autograd.ways_to_update.check(ways_to_update)

# %% [markdown] locked="question-4"
# **Question 4.**
#
# {{ quiz: autograd.one_at_a_time }}

# %% solution="one_at_a_time"
### BEGIN SOLUTION
one_at_a_time = {"b", "c"}
### STUB
# one_at_a_time = ...
### END SOLUTION

# %% check="one_at_a_time" points=0.5
autograd.one_at_a_time.check(one_at_a_time)

# %% [markdown] locked="tail"
# ## What you now know
#
# - PyTorch records what is computed from leaves that require gradients, and `loss.backward()` walks the record back.
#   The gradients are exact, up to rounding.
# - It leaves them in the `.grad` of the leaves, and adds to what is there. Reset them in every round.
# - An update changes the leaves in place, inside `torch.no_grad()`. A new tensor under the old name is no leaf; an
#   update in the graph makes the graph grow.
# - Keep numbers, not tensors with a graph behind them: `.item()`. `retain_graph=True` and `retain_grad()` in a plain
#   training loop are signs of a bug.
# - One learning rate, two limits: $2/52$ for the steepest point alone, $2/16.67$ for all points together.
#
# In nbgrader, press **Validate** in the toolbar to run all checks once more from top to bottom before you submit.
#
# **Next: lesson 05**, in which you build an autograd of your own, and see where the adding comes from.
#
# *Further reading: data, start, and the two ways to train come from "Gradient Descent implementation in PyTorch". Why
# one of them blows up is not in it.*
