# %% [markdown] locked="head"
# # 07 · Gradients of functions: JAX
#
# **You will** write the loss as a plain function, have JAX make the function of its gradient, and let a slope roll down
# the loss curve. On the way you take apart four faults of a JAX tutorial.
#
# **You will learn**
# - how JAX differs from PyTorch: `grad` takes a *function* and gives a *function*;
# - `value_and_grad` and `argnums`, for one parameter and for both;
# - what a *pure* function is, why JAX wants nothing else, and what goes wrong with others, silently;
# - why a training loop must not wait for a loss of exactly 0;
# - *pytrees*, with which one line updates any number of parameters.
#
# **You need** lesson 01 (the five steps) and lesson 02 (slopes, stopping rules). Lesson 04 or 05 helps, not more.
#
# **It takes** about 60 minutes. There are 15 points: 13 for code, 2 for a short quiz.
#
# The checks look at more than numbers: whether your functions stay right when JAX transforms them (`jit`, `vmap`), and
# what they change outside themselves. Stuck? Put `jax_grad.loss.hint()` (or the name of another exercise) into a new
# cell.

# %% locked="needs-jax"
# This import comes first: if JAX is missing, it says in one line how to install it.
from gdexercises import jax_grad

print("JAX is here, version", jax_grad.jax.__version__)

# %% locked="imports"
import jax
import jax.numpy as jnp
import numpy as np

from gdexercises.tuning import jax_grad as panels

# %% [markdown]
# ## The data
#
# Six points, exactly on the line $y = 2x - 1$. They come from the tutorial, which is named at the end. No noise: so you
# know what must come out, $b = -1$ and $w = 2$.

# %% locked="data"
x = jnp.array([-1.0, 0.0, 1.0, 2.0, 3.0, 4.0])
y = jnp.array([-3.0, -1.0, 1.0, 3.0, 5.0, 7.0])

print("x:", x, x.shape, x.dtype)
print("y:", y, y.shape, y.dtype)

# %% [markdown]
# `jax.numpy`, in short `jnp`, is made to look like NumPy. Two things differ, and both will matter.
#
# - The dtype is `float32`, *single precision*: about seven digits, not sixteen.
# - An array never changes. Here is what happens if you try, and what to do in its place:

# %%
try:
    x[0] = 5.0
except TypeError as problem:
    print("TypeError:", str(problem).split(".")[0])

changed = x.at[0].set(5.0)
print("a new array:", changed)
print("x as before:", x)

# %% [markdown]
# ## Step 1: predict
#
# $$\hat{y} = b + w x$$
#
# ### Exercise: predict (1 point)


# %% solution="predict"
def predict(x, b, w):
    """Predictions of the line with intercept b and slope w.

    x: array of shape (N,). b, w: one number each.

    Returns yhat, an array of shape (N,).
    """
    ### BEGIN SOLUTION
    return b + w * x
    ### END SOLUTION


# %% check="predict" points=1
jax_grad.predict.check(predict)

# %% [markdown]
# ## Step 2: loss
#
# The mean squared error, as always. But look at the order of the arguments: the parameters come first, the data last.
# JAX will ask "the gradient with respect to which argument?", and the first one is what it takes if you say nothing.
#
# The function must be *pure*:
# - it reads its arguments, and nothing else that could change;
# - it changes nothing, and says all it has to say with `return`.
#
# ### Exercise: loss (1 point)
#
# Predictions, error, mean of the squares, in one function. Return the number as it is, a JAX array of shape `()`, and
# not `float(…)` of it.


# %% solution="loss"
def loss(b, w, x, y):
    """Mean squared error of the line b + w x.

    b, w: one number each. x, y: arrays of shape (N,).

    Returns the loss, an array of shape ().
    """
    ### BEGIN SOLUTION
    error = predict(x, b, w) - y
    return (error**2).sum() / len(x)
    ### END SOLUTION


# %% check="loss" points=1
jax_grad.loss.check(loss)

# %% [markdown]
# The tutorial says that its optimum is at $(2, 1)$. It means slope and intercept, in this order.
#
# **Predict before you run:** is it?

