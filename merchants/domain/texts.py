"""Lines of text as they are stored: trimmed, without what no column can hold, and not too long."""

from django.utils.translation import gettext_lazy as _

from crm.errors import InvalidInput


def line(text: str, *, attr: str, longest: int) -> str:
    """The text trimmed. Raises InvalidInput for NUL characters and for more than `longest` signs.

    The length is looked at first, so that ten megabytes cost nothing.
    """
    if len(text) > longest:
        raise too_long(attr, longest)
    if "\0" in text:
        raise InvalidInput(_("NUL characters are not allowed."), code="nul_character", attr=attr)
    return text.strip()


def too_long(attr: str, longest: int) -> InvalidInput:
    """The refusal of a text that is longer than its column."""
    return InvalidInput(
        _("This is too long: %(longest)s characters at the most.") % {"longest": longest},
        code="too_long",
        attr=attr,
    )
