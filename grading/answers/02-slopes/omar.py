# base: solution
# Right, with cells of his own in between: prints, warnings, a changed h, and one that fails.

# %% slope
import warnings

def slope(f, x, h):
    warnings.warn("which side?")
    print("slope at", x)
    return (f(x + h) - f(x - h)) / (2 * h)

# %% extra after="check-slope"
h = 1e-20
print(slope(np.sin, 1.0, h))

# %% extra after="check-repair_train"
train(x, y, 0.0, 0.0, "fast", 3)
