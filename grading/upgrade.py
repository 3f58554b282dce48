"""Newer lessons brought into a class, and what the instructor edited left alone.

Of each lesson there are three versions: as it was brought in (`grading.classes.BASE`), as it is in ``source/``, and as
the course has it now. `grading.merge` makes one of them. The class's settings go the same way, by lines.
"""

import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.coursedir import CourseDirectory

from grading import lessons, notebooks
from grading.classes import BASE, CONFIG, SOURCE, write_lesson
from grading.course import CONFIG_FILE, STATE_DIR, ClassError, open_class, write_whole
from grading.intake import handed_in
from grading.merge import Ask, Conflict, Merged, merge_notebooks, merge_texts

__all__ = ["Brought", "Upgrade", "upgrade"]


@dataclass(frozen=True)
class Brought:
    """What came of one lesson, or of the settings.

    Attributes
    ----------
    lesson : str
        Its name, or ``nbgrader_config.py``.
    what : str
        ``new``, ``changed``, ``unchanged``, or ``failed``.
    brought, kept, skipped : tuple of str
        What came in, what was kept although there is something newer, what is still open.
    had_base : bool
        Whether it was known how it was brought in.
    handed_in : int
        How many students have handed the lesson in.
    error : str
        Why nothing was done about it.
    """

    lesson: str
    what: str
    brought: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    had_base: bool = True
    handed_in: int = 0
    error: str = ""


@dataclass(frozen=True)
class Upgrade:
    """What came of it all.

    Attributes
    ----------
    brought : tuple of Brought
    before : Path or None
        Where what was changed is, as it was before, in folders as in the class; None if nothing was changed.
    more : tuple of str
        Lessons that the class does not have.
    own : tuple of str
        Lessons that the course does not have.
    """

    brought: tuple[Brought, ...]
    before: Path | None
    more: tuple[str, ...]
    own: tuple[str, ...]


def upgrade(
    class_dir: Path | str,
    ask: Callable[[str, Conflict], str],
    *,
    only: Iterable[str] = (),
    dry_run: bool = False,
    source_dir: Path | str = SOURCE,
    config: Path | str = CONFIG,
    on_done: Callable[[Brought], None] = lambda brought: None,
) -> Upgrade:
    """Bring newer lessons and settings into a class.

    The class's lock has to be held, see `grading.course.alone`. Interrupted at any point, it goes on where it was when
    it is called again.

    Parameters
    ----------
    class_dir : Path or str
        The class directory.
    ask : callable
        Called with a lesson's name and a conflict; says ``keep``, ``take`` or ``skip``. With ``dry_run`` what it says
        is not written.
    only : iterable of str
        Lessons of the course, as `grading.lessons.chosen` takes them; those that the class does not have are added.
        Without any: all that the class has, and the settings.
    dry_run : bool
        Whether to change nothing.
    source_dir, config : Path or str
        The course's lessons and settings.
    on_done : callable
        Told of each lesson when it is done.

    Returns
    -------
    Upgrade

    Raises
    ------
    FileNotFoundError, ClassError
        If this is no class directory.
    grading.lessons.UnknownLesson
        If a word means no lesson of the course.
    grading.notebooks.SourceError
        If a lesson of the course is broken.
    """
    course = open_class(class_dir)
    sources = {path.stem: path for path in notebooks.lessons(source_dir)}
    there = {path.name for path in _source(course, "x").parent.glob("[!.]*") if path.is_dir()}
    only = list(only)
    names = lessons.chosen(only, list(sources)) if only else [name for name in sources if name in there]
    room = _Room(course, ask, dry_run)
    found = []
    for name in names:
        found.append(room.carefully(name, lambda name=name: room.lesson(name, sources[name], name in there)))
        on_done(found[-1])
    if not only:
        found.append(room.carefully(CONFIG_FILE, lambda: room.settings(Path(config))))
        on_done(found[-1])
    more = tuple(name for name in sources if name not in there and name not in names)
    return Upgrade(tuple(found), room.before if room.moved else None, more, tuple(sorted(there - sources.keys())))


def _source(course: CourseDirectory, lesson: str) -> Path:
    return Path(course.format_path(course.source_directory, ".", lesson))


