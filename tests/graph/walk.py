"""A random walk over one working tree that both engines share, checked against clean builds.

`python tests/graph/walk.py SEED STEPS` walks on its own, for as long as you like; the same seed
takes the same steps, but for the moment at which a kill strikes.
"""

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from ruamel.yaml import YAML

if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).resolve().parents[2] / f) for f in ("src", "tests")]

from claims import REPORT, STATUS, Claims, fault, follow, follow_status, output
from conftest import Project

from vaepipe.datasets.formats import emnist
from vaepipe.datasets.formats.characters import CLASSES
from vaepipe.datasets.samples.handwriting import draw_characters

ENGINES = (("snakemake", "--cores", "2", REPORT), ("dvc", "repro"))
RAW = ("data/raw/train.csv", "data/raw/test.csv")

SPELLINGS = ("./data/raw/train.csv", "data//raw/train.csv", "data/raw/link.csv")

PARAMS = {
    "variants.vae_2.training.learning_rate": [0.003, 0.01],
    "datasets.letters.level": [0.2, 0.1],
    "studies.letters.evaluation.seed": [0, 1],
    "studies.second.analysis.seed": [0, 1],
    "studies.letters.figures.colormap": ["gray_r", "viridis"],
    "report.title": ["One", "Another"],
}
# Each pair is a text in a file and what it may be replaced by.
CODE = {
    "src/vaepipe/models/normal.py": ("exp(0.5 * self", "exp(0.55 * self"),
    "src/vaepipe/datasets/noise.py": ("clean + level", "clean + 1.1 * level"),
    "src/vaepipe/figures/curves.py": ("linewidth=0.5", "linewidth=0.75"),
    "src/vaepipe/studies/second/comparison.py": ('["elbo"]', '["iw_bound"]'),
    "src/vaepipe/measures/catalogue.py": ('"active units"', '"units in use"'),
}
PARTIAL = {
    "results/letters/models/vae_2/model.safetensors": "train@vae_2",
    "results/letters/evaluations/vae_2/seeds.json": "evaluate@vae_2",
    "results/letters/analyses/vae_2/analysis.json": "analyse@vae_2",
    "results/letters/figures/vae_2/sheet.svg": "letters_figures@vae_2",
    "results/judges/letters/judge.json": "judge@letters",
    "results/letters/baselines/letters/baselines.json": "letters_baselines@letters",
    "results/letters/comparison/comparison.json": "letters_compare",
    "results/letters/report.pdf": "report@letters",
    "results/second/report.pdf": "report@second",
}


