"""Images in files of their own, with classes and attributes that folders or tables tell.

A source is one file: an archive, or the index of a folder (see `containers`). For their writer see
`zipped`.
"""

import hashlib
import logging
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from itertools import chain
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from vaepipe.core.errors import InputError
from vaepipe.core.inputs import reading
from vaepipe.core.progress import bar
from vaepipe.datasets.formats.attributes import (
    LARGEST,
    LARGEST_OF_EACH,
    Attributes,
    of_each,
    of_table,
)
from vaepipe.datasets.formats.containers import File, opened
from vaepipe.datasets.formats.decoding import Damaged, Form, decode
from vaepipe.datasets.formats.side_by_side import in_order, threads
from vaepipe.datasets.formats.streams import BLOCK_BYTES
from vaepipe.datasets.images import Kind, Writer, writing

log = logging.getLogger(__name__)

PARTS = ("train", "test")
FOLDERS = "folders"
"""As a label: the folders of the images name their classes."""
EACH = "each"
"""As attributes: each image has a table beside it."""
TOGETHER = 16
"""Images that a thread decodes without a pause, at the most."""

Place = tuple[int, int]
"""Of an image: its part, as an index, and its class."""
Decoded = tuple[str, np.ndarray | Damaged]
"""Of an image: its name, and its pixels or what is wrong with it."""


def ingest(
    targets: Sequence[Path],
    file: str,
    attributes: str | None,
    label: str | None,
    classes: Sequence[str],
    test_share: float | None,
    seed: int | None,
    damaged: str,
    **form: Any,
) -> None:
    """Read the images of the wanted classes into Parquet, train and test.

    Both files are the same bytes whatever the number of threads that decode. Peak memory grows
    with the names and attributes, not with the pixels. Raises InputError that names the file if it
    is damaged or an image is (which is left out where `damaged` is 'skip', and counted in a
    warning), or if there is no image of a class for train or test.
    """
    path, look = Path(file), Form(**form)
    with reading(path):
        images, told = survey(path, attributes)
        of_class = _classes(path, images, label, classes, told)
        places = _split(of_class, test_share, seed)
        kind = Kind(look.shape, tuple(classes), file, told.names)
        counts = _write(path, targets, places, kind, told, look, damaged == "skip")
    for part, found in zip(PARTS, counts, strict=True):
        missing = [name for name, count in zip(classes, found, strict=True) if not count]
        if missing:
            raise InputError(
                f"{file}: holds no image of {', '.join(missing)} for {part}. Correct `classes`, "
                "`label` or `test_share` in params.yaml, or name another file."
            )


def survey(path: Path, source: str | None) -> tuple[list[str], Attributes]:
    """The names of all images and what tables tell of them.

    `source` is the name of a table, 'each', or None. Raises InputError as `containers` and
    `attributes` do, or if there is no such table or no image.
    """
    images, tables = [], {}
    with opened(path) as files:
        for file in files:
            if file.is_image:
                images.append(file.name)
            elif source in (EACH, file.name):
                if file.size > (LARGEST if source == file.name else LARGEST_OF_EACH):
                    raise InputError(f"{path}: {file.name}: is too large for a table.")
                tables[file.name] = file.read()
    if not images:
        raise InputError(f"{path}: holds no image: no PNG, JPEG or WebP.")
    if source is None:
        return images, Attributes((), {})
    if source == EACH:
        return images, of_each(tables, str(path), images)
    if source not in tables:
        raise InputError(f"{path}: holds no table {source}; correct `attributes` in params.yaml.")
    return images, of_table(tables[source], f"{path}: {source}", source, images)


def _classes(
    path: Path, images: Iterable[str], label: str | None, classes: Sequence[str], told: Attributes
) -> dict[str, int]:
    """The class of each image that is of a wanted one."""
    numbers = {name: number for number, name in enumerate(classes)}
    if label not in (None, FOLDERS, *told.names):
        raise InputError(
            f"{path}: has no attribute '{label}'; it has {', '.join(told.names) or 'none'}. "
            "Correct `label` in params.yaml."
        )
    found = {}
    for image in images:
        if label is None:
            names = list(classes)
        elif label == FOLDERS:
            names = list(reversed(_folders(image)))
        else:
            names = [told.values[image][told.names.index(label)]]
        number = next((numbers[name] for name in names if name in numbers), None)
        if number is not None:
            found[image] = number
    return found


