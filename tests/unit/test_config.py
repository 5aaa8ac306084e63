import json
from pathlib import Path
from unittest.mock import ANY

import pytest
from ruamel.yaml import YAML

from vaepipe.config import confirm, load_params, raw_files, schema, variant_config
from vaepipe.core.errors import InputError

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ROOT / "params.yaml"


def edited(tmp_path: Path, *edits: tuple[str, object]) -> Path:
    """A copy of the shipped params.yaml with values at dotted paths replaced; ... removes one."""
    content = YAML(typ="safe").load(SHIPPED)
    for path, value in edits:
        *parents, last = path.split(".")
        block = content
        for key in parents:
            block = block[key]
        if value is ...:
            del block[last]
        else:
            block[last] = value
    target = tmp_path / "params.yaml"
    with target.open("w") as file:
        YAML(typ="safe").dump(content, file)
    return target


def test_shipped_parameters_are_the_reference_s():
    params = load_params(SHIPPED)
    found = {
        name: (v.model.latent, v.training.batch_size, v.training.learning_rate)
        for name, v in params.variants.items()
    }
    assert found == {
        "vae_2": (2, 200, 0.003),
        "vae_10": (10, 200, 0.003),
        "vae_20": (20, 200, 0.003),
        "vae_20_100": (20, 100, 0.003),
        "vae_20_300": (20, 300, 0.003),
        "vae_20_warmup": (20, 200, 0.001),
    }
    assert params.studies.letters.model.hidden == [392, 196, 100]
    assert len(params.studies.letters.training.seeds) == 3
    assert params.studies.letters.evaluation.characters == "ARZODHKNV"


def test_exported_schema_is_up_to_date():
    exported = (ROOT / "workflow/schemas/params.schema.json").read_text()
    assert exported == schema(), "run `python -m vaepipe.config`"


def test_shipped_parameters_meet_the_schema():
    import jsonschema

    jsonschema.validate(YAML(typ="safe").load(SHIPPED), json.loads(schema()))


def test_variant_config_merges_study_and_variant():
    config = variant_config(load_params(SHIPPED), "vae_10")
    assert config["model"] == {"hidden": [392, 196, 100], "latent": 10}
    assert config["training"]["batch_size"] == 200
    assert config["training"]["seeds"] == [0, 1, 2]


def test_unknown_variant_is_named_with_the_known_ones():
    with pytest.raises(InputError, match=r"unknown variant 'vae_3'.*vae_2"):
        variant_config(load_params(SHIPPED), "vae_3")


RAW = (
    ("datasets.emnist.letters.source.train", "data/raw/a.csv"),
    ("datasets.emnist.letters.source.test", "data/raw/b.csv"),
)


def test_own_files_need_no_sample(tmp_path):
    params = load_params(edited(tmp_path, *RAW, ("samples.emnist", {})))
    assert raw_files(params) == [Path("data/raw/a.csv"), Path("data/raw/b.csv")]


