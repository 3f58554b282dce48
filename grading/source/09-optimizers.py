# %% [markdown] locked="head"
# # 09 · Race the optimizers: momentum to Adam
#
# **You will** write the update rules behind five famous names, each in two to six lines, and let them race on a ravine,
# a saddle and a noisy line.
#
# **You will learn**
# - what momentum, Nesterov's momentum, Adagrad, RMSProp and Adam do with the gradient before they step;
# - what an optimizer's *state* is, and why it goes in and comes out;
# - where PyTorch, optax and the papers differ, so that you can read any of them;
# - when each of them helps and when it does not, in numbers.
#
# **You need** lesson 03 (curvatures, the limit $2/L$, noise of batches). PyTorch and JAX are used if they are here; all
# can be done without them.
#
# **It takes** about 60 minutes. There are 17 points: 15 for code, 2 for a short quiz.
#
# The rules, and their history, are told in Sebastian Ruder's [An overview of gradient descent optimization
# algorithms](https://arxiv.org/abs/1609.04747). Stuck? Put `optimizers.momentum.hint()` (or the name of another
# exercise) into a new cell.

# %% locked="imports"
from functools import partial

import numpy as np

from gdexercises import optimizers
from gdexercises.tuning import optimizers as panels

# %% [markdown]
# ## A ravine
#
# Two parameters, in one array `params`, and a loss that curves 50 times as much in one direction as in the other:
#
# $$f(p) = \tfrac12 \left(p_0^2 + 50\, p_1^2\right)$$
#
# The curvatures are 1 and 50. Plain gradient descent is stable below $2/50 = 0.04$ (lesson 03), and that is what the
# steep direction dictates. Along the ravine, where there is all the way to go, such steps are short.
#
# **Predict before you run:** the learning rate is 0.03. What is left of the distance in each direction after one step?


# %% locked="ravine"
def ravine(params):
    return (params[0] ** 2 + 50 * params[1] ** 2) / 2


def ravine_grad(params):
    return params * np.array([1.0, 50.0])


start = np.array([-2.0, 0.4])
params = start
for step in range(1, 61):
    params = params - 0.03 * ravine_grad(params)
    if step in (1, 2, 10, 60):
        print(f"step {step:2}: params = {params.round(4)}, loss = {ravine(params):.5f}")

# %% [markdown]
# In the steep direction each step overshoots, and leaves $1 - 0.03 \cdot 50 = -0.5$ of the distance. After ten steps
# that is nothing. Along the ravine $1 - 0.03 = 0.97$ is left, step after step, and after 60 steps it is still 16 %.
#
# All optimizers in this lesson get the same gradients as plain gradient descent. What they add is a *memory* of
# gradients that were, and they use it in two ways: to **keep going** where the gradients agree (momentum), and to
# **give each parameter a rate of its own** (Adagrad, RMSProp), or both (Adam).

# %% [markdown]
# ## State goes in, state comes out
#
# That memory is called the optimizer's *state*. PyTorch hides it in an object. Here, as in optax, a rule is a plain
# function: it gets the parameters, the gradients and its state, and returns new parameters and new state.
#
# ```python
# params, velocity = momentum(params, grads, velocity, lr, beta)
# ```
#
# Nothing is changed in place, nothing is kept elsewhere. Whoever calls the function owns the state, and state is
# always zeros before the first step.
#
# Write each rule **with operators alone**: `+ - * / **`. Then it works, entry by entry, on a NumPy array, a PyTorch
# tensor and a JAX array alike, and the check tries all three (those that are installed). A root is `** 0.5`. `np.sqrt`
# is NumPy's, and inside `jax.jit` it fails.

# %% [markdown]
# ## Momentum
#
# A ball that rolls does not start anew in every place. Momentum keeps a *velocity* $v$, to which every gradient $g$ is
# added, while a share $1 - \beta$ of it is lost to friction:
#
# $$v \leftarrow \beta\, v + g, \qquad p \leftarrow p - \eta\, v$$
#
# $\eta$ is the learning rate `lr`. Where gradients keep pointing the same way, $v$ grows; where they go to and fro,
# they cancel.
#
# **Predict before you run:** if the gradient is 1 all the time and $\beta = 0.9$, how large does $v$ become?
#
# ### Exercise: momentum (2 points)


# %% solution="momentum"
def momentum(params, grads, velocity, lr, beta):
    """One step of gradient descent with momentum.

    params, grads, velocity: arrays of one shape (NumPy, PyTorch or JAX). lr, beta: floats.

    Returns the new params and the new velocity; what came in stays as it is.
    """
    ### BEGIN SOLUTION
    velocity = beta * velocity + grads
    return params - lr * velocity, velocity
    ### END SOLUTION


# %% check="momentum" points=2
optimizers.momentum.check(momentum)

# %%
velocity = np.zeros(1)
for step in range(1, 51):
    _, velocity = momentum(np.zeros(1), np.ones(1), velocity, lr=0.0, beta=0.9)
    if step in (1, 2, 3, 10, 50):
        print(f"step {step:2}: velocity = {velocity[0]:.3f}")

