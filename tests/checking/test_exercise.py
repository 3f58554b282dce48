"""Exercises: findings of their own, hints, solutions, what may not leak, and how a verdict is shown."""

import functools
import json
import pickle
import subprocess
import sys
import textwrap

import numpy as np
import pytest

from gdexercises.checking import Case, CheckFailed, Quiz, Unusable, Verdict, driver, exercise, right, wire, wrong
from gdexercises.checking.verdict import MIME


def columns(rng):
    for n in (3, 1):
        yield Case(f"{n} rows", rng.uniform(1, 2, (n, 1)), float(rng.uniform(2, 3)))


@pytest.fixture
def scale():
    @exercise(inputs=columns, returns=("scaled",), hints=("Think.", "Multiply."))
    def scale(x, factor):
        """Multiply.

        More.
        """
        return factor * x

    @scale.mistake("You add; multiply.")
    def adds(x, factor):
        return factor + x

    @scale.mistake("You change x in place; make a new array.")
    def in_place(x, factor):
        x *= factor
        return x

    return scale


def answer(body, name="attempt", parameters="x, factor"):
    namespace = {"np": np}
    exec(f"def {name}({parameters}):\n{textwrap.indent(textwrap.dedent(body), '    ')}", namespace)
    return namespace[name]


@pytest.mark.parametrize(
    ("attempt", "finding", "words"),
    [
        (answer("raise ValueError('no')"), "raised", "ValueError"),
        (answer("return x.foo"), "raised", "AttributeError"),
        (answer("return unknown"), "raised", "spelled right"),
        (answer("return attempt(x, factor)"), "raised", "without end"),
        (answer("raise SystemExit"), "raised", "exit() ends Python"),
        (answer("y = x"), "none", "return"),
        (answer("print(factor * x)"), "none", "Printing shows"),
        (answer("return 'text'"), "kind", "the text"),
        (answer("return x.ravel() * factor"), "shape", "shape (3,)"),
        (answer("return (x * factor).astype(int)"), "dtype", "cut off"),
        (answer("return x * np.nan"), "not finite", "nan"),
        (answer("x += 1; return (x - 1) * factor"), "changed arguments", "changed x in place"),
        (answer("return x"), "value", "should be"),
        (answer("return x", parameters="x"), "arguments", "yours takes 1 (x)"),
        (answer("return x", parameters=""), "arguments", "yours takes 0 (none)"),
        (answer("return x", parameters="x, factor, z"), "arguments", "takes 2 arguments (x, factor)"),
        (answer("return x", parameters="*, x, factor"), "signature", "by name"),
        (answer("return x - 1", parameters="factor, x"), "signature", "order (factor, x)"),
        (answer("raise NotImplementedError"), "not attempted", "cell above"),
        (answer("..."), "not attempted", "cell above"),
        (answer("pass"), "not attempted", "cell above"),
        (answer("return ..."), "not attempted", "cell above"),
        (answer("'''Docstring.'''"), "not attempted", "cell above"),
        (..., "not attempted", "cell above"),
        (None, "not attempted", "cell above"),
        (3.0, "not callable", "check(scale)"),
        (np.zeros(3), "not callable", "without brackets"),
    ],
)
def test_each_way_to_go_wrong_has_a_message_of_its_own(scale, attempt, finding, words):
    verdict = scale.verdict(attempt)
    assert not verdict.passed
    assert verdict.finding == finding, str(verdict)
    assert words in verdict.message


def test_messages_for_different_findings_differ(scale):
    bodies = ["raise ValueError", "y = x", "print(x)", "return 'a'", "return x.ravel()", "return x * np.nan", "..."]
    messages = [scale.verdict(answer(body), seed=1).message for body in bodies]
    assert len(set(messages)) == len(messages)


@pytest.mark.parametrize(
    "attempt",
    [
        answer("return x * factor"),
        answer("print('x'); return x * factor"),
        answer("import warnings; warnings.warn('w'); return x * factor"),
        answer("import sys; print('x', file=sys.stderr); return x * factor"),
        answer("return x * factor", parameters="x, factor, extra=1"),
        answer("return a * b", parameters="a, b"),
        answer("return rest[0] * rest[1]", parameters="*rest"),
        functools.partial(lambda power, x, factor: factor * x**power, 1),
        np.multiply,
        type("Callable", (), {"__call__": lambda self, x, factor: x * factor})(),
        answer("yield from (x * factor)"),
    ],
)
def test_style_is_never_a_reason_to_refuse(scale, attempt, capfd):
    verdict = scale.verdict(attempt)
    assert verdict.passed, str(verdict)
    assert capfd.readouterr() == ("", "")


