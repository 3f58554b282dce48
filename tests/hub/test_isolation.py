"""What a student of the documented hub tries against the others, from the inside, with code in a kernel of their own.

Each attempt goes with a look at what is attacked: it is there, and its owner can do what the attacker could not.
"""

import json

import pytest
import requests
import websocket

from tests.hub.conftest import LESSON, OWNER, SECRET, STUDENTS

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("hub")]

COURSE = "/srv/nbgrader/exchange/gradient-descent"
CLASS = f"/home/{OWNER}/gradient-descent"


@pytest.fixture(scope="module")
def thief(classroom):
    """A student who is up to something."""
    return classroom.people["bob"]


@pytest.fixture(scope="module")
def handed_in(classroom):
    """The path of Ada's submission in the exchange, of which only the class's owner can know."""
    names = classroom.machine.run("ls", f"{COURSE}/inbound").split("\n")
    (name,) = [name for name in names if name.startswith("ada+")]
    return f"{COURSE}/inbound/{name}"


def denied(person, code):
    """What a cell that must fail failed of."""
    said = person.run(code)
    assert said.error, said.text
    return said.error


# Files --------------------------------------------------------------------------------------------------------------

PRIVATE = [
    f"/home/ada/{LESSON}/{LESSON}.ipynb",
    "/home/ada/diary.txt",
    "/home/ada/.local/share/jupyter/runtime/jupyter_cookie_secret",
    f"{CLASS}/gradebook.db",
    f"{CLASS}/.gdexercises-secret",
    f"{CLASS}/source/{LESSON}/{LESSON}.ipynb",
    f"{CLASS}/submitted/ada/{LESSON}/{LESSON}.ipynb",
    f"{CLASS}/autograded/ada/{LESSON}/{LESSON}.ipynb",
    f"{CLASS}/feedback/ada/{LESSON}/{LESSON}.html",
    "/srv/jupyterhub/jupyterhub.sqlite",
    "/srv/jupyterhub/cookie_secret",
    "/etc/shadow",
]


@pytest.mark.parametrize("path", PRIVATE)
def test_a_file_of_somebody_else_cannot_be_opened(classroom, thief, path):
    assert classroom.machine.run("test", "-s", path) == ""
    assert denied(thief, f"open({path!r}).read()").startswith("PermissionError")
    assert denied(thief, f"open({path!r}, 'a')").startswith("PermissionError")


@pytest.mark.parametrize("folder", ["/home/ada", f"/home/{OWNER}", CLASS, f"{COURSE}/inbound", f"{COURSE}/feedback"])
def test_a_folder_of_somebody_else_cannot_be_looked_into(classroom, thief, folder):
    assert classroom.machine.run("ls", folder) != ""
    assert denied(thief, f"import os; os.listdir({folder!r})").startswith("PermissionError")


def test_the_jupyter_server_shows_no_more_than_the_account_may_see(thief):
    """Links in one's own home that lead elsewhere are followed by one's own server, as oneself."""
    thief.run(f"import os; os.symlink('/home/ada', 'way'); os.symlink({CLASS!r}, 'class'); os.symlink('.', 'mine')")
    for kind in ("api/contents", "files"):
        assert SECRET["bob"] in thief.ask("GET", f"/user/bob/{kind}/mine/diary.txt").text
        for path in ("way/diary.txt", "class/gradebook.db", f"class/submitted/ada/{LESSON}/{LESSON}.ipynb"):
            answer = thief.ask("GET", f"/user/bob/{kind}/{path}")
            assert not answer.ok and "PermissionError" not in answer.text and SECRET["ada"] not in answer.text


def test_the_lessons_solutions_cannot_be_read_and_the_exercises_can(thief):
    found = thief.run("import gdexercises, pathlib; print(pathlib.Path(gdexercises.__file__).parents[1] / 'grading')")
    folder = found.text.strip()
    assert denied(thief, f"open({folder!r} + '/source/{LESSON}.py')").startswith("PermissionError")
    assert not thief.run("from gdexercises import five_steps; five_steps.gradients").error


def test_of_all_files_of_the_others_only_the_released_lesson_can_be_read(classroom, thief):
    owners = " -o ".join(f"-user {name}" for name in ("ada", "cyd", OWNER, "tom"))
    roots = "/home /srv /tmp /var /run /dev/shm /etc"
    said, _ = thief.shell(f"find {roots} '(' {owners} ')' -type f -readable 2>/dev/null")
    readable = set(said.split("\n")) - {""}
    assert f"{COURSE}/outbound/{LESSON}/{LESSON}.ipynb" in readable
    assert [path for path in readable if not path.startswith(f"{COURSE}/outbound/{LESSON}/")] == []


