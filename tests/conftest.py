import gc
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import pytest
from preloaded import commands
from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parent.parent

TINY = {
    "samples.emnist.letters.train_per_class": 12,
    "samples.emnist.letters.test_per_class": 3,
    "studies.letters.variants": ["vae_2", "vae_20"],
    "studies.letters.model.hidden": [32],
    "studies.letters.training.epochs": 2,
    "studies.letters.training.seeds": [0, 1],
    "studies.letters.evaluation.importance_samples": 3,
    "studies.letters.evaluation.noise_levels": [0.0, 0.2],
    "studies.letters.evaluation.samples": 20,
    "studies.letters.baselines.components": [2],
    "judges.letters.channels": [2, 4],
    "judges.letters.features": 6,
    "judges.letters.epochs": 2,
    "studies.letters.analysis.sheet_side": 8,
    "studies.letters.analysis.prior_samples": 9,
    "studies.letters.analysis.traversal_steps": 3,
    "studies.letters.comparison.baseline": "vae_2",
    "report.letters.traversals": ["vae_2"],
    "report.letters.samples": ["vae_2"],
    "report.letters.sheets": [],
}


def tiny(study: str, variants: list[str]) -> dict[str, object]:
    """Edits that make a study of generative models small, with these of its variants."""
    return {
        f"studies.{study}.variants": variants,
        f"studies.{study}.training.epochs": 2,
        f"studies.{study}.training.seeds": [0, 1],
        f"studies.{study}.training.snapshots": 4,
        f"studies.{study}.evaluation.importance_samples": 3,
        f"studies.{study}.evaluation.samples": 20,
        f"studies.{study}.analysis.walk_steps": 3,
        f"studies.{study}.analysis.grid_side": 3,
        f"studies.{study}.analysis.prior_samples": 9,
        f"studies.{study}.analysis.draws": [1, 4],
        f"studies.{study}.analysis.repeats": 3,
        f"studies.{study}.analysis.images": 5,
        f"judges.{study}.channels": [2, 4],
        f"judges.{study}.features": 6,
        f"judges.{study}.epochs": 2,
        **{f"variants.{name}.model.filters": [2, 4] for name in variants},
    }


