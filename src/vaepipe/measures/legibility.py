"""Whether the judge still reads what is decoded."""

from torch import Tensor

from vaepipe.judges.classifier import Judge
from vaepipe.measures.subject import Subject


def measure(subject: Subject) -> dict[str, float]:
    """legibility: the judge's accuracy on what is decoded, relative to that on clean images.

    Decoded from the posterior means of the noisy test images. It may exceed 1; it is 0 if the
    judge is right about no clean image either.
    """
    return {"legibility": legibility(subject.judge, subject.decoded, subject.test.labels)}


def legibility(judge: Judge, images: Tensor, labels: Tensor) -> float:
    """The same of any images (n, pixels) with labels (n,)."""
    return judge.right(images, labels) / judge.accuracy if judge.accuracy else 0.0
