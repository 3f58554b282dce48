"""What makes a check a check: exercises, mistakes, verdicts, and the drivers that run answers to compare them."""

from gdexercises.checking.attempts import Local, Remote, serve, serve_stdio
from gdexercises.checking.compare import Tolerance
from gdexercises.checking.drivers import Unusable, call, driver
from gdexercises.checking.exercise import Case, Exercise, exercise, exercises_in
from gdexercises.checking.quiz import Quiz, right, wrong
from gdexercises.checking.verdict import CheckFailed, Verdict

__all__ = [
    "Case",
    "CheckFailed",
    "Exercise",
    "Local",
    "Quiz",
    "Remote",
    "Tolerance",
    "Unusable",
    "Verdict",
    "call",
    "driver",
    "exercise",
    "exercises_in",
    "right",
    "serve",
    "serve_stdio",
    "wrong",
]
