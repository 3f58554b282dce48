# %% [markdown] locked="head"
# # 03 · Batches
#
# **You will** train on all points at once, on one point at a time, and on anything in between, then find out why a
# learning rate that works for all points blows up with one.
#
# **You will learn**
# - what *batch*, *stochastic* and *mini-batch* mean, and how epochs and updates differ;
# - what a smaller batch costs, and what it buys: cheap updates for noisy ones;
# - why stochastic gradient descent needs a learning rate that decays;
# - how to compute the largest stable learning rate from the curvature of the loss.
#
# **You need** lesson 01: the five steps, `gradients` and `update`. NumPy is all there is; no PyTorch yet.
#
# **It takes** about 60 minutes. There are 16 points: 14 for code, 2 for a short quiz.
#
# A cell that says `YOUR CODE HERE` is yours to fill in. The cell below it checks your answer, says what is wrong and,
# where it can, which mistake it is. Check as often as you like. Stuck? Put `batches.minibatches.hint()` (or the name
# of another exercise) into a new cell.

# %% locked="imports"
import tracemalloc

import numpy as np

from gdexercises import batches, figures
from gdexercises.tuning import batches as panels

# %% [markdown]
# Four functions from lesson 01, as you wrote them there. They do not change in this lesson: what changes is which
# points you hand to them.


# %% locked="five-steps"
def predict(x, b, w):
    return b + w * x


def mse(yhat, y):
    return ((yhat - y) ** 2).mean()


def gradients(x, y, b, w):
    error = predict(x, b, w) - y
    return 2 * error.mean(), 2 * (x * error).mean()


def update(b, w, b_grad, w_grad, lr):
    return b - lr * b_grad, w - lr * w_grad


# %% [markdown]
# ## The data
#
# $N = 100$ points, with $x$ from $-5$ to $4.9$ in steps of $0.1$, near the line $y = -5x$. The noise has a standard
# deviation of 0.4. You start far off, at $b = -20$, $w = -10$.
#
# Data and start come from a tutorial, "Gradient Descent implementation in PyTorch". It drew its noise without a seed,
# so nobody can have exactly its points again. Yours differ from them by the noise alone. So do not look for its digits:
# its first losses come back to about one percent, and the later ones, when little but noise is left, only roughly.

# %% locked="data"
rng = np.random.default_rng(42)
N = 100
x = np.arange(-5, 5, 0.1).reshape(-1, 1)
y = -5 * x + 0.4 * rng.standard_normal((N, 1))
b_start, w_start = -20.0, -10.0

w_best, b_best = np.polyfit(x.ravel(), y.ravel(), 1)
lowest = mse(predict(x, b_best, w_best), y)
print("x:", x.shape, "y:", y.shape)
print(f"least squares: b = {b_best:.4f}, w = {w_best:.4f}, loss = {lowest:.4f}")

# %% [markdown]
# *Least squares* is the formula for the best line, as in lesson 01. It tells you where training should end.

# %% [markdown]
# ## All points at once: batch
#
# In lesson 01 every update used all points. That is *batch* gradient descent. Here it is again, for 20 epochs with
# `lr = 0.1`.
#
# **Predict before you run:** $w$ starts at $-10$ and should end near $-5$. Will it come closer in every step?

# %%
b, w = b_start, w_start
batch_losses = []
for epoch in range(20):
    batch_losses.append(mse(predict(x, b, w), y))
    b, w = update(b, w, *gradients(x, y, b, w), lr=0.1)
    if epoch in (0, 1, 2, 3, 18, 19):
        print(f"epoch {epoch:2}: loss {batch_losses[-1]:9.4f}, then w = {w:8.4f}, b = {b:8.4f}")

# %% [markdown]
# It works, with a strange gait: $w$ jumps past $-5$ to about $-1.9$, back past it to $-7.3$, and so on, in ever
# shorter jumps. Keep that in mind. The number that explains it explains the rest of this lesson too.

