"""All variants of a study side by side: measures, the best of each, verdicts against the spread."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from vaepipe.errors import InputError

HIGHER_IS_BETTER = ("elbo", "iw_bound", "psnr", "ssim", "knn_accuracy")
LOWER_IS_BETTER = ("reconstruction", "mse")


def check_folders(parents: Sequence[Path], variants: Sequence[str]) -> None:
    """Raises InputError if a folder belongs to no listed variant: it must enter no result."""
    found = sorted(p for parent in parents if parent.is_dir() for p in parent.iterdir())
    strangers = [path for path in found if path.name not in variants]
    if strangers:
        names = sorted({path.name for path in strangers})
        raise InputError(
            f"{', '.join(map(str, strangers))}: {', '.join(names)} is no variant of params.yaml. "
            f"Remove what is left over: rm -r {' '.join(map(str, strangers))}"
        )


def table(
    configs: Mapping[str, Mapping], summaries: Mapping[str, Mapping], baseline: str
) -> dict[str, Any]:
    """Rows in the order of the variants; the best variant of each measure.

    Each row's `compare` is the verdict on its ELBO against that of the baseline.
    """
    measures = {name: summary["measures"] for name, summary in summaries.items()}
    rows = [
        {
            "name": name,
            "model": configs[name]["model"],
            "training": configs[name]["training"],
            "measures": measures[name],
            "compare": verdict(measures[name]["elbo"], measures[baseline]["elbo"]),
        }
        for name in configs
    ]
    return {
        "baseline": baseline,
        "input": next(iter(summaries.values()))["input"],
        "best": {measure: best(measures, measure) for measure in measures[baseline]},
        "variants": rows,
        "warmups": warmups(rows),
    }


def warmups(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What a KL warm-up did: each variant that has one beside its partner without.

    A partner has the same model and batch size. `elbo` and `informative_latents` are verdicts.
    """
    found = []
    for warm in rows:
        partners = [
            row
            for row in rows
            if row["model"] == warm["model"]
            and row["training"]["batch_size"] == warm["training"]["batch_size"]
            and row["training"]["warmup_epochs"] == 0
        ]
        if warm["training"]["warmup_epochs"] and partners:
            measures, others = warm["measures"], partners[0]["measures"]
            found.append(
                {"variant": warm["name"], "partner": partners[0]["name"]}
                | {m: verdict(measures[m], others[m]) for m in ("elbo", "informative_latents")}
            )
    return found


def best(measures: Mapping[str, Mapping], measure: str) -> str | None:
    """The variant with the best mean; None where more is neither better nor worse."""
    means = {name: values[measure]["mean"] for name, values in measures.items()}
    if measure in HIGHER_IS_BETTER:
        return max(means, key=means.__getitem__)
    if measure in LOWER_IS_BETTER:
        return min(means, key=means.__getitem__)
    return None


def verdict(measure: Mapping[str, Any], baseline: Mapping[str, Any]) -> str:
    """Whether a measure is "better" or "worse" (higher or lower) than a baseline, or "unclear".

    A difference counts where it is larger than twice the standard deviation of a difference
    of two runs, sqrt(s1² + s2²). "unknown" where there is only one seed.
    """
    if measure["std"] is None or baseline["std"] is None:
        return "unknown"
    difference = measure["mean"] - baseline["mean"]
    if abs(difference) <= 2 * math.hypot(measure["std"], baseline["std"]):
        return "unclear"
    return "better" if difference > 0 else "worse"
