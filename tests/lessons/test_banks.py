"""Every exercise against its reference, its mistakes and its bank, in this process and over the wire."""

import itertools
import subprocess
import sys

import numpy as np
import pytest

from gdexercises.checking import Local, Quiz, Remote, exercises_in
from gdexercises.checking.exercise import _is_finite
from gdexercises.checking.wire import Tensor
from tests.banks import LESSONS, answers, lesson

EXERCISES = [exercise for name in LESSONS for exercise in exercises_in(lesson(name)).values()]
FUNCTIONS = [exercise for exercise in EXERCISES if not isinstance(exercise, Quiz)]
QUIZZES = [exercise for exercise in EXERCISES if isinstance(exercise, Quiz)]
BANK = [(name, answer) for name in LESSONS for answer in answers(name)]

by_name = {"ids": lambda exercise: exercise.name}


@pytest.fixture(scope="module")
def remote():
    """Handles on the bank's answers, each lesson's bank in a process of its own."""
    servers = {}

    def handle(name, answer):
        if name not in servers:
            servers[name] = subprocess.Popen(
                [sys.executable, "-m", "tests.serve_bank", name], stdin=subprocess.PIPE, stdout=subprocess.PIPE
            )
        return Remote(servers[name].stdout, servers[name].stdin, str(answer))

    yield handle
    for server in servers.values():
        server.stdin.close()
        server.wait(10)


@pytest.mark.parametrize(("name", "answer"), BANK, ids=[str(answer) for _, answer in BANK])
def test_answer_gets_its_verdict_here_and_in_another_process(name, answer, remote):
    verdict = answer.exercise.verdict(answer.attempt, answer.using, seed=1)
    assert verdict.passed == answer.passed, str(verdict)
    assert verdict.mistake == answer.mistake, str(verdict)
    if answer.mistake is None:
        assert verdict.finding == answer.finding, str(verdict)
    for words in answer.says:
        assert words in verdict.message
    answer.exercise.reset()
    assert answer.exercise.verdict(remote(name, answer), answer.using, seed=1) == verdict


@pytest.mark.parametrize("exercise", FUNCTIONS, **by_name)
def test_bank_is_large_and_names_each_mistake(exercise):
    bank = [answer for _, answer in BANK if answer.exercise is exercise]
    assert len({str(answer) for answer in bank}) == len(bank)
    assert sum(answer.passed for answer in bank) >= 5
    assert sum(not answer.passed for answer in bank) >= 8
    assert exercise.hints


@pytest.mark.parametrize("exercise", FUNCTIONS, **by_name)
def test_reference_passes_on_1000_seeds(exercise):
    for seed in range(1000):
        verdict = exercise.verdict(exercise.reference, seed=seed)
        assert verdict.passed, (seed, str(verdict))


def numbers_in(value):
    """All numbers in a plain value, one after the other; None where there is something else in it."""
    if isinstance(value, Tensor):
        value = value.values
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, bool | int | float | np.generic | np.ndarray):
        return np.ravel(value).astype(float)
    if isinstance(value, list | tuple):
        parts = [numbers_in(part) for part in value]
        return None if any(part is None for part in parts) else np.concatenate([np.zeros(0), *parts])
    return None


def far_apart(some, others):
    """Whether two attempts differ by so much in a number that no tolerance comes near it: quicker than to compare."""
    for one, other in zip(some, others, strict=True):
        if one is not None and other is not None and one.shape == other.shape:
            with np.errstate(all="ignore"):
                if (abs(one - other) > 0.01 * (1 + abs(one) + abs(other))).any():
                    return True
    return False


