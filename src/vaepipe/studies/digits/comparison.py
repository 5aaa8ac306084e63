"""The variants of the study `digits` side by side."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from vaepipe.core.files import write_json
from vaepipe.generative import comparison

JUDGED = ("elbo", "reconstruction", "prior_discrepancy", "frechet", "knn_accuracy")
"""Measures by which each variant is compared with the baseline."""
OUTPUTS = (*comparison.FIGURES, "comparison.json")


def compare(
    settings: Mapping[str, Any],
    models: Path,
    evaluations: Path,
    analyses: Path,
    judges: Path,
    *outputs: Path,
) -> None:
    """Draw all variants and write their table; the outputs are in the order of OUTPUTS."""
    *figures, table = outputs
    folders = (models, evaluations, analyses, judges)
    write_json(table, comparison.compare("digits", JUDGED, settings, *folders, *figures))