# %% [markdown]
# It tends to $1 / (1 - \beta) = 10$. In the long run momentum walks ten times as fast as plain gradient descent with
# the same `lr`. That is a blessing along the ravine. And it means that `lr` and `beta` cannot be chosen apart.
#
# **Same name, other rule.** You will meet three more ways to write momentum:
#
# | written as | where | what is different |
# | --- | --- | --- |
# | $v \leftarrow \beta v + g$, step $\eta v$ | here, PyTorch, optax | – |
# | $v \leftarrow \beta v + \eta g$, step $v$ | Ruder, older texts | the same path, until $\eta$ changes on the way |
# | $v \leftarrow \beta v - \eta g$, step added | Sutskever and others | the same path, the velocity points downhill |
# | $v \leftarrow \beta v + (1 - \beta) g$, step $\eta v$ | Adam's $m$; "dampening" | a mean: shorter by $1 - \beta$ |
#
# The last one is a trap. With $\beta = 0.9$ it needs ten times the learning rate to walk the same path.

# %% [markdown]
# ## Nesterov's momentum
#
# A ball rolls through the valley and up the other side before it notices. Nesterov looks ahead: where will the velocity
# carry me in the next step? The libraries write it so:
#
# $$v \leftarrow \beta\, v + g, \qquad p \leftarrow p - \eta \left(g + \beta\, v\right)$$
#
# The velocity is that of momentum. The step takes the *new* velocity, and looks one step further with it, as if the
# gradient came once more.
#
# ### Exercise: nesterov (2 points)


# %% solution="nesterov"
def nesterov(params, grads, velocity, lr, beta):
    """One step of Nesterov's momentum, as PyTorch and optax write it.

    params, grads, velocity: arrays of one shape (NumPy, PyTorch or JAX). lr, beta: floats.

    Returns the new params and the new velocity; what came in stays as it is.
    """
    ### BEGIN SOLUTION
    velocity = beta * velocity + grads
    return params - lr * (grads + beta * velocity), velocity
    ### END SOLUTION


# %% check="nesterov" points=2
optimizers.nesterov.check(nesterov)

# %% [markdown]
# Nesterov himself wrote it differently: go ahead by $\eta \beta v$, take the gradient *there*, and step from where you
# were. He needs the gradient at a place where the parameters are not, which does not fit into a training loop. The
# library's form keeps the places ahead as `params`, and so takes the gradient where it is.
#
# **Predict before you run:** are the places ahead of Nesterov's own form the same as the library's, or only nearly?

# %%
lr, beta = 0.01, 0.9
own, own_velocity = start, np.zeros(2)
params, velocity = start, np.zeros(2)
for _ in range(30):
    ahead = own - lr * beta * own_velocity
    own_velocity = beta * own_velocity + ravine_grad(ahead)
    own = own - lr * own_velocity
    params, velocity = nesterov(params, ravine_grad(params), velocity, lr, beta)
ahead = own - lr * beta * own_velocity
print("his own form, ahead:", ahead)
print("the library's form: ", params)
print(f"largest difference: {abs(ahead - params).max():.0e}")

# %% [markdown]
# The same, but for rounding.

# %% [markdown]
# ## Adagrad
#
# So far all parameters share one learning rate. Adagrad gives each its own: it adds up the squares of all gradients
# that the parameter ever had, and divides by the root of that.
#
# $$s \leftarrow s + g^2, \qquad p \leftarrow p - \eta\, \frac{g}{\sqrt{s} + \varepsilon}$$
#
# Everything is meant entry by entry. $\varepsilon$ is a tiny number which keeps 0/0 away. It stands *outside* the root
# here, as in PyTorch.
#
# ### Exercise: adagrad (1 point)


# %% solution="adagrad"
def adagrad(params, grads, total, lr, eps):
    """One step of Adagrad.

    params, grads: arrays of one shape (NumPy, PyTorch or JAX). total: sum of the squared gradients so far, of the same
    shape. lr, eps: floats.

    Returns the new params and the new total; what came in stays as it is.
    """
    ### BEGIN SOLUTION
    total = total + grads**2
    return params - lr * grads / (total**0.5 + eps), total
    ### END SOLUTION


# %% check="adagrad" points=1
optimizers.adagrad.check(adagrad)

# %% [markdown]
# What is it good for? Think of two parameters. The first gets a gradient of 1 in every step. The second belongs to a
# rare feature, and gets one in every 25th step only.
#
# **Predict before you run:** after 100 steps, plain gradient descent has moved the first one 25 times as far as the
# second. And Adagrad?

# %%
plain, ada, total = np.zeros(2), np.zeros(2), np.zeros(2)
for step in range(100):
    grads = np.array([1.0, float(step % 25 == 0)])
    plain = plain - 0.1 * grads
    ada, total = adagrad(ada, grads, total, lr=0.1, eps=1e-10)
print(f"plain:   moved {-plain.round(3)}, {plain[0] / plain[1]:.1f} times as far")
print(f"Adagrad: moved {-ada.round(3)}, {ada[0] / ada[1]:.1f} times as far")

ada, total, steps = np.zeros(1), np.zeros(1), []
for _ in range(10_000):
    before = ada
    ada, total = adagrad(before, np.ones(1), total, lr=0.1, eps=1e-10)
    steps.append((before - ada)[0])
print("steps 1, 100 and 10,000:", [round(float(steps[i - 1]), 5) for i in (1, 100, 10_000)])

