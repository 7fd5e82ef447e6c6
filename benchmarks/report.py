"""Turns results into docs/benchmarks.md, the block in README.md and the picture.

python -m benchmarks.report     writes them anew from what `make bench` kept
"""

import math
import re
import statistics
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import results as kept
from benchmarks.contestants import (
    ALONE,
    EVERYTHING,
    FLOOR,
    LARGE,
    PANDAS,
    PEERS,
    PYAIRBYTE,
    RAW,
    REST_API,
    REST_API_PARQUET,
    THIS_SOURCE,
    Contestant,
)
from benchmarks.results import Results, Run, Spread, spread

USUAL = 20_000
"""Integrations that the targets are about."""

LARGEST = 200_000

MANY_OPERATIONS = 1_000_000

LARGE_PAGE = 50e6
"""Bytes of the page that the target is about."""

PAGE_FILE = "docs/benchmarks.md"
PICTURE_FILE = "docs/benchmarks.svg"

_LATENCY_FLOOR = 200 * 0.1
"""Seconds that 200 answers take, one after the other, where each takes 100 ms."""

_NOTHING = "Not measured."

_MARKS = ("<!-- benchmarks -->", "<!-- end of benchmarks -->")


@dataclass(frozen=True)
class Target:
    """What was promised, and what came of it.

    Attributes:
        what: What is compared or measured.
        limit: How much it may be, or must be.
        measured: How much it is.
        unit: Written behind both.
        at_least: Whether more is better.
        with_duckdb_2: How much it is with DuckDB 2.0, which is no part of the target; not a number:
            it was not measured, or is no matter of DuckDB.
    """

    what: str
    limit: float
    measured: float
    unit: str = "x"
    at_least: bool = False
    with_duckdb_2: float = math.nan

    @property
    def met(self) -> bool:
        """Whether it is held."""
        return self.measured >= self.limit if self.at_least else self.measured <= self.limit

    def cells(self) -> tuple[str, ...]:
        """Its row in a table, bold where it is missed."""
        how = "at least" if self.at_least else "at most"
        cells = (
            self.what,
            f"{how} {_number(self.limit)}{self.unit}",
            f"{_number(self.measured)}{self.unit}",
            "met" if self.met else "missed",
            "" if math.isnan(self.with_duckdb_2) else f"{_number(self.with_duckdb_2)}{self.unit}",
        )
        return cells if self.met else tuple(cell and f"**{cell}**" for cell in cells)


def seconds(runs: Iterable[Run]) -> float:
    """The median of seconds; not a number where there are no runs, which no target meets."""
    taken = [run.seconds for run in runs]
    return statistics.median(taken) if taken else math.nan


def peak(runs: Iterable[Run]) -> float:
    """The median of the peak memory, in MB."""
    taken = [run.peak / 1e6 for run in runs]
    return statistics.median(taken) if taken else math.nan


def limit(results: Results, integrations: int, scenario: str = "load") -> Contestant:
    """The fastest of the raw scripts; any where none was run."""
    there = [c for c in RAW if results.of(scenario, c.name, integrations)] or RAW[:1]
    return min(there, key=lambda c: seconds(results.of(scenario, c.name, integrations)))


