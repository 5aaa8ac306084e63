"""The training loop: bitwise the same, whatever is trained and however it is interrupted."""

import re
import weakref
from dataclasses import replace

import pytest
import torch
from torch.nn import functional
from unit.learning.kinds import (
    AUTOENCODER,
    CLASSIFIER,
    KINDS,
    RECORDED,
    CrossEntropy,
    assert_same,
)
from unit.toys import config

from vaepipe.core.errors import InputError
from vaepipe.learning import loop
from vaepipe.learning.loop import (
    PURPOSES,
    _advance,
    _drawn_anew,
    _generator,
    _parted,
    _start,
    _stream,
    build_objective,
    train,
)
from vaepipe.learning.states import restore
from vaepipe.models.batch import Batch
from vaepipe.models.saved import Model, build_likelihood, build_network


def test_no_two_streams_of_random_numbers_are_the_same():
    streams = [
        _stream(seed, purpose, epoch)
        for seed in (0, 1, 2, 256, 257, 2**24, 2**31)
        for purpose in PURPOSES
        for epoch in range(50)
    ]
    assert len(set(streams)) == len(streams)


def test_training_lowers_the_loss_and_history_adds_up(tmp_path, splits):
    trained = train(config(epochs=8), *splits, tmp_path)
    header, *history = trained.history
    assert header == [
        "seed",
        "epoch",
        "split",
        "total",
        "reconstruction",
        "kl",
        "l2",
        "total_per_pixel",
    ]
    assert list(trained.weights) == [3, 5]
    assert len(history) == 2 * 8 * 2
    for _seed, _epoch, _split, total, reconstruction, kl, l2, per_pixel in history:
        assert total == pytest.approx(reconstruction + kl + l2)
        assert per_pixel == pytest.approx(total / 16)
    first, last = (next(r for r in history if r[1] == e and r[2] == "test") for e in (1, 8))
    assert last[3] < first[3]


@pytest.mark.parametrize(
    ("kind", "columns"),
    [(AUTOENCODER, ["squared_error"]), (CLASSIFIER, ["cross_entropy", "confidence"])],
)
def test_any_kind_is_trained_for_any_objective(tmp_path, splits, kinds, kind, columns):
    settings = config(epochs=30, batch_losses=True, l2=0.01) | kind
    trained = train(settings, *splits, tmp_path)
    header, *history = trained.history
    assert header == ["seed", "epoch", "split", "total", *columns, "l2", "total_per_pixel"]
    assert trained.batches[0] == ["seed", "epoch", "step", "total", *columns, "l2"]
    assert [tuple(row[:3]) for row in history] == [
        (seed, epoch, split)
        for seed in (3, 5)
        for epoch in range(1, 31)
        for split in ("train", "test")
    ]
    for row in history:
        assert row[3] == pytest.approx(sum(row[4:-1]))
        assert row[-1] == pytest.approx(row[3] / 16)
    for seed in (3, 5):
        for split in ("train", "test"):
            terms = [row[4] for row in history if row[0] == seed and row[2] == split]
            assert terms[-1] < 0.8 * terms[0]


def test_a_test_row_is_that_of_the_saved_weights_in_use(tmp_path, splits, kinds):
    """Running statistics in the place of a batch's own, nothing dropped."""
    settings = config(seeds=[0], l2=0.5) | CLASSIFIER
    trained = train(settings, *splits, tmp_path)
    model = build_network(settings)
    model.load_state_dict(trained.weights[0])
    with torch.no_grad():
        logits = model.eval()(splits[1].clean)
    expected = functional.cross_entropy(logits, splits[1].labels).item()
    l2 = 0.5 * sum((w**2).sum() for w in model.parameters() if w.ndim > 1).item()
    assert trained.history[-1][4] == pytest.approx(expected, rel=1e-5)
    assert trained.history[-1][6] == pytest.approx(l2, rel=1e-5)


def test_models_are_trained_in_training_mode_and_tested_in_use(tmp_path, splits, kinds):
    train(config(epochs=2, seeds=[0], batch_size=40) | CLASSIFIER, *splits, tmp_path)
    epoch = [(True, True, 40), (True, True, 40), (True, True, 10), (False, False, 20)]
    assert CrossEntropy.calls == 2 * epoch
    assert CrossEntropy.steps == [(step, 3) for step in range(6)]