# %%
print("w = 2, b =  1: loss", loss(1.0, 2.0, x, y))
print("w = 2, b = -1: loss", loss(-1.0, 2.0, x, y))

# %% [markdown]
# A sign got lost: it is $(2, -1)$. With $b = 1$ the line runs 2 above every point, so the loss is $2^2 = 4$. A claim
# about an optimum costs one line to test.

# %% [markdown]
# ### Why pure?
#
# JAX does not read your code. It runs your function, once, and notes down what happens to the arguments. What the
# function reads from elsewhere is a fixed number to JAX. `jax.jit`, which compiles a function, shows it best (more on
# it in lesson 08).
#
# **Predict before you run:** three numbers will be printed. Which?

# %%
b_outside = -1.0


@jax.jit
def impure_loss(w):
    return loss(b_outside, w, x, y)


print("b_outside = -1:", impure_loss(2.0))
b_outside = 5.0
print("b_outside =  5:", impure_loss(2.0), "by JAX,", loss(b_outside, 2.0, x, y), "in fact")

# %% [markdown]
# The compiled function goes on with the old $-1$. No error, no warning, a wrong number. Had $b$ been an argument, it
# could not have happened.

# %% [markdown]
# ## Find the bug: np twice (1 point)
#
# Before you let anything roll down the loss curve, draw it. The tutorial keeps $b = -1$ fixed, computes the loss for
# ten values of $w$, and does it with code like this:


# %% locked="np-twice-shown"
def loss_curve_of_the_tutorial(ws, b, x, y):
    import numpy as np
    import jax.numpy as np

    losses = numpy.zeros(len(ws))
    for i in range(len(ws)):
        losses[i] = loss(b, ws[i], x, y)
    return losses


ws_few = jnp.array([-8.0, -3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0, 8.0, 10.0])
try:
    print(loss_curve_of_the_tutorial(ws_few, -1.0, x, y))
except NameError as problem:
    print("NameError:", problem)

# %% [markdown]
# `import … as np` binds the name `np`, and the name `numpy` to nothing. The second import binds the same name again,
# to another library.
#
# **Predict before you run:** what happens if you write `np.zeros` in place of `numpy.zeros`, and change nothing else?
#
# Repair it. This notebook has `np` for NumPy and `jnp` for JAX.


# %% solution="loss_curve"
def loss_curve(ws, b, x, y):
    """The loss for each of several values of w.

    ws: array of shape (n,). b: one number. x, y: arrays of shape (N,).

    Returns losses, an array of shape (n,): losses[i] is the loss at ws[i].
    """
    ### BEGIN SOLUTION
    losses = np.zeros(len(ws))
    for i in range(len(ws)):
        losses[i] = loss(b, ws[i], x, y)
    return losses
    ### STUB
    # import numpy as np
    # import jax.numpy as np
    #
    # losses = numpy.zeros(len(ws))
    # for i in range(len(ws)):
    #     losses[i] = loss(b, ws[i], x, y)
    # return losses
    ### END SOLUTION


# %% check="loss_curve" points=1
jax_grad.loss_curve.check(loss_curve)

# %%
losses_few = loss_curve(ws_few, -1.0, x, y)
for w, value in zip(ws_few, losses_few, strict=True):
    print(f"w = {w:5.1f}: loss {value:8.3f}")

# %% [markdown]
# These are the tutorial's ten losses. It joins them with straight lines, and the picture misleads: the curve seems to
# have corners. Your function takes as many values as you like.

# %%
ws = jnp.linspace(-8, 10, 181)
losses_many = loss_curve(ws, -1.0, x, y)
panels.two_drawings(ws_few, losses_few, ws, losses_many)

# %% [markdown]
# A parabola, with its lowest point at $w = 2$. Its slope is steep far out, and smaller and smaller towards the bottom.

# %% [markdown]
# ## Step 3: gradients
#
# In lesson 01 you worked out the gradient by hand:
#
# $$\frac{\partial\,\text{loss}}{\partial b} = \frac{2}{N} \sum_{i=1}^{N} (\hat{y}_i - y_i), \qquad
# \frac{\partial\,\text{loss}}{\partial w} = \frac{2}{N} \sum_{i=1}^{N} x_i\,(\hat{y}_i - y_i)$$
#
# JAX does it for you, and in another way than PyTorch. There, tensors remember how they were computed. Here, nothing is
# stored in the numbers: `jax.grad` takes the function `loss` and gives you a new function, its derivative.

