# %% [markdown] locked="head"
# # 01 · The five steps of gradient descent
#
# **You will** fit a line to noisy points by hand, then write gradient descent, one step at a time, and watch it do the
# same.
#
# **You will learn**
# - the five steps that every lesson of this course repeats: **0 initialize, 1 predict, 2 loss, 3 gradients, 4 update,
#   5 repeat**;
# - where the gradients of a straight line come from, and which mistakes people make in them;
# - what the learning rate does when it is small, right, and too large.
#
# **You need** Python with functions and loops, a little NumPy, and to remember what a slope is.
#
# **It takes** about 60 minutes. There are 15 points: 13 for code, 2 for a short quiz.
#
# A cell that says `YOUR CODE HERE` is yours to fill in. The cell below it checks your answer, says what is wrong and,
# where it can, which mistake it is. Check as often as you like. Stuck? Put `five_steps.predict.hint()` (or the name
# of another exercise) into a new cell. After three tries, `five_steps.predict.solution()` opens as well.

# %% locked="imports"
import numpy as np

from gdexercises import figures, five_steps
from gdexercises.tuning import five_steps as panels

# %% [markdown]
# ## The data
#
# One feature $x$, one target $y$, and $N = 100$ points. The points lie near the line $y = 1 + 2x$, with a little noise
# added. In real life you would not know the 1 and the 2: finding them is the task.
#
# The generator is seeded, so you get the same "random" numbers as everybody else who reads this lesson.

# %% locked="data"
rng = np.random.RandomState(42)
N = 100
x = rng.rand(N, 1)
y = 1 + 2 * x + 0.1 * rng.randn(N, 1)

print("x:", x.shape, x[:5].ravel())
print("y:", y.shape, y[:5].ravel())

# %% [markdown]
# Look at the shapes: `(100, 1)`, not `(100,)`. Both are columns, one row for each point. Keep them that way. An array
# of shape `(100, 1)` and one of shape `(100,)` do not fit together as you would think, and at the end of this lesson
# you will meet somebody who did not believe it.

# %% [markdown]
# ### Training and validation
#
# Some points are put aside before anything else happens. The model never sees these *validation* points while it
# learns, so they tell how well it does on points that it does not know.
#
# **Predict before you run:** suppose somebody sorted the data by $x$, and you take the first 80 points for training.
# Which points would the model be judged on? (On those with the largest $x$, a region that it has never seen.)
#
# ### Exercise: split (1 point)
#
# Shuffle, then cut. Take all randomness from `rng`, and keep each $x$ with its $y$.


# %% solution="split"
def split(x, y, fraction, rng):
    """Divide the points at random into a training part and a validation part.

    x, y: arrays of shape (N, 1). fraction: share of the points that is for training.
    rng: the random generator to use, for example rng.permutation(5) or rng.shuffle(a).

    Returns x_train, y_train, x_val, y_val, arrays of shape (n, 1).
    """
    ### BEGIN SOLUTION
    order = rng.permutation(len(x))
    n_train = round(fraction * len(x))
    train, val = order[:n_train], order[n_train:]
    return x[train], y[train], x[val], y[val]
    ### END SOLUTION


# %% check="split" points=1
five_steps.split.check(split)

# %% [markdown]
# Now cut the data: 80 points for training, 20 for validation. If you used `rng.permutation` and took the front part for
# training, the first values are 0.771, 0.064, 0.863. Another way to shuffle gives other points, and then all numbers
# below differ a little from the ones in the text. That is fine. (Run this cell twice, and the generator has moved on:
# for the numbers of the text, restart the kernel and run from the top.)

# %%
x_train, y_train, x_val, y_val = split(x, y, 0.8, rng)
print("x_train:", x_train.shape, x_train[:5].ravel())
figures.data_split(x_train, y_train, x_val, y_val)

# %% [markdown]
# ## Be the optimizer
#
# Before you write any code, do it by hand. A line has two parameters: the intercept $b$, its height at $x = 0$, and the
# slope $w$. Move the two sliders until the loss is as low as you can get it. (Click a slider, then use the arrow keys.)
#
# The map in the middle has a place for every pair $(b, w)$: each point on it is one line on the left. It marks the
# places that you have tried, darker where the loss was lower.
#
# **Predict before you run:** if you find the best $b$ first and then the best $w$, are you done?

# %%
panels.by_hand(x_train, y_train)

# %% [markdown]
# You probably had to go back and forth: once $w$ has moved, the best $b$ is another one. Press **Show the loss
# surface** to see why: the loss forms a valley that lies askew on the map. What you did, feeling which way is down and
# moving a bit, is what the five steps do.

# %% [markdown]
# ## Step 0: initialize
#
# Start anywhere. Here both parameters are drawn at random, from a generator with the same seed again.

