# %% [markdown] locked="head"
# # 08 · Compile, repeat, map: JAX's transformations
#
# **You will** put a whole training into one compiled program, run 800 trainings with one call, and see in a single
# picture where the learning rates end.
#
# **You will learn**
# - what `jit` does to a function, what compiling costs, and when it pays;
# - `lax.scan`, the loop that stays one line long however often it goes round;
# - `vmap`, which makes of a function for one thing a function for many;
# - `hessian`, which says where the learning rates end;
# - what all of them ask in return: no side effects.
#
# **You need** lesson 07 (`grad`, `value_and_grad`, pure functions) and the limit $2/L$ from lesson 03.
#
# **It takes** about 60 minutes. There are 14 points: 12 for code, 2 for a short quiz.
#
# The checks call your functions under `jit` and `vmap`, and look at the programs that JAX makes of them. Stuck? Put
# `jax_transforms.train_scan.hint()` (or the name of another exercise) into a new cell.

# %% locked="needs-jax"
# This import comes first: if JAX is missing, it says in one line how to install it.
from gdexercises import jax_transforms

print("JAX is here, version", jax_transforms.jax.__version__)

# %% locked="imports"
import time
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

from gdexercises.tuning import jax_transforms as panels

# %% [markdown]
# ## The data
#
# The points of lesson 03, and the same far-off start: $N = 100$ points near the line $y = -5x$, with $b = -20$ and
# $w = -10$ at the beginning. The arrays are flat here, of shape `(N,)`, as in lesson 07.

# %% locked="data"
rng = np.random.default_rng(42)
N = 100
x = jnp.arange(-5, 5, 0.1)
y = -5 * x + 0.4 * jnp.array(rng.standard_normal(N))
b_start, w_start = -20.0, -10.0

print("x:", x.shape, x.dtype, "y:", y.shape, y.dtype)

# %% [markdown]
# Steps 1 and 2, predict and loss, are one short function of the parameters $b$, $w$ and the points.


# %% locked="loss"
def loss(b, w, x, y):
    yhat = b + w * x
    error = yhat - y
    return jnp.mean(error**2)


# %% [markdown]
# ## What jit does
#
# Here is one epoch, steps 1 to 4. `jax.jit` makes a compiled function of it. The `print` is a spy: it tells when Python
# runs this function.
#
# **Predict before you run:** three calls, with three different learning rates. How many lines will be printed?


# %%
@jax.jit
def epoch(b, w, x, y, lr):
    print("Python runs this function, with lr =", lr)
    before, (b_grad, w_grad) = jax.value_and_grad(loss, argnums=(0, 1))(b, w, x, y)
    return b - lr * b_grad, w - lr * w_grad, before


for lr in (0.1, 0.05, 0.01):
    b, w, before = epoch(b_start, w_start, x, y, lr)
    print(f"lr = {lr}: b = {b:.4f}, w = {w:.4f}")

# %% [markdown]
# One line, and in it no number. At the first call, JAX runs your function once with stand-ins called *tracers*. A
# tracer has a dtype and a shape, here `float32[]`, and no value. Every operation on it is written down: this is
# *tracing*. What was written down is compiled, and from then on calls run the compiled program. Python, and with it
# your `print`, has no part in them.
#
# You can look at what was written down. JAX calls such a program a *jaxpr*:

# %%
program = jax.make_jaxpr(loss)(jnp.float32(b_start), jnp.float32(w_start), x, y)
print(program.pretty_print(use_color=False))

# %% [markdown]
# Read it as assignments, one operation a line. `f32[100]` is an array of 100 single-precision numbers, `f32[]` is one
# number. There are no values here but two constants, the power 2 and the 100 of the mean. So the same program serves
# any $b$, any $w$, and any 100 points.

# %% [markdown]
# ### When it traces again
#
# A program is made for certain shapes and dtypes. Other shapes need another program, and so JAX traces and compiles
# once more. Such a *retrace* is silent, unless there is a spy.
#
# **Predict before you run:** which of these five calls print a line of the spy's? (The first shape is known already.)

