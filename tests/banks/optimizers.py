"""Answers to lesson 09."""

import math

import numpy as np

from gdexercises import optimizers
from tests.banks import Bank

bank = Bank()


# Momentum ----------------------------------------------------------------------------------------------------------


@bank.right(optimizers.momentum)
def in_one_line(params, grads, velocity, lr, beta):
    return params - lr * (beta * velocity + grads), beta * velocity + grads


@bank.right(optimizers.momentum)
def other_names(p, g, v, eta, mu):
    v_new = g + v * mu
    p_new = p + (-eta) * v_new
    return [p_new, v_new]


@bank.right(optimizers.momentum)
def by_friction(params, grads, velocity, lr, beta):
    friction = 1 - beta
    velocity = velocity - friction * velocity + grads
    step = -lr * velocity
    return params + step, velocity


@bank.right(optimizers.momentum)
def by_zeros(params, grads, velocity, lr, beta):
    new = velocity * 0
    for part in (beta * velocity, grads):
        new = new + part
    return params - new * lr, new


@bank.right(optimizers.momentum)
def by_scaled_velocity(params, grads, velocity, lr, beta):
    scaled = lr * velocity
    scaled = beta * scaled + lr * grads
    return params - scaled, scaled / lr


@bank.right(optimizers.momentum)
def in_place_on_what_is_new(params, grads, velocity, lr, beta):
    velocity = beta * velocity
    velocity += grads
    step = lr * velocity
    return params - step, velocity


for name, attempt in {
    "dampens": lambda p, g, v, lr, beta: (p - lr * (v + (1 - beta) * (g - v)), v + (1 - beta) * (g - v)),
    "lr_inside_the_velocity": lambda p, g, v, lr, beta: (p - beta * v - lr * g, beta * v + lr * g),
    "lr_twice": lambda p, g, v, lr, beta: (p - lr * beta * v - lr**2 * g, beta * v + lr * g),
    "forgets_lr": lambda p, g, v, lr, beta: (p - g - beta * v, g + beta * v),
    "uphill": lambda p, g, v, lr, beta: (lr * (beta * v + g) + p, beta * v + g),
    "velocity_points_downhill": lambda p, g, v, lr, beta: (p - lr * (g - beta * v), beta * v - g),
    "older_convention": lambda p, g, v, lr, beta: (p + (beta * v - lr * g), beta * v - lr * g),
    "gradient_slows_the_velocity": lambda p, g, v, lr, beta: (p - lr * (beta * v - g), beta * v - g),
    "steps_by_the_old_velocity": lambda p, g, v, lr, beta: (p - v * lr, g + v * beta),
    "forgets_beta": lambda p, g, v, lr, beta: (p - lr * v - lr * g, g + v),
    "steps_by_the_gradient": lambda p, g, v, lr, beta: (p - g * lr, g + v * beta),
    "returns_the_old_velocity": lambda p, g, v, lr, beta: (p - lr * beta * v - lr * g, v * 1),
    "beta_on_both": lambda p, g, v, lr, beta: (p - lr * beta * (v + g), beta * v + beta * g),
    "beta_on_the_gradient": lambda p, g, v, lr, beta: (p - lr * (v + beta * g), beta * g + v),
    "exchanges_weights": lambda p, g, v, lr, beta: (p - lr * (v + beta * (g - v)), v + beta * (g - v)),
    "adds_the_gradient_again": lambda p, g, v, lr, beta: (p - lr * (beta * v + 2 * g), beta * v + g),
    "looks_ahead": lambda p, g, v, lr, beta: (p - lr * (g + beta * g + beta**2 * v), beta * v + g),
    "exchanges_results": lambda p, g, v, lr, beta: (g + beta * v, p - lr * (g + beta * v)),
}.items():
    bank.wrong(optimizers.momentum, attempt, mistake=name, label=name)


@bank.wrong(optimizers.momentum, finding="changed arguments", says=("params and velocity", "in place"))
def changes_in_place(params, grads, velocity, lr, beta):
    velocity *= beta
    velocity += grads
    params -= lr * velocity
    return params, velocity


@bank.wrong(optimizers.momentum, mistake="returns_params_alone", says=("2 values", "The state is missing"))
def forgets_the_state(params, grads, velocity, lr, beta):
    return params - lr * (beta * velocity + grads)


@bank.wrong(optimizers.momentum, finding="kind", says=("it returns a list", "operators"))
def by_loop(params, grads, velocity, lr, beta):
    velocity = [beta * v + g for v, g in zip(velocity, grads, strict=True)]
    return [p - lr * v for p, v in zip(params, velocity, strict=True)], velocity


@bank.wrong(optimizers.momentum, finding="kind", says=("PyTorch tensors", "a NumPy array", "operators"))
def in_numpy(params, grads, velocity, lr, beta):
    velocity = np.array(beta * velocity + grads)
    return np.array(params) - lr * velocity, velocity


@bank.wrong(optimizers.momentum, finding="none", says="return")
def forgets_return(params, grads, velocity, lr, beta):
    velocity = beta * velocity + grads
    params = params - lr * velocity


@bank.wrong(optimizers.momentum, finding="signature", says="order")
def other_order(params, velocity, grads, lr, beta):
    velocity = beta * velocity + grads
    return params - lr * velocity, velocity


# Nesterov ----------------------------------------------------------------------------------------------------------


def ahead(grads, velocity, beta):
    return grads + beta * (beta * velocity + grads)


@bank.right(optimizers.nesterov)
def two_lines(params, grads, velocity, lr, beta):
    velocity = beta * velocity + grads
    return params - lr * grads - lr * beta * velocity, velocity


@bank.right(optimizers.nesterov)
def expanded(params, grads, velocity, lr, beta):
    return params - lr * ((1 + beta) * grads + beta**2 * velocity), beta * velocity + grads


@bank.right(optimizers.nesterov)
def from_nesterovs_own_places(params, grads, velocity, lr, beta):
    here = params + lr * beta * velocity  # his iterate, of which params is the place ahead
    velocity = beta * velocity + grads
    here = here - lr * velocity
    return here - lr * beta * velocity, velocity


@bank.right(optimizers.nesterov)
def by_momentum_and_a_bit(params, grads, velocity, lr, beta):
    new, v = in_one_line(params, grads, velocity, lr, beta)
    return new + lr * (v - grads - beta * v), v


@bank.right(optimizers.nesterov)
def by_difference(p, g, v, eta, mu):
    new = mu * v + g
    return p - eta * (new + mu * new - mu * v), new


