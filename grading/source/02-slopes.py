# %% [markdown] locked="head"
# # 02 · Slopes without a formula
#
# **You will** find slopes by measuring them, check gradients with them, repair a program that walks uphill, and teach
# the training loop when to stop.
#
# **You will learn**
# - what a derivative is: the slope of a secant that becomes a tangent;
# - what a *partial* derivative is, and a wrong way to explain it;
# - why the step $h$ of a numerical slope must be neither large nor tiny;
# - how a gradient check finds a wrong gradient in one line;
# - three rules for when to stop, and what each of them misses.
#
# **You need** lesson 01: the five steps (**0 initialize, 1 predict, 2 loss, 3 gradients, 4 update, 5 repeat**).
#
# **It takes** about 60 minutes. There are 14 points: 12 for code, 2 for a short quiz.
#
# Stuck? Put `slopes.slope.hint()` (or the name of another exercise) into a new cell.

# %% locked="imports"
import numpy as np

from gdexercises import figures, slopes
from gdexercises.tuning import slopes as panels

# %% [markdown]
# ## What is a slope?
#
# In lesson 01 you computed gradients by a formula, and the formula came from the chain rule. But what is it that such a
# formula computes? How much does the output change for a small change of the input. That can be measured: move the
# input a little, look at the output, divide.
#
# Take the curve $f(x) = x^3$ at $x = 1$. Go a step $h$ to the right, and draw a straight line through the two points:
# a *secant*. Its slope is rise over run:
#
# $$\frac{f(x + h) - f(x)}{h}$$
#
# **Predict before you run:** the steps below get ten times as small, from line to line. What number do the slopes go
# to?


# %%
def cube(x):
    return x**3


for h in (1, 0.1, 0.01, 0.001):
    print(f"h = {h:<6} slope {(cube(1 + h) - cube(1)) / h:.6f}")

# %% [markdown]
# They go to 3. The smaller $h$, the closer together the two points, and the less the secant differs from the *tangent*,
# the line that just touches the curve. The slope of the tangent is the *derivative* $f'(x)$. Here
# $f'(x) = 3x^2$, which is 3 at $x = 1$.
#
# Look at the errors, too: 4, 0.31, 0.0301, 0.003001. A tenth of $h$, a tenth of the error.

# %% [markdown]
# ### A better secant
#
# Why go to the right only? Put one point at $x - h$ and the other at $x + h$, the same distance on both sides. This is
# the *central difference*. Mind the run: from $x - h$ to $x + h$ it is $2h$.
#
# ### Exercise: slope (1 point)
#
# `f` is a function. You call it as any other, `f(x + h)` for example.


# %% solution="slope"
def slope(f, x, h):
    """Slope of the secant of f through the points at x - h and x + h.

    f: a function of one number. x: where. h: a positive number.

    Returns one number.
    """
    ### BEGIN SOLUTION
    return (f(x + h) - f(x - h)) / (2 * h)
    ### END SOLUTION


# %% check="slope" points=1
slopes.slope.check(slope)

# %% [markdown]
# **Predict before you run:** the same steps again. Ten times as small a step made the one-sided error ten times as
# small. And the central one?

# %%
for h in (1, 0.1, 0.01, 0.001):
    print(f"h = {h:<6} slope {slope(cube, 1, h):.6f}")

# %% [markdown]
# The errors are now 1, 0.01, 0.0001 and 0.000001: a tenth of $h$, a *hundredth* of the error.
#
# The reason is symmetry. Multiply out $(1 + h)^3 = 1 + 3h + 3h^2 + h^3$ and $(1 - h)^3 = 1 - 3h + 3h^2 - h^3$. In the
# difference of the two, the terms with $h^2$ cancel. They say how the curve bends, and both sides see the same bend.
# What is left after the division:
#
# - one-sided: $3 + 3h + h^2$, so the error is about $3h$;
# - central: $3 + h^2$, so the error is $h^2$.
#
# Other curves have other numbers in front, but the powers are the same. This error is called *truncation*: what you cut
# off by stopping before $h = 0$.

# %% [markdown]
# ## Watch the secant turn
#
# The two points of the secant are the circles. The dashed line is the tangent. On the right you see the error of the
# secant's slope for every $h$, and a star for the $h$ that you set.
#
# Find out:
# 1. Make $h$ smaller, step by step. When can you no longer tell the secant from the tangent by eye?
# 2. Go on with $h$, to the far left. What does the star do?
# 3. Which $h$ is the best one for central differences, and which for one-sided ones? (There is a button.)
# 4. Move $x$. Does the answer to 3 depend on it much?

