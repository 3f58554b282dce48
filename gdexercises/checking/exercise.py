"""Exercises: a reference implementation, the common mistakes as code, and the check that tells them apart."""

import ast
import contextlib
import hashlib
import inspect
import os
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import update_wrapper
from typing import Any

import numpy as np

from gdexercises.checking import drivers, wire
from gdexercises.checking.attempts import Attempt, AttemptEnded, Local, Remote, Through
from gdexercises.checking.compare import DEFAULT_TOLERANCE, Tolerance, compare, parts_of, show
from gdexercises.checking.drivers import Description, Outcome
from gdexercises.checking.errors import explain
from gdexercises.checking.verdict import CheckFailed, Note, Verdict, display

__all__ = ["Case", "Exercise", "Mistake", "exercise", "exercises_in"]

FAILURES_BEFORE_SOLUTION = 3
GRADING_ROUNDS = 4


class Case:
    """One call of an exercise.

    Parameters
    ----------
    label : str
        What is special about it, for people.
    *arguments
        Plain values for the driver; each attempt gets fresh copies.
    call : str, optional
        How to show the call where the driver's arguments are not the student's, for example "slope(sin, x=2, h=0.1)".
    """

    def __init__(self, label: str, *arguments: Any, call: str | None = None):
        self.label = label
        self.call = call
        self.arguments = arguments
        self.encoded = wire.encode(arguments)
        self.scale = max(map(_size, arguments), default=0.0)
        self.sent = [wire.pack(argument) for argument in arguments]


@dataclass(frozen=True)
class Mistake:
    """A wrong implementation, run like an attempt, and the hint for a student whose answers match it."""

    name: str
    hint: str
    implementation: Callable


@dataclass(frozen=True)
class _Finding:
    """Why a case failed, before anyone asked which mistake it is."""

    kind: str
    message: str
    part: int | None = None


