import errno
import json
from pathlib import Path
from unittest.mock import ANY

import pytest
from conftest import ROOT, read_by_the_second, two_studies
from ruamel.yaml import YAML

from vaepipe import params
from vaepipe.config.sources import CIFAR_FILES, IDX_FILES, IMAGES_FILES, by_name, raw_files
from vaepipe.core.errors import InputError
from vaepipe.params import load_params, schema

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
    shipped = load_params(SHIPPED)
    found = {
        name: (v.model.latent, v.training.batch_size, v.training.learning_rate)
        for name, v in shipped.variants.items()
        if v.study == "letters"
    }
    assert found == {
        "vae_2": (2, 200, 0.003),
        "vae_10": (10, 200, 0.003),
        "vae_20": (20, 200, 0.003),
        "vae_20_100": (20, 100, 0.003),
        "vae_20_300": (20, 300, 0.003),
        "vae_20_anneal": (20, 200, 0.003),
        "vae_20_slow": (20, 200, 0.001),
        "vae_20_warmup": (20, 200, 0.001),
    }
    assert shipped.studies.letters.model.hidden == [392, 196, 100]
    assert len(shipped.studies.letters.training.seeds) == 5
    assert shipped.studies.letters.analysis.characters == "ARZODHKNV"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("samples.emnist.letters.train_per_class", 10**12),
        ("samples.emnist.letters.test_per_class", 10**6),
        ("studies.letters.model.hidden", [10**10]),
        ("studies.letters.model.hidden", [1] * 10**3),
        ("studies.letters.training.l2", 1e300),
        ("studies.letters.training.epochs", 10**9),
        ("studies.letters.training.seeds", list(range(10**4))),
        ("studies.letters.training.snapshots", 10**9),
        ("studies.letters.training.threads", 10**22),
        ("studies.letters.evaluation.importance_samples", 10**8),
        ("studies.letters.evaluation.neighbours", 10**9),
        ("studies.letters.evaluation.threads", 2000),
        ("studies.letters.analysis.sheet_side", 101),
        ("studies.letters.analysis.prior_samples", 10**5),
        ("studies.letters.analysis.traversal_steps", 10**5),
        ("studies.letters.analysis.traversal_span", 1e9),
        ("studies.letters.figures.width", 1e9),
        ("variants.vae_2.model.latent", 10**10),
        ("variants.vae_2.training.batch_size", 10**10),
        ("variants.vae_2.training.learning_rate", 1e300),
        ("report.title", "x" * 10**4),
        ("report.author", "x" * 10**4),
        ("report.letters.title", "x" * 10**4),
    ],
)
def test_what_is_out_of_all_proportion_is_refused(tmp_path, key, value):
    with pytest.raises(
        InputError, match=rf"params\.yaml: {key}[.0]*: .*(less than|at most)"
    ) as caught:
        load_params(edited(tmp_path, (key, value)))
    assert len(str(caught.value)) < 500


def test_exported_schema_is_up_to_date():
    exported = (ROOT / "workflow/schemas/params.schema.json").read_text()
    assert exported == schema(), "run `python -m vaepipe.params`"


def test_shipped_parameters_meet_the_schema():
    import jsonschema

    jsonschema.validate(YAML(typ="safe").load(SHIPPED), json.loads(schema()))


@pytest.fixture
def here(monkeypatch):
    """The shipped params.yaml in the current folder."""
    monkeypatch.chdir(ROOT)


def whole() -> dict:
    return params.dump(params.load_params())


def test_a_variant_is_merged_with_its_study(here):
    config = params.read_variant("vae_10", whole())
    assert config["variant"] == "vae_10"
    assert config["model"] == {"hidden": [392, 196, 100], "activation": "relu", "latent": 10}
    assert config["training"]["batch_size"] == 200
    assert config["training"]["seeds"] == [0, 1, 2, 3, 4]
    assert (config["kind"], config["body"]) == ("vae", "mlp")


def test_an_unknown_variant_is_named_with_the_known_ones(here):
    message = r"variants has no 'vae_3'; it has vae_2, vae_10, vae"
    with pytest.raises(InputError, match=message):
        params.read_variant("vae_3", whole())
    with pytest.raises(InputError, match=message):
        params.read_study("vae_3", "evaluation", whole())


