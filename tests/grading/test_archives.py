"""ZIP files from outside are read within limits; what could do harm is refused with a word on why."""

import io
import stat
import struct
import zipfile
from pathlib import PurePosixPath

import pytest

from grading.archives import Archive, Limits, Refused, safe_path
from tests.grading.downloads import zipped

LIMITS = Limits(entries=50, file=100_000, submission=200_000, bomb=20_000, ratio=50)


def entries_of(data: bytes) -> dict[str, str | None]:
    with Archive(data, LIMITS) as archive:
        return {str(entry.path): entry.refused for entry in archive.entries}


def one(name: str, data: bytes = b"1", mode: int = 0, flags: int = 0) -> bytes:
    packed = io.BytesIO()
    info = zipfile.ZipInfo("placeholder")
    info.filename = info.orig_filename = name
    info.external_attr = mode << 16
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(info, data, zipfile.ZIP_DEFLATED)
        info.flag_bits |= flags
    return packed.getvalue()


def test_files_are_listed_and_read_and_folders_are_not_listed():
    data = zipped({"a/": "", "a/b.txt": "text", "Szőke/Ő.txt": "ő"})
    with Archive(data, LIMITS) as archive:
        assert [str(entry.path) for entry in archive.entries] == ["a/b.txt", "Szőke/Ő.txt"]
        assert [archive.read(entry) for entry in archive.entries] == [b"text", "ő".encode()]
        assert archive.entries[0].when.isoformat() == "2030-01-02T12:00:00"


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("../evil", "leads out of its folder"),
        ("a/../../evil", "leads out of its folder"),
        ("a\\..\\..\\evil", "leads out of its folder"),
        ("/etc/passwd", "absolute"),
        ("\\\\server\\share", "absolute"),
        ("C:evil", "absolute"),
        ("c:\\evil", "absolute"),
        ("a\nb", "control characters"),
        ("\x1b[31m", "control characters"),
        ("a" * 256, "too long"),
        ("./.", "has no name"),
    ],
)
def test_a_name_that_is_no_place_is_refused(name, why):
    with pytest.raises(Refused, match=why):
        safe_path(name)
    (refused,) = entries_of(one(name)).values()
    assert why in refused
    with Archive(one(name), LIMITS) as archive:
        assert not archive.entries[0].path.is_absolute()
        assert ".." not in archive.entries[0].path.parts
        with pytest.raises(Refused, match=why):
            archive.read(archive.entries[0])


@pytest.mark.parametrize(
    ("name", "path"),
    [("a/./b", "a/b"), ("a\\b", "a/b"), ("a//b", "a/b"), ("Szo\u030bke", "Sz\u0151ke"), ("..a/b..", "..a/b..")],
)
def test_other_names_are_places(name, path):
    assert safe_path(name) == PurePosixPath(path)


def test_names_in_utf8_that_do_not_say_so_are_read_as_such_and_others_as_the_old_code_page():
    def unflagged(raw: bytes) -> bytes:
        return zipped({"x" * len(raw): "1"}).replace(b"x" * len(raw), raw)

    assert list(entries_of(unflagged("Béla Szőke.txt".encode()))) == ["Béla Szőke.txt"]
    assert list(entries_of(unflagged("Béla.txt".encode("cp437")))) == ["Béla.txt"]


@pytest.mark.parametrize(
    ("mode", "why"),
    [(stat.S_IFLNK | 0o777, "is a link"), (stat.S_IFIFO | 0o600, "a device or a pipe"), (stat.S_IFCHR, "a device")],
)
def test_links_and_devices_are_refused(mode, why):
    assert why in entries_of(one("link", b"/etc/passwd", mode))["link"]


def test_what_is_encrypted_is_refused():
    assert entries_of(one("secret", flags=1)) == {"secret": "is encrypted"}


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_files_of_one_name_are_both_refused():
    found = zipped([("a/b", "1"), ("a\\b", "2"), ("c", "3")])
    with Archive(found, LIMITS) as archive:
        assert [entry.refused for entry in archive.entries] == ["is there more than once"] * 2 + [None]


def test_a_damaged_file_is_told_when_it_is_read():
    data = bytearray(zipped({"a": "1234567890" * 10}))
    data[35] ^= 0xFF
    with Archive(bytes(data), LIMITS) as archive, pytest.raises(Refused, match="is damaged"):
        archive.read(archive.entries[0])


@pytest.mark.parametrize("data", [b"", b"PK", b"no zip at all", b"PK\x05\x06" + b"\xff" * 18, zipped({"a": "1"})[:-30]])
def test_what_is_no_zip_file_is_refused(data):
    with pytest.raises(Refused, match="not a ZIP file"):
        Archive(data, LIMITS)


def test_a_bomb_is_refused_before_a_byte_of_it_is_unpacked():
    with pytest.raises(Refused, match=r"is a ZIP bomb: \d+ bytes would unpack to 90000"):
        Archive(zipped({"bomb": b"\0" * 90_000}), LIMITS)
    noise = bytes(range(256)) * 4
    refused = entries_of(zipped([("bomb", b"\0" * 90_000), *((f"noise{n}", noise + bytes([n])) for n in range(9))]))
    assert "is a ZIP bomb" in refused["bomb"]
    assert refused["noise1"] is None


def test_a_file_that_is_too_large_and_an_archive_with_too_many_are_refused():
    limits = Limits(entries=50, file=5, bomb=10**9)
    with Archive(zipped({"large": "123456", "small": "1"}), limits) as archive:
        assert [bool(entry.refused) for entry in archive.entries] == [True, False]
    with pytest.raises(Refused, match="has 51 entries, more than the 50"):
        Archive(zipped({str(n): "" for n in range(51)}), limits)


def test_a_list_of_entries_of_any_size_is_not_even_read():
    with pytest.raises(Refused, match=r"has a list of entries of \d+ bytes"):
        Archive(zipped({f"{n:0200}": "" for n in range(400)}), LIMITS)


def test_entries_that_share_their_bytes_are_refused():
    data = zipped({"a": bytes(range(200)), "b": bytes(range(200))})
    at = data.rindex(b"PK\x01\x02")
    shared = data[: at + 42] + struct.pack("<L", 0) + data[at + 46 :]
    with pytest.raises(Refused, match=r"b shares its bytes with another entry|not a ZIP file"):
        Archive(shared, LIMITS)


def test_a_file_that_says_less_than_it_unpacks_to_is_damaged():
    data = zipped({"a": b"\0" * 9_000})
    at = data.rindex(b"PK\x01\x02")
    lying = data[: at + 24] + struct.pack("<L", 10) + data[at + 28 :]
    with Archive(lying, LIMITS) as archive, pytest.raises(Refused, match="is damaged"):
        archive.read(archive.entries[0])