def test_printing_is_remarked_on_but_passes(scale):
    assert "prints" in scale.verdict(answer("print('x'); return x * factor")).notes[0]


def test_flood_of_output_is_cut(scale):
    assert scale.verdict(answer("print('x' * 10**7); return x * factor")).passed


def test_mistake_about_changed_arguments_is_recognised_by_name(scale):
    assert scale.verdict(answer("x *= factor; return x")).mistake == "in_place"


def test_error_points_at_the_students_own_line():
    @exercise(inputs=columns)
    def scale(x, factor):
        return x

    def attempt(x, factor):
        return np.linalg.inv(x @ x.T * 0)

    verdict = scale.verdict(attempt)
    assert "LinAlgError in the line `return np.linalg.inv(x @ x.T * 0)`" in verdict.message


def test_student_gets_copies_and_cannot_reach_the_references_inputs(scale):
    kept = []

    def hoards(x, factor):
        kept.append(x)
        result = factor * x
        return result

    assert scale.verdict(hoards).passed
    for array in kept:
        array[:] = 0
    assert scale.verdict(hoards).passed


def test_check_returns_the_verdict_or_raises_with_the_message(scale):
    assert scale.check(scale.reference).passed
    with pytest.raises(CheckFailed, match="You add; multiply") as caught:
        scale.check(answer("return x + factor"))
    assert isinstance(caught.value, AssertionError)
    assert caught.value.verdict.mistake == "adds"
    [shown] = caught.value._render_traceback_()
    assert "Traceback" not in shown and shown.count("\n") <= 3


def test_failing_case_is_shown_as_call_expected_got(scale):
    verdict = scale.verdict(answer("return x + factor"), seed=1)
    assert verdict.call.startswith("scale(x, factor=2.") and "x = [[" in verdict.call
    assert verdict.expected != verdict.got
    text = str(verdict)
    assert text.startswith("✗ scale: Not right yet")
    for word in ("call:", "expected:", "got:"):
        assert word in text


def test_html_card_says_in_words_what_colour_says_and_escapes(scale):
    passed = scale.verdict(scale.reference)._repr_html_()
    assert "✓ scale: Right" in passed and "aria-label" in passed
    failed = scale.verdict(answer("return '<script>alert(1)</script>'"))._repr_html_()
    assert "✗ scale: Not right yet" in failed
    assert "<script>" not in failed and "&lt;script&gt;" in failed


def test_verdict_is_plain_data_for_reports(scale):
    data = json.loads(json.dumps(scale.verdict(answer("return x + factor")).to_dict()))
    assert data["exercise"] == "scale" and data["mistake"] == "adds" and data["finding"] == "value"
    assert set(data) == {"exercise", "passed", "finding", "message", "mistake", "call", "expected", "got", "notes"}


def test_check_in_ipython_shows_a_card_and_no_result_that_could_be_read_as_points(scale):
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.capture import capture_output

    shell = InteractiveShell.instance()
    shell.push({"scale": scale, "good": scale.reference, "bad": answer("return x + factor")})
    with capture_output() as captured:
        shell.run_cell("scale.check(good)")
    [output] = captured.outputs
    assert output.data[MIME]["passed"] and "✓" in output.data["text/plain"]
    with capture_output() as captured:
        result = shell.run_cell("scale.check(bad)")
    assert isinstance(result.error_in_exec, CheckFailed)
    assert captured.outputs[0].data[MIME]["mistake"] == "adds"
    assert "You add; multiply." in captured.stdout and "Traceback" not in captured.stdout
    InteractiveShell.clear_instance()


def test_hints_go_from_the_recognised_mistake_to_the_detailed_ones(scale):
    assert scale.hint().text == "Think."
    scale.reset()
    scale.verdict(answer("return x + factor"))
    assert [scale.hint().text for _ in range(4)] == ["You add; multiply.", "Think.", "Multiply.", "Multiply."]


