"""Lesson 09: optimizers, each an update rule written once for the arrays of NumPy, PyTorch and JAX.

The rules and their conventions are those of PyTorch's optimizers; the lesson names where others differ. They are
surveyed in S. Ruder, "An overview of gradient descent optimization algorithms", arXiv:1609.04747.
"""

import numpy as np

from gdexercises.checking import Case, Quiz, Unusable, driver, exercise, right, wrong
from gdexercises.checking.compare import show
from gdexercises.checking.everywhere import call_everywhere, frameworks, said_of_missing

_EVERYWHERE = {"numpy": "", "torch": "PyTorch tensors", "jax": "JAX arrays under jax.jit"}


def _away(rng, *shape):
    """Numbers of either sign that are not near 0."""
    return np.round(rng.uniform(0.5, 3, shape) * rng.choice([-1, 1], shape), 2)


def _squares(rng, *shape):
    """What a sum or mean of squared gradients may be."""
    return np.round(rng.uniform(0.5, 4, shape), 2)


def _case(label, name, framework, **arguments):
    short = {key: show(value) for key, value in arguments.items()}
    inline = ", ".join(f"{key}={text}" for key, text in short.items() if "\n" not in text)
    long = "".join(f"\n{key} = {text}" for key, text in short.items() if "\n" in text)
    where = f" with {_EVERYWHERE[framework]}" if _EVERYWHERE[framework] else ""
    return Case(label, framework, *arguments.values(), call=f"{name}({inline}){where}{long}")


def _updates(name, draw):
    """Inputs for a rule: ``draw(rng, shape, first)`` gives its arguments, those of the very first step if `first`."""

    def inputs(rng):
        yield _case("three parameters", name, "numpy", **draw(rng, (3,), False))
        yield _case("the first step", name, "numpy", **draw(rng, (3,), True))
        table = draw(rng, (2, 3), False)
        single = {
            key: value.astype(np.float32) if isinstance(value, np.ndarray) else value for key, value in table.items()
        }
        yield _case("a table of parameters, in single precision", name, "numpy", **single)
        for framework in frameworks()[1:]:
            yield _case(_EVERYWHERE[framework], name, framework, **draw(rng, (3,), False))

    return inputs


# Momentum -----------------------------------------------------------------------------------------------------------


def _with_a_velocity(rng, shape, first):
    velocity = np.zeros(shape) if first else _away(rng, *shape)
    numbers = {"lr": round(rng.uniform(0.05, 0.4), 2), "beta": round(rng.uniform(0.6, 0.9), 2)}
    return {"params": _away(rng, *shape), "grads": _away(rng, *shape), "velocity": velocity, **numbers}


@exercise(
    inputs=_updates("momentum", _with_a_velocity),
    driver=call_everywhere,
    returns=("params", "velocity"),
    remarks=said_of_missing,
    hints=(
        "Two lines, in this order: first the new velocity, then the new params, by means of the new velocity.",
        "The velocity keeps beta of what it was, and the gradient is added to it as it is.",
        "The update is that of gradient descent, with the velocity in place of the gradient.",
    ),
)
def momentum(params, grads, velocity, lr, beta):
    """One step of gradient descent with momentum.

    Parameters
    ----------
    params : array
        Of any shape: NumPy, PyTorch or JAX.
    grads : array
        Gradients at `params`, of the same shape.
    velocity : array
        Of the same shape; zeros before the first step. In units of the gradient.
    lr : float
        Learning rate.
    beta : float
        How much of the velocity is kept, from 0 to 1.

    Returns
    -------
    params, velocity : array
        After the step. What was handed over is left as it was.

    Notes
    -----
    As in ``torch.optim.SGD(momentum=beta)`` (dampening 0) and ``optax.sgd(momentum=beta)``.
    """
    velocity = beta * velocity + grads
    return params - lr * velocity, velocity


@momentum.mistake(
    "You damp the gradient: (1 - beta) * grads makes the velocity a mean of the gradients, and the steps are 1 - beta "
    "times as long. That is the convention of Adam's m (and of PyTorch's dampening, after the first step). Here the "
    "gradient is added as it is."
)
def dampens(params, grads, velocity, lr, beta):
    velocity = beta * velocity + (1 - beta) * grads
    return params - lr * velocity, velocity


@momentum.mistake(
    "lr is inside of your velocity. Then the velocity is in units of the parameters, and goes on with the old lr when "
    "lr changes. Older texts write it so. Here, as in PyTorch and optax, lr stands outside: the velocity is made of "
    "gradients alone, and params - lr * velocity is the step."
)
def lr_inside_the_velocity(params, grads, velocity, lr, beta):
    velocity = beta * velocity + lr * grads
    return params - velocity, velocity


@momentum.mistake(
    "lr is used twice: it belongs into the step, params - lr * velocity, and not into the velocity as well."
)
def lr_twice(params, grads, velocity, lr, beta):
    velocity = beta * velocity + lr * grads
    return params - lr * velocity, velocity


@momentum.mistake("lr is missing: the step is lr * velocity.")
def forgets_lr(params, grads, velocity, lr, beta):
    velocity = beta * velocity + grads
    return params - velocity, velocity


@momentum.mistake("The step goes uphill: subtract lr * velocity.")
def uphill(params, grads, velocity, lr, beta):
    velocity = beta * velocity + grads
    return params + lr * velocity, velocity


@momentum.mistake(
    "The velocity has the other sign: yours points downhill and is added. The path is the same from the start on, but "
    "the velocity that comes in here adds gradients up: beta * velocity + grads, and then it is subtracted."
)
def velocity_points_downhill(params, grads, velocity, lr, beta):
    velocity = beta * velocity - grads
    return params + lr * velocity, velocity


@momentum.mistake(
    "The velocity has the other sign and lr inside, as in some older texts: v = beta * v - lr * grads, params + v. "
    "Here the velocity is made of gradients alone, beta * velocity + grads, and the step is params - lr * velocity."
)
def older_convention(params, grads, velocity, lr, beta):
    velocity = beta * velocity - lr * grads
    return params + velocity, velocity


@momentum.mistake(
    "The gradient is subtracted from the velocity, and the velocity from params: the new gradient then pushes uphill. "
    "Add it: beta * velocity + grads."
)
def gradient_slows_the_velocity(params, grads, velocity, lr, beta):
    velocity = beta * velocity - grads
    return params - lr * velocity, velocity


@momentum.mistake("You step by the old velocity. Compute the new one first, then step by that.")
def steps_by_the_old_velocity(params, grads, velocity, lr, beta):
    return params - lr * velocity, beta * velocity + grads


@momentum.mistake("beta is missing: without friction the velocity is the sum of all gradients, and it never settles.")
def forgets_beta(params, grads, velocity, lr, beta):
    velocity = velocity + grads
    return params - lr * velocity, velocity


@momentum.mistake("The step is that of plain gradient descent: step by the velocity, not by grads.")
def steps_by_the_gradient(params, grads, velocity, lr, beta):
    return params - lr * grads, beta * velocity + grads


@momentum.mistake(
    "The velocity that you return is the old one, so the next step begins where this one did. Return the new velocity."
)
def returns_the_old_velocity(params, grads, velocity, lr, beta):
    return params - lr * (beta * velocity + grads), velocity


@momentum.mistake("beta weighs the old velocity alone: beta * velocity + grads, without brackets around the sum.")
def beta_on_both(params, grads, velocity, lr, beta):
    velocity = beta * (velocity + grads)
    return params - lr * velocity, velocity


@momentum.mistake("beta weighs the wrong one: it is the old velocity that is kept in part, beta * velocity + grads.")
def beta_on_the_gradient(params, grads, velocity, lr, beta):
    velocity = velocity + beta * grads
    return params - lr * velocity, velocity


@momentum.mistake(
    "The weights are exchanged, and the gradient is damped: you keep 1 - beta of the velocity. Keep beta of it, and "
    "add the gradient as it is."
)
def exchanges_weights(params, grads, velocity, lr, beta):
    velocity = (1 - beta) * velocity + beta * grads
    return params - lr * velocity, velocity


@momentum.mistake("The gradient is counted twice: it is in the new velocity already, so step by the velocity alone.")
def adds_the_gradient_again(params, grads, velocity, lr, beta):
    velocity = beta * velocity + grads
    return params - lr * (velocity + grads), velocity


@momentum.mistake(
    "That is Nesterov's step, grads + beta * velocity with the new velocity; it comes next. Here, step by the velocity."
)
def looks_ahead(params, grads, velocity, lr, beta):
    velocity = beta * velocity + grads
    return params - lr * (grads + beta * velocity), velocity


@momentum.mistake("The results are exchanged: first params, then velocity.")
def exchanges_results(params, grads, velocity, lr, beta):
    velocity = beta * velocity + grads
    return velocity, params - lr * velocity


