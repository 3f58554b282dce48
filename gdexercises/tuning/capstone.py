"""The panel of lesson 10, three frameworks on top of each other and the epoch to stop at, and the lesson's own figures.

The panel trains for real, in NumPy, in PyTorch and in JAX, in double precision whatever the notebook has set.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from gdexercises import data
from gdexercises.environment import require
from gdexercises.figures import BLUE, GREEN, GREY, INK, ORANGE, VERMILLION, Picture, house_style, number, scatter
from gdexercises.tuning import Counter, LogSlider, Panel, Slider, Stage, Toggle, quiet_while_graded

__all__ = [
    "compare_losses",
    "frameworks",
    "gaps",
    "line_in_grams",
    "masses",
    "measured_against_predicted",
    "stopping",
]

# From wide to narrow, so that each of three equal curves can be seen below the next.
_STYLES = ((BLUE, "-", "o", 7.0, 0.35), (ORANGE, "-", "s", 3.5, 0.9), (INK, ":", "^", 1.6, 1.0))
_SPECIES = (("Adelie", BLUE, "o"), ("Chinstrap", ORANGE, "s"), ("Gentoo", GREEN, "^"))
_SEED = 42
_VALIDATION = 100
_MOST_ROWS = 120
_MOST_FEATURES = 10
# Beyond any picture, and still far from the largest float when it is squared.
_FAR = 1e100


def _array(values: Any) -> NDArray[np.float64]:
    """Return the numbers in an array of any framework."""
    values = values.detach() if hasattr(values, "detach") else values
    return np.asarray(values, dtype=np.float64)


def _round(value: float) -> str:
    """Return a number for prose: 4202 rather than 4.2e+03."""
    return f"{float(value):.0f}" if 1000 <= abs(value) < 1e6 else number(value)


# The panel ----------------------------------------------------------------------------------------------------------


class _Table(NamedTuple):
    """Rows in a fixed shuffled order: the last ones validate, the first ones train."""

    features: NDArray[np.float64]
    names: tuple[str, ...]
    target: NDArray[np.float64]
    rows: str
    unit: str

    @classmethod
    def penguins(cls) -> "_Table":
        table = data.penguins()
        flipper, bill, depth = (table[f"{part}_mm"] for part in ("flipper_length", "bill_length", "bill_depth"))
        around = (flipper - 200) / 15, (bill - 44) / 5, (depth - 17) / 2
        pairs = ((0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2))
        columns = [flipper, bill, depth, table["year"], *(around[i] * around[j] for i, j in pairs)]
        measured = ("flipper length", "bill length", "bill depth")
        names = (*measured, "year", *(f"{measured[i]} x {measured[j]}" for i, j in pairs))
        return cls._of(columns, names, table["body_mass_g"], "penguins", " g")

    @classmethod
    def diabetes(cls) -> "_Table":
        table = data.diabetes()
        # The telling ones first, so that a few features are worth something.
        names = ("bmi", "s5", "bp", "s4", "s3", "s6", "s1", "age", "s2", "sex")
        return cls._of([table[name] for name in names], names, table["progression"], "people", " points")

    @classmethod
    def _of(cls, columns: Sequence[NDArray], names: tuple[str, ...], target: NDArray, rows: str, unit: str) -> "_Table":
        features = np.column_stack(columns)
        complete = np.isfinite(features).all(axis=1) & np.isfinite(target)
        order = np.random.default_rng(_SEED).permutation(int(complete.sum()))
        return cls(features[complete][order], names, target[complete][order], rows, unit)

    def part(self, n_rows: int, n_features: int) -> tuple[NDArray, NDArray, NDArray, NDArray]:
        """Return Z_train, y_train, Z_val, y_val: standardized by the training rows, columns without use all zero."""
        train, val = self.features[:n_rows], self.features[-_VALIDATION:]
        std = train.std(axis=0)
        scale = np.where(np.arange(_MOST_FEATURES) < n_features, 1 / np.where(std > 0, std, 1), 0)
        Z_train, Z_val = ((part - train.mean(axis=0)) * scale for part in (train, val))
        return Z_train, self.target[:n_rows], Z_val, self.target[-_VALIDATION:]


class _Run(NamedTuple):
    """Training losses by framework, validation losses, and the largest stable learning rate."""

    losses: Mapping[str, NDArray[np.float64]]
    val_losses: NDArray[np.float64]
    limit: float

    @property
    def apart(self) -> float:
        """By what share of it the frameworks' losses differ at most, as far as they are finite."""
        first, *others = self.losses.values()
        with np.errstate(all="ignore"):
            shares = [abs(other - first) / first for other in others]
        return max(float(np.max(share[np.isfinite(share)], initial=0)) for share in shares)