# %% locked="initialize"
rng = np.random.RandomState(42)
b, w = rng.randn(2)
print(f"b = {b:.8f}, w = {w:.8f}")

# %% [markdown]
# ## Step 1: predict
#
# The model is a line:
#
# $$\hat{y} = b + w x$$
#
# $\hat{y}$ ("y hat", in code `yhat`) is what the model says, $y$ is what was measured.
#
# ### Exercise: predict (1 point)


# %% solution="predict"
def predict(x, b, w):
    """Predictions of the line with intercept b and slope w.

    x: array of shape (N, 1). b, w: numbers.

    Returns yhat, an array of shape (N, 1).
    """
    ### BEGIN SOLUTION
    return b + w * x
    ### END SOLUTION


# %% check="predict" points=1
five_steps.predict.check(predict)

# %%
yhat = predict(x_train, b, w)
print("yhat:", yhat.shape, yhat[:5].ravel())

# %% [markdown]
# ## Step 2: loss
#
# How wrong is that? The *error* of one point is $\hat{y} - y$. Squared, it is never negative, and large errors count
# more than small ones. The mean over all points is the *mean squared error*, MSE:
#
# $$\text{loss} = \frac{1}{N} \sum_{i=1}^{N} (\hat{y}_i - y_i)^2$$
#
# **Predict before you run:** the random line has $b \approx 0.5$ and $w \approx -0.14$, the points lie near
# $1 + 2x$ with $x$ between 0 and 1. Is the loss nearer to 0.3, 3 or 30?
#
# ### Exercise: mse (1 point)


# %% solution="mse"
def mse(yhat, y):
    """Mean squared error.

    yhat, y: arrays of shape (N, 1).

    Returns one number.
    """
    ### BEGIN SOLUTION
    error = yhat - y
    return (error**2).mean()
    ### END SOLUTION


# %% check="mse" points=1
five_steps.mse.check(mse)

# %%
loss = mse(yhat, y_train)
print("loss:", loss)
figures.fitted_line(x_train, y_train, b, w, residuals=True)

# %% [markdown]
# ## Step 3: gradients
#
# Which way is down? The *gradient* answers: for each parameter, how much does the loss change if that parameter grows a
# little?
#
# Take one point. Its share of the loss is $\text{error}^2$ with $\text{error} = b + w x - y$. The chain rule says:
# outer derivative times inner derivative.
#
# $$\frac{\partial\, \text{error}^2}{\partial b} = 2 \cdot \text{error} \cdot
# \frac{\partial\, \text{error}}{\partial b}
# \qquad
# \frac{\partial\, \text{error}^2}{\partial w} = 2 \cdot \text{error} \cdot
# \frac{\partial\, \text{error}}{\partial w}$$
#
# What are the two inner derivatives? How much does $b + w x - y$ change when $b$ grows by 1, and how much when $w$
# does? Put them in, and take the mean over all points, since the loss is a mean.
#
# ### Exercise: gradients (3 points)
#
# Three places to slip: the factor, the sign, the $x$. The check knows them all.


# %% solution="gradients"
def gradients(x, y, b, w):
    """Partial derivatives of the mean squared error of b + w * x.

    x, y: arrays of shape (N, 1). b, w: numbers.

    Returns b_grad, w_grad, two numbers.
    """
    ### BEGIN SOLUTION
    error = predict(x, b, w) - y
    return 2 * error.mean(), 2 * (x * error).mean()
    ### END SOLUTION


# %% check="gradients" points=3
five_steps.gradients.check(gradients)

# %% [markdown]
# **Predict before you run:** the line lies too low everywhere. Which sign must `b_grad` have?

# %%
b_grad, w_grad = gradients(x_train, y_train, b, w)
print("b_grad:", b_grad)
print("w_grad:", w_grad)

# %% [markdown]
# Both are negative: if $b$ or $w$ grows, the loss falls. You can see the same without any formula. Move $b$ a little,
# and see how far the loss moves:

# %%
h = 0.001
print("slope in b:", (mse(predict(x_train, b + h, w), y_train) - loss) / h)
print("slope in w:", (mse(predict(x_train, b, w + h), y_train) - loss) / h)

# %% [markdown]
# Nearly the same numbers. (Why not exactly the same is the subject of lesson 02.)

# %% [markdown]
# ## Step 4: update
#
# The gradient points uphill, so go the other way. How far? The *learning rate* $\eta$ ("eta", in code `lr`) says how
# much of the gradient makes one step:
#
# $$b \leftarrow b - \eta \, \frac{\partial\, \text{loss}}{\partial b}
# \qquad
# w \leftarrow w - \eta \, \frac{\partial\, \text{loss}}{\partial w}$$
#
# ### Exercise: update (2 points)


