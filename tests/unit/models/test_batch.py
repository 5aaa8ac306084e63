import numpy as np
import torch

from vaepipe.datasets.images import Images, Kind
from vaepipe.models import batch as batches
from vaepipe.models.batch import Batch, in_blocks

CLEAN = np.arange(10, dtype=np.float32).reshape(5, 2) / 10
IMAGES = Images(
    Kind((1, 2), ("a", "b"), "x.csv"),
    np.array([1, 0, 1, 0, 0]),
    {"clean": CLEAN, "noisy": 1 - CLEAN},
)


def test_a_split_becomes_tensors():
    batch = Batch.of(IMAGES, torch.device("cpu"))
    assert torch.equal(batch.clean, torch.tensor(CLEAN))
    assert torch.equal(batch.noisy, torch.tensor(1 - CLEAN))
    assert batch.labels.tolist() == [1, 0, 1, 0, 0]
    assert len(batch) == 5


def test_rows_stay_together():
    some = Batch.of(IMAGES, torch.device("cpu"))[torch.tensor([4, 0])]
    assert some.labels.tolist() == [0, 1]
    assert torch.equal(some.clean, torch.tensor(CLEAN[[4, 0]]))
    assert torch.equal(some.noisy, torch.tensor(1 - CLEAN[[4, 0]]))


def test_batches_in_order_the_last_smaller():
    batches = list(Batch.of(IMAGES, torch.device("cpu")).split(2))
    assert [len(batch) for batch in batches] == [2, 2, 1]
    assert torch.equal(torch.cat([batch.clean for batch in batches]), torch.tensor(CLEAN))
    assert torch.cat([batch.labels for batch in batches]).tolist() == [1, 0, 1, 0, 0]


def test_what_dynamic_pixels_are_drawn_from_stays_with_the_whole_split():
    pixels = IMAGES.pixels | {"grey": CLEAN / 2}
    batch = Batch.of(Images(IMAGES.kind, IMAGES.labels, pixels), torch.device("cpu"))
    assert torch.equal(batch.grey, torch.tensor(CLEAN / 2))
    assert batch[:2].grey is None


def test_blocks_are_what_one_pass_would_give(monkeypatch):
    sizes = []

    def halved(rows):
        sizes.append(len(rows))
        return rows / 2

    monkeypatch.setattr(batches, "BLOCK", 2)
    rows = torch.arange(10.0).reshape(5, 2)
    assert torch.equal(in_blocks(halved, rows), rows / 2) and sizes == [2, 2, 1]
    assert in_blocks(halved, rows[:0]).shape == (0, 2)
