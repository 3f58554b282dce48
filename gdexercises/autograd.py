"""Lesson 04: the five steps with PyTorch's autograd, on all points at once and on one at a time.

The data, the start and the two ways to train come from "Gradient Descent implementation in PyTorch". Checks see more
than values: where gradients flow, whether parameters stay leaves, and whether a graph is kept or grows.
"""

import numpy as np

from gdexercises.checking import Case, Quiz, exercise, right, wrong
from gdexercises.environment import require

torch = require("torch")
from gdexercises.checking.torch_drivers import (  # noqa: E402
    look_at_forward,
    look_at_gradients,
    look_at_loss,
    look_at_steps,
    look_at_training,
    look_at_updates,
    tensor,
)


def _signed(rng, low, high, size=None):
    return rng.uniform(low, high, size) * rng.choice([-1, 1], size)


def _parameters(rng):
    """An intercept and a slope, so far from 0 and from each other that exchanging them shows."""
    b, w = rng.permutation([rng.uniform(0.5, 1), rng.uniform(1.8, 2.5)]) * rng.choice([-1, 1], 2)
    return float(b), float(w)


def _points(rng, n, noise=0.3):
    """Columns near a line: the x on either side of 0, but more on one, so that b and w pull at each other."""
    x = np.linspace(-1.2, 2, n) + rng.uniform(-0.15, 0.15, n) if n > 1 else rng.uniform(1.3, 1.9, 1)
    b, w = _parameters(rng)
    y = b + w * x + noise * rng.standard_normal(n)
    return x[:, None], y[:, None]


def _far_from(x, y, rng):
    """A start at which every point of `x`, `y` has an error, and the gradients are no accident near zero."""
    design = np.hstack([np.ones_like(x), x])
    best = np.linalg.lstsq(design, y, rcond=None)[0].ravel()
    b, w = best + rng.permutation([rng.uniform(1.5, 2), rng.uniform(2.5, 3)]) * rng.choice([-1, 1])
    return float(b), float(w)


def _steepest(x):
    """The largest curvature of the mean squared error over (b, w)."""
    design = np.hstack([np.ones_like(x), x])
    return 2 * np.linalg.eigvalsh(design.T @ design / len(x))[-1]


def _tensors(*columns):
    return map(tensor, columns)


# Step 1: predict ---------------------------------------------------------------------------------------------------


def _to_predict(rng):
    for label, x in (
        ("four points", np.array([[0.0], [1], [2], [3]])),
        ("six points", _points(rng, 6)[0]),
        ("one point", _points(rng, 1)[0]),
    ):
        b, w = np.round(_parameters(rng), 2)
        yield Case(label, tensor(x), tensor(b, True), tensor(w, True))


@exercise(
    inputs=_to_predict,
    driver=look_at_forward,
    returns=("yhat", "the gradient of yhat.sum() by b", "the gradient of yhat.sum() by w"),
    hints=(
        "It is the predict of lesson 01, with tensors: arithmetic looks the same.",
        "yhat = b + w · x, for all x at once. Do not turn b and w into numbers on the way.",
    ),
)
def forward(x, b, w):
    """Predictions of the line ``b + w * x``, with their graph back to `b` and `w`.

    Parameters
    ----------
    x : torch.Tensor of shape (N, 1)
    b, w : torch.Tensor of shape ()

    Returns
    -------
    yhat : torch.Tensor of shape (N, 1)
    """
    return b + w * x


@forward.mistake("b and w are exchanged: b is the intercept, added once; w is the slope, multiplied by x.")
def exchanges_parameters(x, b, w):
    return w + b * x


@forward.mistake("The intercept b is missing: without it every line goes through the origin.")
def leaves_out_b(x, b, w):
    return w * x


@forward.mistake("w multiplies b as well. Only x is multiplied by w: b + w · x, not w · (b + x).")
def multiplies_b(x, b, w):
    return w * (b + x)


@forward.mistake("b is subtracted; the line is b + w · x.")
def subtracts_b(x, b, w):
    return w * x - b


@forward.mistake(
    "The numbers are right, but the graph is cut: no gradient gets back to b and w. That is what .item(), float(…), "
    ".detach(), .data, .numpy() and torch.no_grad() do. Compute with the tensors themselves."
)
def cuts_the_graph(x, b, w):
    return b.item() + w.item() * x


# Step 2: loss ------------------------------------------------------------------------------------------------------


def _to_judge(rng):
    for label, n, scale in (
        ("four points", 4, 1.0),
        ("nine points", 9, 1.0),
        ("one point", 1, 1.0),
        ("small numbers", 5, 0.05),
    ):
        _, y = _points(rng, n)
        error = rng.uniform(0.6, 1.6, (n, 1)) * rng.choice([-1, 1], (n, 1)) + 0.3
        yield Case(label, *_tensors(scale * (y + error), scale * y))
    _, y = _points(rng, 3)
    yield Case("no error", *_tensors(y, y))


@exercise(
    inputs=_to_judge,
    driver=look_at_loss,
    returns=("the loss", "the gradient of the loss by yhat"),
    hints=(
        "It is the mse of lesson 01: the error, its square, the mean of that.",
        "A tensor has the method .mean(), which gives a tensor with one number in it. Leave it a tensor.",
    ),
)
def criterion(yhat, y):
    """Mean squared error, with its graph back to `yhat`.

    Parameters
    ----------
    yhat, y : torch.Tensor of shape (N, 1)

    Returns
    -------
    loss : torch.Tensor of shape ()
        In squared units of y.
    """
    return ((yhat - y) ** 2).mean()


@criterion.mistake("You sum the squares; the mean divides by the number of points N.")
def sums(yhat, y):
    return ((yhat - y) ** 2).sum()


@criterion.mistake(
    "You take the square root at the end: that is the RMSE. The mean squared error has no root, and its gradient is "
    "another one."
)
def takes_the_root(yhat, y):
    return ((yhat - y) ** 2).mean().sqrt()


@criterion.mistake(
    "One of the two was flattened to shape (N,), and PyTorch broadcasts (N, 1) against (N,) to (N, N) as NumPy does: "
    "you average over all pairs of points. Keep both as (N, 1)."
)
def broadcasts(yhat, y):
    return ((yhat - y.ravel()) ** 2).mean()


