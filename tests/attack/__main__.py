"""Attack the pipeline: `python tests/attack KIND N SEED`, where KIND may be `all`.

Every attack is told by one line; the same kind and seed make the same attacks, but for the moments
at which kills and edits strike. Ends with a table, and with exit code 1 if anything failed.
"""

import argparse
import logging
import sys
import tempfile
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[2] / f) for f in ("src", "tests")]

from attack import files, runs  # noqa: E402
from attack.verdicts import table  # noqa: E402

KINDS = {**dict.fromkeys(runs.KINDS, runs.attack), **dict.fromkeys(files.KINDS, files.attack)}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python tests/attack", description=__doc__)
    parser.add_argument("kind", choices=[*KINDS, "all"])
    parser.add_argument("n", type=int, help="how many attacks")
    parser.add_argument("seed", type=int)
    given = parser.parse_args()
    logging.disable()
    tallies = []
    for kind in KINDS if given.kind == "all" else [given.kind]:
        with tempfile.TemporaryDirectory(prefix=f"attack-{kind}-") as name:
            tallies.append(KINDS[kind](kind, given.n, given.seed, Path(name).resolve()))
    print(table(tallies))
    return int(any(tally.failures for tally in tallies))


if __name__ == "__main__":
    sys.exit(main())