def test_history_of_an_untouched_model_is_the_mean_over_the_images(tmp_path, splits):
    """With a learning rate near 0 the epoch's average is that of the initial weights."""
    settings = config(epochs=1, seeds=[0], learning_rate=1e-12, l2=0.5)
    trained = train(settings, *splits, tmp_path)
    model = build_network(settings)
    model.load_state_dict(trained.weights[0])
    l2 = 0.5 * sum((w**2).sum() for w in model.parameters() if w.ndim > 1)
    posterior = model.posterior(splits[0].noisy)
    kl = -0.5 * (1 + posterior.log_variance - posterior.mean**2 - posterior.log_variance.exp())
    row = trained.history[1]
    assert row[6] == pytest.approx(l2.item(), rel=1e-4)
    assert row[5] == pytest.approx(kl.sum(-1).mean().item(), rel=1e-4)


@KINDS
def test_test_split_does_not_change_the_weights(tmp_path, splits, kinds, kind):
    first = train(config() | kind, *splits, tmp_path / "a").weights
    other = Batch(1 - splits[1].noisy, 1 - splits[1].clean, 1 - splits[1].labels)
    second = train(config() | kind, splits[0], other, tmp_path / "b").weights
    assert all(torch.equal(first[s][n], second[s][n]) for s in first for n in first[s])


@KINDS
def test_same_inputs_give_the_same_bits_and_other_seeds_others(tmp_path, splits, kinds, kind):
    first = train(config() | kind, *splits, tmp_path / "a")
    torch.rand(7)  # nothing may hang on what was drawn before
    second = train(config() | kind, *splits, tmp_path / "b")
    assert_same(first, second)
    name = next(iter(first.weights[3]))
    assert not torch.equal(first.weights[3][name], first.weights[5][name])


@KINDS
def test_states_on_disk_continue_bitwise(tmp_path, splits, kinds, kind):
    recorded = RECORDED if kind is not CLASSIFIER else {"batch_losses": True}
    whole = train(config(**recorded) | kind, *splits, tmp_path / "whole")
    stopped = config(epochs=2, **recorded) | kind
    train(stopped, *splits, tmp_path / "parts")  # as if it had been interrupted
    continued = train(config(**recorded) | kind, *splits, tmp_path / "parts")
    assert_same(whole, continued)
    assert len(whole.batches) == 1 + 2 * 4 * 6


def test_states_hold_every_epoch_that_is_over(tmp_path, splits, caplog):
    train(config(epochs=2), *splits, tmp_path)
    caplog.set_level("INFO")
    train(config(seeds=[3]), *splits, tmp_path)
    facts = [record.facts for record in caplog.records if hasattr(record, "facts")]
    assert facts[:2] == [{"images": 90}, {"resumed": 2}]
    assert [list(fact) for fact in facts[2:]] == [["epoch_seconds"]] * 2


def test_no_state_is_saved_after_the_last_seed_nor_before_it_is_worth_it(
    tmp_path, splits, monkeypatch
):
    saved = []

    def save(path, progress):
        saved.append((path.stem, progress.epochs))
        return 1000.0  # seconds that it took

    monkeypatch.setattr("vaepipe.learning.loop._timed_save", save)
    train(config(), *splits, tmp_path)
    assert saved == [("seed-3", 1), ("seed-3", 4), ("seed-5", 1)]
    saved.clear()
    train(config(epochs=1, seeds=[3]), *splits, tmp_path)
    assert saved == []


def test_a_tenth_of_a_training_goes_into_its_states_at_the_most(tmp_path, splits, monkeypatch):
    saved = []

    def save(path, progress):
        saved.append(progress.epochs)
        return 0.25  # seconds that it took

    def advance(*args):
        _advance(*args)
        return 1.0

    monkeypatch.setattr("vaepipe.learning.loop._timed_save", save)
    monkeypatch.setattr("vaepipe.learning.loop._advance", advance)
    train(config(epochs=8, seeds=[3]), *splits, tmp_path)
    assert saved == [1, 4, 7]


