"""Both engines list, for each script, the modules that it imports: code is an input."""

import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT
from ruamel.yaml import YAML

# Neither holds a number: params.yaml and the lists of bodies are inputs of their own.
UNLISTED = {"vaepipe", "vaepipe.config", "vaepipe.registry"}
SCRIPTS = sorted(
    path.stem
    for path in (ROOT / "workflow/scripts").glob("*.py")
    if path.stem not in ("report", "download_emnist")
)

PROBE = """
import sys
from pathlib import Path
from pathlib import Path
script = Path(sys.argv[1])
source = script.read_text()
assert source.endswith("\\nrun(main)\\n")
exec(compile(source.removesuffix("run(main)\\n"), script, "exec"), {"__file__": str(script)})
found = {n: m.__file__ for n, m in sys.modules.items() if n.split(".")[0] == "vaepipe"}
print("\\n".join(f"{name} {file}" for name, file in sorted(found.items())))
print("torch" in sys.modules, file=sys.stderr)
"""


def imported(script: str) -> tuple[set[str], bool]:
    """The project's files that a script imports, and whether it imports torch."""
    path = ROOT / "workflow/scripts" / f"{script}.py"
    result = subprocess.run(
        [sys.executable, "-c", PROBE, path], capture_output=True, text=True, check=True
    )
    rows = [line.split(" ", 1) for line in result.stdout.splitlines()]
    assert all(file.startswith(f"{ROOT}/src/vaepipe/") for _, file in rows)
    files = {file.removeprefix(f"{ROOT}/") for name, file in rows if name not in UNLISTED}
    return {f for f in files if "/bodies/" not in f}, "True" in result.stderr


@pytest.mark.parametrize("script", [script for script in SCRIPTS if script != "costs"])
def test_dvc_lists_the_imports(script):
    stage = YAML(typ="safe").load(ROOT / "dvc.yaml")["stages"][script]
    deps = stage.get("do", stage)["deps"]
    listed = {d for d in deps if d.startswith("src/vaepipe/") and "/bodies/" not in d}
    assert listed == imported(script)[0]
    assert f"workflow/scripts/{script}.py" in deps


@pytest.mark.parametrize("script", SCRIPTS)
def test_snakemake_lists_the_imports(script, snakemake_code):
    listed = {f for f in snakemake_code[script] if f.startswith("src/vaepipe/")}
    assert listed == imported(script)[0]
    assert f"workflow/scripts/{script}.py" in snakemake_code[script]


@pytest.fixture(scope="module")
def snakemake_code() -> dict[str, list[str]]:
    """What `code(…)` gives for each rule, by reading the rules as Snakemake does."""
    import re

    common = (ROOT / "workflow/rules/common.smk").read_text()
    function = common[common.index("def code(") :].split("\n\n\n")[0]
    namespace: dict = {"Path": Path}
    exec(function, namespace)
    found = {}
    for path in (ROOT / "workflow/rules").glob("*.smk"):
        for call in re.findall(r"code=(code\([^)]*\))", path.read_text()):
            files = eval(call, namespace)
            found[files[0].removeprefix("workflow/scripts/").removesuffix(".py")] = files
    return found


@pytest.mark.parametrize("script", ["letters_data", "letters_figures", "letters_compare"])
def test_figures_are_drawn_without_torch(script):
    assert not imported(script)[1]
