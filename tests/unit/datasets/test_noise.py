import numpy as np
import pytest

from vaepipe.datasets.images import Kind, read_images, read_split, writing
from vaepipe.datasets.noise import BLOCK, NOISES, corrupt, corrupt_file, prepare

GREY = np.full((400, 784), 128, np.uint8)


@pytest.fixture
def ingested(tmp_path):
    path = tmp_path / "images.parquet"
    pixels = np.random.default_rng(0).integers(0, 256, (BLOCK + 500, 4), dtype=np.uint8)
    with writing(path, Kind((2, 2), ("a", "b"), "x.csv"), ["image"], np.uint8) as file:
        file.write(np.arange(len(pixels)) % 2, pixels)
    return path, pixels


@pytest.mark.parametrize("noise", NOISES)
def test_pixels_stay_in_the_unit_interval_on_the_8_bit_grid(noise):
    images = np.random.default_rng(1).integers(0, 256, (50, 784), dtype=np.uint8)
    clean, noisy = corrupt(images, noise, 0.3, seed=0, stream=0, block=0)
    assert clean.dtype == noisy.dtype == np.float32
    assert (np.rint(clean * 255) == images).all()
    assert noisy.min() >= 0 and noisy.max() <= 1
    assert np.allclose(255 * noisy, np.rint(255 * noisy), atol=1e-4)


def test_gaussian_has_its_level_as_standard_deviation():
    clean, noisy = corrupt(GREY, "gaussian", 0.1, seed=0, stream=0, block=0)
    assert (noisy - clean).std() == pytest.approx(0.1, rel=0.01)
    assert (noisy - clean).mean() == pytest.approx(0, abs=1e-3)


def test_salt_and_pepper_hits_its_share():
    clean, noisy = corrupt(GREY, "salt_and_pepper", 0.3, seed=0, stream=0, block=0)
    assert (noisy == 0).mean() == pytest.approx(0.15, abs=0.005)
    assert (noisy == 1).mean() == pytest.approx(0.15, abs=0.005)
    assert (noisy == clean).mean() == pytest.approx(0.7, abs=0.005)


def test_masking_hits_its_share():
    clean, noisy = corrupt(GREY, "masking", 0.3, seed=0, stream=0, block=0)
    assert (noisy == 0).mean() == pytest.approx(0.3, abs=0.005)
    assert (noisy == clean).mean() == pytest.approx(0.7, abs=0.005)


@pytest.mark.parametrize("noise", NOISES)
def test_no_noise_changes_nothing(noise):
    clean, noisy = corrupt(GREY, noise, 0.0, seed=0, stream=0, block=0)
    assert (clean == noisy).all()


def test_noise_comes_from_seed_stream_and_block_only():
    first = corrupt(GREY, "gaussian", 0.2, seed=1, stream=0, block=2)[1]
    assert (first == corrupt(GREY, "gaussian", 0.2, seed=1, stream=0, block=2)[1]).all()
    for other in ((2, 0, 2), (1, 1, 2), (1, 0, 3)):
        seed, stream, block = other
        assert (first != corrupt(GREY, "gaussian", 0.2, seed, stream, block)[1]).any()


def test_file_keeps_labels_order_and_kind(tmp_path, ingested):
    source, pixels = ingested
    corrupt_file(source, tmp_path / "noisy.parquet", "grey", "gaussian", 0.2, 0, stream=1)
    images = read_images(tmp_path / "noisy.parquet")
    assert images.kind == Kind((2, 2), ("a", "b"), "x.csv")
    assert (images.labels == np.arange(len(pixels)) % 2).all()
    assert (np.rint(255 * images.pixels["clean"]) == pixels).all()
    expected = corrupt(pixels[BLOCK:], "gaussian", 0.2, 0, 1, 1)[1]
    assert (images.pixels["noisy"][BLOCK:] == expected).all()


def test_binary_pixels_are_black_below_the_middle_and_else_white(tmp_path, ingested):
    source, pixels = ingested
    corrupt_file(source, tmp_path / "binary", "binary", "masking", 0.0, 0, stream=0)
    images = read_images(tmp_path / "binary")
    assert (images.pixels["clean"] == (pixels > 127.5)).all()
    assert (images.pixels["noisy"] == images.pixels["clean"]).all()


def test_dynamic_pixels_are_drawn_once_beside_the_grey_ones(tmp_path, ingested):
    source, pixels = ingested
    for name, seed in (("a", 5), ("b", 5), ("c", 6)):
        corrupt_file(source, tmp_path / name, "dynamic", "masking", 0.0, seed, stream=0)
    images = read_images(tmp_path / "a")
    clean, grey = images.pixels["clean"], images.pixels["grey"]
    assert (np.rint(255 * grey) == pixels).all()
    assert set(np.unique(clean)) == {0, 1} and (images.pixels["noisy"] == clean).all()
    bright = (grey > 0.7) & (grey < 0.9)
    assert clean[bright].mean() == pytest.approx(0.8, abs=0.03)
    assert not clean[grey == 0].any() and clean[grey == 1].all()
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert (clean != read_images(tmp_path / "c").pixels["clean"]).any()


@pytest.mark.parametrize("pixels", ["grey", "binary"])
def test_colours_are_kept_and_have_noise_of_their_own(tmp_path, pixels):
    images = np.random.default_rng(0).integers(0, 256, (50, 4, 5, 3), dtype=np.uint8)
    source, target = tmp_path / "colour", tmp_path / "noisy"
    with writing(source, Kind((4, 5, 3), ("a", "b"), "x"), ["image"], np.uint8) as file:
        file.write(np.arange(50) % 2, images)
    settings = {"pixels": pixels, "noise": "gaussian", "level": 0.1, "seed": 0}
    prepare([source], [target], settings)
    found = read_split(target)
    expected = images / 255 if pixels == "grey" else images > 127
    assert np.allclose(found.images, expected, atol=1e-6)
    assert read_images(target).kind.shape == (4, 5, 3)
    noise = found.noisy - found.images
    assert (noise[..., 0] != noise[..., 1]).any()


def test_file_is_the_same_byte_for_byte(tmp_path, ingested):
    for name in ("a", "b"):
        corrupt_file(ingested[0], tmp_path / name, "grey", "masking", 0.2, 0, stream=0)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_the_files_of_a_data_set_have_noise_of_their_own(tmp_path, ingested):
    source, pixels = ingested
    targets = [tmp_path / "train", tmp_path / "test"]
    settings = {"source": "letters", "pixels": "grey", "noise": "gaussian", "level": 0.2, "seed": 5}
    prepare([source, source], targets, settings)
    for stream, target in enumerate(targets):
        expected = corrupt(pixels[:BLOCK], "gaussian", 0.2, 5, stream, 0)[1]
        assert (read_images(target).pixels["noisy"][:BLOCK] == expected).all()


def test_attributes_are_carried_along_from_block_to_block(tmp_path):
    hair = np.arange(BLOCK + 5).astype(str)
    with writing(tmp_path / "x", Kind((1, 2), ("a",), "x", ("hair",)), ["image"], np.uint8) as file:
        images = np.zeros((len(hair), 2), np.uint8)
        file.write(np.zeros(len(hair)), images, attributes={"hair": hair})
    corrupt_file(tmp_path / "x", tmp_path / "y", "dynamic", "masking", 0.2, 0, stream=0)
    found = read_images(tmp_path / "y")
    assert list(found.pixels) == ["clean", "noisy", "grey"]
    assert found.attributes["hair"].tolist() == hair.tolist()
