"""A hub as docs/classroom.md sets it up, on a machine of its own, and a class that was taught on it once."""

import os
import re
import shutil
import socket
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
import pytest
import requests

from grading import notebooks
from grading.demo import ANSWERS, SOURCE
from grading.graft import graft
from tests.hub.browsing import PATIENCE, Person
from tests.hub.machine import ROOT, Machine

HUB = ROOT / "docs" / "deploy" / "hub"
GUIDE = (ROOT / "docs" / "classroom.md").read_text()
PROXY = re.search(r"npm install --global (configurable-http-proxy@[\d.]+)", GUIDE)[1]
LESSON = "01-five-steps"
OWNER, ASSISTANT, STUDENTS = "berta", "tom", ("ada", "bob", "cyd")
LIKE = {"ada": "ada", "bob": "dana", "cyd": "fatima"}
"""Whose answers of the demo class each of them gives."""
SECRET = {name: f"what only {name} knows" for name in (OWNER, *STUDENTS)}
"""A word of each one's, to look for where it must not be."""


def needs(*programs):
    """Skip where the test cannot run, but never in CI."""
    missing = [program for program in programs if shutil.which(program) is None]
    reason = f"needs {', '.join(missing)}" if missing else "needs root, to make accounts" if os.geteuid() else ""
    if reason:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)


@pytest.fixture(scope="session")
def proxy():
    """The folder with the program configurable-http-proxy, which npm installs once."""
    needs("npm", "node", "unshare", "nsenter", "runuser", "useradd", "openssl", "bwrap")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "gdexercises", PROXY)
    programs = cache / "node_modules" / ".bin"
    if not (cache / "whole").exists():
        cache.mkdir(parents=True, exist_ok=True)
        command = ["npm", "install", "--no-audit", "--no-fund", "--no-package-lock", "--prefix", cache, PROXY]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300)
        if done.returncode:
            pytest.fail(f"npm cannot install {PROXY}: {done.stderr}")
        (cache / "whole").touch()
    return programs


@pytest.fixture(scope="session")
def machine(proxy):
    """A machine that has the programs which the guide installs, and nothing else of it yet."""
    with Machine([proxy.parents[1]]) as machine:
        machine.path = os.pathsep.join([str(proxy), machine.path])
        # The guide takes this folder's rights away; let it be a copy.
        machine.run("cp", "-a", ROOT / "grading", "/srv/grading")
        machine.run("mount", "--bind", "/srv/grading", ROOT / "grading")
        yield machine


def commands(section, number=0):
    """What the guide says in a section to type, in its first block or another."""
    text = GUIDE.partition(f"\n### {section}\n")[2].partition("\n### ")[0]
    return re.findall(r"```sh\n(.*?)```", text, re.DOTALL)[number]


@dataclass
class Classroom:
    """A hub that runs, and who is there."""

    machine: Machine
    address: str
    people: dict[str, Person]
    lists: dict[str, list] = field(default_factory=dict)
    """By student, what nbgrader's list showed at the end."""
    said: dict[str, str] = field(default_factory=dict)
    """What the teacher's terminal said."""

    def __getattr__(self, name):
        """Somebody, by name."""
        try:
            return self.people[name]
        except KeyError:
            raise AttributeError(name) from None


@pytest.fixture(scope="session")
def accounts(machine):
    """The guide's set-up; the passwords by account."""
    machine.run("mkdir", "/srv/class")
    machine.run("ln", "-s", ROOT / "docs", "/srv/class/docs")
    roster = "id,first_name,last_name,email\n" + "".join(f"{name},{name.title()},Test,\n" for name in STUDENTS)
    machine.run("tee", "/srv/class/roster.csv", input=roster)
    machine.run("bash", "-euc", "cd /srv/class\n" + commands("Accounts and settings"))
    first = machine.run("cat", "/srv/class/passwords.txt")
    second = machine.run("sh", "-euc", "cd /srv/class\n" + commands("More teachers").splitlines()[0])
    return dict(line.split() for line in (first + second).splitlines())


