"""Archives of pictures with a table of their attributes."""

import csv
import io
import zipfile

import numpy as np
import pytest
from PIL import Image

from vaepipe.datasets.formats.zipped import write_archive

TABLE = {
    "test/0.png": {"hair": "long", "glasses": "none"},
    "train/0.png": {"hair": "bob", "glasses": "sunglasses"},
}
IMAGES = np.random.default_rng(0).integers(0, 256, (2, 6, 5, 3), np.uint8)


@pytest.fixture
def archive(tmp_path):
    write_archive(tmp_path / "faces.zip", TABLE, iter(IMAGES))
    with zipfile.ZipFile(tmp_path / "faces.zip") as archive:
        yield archive


def test_pictures_are_read_from_where_the_table_says(archive):
    rows = list(csv.DictReader(io.StringIO(archive.read("attributes.csv").decode())))
    assert rows == [{"file": name, **attributes} for name, attributes in TABLE.items()]
    for row, image in zip(rows, IMAGES, strict=True):
        with Image.open(io.BytesIO(archive.read(row["file"]))) as read:
            np.testing.assert_array_equal(np.asarray(read), image)


def test_members_state_neither_times_nor_the_system_that_wrote_them(archive):
    assert archive.namelist() == ["attributes.csv", *TABLE]
    for member in archive.infolist():
        assert member.date_time == (1980, 1, 1, 0, 0, 0)
        assert member.compress_type == zipfile.ZIP_STORED
        assert member.create_system == 3
        assert member.external_attr == 0o644 << 16
        assert not member.extra


def test_each_row_of_the_table_has_its_picture(tmp_path):
    with pytest.raises(ValueError, match="zip"):
        write_archive(tmp_path / "faces.zip", TABLE, IMAGES[:1])
