"""New keys: the addresses of robots and the secrets of webhooks are sealed anew under the first."""

from crm import sealing
from crm.command import command
from crm.models import ChatAddress, Row, SealedField, WebhookEndpoint

HOLDERS: tuple[type[Row], ...] = (ChatAddress, WebhookEndpoint)


@command
def reseal() -> tuple[int, list[str]]:
    """Seal what is under an older key anew: how many rows, and which of them no present key opens.

    Run again, it finds nothing. What the rows open changes for nobody, so neither do their
    versions.
    """
    done, unreadable = 0, []
    for model in HOLDERS:
        for row in model._default_manager.order_by("pk").select_for_update(no_key=True):
            try:
                anew = _sealed_anew(row)
            except sealing.CannotOpen:
                unreadable.append(f"{model._meta.model_name} {row.pk}")
                continue
            if anew:
                model._default_manager.filter(pk=row.pk).update(**anew)
                done += 1
    return done, unreadable


def _sealed_anew(row: Row) -> dict[str, bytes | None]:
    """The columns of a row that are under an older key, under the first. Raises CannotOpen."""
    first = sealing.generation().partition("/")[0]
    anew = {}
    for column in row._meta.fields:
        stored = getattr(row, column.attname)
        if isinstance(column, SealedField) and stored and sealing.key_of(stored) != first:
            anew[column.attname] = column.sealed(column.opened(stored, row.pk), row.pk)
    return anew