@momentum.mistake(
    "The state is missing: you return params alone, and the next step has nothing to go on with. Return "
    "params, velocity."
)
def returns_params_alone(params, grads, velocity, lr, beta):
    return momentum.reference(params, grads, velocity, lr, beta)[0]


# Nesterov -----------------------------------------------------------------------------------------------------------


@exercise(
    inputs=_updates("nesterov", _with_a_velocity),
    driver=call_everywhere,
    returns=("params", "velocity"),
    remarks=said_of_missing,
    builds_on=(momentum,),
    hints=(
        "The velocity is the same as with momentum. Only the step is another one.",
        "Step by what the velocity will be if the same gradient comes once more: beta times the new velocity, plus the "
        "gradient.",
    ),
)
def nesterov(params, grads, velocity, lr, beta):
    """One step of Nesterov's momentum, in the form that deep learning libraries use.

    Parameters
    ----------
    params : array
        Of any shape: NumPy, PyTorch or JAX.
    grads : array
        Gradients at `params`, of the same shape.
    velocity : array
        Of the same shape; zeros before the first step. In units of the gradient.
    lr : float
        Learning rate.
    beta : float
        How much of the velocity is kept, from 0 to 1.

    Returns
    -------
    params, velocity : array
        After the step. What was handed over is left as it was.

    Notes
    -----
    As in ``torch.optim.SGD(momentum=beta, nesterov=True)`` and ``optax.sgd(momentum=beta, nesterov=True)``. Nesterov's
    own form takes the gradient ahead, at ``params - lr * beta * velocity``; the `params` here are those places.
    """
    velocity = beta * velocity + grads
    return params - lr * (grads + beta * velocity), velocity


@nesterov.mistake(
    "That is momentum, not Nesterov's step. (grads + beta * velocity with the old velocity is the new velocity: then "
    "both steps are the same.) Take the new velocity once more: step by grads + beta * velocity after it was updated."
)
def plain_momentum(params, grads, velocity, lr, beta):
    velocity = beta * velocity + grads
    return params - lr * velocity, velocity


@nesterov.mistake("The velocity in the step needs a factor beta, too: grads + beta * velocity.")
def forgets_the_second_beta(params, grads, velocity, lr, beta):
    velocity = beta * velocity + grads
    return params - lr * (grads + velocity), velocity


@nesterov.mistake("The gradient itself is missing in the step: grads + beta * velocity.")
def forgets_the_gradient(params, grads, velocity, lr, beta):
    velocity = beta * velocity + grads
    return params - lr * beta * velocity, velocity


@nesterov.mistake(
    "You return the direction of the step as the velocity. The velocity to be kept is beta * velocity + grads, as with "
    "momentum; the look ahead is for this step only."
)
def keeps_the_look_ahead(params, grads, velocity, lr, beta):
    step = grads + beta * (beta * velocity + grads)
    return params - lr * step, step


@nesterov.mistake(
    "You damp the gradient: (1 - beta) * grads. As with momentum, the gradient is added to the velocity as it is."
)
def dampens_nesterov(params, grads, velocity, lr, beta):
    velocity = beta * velocity + (1 - beta) * grads
    return params - lr * (grads + beta * velocity), velocity


@nesterov.mistake(
    "You damp the gradient, in the velocity and in the step: (1 - beta) * grads. Here it is added as it is, both times."
)
def dampens_both(params, grads, velocity, lr, beta):
    velocity = beta * velocity + (1 - beta) * grads
    return params - lr * ((1 - beta) * grads + beta * velocity), velocity


@nesterov.mistake(
    "lr is inside of your velocity. Here it stands outside, as with momentum: the velocity is made of gradients alone."
)
def lr_inside_of_it(params, grads, velocity, lr, beta):
    velocity = beta * velocity + lr * grads
    return params - (lr * grads + beta * velocity), velocity


@nesterov.mistake(
    "The velocity has the other sign. Here it adds gradients up, beta * velocity + grads, and the step is subtracted."
)
def other_sign(params, grads, velocity, lr, beta):
    velocity = beta * velocity - grads
    return params + lr * (beta * velocity - grads), velocity


@nesterov.mistake("The step goes uphill: subtract lr times it.")
def goes_uphill(params, grads, velocity, lr, beta):
    velocity = beta * velocity + grads
    return params + lr * (grads + beta * velocity), velocity


@nesterov.mistake("lr is missing: the step is lr * (grads + beta * velocity).")
def leaves_out_lr(params, grads, velocity, lr, beta):
    velocity = beta * velocity + grads
    return params - (grads + beta * velocity), velocity


@nesterov.mistake("lr belongs to the whole step, lr * (grads + beta * velocity): you have it at one of the two only.")
def lr_on_the_gradient_alone(params, grads, velocity, lr, beta):
    velocity = beta * velocity + grads
    return params - lr * grads - beta * velocity, velocity


@nesterov.mistake("The velocity that you return is the old one. Return the new one, for the next step.")
def keeps_the_old_velocity(params, grads, velocity, lr, beta):
    return params - lr * (grads + beta * (beta * velocity + grads)), velocity


@nesterov.mistake(
    "That is Nesterov's own first half: you return the place ahead, from where you came. The gradient that you got was "
    "taken there already; step from params by lr * (grads + beta * velocity), with the new velocity."
)
def shifts_the_start(params, grads, velocity, lr, beta):
    ahead = params - lr * beta * velocity
    velocity = beta * velocity + grads
    return ahead - lr * velocity, velocity


@nesterov.mistake(
    "The state is missing: you return params alone, and the next step has nothing to go on with. Return "
    "params, velocity."
)
def forgets_the_velocity(params, grads, velocity, lr, beta):
    return nesterov.reference(params, grads, velocity, lr, beta)[0]


# Adagrad ------------------------------------------------------------------------------------------------------------


def _with_a_total(rng, shape, first):
    grads, total = _away(rng, *shape), np.zeros(shape) if first else _squares(rng, *shape)
    if first:
        grads[0] = 0.0  # without eps, 0/0
    numbers = {"lr": round(rng.uniform(0.1, 0.9), 2), "eps": round(rng.uniform(0.2, 0.6), 2)}
    return {"params": _away(rng, *shape), "grads": grads, "total": total, **numbers}


@exercise(
    inputs=_updates("adagrad", _with_a_total),
    driver=call_everywhere,
    returns=("params", "total"),
    remarks=said_of_missing,
    hints=(
        "First the new total: the squared gradients are added to it, each parameter's to its own entry.",
        "Then the step: lr * grads, divided by the root of the new total plus eps. ** 0.5 is a root on every array.",
    ),
)
def adagrad(params, grads, total, lr, eps):
    """One step of Adagrad: each parameter's step is divided by the root of all its squared gradients so far.

    Parameters
    ----------
    params : array
        Of any shape: NumPy, PyTorch or JAX.
    grads : array
        Gradients at `params`, of the same shape.
    total : array
        Sum of the squared gradients so far, of the same shape; zeros before the first step.
    lr : float
        Learning rate, in units of the parameters.
    eps : float
        Added to the root, so that nothing is divided by 0.

    Returns
    -------
    params, total : array
        After the step. What was handed over is left as it was.

    Notes
    -----
    As in ``torch.optim.Adagrad``. ``optax.adagrad`` has `eps` under the root, and starts with a total of 0.1.
    J. Duchi, E. Hazan, Y. Singer, "Adaptive subgradient methods", JMLR 12 (2011).
    """
    total = total + grads**2
    return params - lr * grads / (total**0.5 + eps), total


@adagrad.mistake(
    "Epsilon stands inside of the root: (total + eps) ** 0.5. Ruder and optax write it so; here, as in PyTorch, it is "
    "added to the root: total ** 0.5 + eps."
)
def epsilon_inside(params, grads, total, lr, eps):
    total = total + grads**2
    return params - lr * grads / (total + eps) ** 0.5, total


@adagrad.mistake("eps is missing: a parameter whose gradients were all 0 would get 0/0. Divide by total ** 0.5 + eps.")
def forgets_epsilon(params, grads, total, lr, eps):
    total = total + grads**2
    return params - lr * grads / total**0.5, total


@adagrad.mistake("The root is missing: divide by total ** 0.5 + eps, not by the total itself.")
def forgets_the_root(params, grads, total, lr, eps):
    total = total + grads**2
    return params - lr * grads / (total + eps), total


@adagrad.mistake("You divide by the old total. Add this step's squared gradients first, then use the new total.")
def uses_the_old_total(params, grads, total, lr, eps):
    return params - lr * grads / (total**0.5 + eps), total + grads**2


@adagrad.mistake("You add the gradients themselves, so that signs cancel. Add their squares: grads ** 2.")
def adds_gradients(params, grads, total, lr, eps):
    total = total + grads
    return params - lr * grads / (abs(total) ** 0.5 + eps), total


