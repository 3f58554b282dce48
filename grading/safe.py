"""What of a student's text and outputs may be shown in feedback and in formgrader: nothing in it can run or load."""

import base64
import re
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import bleach
import nbformat
from nbformat import NotebookNode

from gdexercises.checking.verdict import Verdict
from gdexercises.checking.wire import clean

__all__ = ["Room", "made_output", "safe_html", "safe_markdown", "safe_outputs", "safe_text", "safe_verdict"]

MAX_OUTPUTS = 200
MAX_TEXT = 201_000  # more than the sandbox itself lets through, with the words in which it says so
MAX_HTML = 50_000
MAX_OPEN_TAGS = 50
MAX_IMAGE = 4_000_000
MAX_SAID = 4_000
CUT = "\n(Output is cut off here: it is too long.)\n"
SAFE_TAGS = frozenset(
    re.findall(
        r"\w+",
        "a b blockquote br caption code dd del details div dl dt em h1 h2 h3 h4 h5 h6 hr i kbd li ol p pre s samp "
        "small span strong sub summary sup table tbody td tfoot th thead tr ul",
    )
)
SAFE_ATTRIBUTES = {"*": ["title"], "a": ["href"], "td": ["colspan", "rowspan"], "th": ["colspan", "rowspan", "scope"]}
VOID_TAGS = frozenset(("area", "br", "col", "hr", "img", "input", "link", "meta", "wbr"))
NOTHING = "\N{ZERO WIDTH SPACE}"
"""Put between two signs, it takes the meaning that they have together."""
SAFE_PLACE = r"(?:[hH][tT][tT][pP][sS]?://|mailto:|#)"
ACTIVE_TEX = r"\\(?=(?:href|class|cssId|style|require|unicode)\b)"
IMAGES = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff"}


@dataclass
class Room:
    """How much of the outputs of one notebook is kept: characters of text and HTML, of pictures, and how many."""

    text: int = 1_000_000
    html: int = 200_000
    images: int = 16_000_000
    outputs: int = 2_000

    def for_text(self, value: Any, most: int = MAX_TEXT) -> str:
        """The text as far as there is room for it."""
        if not isinstance(value, str):
            return ""
        most = min(most, self.text)
        kept = safe_text(value[:most])
        self.text -= len(kept)
        return kept if len(value) <= most or not kept else kept + CUT

    def for_html(self, value: Any) -> str:
        """The HTML without what could run or load something, if there is room and it is not too large to look at."""
        if not isinstance(value, str) or len(value) > min(MAX_HTML, self.html) or _open_tags(value) > MAX_OPEN_TAGS:
            return ""
        self.html -= len(value)
        return safe_html(value)

    def for_image(self, value: Any, magic: bytes) -> str:
        """The picture if it is one, begins with `magic`, and there is room."""
        if not isinstance(value, str) or len(value) > min(MAX_IMAGE, self.images):
            return ""
        with suppress(ValueError):
            raw = base64.b64decode(re.sub(r"\s", "", value), validate=True)
            if raw.startswith(magic):
                self.images -= len(value)
                return base64.b64encode(raw).decode()
        return ""


def made_output(kind: str, **content: Any) -> NotebookNode:
    """An output as `nbformat.v4.new_output` makes it, without having each checked: the whole notebook is, once."""
    if kind == "execute_result":
        content.setdefault("execution_count", None)
    if "data" in content:
        content.setdefault("metadata", {})
    return nbformat.from_dict({"output_type": kind, **content})


def safe_outputs(outputs: Any, room: Room | None = None) -> list[NotebookNode]:
    """Outputs as a sandbox told them, in a notebook's form: no script, nothing endless, nothing malformed.

    Text stays, pictures stay if they are PNG or JPEG, HTML loses what could run or load something. All else goes.

    Parameters
    ----------
    outputs : anything
        What is said to be the outputs of a cell.
    room : Room
        What is left for this notebook; it gets less.
    """
    room = Room() if room is None else room
    safe = []
    for output in outputs[: min(MAX_OUTPUTS, room.outputs)] if isinstance(outputs, list) else ():
        made = _safe_output(output, room) if isinstance(output, dict) else None
        if made is not None:
            safe.append(made)
    room.outputs -= len(safe)
    return safe


