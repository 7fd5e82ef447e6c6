"""Load packages that a killed run left between two of dlt's folders.

dlt moves a package on by two changes to its working files, and cannot be killed between them: it
then fails to move the package, in the next run and in all that follow.
"""

from pathlib import Path

from dlt.common.pipeline import current_pipeline
from dlt.pipeline.pipeline import Pipeline

from .ledger import own_schema


def settle(pipeline: Pipeline) -> None:
    """Ends the moves that were begun, so that what is pending can be loaded.

    Args:
        pipeline: A pipeline that is not running. It is left alone unless it is ours.
    """
    if not own_schema(pipeline):
        return
    extracted = pipeline._get_normalize_storage().extracted_packages
    storage = pipeline._get_load_storage()
    normalized = pipeline.list_normalized_load_packages()
    # normalize moves the new package in place, and then deletes what it was made of
    for load_id in {*pipeline.list_extracted_load_packages()}.intersection(normalized):
        extracted.delete_package(load_id)
    # load writes that it is done, and then moves the package away
    for load_id in normalized:
        if storage.normalized_packages.is_package_completed(load_id):
            storage.storage.rename_tree(
                storage.get_normalized_package_path(load_id),
                storage.get_loaded_package_path(load_id),
            )


def settle_current() -> None:
    """Does so for the pipeline that was made last, which is likely to run next."""
    pipeline = current_pipeline()
    if isinstance(pipeline, Pipeline) and Path(pipeline.working_dir).exists():
        settle(pipeline)
