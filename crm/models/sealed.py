"""A column whose text is sealed: the database, its backups and its logs hold ciphertext only."""

from uuid import UUID

from django.db import models

from crm import sealing


class SealedField(models.BinaryField):  # type: ignore[type-arg]
    """A sealed text, bound to its table, column and row. Nothing opens it by itself: a list that
    reads the row gets bytes, and only a verb that may know asks for the text."""

    def sealed(self, text: str, pk: UUID) -> bytes | None:
        """The text as the column stores it for this row; nothing for no text."""
        return sealing.seal(text, place=self._place(pk)) if text else None

    def opened(self, stored: bytes | memoryview | None, pk: UUID) -> str:
        """The text that is stored for this row. Raises CannotOpen for another row's value."""
        return sealing.unseal(stored, place=self._place(pk)) if stored else ""

    def _place(self, pk: UUID) -> str:
        return f"{self.model._meta.db_table}.{self.column}:{pk}"