# %% [markdown]
# ## Epochs and updates
#
# One update needs the errors of all 100 points. With 100 million points it would need 100 million errors, before the
# parameters move at all. But a few points already tell roughly which way is down. So why not update after each few?
#
# - **Batch**: each update uses all $N$ points.
# - **Stochastic**: each update uses a single point.
# - **Mini-batch**: each update uses $n$ points, anything between. The points of one update are called a *batch* as
#   well, and $n$ is the *batch size*.
#
# An *epoch* is one round in which every point is used once. In batch gradient descent an epoch is one update. With
# smaller batches it is many. How many, if $n$ does not divide $N$? Then the last batch is short: it takes what is
# left.
#
# **Predict before you run:** 10 points, 4 in a batch. How many updates make one epoch?
#
# ### Exercise: updates_per_epoch (1 point)


# %% solution="updates_per_epoch"
def updates_per_epoch(n_points, batch_size):
    """Number of updates in one epoch, in which every point is used once.

    n_points: number of points. batch_size: points in a batch; the last batch takes what is left.

    Returns a whole number.
    """
    ### BEGIN SOLUTION
    return int(np.ceil(n_points / batch_size))
    ### END SOLUTION


# %% check="updates_per_epoch" points=1
batches.updates_per_epoch.check(updates_per_epoch)

# %%
for n in (1, 8, 32, 64, 100):
    updates = updates_per_epoch(N, n)
    print(f"n = {n:3}: {updates:3} updates an epoch, the last with {N - (updates - 1) * n} points")

# %% [markdown]
# ## Cutting the points into batches
#
# Two things matter when you cut.
#
# **Shuffle first.** Our $x$ are sorted. Batches cut from sorted data are one-sided: the first would know only points
# near $-5$. Draw a fresh order for every epoch, so that the same points do not always stand together.
#
# **Do not copy more than you need.** You could make a list of all batches, but then all points are there twice. A
# *generator* makes a batch when the loop asks for it and forgets it afterwards. A function becomes one by `yield` in
# place of `return`: it hands out a value, waits, and goes on from there when the next is wanted.


# %%
def countdown(n):
    while n > 0:
        yield n
        n -= 1


for number in countdown(3):
    print(number)

# %% [markdown]
# Once through, a generator is empty. To go through it again, call the function again.
#
# ### Exercise: minibatches (3 points)
#
# Take all randomness from `rng`, keep each $x$ with its $y$, and use every point once. (A list of pairs has the right
# values too, and passes; it only takes more memory.)
#
# One name is taken: `batches` holds the checks of this lesson. Call your own lists something else, such as `pairs`.


# %% solution="minibatches"
def minibatches(x, y, batch_size, rng):
    """Go through all points once, in a fresh random order, a batch at a time.

    x, y: arrays of shape (N, 1). batch_size: points in a batch; the last batch takes what is left.
    rng: the random generator to use, for example rng.permutation(5) or rng.shuffle(a).

    Yields pairs x_batch, y_batch, arrays of shape (n, 1).
    """
    ### BEGIN SOLUTION
    order = rng.permutation(len(x))
    for start in range(0, len(x), batch_size):
        chosen = order[start : start + batch_size]
        yield x[chosen], y[chosen]
    ### END SOLUTION


# %% check="minibatches" points=3
batches.minibatches.check(minibatches)

# %%
for x_batch, _ in minibatches(x, y, 32, rng):
    print(x_batch.shape, "x from", x_batch.min().round(1), "to", x_batch.max().round(1))

# %% [markdown]
# Each batch of 32 covers nearly the whole range of $x$: a fair sample, though a small one.
#
# ## One epoch
#
# Steps 1 to 4 of lesson 01, once for every batch: predict, loss if you want it, gradients, update. Nothing in the
# steps changes. They see `x_batch` and `y_batch` where they saw `x` and `y`.
#
# ### Exercise: sgd_epoch (2 points)
#
# The name is what everybody says: *SGD*, stochastic gradient descent, whatever the size of the batches. `batches` may
# be a generator, so walk through it with one `for` loop; it has no length, and there is no second walk.


