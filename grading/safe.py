"""What of a student's text and outputs may be shown in feedback and in formgrader: nothing in it can run or load."""

import base64
import re
from contextlib import suppress
from typing import Any

import bleach
from nbformat import NotebookNode
from nbformat.v4 import new_output

from gdexercises.checking.wire import clean

__all__ = ["safe_html", "safe_markdown", "safe_outputs"]

MAX_OUTPUTS = 200
MAX_TEXT = 200_000
MAX_IMAGE = 4_000_000
SAFE_TAGS = frozenset(
    re.findall(
        r"\w+",
        "a b blockquote br caption code dd del details div dl dt em h1 h2 h3 h4 h5 h6 hr i kbd li ol p pre s samp "
        "small span strong sub summary sup table tbody td tfoot th thead tr ul",
    )
)
SAFE_ATTRIBUTES = {"*": ["title"], "a": ["href"], "td": ["colspan", "rowspan"], "th": ["colspan", "rowspan", "scope"]}
IMAGES = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff"}


def safe_outputs(outputs: Any) -> list[NotebookNode]:
    """Outputs as a sandbox told them, in a notebook's form: no script, nothing endless, nothing malformed.

    Text stays, pictures stay if they are PNG or JPEG, HTML loses what could run or load something. All else goes.
    """
    safe = []
    if not isinstance(outputs, list):
        return safe
    room = MAX_TEXT
    for output in outputs[:MAX_OUTPUTS]:
        if not isinstance(output, dict):
            continue
        made = _safe_output(output, room)
        if made is not None:
            safe.append(made)
            room -= sum(len(text) for text in _texts(made))
        if room <= 0:
            break
    return safe


def _texts(output: NotebookNode) -> list[str]:
    if output.output_type == "stream":
        return [output.text]
    if output.output_type == "error":
        return output.traceback
    return [text for mime, text in output.data.items() if mime.startswith("text/")]


def _safe_output(output: dict, room: int) -> NotebookNode | None:
    match output.get("output_type"):
        case "stream":
            name = "stderr" if output.get("name") == "stderr" else "stdout"
            return new_output("stream", name=name, text=_text(output.get("text"), room))
        case "error":
            lines = output.get("traceback")
            traceback = [_text(line, room) for line in lines[-50:]] if isinstance(lines, list) else []
            return new_output(
                "error",
                ename=_text(output.get("ename"), 200),
                evalue=_text(output.get("evalue"), 2_000),
                traceback=traceback,
            )
        case "display_data" | "execute_result" as kind:
            data = _safe_data(output.get("data"), room)
            return new_output(kind, data) if data else None
    return None


def _safe_data(data: Any, room: int) -> dict[str, str]:
    if not isinstance(data, dict):
        return {}
    safe = {}
    if "text/plain" in data:
        safe["text/plain"] = _text(data["text/plain"], room)
    if isinstance(data.get("text/html"), str):
        safe["text/html"] = safe_html(_text(data["text/html"], room))
    for mime, magic in IMAGES.items():
        picture = data.get(mime)
        if isinstance(picture, str) and len(picture) <= MAX_IMAGE:
            with suppress(ValueError):
                raw = base64.b64decode(re.sub(r"\s", "", picture), validate=True)
                if raw.startswith(magic):
                    safe[mime] = base64.b64encode(raw).decode()
    return safe


def safe_html(text: str) -> str:
    """HTML, or Markdown with HTML in it, without what could run or load something."""
    return bleach.clean(text, tags=SAFE_TAGS, attributes=SAFE_ATTRIBUTES, strip_comments=True)


def _text(value: Any, most: int) -> str:
    return clean(value[:most]) if isinstance(value, str) else ""


def safe_markdown(text: str) -> str:
    """Markdown without HTML that could run or load something; text without HTML stays to the letter."""
    return safe_html(text) if re.search(r"<\s*[a-zA-Z/!?]", text) else text
