"""`make status`: where both engines stand, and the one command that leads on."""

import os
import shutil
import signal
import subprocess
from functools import partial
from pathlib import Path

import pytest
from claims import STATUS, follow, follow_status
from conftest import CLEAN, Project
from graph.walk import RAW, built_of_raw_files

from vaepipe.core.making import maker
from vaepipe.core.provenance import record_file, write

REPORT = "results/report.pdf"
DONE = "Next: nothing, both engines are up to date."
RATE = "variants.vae_20.training.learning_rate"
MODEL = "results/letters/models/vae_20"
DATA = "data/processed/letters/test.parquet"
MODEL_FILE = f"{MODEL}/model.safetensors"


def status(project: Project) -> list[str]:
    return project.run(*STATUS).stdout.splitlines()


def follow_to_the_end(project: Project) -> list[str]:
    """Type what is said to be next until nothing is; return the commands."""
    followed = follow_status(project)
    assert status(project)[-1] == DONE
    return followed


def test_where_all_is_done_nothing_is_next(project):
    assert status(project) == ["Snakemake has nothing to do.", "DVC has nothing to do.", DONE]


def test_of_what_was_never_built_all_is_next(plain, tmp_path):
    project = plain.copy(tmp_path / "copy")
    told = status(project)
    assert told[0] == "Snakemake would run 17 of 17 nodes, first data/sample/letters."
    assert told[1] == told[0].replace("Snakemake", "DVC")
    assert told[-1] == "Next: make report"


def test_what_dvc_alone_has_built_is_to_be_adopted(plain, tmp_path):
    project = plain.copy(tmp_path / "copy")
    project.repro()
    project.commit("built")
    assert follow_to_the_end(project) == ["python workflow/bridge/adopt.py"]


def test_an_edit_is_to_be_built(project):
    project.edit({RATE: 0.02})
    ours, dvcs, then = status(project)
    assert ours == f"Snakemake would run 7 of 17 nodes, first {MODEL}."
    assert dvcs == f"DVC would run 7 of 17 nodes, first {MODEL}."
    assert then == "Next: make report"
    assert follow_to_the_end(project) == ["make report", "make baseline"]
    assert not project.run("git", "status", "--porcelain").stdout


def test_what_dvc_made_is_to_be_adopted(project):
    project.edit({"report.title": "Edited"})
    project.repro()
    told = status(project)
    assert told[1] == "DVC has nothing to do."
    by_make = project.run("env", "MAKELEVEL=1", *STATUS).stdout  # of a shell without environment
    assert by_make.endswith("\nNext: . .venv/bin/activate && python workflow/bridge/adopt.py\n")
    assert told[2].startswith("Recorded in dvc.lock, not taken over by Snakemake: results/")
    assert follow_to_the_end(project)[0] == "python workflow/bridge/adopt.py"


def test_what_a_killed_run_made_is_to_be_recorded(project):
    project.edit({"report.title": "Edited"})
    project.snakemake("--no-hooks")
    told = status(project)
    assert told[0] == "Snakemake has nothing to do."
    assert told[2].startswith("Made by Snakemake, not recorded in dvc.lock: results/")
    assert follow_to_the_end(project) == ["python workflow/bridge/record.py", "make baseline"]


def test_after_part_of_a_build_by_dvc_the_least_work_is_next(project):
    project.edit({RATE: 0.02})
    project.repro("repro", "train@vae_20")
    assert follow_to_the_end(project)[0] == "dvc repro"


@pytest.mark.parametrize("gone", [[MODEL_FILE], [MODEL_FILE, REPORT], [DATA]])
def test_what_is_gone_comes_back_from_the_cache(project, gone):
    for name in gone:
        (project.folder / name).unlink()
    assert follow_to_the_end(project) == ["dvc checkout"]
    assert project.status() == CLEAN


def test_what_is_gone_from_the_cache_too_is_made_again(project):
    (project.folder / MODEL_FILE).unlink()
    shutil.rmtree(project.folder / ".dvc/cache")
    assert f"{MODEL_FILE} is gone" in project.refused("python", "workflow/bridge/record.py")
    assert follow_to_the_end(project) == ["dvc repro", "python workflow/bridge/adopt.py"]


def test_raw_files_that_were_replaced_are_to_be_added(tmp_path):
    project, other = built_of_raw_files(tmp_path)
    (project.folder / RAW[0]).write_bytes(other)
    assert "Replaced since `dvc add`: data/raw/train.csv." in status(project)
    assert follow_status(project) == ["dvc add data/raw/train.csv", "make report"]
    assert status(project)[-1] == "Next: commit data/raw/train.csv.dvc, then make baseline"
    project.run("git", "commit", "-qm", "data", "data/raw/train.csv.dvc")
    assert follow_to_the_end(project) == ["make baseline"]
    assert not project.run("git", "status", "--porcelain").stdout


@pytest.mark.parametrize("state", ["removed", "of another branch"])
def test_results_that_git_keeps_come_back_too(project, state):
    if state == "removed":
        shutil.rmtree(project.folder / "results")
        lost = project.run("git", "ls-files", "-d").stdout.split()
        first = [f"git checkout HEAD -- {' '.join(lost)}", "dvc checkout"]
    else:
        project.run("git", "checkout", "-q", "-b", "other")
        project.edit({RATE: 0.02})
        project.snakemake()
        project.commit("other")
        project.run("git", "checkout", "-q", "-")
        first = ["dvc checkout"]
    assert follow_to_the_end(project)[: len(first)] == first
    assert project.status() == CLEAN
    assert not project.run("git", "status", "--porcelain").stdout