def targets(results: Results, operations: Results | None = None) -> list[Target]:
    """All targets that these results have something to say about.

    Args:
        results: What was measured.
        operations: The same of installations and operations.
    """

    def loaded(contestant: Contestant, integrations: int = USUAL) -> list[Run]:
        return results.of("load", contestant.name, integrations)

    def ratio(contestant: Contestant, scenario: str) -> float:
        """How often this source takes as long; not a number where that was not measured."""
        taken, own = (
            seconds(results.of(scenario, each.name, USUAL)) for each in (contestant, THIS_SOURCE)
        )
        return taken / own

    best, newer = (limit(results, USUAL, scenario) for scenario in ("load", "load_duckdb_2"))
    found = [
        Target(
            f"time against the limit ({best.title})",
            2,
            1 / ratio(best, "load"),
            with_duckdb_2=1 / ratio(newer, "load_duckdb_2"),
        )
    ]
    found += [
        Target(
            f"faster than {contestant.title}",
            factor,
            ratio(contestant, "load"),
            at_least=True,
            with_duckdb_2=ratio(contestant, "load_duckdb_2"),
        )
        for contestant, factor in (
            (REST_API, 20),
            (REST_API_PARQUET, 3.5),
            (PANDAS, 3),
            (PYAIRBYTE, 2.5),
        )
    ]
    growth = peak(loaded(THIS_SOURCE, LARGEST)) / peak(loaded(THIS_SOURCE))
    found.append(Target("memory at 200,000 integrations against that at 20,000", 1.5, growth))
    large = [run for run in results.of("page") if run.bytes >= LARGE_PAGE]
    found.append(Target("peak memory, one page of 50 MB", 600, peak(large), " MB"))
    many = [
        run
        for run in (operations.of("operations_first", EVERYTHING.name) if operations else ())
        if run.rows["operations"] >= MANY_OPERATIONS
    ]
    found.append(Target("peak memory, 1,000,000 operations", 600, peak(many), " MB"))
    most = 1.3 * _LATENCY_FLOOR / 8 + seconds(loaded(THIS_SOURCE))
    distant = seconds(results.of("latency", integrations=USUAL, concurrency=8))
    found.append(Target("200 projects, 100 ms latency, 8 requests at once", most, distant, " s"))
    unchanged = seconds(results.of("unchanged", integrations=USUAL))
    first = seconds(results.of("first", integrations=USUAL))
    found.append(Target("a run without changes against the first", 0.4, unchanged / first))
    above = unchanged - seconds(results.of("floor_again", FLOOR.name))
    found.append(Target("a run without changes above dlt's own floor", 1, above, " s"))
    help_ = results.of("start", "ampersand --help")
    if help_:
        cpu = statistics.median(run.cpu for run in help_)
        found.append(Target("CPU of `ampersand --help`", 0.5, cpu, " s"))
    return [target for target in found if not math.isnan(target.measured)]


def differences(results: Results) -> list[str]:
    """Where a contestant found other numbers of rows than were served."""
    wrong = []
    for run in results.runs:
        if run.scenario not in ("load", "load_duckdb_2") or run.error:
            continue
        served = results.data[run.integrations]
        for kind in ("integrations", "objects", "fields"):
            there = getattr(served, kind)
            if run.rows.get(kind, there) != there:
                wrong.append(
                    f"{run.contestant} at {run.integrations:,} has {run.rows[kind]:,} {kind}, "
                    f"not the {there:,} that were served"
                )
    return list(dict.fromkeys(wrong))


def failures(results: Results) -> list[str]:
    """Runs that came to nothing."""
    return [
        f"{run.scenario}, {run.contestant}, {run.integrations:,} integrations: {run.error}"
        for run in results.runs
        if run.error
    ]


def page(results: Results, operations: Results | None = None) -> str:
    """The whole of docs/benchmarks.md, of what `targets` takes."""
    sizes = sorted(results.data)
    parts = [
        "<!-- Made by `make bench`. -->",
        "# Speed and memory",
        _preface(results),
        "## Targets",
        targets_table(results, operations) or _NOTHING,
        *(part for size in reversed(sizes) for part in _side_by_side(results, size)),
        *_with_duckdb_2(results),
        "## What was loaded",
        _rows_found(results),
        _notes(results),
        "## How cost grows",
        _growth(results),
        "## Where the time goes",
        _steps(results),
        "## Later runs",
        _later(results),
        "## Answers that take 100 ms each",
        _latency(results),
        "## One large page",
        _large_page(results),
        "## Installations and operations",
        operations_section(operations) if operations else _NOTHING,
        "## PostgreSQL",
        _postgres(results),
        "## To begin with",
        _starts(results),
        *_left_out(results),
    ]
    return "\n\n".join(parts) + "\n"


def readme_block(results: Results, operations: Results | None = None) -> str:
    """What README.md shows of it."""
    parts = [
        "## Speed and memory",
        f"{USUAL:,} integrations in 200 projects, from the start of the extraction to loaded, "
        "beside what one would use instead. Medians; [all figures](docs/benchmarks.md), which "
        "`make bench` measures again.",
        f"![Seconds and peak memory of each way]({PICTURE_FILE})",
        f"{_in_a_sentence(results)}The targets are the project's own, set before anything was "
        "measured; what is missed stands in bold.",
        targets_table(results, operations),
        *([] if all(each.met for each in targets(results, operations)) else [_steps(results)]),
    ]
    return "\n\n".join(parts)


def _in_a_sentence(results: Results) -> str:
    own, generic = (
        seconds(results.of("load", contestant.name, USUAL))
        for contestant in (THIS_SOURCE, REST_API)
    )
    if math.isnan(own + generic):
        return ""
    return f"This source takes {own:.1f} s where {REST_API.title} takes {generic:.1f} s. "


