# base: solution
# attacks:
# keeps: height roll gradients
# finding: It also prints; that is fine
# %% height
import sys
import warnings

warnings.warn("careful")
print("loading", file=sys.stderr)

def height(w):
    """Höhe des Tals 🏔 an der Stelle w."""
    warnings.warn("an old way to do it", DeprecationWarning)
    print("w is", w, "→ höhe", file=sys.stderr)
    print("w ist", w)
    Höhe = (w - 1) ** 2
    return Höhe
# %% gradients
def gradients(x, y, b, w):
    np.seterr(all="warn")
    np.zeros(1) / np.zeros(1)
    error = b + w * x - y
    return 2 * error.mean(), 2 * (x * error).mean()
