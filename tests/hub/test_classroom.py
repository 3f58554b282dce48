"""A class on the hub of docs/classroom.md: fetched, submitted at once, graded, given back; and who may come in."""

import ast
import configparser

import pytest
import requests

from tests.grading.expected import FIVE_STEPS
from tests.hub.browsing import Person
from tests.hub.conftest import ASSISTANT, GUIDE, HUB, LESSON, LIKE, OWNER, SECRET, STUDENTS, make_classroom

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("hub")]


# A lesson -----------------------------------------------------------------------------------------------------------


def test_what_all_submitted_at_once_is_collected_of_all(classroom):
    assert f"{len(STUDENTS)} collected." in classroom.said["grade"]
    assert "Refused" not in classroom.said["grade"]


def test_each_gets_the_points_of_their_own_answers(classroom):
    table = classroom.berta.run(
        "from nbgrader.api import Gradebook\n"
        "with Gradebook('sqlite:////home/berta/gradient-descent/gradebook.db', 'gradient-descent') as book:\n"
        f"    print({{one.student.id: one.score for one in book.assignment_submissions({LESSON!r})}})"
    )
    assert ast.literal_eval(table.text) == {name: FIVE_STEPS.score(LIKE[name]) for name in STUDENTS}
    assert len(set(map(FIVE_STEPS.score, LIKE.values()))) == len(STUDENTS)


@pytest.mark.parametrize("name", STUDENTS)
def test_each_finds_one_page_of_feedback_which_is_about_their_own_answers(classroom, name):
    (entry,) = [one for one in classroom.lists[name] if one["status"] == "submitted"]
    (submission,) = entry["submissions"]
    assert submission["has_exchange_feedback"] and submission["has_local_feedback"]
    pages = classroom.people[name].run(
        f"import pathlib\nfor page in pathlib.Path({LESSON!r}).rglob('*.html'):\n    print(page.read_text())"
    )
    assert pages.text.count("<html") == 1
    assert f"(Score: {FIVE_STEPS.score(LIKE[name]):.1f} / 15.0)" in pages.text
    assert [one for one in STUDENTS if SECRET[one] in pages.text] == [name]


def test_formgrader_shows_the_class_to_its_owner(classroom):
    (lesson,) = classroom.berta.ask("GET", f"/user/{OWNER}/formgrader/api/assignments").json()
    assert (lesson["name"], lesson["num_submissions"], lesson["status"]) == (LESSON, len(STUDENTS), "released")


def test_an_assistant_works_in_the_owners_server_and_in_no_students(classroom):
    assistant = classroom.people[ASSISTANT]
    assert len(assistant.ask("GET", f"/user/{OWNER}/formgrader/api/assignments").json()) == 1
    for student in STUDENTS:
        assert assistant.ask("GET", f"/user/{student}/api/contents").status_code == 403
        assert assistant.ask("DELETE", f"/hub/api/users/{student}/server").status_code in (403, 404)


# Accounts -----------------------------------------------------------------------------------------------------------


def test_a_wrong_password_opens_nothing(hub):
    guest = Person(hub.address, "ada", "not this")
    assert guest.log_in().status_code == 403
    assert guest.token == ""


def test_an_account_of_the_system_that_is_in_no_group_of_the_class_is_not_let_in(hub):
    hub.machine.run("useradd", "--create-home", "guest")
    hub.machine.run("chpasswd", input="guest:swordfish\n")
    assert Person(hub.address, "guest", "swordfish").log_in().status_code == 403


def test_unit_of_the_system_starts_the_hub_that_was_set_up():
    unit = configparser.ConfigParser(strict=False)
    unit.optionxform = str
    unit.read_string((HUB / "jupyterhub.service").read_text())
    program, *words = unit["Service"]["ExecStart"].split()
    assert program == "/opt/gdexercises/bin/jupyterhub" and "python3 -m venv /opt/gdexercises\n" in GUIDE
    assert words == ["--config", "/etc/jupyterhub/jupyterhub_config.py"]
    assert unit["Service"]["Environment"].startswith("PATH=/opt/gdexercises/bin:")