# %%
print("1. 100 points:")
_ = epoch(b_start, w_start, x, y, 0.02)
print("2. other numbers:")
_ = epoch(1.0, 2.0, 3 * x, y + 1, 0.3)
print("3. 99 points:")
_ = epoch(b_start, w_start, x[:99], y[:99], 0.02)
print("4. 99 other points:")
_ = epoch(b_start, w_start, x[1:], y[1:], 0.02)
print("5. a whole number for lr:")
_ = epoch(b_start, w_start, x, y, 1)

# %% [markdown]
# Two of them: the third has a new shape, and the fifth a new dtype, `int32` for `float32`. Values never matter, with
# one exception that you choose yourself: an argument can be *static*. Its value is then built into the program, and
# each new value costs a new program. You will need that for the number of epochs.

# %% [markdown]
# ## Step 5 as a scan
#
# Now the loop. A Python `for` loop inside a compiled function works, in a way: Python goes round while JAX traces, and
# each round is written down. A thousand epochs make a program of a thousand epochs.
#
# `jax.lax.scan` puts *one* round into the program, and a loop around it:
#
# ```python
# last, collected = jax.lax.scan(f, start, None, length=n)
# ```
#
# means the same as
#
# ```python
# carry, collected = start, []
# for _ in range(n):
#     carry, out = f(carry, None)
#     collected.append(out)
# last = carry
# ```
#
# The *carry* is what one round hands to the next: here the pair $(b, w)$. It goes in as the first argument of `f`, and
# comes out as the first result, built the same way. What `f` returns second is collected into an array: here the loss.
# (In place of `None` there could be an array to walk through; its entries would be the second argument of `f`.)
#
# ### Exercise: train_scan (3 points)
#
# The training loop of lesson 01 as a scan. As always, `losses[i]` is the loss just *before* update $i$. Use `loss` from
# above, and `jax.value_and_grad`.


# %% solution="train_scan"
def train_scan(x, y, b, w, lr, n_epochs):
    """Gradient descent, as one loop inside the program.

    x, y: arrays of shape (N,). b, w: where to start. lr: learning rate. n_epochs: how many updates, a Python number.

    Returns b, w (after the last update) and losses, an array of shape (n_epochs,): losses[i] is the loss just before
    update i.
    """

    ### BEGIN SOLUTION
    def one_epoch(params, _):
        b, w = params
        before, (b_grad, w_grad) = jax.value_and_grad(loss, argnums=(0, 1))(b, w, x, y)
        return (b - lr * b_grad, w - lr * w_grad), before

    (b, w), losses = jax.lax.scan(one_epoch, (b, w), None, length=n_epochs)
    return b, w, losses
    ### END SOLUTION


# %% check="train_scan" points=3
jax_transforms.train_scan.check(train_scan)

# %%
b, w, losses = train_scan(x, y, b_start, w_start, lr=0.1, n_epochs=100)
print(f"b = {b:.4f}, w = {w:.4f}, loss from {losses[0]:.2f} to {losses[-1]:.4f}")

w_best, b_best = np.polyfit(x, y, 1)
print(f"least squares: b = {b_best:.4f}, w = {w_best:.4f}")

# %% [markdown]
# ### Two loops, two programs
#
# Here is the same training with a Python loop, to compare. Both give the same numbers.
#
# **Predict before you run:** how many times as long is the program for 30 epochs as that for 10, with either loop?


# %%
def train_loop(x, y, b, w, lr, n_epochs):
    losses = []
    for _ in range(n_epochs):
        before, (b_grad, w_grad) = jax.value_and_grad(loss, argnums=(0, 1))(b, w, x, y)
        losses.append(before)
        b, w = b - lr * b_grad, w - lr * w_grad
    return b, w, jnp.array(losses)


def lines_of_program(train, n_epochs):
    program = jax.make_jaxpr(train, static_argnums=5)(x, y, b_start, w_start, 0.1, n_epochs)
    return len(str(program).splitlines())


counts = (1, 3, 10, 30)
sizes = {
    "Python loop": {n: lines_of_program(train_loop, n) for n in counts},
    "lax.scan": {n: lines_of_program(train_scan, n) for n in counts},
}
panels.program_sizes(sizes)

