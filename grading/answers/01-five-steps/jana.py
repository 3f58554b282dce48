# base: solution
# Two of the four questions wrong: one with a letter too many, one with a letter missing.

# %% inside_the_loop
inside_the_loop = {"a", "b", "c", "d", "e"}

# %% what_the_gradient_tells
what_the_gradient_tells = {"a"}
