# base: solution
# Two of the four questions wrong: one with a letter too many, one with a letter missing.

# %% first_step_of_adam
first_step_of_adam = {"a", "c", "d"}

# %% loss_in_other_units
loss_in_other_units = {"c", "e"}
