import pytest

from vaepipe.core import code
from vaepipe.core.errors import InputError

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


def test_a_folder_covers_what_lies_in_it_and_nothing_beside_it():
    modules = ["core/files.py", "core/deep/er.py", "core.py", "cores/files.py"]
    assert code.unlisted(modules, DEPS) == ["src/vaepipe/core.py", "src/vaepipe/cores/files.py"]


def test_a_file_covers_itself():
    found = code.unlisted(["models/normal.py", "models/normals.py", "models/saved.py"], DEPS)
    assert found == ["src/vaepipe/models/normals.py", "src/vaepipe/models/saved.py"]


def test_a_chosen_name_covers_one_module_of_its_folder():
    assert code.unlisted(["models/bodies/mlp.py", "models/kinds/vae.py"], DEPS) == []
    both = ["models/bodies/conv.py", "models/bodies/mlp.py", "models/kinds/vae.py"]
    assert code.unlisted(both, DEPS) == ["src/vaepipe/models/bodies/mlp.py"]
    assert code.unlisted(["models/objectives/elbo.py"], DEPS) == [
        "src/vaepipe/models/objectives/elbo.py"
    ]


def test_a_module_that_is_listed_itself_takes_no_chosen_name():
    deps = [*DEPS, "src/vaepipe/models/bodies/mlp.py"]
    assert code.unlisted(["models/bodies/mlp.py", "models/bodies/conv.py"], deps) == []


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


def test_loaded_are_the_files_of_the_imported_modules():
    files = code.loaded()
    assert {"code.py", "errors.py"} <= {file.name for file in files}
    assert all(file.is_file() and "vaepipe" in file.parts for file in files)


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


def test_loaded_code_that_is_not_listed_is_named_with_the_command_that_lists_it(
    stages, monkeypatch
):
    package = code.Path(code.__file__).parents[1]
    loaded = ["core/code.py", "models/bodies/mlp.py", "config/fields.py", "models/__init__.py"]
    monkeypatch.setattr(code, "loaded", lambda: [package / name for name in loaded])
    code.check("workflow/scripts/train.py")
    loaded.append("models/normal.py")
    with pytest.raises(InputError) as caught:
        code.check("workflow/scripts/train.py")
    assert "does not list src/vaepipe/models/normal.py, so" in str(caught.value)
    assert "`python workflow/bridge/imports.py`" in str(caught.value)
    code.check("workflow/scripts/report.py")
