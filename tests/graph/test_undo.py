"""`make baseline` and `make undo`: the state to come back to, on whatever machine."""

import os
import re
import shlex
import shutil
import signal
import sys
from functools import partial
from pathlib import Path

import pytest
from claims import follow
from conftest import CLEAN, Project
from graph.walk import RAW, built_of_raw_files

from vaepipe.core.making import maker

REPORT = "results/report.pdf"
MODEL = "results/letters/models/vae_20/model.safetensors"
RATE = "variants.vae_20.training.learning_rate"
UNDO = ("python", "workflow/bridge/undo.py")
BASELINE = ("python", "workflow/bridge/baseline.py")


def contents(project) -> dict[str, bytes]:
    folder = project.folder
    files = [path for top in ("data", "results") for path in (folder / top).rglob("*")]
    return {str(path): path.read_bytes() for path in files if path.is_file()}


def test_an_edit_is_taken_back(project):
    before = contents(project)
    params = (project.folder / "params.yaml").read_text()
    project.edit({RATE: 0.02})
    edited = (project.folder / "params.yaml").read_text()
    result = project.run("snakemake", "--cores", "2", REPORT)
    told = result.stderr[result.stderr.index("What git keeps of the results differs") :]
    assert "dvc.lock and 1 more" in told and "`make baseline` commits it as yours" in told
    old, new = re.search(r"of vae_20 most, (\S+) → (\S+) ", told).groups()
    metrics = (project.folder / "results/letters/evaluations/vae_20/metrics.json").read_text()
    assert old != new and f" {new}" in metrics
    assert "kept in .cache/undone.yaml" in project.run(*UNDO).stderr
    assert contents(project) == before
    assert (project.folder / "params.yaml").read_text() == params
    assert (project.folder / ".cache/undone.yaml").read_text() == edited
    assert project.snakemake("-n") == set()
    assert project.status() == CLEAN


@pytest.fixture
def elsewhere(project):
    """A project that another machine has committed and this one has built with other bytes."""
    lock = project.folder / "dvc.lock"
    good = lock.read_bytes()
    text = good.decode()
    entry = text.index(f"- path: {MODEL}", text.index("  train@vae_20:"))
    md5 = text.index("    md5: ", entry) + len("    md5: ")
    lock.write_text(text[:md5] + "f" * 32 + text[md5 + 32 :])
    project.commit("on another machine")
    lock.write_bytes(good)
    return project


def test_stages_that_dvc_yaml_no_longer_has_are_not_missed(project):
    lock = project.folder / "dvc.lock"
    dead = """\
  corrupt@letters:
    cmd: python workflow/scripts/corrupt.py
    outs:
    - path: data/processed/letters/train.parquet
      hash: md5
      md5: ffffffffffffffffffffffffffffffff
      size: 1
"""
    lock.write_text(lock.read_text() + dead)
    project.commit("with a stage of an older graph")
    before = contents(project)
    project.edit({"report.title": "Edited"})
    project.snakemake()
    project.run(*UNDO)
    assert contents(project) == before


def test_an_edit_that_was_taken_back_is_kept_through_a_second_undo(project):
    project.edit({RATE: 0.02})
    edited = (project.folder / "params.yaml").read_text()
    project.run(*UNDO)
    assert project.run(*UNDO).stderr.strip() == "Back at the last commit."
    assert (project.folder / ".cache/undone.yaml").read_text() == edited


@pytest.mark.parametrize("command", [("snakemake", "--cores", "2", REPORT), ("dvc", "repro")])
def test_nothing_is_undone_beneath_a_run_or_what_a_kill_has_left(project, command, monkeypatch):
    monkeypatch.chdir(project.folder)
    project.edit({RATE: 0.02})
    edited = (project.folder / "params.yaml").read_text()
    with project.halted(partial(maker, Path(MODEL).parent), *command) as process:
        assert "is at work" in project.refused(*UNDO)
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    if command[0] == "snakemake":
        assert "snakemake --unlock" in project.refused(*UNDO)
    assert (project.folder / "params.yaml").read_text() == edited


def test_a_raw_file_that_is_not_the_committed_one_is_named_before_anything_is_touched(tmp_path):
    project, other = built_of_raw_files(tmp_path)
    project.edit({RATE: 0.02})
    (project.folder / RAW[0]).write_bytes(other)
    assert f"`dvc checkout {RAW[0]}.dvc`" in project.refused(*UNDO)
    assert project.run("git", "diff", "--stat").stdout.startswith(" params.yaml")


@pytest.mark.parametrize("content", ["", "<<<<<<< HEAD", '{"elbo": null}', "[]", "[" * 100_000])
def test_damaged_metrics_are_told_without_a_measure(project, content):
    file = project.folder / "results/letters/evaluations/vae_20/metrics.json"
    file.write_text(content)
    told = project.run("python", "workflow/bridge/status.py").stdout
    assert "metrics.json: there are none of vae_20." in told


