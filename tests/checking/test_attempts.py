"""Attempts in another process: the stream between, and what it refuses."""

import io
import json
import struct
import subprocess
import sys

import pytest

from gdexercises import five_steps
from gdexercises.checking import Remote, attempts, drivers
from gdexercises.checking.wire import WireError


def message(value):
    data = json.dumps(value).encode()
    return struct.pack(">Q", len(data)) + data


def remote(*replies):
    return Remote(io.BytesIO(b"".join(map(message, replies))), io.BytesIO(), "attempt")


OUTCOME = {"value": None, "raised": None, "printed": "", "arguments": []}


@pytest.mark.parametrize(
    "reply",
    [
        [],
        "text",
        {},
        {"error": "KeyError: 'attempt'"},
        {**OUTCOME, "value": {"pickle": ""}},
        {**OUTCOME, "raised": 3},
        {**OUTCOME, "arguments": 3},
    ],
    ids=str,
)
def test_reply_that_is_no_outcome_is_refused(reply):
    with pytest.raises(WireError):
        remote(reply).run(drivers.call, b"{}")


@pytest.mark.parametrize("reply", [{}, {"kind": 1}, {"kind": "f", "callable": 1, "empty": 0, "parameters": [1]}])
def test_reply_that_is_no_description_is_refused(reply):
    with pytest.raises(WireError):
        remote(reply).describe()


@pytest.mark.parametrize(
    "data",
    [b"\0\0", struct.pack(">Q", 10) + b"{}", struct.pack(">Q", 2**60), struct.pack(">Q", 2) + b"{]"],
    ids=["cut head", "cut body", "huge", "no JSON"],
)
def test_broken_stream_is_refused(data):
    with pytest.raises(WireError):
        attempts.receive(io.BytesIO(data))


@pytest.mark.parametrize(
    "name", ["os:system", "gdexercises.checking.drivers:run", "gdexercises.five_steps:mse", "gdexercises.nothing:x"]
)
def test_only_drivers_can_be_named(name):
    with pytest.raises((WireError, ModuleNotFoundError)):
        drivers.resolve(name)


def test_server_answers_bad_requests_and_goes_on():
    requests = [{"do": "describe"}, {"name": "x", "do": "run", "driver": "os:system", "arguments": ""}]
    requests.append({"name": "x", "do": "describe"})
    replies = io.BytesIO()
    attempts.serve({"x": len}, io.BytesIO(b"".join(map(message, requests))), replies)
    replies.seek(0)
    first, second, third = (attempts.receive(replies) for _ in requests)
    assert "error" in first and "not a driver" in second["error"]
    assert third["callable"]


def test_attempt_that_ends_its_process_is_an_error_of_the_wire_and_not_a_verdict():
    code = "import os, sys\nfrom gdexercises.checking import serve\n"
    code += "serve({'f': lambda x, b, w: os._exit(0)}, sys.stdin.buffer, sys.stdout.buffer)"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        with pytest.raises(WireError):
            five_steps.predict.verdict(Remote(process.stdout, process.stdin, "f"))
        process.stdin.close()