@adagrad.mistake("You add up absolute values. Add squares, and take the root of the sum.")
def adds_absolute_values(params, grads, total, lr, eps):
    total = total + abs(grads)
    return params - lr * grads / (total + eps), total


@adagrad.mistake("The total forgets the past: it is this step's squared gradient alone. Add that to the old total.")
def forgets_the_past(params, grads, total, lr, eps):
    total = grads**2
    return params - lr * grads / (total**0.5 + eps), total


@adagrad.mistake("The total that you return is the old one. Return the one with this step's squares in it.")
def returns_the_old_total(params, grads, total, lr, eps):
    return params - lr * grads / ((total + grads**2) ** 0.5 + eps), total


@adagrad.mistake("You return the root as the state. Return the total itself: the next step adds squares to it.")
def returns_the_root(params, grads, total, lr, eps):
    root = (total + grads**2) ** 0.5
    return params - lr * grads / (root + eps), root


@adagrad.mistake(
    "All parameters share one total: you sum over the entries, so all get the same rate. The point of Adagrad is one "
    "for each parameter: no sum, no mean, only total + grads ** 2."
)
def shares_the_total(params, grads, total, lr, eps):
    total = total + grads**2
    return params - lr * grads / (total.sum() ** 0.5 + eps), total


@adagrad.mistake(
    "All parameters share one squared gradient: you add the sum over the entries to each of them. Add grads ** 2, "
    "entry by entry."
)
def shares_the_squares(params, grads, total, lr, eps):
    total = total + (grads**2).sum()
    return params - lr * grads / (total**0.5 + eps), total


@adagrad.mistake("eps went into the state, so it is added anew in every step. Add it to the root, for this step only.")
def keeps_epsilon(params, grads, total, lr, eps):
    total = total + grads**2 + eps
    return params - lr * grads / total**0.5, total


@adagrad.mistake("The step goes uphill: subtract it.")
def climbs(params, grads, total, lr, eps):
    total = total + grads**2
    return params + lr * grads / (total**0.5 + eps), total


@adagrad.mistake("You multiply by the root. Divide: where gradients were large, steps are to be small.")
def multiplies(params, grads, total, lr, eps):
    total = total + grads**2
    return params - lr * grads * (total**0.5 + eps), total


@adagrad.mistake("The gradient is missing in the step: lr * grads / (total ** 0.5 + eps).")
def steps_without_gradient(params, grads, total, lr, eps):
    total = total + grads**2
    return params - lr / (total**0.5 + eps), total


@adagrad.mistake("lr is missing: the step is lr * grads / (total ** 0.5 + eps).")
def leaves_lr_out(params, grads, total, lr, eps):
    total = total + grads**2
    return params - grads / (total**0.5 + eps), total


@adagrad.mistake(
    "The state is missing: you return params alone, and the next step has nothing to go on with. Return params, total."
)
def forgets_the_total(params, grads, total, lr, eps):
    return adagrad.reference(params, grads, total, lr, eps)[0]


@adagrad.mistake(
    "Brackets are missing: what stands behind the division sign is the root alone, and eps is added to the parameters. "
    "Divide by the sum: lr * grads / (total ** 0.5 + eps)."
)
def adds_epsilon_to_params(params, grads, total, lr, eps):
    total = total + grads**2
    return params - lr * grads / total**0.5 + eps, total


@adagrad.mistake("total ** 1/2 is half of the total: powers come before divisions. Write ** 0.5 or ** (1/2).")
def halves(params, grads, total, lr, eps):
    total = total + grads**2
    return params - lr * grads / (total / 2 + eps), total


# RMSProp ------------------------------------------------------------------------------------------------------------


def _with_a_mean(rng, shape, first):
    grads, v = _away(rng, *shape), np.zeros(shape) if first else _squares(rng, *shape)
    if first:
        grads[0] = 0.0
    numbers = {"lr": round(rng.uniform(0.1, 0.9), 2), "beta": round(rng.uniform(0.6, 0.9), 2)}
    return {"params": _away(rng, *shape), "grads": grads, "v": v, **numbers, "eps": round(rng.uniform(0.2, 0.6), 2)}


def _rmsprop(params, grads, v, lr, beta, eps, old=1.0, new=1.0, square=lambda grads: grads**2):
    """The rule for mistakes: `old` and `new` are factors of the two weights."""
    v = old * beta * v + new * (1 - beta) * square(grads)
    return params - lr * grads / (v**0.5 + eps), v


@exercise(
    inputs=_updates("rmsprop", _with_a_mean),
    driver=call_everywhere,
    returns=("params", "v"),
    remarks=said_of_missing,
    builds_on=(adagrad,),
    hints=(
        "It is Adagrad with one line changed: v is a running mean of the squared gradients, not their sum.",
        "A running mean keeps beta of what it was, and takes 1 - beta of what is new.",
    ),
)
def rmsprop(params, grads, v, lr, beta, eps):
    """One step of RMSProp: each parameter's step is divided by the root of a running mean of its squared gradients.

    Parameters
    ----------
    params : array
        Of any shape: NumPy, PyTorch or JAX.
    grads : array
        Gradients at `params`, of the same shape.
    v : array
        Running mean of the squared gradients, of the same shape; zeros before the first step.
    lr : float
        Learning rate, in units of the parameters.
    beta : float
        How much of `v` is kept, from 0 to 1.
    eps : float
        Added to the root, so that nothing is divided by 0.

    Returns
    -------
    params, v : array
        After the step. What was handed over is left as it was.

    Notes
    -----
    As in ``torch.optim.RMSprop(alpha=beta)`` and ``optax.rmsprop(decay=beta, eps_in_sqrt=False)``; by default optax has
    `eps` under the root. T. Tieleman and G. Hinton, Neural Networks for Machine Learning, lecture 6.5 (2012).
    """
    v = beta * v + (1 - beta) * grads**2
    return params - lr * grads / (v**0.5 + eps), v


@rmsprop.mistake(
    "Epsilon stands inside of the root: (v + eps) ** 0.5. Ruder writes it so, and optax does unless told otherwise; "
    "here, as in PyTorch, it is added to the root: v ** 0.5 + eps."
)
def epsilon_in_the_root(params, grads, v, lr, beta, eps):
    _, v = _rmsprop(params, grads, v, lr, beta, eps)
    return params - lr * grads / (v + eps) ** 0.5, v


@rmsprop.mistake("eps is missing: a parameter whose gradients were all 0 would get 0/0. Divide by v ** 0.5 + eps.")
def no_epsilon(params, grads, v, lr, beta, eps):
    return _rmsprop(params, grads, v, lr, beta, 0.0)


@rmsprop.mistake(
    "1 - beta is missing: beta * v + grads ** 2 is no mean, but a sum that is about 1 / (1 - beta) times as large, "
    "and the steps are too short. A running mean takes 1 - beta of what is new."
)
def not_a_mean(params, grads, v, lr, beta, eps):
    return _rmsprop(params, grads, v, lr, beta, eps, new=1 / (1 - beta))


@rmsprop.mistake(
    "That is Adagrad: the squares are added up for ever. Keep beta of v, and take 1 - beta of the new one."
)
def adds_up_for_ever(params, grads, v, lr, beta, eps):
    return _rmsprop(params, grads, v, lr, beta, eps, old=1 / beta, new=1 / (1 - beta))


@rmsprop.mistake("The weights are exchanged: beta belongs to the old v, 1 - beta to the new square.")
def weights_exchanged(params, grads, v, lr, beta, eps):
    return _rmsprop(params, grads, v, lr, 1 - beta, eps)


@rmsprop.mistake("Both are weighed by beta: a running mean takes 1 - beta of the new square.")
def beta_twice(params, grads, v, lr, beta, eps):
    return _rmsprop(params, grads, v, lr, beta, eps, new=beta / (1 - beta))


@rmsprop.mistake("v keeps all of its old value: a running mean keeps beta of it.")
def forgets_to_forget(params, grads, v, lr, beta, eps):
    return _rmsprop(params, grads, v, lr, beta, eps, old=1 / beta)


@rmsprop.mistake("The square is missing: v is a running mean of grads ** 2.")
def means_the_gradients(params, grads, v, lr, beta, eps):
    v = beta * v + (1 - beta) * grads
    return params - lr * grads / (abs(v) ** 0.5 + eps), v


@rmsprop.mistake("You square 1 - beta along with the gradient: (1 - beta) * grads ** 2, only the gradient is squared.")
def squares_the_weight(params, grads, v, lr, beta, eps):
    return _rmsprop(params, grads, v, lr, beta, eps, new=1 - beta)