class Exercise:
    """A function that students write, with the reference and the mistakes that its check recognises.

    Calling the exercise calls the reference. Use :func:`exercise` to make one.
    """

    def __init__(
        self,
        reference: Callable,
        *,
        inputs: Callable[[np.random.Generator], Iterator[Case]],
        driver: Callable = drivers.call,
        returns: Sequence[str] = ("the result",),
        hints: Sequence[str] = (),
        builds_on: Sequence["Exercise"] = (),
        tolerance: Tolerance = DEFAULT_TOLERANCE,
        remarks: Callable[[], Sequence[str]] = tuple,
        using: Mapping[str, Callable] | None = None,
    ):
        update_wrapper(self, reference)
        self.name = reference.__name__
        self.module = reference.__module__
        self.reference = reference
        self.inputs = inputs
        self.driver = driver
        self.returns = tuple(returns)
        self.hints = tuple(hints)
        self.builds_on = tuple(builds_on)
        self.tolerance = tolerance
        self.remarks = remarks
        self.using = dict(using or {})
        self.mistakes: dict[str, Mistake] = {}
        self._stand_in: Callable | None = None
        self.reset()

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        # A stand-in is a mistake, and most mistakes call the reference that they spoil: inside, there is none.
        stand_in, self._stand_in = self._stand_in, None
        try:
            return (stand_in or self.reference)(*arguments, **named)
        finally:
            self._stand_in = stand_in

    def __repr__(self) -> str:
        return f"<exercise {self.path}: {self.path}.check(...) checks your answer, {self.path}.hint() helps>"

    @property
    def path(self) -> str:
        """What to write before a dot to get at this exercise, such as ``five_steps.gradients``."""
        return f"{self.module.rpartition('.')[2]}.{self.name}"

    def mistake(self, hint: str) -> Callable[[Callable], Callable]:
        """Register the decorated wrong implementation, called like the reference, as a mistake with `hint`."""

        def register(implementation):
            name = implementation.__name__
            if name in self.mistakes:
                raise ValueError(f"{self.name} already has a mistake called {name}")
            self.mistakes[name] = Mistake(name, hint, implementation)
            return implementation

        return register

    def reset(self) -> None:
        """Forget what this student did so far: failures, hints shown, the last verdict."""
        self.failures = 0
        self.hints_shown = 0
        self.last: Verdict | None = None

    def check(self, attempt: Any, using: str | None = None) -> Verdict:
        """Check a student's answer.

        Parameters
        ----------
        attempt : callable
            The student's own function, or a handle on one in another process.
        using : str, optional
            What it is to be written with, where the exercise can be answered in several ways.

        Returns
        -------
        Verdict
            If the answer is right.

        Raises
        ------
        CheckFailed
            If it is not; the message says which mistake it is, where that can be told.
        """
        verdict = self.verdict(attempt, using)
        if verdict.passed:
            return verdict
        display(verdict)
        raise CheckFailed(verdict)

    def verdict(self, attempt: Any, using: str | None = None, *, seed: int | None = None) -> Verdict:
        """What :func:`check` finds, without raising. `seed` fixes the inputs, which are fresh otherwise."""
        attempt = attempt if isinstance(attempt, Local | Remote) else Local(attempt)
        if using is not None:
            attempt = Through(attempt, self._driver_for(using))
        try:
            verdict = self._judge(attempt, self.cases(seed))
        except AttemptEnded as ended:
            verdict = self.ended(str(ended), ended.call)
        if verdict.mistake is not None and (self.last is None or verdict.mistake != self.last.mistake):
            self.hints_shown = 0  # another mistake has another hint, and that comes first
        self.last = verdict
        if not verdict.passed and verdict.finding != "not attempted":
            self.failures += 1
        return verdict

    def _driver_for(self, using: str) -> Callable:
        if using not in self.using:
            raise ValueError(f"{self.name} cannot be checked with using={using!r}; there is {list(self.using)}")
        return self.using[using]

    def ended(self, how: str, call: str | None = None) -> Verdict:
        """What to say if the attempt's process ended before the check did; `how` goes on after "it"."""
        message = f"The check of {self.name} could not be finished: the code {how}."
        return replace(self._verdict(_Finding("ended", message)), call=call)

    def hint(self) -> Note:
        """The next hint: first for the mistake that the last check recognised, then from general to detailed."""
        last = self.last
        hints = self.hints
        if last is not None and last.mistake in self.mistakes:
            hints = (self.mistakes[last.mistake].hint, *hints)
        if not hints:
            return Note(f"{self.name}: no hints", "Read the docstring and the text above the exercise again.")
        shown = min(self.hints_shown, len(hints) - 1)
        self.hints_shown += 1
        return Note(f"{self.name}: hint {shown + 1} of {len(hints)}", hints[shown])

    def solution(self) -> Note:
        """The reference, once the check passed or failed three times (unless an instructor switched it off)."""
        if os.environ.get("GDEXERCISES_SOLUTIONS", "on") == "off" or "NBGRADER_EXECUTION" in os.environ:
            return Note(f"{self.name}: the solution is locked", "Solutions are switched off here.")
        passed = self.last is not None and self.last.passed
        left = FAILURES_BEFORE_SOLUTION - self.failures
        if not passed and left > 0:
            tries = "1 more try" if left == 1 else f"{left} more tries"
            return Note(
                f"{self.name}: the solution is still locked",
                f"It opens when your answer is right, or after {tries}. `{self.path}.hint()` helps.",
            )
        return Note(f"{self.name}: one way to do it", self._solution_text(), code=True)

    def _solution_text(self):
        source = textwrap.dedent(inspect.getsource(self.reference))
        [node] = ast.parse(source).body
        # The first decorator makes the exercise; others, such as jax.jit, belong to the answer.
        first = min(part.lineno for part in (node, *node.decorator_list[1:]))
        return "\n".join(source.splitlines()[first - 1 :])

    def cases(self, seed: int | None = None) -> list[Case]:
        """The inputs of one check: fresh in a notebook; at grading more of them, from the student's seed.

        The grader derives GDEXERCISES_SEED from the class secret and the student's id.
        """
        rounds, entropy = 1, seed
        if os.environ.get("NBGRADER_EXECUTION") == "autograde":
            rounds = GRADING_ROUNDS
            secret = os.environ.get("GDEXERCISES_SEED")
            if seed is None and secret:
                entropy = int.from_bytes(hashlib.sha256(f"{secret}/{self.name}".encode()).digest())
        rng = np.random.default_rng(entropy)
        return [case for _ in range(rounds) for case in self.inputs(rng)]

    def _judge(self, attempt: Attempt, cases: list[Case]) -> Verdict:
        description = attempt.describe()
        refused = self._refuse(description)
        if refused is not None:
            return self._verdict(refused)
        outcomes = [self._outcome(attempt, case) for case in cases]
        verdict = self._assess(cases, outcomes, description)
        if verdict.passed or verdict.finding == "not attempted":
            return verdict
        reordered = self._reordered(verdict, description)
        if reordered is not None:
            return reordered
        carried = self._assess_carried(cases, outcomes, description)
        if carried is not None and (carried.passed or not verdict.mistake):
            return carried
        return verdict if verdict.mistake else self._explain_further(verdict, description)

    def _outcome(self, attempt, case):
        try:
            return attempt.run(self.driver, case.encoded)
        except AttemptEnded as ended:
            ended.call = self._call_text(case)
            raise

    def _assess(self, cases, outcomes, description) -> Verdict:
        """Compare the outcomes with the reference's, and find out which mistake it is."""
        rights = [self._reference_outcome(case) for case in cases]
        findings = [self._difference(*triple, description) for triple in zip(cases, rights, outcomes, strict=True)]
        failed = next((index for index, finding in enumerate(findings) if finding is not None), None)
        if failed is None:
            return Verdict(self.name, True, "passed", "", notes=self._notes(rights, outcomes))
        case, outcome, finding = cases[failed], outcomes[failed], findings[failed]
        verdict = self._verdict(finding)
        if finding.kind == "not attempted":
            return verdict
        printed = (f"Your code printed {_shorten(outcome.printed)}.",) if outcome.printed.strip() else ()
        verdict = replace(
            verdict,
            call=self._call_text(case),
            expected=self._named(rights[failed].value),
            got=self._got(outcome),
            notes=printed,
        )
        mistakes = self._recognise(cases, rights, outcomes)
        if not mistakes:
            return verdict
        hints = " ".join(mistake.hint for mistake in mistakes)
        return replace(verdict, mistake=mistakes[0].name, message=f"{finding.message}\n{hints}")

    def _assess_carried(self, cases, outcomes, description) -> Verdict | None:
        """Assess as if the mistakes that the check of an earlier exercise named were no mistakes.

        Code that is right, but calls a function of the student's own that is not, must not lose its points as well:
        one mistake costs one exercise.
        """
        carried = [
            step
            for step in self.builds_on
            if step.last is not None and step.last.mistake in step.mistakes and self._may_call(step, description)
        ]
        if not carried:
            return None
        with contextlib.ExitStack() as stack:
            for step in carried:
                stack.enter_context(step.standing_in(step.mistakes[step.last.mistake].implementation))
            try:
                rights = [self._reference_outcome(case) for case in cases]
            except RuntimeError:  # with that mistake in it not even right code runs
                return None
            if not all(_is_finite(right.value) for right in rights):
                return None
            verdict = self._assess(cases, outcomes, description)
        names = " and ".join(step.name for step in carried)
        if verdict.passed:
            note = f"It calls your {names}, whose mistake it carries on. This cell is right; mend {names} above."
            return replace(verdict, notes=(note, *verdict.notes))
        # The case was expected with the mistake in it, so only what was recognised is told.
        note = f"(The mistake in your {names} comes on top.)"
        return replace(verdict, notes=(note,), call=None, expected=None, got=None) if verdict.mistake else None

    def _may_call(self, step: "Exercise", description: Description) -> bool:
        """Whether the attempt's code names that exercise's function, or that of another one that builds on it."""
        named = [other for other in self.builds_on if other.is_named_in(description)]
        return any(step is other or step in other.builds_on for other in named)

    def is_named_in(self, description: Description) -> bool:
        """Whether an attempt's code names this exercise's function, which may have a name of its own in the lesson."""
        return self.name in description.names or self.name.removeprefix("repair_") in description.names

    @contextlib.contextmanager
    def standing_in(self, implementation: Callable) -> Iterator[None]:
        """While this lasts, calling the exercise calls `implementation` instead of the reference."""
        outer, self._stand_in = self._stand_in, implementation
        try:
            yield
        finally:
            self._stand_in = outer

    @property
    def stands_in(self) -> bool:
        """Whether calling the exercise calls one of its mistakes just now."""
        return self._stand_in is not None

    def _notes(self, rights: list[Outcome], outcomes: list[Outcome]) -> tuple[str, ...]:
        """Remarks on an answer that is right, but will be in its author's way in a later cell."""
        notes = []
        right, got = rights[0].value, outcomes[0].value
        rights_, gots = ([right], [got]) if not isinstance(right, tuple) else (right, parts_of(got))
        for name, one, other in zip(self.returns, rights_, gots, strict=False):
            if isinstance(one, float | np.generic) and isinstance(other, np.ndarray) and other.ndim:
                notes.append(
                    f"It passes, but {name} is an array of shape {other.shape}: `.item()` makes it one number."
                )
            if isinstance(one, np.ndarray) and one.ndim and isinstance(other, list):
                notes.append(f"It passes, but {name} is a list: `np.array` makes it an array, as later cells expect.")
        if any(outcome.printed for outcome in outcomes):
            notes.append("It also prints; that is fine, but remove it when you no longer need it.")
        return (*notes, *self.remarks())

    def _verdict(self, finding):
        return Verdict(self.name, False, finding.kind, finding.message)

    def _refuse(self, description: Description) -> _Finding | None:
        """Findings that need no call: not a function, not written, not callable with the right arguments."""
        if description.kind in ("ellipsis", "NoneType"):
            return _Finding("not attempted", self._still_to_write())
        if description.kind == type(self).__name__:
            return _Finding(
                "not attempted", f"This is the course's own {self.name}. Hand over the one that you wrote yourself."
            )
        if not description.callable:
            return _Finding(
                "not callable",
                f"The check needs your function itself but got an object of type {description.kind}. Write "
                f"check({self.name}), without brackets and arguments after the name.",
            )
        return self._refuse_arguments(description)

    def _refuse_arguments(self, description):
        if description.parameters is None:
            return None
        wanted = list(inspect.signature(self.reference).parameters)
        keyword_only = [
            name for name, kind, default in description.parameters if kind == "KEYWORD_ONLY" and not default
        ]
        if keyword_only:
            return _Finding(
                "signature",
                f"{', '.join(keyword_only)} can only be given by name, but {self.name} is called as "
                f"{self.name}({', '.join(wanted)}). Take the * out of your parameters.",
            )
        places = [(name, default) for name, kind, default in description.parameters if kind.startswith("POSITIONAL")]
        least = sum(not default for _, default in places)
        most = float("inf") if any(kind == "VAR_POSITIONAL" for _, kind, _ in description.parameters) else len(places)
        if least <= len(wanted) <= most:
            return None
        names = [name for name, _ in places]
        return _Finding(
            "arguments",
            f"{self.name} takes {len(wanted)} argument{'s' * (len(wanted) != 1)} ({', '.join(wanted)}), but yours "
            f"takes {len(names)} ({', '.join(names) or 'none'}). Change the line that starts with def.",
        )

    def _still_to_write(self):
        return (
            f"Write your answer in the cell above, in place of the line `raise NotImplementedError()` or the dots, "
            f"run that cell, then run this one again. `{self.path}.hint()` helps."
        )

    def _reference_outcome(self, case):
        outcome = Local(self.reference).run(self.driver, case.encoded)
        if outcome.raised is not None:
            raise RuntimeError(f"the reference of {self.name} fails on the case {case.label!r}: {outcome.raised}")
        return outcome

    def _difference(self, case: Case, right: Outcome, outcome: Outcome, description: Description) -> _Finding | None:
        if outcome.raised is not None:
            return self._about_error(outcome.raised, case)
        if (outcome.value is None and right.value is not None) or _is_ellipsis(outcome.value):
            return self._about_nothing(outcome, description)
        difference = compare(right.value, outcome.value, self.tolerance.at(case.scale), self.returns)
        if difference is not None:
            return _Finding(difference.finding, difference.message + _in_case(case), difference.part)
        changed = self._changed(case, right, outcome)
        if changed:
            what = " and ".join(changed)
            return _Finding(
                "changed arguments",
                f"The result is right, but the call changed {what} in place, and whoever called {self.name} still "
                f"needs {'it' if len(changed) == 1 else 'them'}. Work on a new array: "
                "x = x - 1 makes one, x -= 1 does not.",
            )
        return None

    def _about_error(self, raised, case):
        if raised.kind == "NotImplementedError" and not raised.function:
            return _Finding("not attempted", self._still_to_write())
        if raised.kind == "NotImplementedError":
            return _Finding(
                "raised", f"Your code calls {raised.function}, which is still to be written. Write that one first."
            )
        if raised.kind == drivers.Unusable.__name__:
            return _Finding("kind", raised.message + _in_case(case))
        where = f" in the line `{raised.source}`" if raised.source else ""
        explained = explain(raised.kind, raised.message)
        if explained is not None:
            return _Finding("raised", f"Your code raises {raised.kind}{where}. {explained}{_in_case(case)}")
        said = f": {raised.message.rstrip('.')}" if raised.message else ""
        advice = {
            "SystemExit": " Use return to leave a function; exit() ends Python itself.",
            "NameError": " Is it spelled right, and did you run the cell that defines it?",
            "RecursionError": " The function calls itself without end.",
        }.get(raised.kind, "")
        return _Finding("raised", f"Your code raises {raised.kind}{where}{said}.{advice}{_in_case(case)}")

    def _about_nothing(self, outcome, description):
        if description.empty or _is_ellipsis(outcome.value):
            return _Finding("not attempted", self._still_to_write())
        if outcome.printed.strip():
            return _Finding(
                "none",
                f"Your function prints {_shorten(outcome.printed)} but returns None. Printing shows a value to people; "
                "`return` hands it to the code that called the function.",
            )
        return _Finding(
            "none", "Your function returns None. Is the `return` missing, or does one branch end without it?"
        )

    def _changed(self, case, right, outcome):
        """Names of the arguments that the attempt changed in place and the reference did not (generators move on)."""
        if len(outcome.arguments) != len(case.sent):
            return []
        changed = [
            index
            for index, sent in enumerate(case.sent)
            if outcome.arguments[index] != sent and right.arguments[index] == sent
        ]
        names = self._argument_names() if changed else []
        return [names[index] if index < len(names) else f"argument {index + 1}" for index in changed]

    def _recognise(self, cases, rights, outcomes) -> list[Mistake]:
        """The mistake that gives the same outcomes; failing that, one mistake for each wrong part of a tuple."""
        trials = {mistake: _Trial(mistake.implementation, self.driver, cases) for mistake in self.mistakes.values()}
        for mistake, trial in trials.items():
            if self.matches(trial, outcomes) and self._changes_explained(cases, rights, outcomes, trial):
                return [mistake]
        return self._recognise_parts(rights, outcomes, trials)

    def matches(self, trial: Sequence[Outcome], outcomes: Sequence[Outcome]) -> bool:
        """Whether two attempts gave the same outcomes on the same cases, within the tolerance."""
        return all(self._same(one, other) for one, other in zip(trial, outcomes, strict=True))

    def _changes_explained(self, cases, rights, outcomes, trial):
        """A mistake that is about changed arguments explains only attempts that changed the same ones."""
        return all(
            set(self._changed(case, right, wrong)) <= set(self._changed(case, right, outcome))
            for case, right, outcome, wrong in zip(cases, rights, outcomes, trial, strict=True)
        )

    def _same(self, one: Outcome, other: Outcome):
        if one.raised is not None or other.raised is not None:
            return one.raised is not None and other.raised is not None and _alike(one.raised, other.raised)
        return compare(one.value, other.value, self.tolerance, self.returns) is None

    def _recognise_parts(self, rights, outcomes, trials):
        if any(not isinstance(right.value, tuple) for right in rights):
            return []
        count = len(rights[0].value)
        if any(outcome.raised is not None or _length(outcome.value) != count for outcome in outcomes):
            return []
        found = []
        for part in range(count):
            answers = [outcome.value[part] for outcome in outcomes]
            if self._agree(answers, [right.value[part] for right in rights]):
                continue
            mistake = next((m for m, trial in trials.items() if self._agree_in(part, answers, trial, count)), None)
            if mistake is None:
                return []
            found.append(mistake)
        return list(dict.fromkeys(found))

    def _agree_in(self, part, answers, trial, count):
        return all(
            outcome.raised is None
            and _length(outcome.value) == count
            and compare(outcome.value[part], answer, self.tolerance) is None
            for answer, outcome in zip(answers, trial, strict=True)
        )

    def _agree(self, answers, others):
        return all(compare(b, a, self.tolerance) is None for a, b in zip(answers, others, strict=True))

    def _reordered(self, verdict: Verdict, description: Description) -> Verdict | None:
        """A failure whose cause is the line with def: the right parameters in another order."""
        wanted = list(inspect.signature(self.reference).parameters)
        names = [name for name, _, _ in description.parameters or ()]
        if names != wanted and sorted(names) == sorted(wanted):
            return replace(
                verdict,
                finding="signature",
                mistake=None,
                message=f"Your parameters stand in the order ({', '.join(names)}); the check, like all code of "
                f"this course, calls {self.name}({', '.join(wanted)}). Change the line that starts with def.\n"
                f"{verdict.message.splitlines()[0]}",
            )
        return None

    def _explain_further(self, verdict: Verdict, description: Description) -> Verdict:
        """What else may be behind an unrecognised failure: an earlier exercise that the code calls."""
        unsolved = [
            step.name
            for step in self.builds_on
            if step.last is not None and not step.last.passed and step.is_named_in(description)
        ]
        if unsolved:
            return replace(
                verdict,
                message=f"{verdict.message}\nYour code calls {' and '.join(unsolved)}, which "
                f"{'is' if len(unsolved) == 1 else 'are'} not right yet either: mend that first.",
            )
        return verdict

    def _argument_names(self) -> list[str]:
        """Names of a case's arguments: the driver's own, or the student's function's if the driver hands them on."""
        _, *own = inspect.signature(self.driver).parameters.values()
        names = []
        for parameter in own:
            if parameter.kind is parameter.VAR_POSITIONAL:
                return [*names, *inspect.signature(self.reference).parameters]
            names.append(parameter.name)
        return names

    def _call_text(self, case: Case) -> str:
        if case.call is not None:
            return case.call
        names = self._argument_names()
        arguments = list(zip(names, case.arguments, strict=False))
        short = [(name, show(value)) for name, value in arguments]
        inline = ", ".join(name if "\n" in text or len(text) > 30 else f"{name}={text}" for name, text in short)
        long = [f"{name} = {text}" for name, text in short if "\n" in text or len(text) > 30]
        return "\n".join([f"{self.name}({inline})", *long])

    def _named(self, value):
        if isinstance(value, tuple) and len(value) == len(self.returns):
            return "\n".join(f"{name} = {show(part)}" for name, part in zip(self.returns, value, strict=True))
        return show(value)

    def _got(self, outcome: Outcome) -> str:
        if outcome.raised is not None:
            kind, message = outcome.raised.kind, outcome.raised.message
            if explain(kind, message) is not None:
                return kind
            return message if kind == drivers.Unusable.__name__ else f"{kind}: {message}"
        value = outcome.value
        if isinstance(value, list) and len(value) == len(self.returns) > 1:
            value = tuple(value)
        return self._named(value)