def test_what_a_seed_was_trained_with_is_let_go_before_the_next(tmp_path, splits, monkeypatch):
    left = []
    first = []

    def start(config, seed, device):
        left.extend(of() for of in first)
        progress = _start(config, seed, device)
        first.append(weakref.ref(progress.optimiser))
        return progress

    monkeypatch.setattr("vaepipe.learning.loop._start", start)
    trained = train(config(epochs=1), *splits, tmp_path)
    assert left == [None] and list(trained.weights) == [3, 5]


@KINDS
def test_losses_of_the_batches_average_to_the_epoch(tmp_path, splits, kinds, kind):
    settings = config(batch_losses=True, batch_size=40) | kind
    trained = train(settings, *splits, tmp_path)
    header, *rows = trained.batches
    terms = len(header) - 3
    epochs = {(r[0], r[1]): r[3 : 3 + terms] for r in trained.history[1:] if r[2] == "train"}
    assert len(rows) == 3 * len(epochs)
    for (seed, epoch), expected in epochs.items():
        own = [row for row in rows if row[:2] == [seed, epoch]]
        assert [row[2] for row in own] == [3 * epoch - 2, 3 * epoch - 1, 3 * epoch]
        for row in own:
            assert row[3] == pytest.approx(sum(row[4:]))
        for column in range(terms):
            values = [row[3 + column] for row in own]
            mean = sum(n * v for n, v in zip((40, 40, 10), values, strict=True)) / 90
            assert mean == pytest.approx(expected[column], rel=1e-6)


def test_batches_and_snapshots_are_kept_only_if_asked_for_and_change_nothing(tmp_path, splits):
    plain = train(config(), *splits, tmp_path / "plain")
    recorded = train(config(**RECORDED), *splits, tmp_path / "recorded")
    assert plain.batches == [["seed", "epoch", "step", "total", "reconstruction", "kl", "l2"]]
    assert plain.snapshots == {}
    assert plain.history == recorded.history
    assert list(recorded.snapshots) == [3, 5]


@pytest.mark.parametrize("kind", [{}, AUTOENCODER], ids=["vae", "autoencoder"])
def test_snapshots_are_reconstructions_after_each_epoch(tmp_path, splits, kinds, kind):
    trained = {
        epochs: train(config(epochs=epochs, snapshots=3) | kind, *splits, tmp_path / str(epochs))
        for epochs in (1, 4)
    }
    for seed in (3, 5):
        images = trained[4].snapshots[seed]
        assert images.dtype == "uint8" and images.shape == (4, 3, 16)
        for epochs in (1, 4):
            network = build_network(config() | kind)
            network.load_state_dict(trained[epochs].weights[seed])
            model = Model(network.eval(), build_likelihood(config()), (4, 4))
            expected = (255 * model.reconstruct(splits[1].noisy[:3])).round().reshape(3, 16)
            assert (images[epochs - 1] == expected.numpy()).all()


def test_batch_larger_than_the_data_names_the_key(tmp_path, splits):
    with pytest.raises(InputError, match=r"variants\.vae_x\.training\.batch_size: 91 .* 90"):
        train(config(batch_size=91), *splits, tmp_path)


def test_a_loss_that_diverges_says_which_term_since_when_and_what_to_lower(tmp_path, splits):
    with pytest.raises(InputError) as raised:
        train(config(learning_rate=1e6, epochs=30), *splits, tmp_path)
    found = re.fullmatch(
        r"vae_x: the (train|test) loss of seed 3 is not finite in epoch (\d+): "
        r"((reconstruction|kl|l2) is (nan|inf)(, )?)+\. (.*) "
        r"Lower variants\.vae_x\.training\.learning_rate in params\.yaml\.",
        str(raised.value),
    )
    assert found, raised.value
    good = int(found[2]) - 1
    if not good:
        assert found[7] == "No epoch before it was finished."
        return
    before = train(config(epochs=good, learning_rate=1e6, seeds=[3]), *splits, tmp_path / "before")
    (total,) = [row[3] for row in before.history if row[1:3] == [good, "train"]]
    assert f"Epoch {good} was the last good one: {total:.4g} nats" in found[7]


