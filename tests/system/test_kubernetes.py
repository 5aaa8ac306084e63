"""The Kubernetes profile, with a stand-in for kubectl that runs each job as a process here."""

import os
import sys
from pathlib import Path

import pytest
from conftest import CLEAN
from ruamel.yaml import YAML

KUBECTL = f"""#!{sys.executable}
import os, subprocess, sys
from pathlib import Path
from ruamel.yaml import YAML

jobs = Path(os.environ["FAKE_JOBS"])
verb, *rest = sys.argv[1:]
if verb == "create":
    name = f"vaepipe-{{len(list(jobs.iterdir())):03}}"
    manifest = YAML(typ="safe").load(sys.stdin)
    (jobs / name).mkdir()
    YAML().dump(manifest, jobs / name / "manifest.yaml")
    (container,) = manifest["spec"]["template"]["spec"]["containers"]
    environment = {{item["name"]: item["value"] for item in container["env"]}}
    script = '"$@" > "$OUT/output" 2>&1; echo $? > "$OUT/code"'
    subprocess.Popen(
        ["sh", "-c", script, "sh", *container["command"]],
        cwd=container["workingDir"],
        env=environment | {{"OUT": str(jobs / name), "HOME": os.environ["HOME"]}},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    print(f"job.batch/{{name}}")
elif verb == "get":
    code = jobs / rest[0].removeprefix("job.batch/") / "code"
    ended = code.read_text().strip() if code.exists() else ""
    print({{"": "/", "0": "1/"}}.get(ended, "/1"), end="")
"""


SNAKEMAKE = (
    "snakemake",
    "--workflow-profile",
    "profiles/kubernetes",
    "--seconds-between-status-checks",
    "1",
)


@pytest.fixture
def fake_jobs(tmp_path, monkeypatch) -> Path:
    """Where the stand-in for kubectl keeps its jobs."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "jobs").mkdir()
    kubectl = tmp_path / "bin/kubectl"
    kubectl.write_text(KUBECTL)
    kubectl.chmod(0o755)
    monkeypatch.setenv("PATH", f"{kubectl.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("FAKE_JOBS", str(tmp_path / "jobs"))
    return tmp_path / "jobs"


def test_jobs_are_pods_and_make_what_the_local_run_made(project, fake_jobs):
    (project.folder / ".venv").symlink_to(Path(sys.prefix))
    for folder in (".cache", ".snakemake", "data", "logs", "results"):
        project.run("git", "clean", "-qxfd", folder)
    result = project.run(*SNAKEMAKE, "--resources", "gpu=1", "--", "results/report.pdf")
    assert "Using workflow specific profile profiles/kubernetes" in result.stderr
    assert not project.run("git", "diff").stdout  # dvc.lock and metrics are equal
    assert project.status() == CLEAN

    manifests = [YAML(typ="safe").load(path) for path in sorted(fake_jobs.glob("*/manifest.yaml"))]
    assert len(manifests) == 11
    limits = [
        manifest["spec"]["template"]["spec"]["containers"][0]["resources"]["limits"]
        for manifest in manifests
    ]
    assert sum(int(limit["nvidia.com/gpu"]) for limit in limits) == 7
    assert sorted({limit["memory"] for limit in limits}) == ["2000M", "4000M"]


def test_a_failed_pod_is_sent_again_and_then_reported(project, fake_jobs):
    (project.folder / ".venv").symlink_to(Path(sys.prefix))
    project.edit({"variants.vae_20.training.batch_size": 5000})
    target = "results/letters/models/vae_20/model.safetensors"
    result = project.run(*SNAKEMAKE, target, check=False)
    assert result.returncode
    assert len(list(fake_jobs.iterdir())) == 3
    assert "batch_size: 5000 is larger than" in result.stderr.splitlines()[-2]