# %% solution="sgd_epoch"
def sgd_epoch(batches, b, w, lr):
    """One update for each batch, with the gradients of that batch alone.

    batches: gives pairs (x_batch, y_batch) to a for loop. b, w: where to start. lr: the learning rate.

    Returns b and w after the last update.
    """
    ### BEGIN SOLUTION
    for x_batch, y_batch in batches:
        b_grad, w_grad = gradients(x_batch, y_batch, b, w)
        b, w = update(b, w, b_grad, w_grad, lr)
    return b, w
    ### END SOLUTION


# %% check="sgd_epoch" points=2
batches.sgd_epoch.check(sgd_epoch)

# %% [markdown]
# ### What it takes in memory
#
# Here is the price of an epoch in memory, on 20,000 points. `tracemalloc` counts what Python and NumPy allocate, on
# top of the data itself; the peak is what your machine must have free.

# %%
x_large = rng.uniform(-1, 1, (20_000, 1))
y_large = -5 * x_large


def peak_kilobytes(run):
    tracemalloc.start()
    run()
    peak = tracemalloc.get_traced_memory()[1] / 1e3
    tracemalloc.stop()
    return peak


lazy = peak_kilobytes(lambda: sgd_epoch(minibatches(x_large, y_large, 100, rng), 0.0, 0.0, 0.1))
listed = peak_kilobytes(lambda: sgd_epoch(list(minibatches(x_large, y_large, 100, rng)), 0.0, 0.0, 0.1))
whole = peak_kilobytes(lambda: gradients(x_large, y_large, 0.0, 0.0))
print(f"all points in one batch: {whole:.0f} kB")
print(f"batches of 100, a list:  {listed:.0f} kB")
print(f"batches of 100, yielded: {lazy:.0f} kB")

# %% [markdown]
# Yielded, the batches need about a third of the memory of a list. Nearly all of it is the random order, 8 bytes a
# point; the batch itself is 100 points, however many there are in all. One batch of all points has to hold their
# predictions and errors at the same time. (If your `minibatches` returns a list, its two lines are about the same; if
# it shuffles copies of x and y, both are larger.)

# %% [markdown]
# ## What a small batch costs
#
# The gradient of a batch is an estimate of the gradient of all points. How good? Stay at the start, draw 200 batches
# of each size, and look at their gradients.
#
# **Predict before you run:** from 1 point to 25 points an update costs 25 times as much. Does the noise shrink by the
# same factor?

# %%
whole = np.array(gradients(x, y, b_start, w_start))
clouds = {}
for n in (1, 5, 25):
    chosen = [rng.permutation(N)[:n] for _ in range(200)]
    clouds[n] = np.array([gradients(x[batch], y[batch], b_start, w_start) for batch in chosen])
    print(f"n = {n:2}: w_grad = {clouds[n][:, 1].mean():.0f} ± {clouds[n][:, 1].std():.0f}")
print(f"all:    w_grad = {whole[1]:.0f}")
panels.gradient_clouds(clouds, whole)

# %% [markdown]
# The mean is right for every batch size: on average, a small batch points the same way as all points together. The
# noise falls with about $1/\sqrt{n}$: 25 times the cost buys a fifth of the noise (somewhat less here, for 25 out of
# 100 points is already a good part of them). That is the trade. Far from the goal a rough direction will do, and
# many cheap updates win. Near the goal the noise is all that is left.

# %% [markdown]
# ## Training
#
# ### Exercise: train_minibatch (3 points)
#
# The loop over the epochs. Record the loss over *all* points before each epoch, so that runs with different batch
# sizes compare. Use the functions that you wrote above.


# %% solution="train_minibatch"
def train_minibatch(x, y, b, w, lr, n_epochs, batch_size, rng):
    """Gradient descent with one update for each batch.

    x, y: arrays of shape (N, 1). b, w: where to start. lr: learning rate. n_epochs: how often every point is used.
    batch_size: points in a batch. rng: source of all randomness; every epoch gets a fresh order.

    Returns b, w (after the last update) and losses, a list: losses[i] is the loss over all points just before epoch i.
    """
    ### BEGIN SOLUTION
    losses = []
    for _ in range(n_epochs):
        losses.append(mse(predict(x, b, w), y))
        b, w = sgd_epoch(minibatches(x, y, batch_size, rng), b, w, lr)
    return b, w, losses
    ### END SOLUTION


