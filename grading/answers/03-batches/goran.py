# base: solution
# Stops at the step that lands at the bottom, 1 / L.

# %% largest_stable_lr
def largest_stable_lr(x):
    hessian = 2 * np.array([[1, x.mean()], [x.mean(), (x**2).mean()]])
    return 1 / np.linalg.eigvalsh(hessian).max(), 1 / (2 * (x**2 + 1)).max()
