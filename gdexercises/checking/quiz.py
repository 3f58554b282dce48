"""Quizzes: questions answered by a set of letters, checked by the same machinery as exercises."""

import inspect
import itertools
import re
from dataclasses import dataclass, replace

from gdexercises.checking import drivers, wire
from gdexercises.checking.exercise import Case, Exercise, _Finding
from gdexercises.checking.verdict import Note, Verdict

__all__ = ["Choice", "Quiz", "right", "wrong"]


@dataclass(frozen=True)
class Choice:
    """One choice: its text, whether it belongs to the answer, and what to tell who got it wrong.

    ``why`` is told to those who chose a wrong one, or who missed a right one; in the second case it must not name it.
    """

    text: str
    belongs: bool
    why: str


def right(text: str, missed: str) -> Choice:
    """A choice that belongs to the answer; `missed` nudges those who left it out, without naming it."""
    return Choice(text, True, missed)


def wrong(text: str, why: str) -> Choice:
    """A choice that does not belong to the answer; `why` tells those who chose it."""
    return Choice(text, False, why)


class Quiz(Exercise):
    """A question with lettered choices, of which one or several are right.

    Parameters
    ----------
    name : str
        The name of the student's variable.
    question : str
        Markdown.
    **choices : Choice
        By letter, in the order shown; made with :func:`right` and :func:`wrong`.
    """

    def __init__(self, name: str, question: str, **choices: Choice):
        answer = {letter for letter, choice in choices.items() if choice.belongs}
        if not answer or any(len(letter) != 1 for letter in choices):
            raise ValueError(f"{name}: a quiz needs one-letter choices, at least one of them right")

        def reference():
            return answer

        reference.__name__ = name
        reference.__doc__ = question
        reference.__module__ = inspect.currentframe().f_back.f_globals["__name__"]
        super().__init__(reference, inputs=lambda rng: iter([Case("")]), driver=drivers.read)
        self.question = question
        self.choices = choices
        self.answer = answer

    def __call__(self) -> set[str]:
        return set(self.answer)

    def markdown(self) -> str:
        """The question and its choices as they stand in the notebook."""
        asked = "several may be right" if len(self.answer) > 1 or len(self.choices) > 4 else "one or more may be right"
        lines = [f"{self.question} *({asked})*", ""]
        lines += [f"- **{letter}**: {choice.text}" for letter, choice in self.choices.items()]
        return "\n".join(lines)

    def _judge(self, attempt, cases):
        outcome = attempt.run(self.driver, cases[0].encoded)
        finding, letters = self._letters(outcome.value)
        if finding is not None:
            return self._verdict(finding)
        chosen = sorted(letters - self.answer)
        missed = sorted(self.answer - letters)
        if not chosen and not missed:
            return Verdict(self.name, True, "passed", "")
        said = [f"{letter} does not belong: {self.choices[letter].why}" for letter in chosen]
        if missed:
            said.append(f"Something is missing: {self.choices[missed[0]].why}")
        verdict = self._verdict(_Finding("value", "\n".join(said)))
        mistake = f"chose_{chosen[0]}" if chosen else f"missed_{missed[0]}"
        return replace(verdict, mistake=mistake, got="{" + ", ".join(sorted(letters)) + "}")

    def _letters(self, value):
        """The letters in an answer, however they were written: a set, list, tuple, or text such as "a, c"."""
        items = [value] if isinstance(value, str | dict) or not isinstance(value, set | list | tuple) else list(value)
        if value is None or any(isinstance(item, wire.Opaque) and item.kind == "ellipsis" for item in items):
            return _Finding("not attempted", self._still_to_write()), set()
        items = re.findall(r"\w+", value) if isinstance(value, str) else value
        if isinstance(items, dict) or not isinstance(items, set | list | tuple):
            return _Finding("kind", f"{self.name} should be a set of letters, such as {self._example()}."), set()
        if isinstance(value, str) and len(items) == 1:
            items = list(items[0])
        if any(not isinstance(item, str) for item in items):
            return _Finding("kind", f"{self.name} should be a set of letters, such as {self._example()}."), set()
        letters = {item.strip().lower() for item in items}
        unknown = sorted(letters - set(self.choices))[:5]
        if unknown:
            listed = ", ".join(self.choices)
            return _Finding("kind", f"{', '.join(map(repr, unknown))} is not among the letters {listed}."), set()
        if not letters:
            return _Finding("not attempted", self._still_to_write()), set()
        return None, letters

    def _still_to_write(self):
        return (
            f"Replace the dots in the cell above by a set of letters, such as {self.name} = {self._example()}, run "
            "that cell, then run this one again."
        )

    def _example(self):
        """How an answer is written, by one that is wrong."""
        pairs = itertools.combinations(self.choices, 2)
        first, second = next((pair for pair in pairs if set(pair) != self.answer), ("a", "b"))
        return f'{{"{first}", "{second}"}}'

    def _solution_text(self):
        letters = ", ".join(f'"{letter}"' for letter in sorted(self.answer))
        return f"{self.name} = {{{letters}}}"

    def hint(self) -> Note:
        """What the last check said, or where to look."""
        if self.last is not None and self.last.finding == "value":
            return Note(f"{self.name}: hint", self.last.message)
        return Note(f"{self.name}: hint", "Answer first, and run the check: it says for each wrong letter why.")