BESIDE = {
    "digits": tiny("digits", ["cvae_2", "cvae_2_mmd"])
    | {"samples.idx.digits.train_per_class": 12, "samples.idx.digits.test_per_class": 3},
    "objects": tiny("objects", ["cvae_16", "cvae_16_mmd"])
    | {"samples.cifar.objects.train_per_class": 12, "samples.cifar.objects.test_per_class": 3},
    "denoise": {
        "samples.idx.digits.train_per_class": 12,
        "samples.idx.digits.test_per_class": 3,
        "studies.denoise.variants": ["ae_2", "gvae_2", "gvae_8_noisy", "cnn_16"],
        "studies.denoise.model.filters": [2, 4],
        "studies.denoise.training.epochs": 2,
        "studies.denoise.training.seeds": [0, 1],
        "studies.denoise.evaluation.importance_samples": 3,
        "studies.denoise.evaluation.samples": 20,
        "studies.denoise.analysis.pictures": 4,
        "studies.denoise.analysis.grid_side": 3,
        "studies.denoise.analysis.mistakes": 3,
        "studies.denoise.denoising.autoencoders": ["ae_2"],
        "studies.denoise.denoising.decoders": ["gvae_2"],
        "studies.denoise.denoising.components": 2,
        "studies.denoise.denoising.images": 30,
        "studies.denoise.denoising.sweep_images": 4,
        "studies.denoise.denoising.levels": [0.1, 0.3],
        "studies.denoise.denoising.steps": 5,
        "studies.denoise.denoising.pictures": 4,
        "judges.digits_noisy.channels": [2, 4],
        "judges.digits_noisy.features": 6,
        "judges.digits_noisy.epochs": 2,
    },
    "cartoons": {
        "samples.images.cartoons.train": 80,
        "samples.images.cartoons.test": 40,
        "sources.images.cartoons.classes": ["blond", "brown", "red", "grey"],
        "studies.cartoons.variants": ["cartoons_50", "cartoons_20"],
        "studies.cartoons.model.filters": [2, 4],
        "studies.cartoons.training.seeds": [0, 1],
        "studies.cartoons.training.snapshots": 4,
        "studies.cartoons.evaluation.importance_samples": 3,
        "studies.cartoons.evaluation.samples": 20,
        "studies.cartoons.analysis.prior_samples": 9,
        "studies.cartoons.analysis.pictures": 2,
        "studies.cartoons.analysis.pairs": 5,
        "studies.cartoons.analysis.steps": 3,
        "studies.cartoons.analysis.draws": [1, 4],
        "studies.cartoons.analysis.repeats": 3,
        "studies.cartoons.analysis.images": 5,
        "studies.cartoons.attributes.samples": 20,
        "studies.cartoons.claims": {},
        "studies.cartoons.figures.moving_average": 5,
        "judges.cartoons.attributes": ["glasses"],
        "judges.cartoons.batch_size": 10,
        "judges.cartoons.channels": [2, 4],
        "judges.cartoons.features": 6,
        "judges.cartoons.epochs": 2,
        "variants.cartoons_50.training.epochs": 3,
        "variants.cartoons_20.training.epochs": 2,
    },
    "faces": {
        "samples.images.faces.train": 24,
        "samples.images.faces.test": 21,
        "samples.cifar.objects.train_per_class": 3,
        "samples.cifar.objects.test_per_class": 3,
        "studies.faces.variants": ["face_ae_small", "face_vae"],
        "studies.faces.evaluation.importance_samples": 3,
        "studies.faces.evaluation.samples": 20,
        "studies.faces.analysis.pictures": 4,
        "studies.faces.anomaly.images": 20,
        "studies.faces.anomaly.components": 2,
        "studies.faces.anomaly.importance_samples": 3,
        "studies.faces.anomaly.resamples": 100,
        "studies.faces.anomaly.pictures": 3,
        "studies.faces.contrast.images": 12,
        "studies.faces.contrast.samples": 8,
        "studies.faces.contrast.pictures": 4,
        **{
            f"variants.{name}.{key}": value
            for name in ("face_ae_small", "face_vae")
            for key, value in {
                "model.hidden": [16],
                "model.latent": 8,
                "training.epochs": 2,
                "training.seeds": [0, 1],
                "training.batch_size": 8,
            }.items()
        },
        **{
            f"judges.{name}.{key}": value
            for name in ("faces", "objects")
            for key, value in {"channels": [2, 4], "features": 6, "epochs": 2}.items()
        },
        "judges.faces.batch_size": 10,
        "judges.objects.batch_size": 10,
    },
}
"""Studies that a small project may have beside letters, and how they are made small."""


SCHEMA = "import sys; sys.path.insert(0, 'src'); from vaepipe import params; params.export()"


SECOND = ROOT / "tests/second"


def two_studies() -> ModuleType:
    """vaepipe.params as it is once the study of tests/second is added."""
    config = SECOND / "src/vaepipe/studies/second/config.py"
    module = ModuleType("two_studies")
    module.second = ModuleType("second")
    exec(config.read_text(), module.second.__dict__)
    source = (ROOT / "src/vaepipe/params.py").read_text()
    line = '    "letters": letters,\n'
    assert line in source
    exec(source.replace(line, f'{line}    "second": second,\n'), module.__dict__)
    return module


def read_by_the_second(sections: dict) -> dict:
    """The shipped params.yaml with these sections and the study of tests/second.

    That reads the one data set which they have, or a new one of their last source.
    """
    load = YAML(typ="safe").load
    params, second = load(ROOT / "params.yaml"), load(SECOND / "params.yaml")
    source = [name for blocks in sections["sources"].values() for name in blocks][-1]
    again = params["datasets"]["letters"] | {"source": source}
    (name,) = dataset = sections.get("datasets", {source: again})
    params["datasets"] |= dataset
    params["judges"][name] = sections.get("judges", {}).get(name, params["judges"]["letters"])
    for file_format, sources in sections["sources"].items():
        params["sources"][file_format] |= sources
    for section, blocks in second.items():
        params[section] |= blocks
    params["studies"]["second"]["datasets"] = [name]
    for variant in second["variants"]:
        params["variants"][variant]["dataset"] = name
    return params


