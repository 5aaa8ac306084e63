"""The report: Typst, which reads params.yaml, tables and figures by itself."""

import json
from importlib.metadata import version
from pathlib import Path

import typst

from vaepipe.files import code_files, digest

TEMPLATE = Path("workflow/report/report.typ")
PACKAGES = ("torch", "numpy", "pyarrow", "scikit-learn", "scikit-image", "matplotlib", "typst")


def typeset(path: Path) -> None:
    """Write the PDF; the same inputs give the same bytes."""
    inputs = {
        "code": digest(code_files())[:16],
        "packages": json.dumps({name: version(name) for name in PACKAGES}),
    }
    typst.compile(TEMPLATE, output=path, root=Path(), format="pdf", sys_inputs=inputs)
