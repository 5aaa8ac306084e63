"""The drawn avatars: reproducible, as often of each kind as stated, and like their attributes."""

import csv
import io
import zipfile

import numpy as np
import pytest
from PIL import Image

from vaepipe.config.sources import DRAWN
from vaepipe.datasets.formats.pictures import PARTS, ingest
from vaepipe.datasets.images import read_images
from vaepipe.datasets.samples.avatars import background, eyes, glasses, hair, head
from vaepipe.datasets.samples.avatars.attributes import (
    EYE_COLOURS,
    FACE_COLOURS,
    GLASSES_COLOURS,
    HAIR_COLOURS,
    SHARES,
    draw_attributes,
)
from vaepipe.datasets.samples.portraits import draw, draw_avatar, write_avatars

PEOPLE = 20_000
PLAIN = {
    "face_colour": "fair",
    "face_shape": "oval",
    "hair": "bob",
    "hair_colour": "brown",
    "eyes": "round",
    "eye_colour": "brown",
    "eyebrows": "arched",
    "glasses": "none",
    "glasses_shape": "none",
    "glasses_colour": "none",
    "mouth": "smile",
    "facial_hair": "none",
    "background": "white",
}
WORN = {"glasses": "glasses", "glasses_shape": "round", "glasses_colour": "black"}
SEEDS = range(5)


@pytest.fixture(scope="module")
def people():
    rng = np.random.default_rng(0)
    return [draw_attributes(rng) for _ in range(PEOPLE)]


@pytest.fixture(scope="module")
def pictures():
    return [draw_avatar(index, seed=0) for index in range(60)]


def avatar(seed, **attributes):
    return draw(np.random.default_rng(seed), PLAIN | attributes).astype(int)


def changed(one, other):
    """Where two pictures differ visibly: (96, 96)."""
    return abs(one - other).max(-1) > 20


def test_a_picture_depends_on_its_place_in_the_sample_only(pictures):
    for index in (0, 7):
        image, attributes = draw_avatar(index, seed=0)
        assert attributes == pictures[index][1]
        np.testing.assert_array_equal(image, pictures[index][0])
    everywhere = [draw_avatar(3, *which)[0].tobytes() for which in ((0, 0), (0, 1), (1, 0))]
    assert len({*everywhere, *(image.tobytes() for image, _ in pictures)}) == len(pictures) + 2


def test_pictures_are_small_and_of_colour(pictures):
    for image, attributes in pictures:
        assert (image.shape, image.dtype) == ((96, 96, 3), np.uint8)
        assert list(attributes) == list(SHARES)


@pytest.mark.parametrize("name", SHARES)
def test_values_are_as_frequent_as_stated(people, name):
    """Within 4.5 standard errors of a binomial share; every value occurs."""
    drawn = [person[name] for person in people if person[name] != "none" or "none" in SHARES[name]]
    assert set(drawn) == set(SHARES[name])
    for word, share in SHARES[name].items():
        expected = share / sum(SHARES[name].values())
        error = np.sqrt(expected * (1 - expected) / len(drawn))
        assert abs(drawn.count(word) / len(drawn) - expected) < 4.5 * error, word


def test_only_who_wears_glasses_has_glasses_of_a_shape_and_a_colour(people):
    for person in people:
        bare = person["glasses"] == "none"
        assert (person["glasses_shape"] == "none") == bare
        assert (person["glasses_colour"] == "none") == bare


def test_shares_are_like_those_of_the_cartoon_set():
    """Numbers of 2,565 of its avatars; rare hair colours are this sample's own."""
    for words, share in (("blond", 0.27), ("brown", 0.21), ("red", 0.21), ("grey", 0.18)):
        assert SHARES["hair_colour"][words] / 100 == pytest.approx(share, abs=0.015)
    worn = SHARES["glasses"]
    assert (worn["glasses"] + worn["sunglasses"]) / sum(worn.values()) == pytest.approx(
        0.471, abs=0.01
    )
    assert worn["sunglasses"] < worn["glasses"] / 4


def test_what_is_named_can_be_drawn():
    assert set(SHARES["face_shape"]) == set(head.SHAPES)
    assert set(SHARES["hair"]) == set(hair.STYLES)
    assert set(SHARES["eyes"]) == set(eyes.HEIGHTS)
    assert set(SHARES["eyebrows"]) == set(eyes.BROWS)
    assert set(SHARES["glasses_shape"]) == set(glasses.LENSES)


@pytest.mark.parametrize("name", SHARES)
def test_every_value_of_an_attribute_looks_unlike_the_others(name):
    """Drawn by the same hand, pictures of two values differ in 12 pixels or more."""
    base = WORN if name.startswith("glasses_") else {}
    images = [avatar(3, **base | _worn(name, word)) for word in SHARES[name]]
    for i, one in enumerate(images):
        for other in images[:i]:
            assert changed(one, other).sum() >= 12


