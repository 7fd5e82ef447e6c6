"""What a killed run left half done in dlt's working files.

dlt moves a load package on, and makes its folders, by several changes to its working files. It must
not be killed between them: it then fails in the next run, and in all that follow.
"""

from pathlib import Path
from shutil import rmtree

from dlt.pipeline.pipeline import Pipeline

from .ledger import own_schema


def settle(pipeline: Pipeline) -> None:
    """Ends what was begun, so that the next run can load what is pending, and go on.

    Args:
        pipeline: A pipeline that is not running. It is left alone unless it is ours.
    """
    if pipeline.schema_names and not own_schema(pipeline):
        return
    if not Path(pipeline.working_dir).exists():
        return
    for name in ("normalize", "load"):
        folder = Path(pipeline.working_dir) / name
        if folder.is_dir() and not any(path.is_dir() for path in folder.iterdir()):
            rmtree(folder)  # dlt makes it whole, or refuses it where its version is missing
    extracted = pipeline._get_normalize_storage().extracted_packages
    storage = pipeline._get_load_storage()
    if storage.is_storage_ready():
        storage.initialize_storage()  # dlt takes its folders to be there as soon as one is
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