# %%
b_gradient = jax.grad(loss)
print("grad makes a", type(b_gradient).__name__)
print("and calling it gives", b_gradient(-1.0, 8.0, x, y))

# %% [markdown]
# By which argument has it differentiated? By the first one, $b$. For $w$, the second one, say `argnums=1`: it counts
# from 0. For both, say `argnums=(0, 1)`, and you get a pair.
#
# **Predict before you run:** at $b = -1$, $w = 8$ the error is $6x$, and the mean of $x^2$ is $31/6$. What is the
# derivative by $w$?

# %%
error = predict(x, -1.0, 8.0) - y
print("by hand:        ", 2 * error.mean(), 2 * (x * error).mean())
print("argnums=0:      ", jax.grad(loss, argnums=0)(-1.0, 8.0, x, y))
print("argnums=1:      ", jax.grad(loss, argnums=1)(-1.0, 8.0, x, y))
print("argnums=(0, 1): ", *jax.grad(loss, argnums=(0, 1))(-1.0, 8.0, x, y))
h = 0.01
print("lesson 02, by w:", (loss(-1.0, 8.0 + h, x, y) - loss(-1.0, 8.0 - h, x, y)) / (2 * h))

# %% [markdown]
# The central difference of lesson 02 agrees in the first digits only, although for a parabola it is exact. It
# subtracts two nearly equal numbers, of seven digits each. `grad` has no $h$ and no such loss: it knows the derivative
# of each operation, and uses the chain rule.
#
# Often you want the loss as well. `jax.value_and_grad` makes a function that returns both, and computes the
# predictions once:
#
# ```python
# value, gradient = jax.value_and_grad(loss)(b, w, x, y)
# ```
#
# ### Two ways to stumble
#
# **Predict before you run:** both of these raise an error. Why?


# %%
def loss_with_numpy(b, w, x, y):
    return np.square(b + w * x - y).mean()


print("loss_with_numpy:", loss_with_numpy(-1.0, 8.0, x, y))
try:
    jax.grad(loss_with_numpy)(-1.0, 8.0, x, y)
except jax.errors.TracerArrayConversionError as problem:
    print("1.", type(problem).__name__)
try:
    jax.grad(loss)(-1, 8, x, y)
except TypeError as problem:
    print("2. TypeError:", str(problem).split(" (")[0])

# %% [markdown]
# 1. While JAX differentiates, the arguments are no numbers but *tracers*: stand-ins that note down what is done to
#    them. NumPy knows nothing of them and wants numbers. So in a function for JAX, compute with `jnp`, or with plain
#    `+ - * / **`, which work on anything.
# 2. A whole number cannot be moved a little, so there is no derivative by it. Write `8.0`.
#
# ### Exercise: loss_and_gradient (2 points)


# %% solution="loss_and_gradient"
def loss_and_gradient(b, w, x, y):
    """The loss, and its gradient with respect to b and w.

    b, w: one number each. x, y: arrays of shape (N,).

    Returns the loss and the pair (b_grad, w_grad).
    """
    ### BEGIN SOLUTION
    return jax.value_and_grad(loss, argnums=(0, 1))(b, w, x, y)
    ### END SOLUTION


# %% check="loss_and_gradient" points=2
jax_grad.loss_and_gradient.check(loss_and_gradient)

# %%
value, (b_grad, w_grad) = loss_and_gradient(-1.0, 8.0, x, y)
print("loss:", value, "b_grad:", b_grad, "w_grad:", w_grad)

# %% [markdown]
# ## Steps 4 and 5, for w alone
#
# The tutorial never learns $b$. It keeps $b = -1$, starts at $w = 8$, makes at most 50 updates with `lr = 0.01`, and
# would stop sooner if the loss were 0:


