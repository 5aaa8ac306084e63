import numpy as np

from vaepipe.datasets.formats.characters import CLASSES
from vaepipe.datasets.formats.emnist import read_csv
from vaepipe.datasets.samples import characters


def test_every_class_is_drawn_as_often_as_asked_in_both_files(tmp_path, monkeypatch):
    monkeypatch.setattr(characters, "CHUNK", 30)  # not dividing the 94 characters
    files = tmp_path / "train.csv", tmp_path / "test.csv"
    characters.write_emnist(*files, seed=1, train_per_class=2, test_per_class=1)
    found = []
    for path, count in zip(files, (2, 1), strict=True):
        blocks = zip(*read_csv(path, "balanced"), strict=True)
        labels, images = (np.concatenate(block) for block in blocks)
        assert np.bincount(labels).tolist() == [count] * len(CLASSES)
        assert (np.diff(labels) < 0).any()
        found.append({image.tobytes() for image in images})
    assert len(found[0]) == 2 * len(CLASSES)
    assert not found[0] & found[1]


def test_a_sample_is_the_same_for_the_same_seed_in_chunks_of_any_size(tmp_path, monkeypatch):
    for name, chunk, seed in (("a", 500, 0), ("b", 30, 0), ("c", 500, 1)):
        monkeypatch.setattr(characters, "CHUNK", chunk)
        (tmp_path / name).mkdir()
        characters.write_emnist(tmp_path / name / "1", tmp_path / name / "2", seed, 1, 1)
    read = {name: [(tmp_path / name / part).read_bytes() for part in "12"] for name in "abc"}
    assert read["a"] == read["b"]
    assert read["a"] != read["c"]