@pytest.mark.parametrize("exercise", FUNCTIONS, **by_name)
def test_each_mistake_is_told_from_the_reference_and_from_every_other_on_200_seeds(exercise):
    candidates = {"the reference": exercise.reference} | {
        mistake.name: mistake.implementation for mistake in exercise.mistakes.values()
    }
    for seed in range(200):
        cases = exercise.cases(seed)
        outcomes = {
            name: [Local(candidate).run(exercise.driver, case.encoded) for case in cases]
            for name, candidate in candidates.items()
        }
        changed = {
            name: [
                [after == before for after, before in zip(outcome.arguments, case.sent, strict=True)]
                for outcome, case in zip(found, cases, strict=True)
            ]
            for name, found in outcomes.items()
        }
        numbers = {name: [numbers_in(outcome.value) for outcome in found] for name, found in outcomes.items()}
        for one, other in itertools.combinations(candidates, 2):
            if far_apart(numbers[one], numbers[other]):
                continue
            alike = exercise.matches(outcomes[one], outcomes[other]) and changed[one] == changed[other]
            assert not alike, (seed, one, other)


@pytest.mark.parametrize("exercise", FUNCTIONS, **by_name)
def test_unusual_right_answers_pass_on_30_seeds(exercise):
    right = [answer for _, answer in BANK if answer.exercise is exercise and answer.passed]
    for answer in right:
        for seed in range(30):
            verdict = exercise.verdict(answer.attempt, answer.using, seed=seed)
            assert verdict.passed, (answer.label, seed, str(verdict))


@pytest.mark.parametrize("exercise", FUNCTIONS, **by_name)
def test_each_mistake_in_turn_is_recognised_by_its_name(exercise):
    for name, mistake in exercise.mistakes.items():
        verdict = exercise.verdict(mistake.implementation, seed=7)
        assert verdict.mistake == name
        assert mistake.hint in verdict.message


BUILT = [
    pytest.param(later, earlier, id=f"{later.name}-{earlier.name}")
    for later in FUNCTIONS
    for earlier in later.builds_on
]


@pytest.mark.parametrize(("later", "earlier"), BUILT)
def test_any_mistake_in_an_earlier_exercise_leaves_the_check_of_a_later_one_standing(later, earlier, monkeypatch):
    monkeypatch.setattr(later, "_may_call", lambda step, description: True)
    for name, mistake in earlier.mistakes.items():
        earlier.reset()
        assert earlier.verdict(mistake.implementation, seed=1).mistake == name
        assert not later.verdict(lambda *arguments: "nothing of the kind", seed=1).passed


@pytest.mark.parametrize("exercise", FUNCTIONS, **by_name)
def test_grading_uses_more_cases_fixed_by_the_seed_of_the_student(exercise, monkeypatch):
    practice = exercise.cases()
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    monkeypatch.setenv("GDEXERCISES_SEED", "ada")
    ada, ada_again = exercise.cases(), exercise.cases()
    monkeypatch.setenv("GDEXERCISES_SEED", "bob")
    bob = exercise.cases()
    assert len(ada) > 2 * len(practice)
    assert [case.encoded for case in ada] == [case.encoded for case in ada_again]
    assert [case.encoded for case in ada] != [case.encoded for case in bob]


@pytest.mark.parametrize("exercise", FUNCTIONS, **by_name)
def test_practice_uses_fresh_inputs_each_time(exercise):
    assert [case.encoded for case in exercise.cases()] != [case.encoded for case in exercise.cases()]


@pytest.mark.parametrize("exercise", FUNCTIONS, **by_name)
def test_reference_gives_finite_numbers(exercise):
    for case in exercise.cases(3):
        outcome = Local(exercise.reference).run(exercise.driver, case.encoded)
        assert _is_finite(outcome.value)


@pytest.mark.parametrize("quiz", QUIZZES, **by_name)
def test_quiz_says_for_each_wrong_choice_why_without_giving_the_rest_away(quiz):
    assert quiz.verdict(quiz.answer).passed
    for letter, choice in quiz.choices.items():
        verdict = quiz.verdict(quiz.answer ^ {letter} or {letter})
        if not (quiz.answer ^ {letter}):
            continue
        assert choice.why in verdict.message
        for other, text in quiz.choices.items():
            assert other == letter or text.why not in verdict.message
        if choice.belongs:
            assert choice.text not in verdict.message
            assert f"{letter} does not belong" not in verdict.message