OTHER = (
    "datasets.emnist.other",
    {
        "source": {
            "train": "data/raw/a.csv",
            "test": "data/raw/b.csv",
            "split": "balanced",
            "classes": "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        },
        "corruption": {"noise": "masking", "level": 0.1, "seed": 0},
    },
)
LR = "variants.vae_2.training.learning_rate"


@pytest.mark.parametrize(
    ("edits", "expected"),
    [
        ([(LR, -0.1)], rf"{LR}: .*greater than 0 \(got -0\.1\)"),
        ([(LR, "fast")], rf"{LR}: .*valid number \(got 'fast'\)"),
        ([(LR, "0.003")], rf"{LR}: .*valid number"),
        ([(LR, float("nan"))], rf"{LR}: .*"),
        ([(LR, ...)], rf"{LR}: missing"),
        ([("variants.vae_2.training.rate", 1)], r"variants\.vae_2\.training\.rate: unknown key"),
        ([("variants.vae_2.training.epochs", 3)], r"training\.epochs: unknown key"),
        ([("variants.vae_2.training.batch_size", 0)], r"batch_size: .*greater than 0"),
        ([("variants.vae_2.training.batch_size", 2.5)], r"batch_size: .*valid integer"),
        ([("variants.vae_2.study", "faces")], r"unknown study 'faces', expected one of letters"),
        ([("variants.vae_2.dataset", "mnist")], r"unknown data set 'mnist'"),
        ([("variants.vae_2.body", "conv")], r"variants\.vae_2\.body: .*'mlp'"),
        ([("variants.vae_2", ...)], r"'vae_2' has no block in variants"),
        ([("studies.letters.variants", ["vae_2"])], r"variants\.vae_10: is not listed"),
        ([("studies.letters.variants", [])], r"studies\.letters\.variants: .*at least 1"),
        ([("studies.letters.training.seeds", [1, 1])], r"seeds: .*stands twice"),
        ([("studies.letters.training.device", "tpu")], r"device: .*'cuda'"),
        ([("studies.letters.evaluation.characters", "AB7")], r"characters: 7 not among"),
        (
            [("variants.vae_2.training.warmup_epochs", 26)],
            r"epochs: 26 are more than the 25",
        ),
        ([("studies.faces", {})], r"studies\.faces: unknown key"),
        ([("variants.Bad-Name", {})], r"variants\.Bad-Name: .*pattern"),
        ([("report.letters.sheets", ["vae_99"])], r"report\.letters\.sheets: 'vae_99'"),
        ([("studies.letters.comparison.baseline", "x")], r"comparison\.baseline: 'x'"),
        ([("datasets.emnist.letters.corruption.noise", "snow")], r"noise: .*'gaussian'"),
        ([("datasets.emnist.letters.corruption.level", 2)], r"level: .*less than or equal to 1"),
        ([("studies.letters.figures.colormap", "rainbow")], r"colormap: .*'gray_r'"),
        ([("variants.vae_2.dataset", "other"), OTHER], r"use different data sets"),
        ([RAW[0], (RAW[1][0], RAW[0][1])], r"train and test are the same file"),
        ([("datasets.emnist.letters.source.train", "data/raw/a{b}.csv")], r"braces"),
        ([("datasets.emnist.letters.source.classes", 12)], r"put it in quotes"),
        ([RAW[0]], r"must name both of its files"),
        (RAW, r"samples\.emnist\.letters: no data set reads this sample"),
        ([("samples.emnist", {})], r"a sample 'letters' must be listed"),
        ([("datasets.emnist.letters.source.train", "/etc/x.csv")], r"relative path under"),
        ([("datasets.emnist.letters.source.train", "data/raw/../x")], r"relative path under"),
    ],
)
def test_a_wrong_key_is_named(tmp_path, edits, expected):
    with pytest.raises(InputError, match=rf"params\.yaml: .*{expected}"):
        load_params(edited(tmp_path, *edits))


def test_a_misspelt_variant_is_named_in_both_spellings(tmp_path):
    names = ["vae_2", "vae_10", "vae_20", "vae_20_100", "vae_20_300", "vae_20_wramup"]
    with pytest.raises(InputError) as caught:
        load_params(edited(tmp_path, ("studies.letters.variants", names)))
    assert [line.split(": ")[1:] for line in str(caught.value).splitlines()] == [
        ["studies.letters.variants", "'vae_20_wramup' has no block in variants with study", ANY],
        ["variants.vae_20_warmup", ANY],
    ]


def test_every_wrong_key_is_named_at_once(tmp_path):
    path = edited(tmp_path, (LR, -1), ("report.title", ""))
    with pytest.raises(InputError) as caught:
        load_params(path)
    assert len(str(caught.value).splitlines()) == 2


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("samples: [", r"params\.yaml: not valid YAML"),
        ("samples: 1\nsamples: 2\n", r"params\.yaml: not valid YAML.*duplicate"),
        ("", r"params\.yaml: .*"),
        ("- 1\n", r"params\.yaml: .*"),
    ],
)
def test_broken_yaml_is_named(tmp_path, content, expected):
    path = tmp_path / "params.yaml"
    path.write_text(content)
    with pytest.raises(InputError, match=rf"(?s){expected}"):
        load_params(path)


def test_an_edit_meanwhile_is_noticed():
    confirm(lambda: {"level": 0.1}, {"level": 0.1})
    with pytest.raises(InputError, match="edited while this ran"):
        confirm(lambda: {"level": 0.2}, {"level": 0.1})


def test_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match=r"params\.yaml: no such file"):
        load_params(tmp_path / "params.yaml")