def test_sections_of_a_study(here):
    assert params.read_study("vae_2", "figures", whole()) == {"colormap": "gray_r", "width": 16.0}
    sections = params.read_sections("letters", ["variants", "figures"], whole())
    assert list(sections) == ["variants", "figures"]
    assert sections["figures"] == params.read("studies.letters.figures", whole())


TREE = {"a": {"b": {"c": 1}, "empty": {}}, "z": None}


def test_a_value_at_a_dotted_key():
    assert params.lookup(TREE, "a.b.c") == 1
    assert params.lookup(TREE, "a.b") == {"c": 1}
    assert params.lookup(TREE, "z") is None


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("x", "params.yaml: the file has no 'x'; it has a, z."),
        ("a.x.c", "params.yaml: a has no 'x'; it has b, empty."),
        ("a.b.x", "params.yaml: a.b has no 'x'; it has c."),
        ("a.empty.x", "params.yaml: a.empty has no 'x'; it has nothing."),
    ],
)
def test_an_absent_key_is_named_with_what_there_is_instead(key, message):
    with pytest.raises(InputError) as caught:
        params.lookup(TREE, key)
    assert str(caught.value) == message


def test_the_report_of_a_study_holds_its_own_parts_alone():
    """In a params.yaml of two studies that share a source."""
    whole = {
        "numerics": "fast",
        "samples": {"emnist": {"shared": 1, "second": 2}},
        "sources": {"emnist": {"shared": 3, "second": 4}, "idx": {"only": 5}},
        "datasets": {
            "grey": {"source": "shared"},
            "black": {"source": "shared"},
            "noisy": {"source": "second"},
            "other": {"source": "only"},
        },
        "judges": {"grey": 6, "black": 7, "noisy": 8, "other": 9},
        "studies": {
            "letters": {"datasets": ["grey"], "training": 1},
            "portraits": {"datasets": ["black", "noisy", "other"], "training": 2},
        },
        "variants": {"a": {"study": "letters"}, "b": {"study": "portraits"}},
        "report": {
            "title": "All",
            "author": "me",
            "letters": {"title": "L"},
            "portraits": {"title": "F"},
        },
    }
    assert params.read_report("letters", whole) == {
        "title": "L",
        "params": {
            "numerics": "fast",
            "samples": {"emnist": {"shared": 1}},
            "sources": {"emnist": {"shared": 3}},
            "datasets": {"grey": {"source": "shared"}},
            "judges": {"grey": 6},
            "studies": {"letters": {"datasets": ["grey"], "training": 1}},
            "variants": {"a": {"study": "letters"}},
            "report": {"author": "me", "letters": {"title": "L"}},
        },
    }
    portraits = params.read_report("portraits", whole)
    assert portraits["title"] == "F"
    assert portraits["params"]["samples"] == whole["samples"]
    assert portraits["params"]["sources"] == whole["sources"]
    assert list(portraits["params"]["datasets"]) == ["black", "noisy", "other"]
    assert list(portraits["params"]["variants"]) == ["b"]
    assert params.read_full_report(whole) == {"title": "All", "params": whole}
    with pytest.raises(InputError, match="studies has no 'voices'; it has letters, portraits"):
        params.read_report("voices", whole)


RAW = (
    ("sources.emnist.letters.train", "data/raw/a.csv"),
    ("sources.emnist.letters.test", "data/raw/b.csv"),
)


def test_own_files_need_no_sample(tmp_path):
    own = load_params(edited(tmp_path, *RAW, ("samples.emnist", {})))
    assert raw_files(own.sources) == [Path("data/raw/a.csv"), Path("data/raw/b.csv")]


def test_digits_are_drawn_for_a_source_of_the_same_name(tmp_path):
    drawn = (("samples.idx.numbers", COUNTS), ("sources.idx.numbers", DIGITS | SAMPLED))
    read = (
        ("samples.emnist", {}),
        ("sources.emnist", {}),
        ("datasets.letters.source", "numbers"),
        ("studies.letters.analysis.characters", "0"),
    )
    own = load_params(edited(tmp_path, *drawn, *read))
    assert raw_files(own.sources) == []
    assert by_name(own.sources)["numbers"].files == [
        f"data/sample/numbers/{file}" for file in IDX_FILES
    ]