# %%
panels.secant(cube, lambda x: 3 * x**2, "x³")

# %% [markdown]
# ## Why not take h tiny?
#
# **Predict before you run:** the central error is $h^2$. With $h = 10^{-10}$, will it be $10^{-20}$?

# %%
for h in (1e-4, 1e-6, 1e-8, 1e-10, 1e-12, 1e-14):
    print(f"h = {h:.0e}   slope {slope(cube, 1, h):.12f}   error {abs(slope(cube, 1, h) - 3):.0e}")

# %% [markdown]
# It gets better, and then it gets worse. The culprit is *rounding*. A float has about 16 digits. The numbers
# $f(x + h)$ and $f(x - h)$ are each rounded to the nearest float, so each is off by about $\varepsilon = 2 \cdot
# 10^{-16}$ of its size. As $h$ shrinks, the two agree in more and more digits, and in their difference exactly these
# digits vanish. What is left is mostly rounding, and then you divide it by a tiny number. That part of the error goes
# like $\varepsilon / h$.
#
# So there are two errors, and they pull in opposite directions: truncation wants $h$ small, rounding wants it large.
# On log scales each is a straight line, and together they make a V.

# %%
h = np.logspace(-15, 0, 61)
one_sided = (cube(1 + h) - cube(1)) / h
central = slope(cube, 1, h)
panels.error_against_h(h, abs(one_sided - 3), abs(central - 3))

# %% [markdown]
# The dotted lines are what was said above: $3h$ and $h^2$ for truncation on the right, $\varepsilon / h$ for rounding
# on the left. The best $h$ is where two of them cross. For the central difference that is near $\sqrt[3]{\varepsilon}
# \approx 6 \cdot 10^{-6}$, for the one-sided one near $\sqrt{\varepsilon} \approx 1.5 \cdot 10^{-8}$. And at its best
# the one-sided difference is still hundreds of times worse.
#
# A rule to remember: central differences, with $h = 10^{-5}$ for numbers of size 1.

# %% [markdown]
# ## Two parameters: partial derivatives
#
# The loss depends on two parameters. Here are four points, exactly on the line $y = 1 + 2x$, and the mean squared error
# of lesson 01 as a function of $b$ and $w$.

# %% locked="data"
x = np.array([[1.0], [2.0], [3.0], [4.0]])
y = 2 * x + 1


def loss(b, w):
    return ((b + w * x - y) ** 2).mean()


print("loss at b = 3, w = 1:", loss(3, 1))
print("loss at b = 1, w = 2:", loss(1, 2))

# %% [markdown]
# The *partial derivative* with respect to $w$ is the slope in $w$ alone: move $w$, and hold $b$ where it is.
#
# You will find it explained like this: "treat the other variable as a constant". That is right. But in one tutorial
# this became "set the other variable to 0", and that is wrong. 0 is a constant, but it is not the value that $b$ has.
# Try both at $b = 3$, $w = 1$:

# %%
print("b held at 3:", slope(lambda w: loss(3, w), 1, 1e-5))
print("b set to 0: ", slope(lambda w: loss(0, w), 1, 1e-5))
panels.slices(loss, b=3, w=1)

# %% [markdown]
# Two different slopes, -5 and -20. The second one is a slope too, but at another place: at $b = 0$, where you are not.
#
# Does it matter? Walk downhill with both, from $b = w = 0$.
#
# **Predict before you run:** the points lie on $y = 1 + 2x$. Where does the walk with the wrong slopes end?


# %%
def slope_in_b(b, w):
    return slope(lambda value: loss(value, w), b, 1e-5)


def slope_in_w(b, w):
    return slope(lambda value: loss(b, value), w, 1e-5)


def walk(others_set_to_zero):
    path = [(0.0, 0.0)]
    for _ in range(1000):
        b, w = path[-1]
        if others_set_to_zero:
            b_grad, w_grad = slope_in_b(b, 0), slope_in_w(0, w)
        else:
            b_grad, w_grad = slope_in_b(b, w), slope_in_w(b, w)
        path.append((b - 0.05 * b_grad, w - 0.05 * w_grad))
    return path