@quiet_while_graded
def frameworks(
    *, lr: float = 0.1, n_epochs: int = 60, patience: int = 20, n_features: int = 10, n_rows: int = 30
) -> Panel:
    """Return the panel in which one training runs in three frameworks, with its validation loss.

    Parameters
    ----------
    lr : float
        The learning rate at first.
    n_epochs : int
        The number of epochs at first.
    patience : int
        The patience at first: for how many epochs a best one is waited for.
    n_features : int
        The number of features at first, at most 10.
    n_rows : int
        The number of training rows at first, at most 120.
    """
    torch, jax = require("torch"), require("jax")
    max_epochs = 200
    tables = {False: _Table.penguins(), True: _Table.diabetes()}
    in_jax = _jax_training(jax, max_epochs)

    @lru_cache(maxsize=16)
    def run(lr: float, n_features: int, n_rows: int, diabetes: bool) -> _Run:
        return _train(tables[diabetes].part(n_rows, n_features), lr, max_epochs, torch, in_jax)

    with house_style():
        figure = Figure(figsize=(9.6, 3.9))
        left, right = figure.subplots(1, 2)
        figure.subplots_adjust(left=0.085, right=0.985, bottom=0.135, top=0.83, wspace=0.2)
        stage = Stage(figure)
        for axes, title in ((left, "Training: three frameworks"), (right, "Validation")):
            axes.set(yscale="log", xlim=(-0.03 * max_epochs, 1.03 * max_epochs), ylim=(0.04, 1.2))
            axes.set(xlabel="epoch", title=title)
            axes.grid(axis="y", color="#e6e6e6", linewidth=0.8)
        left.set_ylabel("RMSE / that at the start (log scale)")
        traces = [_trace(stage, left, name, style) for name, style in zip(_NAMES, _STYLES, strict=True)]
        left.legend(loc="upper right")
        watched = stage.moving(right.plot([], [], "--", color=VERMILLION, label="validation")[0])
        beside = stage.moving(right.plot([], [], "-", color=BLUE, linewidth=1.2, label="training")[0])
        best = stage.moving(
            right.plot([], [], "*", color=GREEN, markeredgecolor=INK, markersize=15, label="best epoch")[0]
        )
        stop = stage.moving(
            right.plot([], [], "X", color=ORANGE, markeredgecolor=INK, markersize=10, label="stops here")[0]
        )
        right.legend(loc="upper right")
        alarm = stage.moving(figure.text(0.085, 0.94, "", color="#a33c00", fontsize=11, fontweight="bold"))

    def show(lr: float, n_epochs: int, patience: float, n_features: float, n_rows: float, diabetes: bool) -> str:
        found = run(lr, int(n_features), int(n_rows), bool(diabetes))
        epochs = np.arange(n_epochs + 1)
        shares = {name: _shares(losses) for name, losses in found.losses.items()}
        for trace, name in zip(traces, _NAMES, strict=True):
            trace.set_data(epochs, shares[name][: n_epochs + 1])
        val = _shares(found.val_losses)
        watched.set_data(epochs, val[: n_epochs + 1])
        beside.set_data(epochs, shares["NumPy"][: n_epochs + 1])
        best_epoch, stop_epoch = _stops(found.val_losses[: n_epochs + 1], int(patience))
        best.set_data([best_epoch], [val[best_epoch]])
        stop.set_data(*(([], []) if stop_epoch is None else ([stop_epoch], [val[stop_epoch]])))
        alarm.set_text("Diverges: lr is above 2/L" if lr > found.limit else "")
        table = tables[bool(diabetes)]
        head = f"{int(n_rows)} {table.rows}, {int(n_features)} feature{'s' * (n_features != 1)}, lr = {number(lr)}."
        return f"{head} {_say(found, table, lr, n_epochs, int(patience), best_epoch, stop_epoch)}"

    controls = {
        "lr": LogSlider("lr (log scale)", lr, 1e-3, 2.0),
        "n_epochs": Counter("epochs", n_epochs, max_epochs),
        "patience": Slider("patience", patience, 1, 60, 1),
        "n_features": Slider("features", n_features, 1, _MOST_FEATURES, 1),
        "n_rows": Slider("training rows", n_rows, 12, _MOST_ROWS, 1),
        "diabetes": Toggle("Diabetes instead of penguins"),
    }
    about = (
        "Two plots of the root mean squared error over the epochs, as a share of that at the start, on a log scale. "
        "Left: on the training rows, by NumPy (wide and light blue), by PyTorch (orange) and by JAX (dotted, black), "
        "one on top of the other. Right: on 100 validation rows (red, dashed) and on the training rows (blue); a green "
        "star marks the best epoch, an orange cross the epoch in which early stopping ends the training."
    )
    return Panel(stage, show, controls, about=about)


