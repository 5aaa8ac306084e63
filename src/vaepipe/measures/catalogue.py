"""What each measure is: its name, unit, direction and source. Computed in the modules beside it."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Literal


@dataclass(frozen=True)
class Measure:
    """A mean over the test images, or a count, printed times `scale` with so many digits."""

    name: str
    label: str
    unit: str
    better: Literal["higher", "lower"] | None
    """None where more is neither better nor worse."""
    digits: int
    source: str
    scale: float = 1.0


CATALOGUE = {
    measure.name: measure
    for measure in (
        Measure("elbo", "ELBO", "nats", "higher", 1, "Kingma & Welling 2014, equation 3"),
        Measure("iw_bound", "IW bound", "nats", "higher", 1, "Burda et al. 2016, equation 8"),
        Measure("reconstruction", "reconstruction", "nats", "lower", 1, "-log p(x | z)"),
        Measure("kl", "KL", "nats", None, 1, "Kingma & Welling 2014, appendix B"),
        Measure("active_units", "active units", "", None, 1, "Burda et al. 2016, section 5.2"),
        Measure("informative_latents", "informative latents", "", None, 1, "mean KL of a latent"),
        Measure("mse", "MSE", "", "lower", 4, "squared intensity per pixel"),
        Measure("psnr", "PSNR", "dB", "higher", 2, "-10 log10 MSE of each image"),
        Measure("ssim", "SSIM", "", "higher", 3, "Wang et al. 2004"),
        Measure("knn_accuracy", "k-NN", "%", "higher", 1, "Cover & Hart 1967", scale=100.0),
    )
}


def facts(names: Iterable[str]) -> list[dict[str, Any]]:
    """What a document needs to print these measures."""
    return [asdict(CATALOGUE[name]) for name in names]