for others_set_to_zero in (False, True):
    b, w = walk(others_set_to_zero)[-1]
    print(f"others set to 0: {others_set_to_zero!s:5}   b = {b:.4f}, w = {w:.4f}, loss = {loss(b, w):.4f}")
figures.loss_surface(x, y, walk(others_set_to_zero=True))

# %% [markdown]
# Held at its value, the walk ends at $b = 1$, $w = 2$, with loss 0. Set to 0, it ends at $b = 6$, $w = 2.33$, with a
# loss of 34.17. On the map, the star is that end and the cross is the lowest place.
#
# No step of it looked wrong. It even comes close to the lowest place, and then it goes on, uphill. $b$ goes to the best
# height of a flat line ($w = 0$), $w$ to the best line through the origin ($b = 0$), and the two never hear of each
# other.

# %% [markdown]
# ### Exercise: numerical_gradient (2 points)
#
# Now for any number of parameters. They come in one array, `params`, and `f` takes that array. For each entry, move
# that entry alone by $h$ to both sides, and take the central difference. All of these slopes together are the
# *gradient*.
#
# One more thing to take care of: `params` belongs to whoever calls your function. It must not have changed when you are
# done.


# %% solution="numerical_gradient"
def numerical_gradient(f, params, h):
    """Gradient of f at params by central differences.

    f: a function of an array of shape (k,) that returns a number.
    params: an array of shape (k,), floats. h: how far to move each entry.

    Returns an array of shape (k,).
    """
    ### BEGIN SOLUTION
    grad = np.zeros(len(params))
    for i in range(len(params)):
        up, down = params.copy(), params.copy()
        up[i] += h
        down[i] -= h
        grad[i] = (f(up) - f(down)) / (2 * h)
    return grad
    ### END SOLUTION


# %% check="numerical_gradient" points=2
slopes.numerical_gradient.check(numerical_gradient)


# %%
def loss_at(params):
    b, w = params
    return loss(b, w)


params = np.array([3.0, 1.0])
numeric = numerical_gradient(loss_at, params, 1e-5)
print("numerical gradient at b = 3, w = 1:", numeric)

# %% [markdown]
# So why bother with formulas? Count: two parameters took four losses. A model with a million parameters would take two
# million losses for a single update. The numerical gradient is too slow to train with. What it is good for is to
# *check* a formula: it needs none, so it cannot have the same mistake.

# %% [markdown]
# ## The gradient check
#
# You have a gradient from a formula, $g$, and a numerical one, $\hat{g}$. They will never be equal in every digit. How
# close is close enough?
#
# The difference alone cannot tell. Between 1000.000 and 1000.001 it is 0.001, and the two surely agree. Between 0.001
# and 0.002 it is 0.001 as well, and one is twice the other. What counts is the difference compared with the size of the
# gradients, the *relative error*:
#
# $$\frac{\lVert g - \hat{g} \rVert}{\lVert g \rVert + \lVert \hat{g} \rVert}$$
#
# The double bars are the length of an array, the root of the sum of its squares: `np.linalg.norm`.
#
# **Predict before you run:** what does the fraction give if $g$ and $\hat{g}$ are equal? If one is minus the other? If
# one is twice the other?
#
# ### Exercise: gradient_check (2 points)
#
# One special case: at the bottom of a valley both gradients can be exactly zero. Then they agree, so return 0.


# %% solution="gradient_check"
def gradient_check(grad, numeric):
    """Relative error of two gradients.

    grad, numeric: arrays of shape (k,).

    Returns one number from 0 (equal) to 1 (opposite), and 0 if both are zero.
    """
    ### BEGIN SOLUTION
    total = np.linalg.norm(grad) + np.linalg.norm(numeric)
    if total == 0:
        return 0.0
    return np.linalg.norm(grad - numeric) / total
    ### END SOLUTION


# %% check="gradient_check" points=2
slopes.gradient_check.check(gradient_check)

# %%
print("minus the gradient:  ", gradient_check(-numeric, numeric))
print("half the gradient:   ", gradient_check(numeric / 2, numeric))
print("1000 against 1000.001:", gradient_check(np.array([1000.0]), np.array([1000.001])))
print("0.001 against 0.002:  ", gradient_check(np.array([0.001]), np.array([0.002])))

# %% [markdown]
# Learn these by heart, they will save you hours: a relative error of **1** is a reversed sign, **1/3** is a factor of
# 2. Below about $10^{-7}$ the formula is right. Above $10^{-2}$ it is wrong. Between the two, try another $h$ first.

