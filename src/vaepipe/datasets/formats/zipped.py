"""The writer of what `pictures` reads: PNG files and a table of their attributes, in a zip."""

import csv
import io
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np

from vaepipe.datasets.formats import png

TABLE = "attributes.csv"
"""Its name in the archive."""
FILE = "file"
"""The column of the table that holds the names of pictures."""

_CREATED = (1980, 1, 1, 0, 0, 0)
_UNIX = 3
_READABLE = 0o644 << 16


def write_archive(
    path: Path, table: Mapping[str, Mapping[str, str]], images: Iterable[np.ndarray]
) -> None:
    """Write PNG files and the table `attributes.csv`, the same bytes on every machine.

    Args:
        path: the archive, which is not compressed and states no times.
        table: for each file, in order, the values of its attributes by name, which all have.
        images: uint8 (height, width, 3), in the order of the table.
    """
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(_member(TABLE), _csv(table))
        for name, image in zip(table, images, strict=True):
            archive.writestr(_member(name), png.encode(image))


def _member(name: str) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name, _CREATED)
    member.create_system = _UNIX
    member.external_attr = _READABLE
    return member


def _csv(table: Mapping[str, Mapping[str, str]]) -> str:
    text = io.StringIO(newline="")
    rows = [{FILE: name, **attributes} for name, attributes in table.items()]
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