def _split(
    of_class: Mapping[str, int], test_share: float | None, seed: int | None
) -> dict[str, Place]:
    """Where each image belongs.

    Without a share: by its folder named train or test. Else of each class those are for testing
    whose names have the smallest SHA-256, so that an image which is added moves few others.
    """
    if test_share is None:
        return {
            image: (PARTS.index(part), number)
            for image, number in of_class.items()
            if (part := next((name for name in _folders(image) if name in PARTS), None))
        }
    members: dict[int, list[str]] = defaultdict(list)
    for image, number in of_class.items():
        members[number].append(image)
    tests = set()
    for names in members.values():
        drawn = sorted(names, key=lambda name: hashlib.sha256(f"{seed} {name}".encode()).digest())
        tests.update(drawn[: round(test_share * len(names))])
    return {image: (int(image in tests), number) for image, number in of_class.items()}


def _folders(image: str) -> tuple[str, ...]:
    return PurePosixPath(image).parts[:-1]


def _write(
    path: Path,
    targets: Sequence[Path],
    places: Mapping[str, Place],
    kind: Kind,
    told: Attributes,
    form: Form,
    skip: bool,
) -> np.ndarray:
    """Write all images that have a place; how many there are, (parts, classes)."""
    counts, left_out = np.zeros((len(PARTS), len(kind.classes)), int), []
    with ExitStack() as stack:
        files = stack.enter_context(opened(path))
        writers = [stack.enter_context(writing(t, kind, ["image"], np.uint8)) for t in targets]
        blocks = [stack.enter_context(_Blocks(writer, told)) for writer in writers]
        moved = stack.enter_context(bar(len(places), f"reading {path.name}", "image"))
        tasks = _tasks((file for file in files if file.name in places), form)
        for name, image in chain.from_iterable(in_order(tasks, threads())):
            moved.update(1)
            if isinstance(image, Damaged):
                if not skip:
                    raise InputError(
                        f"{path}: {name}: {image}. Mend or remove it; `damaged: skip` in "
                        "params.yaml leaves such images out."
                    )
                left_out.append(f"{name} {image}")
                continue
            part, number = places[name]
            blocks[part].add(name, number, image)
            counts[part, number] += 1
    if left_out:
        log.warning(
            "%s: %d of %d images are left out; the first: %s.",
            *(path, len(left_out), len(places), left_out[0]),
        )
    return counts


def _tasks(files: Iterable[File], form: Form) -> Iterator[Callable[[], list[Decoded]]]:
    """What gives the pixels of files, a few of them at a time.

    A task for each would keep threads waiting for each other: a quarter of the whole time. Where
    another error than Damaged is raised, what was found before in its group is not told.
    """
    group, weight = [], 0
    for file in files:
        group.append(_readable_later(file, form))
        weight += max(file.size, math.prod(form.shape))
        if len(group) == TOGETHER or weight >= BLOCK_BYTES:
            yield partial(_decoded, group, form)
            group, weight = [], 0
    yield partial(_decoded, group, form)


def _readable_later(file: File, form: Form) -> File:
    """The file; its content is kept if it could not be read after the next one was taken."""
    if file.lasting or file.size > form.most_bytes:
        return file
    content = file.read()
    return replace(file, read=lambda: content)


def _decoded(files: Iterable[File], form: Form) -> list[Decoded]:
    return [(file.name, _pixels(file, form)) for file in files]


def _pixels(file: File, form: Form) -> np.ndarray | Damaged:
    if file.size > form.most_bytes:
        return Damaged(f"has {file.size} bytes, too many for `most_pixels` in params.yaml")
    try:
        return decode(file.read(), form)
    except Damaged as error:
        return error


class _Blocks:
    """Images that are written a few megabytes at a time."""

    def __init__(self, file: Writer, told: Attributes):
        self._file, self._told = file, told
        self._names: list[str] = []
        self._labels: list[int] = []
        self._images: list[np.ndarray] = []

    def __enter__(self) -> "_Blocks":
        return self

    def __exit__(self, kind: type | None, *_: object) -> None:
        if kind is None:
            self._flush()

    def add(self, name: str, label: int, image: np.ndarray) -> None:
        self._names.append(name)
        self._labels.append(label)
        self._images.append(image)
        if len(self._images) * image.size >= BLOCK_BYTES:
            self._flush()

    def _flush(self) -> None:
        if self._images:
            rows = [self._told.values.get(name, ()) for name in self._names]
            columns = zip(*rows, strict=True)
            told = {
                name: np.array(column, str)
                for name, column in zip(self._told.names, columns, strict=True)
            }
            self._file.write(np.array(self._labels), np.stack(self._images), attributes=told)
            self._names, self._labels, self._images = [], [], []