def test_solution_opens_after_success(scale):
    assert "3 more tries" in scale.solution().text
    scale.verdict(scale.reference)
    assert scale.solution().text.startswith("def scale(x, factor):")
    assert "return factor * x" in scale.solution().text


def test_solution_opens_after_three_failures_but_not_for_untried_ones(scale):
    for _ in range(5):
        scale.verdict(...)
    assert "locked" in scale.solution().title
    for _ in range(3):
        assert "locked" in scale.solution().title
        scale.verdict(answer("return x"))
    assert "return factor * x" in scale.solution().text


@pytest.mark.parametrize(("name", "value"), [("GDEXERCISES_SOLUTIONS", "off"), ("NBGRADER_EXECUTION", "autograde")])
def test_instructor_can_switch_solutions_off(scale, monkeypatch, name, value):
    scale.verdict(scale.reference)
    monkeypatch.setenv(name, value)
    assert "return" not in scale.solution().text


def test_several_wrong_parts_are_each_explained():
    @exercise(inputs=columns, returns=("first", "second"))
    def both(x, factor):
        return x * factor, x - factor

    @both.mistake("First hint.")
    def one(x, factor):
        return x + factor, x - factor

    @both.mistake("Second hint.")
    def two(x, factor):
        return x * factor, factor - x

    verdict = both.verdict(lambda x, factor: (x + factor, factor - x))
    assert verdict.mistake == "one"
    assert "First hint. Second hint." in verdict.message
    assert both.verdict(lambda x, factor: (x + factor, 3 * x)).mistake is None


def test_message_names_the_earlier_exercise_that_is_not_right_yet(scale):
    @exercise(inputs=columns, builds_on=[scale])
    def twice(x, factor):
        return factor * factor * x

    not_calling = answer("return x")
    calling = answer("return scale(x, factor)")
    calling.__globals__["scale"] = answer("return x")
    assert "mend that first" not in twice.verdict(calling).message
    scale.verdict(answer("return x"))
    assert "Your code calls scale, which is not right yet" in twice.verdict(calling).message
    assert "Your code calls" not in twice.verdict(not_calling).message


def calling(expression, scale):
    """An answer to a later exercise that calls the student's own `scale`."""
    attempt = answer(f"return {expression}")
    attempt.__globals__["scale"] = scale
    return attempt


@pytest.fixture
def squared_after(scale):
    @exercise(inputs=columns, builds_on=[scale])
    def squared(x, factor):
        return scale(x, factor) ** 2

    @squared.mistake("You double; square.")
    def doubles(x, factor):
        return scale(x, factor) * 2

    return squared


def test_mistake_of_an_earlier_exercise_costs_only_that_one(scale, squared_after):
    adds = answer("return factor + x")
    calls_it = calling("scale(x, factor) ** 2", adds)
    assert not squared_after.verdict(calls_it).passed
    scale.verdict(adds)
    verdict = squared_after.verdict(calls_it)
    assert verdict.passed
    assert "calls your scale, whose mistake it carries on" in verdict.notes[0]
    scale.verdict(scale.reference)
    assert not squared_after.verdict(calls_it).passed


def test_mistake_is_carried_also_through_an_exercise_between(scale, squared_after):
    @exercise(inputs=columns, builds_on=[squared_after, scale])
    def halved(x, factor):
        return squared_after(x, factor) / 2

    adds = answer("return factor + x")
    squared = calling("scale(x, factor) ** 2", adds)
    calls_it = answer("return squared(x, factor) / 2")
    calls_it.__globals__["squared"] = squared
    scale.verdict(adds)
    assert squared_after.verdict(squared).passed
    assert "calls your scale" in halved.verdict(calls_it).notes[0]
    assert not halved.verdict(lambda x, factor: (factor + x) ** 2 / 2).passed


def test_carried_mistake_passes_also_where_it_could_be_this_exercises_own(scale, squared_after):
    @squared_after.mistake("You square the sum.")
    def squares_the_sum(x, factor):
        return (factor + x) ** 2

    adds = answer("return factor + x")
    calls_it = calling("scale(x, factor) ** 2", adds)
    assert squared_after.verdict(calls_it).mistake == "squares_the_sum"
    scale.verdict(adds)
    assert squared_after.verdict(calls_it).passed


