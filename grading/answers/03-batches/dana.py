# base: solution
# Rounds the updates down.

# %% updates_per_epoch
def updates_per_epoch(n_points, batch_size):
    return n_points // batch_size
