# base: solution
# Gives each parent its own number as the local derivative.

# %% mul
def mul(a, b):
    return Value(a.data * b.data, (a, b), (a.data, b.data))