def test_of_all_folders_of_the_others_none_but_the_inbound_one_can_be_written_to(thief):
    owners = " -o ".join(f"-user {name}" for name in ("ada", "cyd", OWNER, "tom"))
    said, _ = thief.shell(f"find /home /srv /tmp /var /run /dev/shm /etc '(' {owners} ')' -writable 2>/dev/null")
    assert [path for path in said.split("\n") if path and not path.startswith("/dev/shm")] == [f"{COURSE}/inbound"]


# The exchange -------------------------------------------------------------------------------------------------------


def test_the_name_of_a_submission_cannot_be_guessed(classroom, handed_in, thief):
    """Name, lesson and time might be known; twelve characters of chance are left."""
    known, _, chance = handed_in.rpartition("+")
    assert len(chance) == 12
    assert classroom.machine.run("test", "-r", f"{handed_in}/{LESSON}.ipynb", user=OWNER) == ""
    assert denied(thief, f"open({known + '/' + LESSON + '.ipynb'!r})").startswith("FileNotFoundError")
    assert thief.run(f"import glob; print(glob.glob({known + '+*'!r}))").text.strip() == "[]"


def test_nobody_is_told_when_something_is_handed_in(thief, classroom):
    code = (
        "import ctypes, os\n"
        "c = ctypes.CDLL(None, use_errno=True)\n"
        "watch = c.inotify_add_watch(c.inotify_init(), {!r}.encode(), 0x100)\n"
        "print(os.strerror(ctypes.get_errno()) if watch < 0 else 'watched')"
    )
    assert thief.run(code.format(f"{COURSE}/inbound")).text.strip() == "Permission denied"
    assert classroom.berta.run(code.format(f"{COURSE}/inbound")).text.strip() == "watched"


def test_a_submission_can_neither_be_moved_nor_removed_even_by_who_knows_its_name(classroom, handed_in, thief):
    for act in (f"os.rename({handed_in!r}, {handed_in + 'x'!r})", f"os.rmdir({handed_in!r})"):
        assert denied(thief, f"import os; {act}").startswith("PermissionError")
    assert classroom.machine.run("test", "-s", f"{handed_in}/{LESSON}.ipynb") == ""


@pytest.mark.parametrize(
    "act",
    [
        f"os.rename({COURSE!r}, {COURSE + '-old'!r})",
        f"os.rename({COURSE + '/inbound'!r}, {COURSE + '/in'!r})",
        f"os.mkdir({COURSE + '/outbound/99-mine'!r})",
        f"os.rename({COURSE + '/outbound/' + LESSON!r}, {COURSE + '/outbound/old'!r})",
        f"open({COURSE + '/outbound/' + LESSON + '/' + LESSON + '.ipynb'!r}, 'w')",
        f"open({COURSE + '/feedback/' + 32 * '0' + '.html'!r}, 'w')",
        f"os.chmod({COURSE + '/inbound'!r}, 0o777)",
    ],
)
def test_the_exchange_cannot_be_exchanged_for_another(thief, act):
    assert denied(thief, f"import os; {act}").startswith("PermissionError")


def test_a_course_that_a_student_invents_is_shown_to_nobody(classroom, thief):
    evil = "/srv/nbgrader/exchange/more-points/outbound/99-exam"
    thief.run(f"import os; os.makedirs({evil!r}); open({evil + '/99-exam.ipynb'!r}, 'w').write('{{}}')")
    for name in ("ada", OWNER):
        person = classroom.people[name]
        assert person.ask("GET", f"/user/{name}/courses").json()["value"] == ["gradient-descent"]
        assert {one["assignment_id"] for one in person.assignments()} == {LESSON}


def test_feedback_is_only_ones_own(classroom):
    """Each page is in the exchange, under a name that only its student and the teacher can work out."""
    pages = classroom.machine.run("ls", f"{COURSE}/feedback").split()
    assert len(pages) == len(STUDENTS)
    fetched = {
        name: classroom.machine.run("sh", "-c", f"cat /home/{name}/{LESSON}/feedback/*/*.html") for name in STUDENTS
    }
    for name, page in fetched.items():
        assert [one for one in STUDENTS if SECRET[one] in page] == [name]


