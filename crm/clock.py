"""The one clock that decides what is due: the database's, whatever the clock of a worker says."""

from datetime import datetime

from django.db import connection


def now() -> datetime:
    """This moment by the clock of the database, which all workers share."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (moment,) = cursor.fetchone()
    assert isinstance(moment, datetime)
    return moment
