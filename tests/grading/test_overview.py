"""The numbers and names of a report are those of the gradebook and of the autograded notebooks."""

import warnings
from datetime import datetime, timedelta

import pytest
from dateutil.tz import UTC, gettz
from nbgrader.api import Gradebook
from sqlalchemy.exc import SAWarning

from grading import overview
from grading.alike import Alike, Answer, Form
from grading.book import opened
from grading.course import open_class
from grading.report import CheckResult, Lesson, Submission, findings, read_lesson
from tests.grading.reported import HINT, LESSON, POINTS, Work, make_class
from tests.grading.test_alike import ODD, ODD_DISGUISED, REFERENCE

DUE = datetime(2030, 1, 10, 12)
ALL = dict.fromkeys(POINTS, "not attempted")
WORKS = {
    "ada": Work(when=DUE - timedelta(days=3), essay=3.0),
    "bob": Work({"roll": "uphill"}, when=DUE - timedelta(hours=30)),
    "cyd": Work({"roll": "uphill", "climb": "too_slow"}, when=DUE - timedelta(hours=1), essay=4.0),
    "dee": Work(ALL, when=DUE + timedelta(hours=5)),
    "eli": Work({"climb": "ended: took longer than 20 seconds, the limit for one call"}, sandbox=False),
    "fay": Work(finding="is empty. Nothing in it could be graded.", when=DUE),
    "gus": Work({"roll": "uphill", "climb": "slow"}, stopped="This cell was stopped: it ended Python (exit status 3)."),
}


@pytest.fixture(scope="module")
def a_class(tmp_path_factory):
    """Seven who are graded, one who is not, one who handed in nothing."""
    roster = {"ada": ("Ada", "First"), "zoe": ("Zoe", "Absent")}
    return make_class(
        tmp_path_factory.mktemp("class"), WORKS, roster=roster, due=DUE, essay=True, solutions={}, waiting=["kim"]
    )


def read(directory, lesson=LESSON):
    course = open_class(directory)
    with opened(course) as gradebook:
        return read_lesson(course, gradebook, lesson)


def handed_in(*times, due=None):
    """A lesson that was handed in at these times."""
    checks = (CheckResult("climb", 1.0, 1.0, {"passed": True}, None),)
    those = [Submission(f"s{n}", "", 1.0, 1.0, checks, None, timestamp=when, due=due) for n, when in enumerate(times)]
    return Lesson(LESSON, due, 1.0, {"climb": 1.0}, {}, {}, tuple(those))


@pytest.fixture(scope="module")
def lesson(a_class):
    return read(a_class)


