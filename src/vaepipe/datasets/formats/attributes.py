"""What tables tell of images: a row each in one table, or a table each beside its image.

One table has a header, whose first column names the files. A table beside an image, as those of
Google's Cartoon Set, has a row for each attribute: its name, its value, and what is not read.
"""

import csv
import io
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from vaepipe.core.errors import InputError

LARGEST_OF_EACH, LARGEST = 1 << 20, 64 << 20
"""Bytes of a table, of one image and of all."""


@dataclass(frozen=True)
class Attributes:
    """Values by the name of the image, in the order of the names of the attributes."""

    names: tuple[str, ...]
    values: Mapping[str, Sequence[str]]


def of_table(content: bytes, table: str, place: str, images: Sequence[str]) -> Attributes:
    """The rows of images in one table, which lies at `place` beside or above them.

    A row names an image by its path from the table's folder or as a whole, or by its last part if
    that is unique; rows of no image are passed over. Raises InputError that names the table, and
    the line or the image, if it is none, or an image has no row.
    """
    header, *rows = _rows(content, table) or [[]]
    names = tuple(header[1:])
    if not names or len(set(names)) < len(names) or not all(names):
        raise InputError(
            f"{table}: line 1: must name a column of files and then attributes, each once."
        )
    values: dict[str, Sequence[str]] = {}
    for line, (file, *told) in enumerate(rows, start=2):
        if len(told) != len(names):
            raise InputError(f"{table}: row {line}: has {len(told) + 1} values, not {len(header)}.")
        if file in values:
            raise InputError(f"{table}: row {line}: {file} has a row before.")
        values[file] = tuple(map(sys.intern, told))
    folder, last = PurePosixPath(place).parent, Counter(PurePosixPath(i).name for i in images)
    found = {}
    for image in images:
        path = PurePosixPath(image)
        keys = [image, *([path.name] if last[path.name] == 1 else [])]
        if path.is_relative_to(folder):
            keys.insert(0, path.relative_to(folder).as_posix())
        row = next((values[key] for key in keys if key in values), None)
        if row is None:
            raise InputError(f"{table}: has no row for {image}.")
        found[image] = row
    return Attributes(names, found)


def of_each(tables: Mapping[str, bytes], source: str, images: Iterable[str]) -> Attributes:
    """The values of images that have a table each, of the same name but for its ending.

    Raises InputError that names the table if one is missing, is none, or tells of other attributes
    than the first.
    """
    names: tuple[str, ...] = ()
    found = {}
    for image in images:
        place = PurePosixPath(image).with_suffix(".csv").as_posix()
        if place not in tables:
            raise InputError(f"{source}: {image} has no {PurePosixPath(place).name} beside it.")
        table = f"{source}: {place}"
        rows = _rows(tables[place], table)
        told = {row[0]: sys.intern(row[1]) for row in rows if len(row) > 1 and row[0]}
        if len(told) < len(rows) or not told:
            raise InputError(f"{table}: must hold rows of an attribute, each once, and its value.")
        names = names or tuple(told)
        if set(told) != set(names):
            other = sorted(set(told) ^ set(names))[0]
            raise InputError(f"{table}: the tables before it differ from it in '{other}'.")
        found[image] = tuple(told[name] for name in names)
    return Attributes(names, found)


def _rows(content: bytes, table: str) -> list[list[str]]:
    """The rows of a table in UTF-8, but for blank ones."""
    try:
        text = content.decode("utf-8-sig")
        reader = csv.reader(io.StringIO(text, newline=""), skipinitialspace=True)
        return [[cell.strip() for cell in row] for row in reader if row]
    except (ValueError, csv.Error) as error:
        raise InputError(f"{table}: not a table of comma-separated text ({error}).") from error