# %% [markdown]
# The Python loop's program is three times as long, the scan's is the same. The compiler has to read all of it, so a
# long program takes long to compile.
#
# ### What compiling costs, and when it pays
#
# Here are four ways to run the same 100 epochs:
#
# - without `jit`, each operation on its own;
# - one epoch compiled, and called by a Python loop;
# - the whole Python loop compiled;
# - the scan compiled.
#
# The number of epochs shapes the program of the last two, so there it is static: `static_argnames="n_epochs"`.
#
# **Predict before you run:** the first call of a compiled function includes tracing and compiling. Which of the three
# compiled ways has the most expensive first call, and which the cheapest later ones?


# %%
@jax.jit
def quiet_epoch(b, w, x, y, lr):
    before, (b_grad, w_grad) = jax.value_and_grad(loss, argnums=(0, 1))(b, w, x, y)
    return b - lr * b_grad, w - lr * w_grad, before


def loop_of_epochs(x, y, b, w, lr, n_epochs):
    for _ in range(n_epochs):
        b, w, before = quiet_epoch(b, w, x, y, lr)
    return b, w, before


def seconds(function, *arguments):
    started = time.perf_counter()
    jax.block_until_ready(function(*arguments))  # JAX returns before it has finished: wait for the numbers
    return time.perf_counter() - started


ways = {
    "no jit": train_loop,
    "epoch compiled": loop_of_epochs,
    "loop compiled": jax.jit(train_loop, static_argnames="n_epochs"),
    "scan compiled": jax.jit(train_scan, static_argnames="n_epochs"),
}
arguments = (x, y, b_start, w_start, 0.1, 100)
times = {}
for name, train in ways.items():
    jax.clear_caches()  # forget all programs, so that the first call is a first one
    first = seconds(train, *arguments)
    times[name] = first, min(seconds(train, *arguments) for _ in range(5))

fastest = times["scan compiled"][1]
print("in units of a later call of the compiled scan:")
for name, (first, later) in times.items():
    print(f"{name:15} first call {first / fastest:9.0f}, later calls {later / fastest:9.0f}")

# %% [markdown]
# Your numbers differ from those of others, and from run to run. The picture does not. The Python loop has the dearest
# first call, for the compiler has to read a hundred epochs. A later call of the compiled scan is the cheapest, since
# all goes on inside one short program. Without `jit` every call is dear, and the first one even more so: a single
# operation, too, is compiled when it is met for the first time.
#
# So compiling is an investment. It pays from that number of calls on at which what the first call cost is made up for:

# %%
first, later = times["scan compiled"]
_, without = times["no jit"]
print(f"Compiling costs as much as {(first - later) / later:.0f} calls of the compiled program.")
print(f"Against no jit at all, it has paid after {max(1, int(np.ceil((first - later) / (without - later))))} call(s).")

# %% [markdown]
# And it is lost if the program is thrown away. `jax.jit(f)` remembers the programs that it has made for this very `f`.
# Make a new `f` inside a function that is called often, and you compile each time:


# %%
def forgetful(x, y, b, w, lr, n_epochs):
    return jax.jit(lambda b, w: train_scan(x, y, b, w, lr, n_epochs))(b, w)


print(f"jit inside:  {[round(seconds(forgetful, *arguments) / fastest) for _ in range(3)]} for three calls")
print(f"jit outside: {[round(seconds(ways['scan compiled'], *arguments) / fastest) for _ in range(3)]}")

# %% [markdown]
# The rule: **put `jit` outside, once**, most simply as a decorator above `def`.
#
# The same holds for a scan without any `jit` around it: `train_scan` defines its inner function anew in each call, so
# the scan is compiled anew in each call.

# %% [markdown]
# ## Many trainings at once
#
# Which learning rate is best? So far you tried a few, one after the other. `jax.vmap` takes a function for one thing,
# and makes one for many:
#
# ```python
# jax.vmap(f, in_axes=(None, 0))(a, bs)
# ```
#
# calls `f(a, b)` for every entry `b` of `bs` and stacks the results along a new first axis. `in_axes` has one entry for
# each argument: 0 for "walk along axis 0", `None` for "the same for all". No loop goes round: the program works on
# whole arrays from the start.
#
# **Predict before you run:** what is the shape of the result?

# %%
lrs = jnp.array([0.001, 0.01, 0.1])
losses_of = lambda lr: train_scan(x, y, b_start, w_start, lr, 50)[2]
print(jax.vmap(losses_of)(lrs).shape)

