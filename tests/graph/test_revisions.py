"""Two revisions side by side: which of their differences are more than the seeds'."""

import json
import shutil

import pytest
from scipy import stats

COMPARE = ("python", "workflow/bridge/revisions.py")
RATE = "variants.vae_20.training.learning_rate"
SEEDS = "results/letters/evaluations/vae_20/seeds.json"


@pytest.fixture
def edited(project):
    """A built project, the committed values of a variant, and those of an edit of it."""
    before = json.loads((project.folder / SEEDS).read_text())["measures"]
    project.edit({RATE: 0.02})
    project.snakemake()
    return project, before, json.loads((project.folder / SEEDS).read_text())["measures"]


def test_an_edit_is_judged_by_all_its_seeds(edited):
    project, before, after = edited
    text = project.run(*COMPARE).stdout
    assert max(map(len, text.splitlines())) <= 100
    assert "\nvae_20\n" in text and "vae_2\n" not in text
    (line,) = (line for line in text.splitlines() if "ELBO" in line)
    values, others = (of["elbo"]["values"] for of in (after, before))
    assert f"{before['elbo']['mean']:.1f} ± {before['elbo']['std']:.1f}" in line
    assert f"{after['elbo']['mean'] - before['elbo']['mean']:+.1f} " in line
    interval = stats.ttest_ind(values, others, equal_var=False).confidence_interval()
    assert f"{interval.low:+.1f} to {interval.high:+.1f}" in line
    assert "Different too, but neither better nor worse: active units of vae_20." in text
    assert text.splitlines()[-1].startswith("Judged together, 5 in all")


def test_of_two_commits_as_markdown(edited):
    project, _, _ = edited
    project.commit("edited")
    text = project.run(*COMPARE, "HEAD~1", "HEAD", "--markdown").stdout
    rows = [line for line in text.splitlines() if line.startswith("| vae_20 | ")]
    assert len(rows) == 5 and len({row.count("|") for row in rows}) == 1
    assert project.run(*COMPARE).stdout == "No headline measure differs.\n"


def test_variants_of_one_revision_alone_are_named(project):
    project.edit({"studies.letters.variants": ["vae_2"]})
    project.edit_block("variants", lambda block: {"vae_2": block["vae_2"]})
    for part in ("models", "evaluations", "analyses", "figures"):
        shutil.rmtree(project.folder / f"results/letters/{part}/vae_20")
    assert "Only in the old: vae_20." in project.run(*COMPARE).stdout


def test_what_is_not_there_is_told(project):
    assert "nowhere: no such commit or experiment" in project.refused(*COMPARE, "nowhere")
    shutil.rmtree(project.folder / ".dvc/cache")
    assert f"lacks {SEEDS.replace('20', '2')} of HEAD" in project.refused(*COMPARE)


def test_what_dvc_lock_keeps_of_a_removed_variant_is_no_result(project):
    project.edit({"studies.letters.variants": ["vae_2"]})
    project.edit_block("variants", lambda block: {"vae_2": block["vae_2"]})
    for part in ("models", "evaluations", "analyses", "figures"):
        shutil.rmtree(project.folder / f"results/letters/{part}/vae_20")
    project.snakemake()
    assert "evaluate@vae_20" in (project.folder / "dvc.lock").read_text()
    project.commit("removed")
    assert project.run(*COMPARE).stdout == "No headline measure differs.\n"


def test_more_seeds_of_the_same_are_no_change(project):
    project.edit({"studies.letters.training.seeds": [0, 1, 2]})
    project.snakemake()
    assert project.run(*COMPARE).stdout == "No headline measure differs.\n"


def test_what_was_measured_otherwise_is_said(project):
    project.edit({"studies.letters.evaluation.active_threshold": 1e-9})
    project.snakemake()
    told = project.run(*COMPARE).stdout
    assert told.startswith("Not measured on the same: studies.letters.evaluation differ, ")
    assert "neither better nor worse: active units of vae_2, active units of vae_20." in told
    assert "Judged" not in told
