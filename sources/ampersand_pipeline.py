"""Loads the integrations of Ampersand projects into relational tables, with full history."""

import dlt

from ampersand import ampersand_source, create_views


def load_integrations() -> None:
    """Loads every integration that the API key can see, and makes the `current_*` views."""
    pipeline = dlt.pipeline("ampersand", destination="duckdb", dataset_name="ampersand_data")
    print(pipeline.run(ampersand_source()))
    create_views(pipeline)


if __name__ == "__main__":
    load_integrations()
