# base: solution
# Two of the four questions wrong: one with a letter too many, one with a letter missing.

# %% size_of_h
size_of_h = {"a", "b", "c"}

# %% which_rule_stops
which_rule_stops = {"b"}
