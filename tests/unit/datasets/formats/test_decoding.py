import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from vaepipe.datasets.formats.decoding import Damaged, Form, decode

GENERATOR = np.random.default_rng(0)
COLOURS = GENERATOR.integers(0, 256, (6, 9, 3), dtype=np.uint8)


def form(**changed) -> Form:
    own = {"height": 6, "width": 9, "fit": "crop", "channels": 3, "background": "#000000"}
    return Form(**own | {"most_pixels": 1000} | changed)


def saved(image: Image.Image | np.ndarray, file_format: str = "PNG", **options) -> bytes:
    buffer = io.BytesIO()
    image = image if isinstance(image, Image.Image) else Image.fromarray(image)
    image.save(buffer, file_format, **options)
    return buffer.getvalue()


def chunk(name: bytes, content: bytes) -> bytes:
    checksum = struct.pack(">I", zlib.crc32(name + content))
    return struct.pack(">I", len(content)) + name + content + checksum


def png(width: int, height: int, depth: int, colour: int, rows: bytes) -> bytes:
    """A PNG by hand: of these bits a sample and this type of colour (W3C 2003)."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)


def test_pixels_of_the_same_size_come_back_as_they_were():
    for content in (saved(COLOURS), saved(COLOURS, "WEBP", lossless=True)):
        assert (decode(content, form()) == COLOURS).all()


def test_a_jpeg_is_about_what_was_saved():
    smooth = np.linspace(0, 255, 6 * 9).astype(np.uint8).reshape(6, 9)
    found = decode(saved(smooth, "JPEG", quality=95), form())
    assert found.shape == (6, 9, 3)
    assert np.abs(found.astype(int) - smooth[..., None]).max() < 12


def test_grey_is_the_luma_of_colour_and_colour_of_grey_is_grey():
    luma = COLOURS @ [0.299, 0.587, 0.114]
    found = decode(saved(COLOURS), form(channels=1))
    assert found.shape == (6, 9) and np.abs(found - luma).max() <= 1
    grey = COLOURS[..., 0].copy()
    assert (decode(saved(grey), form(channels=1)) == grey).all()
    assert (decode(saved(grey), form()) == grey[..., None]).all()


def test_transparency_shows_the_background():
    alpha = GENERATOR.integers(0, 256, (6, 9, 1), dtype=np.uint8)
    content = saved(np.concatenate([COLOURS, alpha], 2))
    share = alpha / 255
    expected = share * COLOURS + (1 - share) * [255, 128, 0]
    assert np.abs(decode(content, form(background="#ff8000")) - expected).max() <= 1
    veiled = saved(np.stack([COLOURS[..., 0], alpha[..., 0]], 2))
    expected = share * COLOURS[..., :1] + (1 - share) * 255
    assert np.abs(decode(veiled, form(background="#ffffff")) - expected).max() <= 1


def test_a_palette_with_a_transparent_colour():
    image = Image.fromarray(np.array([[0, 1, 2]], np.uint8), "P")
    image.putpalette([10, 20, 30, 200, 100, 50, 7, 8, 9])
    found = decode(saved(image), form(height=1, width=3))
    assert found.tolist() == [[[10, 20, 30], [200, 100, 50], [7, 8, 9]]]
    image.info["transparency"] = 1
    content = saved(image, transparency=1)
    found = decode(content, form(height=1, width=3, background="#0000ff"))
    assert found.tolist() == [[[10, 20, 30], [0, 0, 255], [7, 8, 9]]]


def test_a_transparent_colour_of_an_image_without_alpha():
    content = saved(COLOURS, transparency=tuple(map(int, COLOURS[2, 3])))
    found = decode(content, form(background="#123456"))
    assert found[2, 3].tolist() == [0x12, 0x34, 0x56]
    assert found[0, 0].tolist() == COLOURS[0, 0].tolist()


def test_black_and_white_of_one_bit():
    found = decode(png(8, 1, 1, 0, b"\0\xa5"), form(height=1, width=8, channels=1))
    assert found.tolist() == [[255, 0, 255, 0, 0, 255, 0, 255]]


def test_16_bits_are_scaled_to_8():
    values = np.array([0, 128, 129, 257, 32768, 65406, 65407, 65535])
    content = png(8, 1, 16, 0, b"\0" + values.astype(">u2").tobytes())
    found = decode(content, form(height=1, width=8, channels=1))
    assert found.tolist() == [np.rint(values / 257).astype(int).tolist()]
    colours = png(1, 1, 16, 2, b"\0" + np.array([65535, 32768, 0], ">u2").tobytes())
    assert decode(colours, form(height=1, width=1)).tolist() == [[[255, 128, 0]]]


def test_cmyk_as_photoshop_writes_it():
    """Adobe's files state the absence of ink: what Pillow reads by itself is the check."""
    ink = np.zeros((8, 8, 4), np.uint8)
    ink[..., 1:3] = 255  # magenta and yellow are red
    content = saved(Image.fromarray(ink, "CMYK"), "JPEG", quality=95)
    assert b"Adobe" in content
    found = decode(content, form(height=8, width=8))
    assert (np.abs(found.astype(int) - [255, 0, 0]) < 12).all()