# %% [markdown]
# The rare one has caught up a good deal: 6.7 in place of 25. That is what Adagrad was made for, words and other things
# of which most are rare.
#
# The price is in the last line. The total never forgets, so the steps shrink as $1/\sqrt{t}$, whether you have arrived
# or not.

# %% [markdown]
# ## RMSProp
#
# RMSProp forgets. In place of the sum it keeps a *running mean* of the squares, which keeps $\beta$ of what it was and
# takes $1 - \beta$ of what is new:
#
# $$v \leftarrow \beta\, v + (1 - \beta)\, g^2, \qquad p \leftarrow p - \eta\, \frac{g}{\sqrt{v} + \varepsilon}$$
#
# ### Exercise: rmsprop (2 points)


# %% solution="rmsprop"
def rmsprop(params, grads, v, lr, beta, eps):
    """One step of RMSProp.

    params, grads: arrays of one shape (NumPy, PyTorch or JAX). v: running mean of the squared gradients, of the same
    shape. lr, beta, eps: floats.

    Returns the new params and the new v; what came in stays as it is.
    """
    ### BEGIN SOLUTION
    v = beta * v + (1 - beta) * grads**2
    return params - lr * grads / (v**0.5 + eps), v
    ### END SOLUTION


# %% check="rmsprop" points=2
optimizers.rmsprop.check(rmsprop)

# %% [markdown]
# A gradient divided by its own usual size is about 1 or -1. So `lr` is no longer a factor of the gradient, but about
# the *length of a step*, in units of the parameter.
#
# **Predict before you run:** the loss is multiplied by 1000, and with it every gradient. What becomes of the first ten
# steps?

# %%
for scale in (1, 1000):
    plain, params, v = start, start, np.zeros(2)
    for _ in range(10):
        plain = plain - 0.01 * scale * ravine_grad(plain)
        params, v = rmsprop(params, scale * ravine_grad(params), v, lr=0.05, beta=0.9, eps=1e-8)
    print(f"loss times {scale:4}: plain at {plain}, RMSProp at {params.round(5)}")

# %% [markdown]
# RMSProp does not care. And that has another side: near the lowest place, where gradients are tiny, its steps are still
# about `lr` long. It cannot settle unless `lr` falls. You will see that in the race.

# %% [markdown]
# ## Adam
#
# Adam takes both ideas. It keeps a running mean $m$ of the gradients and one, $v$, of their squares:
#
# $$m \leftarrow \beta_1 m + (1 - \beta_1)\, g, \qquad v \leftarrow \beta_2 v + (1 - \beta_2)\, g^2$$
#
# Both start at zero, so at first they are far too small. After $t$ steps with the same gradient, $m$ is $(1 -
# \beta_1^t)\, g$. Divide by that factor and it is right. This is the *bias correction*, made anew for each step, in
# which the first one is number $t = 1$:
#
# $$\hat m = \frac{m}{1 - \beta_1^t}, \qquad \hat v = \frac{v}{1 - \beta_2^t}, \qquad
# p \leftarrow p - \eta\, \frac{\hat m}{\sqrt{\hat v} + \varepsilon}$$
#
# The `t` that comes in says how many steps were made *before*, so it is 0 at first; the one that goes out is one
# larger. What is kept for the next step are $m$ and $v$ *without* the correction.
#
# **Predict before you run:** usually $\beta_1 = 0.9$ and $\beta_2 = 0.999$. Without the correction, would the first
# step be too short or too long?
#
# ### Exercise: adam (3 points)


# %% solution="adam"
def adam(params, grads, m, v, t, lr, beta1, beta2, eps):
    """One step of Adam.

    params, grads: arrays of one shape (NumPy, PyTorch or JAX). m, v: running means of the gradients and of their
    squares, of the same shape, not corrected. t: how many steps were made before. lr, beta1, beta2, eps: floats.

    Returns the new params, m, v and t; what came in stays as it is.
    """
    ### BEGIN SOLUTION
    t = t + 1
    m = beta1 * m + (1 - beta1) * grads
    v = beta2 * v + (1 - beta2) * grads**2
    m_hat = m / (1 - beta1**t)
    v_hat = v / (1 - beta2**t)
    return params - lr * m_hat / (v_hat**0.5 + eps), m, v, t
    ### END SOLUTION


# %% check="adam" points=3
optimizers.adam.check(adam)

# %%
g = np.array([0.001, 1.0, 1000.0])
params, m, v, t = adam(np.zeros(3), g, np.zeros(3), np.zeros(3), 0, lr=0.1, beta1=0.9, beta2=0.999, eps=1e-8)
print("first steps with the correction:", -params.round(4))
print("and without it:                 ", (0.1 * m / (v**0.5 + 1e-8)).round(4))

# %% [markdown]
# The first step is as long as `lr`, whether the gradient is 0.001 or 1000. Without the correction it is
# $0.1 / \sqrt{0.001} = 3.16$ times as long: both means are too small, and the one that divides is too small by more.

# %% [markdown]
# ## The same as the libraries, and where they differ
#
# Your rules are those of PyTorch. Here are ten steps of each next to `torch.optim`, in double precision, on a loss that
# is no bowl.

# %%
try:
    import torch
except ImportError:
    print("PyTorch is not here, so there is nothing to compare with. Go on below.")
