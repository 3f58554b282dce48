"""Lesson 09: its rules next to torch.optim and optax, the numbers that its prose quotes, its driver, and its panel."""

import re
from functools import partial

import numpy as np
import optax
import pytest
import torch

from gdexercises import optimizers
from gdexercises.checking import everywhere
from gdexercises.checking.drivers import Unusable, run
from gdexercises.environment import require
from gdexercises.figures import Picture
from gdexercises.tuning import Choice
from gdexercises.tuning import optimizers as panels

jax = require("jax")
jnp = jax.numpy

LESSON = "09-optimizers"
STEPS = 10
START = np.array([2.0, -1.5, 0.3])
RULES = ("plain", "momentum", "Nesterov", "Adagrad", "RMSProp", "Adam")
ADAM = {"lr": 0.1, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8}

pytestmark = pytest.mark.xdist_group(LESSON)


@pytest.fixture(scope="module")
def lesson(solved):
    return solved(LESSON)


@pytest.fixture(scope="module")
def prose(lesson):
    return re.sub(r"\s+", " ", lesson.prose)


@pytest.fixture
def double():
    """JAX in double precision."""
    with everywhere._double_precision():
        yield


# The same as the libraries ------------------------------------------------------------------------------------------


def slopes(params):
    """The gradients of a loss that is no bowl, on the arrays of any framework."""
    return params**3 - 1 + params * 0.5


def walk(update, params, state, n_steps=STEPS, slopes=slopes):
    """The places after each step."""
    places = []
    for _ in range(n_steps):
        params, *state = update(params, slopes(params), *state)
        places.append(np.asarray(params))
    return np.array(places)


def walk_in_torch(make, n_steps=STEPS, after=lambda: None):
    """The places after each step of an optimizer of PyTorch's."""
    leaf = torch.tensor(START, requires_grad=True)
    optimizer = make([leaf])
    scheduler = after(optimizer) if after.__code__.co_argcount else None
    places = []
    for _ in range(n_steps):
        leaf.grad = slopes(leaf.detach())
        optimizer.step()
        if scheduler is not None:
            scheduler.step()
        places.append(leaf.detach().numpy().copy())
    return np.array(places)


def walk_in_optax(optimizer, n_steps=STEPS):
    params = jnp.asarray(START)
    state, places = optimizer.init(params), []
    for _ in range(n_steps):
        updates, state = optimizer.update(slopes(params), state, params)
        params = optax.apply_updates(params, updates)
        places.append(np.asarray(params))
    return np.array(places)


def decaying(params, grads, total, t):
    params, total = optimizers.adagrad(params, grads, total, optimizers.decayed_lr(0.2, 0.3, t), 1e-10)
    return params, total, t + 1


def plain_decaying(params, grads, t):
    return params - optimizers.decayed_lr(0.1, 0.3, t) * grads, t + 1