def with_block(text: str, block: str) -> str:
    """README.md's text with the block written anew between its marks.

    Raises:
        ValueError: The marks are not there.
    """
    begin, end = _MARKS
    pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    if not pattern.search(text):
        raise ValueError(f"README.md has no {begin} ... {end} to write between")
    return pattern.sub(lambda _: f"{begin}\n\n{block}\n\n{end}", text)


def write(results: Results, operations: Results | None, root: Path) -> None:
    """Writes the page, the block and the picture, of what `targets` takes."""
    from benchmarks.picture import draw  # matplotlib: large, and not needed to measure

    readme = root / "README.md"
    (root / PAGE_FILE).write_text(page(results, operations), encoding="utf-8")
    text = with_block(readme.read_text(encoding="utf-8"), readme_block(results, operations))
    readme.write_text(text, encoding="utf-8")
    draw(results, USUAL, root / PICTURE_FILE)


def targets_table(results: Results, operations: Results | None = None) -> str:
    """The targets in Markdown; empty where none was measured."""
    rows = [target.cells() for target in targets(results, operations)]
    return _table(("what", "target", "measured", "", "with DuckDB 2.0"), rows) if rows else ""


def _preface(results: Results) -> str:
    machine = results.machine
    environments = "; ".join(
        f"`{name}`: " + ", ".join(f"{dist} {version}" for dist, version in versions.items())
        for name, versions in results.versions.items()
    )
    return "\n".join(
        (
            "Every run is a fresh process; contestants take turns. A server in another process "
            "sends made-up integrations of the shape that real ones have, over loopback HTTP. "
            "Figures are medians, with the lowest and the highest.",
            "",
            "- **seconds**: from the start of the extraction to all loaded, without imports. "
            "**wall**, **CPU**, **peak memory**: of the whole process and its children, imports "
            "and, for this source, the making of views included.",
            "- This source runs with all of its promises on, as two lines of plain dlt. The raw "
            "scripts promise nothing: the fastest of them is the limit.",
            f"- Machine: {machine['processor']}, {machine['cores']} cores, {machine['memory']}, "
            f"{machine['system']}; {results.made_on}; {results.busy:.1f} processes wanted a core "
            "when it began.",
            f"- Environments: {environments}.",
            "- To repeat it: `make bench` (all of it) or `make bench-quick` (a small size, under "
            "two minutes), on Linux.",
        )
    )


def _side_by_side(results: Results, size: int) -> list[str]:
    served = results.data[size]
    return [
        f"## {size:,} integrations",
        f"{served.bytes / 1e6:.1f} MB of JSON in {served.requests - 1:,} listings.",
        _loads(results, size, "load"),
    ]


def _with_duckdb_2(results: Results) -> list[str]:
    if not results.of("load_duckdb_2", integrations=USUAL):
        return []
    explained = (
        "Everything above ran with the DuckDB that this project is developed with, the last one "
        "that has its extensions as packages. DuckDB 2.0 is what pip installs where nothing holds "
        "it back, as PyAirbyte does."
    )
    return [
        f"## {USUAL:,} integrations with DuckDB 2.0",
        explained,
        _loads(results, USUAL, "load_duckdb_2"),
    ]


def _loads(results: Results, size: int, scenario: str) -> str:
    own = seconds(results.of(scenario, THIS_SOURCE.name, size))
    megabytes = results.data[size].bytes / 1e6
    rows = []
    for contestant in PEERS:
        runs = results.of(scenario, contestant.name, size)
        if not runs:
            continue
        taken = spread(run.seconds for run in runs)
        loaded = runs[0].rows["all"]
        rows.append(
            (
                contestant.title,
                taken.text(2),
                f"{taken.median / own:.2f}x",
                spread(run.wall for run in runs).text(1),
                spread(run.cpu for run in runs).text(1),
                spread(run.peak / 1e6 for run in runs).text(0),
                f"{loaded:,}",
                f"{loaded / taken.median:,.0f}",
                f"{megabytes / taken.median:.1f}",
            )
        )
    columns = (
        *("way", "seconds", "against ours", "wall", "CPU", "peak memory, MB"),
        *("rows", "rows/s", "MB/s"),
    )
    return _table(columns, rows)


def _rows_found(results: Results) -> str:
    wrong = differences(results)
    if wrong:
        return "Rows differ from what was served: " + "; ".join(f"**{w}**" for w in wrong) + "."
    return (
        "All have the integrations, objects and fields that were served, as far as they have "
        "tables of them."
    )


