"""Loads the integrations of Ampersand projects into relational tables, with history."""

from collections.abc import Iterator, Sequence
from typing import Annotated

import dlt
from dlt.common.pipeline import current_pipeline
from dlt.common.typing import SecretSentinel, TSecretStrValue
from dlt.extract import DltResource
from dlt.pipeline.pipeline import Pipeline

from .client import AmpersandClient, ClientSettings
from .exceptions import AmpersandError, ConfigurationError
from .extraction import Extraction, NothingListed, RunBatch
from .finish import ViewsNotCreated, create_views, open_views
from .ledger import (
    entries_of,
    needs_rebuild,
    own_schema,
    read_collections,
    read_committed,
    revisions_of,
    runs_of_operations,
)
from .manifest_files import ManifestError
from .manifests import manifests_source
from .memory import make_imports_old
from .pending import settle
from .platform_tables import OPERATIONS
from .rebuild import rebuild
from .resources import AmpersandSource, make_resources, merge_directly
from .script import view_statements
from .settings import (
    assign_keys,
    choose_base_url,
    choose_collections,
    choose_hash_key,
    loaded_tables,
)
from .tables import COLLECTION_LISTINGS, MODEL_VERSION, TABLES

# A secret as a whole: dlt would keep what is none in its trace, a file.
ApiKeys = Annotated[dict[str, str], SecretSentinel]

__all__ = [
    "MODEL_VERSION",
    "TABLES",
    "AmpersandError",
    "ConfigurationError",
    "ManifestError",
    "NothingListed",
    "ViewsNotCreated",
    "ampersand_source",
    "create_views",
    "loaded_tables",
    "manifests_source",
    "needs_rebuild",
    "open_views",
    "rebuild",
    "view_statements",
]


@dlt.source(
    name="ampersand",
    section="ampersand",
    max_table_nesting=0,
    schema_contract={"tables": "evolve", "columns": "evolve", "data_type": "freeze"},
    _impl_cls=AmpersandSource,
)
def ampersand_source(
    projects: Sequence[str] | None = None,
    api_key: TSecretStrValue | None = None,
    api_keys: ApiKeys | None = None,
    base_url: str | None = None,
    concurrency: int = 8,
    connect_timeout: float = 10.0,
    read_timeout: float = 60.0,
    max_attempts: int = 5,
    backoff: float = 0.5,
    max_retry_delay: float = 60.0,
    answer_timeout: float = 600.0,
    max_list_bytes: int = 256 << 20,
    collections: Sequence[str] | None = None,
    personal_hash_key: TSecretStrValue | None = None,
    full: bool = False,
) -> list[DltResource]:
    """Lists the integrations of Ampersand projects and normalises them into tables.

    One resource per table of `ampersand.TABLES`; `with_resources` selects some of them. Every
    argument is also read from `[sources.ampersand]` in `.dlt/config.toml` and `.dlt/secrets.toml`
    and from the environment (`SOURCES__AMPERSAND__...`).

    Args:
        projects: Ids or names of the projects to load; None: all that the keys can see. A run
            limited to some projects says nothing about the others.
        api_key: API key for everything that it can see. Where neither this nor `api_keys` is set,
            the environment variable `AMP_API_KEY`.
        api_keys: One API key per project, by the project's id or name.
        base_url: Root of the API, with or without `/v1`; None: the environment variable
            `AMP_API_URL`, else the public API.
        concurrency: Requests under way at once.
        connect_timeout: Seconds to wait for a connection.
        read_timeout: Seconds to wait for the next bytes of an answer.
        max_attempts: Requests sent, at most, until one is answered.
        backoff: Seconds that the first pause before a retry lasts at most; doubled each time.
        max_retry_delay: Seconds that any pause lasts at most.
        answer_timeout: Seconds that an answer takes at most, from the request to its last byte.
        max_list_bytes: Size of a list at most, of all its pages, decompressed. A list is held in
            memory, with some ten times its size while its rows are made.
        collections: What is loaded besides integrations: names of
            `ampersand.tables.TABLES_OF_COLLECTIONS`, such as `installations`; None: all but
            `operations`, which take requests for each installation.
        personal_hash_key: Where it is set, names and references of customers and people become
            hashes that are made with it; any secret text will do. What an earlier run loaded stays.
        full: Whether listings that are already loaded are read and loaded again.

    Raises:
        ConfigurationError: There is no key, or an argument cannot be used.

    Example:
        >>> pipeline = dlt.pipeline("ampersand", destination="duckdb", dataset_name="amp_data")
        >>> pipeline.run(ampersand_source())
        >>> create_views(pipeline)
    """
    make_imports_old()
    pipeline = current_pipeline()  # that was made last, and is likely to run next
    if isinstance(pipeline, Pipeline):
        settle(pipeline)
        if own_schema(pipeline):
            merge_directly(pipeline)
    assignments = assign_keys(api_key, api_keys, projects)
    client_settings = ClientSettings(
        base_url=choose_base_url(base_url),
        connect_timeout=connect_timeout,
        read_timeout=read_timeout,
        max_attempts=max_attempts,
        backoff=backoff,
        max_retry_delay=max_retry_delay,
        answer_timeout=answer_timeout,
        max_list_bytes=max_list_bytes,
    )
    # refused here and not in the middle of a run
    for assignment in assignments:
        AmpersandClient(client_settings, assignment.api_key)
    wanted = choose_collections(collections)
    hash_key = choose_hash_key(personal_hash_key)
    if concurrency < 1:
        raise ConfigurationError(f"concurrency is {concurrency}; it must be 1 or more")

    def extract(pipeline: Pipeline, selection: frozenset[str]) -> Iterator[RunBatch]:
        committed_collections = None
        if COLLECTION_LISTINGS.name in selection:
            committed_collections = read_collections(
                pipeline, with_operations=OPERATIONS.name in selection
            )
        return Extraction(
            assignments,
            client_settings,
            concurrency=concurrency,
            scope=projects,
            committed=read_committed(pipeline),
            known_revisions=lambda listing_keys: revisions_of(pipeline, listing_keys),
            selection=selection,
            committed_collections=committed_collections,
            known_entries=lambda listing_keys: entries_of(pipeline, listing_keys),
            known_operations=lambda keys: runs_of_operations(pipeline, keys),
            personal_hash_key=hash_key,
            full=full,
            on_project=lambda total, run_id: pipeline.collector.update(
                "Projects", total=total, message=run_id
            ),
        ).batches()

    return make_resources(extract, wanted)
