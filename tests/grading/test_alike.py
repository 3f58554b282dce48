"""Answers that are unusually alike are found among many, and what is alike by nature is not."""

import random
import warnings

import pytest

from grading.alike import FEW, LEAST_SHARED, Answer, alike, normal_form

STUB = "def train(x, y, b, w, lr, n_epochs):\n    # YOUR CODE HERE\n    raise NotImplementedError()"
REFERENCE = """def train(x, y, b, w, lr, n_epochs):
    losses = []
    for _ in range(n_epochs):
        losses.append(mse(predict(x, b, w), y))
        b_grad, w_grad = gradients(x, y, b, w)
        b, w = update(b, w, b_grad, w_grad, lr)
    return b, w, losses"""
ODD = """def train(x, y, b, w, lr, n_epochs):
    '''Trains.'''
    history = np.zeros(n_epochs)  # one for each
    epoch = 0
    while epoch < n_epochs:
        history[epoch] = np.square(b + w * x - y).mean()
        slope = gradients(x, y, b, w)
        b, w = np.array([b, w]) - lr * np.asarray(slope)
        epoch += 1
    return b, w, history.tolist()"""
ODD_DISGUISED = """def train(x: Array, y, b, w, lr, n_epochs) -> tuple:
    # my own work
    losses = np.zeros(n_epochs)

    i = 0
    while (i < n_epochs):
        losses[i] = np.square(b+w*x - y).mean()
        g = gradients(x, y, b, w)
        b, w = (np.array([b, w])
                - lr * np.asarray(g))
        i += 1
    return (b, w, losses.tolist())"""
ODD_CHANGED = ODD.replace("    epoch = 0\n", "    epoch = 0\n    print('training', n_epochs)\n")


def answers(*texts, right=True):
    return [Answer(f"s{number:04}", text, right) for number, text in enumerate(texts)]


def others(number, seed=0):
    """So many answers as a class writes them: the same few ways to say each line, in all combinations."""
    rng = random.Random(seed)
    ways = (
        ("losses = []", "losses = list()", "history = []", "out = np.empty(n_epochs)"),
        ("n = len(x)", "n = x.shape[0]", "n = x.size", "n = np.size(x)"),
        ("for epoch in range(n_epochs):", "for i in range(n_epochs):", "for _ in range(0, n_epochs):"),
        ("    error = b + w * x - y", "    error = predict(x, b, w) - y", "    error = (x * w + b) - y"),
        ("    b = b - lr * 2 * error.mean()", "    b -= lr * 2 / n * error.sum()", "    b -= 2 * lr * np.mean(error)"),
        ("    w = w - lr * 2 * (x * error).mean()", "    w -= lr * 2 / n * (x * error).sum()"),
        ("    losses.append((error**2).mean())", "    losses += [np.mean(error ** 2)]"),
        ("return b, w, losses", "return (b, w, losses)", "return float(b), float(w), losses"),
    )
    return [
        "def train(x, y, b, w, lr, n_epochs):\n    " + "\n    ".join(rng.choice(way) for way in ways)
        for _ in range(number)
    ]


class TestNormalForm:
    def test_names_comments_annotations_and_layout_make_no_difference(self):
        assert normal_form(ODD) == normal_form(ODD_DISGUISED)
        assert "#" not in normal_form(ODD) and "Trains" not in normal_form(ODD)

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("def f(x):\n    return x + 1", "def f(x):\n    return x - 1"),
            ("def f(x, y):\n    return x - y", "def f(x, y):\n    return y - x"),
            ("def f(x):\n    return np.sum(x)", "def f(x):\n    return np.mean(x)"),
            ("a = b", "a = c"),
            ("def f(x):\n    return 'a'", "def f(x):\n    return 'b'"),
        ],
    )
    def test_what_code_does_makes_one(self, one, other):
        assert normal_form(one) != normal_form(other)

    def test_names_that_others_know_it_by_stay(self):
        said = normal_form(
            "import numpy as np\nclass Value:\n    def add(self, other):\n        return np.add(self.x, other)"
        )
        assert all(word in said for word in ("np", "class Value", "def add", ".x"))

    def test_every_statement_can_be_made_normal(self):
        text = (
            "def f(a):\n    global n\n    try:\n        with a as b:\n            b: int = 1\n            c: int\n"
            "    except E as e:\n        'only words'\n    if a:\n        '''words'''\n    else:\n        del a\n"
            "    return [i for i in a if (j := i)]\nasync def g():\n    'd'\n"
        )
        compile(normal_form(text), "normal", "exec")

    @pytest.mark.parametrize(
        "text",
        ["", "%run x\na = 1  # one", "def f(:", "\0", "(" * 5_000, "-" * 20_000 + "1", "1 + " * 5_000 + "1",
         "\ud800", "x = '\\d'", "a" * 200_000, "if x:\npass"],
    )  # fmt: skip
    def test_whatever_a_student_writes_has_one(self, text):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert isinstance(normal_form(text), str)
            assert alike("f", answers(text, text, ODD)) is not None

    def test_text_that_is_no_python_goes_without_comments(self):
        assert normal_form("%run x\n\n#  two\ndef  f(:  # three") == "%run x\ndef f(:"


