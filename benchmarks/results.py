"""What was measured, as it is kept in a file."""

import json
import statistics
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from benchmarks.data import Summary

FOLDER = Path(__file__).parent / "results"

OPERATIONS = "operations"
"""The plan about installations and operations."""


@dataclass(frozen=True)
class Run:
    """One process.

    Attributes:
        scenario: What it was to do.
        contestant: Who did it.
        integrations: How many there were.
        repetition: Which of the repetitions this was.
        seconds: From the start of the extraction to all loaded, without imports.
        wall: Seconds of the whole process.
        cpu: Seconds of CPU of the whole process and its children.
        peak: Most memory that it had at once, in bytes.
        requests: Requests that the server answered.
        bytes: Bytes that it sent.
        rows: Number of `integrations`, `objects`, `fields` and of `all` rows in the database.
        steps: Seconds of dlt's steps.
        concurrency: Requests under way at once, for those that can be told.
        error: Why there is nothing of the above.
    """

    scenario: str
    contestant: str
    integrations: int
    repetition: int
    seconds: float = 0
    wall: float = 0
    cpu: float = 0
    peak: int = 0
    requests: int = 0
    bytes: int = 0
    rows: dict[str, int] = field(default_factory=dict)
    steps: dict[str, float] = field(default_factory=dict)
    concurrency: int = 0
    error: str = ""


@dataclass(frozen=True)
class Spread:
    """The median of some values, and how far they lie apart."""

    median: float
    low: float
    high: float

    def text(self, digits: int) -> str:
        """As people read it."""
        median, low, high = (f"{v:,.{digits}f}" for v in (self.median, self.low, self.high))
        return median if low == high else f"{median} ({low} to {high})"


def spread(values: Iterable[float]) -> Spread:
    """The spread of at least one value."""
    ordered = sorted(values)
    return Spread(statistics.median(ordered), ordered[0], ordered[-1])


@dataclass
class Results:
    """All runs of one call.

    Attributes:
        plan: Which plan was followed.
        made_on: The day.
        machine: What it ran on.
        busy: How many processes wanted a core when it began.
        versions: Versions of what matters, by environment.
        data: What was served, by the number of integrations.
        left_out: Contestants that could not take part, and why.
        runs: The runs.
    """

    plan: str
    made_on: str
    machine: dict[str, str]
    busy: float
    versions: dict[str, dict[str, str]]
    data: dict[int, Summary] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    runs: list[Run] = field(default_factory=list)

    def of(
        self, scenario: str, contestant: str = "ampersand", integrations: int = 0, **more: int
    ) -> list[Run]:
        """Runs of a kind that came to their end; 0 integrations: however many there were."""
        return [
            run
            for run in self.runs
            if run.scenario == scenario
            and run.contestant == contestant
            and integrations in (0, run.integrations)
            and not run.error
            and all(getattr(run, name) == value for name, value in more.items())
        ]

    def save(self, path: Path) -> None:
        """Writes them to a file."""
        path.parent.mkdir(exist_ok=True)
        head = asdict(self)
        runs = ",\n".join(map(json.dumps, head.pop("runs")))
        text = json.dumps(head, indent=1).removesuffix("\n}")
        path.write_text(f'{text},\n "runs": [\n{runs}\n ]\n}}\n')


def read(path: Path) -> Results:
    """Reads them from a file."""
    kept = json.loads(path.read_text())
    kept["data"] = {int(size): Summary(**summary) for size, summary in kept["data"].items()}
    kept["runs"] = [Run(**run) for run in kept["runs"]]
    return Results(**kept)


def read_operations() -> Results | None:
    """What was measured of installations and operations; None: nothing yet."""
    path = FOLDER / f"{OPERATIONS}.json"
    return read(path) if path.exists() else None