else:

    def wavy(params):
        return (params**4 / 4 - params).sum() + params[0] * params[1]

    mine = {
        "SGD, momentum": (partial(momentum, lr=0.05, beta=0.9), 1),
        "SGD, nesterov": (partial(nesterov, lr=0.05, beta=0.9), 1),
        "Adagrad": (partial(adagrad, lr=0.1, eps=1e-10), 1),
        "RMSprop": (partial(rmsprop, lr=0.01, beta=0.99, eps=1e-8), 1),
        "Adam": (partial(adam, lr=0.1, beta1=0.9, beta2=0.999, eps=1e-8), 3),
    }
    theirs = {
        "SGD, momentum": partial(torch.optim.SGD, lr=0.05, momentum=0.9),
        "SGD, nesterov": partial(torch.optim.SGD, lr=0.05, momentum=0.9, nesterov=True),
        "Adagrad": partial(torch.optim.Adagrad, lr=0.1),
        "RMSprop": partial(torch.optim.RMSprop, lr=0.01),
        "Adam": partial(torch.optim.Adam, lr=0.1),
    }
    begin = torch.tensor([2.0, -1.5, 0.3], dtype=torch.float64)
    for name, (update, n_states) in mine.items():
        params, state = begin, [0 * begin, 0 * begin, 0][:n_states]
        leaf = begin.clone().requires_grad_()
        optimizer = theirs[name]([leaf])
        for _ in range(10):
            place = params.clone().requires_grad_()
            (grads,) = torch.autograd.grad(wavy(place), place)
            params, *state = update(params, grads, *state)
            optimizer.zero_grad()
            wavy(leaf).backward()
            optimizer.step()
        print(f"{name:13} largest difference after ten steps: {(params - leaf).abs().max().item():.0e}")

# %% [markdown]
# If PyTorch is here, your functions have just run on its tensors, and `torch.optim` did nothing else.
#
# Names are shared more widely than conventions. The check holds you to the first column, and when you read another
# library, look for these:
#
# | rule | here and in PyTorch | optax | Ruder's overview |
# | --- | --- | --- | --- |
# | momentum | $v \leftarrow \beta v + g$, step $\eta v$ | the same | $\eta$ inside of $v$ |
# | Nesterov | `params` are the places ahead | the same | his own form: gradient at $p - \beta v$ |
# | Adagrad | $\sqrt{s} + \varepsilon$ | $\sqrt{s + \varepsilon}$, and $s = 0.1$ at first | $\sqrt{s + \varepsilon}$ |
# | RMSProp | $\sqrt{v} + \varepsilon$ | $\sqrt{v + \varepsilon}$, unless told otherwise | $\sqrt{v + \varepsilon}$ |
# | Adam | $\sqrt{\hat v} + \varepsilon$ | the same | the same |
#
# (Defaults differ as well: RMSProp's $\beta$ is 0.99 in PyTorch and 0.9 in optax. And with dampening, PyTorch leaves
# the very first gradient undamped.)
#
# With $\varepsilon = 10^{-8}$ its place hardly ever matters. It does where gradients are that small themselves:
# $\sqrt{10^{-8}} = 10^{-4}$ is not tiny.

# %% [markdown]
# ## A decaying rate
#
# On noisy gradients a constant learning rate never comes to rest: each batch pulls elsewhere (lesson 03). The cure is
# older than all of the above. Let the rate fall, but not too fast:
#
# $$\eta_t = \frac{\eta_0}{1 + k\, t}$$
#
# $t$ is the number of steps made before, so the first step has the whole $\eta_0$. `decay` is $k$: after $1/k$ steps
# half of the rate is left. Why not faster, such as a factor 0.9 in each step? Because then all rates together are no
# more than $\eta_0 / (1 - 0.9) = 10\, \eta_0$, and what you have not reached by then, you never will. The sum of $1/t$
# has no limit.
#
# ### Exercise: decayed_lr (1 point)


# %% solution="decayed_lr"
def decayed_lr(lr, decay, t):
    """The learning rate of step t, which falls as 1/t.

    lr: that of the first step. decay: a float. t: how many steps were made before, a number or an array of numbers.

    Returns a number, or an array if t is one.
    """
    ### BEGIN SOLUTION
    return lr / (1 + decay * t)
    ### END SOLUTION


# %% check="decayed_lr" points=1
optimizers.decayed_lr.check(decayed_lr)

# %%
t = np.arange(100_000)
for n in (10, 1000, 100_000):
    falling, factor = decayed_lr(0.1, 0.02, t[:n]).sum(), (0.1 * 0.9 ** t[:n]).sum()
    print(f"sum of the first {n:7,} rates: {falling:7.2f} if they fall as 1/t, {factor:.2f} with a factor 0.9")

# %% [markdown]
# ## The race
#
# Now let them run. A *racer* is a pair: an update, and the state that it starts with.
#
# ```python
# racers = {
#     "momentum": (partial(momentum, lr=0.02, beta=0.9), (np.zeros(2),)),
#     "Adam": (partial(adam, lr=0.2, beta1=0.9, beta2=0.999, eps=1e-8), (np.zeros(2), np.zeros(2), 0)),
# }
# ```
#
# `partial(momentum, lr=0.02, beta=0.9)` is `momentum` with two of its arguments filled in. What is left to give are
# `params`, `grads` and the state, however many values that is:
#
# ```python
# params, *state = update(params, grads, *state)
# ```
#
# ### Exercise: race (2 points)
#
# Run every racer from the same start, with its own state, and note where it was.


