"""EMNIST's files and labels (Cohen, Afshar, Tapson & van Schaik 2017, arXiv:1702.05373).

A CSV file has one image a row: the label, then 784 pixels 0..255 of a 28 x 28 image, white ink on
black, with or without a header row. EMNIST's images are stored transposed (column after column);
MNIST's, as people share them, upright.
"""

import codecs
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.csv

from vaepipe.core.errors import InputError
from vaepipe.core.inputs import existing, reading
from vaepipe.datasets.formats.characters import SPLITS, check_labels, keep_classes, upright
from vaepipe.datasets.images import Kind, explaining

SIDE = 28
PIXELS = SIDE * SIDE
BLOCK_BYTES = 1 << 20

_SEPARATORS = re.compile(rb"[,\r\n]")
_NUMBER = re.compile(rb"[-+]?(0[xXoObB][0-9a-fA-F]+|([0-9][0-9_]*\.?|\.)[0-9]*([eE][-+]?[0-9]+)?)")
"""However it is written: no name of a column."""
_EXPECTED = (
    f"Expected a label and {PIXELS} whole numbers 0..255 in each row, in decimal digits without "
    "quotes, separated by commas."
)


def character(code: int, split: str = "balanced") -> str:
    """The character that a number in an EMNIST file stands for, in one of the official splits.

    Such a code is not the label of an image in a data set of this project, which is an index into
    the data set's classes. Raises ValueError for an unknown split or a code outside its range.
    """
    if split not in SPLITS:
        raise ValueError(f"unknown split '{split}', expected one of {', '.join(SPLITS)}")
    if code not in SPLITS[split]:
        low, high = min(SPLITS[split]), max(SPLITS[split])
        raise ValueError(f"label {code} is not in {low}..{high}, the labels of '{split}'")
    return SPLITS[split][code]


def ingest(
    targets: Sequence[Path], train: str, test: str, split: str, orientation: str, classes: str
) -> None:
    """Read the two files of a source into Parquet; raises InputError as `ingest_file` does."""
    for source, target in zip((train, test), targets, strict=True):
        ingest_file(Path(source), target, split, orientation, classes)


def ingest_file(source: Path, target: Path, split: str, orientation: str, classes: str) -> None:
    """Keep the wanted classes of an EMNIST CSV file; label i stands for classes[i].

    Streams: peak memory does not grow with the file. Raises InputError as `read_csv` and
    `keep_classes` do.
    """
    kind = Kind((SIDE, SIDE), tuple(classes), str(source))
    with reading(source):
        keep_classes(read_csv(source, split, orientation), kind, target, split)


def write_csv(target: Path | BinaryIO, labels: np.ndarray, images: np.ndarray) -> None:
    """Write labels (n,) and upright uint8 images (n, 28, 28) in the official form.

    To a path, or to an open binary file at its position.
    """
    rows = np.column_stack([labels, images.transpose(0, 2, 1).reshape(-1, PIXELS)])
    table = pa.table({str(i): column for i, column in enumerate(rows.T.astype(np.uint8))})
    options = pyarrow.csv.WriteOptions(include_header=False, quoting_style="none")
    pyarrow.csv.write_csv(table, target, options)


def read_csv(
    path: Path, split: str, orientation: str = "transposed"
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Stream a CSV file, plain or .gz, as blocks of labels (n,) and upright uint8 (n, 28, 28).

    A header is a first row of 785 names, none of them a number. Empty lines, blanks around a value
    and zeros before it mean nothing. Memory does not grow with the file. Raises InputError that
    names the file and the row if the file is missing, empty or truncated, a row has not 785
    values, a pixel is no whole number 0..255 in decimal digits without quotes, or a label is
    outside the split's range.
    """
    names = ["label", *(f"pixel {i}" for i in range(1, PIXELS + 1))]
    types = dict.fromkeys(names, pa.uint8())
    with explaining(path, _explain):
        header = _header(path)
        rows = 1 if header else 0
        # With threads, pyarrow's errors do not name the row.
        reader = pyarrow.csv.open_csv(
            pa.TransformInputStream(pa.input_stream(path), _refuse_hexadecimal(path, header)),
            pyarrow.csv.ReadOptions(
                column_names=names,
                skip_rows=rows,
                block_size=BLOCK_BYTES,
                use_threads=False,
            ),
            pyarrow.csv.ParseOptions(quote_char=False),
            pyarrow.csv.ConvertOptions(column_types=types, null_values=[]),
        )
        for batch in reader:
            block = np.column_stack([column.to_numpy() for column in batch.columns])
            labels = block[:, 0].astype(np.int64)
            check_labels(path, labels, split, "row", rows)
            rows += len(block)
            yield labels, upright(block[:, 1:].reshape(-1, SIDE, SIDE), orientation)


def _header(path: Path) -> bytes:
    """The first line, if it is a header."""
    with pa.input_stream(existing(path)) as stream:
        start = stream.read(BLOCK_BYTES)
    if not start.strip():
        raise InputError(f"{path}: the file is empty; expected rows of a label and 784 pixels.")
    first = start.splitlines()[0]
    names = [field.strip(b' \t"') for field in first.removeprefix(codecs.BOM_UTF8).split(b",")]
    named = names[0][:1].isalpha() and not any(map(_NUMBER.fullmatch, names))
    return first if named and len(names) == 1 + PIXELS else b""


def _refuse_hexadecimal(path: Path, header: bytes) -> Callable[[pa.Buffer], bytes]:
    """Passes blocks of a file on; raises InputError at an x, since pyarrow reads 0x10 as 16."""
    skipped, lines = len(header), 0

    def check(buffer: pa.Buffer) -> bytes:
        nonlocal skipped, lines
        block = bytes(buffer)
        place = max(block.find(b"x", skipped), block.find(b"X", skipped))
        if place >= 0:
            row = lines + _line_ends(block[:place]) + 1
            start, end = (
                _SEPARATORS.split(block[:place])[-1],
                _SEPARATORS.split(block[place:], 1)[0],
            )
            value = (start + end).decode(errors="replace")[:120]
            raise InputError(f"{path}: row {row}: invalid value '{value}'. {_EXPECTED}")
        skipped = max(0, skipped - len(block))
        lines += _line_ends(block)
        return block

    return check


def _line_ends(block: bytes) -> int:
    return block.count(b"\n") or block.count(b"\r")


def _explain(reason: str, values: bool) -> str:
    if values:
        return f"{reason.removeprefix('CSV parse error: ')[:120]}. {_EXPECTED}"
    return f"{reason}. The file cannot be read to its end: fetch it again."