def test_a_submission_under_anothers_name_is_left_where_it_is(classroom, thief):
    """And so is one that has the teacher read, by a link, what its author may not."""
    loot = f"{CLASS}/submitted/ada/{LESSON}/{LESSON}.ipynb"
    before = classroom.machine.run("sha256sum", loot)
    made = thief.run(
        "import os, pathlib, shutil\n"
        f"inbound = pathlib.Path({COURSE + '/inbound'!r})\n"
        f"shutil.copytree({LESSON!r}, inbound / 'ada+{LESSON}+2099-01-01 00:00:00.000000 UTC+aaaaaaaaaaaa')\n"
        f"mine = inbound / 'bob+{LESSON}+2099-01-01 00:00:00.000000 UTC+bbbbbbbbbbbb'\n"
        f"mine.mkdir()\n(mine / '{LESSON}.ipynb').symlink_to({loot!r})"
    )
    assert not made.error, made
    said, status = classroom.berta.shell(f"cd ~/gradient-descent && COLUMNS=300 gdgrade collect {LESSON}")
    assert status == 3
    assert "claims to be ada's, but bob owns it" in said
    assert "is a link" in said
    assert classroom.machine.run("sha256sum", loot) == before
    assert SECRET["ada"] not in classroom.machine.run("cat", f"{CLASS}/submitted/bob/{LESSON}/{LESSON}.ipynb")


# Processes ----------------------------------------------------------------------------------------------------------


def test_processes_of_others_can_neither_be_read_nor_traced_nor_ended(classroom, thief):
    code = """
import os, pathlib, signal
tried = []
for process in pathlib.Path("/proc").glob("[0-9]*"):
    try:
        if process.stat().st_uid == os.getuid():
            continue
    except FileNotFoundError:
        continue
    tried.append(process.name)
    for act in (
        lambda: (process / "environ").read_bytes(),
        lambda: (process / "mem").open("rb"),
        lambda: os.listdir(process / "fd"),
        lambda: os.listdir(process / "cwd/"),
        lambda: os.listdir(process / "root/"),
        lambda: os.kill(int(process.name), signal.SIGTERM),
    ):
        try:
            print("SUCCEEDED", process.name, act())
        except (PermissionError, FileNotFoundError, ProcessLookupError):
            pass
print(len(tried))
"""
    said = thief.run(code)
    assert not said.error and int(said.text) >= 4, said


def test_no_command_line_shows_a_password_or_a_token(classroom, thief):
    shown, _ = thief.shell("cat /proc/*/cmdline | tr '\\0' '\\n'")
    assert "configurable-http-proxy" in shown
    tokens = [
        person.run("import os; print(os.environ['JUPYTERHUB_API_TOKEN'])").text.strip()
        for name, person in classroom.people.items()
        if name != "tom"
    ]
    hidden = tokens + [word for person in classroom.people.values() for word in (person.token, person.password)]
    assert all(hidden) and not [word for word in hidden if word in shown]


LISTEN = """
import pathlib, time, zmq
ports = {int(line.split()[1].rpartition(":")[2], 16) for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()
         [1:] if line.split()[3] == "0A"}
ear = zmq.Context.instance().socket(zmq.SUB)
ear.subscribe(b"")
for port in ports:
    ear.connect(f"tcp://127.0.0.1:{port}")
heard, end = b"", time.monotonic() + 3
while time.monotonic() < end:
    if ear.poll(100):
        heard += b"".join(ear.recv_multipart())
ear.close(0)
print(heard.decode(errors="replace"))
"""
"""Hear all that is published by ZeroMQ, as a kernel's output is, at any TCP port of this machine."""

SPEAK = """
import threading, zmq
quiet = threading.Event()
def speak():
    mouth = zmq.Context.instance().socket(zmq.PUB)
    mouth.bind("tcp://127.0.0.1:*")
    while not quiet.wait(0.05):
        mouth.send(b"spoken in the open")
        print("what ada's kernel shows", flush=True)
    mouth.close(0)
speaker = threading.Thread(target=speak)
speaker.start()
"""


def test_what_a_kernel_shows_is_not_heard_by_other_accounts(classroom, thief):
    assert not classroom.ada.run(SPEAK).error
    heard = thief.run(LISTEN)
    assert not classroom.ada.run("quiet.set(); speaker.join()").error
    assert not heard.error and "spoken in the open" in heard.text
    assert "what ada's kernel shows" not in heard.text


# The hub and the servers --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("owner", ["ada", OWNER])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "api/contents"),
        ("GET", "files/diary.txt"),
        ("GET", "api/kernels"),
        ("POST", "api/kernels"),
        ("POST", "api/terminals"),
        ("GET", "formgrader/api/assignments"),
        ("GET", "assignments?course_id=gradient-descent"),
        ("POST", f"assignments/submit?course_id=gradient-descent&assignment_id={LESSON}"),
        ("GET", "lab"),
    ],
)
def test_anothers_server_is_closed_to_my_token(classroom, thief, owner, method, path):
    assert classroom.people[owner].ask("GET", f"/user/{owner}/api/contents").ok
    assert thief.ask(method, f"/user/{owner}/{path}").status_code == 403


