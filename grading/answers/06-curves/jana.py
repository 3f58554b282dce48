# base: solution
# Two of the four questions wrong: one with a letter too many, one with a letter missing.

# %% why_c_stands_still
why_c_stands_still = {"a", "b", "c"}

# %% what_standardizing_changes
what_standardizing_changes = {"b", "d"}