# %% check="train_minibatch" points=3
batches.train_minibatch.check(train_minibatch)

# %% [markdown]
# The same data, start and learning rate, three batch sizes. A tenth of the learning rate above, for a reason that
# comes later.
#
# **Predict before you run:** after 20 epochs all three have used every point 20 times. Which one is farthest along?

# %%
histories = {}
for n in (100, 10, 1):
    b, w, losses = train_minibatch(x, y, b_start, w_start, lr=0.01, n_epochs=20, batch_size=n, rng=rng)
    histories[f"n = {n}"] = losses
    print(f"n = {n:3}: {20 * updates_per_epoch(N, n):4} updates, b = {b:.3f}, w = {w:.3f}, last loss {losses[-1]:.4f}")
panels.loss_histories(histories, floor=lowest)

# %% [markdown]
# For the same number of points looked at, small batches are far ahead: 2000 small steps go further than 20 exact ones.
# Look closely at the end of the curves, though. Single points come down first, and then they do not stay: the curve
# hops about above the lowest loss.
#
# The paths show the same. Here is the way of the first three epochs.

# %%
walks = {}
for n in (100, 10, 1):
    walk = [(b_start, w_start)]
    for _ in range(3):
        for batch in minibatches(x, y, n, rng):
            walk.append(sgd_epoch([batch], *walk[-1], lr=0.01))
    walks[f"n = {n}"] = walk
panels.paths(x, y, walks)

# %% [markdown]
# ## The same learning rate, one point at a time
#
# Now back to `lr = 0.1`, which served all points so well. The tutorial also tried it one point at a time, in the given
# order, from $x = -5$ to $x = 4.9$. `sgd_epoch` takes any batches, so you can do the same.
#
# **Predict before you run:** it will be noisier, surely. Will it also arrive?

# %%
one_by_one = [(x[i : i + 1], y[i : i + 1]) for i in range(N)]
for lr in (0.1, 0.05, 0.02, 0.01):
    b, w = b_start, w_start
    ordered_losses = []
    for _ in range(20):
        ordered_losses.append(mse(predict(x, b, w), y))
        b, w = sgd_epoch(one_by_one, b, w, lr)
    first = ", ".join(f"{loss:.3g}" for loss in ordered_losses[:4])
    print(f"lr = {lr}: loss {first} … {ordered_losses[-1]:.3g}")

# %% [markdown]
# With 0.1 the loss does not come down: it explodes. With 0.05 it falls at first, and then stays well above where 0.02
# and 0.01 end. Is it the order? Shuffle, and try again.

# %%
_, _, stochastic_losses = train_minibatch(x, y, b_start, w_start, lr=0.1, n_epochs=20, batch_size=1, rng=rng)
print(", ".join(f"{loss:.3g}" for loss in stochastic_losses[:4]), "…", f"{stochastic_losses[-1]:.3g}")
panels.loss_histories({"batch, lr = 0.1": batch_losses, "stochastic, lr = 0.1": stochastic_losses})

# %% [markdown]
# Shuffled, it is worse still. The tutorial shows such a divergence and leaves it at that. You are going to compute
# where it begins.

# %% [markdown]
# ## Why it blows up
#
# Take a single point, and follow its error through one update. With $\text{error} = b + w x - y$, the gradients are
# $2 \cdot \text{error}$ for $b$ and $2 x \cdot \text{error}$ for $w$. After the update, the error of the same point is
#
# $$\begin{aligned}
# \text{error}_\text{new} &= (b - \eta \cdot 2\,\text{error}) + (w - \eta \cdot 2 x\,\text{error})\, x - y \\
# &= \text{error} \cdot \bigl(1 - \eta \cdot 2 (x^2 + 1)\bigr)
# \end{aligned}$$
#
# with the learning rate $\eta$. So each update multiplies the error of its point by a factor. Between $-1$ and $1$,
# the error shrinks. Beyond that, it grows.
#
# **Predict before you run:** which factor do you get for $x = -5$ and $\eta = 0.1$?