@dataclass
class _Room:
    """A class while it is upgraded."""

    course: CourseDirectory
    ask: Callable[[str, Conflict], str]
    dry_run: bool
    moved: set[Path] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.root = Path(self.course.root).resolve()
        stem = f"upgrade-{datetime.now(UTC):%Y%m%d-%H%M%S}"
        folder, number = self.root / STATE_DIR / "before", 1
        while (folder / f"{stem}-{number}").exists():
            number += 1
        self.before = folder / f"{stem}-{number}"

    def carefully(self, name: str, do: Callable[[], Brought]) -> Brought:
        """One thing that cannot be upgraded does not stop the others."""
        try:
            return do()
        except (ClassError, OSError) as error:
            return Brought(name, "failed", error=str(error))

    def lesson(self, name: str, source: Path, there: bool) -> Brought:
        """Bring in a lesson: its notebook, and the files beside it."""
        folder, base = _source(self.course, name).resolve(), self.root / BASE / name
        if not there:
            self._add(source, folder, base)
            return Brought(name, "new")
        new = notebooks.read_source(source)
        mine = _read(folder / f"{name}.ipynb")
        before = _read_base(base / f"{name}.ipynb")
        merged = merge_notebooks(before, mine, new, self._asking(name))
        if merged.result is not mine:
            self._write(folder / f"{name}.ipynb", _as_bytes(merged.result))
        files = self._files(name, source, folder, base)
        if merged.base is not None and merged.base != before:
            self._write(base / f"{name}.ipynb", _as_bytes(merged.base))
        return self._came(name, [merged, *files], before is not None, len(handed_in(self.course, name)))

    def settings(self, config: Path) -> Brought:
        """Bring in what is newer in ``nbgrader_config.py``."""
        path, base = self.root / CONFIG_FILE, self.root / BASE / CONFIG_FILE
        mine, new = path.read_text(encoding="utf-8"), config.read_text(encoding="utf-8")
        before = base.read_text(encoding="utf-8") if base.is_file() else None
        merged = merge_texts(before, mine, new, self._asking(CONFIG_FILE))
        if merged.result != mine:
            _check_python(merged.result)
            self._write(path, merged.result.encode())
        if merged.base is not None and merged.base != before:
            self._write(base, merged.base.encode())
        return self._came(CONFIG_FILE, [merged], before is not None, 0)

    def _files(self, name: str, source: Path, folder: Path, base: Path) -> list[Merged]:
        """Bring in the files beside a notebook, each as a whole."""
        found = []
        for relative, path in notebooks.extra_files(source).items():
            new, mine, before = path.read_bytes(), _bytes(folder / relative), _bytes(base / relative)
            merged = Merged(mine, new)
            if new in (mine, before):
                pass
            elif mine == before:
                merged.result = new
                merged.brought.append(f"{relative}: {'a new file' if mine is None else 'its content'}")
            else:
                why = "edited here and in the newer version" if before is not None else "another one here"
                answer = merged.decide(Conflict(str(relative), _shown(mine), _shown(new), why), self._asking(name))
                merged.result = new if answer == "take" else mine
                merged.base = before if answer == "skip" else new
            if merged.result != mine:
                self._write(folder / relative, new)
            if merged.base is not None and merged.base != before:
                self._write(base / relative, merged.base)
            found.append(merged)
        return found

    def _add(self, source: Path, folder: Path, base: Path) -> None:
        if self.dry_run:
            return
        shutil.rmtree(base, ignore_errors=True)  # of a lesson that was deleted, or of a run that ended here
        write_lesson(source, base)
        aside = base.with_name(f".new-{base.name}")
        shutil.rmtree(aside, ignore_errors=True)
        shutil.copytree(base, aside)
        folder.parent.mkdir(parents=True, exist_ok=True)
        aside.rename(folder)

    def _asking(self, name: str) -> Ask:
        return lambda conflict: self.ask(name, conflict)

    def _write(self, path: Path, content: bytes) -> None:
        """Write a file of the class, and keep it as it was."""
        if self.dry_run:
            return
        if path.is_file() and path not in self.moved:
            kept = self.before / path.relative_to(self.root)
            write_whole(kept, path.read_bytes(), mode=path.stat().st_mode & 0o777)
            self.moved.add(path)
        write_whole(path, content)

    def _came(self, name: str, merged: list[Merged], had_base: bool, count: int) -> Brought:
        brought, kept, skipped = (
            tuple(said for one in merged for said in getattr(one, word)) for word in ("brought", "kept", "skipped")
        )
        return Brought(name, "changed" if brought else "unchanged", brought, kept, skipped, had_base, count)


def _read(path: Path) -> NotebookNode:
    """The instructor's notebook."""
    try:
        return nbformat.read(path, as_version=4)
    except OSError as error:
        raise ClassError(f"{path} cannot be read: {error.strerror}. It was left as it is") from error
    except Exception as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise ClassError(f"{path} is no notebook that can be read ({reason}). It was left as it is") from error


def _read_base(path: Path) -> NotebookNode | None:
    """The lesson as it was brought in; None if that is not known."""
    try:
        return nbformat.read(path, as_version=4)
    except Exception:  # whatever is wrong with it, it says nothing then
        return None


def _as_bytes(nb: Any) -> bytes:
    return (nbformat.writes(nb).rstrip("\n") + "\n").encode()


def _bytes(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def _shown(content: bytes | None) -> str | None:
    if content is None:
        return None
    try:
        return content.decode()
    except UnicodeDecodeError:
        return f"(a file of {len(content)} bytes)\n"


def _check_python(text: str) -> None:
    try:
        compile(text, CONFIG_FILE, "exec")
    except SyntaxError as error:
        raise ClassError(
            f"{CONFIG_FILE} would be no Python any more ({error.msg}, line {error.lineno}), and was left as it is: "
            "compare it with grading/nbgrader_config.py by hand"
        ) from error
