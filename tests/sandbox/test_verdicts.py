"""Every answer of every bank gets the same verdict through the wall as in a notebook."""

import inspect

import pytest

import tests.banks
from grading.sandbox import Jail, Limits
from tests.banks import LESSONS, answers

pytestmark = [pytest.mark.xdist_group("jail"), pytest.mark.slow]

# The banks' modules, made of their text inside the sandbox: there, the exercises that they name are the locked ones.
LOAD = """
import linecache, sys, types

def _load(name, text):
    module = sys.modules[name] = types.ModuleType(name)
    linecache.cache[f"<{{name}}>"] = len(text), None, text.splitlines(keepends=True), f"<{{name}}>"
    exec(compile(text, f"<{{name}}>", "exec"), module.__dict__)
    return module

sys.modules["tests"] = types.ModuleType("tests")
_load("tests.banks", {package!r})
for _index, _answer in enumerate(_load("tests.banks.bank", {bank!r}).bank.answers):
    globals()[f"answer_{{_index}}"] = _answer.attempt
"""


@pytest.fixture(scope="module")
def jail():
    with Jail(Limits(submission=600)) as jail:
        yield jail


@pytest.mark.parametrize("lesson", LESSONS)
def test_verdicts_through_the_wall_equal_verdicts_in_the_notebook(jail, lesson):
    bank = answers(lesson)
    module = __import__(f"tests.banks.{lesson}", fromlist=["bank"])
    with jail.sandbox() as sandbox:
        outputs = sandbox.run_cell(LOAD.format(package=inspect.getsource(tests.banks), bank=inspect.getsource(module)))
        assert not outputs, outputs
        differing = []
        for index, answer in enumerate(bank):
            exercise = answer.exercise
            exercise.reset()
            here = exercise.verdict(answer.attempt, answer.using, seed=1)
            exercise.reset()
            there = exercise.verdict(sandbox.attempt(f"answer_{index}"), answer.using, seed=1)
            if here != there:
                differing.append(f"{answer}:\n{here}\n--- through the wall:\n{there}")
        assert not differing, "\n\n".join(differing)