@rmsprop.mistake("The root is missing: divide by v ** 0.5 + eps.")
def no_root(params, grads, v, lr, beta, eps):
    _, v = _rmsprop(params, grads, v, lr, beta, eps)
    return params - lr * grads / (v + eps), v


@rmsprop.mistake("You divide by the old v. Update it first, then use it.")
def divides_by_the_old_mean(params, grads, v, lr, beta, eps):
    return params - lr * grads / (v**0.5 + eps), _rmsprop(params, grads, v, lr, beta, eps)[1]


@rmsprop.mistake("The v that you return is the old one. Return the new one, for the next step.")
def returns_the_old_mean(params, grads, v, lr, beta, eps):
    return _rmsprop(params, grads, v, lr, beta, eps)[0], v


@rmsprop.mistake("You return the root as the state. Return v itself: the next step takes the mean with squares again.")
def returns_the_root_of_the_mean(params, grads, v, lr, beta, eps):
    params, v = _rmsprop(params, grads, v, lr, beta, eps)
    return params, v**0.5


@rmsprop.mistake(
    "All parameters share one mean: you take the mean over the entries as well, so all get the same rate. Leave it "
    "out: grads ** 2, entry by entry."
)
def shares_the_mean(params, grads, v, lr, beta, eps):
    return _rmsprop(params, grads, v, lr, beta, eps, square=lambda grads: (grads**2).mean())


@rmsprop.mistake("The step goes uphill: subtract it.")
def steps_uphill(params, grads, v, lr, beta, eps):
    return _rmsprop(params, grads, v, -lr, beta, eps)


@rmsprop.mistake("lr is missing: the step is lr * grads / (v ** 0.5 + eps).")
def no_lr(params, grads, v, lr, beta, eps):
    return _rmsprop(params, grads, v, 1.0, beta, eps)


@rmsprop.mistake(
    "The state is missing: you return params alone, and the next step has nothing to go on with. Return params, v."
)
def forgets_the_mean(params, grads, v, lr, beta, eps):
    return rmsprop.reference(params, grads, v, lr, beta, eps)[0]


@rmsprop.mistake(
    "Brackets are missing: what stands behind the division sign is the root alone, and eps is added to the parameters. "
    "Divide by the sum: lr * grads / (v ** 0.5 + eps)."
)
def adds_epsilon_outside(params, grads, v, lr, beta, eps):
    params, v = _rmsprop(params, grads, v, lr, beta, 0.0)
    return params + eps, v


@rmsprop.mistake("v ** 1/2 is half of v: powers come before divisions. Write ** 0.5 or ** (1/2).")
def halves_the_mean(params, grads, v, lr, beta, eps):
    _, v = _rmsprop(params, grads, v, lr, beta, eps)
    return params - lr * grads / (v / 2 + eps), v


@rmsprop.mistake("Brackets are missing: the weight of the new square is (1 - beta), as a whole.")
def weight_without_brackets(params, grads, v, lr, beta, eps):
    v = beta * v + 1 - beta * grads**2
    return params - lr * grads / (v**0.5 + eps), v


# Adam ---------------------------------------------------------------------------------------------------------------


def _with_two_means(rng, shape, first):
    means = {
        "m": np.zeros(shape) if first else _away(rng, *shape),
        "v": np.zeros(shape) if first else _squares(rng, *shape),
        "t": 0 if first else int(rng.integers(2, 5)),
    }
    grads = _away(rng, *shape)
    if first:
        grads[0] = 0.0
    numbers = {
        "lr": round(rng.uniform(0.1, 0.9), 2),
        "beta1": round(rng.uniform(0.6, 0.75), 2),
        "beta2": round(rng.uniform(0.8, 0.95), 2),
        "eps": round(rng.uniform(0.2, 0.6), 2),
    }
    return {"params": _away(rng, *shape), "grads": grads, **means, **numbers}


def _moments(grads, m, v, beta1, beta2):
    return beta1 * m + (1 - beta1) * grads, beta2 * v + (1 - beta2) * grads**2


def _adam(params, grads, m, v, t, lr, beta1, beta2, eps, *, factor1=None, factor2=None, moments=_moments, scale=None):
    """The rule for mistakes: the factors take the place of the corrections, `scale` that of the divisor."""
    t = t + 1
    m, v = moments(grads, m, v, beta1, beta2)
    m_hat = m / (1 - beta1**t) if factor1 is None else m * factor1
    v_hat = v / (1 - beta2**t) if factor2 is None else v * factor2
    return params - lr * m_hat / (v_hat**0.5 + eps if scale is None else scale(v, v_hat, t)), m, v, t


@exercise(
    inputs=_updates("adam", _with_two_means),
    driver=call_everywhere,
    returns=("params", "m", "v", "t"),
    remarks=said_of_missing,
    builds_on=(rmsprop,),
    hints=(
        "Begin with t = t + 1: the first step is number 1. Then the two running means, m of grads and v of grads ** 2.",
        "Corrected means, for this step only: m / (1 - beta1 ** t) and v / (1 - beta2 ** t), with the new t.",
        "The step is that of RMSProp with the corrected m in place of the gradient and the corrected v in place of v. "
        "Return m and v as they were before the correction.",
    ),
)
def adam(params, grads, m, v, t, lr, beta1, beta2, eps):
    """One step of Adam: RMSProp with momentum, both running means corrected for their start at zero.

    Parameters
    ----------
    params : array
        Of any shape: NumPy, PyTorch or JAX.
    grads : array
        Gradients at `params`, of the same shape.
    m, v : array
        Running means of the gradients and of their squares, of the same shape, not corrected; zeros before the first
        step.
    t : int
        How many steps were made before; 0 before the first one.
    lr : float
        Learning rate, in units of the parameters.
    beta1, beta2 : float
        How much of `m` and of `v` is kept, from 0 to 1.
    eps : float
        Added to the root of the corrected `v`, so that nothing is divided by 0.

    Returns
    -------
    params, m, v : array
        After the step; `m` and `v` are not corrected. What was handed over is left as it was.
    t : int
        How many steps were made by now.

    Notes
    -----
    As in ``torch.optim.Adam`` and ``optax.adam``. D. Kingma and J. Ba, "Adam: a method for stochastic optimization",
    arXiv:1412.6980.
    """
    t = t + 1
    m = beta1 * m + (1 - beta1) * grads
    v = beta2 * v + (1 - beta2) * grads**2
    m_hat = m / (1 - beta1**t)
    v_hat = v / (1 - beta2**t)
    return params - lr * m_hat / (v_hat**0.5 + eps), m, v, t


@adam.mistake(
    "There is no bias correction. m and v start at 0, so for the first steps they are far too small, v most of all. "
    "Divide m by 1 - beta1 ** t and v by 1 - beta2 ** t before you step."
)
def no_bias_correction(params, grads, m, v, t, lr, beta1, beta2, eps):
    return _adam(params, grads, m, v, t, lr, beta1, beta2, eps, factor1=1, factor2=1)


@adam.mistake("Only m is corrected. v starts at 0 as well: divide it by 1 - beta2 ** t.")
def corrects_m_only(params, grads, m, v, t, lr, beta1, beta2, eps):
    return _adam(params, grads, m, v, t, lr, beta1, beta2, eps, factor2=1)


@adam.mistake("Only v is corrected. m starts at 0 as well: divide it by 1 - beta1 ** t.")
def corrects_v_only(params, grads, m, v, t, lr, beta1, beta2, eps):
    return _adam(params, grads, m, v, t, lr, beta1, beta2, eps, factor1=1)


def _counted_from_0(params, grads, m, v, t, lr, beta1, beta2, eps):
    return _adam(
        params, grads, m, v, t, lr, beta1, beta2, eps, factor1=1 / (1 - beta1**t) if t else np.inf,
        factor2=1 / (1 - beta2**t) if t else np.inf,
    )  # fmt: skip


@adam.mistake(
    "The steps are counted from 0: in the first step the corrections divide by 1 - beta ** 0 = 0, and after that they "
    "lag by one. Increase t before you use it: the first step is number 1."
)
def counts_from_0(params, grads, m, v, t, lr, beta1, beta2, eps):
    return _counted_from_0(params, grads, m, v, t, lr, beta1, beta2, eps)


@adam.mistake(
    "t comes back as it was, and in the corrections it is one too small (0 in the first step, which divides by 0). It "
    "says how many steps were made before: increase it first, t = t + 1, use it, and return it."
)
def never_counts(params, grads, m, v, t, lr, beta1, beta2, eps):
    return *_counted_from_0(params, grads, m, v, t, lr, beta1, beta2, eps)[:3], t


@adam.mistake("The step is right, but t comes back as it was: the next step would be number 1 again. Return t + 1.")
def returns_the_old_t(params, grads, m, v, t, lr, beta1, beta2, eps):
    return *_adam(params, grads, m, v, t, lr, beta1, beta2, eps)[:3], t


