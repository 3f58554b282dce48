"""The other end of the wire says what it likes: the check ends all the same, and never with points."""

import base64
import contextlib
import json
import random
import socket
import struct
import threading
from collections.abc import Callable

import pytest

from gdexercises import five_steps, start_here
from gdexercises.checking import drivers
from gdexercises.checking.attempts import receive
from grading.safe import safe_verdict
from grading.sandbox import Limits, Sandbox

DESCRIPTION = {"kind": "function", "callable": True, "empty": False, "parameters": None, "names": []}
OUTCOME = {"value": 0.0, "raised": None, "printed": "", "arguments": []}
RAISED = {"kind": "ValueError", "message": "", "line": 1, "source": "", "function": ""}


class Liar:
    """A jail whose only sandbox says what a function makes of each request: a tree, or bytes as they are."""

    limits = Limits(call=5, cell=5)

    def __init__(self, reply: Callable[[dict], object]):
        self.reply = reply

    def fork(self):
        data, theirs = socket.socketpair()
        link, keeper = socket.socketpair()
        threading.Thread(target=self._answer, args=(theirs,), daemon=True).start()
        threading.Thread(target=self._keep, args=(keeper,), daemon=True).start()
        return data, link

    def _answer(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection, connection.makefile("rwb") as stream:
            while (request := receive(stream)) is not None:
                reply = self.reply(request)
                if not isinstance(reply, bytes):
                    reply = framed(json.dumps(reply).encode())
                stream.write(reply)
                stream.flush()

    def _keep(self, keeper: socket.socket) -> None:
        with keeper, contextlib.suppress(OSError):  # the check may be over already
            keeper.sendall(b'{"ended": "told"}')
            keeper.recv(10)


def framed(data: bytes) -> bytes:
    return struct.pack(">Q", len(data)) + data


def judge(exercise, reply):
    """The verdict on whoever gives these replies, as it is shown."""
    exercise.reset()
    with Sandbox(Liar(reply)) as sandbox:
        verdict = safe_verdict(exercise.verdict(sandbox.attempt("height"), seed=3))
    text = f"{verdict}{verdict._repr_html_()}{json.dumps(verdict.to_dict())}"
    text.encode()  # it can be written to a file
    assert "\0" not in text
    assert len(text) < 100_000
    return verdict


def outcome(**parts):
    """Replies that describe a function, and then say this of each call."""
    return lambda request: DESCRIPTION if request["do"] == "describe" else {**OUTCOME, **parts}


def value(tree):
    return outcome(value=tree)


def array(dtype, shape, count=None):
    size = 8 if count is None else count
    return {"array": [dtype, shape, base64.b64encode(bytes(size)).decode()]}


def nested(name, depth):
    tree = 0.0
    for _ in range(depth):
        tree = {name: [tree]}
    return tree


def deep(depth: int) -> bytes:
    return b"[" * depth + b"]" * depth


def raw(data: bytes):
    return lambda request: DESCRIPTION if request["do"] == "describe" else framed(data)


COLLIDING = [(2**61 - 1) * (index + 1) for index in range(50_000)]  # all have the hash 0

LIES = {
    "shape that does not fit": value(array("<f8", [2])),
    "shape below zero": value(array("<f8", [-1])),
    "shape of trues": value(array("<f8", [True])),
    "shape of text": value(array("<f8", "1")),
    "shape of a dict": value(array("<f8", {})),
    "shape of nothing": value(array("<f8", None)),
    "shape without end": value(array("<f8", [1] * 100)),
    "shape that is huge and empty": value(array("<f8", [0, 2**70], 0)),
    "dtype of objects": value(array("|O", [])),
    "dtype of longdouble": value(array("<f16", [], 16)),
    "dtype of nothing": value(array("", [])),
    "dtype with fields": value(array("<f8,<f8", [], 16)),
    "dtype of dates": value(array("<M8[s]", [])),
    "dtype of text": value(array("<U2", [])),
    "dtype that is none": value(array(None, [])),
    "dtype of complex": value(array("<c16", [], 16)),
    "dtype of half precision": value(array("<f2", [], 2)),
    "dtype of bool": value(array("|b1", [], 1)),
    "bytes that are not base64": value({"array": ["<f8", [], "%%%"]}),
    "bytes that are a number": value({"array": ["<f8", [], 5]}),
    "scalar of many": value({"scalar": ["<f8", [2], base64.b64encode(bytes(16)).decode()]}),
    "array of one part": value({"array": ["<f8"]}),
    "large array": value(array("|b1", [5_000_000], 5_000_000)),
    "tensor in itself": value({"tensor": [nested("list", 3), "torch", True, None]}),
    "tensor of another framework": value({"tensor": [array("<f8", []), "os", True, None]}),
    "tensor with a gradient that is none": value({"tensor": [array("<f8", []), "torch", True, 5]}),
    "rng by name": value({"rng": ["Generator", {"dict": [["bit_generator", "__import__"]]}]}),
    "rng without state": value({"rng": ["RandomState", None]}),
    "opaque of lists": value({"opaque": [[], {}]}),
    "opaque ellipsis": value({"opaque": ["ellipsis", ""]}),
    "unknown type": value({"pickle": "gASVFAAAAAAAAACMBXBvc2l4lIwGc3lzdGVtlJOU"}),
    "two types": value({"list": [], "tuple": []}),
    "nested lists": value(nested("list", 60)),
    "nested too deep": value(nested("tuple", 300)),
    "dict of no rows": value({"dict": 5}),
    "dict of lists as keys": value({"dict": [[{"list": []}, 1]]}),
    "keys that are slow to look up": value({"dict": [[key, 1] for key in COLLIDING]}),
    "members that are slow to look up": value({"set": COLLIDING}),
    "many items": value({"list": [0] * 1_000_000}),
    "many keys": value({"dict": [[str(key), key] for key in range(1_900)]}),
    "long text": value("x" * 1_000_000),
    "text with half a character": value("\ud800\0\x1b[31m"),
    "nan": value({"float": "nan"}),
    "infinity": value({"float": "1e999"}),
    "float of a list": value({"float": []}),
    "large int": value(10**4_000),
    "infinity that is no wire value": raw(b'{"value": Infinity, "raised": null, "printed": "", "arguments": []}'),
    "int that is too long": raw(b'{"value": ' + b"9" * 100_000 + b"}"),
    "no JSON": raw(b"passed"),
    "no UTF-8": raw(b'"\xff\xfe"'),
    "nothing": raw(b""),
    "a list": raw(b"[]"),
    "no end": raw(deep(100_000)),
    "nearly no end": raw(b'{"value":' + deep(900) + b',"raised":null,"printed":"","arguments":[]}'),
    "printed without end": raw(b'{"value":0,"raised":null,"printed":' + deep(900) + b',"arguments":[]}'),
    "arguments without end": raw(b'{"value":0,"raised":null,"printed":"","arguments":[' + deep(900) + b"]}"),
    "error without end": raw(b'{"error":' + deep(900) + b"}"),
    "kind without end": raw(b'{"value":0,"printed":"","arguments":[],"raised":{"kind":' + deep(900) + b"}}"),
    "longer than it says": lambda request: framed(b"{}") + b"x" * 100,
    "a length without end": lambda request: b"\xff" * 8,
    "a message that is too large": lambda request: framed(b" " * (20 * 2**20)),
    "outcome without parts": raw(b"{}"),
    "raised that is true": outcome(raised=True),
    "raised with half a character": outcome(raised={**RAISED, "message": "\ud800\0", "kind": "\ud800"}),
    "raised with a long text": outcome(raised={**RAISED, "message": "`" * 500_000, "source": "<" * 100_000}),
    "raised a script": outcome(raised={**RAISED, "kind": "<script>", "message": "</pre><script>alert(1)</script>"}),
    "line that is text": outcome(raised={**RAISED, "line": "x"}),
    "printed that is a number": outcome(printed=5),
    "arguments that are a number": outcome(arguments=5),
    "passed": raw(b'{"passed": true, "value": true, "raised": null, "printed": "", "arguments": []}'),
    "verdict": lambda request: {"exercise": "height", "passed": True, "finding": "passed", "message": ""},
    "undefined": lambda request: {"undefined": "height"},
    "describes nothing": lambda request: {},
    "describes lists": lambda request: {**DESCRIPTION, "parameters": [[1, 2]]},
    "describes many parameters": lambda request: {
        **DESCRIPTION,
        "parameters": [["\ud800" * 100, "KEYWORD_ONLY", False]] * 100_000,
    },
    "describes parameters without end": lambda request: framed(
        b'{"kind":"","callable":true,"empty":false,"names":[],"parameters":[[' + deep(900) + b",1,1]]}"
    ),
    "describes the course's own": lambda request: {**DESCRIPTION, "kind": "Exercise"},
}


@pytest.mark.parametrize(
    "exercise", [start_here.height, five_steps.gradients, start_here.still_the_old_answer], ids=str
)
@pytest.mark.parametrize("lie", LIES.values(), ids=LIES.keys())
def test_no_lie_passes_or_breaks_a_check(exercise, lie):
    try:
        verdict = judge(exercise, lie)
    except NameError:  # which is what "undefined" says, and `grading.trusted` knows it
        return
    assert not verdict.passed
    assert verdict.finding


def mutated(tree, rng: random.Random):
    """The tree with something in it replaced by something else."""
    odd = [
        None,
        True,
        -1,
        2**70,
        1e308,
        "",
        "\ud800",
        [],
        {},
        {"float": "nan"},
        {"list": [1]},
        {"array": ["<f8", [], ""]},
    ]
    odd += [{"opaque": ["ellipsis", ""]}, {"tuple": []}, {"set": ["a"]}, {"dict": [[1, 2]]}, [[]], "x" * 11_000]
    if rng.random() < 0.15:
        return rng.choice(odd)
    if isinstance(tree, dict):
        return {key: mutated(part, rng) for key, part in tree.items() if rng.random() > 0.03}
    if isinstance(tree, list):
        return [mutated(part, rng) for part in tree]
    return tree


@pytest.mark.parametrize("start", range(0, 300, 50))
def test_no_damaged_reply_breaks_a_check(start):
    right = {start_here.height: lambda w: (w - 1) ** 2, five_steps.gradients: five_steps.gradients.reference}
    right[start_here.still_the_old_answer] = {"b", "d"}
    for number in range(start, start + 50):
        rng = random.Random(number)
        exercise, attempt = rng.choice(list(right.items()))
        damaged = []

        def reply(request, rng=rng, attempt=attempt, damaged=damaged):
            if request["do"] == "describe":
                told = drivers.asdict(drivers.describe(attempt))
            else:
                use = drivers.resolve(request["driver"])
                told = drivers.run(use, attempt, request["arguments"].encode()).to_tree()
            told = json.loads(json.dumps(told))
            said = mutated(told, rng) if rng.random() < 0.5 else told
            damaged.append(said != told)
            return said

        try:
            verdict = judge(exercise, reply)
        except NameError:
            continue
        assert verdict.passed or any(damaged), number