@criterion.mistake("The errors are not squared, so positive and negative ones cancel.")
def does_not_square(yhat, y):
    return (yhat - y).mean()


@criterion.mistake("You average the absolute errors (that is the MAE); square them instead.")
def absolute_errors(yhat, y):
    return (yhat - y).abs().mean()


@criterion.mistake(
    "You square the mean; take the mean of the squares. Positive and negative errors cancel before you square."
)
def squares_the_mean(yhat, y):
    return (yhat - y).mean() ** 2


@criterion.mistake(
    "There is a factor ½ too many. Some texts put it there to make the derivative look simpler; this course does not."
)
def halves(yhat, y):
    return ((yhat - y) ** 2).mean() / 2


@criterion.mistake(
    "The number is right, but the graph is cut: no gradient gets back to yhat. .item(), float(…), .detach(), .data and "
    ".numpy() do that. Return the tensor that .mean() gives; who wants to print it can take the number out of it."
)
def cuts_the_graph_of_the_loss(yhat, y):
    return ((yhat - y) ** 2).mean().item()


# Step 3: gradients -------------------------------------------------------------------------------------------------


def _to_differentiate(rng):
    for label, n in (("four points", 4), ("ten points", 10), ("one point", 1)):
        x, y = _points(rng, n)
        b, w = _far_from(x, y, rng)
        yield Case(label, *_tensors(x, y), tensor(b, True), tensor(w, True))


@exercise(
    inputs=_to_differentiate,
    driver=look_at_gradients,
    returns=(
        "b_grad",
        "w_grad",
        "b_grad of a second call",
        "w_grad of a second call",
        "b and w after two calls",
        "whether the gradients keep their graph",
    ),
    builds_on=(forward, criterion),
    hints=(
        "Predict, compute the loss, and call loss.backward(). It returns nothing: what it computes lies in b.grad and "
        "w.grad.",
        "backward() adds to what lies there already, from an earlier call for example. Put b.grad and w.grad to None "
        "before you call it.",
    ),
)
def autograd_gradients(x, y, b, w):
    """Partial derivatives of the mean squared error, computed by PyTorch.

    Parameters
    ----------
    x, y : torch.Tensor of shape (N, 1)
    b, w : torch.Tensor of shape ()
        Leaves that require gradients; they keep their values.

    Returns
    -------
    b_grad, w_grad : torch.Tensor of shape ()
        In units of loss per unit of the parameter: the same at each call.
    """
    loss = criterion(forward(x, b, w), y)
    b.grad = w.grad = None
    loss.backward()
    return b.grad, w.grad


@autograd_gradients.mistake(
    "The second call gives both gradients of all calls together: backward() adds to .grad, it does not replace it. Put "
    "`b.grad = None` and `w.grad = None` before backward()."
)
def accumulates(x, y, b, w):
    criterion(forward(x, b, w), y).backward()
    return b.grad, w.grad


@autograd_gradients.mistake(
    "What you return is zero: .zero_() fills the very tensor that you hand out. Reset the gradients before backward(), "
    "not after it; or hand out b.grad.clone()."
)
def zeroes_what_it_returns(x, y, b, w):
    return torch.zeros_like(b), torch.zeros_like(w)


@autograd_gradients.mistake(
    "There is nothing in .grad when you read it: either loss.backward() was not called before, or .grad was put back "
    "to None after it."
)
def returns_nothing_twice(x, y, b, w):
    return None, None


@autograd_gradients.mistake("The two gradients are exchanged: return b.grad first, then w.grad.")
def exchanges_gradients(x, y, b, w):
    b_grad, w_grad = autograd_gradients(x, y, b, w)
    return w_grad, b_grad


@autograd_gradients.mistake("The loss is a sum in place of a mean, so that the gradients are N times as large.")
def sums_the_loss(x, y, b, w):
    b_grad, w_grad = autograd_gradients(x, y, b, w)
    return len(x) * b_grad, len(x) * w_grad


@autograd_gradients.mistake(
    "b and w have changed. This step only computes the gradients; the update comes in the next one."
)
def updates_as_well(x, y, b, w):
    b_grad, w_grad = autograd_gradients(x, y, b, w)
    with torch.no_grad():
        b -= 0.1 * b_grad
        w -= 0.1 * w_grad
    return b_grad, w_grad


@autograd_gradients.mistake(
    "The numbers are right, but the gradients are part of a graph of their own, in case somebody wants to "
    "differentiate them again. create_graph=True asks for that, and torch.func.grad does it where its arguments "
    "require gradients. Nobody needs it here, and the graph stays in memory: leave it out, or detach."
)
def keeps_a_graph(x, y, b, w):
    return torch.autograd.grad(criterion(forward(x, b, w), y), (b, w), create_graph=True)


@autograd_gradients.mistake(
    "Only one of the two gradients is reset: that of w still adds up from call to call. Put w.grad to None as well."
)
def resets_b_only(x, y, b, w):
    b.grad = None
    return accumulates(x, y, b, w)


@autograd_gradients.mistake(
    "Only one of the two gradients is reset: that of b still adds up from call to call. Put b.grad to None as well."
)
def resets_w_only(x, y, b, w):
    w.grad = None
    return accumulates(x, y, b, w)


# Steps 1 to 4: one round -------------------------------------------------------------------------------------------


def _rounds(rng):
    for label, n, rate in (("four points", 4, 0.5), ("eight points", 8, 0.8), ("one point", 1, 0.4)):
        x, y = _points(rng, n)
        b, w = _far_from(x, y, rng)
        yield Case(label, *_tensors(x, y), tensor(b, True), tensor(w, True), float(rate / _steepest(x)))


