# %% [markdown] locked="head"
# # 10 · Real data: penguins, people and three frameworks
#
# **You will** take two tables of real measurements from their gaps to a report in grams and millimetres, and train one
# model in NumPy, in PyTorch and in JAX.
#
# **You will learn**
# - what to do with rows that have gaps, and why the split comes before the scale;
# - that the three frameworks give the same numbers, to nine digits and more, if you ask for double precision;
# - what a penalty on the slopes does, and why the intercept has none;
# - when to stop: early stopping, with the best parameters restored;
# - how to say what a model has learned to people who measure in grams.
#
# **You need** lesson 01 (the five steps), lesson 03 (the limit $2/L$), lesson 06 (standardized features), and one
# lesson each on PyTorch (04) and on JAX (07 or 08).
#
# **It takes** about 60 minutes. There are 20 points: 18 for code, 2 for a short quiz.
#
# This is the last lesson, so it tells you less than the others did. Stuck? Put `capstone.prepare.hint()` (or the name
# of another exercise) into a new cell.

# %% locked="needs-frameworks"
# This import comes first: if PyTorch or JAX is missing, it says in one line how to install it.
from gdexercises import capstone

print("PyTorch", capstone.torch.__version__, "and JAX", capstone.jax.__version__, "are here.")

# %% locked="imports"
import jax
import jax.numpy as jnp
import numpy as np
import torch

from gdexercises import data, summary
from gdexercises.tuning import capstone as panels

# %% [markdown]
# ## The data
#
# From 2007 to 2009, people at Palmer Station in Antarctica measured 344 penguins of three species. The table comes with
# this course; nothing is fetched.
#
# *The table is that of the package palmerpenguins by Allison Horst, Alison Hill and Kristen Gorman, in the public
# domain (CC0). It comes from K. Gorman, T. Williams and W. Fraser, "Ecological sexual dimorphism and environmental
# variability within a community of Antarctic penguins", PLoS ONE 9(3), 2014.*

# %% locked="penguins"
penguins = data.penguins()
for name, column in penguins.items():
    print(f"{name:18}", *column[:5])

# %%
panels.masses(penguins)

# %% [markdown]
# The task: predict a penguin's body mass in grams from its flipper length in millimetres. Weighing a penguin means
# catching it. A flipper can be measured on a photograph.
#
# The fourth penguin has `nan`, *not a number*, in all its measurements: nobody measured it.

# %%
measured = ("flipper_length_mm", "bill_length_mm", "bill_depth_mm", "body_mass_g")
panels.gaps({name: penguins[name] for name in measured})

# %% [markdown]
# Two rows are empty. One `nan` is enough to spoil a mean, and with it every gradient: `nan` plus anything is `nan`.

# %%
flipper = penguins["flipper_length_mm"].reshape(-1, 1)
mass = penguins["body_mass_g"]
complete = np.isfinite(flipper).all(axis=1) & np.isfinite(mass)
print("mean of all rows:     ", mass.mean())
print("mean of complete rows:", mass[complete].mean(), "of", complete.sum(), "rows")

# %% [markdown]
# ## First, what goes wrong
#
# Take the complete rows as they are, and the learning rate that has served you well so far: 0.1.
#
# **Predict before you run:** a flipper is some 200 mm long. What is the curvature of the loss in the direction of $w$?
#
# (These four epochs are the five steps of lesson 01. You write them yourself in a moment.)

# %%
X, y = flipper[complete], mass[complete]
b, w = 0.0, np.zeros(1)
for epoch in range(4):
    error = b + X @ w - y
    print(f"epoch {epoch}: loss {np.mean(error**2):9.3g}, b = {b:9.3g}, w = {w[0]:9.3g}")
    b, w = b - 0.1 * 2 * error.mean(), w - 0.1 * 2 * X.T @ error / len(y)

A = np.column_stack([np.ones(len(y)), X])
curvatures = np.linalg.eigvalsh(2 / len(y) * A.T @ A)
print(f"curvatures {curvatures[0]:.3g} and {curvatures[1]:.3g}: largest stable lr {2 / curvatures[1]:.3g}")

# %% [markdown]
# Each epoch multiplies the loss by some 65 million. The curvature is $2 \cdot \overline{x^2}$, about $2 \cdot 200^2$,
# so the limit is 0.0000247. And below it the other direction, that of $b$, would take forever: one curvature is eight
# million times the other. You know the remedy from lesson 06: standardize.

