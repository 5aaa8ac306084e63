"""What an attack ends in, and the count of it."""

from collections import Counter
from dataclasses import dataclass, field

FINE, WRONG, LOST, TRACEBACK = "fine", "wrong", "lost", "traceback"
FAILURES = (WRONG, LOST, TRACEBACK)


class BrokenError(AssertionError):
    """An attack that has succeeded: `verdict` is one of FAILURES."""

    def __init__(self, verdict: str, text: str):
        super().__init__(text)
        self.verdict = verdict


@dataclass
class Tally:
    """The verdicts of one kind of attack."""

    kind: str
    counts: Counter = field(default_factory=Counter)

    def add(self, verdict: str, line: str) -> None:
        """Count an attack and print its line."""
        self.counts[verdict] += 1
        print(f"{self.kind} {self.counts.total():5d} {line}: {verdict}", flush=True)

    @property
    def failures(self) -> int:
        return sum(self.counts[verdict] for verdict in FAILURES)


def table(tallies: list[Tally]) -> str:
    """A row for each kind."""
    names = ("kind", "tried", *FAILURES)
    rows = [(t.kind, t.counts.total(), *(t.counts[v] for v in FAILURES)) for t in tallies]
    return "\n".join(
        f"{name:<12}" + "".join(f"{value:>10}" for value in values)
        for name, *values in [names, *rows]
    )