@exercise(
    inputs=_rounds,
    driver=look_at_steps,
    returns=(
        "b at the end",
        "w at the end",
        "b after each of three calls",
        "w after each of three calls",
        "the losses returned",
        "whether a returned loss keeps its graph",
    ),
    builds_on=(autograd_gradients, forward, criterion),
    hints=(
        "Four steps: yhat, loss, loss.backward(), and the update. Then the bookkeeping: put both gradients back to "
        "None, and return the loss as a number.",
        "The update must change b and w themselves, and must not become part of the graph: `with torch.no_grad():` "
        "and in it `b -= lr * b.grad` and `w -= lr * w.grad`.",
    ),
)
def step(x, y, b, w, lr):
    """One round of gradient descent: steps 1 to 4. Changes `b` and `w` in place.

    Parameters
    ----------
    x, y : torch.Tensor of shape (N, 1)
    b, w : torch.Tensor of shape ()
        Leaves that require gradients, and stay that.
    lr : float
        Learning rate.

    Returns
    -------
    float
        The loss before the update.
    """
    loss = criterion(forward(x, b, w), y)
    loss.backward()
    with torch.no_grad():
        b -= lr * b.grad
        w -= lr * w.grad
    b.grad = w.grad = None
    return loss.item()


def _moved(x, y, b, w, lr, loss_of=criterion, reset=True):
    """One round for mistakes: by another loss, or without the gradients reset. Returns the loss, with its graph."""
    loss = criterion(forward(x, b, w), y)
    loss_of(forward(x, b, w), y).backward()
    with torch.no_grad():
        b -= lr * b.grad
        w -= lr * w.grad
    if reset:
        b.grad = w.grad = None
    return loss


@step.mistake(
    "The gradients add up from call to call: backward() adds to .grad, it does not replace it. From the second round "
    "on you walk by the sum of all gradients so far. Put `b.grad = None` and `w.grad = None` behind the update."
)
def gradients_add_up(x, y, b, w, lr):
    return _moved(x, y, b, w, lr, reset=False).item()


@step.mistake("Only b's gradient is reset. That of w adds up from call to call: put w.grad to None, too.")
def resets_only_b(x, y, b, w, lr):
    loss = _moved(x, y, b, w, lr, reset=False)
    b.grad = None
    return loss.item()


@step.mistake("Only w's gradient is reset. That of b adds up from call to call: put b.grad to None, too.")
def resets_only_w(x, y, b, w, lr):
    loss = _moved(x, y, b, w, lr, reset=False)
    w.grad = None
    return loss.item()


@step.mistake(
    "b and w have not moved. `b = b - …` gives the name b to a new tensor inside the function, and the one outside "
    "stays as it was: write `b -= …`, which changes the tensor itself. (The same comes of gradients that are put to "
    "zero before the update.)"
)
def does_not_move(x, y, b, w, lr):
    return criterion(forward(x, b, w), y).item()


@step.mistake("The update stands outside of torch.no_grad(), where PyTorch keeps track of all that is computed.")
def updates_inside_the_graph(x, y, b, w, lr):
    criterion(forward(x, b, w), y).backward()
    b -= lr * b.grad


@step.mistake(
    "backward() is missing, so that .grad is None: loss.backward() computes the gradients and puts them there."
)
def forgets_backward(x, y, b, w, lr):
    with torch.no_grad():
        b -= lr * b.grad


@step.mistake(
    "After the update, b and w do not require gradients any more, so the next round has nothing to differentiate by. "
    "torch.no_grad() is a block that ends; switching requires_grad off is for good."
)
def switches_gradients_off(x, y, b, w, lr):
    loss = _moved(x, y, b, w, lr)
    b.requires_grad_(False)
    w.requires_grad_(False)
    return loss.item()


@step.mistake("You walk uphill: the gradient points to where the loss grows, so subtract it.")
def uphill(x, y, b, w, lr):
    return _moved(x, y, b, w, -lr).item()


@step.mistake("lr is forgotten: the gradient says which way, lr how far.")
def forgets_lr(x, y, b, w, lr):
    return _moved(x, y, b, w, 1.0).item()


@step.mistake("b moves by the gradient of w, and w by that of b: each has its own, b.grad and w.grad.")
def moves_crosswise(x, y, b, w, lr):
    loss = criterion(forward(x, b, w), y)
    b_grad, w_grad = autograd_gradients(x, y, b, w)
    with torch.no_grad():
        b -= lr * w_grad
        w -= lr * b_grad
    return loss.item()


@step.mistake("w moves by the gradient of b: it has one of its own, w.grad.")
def moves_both_by_b_grad(x, y, b, w, lr):
    loss = criterion(forward(x, b, w), y)
    b_grad, _ = autograd_gradients(x, y, b, w)
    with torch.no_grad():
        b -= lr * b_grad
        w -= lr * b_grad
    return loss.item()


@step.mistake(
    "You subtract lr times the parameter itself. What is to be subtracted is lr times its gradient: b.grad, w.grad."
)
def subtracts_the_parameters(x, y, b, w, lr):
    loss = criterion(forward(x, b, w), y)
    with torch.no_grad():
        b -= lr * b
        w -= lr * w
    return loss.item()


@step.mistake("b stays where it is: both parameters are updated in every round.")
def moves_w_only(x, y, b, w, lr):
    loss = criterion(forward(x, b, w), y)
    _, w_grad = autograd_gradients(x, y, b, w)
    with torch.no_grad():
        w -= lr * w_grad
    return loss.item()


@step.mistake("w stays where it is: both parameters are updated in every round.")
def moves_b_only(x, y, b, w, lr):
    loss = criterion(forward(x, b, w), y)
    b_grad, _ = autograd_gradients(x, y, b, w)
    with torch.no_grad():
        b -= lr * b_grad
    return loss.item()


@step.mistake(
    "w moves by a gradient that was computed after b had moved. Call backward() once, then update both parameters."
)
def moves_in_turn(x, y, b, w, lr):
    loss = criterion(forward(x, b, w), y)
    for parameter, index in ((b, 0), (w, 1)):
        grad = autograd_gradients(x, y, b, w)[index]
        with torch.no_grad():
            parameter -= lr * grad
    return loss.item()


@step.mistake("The loss is that after the update. Take it from the predictions that you made before.")
def looks_after_the_update(x, y, b, w, lr):
    _moved(x, y, b, w, lr)
    return criterion(forward(x, b, w), y).item()


@step.mistake(
    "The loss that you return is a tensor, and behind it stands the whole graph of this round. Whoever keeps such "
    "losses in a list keeps all graphs in memory. Return loss.item(), which is a plain number."
)
def returns_the_graph(x, y, b, w, lr):
    return _moved(x, y, b, w, lr)


