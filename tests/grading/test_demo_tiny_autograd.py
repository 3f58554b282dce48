"""The demo class of lesson 05, played for real: each student gets the score and the mistakes they should."""

import shutil

import pytest

from grading import demo, report

LESSON = "05-tiny-autograd"
POINTS = {
    "add": 1, "mul": 2, "power": 1, "tanh": 1, "topological_order": 3, "backward": 3, "divide": 1, "train_neuron": 2,
    "share_of_a_product": 0.5, "equals_for_plus": 0.5, "topological": 0.5, "price_of_a_gradient": 0.5,
}  # fmt: skip
UNTOUCHED = dict.fromkeys(POINTS, "not attempted") | {"divide": "right_at_one"}
# Each rung is checked alone: a wrong one costs its own points, whatever is built on it.
EXPECTED = {
    "ada": {},
    "bela": {},
    "chen": {"mul": "swapped"},
    "dana": {"backward": "overwrites"},
    "emil": {"topological_order": "root_first"},
    "fatima": {"topological_order": "visits_twice", "divide": "right_at_one"},
    "goran": {"backward": "no_seed"},
    "hana": {"train_neuron": "accumulates"},
    "ivan": {"backward": "parents_before_children"},
    "jana": {"share_of_a_product": "chose_b", "topological": "missed_b"},
    "milo": UNTOUCHED,
    "nora": {name: found for name, found in UNTOUCHED.items() if name not in ("add", "mul", "power", "backward")}
    | {"tanh": "squares_the_argument"},
}

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def submissions(tmp_path_factory):
    """What was found in each submission, with this lesson played alone."""
    answers = tmp_path_factory.mktemp("answers")
    shutil.copy(demo.ANSWERS / "roster.csv", answers)
    shutil.copytree(demo.ANSWERS / LESSON, answers / LESSON)
    played = demo.play(tmp_path_factory.mktemp("demo") / "class", answers_dir=answers)
    return {submission.student: submission for submission in report.findings(played.directory, LESSON)}


@pytest.mark.parametrize("student", EXPECTED)
def test_score_and_mistakes_are_as_expected(submissions, student):
    submission = submissions[student]
    assert {check.exercise: check.mistake for check in submission.checks if check.failed} == EXPECTED[student]
    assert {check.exercise: check.max_score for check in submission.checks} == POINTS
    assert submission.score == sum(points for name, points in POINTS.items() if name not in EXPECTED[student])
    assert submission.max_score == sum(POINTS.values())
    assert submission.finding is None


def test_every_answer_is_in_the_table():
    assert {path.stem for path in (demo.ANSWERS / LESSON).iterdir()} == set(EXPECTED)
