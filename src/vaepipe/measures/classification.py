"""How well a classifier names what an image shows, and how well it knows."""

import torch
from torch import Tensor

from vaepipe.measures.calibration import expected_calibration_error
from vaepipe.measures.subject import Subject


def measure(subject: Subject) -> dict[str, float]:
    """accuracy, cross_entropy, train_cross_entropy, cross_entropy_gap, calibration_error.

    Of the test images, but for train_cross_entropy, which is over all training images, those that
    told when to stop among them; the gap is what the test images cost more. Accuracies from 0 to 1,
    cross-entropies in nats per image.
    """
    test, train = subject.test, subject.train
    probabilities = subject.probabilities
    found = of_each(subject).mean().item()
    known = cross_entropy(subject.model.classify(train.noisy), train.labels).mean().item()
    return {
        "accuracy": (probabilities.argmax(-1) == test.labels).double().mean().item(),
        "cross_entropy": found,
        "train_cross_entropy": known,
        "cross_entropy_gap": found - known,
        "calibration_error": expected_calibration_error(
            probabilities.cpu().numpy(), test.labels.cpu().numpy()
        ),
    }


def of_each(subject: Subject) -> Tensor:
    """The cross-entropy of each test image, (n,), in nats."""
    return cross_entropy(subject.probabilities, subject.test.labels)


def cross_entropy(probabilities: Tensor, labels: Tensor) -> Tensor:
    """-log p(label | x) in nats, (n,), of probabilities (n, classes) and labels (n,)."""
    chosen = probabilities.gather(1, labels[:, None])[:, 0].double()
    return -chosen.clamp(min=torch.finfo(torch.float32).tiny).log()
