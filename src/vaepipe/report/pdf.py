"""Documents: Typst, which reads tables and figures by itself."""

import json
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import typst

from vaepipe.core.errors import InputError
from vaepipe.core.files import digest, tree
from vaepipe.core.inputs import reading

PACKAGES = ("torch", "numpy", "pyarrow", "scikit-learn", "scikit-image", "matplotlib", "typst")
PARTS = ("data", "figures", "comparison")
"""Folders under results/<study> that its chapter is made of."""


def typeset(path: Path, workflow: Path, title: str, params: Mapping[str, Any]) -> None:
    """Write the report of the studies in `params`; the same inputs give the same bytes.

    The template lies in the folder `workflow`. The report states a digest of the code: library,
    scripts and template. Raises InputError if a table or figure that it reads is missing or
    damaged.
    """
    code = tree(Path("src/vaepipe"), workflow / "scripts", workflow / "report")
    chapters = [Path("results", study, part) for study in params["studies"] for part in PARTS]
    with reading(*code, *tree(*chapters)):
        inputs = {
            "title": title,
            "params": json.dumps(params),
            "code": digest(code)[:16],
            "packages": json.dumps({name: version(name) for name in PACKAGES}),
        }
        compile_pdf(workflow / "report/report.typ", path, inputs)


def compile_pdf(template: Path, path: Path, inputs: Mapping[str, str]) -> None:
    """Typeset a template, to which Typst gives the inputs; raises InputError if it fails."""
    try:
        typst.compile(template, output=path, root=Path(), format="pdf", sys_inputs=dict(inputs))
    except typst.TypstError as error:
        raise InputError(
            f"{template} could not be typeset: {error}. If a file under results/ is damaged, "
            "delete it and run again: it will be made anew."
        ) from error
