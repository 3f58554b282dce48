"""One page a student across lessons: all that concerns them, nothing of anybody else, nothing that runs or loads."""

import json
from datetime import datetime, timedelta
from html.parser import HTMLParser
from urllib.parse import unquote

import nbformat
import pytest

from gdexercises.checking.verdict import MIME
from grading.course import open_class
from grading.feedback import make_feedback, summary_path
from grading.feedback_summary import Exercise
from tests.grading.feedback_class import (
    AFTER,
    BEFORE,
    HILLS,
    LATER,
    NAMES,
    VALLEYS,
    book_of,
    by_hand,
    graded,
    make_class,
)


class Page(HTMLParser):
    """A page as a reader has it: rows of tables, links, tags, and text."""

    def __init__(self, text):
        super().__init__()
        self.rows, self.links, self.tags, self.said, self.ids = [], [], [], [], []
        self._hidden = False
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.tags.append((tag, attributes))
        self.ids += [attributes["id"]] if "id" in attributes else []
        self._hidden = tag in ("style", "title")
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
        if tag == "a":
            self.links.append(attributes["href"])

    def handle_endtag(self, tag):
        self._hidden = False

    def handle_data(self, data):
        if self._hidden:
            return
        self.said.append(data)
        if self.rows and self.rows[-1]:
            self.rows[-1][-1] = f"{self.rows[-1][-1]} {' '.join(data.split())}".strip()

    @property
    def text(self):
        return " ".join(" ".join(self.said).split())

    def row(self, first):
        return next(row[1:] for row in self.rows if row and row[0] == first)


@pytest.fixture
def class_dir(tmp_path):
    return make_class(tmp_path / "class")


def summary_of(directory, student, now=BEFORE):
    make_feedback(directory, students=[student], now=now)
    return Page(summary_path(open_class(directory), student).read_text(encoding="utf-8"))


def test_points_by_lesson_and_exercise_with_what_was_said(class_dir):
    graded(class_dir, "ada", HILLS, {"height": 3, "roll": 0.5}, {"roll": "w moves uphill: `w` grows"}, essay=2.5)
    by_hand(class_dir, "ada", comment="Well put,\nbut short.")
    page = summary_of(class_dir, "ada")
    assert "6 of 9 points in what is graded so far" in page.text
    assert page.row(HILLS)[:4] == ["graded", "6 of 9", "none", "6"]
    assert page.row("essay") == ["2.5 of 4", "◐ some points", "Comment: Well put, but short."]
    assert page.row("height") == ["3 of 3", "✓ all points", ""]
    assert page.row("roll") == ["0.5 of 2", "◐ some points", "w moves uphill: w grows"]


def test_exercises_stand_in_the_order_of_the_notebook(class_dir):
    graded(class_dir, "ada", HILLS, {})
    names = [row[0] for row in summary_of(class_dir, "ada").rows]
    assert [name for name in names if name in ("essay", "height", "roll")] == ["essay", "height", "roll"]


def test_a_late_penalty_is_taken_off_and_shown(class_dir):
    graded(class_dir, "ada", HILLS, {"height": 3}, essay=4, penalty=1.5, timestamp=AFTER)
    graded(class_dir, "ada", VALLEYS, {"depth": 5})
    page = summary_of(class_dir, "ada")
    assert page.row(HILLS)[:4] == ["graded", "7 of 9", "−1.5", "5.5"]
    assert "7 of 9 points, less 1.5 for being late: 5.5" in page.text
    assert "10.5 of 14 points" in page.text


def test_what_a_person_has_still_to_look_at_is_provisional(class_dir):
    graded(class_dir, "ada", HILLS, {"height": 3, "roll": 2})
    page = summary_of(class_dir, "ada")
    assert page.row(HILLS)[0] == "provisional"
    assert page.row("essay")[1] == "… to be graded by a person"
    assert "Provisional: 1 still to be graded by a person" in page.text
    by_hand(class_dir, "ada", essay=0)
    assert "rovisional" not in summary_of(class_dir, "ada").text


def test_who_handed_in_nothing_is_told_what_is_missing_and_what_is_to_come(class_dir):
    graded(class_dir, "ada", HILLS, {})
    before, after = summary_of(class_dir, "zoe", BEFORE), summary_of(class_dir, "zoe", AFTER)
    assert "Nothing is graded yet" in before.text
    assert f"{HILLS}, due 2030-01-01 12:00 UTC, 9 points" in before.text
    assert f"{LATER}, not handed out yet" in before.text
    assert after.row(HILLS)[:2] == ["missing: nothing was handed in; due 2030-01-01 12:00 UTC", "– of 9"]
    assert f"{LATER}, not handed out yet" in after.text


def test_an_extension_moves_what_is_missing(class_dir):
    graded(class_dir, "ada", HILLS, {})
    with book_of(class_dir) as book:
        book.update_or_create_submission(HILLS, "zoe").extension = timedelta(days=40)
        book.db.commit()
    assert f"{HILLS}, due 2030-02-10 12:00 UTC" in summary_of(class_dir, "zoe", AFTER).text
    assert summary_of(class_dir, "zoe", datetime(2030, 3, 1)).row(HILLS)[0].startswith("missing")


def test_a_lesson_without_a_due_date_is_missing_from_the_start(class_dir):
    graded(class_dir, "ada", HILLS, {})
    with book_of(class_dir) as book:
        book.update_or_create_assignment(VALLEYS, duedate=None)
    assert summary_of(class_dir, "zoe", BEFORE).row(VALLEYS)[0] == "missing: nothing was handed in"


