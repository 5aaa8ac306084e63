"""EMNIST's files and labels (Cohen, Afshar, Tapson & van Schaik 2017, arXiv:1702.05373).

A CSV file has one image a row: the label, then 784 pixels 0..255 of a 28 x 28 image, white ink on
black, with or without a header row. EMNIST's images are stored transposed (column after column);
MNIST's, as people share them, upright.
"""

import codecs
import logging
import math
import re
import string
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.csv

from vaepipe.core.errors import InputError
from vaepipe.core.inputs import existing, reading
from vaepipe.core.progress import bar
from vaepipe.datasets.images import Kind, explaining, writing

log = logging.getLogger(__name__)

SIDE = 28
PIXELS = SIDE * SIDE
CLASSES = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabdefghnqrt"
"""The 47 classes of Balanced and ByMerge, in the order of their labels 0..46."""

_ALPHANUMERIC = string.digits + string.ascii_uppercase + string.ascii_lowercase
SPLITS: dict[str, dict[int, str]] = {
    "balanced": dict(enumerate(CLASSES)),
    "bymerge": dict(enumerate(CLASSES)),
    "byclass": dict(enumerate(_ALPHANUMERIC)),
    "letters": dict(enumerate(string.ascii_uppercase, start=1)),
    "digits": dict(enumerate(string.digits)),
    "mnist": dict(enumerate(string.digits)),
}
"""For each official split, the character of each label."""

BLOCK_BYTES = 1 << 20
INK = 127
"""Of 0..255: brighter is ink."""

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


def keep_classes(
    blocks: Iterable[tuple[np.ndarray, np.ndarray]], kind: Kind, target: Path, split: str
) -> None:
    """Write the images of a kind's classes, of blocks of a split's labels and upright images.

    Raises InputError if the split does not have such a class or there is no image of one. Warns
    if the characters are wider than they are high, as they are if they lie on their side.
    """
    kept = _wanted(split, kind.classes)
    counts, extents = np.zeros(len(kind.classes), int), np.zeros(2, int)
    with (
        writing(target, kind, ["image"], np.uint8) as file,
        bar(None, f"reading {Path(kind.source).name}", "image") as moved,
    ):
        for labels, images in blocks:
            new = kept[labels]
            mask = new >= 0
            if mask.any():
                file.write(new[mask], images[mask])
                extents += extent(images[mask])
            counts += np.bincount(new[mask], minlength=len(kind.classes))
            moved.update(len(labels))
    missing = "".join(np.array(kind.classes)[counts == 0])
    if missing:
        raise InputError(
            f"{kind.source}: holds no image of {missing}. Correct `classes` or `split` in "
            "params.yaml, or name another file."
        )
    height, width = extents / counts.sum()
    if width > height:
        log.warning(
            "%s: the characters are %.1f pixels wide and %.1f high on average, and most "
            "are higher than wide. Do they lie on their side? Then `orientation` in params.yaml is "
            "not that of this file.",
            kind.source,
            width,
            height,
        )


def extent(images: np.ndarray) -> np.ndarray:
    """How many rows and columns hold ink, summed over uint8 images (n, height, width): (2,)."""
    ink = images > INK
    return np.array([ink.any(2).sum(), ink.any(1).sum()])


def _wanted(split: str, classes: Sequence[str]) -> np.ndarray:
    """For each label of the split its place in the classes, or -1."""
    labels = {name: label for label, name in SPLITS[split].items()}
    unknown = "".join(name for name in classes if name not in labels)
    if unknown:
        raise InputError(f"params.yaml: classes: {unknown} not in the split '{split}' of EMNIST.")
    kept = np.full(max(labels.values()) + 1, -1)
    for index, name in enumerate(classes):
        kept[labels[name]] = index
    return kept


def upright(images: np.ndarray, orientation: str = "transposed") -> np.ndarray:
    """Images (n, height, width) or rows of their pixels, as stored in a file, to upright images.

    Rows of pixels must be those of square images.
    """
    if images.ndim == 2:
        side = math.isqrt(images.shape[1])
        images = images.reshape(-1, side, side)
    return images.transpose(0, 2, 1) if orientation == "transposed" else images


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
            yield labels, upright(block[:, 1:], orientation)


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


def check_labels(path: Path, labels: np.ndarray, split: str, what: str, before: int) -> None:
    """Raises InputError that names the first label outside a split, by its place in the file.

    The places are counted as `what`; so many come before these.
    """
    allowed = SPLITS[split]
    wrong = np.flatnonzero(~np.isin(labels, list(allowed)))
    if wrong.size:
        raise InputError(
            f"{path}: {what} {before + wrong[0] + 1}: label {labels[wrong[0]]} is outside "
            f"{min(allowed)}..{max(allowed)}, the labels of the split '{split}'. "
            "Is `split` in params.yaml the one of this file?"
        )


def _explain(reason: str, values: bool) -> str:
    if values:
        return f"{reason.removeprefix('CSV parse error: ')[:120]}. {_EXPECTED}"
    return f"{reason}. The file cannot be read to its end: fetch it again."
