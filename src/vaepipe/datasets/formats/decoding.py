"""PNG, JPEG and WebP as pixels: upright, on a background, of a stated size and of one or three
channels.

Orientation is that which EXIF states. Colour profiles are not applied. Greys are ITU-R 601's luma.
Images of 16 bits a channel are scaled to 8.
"""

import io
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageOps

FORMATS = ("PNG", "JPEG", "WEBP")
REDUCING_GAP = 3.0
"""How much larger than its target an image stays in the first, coarse step of a reduction."""

Image.MAX_IMAGE_PIXELS = None  # `most_pixels` is smaller, and Pillow's is a warning first


class Damaged(Exception):  # noqa: N818
    """An image cannot be used: the message says why, as in 'a.png: ' and what follows."""


@dataclass(frozen=True)
class Form:
    """How images are to be."""

    height: int
    width: int
    fit: str
    """Of images of other proportions: crop around the centre, pad or stretch."""
    channels: int
    background: str
    """Behind what is transparent, and around what is padded: #rrggbb."""
    most_pixels: int
    """An image of more is not decoded."""

    @property
    def shape(self) -> tuple[int, ...]:
        return (self.height, self.width, 3) if self.channels == 3 else (self.height, self.width)

    @property
    def most_bytes(self) -> int:
        """Of a file: 16 bits for each of four channels, and a megabyte of facts about it."""
        return 8 * self.most_pixels + 2**20


def decode(content: bytes, form: Form) -> np.ndarray:
    """The pixels of a file, uint8 (height, width[, 3]).

    Raises Damaged if it is none of these formats, is cut off, fails a checksum, or is too large.
    """
    try:
        with _checked(content, form.most_pixels) as image:
            ImageOps.exif_transpose(image, in_place=True)
            fitted = _fit(_opaque(image, form.background), form)
            return np.asarray(fitted if form.channels == 3 else fitted.convert("L"))
    except (Damaged, MemoryError):
        raise
    except Image.UnidentifiedImageError:
        raise Damaged("is no PNG, JPEG or WebP, or is damaged at its begin") from None
    except Exception as error:  # Pillow's readers raise what they come upon
        raise Damaged(f"cannot be decoded ({error!s:.100})") from error


def _checked(content: bytes, most_pixels: int) -> Image.Image:
    image = Image.open(io.BytesIO(content), formats=FORMATS)
    if image.width * image.height > most_pixels:
        raise Damaged(
            f"has {image.width} x {image.height} pixels, more than `most_pixels` in params.yaml"
        )
    if image.format == "PNG":  # whose checksums are not looked at when it is decoded
        image.verify()
        image = Image.open(io.BytesIO(content), formats=FORMATS)
    return image


def _opaque(image: Image.Image, background: str) -> Image.Image:
    """In RGB, on a background; the image itself if it is so."""
    if image.mode.startswith("I"):
        if image.has_transparency_data:
            raise Damaged("has 16 bits and a transparent grey, which is not supported")
        wide = np.asarray(image).astype(np.uint32)
        return Image.fromarray(((wide + 128) // 257).astype(np.uint8)).convert("RGB")
    if not image.has_transparency_data:
        return image if image.mode == "RGB" else image.convert("RGB")
    layered = image.convert("RGBA")
    below = Image.new("RGB", image.size, background)
    below.paste(layered, mask=layered.getchannel("A"))
    return below


def _fit(image: Image.Image, form: Form) -> Image.Image:
    width, height = image.size
    target = (form.width, form.height)
    horizontal, vertical = form.width / width, form.height / height
    if form.fit == "pad":
        scale = min(horizontal, vertical)
        inner = (max(1, round(width * scale)), max(1, round(height * scale)))
        padded = Image.new("RGB", target, form.background)
        left, top = ((outer - side) // 2 for outer, side in zip(target, inner, strict=True))
        padded.paste(_resize(image, inner, (0, 0, width, height)), (left, top))
        return padded
    if form.fit == "crop":
        scale = max(horizontal, vertical)
        # No more than there is, which rounding may ask for.
        width, height = min(width, form.width / scale), min(height, form.height / scale)
    left, top = (image.width - width) / 2, (image.height - height) / 2
    return _resize(image, target, (left, top, left + width, top + height))


def _resize(image: Image.Image, size: tuple[int, int], box: tuple[float, ...]) -> Image.Image:
    """A part of an image in a new size, antialiased."""
    return image.resize(size, Image.Resampling.LANCZOS, box, REDUCING_GAP)