# %%
b, w = sgd_epoch(one_by_one[:1], b_start, w_start, lr=0.1)
before = predict(x[0, 0], b_start, w_start) - y[0, 0]
after = predict(x[0, 0], b, w) - y[0, 0]
print(f"error at x = -5 before its update: {before:.4f}, after it: {after:.4f}, factor {after / before:.2f}")

# %% [markdown]
# Minus 4.2. The update was meant to make this very error smaller, and made it 4.2 times as large, on the other side.
# Then comes the next point, nearly as steep.
#
# The number $L = 2 (x^2 + 1)$ is the *curvature* of the loss of that point: how fast the slope changes along the way
# down. The factor is $1 - \eta L$, and it stays above $-1$ as long as
#
# $$\eta < \frac{2}{L}$$
#
# At $x = -5$ the curvature is 52, so one step is safe below $2/52 = 0.038$. At $x = 0$ it is 2, and anything below
# 1 will do. One learning rate must suit them all, so the steepest point decides.
#
# ### And all points together?
#
# With two parameters the loss is a bowl, and its curvature depends on the direction in which you walk. The second
# derivatives hold it, collected in a table called the *Hessian*:
#
# $$H = 2 \begin{pmatrix} 1 & \overline{x} \\ \overline{x} & \overline{x^2} \end{pmatrix}$$
#
# $\overline{x}$ is the mean of $x$, and $\overline{x^2}$ the mean of $x^2$. Its *eigenvalues* are the curvatures in
# the flattest and in the steepest direction; `np.linalg.eigvalsh(H)` computes them. In each of these directions, every
# update multiplies the distance to the lowest point by $1 - \eta L$, as it did with the error above. So the largest
# eigenvalue sets the limit, $2/L$ again.
#
# **Predict before you run:** $x^2$ goes up to 25, its mean is about 8.3. Is the limit for all points above or below
# the 0.038 of the steepest one?
#
# ### Exercise: largest_stable_lr (3 points)


# %% solution="largest_stable_lr"
def largest_stable_lr(x):
    """The largest stable learning rate, for updates that use all points and for updates that use one.

    x: array of shape (N, 1).

    Returns lr_batch, lr_point: 2 / L with the largest curvature L, of the Hessian and of the points one by one.
    """
    ### BEGIN SOLUTION
    hessian = 2 * np.array([[1, x.mean()], [x.mean(), (x**2).mean()]])
    lr_batch = 2 / np.linalg.eigvalsh(hessian).max()
    lr_point = 2 / (2 * (x**2 + 1)).max()
    return lr_batch, lr_point
    ### END SOLUTION


# %% check="largest_stable_lr" points=3
batches.largest_stable_lr.check(largest_stable_lr)

# %%
lr_batch, lr_point = largest_stable_lr(x)
print(f"all points: {lr_batch:.4f}, one point: {lr_point:.4f}")
print(f"mean of x: {x.mean():.2f}, mean of x²: {(x**2).mean():.3f}")
print("eigenvalues:", np.linalg.eigvalsh(2 * np.array([[1, x.mean()], [x.mean(), (x**2).mean()]])).round(4))
panels.curvatures(x, (0.1, lr_point))

# %% [markdown]
# There is the whole story. The eigenvalues are 1.9993 and 16.6707, so with all points the limit is $2/16.67 = 0.12$,
# and 0.1 is below it. In the mean, the flat points near $x = 0$ make up for the steep ones at the ends. One at a time
# there is nobody to make up for them: at `lr = 0.1`, all points above the dotted line at $2/0.1 = 20$ make their own
# error larger.
#
# And the strange gait of $w$ at the beginning? In the steep direction the factor is $1 - 0.1 \cdot 16.67 = -0.67$. It
# is negative, so each step lands on the other side, but smaller than 1, so it arrives. In the flat direction it is
# $1 - 0.1 \cdot 2 = 0.8$: slower, and without jumps.
#
# Does it hold? Just below and just above the limit, with all points:

# %%
for lr in (0.99 * lr_batch, 1.01 * lr_batch):
    _, _, losses = train_minibatch(x, y, b_start, w_start, lr=lr, n_epochs=500, batch_size=N, rng=rng)
    print(f"lr = {lr:.4f}: loss {losses[0]:.0f} … {losses[-1]:.3g}")

