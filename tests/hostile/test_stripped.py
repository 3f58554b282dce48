"""What stands inside the jail holds no reference, mistake, input, hint or answer of a quiz."""

import ast
import importlib
import inspect
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from gdexercises.checking import exercises_in
from gdexercises.checking.quiz import Quiz
from grading.sandbox import stripped

MODULES = sorted(
    path.stem
    for path in stripped.PACKAGE.glob("*.py")
    if "@exercise(" in path.read_text(encoding="utf-8") or "= Quiz(" in path.read_text(encoding="utf-8")
)


@pytest.fixture(scope="module")
def furnished(tmp_path_factory):
    folder = stripped.furnish()
    yield folder
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    folder.rmdir()


def bodies(text: str) -> set[str]:
    """The body of each function in a module, without its docstring and in one form."""
    found = set()
    for node in ast.walk(ast.parse(text)):
        if _is_function(node):
            body = node.body if isinstance(node.body, list) else [ast.Return(node.body)]
            found.add(in_one_form(body))
    return found


def in_one_form(body: list[ast.stmt]) -> str:
    if (
        isinstance(body[0], ast.Expr)
        and isinstance(body[0].value, ast.Constant)
        and isinstance(body[0].value.value, str)
    ):
        body = body[1:]
    return "\n".join(ast.unparse(node) for node in body)


def _is_function(node: ast.AST) -> bool:
    return isinstance(node, ast.FunctionDef | ast.Lambda)


def body_of(function) -> str:
    node = next(
        node for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(function)))) if _is_function(node)
    )
    return in_one_form(node.body if isinstance(node.body, list) else [ast.Return(node.body)])


def is_telling(body: str) -> bool:
    return sum(1 for _ in ast.walk(ast.parse(f"def f():\n{textwrap.indent(body, ' ')}"))) > 14


@pytest.mark.parametrize("name", MODULES)
def test_no_answer_is_left(furnished, name):
    module = importlib.import_module(f"gdexercises.{name}")
    text = (furnished / "lib" / "gdexercises" / f"{name}.py").read_text(encoding="utf-8")
    every = "\n".join(path.read_text(encoding="utf-8") for path in furnished.rglob("*.py"))
    left = bodies(text)
    exercises = exercises_in(module)
    assert exercises
    for exercise in exercises.values():
        if isinstance(exercise, Quiz):
            assert exercise.question not in every
            for choice in exercise.choices.values():
                assert choice.why not in every
            continue
        body = body_of(exercise.reference)
        assert not is_telling(body) or body not in left, f"the reference of {exercise.path}"
        assert not is_telling(body_of(exercise.inputs)) or body_of(exercise.inputs) not in left, exercise.path
        for hint in exercise.hints:
            assert hint not in every
        for mistake in exercise.mistakes.values():
            assert mistake.hint not in every
            assert f"def {mistake.name}(" not in text
            body = body_of(mistake.implementation)
            assert not is_telling(body) or body not in left, f"{exercise.path}: {mistake.name}"


def test_a_reference_that_is_left_would_be_found():
    source = Path(importlib.import_module("gdexercises.five_steps").__file__).read_text(encoding="utf-8")
    body = body_of(importlib.import_module("gdexercises.five_steps").gradients.reference)
    assert is_telling(body)
    assert body in bodies(source)


def test_nothing_but_text_lies_there(furnished):
    assert {path.suffix for path in furnished.rglob("*") if path.is_file()} == {".py", ".csv"}
    assert {path.name for path in furnished.rglob("*.csv")} == {"diabetes.csv", "penguins.csv"}
    assert not list(furnished.rglob("__pycache__"))


@pytest.mark.parametrize("name", MODULES)
def test_what_is_left_can_be_imported_and_its_exercises_are_locked(furnished, name):
    code = f"""
import sys
sys.path.insert(0, {str(furnished / "lib")!r})
from gdexercises import {name} as module, locked
found = [value for value in vars(module).values() if isinstance(value, locked.Exercise)]
assert found
for exercise in found:
    assert set(vars(exercise)) == {{"name", "signature", "__name__", "__doc__"}}
    try:
        exercise()
    except locked.LockedDuringGrading:
        pass
    else:
        raise SystemExit(exercise.name)
"""
    subprocess.run([sys.executable, "-I", "-B", "-c", code], check=True, cwd="/", timeout=120)
