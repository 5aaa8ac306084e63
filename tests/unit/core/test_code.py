import json
import shutil
import subprocess
import sys

import pytest
from conftest import ROOT

from vaepipe.core import code
from vaepipe.core.errors import InputError
from vaepipe.core.inputs import md5

DEPS = [
    "data/train.parquet",
    "workflow/scripts/train.py",
    "src/vaepipe/core",
    "src/vaepipe/models/normal.py",
    "src/vaepipe/models/bodies/${item.body}.py",
    "src/vaepipe/models/kinds/${item.kind}.py",
]

STAGES = """
stages:
  train:
    foreach: ${variants}
    do:
      cmd: >-
        python workflow/scripts/train.py ${key} data
        results/${key}
      deps:
        - data/train.parquet: {remote: x}
        - src/vaepipe/core
        - src/vaepipe/models/bodies/${item.body}.py
  report:
    cmd: python workflow/scripts/report.py report.pdf
    deps:
      - src/vaepipe
"""


@pytest.fixture
def stages(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "dvc.yaml").write_text(STAGES)


def package(*modules: str) -> list[str]:
    return [f"src/vaepipe/{module}" for module in modules]


def test_a_folder_covers_what_lies_in_it_and_nothing_beside_it():
    files = package("core/files.py", "core/deep/er.py", "core.py", "cores/files.py")
    assert code.unlisted(files, DEPS) == package("core.py", "cores/files.py")


def test_a_file_covers_itself():
    files = package("models/normal.py", "models/normals.py", "models/saved.py")
    assert code.unlisted(files, DEPS) == files[1:]


def test_a_chosen_name_covers_one_module_of_its_folder():
    assert code.unlisted(package("models/bodies/mlp.py", "models/kinds/vae.py"), DEPS) == []
    both = package("models/bodies/conv.py", "models/bodies/mlp.py", "models/kinds/vae.py")
    assert code.unlisted(both, DEPS) == package("models/bodies/mlp.py")
    other = package("models/objectives/elbo.py")
    assert code.unlisted(other, DEPS) == other


def test_a_module_that_is_listed_itself_takes_no_chosen_name():
    deps = [*DEPS, "src/vaepipe/models/bodies/mlp.py"]
    assert code.unlisted(package("models/bodies/mlp.py", "models/bodies/conv.py"), deps) == []


@pytest.mark.parametrize(
    "module",
    [
        "params.py",
        "config/fields.py",
        "config/__init__.py",
        "studies/letters/config.py",
        "__init__.py",
        "models/__init__.py",
        "models/bodies/__init__.py",
    ],
)
def test_what_holds_no_number_is_no_input(module):
    assert not code.is_input(module)


@pytest.mark.parametrize(
    "module",
    ["core/code.py", "studies/letters/analysis.py", "models/config.py", "report/params.py"],
)
def test_all_other_modules_are_inputs(module):
    assert code.is_input(module)


PROBE = """
import json, sys
sys.path.insert(0, "src")
from pathlib import Path
from vaepipe.core import command, code
module = Path("src/vaepipe/models/extra.py")
before = module.stat()
import vaepipe.models.extra
module.write_text("VALUE = 2\\n")
__import__("os").utime(module, ns=(before.st_atime_ns, before.st_mtime_ns))
del sys.modules["vaepipe.models.extra"]
import vaepipe.models.extra
print(json.dumps([vaepipe.models.extra.VALUE, code.loaded()]))
"""


def test_modules_are_digested_as_they_are_loaded_and_never_taken_from_bytecode(tmp_path):
    """An edit within a second that leaves the size is one that bytecode would hide."""
    shutil.copytree(ROOT / "src", tmp_path / "src")
    (tmp_path / "src/vaepipe/models/extra.py").write_text("VALUE = 1\n")
    probe = tmp_path / "probe.py"
    probe.write_text(PROBE)
    result = subprocess.run(
        [sys.executable, "probe.py"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    value, loaded = json.loads(result.stdout)
    assert value == 2
    for name in ("probe.py", "src/vaepipe/models/extra.py", "src/vaepipe/core/errors.py"):
        assert loaded[name] == md5(tmp_path / name)
    assert not [name for name in loaded if name.endswith("__init__.py") and "core" not in name]


def test_a_stage_is_found_by_its_script(stages):
    assert code.listed("workflow/scripts/train.py") == [
        "src/vaepipe/core",
        "src/vaepipe/models/bodies/${item.body}.py",
    ]
    assert code.listed("workflow/scripts/report.py") == ["src/vaepipe"]


@pytest.mark.parametrize("script", ["workflow/scripts/other.py", "scripts/train.py", "train.py"])
def test_a_script_of_no_stage_is_refused(stages, script):
    with pytest.raises(InputError, match=rf"dvc\.yaml: no stage runs {script}\."):
        code.listed(script)


def test_a_missing_list_of_stages_is_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=r"dvc\.yaml: no such file"):
        code.listed("workflow/scripts/train.py")


def test_code_that_is_not_listed_is_named_with_the_command_that_lists_it():
    script = "workflow/scripts/train.py"
    code.check_listed(package("core/code.py", "models/bodies/mlp.py"), DEPS, script)
    with pytest.raises(InputError) as caught:
        code.check_listed(package("core/code.py", "models/batch.py"), DEPS, script)
    assert f"of {script} does not list src/vaepipe/models/batch.py, so" in str(caught.value)
    assert "`python workflow/bridge/imports.py`" in str(caught.value)


def test_another_file_than_planned_is_named():
    planned = {"a.py": "1", "b.py": "2"}
    code.check_same({"a.py": "1", "unplanned.csv": "3"}, planned)
    with pytest.raises(InputError, match=r"^b\.py was edited during this run"):
        code.check_same({"a.py": "1", "b.py": "3"}, planned)