# %% [markdown]
# ## Prepare
#
# Three things have to be done before any training, and their order matters:
#
# 1. **drop** the rows with a gap, in the features or in the target;
# 2. **split** what is left at random into a training and a validation part;
# 3. **standardize** both parts by the mean and the standard deviation of the *training* part.
#
# The validation part stands for penguins that nobody has measured yet. If its rows have a say in the mean, the training
# has seen something of them. That is a *leak*. Here it would be small, and in other data it is not; either way you
# would never know, since the number that could tell you is the one that it spoils.
#
# ### Exercise: prepare (2 points)
#
# The standard deviation divides by $n$, as `X.std(axis=0)` does.


# %% solution="prepare"
def prepare(X, y, fraction, rng):
    """Drop rows with gaps, split at random, standardize by the training part alone.

    X: raw features, shape (N, n_features), nan where one is missing. y: targets, shape (N,), nan likewise.
    fraction: share of the complete rows that is for training. rng: a np.random.Generator, source of all randomness.

    Returns Z_train, y_train, Z_val, y_val, mean, std: the standardized features and the targets of both parts, and the
    mean and the standard deviation of each column, shape (n_features,).
    """
    ### BEGIN SOLUTION
    complete = np.isfinite(X).all(axis=1) & np.isfinite(y)
    X, y = X[complete], y[complete]
    order = rng.permutation(len(y))
    n_train = round(fraction * len(y))
    train, val = order[:n_train], order[n_train:]
    mean, std = X[train].mean(axis=0), X[train].std(axis=0)
    return (X[train] - mean) / std, y[train], (X[val] - mean) / std, y[val], mean, std
    ### END SOLUTION


# %% check="prepare" points=2
capstone.prepare.check(prepare)

# %%
Z, y, Z_val, y_val, mean, std = prepare(flipper, mass, fraction=0.8, rng=np.random.default_rng(42))
print(f"{len(y)} penguins to train on, {len(y_val)} to validate with")
print(f"flipper: mean {mean[0]:.1f} mm, standard deviation {std[0]:.1f} mm")

A = np.column_stack([np.ones(len(y)), Z])
print("curvatures:", np.linalg.eigvalsh(2 / len(y) * A.T @ A).round(6))

# %% [markdown]
# Both curvatures are 2. For one standardized feature that is always so: the loss is a round bowl, and every learning
# rate below 1 goes straight to the bottom.

# %% [markdown]
# ## Fit, in NumPy
#
# Now the training, for any number of features:
#
# $$\hat{y} = b + X w, \qquad L(b, w) = \frac{1}{N} \sum_{i=1}^{N} (\hat{y}_i - y_i)^2 + \lambda \sum_{j} w_j^2$$
#
# New is the second term. The *penalty* $\lambda$ (lambda, in code `penalty`) holds the slopes back: a large slope must
# earn its price. With few rows and many features that helps, because slopes then like to chase the noise. For
# $\lambda = 0$ all is as before. Fits with this penalty are called *ridge regression*.
#
# **The intercept $b$ does not occur in the penalty.** It carries the mean of $y$, here 4247 g. A price on it would pull
# every prediction towards 0 g, and how hard would depend on where the zero of the scale happens to be.
#
# The gradient of $w$ gets one more term, $2 \lambda w$.
#
# **Predict before you run:** on standardized features, with $b = 0$ and $w = 0$ at the start and a learning rate of
# 0.1, what is $b$ after the first update?
#
# ### Exercise: fit (3 points)
#
# All parameters start at 0. Your three training functions will have the same signature, and the same check looks at all
# of them.


# %% solution="fit"
def fit(X, y, lr, n_epochs, penalty):
    """Gradient descent from zeros on mean((b + X @ w - y)²) + penalty * sum(w²), with gradients worked out by hand.

    X: standardized features, shape (N, n_features). y: targets, shape (N,). lr: learning rate.
    n_epochs: how many updates. penalty: how strongly the slopes are held back, 0 for not at all.

    Returns b (a number), w (shape (n_features,)) and losses (shape (n_epochs,)): losses[i] is the loss before update i,
    penalty included. All in double precision.
    """
    ### BEGIN SOLUTION
    b, w = 0.0, np.zeros(X.shape[1])
    losses = []
    for _ in range(n_epochs):
        error = b + X @ w - y
        losses.append((error**2).mean() + penalty * (w**2).sum())
        b_grad = 2 * error.mean()
        w_grad = 2 * X.T @ error / len(y) + 2 * penalty * w
        b, w = b - lr * b_grad, w - lr * w_grad
    return b, w, np.array(losses)
    ### END SOLUTION