# %% [markdown]
# ## Find the bugs: a program that does not work
#
# An article on gradient descent ends with a short program. It fits a line to the four points above. It has five faults,
# some loud and some silent. The silent ones are worse, so start with them.
#
# ### A loss below zero
#
# Here is its loss, under a name of its own.
#
# **Predict before you run:** if the predictions are perfect, `yhat = y`, what must a mean squared error be?


# %% locked="mse-shown"
def mse_of_the_article(yhat, y):
    return (y - yhat**2).mean()


print("perfect predictions:", mse_of_the_article(y, y))
print("all predictions 0:  ", mse_of_the_article(0 * y, y))
print("all predictions 100:", mse_of_the_article(0 * y + 100, y))

# %% [markdown]
# A mean of squares cannot be -35. And the more absurd the predictions, the "better" the loss. Nothing raises an error;
# the numbers are just nonsense.
#
# ### Exercise: repair the loss (1 point)


# %% solution="repair_mse"
def mse(yhat, y):
    """Mean squared error.

    yhat, y: arrays of shape (N, 1).

    Returns one number, never negative.
    """
    ### BEGIN SOLUTION
    return ((y - yhat) ** 2).mean()
    ### STUB
    # return (y - yhat**2).mean()
    ### END SOLUTION


# %% check="repair_mse" points=1
slopes.repair_mse.check(mse)

# %%
print("perfect predictions:", mse(y, y))
print("all predictions 0:  ", mse(0 * y, y))
print("all predictions 100:", mse(0 * y + 100, y))

# %% [markdown]
# ### A program that climbs
#
# Next, its gradients. You have a tool for that now.


# %% locked="gradients-shown"
def gradients_of_the_article(x, y, b, w):
    error = b + w * x - y
    return -2 * error.mean(), -2 * (x * error).mean()


grad = np.array(gradients_of_the_article(x, y, 3.0, 1.0))
print("its gradient:      ", grad)
print("numerical gradient:", numeric)
print("relative error:    ", gradient_check(grad, numeric))

# %% [markdown]
# A relative error of 1. You know what that is. And this is what it does, in 20 rounds with a learning rate of 0.05:

# %% locked="climb-shown"
b, w, losses = 0.0, 0.0, []
for epoch in range(20):
    losses.append(loss(b, w))
    b_grad, w_grad = gradients_of_the_article(x, y, b, w)
    b, w = b - 0.05 * b_grad, w - 0.05 * w_grad
    if epoch in (0, 1, 4, 9, 19):
        print(f"after round {epoch + 1:2}: b = {b:11,.0f}, w = {w:11,.0f}")
figures.loss_curve(losses)

# %% [markdown]
# After 20 rounds $w$ is -393,152. It should be 2. The update subtracts the gradient, as it must, but the gradient
# points the wrong way, so the program walks uphill, and the higher it gets the steeper it is.
#
# Many texts do write a -2 here. They define the error the other way around. Both ways work; a mixture does not.
#
# ### Exercise: repair the gradients (1 point)


# %% solution="repair_gradients"
def gradients(x, y, b, w):
    """Partial derivatives of the mean squared error of b + w * x.

    x, y: arrays of shape (N, 1). b, w: numbers.

    Returns b_grad, w_grad, two numbers.
    """
    ### BEGIN SOLUTION
    error = b + w * x - y
    return 2 * error.mean(), 2 * (x * error).mean()
    ### STUB
    # error = b + w * x - y
    # return -2 * error.mean(), -2 * (x * error).mean()
    ### END SOLUTION


# %% check="repair_gradients" points=1
slopes.repair_gradients.check(gradients)

# %%
print("relative error:", gradient_check(np.array(gradients(x, y, 3.0, 1.0)), numeric))

# %% [markdown]
# That is how close a right formula comes. (For the loss of a line there is no truncation at all: it is a parabola in
# each parameter, and central differences are exact for parabolas. What you see is rounding.)

# %% [markdown]
# ### Three loud faults
#
# Last, the loop. Its first fault is so loud that Python will not even read it, so here it stands as a text.

# %% locked="train-shown"
program = """
def train(x, y, b, w, lr, n_epochs):
    log = []
    mse = []
    for epoch in range(n_epochs):
        mse.append(mse(b + w * x, y)
        b_grad, w_grad = gradient(x, y, b, w)
        b, w = b - lr * b_grad, w - lr * w_grad
    return b, w, log
"""
try:
    exec(program)
