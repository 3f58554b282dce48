"""Lesson 06: a parabola in PyTorch, why a fit can look right with wrong parameters, and how scaling mends it.

The data, the start and the descent are those of a tutorial that trains three parameters on the mean squared error and
prints its root. Then the same with `nn.Module` and `torch.optim.SGD`, and on standardized features.
"""

import numpy as np

from gdexercises.checking import Case, Quiz, Unusable, driver, exercise, right, wrong
from gdexercises.checking.wire import Tensor
from gdexercises.environment import require

torch = require("torch")
from torch.optim.optimizer import register_optimizer_step_post_hook  # noqa: E402


def _tensor(values, requires_grad=False):
    """Values that reach the attempt as a tensor of single precision, PyTorch's own."""
    return Tensor(np.asarray(values, np.float32), "torch", requires_grad)


def _signed(rng, low, high, size=None):
    return rng.uniform(low, high, size) * rng.choice([-1, 1], size)


def _points(rng, n, noise=0.5):
    """Points near a parabola, spread over its whole width, with no zero and no one among the x."""
    x = np.linspace(-2.2, 1.9, n) + rng.uniform(-0.15, 0.15, n) + rng.uniform(0.3, 0.6)
    a, b, c = _signed(rng, 0.5, 1.5, 3)
    return x, a * x**2 + b * x + c + noise * rng.standard_normal(n)


def _steepest(x):
    """The largest curvature of the mean squared error over (a, b, c)."""
    design = np.stack([x**2, x, np.ones_like(x)], axis=1)
    return 2 * np.linalg.eigvalsh(design.T @ design / len(x))[-1]


def _start(rng):
    """Three parameters so far apart that exchanging them shows."""
    return rng.permutation([0.4, 1.3, 2.4]) * rng.choice([-1, 1], 3) + rng.uniform(-0.2, 0.2, 3)


def _mse(yhat, y):
    return ((yhat - y) ** 2).mean()


def _design(x):
    return torch.stack([x**2, x], dim=1)


def _count_graphs(losses):
    """How many entries of a list still hold the graph that they were computed with."""
    return sum(isinstance(loss, torch.Tensor) and loss.requires_grad for loss in losses)


def _single(losses):
    """The list with its floats in single precision: what .item() gets from a tensor is no more exact than that."""
    if isinstance(losses, torch.Tensor | np.ndarray):
        losses = losses.tolist()
    if not isinstance(losses, tuple | list):
        return losses
    return [np.float32(loss) if isinstance(loss, float) else loss for loss in losses]


# Step 1: predict ---------------------------------------------------------------------------------------------------


@driver
def look_at_prediction(attempt, x, params):
    """The predictions, and the gradient of their sum by the parameters: zeros where the graph is cut."""
    yhat = attempt(x, params)
    if not isinstance(yhat, torch.Tensor):
        if isinstance(yhat, list | tuple | np.ndarray):
            raise Unusable(
                f"It returns a {type(yhat).__name__}; PyTorch can differentiate tensors only. Arithmetic on the tensor "
                "x gives all predictions at once, without a loop; torch.stack makes a tensor of a list of tensors."
            )
        return yhat
    grad = None
    if yhat.requires_grad:
        (grad,) = torch.autograd.grad(yhat.sum(), params, allow_unused=True)
    return yhat, torch.zeros(3) if grad is None else grad


def _points_to_predict(rng):
    x, _ = _points(rng, 6)
    yield Case("four points", _tensor([0, 1, 2, 3]), _tensor(np.round(_start(rng), 1), True))
    yield Case("six points", _tensor(x), _tensor(_start(rng), True))
    yield Case("one point", _tensor(x[:1]), _tensor(_start(rng), True))
    yield Case("parameters without requires_grad", _tensor(x[1:]), _tensor(_start(rng)))


@exercise(
    inputs=_points_to_predict,
    driver=look_at_prediction,
    returns=("yhat", "the gradient of yhat.sum() by params"),
    hints=(
        "params holds three numbers, in the order in which they stand in the formula: the one of x², that of x, and "
        "the constant.",
        "`a, b, c = params` takes them apart; then write the formula as it stands. x**2 squares each entry of x.",
    ),
)
def quadratic(x, params):
    """Predictions of the parabola ``a x² + b x + c``.

    Parameters
    ----------
    x : torch.Tensor of shape (N,)
    params : torch.Tensor of shape (3,)
        a, b and c, in this order.

    Returns
    -------
    yhat : torch.Tensor of shape (N,)
        With its graph back to `params`, where these require gradients.
    """
    a, b, c = params
    return a * x**2 + b * x + c


@quadratic.mistake(
    "The coefficients stand in reverse order: params[0] belongs to x², params[2] is the constant. (np.polyval wants "
    "them in our order, np.polynomial in the other one; it pays to look.)"
)
def reversed_order(x, params):
    c, b, a = params
    return a * x**2 + b * x + c


@quadratic.mistake("The first two are exchanged: params[0] belongs to x², params[1] to x.")
def exchanges_a_and_b(x, params):
    b, a, c = params
    return a * x**2 + b * x + c


