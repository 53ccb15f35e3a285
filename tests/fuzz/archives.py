"""What is done to archives: parts changed and packed again, names that lead elsewhere, sizes that lie, bombs."""

from __future__ import annotations

import io
import random
import struct
import warnings
import zipfile

from tests.fuzz.mutate import mutated

__all__ = ["mutated_archive", "packed", "unpacked"]

_NAMES = (
    "../evil",
    "/etc/evil",
    "a\\..\\b",
    "xl/../xl/workbook.xml",
    "C:x",
    "",
    "a\x00b",
    "ü" * 200,
    "evil.npy",
    "[Content_Types].xml",
)
_LINK = 0o120777 << 16


def unpacked(content: bytes) -> dict[str, bytes]:
    """The parts of an archive by name."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts: list[tuple[str, bytes]], *, method: int = zipfile.ZIP_DEFLATED, link: str | None = None) -> bytes:
    """An archive; a name may stand twice, and one part may say that it is a link."""
    file = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(file, "w", method) as archive:
        warnings.simplefilter("ignore")  # of names that stand twice
        for name, content in parts:
            info = zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0))
            info.compress_type = method
            if name == link:
                info.create_system, info.external_attr = 3, _LINK
            archive.writestr(info, content)
    return file.getvalue()


def mutated_archive(content: bytes, rng: random.Random, words: tuple[str, ...] = ()) -> bytes:
    """The archive after changes inside of its parts, to its list of parts, or to its bytes."""
    how = rng.random()
    if how < 0.2:
        return mutated(content, rng)
    if how < 0.27:
        return _with_false_numbers(content, rng)
    parts = list(unpacked(content).items())
    for _ in range(rng.choice((1, 1, 2, 3))):
        _CHANGES[rng.randrange(len(_CHANGES))](parts, rng, words)
    method = rng.choice((zipfile.ZIP_DEFLATED,) * 6 + (zipfile.ZIP_STORED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA))
    link = parts[rng.randrange(len(parts))][0] if parts and rng.random() < 0.05 else None
    return packed(parts, method=method, link=link)


Parts = list[tuple[str, bytes]]


def _inside(parts: Parts, rng: random.Random, words: tuple[str, ...]) -> None:
    if parts:
        at = rng.randrange(len(parts))
        parts[at] = (parts[at][0], mutated(parts[at][1], rng, words))


def _swap(parts: Parts, rng: random.Random, _: tuple[str, ...]) -> None:
    if parts:
        one, two = rng.randrange(len(parts)), rng.randrange(len(parts))
        (first, a), (second, b) = parts[one], parts[two]
        parts[one], parts[two] = (first, b), (second, a)


def _drop(parts: Parts, rng: random.Random, _: tuple[str, ...]) -> None:
    if parts:
        del parts[rng.randrange(len(parts))]


def _double(parts: Parts, rng: random.Random, _: tuple[str, ...]) -> None:
    if parts:
        name, content = rng.choice(parts)
        parts.insert(rng.randint(0, len(parts)), (rng.choice((name, name.upper(), f"/{name}")), mutated(content, rng)))


def _rename(parts: Parts, rng: random.Random, _: tuple[str, ...]) -> None:
    if parts:
        at = rng.randrange(len(parts))
        parts[at] = (rng.choice(_NAMES), parts[at][1])


def _add(parts: Parts, rng: random.Random, _: tuple[str, ...]) -> None:
    parts.append((rng.choice(_NAMES), rng.randbytes(20)))


def _bomb(parts: Parts, rng: random.Random, _: tuple[str, ...]) -> None:
    """A part that unpacks to some 30 MB: more than a ratio allows, and quick to make."""
    if parts:
        at = rng.randrange(len(parts))
        name, content = parts[at]
        cut = rng.randint(0, len(content))
        parts[at] = (name, content[:cut] + rng.choice((b" ", b"\x00", b"<c/>", b"a")) * 30_000_000)


def _with_false_numbers(content: bytes, rng: random.Random) -> bytes:
    """Checksums, sizes and places in the list of parts that are not true."""
    raw = bytearray(content)
    starts = [at for at in range(len(raw) - 46) if raw[at : at + 4] in (b"PK\x01\x02", b"PK\x03\x04", b"PK\x05\x06")]
    for _ in range(rng.randint(1, 3)):
        at = rng.choice(starts) + rng.choice((6, 8, 10, 14, 16, 18, 20, 22, 24, 26, 28, 30, 38, 42))
        width = rng.choice((2, 4))
        value = rng.choice((0, 1, 2**31 - 1, 2**32 - 1, rng.randrange(2**32)))
        raw[at : at + width] = struct.pack("<I", value)[:width]
    return bytes(raw)


_CHANGES = (_inside, _inside, _inside, _inside, _inside, _inside, _swap, _drop, _double, _rename, _add, _bomb)
