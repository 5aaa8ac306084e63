"""How well classes are told apart by the latents."""

from torch import Tensor

from vaepipe.core.errors import InputError
from vaepipe.measures.subject import Subject
from vaepipe.models.neighbours import vote


def measure(subject: Subject) -> dict[str, float]:
    """knn_accuracy, 0 to 1, on the posterior means of the noisy images.

    Raises InputError as `check_neighbours` does.
    """
    train, test = subject.train, subject.test
    neighbours = subject.settings["neighbours"]
    check_neighbours(neighbours, len(train))
    codes = subject.model.encode(train.noisy)
    return {
        "knn_accuracy": knn_accuracy(codes, train.labels, subject.codes, test.labels, neighbours)
    }


def check_neighbours(neighbours: int, images: int) -> None:
    """Raises InputError if there are fewer training images than neighbours asked for."""
    if neighbours > images:
        raise InputError(
            f"params.yaml: evaluation.neighbours: {neighbours} are more than the {images} "
            "training images."
        )


def knn_accuracy(
    train: Tensor, train_labels: Tensor, test: Tensor, test_labels: Tensor, neighbours: int
) -> float:
    """Share of test codes (n, latent) whose nearest training codes vote for their own label."""
    named = vote(test, train, train_labels, neighbours)
    return (named == test_labels).double().mean().item()