def test_own_mistake_is_named_also_on_top_of_a_carried_one(scale, squared_after):
    adds = answer("return factor + x")
    scale.verdict(adds)
    verdict = squared_after.verdict(calling("scale(x, factor) * 2", adds))
    assert (verdict.passed, verdict.mistake) == (False, "doubles")
    assert "You double; square." in verdict.message and "comes on top" in verdict.notes[0]
    assert verdict.expected is None


def test_unrecognised_mistake_of_an_earlier_exercise_is_not_carried(scale, squared_after):
    shrinks = answer("return x * 0.3 + factor")
    scale.verdict(shrinks)
    assert not squared_after.verdict(calling("scale(x, factor) ** 2", shrinks)).passed


def test_mistake_made_again_without_calling_the_earlier_exercise_is_not_carried(scale, squared_after):
    scale.verdict(answer("return factor + x"))
    assert not squared_after.verdict(lambda x, factor: (factor + x) ** 2).passed


def test_carried_mistake_with_which_nothing_runs_is_an_ordinary_failure(scale, squared_after):
    @scale.mistake("You return text.")
    def returns_text(x, factor):
        return "text"

    text = answer("return 'text'")
    scale.verdict(text)
    assert scale.last.mistake == "returns_text"
    assert squared_after.verdict(calling("scale(x, factor) ** 2", text)).finding == "raised"


@driver
def positive(attempt, x, factor):
    result = attempt(x, factor)
    if not isinstance(result, np.ndarray):
        raise Unusable("It should be an array.")
    return {"all positive": bool((result > 0).all())}


def test_driver_decides_what_is_compared():
    @exercise(inputs=columns, driver=positive)
    def anything_positive(x, factor):
        return x

    assert anything_positive.verdict(lambda x, factor: 17 * x).passed
    assert "all positive" in anything_positive.verdict(lambda x, factor: -x).message
    verdict = anything_positive.verdict(lambda x, factor: 3)
    assert (verdict.finding, verdict.message) == ("kind", "It should be an array. (Case: 3 rows.)")


@driver
def scaled_by(attempt, how, *arguments):
    result = attempt(*arguments)
    if isinstance(result, str):
        raise Unusable(f"It should be an array, {how}, not {result!r}.")
    return result


def test_complaints_of_a_driver_that_say_something_else_are_not_the_same_mistake():
    @exercise(inputs=lambda rng: iter([Case("", "please", np.ones(2), 3.0)]), driver=scaled_by)
    def scale(x, factor):
        return factor * x

    @scale.mistake("Do not say a.")
    def says_a(x, factor):
        return "a"

    assert scale.verdict(lambda x, factor: "a").mistake == "says_a"
    assert scale.verdict(lambda x, factor: "b").mistake is None


def test_arguments_of_the_driver_that_stand_before_the_students_are_named_apart():
    @exercise(inputs=lambda rng: iter([Case("", "please", np.ones(2), 3.0)]), driver=scaled_by)
    def scale(x, factor):
        return factor * x

    def in_place(x, factor):
        x *= factor
        return x

    assert "the call changed x in place" in scale.verdict(in_place).message
    assert "scale(how='please', x=" in scale.verdict(lambda x, factor: x).call


def test_one_tensor_passes_for_several_numbers():
    @exercise(inputs=lambda rng: iter([Case("", 2.0)]), returns=("x", "x squared"))
    def powers(x):
        return x, x**2

    assert powers.verdict(lambda x: wire.Tensor(np.array([x, x**2]), "jax")).passed


def test_inputs_in_tensors_and_containers_count_for_the_tolerance():
    tensor = wire.Tensor(np.array([-40.0], np.float32), "jax")
    assert Case("", tensor).scale == Case("", {"w": [tensor, 2.0]}).scale == 40.0
    assert Case("", "text", 7, None).scale == 0.0


def test_broken_reference_is_an_error_and_not_a_verdict():
    @exercise(inputs=columns)
    def broken(x, factor):
        raise KeyError("x")

    with pytest.raises(RuntimeError, match="reference of broken fails on the case '3 rows'"):
        broken.verdict(lambda x, factor: x)


def test_same_mistake_name_twice_is_an_error(scale):
    with pytest.raises(ValueError, match="already has a mistake called adds"):
        scale.mistake("again")(scale.mistakes["adds"].implementation)


