# base: solution
# Two of the four questions wrong: one with a letter too many, one with a letter missing.

# %% counting_updates
counting_updates = {"a", "b", "c"}

# %% cost_and_noise
cost_and_noise = {"a", "b"}
