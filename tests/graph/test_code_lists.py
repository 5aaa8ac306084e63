"""Code is an input: both engines list, for each script, the modules that it imports."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT, environment
from ruamel.yaml import YAML

sys.path.insert(0, str(ROOT / "workflow"))

from bridge import imports

from vaepipe.core.code import is_input, unlisted

SCRIPTS = sorted(
    str(path.relative_to(ROOT))
    for path in (ROOT / "workflow/scripts").rglob("*.py")
    if path.stem not in ("costs", "index_images") and not path.stem.startswith("download_")
)
STAGES = YAML(typ="safe").load(ROOT / "dvc.yaml")["stages"].values()

PROBE = """
import importlib
import json
import sys
from pathlib import Path
script, *chosen = sys.argv[1:]
source = Path(script).read_text()
assert source.endswith("\\nrun(main)\\n")
exec(compile(source.removesuffix("run(main)\\n"), script, "exec"), {"__file__": script})
def tell():
    ours = [of for name, of in sys.modules.items() if name.split(".")[0] == "vaepipe"]
    print(json.dumps([module.__file__ for module in ours]))
tell()
for name in chosen:
    importlib.import_module(name)
tell()
"""


@pytest.fixture(autouse=True)
def at_the_top(monkeypatch):
    monkeypatch.chdir(ROOT)


def imported(script: str, *chosen: str) -> tuple[set[str], set[str]]:
    """The modules that a script imports, and these together with those of what it chooses."""
    result = subprocess.run(
        ["python", "-c", PROBE, script, *chosen],
        env=environment(preloaded=True),
        capture_output=True,
        text=True,
        check=True,
    )
    package = f"{ROOT}/src/vaepipe/"
    own, together = map(json.loads, result.stdout.splitlines())
    assert all(name.startswith(package) for name in together)
    return tuple(
        {f"src/vaepipe/{name}" for path in paths if is_input(name := path.removeprefix(package))}
        for paths in (own, together)
    )


def listed(script: str) -> list[str]:
    stages = [stage.get("do", stage) for stage in STAGES]
    (found,) = [stage["deps"] for stage in stages if script in stage["cmd"].split()]
    return found


@pytest.mark.parametrize("script", SCRIPTS)
def test_dvc_lists_what_a_script_imports_and_no_more(script):
    deps = listed(script)
    assert script in deps or "workflow/scripts" in deps
    files = {dep for dep in deps if dep.startswith("src/") and dep.endswith(".py")}
    patterns = {re.sub(r"\$\{[^}]+\}", "*", dep) for dep in files if "${" in dep}
    patterns |= {f"{dep}/*.py" for dep in deps if re.fullmatch(r"src/vaepipe/models/\w+", dep)}
    chosen = [path for pattern in patterns for path in Path().glob(pattern) if path.stem[0] != "_"]
    names = [".".join(path.with_suffix("").parts[1:]) for path in chosen]
    own, together = imported(script, *names)
    assert not unlisted(own, deps)
    assert {dep for dep in files if "${" not in dep} <= together


def test_snakemake_lists_the_same_files():
    names = {
        "kind": "vae",
        "body": "mlp",
        "objective": "elbo",
        "likelihood": "bernoulli",
        "study": "letters",
    }
    found = imports.files("workflow/scripts/train.py", names)
    for module in ("kinds/vae", "bodies/mlp", "objectives/elbo", "likelihoods/bernoulli"):
        assert f"src/vaepipe/models/{module}.py" in found
    assert "src/vaepipe/learning/loop.py" in found
    assert "src/vaepipe/params.py" not in found
    assert not [file for file in found if not (ROOT / file).is_file()]


def test_an_import_is_followed_through_functions_and_packages(plain, tmp_path, monkeypatch):
    project = plain.copy(tmp_path / "project")
    module = project.folder / "src/vaepipe/datasets/images.py"
    module.write_text(
        f"{module.read_text()}\n\ndef late():\n    from vaepipe.datasets import noise\n"
    )
    before = (project.folder / "dvc.yaml").read_text()
    assert "run `python workflow/bridge/imports.py`" in " ".join(
        project.refused("snakemake", "-n").lower().split()
    )
    project.run("python", "workflow/bridge/imports.py")
    after = (project.folder / "dvc.yaml").read_text()
    assert after.count("src/vaepipe/datasets/noise.py") > before.count(
        "src/vaepipe/datasets/noise.py"
    )
    assert "images.py" in after
    project.run("snakemake", "-n")
    project.run("git", "checkout", "src")
    project.run("python", "workflow/bridge/imports.py")
    assert (project.folder / "dvc.yaml").read_text() == before


@pytest.mark.parametrize(
    ("line", "replacement"),
    [
        ("        - src/vaepipe/models/normal.py\n", ""),
        ("        - src/vaepipe/learning\n", "        - src/vaepipe/learning/loop.py\n"),
        ("        - src/vaepipe/machine\n", "        - src/vaepipe/machine\n" * 2),
    ],
    ids=["dropped", "changed", "doubled"],
)
def test_a_list_by_hand_is_refused_at_load(plain, tmp_path, line, replacement):
    project = plain.copy(tmp_path / "project")
    stages = project.folder / "dvc.yaml"
    before = stages.read_text()
    assert line in before
    stages.write_text(before.replace(line, replacement, 1))
    message = project.refused("snakemake", "-n")
    assert "dvc.yaml" in message and "python workflow/bridge/imports.py" in message
    project.run("python", "workflow/bridge/imports.py")
    assert stages.read_text() == before


def test_a_script_that_loads_what_is_not_listed_writes_nothing(project):
    stages = project.folder / "dvc.yaml"
    stages.write_text(stages.read_text().replace("        - src/vaepipe/datasets/noise.py\n", ""))
    folders = ("data/interim/letters", "data/other")
    message = project.refused("python", "workflow/scripts/prepare.py", "letters", *folders)
    assert "does not list src/vaepipe/datasets/noise.py" in message
    assert not list((project.folder / "data/other").iterdir())


@pytest.mark.parametrize("script", ["describe", "figures", "compare"])
def test_figures_are_drawn_without_torch(script):
    probe = f"{PROBE}\nprint(sum(name == 'torch' for name in sys.modules))"
    result = subprocess.run(
        [sys.executable, "-c", probe, f"workflow/scripts/letters/{script}.py"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout.splitlines()[-1] == "0"


def test_a_part_that_is_not_there_is_refused_at_load(plain, tmp_path):
    project = plain.copy(tmp_path / "project")
    (project.folder / "src/vaepipe/models/bodies/mlp.py").unlink()
    message = project.refused("snakemake", "-n")
    assert "variants.vae_2 asks for src/vaepipe/models/bodies/mlp.py: no such file" in message


def test_a_script_may_not_import_another(plain, tmp_path):
    project = plain.copy(tmp_path / "project")
    script = project.folder / "workflow/scripts/prepare.py"
    script.write_text(script.read_text().replace("from functools", "import train\nfrom functools"))
    assert "prepare.py: imports train" in project.refused("snakemake", "-n")


def test_what_is_imported_by_an_unreadable_name_is_refused(plain, tmp_path):
    project = plain.copy(tmp_path / "project")
    module = project.folder / "src/vaepipe/datasets/noise.py"
    module.write_text(f"{module.read_text()}\n\ndef late(name):\n    import_module(name)\n")
    assert "noise.py:" in project.refused("snakemake", "-n")
    assert "error: " in project.refused("python", "workflow/bridge/imports.py")