# %% check="fit" points=3
capstone.fit.check(fit)

# %%
b, w, losses = fit(Z, y, lr=0.1, n_epochs=300, penalty=0.0)
best = np.linalg.lstsq(A, y)[0]
print(f"gradient descent: b = {b:.6f}, w = {w[0]:.6f}")
print(f"least squares:    b = {best[0]:.6f}, w = {best[1]:.6f}")
print(f"training RMSE:   {np.sqrt(losses[-1]):.1f} g")
print(f"validation RMSE: {np.sqrt(np.mean((b + Z_val @ w - y_val) ** 2)):.1f} g")

# %% [markdown]
# There is your model: a penguin of average flipper length weighs 4247 g, and each standard deviation of flipper adds
# 717 g. It misses by about 400 g.
#
# Do three measurements do better than one?

# %%
three = np.column_stack([penguins[name] for name in measured[:3]])
Z3, y3, Z3_val, y3_val, mean3, std3 = prepare(three, mass, 0.8, np.random.default_rng(42))
A3 = np.column_stack([np.ones(len(y3)), Z3])
best3 = np.linalg.lstsq(A3, y3)[0]
print("curvatures:", np.linalg.eigvalsh(2 / len(y3) * A3.T @ A3).round(2))

b3, w3, losses3 = fit(Z3, y3, lr=0.1, n_epochs=500, penalty=0.0)
print("gradient descent:", np.round([b3, *w3], 3))
print("least squares:   ", best3.round(3))
print(f"validation RMSE: {np.sqrt(np.mean((b3 + Z3_val @ w3 - y3_val) ** 2)):.1f} g")

# %% [markdown]
# Hardly: 403 g after 405 g. Long flippers come with long bills, so a bill tells little that the flipper has not told.
# The correlation also shows in the curvatures, which are no longer all 2.
#
# And the penalty? Compare three of them.

# %%
for penalty in (0.0, 0.1, 1.0):
    b_held, w_held, _ = fit(Z3, y3, lr=0.1, n_epochs=500, penalty=penalty)
    print(f"penalty {penalty}: b = {b_held:.1f}, w = {w_held.round(1)}")

# %% [markdown]
# The large slope shrinks, and the others take over some of its work: squares make it cheaper to share. The intercept
# stays where it is. It is the mean mass of the training penguins, whatever the slopes do.

# %% [markdown]
# ## The same in PyTorch
#
# Write the same training once more. The arguments are NumPy arrays again. Inside, make tensors of them and let PyTorch
# compute the gradients.
#
# Mind the precision. From a NumPy array of float64, `torch.from_numpy` makes a tensor of float64. `torch.zeros(3)` is
# float32, unless you say `dtype=torch.float64`.
#
# ### Exercise: fit_torch (3 points)
#
# The check is the one that you know, `capstone.fit`. With `using="torch"` it also watches whether PyTorch has computed
# the gradients.


