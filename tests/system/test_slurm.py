"""The Slurm profile on a real Slurm of one node, started for the test."""

import os
import re
import shutil
import socket
import subprocess
import time
from pathlib import Path

import pytest
from conftest import CLEAN

CONFIGURATION = Path("/etc/slurm/slurm.conf")
GPUS = CONFIGURATION.with_name("gres.conf")
NAME = "ClusterName=vaepipe\n"  # what a killed test leaves in /etc is told from a real cluster
SNAKEMAKE = (
    "snakemake",
    "results/report.pdf",
    "--workflow-profile",
    "profiles/slurm",
    "--slurm-init-seconds-before-status-checks",
    "2",
    "--resources",
    "gpu=1",
)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """A Slurm cluster of this machine alone, without accounting; its one GPU exists in name."""
    if os.geteuid() or not shutil.which("slurmctld"):
        pytest.skip("needs root and Slurm (Debian: slurm-wlm, munge)")
    if CONFIGURATION.exists() and NAME not in CONFIGURATION.read_text():
        pytest.skip(f"{CONFIGURATION} exists: this machine belongs to a cluster")
    folder = tmp_path_factory.mktemp("slurm")
    host = socket.gethostname().split(".")[0]
    settings = {
        "SlurmctldHost": f"{host}(127.0.0.1)",
        "SlurmUser": "root",
        "SlurmdUser": "root",
        "StateSaveLocation": folder,
        "SlurmdSpoolDir": folder / "spool",
        "SlurmctldPidFile": folder / "slurmctld.pid",
        "SlurmdPidFile": folder / "slurmd.pid",
        "SlurmctldLogFile": folder / "slurmctld.log",
        "SlurmdLogFile": folder / "slurmd.log",
        "ProctrackType": "proctrack/linuxproc",
        "TaskPlugin": "task/none",
        "SelectType": "select/cons_tres",
        "SelectTypeParameters": "CR_CPU_Memory",
        "JobAcctGatherType": "jobacct_gather/none",
        "AccountingStorageType": "accounting_storage/none",
        "ReturnToService": 2,
        "MinJobAge": 3600,
        "GresTypes": "gpu",
    }
    lines = [f"{key}={value}" for key, value in settings.items()]
    lines += [
        f"NodeName={host} NodeAddr=127.0.0.1 CPUs={os.cpu_count()} RealMemory=12000 Gres=gpu:1",
        f"PartitionName=main Nodes={host} Default=YES MaxTime=INFINITE State=UP",
    ]
    (folder / "spool").mkdir()
    CONFIGURATION.parent.mkdir(exist_ok=True)
    CONFIGURATION.write_text(NAME + "\n".join(lines) + "\n")
    GPUS.write_text("AutoDetect=off\nName=gpu File=/dev/null\n")
    Path("/run/munge").mkdir(exist_ok=True)
    shutil.chown("/run/munge", "munge", "munge")
    subprocess.run(["runuser", "-u", "munge", "--", "munged"], check=False)  # it may be running
    daemons = [subprocess.Popen([name, "-D"]) for name in ("slurmctld", "slurmd")]
    try:
        for _ in range(60):
            nodes = subprocess.run(
                ["sinfo", "-h", "-o", "%t"], capture_output=True, text=True, check=False
            )
            if nodes.stdout.strip() == "idle":
                break
            time.sleep(1)
        else:
            pytest.fail((folder / "slurmctld.log").read_text()[-3000:])
        yield
    finally:
        for daemon in daemons:
            daemon.terminate()
            daemon.wait()
        CONFIGURATION.unlink()
        GPUS.unlink()


def has_gpu(job: str) -> bool:
    shown = subprocess.run(
        ["scontrol", "show", "job", job], capture_output=True, text=True, check=True
    )
    return bool(re.search(r"TresPerJob=\S*gpu:1\b", shown.stdout))


def test_the_cluster_makes_what_the_local_run_made(project, cluster):
    project.preloaded = False  # jobs are started by slurmd
    project.run("git", "clean", "-qxfd")
    result = project.run(*SNAKEMAKE)
    output = result.stdout + result.stderr
    assert "Using workflow specific profile profiles/slurm" in output
    assert "profiles/default" not in output
    # One job for the data, one for its judge, one for its baselines, one for each training,
    # evaluation and analysis of two variants, one for figures, one for the reports.
    submitted = re.findall(r"submitted with SLURM jobid (\d+) \(log: \S+/slurm_logs/(\w+)/", output)
    assert len(submitted) == 11
    assert sorted(kind for job, kind in submitted if has_gpu(job)) == [
        *2 * ["rule_analyse"],
        *2 * ["rule_evaluate"],
        "rule_judge",
        *2 * ["rule_train"],
    ]
    assert not project.run("git", "status", "--short").stdout  # dvc.lock and metrics are equal
    assert project.status() == CLEAN
    assert project.snakemake("-n") == set()


def test_a_cancelled_training_is_sent_again_and_goes_on(project, cluster):
    project.preloaded = False
    project.edit({"studies.letters.training.epochs": 3000, "studies.letters.training.seeds": [0]})
    project.edit({"studies.letters.training.device": "cpu"})
    log = project.folder / "logs/results/letters/models/vae_20.log"
    log.unlink()
    process = project.start(*SNAKEMAKE)
    while not (log.exists() and "epoch 100/" in log.read_text()):
        assert process.poll() is None, process.communicate()[0]
        time.sleep(0.1)
    logs = (project.folder / ".snakemake/slurm_logs").glob("rule_train/*/*.log")
    job = next(path.stem for path in logs if path.parent.name.endswith("vae_20"))
    assert not has_gpu(job)
    subprocess.run(["scancel", job], check=True)
    output = process.communicate()[0]
    assert process.returncode == 0, output[-5000:]
    assert "resumed after epoch" in log.read_text()
    assert project.status() == CLEAN
