# base: solution
# Sums in place of a mean; everything that calls criterion carries it on.

# %% criterion
def criterion(yhat, y):
    return ((yhat - y) ** 2).sum()