# %% solution="fit_torch"
def fit_torch(X, y, lr, n_epochs, penalty):
    """The same as fit, with gradients by PyTorch.

    X, y: NumPy arrays. Returns b, w and losses as fit does; tensors, arrays and numbers are all fine.
    """
    ### BEGIN SOLUTION
    X, y = torch.from_numpy(X), torch.from_numpy(y)
    b = torch.zeros((), dtype=torch.float64, requires_grad=True)
    w = torch.zeros(X.shape[1], dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([b, w], lr=lr)
    losses = []
    for _ in range(n_epochs):
        loss = ((b + X @ w - y) ** 2).mean() + penalty * (w**2).sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return b.item(), w.detach().numpy(), np.array(losses)
    ### END SOLUTION


# %% check="fit_torch" points=3
capstone.fit.check(fit_torch, using="torch")

# %% [markdown]
# ## The same in JAX
#
# JAX computes in single precision unless told otherwise, whatever precision the arrays had that you give it:

# %%
print(f"y[0] / 3 in NumPy:             {y[0] / 3:.12f}")
print(f"the same through a JAX array:  {float(jnp.asarray(y[0] / 3, dtype=jnp.float32)):.12f}")

# %% [markdown]
# Seven digits are right. That is plenty for most training, and too little to compare frameworks: you could not tell a
# rounding error from a mistake. One line turns double precision on for the whole notebook, from there on:
#
# ```python
# jax.config.update("jax_enable_x64", True)
# ```
#
# It stands at the top of the next cell. Leave it there.
#
# ### Exercise: fit_jax (3 points)
#
# A loop with a compiled step will do, and `lax.scan` of lesson 08 is quicker. Without either it is right as well, but
# some thousand epochs will take a while.


# %% solution="fit_jax"
jax.config.update("jax_enable_x64", True)


def fit_jax(X, y, lr, n_epochs, penalty):
    """The same as fit, with gradients by JAX.

    X, y: NumPy arrays. Returns b, w and losses as fit does; JAX arrays, NumPy arrays and numbers are all fine.
    """

    ### BEGIN SOLUTION
    def loss(params):
        b, w = params
        return ((b + X @ w - y) ** 2).mean() + penalty * (w**2).sum()

    def epoch(params, _):
        before, grads = jax.value_and_grad(loss)(params)
        return jax.tree.map(lambda p, g: p - lr * g, params, grads), before

    X, y = jnp.asarray(X), jnp.asarray(y)
    start = jnp.zeros(()), jnp.zeros(X.shape[1])
    (b, w), losses = jax.lax.scan(epoch, start, None, length=n_epochs)
    return b, w, losses
    ### END SOLUTION


# %% check="fit_jax" points=3
capstone.fit.check(fit_jax, using="jax")

# %% [markdown]
# ## Do they agree?
#
# **Predict before you run:** the three do the same arithmetic, but add up in different orders. To how many digits will
# the losses agree after 500 epochs?

# %%
fits = {"NumPy": fit, "PyTorch": fit_torch, "JAX": fit_jax}


def compare(Z, y, best, lr, n_epochs):
    """Train in all three, and print how far each is from NumPy and from least squares, as a share of the largest."""
    runs = {name: train(Z, y, lr, n_epochs, 0.0) for name, train in fits.items()}
    reference = np.array([runs["NumPy"][0], *runs["NumPy"][1]])
    for name, (b, w, _) in runs.items():
        params = np.array([float(b), *(float(slope) for slope in w)])
        from_numpy = abs(params - reference).max() / abs(best).max()
        from_best = abs(params - best).max() / abs(best).max()
        print(f"{name:8} from NumPy {from_numpy:.0e}, from least squares {from_best:.0e}")
    return {name: np.array([float(loss) for loss in losses]) for name, (_, _, losses) in runs.items()}


histories = compare(Z3, y3, best3, lr=0.1, n_epochs=500)
panels.compare_losses(histories, unit="g", title="Penguins, three features")

# %% [markdown]
# Three curves, and you see one. They agree with each other to some fifteen digits, and with the formula of least
# squares far better than to a millionth.
#
# This is what it looks like if JAX is left in single precision:

# %%
jax.config.update("jax_enable_x64", False)
_, _, single = fit_jax(Z3, y3, 0.1, 500, 0.0)
jax.config.update("jax_enable_x64", True)

single = {"NumPy": histories["NumPy"], "JAX, single precision": np.array([float(loss) for loss in single])}
panels.compare_losses(single, unit="g", title="Single precision")

# %% [markdown]
# In the left picture there is nothing to see. In the right one the difference is hundreds of millions of times as
# large as before. So look at differences, not at curves that lie on top of each other.

# %% [markdown]
# ## More features: people
#
# The second table: ten measurements of 442 people with diabetes, and a score for how far the disease had progressed a
# year later. Age, sex, body mass index, blood pressure, and six values from the blood, `s1` to `s6`.
#
# *The table is that of scikit-learn's `load_diabetes(scaled=False)` (BSD-3-Clause). It comes from B. Efron, T. Hastie,
# I. Johnstone and R. Tibshirani, "Least angle regression", Annals of Statistics 32, 2004.*

# %% locked="diabetes"
people = data.diabetes()
names = list(people)[:-1]
X10 = np.column_stack([people[name] for name in names])
score = people["progression"]
print("features:", ", ".join(names))
print(f"score from {score.min():.0f} to {score.max():.0f}, standard deviation {score.std():.1f}")

# %%
Z10, y10, Z10_val, y10_val, mean10, std10 = prepare(X10, score, 0.8, np.random.default_rng(42))
A10 = np.column_stack([np.ones(len(y10)), Z10])
curvatures = np.linalg.eigvalsh(2 / len(y10) * A10.T @ A10)
print(f"curvatures from {curvatures[0]:.4f} to {curvatures[-1]:.2f}: largest stable lr {2 / curvatures[-1]:.3f}")

best10 = np.linalg.lstsq(A10, y10)[0]
histories = compare(Z10, y10, best10, lr=0.2, n_epochs=6000)
panels.compare_losses(histories, unit="points", title="Diabetes, ten features")

# %% [markdown]
# The blood values `s1` and `s2` say nearly the same, so one direction is flat: the condition number is 446, even on
# standardized features. That is why it takes thousands of epochs to come within a millionth of least squares. The loss
# was there much sooner, and you know from lesson 06 what that means.

# %% [markdown]
# ## Find the bug (2 points)
#
# A colleague has the same table with all columns scaled, "to length 1, as the library does by default". The program is
# right, line for line, but the learning rate seems to be broken. They tried 0.1, then 0.2, then 0.5:


# %% locked="bug-shown"
def progression_of_a_colleague(X, y, X_new, lr, n_epochs):
    mean, norm = X.mean(axis=0), np.linalg.norm(X - X.mean(axis=0), axis=0)
    Z, Z_new = (X - mean) / norm, (X_new - mean) / norm
    b, w = 0.0, np.zeros(X.shape[1])
    for _ in range(n_epochs):
        error = b + Z @ w - y
        b_grad, w_grad = 2 * error.mean(), 2 * Z.T @ error / len(y)
        b, w = b - lr * b_grad, w - lr * w_grad
    return b + Z_new @ w


def miss(yhat):
    return np.sqrt(np.mean((yhat - score) ** 2))


for lr in (0.1, 0.2, 0.5, 0.9, 1.1):
    with np.errstate(all="ignore"):
        reached = [miss(progression_of_a_colleague(X10, score, X10, lr, n_epochs)) for n_epochs in (0, 10, 100)]
    print(
        f"lr = {lr}: RMSE {reached[0]:.1f} at the start, {reached[1]:.1f} after 10 epochs, {reached[2]:.3g} after 100"
    )
A_all = np.column_stack([np.ones(len(score)), X10])
print(f"least squares reaches {miss(A_all @ np.linalg.lstsq(A_all, score)[0]):.1f}")

# %% [markdown]
# The standard deviation of the score is 77.0, so with 0.1 the fit has found the mean within some epochs, and then
# hardly anything more happens. Larger learning rates help, slowly, and at 1.1 it all flies apart. It is as if no
# learning rate were right.
#
# What is wrong is the scale. Where have you seen what a curvature is made of? Repair the function, and leave `lr` and
# `n_epochs` alone.


# %% solution="progression"
def progression(X, y, X_new, lr, n_epochs):
    """Fit a linear model on standardized features, from zeros, and predict for new rows.

    X: raw features, shape (N, n_features). y: targets, shape (N,). X_new: raw features, shape (M, n_features).
    lr: learning rate. n_epochs: how many updates.

    Returns yhat_new, shape (M,).
    """
    ### BEGIN SOLUTION
    mean, std = X.mean(axis=0), X.std(axis=0)
    Z, Z_new = (X - mean) / std, (X_new - mean) / std
    b, w = 0.0, np.zeros(X.shape[1])
    for _ in range(n_epochs):
        error = b + Z @ w - y
        b_grad, w_grad = 2 * error.mean(), 2 * Z.T @ error / len(y)
        b, w = b - lr * b_grad, w - lr * w_grad
    return b + Z_new @ w
    ### STUB
    # mean, norm = X.mean(axis=0), np.linalg.norm(X - X.mean(axis=0), axis=0)
    # Z, Z_new = (X - mean) / norm, (X_new - mean) / norm
    # b, w = 0.0, np.zeros(X.shape[1])
    # for _ in range(n_epochs):
    #     error = b + Z @ w - y
    #     b_grad, w_grad = 2 * error.mean(), 2 * Z.T @ error / len(y)
    #     b, w = b - lr * b_grad, w - lr * w_grad
    # return b + Z_new @ w
    ### END SOLUTION


# %% check="progression" points=2
capstone.progression.check(progression)

# %%
for n_epochs in (10, 100, 1000):
    print(f"repaired, lr = 0.1: RMSE {miss(progression(X10, score, X10, 0.1, n_epochs)):.1f} after {n_epochs} epochs")

unit = (X10 - X10.mean(axis=0)) / np.linalg.norm(X10 - X10.mean(axis=0), axis=0)
for name, columns in {"length 1": unit, "standard deviation 1": unit * np.sqrt(len(unit))}.items():
    design = np.column_stack([np.ones(len(unit)), columns])
    curvatures = np.linalg.eigvalsh(2 / len(unit) * design.T @ design)
    print(f"{name:21} curvatures from {curvatures[0]:.2g} to {curvatures[-1]:.2g}")

# %% [markdown]
# A column of length 1 has $\sum z^2 = 1$, so its mean square is $1/N = 1/442$, and all curvatures of the slopes are 442
# times smaller. That of $b$ is 2, as ever. So the slopes would want a learning rate of about 100, and $b$ allows 1 at
# most. Nothing was broken; the scales of two kinds of parameters did not fit together.

# %% [markdown]
# ## When to stop
#
# So far you had hundreds of rows for a few slopes. Now suppose that you have only 44 people to train on, a tenth of the
# table, and ten features.

# %%
Zf, yf, Zf_val, yf_val, _, _ = prepare(X10, score, 0.1, np.random.default_rng(42))
print(len(yf), "people to train on,", len(yf_val), "to validate with")
for n_epochs in (25, 50, 100, 1000, 10000):
    bf, wf, _ = fit(Zf, yf, 0.02, n_epochs, 0.0)
    train_rmse, val_rmse = (np.sqrt(np.mean((bf + part @ wf - t) ** 2)) for part, t in ((Zf, yf), (Zf_val, yf_val)))
    print(f"{n_epochs:6} epochs: training RMSE {train_rmse:.1f}, validation RMSE {val_rmse:.1f}")

# %% [markdown]
# The training loss falls as long as you train. The validation loss falls, turns, and rises: from there on the slopes
# learn the noise of 44 people. The best moment to stop is at the turn, and you only know that it was one when it is
# over.
#
# *Early stopping*: in every epoch, before the update, look at the validation loss.
#
# - Is it lower than the lowest so far? Then keep it, and with it the epoch and the parameters.
# - If not: is the best epoch `patience` epochs ago or more? Then stop.
#
# At the end return the parameters that you **kept**, not those that you have arrived at.
#
# **Predict before you run:** what if the training loss were to decide? When would it stop?
#
# ### Exercise: early_stopping (3 points)
#
# In NumPy, or with any of the frameworks. No penalty here; `mean((b + X @ w - y)²)` is both losses. One trap: after
# `best_w = w`, the update `w -= lr * w_grad` changes `best_w` as well.


# %% solution="early_stopping"
def early_stopping(X, y, X_val, y_val, lr, max_epochs, patience):
    """Gradient descent from zeros on X, y until the loss on X_val, y_val has not fallen for patience epochs.

    X, y, X_val, y_val: standardized features and targets. lr: learning rate. max_epochs: the most epochs there are.
    patience: stop in the epoch in which the best one is this many epochs ago.

    Returns b, w (of the best epoch), best_epoch and val_losses: val_losses[i] is the validation loss before update i,
    up to the epoch of the stop.
    """
    ### BEGIN SOLUTION
    b, w = 0.0, np.zeros(X.shape[1])
    best_loss, best_epoch, kept = np.inf, 0, (b, w)
    val_losses = []
    for epoch in range(max_epochs):
        val_losses.append(((b + X_val @ w - y_val) ** 2).mean())
        if val_losses[-1] < best_loss:
            best_loss, best_epoch, kept = val_losses[-1], epoch, (b, w)
        elif epoch - best_epoch >= patience:
            break
        error = b + X @ w - y
        b, w = b - lr * 2 * error.mean(), w - lr * 2 * X.T @ error / len(y)
    return *kept, best_epoch, np.array(val_losses)
    ### END SOLUTION


# %% check="early_stopping" points=3
capstone.early_stopping.check(early_stopping)

# %%
bf, wf, best_epoch, val_losses = early_stopping(Zf, yf, Zf_val, yf_val, lr=0.02, max_epochs=2000, patience=50)
_, _, train_losses = fit(Zf, yf, 0.02, 200, 0.0)
print(f"best epoch {best_epoch}, stopped in epoch {len(val_losses) - 1}")
print(f"validation RMSE {np.sqrt(val_losses[best_epoch]):.1f}, and {np.sqrt(val_losses[-1]):.1f} at the stop")
panels.stopping(val_losses, train_losses, best_epoch, unit="points")

# %% [markdown]
# One caution. You have now chosen an epoch by the validation loss, so that loss is no longer an honest estimate: among
# many epochs the luckiest one was taken. For a number to quote, keep a third part, a *test* part, that decides nothing.
#
# The penalty is another way to keep slopes from chasing noise. Both hold them near 0: early stopping because they had
# no time, the penalty because they pay.

# %%
for penalty in (0.0, 0.1, 0.5, 2.0):
    bf, wf, _ = fit(Zf, yf, 0.02, 10000, penalty)
    print(f"penalty {penalty}: validation RMSE {np.sqrt(np.mean((bf + Zf_val @ wf - yf_val) ** 2)):.1f}")

# %% [markdown]
# Here the penalty does better than stopping: 65.3 after 68.5.

# %% [markdown]
# ## Tune it
#
# The panel trains in all three frameworks at each move of a slider. To the left, their three curves; to the right, the
# validation loss with its best epoch and the one in which early stopping ends the training. The features of the
# penguins are the three measurements, the year, and then squares and products; those of the people stand in the order
# of what they tell.
#
# Find out:
# 1. How far do you have to raise `lr` until it diverges? Do the three ever differ by more than a millionth?
# 2. With 12 to 30 training rows and ten features, where is the best epoch? And with 100 rows?
# 3. A small `lr` and a small `patience`: when does it stop too early?

# %%
panels.frameworks()

# %% [markdown]
# ## Report
#
# "Each standard deviation of flipper adds 717 g" is no sentence for somebody with a ruler. The model is
#
# $$\hat{y} = b + \sum_j w_j \frac{x_j - m_j}{s_j}$$
#
# with the means $m_j$ and the standard deviations $s_j$ of the training part. Multiply out and sort, and you get an
# intercept in grams and slopes in grams for each millimetre.
#
# **Predict before you run:** the intercept is the mass of a penguin whose flippers are 0 mm long. Is it positive?
#
# ### Exercise: report (2 points)


# %% solution="report"
def report(b, w, mean, std, X, y):
    """The model in raw units, and by how much it misses.

    b, w: parameters for standardized features. mean, std: of the training part, shape (n_features,).
    X: raw features of the rows to judge by, shape (M, n_features). y: their targets, shape (M,).

    Returns intercept (a number, in units of y), slopes (shape (n_features,), in units of y for each unit of a feature)
    and rmse (a number, in units of y).
    """
    ### BEGIN SOLUTION
    slopes = w / std
    intercept = b - (slopes * mean).sum()
    rmse = np.sqrt(((intercept + X @ slopes - y) ** 2).mean())
    return intercept, slopes, rmse
    ### END SOLUTION


# %% check="report" points=2
capstone.report.check(report)

# %%
X_val = Z_val * std + mean
intercept, slopes, rmse = report(b, w, mean, std, X_val, y_val)
print(f"mass = {slopes[0]:.1f} g/mm · flipper length - {-intercept:.0f} g, and it misses by {rmse:.0f} g")
print(f"a flipper of 200 mm: {intercept + 200 * slopes[0]:.0f} g")
panels.line_in_grams(X_val, y_val, intercept, slopes[0], rmse)

# %% [markdown]
# Each millimetre of flipper adds about 50 g. The intercept is nearly minus six kilograms, and no mistake: no penguin
# has flippers of 0 mm, and the line says nothing about animals far from those it was fitted to.
#
# The same for three features, where no line can be drawn:

# %%
X3_val = Z3_val * std3 + mean3
intercept3, slopes3, rmse3 = report(b3, w3, mean3, std3, X3_val, y3_val)
for name, slope in zip(measured, slopes3, strict=False):
    print(f"{name:18} {slope:6.1f} g/mm")
print(f"intercept {intercept3:.0f} g, RMSE {rmse3:.0f} g on penguins that it has not seen")
panels.measured_against_predicted(y3_val, intercept3 + X3_val @ slopes3, what="body mass", unit="g")

# %% [markdown]
# ## Quiz (2 points)
#
# Answer each question with a set of letters, such as `{"a", "d"}`. The check says for each wrong letter why it is
# wrong.

# %% [markdown] locked="question-1"
# **Question 1.**
#
# {{ quiz: capstone.what_leaks }}

# %% solution="what_leaks"
### BEGIN SOLUTION
what_leaks = {"a", "c", "e"}
### STUB
# what_leaks = ...
### END SOLUTION

# %% check="what_leaks" points=0.5
capstone.what_leaks.check(what_leaks)

# %% [markdown] locked="question-2"
# **Question 2.**
#
# {{ quiz: capstone.why_not_the_intercept }}

# %% solution="why_not_the_intercept"
### BEGIN SOLUTION
why_not_the_intercept = {"a", "d"}
### STUB
# why_not_the_intercept = ...
### END SOLUTION

# %% check="why_not_the_intercept" points=0.5
capstone.why_not_the_intercept.check(why_not_the_intercept)

# %% [markdown] locked="question-3"
# **Question 3.**
#
# {{ quiz: capstone.which_epoch }}

# %% solution="which_epoch"
### BEGIN SOLUTION
which_epoch = {"a", "d"}
### STUB
# which_epoch = ...
### END SOLUTION

# %% check="which_epoch" points=0.5
capstone.which_epoch.check(which_epoch)

# %% [markdown] locked="question-4"
# **Question 4.**
#
# {{ quiz: capstone.how_far_apart }}

# %% solution="how_far_apart"
### BEGIN SOLUTION
how_far_apart = {"a", "d"}
### STUB
# how_far_apart = ...
### END SOLUTION

# %% check="how_far_apart" points=0.5
capstone.how_far_apart.check(how_far_apart)

# %% [markdown]
# In nbgrader, press **Validate** in the toolbar to run all checks of this lesson once more from top to bottom before
# you submit.
#
# ## The course is done
#
# ### What you can do now
#
# - **Write gradient descent from nothing**, in a dozen lines, for any loss that you can differentiate (01, 02).
# - **Check a gradient** that you do not trust, with nothing but the loss (02).
# - **Choose a learning rate for a reason**: compute the limit $2/L$, see which direction sets it, and change the scale
#   where it is too small to be of use (03, 06, 08, 10).
# - **Choose a batch**, and say what it costs and what noise it brings (03, 04).
# - **Explain what `backward()` does**, since you have built one (05), and find the usual misuses of PyTorch's (04).
# - **Write code that JAX can take apart**, and let it repeat, compile and map what you wrote (07, 08).
# - **Tell optimizers apart** by what they remember, and say when one is of use (09).
# - **Not believe a loss curve**: look at parameters, at differences, at rows that were not trained on (06, 10).
#
# ### Where to go on
#
# - **Other losses.** Put the cross-entropy in the place of the squared error and a sigmoid behind $b + Xw$: that is
#   logistic regression, and your loops in PyTorch and JAX need one other line. Which penguins are Gentoo?
# - **Other models.** Two layers in the place of one make a neural network. The loss is no bowl any more, and what you
#   know about curvature holds near each place.
# - **Other data.** The rest of this very table: do species and sex help to predict a mass? How do you make numbers of
#   them?
# - **Reading.** Sebastian Ruder, *An overview of gradient descent optimization algorithms*. Stephen Boyd and Lieven
#   Vandenberghe, *Convex Optimization*, for why bowls are kind. Ian Goodfellow, Yoshua Bengio and Aaron Courville,
#   *Deep Learning*, for what comes after them. The tutorials of PyTorch and JAX, which you can now read with a
#   critical eye.
#
# ### Your own record
#
# Each check has left its verdict in your notebook. The next cell reads the notebooks in the folders beside this one and
# draws up what you have done. Save this notebook first (Ctrl+S, on a Mac ⌘S): only what is saved counts.
#
# The record is yours. It is made on this computer, of your own files, and goes nowhere unless you send it. It is no
# proof either, and says so.

# %%
summary.summary()

# %% [markdown]
# To keep it as a page that you can print, run this in a cell of your own, with your name in it:
#
# ```python
# summary.summary(name="Ada Lovelace").save("my-record.html")
# ```

# %% [markdown] locked="tail"
# ## What you now know
#
# - Drop, split, scale, in this order: whatever is computed before the split must not be used after it.
# - NumPy, PyTorch and JAX give the same numbers. Where they differ by more than $10^{-9}$, look for single precision,
#   then for a mistake.
# - A penalty holds the slopes back, never the intercept.
# - Early stopping watches rows that are not trained on, and returns the best parameters, not the last.
# - Two scales that do not fit together look like a broken learning rate.
# - A model is reported in the units of those who use it.
#
# **This was the last lesson.** Thank you for working through it. What you have written is yours to keep and to use.
