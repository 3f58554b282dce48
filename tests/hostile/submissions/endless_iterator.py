# base: solution
# attacks: height
# keeps: roll gradients
# finding: height should be a number but is
# %% height
import itertools

def height(w):
    return itertools.repeat((w - 1) ** 2)