class TestReading:
    def test_everybody_is_there_with_how_far_they_are(self, lesson):
        states = {one.student: one.state for one in lesson.submissions}
        assert states == dict.fromkeys(WORKS, "graded") | {"fay": "unreadable", "kim": "not graded", "zoe": "missing"}
        assert (lesson.name, lesson.due, lesson.max_score) == (LESSON, DUE, 10)

    def test_exercises_are_in_the_order_of_the_notebook(self, lesson):
        assert list(lesson.exercises.items()) == [*POINTS.items(), ("essay", 4.0)]
        assert lesson.parts == {"climb": ["climb"], "roll": ["roll"], "quiz": ["quiz"], "essay": ["essay"]}

    def test_who_waits_for_grading_is_told_to_be_graded(self, lesson):
        kim, zoe = (one for one in lesson.submissions if one.student in ("kim", "zoe"))
        assert kim.finding == f"kim/{LESSON} is not autograded: run `gdgrade autograde {LESSON}`"
        assert zoe.finding == f"zoe has handed in nothing for {LESSON}"

    def test_late_is_by_the_clock(self, lesson):
        assert {one.student: one.late for one in lesson.submissions if one.late} == {"dee": timedelta(hours=5)}

    def test_an_extension_is_more_time(self, tmp_path):
        directory = make_class(tmp_path / "class", {"dee": WORKS["dee"]}, due=DUE)
        course = open_class(directory)
        with Gradebook(course.db_url, course.course_id) as book:
            book.find_submission(LESSON, "dee").extension = timedelta(days=1)
            book.db.commit()
        [dee] = read(directory).submissions
        assert (dee.due, dee.late) == (DUE + timedelta(days=1), timedelta())

    def test_handed_in_again_is_seen(self, tmp_path):
        directory = make_class(tmp_path / "class", {"ada": WORKS["ada"]})
        assert not read(directory).submissions[0].newer
        (directory / "submitted" / "ada" / LESSON / "timestamp.txt").write_text(f"{DUE} UTC")
        assert read(directory).submissions[0].newer

    def test_without_autograded_notebooks_the_points_stay(self, tmp_path):
        directory = make_class(tmp_path / "class", {"bob": WORKS["bob"]})
        (directory / "autograded" / "bob" / LESSON / f"{LESSON}.ipynb").write_text("{not JSON")
        [bob] = findings(directory, LESSON)
        assert (bob.score, bob.state) == (3.0, "graded")
        assert {check.exercise: check.verdict for check in bob.checks} == dict.fromkeys(POINTS)
        assert "is not autograded" in bob.finding

    def test_a_row_in_the_gradebook_that_nothing_has_graded_is_none(self, tmp_path):
        directory = make_class(tmp_path / "class", {}, waiting=["ann"])
        course = open_class(directory)
        with Gradebook(course.db_url, course.course_id) as book:
            book.update_or_create_student("ann")
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", SAWarning)  # nbgrader's own
                book.update_or_create_submission(LESSON, "ann")
        [ann] = read(directory).submissions
        assert ann.state == "not graded"


class TestExercises:
    def test_are_counted_by_what_came_of_them(self, lesson):
        found = {one.name: one for one in overview.exercises(lesson)}
        roll = found["roll"]
        assert (roll.full, roll.some, roll.none, roll.waits, roll.untouched) == (2, 0, 3, 0, 1)
        assert (roll.count, roll.mean, roll.share) == (6, pytest.approx(1), pytest.approx(1 / 3))
        essay = found["essay"]
        assert (essay.full, essay.some, essay.none, essay.waits) == (1, 1, 0, 4)

    def test_bands_have_each_score_once(self):
        shares = [0, 0.05, 0.1, 0.1 + 1e-12, 0.11, 0.5, 0.9, 0.91, 0.99, 1, 1.2, -0.1]
        counts = dict(zip(overview.BANDS, overview.bands(shares), strict=True))
        assert sum(counts.values()) == len(shares)
        assert (counts["0 %"], counts["to 10 %"], counts["to 20 %"], counts["< 100 %"], counts["100 %"]) == (
            2,
            3,
            1,
            2,
            2,
        )

    @pytest.mark.parametrize(
        ("values", "five"),
        [([], ()), ([3], (3, 3, 3, 3, 3)), ([4, 0], (0, 1, 2, 3, 4)), ([1, 2, 3, 4, 5], (1, 2, 3, 4, 5))],
    )
    def test_five_numbers_of_few(self, values, five):
        assert overview.five_numbers(values) == five


class TestMistakes:
    def test_have_their_hint_and_who_made_them(self, lesson):
        found = {(one.exercise, one.name): one for one in overview.mistakes(lesson)}
        uphill = found["roll", "uphill"]
        assert (uphill.students, uphill.hint) == (("bob", "cyd", "gus"), f"w is 3 and should be 7.\n{HINT}")
        assert found["climb", "ended"].students == ("eli",)
        assert found["quiz", "not attempted"].students == ("dee",)

    def test_stand_in_the_order_of_the_notebook_the_most_frequent_first(self, lesson):
        made = [(one.exercise, len(one.students)) for one in overview.mistakes(lesson)]
        assert [name for name, _ in made] == ["climb"] * 4 + ["roll"] * 2 + ["quiz"]
        assert [number for _, number in made[4:6]] == [3, 1]

    def test_who_could_not_be_graded_made_none(self, lesson):
        assert not any("fay" in one.students for one in overview.mistakes(lesson))

    def test_numbers_of_ones_own_are_parted_from_the_hint(self):
        assert overview.hint_in(["w is 3\nUphill.\nTurn.", "w is 4\nUphill.\nTurn."]) == ("Uphill.\nTurn.", "w is 3")
        assert overview.hint_in(["w is 3\nUphill."]) == ("Uphill.", "w is 3")
        assert overview.hint_in(["Uphill."]) == ("Uphill.", "")
        assert overview.hint_in(["w is 3", "w is 4"]) == ("", "w is 3")
        assert overview.hint_in([]) == overview.hint_in([""]) == ("", "")