@adam.mistake(
    "Epsilon stands inside of the root. Adam adds it to the root of the corrected v: v_hat ** 0.5 + eps. (optax has a "
    "second one for the inside, eps_root, which is 0.)"
)
def epsilon_under_the_root(params, grads, m, v, t, lr, beta1, beta2, eps):
    inside = lambda v, v_hat, t: (v_hat + eps) ** 0.5
    return _adam(params, grads, m, v, t, lr, beta1, beta2, eps, scale=inside)


@adam.mistake(
    "Epsilon is added before v is corrected, so the correction enlarges it as well. (The paper has this order as a "
    "shortcut, and some libraries use it.) Correct v first, then take the root, then add eps."
)
def epsilon_before_the_correction(params, grads, m, v, t, lr, beta1, beta2, eps):
    before = lambda v, v_hat, t: (v**0.5 + eps) / (1 - beta2**t) ** 0.5
    return _adam(params, grads, m, v, t, lr, beta1, beta2, eps, scale=before)


@adam.mistake("eps is missing: a parameter whose gradients were all 0 would get 0/0. Divide by v_hat ** 0.5 + eps.")
def leaves_out_epsilon(params, grads, m, v, t, lr, beta1, beta2, eps):
    return _adam(params, grads, m, v, t, lr, beta1, beta2, 0.0)


@adam.mistake(
    "You return the corrected m and v, so the next step corrects them once more. The correction is for this step only: "
    "give the corrected ones names of their own (m_hat, v_hat), and return m and v without it."
)
def keeps_the_corrected_means(params, grads, m, v, t, lr, beta1, beta2, eps):
    params, m, v, t = _adam(params, grads, m, v, t, lr, beta1, beta2, eps)
    return params, m / (1 - beta1**t), v / (1 - beta2**t), t


@adam.mistake("The m and v that you return are the old ones. Return the new ones, for the next step.")
def returns_the_old_means(params, grads, m, v, t, lr, beta1, beta2, eps):
    params, _, _, t = _adam(params, grads, m, v, t, lr, beta1, beta2, eps)
    return params, m, v, t


@adam.mistake("beta1 and beta2 are exchanged: beta1 belongs to m, the mean of the gradients, beta2 to v.")
def exchanges_betas(params, grads, m, v, t, lr, beta1, beta2, eps):
    return _adam(params, grads, m, v, t, lr, beta2, beta1, eps)


@adam.mistake("v keeps beta1 of its old value, as m does. It has a beta of its own: beta2.")
def beta1_for_both(params, grads, m, v, t, lr, beta1, beta2, eps):
    return _adam(params, grads, m, v, t, lr, beta1, beta1, eps)


@adam.mistake(
    "m is not a mean: 1 - beta1 is missing. The sum beta * velocity + grads was momentum's; Adam's m takes 1 - beta1 "
    "of the gradient, and the correction counts on it."
)
def m_is_a_velocity(params, grads, m, v, t, lr, beta1, beta2, eps):
    moments = lambda *given: (beta1 * m + grads, _moments(*given)[1])
    return _adam(params, grads, m, v, t, lr, beta1, beta2, eps, moments=moments)


@adam.mistake("v is not a mean: 1 - beta2 is missing. It keeps beta2 of v and takes 1 - beta2 of grads ** 2.")
def v_is_a_sum(params, grads, m, v, t, lr, beta1, beta2, eps):
    moments = lambda *given: (_moments(*given)[0], beta2 * v + grads**2)
    return _adam(params, grads, m, v, t, lr, beta1, beta2, eps, moments=moments)


@adam.mistake("Neither m nor v is a mean: 1 - beta1 and 1 - beta2 are missing before grads and grads ** 2.")
def no_means(params, grads, m, v, t, lr, beta1, beta2, eps):
    moments = lambda *_: (beta1 * m + grads, beta2 * v + grads**2)
    return _adam(params, grads, m, v, t, lr, beta1, beta2, eps, moments=moments)


@adam.mistake("v takes the square of m. It is the mean of the squared gradients: grads ** 2.")
def squares_m(params, grads, m, v, t, lr, beta1, beta2, eps):
    def moments(grads, m, v, beta1, beta2):
        m, _ = _moments(grads, m, v, beta1, beta2)
        return m, beta2 * v + (1 - beta2) * m**2

    return _adam(params, grads, m, v, t, lr, beta1, beta2, eps, moments=moments)


@adam.mistake("The square is missing in v: it is a running mean of grads ** 2.")
def v_without_squares(params, grads, m, v, t, lr, beta1, beta2, eps):
    moments = lambda *given: (_moments(*given)[0], beta2 * v + (1 - beta2) * grads)
    root = lambda v, v_hat, t: abs(v_hat) ** 0.5 + eps
    return _adam(params, grads, m, v, t, lr, beta1, beta2, eps, moments=moments, scale=root)


@adam.mistake("The root is missing: divide by v_hat ** 0.5 + eps.")
def without_the_root(params, grads, m, v, t, lr, beta1, beta2, eps):
    scale = lambda v, v_hat, t: v_hat + eps
    return _adam(params, grads, m, v, t, lr, beta1, beta2, eps, scale=scale)


@adam.mistake("You step by the gradient: that is RMSProp with a correction. Adam steps by the corrected m.")
def steps_by_the_raw_gradient(params, grads, m, v, t, lr, beta1, beta2, eps):
    _, m, v, t = _adam(params, grads, m, v, t, lr, beta1, beta2, eps)
    return params - lr * grads / ((v / (1 - beta2**t)) ** 0.5 + eps), m, v, t


@adam.mistake("You multiply by the corrections. m and v are too small at first: divide them by 1 - beta ** t.")
def multiplies_by_the_corrections(params, grads, m, v, t, lr, beta1, beta2, eps):
    factors = {"factor1": 1 - beta1 ** (t + 1), "factor2": 1 - beta2 ** (t + 1)}
    return _adam(params, grads, m, v, t, lr, beta1, beta2, eps, **factors)


@adam.mistake(
    "The corrections do not know which step it is: you divide by 1 - beta. That is right in the first step only; use "
    "beta ** t."
)
def corrects_as_in_the_first_step(params, grads, m, v, t, lr, beta1, beta2, eps):
    return _adam(params, grads, m, v, t, lr, beta1, beta2, eps, factor1=1 / (1 - beta1), factor2=1 / (1 - beta2))


@adam.mistake("beta is multiplied by t in the corrections: it is a power, beta ** t.")
def multiplies_beta_by_t(params, grads, m, v, t, lr, beta1, beta2, eps):
    factors = {"factor1": 1 / (1 - beta1 * (t + 1)), "factor2": abs(1 / (1 - beta2 * (t + 1)))}
    return _adam(params, grads, m, v, t, lr, beta1, beta2, eps, **factors)


@adam.mistake(
    "All parameters share one v: you take the mean over the entries as well. One squared gradient for each parameter: "
    "grads ** 2, entry by entry."
)
def shares_v(params, grads, m, v, t, lr, beta1, beta2, eps):
    moments = lambda *given: (_moments(*given)[0], beta2 * v + (1 - beta2) * (grads**2).mean())
    return _adam(params, grads, m, v, t, lr, beta1, beta2, eps, moments=moments)


@adam.mistake("You use the old m and v in the step. Update them first, then correct, then step.")
def steps_by_the_old_means(params, grads, m, v, t, lr, beta1, beta2, eps):
    t = t + 1
    stepped = params - lr * m / (1 - beta1**t) / ((v / (1 - beta2**t)) ** 0.5 + eps)
    return stepped, *_moments(grads, m, v, beta1, beta2), t


@adam.mistake("The step goes uphill: subtract it.")
def adam_uphill(params, grads, m, v, t, lr, beta1, beta2, eps):
    return _adam(params, grads, m, v, t, -lr, beta1, beta2, eps)


@adam.mistake("lr is missing: the step is lr * m_hat / (v_hat ** 0.5 + eps).")
def adam_without_lr(params, grads, m, v, t, lr, beta1, beta2, eps):
    return _adam(params, grads, m, v, t, 1.0, beta1, beta2, eps)


@adam.mistake(
    "The state is missing: you return params alone, and the next step has nothing to go on with. Return "
    "params, m, v, t."
)
def forgets_the_state(params, grads, m, v, t, lr, beta1, beta2, eps):
    return adam.reference(params, grads, m, v, t, lr, beta1, beta2, eps)[0]


@adam.mistake("The corrections are exchanged: 1 - beta1 ** t belongs to m, 1 - beta2 ** t to v.")
def exchanges_corrections(params, grads, m, v, t, lr, beta1, beta2, eps):
    factors = {"factor1": 1 / (1 - beta2 ** (t + 1)), "factor2": 1 / (1 - beta1 ** (t + 1))}
    return _adam(params, grads, m, v, t, lr, beta1, beta2, eps, **factors)


