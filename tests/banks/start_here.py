"""Answers to lesson 00."""

import functools
import math
import operator

import numpy as np

from gdexercises import start_here
from tests.banks import Bank

bank = Bank()

# The height of the valley -------------------------------------------------------------------------------------------


@bank.right(start_here.height)
def times_itself(w):
    distance = w - 1
    return distance * distance


@bank.right(start_here.height)
def multiplied_out(w):
    return w * w - 2 * w + 1


@bank.right(start_here.height)
def from_one(w):
    return (1 - w) ** 2


@bank.right(start_here.height)
def with_pow(place):
    return math.pow(place - 1, 2)


@bank.right(start_here.height)
def as_an_array(w):
    return np.square(np.array([w]) - 1)


@bank.right(start_here.height)
def in_single_precision(w):
    return np.float32(w - 1) ** 2


bank.right(start_here.height, lambda w: abs(w - 1) ** 2, label="lambda")
bank.right(start_here.height, functools.partial(np.polyval, [1, -2, 1]), label="polynomial")


@bank.wrong(start_here.height, mistake="difference_not_squared", says="brackets around the difference")
def without_brackets(w):
    return w - 1**2


@bank.wrong(start_here.height, mistake="doubles", says="two stars")
def one_star(w):
    return (w - 1) * 2


@bank.wrong(start_here.height, mistake="squares_w_alone")
def brackets_in_the_wrong_place(w):
    return (w**2) - 1


@bank.wrong(start_here.height, mistake="lowest_at_minus_one")
def plus_one(w):
    return w**2 + 2 * w + 1


@bank.wrong(start_here.height, mistake="distance_not_squared")
def root_of_the_square(w):
    return math.sqrt((w - 1) ** 2)


@bank.wrong(start_here.height, mistake="upside_down")
def minus_before_all(w):
    return -(1 - w) * (1 - w)


@bank.wrong(start_here.height, finding="raised", says=("TypeError", "^"))
def hat_for_power(w):
    return (w - 1) ^ 2


@bank.wrong(start_here.height, finding="none", says="Printing shows a value")
def prints(w):
    print((w - 1) ** 2)


@bank.wrong(start_here.height, finding="none", says="return")
def forgets_return(w):
    (w - 1) ** 2


@bank.wrong(start_here.height, finding="not attempted", says="start_here.height.hint()")
def untouched(w):
    raise NotImplementedError()


@bank.wrong(start_here.height, finding="raised", says=("NameError", "run the cell"))
def unknown_name(w):
    return (x - 1) ** 2  # noqa: F821


@bank.wrong(start_here.height, finding="arguments", says="yours takes 0")
def no_parameter():
    return 4


@bank.wrong(start_here.height)
def cubed(w):
    return (w - 1) ** 3


bank.wrong(start_here.height, 9.0, finding="not callable", says="check(height)", label="a number")

# Find the bug -------------------------------------------------------------------------------------------------------


@bank.right(start_here.roll)
def with_while(w, lr, n_steps):
    while n_steps > 0:
        w -= lr * 2 * (w - 1)
        n_steps -= 1
    return w


@bank.right(start_here.roll)
def by_formula(w, lr, n_steps):
    return 1 + (1 - 2 * lr) ** n_steps * (w - 1)


@bank.right(start_here.roll)
def recursive(w, lr, n_steps):
    return w if n_steps == 0 else recursive(w - lr * 2 * (w - 1), lr, n_steps - 1)


@bank.right(start_here.roll)
def last_of_a_list(start, rate, steps):
    places = [start]
    for _ in range(steps):
        places.append(places[-1] - rate * 2 * (places[-1] - 1))
    return places[-1]


@bank.right(start_here.roll)
def with_reduce(w, lr, n_steps):
    return functools.reduce(lambda w, _: w - lr * 2 * (w - 1), range(n_steps), w)


@bank.right(start_here.roll)
def as_numpy_number(w, lr, n_steps):
    w = np.float64(w)
    for _ in range(n_steps):
        w = w - lr * np.multiply(2, w - 1)
    return w


@bank.wrong(start_here.roll, mistake="returns_in_the_loop")
def as_given(w, lr, n_steps):
    for _ in range(n_steps):
        slope = 2 * (w - 1)
        w = w - lr * slope
        return w


@bank.wrong(start_here.roll, mistake="does_not_move")
def throws_the_step_away(w, lr, n_steps):
    for _ in range(n_steps):
        slope = 2 * (w - 1)
        operator.sub(w, lr * slope)
    return w


@bank.wrong(start_here.roll, mistake="uphill")
def adds_the_step(w, lr, n_steps):
    for _ in range(n_steps):
        w += lr * 2 * (w - 1)
    return w


@bank.wrong(start_here.roll, mistake="one_step_short")
def counts_from_one(w, lr, n_steps):
    for _ in range(1, n_steps):
        w = w - lr * 2 * (w - 1)
    return w


@bank.wrong(start_here.roll, mistake="one_step_long")
def counts_to_the_end(w, lr, n_steps):
    for _ in range(n_steps + 1):
        w = w - lr * 2 * (w - 1)
    return w


@bank.wrong(start_here.roll, mistake="slope_before_the_loop")
def slope_of_the_start(w, lr, n_steps):
    slope = 2 * (w - 1)
    for _ in range(n_steps):
        w = w - lr * slope
    return w


@bank.wrong(start_here.roll, finding="none", says="return")
def return_taken_out(w, lr, n_steps):
    for _ in range(n_steps):
        w = w - lr * 2 * (w - 1)


@bank.wrong(start_here.roll)
def keeps_the_start_in_the_loop(w, lr, n_steps):
    for _ in range(n_steps):
        place = w - lr * 2 * (w - 1)
    return place


@bank.wrong(start_here.roll)
def forgets_lr(w, lr, n_steps):
    for _ in range(n_steps):
        w = w - 2 * (w - 1)
    return w
