"""Formulas as MathML, made when the site is built: nothing is to be fetched, and a screen reader can say them."""

from html import escape, unescape
from typing import Any
from xml.etree import ElementTree

from docutils import nodes
from latex2mathml import exceptions
from latex2mathml.converter import convert_to_element
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.writers.html5 import HTML5Translator

SIGNS = set("+−±")
OPENS = set("([{,;=<>≈≤≥→←·")
"""What a sign stands after if it is one term's own, and not between two."""

NOT_LATEX = tuple(found for found in vars(exceptions).values() if isinstance(found, type))

logger = logging.getLogger(__name__)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the renderer ``mathml``."""
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}


def mathml(latex: str, display: str) -> str:
    """Give a formula as a ``<math>`` element, ``display`` being "inline" or "block".

    Raises
    ------
    ValueError
        If something in it is not known.
    """
    # Inside a formula, which is all that there is here, LaTeX has another name for what the converter knows.
    try:
        tree = convert_to_element(latex.replace("{aligned}", "{align*}"), display=display)
    except NOT_LATEX as error:
        raise ValueError(type(error).__name__) from error
    for element in tree.iter():
        element.text = unescape(element.text) if element.text else element.text
        before = None
        for child in element:
            _space(child, before)
            before = child
    unknown = [text for text in tree.itertext() if text.startswith("\\") or text == "&"]
    if unknown:
        raise ValueError(f"{' '.join(unknown)} is not known")
    return ElementTree.tostring(tree, encoding="unicode")


def _space(element: ElementTree.Element, before: ElementTree.Element | None) -> None:
    """Set an operator's space where a browser, which knows its character alone, would take too much."""
    if element.tag != "mo":
        return
    text = unescape(element.text or "")
    behind = unescape(before.text or "") if before is not None and before.tag == "mo" else ""
    if text == "/":
        element.attrib |= {"lspace": "0", "rspace": "0"}
    elif text in SIGNS and behind in OPENS:
        element.set("form", "prefix")


def _inline(self: HTML5Translator, node: nodes.math) -> None:
    self.body.append(_shown(node, "inline"))
    raise nodes.SkipNode


def _block(self: HTML5Translator, node: nodes.math_block) -> None:
    self.body.append(f"{self.starttag(node, 'div', CLASS='math')}{_shown(node, 'block')}</div>\n")
    raise nodes.SkipNode


def _shown(node: nodes.Element, display: str) -> str:
    try:
        return mathml(node.astext(), display)
    except ValueError as error:
        logger.warning("a formula cannot be shown, %s: %s", error, node.astext(), location=node)
        return f"<code>{escape(node.astext())}</code>"