def test_new_and_removed_variants_are_named(project):
    project.edit_block(
        "variants", lambda block: {"vae_2": block["vae_2"], "vae_3": block["vae_20"]}
    )
    project.edit({"studies.letters.variants": ["vae_2", "vae_3"]})
    told = project.refused("snakemake", "--cores", "2", REPORT)
    project.run(*shlex.split(told.partition("left over: ")[2].splitlines()[0]))
    told = project.run("snakemake", "--cores", "2", REPORT).stderr
    assert ": new are the measures of vae_3; there are none of vae_20. `make base" in told


@pytest.mark.parametrize("content", ["a: [", "variants: {}", None])
def test_params_that_cannot_be_read_are_to_be_taken_back_first(project, content):
    file = project.folder / "params.yaml"
    file.unlink()
    if content:
        file.write_text(content)
    message = project.refused(*UNDO)
    assert "params.yaml" in message and "`git checkout HEAD -- params.yaml`" in message
    assert follow(project, message)
    assert project.run(*UNDO).stderr.strip() == "Back at the last commit."


def test_an_environment_need_not_be_activated(project):
    project.edit({"report.title": "Edited"})
    bare = ("env", "PATH=/usr/bin:/bin", sys.executable, "workflow/bridge/undo.py")
    assert "Back at the last commit." in project.run(*bare).stderr


def test_a_project_may_be_part_of_a_greater_repository(project):
    shutil.rmtree(project.folder / ".git")
    whole = Project.at(project.folder.parent)
    whole.run("git", "init", "-q")
    whole.run("git", "config", "user.name", "test")
    whole.run("git", "config", "user.email", "test@example.org")
    whole.commit("all")
    before = contents(project)
    project.edit({RATE: 0.02})
    assert " of 1 variant, " in project.run("snakemake", "--cores", "2", REPORT).stderr
    project.run(*UNDO)
    assert contents(project) == before


def test_what_the_cache_lacks_is_named_and_nothing_is_touched(elsewhere):
    before = contents(elsewhere)
    elsewhere.edit({"report.title": "Edited"})
    edited = (elsewhere.folder / "params.yaml").read_text()
    message = elsewhere.refused(*UNDO)
    assert f"lacks {MODEL} of the last commit" in message and "`make baseline`" in message
    assert contents(elsewhere) == before
    assert (elsewhere.folder / "params.yaml").read_text() == edited


def test_a_first_build_becomes_the_baseline(elsewhere):
    before = contents(elsewhere)
    assert "Committed params.yaml, dvc.lock and the metrics" in elsewhere.run(*BASELINE).stdout
    assert not elsewhere.run("git", "status", "--porcelain").stdout
    elsewhere.edit({"report.title": "Edited"})
    elsewhere.snakemake()
    elsewhere.run(*UNDO)
    assert contents(elsewhere) == before
    assert elsewhere.snakemake("-n") == set()
    assert "Nothing differs" in elsewhere.run(*BASELINE).stdout


def test_no_baseline_of_what_is_stale(project):
    project.edit({RATE: 0.02})
    assert "nothing was committed" in project.refused(*BASELINE)


@pytest.mark.parametrize("command", [UNDO, BASELINE])
def test_results_of_code_that_is_not_committed_neither_come_nor_go(project, command):
    code = project.folder / "src/vaepipe/figures/curves.py"
    project.edit({"report.title": "Edited"})
    code.write_text(code.read_text().replace("linewidth=0.5", "linewidth=0.75"))
    project.snakemake()
    before = contents(project)
    assert "src/vaepipe/figures/curves.py differs from the last commit" in project.refused(*command)
    assert contents(project) == before
    assert "Edited" in (project.folder / "params.yaml").read_text()


def test_what_could_not_come_back_is_not_thrown_away(project):
    project.edit({"variants.vae_2.training.learning_rate": 0.02})
    project.run("snakemake", "--cores", "2", "--no-hooks", MODEL.replace("vae_20", "vae_2"))
    before = contents(project)
    message = project.refused(*UNDO)
    assert "would be lost" in message and "models/vae_2/" in message
    assert contents(project) == before


def test_nor_is_that_of_a_variant_that_was_removed(project):
    project.run("git", "rm", "-rq", "--cached", "results/letters/evaluations/vae_20")
    project.edit({RATE: 0.02})
    project.run("snakemake", "--cores", "2", "--no-hooks", MODEL)
    project.edit({"studies.letters.variants": ["vae_2"]})
    project.edit_block("variants", lambda block: {"vae_2": block["vae_2"]})
    before = contents(project)
    assert MODEL.rpartition("/")[0] in project.refused(*UNDO)
    assert contents(project) == before


def test_no_baseline_without_the_name_of_who_commits(project):
    project.run("git", "config", "--unset", "user.name")
    project.run("git", "config", "user.useConfigOnly", "true")
    project.edit({"report.title": "Edited"})
    project.snakemake()
    message = project.refused("env", "HOME=/nowhere", "GIT_CONFIG_NOSYSTEM=1", *BASELINE)
    assert "git config --global user.name" in message
    assert not project.run("git", "diff", "--cached", "--name-only").stdout