def test_what_dvc_removed_for_a_stage_that_failed_comes_back(project):
    before = (project.folder / "params.yaml").read_text()
    project.edit({"variants.vae_20.training.warmup_epochs": 50})
    assert "`make status` says how that comes back" in project.refused("dvc", "repro")
    (project.folder / "params.yaml").write_text(before)
    assert follow_to_the_end(project) == ["dvc checkout"]


def test_a_remote_is_named_where_results_are_missing(project, tmp_path):
    project.run("dvc", "remote", "add", "-d", "store", str(tmp_path / "store"))
    project.commit("remote")
    assert status(project)[-1] == DONE
    shutil.rmtree(project.folder / ".dvc/cache")
    (project.folder / MODEL_FILE).unlink()
    assert "`dvc pull` brings what was pushed to store." in status(project)


def test_folders_that_are_left_over_are_to_be_removed(project):
    project.edit({"studies.letters.variants": ["vae_2"]})
    project.edit_block("variants", lambda block: {"vae_2": block["vae_2"]})
    strange = "results/letters/models/vae_2; touch x"
    for name in ("data/processed/before", strange):
        (project.folder / name).mkdir()
        write(project.folder / record_file(Path(name)), {})
    told = next(line for line in status(project) if line.startswith("Left over"))
    assert told.startswith("Left over, no longer in params.yaml: data/processed/before, ")
    parts = ("analyses", "evaluations", "figures", "models")
    left = " ".join(f"results/letters/{part}/vae_20" for part in parts)
    assert follow_to_the_end(project)[0] == f"rm -r -- {left} '{strange}'"
    assert (project.folder / "data/processed/before").is_dir()
    assert (project.folder / "results/letters/models/vae_2").is_dir()


def test_what_a_person_has_put_there_is_theirs(project):
    for folder in (".", "data/processed/letters", "results", "results/letters/models", MODEL):
        (project.folder / folder / ".DS_Store").touch()
    (project.folder / "results/letters/models/mine").mkdir()
    assert status(project) == ["Snakemake has nothing to do.", "DVC has nothing to do.", DONE]


def test_a_snakemake_that_holds_no_place_is_at_work_too(project):
    locks = project.folder / ".snakemake/locks"
    locks.mkdir(exist_ok=True)
    (locks / "0.output.lock").touch()
    with subprocess.Popen(
        ["bash", "-c", "exec -a snakemake sleep 60"], cwd=project.folder
    ) as other:
        told = status(project)
        other.kill()
    assert told == [f"Snakemake is at work (process {other.pid}).", "Next: wait for it to end"]
    assert status(project)[-1] == "Next: snakemake --unlock"


@pytest.fixture
def making(project, monkeypatch):
    """Whether the model is being made."""
    monkeypatch.chdir(project.folder)
    return partial(maker, Path(MODEL))


def test_a_run_that_works_is_named_with_what_it_makes(project, making):
    project.edit({RATE: 0.02})
    for engine in (("snakemake", "--cores", "2", REPORT), ("dvc", "repro")):
        with project.halted(making, *engine) as process:
            told = status(project)
        process.communicate()
        name = {"snakemake": "Snakemake", "dvc": "DVC"}[engine[0]]
        assert told[0].startswith(f"{name} is at work (")
        assert told[-1].startswith("Next: wait for ")
        project.edit({RATE: 0.01})


def test_a_script_that_outlived_its_run_is_named(project, making):
    script = ("python", "workflow/scripts/train.py", "vae_20", "data/processed/letters", MODEL)
    with project.halted(making, *script) as process:
        told = status(project)
    process.communicate()
    assert told[0].startswith("No engine is at work")
    assert told[1].startswith("process ") and told[1].endswith(f" makes {MODEL}.")
    assert told[2].startswith("Next: wait for process ")


def test_after_kill_9_snakemake_is_to_be_unlocked(project, making):
    project.edit({RATE: 0.02})
    with project.halted(making, "snakemake", "--cores", "2", REPORT) as process:
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    assert follow_to_the_end(project)[:2] == ["snakemake --unlock", "make report"]


def test_dvc_works_again_after_a_kill_9_while_it_wrote_its_register(project):
    (project.folder / ".dvc/tmp/rwlock").write_text("")
    assert follow(project, project.refused("dvc", "repro")) == "make status"
    project.run("dvc", "repro")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("params.yaml", "a: [", "params.yaml"),
        ("dvc.lock", "schema: [", "git checkout HEAD -- dvc.lock"),
        ("dvc.lock", "<<<<<<< HEAD", "git checkout --ours dvc.lock"),
        ("dvc.yaml", "stages: [", "git checkout HEAD -- dvc.yaml"),
        ("dvc.yaml", "stages:", "git checkout HEAD -- dvc.yaml"),
        ("src/vaepipe/figures/curves.py", "x = (", "src/vaepipe/figures/curves.py, line 1"),
        (REPORT, None, f"touch {REPORT}"),
    ],
)
def test_what_bars_an_answer_is_told_in_a_line(project, name, content, message):
    file = project.folder / name
    if content is not None:
        file.write_text(content)
    else:
        os.utime(file, (2e9, 2e9))
    told = project.refused(*STATUS)
    assert message in told and len(told.splitlines()) <= 2