_NAMES = ("NumPy", "PyTorch", "JAX")


def _trace(stage: Stage, axes: Axes, name: str, style: tuple) -> Any:
    color, dashes, mark, width, alpha = style
    [line] = axes.plot([], [], dashes, color=color, marker=mark, markevery=20, markersize=width + 3, label=name)
    line.set(linewidth=width, alpha=alpha)
    return stage.moving(line)


def _shares(losses: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return roots of losses as shares of the first one, within what can be drawn."""
    with np.errstate(all="ignore"):
        shares = np.sqrt(losses / losses[0])
    return np.clip(np.nan_to_num(shares, nan=_FAR, posinf=_FAR), 1e-3, 1e30)


def _stops(val_losses: NDArray[np.float64], patience: int) -> tuple[int, int | None]:
    """Return the best epoch and the one in which early stopping ends the training, if it does."""
    best = 0
    for epoch, loss in enumerate(val_losses):
        if loss < val_losses[best]:
            best = epoch
        elif epoch - best >= patience:
            return best, epoch
    return best, None


def _say(
    run: _Run, table: _Table, lr: float, n_epochs: int, patience: int, best_epoch: int, stop_epoch: int | None
) -> str:
    losses = {name: losses[n_epochs] for name, losses in run.losses.items()}
    if lr > run.limit:
        return f"This lr is above the largest stable one, 2/L = {number(run.limit)}: it diverges, in all three alike."
    root = lambda loss: _round(np.sqrt(loss)) + table.unit
    apart = f"differ by at most {run.apart:.0e} of it" if run.apart > 0 else "do not differ at all"
    text = (
        f"After {n_epochs} epoch{'s' * (n_epochs != 1)} the training RMSE is {root(losses['NumPy'])}; the losses of "
        f"NumPy, PyTorch and JAX {apart}. Validation RMSE {root(run.val_losses[n_epochs])}, lowest "
        f"{root(run.val_losses[best_epoch])} in epoch {best_epoch}"
    )
    if stop_epoch is None:
        return f"{text}; with a patience of {patience}, training has not stopped yet."
    return f"{text}; with a patience of {patience}, training stops in epoch {stop_epoch}."


def _train(part: tuple[NDArray, NDArray, NDArray, NDArray], lr: float, n_epochs: int, torch: Any, in_jax: Any) -> _Run:
    Z, y, Z_val, y_val = part
    losses, val_losses = _numpy_training(Z, y, Z_val, y_val, lr, n_epochs)
    by_framework = {"NumPy": losses, "PyTorch": _torch_training(torch, Z, y, lr, n_epochs), "JAX": in_jax(Z, y, lr)}
    design = np.column_stack([np.ones(len(y)), Z])
    return _Run(by_framework, val_losses, float(2 / np.linalg.eigvalsh(2 * design.T @ design / len(y))[-1]))


def _numpy_training(Z, y, Z_val, y_val, lr, n_epochs):
    b, w, losses, val_losses = 0.0, np.zeros(Z.shape[1]), [], []
    with np.errstate(all="ignore"):
        for _ in range(n_epochs + 1):
            error = b + Z @ w - y
            losses.append((error**2).mean())
            val_losses.append(((b + Z_val @ w - y_val) ** 2).mean())
            b, w = b - lr * 2 * error.mean(), w - lr * 2 * Z.T @ error / len(y)
    return np.array(losses), np.array(val_losses)


def _torch_training(torch, Z, y, lr, n_epochs):
    Z, y = torch.from_numpy(Z), torch.from_numpy(y)
    b, w = (torch.zeros(shape, dtype=torch.float64, requires_grad=True) for shape in ((), Z.shape[1]))
    losses = []
    with torch.enable_grad():
        for _ in range(n_epochs + 1):
            loss = ((b + Z @ w - y) ** 2).mean()
            b_grad, w_grad = torch.autograd.grad(loss, (b, w))
            with torch.no_grad():
                b -= lr * b_grad
                w -= lr * w_grad
            losses.append(loss.item())
    return np.array(losses)


def _jax_training(jax: Any, n_epochs: int) -> Any:
    """Return a function of Z, y and lr that trains in JAX. Rows are filled up, so that it is compiled only once."""
    jnp = jax.numpy
    in_double_precision = jax.enable_x64 if hasattr(jax, "enable_x64") else jax.experimental.enable_x64

    @jax.jit
    def train(Z, y, weights, lr):
        def loss_of(params):
            return (weights * (params[0] + Z @ params[1:] - y) ** 2).sum()

        def epoch(params, _):
            loss, grad = jax.value_and_grad(loss_of)(params)
            return params - lr * grad, loss

        start = jnp.zeros(1 + Z.shape[1])
        return jax.lax.scan(epoch, start, None, length=n_epochs + 1)[1]

    def fill_up_and_train(Z, y, lr):
        n = len(y)
        filled = np.zeros((_MOST_ROWS, Z.shape[1])), np.zeros(_MOST_ROWS), np.zeros(_MOST_ROWS)
        for whole, part in zip(filled, (Z, y, np.full(n, 1 / n)), strict=True):
            whole[:n] = part
        with in_double_precision(True):
            return np.asarray(train(*filled, lr))

    return fill_up_and_train


# Figures ------------------------------------------------------------------------------------------------------------


def masses(table: Mapping[str, ArrayLike]) -> Picture:
    """Draw body mass against flipper length, by species.

    Parameters
    ----------
    table : mapping
        What `gdexercises.data.penguins` returns.

    Returns
    -------
    Picture
    """
    flipper, mass, species = (np.asarray(table[name]) for name in ("flipper_length_mm", "body_mass_g", "species"))
    whole = np.isfinite(flipper) & np.isfinite(mass)
    said = []
    with house_style():
        figure = Figure(figsize=(6.4, 3.8), layout="constrained")
        axes = figure.add_subplot()
        for name, color, mark in _SPECIES:
            own = whole & (species == name)
            axes.plot(
                flipper[own], mass[own], mark, color=color, alpha=0.75, markersize=5, label=f"{name} ({own.sum()})"
            )
            said.append(
                f"{own.sum()} {name}, {_round(flipper[own].mean())} mm and {_round(mass[own].mean())} g on average"
            )
        axes.set(xlabel="flipper length (mm)", ylabel="body mass (g)", title="Longer flippers, heavier penguins")
        axes.legend()
    return Picture(figure, f"Scatter plot of body mass against flipper length, by species: {'; '.join(said)}.")


def gaps(table: Mapping[str, ArrayLike]) -> Picture:
    """Draw which rows of which columns of a table are missing.

    Parameters
    ----------
    table : mapping
        Columns of numbers by name, NaN where one is missing.

    Returns
    -------
    Picture
    """
    columns = {name: np.isnan(np.asarray(values, dtype=float)) for name, values in table.items()}
    said = []
    with house_style():
        figure = Figure(figsize=(7, 0.9 + 0.4 * len(columns)), layout="constrained")
        axes = figure.add_subplot()
        for place, (name, missing) in enumerate(columns.items()):
            rows = np.flatnonzero(missing)
            axes.plot([0, len(missing) - 1], [place, place], "-", color="#b9d5ea", linewidth=9, solid_capstyle="butt")
            axes.plot(rows, np.full(rows.size, place), "X", color=VERMILLION, markeredgecolor=INK, markersize=10)
            said.append(f"{name}: " + (f"rows {', '.join(map(str, rows))}" if rows.size else "none"))
        axes.set(yticks=range(len(columns)), yticklabels=list(columns), ylim=(len(columns) - 0.4, -0.6))
        axes.set(xlabel="row of the table", ylabel="column", title="Gaps, each a cross")
    return Picture(
        figure, f"One bar for each column of the table, with a cross where a value is missing. {'; '.join(said)}."
    )


def compare_losses(
    histories: Mapping[str, ArrayLike], *, unit: str = "", title: str = "Loss over the epochs"
) -> Picture:
    """Draw the losses of several trainings on top of each other, as roots, and how far they are from the first.

    Parameters
    ----------
    histories : mapping
        By the name of the training, its losses before each update.
    unit : str
        Of the root of a loss.
    title : str

    Returns
    -------
    Picture
    """
    histories = {name: _array(losses).ravel() for name, losses in histories.items()}
    (first_name, first), *others = histories.items()
    said = []
    with house_style():
        figure = Figure(figsize=(9, 3.5), layout="constrained")
        left, right = figure.subplots(1, 2)
        for (name, losses), (color, dashes, mark, width, alpha) in zip(histories.items(), _STYLES, strict=False):
            every = max(1, losses.size // 8)
            line = {"linewidth": width, "alpha": alpha, "markevery": every, "markersize": width + 3}
            left.plot(np.sqrt(losses), dashes, color=color, marker=mark, label=name, **line)
        for (name, losses), (color, _, mark, *_) in zip(others, _STYLES[1:], strict=False):
            shared = min(losses.size, first.size)
            share = np.abs(losses[:shared] - first[:shared]) / first[:shared]
            # Rounding jumps up and down by decades from epoch to epoch: the largest of a stretch says enough.
            stretches = np.array_split(share, min(30, shared))
            largest = [max(stretch.max(), 1e-17) for stretch in stretches]
            ends = np.cumsum([len(stretch) for stretch in stretches]) - 1
            right.plot(ends, largest, color=color, marker=mark, markersize=5, label=name)
            said.append(f"{name} differs from {first_name} by at most {share.max():.0e} of the loss")
        label = f"RMSE ({unit}, log scale)" if unit else "root of the loss (log scale)"
        left.set(yscale="log", xlabel="epoch", ylabel=label, title=title)
        right.set(yscale="log", ylim=(0.5e-17, 1), xlabel="epoch", ylabel="share of the loss (log scale)")
        right.set_title(f"How far from {first_name} at most")
        right.axhline(1e-9, color=GREY, linestyle="--", linewidth=1)
        right.annotate("10⁻⁹", (0.99, 1e-9), xycoords=right.get_yaxis_transform(), ha="right", va="bottom", fontsize=9)
        left.legend()
        right.legend()
    names = ", ".join(histories)
    ends = f"from {_round(np.sqrt(first[0]))} to {_round(np.sqrt(first[-1]))}{' ' * bool(unit)}{unit}"
    alt = (
        f"Two line plots over {first.size} epochs. Left: the root of the loss on a log scale, by {names}, one on top "
        f"of the other, {ends} for {first_name}. Right: how far the others are from {first_name}: {'; '.join(said)}."
    )
    return Picture(figure, alt)


def stopping(val_losses: ArrayLike, losses: ArrayLike, best_epoch: int, *, unit: str = "") -> Picture:
    """Draw validation and training loss over the epochs, with the best epoch and that of the stop marked.

    Parameters
    ----------
    val_losses : array of shape (n,)
        Up to the epoch of the stop.
    losses : array of shape (m,)
        On the training rows; may go on after the stop.
    best_epoch : int
    unit : str
        Of the root of a loss.

    Returns
    -------
    Picture
    """
    val, train = np.sqrt(_array(val_losses).ravel()), np.sqrt(_array(losses).ravel())
    stop, best_epoch = val.size - 1, int(best_epoch)
    with house_style():
        figure = Figure(figsize=(6.4, 3.8), layout="constrained")
        axes = figure.add_subplot()
        axes.plot(train, "-", color=BLUE, label="training")
        axes.plot(val, "--", color=VERMILLION, label="validation")
        axes.plot(best_epoch, val[best_epoch], "*", color=GREEN, markeredgecolor=INK, markersize=15, label="best epoch")
        axes.plot(stop, val[stop], "X", color=ORANGE, markeredgecolor=INK, markersize=10, label="stops here")
        low = min(train.min(), val.min())
        axes.set(ylim=(0.9 * low, 1.6 * val[best_epoch]), xlabel="epoch", title="When to stop")
        axes.set_ylabel(f"RMSE ({unit})" if unit else "root of the loss")
        axes.legend()
    unit = f" {unit}" if unit else ""
    alt = (
        f"Line plot of the RMSE over the epochs. On the training rows (blue) it falls from {number(train[0])} to "
        f"{number(train[-1])}{unit}. On the validation rows (red, dashed) it is lowest in epoch {best_epoch} (star), "
        f"{number(val[best_epoch])}{unit}, and {number(val[stop])}{unit} in epoch {stop}, the last one (cross)."
    )
    return Picture(figure, alt)


def line_in_grams(X: ArrayLike, y: ArrayLike, intercept: float, slope: float, rmse: float) -> Picture:
    """Draw body mass against flipper length with the line of a model, and one RMSE on either side of it.

    Parameters
    ----------
    X : array of shape (N, 1)
        Flipper lengths in millimetres.
    y : array of shape (N,)
        Body masses in grams.
    intercept : float
        In grams.
    slope : float
        In grams for each millimetre.
    rmse : float
        In grams.

    Returns
    -------
    Picture
    """
    x, y = _array(X).ravel(), _array(y).ravel()
    intercept, slope, rmse = (float(_array(value).ravel()[0]) for value in (intercept, slope, rmse))
    ends = np.array([x.min() - 2, x.max() + 2])
    line = intercept + slope * ends
    sign = "-" if intercept < 0 else "+"
    formula = f"{number(slope)} g/mm · flipper {sign} {_round(abs(intercept))} g"
    inside = int((abs(intercept + slope * x - y) <= rmse).sum())
    with house_style():
        figure = Figure(figsize=(6.4, 3.8), layout="constrained")
        axes = figure.add_subplot()
        scatter(axes, x, y, marker="^", color=GREEN, label=f"validation ({x.size})")
        axes.plot(ends, line, "-", color=VERMILLION, label=f"mass = {formula}")
        axes.fill_between(ends, line - rmse, line + rmse, color=VERMILLION, alpha=0.12, label=f"± RMSE, {rmse:.0f} g")
        axes.set(xlabel="flipper length (mm)", ylabel="body mass (g)", title="The model in grams and millimetres")
        axes.legend(fontsize=9)
    alt = (
        f"Scatter plot of body mass in grams against flipper length in millimetres, {x.size} validation penguins, with "
        f"the line mass = {formula} and a band of one RMSE, {rmse:.0f} g, on either side; {inside} of the {x.size} "
        "are in it."
    )
    return Picture(figure, alt)


def measured_against_predicted(y: ArrayLike, yhat: ArrayLike, *, what: str, unit: str) -> Picture:
    """Draw predictions against what was measured, with the line on which they would be equal.

    Parameters
    ----------
    y, yhat : array of shape (N,)
        Measured and predicted.
    what : str
        Their name.
    unit : str

    Returns
    -------
    Picture
    """
    y, yhat = _array(y).ravel(), _array(yhat).ravel()
    rmse = float(np.sqrt(np.mean((yhat - y) ** 2)))
    low, high = min(y.min(), yhat.min()), max(y.max(), yhat.max())
    with house_style():
        figure = Figure(figsize=(5, 4), layout="constrained")
        axes = figure.add_subplot()
        axes.plot(y, yhat, "o", color=BLUE, alpha=0.75, markersize=5, label=f"validation ({y.size})")
        axes.plot([low, high], [low, high], "--", color=GREY, label="predicted = measured")
        axes.set(xlabel=f"measured {what} ({unit})", ylabel=f"predicted {what} ({unit})")
        axes.set_title(f"RMSE {number(rmse)} {unit}")
        axes.legend()
    alt = (
        f"Scatter plot of predicted against measured {what} in {unit}, {y.size} validation rows, around the line on "
        f"which both are equal. Measured from {_round(y.min())} to {_round(y.max())}, predicted from "
        f"{_round(yhat.min())} to {_round(yhat.max())}; RMSE {number(rmse)}."
    )
    return Picture(figure, alt)