# %% [markdown]
# Three learning rates, and 50 losses for each. The new axis stands first.
#
# A function that came out of `vmap` is a function like any other, so it can go into `vmap` again.
#
# ### Exercise: sweep (3 points)
#
# Train from every start, with every learning rate. A start is a pair: `bs[i]` goes with `ws[i]`. That makes two vmaps,
# one inside the other. The outer one makes the first axis of the result.
#
# Compile the whole: a second call with arrays of the same shapes must not compile again. The number of epochs is
# static.
#
# (If you change `train_scan` later, run the cell of `sweep` again as well. A compiled function keeps the program that
# it has made, and that has the old `train_scan` in it.)


# %% solution="sweep"
@partial(jax.jit, static_argnames="n_epochs")
def sweep(x, y, bs, ws, lrs, n_epochs):
    """The losses of gradient descent from every start, with every learning rate; compiled once.

    x, y: arrays of shape (N,). bs, ws: the starts, arrays of shape (S,). lrs: learning rates, an array of shape (L,).
    n_epochs: how many updates, a Python number.

    Returns losses, an array of shape (S, L, n_epochs).
    """

    ### BEGIN SOLUTION
    def losses_of(b, w, lr):
        return train_scan(x, y, b, w, lr, n_epochs)[2]

    over_lrs = jax.vmap(losses_of, in_axes=(None, None, 0))
    over_starts = jax.vmap(over_lrs, in_axes=(0, 0, None))
    return over_starts(bs, ws, lrs)
    ### END SOLUTION


# %% check="sweep" points=3
jax_transforms.sweep.check(sweep)

# %% [markdown]
# Now 400 learning rates, from 0.001 to 1, and two starts: 800 trainings of 60 epochs, in one call.

# %%
lrs = jnp.logspace(-3, 0, 400)
bs, ws = jnp.array([-20.0, 5.0]), jnp.array([-10.0, 3.0])
losses = sweep(x, y, bs, ws, lrs, n_epochs=60)
print("losses:", losses.shape)

one = min(seconds(ways["scan compiled"], x, y, b_start, w_start, 0.1, 60) for _ in range(5))
all_of_them = min(seconds(sweep, x, y, bs, ws, lrs, 60) for _ in range(3))
print(f"800 trainings take as long as {all_of_them / one:.0f} single ones.")

# %% [markdown]
# **Predict before you run:** the picture below has the learning rates across and the epochs upwards. Blue is a loss
# below that at the start, orange one above it. Where will the border be, and how sharp?

# %%
panels.loss_map(lrs, losses[0])

# %% [markdown]
# There it is, the limit that you computed in lesson 03: to the left of one learning rate the loss falls, to the right
# of it, it grows. Near the border both take their time. After 60 epochs, the learning rates from 0.053 to 0.113 have
# come to within 1 % of the lowest loss, and at 0.121 it has grown: the best learning rates are not far from those that
# diverge.

# %% [markdown]
# ## The limit from the Hessian
#
# In lesson 03 you worked out the second derivatives of this loss by hand, put them into a table $H$, the Hessian, and
# took its largest eigenvalue $L$. Gradient descent is stable below $2/L$.
#
# `jax.hessian(f)` is the table of second derivatives of any `f`, as `jax.grad(f)` is the list of first ones. So the
# same limit can be had for a loss that nobody would like to differentiate twice.
#
# ### Exercise: hessian_bound (2 points)
#
# `f` takes one array, `params`, and returns one number. The eigenvalues of a symmetric table are
# `jnp.linalg.eigvalsh(H)`.


# %% solution="hessian_bound"
def hessian_bound(f, params):
    """The largest stable learning rate of gradient descent on f, near params.

    f: a loss, f(params) is one number. params: array of shape (P,).

    Returns 2 / L, one number, with the largest curvature L of f at params.
    """
    ### BEGIN SOLUTION
    H = jax.hessian(f)(params)
    return 2 / jnp.linalg.eigvalsh(H).max()
    ### END SOLUTION


# %% check="hessian_bound" points=2
jax_transforms.hessian_bound.check(hessian_bound)

# %%
f = lambda params: loss(params[0], params[1], x, y)
start = jnp.array([b_start, w_start])
H = jax.hessian(f)(start)
print("Hessian:", H)
print("eigenvalues:", jnp.linalg.eigvalsh(H))
bound = hessian_bound(f, start)
print(f"2 / L = {bound:.4f}")