@bank.right(optimizers.nesterov)
def by_a_helper(params, grads, velocity, lr, beta):
    blend = lambda v: v * beta + grads
    return params - lr * blend(blend(velocity)), blend(velocity)


for name, attempt in {
    "plain_momentum": lambda p, g, v, lr, beta: (p - lr * (g + beta * v), g + beta * v),
    "forgets_the_second_beta": lambda p, g, v, lr, beta: (p - lr * (2 * g + beta * v), g + beta * v),
    "forgets_the_gradient": lambda p, g, v, lr, beta: (p - lr * beta * (g + beta * v), g + beta * v),
    "keeps_the_look_ahead": lambda p, g, v, lr, beta: (p - lr * ahead(g, v, beta), ahead(g, v, beta)),
    "dampens_nesterov": lambda p, g, v, lr, beta: (
        p - lr * g - lr * beta * (v + (1 - beta) * (g - v)),
        v + (1 - beta) * (g - v),
    ),
    "dampens_both": lambda p, g, v, lr, beta: (
        p - lr * ahead((1 - beta) * g, v, beta),
        beta * v + (1 - beta) * g,
    ),
    "lr_inside_of_it": lambda p, g, v, lr, beta: (p - ahead(lr * g, v, beta), lr * g + beta * v),
    "other_sign": lambda p, g, v, lr, beta: (p + lr * ahead(-g, v, beta), beta * v - g),
    "goes_uphill": lambda p, g, v, lr, beta: (p + lr * ahead(g, v, beta), beta * v + g),
    "leaves_out_lr": lambda p, g, v, lr, beta: (p - ahead(g, v, beta), beta * v + g),
    "lr_on_the_gradient_alone": lambda p, g, v, lr, beta: (p - lr * g - beta * (beta * v + g), beta * v + g),
    "keeps_the_old_velocity": lambda p, g, v, lr, beta: (p - lr * ahead(g, v, beta), v),
    "shifts_the_start": lambda p, g, v, lr, beta: (p - lr * (2 * beta * v + g), beta * v + g),
}.items():
    bank.wrong(optimizers.nesterov, attempt, mistake=name, label=name)
bank.wrong(optimizers.nesterov, lambda p, g, v, lr, beta: None, finding="not attempted", label="none")


@bank.wrong(optimizers.nesterov, finding="arguments", says="takes 5 arguments")
def wants_a_function(f, params, grads, velocity, lr, beta):
    return params, velocity


@bank.wrong(optimizers.nesterov, finding="changed arguments", says="velocity in place")
def velocity_in_place(params, grads, velocity, lr, beta):
    velocity *= beta
    velocity += grads
    return params - lr * (grads + beta * velocity), velocity


bank.wrong(
    optimizers.nesterov,
    lambda p, g, v, lr, beta: p - lr * ahead(g, v, beta),
    mistake="forgets_the_velocity",
    label="forgets_the_velocity",
)


# Adagrad -----------------------------------------------------------------------------------------------------------


@bank.right(optimizers.adagrad)
def with_rate(params, grads, total, lr, eps):
    total = total + grads * grads
    rate = lr / (eps + total**0.5)
    return params - rate * grads, total


@bank.right(optimizers.adagrad)
def by_abs(params, grads, total, lr, eps):
    total = abs(grads) ** 2 + total
    return params + -lr * grads * (total ** (1 / 2) + eps) ** -1, total


@bank.right(optimizers.adagrad)
def by_pow(params, grads, total, lr, eps):
    total = total + pow(grads, 2)
    return params - grads / (pow(total, 0.5) / lr + eps / lr), total


@bank.right(optimizers.adagrad)
def by_square_method(p, g, s, lr, eps):
    s = s + g.__mul__(g)
    return (p - lr * (g / ((s**0.5) + eps)), s)


@bank.right(optimizers.adagrad)
def total_in_a_copy(params, grads, total, lr, eps):
    new = total * 1.0
    new += grads**2
    root = new**0.5
    root += eps
    return params - lr * grads / root, new


for name, attempt in {
    "epsilon_inside": lambda p, g, s, lr, eps: (p - lr * g / (s + g * g + eps) ** 0.5, s + g * g),
    "forgets_epsilon": lambda p, g, s, lr, eps: (p - lr * g * (s + g * g) ** -0.5, s + g * g),
    "forgets_the_root": lambda p, g, s, lr, eps: (p - lr * g / (eps + s + g * g), s + g * g),
    "uses_the_old_total": lambda p, g, s, lr, eps: (p - g * lr / (eps + s**0.5), s + g * g),
    "adds_gradients": lambda p, g, s, lr, eps: (p - lr * g / (abs(s + g) ** 0.5 + eps), s + g),
    "adds_absolute_values": lambda p, g, s, lr, eps: (p - lr * g / (s + abs(g) + eps), s + abs(g)),
    "forgets_the_past": lambda p, g, s, lr, eps: (p - lr * g / (abs(g) + eps), g * g),
    "returns_the_old_total": lambda p, g, s, lr, eps: (p - lr * g / ((s + g * g) ** 0.5 + eps), s),
    "returns_the_root": lambda p, g, s, lr, eps: (p - lr * g / ((s + g * g) ** 0.5 + eps), (s + g * g) ** 0.5),
    "shares_the_total": lambda p, g, s, lr, eps: (p - lr * g / ((s + g * g).sum() ** 0.5 + eps), s + g * g),
    "shares_the_squares": lambda p, g, s, lr, eps: (
        p - lr * g / ((s + (g * g).sum()) ** 0.5 + eps),
        s + (g * g).sum(),
    ),
    "keeps_epsilon": lambda p, g, s, lr, eps: (p - lr * g / (s + g * g + eps) ** 0.5, s + g * g + eps),
    "climbs": lambda p, g, s, lr, eps: (p + lr * g / ((s + g * g) ** 0.5 + eps), s + g * g),
    "multiplies": lambda p, g, s, lr, eps: (p - lr * g * ((s + g * g) ** 0.5 + eps), s + g * g),
    "steps_without_gradient": lambda p, g, s, lr, eps: (p - lr / ((s + g * g) ** 0.5 + eps), s + g * g),
    "leaves_lr_out": lambda p, g, s, lr, eps: (p - g / ((s + g * g) ** 0.5 + eps), s + g * g),
}.items():
    bank.wrong(optimizers.adagrad, attempt, mistake=name, label=name)


@bank.wrong(optimizers.adagrad, finding="kind", says=("jax.jit", "** 0.5"))
def by_numpys_root(params, grads, total, lr, eps):
    total = total + grads**2
    return params - lr * grads / (np.sqrt(total) + eps), total


