"""What there is where nothing but integrations is loaded, as most tests do."""

from ampersand.tables import CORE_TABLES
from ampersand.views.rendering import makeable

CORE_VIEWS = tuple(makeable(frozenset({"_dlt_loads", *(table.name for table in CORE_TABLES)})))
