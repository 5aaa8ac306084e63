"""CIFAR-10's files (Krizhevsky 2009): labelled colour images of 32 x 32 pixels in ten classes.

<https://www.cs.toronto.edu/~kriz/cifar.html> describes them. A record is a label 0..9 and 3,072
pixels, all rows of red, then of green, then of blue. The binary version is files of such records
and nothing else; the Python version is pickled dicts of the same, `data` (n, 3072) and `labels`.
Both come as an archive of the training images in numbered batches and the test images in one.
"""

import io
import re
import tarfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np

from vaepipe.core.errors import InputError
from vaepipe.core.inputs import reading
from vaepipe.datasets.formats import pickles
from vaepipe.datasets.formats.classes import write_classes
from vaepipe.datasets.formats.stored import stored
from vaepipe.datasets.formats.streams import BLOCK_BYTES, Stream, opened
from vaepipe.datasets.formats.tar import ENDINGS, Member, members
from vaepipe.datasets.images import Kind

CLASSES = (
    *("airplane", "automobile", "bird", "cat", "deer"),
    *("dog", "frog", "horse", "ship", "truck"),
)
"""In the order of their labels 0..9."""

SHAPE = (32, 32, 3)
STORED = (3, 32, 32)
PIXELS = 3 * 32 * 32
RECORD = 1 + PIXELS

PARTS = ("train", "test")
_BATCH = re.compile(r"(data_batch_([1-9][0-9]?)|test_batch)(\.bin)?")


def ingest(targets: Sequence[Path], train: str, test: str, classes: Sequence[str]) -> None:
    """Read both splits of a source into Parquet; raises InputError as `ingest_part` does."""
    for part, source, target in zip(PARTS, (train, test), targets, strict=True):
        ingest_part(Path(source), part, target, classes)


def ingest_part(source: Path, part: str, target: Path, classes: Sequence[str]) -> None:
    """Keep the wanted classes of a file of records, or of train or test in an archive.

    Label i stands for classes[i]. Streams: peak memory does not grow with the file. Raises
    InputError as `read` does, and if there is no image of a class.
    """
    kind = Kind(SHAPE, tuple(classes), str(source))
    with reading(source):
        labels = [CLASSES.index(name) for name in classes]
        missing = write_classes(read(source, part), labels, kind, target)
    if missing:
        raise InputError(
            f"{source}: holds no image of {', '.join(missing)} for {part}. Correct `classes` in "
            "params.yaml, or name another file."
        )


def read(path: Path, part: str) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Stream a split as blocks of labels (n,) and upright uint8 images (n, 32, 32, 3).

    An archive, known by its name, holds both splits, in the order in which its batches lie there;
    any other file is one of records, plain or packed by gzip. Raises InputError that names the
    file, and the member of an archive, if it is damaged or cut off, a label is above 9, a member
    is missing, twice there, a link or of another form, or a pickled one holds anything else.
    """
    archived = path.name.endswith(ENDINGS)
    blocks = _read_archive(path, part) if archived else _read_records(path)
    for labels, pixels in blocks:
        yield labels.astype(np.int64), pixels.reshape(-1, *STORED).transpose(0, 2, 3, 1)


def write(target: Path | BinaryIO, labels: np.ndarray, images: np.ndarray) -> None:
    """Write labels (n,) and uint8 images (n, 32, 32, 3) as records, packed if named .gz.

    To a path, or to an open binary file at its position.
    """
    pixels = images.transpose(0, 3, 1, 2).reshape(-1, PIXELS)
    content = np.column_stack([labels, pixels]).astype(np.uint8).tobytes()
    if isinstance(target, Path):
        packed = target.suffix == ".gz"
        target.write_bytes(stored(content) if packed else content)
    else:
        target.write(content)


def write_archive(
    path: Path,
    train: Sequence[tuple[np.ndarray, np.ndarray]],
    test: tuple[np.ndarray, np.ndarray],
) -> None:
    """Write batches of labels and images, as `write` takes them, in the form of the binary version.

    The same bytes for the same images, on every machine.
    """
    named = [(f"data_batch_{i}.bin", batch) for i, batch in enumerate(train, start=1)]
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, batch in [*named, ("test_batch.bin", test)]:
            content = io.BytesIO()
            write(content, *batch)
            member = tarfile.TarInfo(f"cifar-10-batches-bin/{name}")
            member.size = content.tell()
            content.seek(0)
            archive.addfile(member, content)
    path.write_bytes(stored(whole.getvalue()))


def _read_records(path: Path) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    with opened(path) as stream:
        yield from _records(stream)


def _read_archive(path: Path, part: str) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    found: dict[str, int] = {}
    for member in members(path):
        if not (match := _BATCH.fullmatch(member.name)):
            continue
        stem, number, is_binary = match.groups()
        if stem in found:
            raise InputError(f"{path}: holds {stem} twice.")
        found[stem] = int(number or 0)
        if not member.is_file:
            raise InputError(f"{member.stream.name}: is a link or a device, no plain file.")
        if (part == "train") == bool(number):
            yield from (_records(member.stream) if is_binary else _pickled(member))
    batches = range(1, max([1, *found.values()]) + 1)
    for name in (*(f"data_batch_{i}" for i in batches), "test_batch"):
        if name not in found:
            raise InputError(f"{path}: holds no {name}; is it an archive of CIFAR-10?")


def _records(stream: Stream) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Labels (n,) and pixels (n, 3072) of records, to the stream's end."""
    done = 0
    while content := stream.read(_most() * RECORD):
        records = np.frombuffer(content[: len(content) // RECORD * RECORD], np.uint8)
        records = records.reshape(-1, RECORD)
        _check_labels(stream.name, records[:, 0], done)
        done += len(records)
        if len(content) % RECORD:
            raise InputError(
                f"{stream.name}: record {done + 1} is cut off: a record has {RECORD} bytes."
            )
        yield records[:, 0], records[:, 1:]
    if not done:
        raise InputError(f"{stream.name}: holds no record.")


def _pickled(member: Member) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Labels (n,) and pixels (n, 3072) of a pickled batch."""
    name = member.stream.name
    if member.size > pickles.LARGEST:
        raise InputError(f"{name}: larger than {pickles.LARGEST >> 20} MB, too large for a batch.")
    batch = pickles.load(member.stream.read(member.size), name)
    pixels, labels = batch.get(b"data"), batch.get(b"labels")
    if not isinstance(pixels, np.ndarray) or pixels.shape[1:] != (PIXELS,) or not len(pixels):
        raise InputError(f"{name}: its `data` are no array (n, {PIXELS}) of bytes.")
    whole = isinstance(labels, list) and all(type(label) is int for label in labels)
    if not whole or len(labels) != len(pixels):
        raise InputError(f"{name}: its `labels` are no list of {len(pixels)} whole numbers.")
    _check_labels(name, labels, 0)
    for start in range(0, len(pixels), most := _most()):
        yield np.array(labels[start : start + most]), pixels[start : start + most]


def _most() -> int:
    """Records at a time."""
    return max(1, BLOCK_BYTES // RECORD)


def _check_labels(name: str, labels: np.ndarray | list[int], before: int) -> None:
    """Raises InputError that names the first label that is none; so many records come before."""
    wrong = [i for i, label in enumerate(labels) if not 0 <= label < len(CLASSES)]
    if wrong:
        raise InputError(
            f"{name}: record {before + wrong[0] + 1}: label {labels[wrong[0]]} is outside 0..9."
        )