# %% locked="equality-shown"
def train_w_of_the_tutorial(x, y, b, w, lr, n_epochs):
    losses = []
    for _ in range(n_epochs):
        value, w_grad = jax.value_and_grad(loss, argnums=1)(b, w, x, y)
        losses.append(value)
        if value == 0:
            break
        w = w - lr * w_grad
    return w, losses


# %% [markdown]
# Will it ever stop by itself? There is no noise, so the lowest loss is exactly 0. Give it more time.
#
# **Predict before you run:** each update brings $w$ nearer to 2. How many of 1000 epochs will it use?

# %%
w, losses = train_w_of_the_tutorial(x, y, -1.0, 8.0, lr=0.01, n_epochs=1000)
print("epochs:", len(losses), " w:", w, " loss:", losses[-1])

w_grad = jax.grad(loss, argnums=1)(-1.0, w, x, y)
print("next step:                     ", 0.01 * w_grad)
print("smallest step float32 has at w:", np.spacing(np.float32(w)))

# %% [markdown]
# All of them. $w$ is stuck at 2.000001: the next step is shorter than half the distance to the next number that
# `float32` has, so the subtraction rounds to where it was. The loss is $5 \cdot 10^{-12}$, and stays there for ever.
# With another learning rate it may happen to hit 0. With noise in the data, it never does.
#
# A stopping rule must be one that will come true: stop when the loss is *small*, smaller than a tolerance that you
# choose.
#
# ### Exercise: train_w (2 points)


# %% solution="train_w"
def train_w(x, y, b, w, lr, n_epochs, tolerance):
    """Gradient descent on w alone, until the loss is small.

    x, y: arrays of shape (N,). b: stays as it is. w: where to start. lr: learning rate.
    n_epochs: the largest number of epochs. tolerance: stop if the loss is smaller than that.

    In each epoch: compute the loss and record it; if it is smaller than tolerance, stop; else update w.

    Returns w and losses, a list: the loss of each epoch, the one that stopped included.
    """
    ### BEGIN SOLUTION
    losses = []
    for _ in range(n_epochs):
        value, w_grad = jax.value_and_grad(loss, argnums=1)(b, w, x, y)
        losses.append(value)
        if value < tolerance:
            break
        w = w - lr * w_grad
    return w, losses
    ### END SOLUTION


# %% check="train_w" points=2
jax_grad.train_w.check(train_w)

# %% [markdown]
# Now the tutorial's 50 epochs, one at a time, so that every $w$ can be seen. It prints the first and the last three.

# %%
path, losses = [8.0], []
for epoch in range(50):
    w, [value] = train_w(x, y, -1.0, path[-1], lr=0.01, n_epochs=1, tolerance=0.0)
    if epoch < 3 or epoch >= 47:
        print(f"epoch {epoch:2}: w", path[-1], "->", w, " loss", value)
    path.append(w)
    losses.append(value)

# %% [markdown]
# Digit for digit what the tutorial prints. (In epoch 47 your last digit may be another one: `.mean()` multiplies by
# $1/6$ where `.sum() / 6` divides by 6, and the two round differently. The seventh digit of single precision is noise.)

# %%
panels.path_on_curve(ws, losses_many, path[:-1], losses)

# %% [markdown]
# Large steps where the curve is steep, small ones near the bottom, with the learning rate the same all along. How much
# smaller? The curve is $\frac{c}{2}(w - 2)^2$ with the curvature $c = 2 \cdot \frac{31}{6} = 10.33$, so its slope is
# $c\,(w - 2)$, and one update makes of the distance to the bottom
#
# $$w - 2 \;\to\; (1 - \eta\,c)\,(w - 2)$$
#
# with the learning rate $\eta$. Here that is a factor $1 - 0.01 \cdot 10.33 = 0.8967$ in each epoch. You met it in
# lesson 03: above $\eta = 2/c = 0.194$ the factor is below $-1$, and $w$ flies off.
#
# And with the tolerance?

# %%
w, losses = train_w(x, y, -1.0, 8.0, lr=0.01, n_epochs=1000, tolerance=1e-6)
print(f"tolerance 1e-6: {len(losses)} epochs, w = {w:.4f}, loss {losses[-1]:.2g}")

