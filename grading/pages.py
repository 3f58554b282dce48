"""Pages that stand alone: one HTML file with nothing to be fetched, for a browser, a printer, a screen reader."""

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

__all__ = ["page"]

TEMPLATES = Path(__file__).parent / "templates"


def page(template: str, **values: Any) -> str:
    """Make a page of one of the templates in ``grading/templates``.

    Parameters
    ----------
    template : str
        Its file's name. It extends ``base.html``, which has the style and the head.
    **values
        What the template names. Text is escaped: it may be a student's. `markupsafe.Markup` is not.

    Returns
    -------
    str

    Raises
    ------
    jinja2.UndefinedError
        If the template names something that is not given.
    """
    return _environment().get_template(template).render(**values)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["points"] = lambda value: "–" if value is None else f"{value:g}"
    return environment
