# base: solution
# Cuts the data where it stands.

# %% split
def split(x, y, fraction, rng):
    n_train = round(fraction * len(x))
    return x[:n_train], y[:n_train], x[n_train:], y[n_train:]
