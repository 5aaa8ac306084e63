"""Plans: what a node of the graph reads beside its input files, as an input file of Snakemake.

Snakemake compares times and contents of files. What it would not see reaches it as a changed plan:
a changed parameter, an edit of code, a raw file replaced by an older one, and an output that no
record proves to be made by this very plan from the inputs that lie there (see
vaepipe.core.provenance). So what Snakemake calls up to date, a record has proved.
"""

import shlex
import sys
import time
from collections.abc import Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

from bridge.digests import Digests
from vaepipe.config.sources import by_name, raw_files
from vaepipe.core import provenance
from vaepipe.core.errors import InputError
from vaepipe.core.files import digest
from vaepipe.core.inputs import stamp
from vaepipe.core.making import maker
from vaepipe.params import Params, lookup

RUN = Path("snakemake")
"""What a run of Snakemake holds (see vaepipe.core.making)."""


class Nodes:
    """The plans of one run of Snakemake, each brought up to date once.

    The first output that no record knows is named to the user, unless `quiet`.
    """

    def __init__(self, params: Mapping, quiet: bool):
        self.plans: dict[Path, dict[str, Any]] = {}
        self._params = params
        self._told = quiet
        self._digests = Digests()

    def update(
        self,
        place: Path,
        sections: Sequence[str],
        files: Sequence[str],
        outputs: Sequence[str],
        benchmark: Path,
    ) -> Path:
        """Bring the plan of a place up to date; returns its file.

        The measurement of outputs that no record knows is removed. Raises InputError if a run of
        Snakemake is at work by another plan, or if the time of a file lies in the future.
        """
        path = provenance.plan_file(place)
        if place in self.plans:
            return path
        for file in outputs:
            check_time(Path(file))
        before = provenance.load(path)
        record = provenance.load(provenance.record_file(place))
        plan = {
            "params": {section: lookup(self._params, section) for section in sections},
            "files": {file: self._digests.of(Path(file)) for file in files},
            "doubt": record.get("doubt"),
        }
        present = [Path(file) for file in outputs if Path(file).is_file()]
        known = "doubt" in record and all(
            self._is_as_in(record.get("outputs"), file) for file in present
        )
        inputs = [file for file in map(Path, record.get("inputs", {})) if file.is_file()]
        proved = known and all(self._is_as_in(record["inputs"], file) for file in inputs)
        if present and not (proved and _planned(record) == plan):
            plan["doubt"] = digest([], *(f"{file} {stamp(file)}" for file in present))
        if plan != before:
            self._write(path, before, plan, known)
        self.plans[place] = plan
        if present and not known:
            benchmark.unlink(missing_ok=True)
            self._tell(present[0])
        return path

    def _is_as_in(self, digests: Mapping[str, str] | None, file: Path) -> bool:
        return digests is not None and digests.get(file.as_posix()) == self._digests.of(file)

    def _write(self, path: Path, before: Mapping, plan: Mapping, known: bool) -> None:
        runner = maker(RUN)
        if runner and known and before | {"doubt": plan["doubt"]} == plan:
            return  # the run has made inputs of these outputs anew, and these come next
        if runner:
            raise InputError(
                f"Snakemake is at work here ({runner}), and what it planned has been edited since "
                f"({path}). Wait for it to end, then run the same command again."
            )
        provenance.write(path, plan)

    def _tell(self, output: Path) -> None:
        if not self._told:
            print(
                f"No run of Snakemake made {output} as it is, so it will be made again. If DVC "
                "did, `python workflow/bridge/adopt.py` takes over all that DVC made. See also "
                "`make status`.",
                file=sys.stderr,
            )
            self._told = True

    def close(self) -> None:
        self._digests.save()

    def check_unchanged(self) -> None:
        """Raises InputError if a plan is no longer what this run has decided on."""
        for place, plan in self.plans.items():
            if provenance.load(provenance.plan_file(place)) != plan:
                raise InputError(
                    f"another command has planned {place} anew. Run the same command again."
                )


def _planned(record: Mapping[str, Any]) -> dict[str, Any]:
    return {part: record.get(part) for part in ("params", "files", "doubt")}


def check_time(path: Path) -> None:
    """Raises InputError if a file is from the future: Snakemake would take all for older."""
    if path.exists() and path.stat().st_mtime > time.time() + 1:
        moment = time.strftime("%Y-%m-%d %H:%M", time.localtime(path.stat().st_mtime))
        raise InputError(
            f"{path}: is from the future ({moment}), so a clock is or was wrong. Set it to now "
            f"with `touch {shlex.quote(str(path))}`."
        )


def check_raw_files(params: Params) -> None:
    """Raises InputError that names a missing raw file and where to get it.

    Or if two files of a source are one, by a link.
    """
    for name, source in by_name(params.sources).items():
        for one, other in combinations(map(Path, source.files), 2):
            if one.exists() and other.exists() and one.samefile(other):
                raise InputError(
                    f"{one} and {other}, of the source '{name}', are the same file; measures must "
                    "come from images that training never saw."
                )
    for path in raw_files(params.sources):
        if not path.is_file():
            known = path.with_name(f"{path.name}.dvc").is_file()
            remedy = (
                "Run `dvc pull`, or `dvc checkout` if it was here before."
                if known
                else "Put it there (docs/data.md says where the official files come from)."
            )
            raise InputError(
                f"{path}: no such file, but params.yaml names it in a source. {remedy}"
            )
