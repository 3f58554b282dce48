"""The student's process: an IPython shell that runs cells, and the drivers that run beside the student's objects.

All that it says is believed by nobody: student code can change anything here. It answers requests, one JSON message
each, on one socket: ``{"do": "cell", "source": ...}`` runs a cell and tells its outputs; the others are those of
`gdexercises.checking.attempts`.
"""

import base64
import functools
import importlib
import io
import os
import signal
import sys
from typing import Any

MAX_TEXT = 200_000
MAX_IMAGES = 4_000_000
# Of what a check gets to see. What is larger becomes a note that it is too large.
MAX_BYTES = 2 * 2**20
MAX_ITEMS = 20_000
KEPT = ("text/plain", "text/html", "text/markdown", "text/latex", "image/png", "image/jpeg")


def warm_up() -> None:
    """Import and make what every submission needs; called once, in the template."""
    for name in (
        "IPython.core.interactiveshell",
        "matplotlib.pyplot",
        "matplotlib.backends.backend_agg",
        "matplotlib_inline.backend_inline",
        "gdexercises.checking.attempts",
        "gdexercises.figures",
    ):
        importlib.import_module(name)
    _shell()


def main(data: int) -> None:
    """Serve requests on the socket `data` until it closes."""
    import socket

    import numpy as np

    from gdexercises.checking import attempts, wire

    wire.MAX_BYTES, wire.MAX_ITEMS = MAX_BYTES, MAX_ITEMS
    signal.signal(signal.SIGINT, signal.default_int_handler)
    np.random.seed()  # noqa: NPY002 -- the template's state is every fork's
    shell = _shell()
    os.makedirs(shell.profile_dir.location, exist_ok=True)  # noqa: PTH103 -- the template's is not in this /tmp
    shell.profile_dir.check_dirs()
    connection = socket.socket(fileno=data)
    reader, writer = connection.makefile("rb"), connection.makefile("wb")
    while (request := attempts.receive(reader)) is not None:
        if request["do"] == "cell":
            attempts.send(writer, {"outputs": shell.run(request["source"])})
        else:
            attempts.send(writer, attempts.answer(request, shell.user_ns))


class Outputs(list):
    """Outputs of one cell as a notebook has them, with a limit on their size."""

    def __init__(self) -> None:
        super().__init__()
        self.text = MAX_TEXT
        self.images = MAX_IMAGES

    def stream(self, name: str, text: str) -> None:
        text = self._cut(text)
        if text and self and self[-1].get("name") == name:
            self[-1]["text"] += text
        elif text:
            self.append({"output_type": "stream", "name": name, "text": text})

    def rich(self, kind: str, data: Any, count: int | None = None) -> None:
        kept = {}
        for mime in KEPT:
            value = data.get(mime)
            if isinstance(value, bytes):
                value = base64.b64encode(value).decode()
            if not isinstance(value, str):
                continue
            if mime.startswith("image/"):
                self.images -= len(value)
                if self.images < 0:
                    value, mime = "(The picture is left out: too large.)", "text/plain"
            else:
                value = self._cut(value)
            if value:
                kept[mime] = value
        if kept:
            output = {"output_type": kind, "data": kept, "metadata": {}}
            self.append(output if kind == "display_data" else {**output, "execution_count": count})

    def error(self, ename: str, evalue: str, traceback: list[str]) -> None:
        self.append(
            {
                "output_type": "error",
                "ename": ename[:200],
                "evalue": self._cut(evalue[:2_000]),
                "traceback": [self._cut(line) for line in traceback[-50:]],
            }
        )

    def _cut(self, text: str) -> str:
        if self.text <= 0:
            return ""
        self.text -= len(text)
        return text if self.text > 0 else text[: self.text - 1] + "\n(Output is cut off here: it is too long.)\n"


class Stream(io.TextIOBase):
    """What `sys.stdout` and `sys.stderr` are while a cell runs."""

    def __init__(self, name: str, outputs: Outputs):
        super().__init__()
        self.name, self.outputs = name, outputs

    encoding = "utf-8"

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self.outputs.stream(self.name, str(text))
        return len(text)


@functools.cache
def _shell() -> Any:
    from IPython.core.displayhook import DisplayHook
    from IPython.core.displaypub import DisplayPublisher
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    class Publisher(DisplayPublisher):
        def publish(self, data, metadata=None, *args, **kwargs):
            self.shell.outputs.rich("display_data", data)

        def clear_output(self, wait=False):
            self.shell.outputs.clear()

    class Hook(DisplayHook):
        def write_output_prompt(self):
            pass

        def write_format_data(self, format_dict, md_dict=None):
            self.shell.outputs.rich("execute_result", format_dict, self.shell.execution_count)

        def finish_displayhook(self):
            self._is_active = False

    class Shell(InteractiveShell):
        displayhook_class = Hook
        display_pub_class = Publisher

        def enable_gui(self, gui=None):
            pass

        def _showtraceback(self, etype, evalue, stb):
            self.outputs.error(getattr(etype, "__name__", str(etype)), _text(evalue), list(stb))

        def run(self, source: str) -> list[dict]:
            self.outputs = outputs = Outputs()
            before = sys.stdout, sys.stderr
            sys.stdout, sys.stderr = Stream("stdout", outputs), Stream("stderr", outputs)
            try:
                self.run_cell(source, store_history=True)
            except BaseException as error:
                outputs.error(type(error).__name__, _text(error), [])
            finally:
                sys.stdout, sys.stderr = before
            return list(outputs)

    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    config.InteractiveShell.cache_size = 0
    shell = Shell.instance(config=config)
    shell.outputs = Outputs()
    _draw_inline(shell)
    return shell


def _draw_inline(shell: Any) -> None:
    from matplotlib_inline.backend_inline import configure_inline_support

    configure_inline_support(shell, os.environ["MPLBACKEND"])


def _text(value: Any) -> str:
    try:
        return str(value)
    except BaseException as error:
        return f"(its text raises {type(error).__name__})"