# %% [markdown]
# ## Tune it
#
# The left picture is the loss curve, with the path of $w$ on it, and the dashed tangent whose slope is `w_grad`. The
# right one is the loss after each epoch.
#
# Find out:
# 1. With `lr = 0.01`, press **Play**. Where does $w$ slow down, and why?
# 2. Raise `lr`. At which value is one single step enough? On which side of 2 does $w$ land with a larger one?
# 3. At which `lr` does it fly off? Does that depend on the start?
# 4. Put `b` at another value than $-1$. What does the lowest point do? And the limit of `lr`?

# %%
panels.roll(x, y)

# %% [markdown]
# ## Both parameters
#
# The fourth question shows what the tutorial leaves out. If the fixed $b$ is wrong, $w$ goes astray to make up for it:

# %%
w, losses = train_w(x, y, 1.0, 8.0, lr=0.01, n_epochs=300, tolerance=1e-6)
print(f"b fixed at 1: {len(losses)} epochs, w = {w:.4f}, loss {losses[-1]:.4f}")

# %% [markdown]
# Trained to the end, and the loss is still 2.26. No $w$ does better: $b$ has to learn as well.
#
# ### Exercise: step (2 points)
#
# One round of steps 1 to 4. Take both gradients at the same point, then update both parameters. A JAX array cannot be
# changed in place, so there is nothing to change: the new $b$ and $w$ go out with `return`.


# %% solution="step"
def step(b, w, x, y, lr):
    """One update of both parameters.

    b, w: one number each. x, y: arrays of shape (N,). lr: learning rate.

    Returns b, w (after the update) and the loss before it.
    """
    ### BEGIN SOLUTION
    value, (b_grad, w_grad) = loss_and_gradient(b, w, x, y)
    return b - lr * b_grad, w - lr * w_grad, value
    ### END SOLUTION


# %% check="step" points=2
jax_grad.step.check(step)

# %% [markdown]
# ### Exercise: train (1 point)


# %% solution="train"
def train(x, y, b, w, lr, n_epochs):
    """Gradient descent on b and w.

    x, y: arrays of shape (N,). b, w: where to start. lr: learning rate. n_epochs: how many updates.

    Returns b, w (after the last update) and losses, a list: losses[i] is the loss just before update i.
    """
    ### BEGIN SOLUTION
    losses = []
    for _ in range(n_epochs):
        b, w, value = step(b, w, x, y, lr)
        losses.append(value)
    return b, w, losses
    ### END SOLUTION


# %% check="train" points=1
jax_grad.train.check(train)

# %% [markdown]
# **Predict before you run:** start at $w = 8$ again, and at $b = -1$, which is where $b$ must end. What will $b$ do?

# %%
path, losses = [(-1.0, 8.0)], []
for _ in range(500):
    b, w, [value] = train(x, y, *path[-1], lr=0.01, n_epochs=1)
    path.append((b, w))
    losses.append(value)
for epoch in (0, 10, 50, 100, 200, 499):
    print(f"epoch {epoch:3}: b = {path[epoch][0]:7.4f}, w = {path[epoch][1]:7.4f}, loss {losses[epoch]:.3g}")
panels.path_on_map(x, y, path)

# %% [markdown]
# It leaves the place where it must end, goes to $-2.27$, and takes hundreds of epochs to come back. At the start the
# line is too high on the right, where most of the points are, so a lower $b$ helps, too. Gradient descent does not know
# the goal. It knows the slope where it stands.
#
# The map shows it as a valley: down the steep side in a few steps, then along the flat floor.

# %% [markdown]
# ## Find the bug: an impure loss (1 point)
#
# A colleague wants to know the largest error as well as the loss, and has the value of $b$ in a variable of the
# notebook.
#
# **Predict before you run:** what is `b_grad`, and what is in `worst` at the end?

# %% locked="impure-shown"
b_now = 1.0
worst = 0.0


def loss_of_a_colleague(b, w, x, y):
    global worst
    error = b_now + w * x - y
    worst = abs(error).max()
    return (error**2).mean()


