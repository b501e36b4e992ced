"""The way out of a kind of mail without signing in (RFC 8058).

Every mail that is said to a colleague of a kind carries an address of its own. What mail programs
send there by themselves switches the mail of that kind off for that person; whoever opens it in a
browser is asked first. The address can do nothing else, so it needs no session and never ends.
"""

from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from crm.domain import preferences
from crm.domain.notification_kinds import KINDS, Kind
from crm.models import Channel, User

ONE_CLICK = ("List-Unsubscribe", "One-Click")
LONGEST_TOKEN = 300


def _signer() -> Signer:
    return Signer(salt="crm.unsubscribing", sep=".")


def unsubscribe_address(user: User, kind: str) -> str:
    """Where this person switches off the mail of a kind; nothing if it cannot be switched off."""
    known = KINDS.get(kind)
    if known is None or Channel.MAIL not in known.offered:
        return ""
    token = _signer().sign_object([user.pk.hex, known.name])
    return f"{settings.PUBLIC_URL}{reverse('unsubscribe', args=[token])}"


def unsubscribe_headers(user: User, kind: str) -> dict[str, str]:
    """What a mail of a kind says about the way out; nothing if there is none."""
    address = unsubscribe_address(user, kind)
    if not address:
        return {}
    return {
        "List-Unsubscribe": f"<{address}>",
        "List-Unsubscribe-Post": "=".join(ONE_CLICK),
    }


def _named(token: str) -> tuple[User, Kind] | None:
    """Whose mail of which kind an address is about; none if we did not write it, or no longer know
    the person or the kind."""
    if len(token) > LONGEST_TOKEN:
        return None
    try:
        user_id, kind = _signer().unsign_object(token)
    except (BadSignature, ValueError):
        return None
    user = User.objects.filter(pk=UUID(user_id)).first()
    known = KINDS.get(kind)
    return (user, known) if user and known and Channel.MAIL in known.offered else None


@never_cache
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, token: str) -> HttpResponse:
    """GET asks, in the person's language; the POST of the button or of a mail program does it."""
    named = _named(token)
    if named is None:
        return _page(request, {"broken": True}, status=404)
    user, kind = named
    with translation.override(user.language):
        if request.method != "POST":
            return _page(request, {"kind": kind.label, "person": user})
        name, value = ONE_CLICK
        if request.POST.get(name) != value:
            return _page(request, {"kind": kind.label, "person": user}, status=400)
        preferences.choose(
            user.pk, kind.name, Channel.MAIL, wanted=False, by=user, at=timezone.now()
        )
        return _page(request, {"kind": kind.label, "person": user, "done": True})


def _page(request: HttpRequest, said: dict[str, object], *, status: int = 200) -> HttpResponse:
    answer = render(request, "crm/unsubscribe.html", said, status=status)
    # The address is the key: it is not handed on to where the page leads.
    answer["Referrer-Policy"] = "no-referrer"
    return answer
