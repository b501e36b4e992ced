"""Who does something: a person, or the system itself, said aloud."""

from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from uuid import UUID

    from crm.models import User


class System:
    """The product acting by its own rules: a tick, an automatic edge, the demo's loader."""

    pk: None = None
    is_active: Final = True

    @property
    def full_name(self) -> str:
        return str(_("System"))

    def __repr__(self) -> str:
        return "SYSTEM"


SYSTEM: Final = System()

type Actor = "User | System"


def user_id(actor: "Actor") -> "UUID | None":
    """The id to write into an actor column; none means the system."""
    return actor.pk