@quadratic.mistake("The square is missing: a x² + b x + c. Without it you have a line.")
def leaves_out_the_square(x, params):
    a, b, c = params
    return a * x + b * x + c


@quadratic.mistake("You square a · x as a whole. Only x is squared: a * x**2, not (a * x)**2.")
def squares_the_product(x, params):
    a, b, c = params
    return (a * x) ** 2 + b * x + c


@quadratic.mistake("The constant c is missing: every one of your parabolas goes through the origin.")
def leaves_out_c(x, params):
    a, b, _ = params
    return a * x**2 + b * x


@quadratic.mistake("You double instead of squaring: x * 2 is twice x, x ** 2 is its square.")
def doubles(x, params):
    a, b, c = params
    return a * x * 2 + b * x + c


@quadratic.mistake(
    "The numbers are right, but the graph is cut: no gradient gets back to params. That is what .item(), .tolist(), "
    ".detach(), .numpy() and torch.no_grad() do. Compute with the tensors themselves."
)
def cuts_the_graph(x, params):
    a, b, c = params.tolist()
    return a * x**2 + b * x + c


# Step 2: loss ------------------------------------------------------------------------------------------------------


def _predictions_and_targets(rng):
    yield Case("three points", _tensor([1, 2, 3]), _tensor(np.round(rng.uniform(4, 9, 3), 1)))
    for label, n, scale in (("eight points", 8, 1), ("one point", 1, 1), ("small numbers", 5, 0.05)):
        _, y = _points(rng, n)
        yield Case(label, _tensor(scale * (y + _signed(rng, 0.5, 1.5, n) + 0.3)), _tensor(scale * y))
    _, y = _points(rng, 6)
    yield Case("predictions with a graph", _tensor(y + _signed(rng, 0.5, 1.5, 6) + 0.3, True), _tensor(y))


@exercise(
    inputs=_predictions_and_targets,
    returns=("the RMSE",),
    hints=(
        "Read the name backwards: the error, its square, the mean of that, and of the mean the root.",
        "A tensor has the method .mean(), and the mean has .sqrt().",
    ),
)
def rmse(yhat, y):
    """Root of the mean squared error.

    Parameters
    ----------
    yhat, y : torch.Tensor of shape (N,)

    Returns
    -------
    rmse : torch.Tensor of shape ()
        In units of y.
    """
    return _mse(yhat, y).sqrt()


@rmse.mistake("The root is missing at the end: this is the MSE, in squared units of y.")
def forgets_the_root(yhat, y):
    return _mse(yhat, y)


@rmse.mistake(
    "You average the wrong thing: the root of each squared error is its absolute value, and the mean of those is the "
    "MAE. Take the mean first, then one root."
)
def mean_of_roots(yhat, y):
    return ((yhat - y) ** 2).sqrt().mean()


@rmse.mistake(
    "You average the wrong thing: the mean of the errors is squared, so that positive and negative ones have cancelled "
    "before. Square each error, then take the mean."
)
def squares_the_mean(yhat, y):
    return (yhat - y).mean().abs()


@rmse.mistake("You sum the squares; the mean divides by the number of points as well.")
def sums(yhat, y):
    return ((yhat - y) ** 2).sum().sqrt()


@rmse.mistake("The division by N belongs under the root: sqrt(sum / N), not sqrt(sum) / N.")
def divides_outside_the_root(yhat, y):
    return ((yhat - y) ** 2).sum().sqrt() / len(y)


@rmse.mistake(
    "That is the standard deviation of the error. It subtracts the mean error first, so a curve that lies 10 too high "
    "everywhere would count as perfect."
)
def standard_deviation(yhat, y):
    return (yhat - y).std(correction=0)


@rmse.mistake("You divide by N - 1. Nothing was estimated here that would cost a point: the mean divides by N.")
def divides_by_one_less(yhat, y):
    return (((yhat - y) ** 2).sum() / (len(y) - 1)).sqrt()


@rmse.mistake("The root is taken of the predictions and targets, not of the mean of the squared errors.")
def compares_roots(yhat, y):
    return (yhat.abs().sqrt() - y.abs().sqrt()).abs().mean()


# Steps 1 to 4: one round -------------------------------------------------------------------------------------------

_ROUNDS = 3


@driver
def look_at_steps(attempt, x, y, params, lr):
    """What three rounds return, where they leave the parameters, and whether a returned number holds its graph."""
    returned, places = [], []
    for _ in range(_ROUNDS):
        loss = attempt(x, y, params, lr)
        if loss is None or loss is ...:
            return loss
        if isinstance(loss, tuple | list):
            raise Unusable(
                f"It returns {len(loss)} values. Return the RMSE alone: params is changed in place, so whoever called "
                "step has its new values already."
            )
        returned.append(loss)
        places.append(params.detach().clone())
    return _single(returned), torch.stack(places), _count_graphs(returned) > 0


