# base: solution
# attacks: height roll
# keeps: gradients
# finding: The function calls itself without end.
# finding: crashed Python
# %% height
def height(w):
    return height(w)
# %% roll
import sys

def roll(w, lr, n_steps):
    sys.setrecursionlimit(10**9)
    nested = []
    for _ in range(10**6):
        nested = [nested]
    return repr(nested)
