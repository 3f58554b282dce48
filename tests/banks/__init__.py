"""Banks of answers: for each exercise, unusual but right ones, and wrong ones with the verdict that they must get."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from gdexercises.checking import Exercise

LESSONS = (
    "start_here",
    "five_steps",
    "slopes",
    "batches",
    "autograd",
    "tiny_autograd",
    "curves",
    "jax_grad",
    "jax_transforms",
    "optimizers",
    "capstone",
)


@dataclass(frozen=True)
class Answer:
    """One answer, and what its check must find; `says` are words that its message must hold.

    ``using`` is what the check cell says that it is written with, where an exercise can be answered in several ways.
    """

    exercise: Exercise
    label: str
    attempt: Any
    passed: bool
    finding: str = "passed"
    mistake: str | None = None
    says: tuple[str, ...] = ()
    using: str | None = None

    def __str__(self):
        return f"{self.exercise.name}-{self.label}"


class Bank:
    """The answers for one lesson. Use :func:`right` and :func:`wrong` as decorators, or hand over a value."""

    def __init__(self):
        self.answers: list[Answer] = []

    def right(
        self, exercise: Exercise, attempt: Any = None, *, label: str = "", using: str | None = None
    ) -> Callable | None:
        return self._add(attempt, exercise=exercise, label=label, passed=True, using=using)

    def wrong(
        self,
        exercise: Exercise,
        attempt: Any = None,
        *,
        finding: str = "value",
        mistake: str | None = None,
        says: str | tuple[str, ...] = (),
        label: str = "",
        using: str | None = None,
    ) -> Callable | None:
        says = (says,) if isinstance(says, str) else says
        return self._add(
            attempt,
            exercise=exercise,
            label=label,
            passed=False,
            finding=finding,
            mistake=mistake,
            says=says,
            using=using,
        )

    def _add(self, attempt, *, label, **fields):
        def add(answer):
            # The same in every process: a set's own order is not.
            name = (
                label
                or getattr(answer, "__name__", None)
                or repr(sorted(answer) if isinstance(answer, set) else answer)
            )
            self.answers.append(Answer(attempt=answer, label=name, **fields))
            return answer

        return add if attempt is None else add(attempt)


def lesson(name: str):
    """The module of a lesson."""
    return import_module(f"gdexercises.{name}")


def answers(name: str) -> list[Answer]:
    """The bank of a lesson."""
    return import_module(f"tests.banks.{name}").bank.answers
