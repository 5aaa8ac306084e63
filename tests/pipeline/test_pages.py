"""Every command on README and the pages is run: here, or by the test that is named for it."""

import re
import subprocess

import pytest
from conftest import ROOT, environment, pages

WORDS = (
    "make",
    "snakemake",
    "dvc",
    "python",
    "git",
    "docker",
    "apptainer",
    "sbatch",
    "tail",
    "cat",
)
IN_CI = ".ci/run"
EXPERIMENTS = "tests/graph/test_experiments.py::test_queued_experiments_run_side_by_side"
DOWNLOADS = "tests/unit/datasets/test_download.py::test_"
REMOTE = "tests/graph/test_remotes.py::test_a_clone_pulls_from_s3"
STATUS = "tests/graph/test_status.py::test_where_all_is_done"
ELSEWHERE = {
    "make report": IN_CI,
    "make test": IN_CI,
    "make test-system": IN_CI,
    "make check": "Makefile::check",
    "make environment": "Makefile::environment",
    "make status": STATUS,
    "make baseline": "tests/graph/test_undo.py::test_a_first_build_becomes_the_baseline",
    "make undo": "tests/graph/test_undo.py::test_an_edit_is_taken_back",
    "python workflow/bridge/status.py": STATUS,
    "python benchmarks/scale.py": "tests/system/test_benchmarks.py::test_",
    "dvc exp run --queue -S …": EXPERIMENTS,
    "dvc exp run --queue -n slow -S variants.vae_20.training.learning_rate=0.001": EXPERIMENTS,
    "dvc exp run --queue -n fast -S variants.vae_20.training.learning_rate=0.01": EXPERIMENTS,
    "dvc queue start -j 2": EXPERIMENTS,
    "dvc queue status": EXPERIMENTS,
    "dvc exp diff slow fast": "tests/graph/test_experiments.py::test_an_experiment_runs",
    "dvc exp apply fast && python workflow/bridge/adopt.py": (
        "tests/graph/test_experiments.py::test_an_experiment_runs"
    ),
    "python workflow/bridge/revisions.py slow fast": (
        "tests/graph/test_revisions.py::test_of_two_commits"
    ),
    "dvc add data/raw/emnist-balanced-train.csv data/raw/emnist-balanced-test.csv": (
        "tests/graph/test_bridge.py::test_raw_files_are_versioned_by_dvc"
    ),
    "git add data/raw/*.dvc": "tests/graph/test_bridge.py::test_raw_files_are_versioned_by_dvc",
    "python workflow/scripts/download_emnist.py data/raw": f"{DOWNLOADS}script_says_what_to_do",
    "python workflow/scripts/download_mnist.py data/raw": f"{DOWNLOADS}params_that_hold",
    "python workflow/scripts/download_cifar10.py data/raw": f"{DOWNLOADS}an_archive_of_cifar_10",
    "python workflow/scripts/index_images.py data/raw/avatars": (
        "tests/pipeline/test_own_images.py::test_a_folder_of_images_with_attributes"
    ),
    "dvc push": REMOTE,
    "dvc pull": REMOTE,
    "dvc cache dir": "tests/graph/test_bridge.py::test_clones_may_share_a_cache",
    "git checkout COMMIT && dvc checkout && python workflow/bridge/adopt.py": (
        "tests/graph/test_bridge.py::test_a_checkout_of_another_branch"
    ),
    "snakemake --workflow-profile profiles/slurm results/report.pdf": (
        "tests/system/test_slurm.py::test_"
    ),
    "snakemake --workflow-profile profiles/kubernetes results/report.pdf": (
        "tests/system/test_kubernetes.py::test_jobs_are_pods"
    ),
    "snakemake --rulegraph mermaid-js": "tests/graph/test_conventions.py::test_a_page_draws",
    "make test-gpu": "tests/gpu/test_gpu.py::test_",
}
"""Where a command is run that the small project here cannot run, or takes too long for."""
BY_HAND = (
    "make real DATA=folder",  # hours
    "python benchmarks/training.py",  # minutes, and other loops to install
    "python benchmarks/gpu.py",
    "python benchmarks/ingestion.py",
    "python benchmarks/evaluation.py",
    "python benchmarks/growth.py",
    "python benchmarks/startup.py",
    "python benchmarks/study.py",
    "make PYTHON=/path/to/python report",
    "make CORES=2 report",
    "docker ",  # no daemon
    "apptainer ",  # no cluster with it
    "sbatch ",
    "tail -f ",  # without end
    "cat data_batch_",  # CIFAR-10's own files
)
"""How a command begins that no test runs."""


def typed(page):
    """The commands of a page, without their comments: lines to type, and words to type in prose."""
    text = page.read_text()
    for block in re.findall(r"^```console\n(.*?)^```", text, re.DOTALL | re.MULTILINE):
        yield from (re.sub(r"\s+#.*$", "", line) for line in block.splitlines())
    prose = re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
    words = (" ".join(code.split()) for code in re.findall(r"`([^`]+)`", prose))
    yield from (code for code in words if re.match(rf"(?:{'|'.join(WORDS)}) ", code))


COMMANDS = {page: list(dict.fromkeys(typed(page))) for page in pages()}
ALL = list(dict.fromkeys(command for page in COMMANDS.values() for command in page))
OF_STUDIES = [
    command
    for page, commands in COMMANDS.items()
    if page.parent.name == "studies"
    for command in commands
]
HERE = [
    command
    for command in ALL
    if command not in ELSEWHERE and command not in OF_STUDIES and not command.startswith(BY_HAND)
]


def run(folder, command):
    """Run a command as it stands, in a shell."""
    result = subprocess.run(
        ["sh", "-c", command],
        cwd=folder,
        env=environment(preloaded=True),
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    output = result.stdout + result.stderr
    assert not result.returncode, (command, output[-3000:])
    assert "Traceback" not in output, (command, output[-3000:])
    return output


def test_the_commands_of_the_pages_run(project):
    for command in HERE:
        run(project.folder, command)
    assert len(HERE) > 20


def test_the_commands_of_the_studies_plan_their_reports(shipped):
    assert OF_STUDIES
    for command in OF_STUDIES:
        assert "full_report" not in (planned := run(shipped.folder, f"{command} -n"))
        assert re.search(r"(?m)^report +1$", planned), command


@pytest.mark.parametrize("command", [c for c in ALL if c.startswith("make ")])
def test_make_has_a_recipe(command):
    recipe = run(ROOT, f"{command} --dry-run --assume-old=.venv/installed")
    assert recipe.strip()


def test_what_runs_elsewhere_does_and_is_on_a_page():
    for command, where in ELSEWHERE.items():
        assert command in ALL, command
        file, _, name = where.partition("::")
        text = (ROOT / file).read_text()
        found = f"def {name}" if file.endswith(".py") else name or command
        assert found in text, (command, where)
    for start in BY_HAND:
        assert any(command.startswith(start) for command in ALL), start