@step.mistake("The loss is a sum in place of a mean, so that the gradients are N times as large.")
def steps_on_the_sum(x, y, b, w, lr):
    return _moved(x, y, b, w, lr, lambda yhat, y: ((yhat - y) ** 2).sum()).item()


# Step 5: repeat ----------------------------------------------------------------------------------------------------


def _trainings(rng):
    for label, n, rate, n_epochs in (
        ("four points, four epochs", 4, 0.5, 4),
        ("seven points, five epochs", 7, 0.7, 5),
        ("one epoch", 5, 0.5, 1),
        ("no epoch", 3, 0.5, 0),
    ):
        x, y = _points(rng, n)
        yield Case(label, *_tensors(x, y), *_far_from(x, y, rng), float(rate / _steepest(x)), n_epochs)


_TRAINED = (
    "b",
    "w",
    "losses",
    "whether an entry of losses keeps its graph",
    "whether b or w keeps a graph",
    "whether the graph grows from update to update",
)


@exercise(
    inputs=_trainings,
    driver=look_at_training,
    returns=_TRAINED,
    builds_on=(step, autograd_gradients, forward, criterion),
    hints=(
        "Before the loop, make the two parameters: torch.tensor(b, requires_grad=True), and the same for w. In the "
        "loop, your step does the work; keep what it returns.",
        "losses.append(step(x, y, b, w, lr)) is the whole loop. At the end, b.item() makes a plain number of b.",
    ),
)
def train_batch(x, y, b, w, lr, n_epochs):
    """Batch gradient descent: every update uses all points.

    Parameters
    ----------
    x, y : torch.Tensor of shape (N, 1)
    b, w : float
        Where to start.
    lr : float
        Learning rate.
    n_epochs : int
        How many updates.

    Returns
    -------
    b, w : float
        After the last update.
    losses : list of float
        ``losses[i]`` is the loss before update i.
    """
    b, w = torch.tensor(b, requires_grad=True), torch.tensor(w, requires_grad=True)
    losses = [step(x, y, b, w, lr) for _ in range(n_epochs)]
    return b.item(), w.item(), losses


def _leaves(b, w):
    return torch.tensor(b, requires_grad=True), torch.tensor(w, requires_grad=True)


def _train(x, y, b, w, n_epochs, round_of):
    """The training, for mistakes, with another round."""
    b, w = _leaves(b, w)
    losses = [round_of(x, y, b, w) for _ in range(n_epochs)]
    return b.item(), w.item(), losses


@train_batch.mistake(
    "The gradients of all epochs add up: backward() adds to .grad. Put both back to None in every round (your step "
    "does)."
)
def never_resets(x, y, b, w, lr, n_epochs):
    return _train(x, y, b, w, n_epochs, lambda *at: gradients_add_up(*at, lr))


@train_batch.mistake(
    "It goes well for one epoch. `b = b - lr * b.grad` gives the name b to a new tensor, the result of a computation. "
    "That is no leaf, and backward() leaves its .grad None. Change the leaf itself, inside torch.no_grad(): "
    "`b -= lr * b.grad`."
)
def rebinds_the_leaf(x, y, b, w, lr, n_epochs):
    b, w = _leaves(b, w)
    losses = []
    for _ in range(n_epochs):
        loss = criterion(forward(x, b, w), y)
        losses.append(loss.item())
        loss.backward()
        b = b - lr * b.grad
        w = w - lr * w.grad
    return b.item(), w.item(), losses


@train_batch.mistake("The update stands outside of torch.no_grad(), where PyTorch keeps track of all that is computed.")
def updates_without_no_grad(x, y, b, w, lr, n_epochs):
    b, w = _leaves(b, w)
    return b.item(), w.item(), [updates_inside_the_graph(x, y, b, w, lr) for _ in range(n_epochs)]


@train_batch.mistake(
    "Predictions and loss are computed once, before the loop, and every backward() goes through that first graph. "
    "PyTorch refuses the second time; retain_graph=True silences it, and gives you the gradient at the start again and "
    "again. Compute both anew in every round."
)
def retains_the_first_graph(x, y, b, w, lr, n_epochs):
    b, w = _leaves(b, w)
    loss = criterion(forward(x, b, w), y)
    losses = []
    for _ in range(n_epochs):
        losses.append(loss.item())
        b.grad = w.grad = None
        loss.backward(retain_graph=True)
        with torch.no_grad():
            b -= lr * b.grad
            w -= lr * w.grad
    return b.item(), w.item(), losses


@train_batch.mistake(
    "Every entry of losses holds on to the graph of its round, so memory grows with every epoch. Keep plain numbers: "
    "loss.item()."
)
def keeps_all_graphs(x, y, b, w, lr, n_epochs):
    return _train(x, y, b, w, n_epochs, lambda *at: returns_the_graph(*at, lr))


@train_batch.mistake(
    "The numbers are right, but each update is part of the graph: b is computed from the b before, and that from the "
    "one before it. So backward() walks through all rounds so far, and each takes longer than the last. "
    "Update the leaves in place, inside torch.no_grad()."
)
def updates_grow_the_graph(x, y, b, w, lr, n_epochs):
    b, w = _leaves(b, w)
    losses = []
    for _ in range(n_epochs):
        b.retain_grad()
        w.retain_grad()
        loss = criterion(forward(x, b, w), y)
        losses.append(loss.item())
        loss.backward()
        b = b - lr * b.grad
        w = w - lr * w.grad
    return b.item(), w.item(), losses


@train_batch.mistake("losses[i] is to be the loss before update i, so losses[0] is the one at the start.")
def records_after_the_update(x, y, b, w, lr, n_epochs):
    return _train(x, y, b, w, n_epochs, lambda *at: looks_after_the_update(*at, lr))


@train_batch.mistake("One epoch is missing: range(n_epochs) goes round n_epochs times, range(1, n_epochs) once less.")
def one_epoch_short(x, y, b, w, lr, n_epochs):
    return train_batch(x, y, b, w, lr, n_epochs - 1)


@train_batch.mistake("One epoch too many: range(n_epochs) gives n_epochs rounds.")
def one_epoch_long(x, y, b, w, lr, n_epochs):
    return train_batch(x, y, b, w, lr, n_epochs + 1)


