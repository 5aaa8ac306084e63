"""Snakefile and dvc.yaml state the same graph: command, inputs, outputs, parameters."""

import json
import re
from copy import deepcopy
from pathlib import Path

import pytest
from conftest import Project
from ruamel.yaml import YAML

PROBES = Path(__file__).parent


def graph(project: Project, engine: str, *arguments: str) -> dict[str, dict]:
    """The nodes of an engine's graph, by their outputs."""
    probe = str(PROBES / f"probe_{engine}.py")
    nodes = json.loads(project.run("python", probe, *arguments).stdout.splitlines()[-1])
    return {" ".join(node["outputs"]): node for node in nodes}


def spelled_out(project: Project, graph: dict[str, dict]) -> dict[str, dict]:
    """With each directory among the inputs replaced by the files under it.

    Those are the outputs of the graph that lie there, or the files of the project.
    """
    made = [output for node in graph.values() for output in node["outputs"]]
    for node in graph.values():
        files = set()
        for path in node["inputs"]:
            inside = [output for output in made if output.startswith(f"{path}/")]
            if not inside and (project.folder / path).is_dir():
                inside = [
                    str(file.relative_to(project.folder))
                    for file in (project.folder / path).rglob("*")
                    if file.is_file() and "__pycache__" not in file.parts
                ]
            files |= set(inside or [path])
        node["inputs"] = sorted(files)
    return graph


def differences(project: Project) -> list[str]:
    snakemake = graph(project, "snakemake", "results/report.pdf")
    dvc = spelled_out(project, graph(project, "dvc"))
    found = [f"only one engine makes {name}" for name in set(snakemake) ^ set(dvc)]
    for name in set(snakemake) & set(dvc):
        found += [
            f"{name}: {part}: {snakemake[name][part]} != {dvc[name][part]}"
            for part in ("command", "inputs", "params")
            if snakemake[name][part] != dvc[name][part]
        ]
    return found


def count(project: Project) -> int:
    """How many nodes the parameters of a project ask for."""
    params = YAML(typ="safe").load(project.folder / "params.yaml")
    drawn_and_read = sum(
        len(blocks) for part in ("samples", "sources") for blocks in params[part].values()
    )
    of_studies = [len(study["datasets"]) + 2 for study in params["studies"].values()]
    beside = [
        dataset
        # what stands beside variants
        for study in ("letters", "denoise", "cartoons", "faces", "faces")
        for dataset in params["studies"].get(study, {"datasets": []})["datasets"]
    ]
    prepared_and_judged = len(params["datasets"]) + len(params["judges"])
    of_variants = 4 * len(params["variants"])
    return drawn_and_read + prepared_and_judged + of_variants + sum(of_studies) + len(beside) + 1


@pytest.fixture
def project(plain, tmp_path):
    return plain.copy(tmp_path / "project")


def test_shipped_graph(shipped):
    assert not differences(shipped)
    assert len(graph(shipped, "dvc")) == count(shipped)


def test_small_graph(project):
    assert not differences(project)
    assert len(graph(project, "dvc")) == count(project)


def test_two_studies_on_one_data_set(project):
    project.add_study()
    assert not differences(project)
    assert len(graph(project, "dvc")) == count(project)
    alone = graph(project, "snakemake", "results/letters/report.pdf")
    assert alone
    assert not [name for name in alone if "second" in name]