except SyntaxError as error:
    print("SyntaxError:", error.msg)
    print(error.text)

# %% [markdown]
# A bracket is missing, and Python says where it was opened. In the cell below it is closed already. What is left: two
# faults that raise an error, one after the other, and one that does not. The last one is easy to miss, since $b$ and
# $w$ come out right.
#
# ### Exercise: repair the loop (2 points)
#
# It calls your `mse` and your `gradients`, so repair these first. Run the cell, then the one after it, which tries
# `train` and shows the last line of the error. Repair what it says, and run both again.


# %% solution="repair_train"
def train(x, y, b, w, lr, n_epochs):
    """Gradient descent with a log of the loss.

    x, y: arrays of shape (N, 1). b, w: where to start. lr: learning rate. n_epochs: how many updates.

    Returns b, w (after the last update) and log, a list: log[i] is the loss just before update i.
    """
    ### BEGIN SOLUTION
    log = []
    for _ in range(n_epochs):
        log.append(mse(b + w * x, y))
        b_grad, w_grad = gradients(x, y, b, w)
        b, w = b - lr * b_grad, w - lr * w_grad
    return b, w, log
    ### STUB
    # log = []
    # mse = []
    # for epoch in range(n_epochs):
    #     mse.append(mse(b + w * x, y))
    #     b_grad, w_grad = gradient(x, y, b, w)
    #     b, w = b - lr * b_grad, w - lr * w_grad
    # return b, w, log
    ### END SOLUTION


# %%
try:
    b, w, log = train(x, y, b=0.0, w=0.0, lr=0.05, n_epochs=3)
    print(f"after 3 rounds: b = {b:.4f}, w = {w:.4f}, and the log has {len(log)} losses")
except Exception as error:
    print(f"{type(error).__name__}: {error}")

# %% check="repair_train" points=2
slopes.repair_train.check(train)

# %%
b, w, log = train(x, y, b=0.0, w=0.0, lr=0.05, n_epochs=20)
print(f"after 20 rounds: b = {b:.4f}, w = {w:.4f}, loss {log[0]:.2f} -> {log[-1]:.4f}")

# %% [markdown]
# After the same 20 rounds $w$ is near 2, as it should be, and not at -393,152. $b$ takes longer, as in lesson 01: the
# valley is steep in one direction and flat in the other.

# %% [markdown]
# ## When to stop
#
# Up to now the loop ran as often as you said. How often is enough? Three rules are in use:
#
# 1. **`"epochs"`**: after so many epochs. It always ends, but it does not know whether it has arrived.
# 2. **`"loss"`**: the loss is small enough. But how small can it get? With noisy data never near 0, and then this rule
#    never stops anything.
# 3. **`"gradient"`**: the gradient is short. Where there is no slope, there is nothing left to gain, whatever the loss
#    is. It can be fooled by a place that is flat and is not the bottom.
#
# Each of them misses something, so use them together, and let the loop tell *which* one stopped it. "It ended" and "it
# arrived" are two different things.
#
# ### Exercise: train_until (3 points)
#
# Each epoch goes in this order:
#
# 1. compute the loss and append it to `losses`; if it is smaller than `small_loss`, stop;
# 2. compute the gradients; if their length $\sqrt{b\_grad^2 + w\_grad^2}$ is smaller than `small_gradient`, stop;
# 3. update $b$ and $w$.
#
# After `n_epochs` epochs, stop as well. Return the reason as a word: `"loss"`, `"gradient"` or `"epochs"`. (The length
# is `np.hypot(b_grad, w_grad)`. Remember that a slope of -3 is less than 0.001, and still steep.)


# %% solution="train_until"
def train_until(x, y, b, w, lr, n_epochs, small_loss, small_gradient):
    """Gradient descent that stops as soon as a rule says so, and tells which.

    x, y: arrays of shape (N, 1). b, w: where to start. lr: learning rate. n_epochs: the largest number of epochs.
    small_loss, small_gradient: stop if the loss, or the length of the gradient, is smaller than that.

    Returns b, w, losses (one for each epoch begun) and the reason: "loss", "gradient" or "epochs".
    """
    ### BEGIN SOLUTION
    losses = []
    for _ in range(n_epochs):
        losses.append(mse(b + w * x, y))
        if losses[-1] < small_loss:
            return b, w, losses, "loss"
        b_grad, w_grad = gradients(x, y, b, w)
        if np.hypot(b_grad, w_grad) < small_gradient:
            return b, w, losses, "gradient"
        b, w = b - lr * b_grad, w - lr * w_grad
    return b, w, losses, "epochs"
    ### END SOLUTION


