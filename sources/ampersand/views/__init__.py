"""The views: what is live now, and what there ever was, on top of tables that only grow.

Each is declared once, in DuckDB's dialect, and made in the destination's. A view counts a run only
when its load package is complete, so a reader sees the state before a load or after it, never
something between.
"""

from .adoption import ADOPTION_VIEWS
from .answers import ANSWER_VIEWS
from .changes import CHANGE_VIEWS
from .current import CURRENT_VIEWS
from .declaration import View
from .drift import DRIFT_VIEWS
from .findings import FINDINGS
from .freshness import FRESHNESS
from .history import HISTORY_VIEWS
from .platform import PLATFORM_VIEWS

__all__ = ["VIEWS", "VIEWS_BY_NAME", "View"]

VIEWS: tuple[View, ...] = (
    *HISTORY_VIEWS,
    *CURRENT_VIEWS,
    *CHANGE_VIEWS,
    *ANSWER_VIEWS,
    FINDINGS,
    *DRIFT_VIEWS,
    FRESHNESS,
    *PLATFORM_VIEWS,
    *ADOPTION_VIEWS,
)
"""Every view, in an order in which they can be made."""

VIEWS_BY_NAME = {view.name: view for view in VIEWS}
