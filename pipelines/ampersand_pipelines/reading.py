"""Questions to a dataset that was loaded before."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

from dlt.common.destination.exceptions import DestinationUndefinedEntity
from dlt.destinations.sql_client import SqlClientBase

from ampersand import ConfigurationError, open_views

from .output import Answer
from .pipeline import DEFAULT_DUCKDB, Target, make_pipeline


class NothingLoaded(ConfigurationError):
    """The dataset, or the view that was asked for, is not there."""


class Asked(Protocol):
    """What can be asked, wherever the rows are."""

    def ask(self, sql: str, views: Sequence[str], *parameters: Any) -> Answer:
        """Asks a question, as `Dataset.ask` takes it."""


class Dataset:
    """A dataset that can be asked.

    Args:
        client: An open connection.
        place: Where the dataset is, for people.
    """

    def __init__(self, client: SqlClientBase[Any], place: str) -> None:
        self._client = client
        self._place = place

    def ask(self, sql: str, views: Sequence[str], *parameters: Any) -> Answer:
        """Asks a question.

        Args:
            sql: A query that has the names of views in braces, and parameters `%s`.
            views: Names of these tables or views of the dataset.
            parameters: Values for `%s`.

        Raises:
            NothingLoaded: A view is not there.
        """
        names = {view: self._client.make_qualified_table_name(view) for view in views}
        statement = sql.format_map(names)
        try:
            with self._client.execute_query(statement, *parameters) as cursor:
                columns = list(cursor.columns_schema)  # SQLAlchemy has no cursor.description
                return Answer(columns, cursor.fetchall())
        except DestinationUndefinedEntity as error:
            raise NothingLoaded(
                f"there is no {' or '.join(views)} in {self._place}; `ampersand load` makes it, "
                "from the tables that have been loaded"
            ) from error


@contextmanager
def open_dataset(target: Target) -> Iterator[Dataset]:
    """Opens a dataset to ask questions; makes nothing.

    Raises:
        NothingLoaded: There is no such database.
    """
    if target.file and not target.file.exists():
        raise NothingLoaded(
            f"there is no database {target.duckdb_file or DEFAULT_DUCKDB}; `ampersand load` makes "
            "it, or name yours: --duckdb"
        )
    pipeline = make_pipeline(target, read_only=True)
    with open_views(pipeline) as client:
        yield Dataset(client, target.place)
