"""What a browser would make of HTML: which parts of it could run or load something."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

from nbformat import NotebookNode

HARMLESS = set(
    re.findall(
        r"\w+",
        "a b blockquote br caption code dd del details div dl dt em h1 h2 h3 h4 h5 h6 hr i kbd li ol p pre s samp "
        "small span strong sub summary sup table tbody td tfoot th thead tr ul",
    )
)
ATTRIBUTES = {"href", "title", "colspan", "rowspan", "scope", "style", "role", "aria-label", "class", "id"}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag not in HARMLESS:
            self.found.append(f"<{tag}>")
        for name, value in attributes:
            # As browsers do: control characters and white space mean nothing in the name of a protocol.
            place = re.sub(r"[\x00-\x20]", "", value or "").lower()
            if name not in ATTRIBUTES or (name == "style" and re.search(r"url|expression|@import|position", place)):
                self.found.append(f"{tag} {name}")
            if name == "href" and not re.match(r"(https?:)?//|mailto:|#", place) and ":" in place:
                self.found.append(f"{tag} href {place[:40]}")


def what_could_run(html: str) -> list[str]:
    """The tags, attributes and links in it that could run or load something without a click on a plain link."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.found


def pieces_of_html(nb: NotebookNode) -> Iterator[str]:
    """The outputs of a notebook that are shown as HTML."""
    for cell in nb.cells:
        for output in cell.get("outputs", ()):
            if "text/html" in output.get("data", {}):
                yield output.data["text/html"]