def _notes(results: Results) -> str:
    texts = [
        f"- {contestant.title}: {contestant.note}."
        for contestant in PEERS
        if contestant.note and results.of("load", contestant.name)
    ]
    return "\n".join(texts)


def _growth(results: Results) -> str:
    sizes = sorted(results.data)
    if len(sizes) < 2:
        return "One size only."
    rows = []
    for contestant in LARGE:
        runs = [results.of("load", contestant.name, size) for size in sizes]
        if not all(runs):
            continue
        for what, values, digits in (
            ("seconds", [spread(run.seconds for run in r) for r in runs], 2),
            ("peak memory, MB", [spread(run.peak / 1e6 for run in r) for r in runs], 0),
        ):
            cells = [value.text(digits) for value in values]
            rows.append((contestant.title, what, *cells, f"{exponent(sizes, values):.2f}"))
    columns = ("way", "", *(f"{size:,}" for size in sizes), "exponent")
    explained = (
        "The exponent is that of the power of the size which fits best: 1 is in proportion, below "
        "it there is a part that does not grow."
    )
    return f"{explained}\n\n{_table(columns, rows)}"


def exponent(sizes: Sequence[int], values: Sequence[Spread]) -> float:
    """The power of the size that a value grows with: the slope of the line through logarithms."""
    logarithms = [math.log(value.median) for value in values]
    return statistics.linear_regression([math.log(size) for size in sizes], logarithms).slope


def _steps(results: Results) -> str:
    names = ("extract", "normalize", "load", "views")
    size = max((s for s in results.data if s <= USUAL), default=0)
    rows = []
    for title, runs in (
        (f"this source, {size:,}", results.of("load", THIS_SOURCE.name, size)),
        ("this source, without changes", results.of("unchanged")),
        (FLOOR.title, results.of("floor", FLOOR.name)),
        (f"{FLOOR.title}, once more", results.of("floor_again", FLOOR.name)),
        (f"{ALONE.title}, {size:,}", results.of("alone", ALONE.name)),
        (f"{REST_API.title}, {size:,}", results.of("load", REST_API.name, size)),
        (f"{REST_API_PARQUET.title}, {size:,}", results.of("load", REST_API_PARQUET.name, size)),
    ):
        if runs:
            steps = (spread(run.steps.get(n, 0) for run in runs).text(2) for n in names)
            rows.append((title, spread(run.seconds for run in runs).text(2), *steps))
    explained = (
        "Seconds of dlt's steps. This source's extraction is requests, normalisation and the "
        "writing of files; what dlt calls normalize hardly touches those. Views are made after "
        "the seconds end. dlt's own floor is a load of as many tables with one row each, first "
        "into an empty database, then once more. Requests, files and DuckDB alone: this source's "
        "answers are fetched as the raw scripts do, its rows, already made, are written to files "
        "and inserted, without dlt: with dlt's floor, that is what a faster way to make rows could "
        "not save."
    )
    return f"{explained}\n\n{_table(('what', 'seconds', *names), rows)}"


def _later(results: Results) -> str:
    if not results.of("first"):
        return _NOTHING
    rows = []
    first = seconds(results.of("first"))
    for scenario, title in (
        ("first", "first run"),
        ("unchanged", "nothing has changed"),
        ("changed_together", "one integration in a hundred has changed, all in few projects"),
        ("changed_everywhere", "one integration in a hundred has changed, in every project"),
    ):
        runs = results.of(scenario)
        if not runs:
            continue
        taken = spread(run.seconds for run in runs)
        rows.append(
            (
                title,
                taken.text(2),
                f"{taken.median / first:.2f}x",
                spread(run.cpu for run in runs).text(1),
                f"{runs[0].rows['all']:,}",
            )
        )
    columns = ("run", "seconds", "against the first", "CPU", "rows afterwards")
    return f"{results.of('first')[0].integrations:,} integrations.\n\n{_table(columns, rows)}"