print("called with b = 1:   loss", loss_of_a_colleague(1.0, 8.0, x, y), " worst", worst)
print("called with b = -1:  loss", loss_of_a_colleague(-1.0, 8.0, x, y), " worst", worst)
b_grad, w_grad = jax.jit(jax.grad(loss_of_a_colleague, argnums=(0, 1)))(-1.0, 8.0, x, y)
print("by grad and jit:     b_grad", b_grad, " w_grad", w_grad)
print("worst is now a", type(worst).__name__)
worst = 0.0

# %% [markdown]
# Called by hand it seems to work. But `b` has no effect at all, so its gradient is 0, and $b$ would never learn. And
# what stands in `worst` after JAX has been there is no number, but the tracer that stood for one. It is of no use to
# anybody.
#
# Repair it: what the function reads comes in as an argument, and what it has to say goes out by `return`, both values.


# %% solution="loss_and_worst"
def loss_and_worst(b, w, x, y):
    """Mean squared error of the line b + w x, and its largest absolute error.

    b, w: one number each. x, y: arrays of shape (N,).

    Returns loss and worst.
    """
    ### BEGIN SOLUTION
    error = predict(x, b, w) - y
    return (error**2).mean(), abs(error).max()
    ### STUB
    # global worst
    # error = b_now + w * x - y
    # worst = abs(error).max()
    # return (error**2).mean()
    ### END SOLUTION


# %% check="loss_and_worst" points=1
jax_grad.loss_and_worst.check(loss_and_worst)

# %% [markdown]
# `grad` wants one number to differentiate. With `has_aux=True` a function may return a second thing beside it, which is
# handed through:

# %%
with_worst = jax.jit(jax.value_and_grad(loss_and_worst, argnums=(0, 1), has_aux=True))
(value, largest), (b_grad, w_grad) = with_worst(-1.0, 8.0, x, y)
print("loss:", value, " worst:", largest, " b_grad:", b_grad, " w_grad:", w_grad)

# %% [markdown]
# ## Trees of parameters
#
# Two parameters are two names. A network has thousands, and `argnums` with thousands of entries is no way to live. So
# JAX lets an argument be a *pytree*: dicts, lists and tuples, one in the other as you like, with arrays at the ends.
# The gradient is then a tree of the same shape, with a gradient in each place.


# %%
def loss_of_line(params, x, y):
    return loss(params["b"], params["w"], x, y)


params = {"b": -1.0, "w": 8.0}
grads = jax.grad(loss_of_line)(params, x, y)
print("params:", params)
print("grads: ", grads)

# %% [markdown]
# `jax.tree.map(f, params, grads)` walks through both trees at once, calls `f` with the two things that stand in the
# same place, and builds a third tree of what `f` returns. It does not care about keys or depth.

# %%
print(jax.tree.map(lambda p, g: f"{p} and {g}", params, grads))

# %% [markdown]
# ### Exercise: step_pytree (2 points)
#
# One update of all parameters, whatever the tree looks like. The tree that comes in stays as it is: a dict *can* be
# changed in place, but a pure function does not do it.


# %% solution="step_pytree"
def step_pytree(loss_of, params, x, y, lr):
    """One update of all parameters in a tree.

    loss_of: a function, loss_of(params, x, y) is one number. params: a tree of arrays. x, y: arrays of shape (N,).
    lr: learning rate.

    Returns a new tree of parameters, of the same shape.
    """
    ### BEGIN SOLUTION
    grads = jax.grad(loss_of)(params, x, y)
    return jax.tree.map(lambda p, g: p - lr * g, params, grads)
    ### END SOLUTION


# %% check="step_pytree" points=2
jax_grad.step_pytree.check(step_pytree)

# %%
params = {"b": -1.0, "w": 8.0}
for _ in range(50):
    params = step_pytree(loss_of_line, params, x, y, lr=0.01)
print(f"by tree:          b = {params['b']:.4f}, w = {params['w']:.4f}")
print(f"by two arguments: b = {path[50][0]:.4f}, w = {path[50][1]:.4f}")

# %% [markdown]
# The same numbers. Now other points, on a V, which no line can follow, and a small network of eight neurons. Its tree
# has a dict inside a dict, and a list. Your `step_pytree` takes it as it is. And since it is pure, it may be compiled:
# `static_argnums=0` says that the function `loss_of` is no array.


