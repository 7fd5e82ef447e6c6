"""A listing as it was decoded: what is handed from the extraction to who makes the rows."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

from .lossless_json import decode_page


@dataclass(frozen=True)
class OrdinaryEntries:
    """What is made of entries in which there is nothing but what is declared.

    Attributes:
        ids: Ids of the integrations, each a text.
        revisions: Columns of the table of revisions that are made of JSON, by name; a value for
            each integration that has a revision.
    """

    ids: Sequence[str]
    revisions: Mapping[str, Sequence[str | None]]

    @classmethod
    def together(cls, parts: Sequence["OrdinaryEntries"]) -> "OrdinaryEntries":
        """Those of several pages, at least one, one after the other."""
        return cls(
            [identifier for part in parts for identifier in part.ids],
            {
                name: [value for part in parts for value in part.revisions[name]]
                for name in parts[0].revisions
            },
        )


@dataclass(frozen=True)
class DecodedListing:
    """What the API answered for one project, or a part of it.

    Attributes:
        project_id: Id of the project.
        listing_key: Key of the listing (`listing_key`).
        decoded: The decoded entries of the listing; None: they are ordinary, and `elements` decodes
            them.
        pages: The same as received.
        first: Position in the listing of the first of them.
        earlier_ids: Ids of the integrations before it.
        ordinary: What is made of ordinary entries; None: they may be anything.
    """

    project_id: str
    listing_key: str
    decoded: Sequence[Any] | None
    pages: Sequence[bytes] = ()
    first: int = 0
    earlier_ids: Set[str] = frozenset()
    ordinary: OrdinaryEntries | None = None

    def __len__(self) -> int:
        """How many entries there are."""
        return len(self.elements if self.ordinary is None else self.ordinary.ids)

    @property
    def elements(self) -> Sequence[Any]:
        """The decoded entries."""
        if self.decoded is not None:
            return self.decoded
        return [element for page in self.pages for element in decode_page(page)]