def test_files_of_images_and_labels_are_raw_files(tmp_path):
    edits = (("sources.idx.numbers", DIGITS), ("datasets.letters.source", "numbers"))
    none = (("samples.emnist", {}), ("sources.emnist", {}))
    digits = ("studies.letters.analysis.characters", "0")
    own = load_params(edited(tmp_path, *edits, *none, digits))
    assert raw_files(own.sources) == [Path(f"data/raw/{name}") for name in "abcd"]
    assert list(by_name(own.sources)) == ["digits", "numbers", "objects", "cartoons", "faces"]
    facts = {name: DIGITS[name] for name in ("split", "orientation", "classes")}
    one = ("sources.npz.numbers", facts | {"file": "data/raw/x.npz"})
    own = load_params(edited(tmp_path, one, *edits[1:], *none, digits))
    assert raw_files(own.sources) == [Path("data/raw/x.npz")]


def test_files_of_arrays_and_of_images_are_raw_files():
    sources = two_studies().sources
    unlabelled = sources.ArraysSource(**ARRAYS)
    assert unlabelled.files == ["data/raw/a.npy", "data/raw/b.npy"]
    train = {"images": "data/raw/a.npy", "labels": "data/raw/c.npy"}
    labelled = sources.ArraysSource(**ARRAYS | {"train": train})
    assert labelled.files == ["data/raw/a.npy", "data/raw/c.npy", "data/raw/b.npy"]
    for name in ("portraits.zip", "portraits.tgz", "portraits.csv"):
        file = f"data/raw/{name}"
        assert sources.ImagesSource(**IMAGES | {"file": file}).files == [file]
    each = {"attributes": "each", "label": "hair", "classes": ["-1", "Dark brown"]}
    sources.ImagesSource(**IMAGES | each | {"test_share": None, "seed": None})


def test_an_archive_serves_both_splits_and_is_one_file(tmp_path):
    sources = two_studies().sources
    assert sources.CifarSource(**CIFAR).files == ["data/raw/a.bin", "data/raw/b.bin"]
    one = sources.CifarSource(**CIFAR | dict.fromkeys(("train", "test"), "data/raw/c.tar.gz"))
    assert one.files == ["data/raw/c.tar.gz"]


def test_another_study_may_read_drawn_colour_images():
    content = read_by_the_second({"sources": {"cifar": {"things": CIFAR | PICTURES}}})
    content["samples"]["cifar"]["things"] = COUNTS
    loaded = two_studies().Params.model_validate(content)
    assert raw_files(loaded.sources) == []
    assert loaded.sources.cifar["things"].files == [f"data/sample/things/{CIFAR_FILES[0]}"]


def test_another_study_may_read_drawn_avatars():
    content = read_by_the_second({"sources": {"images": {"portraits": AVATARS}}})
    content["samples"]["images"]["portraits"] = PEOPLE
    loaded = two_studies().Params.model_validate(content)
    assert raw_files(loaded.sources) == []
    assert loaded.sources.images["portraits"].files == [f"data/sample/portraits/{IMAGES_FILES[0]}"]


def test_another_study_may_read_colour_images(tmp_path):
    content = read_by_the_second({"sources": {"cifar": {"things": CIFAR}}})
    loaded = two_studies().Params.model_validate(content)
    assert raw_files(loaded.sources) == [Path("data/raw/a.bin"), Path("data/raw/b.bin")]
    assert loaded.sources.cifar["things"].classes == ["dog", "cat"]


