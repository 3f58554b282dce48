"""The course's data sets. All are made here or shipped with the package: nothing is fetched at run time."""

import csv
from importlib.resources import files

import numpy as np

__all__ = ["diabetes", "line", "penguins"]


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


def penguins():
    """Measurements of 344 penguins of three species, at Palmer Station in Antarctica, 2007 to 2009.

    Returns
    -------
    dict of str to ndarray of shape (344,)
        By column. Texts: species, island, sex ("NA" where nobody knows). Numbers, NaN where one is missing:
        bill_length_mm, bill_depth_mm, flipper_length_mm (millimetres), body_mass_g (grams), year.

    Notes
    -----
    The table is that of the package palmerpenguins, by Allison Horst, Alison Hill and Kristen Gorman, in the public
    domain (CC0). It comes from Gorman, Williams and Fraser (2014), "Ecological sexual dimorphism and environmental
    variability within a community of Antarctic penguins (genus Pygoscelis)", PLoS ONE 9(3): e90081.
    """
    return _table("penguins.csv")


def diabetes():
    """Ten measurements of 442 people with diabetes, and how far their disease had progressed a year later.

    Returns
    -------
    dict of str to ndarray of shape (442,)
        By column, in the units of the study and without gaps: age (years), sex (1 or 2), bmi (body mass index, kg/m²),
        bp (average blood pressure, mmHg), s1 to s6 (six measurements of the blood serum: total cholesterol, LDL, HDL,
        total cholesterol / HDL, probably the logarithm of triglycerides, blood sugar), progression (a score).

    Notes
    -----
    The table is that of ``sklearn.datasets.load_diabetes(scaled=False)`` (scikit-learn, BSD-3-Clause license). It comes
    from Efron, Hastie, Johnstone and Tibshirani (2004), "Least angle regression", Annals of Statistics 32: 407-499.
    """
    return _table("diabetes.csv")


def _table(name):
    """The columns of a table that lies beside this module; numbers where all that is there are numbers."""
    with files("gdexercises").joinpath("datasets", name).open(encoding="utf-8", newline="") as stream:
        names, *rows = csv.reader(stream)
    return {name: _column(texts) for name, texts in zip(names, zip(*rows, strict=True), strict=True)}


def _column(texts):
    try:
        return np.array([float("nan" if text == "NA" else text) for text in texts])
    except ValueError:
        return np.array(texts)
