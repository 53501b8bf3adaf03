"""The blocks of a PBF file, looked through before the reader of C++ sees them.

The reader keeps tags as texts that a zero byte ends. A zero byte inside of one, as a turned bit
can make it, sends it beyond the end of its memory. So the texts of every block are checked first.

The format is described at https://wiki.openstreetmap.org/wiki/PBF_Format.
"""

import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

#: Largest header and largest block that the format allows [bytes].
LARGEST_HEADER, LARGEST_BLOCK = 64 * 1024, 32 * 1024 * 1024
#: Numbers of the fields of messages.
TYPE, DATA_SIZE, RAW, ZLIB, STRINGS, STRING = 1, 3, 1, 3, 1, 1
#: An empty text: the number of its field and form, and its length.
EMPTY = bytes((STRING << 3 | 2, 0))

Value = int | memoryview


def check_texts(path: Path) -> None:
    """Look through the texts of all blocks, but for those packed other than by zlib.

    Raises
    ------
    ValueError
        If the file is cut off, a block is broken or a text has a zero byte in it.
    OSError
        If it cannot be read.
    """
    with path.open("rb") as file:
        for block in _blocks(file):
            for number, strings in _fields(block):
                if number == STRINGS and isinstance(strings, memoryview):
                    _check(strings)


def _blocks(file: BinaryIO) -> Iterator[memoryview]:
    """Content of every block of data."""
    while length := file.read(4):
        header = dict(_fields(_exactly(file, int.from_bytes(length, "big"), LARGEST_HEADER)))
        size, kind = header.get(DATA_SIZE), header.get(TYPE)
        if not isinstance(size, int) or not isinstance(kind, memoryview):
            raise ValueError("a block has no head")  # noqa: TRY004 - broken content, no wrong call
        blob = dict(_fields(_exactly(file, size, LARGEST_BLOCK)))
        if bytes(kind) != b"OSMData":
            continue
        raw, packed = blob.get(RAW), blob.get(ZLIB)
        if isinstance(raw, memoryview):
            yield raw
        elif isinstance(packed, memoryview):
            yield _unpack(packed)


def _exactly(file: BinaryIO, size: int, largest: int) -> memoryview:
    if size > largest:
        raise ValueError(f"a block of {size} bytes is larger than the format allows")
    content = file.read(size)
    if len(content) < size:
        raise ValueError("the file is cut off")
    return memoryview(content)


def _unpack(packed: memoryview) -> memoryview:
    machine = zlib.decompressobj()
    try:
        content = machine.decompress(packed, LARGEST_BLOCK)
    except zlib.error as error:
        raise ValueError(f"a block does not unpack: {error}") from error
    if not machine.eof:
        raise ValueError("a block is cut off or larger than the format allows")
    return memoryview(content)


def _check(strings: memoryview) -> None:
    """Look through one table of texts."""
    content = bytes(strings)
    # Tables begin with an empty text, whose length is the only zero that most of them have.
    if content.count(0) == content.startswith(EMPTY):
        return
    for _, text in _fields(strings):
        if isinstance(text, memoryview) and 0 in bytes(text):
            raise ValueError("a text has a zero byte in it")


def _fields(message: memoryview) -> Iterator[tuple[int, Value]]:
    """Number and value of every field of a message."""
    place = 0
    while place < len(message):
        key, place = _number(message, place)
        form = key & 7
        if form == 0:
            value, place = _number(message, place)
            yield key >> 3, value
            continue
        size = {1: 8, 5: 4}.get(form)
        if form == 2:
            size, place = _number(message, place)
        if size is None or place + size > len(message):
            raise ValueError("a block is broken")
        yield key >> 3, message[place : place + size]
        place += size


def _number(message: memoryview, place: int) -> tuple[int, int]:
    """Number written in groups of seven bits, and the place after it."""
    value = 0
    for shift in range(0, 70, 7):
        if place >= len(message):
            break
        byte = message[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, place
    raise ValueError("a block is broken")