OTHER_SOURCE = (
    "sources.emnist.other",
    {
        "train": "data/raw/a.csv",
        "test": "data/raw/b.csv",
        "split": "balanced",
        "orientation": "upright",
        "classes": "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    },
)
DIGITS = {
    "train": {"images": "data/raw/a", "labels": "data/raw/b"},
    "test": {"images": "data/raw/c", "labels": "data/raw/d"},
    "split": "mnist",
    "orientation": "upright",
    "classes": "0123456789",
}
CIFAR = {"train": "data/raw/a.bin", "test": "data/raw/b.bin", "classes": ["dog", "cat"]}
PICTURES = dict.fromkeys(("train", "test"), "data/sample/things/cifar-10-binary.tar.gz")
ARRAYS = {
    "train": {"images": "data/raw/a.npy", "labels": "data/raw/a.npy"},
    "test": {"images": "data/raw/b.npy", "labels": "data/raw/b.npy"},
    "classes": ["face"],
}
IMAGES = {
    "file": "data/raw/portraits.zip",
    "height": 64,
    "width": 64,
    "fit": "crop",
    "channels": 3,
    "background": "#ffffff",
    "attributes": None,
    "label": None,
    "classes": ["face"],
    "test_share": 0.2,
    "seed": 0,
    "damaged": "stop",
    "most_pixels": 10**7,
}
AVATARS = IMAGES | {
    "file": "data/sample/portraits/avatars.zip",
    "attributes": "attributes.csv",
    "label": "glasses",
    "classes": ["none", "sunglasses"],
    "test_share": None,
    "seed": None,
}
COLOUR = (("sources.cifar.things", CIFAR), ("datasets.letters.source", "things"))
TWICE = DIGITS | {"test": {"images": "data/raw/c", "labels": "data/raw/b"}}
DRAWN = DIGITS | {"test": {"images": "data/sample/x/c", "labels": "data/raw/d"}}
MASKED = {"pixels": "grey", "noise": "masking", "level": 0.1, "seed": 0}
OTHER = ("datasets.other", {"source": "other", **MASKED})
AGAIN = ("datasets.other", {"source": "letters", **MASKED})
SAMPLE = ("samples.emnist.other", {"seed": 0, "train_per_class": 1, "test_per_class": 1})
SAMPLED = {
    split: {
        part: f"data/sample/numbers/{name}-{part}-idx{dimensions}-ubyte.gz"
        for part, dimensions in (("images", 3), ("labels", 1))
    }
    for split, name in (("train", "train"), ("test", "t10k"))
}
COUNTS = {"seed": 0, "train_per_class": 1, "test_per_class": 1}
PEOPLE = {"seed": 0, "train": 1, "test": 1}
IN_NPZ = {key: DIGITS[key] for key in ("split", "orientation", "classes")}
JUDGED = ("judges.other", YAML(typ="safe").load(SHIPPED)["judges"]["letters"])
BOTH = ("studies.letters.datasets", ["letters", "other"])
HEADLINE = "studies.letters.evaluation.headline"
SEVEN = ["elbo", "iw_bound", "kl", "mse", "psnr", "ssim", "knn_accuracy"]
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
        (
            [("variants.vae_2.study", "portraits")],
            r"unknown study 'portraits', expected one of letters",
        ),
        ([("variants.vae_2.dataset", "mnist")], r"unknown data set 'mnist'"),
        ([("variants.vae_2.body", "conv")], r"variants\.vae_2\.body: .*'mlp'"),
        ([("variants.vae_2", ...)], r"'vae_2' has no block in variants"),
        ([("studies.letters.variants", ["vae_2"])], r"variants\.vae_10: is not listed"),
        ([("studies.letters.variants", [])], r"studies\.letters\.variants: .*at least 1"),
        ([("studies.letters.training.seeds", [1, 1])], r"seeds: .*stands twice"),
        ([("studies.letters.training.device", "tpu")], r"device: .*'cuda'"),
        ([("studies.letters.analysis.characters", "AB7")], r"analysis\.characters: 7 not among"),
        (
            [("variants.vae_2.training.warmup_epochs", 26)],
            r"epochs: 26 are more than the 20",
        ),
        ([("studies.portraits", {})], r"studies\.portraits: unknown key"),
        ([("variants.Bad-Name", {})], r"variants\.Bad-Name: .*pattern"),
        ([("report.letters.sheets", ["vae_99"])], r"report\.letters\.sheets: 'vae_99'"),
        ([("studies.letters.comparison.baseline", "x")], r"comparison\.baseline: 'x'"),
        ([("datasets.letters.noise", "snow")], r"noise: .*'gaussian'"),
        ([("datasets.letters.level", 2)], r"level: .*less than or equal to 1"),
        ([("studies.letters.figures.colormap", "rainbow")], r"colormap: .*'gray_r'"),
        (
            [("variants.vae_2.dataset", "other"), OTHER, JUDGED, OTHER_SOURCE, BOTH],
            r"vae_20_warmup and vae_2 of the study letters use different data sets",
        ),
        (
            [("variants.vae_2.likelihood", "continuous_bernoulli")],
            r"vae_20_warmup and vae_2 of the study letters use different likelihoods",
        ),
        (
            [
                ("variants.vae_2.likelihood", "continuous_bernoulli"),
                ("datasets.letters.pixels", "binary"),
            ],
            r"vae_2\.likelihood: continuous_bernoulli is a density of grey pixels",
        ),
        ([("studies.letters.evaluation.noise_levels", [0.1, 0.1])], r"must rise, each level once"),
        ([("studies.letters.training.noise", "new")], r"training\.noise: .*'fresh'"),
        ([("numerics", "exact")], r"numerics: .*'portable'"),
        ([RAW[0], (RAW[1][0], RAW[0][1])], r"data/raw/a\.csv is named twice"),
        ([("sources.idx.letters", DIGITS)], r"idx\.letters: stands in sources\.emnist too"),
        ([("sources.idx.numbers", DIGITS)], r"sources: no data set reads 'numbers'"),
        ([("sources.idx.numbers", TWICE)], r"idx\.numbers: data/raw/b is named twice"),
        (
            [("sources.cifar.things", CIFAR | {"test": CIFAR["train"]})],
            r"cifar\.things: data/raw/a\.bin is named twice",
        ),
        (
            [("sources.cifar.things", CIFAR | {"classes": ["dog", "dog"]})],
            r"cifar\.things\.classes: .*stands twice",
        ),
        (
            [("sources.cifar.things", CIFAR | {"classes": ["lion"]})],
            r"cifar\.things\.classes\.0: .*'airplane'",
        ),
        (
            [("sources.cifar.things", CIFAR | {"classes": []})],
            r"cifar\.things\.classes: .*at least 1",
        ),
        (
            [*COLOUR, ("samples.emnist", {}), ("sources.emnist", {})],
            r"analysis\.characters: ADHKNORVZ not among the classes of the data set letters",
        ),
        ([("sources.idx.numbers", DRAWN)], r"idx\.numbers: a source that reads .* must name all"),
        (
            [("sources.idx.numbers", DIGITS | SAMPLED)],
            r"idx: sources\.idx\.numbers reads data/sample/numbers/, so a sample 'numbers'",
        ),
        (
            [("samples.idx.numbers", COUNTS), ("sources.idx.numbers", DIGITS)],
            r"samples\.idx\.numbers: no source reads this sample; .*'idx: \{\}'",
        ),
        (
            [("samples.idx.numbers", COUNTS)],
            r"samples\.idx\.numbers: there is no source of that name in sources\.idx",
        ),
        (
            [("sources.idx.numbers", DIGITS | SAMPLED | {"split": "digits"})],
            r"sources\.idx\.numbers\.split: of the built-in sample it is mnist",
        ),
        (
            [("sources.idx.numbers", DIGITS | SAMPLED | {"orientation": "transposed"})],
            r"sources\.idx\.numbers\.orientation: of the built-in sample it is upright",
        ),
        (
            [("sources.npz.numbers", IN_NPZ | {"file": "data/sample/numbers/x.npz"})],
            r"numbers/x\.npz: samples are drawn in the formats emnist, idx, cifar, images alone",
        ),
        (
            [("sources.arrays.portraits", ARRAYS | {"classes": ["a", "b"]})],
            r"portraits: train\.labels: data/raw/a\.npy is the file of the images",
        ),
        (
            [("sources.arrays.portraits", ARRAYS | {"test": dict(ARRAYS["train"])})],
            r"arrays\.portraits: data/raw/a\.npy is named twice",
        ),
        (
            [("sources.arrays.portraits", ARRAYS | {"classes": ["$x$"]})],
            r"portraits\.classes\.0: string",
        ),
        (
            [("sources.images.portraits", IMAGES | {"file": "data/raw/portraits"})],
            r"portraits\.file: must end in .*\.zip, or name the index",
        ),
        ([("sources.images.portraits", IMAGES | {"height": 2000})], r"images\.portraits\.height: "),
        (
            [("sources.images.portraits", IMAGES | {"background": "white"})],
            r"portraits\.background: ",
        ),
        ([("sources.images.portraits", IMAGES | {"seed": None})], r"test_share, seed: either both"),
        ([("sources.images.portraits", IMAGES | {"test_share": 1.0})], r"portraits\.test_share: "),
        (
            [("sources.images.portraits", IMAGES | {"attributes": "table.txt"})],
            r"portraits\.attributes: must be null, each, or the path",
        ),
        (
            [("sources.images.portraits", IMAGES | {"classes": ["a", "b"]})],
            r"images\.portraits: classes: without a `label` all images are of one class",
        ),
        (
            [("sources.images.portraits", IMAGES | {"label": "hair"})],
            r"images\.portraits: label: 'hair' is an attribute, but `attributes` is null",
        ),
        (
            [("sources.cifar.things", CIFAR | {"test": PICTURES["test"]})],
            r"name all of its files and no others: data/sample/things/cifar-10-binary\.tar\.gz",
        ),
        (
            [("sources.cifar.things", CIFAR | PICTURES)],
            r"cifar: sources\.cifar\.things reads data/sample/things/, so a sample 'things'",
        ),
        (
            [("samples.cifar.things", COUNTS), ("sources.cifar.things", CIFAR)],
            r"samples\.cifar\.things: no source reads this sample; .*'cifar: \{\}'",
        ),
        (
            [("samples.cifar.things", COUNTS)],
            r"samples\.cifar\.things: there is no source of that name in sources\.cifar",
        ),
        (
            [
                (
                    "sources.images.portraits",
                    AVATARS | {"file": "data/sample/portraits/portraits.zip"},
                )
            ],
            r"name all of its files and no others: data/sample/portraits/avatars\.zip",
        ),
        (
            [("sources.images.portraits", AVATARS)],
            r"images: sources\.images\.portraits reads data/sample/portraits/, so a sample",
        ),
        (
            [("sources.images.portraits", AVATARS | {"attributes": "each"})],
            r"portraits\.attributes: of the built-in sample it is attributes\.csv",
        ),
        (
            [("sources.images.portraits", AVATARS | {"test_share": 0.2, "seed": 0})],
            r"portraits\.test_share: of the built-in sample it is null",
        ),
        (
            [("samples.images.portraits", PEOPLE), ("sources.images.portraits", IMAGES)],
            r"samples\.images\.portraits: no source reads this sample; .*'images: \{\}'",
        ),
        (
            [("samples.images.portraits", PEOPLE)],
            r"samples\.images\.portraits: there is no source of that name in sources\.images",
        ),
        ([("samples.images.portraits", COUNTS)], r"samples\.images\.portraits\.train: missing"),
        (
            [("samples.images.portraits", PEOPLE | {"test": 0})],
            r"images\.portraits\.test: .*than 0",
        ),
        (
            [("samples.images.portraits", PEOPLE | {"train": 10**6})],
            r"images\.portraits\.train: .*less",
        ),
        ([("sources.emnist.letters.orientation", "left")], r"orientation: .*'upright'"),
        ([("sources.emnist.letters.orientation", "upright")], r"built-in sample it is transposed"),
        ([("sources.emnist.letters.train", "data/raw/a{b}.csv")], r"braces"),
        ([("sources.emnist.letters.classes", 12)], r"put it in quotes"),
        ([RAW[0]], r"must name all of its files"),
        (RAW, r"samples\.emnist\.letters: no source reads this sample"),
        ([("samples.emnist", {})], r"a sample 'letters' must be listed"),
        ([("sources.emnist.letters.train", "/etc/x.csv")], r"relative path under"),
        ([("sources.emnist.letters.train", "data/raw/../x")], r"relative path under"),
        ([("sources.emnist.letters.classes", "AAB")], r"emnist\.letters\.classes: .*stands twice"),
        ([("sources.emnist.letters.split", "portraits")], r"emnist\.letters\.split: .*'balanced'"),
        ([OTHER_SOURCE], r"sources: no data set reads 'other'"),
        ([SAMPLE], r"samples\.emnist\.other: there is no source of that name in sources\.emnist"),
        (
            [("datasets.letters.source", "portraits")],
            r"datasets\.letters\.source: unknown source 'portraits', expected one of letters",
        ),
        ([AGAIN, JUDGED, BOTH], r"datasets\.other: no variant reads this data set"),
        (
            [AGAIN, JUDGED, ("variants.vae_2.dataset", "other")],
            r"studies\.letters\.datasets: 'other', which variants\.vae_2 reads, is missing",
        ),
        ([("judges.letters", ...)], r"judges: the data set 'letters' has none; add a block"),
        ([JUDGED], r"judges\.other: there is no data set of that name"),
        ([("judges.letters.dropout", 1.0)], r"judges\.letters\.dropout: .*less than 1"),
        ([("judges.letters.attributes", ["a", "a"])], r"letters\.attributes: .*stands twice"),
        ([("judges.letters.attributes", ["a/b"])], r"letters\.attributes\.0: .*match pattern"),
        ([("judges.letters.channels", [3])], r"judges\.letters\.channels: .*at least 2"),
        ([("studies.letters.baselines.components", [2, 2])], r"components: .*stands twice"),
        ([("studies.letters.datasets", [])], r"studies\.letters\.datasets: .*at least 1"),
        ([("variants.vae_2.kind", "gan")], r"variants\.vae_2\.kind: .*'vae'"),
        ([("variants.vae_2.objective", "hinge")], r"variants\.vae_2\.objective: .*'elbo'"),
        ([("variants.vae_2.likelihood", "x")], r"variants\.vae_2\.likelihood: .*'bernoulli'"),
        ([("variants.vae_2.study", ...)], r"variants\.vae_2\.study: missing"),
        ([("studies.letters.training.batch_losses", 1)], r"training\.batch_losses: .*boolean"),
        ([("studies.letters.training.snapshots", -1)], r"training\.snapshots: .*equal to 0"),
        ([("studies.letters.training.l2", -1.0)], r"training\.l2: .*equal to 0"),
        ([(HEADLINE, ["elbo", "loss"])], r"evaluation\.headline\.1: .*'elbo'"),
        ([(HEADLINE, ["elbo", "elbo"])], r"evaluation\.headline: .*stands twice"),
        ([(HEADLINE, SEVEN)], r"evaluation\.headline: .*at most 6"),
        ([("studies.letters.comparison.measures", [])], r"comparison\.measures: .*at least 1"),
        ([("report.letters.title", ...)], r"report\.letters\.title: missing"),
        ([("report.author", ...)], r"report\.author: missing"),
    ],
)
def test_a_wrong_key_is_named(tmp_path, edits, expected):
    with pytest.raises(InputError, match=rf"params\.yaml: .*{expected}"):
        load_params(edited(tmp_path, *edits))


