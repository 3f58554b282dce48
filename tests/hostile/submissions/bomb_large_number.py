# base: solution
# attacks: height roll
# keeps: gradients
# finding: an object of type int
# finding: w is inf
# %% height
def height(w):
    return 10**100_000
# %% roll
def roll(w, lr, n_steps):
    return 10**400
