"""The demo class of lesson 03, played for real: each student gets the score and the mistakes they should."""

import shutil

import pytest

from grading import demo, report

LESSON = "03-batches"
POINTS = {
    "updates_per_epoch": 1, "minibatches": 3, "sgd_epoch": 2, "train_minibatch": 3, "largest_stable_lr": 3,
    "shuffled_epoch": 2,
    "counting_updates": 0.5, "cost_and_noise": 0.5, "why_it_blows_up": 0.5, "what_calms_it": 0.5,
}  # fmt: skip
UNTOUCHED = dict.fromkeys(POINTS, "not attempted") | {"shuffled_epoch": "still_torn"}
EXPECTED = {
    "ada": {},
    "bela": {},
    "chen": {},
    "dana": {"updates_per_epoch": "rounds_down"},
    # Both checks know this mistake, so it is named, and costs points, where it is made and where it is carried on.
    "emil": {"minibatches": "drops_the_short_batch", "train_minibatch": "trains_without_the_short_batch"},
    "fatima": {"train_minibatch": "same_order_each_epoch"},
    "goran": {"largest_stable_lr": "takes_one_over"},
    "hana": {"train_minibatch": "trains_on_the_whole_set"},
    "ivan": {"shuffled_epoch": "shuffles_nothing"},
    "jana": {"counting_updates": "chose_b", "cost_and_noise": "missed_c"},
    "milo": UNTOUCHED,
    "nora": {name: found for name, found in UNTOUCHED.items() if name not in ("updates_per_epoch", "minibatches")}
    | {"sgd_epoch": "restarts_for_each_batch"},
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
