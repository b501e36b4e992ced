"""The median of a column, reckoned by the database."""

from django.db.models import Aggregate, IntegerField


class Median(Aggregate):
    """The value that half of the rows do not exceed; one of those that stand there."""

    function = "PERCENTILE_DISC"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = IntegerField()