def _rounds(rng):
    for label, n, rate in (("four points", 4, 0.4), ("seven points", 7, 0.8), ("one point", 1, 0.3)):
        x, y = _points(rng, n)
        params = _tensor(_start(rng), True)
        yield Case(label, _tensor(x), _tensor(y), params, float(rate / _steepest(x)))


@exercise(
    inputs=_rounds,
    driver=look_at_steps,
    returns=(
        "returned",
        "params_after",
        "whether the returned number still holds its graph",
    ),
    builds_on=(quadratic, rmse),
    hints=(
        "Five lines, one for each thing that happens: predict, loss, gradients (loss.backward()), update, and put the "
        "gradient back to nothing. Then return the RMSE from before the update.",
        "The update must not be part of the graph, and must change params itself: `with torch.no_grad():` and in it "
        "`params -= lr * params.grad`.",
        "After the update, `params.grad = None` or `params.grad.zero_()`. For the number to return, take .item().",
    ),
)
def step(x, y, params, lr):
    """One round of gradient descent on the mean squared error; changes `params` in place.

    Parameters
    ----------
    x, y : torch.Tensor of shape (N,)
    params : torch.Tensor of shape (3,)
        a, b and c: a leaf that requires gradients.
    lr : float

    Returns
    -------
    float
        The RMSE before the update.
    """
    yhat = quadratic(x, params)
    loss = _mse(yhat, y)
    loss.backward()
    with torch.no_grad():
        params -= lr * params.grad
    params.grad = None
    return rmse(yhat, y).item()


def _moved(x, y, params, lr, loss_of=_mse):
    """One round for mistakes: how params moves by the gradient of another loss, and the RMSE before."""
    yhat = quadratic(x, params)
    loss_of(yhat, y).backward()
    with torch.no_grad():
        params -= lr * params.grad
    params.grad = None
    return rmse(yhat, y).item()


@step.mistake(
    "The gradients of all rounds pile up: backward() adds to params.grad, it does not replace it. So from the second "
    "round on you walk by the sum of all gradients so far. Put `params.grad = None` behind the update."
)
def gradient_not_reset(x, y, params, lr):
    yhat = quadratic(x, params)
    _mse(yhat, y).backward()
    with torch.no_grad():
        params -= lr * params.grad
    return rmse(yhat, y).item()


@step.mistake(
    "params has not moved. `params = params - …` gives the name to a new tensor inside the function, and the one "
    "outside stays as it was: write `params -= …`, which changes the tensor itself. (The same comes of a gradient that "
    "is put to zero before the update.)"
)
def does_not_move(x, y, params, lr):
    return rmse(quadratic(x, params), y).item()


@step.mistake("You walk uphill: the gradient points to where the loss grows, so subtract it.")
def uphill(x, y, params, lr):
    return _moved(x, y, params, -lr)


@step.mistake(
    "You train on the RMSE. It is lowest at the same place, but its gradient is that of the MSE divided by 2 · RMSE, "
    "so the steps are others. Call backward() on the MSE; the RMSE is for people to read."
)
def trains_on_rmse(x, y, params, lr):
    return _moved(x, y, params, lr, lambda yhat, y: _mse(yhat, y).sqrt())


@step.mistake("The loss is a sum in place of a mean, so that the gradient is N times as large.")
def trains_on_the_sum(x, y, params, lr):
    return _moved(x, y, params, lr, lambda yhat, y: ((yhat - y) ** 2).sum())


@step.mistake("The steps are right, but what is returned is the MSE: take its root, or call your rmse.")
def returns_mse(x, y, params, lr):
    return _moved(x, y, params, lr) ** 2


@step.mistake("The RMSE is that after the update. Compute it from the predictions that you made before.")
def looks_after_the_update(x, y, params, lr):
    _moved(x, y, params, lr)
    return rmse(quadratic(x, params), y).item()


@step.mistake(
    "The number that you return is a tensor, and behind it stands the whole graph of this round. Whoever keeps such "
    "numbers in a list keeps all graphs. Return .item(), which is a plain number."
)
def returns_the_graph(x, y, params, lr):
    before = rmse(quadratic(x, params), y)
    _moved(x, y, params, lr)
    return before


@step.mistake("lr is forgotten: the gradient says which way, lr how far.")
def forgets_lr(x, y, params, lr):
    return _moved(x, y, params, 1.0)


# Step 5: repeat ----------------------------------------------------------------------------------------------------


@driver
def look_at_fit(attempt, x, y, start, lr, n_epochs):
    """The fitted parameters, the losses on the way, and how many of these hold on to their graph."""
    result = attempt(x, y, start, lr, n_epochs)
    if not isinstance(result, tuple | list) or len(result) != 2:
        if result is None or result is ...:
            return result
        found = f"{len(result)} values" if isinstance(result, tuple | list) else "one value"
        raise Unusable(f"It returns {found}. Return two: params, and the list of what step returned.")
    params, losses = result
    losses = _single(losses)
    return params, losses, _count_graphs(losses) if isinstance(losses, tuple | list) else 0


