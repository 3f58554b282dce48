"""What a person does in a browser on a hub: log in, start a server, run code in a kernel, click in nbgrader's list."""

import json
import time
import uuid
from dataclasses import dataclass
from urllib.parse import quote

import requests
import websocket

PATIENCE = 120
"""Seconds that a server or a cell may take on a busy machine."""


@dataclass
class Said:
    """What a cell printed and showed, and the error it ended with, such as ``PermissionError: ...``."""

    text: str
    error: str


class Person:
    """Somebody with an account, and a browser."""

    def __init__(self, hub, name, password):
        self.hub, self.name, self.password = hub, name, password
        self.session = requests.Session()
        self.token = ""
        self.kernel = ""

    @property
    def server(self):
        """The address of this person's own server."""
        return f"{self.hub}/user/{self.name}"

    def log_in(self):
        """Fill in the form; give the answer to it."""
        self.session.get(f"{self.hub}/hub/login", timeout=PATIENCE)
        form = {"username": self.name, "password": self.password, "_xsrf": self._xsrf()}
        answer = self.session.post(f"{self.hub}/hub/login", data=form, timeout=PATIENCE, allow_redirects=False)
        if answer.status_code == 302:
            made = self.session.post(
                f"{self.hub}/hub/api/users/{self.name}/tokens", headers={"X-XSRFToken": self._xsrf()}, timeout=PATIENCE
            )
            made.raise_for_status()
            self.token = made.json()["token"]
        return answer

    def _xsrf(self):
        return next(one.value for one in self.session.cookies if one.name == "_xsrf" and one.path == "/hub/")

    def ask(self, method, path, **more):
        """Ask any address of the hub's, with this person's token."""
        headers = {"Authorization": f"token {self.token}"}
        return requests.request(method, f"{self.hub}{path}", headers=headers, timeout=PATIENCE, **more)

    def start(self, owner=None):
        """Start a server, one's own if no other is named, and wait until it answers."""
        owner = owner or self.name
        answer = self.ask("POST", f"/hub/api/users/{owner}/server")
        assert answer.status_code in (201, 202), answer.text
        deadline = time.monotonic() + PATIENCE
        while not self.ask("GET", f"/user/{owner}/api/status").ok:
            assert time.monotonic() < deadline, f"the server of {owner} does not answer"
            time.sleep(0.2)

    def new_kernel(self):
        """Start a kernel in one's own server."""
        answer = self.ask("POST", f"/user/{self.name}/api/kernels", json={"name": "python3"})
        assert answer.status_code == 201, answer.text
        return answer.json()["id"]

    def run(self, code):
        """Run a cell in one's own kernel, which is started with the first."""
        self.kernel = self.kernel or self.new_kernel()
        address = f"{self.server.replace('http', 'ws', 1)}/api/kernels/{self.kernel}/channels"
        socket = websocket.create_connection(
            address, timeout=PATIENCE, header=[f"Authorization: token {self.token}"], origin=self.hub
        )
        try:
            return _run(socket, code)
        finally:
            socket.close()

    def shell(self, command):
        """Run a command in one's own server, as in its terminal; give what it says and how it ended."""
        said = self.run(
            "import subprocess as s\n"
            f"done = s.run({command!r}, shell=True, stdout=s.PIPE, stderr=s.STDOUT, text=True)\n"
            "print(done.stdout, done.returncode)"
        )
        assert not said.error, said
        text, _, status = said.text.strip().rpartition(" ")
        return text, int(status)

    def assignments(self, course="gradient-descent"):
        """What nbgrader's list shows."""
        return self._list("GET", f"assignments?course_id={quote(course)}")

    def click(self, action, lesson, course="gradient-descent"):
        """Press one of the list's buttons: fetch, submit, fetch_feedback."""
        return self._list("POST", f"assignments/{action}", json={"course_id": course, "assignment_id": lesson})

    def _list(self, method, path, **more):
        answer = self.ask(method, f"/user/{self.name}/{path}", **more)
        assert answer.ok, answer.text
        answer = answer.json()
        assert answer["success"], answer["value"]
        return answer["value"]


def _run(socket, code):
    header = {"msg_id": uuid.uuid4().hex, "username": "", "session": uuid.uuid4().hex, "version": "5.3"}
    content = {"code": code, "silent": False, "store_history": False, "user_expressions": {}, "allow_stdin": False}
    message = {"header": {**header, "msg_type": "execute_request"}, "parent_header": {}, "metadata": {}}
    socket.send(json.dumps({**message, "content": content, "channel": "shell", "buffers": []}))
    text, error, seen = [], "", set()
    while seen != {"idle", "reply"}:
        answer = json.loads(socket.recv())
        if answer["parent_header"].get("msg_id") != header["msg_id"]:
            continue
        kind, content = answer["msg_type"], answer["content"]
        if kind == "stream":
            text.append(content["text"])
        elif kind in ("execute_result", "display_data"):
            text.append(content["data"].get("text/plain", ""))
        elif kind == "error":
            error = f"{content['ename']}: {content['evalue']}"
        elif kind == "status" and content["execution_state"] == "idle":
            seen.add("idle")
        elif kind == "execute_reply":
            seen.add("reply")
    return Said("".join(text), error)