def test_hub_is_reached_on_loopback_alone_as_it_is_documented(machine):
    bound = machine.run("grep", "bind_url", "/etc/jupyterhub/jupyterhub_config.py")
    assert bound == 'c.JupyterHub.bind_url = "http://127.0.0.1:8000"\n'
    assert "reverse_proxy 127.0.0.1:8000\n" in GUIDE


def test_passwords_and_the_hubs_keys_are_for_root_alone(hub):
    for path in ("/srv/class/passwords.txt", "/srv/jupyterhub/cookie_secret", "/srv/jupyterhub"):
        assert hub.machine.run("stat", "--format", "%U %a", path).strip() in ("root 600", "root 700")


def test_making_the_classroom_again_changes_nothing(machine, accounts):
    before = machine.run("sh", "-c", "getent passwd; getent group; cat /etc/shadow; find /srv/nbgrader -ls")
    assert machine.run(*make_classroom()) == ""
    assert machine.run("sh", "-c", "getent passwd; getent group; cat /etc/shadow; find /srv/nbgrader -ls") == before


def test_a_student_who_comes_later_is_let_in_at_once(hub):
    hub.machine.run("tee", "/srv/class/later.csv", input="\ufefflast_name,id\nDoe,dan\n")
    name, password = hub.machine.run(*make_classroom("/srv/class/later.csv")).split()
    assert name == "dan"
    assert Person(hub.address, name, password).log_in().status_code == 302


def test_a_home_that_was_open_is_closed(machine, accounts):
    machine.run("useradd", "--create-home", "fay")
    machine.run("chmod", "755", "/home/fay")
    machine.run("tee", "/srv/class/fay.csv", input="id\nfay\n")
    assert machine.run(*make_classroom("/srv/class/fay.csv")) == ""
    assert machine.run("stat", "-c", "%a", "/home/fay").strip() == "700"
    assert "gradient-descent" in machine.run("id", "-nG", "fay").split()


@pytest.mark.parametrize(
    ("roster", "words"),
    [
        ("id\nzoe\nroot\n", "root is an account of the system, not of a person"),
        ("id\nzoe\nnobody\n", "nobody is an account of the system"),
        ("id\nzoe\nZoë Q\n", "'Zoë Q' cannot be an account's name here"),
        ("id\nzoe\n../ada\n", "'../ada' cannot be an account's name here"),
        ('id\nzoe\n""\n', "'' cannot be an account's name here"),
        (f"id\nzoe\n{'z' * 23}\n", "cannot be an account's name here"),
        ("id\nzoe\nyan\nzoe\n", "zoe is in the roster more than once"),
        ("id\nzoe\nberta\n", "berta is a teacher and in the roster"),
        ("name\nzoe\n", "has no column id"),
        ("", "has no column id"),
    ],
)
def test_a_roster_that_cannot_be_is_refused_whole(machine, accounts, roster, words):
    machine.run("tee", "/srv/class/wrong.csv", input=roster)
    assert words in machine.run(*make_classroom("/srv/class/wrong.csv"), status=1)
    assert machine.run("getent", "passwd", "zoe", status=2) == ""


def test_a_roster_that_is_not_there_is_named(machine, accounts):
    said = machine.run(*make_classroom("/srv/class/nowhere.csv"), status=1)
    assert "nowhere.csv cannot be read: " in said


def test_who_is_not_root_is_told_so(machine, accounts):
    assert "run it as root" in machine.run(*make_classroom(), user="ada", status=1)


def test_an_exchange_that_somebody_else_made_is_not_taken_over(machine, accounts):
    said = machine.run(*make_classroom(teachers=(ASSISTANT,)), status=1)
    assert "/srv/nbgrader/exchange/gradient-descent belongs to somebody else" in said


def test_the_hub_says_nothing_to_who_has_not_logged_in(hub):
    assert requests.get(f"{hub.address}/hub/api/users", timeout=30).status_code == 403
    assert requests.get(f"{hub.address}/user/{OWNER}/api/contents", timeout=30).status_code == 403
