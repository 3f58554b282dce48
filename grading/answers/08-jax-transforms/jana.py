# base: solution
# Two of the four questions wrong: one with a letter too many, one with a letter missing.

# %% what_compiles_again
what_compiles_again = {"a", "b", "c"}

# %% order_of_transforms
order_of_transforms = {"b"}
