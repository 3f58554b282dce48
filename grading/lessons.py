"""Lessons as people name them: ``1-4,7``, ``3``, ``01-five-steps``."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from nbgrader.coursedir import CourseDirectory

__all__ = ["UnknownLesson", "chosen", "in_class", "one"]


class UnknownLesson(ValueError):
    """There is no lesson of that name or number; the message says which there are."""


def chosen(words: Iterable[str], known: Sequence[str]) -> list[str]:
    """Give the names of the lessons that are meant.

    Parameters
    ----------
    words : iterable of str
        Names, numbers, ranges of numbers, or several of them with commas between: ``1-4,7``. Of a range, the lessons
        that there are. None: all lessons.
    known : sequence of str
        The names of all lessons; a lesson's number is what its name begins with.

    Returns
    -------
    list of str
        Each once, in the order of ``known``.

    Raises
    ------
    UnknownLesson
        If a word means none of them.
    """
    parts = [part.strip() for word in words for part in word.split(",") if part.strip()]
    if not parts:
        return list(known)
    meant = {name for part in parts for name in _meant(part, known)}
    return [name for name in known if name in meant]


def one(word: str, known: Sequence[str]) -> str:
    """Give the name of the one lesson that is meant; a word that means none is given back, as one nbgrader may know."""
    try:
        names = chosen([word], known)
    except UnknownLesson:
        return word
    return names[0] if len(names) == 1 else word


def in_class(course: CourseDirectory) -> list[str]:
    """Names of a class's lessons, by its folders: those to be released, and those that were."""
    folders = [course.format_path(kind, ".", "x") for kind in (course.source_directory, course.release_directory)]
    return sorted({path.name for folder in folders for path in Path(folder).parent.glob("[!.]*") if path.is_dir()})


def _meant(part: str, known: Sequence[str]) -> list[str]:
    if part in known:
        return [part]
    numbers = re.fullmatch(r"(\d{1,4})(?:\s*[-–]\s*(\d{1,4}))?", part)
    found = []
    if numbers:
        first, last = int(numbers[1]), int(numbers[2] or numbers[1])
        found = [name for name in known if (number := _number(name)) is not None and first <= number <= last]
    if not found:
        raise UnknownLesson(f"there is no lesson {part}; there are: {', '.join(known) or 'none'}")
    return found


def _number(name: str) -> int | None:
    match = re.match(r"\d+", name)
    return int(match[0]) if match else None