def _safe_output(output: dict, room: Room) -> NotebookNode | None:
    match output.get("output_type"):
        case "stream":
            name = "stderr" if output.get("name") == "stderr" else "stdout"
            text = room.for_text(output.get("text"))
            return made_output("stream", name=name, text=text) if text else None
        case "error":
            lines = output.get("traceback")
            return made_output(
                "error",
                ename=room.for_text(output.get("ename"), 200),
                evalue=room.for_text(output.get("evalue"), 2_000),
                traceback=[room.for_text(line) for line in lines[-50:]] if isinstance(lines, list) else [],
            )
        case "display_data" | "execute_result" as kind:
            data = _safe_data(output.get("data"), room)
            return made_output(kind, data=data) if data else None
    return None


def _safe_data(data: Any, room: Room) -> dict[str, str]:
    if not isinstance(data, dict):
        return {}
    safe = {"text/plain": room.for_text(data.get("text/plain")), "text/html": room.for_html(data.get("text/html"))}
    safe |= {mime: room.for_image(data.get(mime), magic) for mime, magic in IMAGES.items()}
    return {mime: value for mime, value in safe.items() if value}


def _open_tags(text: str) -> int:
    """The largest number of tags that are open at a time: what reading them costs grows with its square."""
    counts: Counter[str] = Counter()
    most = depth = 0
    for closing, name in re.findall(r"<(/?)\s*([a-zA-Z][^\s/>]{0,20})", text):
        name = name.lower()
        if closing:
            depth -= counts[name] > 0
            counts[name] -= counts[name] > 0
        elif name not in VOID_TAGS:
            counts[name] += 1
            depth += 1
            most = max(most, depth)
    return most


def safe_html(text: str) -> str:
    """HTML, or Markdown with HTML in it, without what could run or load something."""
    cleaned = bleach.clean(text, tags=SAFE_TAGS, attributes=SAFE_ATTRIBUTES, strip_comments=True)
    return re.sub(ACTIVE_TEX, rf"\\{NOTHING}", cleaned)


def safe_text(text: str) -> str:
    """Text that every file and database can hold: no half characters, and no zero bytes."""
    return clean(text).replace("\0", "\N{REPLACEMENT CHARACTER}")


def safe_verdict(verdict: Verdict) -> Verdict:
    """A verdict with texts that can be shown, however long and odd what student code said was."""

    def shown(text: str | None) -> str | None:
        if text is None:
            return None
        text = re.sub(r"[\x01-\x08\x0b-\x1f\x7f]", "\N{REPLACEMENT CHARACTER}", safe_text(text))
        return text if len(text) <= MAX_SAID else f"{text[:MAX_SAID]} …"

    return replace(
        verdict,
        message=shown(verdict.message),
        call=shown(verdict.call),
        expected=shown(verdict.expected),
        got=shown(verdict.got),
        notes=tuple(map(shown, verdict.notes)),
    )


def safe_markdown(text: str) -> str:
    """Markdown without HTML, links and pictures that could run or load something; other text stays to the letter."""
    if len(text) > MAX_HTML or _open_tags(text) > MAX_OPEN_TAGS:
        return "(This text is left out: it is too long.)"
    if re.search(r"<\s*[a-zA-Z/!?]", text):
        text = safe_html(text)
    text = re.sub(ACTIVE_TEX, rf"\\{NOTHING}", text)
    text = text.replace("![", f"!{NOTHING}[")
    return re.sub(rf"\](?=\(|:)(?![(:]\s*{SAFE_PLACE})", f"]{NOTHING}", text)