# %% solution="race"
def race(racers, f, grad, start, n_steps):
    """Run several optimizers from the same start on one function.

    racers: a dict of pairs (update, state) by name; update(params, grads, *state) returns (params, *state). f, grad:
    functions of params, the loss and its gradients. start: an array. n_steps: how many steps each of them makes.

    Returns two dicts by name: paths, the list of the n_steps + 1 places (start first), and losses, the list of the
    losses there.
    """
    ### BEGIN SOLUTION
    paths, losses = {}, {}
    for name, (update, state) in racers.items():
        params, path = start, [start]
        for _ in range(n_steps):
            params, *state = update(params, grad(params), *state)
            path.append(params)
        paths[name] = path
        losses[name] = [f(params) for params in path]
    return paths, losses
    ### END SOLUTION


# %% check="race" points=2
optimizers.race.check(race)

# %% [markdown]
# Plain gradient descent has no state, and returns a tuple of one. With it there are six. `zero` is a plain number here:
# NumPy makes an array of it in the first step.


# %% locked="line-up"
def plain(params, grads, lr):
    return (params - lr * grads,)


zero = 0.0
rules = {
    "plain": (plain, {}, ()),
    "momentum": (momentum, {"beta": 0.9}, (zero,)),
    "Nesterov": (nesterov, {"beta": 0.9}, (zero,)),
    "Adagrad": (adagrad, {"eps": 1e-8}, (zero,)),
    "RMSProp": (rmsprop, {"beta": 0.9, "eps": 1e-8}, (zero,)),
    "Adam": (adam, {"beta1": 0.9, "beta2": 0.999, "eps": 1e-8}, (zero, zero, 0)),
}


def line_up(lrs, rules=rules):
    """Racers with these learning rates, by name."""
    return {name: (partial(rules[name][0], lr=lr, **rules[name][1]), rules[name][2]) for name, lr in lrs.items()}


paths, losses = race(line_up(dict.fromkeys(rules, 0.02)), ravine, ravine_grad, start, 60)
panels.show_race(ravine, paths, losses, title="The ravine, lr = 0.02 for all")

# %% [markdown]
# Momentum swings from wall to wall and makes good way along. Nesterov is steadier: it sees the wall coming.
#
# And the other three look slow. But that is not fair: their `lr` is the length of a step, and 0.02 is a short step
# where the way is 2 long. Give each the rate that suits it best, out of 41 between 0.001 and 10, and count the steps
# until the loss stays below $10^{-4}$ of what it was.
#
# **Predict before you run:** who needs the fewest steps, and who does not get there by the 500th?


# %% locked="fair-race"
def steps_needed(losses, goal):
    """After how many steps the loss stays below the goal; None if it does not."""
    above = np.flatnonzero(~(np.array(losses) < goal))
    needed = above[-1] + 1 if above.size else 0
    return int(needed) if needed < len(losses) else None


def fair_race(f, grad, start, goal, n_steps=500, rules=rules):
    """By name, the pairs (steps needed, learning rate) of all those of 41 learning rates that reach the goal."""
    arrived = {name: [] for name in rules}
    with np.errstate(all="ignore"):  # many of these learning rates diverge
        for lr in np.logspace(-3, 1, 41):
            _, losses = race(line_up(dict.fromkeys(rules, lr), rules), f, grad, start, n_steps)
            for name in rules:
                needed = steps_needed(losses[name], goal)
                if needed is not None:
                    arrived[name].append((needed, lr))
    return arrived


def show(arrived):
    for name, pairs in arrived.items():
        needed, lr = min(pairs, default=(None, None))
        fewest = f"{needed:3} steps with lr = {lr:.3g}" if pairs else "not within 500 steps"
        print(f"{name:9} {fewest}; arrives with {len(pairs)} of the 41 learning rates")


show(fair_race(ravine, ravine_grad, start, goal=1e-4 * ravine(start)))

# %% [markdown]
# Adagrad needs five steps. Its first step has the length `lr` in both directions, and after that each direction is
# divided by its own total: an axis that is 50 times as steep is no steeper to it. Adam and Nesterov are ahead of plain
# gradient descent, too. And Adam is the least choosy: 31 of the 41 learning rates will do, from 0.01 to 10. With plain
# gradient descent it is 7, and they end at its limit of 0.04.
#
# RMSProp is the slowest of all. Its steps do not become shorter when the slopes do, so it needs a tiny `lr` to stay
# near the lowest place, and with that it takes long to get there.
#
# Momentum is a little disappointing, and that is $\beta$'s fault. A ball with little friction swings for long.
#
# **Predict before you run:** which $\beta$ is the best for this ravine, 0.3, 0.6, 0.9 or 0.99?

# %%
frictions = {f"beta {beta}": (momentum, {"beta": beta}, (zero,)) for beta in (0.0, 0.3, 0.6, 0.9, 0.99)}
show(fair_race(ravine, ravine_grad, start, 1e-4 * ravine(start), rules=frictions))

