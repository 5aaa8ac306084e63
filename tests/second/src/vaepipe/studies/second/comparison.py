"""The variants of the study `second` side by side."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from vaepipe.core.files import write_json
from vaepipe.core.provenance import check_folders
from vaepipe.measures.table import read_results, spreads


def compare(settings: Mapping[str, Any], models: Path, evaluations: Path, output: Path) -> None:
    check_folders([models, evaluations], settings["variants"], "variant")
    measures = spreads(read_results("second", evaluations))
    write_json(output, {name: measures[name]["elbo"] for name in settings["variants"]})
