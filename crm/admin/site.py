"""The admin site itself: its sign-in, its stylesheet, and pages of our own in its frame."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.template.response import TemplateResponse
from django.templatetags.static import static
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from unfold.forms import AuthenticationForm

from crm.models import User


class SignInForm(AuthenticationForm):  # type: ignore[misc]
    """One field for either name."""

    error_messages = {
        **AuthenticationForm.error_messages,
        "invalid_login": _("This name and this password do not belong together."),
    }

    def __init__(self, request: HttpRequest | None = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        self.fields["username"].label = _("E-mail or employee number")
        self.fields["username"].widget.attrs["autocapitalize"] = "none"


def dress(site: admin.AdminSite) -> None:
    """Give the site our sign-in and our front page."""
    site.login_form = SignInForm
    site.login_template = "crm/sign_in.html"
    site.index_template = "crm/front_page.html"
    site.index_title = _("Front page")  # type: ignore[assignment]


def stylesheet(request: HttpRequest) -> str:
    """Where our one stylesheet is."""
    return static("crm/crm.css")


def favicon(request: HttpRequest) -> str:
    """Where the sign in the browser's tab is."""
    return static("crm/favicon.svg")


def viewer(request: HttpRequest) -> User:
    """Who is looking. Pages of the admin are shown to nobody else."""
    assert isinstance(request.user, User)
    return request.user


def has_a_role(user: User) -> bool:
    """Whether there is anything for this person here."""
    return bool(user.scope.below)


def page(
    request: HttpRequest, template: str, *, title: Any, status: int = 200, **context: Any
) -> HttpResponse:
    """A page of our own inside the admin's frame."""
    site = admin.site
    request.current_app = site.name  # type: ignore[attr-defined]
    return TemplateResponse(
        request, template, {**site.each_context(request), "title": title, **context}, status=status
    )


def way_back(request: HttpRequest, otherwise: str) -> str:
    """Where to go afterwards: what the form asked for, if it is a page of ours."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if safe else resolve_url(otherwise)


def tell(request: HttpRequest, notices: Iterable[Any]) -> None:
    """Show what a verb had to say about its result."""
    for notice in notices:
        messages.info(request, str(notice.detail))