def test_a_misspelt_variant_is_named_in_both_spellings(tmp_path):
    names = load_params(SHIPPED).studies.letters.variants
    names = ["vae_20_wramup" if name == "vae_20_warmup" else name for name in names]
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
        ("a: 1\nb: {c: 1, c: 2}\n", r"not valid YAML: line 2: found duplicate key"),
        ("a: 1\nb: &x 2\nc: *x\n", r"params\.yaml: line 2: anchors, aliases.*write"),
        ("a: 1\n<<: {b: 2}\n", r"line 2: .*merges"),
        ("a: !!python/object:os.x 1\n", r"line 1: .*tags"),
        ("%YAML 1.1\n---\na: yes\n", r"line 1: .*directives"),
        ("a:\n  " + "[" * 5000, r"line 2: nested more than 20 deep"),
        ("a: 1\nb: " + "{a: " * 200 + "}" * 200, r"line 2: nested more than 20 deep"),
        ("a: " + "1" * 5000, r"not valid YAML: Exceeds the limit"),
        ("a: 2020-13-45", r"params\.yaml: not valid YAML"),
        ("? [a]\n: 1\n", r"params\.yaml: .*"),
        ("a: 1\nb: x\0", r"not valid YAML: line 2: control characters"),
        ("a: 1\n".encode("utf-16"), r"line 1: not UTF-8"),
        (b"a: 1\nb: \xff\n", r"line 2: not UTF-8"),
        ("# " * 2**20, r"params\.yaml: larger than 2 MB"),
    ],
)
def test_broken_yaml_is_named(tmp_path, content, expected):
    path = tmp_path / "params.yaml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(InputError, match=rf"(?s){expected}") as caught:
        load_params(path)
    assert len(str(caught.value)) < 1200


