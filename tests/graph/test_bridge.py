"""Snakemake and DVC on one working tree: neither shows a stale result as fresh."""

import os
import shutil
import signal
import subprocess
import time

from conftest import CLEAN, Project, nodes

RATE = "variants.vae_20.training.learning_rate"
REPORT = "results/report.pdf"


def test_after_snakemake_dvc_has_nothing_to_do(project):
    assert project.status() == CLEAN
    assert project.repro() == set()
    assert project.snakemake("-n") == set()


def test_recording_an_edit(project):
    project.edit({RATE: 0.02})
    project.snakemake()
    assert project.status() == CLEAN
    rows = project.run("dvc", "metrics", "diff").stdout
    assert "vae_20/metrics.json" in rows and "vae_2/" not in rows


def test_a_partial_target_records_what_ran_and_no_more(project):
    project.edit({RATE: 0.02})
    project.run("snakemake", "--cores", "2", "results/letters/models/vae_20/model.safetensors")
    shown = project.status()
    assert "train@vae_20" not in shown
    assert "evaluate@vae_20" in shown and "letters_compare" in shown


def test_a_failed_run_records_what_succeeded(project):
    project.edit({RATE: 0.02, "variants.vae_2.training.batch_size": 100_000})
    project.run("snakemake", "--cores", "2", "-k", REPORT, check=False)
    shown = project.status()
    assert "train@vae_2:" in shown
    assert "train@vae_20" not in shown and "letters_figures@vae_20" not in shown


def wait_for(project: Project, log: str, process: subprocess.Popen) -> None:
    """Wait until a script has begun to write its log anew."""
    began = time.time()
    path = project.folder / log
    while not path.exists() or path.stat().st_mtime < began:
        assert process.poll() is None, process.stdout.read()
        time.sleep(0.05)


def catch_up(project: Project) -> None:
    project.run("python", "workflow/bridge/record.py")


def test_after_dvc_snakemake_takes_over_by_adoption(project):
    project.edit({RATE: 0.02})
    refused = project.run("python", "workflow/bridge/adopt.py", check=False)
    assert refused.returncode == 1 and "dvc repro" in refused.stderr
    project.repro()
    plan = project.run("snakemake", "-n")
    assert nodes(plan.stdout + plan.stderr)
    assert plan.stderr.count("python workflow/bridge/adopt.py") == 1
    project.adopt()
    assert project.snakemake("-n") == set()
    assert project.status() == CLEAN


def test_an_edit_built_by_dvc_and_taken_back_is_stale_for_snakemake(project):
    """Without the doubt in the plans, Snakemake would take the other edit's files."""
    before = (project.folder / "params.yaml").read_text()
    good = (project.folder / REPORT).read_bytes()
    project.edit({RATE: 0.02})
    project.repro()
    (project.folder / "params.yaml").write_text(before)
    assert "train vae_20" in project.snakemake("-n")
    project.snakemake()
    assert (project.folder / REPORT).read_bytes() == good
    assert project.status() == CLEAN


def test_a_checkout_of_another_branch_is_adopted(project):
    project.run("git", "checkout", "-q", "-b", "other")
    project.edit({RATE: 0.02})
    project.snakemake()
    project.commit("other")
    project.run("git", "checkout", "-q", "-")
    project.run("dvc", "checkout")
    assert project.snakemake("-n") != set()
    project.adopt()
    assert project.snakemake("-n") == set()
    assert project.status() == CLEAN


def test_clones_may_share_a_cache_by_hard_links(project, tmp_path):
    """Whose files are then the same, with the same times: each adoption changes the other's."""
    shutil.move(project.folder / ".dvc/cache", tmp_path / "cache")
    other = project.copy(tmp_path / "other")
    for clone in (project, other):
        clone.run("dvc", "cache", "dir", "--local", str(tmp_path / "cache"))
        clone.run("dvc", "config", "--local", "cache.type", "hardlink")
        clone.run("dvc", "checkout", "--relink")
        clone.adopt()
    assert (project.folder / REPORT).samefile(other.folder / REPORT)
    assert project.snakemake("-n") == other.snakemake("-n") == set()
    good = (project.folder / REPORT).read_bytes()
    other.edit({"report.title": "Edited"})
    other.snakemake()
    assert (project.folder / REPORT).read_bytes() == good != (other.folder / REPORT).read_bytes()
    assert project.snakemake("-n") == other.snakemake("-n") == set()
    assert project.status() == other.status() == CLEAN