def test_the_gradient_norm_is_that_of_the_last_step(tmp_path, splits):
    settings = config(epochs=1, learning_rate=1e-12, l2=0.0, batch_size=90)
    train_split, test_split = splits
    train(settings, train_split, test_split, tmp_path)
    start = _start(settings, 3, torch.device("cpu"))
    progress = restore(tmp_path / "seed-3.state", start)
    model = _start(settings, 3, torch.device("cpu")).model
    shuffle = _generator(_stream(3, "order", 0), "cpu")
    noise = _generator(_stream(3, "noise", 0), "cpu")
    batch = train_split[torch.randperm(90, generator=shuffle)]
    objective = build_objective(settings)
    means = torch.stack([term.mean() for term in objective.terms(model, batch, noise)])
    objective.loss(means, 0, 1).backward()
    squares = sum((p.grad**2).sum() for p in model.parameters())
    assert progress.gradient_norm == pytest.approx(squares.sqrt().item(), rel=1e-5)


def test_the_objective_that_is_named_gets_the_likelihood_and_the_settings(kinds):
    objective = build_objective(config(learning_rate=0.25) | CLASSIFIER)
    assert isinstance(objective, CrossEntropy) and objective.rate == 0.25
    objective = build_objective(config() | AUTOENCODER)
    assert type(objective.likelihood).__module__ == "vaepipe.models.likelihoods.bernoulli"


def test_more_snapshots_than_test_images_name_the_key(tmp_path, splits):
    with pytest.raises(InputError, match=r"training\.snapshots: 21 are more than the 20 test"):
        train(config(snapshots=21), *splits, tmp_path)


STOPPED = {"epochs": 200, "learning_rate": 0.05, "l2": 0.0, "validation": 0.2, "patience": 3}
"""Of images whose classes are drawn, which can only be learned by heart."""


@pytest.fixture
def drawn(splits):
    labels = torch.randint(2, (90,), generator=torch.Generator().manual_seed(1))
    learned = replace(splits[0], labels=labels)
    return learned, learned[:20]


def validation_losses(trained, seed):
    return [row[3] for row in trained.history if row[0] == seed and row[2] == "validation"]


def test_training_stops_when_the_validation_loss_no_longer_falls(tmp_path, drawn, kinds):
    trained = train(config(**STOPPED) | CLASSIFIER, *drawn, tmp_path)
    for seed in (3, 5):
        losses = validation_losses(trained, seed)
        assert len(losses) < 200
        assert losses.index(min(losses)) == len(losses) - 1 - 3
        rows = [tuple(row[1:3]) for row in trained.history if row[0] == seed]
        assert rows[:3] == [(1, "train"), (1, "validation"), (1, "test")]
        assert len(rows) == 3 * len(losses)


def test_only_images_that_weights_are_fitted_to_are_counted(tmp_path, drawn, kinds, caplog):
    caplog.set_level("INFO")
    train(config(**STOPPED | {"epochs": 1}) | CLASSIFIER, *drawn, tmp_path)
    fact = next(record.facts for record in caplog.records if hasattr(record, "facts"))
    assert fact == {"images": round(0.8 * len(drawn[0]))}


def test_the_weights_of_the_lowest_validation_loss_are_kept(tmp_path, drawn, kinds):
    settings = config(**STOPPED) | CLASSIFIER
    trained = train(settings, *drawn, tmp_path)
    for seed, weights in trained.weights.items():
        fitted, kept_apart = _parted(drawn[0], settings["training"], seed)
        assert len(fitted) == 72 and len(kept_apart) == 18
        model = build_network(settings)
        model.load_state_dict(weights)
        with torch.no_grad():
            terms = CrossEntropy(None, settings["training"]).terms(model.eval(), kept_apart, None)
        expected = sum(term.mean().item() for term in terms)
        assert min(validation_losses(trained, seed)) == pytest.approx(expected, rel=1e-5)


def test_images_that_tell_when_to_stop_are_not_trained_on(drawn):
    settings = config(**STOPPED)["training"]
    numbered = replace(drawn[0], labels=torch.arange(90))
    parts = [_parted(numbered, settings, seed) for seed in (3, 5)]
    for fitted, kept_apart in parts:
        assert sorted([*fitted.labels.tolist(), *kept_apart.labels.tolist()]) == list(range(90))
    assert parts[0][1].labels.tolist() != parts[1][1].labels.tolist()