@train_batch.mistake("losses has one value too many, the one after the last update. Record one in each round.")
def one_loss_too_many(x, y, b, w, lr, n_epochs):
    *_, losses = train_batch(x, y, b, w, lr, n_epochs + 1)
    return *train_batch(x, y, b, w, lr, n_epochs)[:2], losses


@train_batch.mistake(
    "b and w are where they started. Change the leaves themselves (`b -= …`), and make them once, before the loop."
)
def never_moves(x, y, b, w, lr, n_epochs):
    return _train(x, y, b, w, n_epochs, lambda *at: does_not_move(*at, lr))


@train_batch.mistake(
    "The parameters are made anew in every round, at the start again. Make them once, before the loop."
)
def begins_anew(x, y, b, w, lr, n_epochs):
    rounds = [train_batch(x, y, b, w, lr, 1) for _ in range(n_epochs)]
    return *(rounds[-1][:2] if rounds else (b, w)), [loss for *_, (loss,) in rounds]


@train_batch.mistake("`return` stands inside the loop, so it ends after the first epoch. Indent it like `for`.")
def returns_in_the_loop(x, y, b, w, lr, n_epochs):
    return train_batch(x, y, b, w, lr, 1) if n_epochs else None


@train_batch.mistake("You walk uphill: the gradient points to where the loss grows, so subtract it.")
def climbs(x, y, b, w, lr, n_epochs):
    return train_batch(x, y, b, w, -lr, n_epochs)


@train_batch.mistake("The values are right, but in another order: return b, w, losses.")
def returns_losses_first(x, y, b, w, lr, n_epochs):
    b, w, losses = train_batch(x, y, b, w, lr, n_epochs)
    return losses, b, w


# One point at a time -----------------------------------------------------------------------------------------------


def _walks(rng):
    for label, n, rate, n_epochs in (
        ("four points, two epochs", 4, 0.4, 2),
        ("five points, three epochs", 5, 0.6, 3),
        ("one epoch", 3, 0.5, 1),
        ("one point", 1, 0.4, 2),
    ):
        x, y = _points(rng, n)
        lr = float(rate / (1 + x**2).max())
        yield Case(label, *_tensors(x, y), *_far_from(x, y, rng), lr, n_epochs)


@exercise(
    inputs=_walks,
    driver=look_at_training,
    returns=_TRAINED,
    builds_on=(step, autograd_gradients, forward, criterion),
    hints=(
        "Two loops: one over the epochs and, in it, one over the points. Each point makes one call of your step.",
        "x[i : i + 1] is point i as a column of shape (1, 1). Before the inner loop, record the loss over all points: "
        "criterion(forward(x, b, w), y).item().",
    ),
)
def train_stochastic(x, y, b, w, lr, n_epochs):
    """Stochastic gradient descent: every update uses one point, in the given order.

    Parameters
    ----------
    x, y : torch.Tensor of shape (N, 1)
    b, w : float
        Where to start.
    lr : float
        Learning rate.
    n_epochs : int
        How often every point is used.

    Returns
    -------
    b, w : float
        After the last update.
    losses : list of float
        ``losses[i]`` is the loss over all points before epoch i.
    """
    b, w = torch.tensor(b, requires_grad=True), torch.tensor(w, requires_grad=True)
    losses = []
    for _ in range(n_epochs):
        losses.append(criterion(forward(x, b, w), y).item())
        for i in range(len(x)):
            step(x[i : i + 1], y[i : i + 1], b, w, lr)
    return b.item(), w.item(), losses


def _single_points(x, y):
    return list(zip(x.split(1), y.split(1), strict=True))


def _walk(x, y, b, w, n_epochs, lr, *, epoch=None, loss_of=None):
    """The training, for mistakes, with other updates in an epoch, or another loss made of those at the points."""
    b, w = _leaves(b, w)
    losses = []
    for _ in range(n_epochs):
        whole = criterion(forward(x, b, w), y)
        passed = epoch(b, w) if epoch else [step(*point, b, w, lr) for point in _single_points(x, y)]
        losses.append(loss_of(passed, b, w) if loss_of else whole.item())
    return b.item(), w.item(), losses


@train_stochastic.mistake(
    "The loss of the last point stands for that of the epoch. One point says little about the line, and it has just "
    "been learned from. Record the loss over all points, before the epoch."
)
def records_the_last_point(x, y, b, w, lr, n_epochs):
    return _walk(x, y, b, w, n_epochs, lr, loss_of=lambda passed, b, w: passed[-1])


@train_stochastic.mistake(
    "The loss of the first point stands for that of the epoch. One point says little about the line: record the loss "
    "over all points, before the epoch."
)
def records_the_first_point(x, y, b, w, lr, n_epochs):
    return _walk(x, y, b, w, n_epochs, lr, loss_of=lambda passed, b, w: passed[0])


@train_stochastic.mistake(
    "You record the mean of the losses at the points, each from before its own update: every one belongs to "
    "another line. Record the loss over all points, for the one line before the epoch."
)
def records_the_mean_on_the_way(x, y, b, w, lr, n_epochs):
    return _walk(x, y, b, w, n_epochs, lr, loss_of=lambda passed, b, w: sum(passed) / len(passed))


@train_stochastic.mistake(
    "You add up the losses at the points, each from before its own update: every one belongs to another line, and it "
    "is a sum in place of a mean. Record the loss over all points, for the one line before the epoch."
)
def records_the_sum_on_the_way(x, y, b, w, lr, n_epochs):
    return _walk(x, y, b, w, n_epochs, lr, loss_of=lambda passed, b, w: sum(passed))


@train_stochastic.mistake("losses has an entry for every update; one for every epoch is asked for, over all points.")
def records_every_point(x, y, b, w, lr, n_epochs):
    b, w = _leaves(b, w)
    losses = [step(*point, b, w, lr) for _ in range(n_epochs) for point in _single_points(x, y)]
    return b.item(), w.item(), losses


@train_stochastic.mistake("losses[i] is to be the loss before epoch i, so losses[0] is the one at the start.")
def records_after_the_epoch(x, y, b, w, lr, n_epochs):
    return _walk(x, y, b, w, n_epochs, lr, loss_of=lambda _, b, w: criterion(forward(x, b, w), y).item())