def test_quiz_needs_one_letter_choices_and_an_answer():
    with pytest.raises(ValueError, match="at least one of them right"):
        Quiz("q", "?", a=wrong("x", "y"))
    with pytest.raises(ValueError, match="one-letter"):
        Quiz("q", "?", first=right("x", "y"))


def test_quiz_solution_and_markdown():
    quiz = Quiz("q", "Which?", a=right("this", "look"), b=wrong("that", "no"))
    assert "- **a**: this\n- **b**: that" in quiz.markdown()
    assert quiz.verdict("b").message == "b does not belong: no\nSomething is missing: look"
    quiz.verdict("a")
    assert quiz.solution().text == 'q = {"a"}'


class Grudge(BaseException):
    pass


class Evasive:
    """Answers every question about itself with an error."""

    def __getattr__(self, name):
        raise KeyError(name)

    def __call__(self, x, factor):
        return x * factor


def closes_stdout(x, factor):
    sys.stdout.close()
    return x * factor


def changes_numpys_errors(x, factor):
    np.seterr(all="raise")
    return x * factor


@pytest.mark.parametrize("attempt", [lambda: Evasive(), lambda: closes_stdout, lambda: changes_numpys_errors])
def test_odd_but_right_answer_passes(scale, attempt):
    attempt = attempt()
    assert scale.verdict(attempt).passed
    assert np.geterr()["over"] == "warn"


def raising(error):
    def attempt(x, factor):
        raise error

    return attempt


@pytest.mark.parametrize("error", [Grudge("no"), GeneratorExit(), ValueError("\ud800"), SystemExit(3)], ids=repr)
def test_whatever_is_raised_becomes_a_finding_that_can_be_shown(scale, error):
    verdict = scale.verdict(raising(error))
    assert verdict.finding == "raised"
    json.dumps(verdict.to_dict()).encode()
    str(verdict).encode()


def test_calling_an_exercise_that_is_still_to_be_written_says_which(scale):
    attempt = answer("return later(x) * factor")
    attempt.__globals__["later"] = answer("raise NotImplementedError()", name="later", parameters="x")
    verdict = scale.verdict(attempt)
    assert verdict.finding == "raised"
    assert "Your code calls later, which is still to be written" in verdict.message


def test_failed_check_can_be_sent_to_another_process(scale):
    failed = CheckFailed(scale.verdict(answer("return x + factor")))
    assert pickle.loads(pickle.dumps(failed)).verdict == failed.verdict


def test_huge_wrong_answer_makes_a_short_message(scale):
    verdict = scale.verdict(answer("return {i: i for i in range(100_000)}"))
    assert len(str(verdict)) < 6_000


def test_new_mistake_brings_its_hint_first(scale):
    scale.hint()
    scale.verdict(answer("return x + factor"))
    assert scale.hint().text == "You add; multiply."


def test_interrupt_reaches_the_student(scale):
    def interrupted(x, factor):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        scale.verdict(interrupted)


def test_verdict_is_a_value():
    assert Verdict("a", True, "passed", "") == Verdict("a", True, "passed", "")


@pytest.mark.parametrize("module", ["gdexercises", "gdexercises.five_steps", "gdexercises.checking"])
def test_import_loads_no_framework_and_no_plotting(module):
    heavy = ("torch", "jax", "matplotlib", "ipywidgets", "IPython")
    code = f"import sys, {module}; print([name for name in {heavy} if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_mistake_is_run_only_as_far_as_it_is_alike():
    ran = []

    @exercise(inputs=lambda rng: (Case(f"case {n}", n) for n in (1, 2, 3)))
    def double(n):
        return 2 * n

    @double.mistake("You add one.")
    def adds_one(n):
        ran.append(n)
        return n + 1

    @double.mistake("You square.")
    def squares(n):
        return n * n

    assert double.verdict(lambda n: n**2).mistake == "squares"
    assert ran == [1]


def decorated(function):
    return functools.wraps(function)(lambda *arguments: function(*arguments))


@exercise(inputs=columns)
@decorated
def scale_decorated(x, factor):
    return factor * x


def test_solution_shows_the_decorators_that_belong_to_the_answer():
    scale_decorated.verdict(scale_decorated.reference)
    assert scale_decorated.verdict(lambda x, factor: factor * x).passed
    assert scale_decorated.solution().text.startswith("@decorated\ndef scale_decorated(x, factor):")