# %% [markdown]
# The same 0.12 as in lesson 03, and no derivative by hand. Put it on the picture, and take the other start as well.
#
# **Predict before you run:** will the border move with the start?

# %%
panels.loss_map(lrs, losses[0], bound=bound, title="From b = -20, w = -10")

# %%
panels.loss_map(lrs, losses[1], bound=bound, title="From b = 5, w = 3")

# %% [markdown]
# The colours differ, the border does not. This loss is a bowl, and a bowl has the same curvature everywhere,
# so one Hessian holds for all starts. For most losses it does not, and then $2/L$ is true only near the place where you
# computed it.

# %% [markdown]
# ## Tune it
#
# The picture with handles, on the same points. Every move of a slider draws 300 learning rates anew. The green line is
# a cursor, and its loss is the curve on the right.
#
# Find out:
# 1. Make the spread of $x$ twice as large. By which factor does $2/L$ move, and why not by two?
# 2. Now make it smaller and smaller. Where does $2/L$ stop, and which curvature has taken over?
# 3. Go from 100 points down to 2. Does the limit depend on how many points there are, or on which?
# 4. Put the cursor just below the limit, then just above. How do the curves differ?

# %%
panels.sweep_map()

# %% [markdown]
# ## A gradient for each point
#
# A loss is a mean, so its gradient is the mean of the points' own gradients. Sometimes you want these one by one: to
# see which points pull hardest, to cut off the largest, or to measure the noise of a batch as in lesson 03.
#
# `grad` cannot do it alone: it wants a function that returns one number, and the mean has forgotten who gave what. But
# `loss` takes a single point as well as a hundred. So take the gradient for *one* point, and map it over all of them.
#
# **Predict before you run:** the order matters. What would you get from the gradient of a mean over a vmap?
#
# ### Exercise: per_example_gradients (2 points)


# %% solution="per_example_gradients"
def per_example_gradients(b, w, x, y):
    """The gradients of each point's own squared error.

    b, w: the parameters. x, y: arrays of shape (N,).

    Returns b_grads, w_grads, arrays of shape (N,): entry i belongs to point i.
    """
    ### BEGIN SOLUTION
    of_one_point = jax.grad(loss, argnums=(0, 1))
    return jax.vmap(of_one_point, in_axes=(None, None, 0, 0))(b, w, x, y)
    ### END SOLUTION


# %% check="per_example_gradients" points=2
jax_transforms.per_example_gradients.check(per_example_gradients)

# %%
b_grads, w_grads = per_example_gradients(b_start, w_start, x, y)
b_grad, w_grad = jax.grad(loss, argnums=(0, 1))(b_start, w_start, x, y)
print("shapes:", b_grads.shape, w_grads.shape)
print(f"mean of w_grads: {w_grads.mean():.4f}, gradient of the mean: {w_grad:.4f}")
panels.gradients_of_points(x, w_grads, w_grad)

# %% [markdown]
# The points do not agree. Those on the right have a negative gradient: they want a larger $w$, and the last ones pull
# hardest. Many on the left want a smaller one. At $x = 0$ a point does not care about $w$ at all. The mean, $-81$, is
# all that batch gradient descent gets to see of it.

# %% [markdown]
# ## Find the bug (2 points)
#
# A colleague wants to see the loss each time that a compiled epoch runs, and to keep a history. There is no error
# message.
#
# **Predict before you run:** five epochs. How many lines, and how long is `history`?

# %% locked="bug-shown"
history = []


@jax.jit
def epoch_of_a_colleague(b, w, x, y, lr):
    before, (b_grad, w_grad) = jax.value_and_grad(loss, argnums=(0, 1))(b, w, x, y)
    print("loss:", before)
    history.append(before)
    return b - lr * b_grad, w - lr * w_grad, before


b, w = jnp.array(b_start), jnp.array(w_start)
for _ in range(5):
    b, w, before = epoch_of_a_colleague(b, w, x, y, 0.1)
print("five epochs later, history has", len(history), "entry:", history)

