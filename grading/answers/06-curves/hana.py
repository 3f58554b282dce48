# base: solution
# Standardizes the new data by itself.

# %% standardize
def standardize(X, X_new):
    Z = (X - X.mean(dim=0)) / X.std(dim=0, correction=0)
    Z_new = (X_new - X_new.mean(dim=0)) / X_new.std(dim=0, correction=0)
    return Z, Z_new