def test_what_is_no_readable_file_is_named(monkeypatch, tmp_path):
    with pytest.raises(InputError, match=f"{tmp_path}: no such file"):
        load_params(tmp_path)

    def fail(self, *_, **__):
        raise PermissionError(errno.EACCES, "Permission denied", str(self))

    monkeypatch.setattr(Path, "read_bytes", fail)
    with pytest.raises(InputError, match=r"params\.yaml: Permission denied"):
        load_params(SHIPPED)


def test_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match=r"params\.yaml: no such file"):
        load_params(tmp_path / "params.yaml")


def test_sources_of_all_formats_by_name():
    assert list(by_name(load_params(SHIPPED).sources)) == [
        *("letters", "digits", "objects", "cartoons", "faces")
    ]


@pytest.fixture
def two(monkeypatch):
    """params.py with a second study, `portraits`, made of the first one's sections."""
    from types import ModuleType
    from typing import Literal

    from vaepipe.studies.letters import config as letters

    portraits = ModuleType("vaepipe.studies.portraits.config")
    portraits.Study, portraits.Report = letters.Study, letters.Report
    portraits.check = lambda study, variants, report, classes: None

    class Variant(letters.Variant):
        study: Literal["portraits"]

    portraits.Variant = Variant
    source = Path(params.__file__).read_text()
    line = '    "letters": letters,\n'
    assert line in source
    module = ModuleType("two_studies")
    module.portraits = portraits
    exec(source.replace(line, f'{line}    "portraits": portraits,\n'), module.__dict__)
    return module


