# base: solution
# attacks:
# keeps: height roll gradients
# %% extra after="imports"
from functools import reduce

def step(w, lr):
    return w - lr * slope(w)
# %% extra after="check-height"
def slope(w):
    return 2 * (w - 1)
# %% roll
from itertools import repeat

def roll(w, lr, n_steps):
    return reduce(step, repeat(lr, n_steps), w)
# %% extra after="roll"
assert roll(1, 0.1, 3) == 1
roll(2, 0.5, 1)
# %% extra after="roll"
1 / 0
# %% extra after="check-gradients"
this is no Python at all
