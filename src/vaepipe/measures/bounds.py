"""Bounds of the log likelihood, in nats, as means over the images."""

import torch

from vaepipe.measures.importance import bounds
from vaepipe.measures.subject import Subject


def measure(subject: Subject) -> dict[str, float]:
    """elbo, iw_bound, iw_bound_tenth, reconstruction, kl, effective_samples; train_elbo, train_gap.

    The last two are of as many training images as there are test images, spread over the split, by
    a tenth of the draws; and of what training gains over the test split.
    """
    found = {name: values.mean().item() for name, values in subject.bounds.items()}
    rows = torch.linspace(0, len(subject.train) - 1, min(len(subject.train), len(subject.test)))
    fewer = {"importance_samples": max(1, subject.settings["importance_samples"] // 10)}
    train = bounds(subject.model, subject.train[rows.long()], subject.settings | fewer)
    train_elbo = train["elbo"].mean().item()
    return found | {"train_elbo": train_elbo, "train_gap": train_elbo - found["elbo"]}