# By name: the rule, how many arrays of zeros it starts with, what comes after them, the same in PyTorch and in optax.
SAME = {
    "momentum": (
        partial(optimizers.momentum, lr=0.05, beta=0.9), 1, (),
        partial(torch.optim.SGD, lr=0.05, momentum=0.9),
        lambda: optax.sgd(0.05, momentum=0.9),
    ),
    "nesterov": (
        partial(optimizers.nesterov, lr=0.05, beta=0.9), 1, (),
        partial(torch.optim.SGD, lr=0.05, momentum=0.9, nesterov=True),
        lambda: optax.sgd(0.05, momentum=0.9, nesterov=True),
    ),
    "adagrad": (
        partial(optimizers.adagrad, lr=0.1, eps=1e-10), 1, (),
        partial(torch.optim.Adagrad, lr=0.1),
        lambda: optax.adagrad(0.1, initial_accumulator_value=0.0, eps=1e-10),
    ),
    "rmsprop": (
        partial(optimizers.rmsprop, lr=0.01, beta=0.99, eps=1e-3), 1, (),
        partial(torch.optim.RMSprop, lr=0.01, alpha=0.99, eps=1e-3),
        lambda: optax.rmsprop(0.01, decay=0.99, eps=1e-3, eps_in_sqrt=False),
    ),
    "adam": (
        partial(optimizers.adam, lr=0.1, beta1=0.9, beta2=0.999, eps=1e-3), 2, (0,),
        partial(torch.optim.Adam, lr=0.1, eps=1e-3),
        lambda: optax.adam(0.1, eps=1e-3),
    ),
    "decayed_lr": (
        decaying, 1, (0,),
        partial(torch.optim.Adagrad, lr=0.2, lr_decay=0.3),
        None,
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", ["numpy", "torch", "jax"])
@pytest.mark.parametrize("name", SAME)
def test_ten_steps_equal_those_of_torch_optim_in_double_precision(name, kind, double):
    update, n_arrays, rest, make, _ = SAME[name]
    of_kind = {"numpy": np.array, "torch": torch.tensor, "jax": jnp.asarray}[kind]
    start = of_kind(START)
    assert str(start.dtype).endswith("float64")
    mine = walk(update, start, [0 * start] * n_arrays + list(rest))
    assert mine == pytest.approx(walk_in_torch(make), abs=1e-12)


@pytest.mark.parametrize("name", [name for name in SAME if SAME[name][4]])
def test_ten_steps_equal_those_of_optax_in_double_precision(name, double):
    update, n_arrays, rest, _, make = SAME[name]
    mine = walk(update, START, [0 * START] * n_arrays + list(rest))
    assert mine == pytest.approx(walk_in_optax(make()), abs=1e-9)


def test_plain_descent_with_a_decaying_rate_equals_a_scheduler_of_either_library(double):
    mine = walk(plain_decaying, START, [0])
    falls = lambda optimizer: torch.optim.lr_scheduler.LambdaLR(optimizer, lambda t: 1 / (1 + 0.3 * t))
    assert mine == pytest.approx(walk_in_torch(partial(torch.optim.SGD, lr=0.1), after=falls), abs=1e-12)
    assert mine == pytest.approx(walk_in_optax(optax.sgd(lambda t: 0.1 / (1 + 0.3 * t))), abs=1e-12)


# Where they differ --------------------------------------------------------------------------------------------------


def inside(params, grads, total, lr, eps):
    total = total + grads**2
    return params - lr * grads / (total + eps) ** 0.5, total


def test_optax_has_adagrads_epsilon_inside_and_starts_with_a_tenth(double):
    zeros, tenth = 0 * START, 0 * START + 0.1
    in_optax = walk_in_optax(optax.adagrad(0.1, initial_accumulator_value=0.0, eps=0.1))
    assert walk(partial(inside, lr=0.1, eps=0.1), START, [zeros]) == pytest.approx(in_optax, abs=1e-12)
    assert abs(walk(partial(optimizers.adagrad, lr=0.1, eps=0.1), START, [zeros]) - in_optax).max() > 1e-3
    by_default = walk_in_optax(optax.adagrad(0.1))
    assert walk(partial(inside, lr=0.1, eps=1e-7), START, [tenth]) == pytest.approx(by_default, abs=1e-12)
    assert abs(walk(partial(inside, lr=0.1, eps=1e-7), START, [zeros]) - by_default).max() > 1e-3


def test_optax_has_rmsprops_epsilon_inside_unless_told_and_another_decay(double):
    def rule(params, grads, v):
        v = 0.9 * v + 0.1 * grads**2
        return params - 0.01 * grads / (v + 0.1) ** 0.5, v

    assert walk(rule, START, [0 * START]) == pytest.approx(walk_in_optax(optax.rmsprop(0.01, eps=0.1)), abs=1e-12)
    assert torch.optim.RMSprop([torch.zeros(1)]).defaults["alpha"] == 0.99


def test_adams_epsilon_stands_outside_in_both_libraries(double):
    for place in (walk_in_torch(partial(torch.optim.Adam, lr=0.1, eps=0.5)), walk_in_optax(optax.adam(0.1, eps=0.5))):
        mine = walk(partial(optimizers.adam, **ADAM | {"eps": 0.5}), START, [0 * START, 0 * START, 0])
        assert mine == pytest.approx(place, abs=1e-12)


def test_pytorchs_dampening_leaves_the_first_gradient_undamped():
    def damped(params, grads, velocity, t):
        velocity = 0.9 * velocity + (0.1 if t else 1.0) * grads
        return params - 0.05 * velocity, velocity, t + 1

    theirs = walk_in_torch(partial(torch.optim.SGD, lr=0.05, momentum=0.9, dampening=0.9))
    assert walk(damped, START, [0 * START, 0]) == pytest.approx(theirs, abs=1e-12)


def test_table_of_conventions_says_so(prose):
    for words in (
        r"$\sqrt{s} + \varepsilon$ | $\sqrt{s + \varepsilon}$, and $s = 0.1$ at first",
        r"$\sqrt{v} + \varepsilon$ | $\sqrt{v + \varepsilon}$, unless told otherwise",
        "RMSProp's $\\beta$ is 0.99 in PyTorch and 0.9 in optax",
        "PyTorch leaves the very first gradient undamped",
    ):
        assert words in prose


def test_older_conventions_walk_the_same_path_until_lr_changes():
    rules = {
        name: optimizers.momentum.mistakes[name].implementation
        for name in ("lr_inside_the_velocity", "older_convention", "dampens")
    }
    mine = walk(partial(optimizers.momentum, lr=0.05, beta=0.9), START, [0 * START])
    for name in ("lr_inside_the_velocity", "older_convention"):
        assert walk(partial(rules[name], lr=0.05, beta=0.9), START, [0 * START]) == pytest.approx(mine, abs=1e-12)
    ten_times = walk(partial(rules["dampens"], lr=0.5, beta=0.9), START, [0 * START])
    assert ten_times == pytest.approx(mine, abs=1e-12)

    def falling(rule):
        def update(params, grads, velocity, t):
            return *rule(params, grads, velocity, 0.05 / (1 + t), 0.9), t + 1

        return walk(update, START, [0 * START, 0])

    assert abs(falling(optimizers.momentum) - falling(rules["lr_inside_the_velocity"])).max() > 0.01


def test_nesterovs_own_form_ahead_is_the_librarys(lesson):
    [his] = re.findall(r"^his own form, ahead: (.*)$", lesson.printed, re.M)
    [library] = re.findall(r"^the library's form:  (.*)$", lesson.printed, re.M)
    assert his == library
    [difference] = re.findall(r"^largest difference: (\S+)$", lesson.printed, re.M)
    assert float(difference) < 1e-14


def test_lesson_compares_all_five_with_pytorch(lesson):
    rows = re.findall(r"^(\S.*?) +largest difference after ten steps: (\S+)$", lesson.printed, re.M)
    assert len(rows) == 5 and all(float(difference) < 1e-12 for _, difference in rows)


# The prose ----------------------------------------------------------------------------------------------------------


def test_prose_on_the_ravine_of_plain_descent_is_true(lesson, prose):
    assert "leaves $1 - 0.03 \\cdot 50 = -0.5$ of the distance" in prose
    assert "after 60 steps it is still 16 %" in prose and round(100 * 0.97**60) == 16
    assert "step 60: params = [-0.3216  0.    ]" in lesson.printed and round(0.3216 / 2, 2) == 0.16


def test_velocity_tends_to_ten(lesson, prose):
    assert "It tends to $1 / (1 - \\beta) = 10$" in prose and "step 50: velocity = 9.948" in lesson.printed


def test_prose_on_the_rare_feature_is_true(lesson, prose):
    assert "25.0 times as far" in lesson.printed and "6.7 times as far" in lesson.printed
    assert "6.7 in place of 25" in prose
    assert "steps 1, 100 and 10,000: [0.1, 0.01, 0.001]" in lesson.printed


def test_rmsprop_walks_the_same_path_for_a_loss_in_other_units(lesson):
    rows = re.findall(r"^loss times +\d+: plain at .*, RMSProp at (.*)$", lesson.printed, re.M)
    assert len(rows) == 2 and rows[0] == rows[1]


def test_first_step_of_adam_is_as_the_prose_says(lesson, prose):
    assert "first steps with the correction: [0.1 0.1 0.1]" in lesson.printed
    assert "and without it:                  [0.3161 0.3162 0.3162]" in lesson.printed
    assert "$0.1 / \\sqrt{0.001} = 3.16$" in prose and round(0.1 / 0.001**0.5, 2) == 3.16


def test_sums_of_rates_are_as_the_prose_says(lesson, prose):
    assert "no more than $\\eta_0 / (1 - 0.9) = 10\\, \\eta_0$" in prose
    sums = re.findall(r"^sum of the first +[\d,]+ rates: +(\S+) if .*, (\S+) with a factor 0.9$", lesson.printed, re.M)
    assert [float(factor) for _, factor in sums] == [0.65, 1.0, 1.0]
    assert float(sums[2][0]) > 2 * float(sums[1][0])


def tables(lesson):
    """The three tables of fewest steps: of the ravine, of several beta in it, of the turned ravine."""
    row = r"^(plain|momentum|Nesterov|Adagrad|RMSProp|Adam|beta \S+) +(\d+|not within 500) steps(?: with lr = (\S+))?"
    rows = re.findall(row + r"; arrives with (\d+) of", lesson.printed, re.M)
    found = {name: (int(n) if n.isdigit() else None, float(lr or 0), int(k)) for name, n, lr, k in rows[:6]}
    betas = {float(name[5:]): int(n) if n.isdigit() else None for name, n, _, _ in rows[6:11]}
    turned = {name: (int(n) if n.isdigit() else None, float(lr or 0), int(k)) for name, n, lr, k in rows[11:]}
    return found, betas, turned


def test_prose_on_the_race_in_the_ravine_is_true(lesson, prose):
    found, betas, _ = tables(lesson)
    assert {name: steps for name, (steps, _, _) in found.items()} == {
        "plain": 127, "momentum": 82, "Nesterov": 51, "Adagrad": 5, "RMSProp": 276, "Adam": 79,
    }  # fmt: skip
    assert "Adagrad needs five steps." in prose and "RMSProp is the slowest of all." in prose
    assert "31 of the 41 learning rates will do, from 0.01 to 10" in prose and found["Adam"][2] == 31
    assert "With plain gradient descent it is 7" in prose and found["plain"][2] == 7
    assert max(count for _, _, count in found.values()) == 31
    assert betas == {0.0: 127, 0.3: 54, 0.6: 24, 0.9: 82, 0.99: None}
    assert "With $\\beta = 0.6$, 24 steps in place of the 127" in prose
    best = lambda ratio: ((ratio**0.5 - 1) / (ratio**0.5 + 1)) ** 2
    assert "Here that is 0.57" in prose and round(best(50), 2) == 0.57
    assert "where $L$ is 1400 times $\\ell$" in prose and round(best(1400), 2) == 0.9


def test_learning_rates_that_arrive_are_those_that_the_prose_names():
    def arrives(rule, state, lr):
        losses = (walk(partial(rule, lr=lr), np.array([-2.0, 0.4]), state, 500, RAVINE) ** 2) @ [0.5, 25]
        return np.isfinite(losses).all() and losses[-1] < 6e-4

    plain = lambda params, grads, lr: (params - lr * grads,)
    adam = partial(optimizers.adam, beta1=0.9, beta2=0.999, eps=1e-8)
    rates = np.logspace(-3, 1, 41)
    with np.errstate(all="ignore"):
        for rule, state, ends in ((plain, (), (0.01, 0.04)), (adam, (0.0, 0.0, 0), (0.01, 10.0))):
            good = [lr for lr in rates if arrives(rule, state, lr)]
            assert (good[0], good[-1]) == pytest.approx(ends, rel=0.01)


def RAVINE(params):
    return params * np.array([1.0, 50.0])


def test_turning_the_ravine_is_nothing_to_those_that_add_vectors(lesson, prose):
    found, _, turned = tables(lesson)
    for name in ("plain", "momentum", "Nesterov"):
        assert found[name] == turned[name]
    assert "need exactly as many steps as before" in prose
    assert "Adagrad's five steps have become 156" in prose and turned["Adagrad"][0] == 156 > turned["plain"][0]
    assert "RMSProp has lost as well" in prose and turned["RMSProp"][0] > 1.2 * found["RMSProp"][0]
    assert "Adam has lost nothing" in prose and turned["Adam"][0] <= found["Adam"][0]


def test_prose_on_the_saddle_is_true(lesson, prose):
    row = r"^(\w+) +has left the saddle after (\d+) steps, and ends with a loss of (\S+)$"
    found = {name: (int(steps), float(loss)) for name, steps, loss in re.findall(row, lesson.printed, re.M)}
    assert {name: steps for name, (steps, _) in found.items()} == {
        "plain": 131, "momentum": 37, "Nesterov": 34, "Adagrad": 18, "RMSProp": 4, "Adam": 11,
    }  # fmt: skip
    assert "stays for 131 steps" in prose and "leaves after 37" in prose and "RMSProp after 4 steps" in prose
    assert found["RMSProp"][1] > 1e-3 and found["Adagrad"][1] > 1e-2
    assert all(found[name][1] < 1e-11 for name in ("plain", "momentum", "Nesterov", "Adam"))
    [ridge] = re.findall(r"^started on the ridge itself: (.*)$", lesson.printed, re.M)
    assert set(re.findall(r": (\S+?)[,}]", ridge)) == {"0.0"}


def test_rmsprop_was_at_the_lowest_place_of_the_saddle_before_it_jumped():
    gradients = lambda params: np.array([20 * params[0], params[1] * (params[1] ** 2 - 1)])
    places = walk(
        partial(optimizers.rmsprop, lr=0.05, beta=0.9, eps=1e-8), np.array([-1.0, 0.001]), [0.0], 300, gradients
    )
    losses = 10 * places[:, 0] ** 2 + (places[:, 1] ** 2 - 1) ** 2 / 4
    assert losses[:90].min() < 1e-12 and losses[150:].min() > 1e-3


def test_prose_on_the_noisy_line_is_true(lesson, prose):
    rows = {}
    for lr, row in re.findall(r"^lr = +(\S+): (.*)$", lesson.printed, re.M):
        rows[float(lr)] = {name: float(floor) for name, floor in re.findall(r"(\w+) (\d+\.\d+)", row)}
    assert set(rows) == {0.01, 0.1} and set(rows[0.1]) == set(RULES)
    assert "settles eleven times *higher*" in prose and round(rows[0.1]["momentum"] / rows[0.1]["plain"]) == 11
    assert "0.0096 and 0.0109" in prose
    assert (rows[0.01]["momentum"], rows[0.1]["plain"]) == (0.0096, 0.0109)
    assert "Adam settles lower than plain at 0.1" in prose and rows[0.1]["Adam"] < rows[0.1]["plain"]
    assert rows[0.01]["Adam"] > 0.5 and rows[0.01]["Adagrad"] > 1 and rows[0.1]["Adagrad"] > 1
    names = ("plain, lr 0.3", "momentum, lr 0.03", "Adam, lr 0.3", "decaying, from 0.3")
    ends = {name: float(re.search(rf"^{name} +(\S+)$", lesson.printed, re.M)[1]) for name in names}
    assert "level out between 0.03 and 0.05" in prose
    assert all(0.029 <= ends[name] < 0.05 for name in names[:3])
    assert "at 0.0008, about sixty times lower" in prose and ends[names[3]] == 0.0008
    assert ends[names[0]] / ends[names[3]] == pytest.approx(60, rel=0.05)


def test_colleagues_training_creeps_and_the_repaired_one_arrives(lesson, prose):
    rows = re.findall(r"^ *(\d+) epochs: b = (\S+), w = (\S+), loss = (\S+)$", lesson.printed, re.M)
    lowest = float(re.search(r"^least squares: .* loss = (\S+)$", lesson.printed, re.M)[1])
    assert [int(epochs) for epochs, *_ in rows] == [100, 300, 1000] * 2
    losses = [float(loss) for *_, loss in rows]
    assert "After 300 epochs the loss is still six times as high" in prose and round(losses[1] / lowest) == 6
    assert losses[2] > 1.02 * lowest and losses[3] < 1.01 * lowest and losses[4] == lowest


def test_points_add_up_to_what_the_head_says(lesson):
    cells = [cell.metadata.nbgrader for cell in lesson.notebook.cells if "nbgrader" in cell.metadata]
    quiz = sum(cell.points for cell in cells if cell.grade and cell.points == 0.5)
    assert (sum(cell.points for cell in cells if cell.grade), quiz) == (17, 2)
    assert "There are 17 points: 15 for code, 2 for a short quiz." in lesson.prose


# The quiz -----------------------------------------------------------------------------------------------------------


def test_quiz_on_the_first_step_of_adam_is_true():
    for g in (0.01, -3.0, 30.0):
        (step, *_), (bare, *_) = (
            rule(0.0, g, 0.0, 0.0, 0, **ADAM)
            for rule in (optimizers.adam, optimizers.adam.mistakes["no_bias_correction"].implementation)
        )
        assert abs(step) == pytest.approx(0.1, rel=1e-5)
        assert abs(bare) == pytest.approx(0.32, rel=0.02)
    assert optimizers.first_step_of_adam.answer == {"a", "c"}


def test_quiz_on_a_loss_in_other_units_is_true():
    rules = {
        "a": (lambda params, grads: (params - 0.01 * grads,), 0, ()),
        "b": (partial(optimizers.momentum, lr=0.01, beta=0.9), 1, ()),
        "c": (partial(optimizers.adagrad, lr=0.1, eps=1e-12), 1, ()),
        "d": (partial(optimizers.rmsprop, lr=0.1, beta=0.9, eps=1e-12), 1, ()),
        "e": (partial(optimizers.adam, **ADAM | {"eps": 1e-12}), 2, (0,)),
    }
    same = set()
    for letter, (update, n_arrays, rest) in rules.items():
        state = [0 * START] * n_arrays + list(rest)
        one, other = (walk(update, START, state, 3, lambda p, scale=scale: scale * slopes(p)) for scale in (1, 100))
        if np.allclose(one, other, rtol=1e-9):
            same.add(letter)
    assert same == optimizers.loss_in_other_units.answer


def test_quiz_on_beta_is_true():
    def length(beta):
        return -np.diff(walk(partial(optimizers.momentum, lr=0.1, beta=beta), 0.0, [0.0], 3000, lambda p: 1.0))[-1]

    def floor(beta):
        rng = np.random.default_rng(0)
        noisy = lambda params: params + rng.standard_normal(params.shape)
        places = walk(partial(optimizers.momentum, lr=0.003, beta=beta), np.zeros(200), [0.0], 1500, noisy)
        return (places[-500:] ** 2).mean()

    assert length(0.99) / length(0.9) == pytest.approx(10)
    assert floor(0.99) > 5 * floor(0.9)
    assert optimizers.what_beta_changes.answer == {"a", "b"}


def test_quiz_on_the_turned_ravine_is_true(lesson):
    found, _, turned = tables(lesson)
    assert {name for name in RULES if found[name] == turned[name]} == {"plain", "momentum", "Nesterov"}
    assert optimizers.turned_ravine.answer == {"a", "b"}


# What the driver sees -----------------------------------------------------------------------------------------------


def test_check_tries_all_three_frameworks_on_the_same_kind_of_inputs():
    assert everywhere.frameworks() == ("numpy", "torch", "jax")
    for exercise in ("momentum", "nesterov", "adagrad", "rmsprop", "adam", "decayed_lr"):
        tried = [case.arguments[0] for case in getattr(optimizers, exercise).cases(0)]
        assert set(tried) == {"numpy", "torch", "jax"}


def test_driver_hands_over_arrays_of_the_framework_and_numbers_as_they_are():
    seen = []

    def spied(params, t, lr):
        seen.append((type(params), str(params.dtype), type(t), type(lr)))
        return params * lr, t

    for framework in everywhere.frameworks():
        everywhere.call_everywhere(spied, framework, np.array([1.0, 2.0]), 3, 0.1)
    kinds, dtypes, counts, rates = zip(*seen, strict=True)
    assert kinds[:2] == (np.ndarray, torch.Tensor) and issubclass(kinds[2], jax.core.Tracer)
    assert dtypes == ("float64", "torch.float64", "float64")
    assert {*counts} == {int} and {*rates} == {float}
    assert jnp.ones(1).dtype == jnp.float32  # double precision was for the driver alone


@pytest.mark.parametrize(
    ("framework", "attempt", "words"),
    [
        ("numpy", lambda params: jnp.array(params), ("Given NumPy arrays", "a JAX array")),
        ("numpy", lambda params: (list(params), params), ("Given NumPy arrays", "a list")),
        ("torch", lambda params: (params.numpy(), params), ("Given PyTorch tensors", "a NumPy array")),
        ("jax", lambda params: np.sqrt(params), ("jax.jit", "** 0.5")),
    ],
)
def test_driver_complains_of_arrays_of_another_kind(framework, attempt, words):
    with pytest.raises(Unusable) as raised:
        everywhere.call_everywhere(attempt, framework, np.array([1.0, 2.0]))
    assert all(word in str(raised.value) for word in words)


def test_change_of_a_pytorch_tensor_in_place_is_seen():
    def attempt(params):
        return params.mul_(2) if hasattr(params, "mul_") else 2 * params

    [case] = [case for case in optimizers.decayed_lr.cases(0) if case.arguments[0] == "torch"]
    framework, _, _, array = case.arguments
    outcome = run(everywhere.call_everywhere, attempt, type(case)("", framework, array).encoded)
    assert outcome.arguments[1] != case.sent[3]


def test_check_that_passed_without_a_framework_says_so(monkeypatch):
    monkeypatch.setattr(everywhere, "_is_here", lambda package: package != "jax")
    everywhere.frameworks.cache_clear()
    try:
        assert everywhere.frameworks() == ("numpy", "torch")
        verdict = optimizers.momentum.verdict(lambda p, g, v, lr, beta: (p - lr * (beta * v + g), beta * v + g))
        assert verdict.passed and verdict.notes[0].startswith("Not tried on JAX arrays")
    finally:
        everywhere.frameworks.cache_clear()


def test_check_with_all_frameworks_has_nothing_to_say():
    assert optimizers.momentum.verdict(optimizers.momentum.reference, seed=0).notes == ()


def test_mistake_in_adam_is_carried_on_by_the_training():
    adam = optimizers.adam.mistakes["no_bias_correction"].implementation
    assert optimizers.adam.verdict(adam, seed=0).mistake == "no_bias_correction"

    def train_line(x, y, b, w, lr, n_epochs):
        states, losses = [(0.0, 0.0, 0)] * 2, []
        for _ in range(n_epochs):
            error = b + w * x - y
            losses.append((error**2).mean())
            b_grad, w_grad = 2 * error.mean(), 2 * (x * error).mean()
            b, *states[0] = adam(b, b_grad, *states[0], lr, 0.9, 0.999, 1e-8)
            w, *states[1] = adam(w, w_grad, *states[1], lr, 0.9, 0.999, 1e-8)
        return b, w, losses

    verdict = optimizers.train_line.verdict(train_line, seed=0)
    assert verdict.passed and "calls your adam" in verdict.notes[0]


# Panel and figures --------------------------------------------------------------------------------------------------


@pytest.fixture
def panel():
    return panels.race()


@pytest.mark.parametrize(
    "change",
    [*({"landscape": place} for place in (1, 2, 3)), {"lr": 0.03}, {"beta": 0.5}, {"n_steps": 7}, {"decays": True}],
)
def test_panel_changes_picture_and_text_with_each_control(panel, change):
    picture, text = panel.png(), panel.text
    panel.set(**change)
    assert panel.png() != picture
    assert panel.text != text
    panel.reset()
    assert (panel.png(), panel.text) == (picture, text)


def losses_in(text):
    return {name: float(loss) for name, loss in re.findall(r"(plain|momentum|Nesterov|\w+) (\d\S*?)[,.](?: |$)", text)}


@pytest.mark.parametrize("decays", [False, True])
def test_panel_runs_what_the_lesson_teaches(panel, decays):
    panel.set(lr=0.025, n_steps=40, decays=decays)
    lr, n = panel.values["lr"], panel.values["n_steps"]
    rules = {
        "plain": (lambda params, grads, lr: (params - lr * grads,), ()),
        "momentum": (partial(optimizers.momentum, beta=0.9), (0.0,)),
        "Nesterov": (partial(optimizers.nesterov, beta=0.9), (0.0,)),
        "Adagrad": (partial(optimizers.adagrad, eps=1e-8), (0.0,)),
        "RMSProp": (partial(optimizers.rmsprop, beta=0.9, eps=1e-8), (0.0,)),
        "Adam": (partial(optimizers.adam, beta1=0.9, beta2=0.999, eps=1e-8), (0.0, 0.0, 0)),
    }
    for name, (rule, state) in rules.items():
        params = np.array([-2.0, 0.4])
        for t in range(n):
            rate = optimizers.decayed_lr(lr, 0.05, t) if decays else lr
            params, *state = rule(params, RAVINE(params), *state, lr=rate)
        assert f"{name} {(params**2 @ [0.5, 25]):.3g}" in panel.text


def test_panel_answers_its_questions(panel):
    # 1. Limits: Nesterov's is the lowest, momentum's the highest.
    for lr, lost in (
        (0.0251, None),
        (0.0299, "Nesterov"),
        (0.0447, "plain, Nesterov"),
        (0.0794, "plain, momentum, Nesterov"),
    ):
        panel.set(lr=lr, n_steps=200)
        assert re.findall(r"Far above the start: (.*)\.$", panel.text) == ([lost] if lost else [])
    # 2. Adagrad is ahead in the ravine, and Adam in the turned one.
    panel.set(lr=0.3, n_steps=60)
    assert "best first: Adagrad" in panel.text
    panel.set(landscape=1)
    assert "best first: Adam" in panel.text
    # 3. beta near 0.8.
    panel.reset()
    by_beta = {}
    for beta in np.arange(0, 1, 0.05).round(2):
        panel.set(beta=float(beta))
        by_beta[float(beta)] = float(re.search(r"momentum (\d\S*?)[,.](?: |$)", panel.text)[1])
    assert 0.7 <= min(by_beta, key=by_beta.get) <= 0.85
    # 5. Adam and Adagrad lose, all others gain.
    panel.reset()
    panel.set(landscape=3, lr=0.2, n_steps=200)
    before = losses_in(panel.text)
    panel.set(decays=True)
    after = losses_in(panel.text.replace("1 / (1 + 0.05 t)", ""))
    assert {name for name in RULES if after[name] < before[name]} == {"plain", "momentum", "Nesterov", "RMSProp"}


def test_first_to_leave_the_saddle_in_the_panel_is_rmsprop(panel):
    panel.set(landscape=2)
    walked = panels._walk(2, panel.values["lr"], 0.9, False)
    first = {name: np.flatnonzero(abs(walked[:, racer, 1]) > 0.5)[:1] for racer, name in enumerate(panels._NAMES)}
    left = {name: int(steps[0]) for name, steps in first.items() if steps.size}
    assert min(left, key=left.get) == "RMSProp"


def test_panel_keeps_numbers_finite_where_racers_diverge(panel):
    panel.set(lr=3.0, beta=0.99, n_steps=200)
    assert "beyond 10⁹" in panel.text and "nan" not in panel.text and "inf" not in panel.text


def test_panel_is_one_line_while_a_notebook_is_graded(monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    assert isinstance(panels.race(), str)


def test_choice_keeps_to_its_names():
    choice = Choice("landscape", 0, ("one", "two"))
    assert [choice.clip(value) for value in (-1, 0, 1, 5)] == [0, 0, 1, 1]
    assert [name for name, _ in choice.widget().options] == ["one", "two"]


@pytest.mark.parametrize(
    ("picture", "words"),
    [
        (
            lambda: panels.show_race(
                lambda p: float(p @ p), {"Adam": [np.array([1.0, 2.0]), np.zeros(2)]}, {"Adam": [5.0, 0.0]}
            ),
            ("1 optimizer,", "From 5 at the start, loss after 1 step: Adam 0."),
        ),
        (
            lambda: panels.show_race(
                lambda p: float(p @ p),
                {"Adam": [np.ones(2), np.zeros(2)], "other": [np.ones(2), np.full(2, np.nan)]},
                {"Adam": [2.0, 0.0], "other": [2.0, np.nan]},
            ),
            ("2 optimizers", "Adam 0, other nan."),
        ),
        (
            lambda: panels.loss_curves({"plain, lr 0.3": [4.0, 2.0], "Adam": [4.0, 1.0]}),
            ("From 4 at the start", "plain, lr 0.3 2, Adam 1."),
        ),
    ],
)
def test_figure_says_in_words_what_it_shows(picture, words):
    shown = picture()
    assert isinstance(shown, Picture)
    assert shown.png.startswith(b"\x89PNG")
    assert all(word in shown.alt for word in words)