@bank.wrong(optimizers.adagrad, finding="changed arguments", says="total in place")
def adds_in_place(params, grads, total, lr, eps):
    total += grads**2
    return params - lr * grads / (total**0.5 + eps), total


@bank.wrong(optimizers.adagrad, finding="kind", says=("TypeError", "operators alone"))
def by_maths_root(params, grads, total, lr, eps):
    total = total + grads**2
    return params - lr * grads / (math.sqrt(total) + eps), total


@bank.wrong(optimizers.adagrad, says="params is wrong in 3 of 3 entries")
def norm_of_the_state(params, grads, total, lr, eps):
    total = total.sum() + (grads**2).sum()
    return params - lr * grads / (total**0.5 + eps), total


bank.wrong(
    optimizers.adagrad,
    lambda p, g, s, lr, eps: p - lr * g / ((s + g * g) ** 0.5 + eps),
    mistake="forgets_the_total",
    label="forgets_the_total",
)


@bank.wrong(optimizers.adagrad, mistake="adds_epsilon_to_params")
def without_brackets(params, grads, total, lr, eps):
    total = total + grads**2
    return params - lr * grads / total**0.5 + eps, total


@bank.wrong(optimizers.adagrad, mistake="halves", says="(1/2)")
def power_one_over_two(params, grads, total, lr, eps):
    total = total + grads**2
    return params - lr * grads / (total**1 / 2 + eps), total


@bank.wrong(optimizers.adagrad, finding="kind", says=("Given NumPy arrays", "no attribute 'sqrt'", "operators alone"))
def by_the_tensors_method(params, grads, total, lr, eps):
    total = total + grads**2
    return params - lr * grads / (total.sqrt() + eps), total


# RMSProp -----------------------------------------------------------------------------------------------------------


def mean_square(g, v, beta):
    return v + (1 - beta) * (g * g - v)


@bank.right(optimizers.rmsprop)
def as_a_correction(params, grads, v, lr, beta, eps):
    v = v + (1 - beta) * (grads**2 - v)
    return params - lr * grads / (v**0.5 + eps), v


@bank.right(optimizers.rmsprop)
def other_symbols(theta, g, s, eta, rho, tiny):
    s = rho * s + (1 - rho) * g * g
    return theta - eta / (s**0.5 + tiny) * g, s


@bank.right(optimizers.rmsprop)
def in_pieces(params, grads, v, lr, beta, eps):
    kept, new = beta * v, (1 - beta) * pow(grads, 2)
    v = kept + new
    scale = v**0.5 + eps
    direction = grads / scale
    return params - lr * direction, v


@bank.right(optimizers.rmsprop)
def by_blend(params, grads, v, lr, beta, eps):
    def blend(old, new):
        return beta * old + (1 - beta) * new

    v = blend(v, grads * grads)
    return params + blend(0, 0) - lr * grads * (v**0.5 + eps) ** -1, v


@bank.right(optimizers.rmsprop)
def as_a_list_of_two(params, grads, v, lr, beta, eps):
    v = mean_square(grads, v, beta)
    return [params - lr * grads / (eps + v**0.5), v]


for name, attempt in {
    "epsilon_in_the_root": lambda p, g, v, lr, beta, eps: (
        p - lr * g / (mean_square(g, v, beta) + eps) ** 0.5,
        mean_square(g, v, beta),
    ),
    "no_epsilon": lambda p, g, v, lr, beta, eps: (
        p - lr * g * mean_square(g, v, beta) ** -0.5,
        mean_square(g, v, beta),
    ),
    "not_a_mean": lambda p, g, v, lr, beta, eps: (p - lr * g / ((beta * v + g * g) ** 0.5 + eps), beta * v + g * g),
    "adds_up_for_ever": lambda p, g, v, lr, beta, eps: (p - lr * g / ((v + g * g) ** 0.5 + eps), v + g * g),
    "weights_exchanged": lambda p, g, v, lr, beta, eps: (
        p - lr * g / (mean_square(g, v, 1 - beta) ** 0.5 + eps),
        mean_square(g, v, 1 - beta),
    ),
    "beta_twice": lambda p, g, v, lr, beta, eps: (p - lr * g / ((beta * (v + g * g)) ** 0.5 + eps), beta * (v + g * g)),
    "forgets_to_forget": lambda p, g, v, lr, beta, eps: (
        p - lr * g / ((v + (1 - beta) * g * g) ** 0.5 + eps),
        v + (1 - beta) * g * g,
    ),
    "means_the_gradients": lambda p, g, v, lr, beta, eps: (
        p - lr * g / (abs(v + (1 - beta) * (g - v)) ** 0.5 + eps),
        v + (1 - beta) * (g - v),
    ),
    "squares_the_weight": lambda p, g, v, lr, beta, eps: (
        p - lr * g / ((beta * v + ((1 - beta) * g) ** 2) ** 0.5 + eps),
        beta * v + ((1 - beta) * g) ** 2,
    ),
    "no_root": lambda p, g, v, lr, beta, eps: (
        p - lr * g / (mean_square(g, v, beta) + eps),
        mean_square(g, v, beta),
    ),
    "divides_by_the_old_mean": lambda p, g, v, lr, beta, eps: (
        p - lr * g / (v**0.5 + eps),
        mean_square(g, v, beta),
    ),
    "returns_the_old_mean": lambda p, g, v, lr, beta, eps: (p - lr * g / (mean_square(g, v, beta) ** 0.5 + eps), v),
    "returns_the_root_of_the_mean": lambda p, g, v, lr, beta, eps: (
        p - lr * g / (mean_square(g, v, beta) ** 0.5 + eps),
        mean_square(g, v, beta) ** 0.5,
    ),
    "shares_the_mean": lambda p, g, v, lr, beta, eps: (
        p - lr * g / ((beta * v + (1 - beta) * (g * g).mean()) ** 0.5 + eps),
        beta * v + (1 - beta) * (g * g).mean(),
    ),
    "steps_uphill": lambda p, g, v, lr, beta, eps: (
        p + lr * g / (mean_square(g, v, beta) ** 0.5 + eps),
        mean_square(g, v, beta),
    ),
    "no_lr": lambda p, g, v, lr, beta, eps: (
        p - g / (mean_square(g, v, beta) ** 0.5 + eps),
        mean_square(g, v, beta),
    ),
}.items():
    bank.wrong(optimizers.rmsprop, attempt, mistake=name, label=name)


@bank.wrong(optimizers.rmsprop, finding="kind", says=("jax.jit", "operators"))
def numpys_square_and_root(params, grads, v, lr, beta, eps):
    v = beta * v + (1 - beta) * np.square(grads)
    return params - lr * grads / (np.sqrt(v) + eps), v