class TestStuck:
    def test_is_who_has_few_points_or_left_out_much(self, lesson):
        found = {one.submission.student: one for one in overview.stuck(lesson)}
        assert {name: one.reasons for name, one in found.items()} == {
            "dee": ("no points", "3 of 4 exercises not attempted"),
            "fay": ("nothing in it could be graded",),
            "gus": ("less than half of the points",),
        }
        assert found["dee"].wrong == ("climb", "roll", "quiz")

    def test_what_waits_for_a_person_is_not_held_against_anybody(self):
        climb, essay = (
            CheckResult("climb", 1.0, 1.0, None, None),
            CheckResult("essay", 0.0, 4.0, None, None, waits=True),
        )
        ada = Submission("ada", "", 1.0, 5.0, (climb,), None, written=(essay,))
        assert overview.stuck(Lesson(LESSON, None, 5.0, {"climb": 1.0, "essay": 4.0}, {}, {}, (ada,))) == []


class TestTimeline:
    def test_counts_by_steps_from_the_first_to_the_last(self, lesson):
        line = overview.timeline(lesson)
        assert sum(one.count for one in line.bins) == 5
        assert line.bins[0].count and line.bins[-1].count
        assert (line.step, line.unknown) == ("3 hours", 3)
        assert line.bins[0].begins + line.due * timedelta(hours=3) == DUE.replace(tzinfo=UTC)

    @pytest.mark.parametrize(
        ("days", "step"),
        [(0, "an hour"), (1, "an hour"), (30, "a day"), (60, "2 days"), (200, "a week"), (4000, "16 weeks")],
    )
    def test_has_steps_that_make_a_chart(self, days, step):
        line = overview.timeline(handed_in(DUE, DUE - timedelta(days=days)))
        assert line.step == step
        assert sum(one.count for one in line.bins) == 2
        assert len(line.bins) <= overview.MOST_BINS + 1

    def test_days_begin_at_midnight_of_the_class(self):
        line = overview.timeline(handed_in(DUE, DUE - timedelta(days=30)), gettz("Asia/Kathmandu"))
        assert f"{line.bins[0].begins:%H:%M %z}" == "00:00 +0545"
        assert line.bins[0].label == "11 Dec"

    def test_a_due_date_far_away_does_not_flatten_it(self):
        line = overview.timeline(handed_in(DUE, DUE - timedelta(hours=3), due=DUE + timedelta(days=900)))
        assert (line.due, line.step) == (None, "an hour")

    def test_without_times_there_is_none(self):
        line = overview.timeline(handed_in(None))
        assert (line.bins, line.unknown) == ((), 1)


class TestTroubles:
    def test_are_told_by_kind_student_and_words(self, lesson):
        found = [(one.kind, one.student, one.where) for one in overview.troubles(lesson)]
        assert found == [
            ("could not be read", "fay", "the notebook"),
            ("ended Python", "gus", "a cell"),
            ("time", "eli", "climb"),
        ]

    @pytest.mark.parametrize(
        ("words", "kind"),
        [
            ("it used more than the 2 GiB of memory that there are", "memory"),
            ("it crashed Python (SIGSEGV)", "crashed Python"),
            ("it wrote a file of more than 32 MiB", "disk"),
            ("it wrote into the channel to the grader, which is not its own", "wrote to the grader"),
            ("it left Python in a state in which nothing can be checked (x)", "broke Python"),
            ("it comes after the 180 seconds that a submission has were used up", "time"),
            ("it comes after 7 cells and calls that ended Python or had to be ended", "ended Python"),
            ("it did something new", "ended"),
        ],
    )
    def test_kinds_are_told_from_the_jails_words(self, words, kind):
        assert overview._kind(words) == kind