class _Trial(Sequence):
    """The outcomes of a mistake, case by case; each is run when it is asked for, so that one that differs ends it."""

    def __init__(self, implementation: Callable, driver: Callable, cases: list[Case]):
        self._attempt = Local(implementation)
        self._driver = driver
        self._cases = cases
        self._outcomes: dict[int, Outcome] = {}

    def __len__(self) -> int:
        return len(self._cases)

    def __getitem__(self, index: int) -> Outcome:
        case = self._cases[index]  # past the end this raises IndexError, which ends a loop
        if index not in self._outcomes:
            self._outcomes[index] = self._attempt.run(self._driver, case.encoded)
        return self._outcomes[index]


def exercise(**options: Any) -> Callable[[Callable], Exercise]:
    """Make the decorated reference implementation an :class:`Exercise`.

    Parameters
    ----------
    inputs : callable
        ``inputs(rng)`` yields the :class:`Case` objects of one check, the most readable one first. Together they
        must tell every registered mistake from the reference and from every other mistake, whatever `rng` gives.
    driver : callable, optional
        How the attempt is used; by default it is called once.
    returns : sequence of str, optional
        Names of the returned values, for messages.
    hints : sequence of str, optional
        From general to detailed.
    builds_on : sequence of Exercise, optional
        Exercises whose answers this one calls.
    tolerance : Tolerance, optional
    remarks : callable, optional
        ``remarks()`` returns what a check that passed should note besides, such as what it could not try here.
    using : mapping, optional
        Other drivers for the attempt alone, by what it is to be written with: ``check(fit_torch, using="torch")`` holds
        it against the same reference and the same mistakes, and may ask of it that PyTorch has done the work.
    """
    return lambda reference: Exercise(reference, **options)


