# base: solution
# Takes torch's std as it comes.

# %% standardize
def standardize(X, X_new):
    mean, std = X.mean(dim=0), X.std(dim=0)
    return (X - mean) / std, (X_new - mean) / std