# %% solution="update"
def update(b, w, b_grad, w_grad, lr):
    """One step downhill.

    b, w: the parameters. b_grad, w_grad: their gradients. lr: the learning rate.

    Returns the new b and the new w.
    """
    ### BEGIN SOLUTION
    return b - lr * b_grad, w - lr * w_grad
    ### END SOLUTION


# %% check="update" points=2
five_steps.update.check(update)

# %%
lr = 0.1
b_new, w_new = update(b, w, b_grad, w_grad, lr)
print(f"b: {b:.8f} -> {b_new:.8f}")
print(f"w: {w:.8f} -> {w_new:.8f}")
print("loss:", loss, "->", mse(predict(x_train, b_new, w_new), y_train))

# %% [markdown]
# One step, and 40 % of the loss is gone.

# %% [markdown]
# ## Step 5: repeat
#
# Steps 1 to 4, over and over. One round in which every training point was used once is an *epoch*. Here every update
# uses all points, so one epoch is one update.
#
# Which steps belong in the loop, and which do not?
#
# ### Exercise: train (3 points)
#
# Use the functions that you wrote above. Record the loss of each epoch *before* the update, so that `losses[0]` is the
# loss at the start.


# %% solution="train"
def train(x, y, b, w, lr, n_epochs):
    """Gradient descent.

    x, y: arrays of shape (N, 1). b, w: where to start. lr: learning rate. n_epochs: how many updates.

    Returns b, w (after the last update) and losses, a list: losses[i] is the loss just before update i.
    """
    ### BEGIN SOLUTION
    losses = []
    for _ in range(n_epochs):
        yhat = predict(x, b, w)
        losses.append(mse(yhat, y))
        b_grad, w_grad = gradients(x, y, b, w)
        b, w = update(b, w, b_grad, w_grad, lr)
    return b, w, losses
    ### END SOLUTION


# %% check="train" points=3
five_steps.train.check(train)

# %% [markdown]
# Now for the whole way, 1000 epochs.
#
# **Predict before you run:** the points were made with $b = 1$ and $w = 2$. Will training find exactly these?

# %%
b_end, w_end, losses = train(x_train, y_train, b, w, lr=0.1, n_epochs=1000)
print(f"gradient descent: b = {b_end:.8f}, w = {w_end:.8f}")

w_best, b_best = np.polyfit(x_train.ravel(), y_train.ravel(), 1)
print(f"least squares:    b = {b_best:.8f}, w = {w_best:.8f}")

# %% [markdown]
# Not 1 and 2, and that is right: with noise, the best line for *these* 80 points is another one. *Least squares* is the
# formula that gives the best line directly, and after 1000 epochs gradient descent agrees with it in six digits. Why
# then bother with gradient descent? Because there is no such formula for most models, and the five steps work wherever
# the loss has gradients.

# %%
figures.fitted_line(x_train, y_train, b_end, w_end)

# %%
figures.loss_curve(losses)

# %% [markdown]
# The loss axis is logarithmic. See how the curve falls steeply, then slowly, then hardly at all. The map shows why: the
# path runs down the steep side of the valley in a few steps, and then creeps along its floor.

# %%
path = [(b, w)]
for _ in range(200):
    path.append(update(*path[-1], *gradients(x_train, y_train, *path[-1]), lr))
figures.loss_surface(x_train, y_train, path)

# %% [markdown]
# And on the points that were put aside?

# %%
print("training loss:  ", mse(predict(x_train, b_end, w_end), y_train))
print("validation loss:", mse(predict(x_val, b_end, w_end), y_val))

# %% [markdown]
# Both are near 0.01, which is the variance of the noise ($0.1^2$). On new points no line does better than that on
# average: what is left is chance.

# %% [markdown]
# ## Tune it
#
# Here is the same loop with handles. Step through it, let it play, start somewhere else.
#
# Find out:
# 1. How low is the loss after 20 epochs at `lr = 0.1`? How many epochs does `lr = 0.01` need for that?
# 2. What happens just below and just above the largest learning rate that still works? Watch the path on the map.
# 3. Does a better start help with a learning rate that is too large?

# %%
panels.descend(x_train, y_train)

# %% [markdown]
# When the learning rate is too large, each step jumps across the valley and lands higher up on the other side. There
# the slope is steeper, so the next jump is longer still. The loss does not just fail to fall: it *grows*, faster and
# faster. Lesson 03 computes where that begins.

# %% [markdown]
# ## Find the bug (2 points)
#
# A colleague wrote a short version of the whole loop. It runs without any error. It is also wrong: look at the line.


