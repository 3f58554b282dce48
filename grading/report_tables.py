"""The tables of a report's page, each of which is a CSV file as well."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from grading.tables import csv_bytes

__all__ = ["Column", "Link", "Table"]


@dataclass(frozen=True)
class Link:
    """A text that leads somewhere."""

    text: str
    href: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes
    ----------
    title : str
    kind : str
        ``text``, ``words`` (long ones), ``code``, ``number``, ``share`` (of 1, shown as per cent), ``people`` or
        ``exercises`` (a sequence of names, folded if there are many).
    upright : bool
        Whether its title stands on end, to save room.
    """

    title: str
    kind: str = "text"
    upright: bool = False


@dataclass(frozen=True)
class Table:
    """A table.

    Attributes
    ----------
    name : str
        What its file is called.
    caption : str
    columns : sequence of Column
    rows : sequence of sequence
        Text, numbers, sequences of text, a `Link`, or None where there is nothing to say.
    empty : str
        What is said instead if there are no rows.
    shaded : mapping of int to float
        For columns of points, the most that there is: the cells are shaded by their share of it.
    folded : bool
        Whether a chart above it says the same, so that it need not be seen at once.
    """

    name: str
    caption: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[object]]
    empty: str = "none."
    shaded: Mapping[int, float] = field(default_factory=dict)
    folded: bool = False

    def shade(self, column: int, value: object) -> str:
        """The class of a cell: one of eleven shades, from none of the points to all."""
        most = self.shaded.get(column)
        if not most or not isinstance(value, int | float):
            return "s"
        return f"s{round(10 * min(1.0, max(0.0, value / most)))}"

    def csv(self) -> bytes:
        """The table as CSV, for a spreadsheet, too."""
        rows = [[column.title for column in self.columns], *([_cell(value) for value in row] for row in self.rows)]
        return csv_bytes(rows, bom=True)

    def link(self) -> str:
        """The table as CSV, in an address that has all of it inside."""
        return "data:text/csv;base64," + b64encode(self.csv()).decode()


def _cell(value: object) -> str | float | None:
    if value is None or isinstance(value, int | float):
        return value if value is None else round(value, 4)
    if isinstance(value, tuple | list):
        text = "; ".join(map(str, value))
    else:
        text = value.striptags() if isinstance(value, Markup) else str(value)
    return text.encode(errors="replace").decode()