FACES = (
    ("studies.portraits", "studies.letters"),
    ("variants.portrait_2", "variants.vae_2"),
    ("report.portraits", "report.letters"),
)


def with_portraits(tmp_path, *edits):
    """The shipped params.yaml with a study `portraits`, a copy of `letters` with one variant."""
    content = YAML(typ="safe").load(SHIPPED)
    copies = [(new, _at(content, old)) for new, old in FACES]
    return edited(
        tmp_path,
        *((key, json.loads(json.dumps(value))) for key, value in copies),
        ("studies.portraits.variants", ["portrait_2"]),
        ("variants.portrait_2.study", "portraits"),
        *edits,
    )


def _at(content, path):
    for key in path.split("."):
        content = content[key]
    return content


def test_two_studies_are_told_apart(tmp_path, two):
    loaded = two.load_params(with_portraits(tmp_path))
    assert loaded.studies.portraits.variants == ["portrait_2"]
    assert [n for n, variant in loaded.variants.items() if variant.study == "portraits"] == [
        "portrait_2"
    ]
    assert two.Params.model_json_schema()["properties"]["variants"]


@pytest.mark.parametrize(
    ("edits", "expected"),
    [
        (
            [("variants.portrait_2.training.batch_size", 0)],
            r"variants\.portrait_2\.training\.batch_size: ",
        ),
        ([(LR, ...)], rf"{LR}: missing"),
        (
            [("variants.vae_2.study", "voices")],
            r"variants\.vae_2\.study: unknown study 'voices', expected one of letters, portraits",
        ),
        ([("variants.vae_2.study", ...)], r"variants\.vae_2\.study: missing"),
        (
            [("studies.portraits.variants", ["vae_2"])],
            r"studies\.portraits\.variants: 'vae_2' has no block",
        ),
        (
            [("variants.portrait_2.study", "letters")],
            r"variants\.portrait_2: is not listed in stud",
        ),
        ([("studies.portraits", ...)], r"studies\.portraits: missing"),
        ([("report.portraits", ...)], r"report\.portraits: missing"),
        (
            [AGAIN, JUDGED, ("variants.portrait_2.dataset", "other")],
            r"studies\.portraits\.datasets: 'other', which variants\.portrait_2 reads, is missing",
        ),
    ],
)
def test_a_wrong_key_is_named_among_two_studies(tmp_path, two, edits, expected):
    with pytest.raises(InputError, match=rf"params\.yaml: {expected}"):
        two.load_params(with_portraits(tmp_path, *edits))