def _descents(rng):
    for label, n, rate, n_epochs in (
        ("four points, three epochs", 4, 0.4, 3),
        ("seven points, four epochs", 7, 0.8, 4),
        ("one epoch", 5, 0.5, 1),
    ):
        x, y = _points(rng, n)
        yield Case(label, _tensor(x), _tensor(y), _tensor(_start(rng)), float(rate / _steepest(x)), n_epochs)


@exercise(
    inputs=_descents,
    driver=look_at_fit,
    returns=("params", "losses", "how many entries of losses still hold their graph"),
    builds_on=(step, quadratic, rmse),
    hints=(
        "Make params, an own copy of start that requires gradients, before the loop. In the loop, step does the work; "
        "keep what it returns.",
        "start.clone().requires_grad_() is such a copy. step changes it in place, so the loop has one line: "
        "losses.append(step(x, y, params, lr)).",
    ),
)
def fit(x, y, start, lr, n_epochs):
    """Gradient descent from `start`, which stays as it is.

    Parameters
    ----------
    x, y : torch.Tensor of shape (N,)
    start : torch.Tensor of shape (3,)
        a, b and c at first; does not require gradients.
    lr : float
    n_epochs : int
        How many updates.

    Returns
    -------
    params : torch.Tensor of shape (3,)
        After the last update.
    losses : list of float
        ``losses[i]`` is the RMSE before update i.
    """
    params = start.clone().requires_grad_()
    losses = [step(x, y, params, lr) for _ in range(n_epochs)]
    return params.detach(), losses


@fit.mistake(
    "params is start itself, under another name, so start has changed as well: the next run would begin where this one "
    "ended. Take a copy: start.clone()."
)
def trains_start_itself(x, y, start, lr, n_epochs):
    start.requires_grad_()
    losses = [step(x, y, start, lr) for _ in range(n_epochs)]
    return start, losses


@fit.mistake("It makes one round only. The loop goes round n_epochs times; the return stands behind it, not in it.")
def makes_one_round(x, y, start, lr, n_epochs):
    return fit(x, y, start, lr, 1)


@fit.mistake("One update is missing: range(n_epochs) goes round n_epochs times, range(1, n_epochs) once less.")
def one_epoch_short(x, y, start, lr, n_epochs):
    return fit(x, y, start, lr, n_epochs - 1)


@fit.mistake("Every round begins at start again: make params once, before the loop.")
def begins_anew(x, y, start, lr, n_epochs):
    rounds = [fit(x, y, start, lr, 1) for _ in range(n_epochs)]
    return rounds[-1][0], [loss for _, (loss,) in rounds]


@fit.mistake("losses[i] is to be the RMSE before update i, so losses[0] is the one at the start.")
def records_after_the_update(x, y, start, lr, n_epochs):
    params = start.clone().requires_grad_()
    losses = []
    for _ in range(n_epochs):
        step(x, y, params, lr)
        losses.append(rmse(quadratic(x, params), y).item())
    return params.detach(), losses


@fit.mistake(
    "The gradients of all epochs pile up: backward() adds to params.grad. Put it back to None in every round (your "
    "step does)."
)
def gradients_pile_up(x, y, start, lr, n_epochs):
    params = start.clone().requires_grad_()
    losses = [gradient_not_reset(x, y, params, lr) for _ in range(n_epochs)]
    return params.detach(), losses


@fit.mistake("Every entry of losses holds on to the graph of its round. Keep plain numbers: .item().")
def keeps_all_graphs(x, y, start, lr, n_epochs):
    params = start.clone().requires_grad_()
    losses = [returns_the_graph(x, y, params, lr) for _ in range(n_epochs)]
    return params.detach(), losses


@fit.mistake(
    "It trains on the RMSE; your step trains on the MSE. Call step in the loop, or backward() on the MSE as it does."
)
def fits_the_rmse(x, y, start, lr, n_epochs):
    params = start.clone().requires_grad_()
    losses = [trains_on_rmse(x, y, params, lr) for _ in range(n_epochs)]
    return params.detach(), losses


# The same with torch.optim -----------------------------------------------------------------------------------------


@driver
def look_at_training(attempt, x, y, weight, bias, lr, n_epochs):
    """What a training returns, where it leaves a linear model's parameters, and how often an optimizer stepped."""
    linear = torch.nn.Linear(weight.shape[1], 1)
    linear.load_state_dict({"weight": weight, "bias": bias})
    model = torch.nn.Sequential(linear, torch.nn.Flatten(0))
    steps = []
    hook = register_optimizer_step_post_hook(lambda *told: steps.append(1))
    try:
        losses = attempt(model, x, y, lr, n_epochs)
    finally:
        hook.remove()
    if losses is None or losses is ...:
        return losses
    if isinstance(losses, tuple | list) and any(np.ndim(loss) for loss in losses if not torch.is_tensor(loss)):
        raise Unusable("It returns several things. Return losses alone: the model is changed in place.")
    losses = _single(losses)
    graphs = _count_graphs(losses) if isinstance(losses, tuple | list) else 0
    reached = torch.cat([linear.weight.detach().ravel(), linear.bias.detach()])
    return losses, reached, graphs, len(steps)


