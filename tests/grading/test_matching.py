"""Those who handed in are found on the roster, or not at all."""

import pytest

from grading.download import HandedIn, Submitter
from grading.matching import MATCHES, MatchError, Roster, read_matches, write_matches
from grading.roster import Student
from tests.grading.downloads import ROSTER

PEOPLE = [
    *(Student(student, *rest) for student, rest in ROSTER.items()),
    Student("ann1", "Ann", "Berg"),
    Student("ann2", "Ann", "Berg"),
    Student("jose", "José", "Núñez"),
    Student("jose2", "Jose", "Nunez"),
    Student("m123456", "Mei", "Li", "mei@example.org", ""),
]


def find(name: str, number: str = "", lms: str = "moodle", told=None, doubtful: bool = False):
    return Roster(PEOPLE, told).find(HandedIn(Submitter(lms, name, number), doubtful=doubtful))


@pytest.mark.parametrize(
    ("name", "student"),
    [
        ("Ada Lovelace", "ada"),
        ("Lovelace Ada", "ada"),
        ("LOVELACE, Ada", "ada"),
        ("Béla Szőke-Nagy", "bela"),
        ("Be\u0301la Szo\u030bke-Nagy", "bela"),
        ("Bela Szoke-Nagy", "bela"),
        ("SZŐKE-NAGY Béla", "bela"),
        ("Conan OBrien", "conan"),
        ("Group A-Ada Lovelace", "ada"),
        ("Group-B-Béla Szőke-Nagy", "bela"),
        ("José Núñez", "jose"),
        ("Jose Nunez", "jose2"),
        ("Somebody (m123456)", "m123456"),
        ("Somebody mei@example.org", "m123456"),
    ],
)
def test_moodles_names_are_found_in_either_order_and_however_written(name, student):
    assert find(name, "1").student == student


@pytest.mark.parametrize(
    ("name", "student"),
    [("lovelaceada", "ada"), ("adalovelace", "ada"), ("szőkenagybéla", "bela"), ("obrienconan", "conan")],
)
def test_canvas_names_are_found_without_a_number(name, student):
    assert find(name, "999", "canvas").student == student


def test_a_canvas_number_is_found_whatever_the_name_and_a_moodle_number_is_not():
    found = find("missada", "11", "canvas")
    assert found.student == "ada"
    assert found.note == "found by the number; the roster has another name for ada"
    assert find("lovelaceada", "11", "canvas").note == ""
    assert find("Somebody Else", "11", "moodle").student is None


def test_a_number_that_may_be_a_part_of_a_name_is_believed_only_with_the_name():
    assert find("mallory", "11", "canvas", doubtful=True).student is None
    assert find("lovelaceada", "11", "canvas", doubtful=True).student == "ada"


def test_folders_are_ids_emails_or_names():
    for name in ("ada", "ADA", "ada@example.org", "Ada Lovelace", "Lovelace Ada"):
        assert find(name, lms="folders").student == "ada"


def test_a_word_of_a_name_is_no_id():
    assert find("Ada Berg").student is None
    assert find("Ada").student is None


def test_who_may_be_two_people_is_nobody_and_both_are_named():
    found = find("Ann Berg")
    assert found.student is None
    assert found.note == "could be ann1 (Ann Berg) or ann2 (Ann Berg)"
    assert find("José Nunez").student is None


def test_who_is_not_on_the_roster_is_nobody_and_those_like_them_are_named():
    assert find("Ada Lovelock").note == "is not on the roster"
    roster = Roster(PEOPLE)
    assert roster.nearly(Submitter("moodle", "Ada Lovelase")) == "maybe ada (Ada Lovelace)"
    assert roster.nearly(Submitter("moodle", "Xqw Zzz")) == ""


def test_what_was_told_comes_first_by_name_by_number_or_by_both():
    told = {"Ann Berg_7": "ann1", "Ann Berg_8": "ann2", "44": "ada", "Test Student": ""}
    assert find("Ann Berg", "7", told=told).student == "ann1"
    assert find("Ann  Berg".replace("  ", " "), "8", told=told).student == "ann2"
    assert find("dahldana", "44", "canvas", told=told).student == "ada"
    nobody = find("Test Student", "9", told=told)
    assert nobody.student is None
    assert nobody.told


def test_without_a_roster_the_names_themselves_are_ids():
    roster = Roster([])
    for submitter, student in (
        (Submitter("moodle", "Ada O'Lovelace", "3"), "ada-o-lovelace"),
        (Submitter("canvas", "lovelaceada", "11"), "lovelaceada"),
        (Submitter("folders", "Ada"), "Ada"),
        (Submitter("moodle", "../..", "3"), None),
        (Submitter("canvas", "anon_1ab"), None),
    ):
        assert roster.find(HandedIn(submitter)).student == student


def test_what_was_told_is_kept_in_a_table_that_people_may_edit(tmp_path):
    assert read_matches(tmp_path) == {}
    told = {'Ada "the, first"': "ada", "Szőke Béla": "bela", "Test Student": ""}
    write_matches(tmp_path, told)
    assert read_matches(tmp_path) == told
    table = tmp_path / MATCHES
    table.write_bytes(b"\xef\xbb\xbf" + table.read_bytes().replace(b"\n", b"\r\n") + b"\r\nX,ada\r\n")
    assert read_matches(tmp_path) == told | {"X": "ada"}


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"name,student\nada\n", "line 2 of .*matches.csv is not a name"), (b"\xff", "is not UTF-8 text")],
)
def test_a_table_that_cannot_be_used_is_told_with_its_line(tmp_path, content, said):
    (tmp_path / MATCHES).parent.mkdir()
    (tmp_path / MATCHES).write_bytes(content)
    with pytest.raises(MatchError, match=said):
        read_matches(tmp_path)
