"""Pages of long lists: counting stops at a thousand, so that a list of 100,000 rows stays fast."""

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.utils.functional import cached_property

MOST = 1000
"""Nobody leafs further than this; who wants more narrows the list with a filter or a search."""


class CappedPaginator(Paginator):  # type: ignore[type-arg]
    """Counts up to the cap and no further."""

    template_name = "crm/pagination.html"

    @cached_property
    def _found(self) -> int:
        rows = self.object_list
        if not isinstance(rows, QuerySet):
            return len(rows)
        return rows.order_by()[: MOST + 1].count()

    @cached_property
    def count(self) -> int:
        return min(self._found, MOST)

    @property
    def there_are_more(self) -> bool:
        """Whether the list goes on behind the last page that is shown."""
        return self._found > MOST
