# base: solution
# Repaired half of the gradients, and trained with them.

# %% repair_gradients
def gradients(x, y, b, w):
    error = y - (b + w * x)
    return 2 * error.mean(), 2 * (x * error).mean()
