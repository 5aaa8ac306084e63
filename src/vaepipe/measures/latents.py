"""How many latents carry something."""

from torch import Tensor

from vaepipe.measures.subject import Subject


def measure(subject: Subject) -> dict[str, float]:
    """active_units, informative_latents: counts."""
    mean_kl = subject.model.network.mean_kl(subject.test.noisy)
    return {
        "active_units": active_units(subject.codes, subject.settings["active_threshold"]),
        "informative_latents": informative_latents(mean_kl, subject.settings["informative_kl"]),
    }


def active_units(codes: Tensor, threshold: float) -> int:
    """Latents whose posterior mean varies over the data by more than the threshold.

    `codes` are posterior means (n, latent): Burda, Grosse & Salakhutdinov 2016, section 5.2.
    """
    return int((codes.var(0) > threshold).sum())


def informative_latents(mean_kl: Tensor, threshold: float) -> int:
    """Latents whose KL, averaged over the data (latent,), exceeds the threshold in nats.

    It asks more than `active_units`: a mean that varies by 0.01 is a KL of 0.005 nats.
    """
    return int((mean_kl > threshold).sum())