def pages() -> list[Path]:
    """README, and the pages of docs/ that it leads to."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def blocks(language: str) -> list[str]:
    """The code in a language on all pages."""
    fence = re.compile(rf"^```{language}\n(.*?)^```", re.S | re.M)
    return [block for page in pages() for block in fence.findall(page.read_text())]


class Project:
    """A copy of this project in a folder of its own, with a pipeline small enough for a test."""

    def __init__(self, folder: Path, beside: str | None = None):
        """The study `letters` alone, or with one of BESIDE."""
        self.folder = folder
        self.take_files()
        (folder / "dvc.lock").unlink(missing_ok=True)
        for study in sorted(BESIDE.keys() - {beside}):  # what reads another's data set before it
            self.remove_study(study)
        edits = TINY | BESIDE.get(beside, {})
        self.edit(edits)
        listed = [name for key, of in edits.items() if key.endswith(".variants") for name in of]
        self.edit_block("variants", lambda block: {n: block[n] for n in block if n in listed})
        self.begin()

    @classmethod
    def of_full_size(cls, folder: Path) -> "Project":
        """A copy with the project's own parameters; what lies in the folder already is renewed."""
        project = cls.at(folder)
        project.preloaded = False
        project.take_files()
        if not (folder / ".git").is_dir():
            project.begin()
        return project

    def take_files(self) -> None:
        """Copy what git knows, or would, but results; files that are the same stay untouched."""
        listed = subprocess.run(
            ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
            cwd=ROOT,
            check=True,
            capture_output=True,
            text=True,
        ).stdout.split("\0")
        for name in listed:
            source, target = ROOT / name, self.folder / name
            if not name or not source.is_file() or name.startswith("results/"):
                continue
            if not target.is_file() or source.read_bytes() != target.read_bytes():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(source, target)

    def begin(self) -> None:
        """Let git know the files, which DVC needs."""
        self.run("git", "init", "-q")
        self.run("git", "config", "user.name", "test")
        self.run("git", "config", "user.email", "test@example.org")
        self.commit("start")

    @classmethod
    def at(cls, folder: Path) -> "Project":
        """The project that lies in a folder already."""
        project = object.__new__(cls)
        project.folder = folder
        return project

    def copy(self, folder: Path) -> "Project":
        """A copy in another folder, its results with it; times are kept, since engines look."""
        shutil.copytree(self.folder, folder, symlinks=True)
        return Project.at(folder)

    def commit(self, message: str) -> None:
        """Commit all changes to git."""
        self.run("git", "add", "-A")
        self.run("git", "commit", "-qm", message, "--allow-empty")

    preloaded = True
    """Whether commands start as forks of a process with the libraries: see preloaded.py."""

    def run(self, *command: str, check: bool = True) -> subprocess.CompletedProcess:
        """Run a command in the project, with the interpreter that runs the tests as `python`."""
        result = subprocess.run(
            command,
            cwd=self.folder,
            env=environment(self.preloaded),
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        if check and result.returncode:
            pytest.fail(f"{command}\n{result.stdout[-6000:]}\n{result.stderr[-6000:]}")
        return result

    def refused(self, *command: str) -> str:
        """Run a command that must fail without a traceback; return what it prints."""
        result = self.run(*command, check=False)
        assert result.returncode
        output = result.stdout + result.stderr
        assert "Traceback" not in output
        return output

    def start(self, *command: str) -> subprocess.Popen:
        """Start a command in a process group of its own."""
        return subprocess.Popen(
            command,
            cwd=self.folder,
            env=environment(self.preloaded),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            process_group=0,
        )

    @contextmanager
    def halted(self, ready: Callable[[], bool], *command: str) -> Iterator[subprocess.Popen]:
        """A run that is stopped (not killed) as soon as it is ready; it goes on afterwards."""
        process = self.start(*command)
        while not ready():
            assert process.poll() is None, process.communicate()[0]
            time.sleep(0.005)
        os.killpg(process.pid, signal.SIGSTOP)
        try:
            yield process
        finally:
            os.killpg(process.pid, signal.SIGCONT)

    def edit(self, values: dict[str, object]) -> None:
        for path, value in values.items():
            *parents, last = path.split(".")
            self.edit_block(".".join(parents), lambda block, k=last, v=value: block | {k: v})

    def edit_block(self, path: str, change) -> None:
        yaml = YAML()
        yaml.representer.ignore_aliases = lambda *_: True  # a list that stands twice is written out
        file = self.folder / "params.yaml"
        content = yaml.load(file)
        *parents, last = path.split(".")
        parent = content
        for key in parents:
            parent = parent[key]
        parent[last] = change(dict(parent[last]))
        edited = file.with_suffix(".edited")
        yaml.dump(content, edited)
        edited.replace(file)  # at once: a script may be reading it

    def add_study(self) -> None:
        """Add the study of tests/second, as CONTRIBUTING.md says a study is added."""
        shutil.copytree(SECOND / "src", self.folder / "src", dirs_exist_ok=True)
        shutil.copytree(SECOND / "workflow", self.folder / "workflow", dirs_exist_ok=True)
        load = YAML(typ="safe").load
        for section, blocks in load(SECOND / "params.yaml").items():
            for name, block in blocks.items():
                self.edit({f"{section}.{name}": block})
        lines = {
            "src/vaepipe/params.py": {
                "from vaepipe.studies.letters import config as letters\n": (
                    "from vaepipe.studies.second import config as second\n"
                ),
                '    "letters": letters,\n': '    "second": second,\n',
            },
            "Snakefile": {
                'include: "workflow/rules/letters.smk"\n': (
                    'include: "workflow/rules/second.smk"\n'
                ),
            },
            "dvc.yaml": {
                "      - results/letters/report.pdf\n": "".join(
                    f"      - results/second/{part}\n"
                    for part in ("data", "figures", "comparison", "report.pdf")
                ),
                "      - results/letters/comparison/noise_sweep.svg\n": (
                    (SECOND / "stages.yaml").read_text()
                ),
            },
        }
        for name, additions in lines.items():
            file = self.folder / name
            text = file.read_text()
            for line, addition in additions.items():
                assert text.count(line) == 1, line
                text = text.replace(line, line + addition)
            file.write_text(text)
        self.run("python", "workflow/bridge/imports.py")
        self.run("python", "-c", SCHEMA)

    def remove_study(self, study: str) -> None:
        """Take a study and its data away, as CONTRIBUTING.md says a study is removed."""
        params = YAML(typ="safe").load(self.folder / "params.yaml")
        left = [of for name, of in params["studies"].items() if name != study]
        beside = [of["anomaly"]["dataset"] for of in left if "anomaly" in of]
        datasets = [name for name in params["studies"][study]["datasets"] if name not in beside]
        kept = {of["source"] for name, of in params["datasets"].items() if name not in datasets}
        sources = {params["datasets"][name]["source"] for name in datasets} - kept

        def without(names):
            return lambda block: {name: of for name, of in block.items() if name not in names}

        own = {name for name, of in params["variants"].items() if of["study"] == study}
        for section, names in (
            ("datasets", datasets),
            ("judges", datasets),
            ("variants", own),
            ("studies", {study}),
            ("report", {study}),
        ):
            self.edit_block(section, without(names))
        for section in ("samples", "sources"):
            for file_format in params[section]:
                self.edit_block(f"{section}.{file_format}", without(sources))
        for place in (
            f"src/vaepipe/studies/{study}",
            f"workflow/scripts/{study}",
            f"workflow/report/captions/{study}",
        ):
            shutil.rmtree(self.folder / place)
        for place in (f"workflow/rules/{study}.smk", f"workflow/report/{study}.typ"):
            (self.folder / place).unlink()
        for name, lines in {
            "src/vaepipe/params.py": rf".*\b{study}\b.*\n",
            "Snakefile": rf".*/{study}\.smk.*\n",
            "dvc.yaml": rf"(?s:\n  # The study {study}\n.*?)(?=\n  # The study |\nartifacts:)"
            rf"|      - results/{study}/.*\n",
            "profiles/slurm/config.yaml": rf"  {study}_\w+:\n(?:    .*\n)+|.* {study}_.*\n",
            "profiles/kubernetes/config.yaml": rf"  {study}_\w+:\n(?:    .*\n)+|.* {study}_.*\n",
        }.items():
            file = self.folder / name
            text, count = re.subn(lines, "", file.read_text())
            assert count, name
            file.write_text(text)
        self.run("python", "workflow/bridge/imports.py")
        self.run("python", "-c", SCHEMA)

    def snakemake(self, *arguments: str) -> set[str]:
        """Run the report with Snakemake; return the nodes that ran, or would with -n."""
        command = ("snakemake", "--cores", "2", *arguments, "results/report.pdf")
        result = self.run(*command)
        return nodes(result.stdout + result.stderr)

    def repro(self, *command: str) -> set[str]:
        """Run `dvc repro`, or another command of DVC; return the nodes that ran."""
        output = self.run("dvc", *(command or ["repro"])).stdout
        stages = re.findall(r"Running stage '([^']+)'", output)
        return {stage.replace("@", " ") for stage in stages}

    def status(self) -> str:
        return self.run("dvc", "status").stdout.strip()

    def adopt(self) -> None:
        self.run("python", "workflow/bridge/adopt.py")


def environment(preloaded: bool = False) -> dict[str, str]:
    """That of a user: the tests' own interpreter as `python`, none of the tests' settings."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    if preloaded and "PYTHONPATH" not in os.environ:
        path = f"{commands()}{os.pathsep}{path}"
    kept = {
        n: v for n, v in os.environ.items() if not n.startswith(("PYTEST", "SNAKEMAKE", "MAKE"))
    }
    return kept | {"PATH": path, "COLUMNS": "200"}


CLEAN = "Data and pipelines are up to date."


def nodes(output: str) -> set[str]:
    """The nodes, as "train vae_2", whose commands stand in an output of Snakemake."""
    found = re.findall(r"python workflow/scripts/(\S+)\.py (\S+)", output)
    rules = [(script.replace("/", "_"), name) for script, name in found]
    return {rule if "/" in name else f"{rule} {name}" for rule, name in rules}


@pytest.fixture(scope="session")
def plain(tmp_path_factory):
    """A project of which nothing is built."""
    return Project(tmp_path_factory.mktemp("plain"))


@pytest.fixture(scope="session")
def small_pipelines(tmp_path_factory):
    """Two built copies of the small project: one by each engine."""
    built = {}
    for engine in ("snakemake", "dvc"):
        project = Project(tmp_path_factory.mktemp(engine))
        project.preloaded = False
        ran = project.snakemake() if engine == "snakemake" else project.repro()
        project.preloaded = True
        built[engine] = (project, ran)
    return built


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    """A project that Snakemake has built and recorded, committed to git."""
    project = Project(tmp_path_factory.mktemp("built"))
    result = project.run("snakemake", "--cores", "2", "results/report.pdf")
    assert "Recorded" in result.stderr
    project.commit("built")
    return project


@pytest.fixture
def project(built, tmp_path):
    """A copy of it for one test."""
    return built.copy(tmp_path / "project")


LONGEST = ("test_kubernetes", "test_walk", "test_attack", "test_slurm")


def pytest_collection_modifyitems(items):
    """Begin with the files that take longest, so that no worker is alone with one in the end.

    In their order: a worker is given a second file once it has but two tests left.
    """
    places = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path.stem, len(places)))


def pytest_collection_finish():
    """What the collected modules import of core.command stops the search for garbage."""
    gc.enable()


def skipped(config: pytest.Config) -> list[str]:
    """Why tests were skipped, a reason for each; empty in a worker of pytest-xdist."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    reports = reporter.stats.get("skipped", []) if reporter else []
    return [report.longrepr[2].removeprefix("Skipped: ") for report in reports]


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session):
    """Fail if more tests were skipped than VAEPIPE_MOST_SKIPPED, which .ci/run sets."""
    most = os.environ.get("VAEPIPE_MOST_SKIPPED")
    if most and len(skipped(session.config)) > int(most):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter, config):
    reasons = Counter(skipped(config))
    most = os.environ.get("VAEPIPE_MOST_SKIPPED")
    allowed = f" ({most} may be: .ci/skipped)" if most else ""
    terminalreporter.section(f"{reasons.total()} tests skipped{allowed}")
    for reason, count in reasons.items():
        terminalreporter.write_line(f"{count} x {reason}")


@pytest.fixture(scope="session")
def shipped(tmp_path_factory):
    """The project as it is shipped, of which nothing is built."""
    return Project.of_full_size(tmp_path_factory.mktemp("shipped"))
