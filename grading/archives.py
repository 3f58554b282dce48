"""ZIP files from outside: read into memory within limits, or refused with a plain word on why.

Nothing is ever unpacked by a name that an archive brings: names are checked, and only then are they places.
"""

import io
import re
import stat
import sys
import unicodedata
import zipfile
import zlib
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime
from lzma import LZMAError
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

__all__ = ["Archive", "Entry", "Limits", "Refused", "safe_path"]

BROKEN = (zipfile.BadZipFile, zlib.error, LZMAError, EOFError, NotImplementedError, RuntimeError, OSError, ValueError)
"""What `zipfile` and what it stands on raise where the bytes are not what they should be."""


class Refused(ValueError):
    """An archive, or something in it, that is not taken; the message says why."""


@dataclass(frozen=True)
class Limits:
    """How much is read.

    Attributes
    ----------
    entries : int
        Files and folders in one archive.
    file, submission : int
        Bytes of one file, and of all that one student handed in, unpacked.
    bomb, ratio : int
        What unpacks to more than so many bytes, and to more than so many times its size, is no work of a student's.
    """

    entries: int = 200_000
    file: int = 100_000_000
    submission: int = 100_000_000
    bomb: int = 32 * 2**20
    ratio: int = 200


@dataclass(frozen=True)
class Entry:
    """A file in an archive: where it says it belongs, its size, when it was put in, or why it is refused."""

    path: PurePosixPath
    size: int
    when: datetime | None
    refused: str | None
    info: zipfile.ZipInfo = field(repr=False, compare=False)


class Archive:
    """An open ZIP file. Use it as a context manager.

    Parameters
    ----------
    source : Path or bytes
    limits : Limits

    Raises
    ------
    Refused
        If it is no ZIP file, is damaged, has too many entries, or is a bomb as a whole.
    """

    def __init__(self, source: Path | bytes, limits: Limits):
        self.limits = limits
        self._file = io.BytesIO(source) if isinstance(source, bytes) else source.open("rb")
        try:
            self._zip = _opened(self._file, limits)
            packed = self._file.seek(0, io.SEEK_END)
            self._check(self._zip.infolist(), packed)
            self.entries = _entries(self._zip.infolist(), limits)
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> "Archive":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._zip.close()
        self._file.close()

    def _check(self, infos: list[zipfile.ZipInfo], packed: int) -> None:
        if len(infos) > self.limits.entries:
            raise Refused(f"has {len(infos)} entries, more than the {self.limits.entries} that are read")
        total = sum(info.file_size for info in infos)
        if total > self.limits.bomb and total > self.limits.ratio * packed:
            raise Refused(f"is a ZIP bomb: {packed} bytes would unpack to {total}")
        end = 0
        for info in sorted(infos, key=lambda info: info.header_offset):
            if info.header_offset < end:
                raise Refused(f"is a ZIP bomb: {_named(info)} shares its bytes with another entry")
            end = info.header_offset + info.compress_size

    def read(self, entry: Entry) -> bytes:
        """Give the bytes of a file; raises `Refused` for one that is refused, or turns out to be damaged."""
        if entry.refused:
            raise Refused(entry.refused)
        try:
            return self._zip.read(entry.info)  # no more than it says that it has
        except BROKEN as error:
            raise Refused(f"is damaged: {error}") from error


class _Bounded:
    """A file of which not too much is read at once: an archive's list of entries comes in one piece."""

    def __init__(self, file: BinaryIO, most: int):
        self._file, self.most = file, most

    def read(self, size: int = -1) -> bytes:
        if size > self.most:
            raise Refused(f"has a list of entries of {size} bytes, more than the {self.most} that are read")
        return self._file.read(size)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


def _opened(file: BinaryIO, limits: Limits) -> zipfile.ZipFile:
    bounded = _Bounded(file, max(70_000, 300 * limits.entries))
    try:
        opened = zipfile.ZipFile(bounded)
    except Refused:
        raise
    except BROKEN as error:
        raise Refused(f"is not a ZIP file, or is damaged: {error}") from error
    bounded.most = sys.maxsize
    return opened


def safe_path(name: str) -> PurePosixPath:
    """Give the place that a name means, below wherever it will be put.

    Parameters
    ----------
    name : str
        With ``/`` between its parts, or ``\\`` as some programs for Windows have it.

    Returns
    -------
    PurePosixPath
        Relative, without ``..``, in Unicode's form NFC.

    Raises
    ------
    Refused
        If the name is absolute, leads out, or is none.
    """
    name = unicodedata.normalize("NFC", name.replace("\\", "/"))
    if any(unicodedata.category(char) in ("Cc", "Cs") for char in name):
        raise Refused("has a name with control characters")
    if name.startswith("/") or re.match(r"[A-Za-z]:", name):
        raise Refused("has an absolute name")
    path = PurePosixPath(name)
    if ".." in path.parts:
        raise Refused("has a name that leads out of its folder")
    if not path.parts:
        raise Refused("has no name")
    if any(len(part.encode()) > 255 for part in path.parts) or len(name.encode()) > 2_000:
        raise Refused("has a name that is too long")
    return path


def _entries(infos: list[zipfile.ZipInfo], limits: Limits) -> tuple[Entry, ...]:
    entries = [_entry(info, limits) for info in infos]
    files = [entry for entry in entries if entry.refused or not entry.info.orig_filename.endswith(("/", "\\"))]
    often = Counter(entry.path for entry in files)
    return tuple(
        entry if entry.refused or often[entry.path] == 1 else replace(entry, refused="is there more than once")
        for entry in files
    )


def _entry(info: zipfile.ZipInfo, limits: Limits) -> Entry:
    name, refused = _named(info), None
    try:
        path = safe_path(name)
        refused = _why_not(info, limits)
    except Refused as error:
        parts = [part for part in re.split(r"[\\/]", name) if part not in ("", ".", "..")]
        path, refused = PurePosixPath(*(parts or ["?"])), str(error)
    try:
        when = datetime(*info.date_time)
    except ValueError:
        when = None
    return Entry(path, info.file_size, when, refused, info)


def _why_not(info: zipfile.ZipInfo, limits: Limits) -> str | None:
    kind = stat.S_IFMT(info.external_attr >> 16)
    if "\0" in info.orig_filename:
        return "has a name with control characters"
    if kind == stat.S_IFLNK:
        return "is a link"
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        return "is a device or a pipe"
    if info.flag_bits & 0x1:
        return "is encrypted"
    if info.file_size > limits.file:
        return f"would have {info.file_size} bytes, more than the {limits.file} that are read"
    if info.file_size > limits.bomb and info.file_size > limits.ratio * info.compress_size:
        return f"is a ZIP bomb: {info.compress_size} bytes would unpack to {info.file_size}"
    return None


def _named(info: zipfile.ZipInfo) -> str:
    """The entry's name. Many programs write UTF-8 without saying so, which reads as the code page of the first PC."""
    if info.flag_bits & 0x800:
        return info.orig_filename
    try:
        return info.orig_filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return info.orig_filename