def test_other_variants_seeds_samples_sources_and_data_sets(project):
    project.edit_block("variants", lambda block: block | {"vae_5": deepcopy(block["vae_2"])})
    project.edit({"studies.letters.variants": ["vae_5", "vae_20", "vae_2"]})
    project.edit({"studies.letters.training.seeds": [4, 7, 9]})
    for section in ("samples.emnist", "sources.emnist"):
        project.edit_block(section, lambda block: {"more": deepcopy(block["letters"])})
    for part in ("train", "test"):
        path = f"data/sample/more/emnist-balanced-{part}.csv"
        project.edit({f"sources.emnist.more.{part}": path})
    other = {"source": "more", "pixels": "grey", "noise": "masking", "level": 0.1, "seed": 1}
    project.edit_block("datasets", lambda block: {"more": other})
    project.edit_block("judges", lambda block: {"more": block["letters"]})
    project.edit({f"variants.{name}.dataset": "more" for name in ("vae_2", "vae_5", "vae_20")})
    project.edit({"studies.letters.datasets": ["more"]})
    assert not differences(project)
    assert len(graph(project, "dvc")) == count(project)


def test_own_files(project):
    project.edit({"samples.emnist": {}})
    for part in ("train", "test"):
        (project.folder / f"data/raw/{part}.csv").write_text("1,2\n")
        project.edit({f"sources.emnist.letters.{part}": f"data/raw/{part}.csv"})
    assert not differences(project)
    assert len(graph(project, "dvc")) == count(project)


IDX = {
    split: {part: f"data/raw/{split}-{part}" for part in ("images", "labels")}
    for split in ("train", "test")
}
NPZ = {"file": "data/raw/mnist.npz"}
COUNTS = {"seed": 0, "train_per_class": 2, "test_per_class": 1}
DIGITS = {"split": "digits", "orientation": "upright", "classes": "0123456789"}


UNLABELLED = {split: dict.fromkeys(("images", "labels"), f"data/raw/{split}") for split in IDX}

IMAGES = {
    "file": "data/raw/faces.csv",
    "height": 28,
    "width": 28,
    "fit": "crop",
    "channels": 1,
    "background": "#ffffff",
    "attributes": "table.csv",
    "label": "hair",
    "classes": ["0", "1"],
    "test_share": 0.2,
    "seed": 0,
    "damaged": "stop",
    "most_pixels": 10_000,
}


@pytest.mark.parametrize(
    ("file_format", "files"),
    [
        ("idx", IDX | DIGITS),
        ("npz", NPZ | DIGITS),
        ("arrays", IDX | {"classes": ["0", "one"]}),
        ("arrays", UNLABELLED | {"classes": ["0"]}),
        ("images", IMAGES),
    ],
)
def test_own_files_in_another_format(project, file_format, files):
    project.edit({"samples.emnist": {}, "sources.emnist": {}})
    project.edit({f"sources.{file_format}.letters": files})
    project.edit({"studies.letters.analysis.characters": "0"})
    for path in re.findall(r"data/raw/[\w.-]+", str(files)):
        (project.folder / path).write_bytes(b"any")
    assert not differences(project)
    assert len(graph(project, "dvc")) == count(project)


ARCHIVE = dict.fromkeys(("train", "test"), "data/raw/cifar-10-binary.tar.gz")
RECORDS = {part: f"data/raw/{part}.bin" for part in ("train", "test")}
DRAWN = dict.fromkeys(("train", "test"), "data/sample/objects/cifar-10-binary.tar.gz")


@pytest.mark.parametrize("files", [ARCHIVE, RECORDS, DRAWN])
def test_colour_images_of_another_study(project, files):
    project.add_study()
    project.edit({"sources.cifar.objects": files | {"classes": ["dog", "ship"]}})
    data = {"source": "objects", "pixels": "grey", "noise": "masking", "level": 0.1, "seed": 0}
    project.edit_block("datasets", lambda block: block | {"objects": data})
    project.edit_block("judges", lambda block: block | {"objects": deepcopy(block["letters"])})
    project.edit({f"variants.{name}.dataset": "objects" for name in ("narrow", "wide")})
    project.edit({"studies.second.datasets": ["objects"]})
    if files is DRAWN:
        project.edit({"samples.cifar.objects": COUNTS})
    else:
        for path in files.values():
            (project.folder / path).write_bytes(b"any")
    assert not differences(project)
    assert len(graph(project, "dvc")) == count(project)