def make_classroom(roster="/srv/class/roster.csv", teachers=(OWNER, ASSISTANT)):
    """The command that makes a class's accounts."""
    options = [word for teacher in teachers for word in ("--teacher", teacher)]
    return ["python", HUB / "classroom.py", *options, "--roster", roster]


def free_ports(number):
    """Ports that nobody listens on now."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(number)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


@pytest.fixture(scope="session")
def hub(machine, accounts, tmp_path_factory):
    """The documented hub, on free ports; all have logged in, and all but the assistant have started their servers."""
    public, inner, proxy = free_ports(3)
    address = f"http://127.0.0.1:{public}"
    ports = [
        f"--JupyterHub.bind_url={address}",
        f"--JupyterHub.hub_bind_url=http://127.0.0.1:{inner}",
        f"--ConfigurableHTTPProxy.api_url=http://127.0.0.1:{proxy}",
    ]
    log = tmp_path_factory.mktemp("hub") / "hub.log"
    with log.open("w") as file:
        process = machine.start(
            "jupyterhub", "--config", "/etc/jupyterhub/jupyterhub_config.py", *ports, stdout=file, stderr=file
        )
    deadline = time.monotonic() + PATIENCE
    while not answers(address):
        assert process.poll() is None and time.monotonic() < deadline, log.read_text()
        time.sleep(0.2)
    people = {name: Person(address, name, password) for name, password in accounts.items()}
    for person in people.values():
        assert person.log_in().status_code == 302
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda name: people[name].start(), (OWNER, *STUDENTS)))
    return Classroom(machine, address, people)


def answers(address):
    """Whether the hub answers."""
    try:
        return requests.get(f"{address}/hub/health", timeout=5).ok
    except requests.ConnectionError:
        return False


@pytest.fixture(scope="session")
def classroom(hub):
    """The class after one lesson: released, fetched, submitted by all at once, graded, and the feedback fetched."""
    teacher = hub.people[OWNER]
    hub.machine.run("install", "--owner", OWNER, "/srv/class/roster.csv", f"/home/{OWNER}")
    hub.said["release"] = typed(teacher, commands("A lesson from release to feedback", 0))
    students = [hub.people[name] for name in STUDENTS]
    at_once(lambda student: student.click("fetch", LESSON), students)
    for person in (teacher, *students):
        person.run(f"import pathlib; pathlib.Path('diary.txt').write_text({SECRET[person.name]!r})")
    for student in students:
        write_answers(student)
    at_once(lambda student: student.click("submit", LESSON), students)
    hub.said["grade"] = typed(teacher, commands("A lesson from release to feedback", 1))
    at_once(lambda student: student.click("fetch_feedback", LESSON), students)
    hub.lists = {student.name: student.assignments() for student in students}
    return hub


def typed(person, lines):
    """Have somebody type commands into a terminal of the hub; each has to end well."""
    said, status = person.shell(f"set -e\n{lines}")
    assert status == 0, said
    return said


def at_once(act, people):
    """Have all do the same in the same moment."""
    ready = threading.Barrier(len(people))

    def one(person):
        ready.wait(timeout=PATIENCE)
        return act(person)

    with ThreadPoolExecutor(len(people)) as pool:
        return list(pool.map(one, people))


def write_answers(student):
    """Write one's answers into one's copy of the lesson, and save it, as JupyterLab does."""
    path = f"/user/{student.name}/api/contents/{LESSON}/{LESSON}.ipynb"
    released = student.ask("GET", path).json()["content"]
    nb = nbformat.from_dict(released)
    given = notebooks.read_answers(ANSWERS / LESSON / f"{LIKE[student.name]}.py")
    answers = notebooks.solutions(notebooks.read_source(SOURCE / f"{LESSON}.py")) | given.answers
    answers["gradients"] += f"\n# {SECRET[student.name]}"
    answered = graft(nb, answers, given.extras)
    saved = student.ask("PUT", path, json={"type": "notebook", "content": answered})
    assert saved.ok, saved.text