class Walk:
    def __init__(self, folder: Path, seed: int):
        self.random = random.Random(seed)
        self.project = Project(folder)
        self.history: list[str] = []
        self.claims = Claims(self.project)
        self.raw_files = raw_contents()
        project = self.project
        project.add_study()
        project.edit({"studies.second.variants": ["narrow"]})
        project.edit_block("variants", lambda b: {n: v for n, v in b.items() if n != "wide"})
        params = YAML().load(project.folder / "params.yaml")
        self.vae_20 = params["variants"]["vae_20"]
        self.main = project.run("git", "branch", "--show-current").stdout.strip()
        project.edit({"studies.letters.training.seeds": [0]})
        name_raw_files(project, self.raw_files[0])
        self.add_or_remove_variant()  # one variant is quicker to build than two
        project.run("dvc", "add", *RAW)
        project.commit("raw")
        project.run("git", "branch", "other")

    def walk(self, steps: int) -> None:
        for _ in range(steps):
            actions, weights = zip(*self.actions(), strict=True)
            self.random.choices(actions, weights)[0]()
            self.check_claims()

    def actions(self) -> list[tuple[Callable[[], None], int]]:
        return [
            (self.edit_parameter, 4),
            (self.edit_code, 2),
            (self.replace_raw_file, 2),
            (self.run_snakemake, 5),
            (self.run_dvc, 5),
            (self.run_part, 3),
            (self.record, 2),
            (self.adopt, 3),
            (self.follow_status, 2),
            (self.delete_output, 1),
            (self.tamper_with_output, 2),
            (self.switch_branch, 2),
            (self.add_or_remove_variant, 1),
            (self.kill, 2),
            (self.edit_during_a_run, 3),
            (self.write_during_a_run, 2),
            (self.stash_or_pop, 2),
            (self.spell_raw_path, 1),
            (self.touch_future, 1),
            (self.touch_by_hand, 1),
        ]

    # What a user may do.

    def edit_parameter(self) -> None:
        key = self.random.choice(list(PARAMS))
        value = self.random.choice(PARAMS[key])
        self.say(f"edit {key} = {value}")
        self.project.edit({key: value})

    def edit_code(self) -> None:
        file, texts = self.random.choice(list(CODE.items()))
        old, new = self.random.sample(texts, 2)
        self.say(f"edit {file}: {new}")
        path = self.project.folder / file
        path.write_text(path.read_text().replace(old, new))

    def replace_raw_file(self) -> None:
        path = self.project.folder / self.random.choice(RAW)
        index, age = self.random.randrange(len(self.raw_files)), self.random.choice([0, 1e5])
        add = self.random.random() < 0.7
        self.say(f"replace {path.name} by {index}, {age:.0f} s old, dvc add: {add}")
        copy = path.with_suffix(".copy")
        copy.write_bytes(self.raw_files[index])
        os.utime(copy, (time.time() - age,) * 2)
        copy.replace(path)
        if add:
            self.project.run("dvc", "add", str(path.relative_to(self.project.folder)))

    def run_snakemake(self) -> None:
        self.say("snakemake")
        self.run_whole("snakemake", "--cores", "2", REPORT)
        assert self.claims.snakemake_is_done(), "snakemake is never done"

    def run_dvc(self) -> None:
        self.say("dvc repro")
        self.run_whole("dvc", "repro")
        assert self.claims.dvc_is_done(), "dvc is never done"

    def run_whole(self, *command: str) -> None:
        """Run an engine, doing as it says where it fails; compare what it made."""
        for _ in range(4):
            result = self.project.run(*command, check=False)
            if not result.returncode:
                break
            self.heed(result)
        assert not result.returncode, output(result)
        self.claims.compare([REPORT])

    def heed(self, result: subprocess.CompletedProcess) -> None:
        """Do as a message says; a command that fails must say what works, and no more than that."""
        text = output(result)
        assert not fault(text), text
        if result.returncode:
            followed = follow(self.project, text)
            assert followed, text
            self.say(f"as told: {followed}")

    def run_part(self) -> None:
        target, stage = self.random.choice(list(PARTIAL.items()))
        engine = self.random.choice(["snakemake", "dvc"])
        self.say(f"{engine}: {stage}")
        if engine == "snakemake":
            self.run_part_of("snakemake", "--cores", "2", target, target=target)
        else:
            self.run_part_of("dvc", "repro", stage, target=target)

    def run_part_of(self, *command: str, target: str) -> None:
        result = self.project.run(*command, check=False)
        if result.returncode:
            assert "rm -r -- results" in output(result), output(result)
        else:
            self.claims.compare([target])

    def record(self) -> None:
        result = self.project.run("python", "workflow/bridge/record.py", check=False)
        self.say(f"record: {output(result).strip()}")
        if not result.returncode:
            assert self.claims.dvc_is_done(), "recording left something stale"
        elif self.random.random() < 0.3:
            self.heed(result)

    def adopt(self) -> None:
        result = self.project.run("python", "workflow/bridge/adopt.py", check=False)
        self.say(f"adopt: {result.stderr.strip()[-200:] if result.returncode else 'done'}")
        if not result.returncode:
            assert self.claims.snakemake_is_done(), "adoption left something stale"
        elif self.random.random() < 0.3:
            self.heed(result)

    def follow_status(self) -> None:
        """Do as `make status` says until it names nothing more: then both engines are done."""
        followed = follow_status(self.project)
        result = self.project.run(*STATUS, check=False)
        self.say(f"make status: {', '.join(followed)}; {output(result).splitlines()[-1]}")
        if not result.returncode:
            assert self.claims.snakemake_is_done(), output(result)
            assert self.claims.dvc_is_done(), output(result)

    def delete_output(self) -> None:
        path = self.an_output()
        if path:
            self.say(f"delete {path}")
            (self.project.folder / path).unlink()

    def tamper_with_output(self) -> None:
        path = self.an_output()
        if path:
            self.say(f"tamper with {path}")
            file = self.project.folder / path
            content = file.read_bytes()
            file.unlink()  # it may be a link into DVC's cache
            file.write_bytes(content + b" ")

    def an_output(self) -> str | None:
        folder = self.project.folder
        made = [f for top in ("data", "results") for f in (folder / top).rglob("*") if f.is_file()]
        names = sorted(str(f.relative_to(folder)) for f in made if "data/raw" not in str(f))
        return self.random.choice(names) if names else None

    def switch_branch(self) -> None:
        current = self.project.run("git", "branch", "--show-current").stdout.strip()
        other = self.random.choice(["other", self.main])
        self.say(f"commit on {current}, switch to {other}")
        self.project.commit("step")
        self.project.run("git", "checkout", "-q", other)
        checkout = self.project.run("dvc", "checkout", check=False)
        if checkout.returncode:
            self.say(f"dvc checkout: {checkout.stderr.strip().splitlines()[0][:200]}")

    def add_or_remove_variant(self) -> None:
        params = (self.project.folder / "params.yaml").read_text()
        if "  vae_20:" in params:
            self.say("remove vae_20")
            self.project.edit({"studies.letters.variants": ["vae_2"]})
            self.project.edit_block(
                "variants", lambda block: {n: v for n, v in block.items() if n != "vae_20"}
            )
        else:
            self.say("add vae_20")
            self.project.edit_block("variants", lambda block: block | {"vae_20": self.vae_20})
            self.project.edit({"studies.letters.variants": ["vae_2", "vae_20"]})

    def kill(self) -> None:
        command = self.random.choice(ENGINES)
        seconds = self.random.uniform(1, 15)
        self.say(f"kill -9 {command[0]} after {seconds:.1f} s")
        process = self.project.start(*command)
        try:
            process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
        self.project.run("snakemake", "--unlock")

    def edit_during_a_run(self) -> None:
        """Edit a parameter or code while an engine runs; perhaps take it back, then or later."""
        with self.running():
            before = {name: self.read(name) for name in ("params.yaml", *CODE)}
            self.random.choice([self.edit_parameter, self.edit_code])()
            back = self.random.choice(["during the run", "after it", "never"])
            self.say(f"taken back {back}")
            if back == "during the run":
                time.sleep(self.random.uniform(0, 5))
                self.write(before)
        if back == "after it":
            self.check_claims()
            self.write(before)

    def write_during_a_run(self) -> None:
        """Let another command, or a hand, write outputs while an engine runs."""
        command = self.random.choice([("dvc", "checkout"), *ENGINES, None])
        with self.running():
            if command:
                self.say(f"beside it: {' '.join(command)}")
                assert not fault(output(self.project.run(*command, check=False)))
            else:
                self.tamper_with_output()

    @contextmanager
    def running(self) -> Iterator[None]:
        """Do something at a random moment of a run of an engine, and wait for its end."""
        command = self.random.choice(ENGINES)
        seconds = self.random.uniform(1, 15)
        self.say(f"{seconds:.1f} s after the start of {command[0]}:")
        process = self.project.start(*command)
        time.sleep(seconds)
        try:
            yield
        finally:
            text = process.communicate()[0]
        assert not fault(text), text

    def read(self, name: str) -> str:
        return (self.project.folder / name).read_text()

    def write(self, contents: dict[str, str]) -> None:
        """Write the files that hold something else, each at once."""
        for name, content in contents.items():
            if self.read(name) != content:
                copy = self.project.folder / "copy.tmp"
                copy.write_text(content)
                copy.replace(self.project.folder / name)

    def stash_or_pop(self) -> None:
        """Put all edits aside, or take them back; where they clash, forget them."""
        if not self.project.run("git", "stash", "list").stdout:
            self.say("git stash")
            self.project.run("git", "stash")
            return
        self.say("git stash pop")
        if self.project.run("git", "stash", "pop", check=False).returncode:
            self.say("git reset --hard")
            self.project.run("git", "reset", "-q", "--hard")
            self.project.run("git", "stash", "drop")

    def spell_raw_path(self) -> None:
        """Name a raw file in another way: refused, or watched like any other."""
        name, index = self.random.choice(SPELLINGS), self.random.randrange(len(self.raw_files))
        link = self.project.folder / "data/raw/link.csv"
        link.symlink_to("train.csv")
        self.say(f"name {name}")
        self.project.edit({"sources.emnist.letters.train": name})
        result = self.project.run(*self.random.choice(ENGINES), check=False)
        assert not fault(output(result)), output(result)
        if not result.returncode:
            self.check_claims()
            self.say(f"replace train.csv by {index}, as old as the first")
            raw, stat = self.project.folder / RAW[0], (self.project.folder / RAW[0]).stat()
            raw.write_bytes(self.raw_files[index])
            os.utime(raw, ns=(stat.st_mtime_ns, stat.st_mtime_ns))
            self.check_claims()
        self.project.edit({"sources.emnist.letters.train": RAW[0]})
        link.unlink()

    def touch_future(self) -> None:
        """Give a file a time of 2033: an engine says so, or is right; then its time is now."""
        name = self.random.choice(["requirements.txt", "params.yaml", *RAW, *CODE])
        path, future = self.project.folder / name, 1_988_150_400
        self.say(f"touch -d 2033-01-01 {name}")
        os.utime(path, (future, future))
        result = self.project.run(*self.random.choice(ENGINES), check=False)
        assert not fault(output(result)), output(result)
        self.check_claims()
        path.touch()

    def touch_by_hand(self) -> None:
        self.say("snakemake --touch")
        result = self.project.run("snakemake", "--touch", *ENGINES[0][1:], check=False)
        assert not fault(output(result)), output(result)

    # What must hold.

    def check_claims(self) -> None:
        self.claims.check()

    def say(self, what: str) -> None:
        self.history.append(what)
        print(f"{len(self.history):4d} {what}", flush=True)