# %% [markdown]
# For all points the limit is sharp. For single points it is a promise in one direction: below 0.038, no update makes
# the error of its own point larger. A little above it, as with 0.05, some updates do harm and the others repair it, so
# the loss may hold out for long or even come down. You cannot rely on that, and it gains nothing.

# %% [markdown]
# ## Coming to rest
#
# Below the limit the loss comes down, and then it hops. No wonder: at the best line, the gradient of *all* points is
# zero, but that of a single point is not. Every update jumps as far as `lr` times that gradient, forever.
#
# So make `lr` smaller as you go: long steps at first, to get there, and short ones later, to come to rest. A *learning
# rate schedule* says how. A simple one is $\eta_i = \eta_0 / (1 + i)$ in epoch $i$, with the first learning rate
# $\eta_0$.
#
# **Predict before you run:** you could also use the small learning rate from the start. What would be the price?

# %%
schedules = {
    "lr = 0.03": lambda epoch: 0.03,
    "lr = 0.03 / (1 + epoch)": lambda epoch: 0.03 / (1 + epoch),
    "lr = 0.001": lambda epoch: 0.001,
}
histories = {}
for name, lr_of in schedules.items():
    b, w, losses = b_start, w_start, []
    for epoch in range(30):
        losses.append(mse(predict(x, b, w), y))
        b, w = sgd_epoch(minibatches(x, y, 1, rng), b, w, lr_of(epoch))
    histories[name] = losses
    excess = np.mean(losses[20:]) - lowest
    print(f"{name:23}: in epochs 20 to 29, the loss is on average {excess:.5f} above the lowest")
panels.loss_histories(histories, floor=lowest)

# %% [markdown]
# Constant and large, it arrives at once and never rests. Constant and small, it is still on its way. Decaying, it does
# both. Larger batches calm the noise too, at their price; in practice people use both.

# %% [markdown]
# ## Tune it
#
# All three on one map, with the same points in the same orders: ▲ stochastic, ■ mini-batch with the size you choose,
# ● batch.
#
# Find out:
# 1. At `lr = 0.01`, from which batch size on does the path look smooth?
# 2. Go to 20 epochs and raise `lr` slowly. Which of the three diverges first, and at which `lr` does batch follow?
#    Compare with the two limits that you computed.
# 3. Set `lr` to 0.03 and let it play. Then switch the decay on, and let it play again.

# %%
panels.three_paths(x, y, b_start, w_start)

# %% [markdown]
# ## Find the bug (2 points)
#
# A colleague does without generators: shuffle, then cut. It runs without any error, and the loss comes down a bit.
# Then look at the line.


# %% locked="bug-shown"
def epoch_of_a_colleague(x, y, b, w, lr, batch_size, rng):
    x_shuffled = rng.permutation(x)
    y_shuffled = rng.permutation(y)
    for start in range(0, len(x), batch_size):
        x_batch = x_shuffled[start : start + batch_size]
        y_batch = y_shuffled[start : start + batch_size]
        b, w = update(b, w, *gradients(x_batch, y_batch, b, w), lr)
    return b, w


b, w = b_start, w_start
for _ in range(200):
    b, w = epoch_of_a_colleague(x, y, b, w, 0.001, 10, rng)
print(f"b = {b:.2f}, w = {w:.2f}, mean of y = {y.mean():.2f}, loss = {mse(predict(x, b, w), y):.1f}")
figures.fitted_line(x, y, b, w)

# %% [markdown]
# The line is nearly flat, near the mean of $y$, as if $x$ did not matter. In lesson 01 a line looked like this because
# of a shape. The shapes are right this time. Here is the same function again. Repair it, and keep it shuffling.


