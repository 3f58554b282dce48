# base: solution
# Averages the roots.

# %% rmse
def rmse(yhat, y):
    return ((yhat - y) ** 2).sqrt().mean()
