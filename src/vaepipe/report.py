"""The report: Typst, which reads tables and figures by itself."""

import json
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

import typst

from vaepipe.errors import InputError
from vaepipe.files import code_files, digest

TEMPLATE = Path("workflow/report/report.typ")
PACKAGES = ("torch", "numpy", "pyarrow", "scikit-learn", "scikit-image", "matplotlib", "typst")


def typeset(path: Path, params: Mapping) -> None:
    """Write the PDF; the same inputs give the same bytes.

    Raises InputError if a table or figure that it reads is missing or damaged.
    """
    inputs = {
        "params": json.dumps(params),
        "code": digest(code_files())[:16],
        "packages": json.dumps({name: version(name) for name in PACKAGES}),
    }
    compile_pdf(TEMPLATE, path, inputs)


def compile_pdf(template: Path, path: Path, inputs: Mapping[str, str]) -> None:
    """Typeset a template, to which Typst gives the inputs; raises InputError if it fails."""
    try:
        typst.compile(template, output=path, root=Path(), format="pdf", sys_inputs=dict(inputs))
    except typst.TypstError as error:
        raise InputError(
            f"{template} could not be typeset: {error}. If a file under results/ is damaged, "
            "delete it and run again: it will be made anew."
        ) from error