def name_raw_files(project: Project, content: bytes) -> None:
    """Let a project read raw files, of this content, in the place of its sample."""
    project.edit({"samples.emnist": {}})
    for name, path in zip(("train", "test"), RAW, strict=True):
        project.edit({f"sources.emnist.letters.{name}": path})
        (project.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (project.folder / path).write_bytes(content)


def built_of_raw_files(folder: Path) -> tuple[Project, bytes]:
    """A project in a folder that is built of raw files which DVC knows, and other content."""
    project = Project(folder)
    first, second, _ = raw_contents()
    name_raw_files(project, first)
    project.run("dvc", "add", *RAW)
    project.snakemake()
    project.commit("built")
    return project, second


def raw_contents() -> list[bytes]:
    """Three CSV files of characters, each without some rows of the first."""
    labels = np.tile(np.arange(len(CLASSES)), 12)
    images = draw_characters(labels, 0)
    with tempfile.TemporaryDirectory() as name:
        path = Path(name, "raw.csv")
        emnist.write_csv(path, labels, images)
        rows = path.read_bytes().splitlines(keepends=True)
    return [b"".join(rows), b"".join(rows[:500]), b"".join(rows[40:])]


if __name__ == "__main__":
    seed, steps = map(int, sys.argv[1:])
    with tempfile.TemporaryDirectory() as name:
        Walk(Path(name), seed).walk(steps)
    print(f"{steps} steps from seed {seed}: no wrong claim")