@adam.mistake(
    "Two things: there is no bias correction, and epsilon stands inside of the root. Divide m by 1 - beta1 ** t and v "
    "by 1 - beta2 ** t, then take the root of the corrected v and add eps to it."
)
def uncorrected_with_epsilon_inside(params, grads, m, v, t, lr, beta1, beta2, eps):
    inside = lambda v, v_hat, t: (v + eps) ** 0.5
    return _adam(params, grads, m, v, t, lr, beta1, beta2, eps, factor1=1, scale=inside)


@adam.mistake(
    "Brackets are missing: what stands behind the division sign is the root alone, and eps is added to the parameters. "
    "Divide by the sum: lr * m_hat / (v_hat ** 0.5 + eps)."
)
def adds_epsilon_to_the_params(params, grads, m, v, t, lr, beta1, beta2, eps):
    params, *state = _adam(params, grads, m, v, t, lr, beta1, beta2, 0.0)
    return params + eps, *state


@adam.mistake("v_hat ** 1/2 is half of v_hat: powers come before divisions. Write ** 0.5 or ** (1/2).")
def halves_v(params, grads, m, v, t, lr, beta1, beta2, eps):
    half = lambda v, v_hat, t: v_hat / 2 + eps
    return _adam(params, grads, m, v, t, lr, beta1, beta2, eps, scale=half)


# A decaying rate ----------------------------------------------------------------------------------------------------


def _rates(rng):
    numbers = lambda: {"lr": round(rng.uniform(0.1, 0.9), 2), "decay": round(rng.uniform(0.05, 0.3), 2)}
    yield _case("a later step", "decayed_lr", "numpy", **numbers(), t=int(rng.integers(3, 9)))
    yield _case("the first step", "decayed_lr", "numpy", **numbers(), t=0)
    for framework in frameworks():
        label = _EVERYWHERE[framework] or "many steps at once"
        yield _case(label, "decayed_lr", framework, **numbers(), t=np.array([0.0, 1.0, 2.0, 5.0, 40.0]))


@exercise(
    inputs=_rates,
    driver=call_everywhere,
    returns=("the learning rate",),
    remarks=said_of_missing,
    hints=(
        "At t = 0 the result is lr itself. At decay * t = 1 it is half of that, at 2 a third, at 3 a quarter.",
        "A half is 1 / (1 + 1), a third is 1 / (1 + 2): what stands in place of the 1 and the 2?",
    ),
)
def decayed_lr(lr, decay, t):
    """The learning rate of step t: it falls as 1/t.

    Parameters
    ----------
    lr : float
        The learning rate of the first step.
    decay : float
        How fast it falls: after 1 / decay steps, half of it is left.
    t : int or array
        How many steps were made before; 0 in the first step.

    Returns
    -------
    float or array
        ``lr / (1 + decay * t)``

    Notes
    -----
    As ``lr_decay`` in ``torch.optim.Adagrad``. H. Robbins and S. Monro, "A stochastic approximation method" (1951).
    """
    return lr / (1 + decay * t)


@decayed_lr.mistake(
    "That is an exponential decay, lr * decay ** t, and here decay is no factor: after 1 / decay steps half of lr is "
    "to be left, lr / (1 + decay * t)."
)
def exponential(lr, decay, t):
    return lr * decay**t


@decayed_lr.mistake("That falls exponentially, with (1 - decay) ** t. Here it falls as 1/t: lr / (1 + decay * t).")
def exponential_of_the_rest(lr, decay, t):
    return lr * (1 - decay) ** t


@decayed_lr.mistake("That falls exponentially, with exp(-decay * t). Here it falls as 1/t: lr / (1 + decay * t).")
def natural_exponential(lr, decay, t):
    return lr * np.e ** (-decay * t)


@decayed_lr.mistake(
    "That falls on a straight line and is negative after 1 / decay steps: then every step goes uphill. Divide: "
    "lr / (1 + decay * t)."
)
def linear(lr, decay, t):
    return lr * (1 - decay * t)


@decayed_lr.mistake("You subtract decay * t, and the learning rate becomes negative. Divide: lr / (1 + decay * t).")
def subtracts(lr, decay, t):
    return lr - decay * t


@decayed_lr.mistake(
    "The step is counted from 1: the first step, t = 0, is to have the whole lr. Leave t as it is: 1 + decay * t."
)
def counts_from_1(lr, decay, t):
    return lr / (1 + decay * (t + 1))


@decayed_lr.mistake("decay is not used: lr / (1 + t) is right for decay = 1 only.")
def forgets_decay(lr, decay, t):
    return lr / (1 + t)


@decayed_lr.mistake("Brackets: (1 + decay) * t is 0 at the first step. It should be 1 + decay * t.")
def wrong_brackets(lr, decay, t):
    return lr / ((1 + decay) * t)


@decayed_lr.mistake("The 1 is missing: at the first step you divide by 0. It should be 1 + decay * t.")
def forgets_the_1(lr, decay, t):
    return lr / (decay * t)


@decayed_lr.mistake("That is a power, (1 + decay) ** t, which falls exponentially. It should be 1 + decay * t.")
def power(lr, decay, t):
    return lr / (1 + decay) ** t


@decayed_lr.mistake("There is a root too many: 1 / sqrt(t) falls more slowly. Here it is lr / (1 + decay * t).")
def root(lr, decay, t):
    return lr / (1 + decay * t) ** 0.5


@decayed_lr.mistake("It grows: divide by 1 + decay * t in place of multiplying.")
def grows(lr, decay, t):
    return lr * (1 + decay * t)


@decayed_lr.mistake("Brackets are missing: lr is divided by 1 alone. Divide by the sum: lr / (1 + decay * t).")
def missing_brackets(lr, decay, t):
    return lr / 1 + decay * t


@decayed_lr.mistake("t stands outside of the division, so the rate grows with it: lr / (1 + decay * t).")
def multiplies_by_t(lr, decay, t):
    return lr / (1 + decay) * t


# The race -----------------------------------------------------------------------------------------------------------


def _creeps(factor, params, grads):
    return (params - factor * grads,)


def _lags(factor, params, grads, before):
    return params - factor * before, grads


def _tires(factor, params, grads, before, count):
    return params - factor * (grads + before) / (count + 2), grads, count + 1


# Made-up rules, with no, one and two values of state: to run a race nobody needs to know real ones.
_RULES = {"creeps": _creeps, "lags": _lags, "tires": _tires}


def _racing(rule, factor):
    wanted = _RULES[rule].__code__.co_argcount - 3

    def update(params, grads, *state):
        if callable(grads):
            raise Unusable("An update got the function grad itself. It wants gradients: grad(params).")
        if any(isinstance(part, list | tuple) for part in state):
            raise Unusable(
                "An update got its state as one list or tuple. Take it apart with a star, update(params, grads, "
                "*state), and put what comes back together again: params, *state = update(…)."
            )
        if len(state) != wanted:
            raise Unusable(
                f"An update was called with {len(state)} value{'s' * (len(state) != 1)} of state, and its racer has "
                f"{wanted}. Each racer begins with the state that comes with it, and goes on with what its own update "
                "returned: params, *state = update(params, grads, *state)."
            )
        return _RULES[rule](factor, params, grads, *state)

    return update


def _place(params):
    """The place that f or grad was called with, if it is one."""
    if isinstance(params, tuple | list) and any(np.ndim(part) for part in params):
        raise Unusable(
            "f or grad was called with all that update returned. The first of it are the params, the rest is the new "
            "state: params, *state = update(params, grad(params), *state)."
        )
    return np.asarray(params)


@driver
def look_at_race(attempt, racers, curvatures, start, n_steps):
    """The paths and losses of a race of made-up rules in a bowl with these curvatures."""
    made = {name: (_racing(rule, factor), tuple(state)) for name, (rule, factor, *state) in racers.items()}
    f = lambda params: (curvatures * _place(params) ** 2).sum() / 2
    result = attempt(made, f, lambda params: curvatures * _place(params), start, n_steps)
    return tuple(result) if isinstance(result, list) and len(result) == 2 else result


