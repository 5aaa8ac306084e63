"""Mutated CSV files: what is read is what a strict reader reads, or the file is refused.

`python tests/unit/datasets/formats/test_emnist_fuzz.py 10000` tries more of them.
"""

import gzip
import random
import re
import sys
import tempfile
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from vaepipe.core.errors import InputError
from vaepipe.datasets.formats import emnist

INSERTED = [
    *(b"x", b"X", b"0x1", b"0X10", b"O", b"l", b"+", b"-", b"e", b"1e2", b".", b"_", b"nan", b"\0"),
    *(
        b" ",
        b"\t",
        b'"',
        b'""',
        b"\n",
        b"\r",
        b"\r\n",
        b"\n\n",
        b",",
        b",,",
        b";",
        b"0",
        b"9",
        b"\x0b",
    ),
    *(b"\xef\xbb\xbf", b"\xff", b"\xc2\xa0", b"\xd9\xa1", b"#", b"label,", b"NA", b"0b1", b"0o7"),
]


def strict(content: bytes) -> list[list[int]] | None:
    """The rows of a file, None if it is to be refused.

    Lenient where the reader says so: a byte order mark, a header of 785 names, empty lines, blanks
    around a value, zeros before it.
    """
    lines = content.removeprefix(b"\xef\xbb\xbf").splitlines()
    if lines and _is_header(lines[0]):
        lines = lines[1:]
    rows = [line.split(b",") for line in lines if line]
    values = [[re.fullmatch(rb"[ \t]*([0-9]+)[ \t]*", field) for field in row] for row in rows]
    if not rows or any(len(row) != 785 or None in row for row in values):
        return None
    numbers = [[int(match[1]) for match in row] for row in values]
    good = all(row[0] <= 46 and max(row) <= 255 for row in numbers)
    return numbers if good else None


def _is_header(line: bytes) -> bool:
    names = [field.strip(b' \t"') for field in line.split(b",")]
    return len(names) == 785 and names[0][:1].isalpha() and not any(n.isdigit() for n in names)


def original(rng: random.Random) -> bytes:
    rows = [[rng.randrange(47), *(rng.choice((0, 0, 7, 255)) for _ in range(784))] for _ in "123"]
    lines = [",".join(map(str, row)) for row in rows]
    if rng.random() < 0.3:
        lines.insert(0, ",".join(["label", *(f"pixel{i}" for i in range(784))]))
    end = rng.choice(("\n", "\n", "\r\n", "\r"))
    return (end.join(lines) + rng.choice(("", end))).encode()


def mutated(content: bytes, rng: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(rng.choice((1, 1, 2, 3))):
        near = rng.choice((8, 60, len(changed)))  # what decides on the header stands in front
        place = rng.randrange(min(near, len(changed)))
        match rng.randrange(5):
            case 0:
                changed[place] = rng.randrange(256)
            case 1:
                changed[place:place] = rng.choice(INSERTED)
            case 2:
                changed[place : place + 1] = rng.choice(INSERTED)
            case 3:
                del changed[place : place + rng.choice((1, 2, 1000))]
            case 4:
                changed[place:place] = changed[place : place + rng.choice((1, 3, 1600))]
        if not changed:
            return b""
    return bytes(changed)


def read(path: Path) -> list[list[int]] | None:
    try:
        blocks = list(emnist.read_csv(path, "balanced"))
    except InputError as error:
        assert str(path) in str(error)
        return None
    return [
        [int(label), *image.T.ravel().tolist()]
        for labels, images in blocks
        for label, image in zip(labels, images, strict=True)
    ]


def tried(seed: int, folder: Path) -> str:
    """How a mutated file was read; raises AssertionError if that is wrong."""
    rng = random.Random(seed)
    content = mutated(original(rng), rng)
    packed = rng.random() < 0.1
    path = folder / ("x.csv.gz" if packed else "x.csv")
    path.write_bytes(gzip.compress(content) if packed else content)
    expected, found = strict(content), read(path)
    assert found is None or found == expected, f"seed {seed}: {content[:80]!r}"
    if found is None:
        return "refused" if expected is None else "refused, though a strict reader takes it"
    return "read"


@pytest.mark.parametrize("first", range(0, 200, 50))
def test_mutated_files_are_read_rightly_or_refused(tmp_path, first):
    counts = Counter(tried(seed, tmp_path) for seed in range(first, first + 50))
    assert set(counts) == {"read", "refused"}


def test_the_strict_reader_reads_what_was_written(tmp_path):
    path = tmp_path / "x.csv"
    labels, images = np.array([3, 46]), np.arange(2 * 784).reshape(2, 28, 28).astype(np.uint8)
    emnist.write_csv(path, labels, images)
    assert strict(path.read_bytes()) == read(path)
    assert [row[0] for row in read(path)] == [3, 46]


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        print(Counter(tried(seed, Path(name)) for seed in range(int(sys.argv[1]))))