# %% check="train_until" points=3
slopes.train_until.check(train_until)

# %% [markdown]
# Three trainings, all with `n_epochs=2000`, `small_loss=1e-4` and `small_gradient=1e-4`: the four points on the line
# with a good learning rate; the same with a learning rate a hundred times as small; and four points that lie a little
# off the line.
#
# **Predict before you run:** which rule ends each of them?

# %%
y_noisy = y + np.array([[0.3], [-0.4], [0.2], [0.5]])
trainings = {"on the line": (y, 0.05), "tiny steps": (y, 0.0005), "off the line": (y_noisy, 0.05)}

runs = {}
for name, (targets, lr) in trainings.items():
    b, w, losses, reason = train_until(x, targets, 0.0, 0.0, lr, n_epochs=2000, small_loss=1e-4, small_gradient=1e-4)
    runs[name] = (losses, reason)
    print(f"{name:12}  {reason:8}  after {len(losses):4} epochs, b = {b:.4f}, w = {w:.4f}, loss = {losses[-1]:.4f}")
panels.stops(runs)

# %% [markdown]
# Points off the line leave a loss that no line can remove, so there the rule for the gradient has to end it. And look
# at the tiny steps: the curve is nearly flat at the end, which looks like arrived and is not. The reason tells: it ran
# out of epochs.

# %% [markdown]
# ## Quiz (2 points)
#
# Answer each question with a set of letters, such as `{"a", "c"}`. The check says for each wrong letter why it is
# wrong.

# %% [markdown] locked="question-1"
# **Question 1.**
#
# {{ quiz: slopes.size_of_h }}

# %% solution="size_of_h"
### BEGIN SOLUTION
size_of_h = {"b", "c"}
### STUB
# size_of_h = ...
### END SOLUTION

# %% check="size_of_h" points=0.5
slopes.size_of_h.check(size_of_h)

# %% [markdown] locked="question-2"
# **Question 2.**
#
# {{ quiz: slopes.held_variable }}

# %% solution="held_variable"
### BEGIN SOLUTION
held_variable = {"c"}
### STUB
# held_variable = ...
### END SOLUTION

# %% check="held_variable" points=0.5
slopes.held_variable.check(held_variable)

# %% [markdown] locked="question-3"
# **Question 3.**
#
# {{ quiz: slopes.error_of_one }}

# %% solution="error_of_one"
### BEGIN SOLUTION
error_of_one = {"b"}
### STUB
# error_of_one = ...
### END SOLUTION

# %% check="error_of_one" points=0.5
slopes.error_of_one.check(error_of_one)

# %% [markdown] locked="question-4"
# **Question 4.**
#
# {{ quiz: slopes.which_rule_stops }}

# %% solution="which_rule_stops"
### BEGIN SOLUTION
which_rule_stops = {"b", "d"}
### STUB
# which_rule_stops = ...
### END SOLUTION

# %% check="which_rule_stops" points=0.5
slopes.which_rule_stops.check(which_rule_stops)

# %% [markdown] locked="tail"
# ## What you now know
#
# - A derivative is the slope of a secant as its two points move together. The central difference gets there like $h^2$,
#   the one-sided one like $h$, and rounding spoils both when $h$ is tiny.
# - For a partial derivative the other variables are held at *their values*. They are not set to 0.
# - A gradient check compares a formula with the numerical gradient, by the relative error. 1 is a reversed sign, 1/3 a
#   factor of 2.
# - A silent fault is worse than a loud one. Try the loss on perfect predictions, and the gradient on a gradient check,
#   before you train.
# - Three rules stop a training: epochs, loss, gradient. Let it say which one did.
#
# In nbgrader, press **Validate** in the toolbar to run all checks once more from top to bottom before you submit.
#
# **Next: lesson 03**, in which an update no longer uses all points, and you compute where a learning rate becomes too
# large.
#
# *Further reading: the explanation of derivatives, two of the stopping rules, and the program with its five faults
# follow "Machine Learning Log 8: an intuitive overview of gradient descent".*
