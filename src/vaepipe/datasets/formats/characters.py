"""Files of characters, whatever their form: EMNIST's labels, orientation, classes that are kept."""

import logging
import string
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from vaepipe.core.errors import InputError
from vaepipe.datasets.formats.classes import write_classes
from vaepipe.datasets.images import Kind

log = logging.getLogger(__name__)

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

INK = 127
"""Of 0..255: brighter is ink."""
SHORTEST, LONGEST = 11, 1024
"""Pixels of a side of an image: the window of SSIM has 11."""


def check_sides(name: str, shape: Sequence[int]) -> None:
    """Raises InputError if the images in a file, (height, width), are too small or too large."""
    if len(shape) != 2 or not all(SHORTEST <= side <= LONGEST for side in shape):
        raise InputError(
            f"{name}: holds images of {' x '.join(map(str, shape))[:40]} pixels; from {SHORTEST} "
            f"to {LONGEST} a side are supported."
        )


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


def upright(images: np.ndarray, orientation: str) -> np.ndarray:
    """Images as stored in a file to upright images (n, height, width)."""
    return images.transpose(0, 2, 1) if orientation == "transposed" else images


def upright_shape(stored: Sequence[int], orientation: str) -> tuple[int, int]:
    """Height and width of upright images."""
    first, second = stored
    return (second, first) if orientation == "transposed" else (first, second)


def read_upright(
    blocks: Iterable[tuple[np.ndarray, np.ndarray]],
    path: Path,
    split: str,
    orientation: str,
    what: str = "item",
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Blocks of labels and images as stored, to such of checked labels and upright images."""
    done = 0
    for labels, images in blocks:
        check_labels(path, labels, split, what, done)
        yield labels, upright(images, orientation)
        done += len(labels)


class _Ink:
    """How high and wide the characters of blocks of images are, in pixels, and how much is ink."""

    def __init__(self):
        self._extents, self._bright = np.zeros(2, int), 0
        self._images = self._pixels = 0

    def look(self, images: np.ndarray) -> None:
        ink = images > INK
        self._extents += (ink.any(2).sum(), ink.any(1).sum())
        self._bright += np.count_nonzero(ink)
        self._images += len(images)
        self._pixels += images.size

    @property
    def height(self) -> float:
        return self._extents[0] / self._images

    @property
    def width(self) -> float:
        return self._extents[1] / self._images

    @property
    def share(self) -> float:
        return self._bright / self._pixels


def keep_classes(
    blocks: Iterable[tuple[np.ndarray, np.ndarray]], kind: Kind, target: Path, split: str
) -> None:
    """Write the images of a kind's classes, of blocks of a split's labels and upright images.

    Raises InputError if the split does not have such a class or there is no image of one. Warns
    if the characters are wider than high, as most are that lie on their side, or if there is no
    ink, or more of it than paper.
    """
    ink = _Ink()
    missing = write_classes(blocks, _labels(split, kind.classes), kind, target, ink.look)
    if missing:
        raise InputError(
            f"{kind.source}: holds no image of {''.join(missing)}. Correct `classes` or `split` in "
            "params.yaml, or name another file."
        )
    _warn(kind, ink.height, ink.width, ink.share)


def _labels(split: str, classes: Sequence[str]) -> list[int]:
    """The labels that the classes have in a split."""
    labels = {name: label for label, name in SPLITS[split].items()}
    unknown = "".join(name for name in classes if name not in labels)
    if unknown:
        raise InputError(f"params.yaml: classes: {unknown} not in the split '{split}' of EMNIST.")
    return [labels[name] for name in classes]


def _warn(kind: Kind, height: float, width: float, ink: float) -> None:
    if not ink:
        log.warning("%s: no pixel is above %d of 255. Are they 0 and 1?", kind.source, INK)
    elif ink > 1 / 2:
        log.warning(
            "%s: %.0f %% of the pixels are bright. Is it black ink on white paper? White ink on "
            "black is expected.",
            kind.source,
            100 * ink,
        )
    elif width > height:
        log.warning(
            "%s: the characters are %.1f pixels wide and %.1f high on average, and most are higher "
            "than wide. Do they lie on their side? Then `orientation` in params.yaml is not that "
            "of this file.",
            kind.source,
            width,
            height,
        )