def _trainings(rng):
    for label, n, rate, n_epochs in (
        ("four points, three epochs", 4, 0.4, 3),
        ("seven points, two epochs", 7, 0.8, 2),
    ):
        x, y = _points(rng, n)
        a, b, c = _start(rng)
        lr = float(rate / _steepest(x))
        columns = _tensor(np.stack([x**2, x], axis=1))
        call = f"fit_with_optim(model, x, y, lr={lr:.6g}, n_epochs={n_epochs})"
        yield Case(label, columns, _tensor(y), _tensor([[a, b]]), _tensor([c]), lr, n_epochs, call=call)


@exercise(
    inputs=_trainings,
    driver=look_at_training,
    returns=(
        "losses",
        "params_after",
        "how many entries of losses still hold their graph",
        "how many steps the optimizer made",
    ),
    builds_on=(rmse,),
    hints=(
        "Before the loop: an optimizer that knows the model's parameters, torch.optim.SGD(model.parameters(), lr=lr).",
        "In the loop: yhat = model(x), the loss (the MSE), then three calls: zero_grad and step of the optimizer, and "
        "backward of the loss between them.",
    ),
)
def fit_with_optim(model, x, y, lr, n_epochs):
    """Gradient descent with `torch.optim.SGD`; changes the model's parameters in place.

    Parameters
    ----------
    model : torch.nn.Module
        ``model(x)`` gives the predictions, shape (N,).
    x : torch.Tensor
        What the model takes.
    y : torch.Tensor of shape (N,)
    lr : float
    n_epochs : int
        How many updates.

    Returns
    -------
    losses : list of float
        ``losses[i]`` is the RMSE before update i.
    """
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for _ in range(n_epochs):
        yhat = model(x)
        loss = _mse(yhat, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(rmse(yhat, y).item())
    return losses


def _trained(model, x, y, optimizer, n_epochs, loss_of=_mse, zero=lambda optimizer: optimizer.zero_grad()):
    """The training, for mistakes, with another optimizer, another loss, or without its gradients put to zero."""
    losses = []
    for _ in range(n_epochs):
        yhat = model(x)
        zero(optimizer)
        loss_of(yhat, y).backward()
        optimizer.step()
        losses.append(rmse(yhat, y).item())
    return losses


@fit_with_optim.mistake(
    "The gradients of all epochs pile up: optimizer.zero_grad() is missing. It does for all parameters what "
    "params.grad = None did."
)
def forgets_zero_grad(model, x, y, lr, n_epochs):
    return _trained(model, x, y, torch.optim.SGD(model.parameters(), lr), n_epochs, zero=lambda optimizer: None)


@fit_with_optim.mistake(
    "The optimizer steps, but the parameters stay where they are: zero_grad() stands between backward() and step(), "
    "and wipes out what backward() has just computed."
)
def zeroes_before_the_step(model, x, y, lr, n_epochs):
    return _trained(model, x, y, torch.optim.SGD(model.parameters(), 0.0), n_epochs)


@fit_with_optim.mistake("The parameters never move, for optimizer.step() is missing: backward() only computes.")
def never_steps(model, x, y, lr, n_epochs):
    return [rmse(model(x), y).item() for _ in range(n_epochs)]


@fit_with_optim.mistake("lr does not get to the optimizer: torch.optim.SGD(model.parameters(), lr=lr).")
def leaves_lr_at_its_default(model, x, y, lr, n_epochs):
    return _trained(model, x, y, torch.optim.SGD(model.parameters(), 1e-3), n_epochs)


@fit_with_optim.mistake("The optimizer is Adam. It makes other steps; lesson 09 is about it. Take torch.optim.SGD.")
def uses_adam(model, x, y, lr, n_epochs):
    return _trained(model, x, y, torch.optim.Adam(model.parameters(), lr), n_epochs)


@fit_with_optim.mistake(
    "The optimizer has a momentum, so that each step carries on a part of the one before. Plain gradient descent is "
    "torch.optim.SGD(model.parameters(), lr=lr), and nothing else in the brackets."
)
def uses_momentum(model, x, y, lr, n_epochs):
    return _trained(model, x, y, torch.optim.SGD(model.parameters(), lr, momentum=0.9), n_epochs)


@fit_with_optim.mistake(
    "yhat has shape (N, 1) and y has (N,), and PyTorch broadcasts their difference to (N, N): you average over all "
    "pairs of points. model(x) has shape (N,) here; leave it as it is."
)
def broadcasts_a_column(model, x, y, lr, n_epochs):
    return _trained(lambda x: model(x).reshape(-1, 1), x, y, torch.optim.SGD(model.parameters(), lr), n_epochs)


@fit_with_optim.mistake(
    "It trains on the RMSE, whose gradient is that of the MSE divided by 2 · RMSE. Call backward() on the MSE, as in "
    "your step."
)
def optimizes_the_rmse(model, x, y, lr, n_epochs):
    optimizer = torch.optim.SGD(model.parameters(), lr)
    return _trained(model, x, y, optimizer, n_epochs, lambda yhat, y: _mse(yhat, y).sqrt())


@fit_with_optim.mistake("It keeps the MSE; the losses of this lesson are kept in units of y: take the root.")
def keeps_the_mse(model, x, y, lr, n_epochs):
    return [loss**2 for loss in fit_with_optim(model, x, y, lr, n_epochs)]


@fit_with_optim.mistake("losses[i] is to be the RMSE before update i: compute it from the yhat of that round.")
def measures_after_the_step(model, x, y, lr, n_epochs):
    before = fit_with_optim(model, x, y, lr, n_epochs)
    return [*before[1:], rmse(model(x), y).item()]


@fit_with_optim.mistake(
    "The numbers are right, and no optimizer made a step. Updating by hand is what you did before; here it is the turn "
    "of torch.optim.SGD."
)
def updates_by_hand(model, x, y, lr, n_epochs):
    losses = []
    for _ in range(n_epochs):
        yhat = model(x)
        model.zero_grad()
        _mse(yhat, y).backward()
        with torch.no_grad():
            for parameter in model.parameters():
                parameter -= lr * parameter.grad
        losses.append(rmse(yhat, y).item())
    return losses


@fit_with_optim.mistake("Every entry of losses holds on to the graph of its round. Keep plain numbers: .item().")
def keeps_graphs_of_the_model(model, x, y, lr, n_epochs):
    optimizer = torch.optim.SGD(model.parameters(), lr)
    losses = []
    for _ in range(n_epochs):
        yhat = model(x)
        optimizer.zero_grad()
        _mse(yhat, y).backward()
        optimizer.step()
        losses.append(rmse(yhat, y))
    return losses


# Scaling -----------------------------------------------------------------------------------------------------------


def _features(rng):
    x, _ = _points(rng, 5)
    whole = np.array([1.0, 2.0, 4.0, 5.0]) + rng.integers(0, 3)
    new = whole.max() + np.array([1.0, 3.0])
    yield Case("four points, x² and x", *(_tensor(np.stack([v**2, v], axis=1)) for v in (whole, new)))
    table = rng.uniform(-1, 1, (6, 3)) * [0.5, 1, 2] + _signed(rng, 0.5, 1.5, 3)
    yield Case("six rows of three features", _tensor(table), _tensor(table[:2] + _signed(rng, 0.5, 2, (2, 3))))
    yield Case("one new row", *(_tensor(np.stack([v**2, v], axis=1)) for v in (x, x[-1:] + 1.5)))
    square = rng.uniform(-1, 1, (3, 3)) * [0.5, 1, 2] + _signed(rng, 0.5, 1.5, 3)
    yield Case("as many rows as features", _tensor(square), _tensor(square + _signed(rng, 0.5, 1.5, (3, 3))))


@exercise(
    inputs=_features,
    returns=("Z", "Z_new"),
    hints=(
        "Two rows of numbers are all you need: the mean of each column of X, and its standard deviation. dim=0 goes "
        "down the columns.",
        "Z = (X - mean) / std. For X_new take the mean and std of X as well.",
        "PyTorch's std divides by N - 1 unless told otherwise: X.std(dim=0, correction=0) divides by N.",
    ),
)
def standardize(X, X_new):
    """Shift and scale each column by the mean and the standard deviation that it has in `X`.

    Parameters
    ----------
    X : torch.Tensor of shape (N, n_features)
        The training data.
    X_new : torch.Tensor of shape (M, n_features)
        Other data of the same kind.

    Returns
    -------
    Z : torch.Tensor of shape (N, n_features)
        The mean of each column is 0, the mean of its squares 1.
    Z_new : torch.Tensor of shape (M, n_features)
        On the same scale as `Z`.
    """
    mean, std = X.mean(dim=0), X.std(dim=0, correction=0)
    return (X - mean) / std, (X_new - mean) / std


@standardize.mistake(
    "Your standard deviation divides by N - 1, as torch's std does by default, so the squares in a column of Z have a "
    "mean of (N - 1) / N. Divide by N: X.std(dim=0, correction=0)."
)
def divides_by_n_minus_1(X, X_new):
    mean, std = X.mean(dim=0), X.std(dim=0)
    return (X - mean) / std, (X_new - mean) / std


@standardize.mistake(
    "You standardize each row. A row is one point with all its features; a column is one feature of all points, and "
    "those are to be made alike. Take dim=0."
)
def per_row(X, X_new):
    return tuple(
        (part - part.mean(dim=1, keepdim=True)) / part.std(dim=1, correction=0, keepdim=True) for part in (X, X_new)
    )


@standardize.mistake(
    "The scaling is not applied to the new data: X_new comes back as it was. The model will only ever have seen scaled "
    "features, so new ones must be shifted and scaled as well."
)
def leaves_new_data_as_it_is(X, X_new):
    Z, _ = standardize(X, X_new)
    return Z, X_new.clone()


@standardize.mistake(
    "X_new is scaled by its own mean and standard deviation. The same x would then become another z, depending on the "
    "company it comes in. New data is scaled by the mean and std of X."
)
def scales_new_data_by_itself(X, X_new):
    return standardize(X, X)[0], standardize(X_new, X_new)[0]


@standardize.mistake(
    "Mean and standard deviation are taken over X and X_new together. What the model is trained on must not depend on "
    "data that comes later: compute them from X alone."
)
def scales_by_all_data(X, X_new):
    both = torch.cat([X, X_new])
    mean, std = both.mean(dim=0), both.std(dim=0, correction=0)
    return (X - mean) / std, (X_new - mean) / std


@standardize.mistake(
    "One mean and one standard deviation for the whole table: the columns stay as different as they were. dim=0 gives "
    "one for each column."
)
def one_scale_for_all_columns(X, X_new):
    mean, std = X.mean(), X.std()
    return (X - mean) / std, (X_new - mean) / std


@standardize.mistake(
    "One standard deviation for the whole table: the columns are shifted, and stay as different in size as they were. "
    "X.std(dim=0, correction=0) gives one for each column."
)
def one_std_for_all_columns(X, X_new):
    mean, std = X.mean(dim=0), X.std()
    return (X - mean) / std, (X_new - mean) / std


@standardize.mistake("You divide by the variance. The standard deviation is its root.")
def divides_by_the_variance(X, X_new):
    mean, variance = X.mean(dim=0), X.var(dim=0, correction=0)
    return (X - mean) / variance, (X_new - mean) / variance


@standardize.mistake("The columns are scaled but not shifted: subtract the mean before you divide.")
def does_not_shift(X, X_new):
    std = X.std(dim=0, correction=0)
    return X / std, X_new / std


@standardize.mistake("The columns are shifted but not scaled: divide by the standard deviation as well.")
def does_not_scale(X, X_new):
    return X - X.mean(dim=0), X_new - X.mean(dim=0)


@standardize.mistake(
    "You scale by the smallest and largest value. That helps too, but the mean is not 0 then, and one far-off point "
    "sets the scale for all. Use mean and standard deviation."
)
def min_max(X, X_new):
    low, high = X.min(dim=0).values, X.max(dim=0).values
    return (X - low) / (high - low), (X_new - low) / (high - low)


# The bug -----------------------------------------------------------------------------------------------------------


def _forecasts(rng):
    for label, n, m, n_epochs in (
        ("three new points", 6, 3, 3),
        ("one new point", 4, 1, 2),
    ):
        x, y = _points(rng, n)
        x_new = x.max() + 0.5 + np.arange(m) + rng.uniform(0, 0.3)
        yield Case(label, _tensor(x), _tensor(y), _tensor(x_new), 0.1, n_epochs)


def _forecast(x, y, x_new, lr, n_epochs, scale, scale_new):
    X, X_new = _design(x), _design(x_new)
    Z = scale(X, X_new)
    weights, bias = torch.zeros(2, requires_grad=True), torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.SGD([weights, bias], lr=lr)
    for _ in range(n_epochs):
        loss = _mse(Z @ weights + bias, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return (scale_new(X, X_new) @ weights + bias).detach()


def _by_training(X, other):
    return (other - X.mean(dim=0)) / X.std(dim=0, correction=0)


@exercise(
    inputs=_forecasts,
    returns=("yhat_new",),
    hints=(
        "The training is fine. What does the model get to see of x_new? Print Z_new for x_new = x: then for x_new = "
        "x[10:].",
        "X_new must be shifted by the mean of X and divided by the standard deviation of X.",
    ),
)
def forecast(x, y, x_new, lr, n_epochs):
    """Fit a parabola on standardized features from zeros, and predict at other x.

    Parameters
    ----------
    x, y : torch.Tensor of shape (N,)
        The data to fit.
    x_new : torch.Tensor of shape (M,)
        Where to predict.
    lr : float
    n_epochs : int

    Returns
    -------
    yhat_new : torch.Tensor of shape (M,)
    """
    X = torch.stack([x**2, x], dim=1)
    mean, std = X.mean(dim=0), X.std(dim=0, correction=0)
    Z = (X - mean) / std
    weights = torch.zeros(2, requires_grad=True)
    bias = torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.SGD([weights, bias], lr=lr)
    for _ in range(n_epochs):
        loss = ((Z @ weights + bias - y) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    X_new = torch.stack([x_new**2, x_new], dim=1)
    Z_new = (X_new - mean) / std
    return (Z_new @ weights + bias).detach()


@forecast.mistake(
    "X_new is still scaled by its own mean and standard deviation, so the first of the new points looks to the model "
    "like the first of the old ones. (A single new point has a standard deviation of 0: NaN.) Use mean and std of X."
)
def still_scales_by_itself(x, y, x_new, lr, n_epochs):
    return _forecast(x, y, x_new, lr, n_epochs, lambda X, _: _by_training(X, X), lambda _, X: _by_training(X, X))


@forecast.mistake(
    "Now X_new is not scaled at all, and the model gets numbers of another size than it was trained on. Shift and "
    "scale it by the mean and std of X."
)
def no_scaling_of_new_points(x, y, x_new, lr, n_epochs):
    return _forecast(x, y, x_new, lr, n_epochs, lambda X, _: _by_training(X, X), lambda _, X: X)


@forecast.mistake(
    "One of the two is still taken from X_new: the mean is that of X, but the standard deviation is not. Both belong "
    "to the training data."
)
def only_the_mean_of_training(x, y, x_new, lr, n_epochs):
    return _forecast(
        x, y, x_new, lr, n_epochs,
        lambda X, _: _by_training(X, X),
        lambda X, X_new: (X_new - X.mean(dim=0)) / X_new.std(dim=0, correction=0),
    )  # fmt: skip


@forecast.mistake(
    "One of the two is still taken from X_new: the standard deviation is that of X, but the mean is not. Both belong "
    "to the training data."
)
def only_the_std_of_training(x, y, x_new, lr, n_epochs):
    return _forecast(
        x, y, x_new, lr, n_epochs,
        lambda X, _: _by_training(X, X),
        lambda X, X_new: (X_new - X_new.mean(dim=0)) / X.std(dim=0, correction=0),
    )  # fmt: skip


@forecast.mistake(
    "Mean and std are computed from old and new points together, so the fit depends on what will be asked later. "
    "Compute them from X alone, and use them for both."
)
def scales_old_and_new_together(x, y, x_new, lr, n_epochs):
    def scale(X, X_new):
        return _by_training(torch.cat([X, X_new]), X)

    return _forecast(x, y, x_new, lr, n_epochs, scale, lambda X, X_new: scale(X_new, X))


@forecast.mistake(
    "The scaling is gone altogether. On the lesson's data, with this learning rate, that ends in NaN. Keep it, and use "
    "the mean and std of X for the new points too."
)
def scales_nothing(x, y, x_new, lr, n_epochs):
    return _forecast(x, y, x_new, lr, n_epochs, lambda X, _: X, lambda _, X: X)


# Quiz --------------------------------------------------------------------------------------------------------------

why_c_stands_still = Quiz(
    "why_c_stands_still",
    "On the raw data, $c$ ends where it began, though the best $c$ is far away. Why?",
    a=wrong("Its gradient is 0.", "in the first round the gradient of c is -171, as printed above."),
    b=right(
        "The learning rate must be tiny because of the steepest direction, which is mostly that of $a$.",
        "which of the three curvatures sets the limit 2/L for all directions?",
    ),
    c=right(
        "Where the loss is flat, a tiny learning rate makes hardly any way.",
        "what is left of a distance after one update, in a direction of curvature L?",
    ),
    d=wrong("PyTorch updates the parameters one after the other.", "all three move in the same update."),
)

looks_fitted = Quiz(
    "looks_fitted",
    "The RMSE has fallen from 120 to 8.5 and hardly falls any more; the curve runs along the points. What may "
    "you conclude?",
    a=wrong(
        "The parameters are close to the best ones.",
        "in this lesson they were not: c was off by 11. A flat direction changes the loss little.",
    ),
    b=wrong(
        "The lowest loss is reached.",
        "least squares gets to 0.58 here. A loss that hardly falls may also be on a long flat stretch.",
    ),
    c=right(
        "With these steps, little more is to be gained soon.",
        "one statement says no more than what the flat end of a loss curve shows.",
    ),
    d=wrong("The learning rate is too large.", "then the loss would grow, or not come down."),
)

what_standardizing_changes = Quiz(
    "what_standardizing_changes",
    "You standardize $x^2$ and $x$ and train to the end. What is different from training to the end on the "
    "raw features?",
    a=wrong(
        "The best predictions.",
        "the parameters can be mapped back to a parabola in x, so each parabola is reached on both scales.",
    ),
    b=right("The curvatures of the loss.", "the Hessian is made of means of products of the features."),
    c=right(
        "The best values of the parameters, until you map them back.",
        "what does a parameter do when its feature is divided by 63?",
    ),
    d=right("The largest stable learning rate.", "it is 2/L. What has become of L?"),
    e=wrong("The number of parameters.", "two slopes and a constant, as before."),
)

what_the_optimizer_sees = Quiz(
    "what_the_optimizer_sees",
    "In the `__init__` of a module, someone writes `self.params = start.clone()` in place of "
    "`self.params = torch.nn.Parameter(start.clone())`. What happens?",
    a=wrong(
        "Nothing: a tensor is a tensor.", "a module collects its parameters by their type, and a plain tensor is none."
    ),
    b=right(
        "`model.parameters()` is empty, and torch.optim.SGD refuses to start.",
        "what does an optimizer get when the module has found no parameter?",
    ),
    c=wrong(
        "The model trains, but more slowly.", "what is not handed to the optimizer is not updated at all, not slowly."
    ),
    d=right(
        "The tensor does not require gradients either.",
        "nn.Parameter does two things to a tensor; being found by the module is one.",
    ),
)
