"""What is compared: a script each, run in a fresh process."""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Contestant:
    """A way to load the integrations.

    Attributes:
        name: How results call it.
        title: How people call it.
        environment: Whose virtual environment it runs in: `.venv-bench-<environment>`.
        module: The script.
        variant: Which of its ways the script takes.
        note: What its tables lack beside ours.
    """

    name: str
    title: str
    environment: str
    module: str
    variant: str = ""
    note: str = ""


_GENERIC = "tables follow the documents; random keys, no history"
_RAW = "six tables; no history; unknown properties are lost, odd input stops it"

THIS_SOURCE = Contestant("ampersand", "**this source**", "source", "this_source")
EVERYTHING = Contestant("everything", "this source", "source", "this_source", "everything")
"""Loads installations, operations and the rest as well, into a DuckDB that is kept small."""
REST_API = Contestant("rest_api", "dlt `rest_api`, defaults", "source", "rest_api", note=_GENERIC)
REST_API_PARQUET = Contestant(
    "rest_api_parquet",
    'dlt `rest_api`, `loader_file_format="parquet"`',
    "source",
    "rest_api",
    "parquet",
    _GENERIC,
)
PANDAS = Contestant(
    "pandas",
    "requests + pandas.json_normalize + DuckDB",
    "pandas",
    "pandas_script",
    note="six tables; no history",
)
PYAIRBYTE = Contestant(
    "pyairbyte",
    "PyAirbyte, declarative manifest",
    "pyairbyte",
    "pyairbyte",
    note="what is nested stays JSON, in one column",
)
RAW = tuple(
    Contestant(f"raw_{variant}", f"raw script, {how}", "source", "raw", variant, _RAW)
    for variant, how in (
        ("inferred", "DuckDB read_json, types inferred"),
        ("explicit", "DuckDB read_json, types given"),
        ("pyarrow", "pyarrow.json"),
    )
)
"""The best of them is the limit."""

FLOOR = Contestant("floor", "dlt's own floor", "source", "dlt_floor")
"""Loads next to nothing, and is therefore no peer."""

ALONE = Contestant("alone", "requests, files and DuckDB alone", "source", "alone")
"""Has the rows of this source given, and is therefore no peer either."""

PEERS = (THIS_SOURCE, REST_API, REST_API_PARQUET, PANDAS, PYAIRBYTE, *RAW)
LARGE = (THIS_SOURCE, REST_API_PARQUET, *RAW)
"""Those that are worth waiting for at 200,000 integrations."""

WITH_DUCKDB_2 = tuple(
    replace(contestant, environment=f"{contestant.environment}-duckdb-2.0")
    for contestant in PEERS
    if contestant is not PYAIRBYTE
)
"""The same with DuckDB 2.0; PyAirbyte chooses its own."""