@bank.wrong(optimizers.rmsprop, mistake="epsilon_in_the_root", says="PyTorch")
def as_ruder_writes_it(params, grads, v, lr, beta, eps):
    v = beta * v + (1 - beta) * grads**2
    return params - lr / (v + eps) ** 0.5 * grads, v


bank.wrong(
    optimizers.rmsprop,
    lambda p, g, v, lr, beta, eps: p - lr * g / (mean_square(g, v, beta) ** 0.5 + eps),
    mistake="forgets_the_mean",
    label="forgets_the_mean",
)


@bank.wrong(optimizers.rmsprop, mistake="adds_epsilon_outside")
def epsilon_out_of_the_division(params, grads, v, lr, beta, eps):
    v = mean_square(grads, v, beta)
    return params - lr * grads / v**0.5 + eps, v


@bank.wrong(optimizers.rmsprop, mistake="halves_the_mean")
def power_one_by_two(params, grads, v, lr, beta, eps):
    v = mean_square(grads, v, beta)
    return params - lr * grads / (v**1 / 2 + eps), v


@bank.wrong(optimizers.rmsprop, mistake="weight_without_brackets")
def brackets_forgotten(params, grads, v, lr, beta, eps):
    v = beta * v + 1 - beta * grads**2
    return params - lr * grads / (v**0.5 + eps), v


# Adam --------------------------------------------------------------------------------------------------------------


def means(g, m, v, beta1, beta2):
    return m + (1 - beta1) * (g - m), v + (1 - beta2) * (g * g - v)


def right_adam(p, g, m, v, t, lr, beta1, beta2, eps):
    m, v = means(g, m, v, beta1, beta2)
    t += 1
    return p - lr * (m / (1 - beta1**t)) / ((v / (1 - beta2**t)) ** 0.5 + eps), m, v, t


bank.right(optimizers.adam, right_adam)


@bank.right(optimizers.adam)
def in_pytorchs_order(params, grads, m, v, t, lr, beta1, beta2, eps):
    step = t + 1
    m = beta1 * m + (1 - beta1) * grads
    v = beta2 * v + (1 - beta2) * grads**2
    correction1, correction2 = 1 - beta1**step, 1 - beta2**step
    denominator = v**0.5 / math.sqrt(correction2) + eps
    return params - (lr / correction1) * m / denominator, m, v, step


@bank.right(optimizers.adam)
def with_a_scaled_epsilon(params, grads, m, v, t, lr, beta1, beta2, eps):
    m, v = means(grads, m, v, beta1, beta2)
    root = (1 - beta2 ** (t + 1)) ** 0.5
    return params - lr * root / (1 - beta1 ** (t + 1)) * m / (v**0.5 + eps * root), m, v, t + 1


@bank.right(optimizers.adam)
def counting_from_1_inside(params, grads, m, v, t, lr, beta1, beta2, eps):
    first, second = means(grads, m, v, beta1, beta2)
    unbiased = lambda mean, beta: mean / (1 - beta ** (t + 1))
    step = unbiased(first, beta1) / (unbiased(second, beta2) ** 0.5 + eps)
    return [params - lr * step, first, second, t + 1]


@bank.right(optimizers.adam)
def with_a_sum_of_powers(params, grads, m, v, t, lr, beta1, beta2, eps):
    m, v = means(grads, m, v, beta1, beta2)
    weight = lambda beta: (1 - beta) * sum(beta**k for k in range(t + 1))
    return params - lr * (m / weight(beta1)) / ((v / weight(beta2)) ** 0.5 + eps), m, v, t + 1


@bank.right(optimizers.adam)
def numpy_for_the_numbers(params, grads, m, v, t, lr, beta1, beta2, eps):
    t = t + 1
    m, v = beta1 * m + (1 - beta1) * grads, beta2 * v + (1 - beta2) * grads * grads
    scale = float(np.sqrt(1 - beta2**t))
    return params - lr * m / (1 - beta1**t) / (v**0.5 / scale + eps), m, v, t


def corrected(p, g, m, v, t, lr, beta1, beta2, eps, correct1=lambda b, t: 1 - b**t, correct2=lambda b, t: 1 - b**t):
    m, v = means(g, m, v, beta1, beta2)
    return p - lr * (m / correct1(beta1, t + 1)) / ((v / correct2(beta2, t + 1)) ** 0.5 + eps), m, v, t + 1


NO = lambda beta, t: 1