# %%
def network(params, x):
    hidden = jnp.tanh(params["hidden"]["b"] + params["hidden"]["w"] * x[:, None])
    b, w = params["out"]
    return b + hidden @ w


def loss_of_network(params, x, y):
    return ((network(params, x) - y) ** 2).mean()


rng = np.random.default_rng(42)
x_v = jnp.arange(-10, 11) / 5
y_v = jnp.abs(x_v)
params = {
    "hidden": {"b": jnp.array(rng.normal(size=8)), "w": jnp.array(rng.normal(size=8))},
    "out": [jnp.array(0.0), jnp.array(rng.normal(size=8))],
}
compiled_step = jax.jit(step_pytree, static_argnums=0)
print("loss before:", loss_of_network(params, x_v, y_v))
for _ in range(2000):
    params = compiled_step(loss_of_network, params, x_v, y_v, 0.05)
print("loss after: ", loss_of_network(params, x_v, y_v))
print("shapes:", jax.tree.map(jnp.shape, params))
panels.fitted(x_v, y_v, network(params, x_v))

# %% [markdown]
# ## Quiz (2 points)
#
# Answer each question with a set of letters, such as `{"a", "d"}`. The check says for each wrong letter why it is
# wrong.

# %% [markdown] locked="question-1"
# **Question 1.**
#
# {{ quiz: jax_grad.what_grad_makes }}

# %% solution="what_grad_makes"
### BEGIN SOLUTION
what_grad_makes = {"b", "c"}
### STUB
# what_grad_makes = ...
### END SOLUTION

# %% check="what_grad_makes" points=0.5
jax_grad.what_grad_makes.check(what_grad_makes)

# %% [markdown] locked="question-2"
# **Question 2.**
#
# {{ quiz: jax_grad.which_are_pure }}

# %% solution="which_are_pure"
### BEGIN SOLUTION
which_are_pure = {"a", "d"}
### STUB
# which_are_pure = ...
### END SOLUTION

# %% check="which_are_pure" points=0.5
jax_grad.which_are_pure.check(which_are_pure)

# %% [markdown] locked="question-3"
# **Question 3.**
#
# {{ quiz: jax_grad.when_does_it_stop }}

# %% solution="when_does_it_stop"
### BEGIN SOLUTION
when_does_it_stop = {"a", "b"}
### STUB
# when_does_it_stop = ...
### END SOLUTION

# %% check="when_does_it_stop" points=0.5
jax_grad.when_does_it_stop.check(when_does_it_stop)

# %% [markdown] locked="question-4"
# **Question 4.**
#
# {{ quiz: jax_grad.what_a_tracer_is }}

# %% solution="what_a_tracer_is"
### BEGIN SOLUTION
what_a_tracer_is = {"b", "c"}
### STUB
# what_a_tracer_is = ...
### END SOLUTION

# %% check="what_a_tracer_is" points=0.5
jax_grad.what_a_tracer_is.check(what_a_tracer_is)

# %% [markdown] locked="tail"
# ## What you now know
#
# - `jax.grad` makes of a function the function of its derivative, by the first argument or by `argnums`.
#   `jax.value_and_grad` returns the loss as well.
# - JAX runs your function with tracers in place of numbers. So it must be pure: compute with `jnp`, read the arguments
#   alone, change nothing, `return` everything.
# - What it reads from elsewhere is frozen, and what it writes elsewhere is a tracer. Neither gives an error message.
# - A float loss need never be exactly 0. Stop when it is smaller than a tolerance.
# - A pytree holds any number of parameters, and `jax.tree.map` updates them all.
#
# In nbgrader, press **Validate** in the toolbar to run all checks once more from top to bottom before you submit.
#
# **Next: lesson 08**, in which the whole training becomes one compiled program, and 800 of them run at once.
#
# *Further reading: points, start and printed figures follow "Gradient Descent, a deep dive", a tutorial with JAX. The
# faults that you repaired here are in its code or its text; that $b$ is to learn as well is not in it.*