@train_stochastic.mistake(
    "There is one update an epoch, with all points: that is batch gradient descent. Update after every point."
)
def updates_once_an_epoch(x, y, b, w, lr, n_epochs):
    return train_batch(x, y, b, w, lr, n_epochs)


@train_stochastic.mistake(
    "There is one update for each point, but with the gradient of all points. Hand over one point: x[i : i + 1] and "
    "y[i : i + 1]."
)
def uses_all_points(x, y, b, w, lr, n_epochs):
    return _walk(x, y, b, w, n_epochs, lr, epoch=lambda b, w: [step(x, y, b, w, lr) for _ in x])


@train_stochastic.mistake(
    "The gradients of all points add up: backward() adds to .grad. Put both back to None after every point."
)
def adds_up_over_the_points(x, y, b, w, lr, n_epochs):
    return _walk(
        x, y, b, w, n_epochs, lr,
        epoch=lambda b, w: [gradients_add_up(*point, b, w, lr) for point in _single_points(x, y)],
    )  # fmt: skip


@train_stochastic.mistake(
    "The gradients are reset once an epoch only, so within an epoch those of the points add up. Reset them after every "
    "point."
)
def resets_once_an_epoch(x, y, b, w, lr, n_epochs):
    def epoch(b, w):
        b.grad = w.grad = None
        return [gradients_add_up(*point, b, w, lr) for point in _single_points(x, y)]

    return _walk(x, y, b, w, n_epochs, lr, epoch=epoch)


@train_stochastic.mistake(
    "You go through the points, but update once, at the end, with the sum of their gradients. That is batch gradient "
    "descent with N times the learning rate. Update after every point."
)
def updates_at_the_end(x, y, b, w, lr, n_epochs):
    return train_batch(x, y, b, w, lr * len(x), n_epochs)


@train_stochastic.mistake(
    "Every entry of losses holds on to the graph of all points, so memory grows with every epoch. Keep plain numbers: "
    ".item()."
)
def keeps_graphs(x, y, b, w, lr, n_epochs):
    b, w = _leaves(b, w)
    losses = []
    for _ in range(n_epochs):
        losses.append(criterion(forward(x, b, w), y))
        for point in _single_points(x, y):
            step(*point, b, w, lr)
    return b.item(), w.item(), losses


@train_stochastic.mistake(
    "It goes well for one point. `b = b - lr * b.grad` gives the name b to a new tensor, the result of a computation. "
    "That is no leaf, and backward() leaves its .grad None. Change the leaf itself, inside torch.no_grad(): "
    "`b -= lr * b.grad`."
)
def rebinds_at_each_point(x, y, b, w, lr, n_epochs):
    b, w = _leaves(b, w)
    losses = []
    for _ in range(n_epochs):
        losses.append(criterion(forward(x, b, w), y).item())
        for point in _single_points(x, y):
            b, w, _ = rebinds_the_leaf(*point, b, w, lr, 2)
    return b, w, losses


@train_stochastic.mistake("Every epoch begins at the start again. Make the two parameters once, before the loops.")
def starts_every_epoch_anew(x, y, b, w, lr, n_epochs):
    epochs = [train_stochastic(x, y, b, w, lr, 1) for _ in range(n_epochs)]
    return *epochs[-1][:2], [loss for *_, (loss,) in epochs]


@train_stochastic.mistake("One epoch is missing: range(n_epochs) goes round n_epochs times.")
def makes_one_epoch_less(x, y, b, w, lr, n_epochs):
    return train_stochastic(x, y, b, w, lr, n_epochs - 1)


@train_stochastic.mistake("`return` stands inside a loop, so it ends after the first epoch. Indent it like `for`.")
def ends_after_one_epoch(x, y, b, w, lr, n_epochs):
    return train_stochastic(x, y, b, w, lr, 1)


@train_stochastic.mistake("The last point is never used: range(len(x)) reaches it, range(len(x) - 1) does not.")
def leaves_out_the_last_point(x, y, b, w, lr, n_epochs):
    return _walk(
        x, y, b, w, n_epochs, lr,
        epoch=lambda b, w: [step(*point, b, w, lr) for point in _single_points(x, y)[:-1]],
    )  # fmt: skip


@train_stochastic.mistake("b and w are where they started. Change the leaves themselves: `b -= …`, or call your step.")
def stays_where_it_is(x, y, b, w, lr, n_epochs):
    return never_moves(x, y, b, w, lr, n_epochs)


# Bug 1: gradients that nobody resets -------------------------------------------------------------------------------


def _longer_trainings(rng):
    for label, n, rate, n_epochs in (("four points, four epochs", 4, 0.5, 4), ("nine points, six epochs", 9, 0.7, 6)):
        x, y = _points(rng, n)
        yield Case(label, *_tensors(x, y), *_far_from(x, y, rng), float(rate / _steepest(x)), n_epochs)


@exercise(
    inputs=_longer_trainings,
    driver=look_at_training,
    returns=_TRAINED,
    builds_on=(forward, criterion),
    hints=(
        "Print b.grad in every round, before the update: first at the start, then later, when the loss is low. How "
        "large should it be there?",
        "What does backward() do with a gradient that lies in .grad already?",
    ),
)
def settle(x, y, b, w, lr, n_epochs):
    """Batch gradient descent.

    Parameters
    ----------
    x, y : torch.Tensor of shape (N, 1)
    b, w : float
        Where to start.
    lr : float
        Learning rate.
    n_epochs : int
        How many updates.

    Returns
    -------
    b, w : float
        After the last update.
    losses : list of float
        ``losses[i]`` is the loss before update i.
    """
    b, w = torch.tensor(b, requires_grad=True), torch.tensor(w, requires_grad=True)
    losses = []
    for _ in range(n_epochs):
        loss = criterion(forward(x, b, w), y)
        losses.append(loss.item())
        loss.backward()
        with torch.no_grad():
            b -= lr * b.grad
            w -= lr * w.grad
        b.grad = w.grad = None
    return b.item(), w.item(), losses


