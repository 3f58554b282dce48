"""What stands inside the sandbox in the place of an exercise: its name, its signature, and no answer.

This file is put into the sandbox's gdexercises as ``gdexercises.locked``. The classes are called like those they stand
for, so that a check says the same about an attempt that hands over the course's own exercise.
"""

from typing import Any


class LockedDuringGrading(RuntimeError):
    """Raised where student code calls the course's own answer while it is graded."""


class Exercise:
    """An exercise of which only the name and the signature are here."""

    def __init__(self, name: str, signature: str, doc: str | None):
        self.name = name
        self.signature = signature
        self.__name__ = name.rpartition(".")[2]
        self.__doc__ = doc

    def __repr__(self) -> str:
        return f"<{self.name}{self.signature}, locked during grading>"

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        raise LockedDuringGrading(f"{self.name} is locked during grading: call the function that you wrote yourself.")

    def check(self, attempt: Any = None) -> None:
        """Say that checks are run outside; a cell of the student's own that checks once more must not fail for it."""
        print(f"{self.name}: during grading, checks run outside of this notebook.")

    verdict = check

    def hint(self) -> None:
        """Say that there is nothing to see here."""
        print(f"{self.name} is locked during grading.")

    solution = hint
    reset = hint


class Quiz(Exercise):
    """A quiz question, likewise."""
