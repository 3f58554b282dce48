# base: solution
# One question with a wrong letter, one with a letter missing.

# %% share_of_a_product
share_of_a_product = {"b"}

# %% topological
topological = {"a"}