# %% solution="shuffled_epoch"
def shuffled_epoch(x, y, b, w, lr, batch_size, rng):
    """One epoch of mini-batch gradient descent: shuffle, then one update for each batch.

    x, y: arrays of shape (N, 1). b, w: where to start. lr: learning rate. batch_size: points in a batch.
    rng: source of all randomness.

    Returns b and w.
    """
    ### BEGIN SOLUTION
    order = rng.permutation(len(x))
    x_shuffled = x[order]
    y_shuffled = y[order]
    for start in range(0, len(x), batch_size):
        x_batch = x_shuffled[start : start + batch_size]
        y_batch = y_shuffled[start : start + batch_size]
        b, w = update(b, w, *gradients(x_batch, y_batch, b, w), lr)
    return b, w
    ### STUB
    # x_shuffled = rng.permutation(x)
    # y_shuffled = rng.permutation(y)
    # for start in range(0, len(x), batch_size):
    #     x_batch = x_shuffled[start : start + batch_size]
    #     y_batch = y_shuffled[start : start + batch_size]
    #     b, w = update(b, w, *gradients(x_batch, y_batch, b, w), lr)
    # return b, w
    ### END SOLUTION


# %% check="shuffled_epoch" points=2
batches.shuffled_epoch.check(shuffled_epoch)

# %%
b, w = b_start, w_start
for _ in range(200):
    b, w = shuffled_epoch(x, y, b, w, 0.001, 10, rng)
print(f"b = {b:.2f}, w = {w:.2f}, loss = {mse(predict(x, b, w), y):.3f}")
figures.fitted_line(x, y, b, w)

# %% [markdown]
# ## Quiz (2 points)
#
# Answer each question with a set of letters, such as `{"a", "c"}`. The check says for each wrong letter why it is
# wrong.

# %% [markdown] locked="question-1"
# **Question 1.**
#
# {{ quiz: batches.counting_updates }}

# %% solution="counting_updates"
### BEGIN SOLUTION
counting_updates = {"a", "c"}
### STUB
# counting_updates = ...
### END SOLUTION

# %% check="counting_updates" points=0.5
batches.counting_updates.check(counting_updates)

# %% [markdown] locked="question-2"
# **Question 2.**
#
# {{ quiz: batches.cost_and_noise }}

# %% solution="cost_and_noise"
### BEGIN SOLUTION
cost_and_noise = {"a", "b", "c"}
### STUB
# cost_and_noise = ...
### END SOLUTION

# %% check="cost_and_noise" points=0.5
batches.cost_and_noise.check(cost_and_noise)

# %% [markdown] locked="question-3"
# **Question 3.**
#
# {{ quiz: batches.why_it_blows_up }}

# %% solution="why_it_blows_up"
### BEGIN SOLUTION
why_it_blows_up = {"b", "c"}
### STUB
# why_it_blows_up = ...
### END SOLUTION

# %% check="why_it_blows_up" points=0.5
batches.why_it_blows_up.check(why_it_blows_up)

# %% [markdown] locked="question-4"
# **Question 4.**
#
# {{ quiz: batches.what_calms_it }}

# %% solution="what_calms_it"
### BEGIN SOLUTION
what_calms_it = {"a", "b"}
### STUB
# what_calms_it = ...
### END SOLUTION

# %% check="what_calms_it" points=0.5
batches.what_calms_it.check(what_calms_it)

# %% [markdown] locked="tail"
# ## What you now know
#
# - Batch, stochastic, mini-batch: all points, one point, $n$ points for an update. An epoch uses every point once and
#   makes $N/n$ updates, rounded up.
# - Shuffle for every epoch, with one order for $x$ and $y$. Yield the batches, and memory does not grow with them.
# - A smaller batch gives cheaper updates, more of them, and noisier ones; the noise goes with $1/\sqrt{n}$. A decaying
#   learning rate lets it come to rest.
# - A step is stable below $2/L$, with $L$ the largest curvature: for a batch the largest eigenvalue of the Hessian,
#   for a single point $2(x^2 + 1)$. What suits all points together may be far too much for one.
#
# In nbgrader, press **Validate** in the toolbar to run all checks once more from top to bottom before you submit.
#
# **Next: lesson 04**, in which PyTorch computes the gradients, on this very data.
#
# *Further reading: the words and the three variants follow "Reviewing the Steps of Gradient Descent" and "Gradient
# Descent, a deep dive"; the data and the divergence come from "Gradient Descent implementation in PyTorch".*