# %% [markdown]
# With $\beta = 0.6$, 24 steps in place of the 127 without momentum. For a ravine with curvatures $\ell$ and $L$ the
# best value is known: $\beta = \left(\frac{\sqrt{L / \ell} - 1}{\sqrt{L / \ell} + 1}\right)^2$. Here that is 0.57. The
# 0.9 that everyone uses is right where $L$ is 1400 times $\ell$. Such ravines are common, so it is a good guess, no
# more.

# %% [markdown]
# ### Turn the ravine
#
# In that ravine the walls stood across one parameter, and the way ran along the other. Turn it by 45°, and the start
# with it. Every contour, every slope, every curvature is the same as before, only seen from elsewhere.
#
# **Predict before you run:** for whom does it make no difference? And for whom the largest?

# %%
turn = np.array([[1.0, -1.0], [1.0, 1.0]]) / 2**0.5


def turned(params):
    return ravine(turn.T @ params)


def turned_grad(params):
    return turn @ ravine_grad(turn.T @ params)


show(fair_race(turned, turned_grad, turn @ start, goal=1e-4 * ravine(start)))

# %%
lrs = {"plain": 0.03, "momentum": 0.02, "Nesterov": 0.02, "Adagrad": 0.5, "RMSProp": 0.02, "Adam": 0.1}
paths, losses = race(line_up(lrs), turned, turned_grad, turn @ start, 60)
panels.show_race(turned, paths, losses, title="The turned ravine")

# %% [markdown]
# Plain gradient descent, momentum and Nesterov need exactly as many steps as before: they add and scale whole vectors,
# and a vector does not know where the axes are.
#
# Adagrad's five steps have become 156, more than plain gradient descent needs. Each parameter now sees both curvatures
# mixed, and a rate for each parameter is no longer a rate for each direction. RMSProp has lost as well.
#
# Adam has lost nothing, but then it had not gained much in the first place. That a rate for each parameter flattens
# ravines is true only of ravines that lie along the axes.

# %% [markdown]
# ### A saddle
#
# A place may be flat, and still not the lowest: uphill on two sides, downhill on the other two.
#
# $$f(p) = 10\, p_0^2 + \tfrac14 \left(p_1^2 - 1\right)^2$$
#
# Here it lies at $(0, 0)$, and the lowest places are at $(0, \pm 1)$. The race starts on the slope, 0.001 beside the
# ridge. All have `lr = 0.05`, where plain gradient descent is stable ($2/20 = 0.1$).
#
# **Predict before you run:** at the start the slope towards the lowest place is 0.001, to the ridge it is 20. Who will
# leave first, and who last? And what if the start is *on* the ridge?


# %% locked="saddle"
def saddle(params):
    return 10 * params[0] ** 2 + (params[1] ** 2 - 1) ** 2 / 4


def saddle_grad(params):
    return np.array([20 * params[0], params[1] * (params[1] ** 2 - 1)])


beside = np.array([-1.0, 0.001])
paths, losses = race(line_up(dict.fromkeys(rules, 0.05)), saddle, saddle_grad, beside, 300)
for name, path in paths.items():
    away = np.flatnonzero(abs(np.array(path)[:, 1]) > 0.5)
    print(f"{name:9} has left the saddle after {away[0]} steps, and ends with a loss of {losses[name][-1]:.1e}")
on_the_ridge, _ = race(line_up(dict.fromkeys(rules, 0.05)), saddle, saddle_grad, np.array([-1.0, 0.0]), 300)
print("started on the ridge itself:", {name: float(path[-1][1]) for name, path in on_the_ridge.items()})
panels.show_race(saddle, paths, losses, title="The saddle, lr = 0.05 for all")

# %% [markdown]
# Plain gradient descent rolls into the saddle, where there is nearly no slope, and stays for 131 steps. Momentum
# gathers speed on the little slope that there is, and leaves after 37. Those that divide by the size of the gradient
# take the slope of 0.001 for as good as one of 20, and are gone at once: RMSProp after 4 steps.
#
# Then look at the end. RMSProp, the first to leave, was at the lowest place, down to $10^{-12}$, until its $v$ had
# forgotten all large gradients. After that it jumps about with steps as long as `lr`, for ever. Adagrad, slowed down by
# its first large gradients, is not there after 300 steps.
#
# On the ridge itself nobody ever leaves: the slope across is exactly 0, and 0 divided by anything is 0. A little noise
# is all it takes, and batches have that.

# %% [markdown]
# ### A noisy line
#
# The last race is a line as in lesson 01, with more noise, and with gradients from four points at a time. To see more
# than luck, 200 runs go side by side: `params` has one row a run. The rules need no change for that.
#
# What counts here is where the loss settles, above the lowest that there is. The figures are means over the last 100 of
# 500 steps.
#
# **Predict before you run:** momentum takes in many more gradients than plain gradient descent, which sees four points
# at a time. Does it settle lower with the same `lr`?

# %% locked="noisy-line"
rng = np.random.default_rng(42)
N = 100
x = rng.uniform(-0.5, 1.5, N)
y = 1 + 2 * x + 0.5 * rng.standard_normal(N)
w_best, b_best = np.polyfit(x, y, 1)
lowest = np.mean((b_best + w_best * x - y) ** 2)

n_runs = 200
many_starts = np.tile([-2.0, -2.0], (n_runs, 1))  # one row a run: the rules work on any shape