def exercises_in(module: Any) -> dict[str, Exercise]:
    """The exercises (and quizzes) that a lesson module defines, by name; not those that it imports."""
    found = {name: value for name, value in vars(module).items() if isinstance(value, Exercise)}
    return {name: value for name, value in found.items() if value.module == module.__name__}


def _size(value):
    """The largest absolute value of a float, array or tensor, also among the entries of a container."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        return max(map(_size, value), default=0.0)
    if isinstance(value, wire.Tensor):
        value = value.values
    return float(np.abs(value).max(initial=0)) if isinstance(value, np.ndarray | float) else 0.0


def _alike(one, other):
    """Whether two errors are the same; a driver's own complaints and explained errors are told apart by their words."""
    if one.kind == drivers.Unusable.__name__ and one.message != other.message:
        return False
    return one.kind == other.kind and explain(one.kind, one.message) == explain(other.kind, other.message)


def _is_finite(value):
    """Whether all numbers in a plain value are finite."""
    if isinstance(value, dict):
        return all(map(_is_finite, value.values()))
    if isinstance(value, list | tuple | set):
        return all(map(_is_finite, value))
    if isinstance(value, wire.Tensor):
        value = value.values
    return not isinstance(value, np.ndarray | np.generic | float) or bool(np.isfinite(value).all())


def _is_ellipsis(value):
    return isinstance(value, wire.Opaque) and value.kind == "ellipsis"


def _length(value):
    return len(value) if isinstance(value, list | tuple) else -1


def _in_case(case):
    return f" (Case: {case.label}.)" if case.label else ""


def _shorten(text):
    text = text.strip()
    return repr(text if len(text) <= 60 else text[:57] + "…")
