"""The course's data sets. All are made here or shipped with the package: nothing is fetched at run time."""

import numpy as np

__all__ = ["line"]


def line(n=100, *, seed=42):
    """Noisy points on the line ``y = 1 + 2 x``.

    Parameters
    ----------
    n : int
        Number of points.
    seed : int
        Seed of the legacy generator ``numpy.random.RandomState``, whose stream never changes.

    Returns
    -------
    x, y : ndarray of shape (n, 1)
        ``x`` uniform in [0, 1); ``y`` with Gaussian noise of standard deviation 0.1. No units.
    rng : numpy.random.RandomState
        The generator as the draws left it: shuffle with it next and the split is reproducible as well.
    """
    rng = np.random.RandomState(seed)
    x = rng.rand(n, 1)
    y = 1 + 2 * x + 0.1 * rng.randn(n, 1)
    return x, y, rng
