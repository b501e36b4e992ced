"""The reference data of merchants: category codes and divisions."""

from datetime import datetime

from django.utils.translation import gettext as _

from crm import reference
from merchants.domain import reference as codes


def load_codes(at: datetime) -> reference.Loaded:
    """Merchant category codes and districts, as in `merchants/data/`."""
    categories, divisions = codes.load_categories(), codes.load_divisions()
    return reference.Loaded(
        _(
            "%(categories)s merchant categories (%(new_categories)s new), "
            "%(divisions)s districts (%(new_divisions)s new)"
        )
        % {
            "categories": categories.total,
            "new_categories": categories.new,
            "divisions": divisions.total,
            "new_divisions": divisions.new,
        }
    )


reference.register(load_codes, order=20)