@bank.wrong(optimizers.adam, mistake="no_bias_correction")
def uncorrected(params, grads, m, v, t, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * grads
    v = beta2 * v + (1 - beta2) * grads**2
    return params - lr * m / (v**0.5 + eps), m, v, t + 1


for name, attempt in {
    "corrects_m_only": lambda *given: corrected(*given, correct2=NO),
    "corrects_v_only": lambda *given: corrected(*given, correct1=NO),
    "corrects_as_in_the_first_step": lambda *given: corrected(
        *given, correct1=lambda b, t: 1 - b, correct2=lambda b, t: 1 - b
    ),
    "multiplies_by_the_corrections": lambda *given: corrected(
        *given, correct1=lambda b, t: 1 / (1 - b**t), correct2=lambda b, t: 1 / (1 - b**t)
    ),
    "multiplies_beta_by_t": lambda *given: corrected(
        *given, correct1=lambda b, t: 1 - b * t, correct2=lambda b, t: abs(1 - b * t)
    ),
    "returns_the_old_t": lambda *given: (*right_adam(*given)[:3], given[4]),
    "returns_the_old_means": lambda *given: (right_adam(*given)[0], given[2], given[3], given[4] + 1),
    "adam_uphill": lambda *given: (2 * given[0] - right_adam(*given)[0], *right_adam(*given)[1:]),
    "leaves_out_epsilon": lambda *given: right_adam(*given[:-1], 0),
    "exchanges_betas": lambda p, g, m, v, t, lr, b1, b2, eps: right_adam(p, g, m, v, t, lr, b2, b1, eps),
    "beta1_for_both": lambda p, g, m, v, t, lr, b1, b2, eps: right_adam(p, g, m, v, t, lr, b1, b1, eps),
    "adam_without_lr": lambda p, g, m, v, t, lr, b1, b2, eps: right_adam(p, g, m, v, t, 1, b1, b2, eps),
}.items():
    bank.wrong(optimizers.adam, attempt, mistake=name, label=name)


@bank.wrong(optimizers.adam, mistake="counts_from_0", says="divide by 1 - beta ** 0 = 0")
def increases_t_at_the_end(params, grads, m, v, t, lr, beta1, beta2, eps):
    m, v = means(grads, m, v, beta1, beta2)
    m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
    return params - lr * m_hat / (v_hat**0.5 + eps), m, v, t + 1


@bank.wrong(optimizers.adam, mistake="never_counts")
def leaves_t_alone(params, grads, m, v, t, lr, beta1, beta2, eps):
    m, v = means(grads, m, v, beta1, beta2)
    return params - lr * (m / (1 - beta1**t)) / ((v / (1 - beta2**t)) ** 0.5 + eps), m, v, t


@bank.wrong(optimizers.adam, mistake="epsilon_under_the_root")
def inside(params, grads, m, v, t, lr, beta1, beta2, eps):
    m, v = means(grads, m, v, beta1, beta2)
    t = t + 1
    return params - lr * m / (1 - beta1**t) / (v / (1 - beta2**t) + eps) ** 0.5, m, v, t


@bank.wrong(optimizers.adam, mistake="epsilon_before_the_correction")
def the_papers_shortcut(params, grads, m, v, t, lr, beta1, beta2, eps):
    m, v = means(grads, m, v, beta1, beta2)
    t = t + 1
    rate = lr * (1 - beta2**t) ** 0.5 / (1 - beta1**t)
    return params - rate * m / (v**0.5 + eps), m, v, t


@bank.wrong(optimizers.adam, mistake="keeps_the_corrected_means")
def overwrites_with_the_correction(params, grads, m, v, t, lr, beta1, beta2, eps):
    t = t + 1
    m, v = means(grads, m, v, beta1, beta2)
    m = m / (1 - beta1**t)
    v = v / (1 - beta2**t)
    return params - lr * m / (v**0.5 + eps), m, v, t


@bank.wrong(optimizers.adam, mistake="m_is_a_velocity")
def with_momentums_velocity(params, grads, m, v, t, lr, beta1, beta2, eps):
    t = t + 1
    m, v = beta1 * m + grads, means(grads, m, v, beta1, beta2)[1]
    return params - lr * m / (1 - beta1**t) / ((v / (1 - beta2**t)) ** 0.5 + eps), m, v, t


@bank.wrong(optimizers.adam, mistake="v_is_a_sum")
def with_a_sum_of_squares(params, grads, m, v, t, lr, beta1, beta2, eps):
    t = t + 1
    m, v = means(grads, m, v, beta1, beta2)[0], beta2 * v + grads**2
    return params - lr * m / (1 - beta1**t) / ((v / (1 - beta2**t)) ** 0.5 + eps), m, v, t


@bank.wrong(optimizers.adam, mistake="no_means")
def with_two_sums(params, grads, m, v, t, lr, beta1, beta2, eps):
    t = t + 1
    m, v = beta1 * m + grads, beta2 * v + grads**2
    return params - lr * m / (1 - beta1**t) / ((v / (1 - beta2**t)) ** 0.5 + eps), m, v, t


@bank.wrong(optimizers.adam, mistake="squares_m")
def squares_the_mean(params, grads, m, v, t, lr, beta1, beta2, eps):
    t = t + 1
    m = beta1 * m + (1 - beta1) * grads
    v = beta2 * v + (1 - beta2) * m**2
    return params - lr * m / (1 - beta1**t) / ((v / (1 - beta2**t)) ** 0.5 + eps), m, v, t


@bank.wrong(optimizers.adam, mistake="v_without_squares")
def two_means_of_gradients(params, grads, m, v, t, lr, beta1, beta2, eps):
    t = t + 1
    m = beta1 * m + (1 - beta1) * grads
    v = beta2 * v + (1 - beta2) * grads
    return params - lr * m / (1 - beta1**t) / (abs(v / (1 - beta2**t)) ** 0.5 + eps), m, v, t


@bank.wrong(optimizers.adam, mistake="without_the_root")
def divides_by_v(params, grads, m, v, t, lr, beta1, beta2, eps):
    t = t + 1
    m, v = means(grads, m, v, beta1, beta2)
    return params - lr * m / (1 - beta1**t) / (v / (1 - beta2**t) + eps), m, v, t


@bank.wrong(optimizers.adam, mistake="steps_by_the_raw_gradient")
def forgets_m(params, grads, m, v, t, lr, beta1, beta2, eps):
    t = t + 1
    m, v = means(grads, m, v, beta1, beta2)
    return params - lr * grads / ((v / (1 - beta2**t)) ** 0.5 + eps), m, v, t


@bank.wrong(optimizers.adam, mistake="shares_v")
def one_v_for_all(params, grads, m, v, t, lr, beta1, beta2, eps):
    t = t + 1
    m = beta1 * m + (1 - beta1) * grads
    v = beta2 * v + (1 - beta2) * (grads * grads).mean()
    return params - lr * m / (1 - beta1**t) / ((v / (1 - beta2**t)) ** 0.5 + eps), m, v, t


@bank.wrong(optimizers.adam, mistake="steps_by_the_old_means")
def updates_last(params, grads, m, v, t, lr, beta1, beta2, eps):
    t = t + 1
    params = params - lr * (m / (1 - beta1**t)) / ((v / (1 - beta2**t)) ** 0.5 + eps)
    return params, *means(grads, m, v, beta1, beta2), t


@bank.wrong(optimizers.adam, finding="kind", says="4 values")
def returns_no_t(params, grads, m, v, t, lr, beta1, beta2, eps):
    return right_adam(params, grads, m, v, t, lr, beta1, beta2, eps)[:3]


@bank.wrong(optimizers.adam, finding="kind", says=("jax.jit", "** 0.5"))
def with_numpys_root(params, grads, m, v, t, lr, beta1, beta2, eps):
    t = t + 1
    m, v = means(grads, m, v, beta1, beta2)
    return params - lr * m / (1 - beta1**t) / (np.sqrt(v / (1 - beta2**t)) + eps), m, v, t


@bank.wrong(optimizers.adam, finding="changed arguments", says="m and v in place")
def means_in_place(params, grads, m, v, t, lr, beta1, beta2, eps):
    m += (1 - beta1) * (grads - m)
    v += (1 - beta2) * (grads**2 - v)
    t += 1
    return params - lr * m / (1 - beta1**t) / ((v / (1 - beta2**t)) ** 0.5 + eps), m, v, t


bank.wrong(
    optimizers.adam, lambda *given: right_adam(*given)[0], mistake="forgets_the_state", label="forgets_the_state"
)


@bank.wrong(optimizers.adam, mistake="exchanges_corrections")
def each_others_correction(params, grads, m, v, t, lr, beta1, beta2, eps):
    t = t + 1
    m, v = means(grads, m, v, beta1, beta2)
    return params - lr * m / (1 - beta2**t) / ((v / (1 - beta1**t)) ** 0.5 + eps), m, v, t


@bank.wrong(optimizers.adam, mistake="uncorrected_with_epsilon_inside")
def two_in_one(params, grads, m, v, t, lr, beta1, beta2, eps):
    m, v = means(grads, m, v, beta1, beta2)
    return params - lr * m / (v + eps) ** 0.5, m, v, t + 1


@bank.wrong(optimizers.adam, mistake="adds_epsilon_to_the_params")
def epsilon_outside_of_the_division(params, grads, m, v, t, lr, beta1, beta2, eps):
    t = t + 1
    m, v = means(grads, m, v, beta1, beta2)
    return params - lr * m / (1 - beta1**t) / (v / (1 - beta2**t)) ** 0.5 + eps, m, v, t


@bank.wrong(optimizers.adam, mistake="halves_v")
def one_by_two(params, grads, m, v, t, lr, beta1, beta2, eps):
    t = t + 1
    m, v = means(grads, m, v, beta1, beta2)
    return params - lr * m / (1 - beta1**t) / ((v / (1 - beta2**t)) ** 1 / 2 + eps), m, v, t


# A decaying rate ---------------------------------------------------------------------------------------------------


@bank.right(optimizers.decayed_lr)
def as_a_power(lr, decay, t):
    return lr * (1 + t * decay) ** -1


@bank.right(optimizers.decayed_lr)
def by_half_life(lr, decay, t):
    half = 1 / decay
    return lr * half / (half + t)


@bank.right(optimizers.decayed_lr)
def by_inverse(eta, k, step):
    return 1 / (1 / eta + k * step / eta)


@bank.right(optimizers.decayed_lr)
def by_a_helper_of_its_own(lr, decay, t):
    slowed = 1 + decay * t
    return lr / slowed


@bank.right(optimizers.decayed_lr)
def by_subtraction(lr, decay, t):
    return lr - lr * decay * t / (1 + decay * t)


for name, attempt in {
    "exponential": lambda lr, decay, t: decay**t * lr,
    "exponential_of_the_rest": lambda lr, decay, t: lr * (1 - decay) ** t,
    "natural_exponential": lambda lr, decay, t: lr * 2.718281828459045 ** (-decay * t),
    "linear": lambda lr, decay, t: lr - lr * decay * t,
    "subtracts": lambda lr, decay, t: -decay * t + lr,
    "counts_from_1": lambda lr, decay, t: lr / (1 + decay + decay * t),
    "forgets_decay": lambda lr, decay, t: lr / (t + 1),
    "wrong_brackets": lambda lr, decay, t: lr / (t + decay * t),
    "forgets_the_1": lambda lr, decay, t: lr / decay / t,
    "power": lambda lr, decay, t: lr * (1 + decay) ** -t,
    "root": lambda lr, decay, t: lr * (1 + decay * t) ** -0.5,
    "grows": lambda lr, decay, t: lr + lr * decay * t,
    "missing_brackets": lambda lr, decay, t: lr + decay * t,
    "multiplies_by_t": lambda lr, decay, t: t * lr / (1 + decay),
}.items():
    bank.wrong(optimizers.decayed_lr, attempt, mistake=name, label=f"rate_{name}")
bank.wrong(optimizers.decayed_lr, lambda lr, decay: lr / (1 + decay), finding="arguments", label="without-t")


@bank.wrong(optimizers.decayed_lr, finding="raised", says="TypeError")
def step_by_step(lr, decay, t):
    rate = lr
    for step in range(t):
        rate = rate * (1 + decay * step) / (1 + decay * (step + 1))
    return rate


@bank.wrong(optimizers.decayed_lr, finding="kind", says=("truth value", "many steps at once"))
def asks_for_the_first_step(lr, decay, t):
    return lr if t == 0 else lr / (1 + decay * t)


# The race ----------------------------------------------------------------------------------------------------------


@bank.right(optimizers.race)
def by_arrays(racers, f, grad, start, n_steps):
    paths, losses = {}, {}
    for name in racers:
        update, state = racers[name]
        path = np.empty((n_steps + 1, *np.shape(start)))
        path[0] = start
        for step in range(n_steps):
            path[step + 1], *state = update(path[step], grad(path[step]), *state)
        paths[name] = path
        losses[name] = np.array([f(params) for params in path])
    return paths, losses


@bank.right(optimizers.race)
def loss_on_the_way(racers, f, grad, start, n_steps):
    paths = {name: [start] for name in racers}
    losses = {name: [f(start)] for name in racers}
    for name, (update, state) in racers.items():
        params = start
        for _ in range(n_steps):
            result = update(params, grad(params), *state)
            params, state = result[0], result[1:]
            paths[name].append(params)
            losses[name].append(f(params))
    return paths, losses


@bank.right(optimizers.race)
def side_by_side(racers, f, grad, start, n_steps):
    now = {name: (start, *state) for name, (_, state) in racers.items()}
    paths = {name: [start] for name in racers}
    for _ in range(n_steps):
        for name, (update, _) in racers.items():
            params, *state = now[name]
            now[name] = update(params, grad(params), *state)
            paths[name].append(now[name][0])
    return [paths, {name: list(map(f, path)) for name, path in paths.items()}]


@bank.right(optimizers.race)
def as_a_generator(racers, f, grad, start, n_steps):
    def places(update, state):
        params = start
        yield params
        for _ in range(n_steps):
            params, *state = update(params, grad(params), *state)
            yield params

    paths = {name: list(places(*racer)) for name, racer in racers.items()}
    return paths, {name: [f(params) for params in paths[name]] for name in paths}


@bank.right(optimizers.race)
def by_recursion(racers, f, grad, start, n_steps):
    def run(update, left, params, *state):
        if left == 0:
            return (params,)
        return (params, *run(update, left - 1, *update(params, grad(params), *state)))

    paths = {name: run(update, n_steps, start, *state) for name, (update, state) in racers.items()}
    return paths, {name: tuple(f(params) for params in path) for name, path in paths.items()}


def raced(racers, f, grad, start, n_steps):
    return as_a_generator(racers, f, grad, start, n_steps)


@bank.wrong(optimizers.race, finding="kind", says="values of state")
def state_set_outside(racers, f, grad, start, n_steps):
    state = ()
    paths = {}
    for name, (update, _) in racers.items():
        params, path = start, [start]
        for _ in range(n_steps):
            params, *state = update(params, grad(params), *state)
            path.append(params)
        paths[name] = path
    return paths, {name: [f(params) for params in path] for name, path in paths.items()}


@bank.wrong(optimizers.race, mistake="shares_state")
def keeps_the_first_state(racers, f, grad, start, n_steps):
    states, paths = {}, {}
    for name, (update, first) in racers.items():
        state = states.setdefault(len(first), list(first))
        path = [start]
        for _ in range(n_steps):
            params, *new = update(path[-1], grad(path[-1]), *state)
            state[:] = new
            path.append(params)
        paths[name] = path
    return paths, {name: [f(params) for params in path] for name, path in paths.items()}


@bank.wrong(optimizers.race, mistake="starts_where_the_last_ended")
def puts_nobody_back(racers, f, grad, start, n_steps):
    paths, params = {}, start
    for name, (update, state) in racers.items():
        path = [params]
        for _ in range(n_steps):
            params, *state = update(params, grad(params), *state)
            path.append(params)
        paths[name] = path
    return paths, {name: [f(params) for params in path] for name, path in paths.items()}


@bank.wrong(optimizers.race, mistake="loses_the_new_state")
def ignores_what_comes_back(racers, f, grad, start, n_steps):
    paths = {}
    for name, (update, state) in racers.items():
        path = [start]
        for _ in range(n_steps):
            path.append(update(path[-1], grad(path[-1]), *state)[0])
        paths[name] = path
    return paths, {name: [f(params) for params in path] for name, path in paths.items()}


@bank.wrong(optimizers.race, mistake="gradient_at_the_start")
def one_gradient(racers, f, grad, start, n_steps):
    slope = grad(start)
    return raced(racers, f, lambda params: slope, start, n_steps)


@bank.wrong(optimizers.race, mistake="shares_the_list")
def one_list(racers, f, grad, start, n_steps):
    paths, losses, path, heights = {}, {}, [], []
    for name, (update, state) in racers.items():
        params = start
        path.append(params)
        heights.append(f(params))
        for _ in range(n_steps):
            params, *state = update(params, grad(params), *state)
            path.append(params)
            heights.append(f(params))
        paths[name], losses[name] = path, heights
    return paths, losses


for name, attempt in {
    "leaves_out_the_start": lambda *given: tuple({k: v[1:] for k, v in part.items()} for part in raced(*given)),
    "leaves_out_the_end": lambda *given: tuple({k: v[:-1] for k, v in part.items()} for part in raced(*given)),
    "one_step_long": lambda *given: raced(*given[:-1], given[-1] + 1),
    "losses_without_the_end": lambda *given: (raced(*given)[0], {k: v[:-1] for k, v in raced(*given)[1].items()}),
    "losses_without_the_start": lambda *given: (raced(*given)[0], {k: v[1:] for k, v in raced(*given)[1].items()}),
    "keeps_the_end_alone": lambda *given: tuple({k: v[-1] for k, v in part.items()} for part in raced(*given)),
    "exchanges_paths_and_losses": lambda *given: raced(*given)[::-1],
    "returns_the_paths_alone": lambda *given: raced(*given)[0],
}.items():
    bank.wrong(optimizers.race, attempt, mistake=name, label=f"race_{name}")


@bank.wrong(optimizers.race, finding="kind", says="with a star")
def hands_the_state_over_as_one(racers, f, grad, start, n_steps):
    paths = {}
    for name, (update, state) in racers.items():
        params, path = start, [start]
        for _ in range(n_steps):
            params, state = update(params, grad(params), state)
            path.append(params)
        paths[name] = path
    return paths, {name: [f(params) for params in path] for name, path in paths.items()}


@bank.wrong(optimizers.race, finding="kind", says="paths should be a dict")
def lists_for_dicts(racers, f, grad, start, n_steps):
    paths, losses = raced(racers, f, grad, start, n_steps)
    return list(paths.values()), list(losses.values())


@bank.wrong(optimizers.race, mistake="new_dicts_for_each")
def dicts_inside(racers, f, grad, start, n_steps):
    for name, racer in racers.items():
        paths, losses = {}, {}
        kept = raced({name: racer}, f, grad, start, n_steps)
        paths[name], losses[name] = kept[0][name], kept[1][name]
    return paths, losses


@bank.wrong(optimizers.race, mistake="returns_in_the_loop")
def return_inside(racers, f, grad, start, n_steps):
    for name, racer in racers.items():
        return raced({name: racer}, f, grad, start, n_steps)


@bank.wrong(optimizers.race, mistake="losses_lag_behind")
def loss_before_each_step(racers, f, grad, start, n_steps):
    paths, losses = {}, {}
    for name, (update, state) in racers.items():
        params, path, kept = start, [start], [f(start)]
        for _ in range(n_steps):
            kept.append(f(params))
            params, *state = update(params, grad(params), *state)
            path.append(params)
        paths[name], losses[name] = path, kept
    return paths, losses


@bank.wrong(optimizers.race, finding="kind", says="all that update returned")
def no_star(racers, f, grad, start, n_steps):
    paths = {}
    for name, (update, state) in racers.items():
        params, path = start, [start]
        for _ in range(n_steps):
            params = update(params, grad(params), *state)
            path.append(params)
        paths[name] = path
    return paths, {name: [f(params) for params in path] for name, path in paths.items()}


@bank.wrong(optimizers.race, finding="kind", says="the function grad itself")
def hands_over_grad(racers, f, grad, start, n_steps):
    update, state = racers["red"]
    return update(start, grad, *state)


# Find the bug ------------------------------------------------------------------------------------------------------


def own_adam(params, grads, m, v, t, lr):
    return right_adam(params, grads, m, v, t, lr, 0.9, 0.999, 1e-8)


def slopes(x, y, b, w):
    error = b + w * x - y
    return (error**2).mean(), 2 * error.mean(), 2 * (x * error).mean()


@bank.right(optimizers.train_line)
def six_variables(x, y, b, w, lr, n_epochs):
    m_b = v_b = m_w = v_w = 0.0
    t_b = t_w = 0
    losses = []
    for _ in range(n_epochs):
        loss, b_grad, w_grad = slopes(x, y, b, w)
        losses.append(loss)
        b, m_b, v_b, t_b = own_adam(b, b_grad, m_b, v_b, t_b, lr)
        w, m_w, v_w, t_w = own_adam(w, w_grad, m_w, v_w, t_w, lr)
    return b, w, losses


@bank.right(optimizers.train_line)
def one_array(x, y, b, w, lr, n_epochs):
    params, m, v, t = np.array([b, w]), np.zeros(2), np.zeros(2), 0
    losses = np.empty(n_epochs)
    for epoch in range(n_epochs):
        losses[epoch], *grads = slopes(x, y, *params)
        params, m, v, t = own_adam(params, np.array(grads), m, v, t, lr)
    return params[0], params[1], losses


@bank.right(optimizers.train_line)
def one_t_for_both(x, y, b, w, lr, n_epochs):
    m_b = v_b = m_w = v_w = 0.0
    losses = []
    for t in range(n_epochs):
        loss, b_grad, w_grad = slopes(x, y, b, w)
        losses.append(loss)
        b, m_b, v_b, _ = own_adam(b, b_grad, m_b, v_b, t, lr)
        w, m_w, v_w, _ = own_adam(w, w_grad, m_w, v_w, t, lr)
    return b, w, losses


@bank.right(optimizers.train_line)
def dict_of_states(x, y, b, w, lr, n_epochs):
    params = {"b": b, "w": w}
    states = {name: [0, 0, 0] for name in params}
    losses = []
    for _ in range(n_epochs):
        loss, *grads = slopes(x, y, **params)
        losses.append(loss)
        for name, grad in zip(params, grads, strict=True):
            params[name], *states[name] = own_adam(params[name], grad, *states[name], lr)
    return params["b"], params["w"], losses


@bank.right(optimizers.train_line)
def as_lists(x, y, b, w, lr, n_epochs):
    losses, at, to = [], (b, 0.0, 0.0, 0), (w, 0.0, 0.0, 0)
    for _ in range(n_epochs):
        loss, b_grad, w_grad = slopes(x, y, at[0], to[0])
        losses += [loss]
        at, to = own_adam(at[0], b_grad, *at[1:], lr), own_adam(to[0], w_grad, *to[1:], lr)
    return [at[0], to[0], losses]


def trained(x, y, b, w, lr, n_epochs, step):
    state, losses = [0.0, 0.0, 0, 0.0, 0.0, 0], []
    for _ in range(n_epochs):
        loss, b_grad, w_grad = slopes(x, y, b, w)
        losses.append(loss)
        b, w = step(b, b_grad, w, w_grad, state, lr)
    return b, w, losses


def sharing(*shared):
    def step(b, b_grad, w, w_grad, state, lr):
        b, *state[:3] = own_adam(b, b_grad, *state[:3], lr)
        for place in shared:
            state[3 + place] = state[place]
        w, *state[3:] = own_adam(w, w_grad, *state[3:], lr)
        for place in shared:
            state[place] = state[3 + place]
        return b, w

    return lambda *given: trained(*given, step)


for name, attempt in {
    "still_shares_all": sharing(0, 1, 2),
    "still_shares_t": sharing(2),
    "still_shares_v": sharing(1),
    "still_shares_m": sharing(0),
    "separates_m_only": sharing(1, 2),
    "separates_v_only": sharing(0, 2),
    "separates_t_only": sharing(0, 1),
}.items():
    bank.wrong(optimizers.train_line, attempt, mistake=name, label=name)


@bank.wrong(optimizers.train_line, mistake="still_shares_all")
def as_it_was_given(x, y, b, w, lr, n_epochs):
    m, v, t, losses = 0.0, 0.0, 0, []
    for _ in range(n_epochs):
        loss, b_grad, w_grad = slopes(x, y, b, w)
        losses.append(loss)
        b, m, v, t = own_adam(b, b_grad, m, v, t, lr)
        w, m, v, t = own_adam(w, w_grad, m, v, t, lr)
    return b, w, losses


@bank.wrong(optimizers.train_line, mistake="resets_in_every_epoch")
def zeros_inside(x, y, b, w, lr, n_epochs):
    step = lambda b, b_grad, w, w_grad, _, lr: (
        own_adam(b, b_grad, 0, 0, 0, lr)[0],
        own_adam(w, w_grad, 0, 0, 0, lr)[0],
    )
    return trained(x, y, b, w, lr, n_epochs, step)


@bank.wrong(optimizers.train_line, mistake="reads_the_others_state")
def half_repaired(x, y, b, w, lr, n_epochs):
    def step(b, b_grad, w, w_grad, state, lr):
        b, *state[:3] = own_adam(b, b_grad, *state[:3], lr)
        w, *state[3:] = own_adam(w, w_grad, *state[:3], lr)
        return b, w

    return trained(x, y, b, w, lr, n_epochs, step)


@bank.wrong(optimizers.train_line, mistake="moves_b_first")
def b_moves_first(x, y, b, w, lr, n_epochs):
    b_state, w_state, losses = (0, 0, 0), (0, 0, 0), []
    for _ in range(n_epochs):
        loss, b_grad, _ = slopes(x, y, b, w)
        losses.append(loss)
        b, *b_state = own_adam(b, b_grad, *b_state, lr)
        w, *w_state = own_adam(w, slopes(x, y, b, w)[2], *w_state, lr)
    return b, w, losses


@bank.wrong(optimizers.train_line, finding="shape", says="losses should have")
def one_loss_too_many(x, y, b, w, lr, n_epochs):
    b, w, losses = six_variables(x, y, b, w, lr, n_epochs)
    return b, w, [*losses, slopes(x, y, b, w)[0]]


# Quiz --------------------------------------------------------------------------------------------------------------

bank.right(optimizers.first_step_of_adam, {"a", "c"})
bank.right(optimizers.first_step_of_adam, "c, a")
bank.wrong(optimizers.first_step_of_adam, {"a", "c", "d"}, mistake="chose_d", says="0.032")
bank.wrong(optimizers.first_step_of_adam, {"b", "c"}, mistake="chose_b", says="divides by |g|")
bank.wrong(optimizers.first_step_of_adam, {"a"}, mistake="missed_c")
bank.right(optimizers.loss_in_other_units, ("c", "d", "e"))
bank.wrong(optimizers.loss_in_other_units, {"a", "b"}, mistake="chose_a")
bank.wrong(optimizers.loss_in_other_units, {"b", "c", "d", "e"}, mistake="chose_b")
bank.wrong(optimizers.loss_in_other_units, {"e"}, mistake="missed_c")
bank.right(optimizers.what_beta_changes, ["b", "a"])
bank.wrong(optimizers.what_beta_changes, {"a", "c"}, mistake="chose_c", says="a sum is no mean")
bank.wrong(optimizers.what_beta_changes, {"d"}, mistake="chose_d")
bank.wrong(optimizers.what_beta_changes, {"b"}, mistake="missed_a")
bank.right(optimizers.turned_ravine, "ab")
bank.wrong(optimizers.turned_ravine, {"a", "b", "d"}, mistake="chose_d")
bank.wrong(optimizers.turned_ravine, {"a"}, mistake="missed_b")
bank.wrong(optimizers.turned_ravine, ..., finding="not attempted", label="dots")