def _races(rng):
    factor = lambda: round(rng.uniform(0.1, 0.3), 2)
    for label, rules, n_steps in (
        ("two racers", ("lags", "lags"), 3),
        ("racers with no, one and two values of state", ("creeps", "lags", "tires"), 4),
        ("a single step", ("tires", "creeps"), 1),
    ):
        curvatures, start = _squares(rng, 2), _away(rng, 2)
        states = {
            "creeps": lambda: [],
            "lags": lambda: [_away(rng, 2)],
            "tires": lambda: [_away(rng, 2), int(rng.integers(0, 3))],
        }
        racers = {
            name: [rule, factor(), *states[rule]()] for name, rule in zip(("red", "green", "blue"), rules, strict=False)
        }
        told = "\n".join(
            f'"{name}": an update{"".join(f", state {show(part)}" for part in state) or ", no state"}'
            for name, (_, _, *state) in racers.items()
        )
        call = f"race(racers, f, grad, start={show(start)}, n_steps={n_steps}), with the racers\n{told}"
        yield Case(label, racers, curvatures, start, n_steps, call=call)


def _raced(racers, f, grad, start, n_steps, first_at=None):
    """The race for mistakes, whose parts they then spoil."""
    paths = {}
    for name, (update, state) in racers.items():
        params, path = start, [start]
        for _ in range(n_steps):
            params, *state = update(params, grad(params if first_at is None else first_at), *state)
            path.append(params)
        paths[name] = path
    return paths, {name: [f(params) for params in path] for name, path in paths.items()}


@exercise(
    inputs=_races,
    driver=look_at_race,
    returns=("paths", "losses"),
    hints=(
        "Two loops: the outer one over racers.items(), the inner one over the steps. Before the inner one, the racer "
        "is put on the start, with the state that came with it.",
        "One step: params, *state = update(params, grad(params), *state). The star puts what is left into a list, and "
        "takes the list apart in the call.",
        "path = [start], and after each step path.append(params): n_steps + 1 places. The losses are f of each.",
    ),
)
def race(racers, f, grad, start, n_steps):
    """Run several optimizers from the same start on one function.

    Parameters
    ----------
    racers : dict
        By name, pairs ``(update, state)``: ``update(params, grads, *state)`` returns ``(params, *state)``, the new
        params and the new state. `state` is a tuple, and may be empty.
    f : callable
        ``f(params)`` is the loss.
    grad : callable
        ``grad(params)`` are the gradients.
    start : array
        Where all of them start.
    n_steps : int
        How many steps each of them makes.

    Returns
    -------
    paths : dict
        By name, the list of the ``n_steps + 1`` places where the racer was, `start` first.
    losses : dict
        By name, the list of the losses at these places.
    """
    paths, losses = {}, {}
    for name, (update, state) in racers.items():
        params, path = start, [start]
        for _ in range(n_steps):
            params, *state = update(params, grad(params), *state)
            path.append(params)
        paths[name] = path
        losses[name] = [f(params) for params in path]
    return paths, losses


@race.mistake(
    "State is shared: a racer goes on with the state in which the one before it ended. Begin each racer with the state "
    "that came with it, inside of the loop over the racers."
)
def shares_state(racers, f, grad, start, n_steps):
    paths, kept = {}, {}
    for name, (update, state) in racers.items():
        params, path = start, [start]
        state = kept.get(len(state), state)
        for _ in range(n_steps):
            params, *state = update(params, grad(params), *state)
            path.append(params)
        paths[name], kept[len(state)] = path, state
    return paths, {name: [f(params) for params in path] for name, path in paths.items()}


@race.mistake(
    "A racer starts where the one before it ended. Put params back to start for each of them, inside of the loop over "
    "the racers."
)
def starts_where_the_last_ended(racers, f, grad, start, n_steps):
    paths, params = {}, start
    for name, racer in racers.items():
        paths[name] = _raced({name: racer}, f, grad, params, n_steps)[0][name]
        params = paths[name][-1]
    return paths, {name: [f(params) for params in path] for name, path in paths.items()}


@race.mistake(
    "The new state is lost: every step is made with the state of the start. Keep what update returns: params, *state = "
    "update(params, grad(params), *state)."
)
def loses_the_new_state(racers, f, grad, start, n_steps):
    def anew(update, first):
        return lambda params, grads: update(params, grads, *first)[:1]

    return _raced({name: (anew(*racer), ()) for name, racer in racers.items()}, f, grad, start, n_steps)


@race.mistake("The gradient is always that at the start. Take it where the racer is now: grad(params).")
def gradient_at_the_start(racers, f, grad, start, n_steps):
    return _raced(racers, f, grad, start, n_steps, first_at=start)


@race.mistake("The start is missing in the paths and losses: n_steps steps visit n_steps + 1 places, start first.")
def leaves_out_the_start(racers, f, grad, start, n_steps):
    return tuple({name: kept[1:] for name, kept in part.items()} for part in _raced(racers, f, grad, start, n_steps))


@race.mistake("The last place is missing: n_steps steps visit n_steps + 1 places. Keep params after each step, too.")
def leaves_out_the_end(racers, f, grad, start, n_steps):
    return tuple({name: kept[:-1] for name, kept in part.items()} for part in _raced(racers, f, grad, start, n_steps))


@race.mistake("There is one step too many: n_steps steps, and n_steps + 1 places with the start.")
def one_step_long(racers, f, grad, start, n_steps):
    return _raced(racers, f, grad, start, n_steps + 1)


@race.mistake("The losses lag behind the paths by one: losses[name][i] is f at paths[name][i], also at the end.")
def losses_without_the_end(racers, f, grad, start, n_steps):
    paths, losses = _raced(racers, f, grad, start, n_steps)
    return paths, {name: kept[:-1] for name, kept in losses.items()}


@race.mistake("The loss at the start is missing: losses[name][i] is f at paths[name][i], also for i = 0.")
def losses_without_the_start(racers, f, grad, start, n_steps):
    paths, losses = _raced(racers, f, grad, start, n_steps)
    return paths, {name: kept[1:] for name, kept in losses.items()}


@race.mistake("You keep only where each racer ended. Keep all places on the way, as a list.")
def keeps_the_end_alone(racers, f, grad, start, n_steps):
    return tuple({name: kept[-1] for name, kept in part.items()} for part in _raced(racers, f, grad, start, n_steps))


@race.mistake(
    "All racers write into the same list, so everyone has everyone's path. Make a new list for each, inside of the "
    "loop over the racers."
)
def shares_the_list(racers, f, grad, start, n_steps):
    paths, losses = _raced(racers, f, grad, start, n_steps)
    every = [[place for kept in part.values() for place in kept] for part in (paths, losses)]
    return dict.fromkeys(paths, every[0]), dict.fromkeys(losses, every[1])


@race.mistake("The results are exchanged: first the paths, then the losses.")
def exchanges_paths_and_losses(racers, f, grad, start, n_steps):
    return _raced(racers, f, grad, start, n_steps)[::-1]


@race.mistake("The losses are missing: return the paths and the losses, two dicts.")
def returns_the_paths_alone(racers, f, grad, start, n_steps):
    return _raced(racers, f, grad, start, n_steps)[0]


@race.mistake(
    "Only the last racer is there: the dicts are made anew for each of them. Make them once, before the loop over the "
    "racers."
)
def new_dicts_for_each(racers, f, grad, start, n_steps):
    return tuple({name: part[name] for name in list(racers)[-1:]} for part in _raced(racers, f, grad, start, n_steps))


@race.mistake(
    "Only the first racer is there: your return stands inside of the loop. Put it below, one level further left."
)
def returns_in_the_loop(racers, f, grad, start, n_steps):
    return tuple({name: part[name] for name in list(racers)[:1]} for part in _raced(racers, f, grad, start, n_steps))


@race.mistake(
    "The loss at the start is kept twice, and the last one is missing: keep f(params) after each step, not before it."
)
def losses_lag_behind(racers, f, grad, start, n_steps):
    paths, losses = _raced(racers, f, grad, start, n_steps)
    return paths, {name: [kept[0], *kept[:-1]] for name, kept in losses.items()}


# Find the bug -------------------------------------------------------------------------------------------------------

_BETAS = (0.9, 0.999, 1e-8)


def _lines(rng):
    for label, n, n_epochs in (("six points", 6, 4), ("one epoch", 5, 1), ("a start at the other side", 7, 3)):
        x = np.round(np.linspace(-1, 2, n) + rng.uniform(-0.2, 0.2, n), 2)
        b, w = _away(rng, 2)
        y = np.round(1.5 * b - 0.5 * w * x + 0.3 * rng.standard_normal(n), 2)
        yield Case(label, x, y, float(b), float(w), round(rng.uniform(0.1, 0.4), 2), n_epochs)


def _trained(x, y, b, w, lr, n_epochs, step):
    """A training for mistakes: ``step(b, b_grad, w, w_grad, state)`` gives b, w and the state of both."""
    losses, state = [], None
    for _ in range(n_epochs):
        error = b + w * x - y
        losses.append((error**2).mean())
        b, w, state = step(b, 2 * error.mean(), w, 2 * (x * error).mean(), state)
    return b, w, losses