def _form(*students):
    return Form("x", tuple(Answer(student, "x", True) for student in students))


class TestAlike:
    def test_answers_are_compared_by_exercise_without_stub_and_reference(self, tmp_path):
        answers = {"ada": ODD, "bob": ODD_DISGUISED, "cyd": REFERENCE, "dee": REFERENCE}
        works = {name: Work({"roll": "x"} if name == "bob" else {}, {"roll": text}) for name, text in answers.items()}
        works |= {f"blank{number}": Work(ALL) for number in range(9)}
        directory = make_class(tmp_path / "class", works, solutions={"roll": REFERENCE})
        course = open_class(directory)
        lesson = read(directory)
        known = overview.references(course, lesson)
        assert known["roll"] == REFERENCE
        [found] = overview.alike_answers(lesson, known)
        assert (found.exercise, found.students, found.wrong) == ("roll", ("ada", "bob"), False)

    def test_a_lesson_whose_source_was_removed_has_no_references(self, a_class):
        course = open_class(a_class)
        course.source_directory = "elsewhere"
        assert overview.references(course, read(a_class)) == {}

    def test_pairs_in_several_exercises_come_together(self):
        found = [
            Alike("climb", (_form("ada", "bob", "dee"),), 1, 30),
            Alike("roll", (_form("bob"), _form("ada")), 1, 20),
        ]
        assert overview.together(found) == [("ada", "bob", ("climb", "roll"))]


class TestClass:
    @pytest.fixture(scope="class")
    @staticmethod
    def known(tmp_path_factory):
        directory = tmp_path_factory.mktemp("class")
        make_class(directory, WORKS, roster={"zoe": ("Zoe", "Absent")}, due=DUE, waiting=["kim"])
        two = {"ada": Work({"slope": "flat"}), "bob": Work()}
        make_class(directory, two, lesson="02-slopes", points={"slope": 4.0}, due=DUE + timedelta(days=7))
        make_class(directory, {}, lesson="03-later", points={"later": 1.0})
        course = open_class(directory)
        with opened(course) as gradebook:
            return overview.read_class(course, gradebook)

    def test_a_lesson_of_which_only_the_due_date_is_known_is_not_released(self, tmp_path):
        directory = make_class(tmp_path / "class", {}, lesson="03-later", points={"later": 1.0})
        with opened(open_class(directory)) as gradebook:
            gradebook.update_or_create_assignment("04-not-yet", duedate=DUE)
            found = overview.read_class(open_class(directory), gradebook)
        assert [one.name for one in found.lessons] == ["03-later"]

    def test_lessons_stand_side_by_side(self, known):
        assert [one.name for one in known.lessons] == [LESSON, "02-slopes", "03-later"]
        assert [one.name for one in known.begun] == [LESSON, "02-slopes"]
        first, second, third = known.lessons
        assert (first.max_score, first.late, first.waiting) == (6, {"dee"}, {"kim"})
        assert second.scores == {"ada": 0, "bob": 4}
        assert third.shares == []

    def test_everybody_is_in_it(self, known):
        assert list(known.students) == [*WORKS, "kim", "zoe"]
        assert known.students["zoe"] == "Zoe Absent"

    def test_what_is_missing_is_what_others_handed_in_and_is_due(self, known):
        assert known.missing("zoe") == [LESSON, "02-slopes"]
        assert known.missing("kim", DUE + timedelta(days=8)) == ["02-slopes"]
        assert known.missing("kim", DUE) == []

    def test_totals_are_of_what_is_graded(self, known):
        assert known.total("ada") == (6, 10)
        assert known.total("cyd") == (1, 6)
        assert known.total("zoe") == (0, 0)

    def test_exercises_have_their_means(self, known):
        assert {one.name: one.share for one in known.lessons[1].exercises} == {"slope": 0.5}
