"""What a git history says of manifests: which files there were after each commit.

Asks git itself, as a program. Only the commits of the branch are looked at (`--first-parent`): what
was done on another one was declared here when it was merged.
"""

import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path, PurePosixPath

from .exceptions import ConfigurationError, one_line
from .manifest_files import is_manifest

_FILE_MODES = ("100644", "100755")
"""What git calls a plain file; others are links and submodules."""


@dataclass(frozen=True)
class CommittedFile:
    """A manifest file after a commit.

    Attributes:
        path: Its path in the repository.
        blob: git's id of what is in it.
        commit: The commit that put it there.
        at: When that was committed.
    """

    path: str
    blob: str
    commit: str
    at: datetime


@dataclass(frozen=True)
class Commit:
    """A commit that touched manifests.

    Attributes:
        id: Its id.
        at: When it was committed; later than that of the commit before, whatever the clocks said.
        files: The manifests that were there then, by path.
    """

    id: str
    at: datetime
    files: Sequence[CommittedFile]


class Repository:
    """A git repository.

    Args:
        paths: Files and folders in it, whose manifests are meant.

    Raises:
        ConfigurationError: There is no git, or the paths are not in one repository.
    """

    def __init__(self, paths: Sequence[Path]) -> None:
        """Finds it; see the class."""
        folders = [path if path.is_dir() else path.parent for path in paths]
        roots = {
            _git(folder, "rev-parse", "--show-toplevel").decode().rstrip("\n"): None
            for folder in folders
        }
        if len(roots) > 1:
            raise ConfigurationError(
                f"{' and '.join(roots)} are several repositories; load each by itself"
            )
        self._root = Path(*roots).resolve()
        inside = [path.resolve().relative_to(self._root).as_posix() for path in paths]
        self.paths = () if "." in inside else tuple(dict.fromkeys(inside))
        self.read = cache(self._read)

    def commits(self) -> Iterator[Commit]:
        """Yields the commits that touched the manifests, the oldest first."""
        log = ["log", "--first-parent", "--reverse", "--format=%H %ct", "--", *self.paths]
        known: dict[str, CommittedFile] = {}
        last = datetime.min.replace(tzinfo=UTC)
        for line in self._git(*log).decode().splitlines():
            commit, seconds = line.split()
            at = max(datetime.fromtimestamp(int(seconds), UTC), last + timedelta(microseconds=1))
            files = {
                path: known[path]
                if path in known and known[path].blob == blob
                else CommittedFile(path, blob, commit, at)
                for path, blob in self._blobs(commit)
            }
            if files != known:
                yield Commit(commit, at, [files[path] for path in sorted(files)])
                last, known = at, files

    def _blobs(self, commit: str) -> Iterator[tuple[str, str]]:
        tree = self._git("ls-tree", "-r", "-z", "--full-tree", commit, "--", *self.paths)
        for entry in tree.decode(errors="surrogateescape").split("\x00"):
            about, _, path = entry.partition("\t")
            mode, _, blob = about.partition(" ")[0], None, about.rpartition(" ")[2]
            if mode in _FILE_MODES and (
                is_manifest(PurePosixPath(path).name) or path in self.paths
            ):
                yield path, blob

    def _read(self, blob: str) -> bytes:
        """What is in a file."""
        return self._git("cat-file", "blob", blob)

    def _git(self, *arguments: str) -> bytes:
        return _git(self._root, "--literal-pathspecs", *arguments)


def _git(folder: Path, *arguments: str) -> bytes:
    try:
        done = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True)  # noqa: S603, S607, no shell, and the git of the user
    except FileNotFoundError:
        raise ConfigurationError("there is no git, which knows the history; install it") from None
    if done.returncode:
        said = one_line(done.stderr.decode(errors="replace"))
        raise ConfigurationError(f"the history of {folder} cannot be read: git says: {said}")
    return done.stdout
