"""Lesson 00: the toy exercises on which a newcomer meets a check, a hint, a solution, a bug and a quiz question.

A ball lies in a valley: at place w its height is (w - 1)², and the slope under it is 2 (w - 1).
"""

from gdexercises.checking import Case, Quiz, exercise, right, wrong

# The height of the valley -------------------------------------------------------------------------------------------


def _places(rng):
    yield Case("right of the lowest place", float(rng.integers(4, 8)))
    yield Case("left of zero", float(rng.integers(-6, -1)))
    yield Case("the lowest place", 1.0)
    yield Case("a whole number", 3)
    yield Case("between two whole numbers", float(rng.uniform(1.2, 1.8)))
    yield Case("far away", float(rng.uniform(1e4, 2e4)))


@exercise(
    inputs=_places,
    returns=("height",),
    hints=(
        "First the distance of w from 1, then its square: the distance times itself.",
        "In Python, a power is written with two stars: 5 ** 2 is 25. (5 ^ 2 is something else.) Powers are computed "
        "before differences, so the difference needs brackets.",
    ),
)
def height(w):
    """Height of the valley at place `w`.

    Parameters
    ----------
    w : float

    Returns
    -------
    float
        Never negative; zero at w = 1.
    """
    return (w - 1) ** 2


@height.mistake(
    "This is the distance from 1, not its square. Python computes powers before differences, so w - 1 ** 2 means "
    "w - (1 ** 2). Put brackets around the difference."
)
def difference_not_squared(w):
    return w - 1


@height.mistake("The distance is doubled. Squared is times itself: in Python ** 2, with two stars.")
def doubles(w):
    return 2 * (w - 1)


@height.mistake("Only w is squared, and 1 is subtracted after that. Put brackets around the difference.")
def squares_w_alone(w):
    return w**2 - 1


@height.mistake("The lowest place of your valley is at w = -1. A difference from 1 is w - 1.")
def lowest_at_minus_one(w):
    return (w + 1) ** 2


@height.mistake("This is the distance from 1 without its sign. The height is its square.")
def distance_not_squared(w):
    return abs(w - 1)


@height.mistake("The valley is upside down: a square is never negative, and neither is this height.")
def upside_down(w):
    return -((w - 1) ** 2)


# Find the bug -------------------------------------------------------------------------------------------------------


def _rolls(rng):
    for label, n_steps in (("three steps", 3), ("ten steps", 10), ("one step", 1), ("no step", 0)):
        w = 1 + float(rng.choice([-1, 1]) * rng.uniform(1.5, 3))
        yield Case(label, w, float(rng.uniform(0.05, 0.4)), n_steps)


@exercise(
    inputs=_rolls,
    returns=("w",),
    hints=(
        "The ball stops after one step, however many you ask for. Which line ends the function?",
        "Python ends a function at the first return that it meets. Here it meets one in the first round of the loop.",
    ),
)
def roll(w, lr, n_steps):
    """Where the ball lies after some steps downhill.

    Parameters
    ----------
    w : float
        Where it starts.
    lr : float
        Learning rate: each step is `lr` times the slope at that place.
    n_steps : int

    Returns
    -------
    float
    """
    for _ in range(n_steps):
        slope = 2 * (w - 1)
        w = w - lr * slope
    return w


@roll.mistake(
    "`return` still stands inside the loop, so the function ends in its first round. Move it to the left, below the "
    "f of for: then it comes after the loop."
)
def returns_in_the_loop(w, lr, n_steps):
    return roll(w, lr, 1) if n_steps else None


@roll.mistake("The ball has not moved. Keep the loop and its two lines; only `return` is in the wrong place.")
def does_not_move(w, lr, n_steps):
    return w


@roll.mistake("The ball rolls uphill: a step goes against the slope, so it is subtracted. Leave that line as it was.")
def uphill(w, lr, n_steps):
    return roll(w, -lr, n_steps)


@roll.mistake("One step is missing: range(n_steps) is n_steps rounds. Leave that line as it was.")
def one_step_short(w, lr, n_steps):
    return roll(w, lr, max(n_steps - 1, 0))


@roll.mistake("That is one step too many: range(n_steps) is n_steps rounds. Leave that line as it was.")
def one_step_long(w, lr, n_steps):
    return roll(w, lr, n_steps + 1)


@roll.mistake(
    "The slope is computed once, before the loop. It is another one at every place, so it belongs into the loop."
)
def slope_before_the_loop(w, lr, n_steps):
    return w - n_steps * lr * 2 * (w - 1)


# Quiz ---------------------------------------------------------------------------------------------------------------

still_the_old_answer = Quiz(
    "still_the_old_answer",
    "You find a mistake in `height`, mend it, and run its check. The check reports the old mistake. What may have "
    "happened?",
    a=wrong("The notebook was not saved.", "saving writes the file; what the kernel knows is what was run."),
    b=right(
        "The mended cell was not run before the check.",
        "the check asks the kernel for `height`. When does the kernel hear of what you typed?",
    ),
    c=wrong("A check can be run only once.", "run it as often as you like; it looks at your answer anew each time."),
    d=right(
        "Another cell, further down, defines `height` as well and was run last.",
        "two cells may define the same name. Which of the two does the kernel keep?",
    ),
)