def test_dynamic_pixels_of_the_images_that_are_fitted_are_drawn_anew(drawn):
    dynamic = replace(drawn[0], grey=torch.rand_like(drawn[0].clean))
    fitted, _ = _parted(replace(dynamic, clean=dynamic.grey), config(**STOPPED)["training"], 3)
    assert torch.equal(fitted.grey, fitted.clean)


@KINDS
def test_a_training_that_stops_early_continues_bitwise(tmp_path, drawn, kinds, kind):
    stopped = {"epochs": 6, "validation": 0.2, "patience": 2}
    whole = train(config(**stopped) | kind, *drawn, tmp_path / "whole")
    train(config(**stopped | {"epochs": 3}) | kind, *drawn, tmp_path / "parts")
    assert_same(whole, train(config(**stopped) | kind, *drawn, tmp_path / "parts"))
    assert_same(whole, train(config(**stopped) | kind, *drawn, tmp_path / "parts"))


def test_a_share_for_validation_that_is_no_image_names_the_key(tmp_path, splits):
    with pytest.raises(InputError, match=r"vae_x\.training\.validation: 0\.001 of 90 .* none"):
        train(config(validation=0.001, patience=1), *splits, tmp_path)


def test_without_noise_only_clean_images_are_seen(tmp_path, splits):
    clean = [split.without_noise() for split in splits]
    assert all(torch.equal(split.noisy, split.clean) for split in clean)
    first = train(config(noise="none", snapshots=3), *splits, tmp_path / "a")
    assert_same(first, train(config(snapshots=3), *clean, tmp_path / "b"))
    assert first.history != train(config(), *splits, tmp_path / "c").history


def test_fresh_noise_is_other_noise_of_the_same_level_in_each_epoch(splits):
    train_split, _ = splits
    data = {"noise": "gaussian", "level": 0.2}
    first, again, second, other = (
        _drawn_anew(train_split, "fresh", data, seed, epoch)
        for seed, epoch in ((3, 0), (3, 0), (3, 1), (5, 0))
    )
    assert torch.equal(first.noisy, again.noisy)
    assert not torch.equal(first.noisy, second.noisy) and not torch.equal(first.noisy, other.noisy)
    assert torch.equal(first.clean, train_split.clean)
    added = (first.noisy - first.clean).abs()  # half of it is clipped, since pixels are 0 or 1
    assert added[added > 0].mean().item() == pytest.approx(0.2 * (2 / torch.pi) ** 0.5, rel=0.05)


def test_training_with_fresh_noise_continues_bitwise(splits, tmp_path):
    whole = train(config(noise="fresh"), *splits, tmp_path / "whole")
    train(config(noise="fresh", epochs=2), *splits, tmp_path / "parts")
    parts = train(config(noise="fresh"), *splits, tmp_path / "parts")
    fixed = train(config(), *splits, tmp_path / "fixed")
    assert parts.history == whole.history != fixed.history


def test_dynamic_pixels_are_drawn_anew_in_each_epoch(splits):
    train_split, _ = splits
    grey = torch.linspace(0, 1, 90 * 16).reshape(90, 16)
    images = replace(train_split, grey=grey)
    data = {"noise": "gaussian", "level": 0.0}
    first, again, second = (_drawn_anew(images, "fixed", data, 3, epoch) for epoch in (0, 0, 1))
    assert torch.equal(first.clean, again.clean) and not torch.equal(first.clean, second.clean)
    assert torch.equal(first.noisy, first.clean)
    assert set(first.clean.unique().tolist()) == {0.0, 1.0}
    epochs = [_drawn_anew(images, "fixed", data, 3, epoch).clean for epoch in range(400)]
    assert (torch.stack(epochs).mean(0) - grey).abs().max() < 0.11  # 4.4 standard errors
    assert _drawn_anew(train_split, "fixed", data, 3, 0) is train_split


def test_the_rate_follows_its_schedule(splits, tmp_path, monkeypatch):
    rates = []
    monkeypatch.setattr(loop.Adam, "set_rate", lambda self, rate: rates.append(rate))
    train(config(schedule="burda_2016", seeds=[3]), *splits, tmp_path)
    assert rates == pytest.approx([0.01, *3 * [0.01 * 10 ** (-1 / 7)]])
