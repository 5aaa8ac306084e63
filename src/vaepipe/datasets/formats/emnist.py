"""EMNIST's files and labels (Cohen, Afshar, Tapson & van Schaik 2017, arXiv:1702.05373).

A CSV file has one image a row: the label, then 784 pixels 0..255 of a 28 x 28 image, white ink on
black, with or without a header row. EMNIST's images are stored transposed (column after column);
MNIST's, as people share them, upright.
"""

import codecs
import re
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import chain
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.csv

from vaepipe.core.errors import InputError
from vaepipe.core.inputs import existing, reading
from vaepipe.datasets.formats.characters import SPLITS, check_labels, keep_classes, upright
from vaepipe.datasets.formats.side_by_side import in_order, threads
from vaepipe.datasets.formats.streams import BLOCK_BYTES
from vaepipe.datasets.images import Kind, explaining

SIDE = 28
PIXELS = SIDE * SIDE
MOST_THREADS = 4
"""More would wait for what is written."""

_LINE_ENDS = b"\r\n"
_ROW = re.compile(r"([Rr]ow #?)(\d+)")
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
    rows = 0

    def explain(reason: str, values: bool) -> str:
        return _explain(_counted(reason, rows), values)

    with explaining(path, explain), pa.input_stream(existing(path)) as stream:
        lines = _whole_lines(stream)
        first = next((part for part in lines if part.strip(_LINE_ENDS)), b"").lstrip(_LINE_ENDS)
        if not first.strip():
            raise InputError(f"{path}: the file is empty; expected rows of a label and 784 pixels.")
        header = _header(first)
        rows = 1 if header else 0
        some = chain([first[len(header) :]], lines)
        tasks = (partial(_parsed, part) for part in some if part.strip(_LINE_ENDS))
        for values in in_order(tasks, min(threads(), MOST_THREADS)):
            labels = values[:, 0].astype(np.int64)
            check_labels(path, labels, split, "row", rows)
            rows += len(values)
            yield labels, upright(values[:, 1:].reshape(-1, SIDE, SIDE), orientation)


def _whole_lines(stream: BinaryIO) -> Iterator[bytes]:
    """What a stream holds, a few megabytes at a time, cut at ends of lines; no byte order mark."""
    rest = stream.read(len(codecs.BOM_UTF8)).removeprefix(codecs.BOM_UTF8)
    while block := stream.read(BLOCK_BYTES):
        end = 1 + (block.rfind(b"\n") if b"\n" in block else block.rfind(b"\r"))
        if end or len(rest) > BLOCK_BYTES:  # a line of megabytes is none of 785 values
            yield rest + block[:end]
            rest = b""
        rest += block[end:]
    yield rest


def _header(lines: bytes) -> bytes:
    """The first of some lines, with its end, if it is a header."""
    first = lines.splitlines(keepends=True)[0]
    names = [field.strip(b' \t"') for field in first.rstrip(_LINE_ENDS).split(b",")]
    named = names[0][:1].isalpha() and not any(map(_NUMBER.fullmatch, names))
    return first if named and len(names) == 1 + PIXELS else b""


def _parsed(lines: bytes) -> np.ndarray:
    """The values of lines, uint8 (n, 785); raises ValueError that names a row among these."""
    _refuse_what_arrow_takes(lines)
    names = ["label", *(f"pixel {i}" for i in range(1, PIXELS + 1))]
    table = pyarrow.csv.read_csv(
        pa.BufferReader(lines),
        # With threads of its own, pyarrow's errors do not name the row.
        pyarrow.csv.ReadOptions(column_names=names, block_size=len(lines) + 1, use_threads=False),
        pyarrow.csv.ParseOptions(quote_char=False),
        pyarrow.csv.ConvertOptions(column_types=dict.fromkeys(names, pa.uint8()), null_values=[]),
    )
    return np.concatenate([batch.to_tensor().to_numpy() for batch in table.to_batches()])


def _refuse_what_arrow_takes(lines: bytes) -> None:
    """Raises ValueError at an x, since pyarrow reads 0x10 as 16, and at a mark that it skips."""
    places = [lines.find(b"x"), lines.find(b"X"), 0 if lines.startswith(codecs.BOM_UTF8) else -1]
    place = min((place for place in places if place >= 0), default=None)
    if place is not None:
        start, end = _SEPARATORS.split(lines[:place])[-1], _SEPARATORS.split(lines[place:], 1)[0]
        value = (start + end).decode(errors="replace")[:120]
        # Empty lines are no rows; of the row of the place there is at least this dot.
        row = sum(map(bool, (lines[:place] + b".").splitlines()))
        raise ValueError(f"row {row}: invalid value '{value}'")


def _counted(reason: str, before: int) -> str:
    """What is wrong, with the row that it names counted from the file's begin."""
    return _ROW.sub(lambda found: f"{found[1]}{before + int(found[2])}", reason, count=1)


def _explain(reason: str, values: bool) -> str:
    if values:
        return f"{reason.removeprefix('CSV parse error: ')[:120]}. {_EXPECTED}"
    return f"{reason}. The file cannot be read to its end: fetch it again."
