"""Training states: continued to the last bit, or named as damaged and not used."""

import copy
import errno
import math
import os
import random
import shutil
import subprocess
import sys

import pytest
import torch
from torch import nn
from unit import toys

from vaepipe.learning.loop import _start, train
from vaepipe.learning.states import Progress, forget, restore, save
from vaepipe.models.optimiser import Adam


@pytest.fixture
def state(tmp_path):
    """A file that holds the state of a small training after two epochs."""
    train(toys.config(epochs=2, snapshots=2, batch_losses=True), *toys.splits(), tmp_path)
    return tmp_path / "seed-3.state"


def start() -> Progress:
    return _start(toys.config(), 3, torch.device("cpu"))


def content(progress: Progress) -> list:
    """All that a state holds, in a form that can be compared."""
    tensors = [
        *progress.model.state_dict().values(),
        *progress.optimiser.state().values(),
        *progress.snapshots,
    ]
    rows = (progress.history, progress.batches, progress.epochs)
    return [*rows, *((value.dtype, value.tolist()) for value in tensors)]


def damaged(whole: bytes, chance: random.Random) -> bytes:
    """The same with a byte flipped, or cut off somewhere."""
    place = chance.randrange(len(whole))
    if chance.random() < 0.2:
        return whole[:place]
    return whole[:place] + bytes([whole[place] ^ chance.randrange(1, 256)]) + whole[place + 1 :]


def assert_anew(path, caplog):
    caplog.clear()
    progress = restore(path, start())
    assert content(progress) == content(start())
    (record,) = caplog.records
    assert record.levelname == "WARNING" and "\n" not in record.message
    assert str(path) in record.message and "damaged training state" in record.message


def test_a_state_is_continued_to_the_last_bit(state, caplog):
    restored = restore(state, start())
    assert restored.epochs == 2 and len(restored.snapshots) == 2
    assert restored.optimiser.state()["0/step"] == 2 * math.ceil(90 / 16)
    before = copy.deepcopy(content(restored))
    save(state, restored)
    assert content(restore(state, start())) == before
    assert not caplog.records


def test_whatever_damages_a_state_the_training_starts_anew(state, caplog):
    whole = state.read_bytes()
    chance = random.Random(0)
    for _ in range(40):
        state.write_bytes(damaged(whole, chance))
        assert_anew(state, caplog)


def test_running_statistics_and_their_counts_survive(tmp_path):
    """Those of batch normalisation, the count an int64."""

    def start() -> Progress:
        network = nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3))
        return Progress(network, Adam(network.parameters()))

    made = start()
    made.optimiser.set_rate(0.1)
    for _ in range(3):
        made.optimiser.step(made.model(torch.rand(5, 4)).square().mean())
    path = tmp_path / "seed-0.state"
    save(path, made)
    restored = restore(path, start())
    assert content(restored) == content(made)
    assert restored.model[1].num_batches_tracked.dtype == torch.int64
    assert restored.model[1].num_batches_tracked == 3


def test_a_state_is_written_and_read_a_tensor_at_a_time(tmp_path):
    """Beside what is trained, memory for no more than one tensor and a few blocks."""
    code = """
import resource, sys
from pathlib import Path
import torch
from torch import nn
from vaepipe.learning.states import Progress, restore, save
from vaepipe.models.optimiser import Adam

def start():
    network = nn.Sequential(*(nn.Linear(2000, 2000) for _ in range(8)))  # 16 MB each
    return Progress(network, Adam(network.parameters()))

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

path = Path(sys.argv[1])
one = start()
for tensor in one.optimiser.state().values():
    tensor.fill_(1.0)
before = peak()
save(path, one)
restore(path, one)
print(peak() - before)
"""
    command = [sys.executable, "-c", code, str(tmp_path / "seed-0.state")]
    grown = float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    assert grown < 100  # MB, of a state of 384


@pytest.mark.parametrize("found", [b"", b"\n", b"\n\n", b"\x10garbage", b"0" * 64 + b"\n{}\n"])
def test_what_is_no_state_is_not_used(state, caplog, found):
    state.write_bytes(found)
    assert_anew(state, caplog)


@pytest.mark.parametrize("place", ["seed-5.state", "other/seed-3.state"])
def test_the_state_of_another_training_is_not_used(state, caplog, place):
    copied = state.parent / place
    copied.parent.mkdir(exist_ok=True)
    shutil.copy(state, copied)
    assert_anew(copied, caplog)


def test_a_folder_in_place_of_a_state_makes_way(tmp_path, caplog):
    path = tmp_path / "seed-3.state"
    (path / "something").mkdir(parents=True)
    assert_anew(path, caplog)
    train(toys.config(epochs=2), *toys.splits(), tmp_path)
    assert restore(path, start()).epochs == 2


@pytest.mark.parametrize("number", [errno.EMFILE, errno.ENOMEM, errno.EACCES, errno.EIO])
def test_a_state_that_cannot_be_read_now_is_kept(state, monkeypatch, number):
    def fail(*given):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("pathlib.Path.open", fail)
    with pytest.raises(OSError, match=os.strerror(number)) as caught:
        restore(state, start())
    assert caught.value.filename == str(state)
    monkeypatch.undo()
    assert restore(state, start()).epochs == 2


def test_what_a_killed_training_was_writing_is_removed(state):
    (state.parent / f".{state.name}.123.tmp").write_bytes(b"half")
    (state.parent / ".seed-5.state.123.tmp").write_bytes(b"half of another")
    assert restore(state, start()).epochs == 2
    assert sorted(path.name for path in state.parent.iterdir()) == [
        ".seed-5.state.123.tmp",
        "seed-3.state",
        "seed-5.state",
    ]


def test_all_states_of_a_node_are_forgotten(tmp_path):
    for name in ("vae_2/old", "vae_2/new", "vae_20/new"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "seed-0.state").touch()
    forget(tmp_path / "vae_2")
    forget(tmp_path / "vae_2")
    assert [path.name for path in tmp_path.iterdir()] == ["vae_20"]