def _worn(name, word):
    return WORN | {name: word} if word in ("glasses", "sunglasses") else {name: word}


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    "name, tones, base, near",
    [
        ("face_colour", FACE_COLOURS, {}, 20),
        ("hair_colour", HAIR_COLOURS, {}, 40),
        ("eye_colour", EYE_COLOURS, {}, 45),
        ("glasses_colour", GLASSES_COLOURS, WORN, 20),
    ],
)
def test_colours_are_those_that_are_named(name, tones, base, near, seed):
    """The median of the pixels that change the most with it; no other name is as near."""
    images = {word: avatar(seed, **base | {name: word}) for word in tones}
    change = np.ptp(list(images.values()), axis=0).max(-1)
    for word, image in images.items():
        seen = np.median(image[change > 0.8 * change.max()], axis=0)
        distances = {other: abs(seen - tone.colour).max() for other, tone in tones.items()}
        assert distances[word] == min(distances.values()) < near


@pytest.mark.parametrize("shape", SHARES["glasses_shape"])
@pytest.mark.parametrize("seed", SEEDS)
def test_sunglasses_hide_the_eyes_and_glasses_do_not(seed, shape):
    bare = avatar(seed)
    through, dark = (
        avatar(seed, glasses=kind, glasses_shape=shape, glasses_colour="white")
        for kind in ("glasses", "sunglasses")
    )
    whites = (bare.min(-1) > 235) & changed(bare, avatar(seed, eyes="sleepy", eye_colour="blue"))
    assert whites.sum() >= 4
    assert (through[whites].mean(-1) > 150).mean() > 0.6
    assert (dark[whites].mean(-1) < 120).all()
    lenses = changed(through, dark)
    assert lenses.sum() > 150
    assert np.median(dark[lenses].mean(-1)) < 60


@pytest.mark.parametrize("seed", SEEDS)
def test_beards_are_below_the_eyes_and_hair_is_above_the_mouth(seed):
    bald = avatar(seed, hair="bald")
    rows = np.nonzero(changed(bald, avatar(seed, hair="bald", facial_hair="beard")))[0]
    assert rows.min() > 45
    assert (rows > 75).any()
    rows = np.nonzero(changed(bald, avatar(seed, hair="buzz")))[0]
    assert rows.max() < 60
    assert (rows < 30).any()


@pytest.mark.parametrize("seed", SEEDS)
def test_a_face_is_near_the_middle_of_a_white_picture(seed):
    rows, columns = np.nonzero(avatar(seed, hair="buzz").min(-1) < 250)
    for places, around in ((columns, 48), (rows, 52)):
        assert abs((places.min() + places.max()) / 2 - around) < 6
        assert 55 < places.max() - places.min() < 90


@pytest.mark.parametrize("name", SHARES["background"])
def test_backgrounds_cover_the_picture(name):
    parts = background.background(np.random.default_rng(0), name, 48)
    low, high = parts[0].outline.min(0), np.max([p.outline.max(0) for p in parts], axis=0)
    assert (low <= -48).all()
    assert (high >= 48).all()
    corners = avatar(0, hair="buzz", background=name)[[0, 0, -1, -1], [0, -1, 0, -1]]
    assert (corners.max(-1) > 120).all()
    assert (corners == 255).all() == (name == "white")


def test_an_archive_holds_both_parts_and_their_attributes(tmp_path, pictures):
    path = tmp_path / "avatars.zip"
    write_avatars(path, seed=0, train=3, test=2)
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        rows = list(csv.DictReader(io.StringIO(archive.read("attributes.csv").decode())))
        read = [np.asarray(Image.open(io.BytesIO(archive.read(row["file"])))) for row in rows]
    assert names == sorted(names) == ["attributes.csv", *(row["file"] for row in rows)]
    expected = [draw_avatar(i, 0, 1) for i in range(2)] + pictures[:3]
    for row, image, (drawn, attributes) in zip(rows, read, expected, strict=True):
        assert {name: row[name] for name in SHARES} == attributes
        np.testing.assert_array_equal(image, drawn)
    assert [row["file"].split("/")[0] for row in rows] == ["test"] * 2 + ["train"] * 3
    first = path.read_bytes()
    write_avatars(path, seed=0, train=3, test=2)
    assert path.read_bytes() == first


def test_the_reader_takes_the_archive_as_params_yaml_must_state_it(tmp_path):
    path, counts = tmp_path / "avatars.zip", (12, 8)
    targets = [tmp_path / f"{part}.parquet" for part in PARTS]
    write_avatars(path, 0, *counts)
    form = {"height": 96, "width": 96, "fit": "crop", "channels": 3, "background": "#ffffff"}
    read = {"label": "glasses", "classes": ["none"], "seed": None, "damaged": "stop"}
    ingest(targets, str(path), **DRAWN["images"], **read, **form, most_pixels=96**2)
    for target, count, stream in zip(targets, counts, (0, 1), strict=True):
        drawn = [draw_avatar(i, 0, stream) for i in range(count)]
        kept = [(image, told) for image, told in drawn if told["glasses"] == "none"]
        assert 0 < len(kept) < count
        images = read_images(target)
        assert list(images.attributes) == list(SHARES)
        for name in SHARES:
            assert images.attributes[name].tolist() == [told[name] for _, told in kept]
        np.testing.assert_array_equal(images.pixels["image"], [i.reshape(-1) for i, _ in kept])
