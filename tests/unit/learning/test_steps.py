"""A step as a GPU repeats it: with a stand-in that replays, and sees nothing of, the functions."""

from contextlib import contextmanager
from dataclasses import replace

import pytest
import torch
from torch.nn import functional
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from unit.learning.kinds import CLASSIFIER, KINDS, RECORDED, assert_same
from unit.toys import config

from vaepipe.learning import loop, steps
from vaepipe.learning.loop import train
from vaepipe.machine import capture
from vaepipe.models import optimiser

EXACT = {"learning_rate": 2**-7, "batch_size": 12, "warmup_epochs": 2}
"""What numbers of single precision, as a GPU's counters are, hold as well as Python's do.

There are eight batches an epoch, the last of six images.
"""


class Recording(TorchDispatchMode):
    """Notes each operation on tensors, and does it again where its results lay.

    Of Python it knows as little as a CUDA graph. It stands for a GPU that did nothing while
    recording: what was done then counts as the first replay.
    """

    def __init__(self):
        super().__init__()
        self.noted: list[tuple] = []
        self.replays = 0

    def __torch_dispatch__(self, operation, types, args=(), kwargs=None):
        assert operation is not torch.ops.aten._local_scalar_dense.default, "a value was looked at"
        result = operation(*args, **(kwargs or {}))
        self.noted.append((operation, args, kwargs or {}, result))
        return result

    @torch.no_grad()
    def replay(self) -> None:
        self.replays += 1
        if self.replays == 1:
            return
        for operation, args, kwargs, result in self.noted:
            again = operation(*args, **kwargs)
            for place, value in zip(tree_leaves(result), tree_leaves(again), strict=True):
                if isinstance(place, torch.Tensor) and place.data_ptr() != value.data_ptr():
                    place.copy_(value)


@contextmanager
def repeating():
    """A CPU that repeats by itself; the recordings that it makes."""
    made = []

    def record(function, generator):
        made.append(Recording())
        with made[-1]:
            function()
        return made[-1].replay

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(capture, "record", record)
        for module in (steps, optimiser):
            patch.setattr(module, "captures", lambda device: True)
        yield made


@KINDS
@pytest.mark.parametrize("noise", ["fixed", "fresh", "none"])
def test_replayed_steps_are_those_as_written(tmp_path, splits, kinds, kind, noise):
    kept = RECORDED if kind is not CLASSIFIER else {"batch_losses": True}
    settings = config(**EXACT, **kept, noise=noise) | kind
    written = train(settings, *splits, tmp_path / "written")
    with repeating() as recordings:
        replayed = train(settings, *splits, tmp_path / "replayed")
    assert_same(written, replayed)
    # of each seed a step of 12 images, taken 7 times an epoch, and one of 6
    assert [recording.replays for recording in recordings] == 2 * [4 * 7 - 1, 4 - 1]
    assert all(len(recording.noted) > 30 for recording in recordings)


def test_replayed_steps_see_dynamic_pixels_as_they_are_drawn_in_each_epoch(tmp_path, splits):
    train_split, test_split = splits
    grey = replace(train_split, grey=train_split.clean)
    settings = config(**EXACT, **RECORDED)
    written = train(settings, grey, test_split, tmp_path / "written")
    with repeating():
        replayed = train(settings, grey, test_split, tmp_path / "replayed")
    assert_same(written, replayed)
    assert torch.equal(grey.clean, grey.grey)  # what was given is as it was


def test_a_training_of_replayed_steps_continues_bitwise(tmp_path, splits):
    with repeating():
        whole = train(config(**EXACT, **RECORDED), *splits, tmp_path / "whole")
        train(config(**EXACT, **RECORDED, epochs=2), *splits, tmp_path / "parts")
        continued = train(config(**EXACT, **RECORDED), *splits, tmp_path / "parts")
    assert_same(whole, continued)


def test_replayed_steps_follow_the_rate_and_the_warm_up(tmp_path, splits):
    rates = {"schedule": "exponential", "learning_rate": 0.1, "last_learning_rate": 0.001}
    settings = config(**rates, warmup_epochs=3, batch_size=16, seeds=[3])
    written = train(settings, *splits, tmp_path / "written")
    with repeating():
        replayed = train(settings, *splits, tmp_path / "replayed")
    for row, other in zip(written.history[1:], replayed.history[1:], strict=True):
        assert other[3:] == pytest.approx(row[3:], rel=1e-4)


def test_a_plain_loop_of_torch_has_the_same_losses(tmp_path, splits):
    """What autograd, torch's Adam and its weight decay do, written as a tutorial would."""
    settings = config(seeds=[3], warmup_epochs=0, epochs=6, batch_losses=True)
    found = train(settings, *splits, tmp_path)
    model = loop._start(settings, 3, torch.device("cpu")).model
    weights = [p for p in model.parameters() if p.ndim > 1]
    biases = [p for p in model.parameters() if p.ndim == 1]
    groups = [{"params": weights, "weight_decay": 2 * 0.001}, {"params": biases}]
    adam = torch.optim.Adam(groups, 0.01)
    losses = []
    for epoch in range(6):
        shuffle = loop._generator(loop._stream(3, "order", epoch), "cpu")
        noise = loop._generator(loop._stream(3, "noise", epoch), "cpu")
        for rows in torch.randperm(90, generator=shuffle).split(16):
            mean, log_variance = model.encoder(splits[0].noisy[rows]).chunk(2, 1)
            z = mean + torch.exp(log_variance / 2) * torch.randn(mean.shape, generator=noise)
            logits, clean = model.decoder(z), splits[0].clean[rows]
            loss = functional.binary_cross_entropy_with_logits(logits, clean, reduction="sum")
            loss = loss - 0.5 * (1 + log_variance - mean.square() - log_variance.exp()).sum()
            loss = loss / len(rows)
            losses.append((loss + 0.001 * sum(w.square().sum() for w in weights)).item())
            adam.zero_grad()
            loss.backward()
            adam.step()
    assert [row[3] for row in found.batches[1:]] == pytest.approx(losses, rel=1e-5)