def above_lowest(params):
    """The loss on all points above the lowest there is, averaged over the runs."""
    error = params[:, :1] + params[:, 1:] * x - y
    return np.mean(error**2) - lowest


def noisy_grad(params):
    """The gradients of b and w on four points, drawn anew for each run."""
    i = rng.integers(0, N, (n_runs, 4))
    error = params[:, :1] + params[:, 1:] * x[i] - y[i]
    return 2 * np.stack([error.mean(axis=1), (x[i] * error).mean(axis=1)], axis=1)


def floors(racers, n_steps=500):
    """Mean loss over the last hundred steps, and the losses."""
    _, losses = race(racers, above_lowest, noisy_grad, many_starts, n_steps)
    return {name: np.mean(values[-100:]) for name, values in losses.items()}, losses


def falling(lr, decay):
    """Plain gradient descent with a decaying rate; its state is the number of steps."""
    return lambda params, grads, t: (params - decayed_lr(lr, decay, t) * grads, t + 1), (0,)


for lr in (0.01, 0.1):
    found, _ = floors(line_up(dict.fromkeys(rules, lr)))
    print(f"lr = {lr:4}: " + ", ".join(f"{name} {floor:.4f}" for name, floor in found.items()))

# %% [markdown]
# With `lr = 0.1`, momentum settles eleven times *higher* than plain gradient descent. It does not average the noise
# away, it adds it up. In the long run it walks like plain gradient descent with $0.1 / (1 - 0.9) = 1$. Compare momentum
# at 0.01 with plain at 0.1: 0.0096 and 0.0109, nearly the same.
#
# Adam settles lower than plain at 0.1. (At 0.01 it is still on its way, and Adagrad is so with both.) But any of them
# settles somewhere, as long as the rate is constant.
#
# **Predict before you run:** below, all start fast, with rates that suit them. One of them lets its rate fall as
# $0.3 / (1 + 0.1\, t)$. How much lower will it get?

# %%
racers = {
    "plain, lr 0.3": line_up({"plain": 0.3})["plain"],
    "momentum, lr 0.03": line_up({"momentum": 0.03})["momentum"],
    "Adam, lr 0.3": line_up({"Adam": 0.3})["Adam"],
    "decaying, from 0.3": falling(0.3, 0.1),
}
found, losses = floors(racers)
for name, floor in found.items():
    print(f"{name:18} {floor:.4f}")
panels.loss_curves(losses, title="The noisy line", label="loss above the lowest (log scale)")

# %% [markdown]
# The three constant ones level out between 0.03 and 0.05. The decaying one is at 0.0008, about sixty times lower than
# plain gradient descent with the same rate at the start, and it is still falling.
#
# So, when does which one help?
#
# | | helps | does not help |
# | --- | --- | --- |
# | momentum, Nesterov | in ravines, however they lie; out of saddles | against noise: steps grow by $1/(1-\beta)$ |
# | Adagrad | rare features; ravines along the axes | turned ravines; long races, since it only slows down |
# | RMSProp | out of saddles; slopes of very different sizes | at the end: it does not settle with a constant rate |
# | Adam | ravines, saddles; `lr` needs little tuning | against noise, with a constant rate |
# | a decaying rate | noise | where the way is still long |

# %% [markdown]
# ## Tune it
#
# All six at once, with the same `lr` and `beta`. (`beta` is that of momentum and Nesterov, and Adam's $\beta_1$.
# RMSProp has 0.9 and Adam $\beta_2 = 0.999$.) On the noisy line all racers get the same batches.
#
# Find out:
# 1. In the ravine, raise `lr` from 0.02 step by step, with 200 steps. In which order do plain gradient descent,
#    momentum and Nesterov give up? (Their limits are $2/L$, $2 (1 + \beta) / L$ and
#    $2 (1 + \beta) / ((1 + 2 \beta) L)$.)
# 2. At `lr` 0.3, three are left. Who is ahead? Now turn the ravine.
# 3. Back in the ravine with `lr` 0.02, move `beta` from 0 to 0.99. Where is momentum fastest in 60 steps?
# 4. On the saddle, go to step 0 and press Step. Who leaves first?
# 5. On the noisy line, set `lr` to 0.2 and the steps to 200. Who gains from a decaying rate, and who loses?

# %%
panels.race()

# %% [markdown]
# ## Find the bug (2 points)
#
# A colleague trains a line with your `adam`, with $b$ and $w$ as two numbers. There is no error message.
#
# **Predict before you run:** the points lie on $y = 1 + 2x$, up to some noise. Where will $b$ and $w$ end?


# %% locked="bug-shown"
def train_of_a_colleague(x, y, b, w, lr, n_epochs):
    m, v, t = 0.0, 0.0, 0
    losses = []
    for _ in range(n_epochs):
        error = b + w * x - y
        losses.append((error**2).mean())
        b_grad, w_grad = 2 * error.mean(), 2 * (x * error).mean()
        b, m, v, t = adam(b, b_grad, m, v, t, lr, 0.9, 0.999, 1e-8)
        w, m, v, t = adam(w, w_grad, m, v, t, lr, 0.9, 0.999, 1e-8)
    return b, w, losses