# %% [markdown]
# Printing and appending are *side effects*: they change something outside the function. They happen when Python runs
# the function, and that is once, while JAX traces. What is printed and kept is a tracer, which has no number and never
# will.
#
# JAX wants pure functions: what goes in are the arguments, what comes out are the results. A history belongs to the
# code that calls the function. And for printing there is `jax.debug.print("loss: {}", value)`, which puts the printing
# into the program.
#
# Repair it. It must print its loss in *every* call, change nothing outside, and work when it is compiled.


# %% solution="logged_epoch"
@jax.jit
def logged_epoch(b, w, x, y, lr):
    """One epoch, compiled, that prints its loss in every call.

    b, w: the parameters. x, y: arrays of shape (N,). lr: learning rate.

    Returns b, w (after the update) and the loss before it.
    """
    ### BEGIN SOLUTION
    before, (b_grad, w_grad) = jax.value_and_grad(loss, argnums=(0, 1))(b, w, x, y)
    jax.debug.print("loss: {}", before)
    return b - lr * b_grad, w - lr * w_grad, before
    ### STUB
    # before, (b_grad, w_grad) = jax.value_and_grad(loss, argnums=(0, 1))(b, w, x, y)
    # print("loss:", before)
    # history.append(before)
    # return b - lr * b_grad, w - lr * w_grad, before
    ### END SOLUTION


# %% check="logged_epoch" points=2
jax_transforms.logged_epoch.check(logged_epoch)

# %%
b, w = jnp.array(b_start), jnp.array(w_start)
kept = []
for _ in range(5):
    b, w, before = logged_epoch(b, w, x, y, 0.1)
    kept.append(float(before))
jax.effects_barrier()  # wait until all has been printed
print("history:", [round(number, 2) for number in kept])

# %% [markdown]
# ## Quiz (2 points)
#
# Answer each question with a set of letters, such as `{"a", "d"}`. The check says for each wrong letter why it is
# wrong.

# %% [markdown] locked="question-1"
# **Question 1.**
#
# {{ quiz: jax_transforms.what_compiles_again }}

# %% solution="what_compiles_again"
### BEGIN SOLUTION
what_compiles_again = {"b", "c"}
### STUB
# what_compiles_again = ...
### END SOLUTION

# %% check="what_compiles_again" points=0.5
jax_transforms.what_compiles_again.check(what_compiles_again)

# %% [markdown] locked="question-2"
# **Question 2.**
#
# {{ quiz: jax_transforms.side_effects }}

# %% solution="side_effects"
### BEGIN SOLUTION
side_effects = {"a", "d"}
### STUB
# side_effects = ...
### END SOLUTION

# %% check="side_effects" points=0.5
jax_transforms.side_effects.check(side_effects)

# %% [markdown] locked="question-3"
# **Question 3.**
#
# {{ quiz: jax_transforms.loops }}

# %% solution="loops"
### BEGIN SOLUTION
loops = {"a", "c"}
### STUB
# loops = ...
### END SOLUTION

# %% check="loops" points=0.5
jax_transforms.loops.check(loops)

# %% [markdown] locked="question-4"
# **Question 4.**
#
# {{ quiz: jax_transforms.order_of_transforms }}

# %% solution="order_of_transforms"
### BEGIN SOLUTION
order_of_transforms = {"b", "c"}
### STUB
# order_of_transforms = ...
### END SOLUTION

# %% check="order_of_transforms" points=0.5
jax_transforms.order_of_transforms.check(order_of_transforms)

# %% [markdown] locked="tail"
# ## What you now know
#
# - `jit` runs your Python once, on tracers, and compiles what they wrote down. New shapes, dtypes and static values
#   make it trace again. Compiling is an investment: put `jit` outside, once.
# - `lax.scan` is a loop inside the program: the carry goes from round to round, the second result is collected.
# - `vmap` makes of a function for one a function for many; `in_axes` says what to walk along. The order of
#   transformations matters: `vmap(grad(loss))` is a gradient for each point.
# - `hessian` gives the curvatures, and $2/L$ the largest stable learning rate.
# - Side effects happen while tracing. Return what you want to keep, and print with `jax.debug.print`.
#
# In nbgrader, press **Validate** in the toolbar to run all checks once more from top to bottom before you submit.
#
# **Next: lesson 09**, in which five optimizers race where plain gradient descent has to creep.