UPRIGHT = np.arange(6, dtype=np.uint8).reshape(2, 3) * 40
STORED = {  # how an upright image lies in a file of each orientation (Exif 2.3, 4.6.4)
    1: UPRIGHT,
    2: UPRIGHT[:, ::-1],
    3: UPRIGHT[::-1, ::-1],
    4: UPRIGHT[::-1],
    5: UPRIGHT.T,
    6: UPRIGHT.T[::-1],
    7: UPRIGHT.T[::-1, ::-1],
    8: UPRIGHT.T[:, ::-1],
}


@pytest.mark.parametrize("orientation", STORED)
@pytest.mark.parametrize("file_format", ["PNG", "WEBP", "JPEG"])
def test_images_are_turned_upright(orientation, file_format):
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {"WEBP": {"lossless": True}, "JPEG": {"quality": 100}}.get(file_format, {})
    content = saved(STORED[orientation].copy(), file_format, exif=exif, **options)
    found = decode(content, form(height=2, width=3, channels=1))
    assert np.abs(found.astype(int) - UPRIGHT).max() <= (25 if file_format == "JPEG" else 0)


BANDS = np.repeat(np.array([[10], [20], [30], [40]], np.uint8), 2, axis=0) * np.ones(4, np.uint8)


@pytest.mark.parametrize(
    ("fit", "expected"),
    [
        ("crop", [[20] * 2, [30] * 2]),
        ("pad", [[0, 15], [0, 35]]),
        ("stretch", [[15] * 2, [35] * 2]),
    ],
)
def test_images_of_other_proportions_are_cropped_padded_or_stretched(fit, expected):
    """Eight rows and four columns, into two and two."""
    image = BANDS if fit != "pad" else BANDS[:, :2]
    found = decode(saved(image), form(height=2, width=2, fit=fit, channels=1))
    if fit == "pad":
        assert (found == 0).any(0).sum() == 1  # one column of two is the background
        found = np.sort(found, axis=1)
    assert np.abs(found.astype(int) - expected).max() <= 5


@pytest.mark.parametrize("side", [28, 32, 96])
def test_images_of_any_size_are_cropped(side):
    wanted = form(height=side, width=side, most_pixels=20_000)
    for width in range(1, 250):
        image = saved(np.zeros((50, width, 3), np.uint8))
        assert decode(image, wanted).shape == (side, side, 3)


def test_padding_is_in_the_colour_of_the_background():
    white = np.full((4, 8, 3), 255, np.uint8)
    found = decode(saved(white), form(height=4, width=4, fit="pad", background="#ff0000"))
    assert found[[0, 3]].tolist() == 2 * [4 * [[255, 0, 0]]]
    assert (found[1:3] == 255).all()
    narrow = decode(saved(white[:1, :1].repeat(50, 1)), form(height=4, width=4, fit="pad"))
    assert (narrow == 255).any()


def test_a_reduction_is_antialiased():
    """A fine chessboard becomes its mean, where picking pixels would leave black or white."""
    board = (np.indices((256, 256)).sum(0) % 2 * 255).astype(np.uint8)
    found = decode(saved(board), form(height=16, width=16, channels=1, most_pixels=10**6))
    assert np.abs(found.astype(int) - 127.5).max() < 3


WHOLE = saved(GENERATOR.integers(0, 256, (30, 30, 3), dtype=np.uint8))
PHOTO = saved(GENERATOR.integers(0, 256, (30, 30, 3), dtype=np.uint8), "JPEG", quality=95)
WEBP = saved(GENERATOR.integers(0, 256, (30, 30, 3), dtype=np.uint8), "WEBP", lossless=True)


def flipped(content: bytes, place: int) -> bytes:
    return content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]


WRONG = {
    "nothing": (b"", "is no PNG, JPEG or WebP"),
    "text": (b"once upon a time", "is no PNG, JPEG or WebP"),
    "another format": (saved(COLOURS, "GIF"), "is no PNG, JPEG or WebP"),
    "PNG cut off": (WHOLE[: len(WHOLE) // 2], "cannot be decoded"),
    "PNG without its end": (WHOLE[:-12], "cannot be decoded"),
    "JPEG cut off": (PHOTO[: len(PHOTO) // 2], "cannot be decoded"),
    "WebP cut off": (WEBP[: len(WEBP) // 2], "(cannot be decoded|is no PNG)"),
    "a flipped bit": (flipped(WHOLE, len(WHOLE) // 2), "cannot be decoded"),
    "pixels missing": (png(20, 20, 8, 2, b"\0" * 100), "cannot be decoded"),
    "a bomb": (png(60_000, 60_000, 8, 0, b""), "has 60000 x 60000 pixels, more than `most_pixels`"),
    "a little too large": (saved(np.zeros((11, 91), np.uint8)), "has 91 x 11 pixels"),
    "no pixel": (png(0, 5, 8, 0, b""), "(cannot be decoded|is no PNG)"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_with_an_image_is_said(case):
    content, message = WRONG[case]
    with pytest.raises(Damaged, match=message) as caught:
        decode(content, form())
    assert len(str(caught.value)) < 200 and "0x" not in str(caught.value)


def test_no_flipped_bit_of_a_png_changes_its_pixels_unnoticed():
    found = 0
    for place in range(len(content := saved(COLOURS))):
        try:
            pixels = decode(flipped(content, place), form(most_pixels=100))
        except Damaged:
            found += 1
        else:
            assert (pixels == COLOURS).all()
    assert found > len(content) - 12  # the last chunk says nothing of pixels
