"""The demo class of lesson 02, played for real: each student gets the score and the mistakes they should."""

import shutil

import pytest

from grading import demo, report

LESSON = "02-slopes"
POINTS = {
    "slope": 1, "numerical_gradient": 2, "gradient_check": 2, "repair_mse": 1, "repair_gradients": 1,
    "repair_train": 2, "train_until": 3,
    "size_of_h": 0.5, "held_variable": 0.5, "error_of_one": 0.5, "which_rule_stops": 0.5,
}  # fmt: skip
UNTOUCHED = dict.fromkeys(POINTS, "not attempted") | {
    "repair_mse": "squares_the_prediction", "repair_gradients": "still_uphill", "repair_train": "hides_the_function",
}  # fmt: skip
# Who calls a wrong function of their own gets a wrong result there too, and is told which one to mend first.
EXPECTED = {
    "ada": {},
    "bela": {},
    "chen": {},
    "dana": {"slope": "one_sided", "numerical_gradient": "one_sided_gradient"},
    "emil": {"repair_gradients": "still_uphill", "repair_train": "climbs", "train_until": "stops_after_climbing"},
    "fatima": {"numerical_gradient": "others_at_zero"},
    "goran": {"gradient_check": "absolute_error"},
    "hana": {
        "repair_mse": "squares_the_prediction",
        "repair_train": "logs_the_broken_loss",
        "train_until": "believes_the_broken_loss",
    },
    "ivan": {"repair_train": "returns_an_empty_log"},
    "jana": {"size_of_h": "chose_a", "which_rule_stops": "missed_d"},
    "karl": {"train_until": "reason_not_reported"},
    "lena": {"numerical_gradient": "moves_params_and_back"},
    "milo": UNTOUCHED,
    "nora": {name: found for name, found in UNTOUCHED.items() if name not in ("slope", "numerical_gradient")}
    | {"gradient_check": "divides_zero_by_zero"},
    "omar": {},
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