def draw_digits(project):
    """Let the study read a sample of digits in MNIST's form, and no letters."""
    project.edit({"samples.emnist": {}, "sources.emnist": {}})
    folder = "data/sample/digits"
    files = {
        split: {
            part: f"{folder}/{name}-{part}-idx{dimensions}-ubyte.gz"
            for part, dimensions in (("images", 3), ("labels", 1))
        }
        for split, name in (("train", "train"), ("test", "t10k"))
    }
    project.edit({"samples.idx.digits": COUNTS})
    project.edit({"sources.idx.digits": files | DIGITS | {"split": "mnist"}})
    project.edit({"datasets.letters.source": "digits"})
    project.edit({"studies.letters.analysis.characters": "012"})


def test_drawn_digits(project):
    draw_digits(project)
    assert not differences(project)
    assert len(graph(project, "dvc")) == count(project)


def test_drawn_avatars(project):
    project.edit({"samples.emnist": {}, "sources.emnist": {}})
    project.edit({"samples.images.avatars": {"seed": 0, "train": 2, "test": 1}})
    drawn = {"file": "data/sample/avatars/avatars.zip", "attributes": "attributes.csv"}
    whole = {"test_share": None, "seed": None}
    project.edit({"sources.images.avatars": IMAGES | drawn | whole})
    project.edit({"datasets.letters.source": "avatars"})
    project.edit({"studies.letters.analysis.characters": "0"})
    assert not differences(project)
    assert len(graph(project, "dvc")) == count(project)


def test_both_engines_draw_and_read_the_same_digits(project, tmp_path):
    draw_digits(project)
    other = project.copy(tmp_path / "other")
    project.run("snakemake", "--cores", "1", "data/interim/digits/train.parquet")
    other.run("dvc", "repro", "--single-item", "sample_idx@digits", "ingest_idx@digits")
    made = sorted((project.folder / "data").glob("*/digits/*"))
    assert len(made) == 6
    for path in made:
        twin = other.folder / path.relative_to(project.folder)
        assert twin.read_bytes() == path.read_bytes()


MODELS = "workflow/rules/models.smk"
MUTATIONS = {
    "input dropped in snakemake": (MODELS, r"        config=rules\.train\.output\.config,\n", ""),
    "input dropped in dvc": (
        "dvc.yaml",
        r"        - results/\$\{item\.study\}/models/\$\{key\}/config\.json\n        - workflow",
        "        - workflow",
    ),
    "output renamed in snakemake": (MODELS, r"seeds\.json", "spread.json"),
    "output renamed in dvc": ("dvc.yaml", r"sheet\.svg", "page.svg"),
    "code dropped in snakemake": (
        "workflow/rules/nodes.smk",
        r"imports\.files\(script, names\)",
        "imports.files(script, names)[1:]",
    ),
    "section dropped in snakemake": (MODELS, r'            f"studies\.\{w\.study\}\.model",\n', ""),
    "section dropped in dvc": ("dvc.yaml", r"        - studies\.\$\{item\.study\}\.training\n", ""),
    "word added in snakemake": (MODELS, r"train\.py \{", "train.py --fast {"),
    "word added in dvc": ("dvc.yaml", r"prepare\.py ", "prepare.py --fast "),
    "variant in dvc only": (
        "workflow/rules/letters.smk",
        r"variant=LETTERS\.variants",
        "variant=LETTERS.variants[:1]",
    ),
    "variant in snakemake only": (
        "dvc.yaml",
        r"foreach: \$\{studies\.letters\.variants\}",
        "foreach:\n      - vae_2",
    ),
}


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_a_mutation_is_caught(project, mutation):
    name, pattern, replacement = MUTATIONS[mutation]
    path = project.folder / name
    text, count = re.subn(pattern, replacement, path.read_text())
    assert count
    path.write_text(text)
    assert differences(project)
