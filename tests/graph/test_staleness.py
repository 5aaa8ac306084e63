"""Which nodes an edit of params.yaml runs, in both engines, for real."""

import pytest

VARIANTS = ("vae_2", "vae_20")
PER_VARIANT = ("train", "evaluate", "analyse", "letters_figures")
DATA = {"sample_emnist letters", "ingest_emnist letters", "prepare letters"}
REPORTS = {"report letters", "full_report"}
ALWAYS = {"letters_compare"} | REPORTS


def of(*scripts: str, variants=VARIANTS) -> set[str]:
    return {f"{script} {name}" for script in scripts for name in variants}


OF_DATA = {"letters_describe letters", "judge letters", "letters_baselines letters"}
ALL = DATA | OF_DATA | of(*PER_VARIANT) | ALWAYS

# In this order: each edit is made on top of the ones before.
EDITS = [
    (
        {"variants.vae_20.training.learning_rate": 0.002},
        of(*PER_VARIANT, variants=["vae_20"]) | ALWAYS,
    ),
    (
        {"datasets.letters.level": 0.1},
        {"prepare letters"} | OF_DATA | of(*PER_VARIANT) | ALWAYS,
    ),
    (
        {"studies.letters.figures.colormap": "gray"},
        {"letters_describe letters"} | of("letters_figures") | ALWAYS,
    ),
    (
        {"studies.letters.evaluation.seed": 3},
        of("evaluate") | {"letters_baselines letters"} | ALWAYS,
    ),
    (
        {"judges.letters.seed": 3},
        {"judge letters", "letters_baselines letters"} | of("evaluate") | ALWAYS,
    ),
    ({"studies.letters.baselines.components": [3]}, {"letters_baselines letters"} | ALWAYS),
    ({"studies.letters.analysis.seed": 3}, of("analyse", "letters_figures") | ALWAYS),
    ({"report.letters.title": "Other"}, REPORTS),
]


@pytest.mark.parametrize("engine", ["snakemake", "dvc"])
def test_a_fresh_project_builds_everything(small_pipelines, engine):
    project, ran = small_pipelines[engine]
    assert ran == ALL
    assert (project.folder / "results/report.pdf").read_bytes().startswith(b"%PDF")


def test_both_engines_make_the_same_bytes(small_pipelines):
    first, second = (small_pipelines[engine][0].folder for engine in ("snakemake", "dvc"))
    made = sorted(
        path.relative_to(first)
        for folder in ("data", "results")
        for path in (first / folder).rglob("*")
        if path.is_file()
    )
    assert len(made) > 30
    different = [p for p in made if (first / p).read_bytes() != (second / p).read_bytes()]
    assert not different


@pytest.mark.parametrize("engine", ["snakemake", "dvc"])
def test_an_edit_runs_the_stale_nodes_and_no_others(small_pipelines, engine):
    project, _ = small_pipelines[engine]
    run = project.snakemake if engine == "snakemake" else project.repro
    assert run() == set()
    for edit, expected in EDITS:
        project.edit(edit)
        assert run() == expected, edit
        assert run() == set(), edit


def test_an_edit_taken_back_runs_nothing(small_pipelines):
    project, _ = small_pipelines["snakemake"]
    before = (project.folder / "params.yaml").read_text()
    project.edit({"studies.letters.training.epochs": 3})
    assert project.snakemake("-n") == of(*PER_VARIANT) | ALWAYS
    (project.folder / "params.yaml").write_text(before)
    assert project.snakemake("-n") == set()


def test_an_added_variant_runs_its_own_nodes(small_pipelines):
    project, _ = small_pipelines["snakemake"]
    before = (project.folder / "params.yaml").read_text()
    project.edit_block("variants", lambda block: block | {"vae_5": block["vae_2"]})
    project.edit({"studies.letters.variants": [*VARIANTS, "vae_5"]})
    assert project.snakemake("-n") == of(*PER_VARIANT, variants=["vae_5"]) | ALWAYS
    (project.folder / "params.yaml").write_text(before)


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("src/vaepipe/models/objectives/elbo.py", of(*PER_VARIANT) | ALWAYS),
        ("src/vaepipe/learning/loop.py", of(*PER_VARIANT) | ALWAYS),
        (
            "src/vaepipe/measures/bounds.py",
            of("evaluate") | {"letters_baselines letters"} | ALWAYS,
        ),
        (
            "src/vaepipe/judges/classifier.py",
            {"judge letters", "letters_baselines letters"} | of("evaluate") | ALWAYS,
        ),
        ("src/vaepipe/studies/letters/analysis.py", of("analyse", "letters_figures") | ALWAYS),
        (
            "src/vaepipe/figures/style.py",
            {"letters_describe letters"} | of("letters_figures") | ALWAYS,
        ),
        ("src/vaepipe/datasets/samples/glyphs.py", ALL),
        ("src/vaepipe/core/files.py", ALL),
        ("src/vaepipe/config/fields.py", REPORTS),
        ("workflow/report/letters.typ", REPORTS),
    ],
)
def test_edited_code_runs_what_uses_it(small_pipelines, file, expected):
    project, _ = small_pipelines["snakemake"]
    path = project.folder / file
    before = path.read_text()
    comment = "//" if path.suffix == ".typ" else "#"
    path.write_text(f"{before}{comment} edited\n")
    assert project.snakemake("-n") == expected
    path.write_text(before)


def test_metrics_diff_shows_what_an_edit_did(small_pipelines):
    project, _ = small_pipelines["dvc"]
    project.run("git", "add", "-A")
    project.run("git", "-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "-qm", "x")
    project.edit({"variants.vae_2.training.learning_rate": 0.0001})
    project.repro()
    table = project.run("dvc", "metrics", "diff").stdout
    rows = [line for line in table.splitlines() if "vae_2/metrics.json" in line]
    assert any(" elbo " in row for row in rows)
    assert "vae_20/" not in table