@exercise(
    inputs=_lines,
    returns=("b", "w", "losses"),
    builds_on=(adam,),
    hints=(
        "Print m after each of the two calls of adam. Whose gradients are in it?",
        "b and w need an m, a v and a t each: six variables, or a tuple for each.",
        "Or make one array of both, params = np.array([b, w]): adam works entry by entry, so one call does for both.",
    ),
)
def train_line(x, y, b, w, lr, n_epochs):
    """Train a line with Adam, ``beta1 = 0.9``, ``beta2 = 0.999``, ``eps = 1e-8``, on all points at a time.

    Parameters
    ----------
    x, y : array of shape (N,)
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
        ``losses[i]`` is the mean squared error just before update i.
    """
    b_state, w_state = (0.0, 0.0, 0), (0.0, 0.0, 0)
    losses = []
    for _ in range(n_epochs):
        error = b + w * x - y
        losses.append((error**2).mean())
        b_grad, w_grad = 2 * error.mean(), 2 * (x * error).mean()
        b, *b_state = adam(b, b_grad, *b_state, lr, 0.9, 0.999, 1e-8)
        w, *w_state = adam(w, w_grad, *w_state, lr, 0.9, 0.999, 1e-8)
    return b, w, losses


@train_line.mistake(
    "Both parameters still share one state: the m, v and t that come out of the call for b go into the call for w, so "
    "each is driven by the other's gradients, and every epoch counts as two steps. Give each its own m, v and t."
)
def still_shares_all(x, y, b, w, lr, n_epochs):
    def step(b, b_grad, w, w_grad, state):
        b, *state = adam(b, b_grad, *(state or (0.0, 0.0, 0)), lr, *_BETAS)
        w, *state = adam(w, w_grad, *state, lr, *_BETAS)
        return b, w, state

    return _trained(x, y, b, w, lr, n_epochs, step)


def _sharing(lr, shared):
    """A step in which b and w share some of m, v and t, by their places 0, 1, 2."""

    def step(b, b_grad, w, w_grad, state):
        own_b, own_w = state or ((0.0, 0.0, 0), (0.0, 0.0, 0))
        b, *own_b = adam(b, b_grad, *own_b, lr, *_BETAS)
        given = [own_b[place] if place in shared else own_w[place] for place in range(3)]
        w, *own_w = adam(w, w_grad, *given, lr, *_BETAS)
        back = [own_w[place] if place in shared else own_b[place] for place in range(3)]
        return b, w, (back, own_w)

    return step


@train_line.mistake(
    "t is still shared: it goes up twice in every epoch, so the corrections think of twice as many steps. Give each "
    "parameter its own t, or hand the same t to both calls."
)
def still_shares_t(x, y, b, w, lr, n_epochs):
    return _trained(x, y, b, w, lr, n_epochs, _sharing(lr, {2}))


@train_line.mistake("v is still shared: w's squared gradients are mixed into b's. Give each parameter its own v.")
def still_shares_v(x, y, b, w, lr, n_epochs):
    return _trained(x, y, b, w, lr, n_epochs, _sharing(lr, {1}))


@train_line.mistake("m is still shared: w's gradients are mixed into b's. Give each parameter its own m.")
def still_shares_m(x, y, b, w, lr, n_epochs):
    return _trained(x, y, b, w, lr, n_epochs, _sharing(lr, {0}))


@train_line.mistake("Only m is separate now. v and t are still shared: each parameter needs its own of all three.")
def separates_m_only(x, y, b, w, lr, n_epochs):
    return _trained(x, y, b, w, lr, n_epochs, _sharing(lr, {1, 2}))


@train_line.mistake("Only v is separate now. m and t are still shared: each parameter needs its own of all three.")
def separates_v_only(x, y, b, w, lr, n_epochs):
    return _trained(x, y, b, w, lr, n_epochs, _sharing(lr, {0, 2}))


@train_line.mistake("Only t is separate now. m and v are still shared: each parameter needs its own of all three.")
def separates_t_only(x, y, b, w, lr, n_epochs):
    return _trained(x, y, b, w, lr, n_epochs, _sharing(lr, {0, 1}))


@train_line.mistake(
    "The state starts anew in every epoch: then m is the gradient alone, and each step has the length lr. Set m, v and "
    "t to zero once, before the loop."
)
def resets_in_every_epoch(x, y, b, w, lr, n_epochs):
    def step(b, b_grad, w, w_grad, _):
        return adam(b, b_grad, 0.0, 0.0, 0, lr, *_BETAS)[0], adam(w, w_grad, 0.0, 0.0, 0, lr, *_BETAS)[0], None

    return _trained(x, y, b, w, lr, n_epochs, step)


@train_line.mistake(
    "w gets a state of its own, but the call for w reads b's: what comes out for w must go into the next call for w."
)
def reads_the_others_state(x, y, b, w, lr, n_epochs):
    def step(b, b_grad, w, w_grad, state):
        b, *state = adam(b, b_grad, *(state or (0.0, 0.0, 0)), lr, *_BETAS)
        return b, adam(w, w_grad, *state, lr, *_BETAS)[0], state

    return _trained(x, y, b, w, lr, n_epochs, step)


@train_line.mistake(
    "The gradient for w is taken after b was moved. Compute both gradients first, as in the code that you were given."
)
def moves_b_first(x, y, b, w, lr, n_epochs):
    states, losses = [(0.0, 0.0, 0), (0.0, 0.0, 0)], []
    for _ in range(n_epochs):
        error = b + w * x - y
        losses.append((error**2).mean())
        b, *states[0] = adam(b, 2 * error.mean(), *states[0], lr, *_BETAS)
        error = b + w * x - y
        w, *states[1] = adam(w, 2 * (x * error).mean(), *states[1], lr, *_BETAS)
    return b, w, losses


# Quiz ---------------------------------------------------------------------------------------------------------------

first_step_of_adam = Quiz(
    "first_step_of_adam",
    "Adam, $\\beta_1 = 0.9$, $\\beta_2 = 0.999$, a tiny $\\varepsilon$, everything zero at the start. The first "
    "gradient of a parameter is $g$, not 0. What is true of its first step?",
    a=right("It has the length `lr`, whatever $g$ is.", "put m = 0.1 g and v = 0.001 g² into the rule, corrected."),
    b=wrong("It is ten times as long if $g$ is.", "that is plain gradient descent. Adam divides by |g|."),
    c=right(
        "Without the corrections it would be about 3.2 times `lr`.",
        "what is 0.1 g divided by the root of 0.001 g²?",
    ),
    d=wrong(
        "Without the corrections it would be shorter, since m is only a tenth of $g$.",
        "m is too small, and the root of v even more so: it is 0.032 |g|, and the step is divided by it.",
    ),
)  # fmt: skip

loss_in_other_units = Quiz(
    "loss_in_other_units",
    "You measure the loss in cents instead of euros: it is 100 times as large, and so is every gradient. Which "
    "optimizers walk the same path as before, with the same settings (and a negligible $\\varepsilon$)?",
    a=wrong("Plain gradient descent", "its steps are lr times the gradient: 100 times as long."),
    b=wrong("Momentum", "its velocity is a sum of gradients: 100 times as large."),
    c=right("Adagrad", "how do the gradient and the root of a sum of its squares change together?"),
    d=right("RMSProp", "what does a root of squared gradients do when each of these is 100 times as large?"),
    e=right("Adam", "both of its means grow. What becomes of one divided by the root of the other?"),
)

what_beta_changes = Quiz(
    "what_beta_changes",
    "Momentum as in this lesson, `velocity = beta * velocity + grads`. You change `beta` from 0.9 to 0.99 and leave "
    "`lr`. What happens?",
    a=right(
        "Under a constant gradient the steps become ten times as long in the end.",
        "the velocity tends to the gradient divided by 1 - beta.",
    ),
    b=right(
        "On a noisy line, the loss settles higher.",
        "in the long run it walks like gradient descent with lr / (1 - beta): look at the table of the noisy line.",
    ),
    c=wrong(
        "The noise is averaged over more gradients, so the loss settles lower.",
        "a sum is no mean: it takes in more gradients, and its steps are ten times as long.",
    ),
    d=wrong("Nothing in the long run: `beta` decides only how it starts.", "compare 1 / (1 - beta) for both."),
)

turned_ravine = Quiz(
    "turned_ravine",
    "The ravine is turned by 45 degrees, the start with it. Whose loss curve stays exactly the same?",
    a=right("Plain gradient descent's", "whose step is a number times a vector, whatever the axes are?"),
    b=right("Momentum's", "which rules add and scale whole vectors, and never divide entry by entry?"),
    c=wrong("Adagrad's", "it has one rate for each parameter, and after turning each of them sees both curvatures."),
    d=wrong("Adam's", "it divides entry by entry, as Adagrad does. That it hardly suffers here is another matter."),
)
