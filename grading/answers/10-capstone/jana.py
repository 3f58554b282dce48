# base: solution
# Two of the four questions wrong: one with a letter too many, one with a letter missing.

# %% what_leaks
what_leaks = {"a", "b", "c", "e"}

# %% which_epoch
which_epoch = {"a"}
