# base: solution
# Two of the four questions wrong: one with a letter too many, one with a letter missing.

# %% which_are_pure
which_are_pure = {"a", "b", "d"}

# %% when_does_it_stop
when_does_it_stop = {"a"}