def test_what_is_handed_in_and_not_graded_says_so(class_dir):
    graded(class_dir, "ada", HILLS, {})
    (class_dir / "submitted" / "zoe" / VALLEYS).mkdir(parents=True)
    (class_dir / "submitted" / "zoe" / VALLEYS / f"{VALLEYS}.ipynb").write_text("{}")
    assert summary_of(class_dir, "zoe").row(VALLEYS)[0].startswith("handed in, not graded yet")


def test_why_nothing_could_be_graded_is_said_once(class_dir):
    path = graded(class_dir, "ada", HILLS, {})
    nb = nbformat.read(path, as_version=4)
    nb.metadata["gdexercises"] = {"finding": "ada/01-hills.ipynb is <empty>. It has to be submitted again."}
    nbformat.write(nb, path)
    page = summary_of(class_dir, "ada")
    assert page.text.count("is <empty>. It has to be submitted again.") == 1
    assert page.row("height") == ["0 of 3", "✗ no points", ""]


def test_not_attempted_is_not_the_same_as_wrong():
    assert Exercise("roll", 0, 2, attempted=False).words == "○ not attempted"
    assert Exercise("roll", 0, 2).words == "✗ no points"
    assert Exercise("roll", 2.5, 2).words == "✓ all points"


def test_nbgrader_s_own_comment_does_not_repeat_what_a_check_said(class_dir):
    graded(class_dir, "ada", HILLS, {"height": 3}, {"roll": "Not attempted."}, essay=0)
    with book_of(class_dir) as book:
        for name in ("roll", "essay"):
            book.find_comment(name, HILLS, HILLS, "ada").auto_comment = "No response."
        book.db.commit()
    page = summary_of(class_dir, "ada")
    assert page.row("roll")[2] == "Not attempted."
    assert page.row("essay")[2] == "Comment: No response."


HOSTILE = "</td><script>alert(1)</script><img src=x onerror=alert(1)>`<b>`&amp;"


def test_all_that_others_wrote_is_escaped(class_dir):
    with book_of(class_dir) as book:
        book.add_student("<i>eve", first_name=HOSTILE, last_name="x")
    graded(class_dir, "<i>eve", HILLS, {}, {"roll": HOSTILE}, essay=1)
    by_hand(class_dir, "<i>eve", comment=HOSTILE)
    page = summary_of(class_dir, "<i>eve")
    tags = {tag for tag, _ in page.tags}
    assert not tags & {"script", "img", "i", "b", "iframe", "link", "object"}
    assert page.text.count("<script>alert(1)</script>") == 3
    assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on")]


def test_a_forged_verdict_is_text_or_nothing(class_dir):
    path = graded(class_dir, "ada", HILLS, {})
    nb = json.loads(path.read_text())
    for cell, forged in zip(
        [cell for cell in nb["cells"] if cell["id"].startswith("check-")],
        ([1, 2], {"message": {"<script>": 1}, "mistake": 3}),
        strict=True,
    ):
        cell["outputs"][0]["data"][MIME] = forged
    path.write_text(json.dumps(nb))
    page = summary_of(class_dir, "ada")
    assert page.row("height")[1] == page.row("roll")[1] == "✗ no points"
    assert page.row("roll")[2] == "{'<script>': 1}"


def test_nothing_of_anybody_else_is_in_it(class_dir):
    for number, student in enumerate(("ada", "bob", "cyd")):
        graded(class_dir, student, HILLS, {"height": number}, {"roll": f"said to {student}"}, essay=number / 8)
        by_hand(class_dir, student, comment=f"written for {student}")
    make_feedback(class_dir)
    for student in NAMES:
        raw = summary_path(open_class(class_dir), student).read_text()
        for other, (first, last) in NAMES.items():
            if other != student:
                for word in (f"said to {other}", f"written for {other}", f"({other})", f">{first} ", f" {last}<"):
                    assert word not in raw
    assert "0.125 of 4" in summary_path(open_class(class_dir), "bob").read_text()
    assert "0.125 of 4" not in summary_path(open_class(class_dir), "cyd").read_text()


def test_the_page_stands_alone_and_is_readable_by_all(class_dir):
    graded(class_dir, "ada", HILLS, {"height": 3}, essay=4)
    page = summary_of(class_dir, "ada")
    assert not [tag for tag, _ in page.tags if tag in ("script", "link", "img", "iframe")]
    assert ("html", {"lang": "en"}) in page.tags
    assert all("aria-label" in attributes for tag, attributes in page.tags if tag == "svg")
    assert all("scope" in attributes for tag, attributes in page.tags if tag == "th")
    tables = sum(tag == "table" for tag, _ in page.tags)
    assert sum(tag == "caption" for tag, _ in page.tags) == tables == 2
    assert [tag for tag, _ in page.tags if tag in ("h1", "h2", "h3")] == ["h1", "h2", "h2"]


def test_links_lead_to_pages_that_are_there(class_dir):
    with book_of(class_dir) as book:
        book.add_student("ann b#100%")
    graded(class_dir, "ann b#100%", HILLS, {"height": 3}, essay=4)
    page = summary_of(class_dir, "ann b#100%")
    folder = summary_path(open_class(class_dir), "ann b#100%").parent
    outside = [link for link in page.links if not link.startswith("#")]
    assert len(outside) == 1
    assert all((folder / unquote(link)).resolve().is_file() for link in outside)
    assert {link[1:] for link in page.links if link.startswith("#")} <= set(page.ids)


def test_points_whose_notebook_is_gone_are_still_told(class_dir):
    graded(class_dir, "bob", HILLS, {})
    path = graded(class_dir, "ada", HILLS, {"height": 3}, essay=4)
    path.unlink()
    page = summary_of(class_dir, "ada")
    assert page.row(HILLS)[:2] == ["graded", "7 of 9"]
    assert page.row("height")[:2] == ["3 of 3", "✓ all points"]
