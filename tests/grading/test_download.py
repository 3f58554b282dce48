"""The names in download-all ZIP files say who handed in what."""

from pathlib import PurePosixPath

import pytest

from grading.archives import Archive, Limits
from grading.download import HandedIn, Submitter, who_handed_in
from tests.grading.downloads import zipped


def read(*names: str) -> tuple[dict[str, HandedIn], list[str]]:
    with Archive(zipped(dict.fromkeys(names, "1")), Limits()) as archive:
        found, strangers = who_handed_in(archive.entries)
        return {one.submitter.label: one for one in found}, [str(entry.path) for entry in strangers]


def places(one: HandedIn) -> list[str]:
    return [str(path) for path, _, _ in one.files]


@pytest.mark.parametrize("tail", ["", "_"])
def test_moodles_folders_are_students(tail):
    found, strangers = read(
        f"Ada Lovelace_123_assignsubmission_file{tail}/01-five-steps.ipynb",
        f"Ada Lovelace_123_assignsubmission_file{tail}/data/x y.csv",
        f"Ada Lovelace_123_assignsubmission_onlinetext{tail}/onlinetext.html",
        f"Béla Szőke-Nagy_124_assignsubmission_file{tail}/a.ipynb",
    )
    assert list(found) == ["Ada Lovelace_123", "Béla Szőke-Nagy_124"]
    assert not strangers
    assert places(found["Ada Lovelace_123"]) == ["01-five-steps.ipynb", "data/x y.csv", "onlinetext.html"]
    assert found["Ada Lovelace_123"].submitter == Submitter("moodle", "Ada Lovelace", "123")


def test_moodles_flat_files_teams_and_nameless_participants():
    found, _ = read(
        "Ada Lovelace_123_assignsubmission_file_my_file_1.ipynb",
        "Ada Lovelace_123_assignsubmission_onlinetext_onlinetext.html",
        "Team 1_7_assignsubmission_file_a.ipynb",
        "Default group_assignsubmission_file_b.ipynb",
        "Participant_99_assignsubmission_file_c.ipynb",
    )
    assert list(found) == ["Ada Lovelace_123", "Team 1_7", "Default group", "Participant_99"]
    assert places(found["Ada Lovelace_123"]) == ["my_file_1.ipynb", "onlinetext.html"]


def test_a_download_that_was_packed_anew_is_read_with_the_folder_around_it_and_without_clutter():
    found, strangers = read(
        "all/Ada Lovelace_123_assignsubmission_file/a.ipynb",
        "__MACOSX/all/Ada Lovelace_123_assignsubmission_file/._a.ipynb",
        "all/.DS_Store",
    )
    assert list(found) == ["Ada Lovelace_123"]
    assert not strangers


def test_canvas_files_have_names_late_marks_and_numbers():
    found, strangers = read(
        "lovelaceada_11_501_98-tiny.ipynb",
        "lovelaceada_11_502_98-tiny-1.ipynb",
        "szőkenagybéla_LATE_22_503_some_thing_2.ipynb",
        "obrienconan_33_text.html",
        "lateannie_LATE_55_link.html",
    )
    assert list(found) == ["lovelaceada_11", "szőkenagybéla_22", "obrienconan_33", "lateannie_55"]
    assert [(str(path), upload) for path, upload, _ in found["lovelaceada_11"].files] == [
        ("98-tiny.ipynb", 501),
        ("98-tiny-1.ipynb", 502),
    ]
    assert [one.late for one in found.values()] == [False, True, False, True]
    assert places(found["szőkenagybéla_22"]) == ["some_thing_2.ipynb"]
    assert places(found["obrienconan_33"]) == ["text.html"]
    assert not strangers


def test_canvas_without_names():
    found, _ = read("anon_1aB2c_501_a.ipynb", "LATE_anon_9zz_502_a.ipynb")
    assert list(found) == ["anon_1aB2c", "anon_9zz"]
    assert [one.late for one in found.values()] == [False, True]


def test_a_name_that_can_be_read_as_anothers_number_is_doubtful():
    # Somebody who calls themself `mallory_11`, with the number 66.
    found, _ = read("mallory_11_66_501_a.ipynb", "lovelaceada_11_502_a.ipynb")
    assert found["mallory_11"].doubtful
    assert not found["lovelaceada_11"].doubtful


def test_a_students_file_name_does_not_change_how_the_others_are_read():
    canvas = ["lovelaceada_11_501_a.ipynb", "dahldana_44_502_a.ipynb", "obrienconan_33_503_a.ipynb"]
    found, strangers = read(*canvas, "zuluzed_99_504_Ada Lovelace_1_assignsubmission_file_a.ipynb")
    assert list(found) == ["lovelaceada_11", "dahldana_44", "obrienconan_33", "zuluzed_99"]
    assert not strangers
    found, _ = read(
        "Ada Lovelace_1_assignsubmission_file/x_11_501_a.ipynb", "Dana Dahl_2_assignsubmission_file/a.ipynb"
    )
    assert list(found) == ["Ada Lovelace_1", "Dana Dahl_2"]


def test_other_archives_have_a_folder_or_a_file_for_each_student():
    found, _ = read("class/ada/98-tiny/98-tiny.ipynb", "class/bela/98-tiny/98-tiny.ipynb")
    assert {name: places(one) for name, one in found.items()} == {
        "ada": ["98-tiny/98-tiny.ipynb"],
        "bela": ["98-tiny/98-tiny.ipynb"],
    }
    assert list(read("ada/98-tiny.ipynb", "bela/98-tiny.ipynb")[0]) == ["ada", "bela"]
    assert list(read("ada/98-tiny/98-tiny.ipynb")[0]) == ["ada"]
    assert list(read("ada.ipynb", "bela.zip")[0]) == ["ada", "bela"]


def test_files_that_say_nothing_of_a_student_are_given_back():
    found, strangers = read(
        "Ada Lovelace_1_assignsubmission_file/a.ipynb", "Dana Dahl_2_assignsubmission_file/a.ipynb", "readme.txt"
    )
    assert list(found) == ["Ada Lovelace_1", "Dana Dahl_2"]
    assert strangers == ["readme.txt"]


def test_what_is_left_of_a_name_has_to_be_a_place_too():
    found, _ = read("lovelaceada_11_501_..", "lovelaceada_11_502_a.ipynb")
    (_, _, evil), (_, _, good) = found["lovelaceada_11"].files
    assert evil.refused == "has a name that leads out of its folder"
    assert good.refused is None
    assert good.path == PurePosixPath("lovelaceada_11_502_a.ipynb")


def test_an_empty_archive_is_nobodys():
    assert read() == ({}, [])
