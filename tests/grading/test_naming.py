"""Lessons are found by what people call them."""

import pytest

from grading.course import open_class
from grading.demo import CONFIG
from grading.lessons import UnknownLesson, chosen, in_class, one

KNOWN = ["00-start-here", "01-five-steps", "02-slopes", "04-autograd", "10-capstone"]


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ([], KNOWN),
        (["1"], ["01-five-steps"]),
        (["01"], ["01-five-steps"]),
        (["10"], ["10-capstone"]),
        (["0-2,10"], ["00-start-here", "01-five-steps", "02-slopes", "10-capstone"]),
        (["2-4", "1"], ["01-five-steps", "02-slopes", "04-autograd"]),
        (["02-slopes, 1", "1-2"], ["01-five-steps", "02-slopes"]),
    ],
)
def test_names_numbers_and_ranges_mean_lessons_in_their_own_order(words, names):
    assert chosen(words, KNOWN) == names


@pytest.mark.parametrize("word", ["3", "5-9", "4-1", "slopes", "1-", "-1", "01-five-steps-2", "1;2"])
def test_what_means_no_lesson_is_named_with_those_there_are(word):
    with pytest.raises(UnknownLesson, match=rf"there is no lesson {word}; there are: 00-start-here, 01-"):
        chosen(["1", word], KNOWN)


def test_a_class_without_lessons_says_so():
    assert chosen([], []) == []
    with pytest.raises(UnknownLesson, match="there are: none"):
        chosen(["1"], [])


def test_one_lesson_goes_by_its_number_and_an_unknown_word_stays():
    assert one("1", KNOWN) == "01-five-steps"
    assert one("homework", KNOWN) == "homework"
    assert one("1-2", KNOWN) == "1-2"


def test_a_class_has_the_lessons_of_its_folders(tmp_path):
    (tmp_path / CONFIG.name).write_text(CONFIG.read_text())
    assert in_class(open_class(tmp_path)) == []
    for folder in (
        "source/02-slopes",
        "source/01-five-steps",
        "release/01-five-steps",
        "release/homework",
        "source/.x",
    ):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "source" / "header.ipynb").write_text("{}")
    assert in_class(open_class(tmp_path)) == ["01-five-steps", "02-slopes", "homework"]