@settle.mistake(
    "It still does not settle: the step is not the gradient at this place, but something that was there before is in "
    "it. Print b.grad in two rounds that follow each other, and what backward() makes of the first."
)
def still_adds_up(x, y, b, w, lr, n_epochs):
    return never_resets(x, y, b, w, lr, n_epochs)


@settle.mistake("Half of it is repaired: the gradient of b is reset, that of w still adds up.")
def repairs_b_only(x, y, b, w, lr, n_epochs):
    return _train(x, y, b, w, n_epochs, lambda *at: resets_only_b(*at, lr))


@settle.mistake("Half of it is repaired: the gradient of w is reset, that of b still adds up.")
def repairs_w_only(x, y, b, w, lr, n_epochs):
    return _train(x, y, b, w, n_epochs, lambda *at: resets_only_w(*at, lr))


@settle.mistake(
    "Now the gradients are reset between backward() and the update, so the update subtracts zero. Reset them after it, "
    "or before backward()."
)
def resets_before_the_update(x, y, b, w, lr, n_epochs):
    return never_moves(x, y, b, w, lr, n_epochs)


@settle.mistake(
    "You divide the sum of the gradients by the number of rounds. The mean of all gradients so far is not the gradient "
    "here: the old ones belong to places that you have left. Throw them away."
)
def averages_the_gradients(x, y, b, w, lr, n_epochs):
    b, w = _leaves(b, w)
    losses = []
    for epoch in range(n_epochs):
        losses.append(gradients_add_up(x, y, b, w, lr / (1 + epoch)))
    return b.item(), w.item(), losses


@settle.mistake(
    "The parameters are made anew in every round. That takes their old gradients away, but the progress as well. Make "
    "them once, before the loop."
)
def makes_new_parameters(x, y, b, w, lr, n_epochs):
    return begins_anew(x, y, b, w, lr, n_epochs)


@settle.mistake("It settles, but losses keeps the graphs of all rounds now: append loss.item().")
def settles_and_keeps_graphs(x, y, b, w, lr, n_epochs):
    return keeps_all_graphs(x, y, b, w, lr, n_epochs)


# Bug 2: a leaf that is given away -----------------------------------------------------------------------------------


@exercise(
    inputs=_rounds,
    driver=look_at_updates,
    returns=(
        "what b is at the end",
        "what w is at the end",
        "b after each of three calls",
        "w after each of three calls",
    ),
    builds_on=(forward, criterion),
    hints=(
        "The first call is fine. Call it, and look at b.is_leaf and b.requires_grad of what it returns.",
        "Either update the leaves in place, inside torch.no_grad(), and reset their gradients. Or make new leaves of "
        "the new values.",
    ),
)
def improve(x, y, b, w, lr):
    """One update; the b and w returned can be handed over for the next.

    Parameters
    ----------
    x, y : torch.Tensor of shape (N, 1)
    b, w : torch.Tensor of shape ()
        Leaves that require gradients.
    lr : float
        Learning rate.

    Returns
    -------
    b, w : torch.Tensor of shape ()
        After the update; leaves that require gradients, the same ones or new ones.
    """
    criterion(forward(x, b, w), y).backward()
    with torch.no_grad():
        b -= lr * b.grad
        w -= lr * w.grad
    b.grad = w.grad = None
    return b, w


@improve.mistake(
    "The second call still fails: what the first one returns is the result of a computation and no leaf, so backward() "
    "leaves its .grad None. What you return must be leaves."
)
def still_rebinds(x, y, b, w, lr):
    criterion(forward(x, b, w), y).backward()
    return b - lr * b.grad, w - lr * w.grad


@improve.mistake(
    "The numbers are right: retain_grad() makes PyTorch keep the gradient of a tensor that is no leaf. But b is still "
    "computed from the b before it, and so on back to the start, and the graph grows with every call. Return leaves."
)
def retains_gradients(x, y, b, w, lr):
    b.retain_grad()
    w.retain_grad()
    return still_rebinds(x, y, b, w, lr)


@improve.mistake(
    "The new tensors are leaves, but do not require gradients: what is computed inside torch.no_grad(), or detached, "
    "never does. Add .requires_grad_(), or change b and w in place."
)
def loses_requires_grad(x, y, b, w, lr):
    return tuple(value.detach() for value in still_rebinds(x, y, b, w, lr))


@improve.mistake(
    "b and w are leaves now, and because they stay the same ones, their gradients stay too: those of all calls add up. "
    "Put b.grad and w.grad back to None."
)
def now_adds_up(x, y, b, w, lr):
    gradients_add_up(x, y, b, w, lr)
    return b, w


@improve.mistake("The update is in place now, but stands outside of torch.no_grad().")
def updates_in_place_in_the_graph(x, y, b, w, lr):
    updates_inside_the_graph(x, y, b, w, lr)


@improve.mistake("b and w stay where they are: the gradients are gone before the update, or what you compute is lost.")
def improves_nothing(x, y, b, w, lr):
    return b, w


@improve.mistake(
    "You return plain numbers. They are right, but the next call needs tensors that ask for gradients: make new leaves "
    "of them, torch.tensor(…, requires_grad=True), or change b and w in place and return these."
)
def returns_numbers(x, y, b, w, lr):
    return tuple(value.item() for value in improve(x, y, b, w, lr))


@improve.mistake("The two are exchanged: return b first, then w.")
def returns_w_first(x, y, b, w, lr):
    return improve(x, y, b, w, lr)[::-1]


# Bug 3: an update inside the graph ----------------------------------------------------------------------------------


@exercise(
    inputs=_longer_trainings,
    driver=look_at_training,
    returns=_TRAINED,
    builds_on=(forward, criterion),
    hints=(
        "The numbers are right, so leave the formulas alone. What is b computed from, after two rounds? How far back "
        "does its graph go?",
        "An update is no part of what is to be differentiated. With the leaves changed in place, inside "
        "torch.no_grad(), retain_grad() has nothing to do any more, and the gradients want to be reset.",
    ),
)
def descend(x, y, b, w, lr, n_epochs):
    """Batch gradient descent, with a graph no larger in the last epoch than in the first.

    Parameters
    ----------
    x, y : torch.Tensor of shape (N, 1)
    b, w : float
        Where to start.
    lr : float
        Learning rate.
    n_epochs : int
        How many updates.

    Returns
    -------
    b, w : float
        After the last update.
    losses : list of float
        ``losses[i]`` is the loss before update i.
    """
    b, w = torch.tensor(b, requires_grad=True), torch.tensor(w, requires_grad=True)
    losses = []
    for _ in range(n_epochs):
        loss = criterion(forward(x, b, w), y)
        losses.append(loss.item())
        loss.backward()
        with torch.no_grad():
            b -= lr * b.grad
            w -= lr * w.grad
        b.grad = w.grad = None
    return b.item(), w.item(), losses