def test_a_tampered_output_is_rebuilt(project):
    path = project.folder / "results/letters/models/vae_2/history.csv"
    good = path.read_bytes()
    path.write_bytes(good.replace(b"test", b"trial"))
    assert "train vae_2" in project.snakemake("-n")
    project.snakemake()
    assert path.read_bytes() == good
    assert project.status() == CLEAN


def test_killed_before_recording_is_caught_up(project):
    project.edit({RATE: 0.02})
    process = project.start("snakemake", "--cores", "1", REPORT)
    wait_for(project, "logs/results/letters/report.log", process)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    project.run("snakemake", "--unlock")
    project.snakemake()
    catch_up(project)
    assert project.status() == CLEAN
    assert project.snakemake("-n") == set()


def test_recording_parses_params_once_however_many_nodes(project):
    """DVC would parse it several times a node, so that time grows with the square of the nodes."""
    probe = """
import sys
sys.path[:0] = ["src", "workflow"]
from dvc.dependency import param
from dvc.repo import Repo
from bridge.record import commit
load, parsed = param.load_path, []
param.load_path = lambda path, *rest: parsed.append(path) or load(path, *rest)
with Repo() as repo:
    outputs = [out.fs_path for stage in repo.index.stages for out in stage.outs]
print(commit(outputs))
print(len(parsed))
"""
    before = (project.folder / "dvc.lock").read_text()
    printed = project.run("python", "-c", probe).stdout.splitlines()
    assert printed[-2:] == ["Recorded 17 node(s) in dvc.lock.", "1"]
    assert (project.folder / "dvc.lock").read_text() == before


def test_catching_up_refuses_where_snakemake_has_work(project):
    project.edit({RATE: 0.02})
    result = project.run("python", "workflow/bridge/record.py", check=False)
    assert result.returncode == 1 and "nothing was recorded" in result.stderr


def test_without_git_and_dvc_a_run_succeeds(project):
    for name in (".git", ".dvc"):
        shutil.rmtree(project.folder / name)
    project.edit({"report.title": "No repository"})
    result = project.run("snakemake", "--cores", "2", REPORT)
    assert "Not recorded for DVC" in result.stderr


def test_a_damaged_node_file_is_written_anew(project):
    (project.folder / ".cache/nodes/results/letters/models/vae_2.json").write_text("{")
    project.snakemake()
    assert project.snakemake("-n") == set()
    assert project.status() == CLEAN


def test_raw_files_are_versioned_by_dvc(tmp_path):
    project = Project(tmp_path)
    raw = project.folder / "data/raw/letters.csv"
    raw.parent.mkdir(parents=True, exist_ok=True)
    for content in ("first", "second, longer"):
        raw.write_text(content)
        project.run("dvc", "add", "data/raw/letters.csv")
        project.commit(content)
    assert not project.run("git", "ls-files", "data/raw/letters.csv").stdout
    project.run("git", "checkout", "-q", "HEAD~1")
    project.run("dvc", "checkout", check=False)  # fails for what was never built
    assert raw.read_text() == "first"


def test_a_missing_raw_file_that_dvc_knows_is_to_be_pulled(project):
    project.edit({"samples.emnist": {}})
    for name in ("train", "test"):
        path = f"data/raw/{name}.csv"
        project.edit({f"sources.emnist.letters.{name}": path})
        (project.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (project.folder / f"{path}.dvc").write_text("outs:\n")
    result = project.run("snakemake", "-n", check=False)
    assert result.returncode
    assert "data/raw/train.csv: no such file" in result.stdout + result.stderr
    assert "dvc pull" in result.stdout + result.stderr
