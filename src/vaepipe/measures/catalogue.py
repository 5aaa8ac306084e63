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

    @property
    def heading(self) -> str:
        """Label and unit, for an axis."""
        return f"{self.label}, {self.unit}" if self.unit else self.label


CATALOGUE = {
    measure.name: measure
    for measure in (
        Measure("elbo", "ELBO", "nats", "higher", 1, "Kingma & Welling 2014, equation 3"),
        Measure("iw_bound", "IW bound", "nats", "higher", 1, "Burda et al. 2016, equation 8"),
        Measure(
            "iw_bound_tenth", "IW bound at K/10", "nats", "higher", 1, "the same of fewer draws"
        ),
        Measure("reconstruction", "reconstruction", "nats", "lower", 1, "-log p(x | z)"),
        Measure("kl", "KL", "nats", None, 1, "Kingma & Welling 2014, appendix B"),
        Measure("effective_samples", "effective draws", "", None, 1, "Kong 1992"),
        Measure("train_elbo", "training ELBO", "nats", None, 1, "the same on training images"),
        Measure("train_gap", "gap", "nats", None, 1, "training ELBO - ELBO"),
        Measure("active_units", "active units", "", None, 1, "Burda et al. 2016, section 5.2"),
        Measure("informative_latents", "informative latents", "", None, 1, "mean KL of a latent"),
        Measure(
            "prior_discrepancy", "MMD from prior", "", "lower", 4, "Gretton et al. 2012, equation 3"
        ),
        Measure("mse", "MSE", "", "lower", 4, "squared intensity per pixel"),
        Measure("psnr", "PSNR", "dB", "higher", 2, "-10 log10 MSE of each image"),
        Measure("ssim", "SSIM", "", "higher", 3, "Wang et al. 2004"),
        Measure(
            "legibility", "legibility", "", "higher", 3, "the judge's, relative to clean images"
        ),
        Measure("frechet", "Fréchet distance", "", "lower", 3, "Heusel et al. 2017"),
        Measure("kernel_distance", "kernel distance", "", "lower", 3, "Bińkowski et al. 2018"),
        Measure("density", "density", "", None, 3, "Naeem et al. 2020, equation 5"),
        Measure("coverage", "coverage", "", "higher", 3, "Naeem et al. 2020, equation 6"),
        Measure(
            "sharpness", "sharpness", "", None, 3, "variance of the Laplacian, over the data's"
        ),
        Measure("knn_accuracy", "k-NN", "%", "higher", 1, "Cover & Hart 1967", scale=100.0),
        Measure("accuracy", "accuracy", "%", "higher", 1, "share named rightly", scale=100.0),
        Measure("cross_entropy", "cross-entropy", "nats", "lower", 3, "-log p(label | x)"),
        Measure(
            "train_cross_entropy",
            "training cross-entropy",
            "nats",
            None,
            3,
            "the same on training images",
        ),
        Measure("cross_entropy_gap", "gap", "nats", "lower", 3, "cross-entropy - that of training"),
        Measure(
            "calibration_error",
            "calibration error",
            "%",
            "lower",
            1,
            "Guo et al. 2017, equation 3",
            scale=100.0,
        ),
        Measure("latent_accuracy", "from the latents", "%", "higher", 1, "Cox 1958", scale=100.0),
        Measure("neighbour_distance", "distance of neighbours", "", "lower", 3, "see the chapter"),
        Measure(
            "grid_confidence", "certainty on the grid", "%", "higher", 1, "the judge's", scale=100.0
        ),
        Measure("last_loss", "loss of the last epoch", "nats", "lower", 1, "see the chapter"),
        Measure("attribute_confidence", "certainty", "%", "higher", 1, "the judge's", scale=100.0),
    )
}

OF_CLASSIFIERS = (
    "accuracy",
    "cross_entropy",
    "train_cross_entropy",
    "cross_entropy_gap",
    "calibration_error",
)
OF_ANALYSES = (
    "latent_accuracy",
    "neighbour_distance",
    "grid_confidence",
    "last_loss",
    "attribute_confidence",
)
"""Those that no evaluation has, but the comparison of a study."""
OF_KIND = {
    "vae": tuple(n for n in CATALOGUE if n not in (*OF_CLASSIFIERS, *OF_ANALYSES)),
    "autoencoder": ("mse", "psnr", "ssim", "legibility", "knn_accuracy"),
    "classifier": OF_CLASSIFIERS,
}
"""The measures that are taken of each kind of model, in the order of the catalogue."""


def facts(names: Iterable[str]) -> list[dict[str, Any]]:
    """What a document needs to print these measures."""
    return [asdict(CATALOGUE[name]) for name in names]
