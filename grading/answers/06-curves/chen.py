# base: solution
# Gives the coefficients the other way round; step and fit carry it on.

# %% quadratic
def quadratic(x, params):
    c, b, a = params
    return a * x**2 + b * x + c