@descend.mistake(
    "The graph still grows: each b is computed from the b before it, so every backward() walks back to the start. "
    "Print graph_size(loss) in the loop."
)
def still_grows(x, y, b, w, lr, n_epochs):
    return updates_grow_the_graph(x, y, b, w, lr, n_epochs)


@descend.mistake(
    "Without retain_grad(), and with the update as it was, the second round fails: b is no leaf any more, and .grad of "
    "such a tensor is None. The line to change is the update."
)
def only_takes_retain_grad_away(x, y, b, w, lr, n_epochs):
    return rebinds_the_leaf(x, y, b, w, lr, n_epochs)


@descend.mistake(
    "The graph stays small, but the leaves keep their gradients now, and those of all rounds add up: put them back to "
    "None."
)
def adds_up_instead(x, y, b, w, lr, n_epochs):
    return never_resets(x, y, b, w, lr, n_epochs)


@descend.mistake("The update is in place now, but stands outside of torch.no_grad().")
def in_place_but_in_the_graph(x, y, b, w, lr, n_epochs):
    return updates_without_no_grad(x, y, b, w, lr, n_epochs)


@descend.mistake(
    "b and w are where they started. Under torch.no_grad(), `b -= …` changes the tensor itself; a gradient put to "
    "zero before the update moves nothing."
)
def descends_nowhere(x, y, b, w, lr, n_epochs):
    return never_moves(x, y, b, w, lr, n_epochs)


@descend.mistake(
    "The graph grows no more, but the losses in the list hold on to that of their round. It was .item() that "
    "kept them from it."
)
def keeps_the_losses_graphs(x, y, b, w, lr, n_epochs):
    return keeps_all_graphs(x, y, b, w, lr, n_epochs)


@descend.mistake(
    "The loss is computed once, before the loop, and retain_graph=True makes backward() go through the same graph "
    "again and again. The gradient stays that of the start: compute the loss anew in every round."
)
def goes_through_the_first_graph_again(x, y, b, w, lr, n_epochs):
    return retains_the_first_graph(x, y, b, w, lr, n_epochs)


# Quiz --------------------------------------------------------------------------------------------------------------

what_is_in_grad = Quiz(
    "what_is_in_grad",
    "`b.grad` is None. The loss at this place has the derivative 6 by b. You compute predictions and loss, call "
    "`loss.backward()`, compute both again, and call `loss.backward()` again. There is no update. What is true?",
    a=wrong("`b.grad` is 6.", "that would be so if the second call replaced what the first one left."),
    b=right("`b.grad` is 12.", "what does backward() do with a gradient that lies there already?"),
    c=wrong("The second call raises an error.", "it would on the same loss; here predictions and loss are new ones."),
    d=right(
        "With `b.grad = None` between the two, `b.grad` would be 6.",
        "how do you keep an earlier gradient out of a later one?",
    ),
    e=wrong(
        "`loss.backward()` returns 6 each time.",
        "it returns nothing: what it computes is left with the leaves.",
    ),
)

who_gets_a_gradient = Quiz(
    "who_gets_a_gradient",
    "`b` and `w` are made with `requires_grad=True`, `x` and `y` without. Then `yhat = b + w * x`, "
    "`loss = ((yhat - y) ** 2).mean()`, `loss.backward()`. Whose `.grad` is filled?",
    a=right("that of `b`", "which tensors were made by you, and not computed, and ask for a gradient?"),
    b=right("that of `w`", "there is more than one parameter."),
    c=wrong("that of `x`", "x is a leaf as well, but nobody asked for its gradient."),
    d=wrong("that of `yhat`", "its gradient is computed on the way back, but yhat is no leaf, so it is not kept."),
    e=wrong("that of `loss`", "the way back begins there; loss is the result of a computation, and no leaf."),
)

ways_to_update = Quiz(
    "ways_to_update",
    "`b` is a leaf that requires gradients, and `b.grad` is filled. Which of these, in a training loop, are updates "
    "after which the next round works as it should? (The gradients are reset after each.)",
    a=right(
        "`with torch.no_grad(): b -= lr * b.grad`",
        "which line changes the leaf itself, unseen by the graph?",
    ),
    b=wrong("`b -= lr * b.grad`", "PyTorch refuses it: a leaf must not change while its graph is being recorded."),
    c=wrong(
        "`b = b - lr * b.grad`",
        "b is the result of a computation now and no leaf, so its .grad stays None in the next round.",
    ),
    d=wrong(
        "`with torch.no_grad(): b = b - lr * b.grad`",
        "b is a new tensor that does not require gradients, so the next backward() finds nothing.",
    ),
    e=right(
        "`b = (b - lr * b.grad).detach().requires_grad_()`",
        "a new leaf is as good as the old one, if it is cut off and asks for gradients.",
    ),
)

one_at_a_time = Quiz(
    "one_at_a_time",
    "At `lr = 0.1`, training on all points comes down and training on one point at a time blows up. Why?",
    a=wrong(
        "Autograd is less exact for a single point.",
        "the gradients agree with the formula in both cases; so does lesson 03, without autograd.",
    ),
    b=right(
        "At $x = -5$ the curvature is 52, and 0.1 is above 2/52.",
        "what sets the limit for an update that uses one point?",
    ),
    c=right(
        "The curvature of all points together is 16.67, and 0.1 is below 2/16.67.",
        "the first half of the question wants an answer as well.",
    ),
    d=wrong(
        "The gradients of the points add up.",
        "step puts them back to None after each point. It would be a mistake of its own.",
    ),
    e=wrong(
        "Stochastic training makes more updates, and each adds rounding errors.",
        "at 0.01 it makes as many, and comes down.",
    ),
)
