"""The way out of a kind of mail: one click of a mail program, or a question and a button."""

import re
from email.message import EmailMessage
from email.policy import SMTP
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core.signing import Signer
from django.test import Client
from django.utils import translation

from crm import unsubscribing
from crm.domain import preferences
from crm.domain.notification_kinds import KINDS
from crm.models import Channel, PersonalChannel, User
from tests.conftest import Cast

pytestmark = pytest.mark.django_db

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def outside() -> Client:
    """A mail program: it knows no session, and checks are on as in production."""
    return Client(enforce_csrf_checks=True)


def door(user: User, kind: str = "follow_up_due") -> str:
    return urlsplit(unsubscribing.unsubscribe_address(user, kind)).path


def mails(user: User, kind: str = "follow_up_due") -> bool:
    return Channel.MAIL in preferences.channels_for(KINDS[kind], [user])[user.pk]


def test_a_mail_program_switches_the_mail_of_a_kind_off_with_one_click(
    cast: Cast, outside: Client
) -> None:
    answer = outside.post(door(cast.ann), ONE_CLICK)
    assert answer.status_code == 200
    assert not mails(cast.ann)
    assert mails(cast.ann, "lead_goes_back"), "other kinds are not affected"
    assert mails(cast.bo), "nobody else is affected"
    assert (
        Channel.INBOX in preferences.channels_for(KINDS["follow_up_due"], [cast.ann])[cast.ann.pk]
    )
    assert not outside.cookies, "nobody was signed in by it"


@pytest.mark.parametrize("form", ["multipart", "urlencoded"])
def test_both_forms_that_the_standard_names_are_taken(
    cast: Cast, outside: Client, form: str
) -> None:
    if form == "multipart":
        answer = outside.post(door(cast.ann), ONE_CLICK)
    else:
        answer = outside.post(
            door(cast.ann),
            "List-Unsubscribe=One-Click",
            content_type="application/x-www-form-urlencoded",
        )
    assert answer.status_code == 200
    assert not mails(cast.ann)


def test_a_second_click_changes_nothing_more(cast: Cast, outside: Client) -> None:
    for _click in range(2):
        assert outside.post(door(cast.ann), ONE_CLICK).status_code == 200
    assert PersonalChannel.objects.get().version == 1


def test_looking_changes_nothing_and_asks_in_the_persons_language(
    cast: Cast, outside: Client
) -> None:
    cast.ann.language = "zh-hans"
    cast.ann.save()
    page = outside.get(door(cast.ann), headers={"Accept-Language": "en"})
    assert page.status_code == 200
    assert 'lang="zh-hans"' in page.content.decode()
    with translation.override("zh-hans"):
        label = str(KINDS["follow_up_due"].label)
    assert label != "Follow-up due"
    assert label in page.content.decode()
    assert outside.head(door(cast.ann)).status_code == 200
    assert mails(cast.ann)


def test_the_button_of_the_page_sends_what_the_door_asks_for(cast: Cast, outside: Client) -> None:
    page = outside.get(door(cast.ann)).content.decode()
    sent = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]+)"', page))
    done = outside.post(door(cast.ann), sent)
    assert "No more e-mails of this kind" in done.content.decode()
    assert not mails(cast.ann)


def test_a_post_that_asks_for_nothing_is_asked_back(cast: Cast, outside: Client) -> None:
    answer = outside.post(door(cast.ann), {"anything": "else"})
    assert answer.status_code == 400
    assert "Switch them off" in answer.content.decode()
    assert mails(cast.ann)


def test_who_is_signed_in_as_somebody_else_changes_only_whom_the_link_names(cast: Cast) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(cast.bo, backend=settings.AUTHENTICATION_BACKENDS[1])
    assert browser.post(door(cast.ann), ONE_CLICK).status_code == 200
    assert not mails(cast.ann)
    assert mails(cast.bo)


def _signed(*named: object) -> str:
    return Signer(salt="crm.unsubscribing", sep=".").sign_object(list(named))


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda good, ann: good[:-1], id="cut short"),
        pytest.param(lambda good, ann: good.replace(".", "", 1), id="without its sign"),
        pytest.param(lambda good, ann: "x", id="nothing of ours"),
        pytest.param(lambda good, ann: "x" * 1000, id="far too long"),
        pytest.param(lambda good, ann: "%00%00", id="NUL"),
        pytest.param(
            lambda good, ann: Signer().sign_object([ann, "follow_up_due"]), id="signed elsewhere"
        ),
        pytest.param(lambda good, ann: _signed(ann, "no_such_kind"), id="a kind that is gone"),
        pytest.param(
            lambda good, ann: _signed("0" * 32, "follow_up_due"), id="a person who is gone"
        ),
    ],
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_link_that_is_not_ours_gets_a_clear_page_and_changes_nothing(
    cast: Cast, outside: Client, spoil: object, method: str
) -> None:
    good = door(cast.ann).split("/")[2]
    bad = spoil(good, cast.ann.pk.hex)  # type: ignore[operator]
    answer = getattr(outside, method)(
        f"/unsubscribe/{bad}/", ONE_CLICK, headers={"accept-language": "en"}
    )
    assert answer.status_code == 404
    assert "This link does not work" in answer.content.decode()
    assert not PersonalChannel.objects.exists()


def test_other_methods_are_not_taken(cast: Cast, outside: Client) -> None:
    assert outside.delete(door(cast.ann)).status_code == 405


def test_the_way_out_works_for_somebody_who_has_left(cast: Cast, outside: Client) -> None:
    cast.ann.is_active = False
    cast.ann.save()
    assert outside.post(door(cast.ann), ONE_CLICK).status_code == 200
    assert PersonalChannel.objects.get().user == cast.ann


def test_the_headers_fit_a_mail_and_are_the_same_for_every_try(cast: Cast) -> None:
    headers = unsubscribing.unsubscribe_headers(cast.ann, "follow_up_due")
    assert headers == unsubscribing.unsubscribe_headers(cast.ann, "follow_up_due")
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    mail = EmailMessage(policy=SMTP)
    for name, value in headers.items():
        mail[name] = value
    (address,) = re.findall(r"^<(\S+)>$", headers["List-Unsubscribe"])
    assert address.startswith(f"{settings.PUBLIC_URL}/unsubscribe/")
    assert str(cast.ann.pk) not in address, "the id is not written out"
    assert all(len(line) <= 998 for line in mail.as_bytes().splitlines())


@pytest.mark.parametrize("kind", ["no_such_kind", ""])
def test_what_cannot_be_switched_off_has_no_way_out(cast: Cast, kind: str) -> None:
    assert unsubscribing.unsubscribe_headers(cast.ann, kind) == {}


def test_the_page_does_not_pass_its_address_on_and_is_not_kept(cast: Cast, outside: Client) -> None:
    page = outside.get(door(cast.ann))
    assert page["Referrer-Policy"] == "no-referrer"
    assert "no-store" in page["Cache-Control"]
