# base: solution
# Two of the four questions wrong: one with a letter too many, one with a letter missing.

# %% what_is_in_grad
what_is_in_grad = {"b", "c", "d"}

# %% ways_to_update
ways_to_update = {"a"}