@pytest.mark.parametrize("owner", ["ada", OWNER])
def test_anothers_server_is_closed_to_my_browser(thief, owner):
    """Logged in with cookies, a page of another's server ends at the hub's refusal."""
    answer = thief.session.get(f"{thief.hub}/user/{owner}/lab", timeout=60)
    assert answer.status_code == 403
    assert thief.session.get(f"{thief.hub}/user/bob/lab", timeout=60).status_code == 200


def test_anothers_kernel_is_closed_to_my_token(classroom, thief):
    classroom.ada.run("1")
    for headers in ([f"Authorization: token {thief.token}"], []):
        with pytest.raises(websocket.WebSocketBadStatusException, match="403"):
            websocket.create_connection(
                f"{classroom.ada.server.replace('http', 'ws', 1)}/api/kernels/{classroom.ada.kernel}/channels",
                timeout=60,
                header=headers,
                origin=thief.hub,
            )


ADDRESS = "import os; print(os.environ['JUPYTERHUB_SERVICE_URL'])"


def test_a_server_is_closed_also_at_its_own_port(classroom, thief):
    """Past the hub's proxy, from inside the machine, with nothing and with all the tokens that the thief has."""
    for name in ("ada", OWNER):
        address = classroom.people[name].run(ADDRESS).text.strip()
        asked = thief.run(
            "import os, requests\n"
            f"for token in ('', os.environ['JUPYTERHUB_API_TOKEN'], {thief.token!r}):\n"
            "    for path in ('api/contents', 'api/kernels', 'files/diary.txt'):\n"
            "        headers = {'Authorization': f'token {token}'} if token else {}\n"
            f"        answer = requests.get({address!r} + path, headers=headers, allow_redirects=False)\n"
            "        print(answer.status_code, answer.text if answer.status_code not in (302, 403) else '')"
        )
        assert not asked.error and set(asked.text.split()) <= {"302", "403"}, (address, asked)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "users", None),
        ("GET", "users/ada", None),
        ("POST", "users/ada/tokens", {}),
        ("POST", "users/ada/server", None),
        ("DELETE", f"users/{OWNER}/server", None),
        ("DELETE", "users/ada", None),
        ("PATCH", "users/bob", {"admin": True}),
        ("POST", "users/mallory", None),
        ("POST", "groups/teachers/users", {"users": ["bob"]}),
        ("GET", "proxy", None),
        ("GET", "services", None),
        ("POST", "shutdown", {}),
        ("POST", "shares/ada/", {"user": "bob"}),
    ],
)
def test_the_hub_does_for_a_student_nothing_to_others(classroom, thief, method, path, body):
    """With the token of the browser, and with the one that the thief's server has."""
    assert thief.ask(method, f"/hub/api/{path}", json=body).status_code in (403, 404, 405)
    asked = thief.run(
        "import os, requests\n"
        "headers = {'Authorization': 'token ' + os.environ['JUPYTERHUB_API_TOKEN']}\n"
        f"url = os.environ['JUPYTERHUB_API_URL'] + {'/' + path!r}\n"
        f"print(requests.request({method!r}, url, headers=headers, json={body!r}).status_code)"
    )
    assert asked.text.strip() in ("403", "404", "405"), asked
    assert classroom.people[OWNER].ask("GET", f"/user/{OWNER}/api/status").ok


def test_the_proxy_takes_no_routes_from_who_has_not_its_token(classroom, thief):
    command = classroom.machine.run("sh", "-c", "tr '\\0' ' ' < /proc/$(cat /srv/jupyterhub/proxy.pid)/cmdline").split()
    port = command[command.index("--api-port") + 1]
    asked = thief.run(
        "import requests\n"
        f"api = 'http://127.0.0.1:{port}/api/routes'\n"
        "print(requests.get(api).status_code,\n"
        "      requests.post(api + '/user/ada', json={'target': 'http://127.0.0.1:1'}).status_code,\n"
        "      requests.delete(api + '/user/ada').status_code)"
    )
    assert asked.text.split() == ["403", "403", "403"], asked
    assert requests.get(f"{classroom.address}/user/ada/api", timeout=60).ok


def test_a_form_on_another_site_cannot_act_for_who_is_logged_in(classroom):
    """A request with the cookies alone, without the page's own word, is refused."""
    ada = classroom.ada
    sent = ada.session.post(f"{ada.hub}/hub/api/users/ada/tokens", data=json.dumps({}), timeout=60)
    assert sent.status_code == 403