def _latency(results: Results) -> str:
    runs = results.of("latency")
    if not runs:
        return _NOTHING
    size = runs[0].integrations
    local = seconds(results.of("load", THIS_SOURCE.name, size))
    rows = []
    for concurrency in sorted({run.concurrency for run in runs}):
        taken = spread(run.seconds for run in runs if run.concurrency == concurrency)
        waiting = _LATENCY_FLOOR / concurrency
        rows.append(
            (
                str(concurrency),
                taken.text(2),
                f"{waiting:.2f}",
                f"{1.3 * waiting + local:.2f}",
            )
        )
    explained = (
        f"{size:,} integrations in 200 projects. The target, 1.3 x 200 x 0.1 s / requests at once, "
        f"plus the {local:.2f} s that it takes without latency, is set for 8 of them."
    )
    columns = ("requests at once", "seconds", "of them waiting, at least", "1.3 x that + local")
    return f"{explained}\n\n{_table(columns, rows)}"


def _large_page(results: Results) -> str:
    if not results.of("page"):
        return _NOTHING
    rows = []
    for contestant in (THIS_SOURCE, REST_API_PARQUET):
        runs = results.of("page", contestant.name)
        if runs:
            taken = spread(run.seconds for run in runs).text(2)
            rows.append((contestant.title, taken, spread(r.peak / 1e6 for r in runs).text(0)))
    run = results.of("page")[0]
    explained = f"One project with {run.integrations:,} integrations: {run.bytes / 1e6:.0f} MB."
    return f"{explained}\n\n{_table(('way', 'seconds', 'peak memory, MB'), rows)}"


def operations_section(results: Results) -> str:
    """What was measured of installations and operations."""
    first = results.of("operations_first", EVERYTHING.name)
    if not first:
        return _NOTHING
    rows = []
    before = 0
    for scenario, title in (
        ("operations_first", "first run"),
        ("operations_new", "each installation has some more operations"),
        ("operations_unchanged", "nothing has changed"),
    ):
        runs = results.of(scenario, EVERYTHING.name)
        if not runs:
            continue
        after = runs[0].rows["operations"]
        rows.append(
            (
                title,
                spread(run.seconds for run in runs).text(1),
                spread(run.cpu for run in runs).text(1),
                spread(run.peak / 1e6 for run in runs).text(0),
                f"{runs[0].requests:,}",
                f"{runs[0].bytes / 1e6:,.0f}",
                f"{after - before:,}",
                f"{runs[0].rows['all']:,}",
            )
        )
        before = after
    machine = results.machine
    columns = (
        *("run", "seconds", "CPU", "peak memory, MB"),
        *("requests", "MB of JSON", "new operations", "rows afterwards"),
    )
    rows_of_first = first[0].rows
    explained = (
        f"{rows_of_first['installations']:,} installations of {first[0].integrations:,} "
        f"integrations with {rows_of_first['operations']:,} operations: those of the sandbox, many "
        "times over. Everything is loaded, in plain dlt. A first run asks for pages of 1,000 "
        "operations; a later one asks each installation for 200, and for more only where all of "
        "them are new.\n\n"
        f"Measured {len(first)} times on {machine['processor']}, {machine['cores']} cores, "
        f"{machine['memory']}, {machine['system']}; {results.made_on}; {results.busy:.1f} "
        "processes wanted a core when it began. To repeat it: `make bench-operations`."
    )
    return f"{explained}\n\n{_table(columns, rows)}"


def _postgres(results: Results) -> str:
    runs = results.of("postgres")
    if not runs:
        return _NOTHING
    taken = spread(run.seconds for run in runs).text(2)
    return (
        f"The same load of {runs[0].integrations:,} integrations into PostgreSQL on this machine: "
        f"{taken} seconds, {runs[0].rows['all']:,} rows; the server's own CPU and memory are "
        "not counted."
    )


def _starts(results: Results) -> str:
    started = [run for run in results.runs if run.scenario == "start" and not run.error]
    names = dict.fromkeys(run.contestant for run in started)
    rows = [
        (
            f"`{name}`",
            spread(run.cpu for run in results.of("start", name)).text(2),
            spread(run.wall for run in results.of("start", name)).text(2),
        )
        for name in names
    ]
    explained = "That importing the source does not import pandas is checked by a test."
    return f"{_table(('program', 'seconds of CPU', 'wall'), rows)}\n\n{explained}"


def _left_out(results: Results) -> list[str]:
    texts = [f"- {name} was left out: {reason}" for name, reason in results.left_out.items()]
    texts += [f"- {failure}" for failure in failures(results)]
    return ["## What is missing", "\n".join(texts)] if texts else []


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if value < 100 else f"{value:,.0f}"


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = (columns, ["---"] * len(columns), *rows)
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    write(
        kept.read(kept.FOLDER / "full.json"),
        kept.read_operations(),
        Path(__file__).resolve().parents[1],
    )
    sys.exit()