# %% locked="bug-shown"
def fit_of_a_colleague(x, y, lr, n_epochs):
    b, w = 0.0, 0.0
    for _ in range(n_epochs):
        error = b + w * x - y.ravel()
        b, w = b - lr * 2 * error.mean(), w - lr * 2 * (x * error).mean()
    return b, w


b_flat, w_flat = fit_of_a_colleague(x_train, y_train, lr=0.1, n_epochs=1000)
print(f"b = {b_flat:.4f}, w = {w_flat:.4f}, mean of y = {y_train.mean():.4f}")
figures.fitted_line(x_train, y_train, b_flat, w_flat)

# %% [markdown]
# The line is flat and lies at the mean of $y$, as if $x$ did not matter. Here is the same function again. Repair it. If
# you do not see it, print the shape of `error` in the loop, and call `fit(x_train, y_train, lr=0.1, n_epochs=1)`.


# %% solution="fit"
def fit(x, y, lr, n_epochs):
    """Fit y = b + w * x by gradient descent from b = w = 0.

    x, y: arrays of shape (N, 1). lr: learning rate. n_epochs: how many updates.

    Returns b and w.
    """
    ### BEGIN SOLUTION
    b, w = 0.0, 0.0
    for _ in range(n_epochs):
        error = b + w * x - y
        b, w = b - lr * 2 * error.mean(), w - lr * 2 * (x * error).mean()
    return b, w
    ### STUB
    # b, w = 0.0, 0.0
    # for _ in range(n_epochs):
    #     error = b + w * x - y.ravel()
    #     b, w = b - lr * 2 * error.mean(), w - lr * 2 * (x * error).mean()
    # return b, w
    ### END SOLUTION


# %% check="fit" points=2
five_steps.fit.check(fit)

# %%
figures.fitted_line(x_train, y_train, *fit(x_train, y_train, lr=0.1, n_epochs=1000))

# %% [markdown]
# ## Quiz (2 points)
#
# Answer each question with a set of letters, such as `{"a", "d"}`. The check says for each wrong letter why it is
# wrong.

# %% [markdown] locked="question-1"
# **Question 1.**
#
# {{ quiz: five_steps.inside_the_loop }}

# %% solution="inside_the_loop"
### BEGIN SOLUTION
inside_the_loop = {"b", "c", "d", "e"}
### STUB
# inside_the_loop = ...
### END SOLUTION

# %% check="inside_the_loop" points=0.5
five_steps.inside_the_loop.check(inside_the_loop)

# %% [markdown] locked="question-2"
# **Question 2.**
#
# {{ quiz: five_steps.what_the_gradient_tells }}

# %% solution="what_the_gradient_tells"
### BEGIN SOLUTION
what_the_gradient_tells = {"a", "c"}
### STUB
# what_the_gradient_tells = ...
### END SOLUTION

# %% check="what_the_gradient_tells" points=0.5
five_steps.what_the_gradient_tells.check(what_the_gradient_tells)

# %% [markdown] locked="question-3"
# **Question 3.**
#
# {{ quiz: five_steps.learning_rate_too_large }}

# %% solution="learning_rate_too_large"
### BEGIN SOLUTION
learning_rate_too_large = {"b"}
### STUB
# learning_rate_too_large = ...
### END SOLUTION

# %% check="learning_rate_too_large" points=0.5
five_steps.learning_rate_too_large.check(learning_rate_too_large)

# %% [markdown] locked="question-4"
# **Question 4.**
#
# {{ quiz: five_steps.why_the_mean }}

# %% solution="why_the_mean"
### BEGIN SOLUTION
why_the_mean = {"b", "c"}
### STUB
# why_the_mean = ...
### END SOLUTION

# %% check="why_the_mean" points=0.5
five_steps.why_the_mean.check(why_the_mean)

# %% [markdown] locked="tail"
# ## What you now know
#
# - Step 0 and the five steps: **0 initialize, 1 predict, 2 loss, 3 gradients, 4 update, 5 repeat.** Step 0 stands
#   before the loop, steps 1 to 4 in it.
# - The gradients of a line: the mean of $2 \cdot \text{error}$ for $b$, the mean of $2 \cdot x \cdot \text{error}$ for
#   $w$.
# - The learning rate: too small is slow, too large diverges.
# - Shapes are part of the answer: `(N, 1)` against `(N,)` raises no error and ruins the fit.
#
# In nbgrader, press **Validate** in the toolbar to run all checks once more from top to bottom before you submit.
#
# **Words for later.** An update that uses all points is *batch* gradient descent, one that uses a single point is
# *stochastic*, and with something between it is *mini-batch*. Lesson 03 compares them.
#
# **Next: lesson 02**, in which you find slopes without any formula, and repair code that walks uphill.
#
# *Further reading: the data, the steps and their figures follow "Reviewing the Steps of Gradient Descent".*