for n_epochs in (100, 300, 1000):
    b, w, losses = train_of_a_colleague(x, y, 3.0, -2.0, 0.1, n_epochs)
    print(f"{n_epochs:4} epochs: b = {b:.3f}, w = {w:.3f}, loss = {losses[-1]:.4f}")
print(f"least squares: b = {b_best:.3f}, w = {w_best:.3f}, loss = {lowest:.4f}")

# %% [markdown]
# After 300 epochs the loss is still six times as high as it could be. One might think that the learning rate is too
# small, and tune it for hours.
#
# Nothing is wrong with `adam`. Look at what goes in and what comes out, and say for each of `m`, `v` and `t` whose it
# is. Then repair the function.


# %% solution="train_line"
def train_line(x, y, b, w, lr, n_epochs):
    """Train a line with Adam, on all points at a time, with beta1 = 0.9, beta2 = 0.999, eps = 1e-8.

    x, y: arrays of shape (N,). b, w: floats, where to start. lr: learning rate. n_epochs: how many updates.

    Returns b, w (after the last update) and losses, a list: losses[i] is the loss just before update i.
    """
    ### BEGIN SOLUTION
    b_state, w_state = (0.0, 0.0, 0), (0.0, 0.0, 0)
    losses = []
    for _ in range(n_epochs):
        error = b + w * x - y
        losses.append((error**2).mean())
        b_grad, w_grad = 2 * error.mean(), 2 * (x * error).mean()
        b, *b_state = adam(b, b_grad, *b_state, lr, 0.9, 0.999, 1e-8)
        w, *w_state = adam(w, w_grad, *w_state, lr, 0.9, 0.999, 1e-8)
    return b, w, losses
    ### STUB
    # m, v, t = 0.0, 0.0, 0
    # losses = []
    # for _ in range(n_epochs):
    #     error = b + w * x - y
    #     losses.append((error**2).mean())
    #     b_grad, w_grad = 2 * error.mean(), 2 * (x * error).mean()
    #     b, m, v, t = adam(b, b_grad, m, v, t, lr, 0.9, 0.999, 1e-8)
    #     w, m, v, t = adam(w, w_grad, m, v, t, lr, 0.9, 0.999, 1e-8)
    # return b, w, losses
    ### END SOLUTION


# %% check="train_line" points=2
optimizers.train_line.check(train_line)

# %%
for n_epochs in (100, 300, 1000):
    b, w, losses = train_line(x, y, 3.0, -2.0, 0.1, n_epochs)
    print(f"{n_epochs:4} epochs: b = {b:.3f}, w = {w:.3f}, loss = {losses[-1]:.4f}")

# %% [markdown]
# ## Quiz (2 points)
#
# Answer each question with a set of letters, such as `{"a", "d"}`. The check says for each wrong letter why it is
# wrong.

# %% [markdown] locked="question-1"
# **Question 1.**
#
# {{ quiz: optimizers.first_step_of_adam }}

# %% solution="first_step_of_adam"
### BEGIN SOLUTION
first_step_of_adam = {"a", "c"}
### STUB
# first_step_of_adam = ...
### END SOLUTION

# %% check="first_step_of_adam" points=0.5
optimizers.first_step_of_adam.check(first_step_of_adam)

# %% [markdown] locked="question-2"
# **Question 2.**
#
# {{ quiz: optimizers.loss_in_other_units }}

# %% solution="loss_in_other_units"
### BEGIN SOLUTION
loss_in_other_units = {"c", "d", "e"}
### STUB
# loss_in_other_units = ...
### END SOLUTION

# %% check="loss_in_other_units" points=0.5
optimizers.loss_in_other_units.check(loss_in_other_units)

# %% [markdown] locked="question-3"
# **Question 3.**
#
# {{ quiz: optimizers.what_beta_changes }}

# %% solution="what_beta_changes"
### BEGIN SOLUTION
what_beta_changes = {"a", "b"}
### STUB
# what_beta_changes = ...
### END SOLUTION

# %% check="what_beta_changes" points=0.5
optimizers.what_beta_changes.check(what_beta_changes)

# %% [markdown] locked="question-4"
# **Question 4.**
#
# {{ quiz: optimizers.turned_ravine }}

# %% solution="turned_ravine"
### BEGIN SOLUTION
turned_ravine = {"a", "b"}
### STUB
# turned_ravine = ...
### END SOLUTION

# %% check="turned_ravine" points=0.5
optimizers.turned_ravine.check(turned_ravine)

# %% [markdown] locked="tail"
# ## What you now know
#
# - An optimizer is a rule that turns gradients into steps, with a memory of gradients that were. The memory is its
#   state: it starts at zero, goes in, comes out, and belongs to one parameter of one run.
# - Momentum adds gradients up and walks $1/(1-\beta)$ times as fast in the long run. Nesterov looks one step ahead.
# - Adagrad, RMSProp and Adam divide by the usual size of a parameter's gradients, so that `lr` becomes a length. They
#   see ravines along the axes only.
# - Adam's means start at zero and are corrected for it, with steps counted from 1.
# - Where epsilon stands, whether `lr` is inside of the velocity, whether a sum or a mean is kept: the same name does
#   not mean the same rule.
# - Against noise, only a falling rate helps for good.
#
# In nbgrader, press **Validate** in the toolbar to run all checks once more from top to bottom before you submit.
#
# **Next: lesson 10**, in which you take all of it to real data.
