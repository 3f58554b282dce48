# base: solution
# Right, with cells of his own in between: helpers, prints, a plot, warnings, and one that fails.

# %% predict
def predict(x, b, w):
    print("predicting", len(x), "points")
    return line_at(x, b, w)

# %% mse
import warnings

def mse(yhat, y):
    warnings.warn("is this the mean?")
    return ((yhat - y) ** 2).mean()

# %% extra after="split"
def line_at(x, b, w):
    return b + w * x

# %% extra after="check-predict"
import matplotlib.pyplot as plt

xs = np.linspace(0, 1, 5)[:, None]
plt.plot(xs, predict(xs, 1.0, 2.0))
plt.show()

# %% extra after="check-mse"
np.log(np.array([0.0]))
1 / 0