class TestAlike:
    def test_the_same_answer_in_another_dress_is_found_in_a_class(self):
        [found] = alike("train", answers(*others(40), ODD, ODD_DISGUISED), [STUB, REFERENCE])
        assert found.students == ("s0040", "s0041")
        assert (found.exercise, found.similarity, len(found.forms)) == ("train", 1.0, 1)
        assert found.shared > 2 * LEAST_SHARED

    def test_one_with_a_line_more_is_found_with_both_forms(self):
        [found] = alike("train", answers(*others(40), ODD, ODD_CHANGED))
        assert found.students == ("s0040", "s0041")
        assert 0.65 < found.similarity < 1
        assert [form.text for form in found.forms] == [normal_form(ODD), normal_form(ODD_CHANGED)]

    def test_independent_answers_are_not(self):
        assert alike("train", answers(*others(200, seed=1))) == []

    def test_stub_and_reference_are_not_whoever_has_them(self):
        same = answers(*[STUB] * 3, *[REFERENCE] * 3, *[REFERENCE.replace("losses", "history")] * 3)
        assert alike("train", same, [STUB, REFERENCE]) == []

    def test_what_the_reference_has_counts_nothing_in_another_answer(self):
        one_more = REFERENCE.replace("return b", "print(b)\n    return b")
        assert alike("train", answers(*others(20), one_more, one_more), [STUB, REFERENCE]) == []

    def test_a_form_that_many_have_is_the_way_to_write_it(self):
        assert alike("train", answers(*others(20), *[ODD] * FEW)) != []
        assert alike("train", answers(*others(20), *[ODD] * (FEW + 1))) == []

    def test_short_answers_are_a_choice(self):
        assert alike("quiz", answers("answer = {'a', 'b'}", "answer = {'a', 'b'}", *["answer = {'c'}"] * 2)) == []

    def test_wrong_answers_weigh_twice(self):
        right, wrong = (alike("train", answers(*others(40), ODD, ODD, right=right))[0] for right in (True, False))
        assert (right.wrong, wrong.wrong) == (False, True)
        assert wrong.shared == pytest.approx(2 * right.shared)

    def test_a_class_of_none_or_one_or_two_is_no_trouble(self):
        assert alike("train", []) == alike("train", answers(ODD)) == []
        assert len(alike("train", answers(ODD, ODD_DISGUISED))) == 1

    def test_order_of_the_class_makes_no_difference(self):
        those = answers(*others(30), ODD, ODD_CHANGED, ODD_DISGUISED)
        shuffled = random.Random(3).sample(those, len(those))
        first, again = (
            [(sorted(one.students), one.shared) for one in alike("train", some)] for some in (those, shuffled)
        )
        assert first == again

    def test_a_thousand_are_compared_without_each_with_each(self, monkeypatch):
        calls = []
        from grading import alike as module

        together = module._together
        monkeypatch.setattr(module, "_together", lambda *given: calls.append(1) or together(*given))
        found = alike("train", answers(*others(1000, seed=2), ODD, ODD_CHANGED))
        assert ("s1000", "s1001") in [one.students for one in found]
        assert len(calls) < 30_000  # of half a million
