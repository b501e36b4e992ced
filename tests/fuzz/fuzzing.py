"""Trying the API with generated requests, in this process, as several people."""

import contextlib
import itertools
from collections.abc import Iterator, Mapping
from copy import deepcopy
from functools import cache
from typing import Any

import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from schemathesis import checks
from schemathesis.specs.openapi import checks as openapi

from crm.api.schema import Generator
from crm.ids import uuid7
from crm.models import Channel, Notification
from tests import factories
from tests.api import token_of
from tests.conftest import Cast
from tests.fuzz import campaign_rows

CHECKS = [
    checks.not_a_server_error,
    openapi.status_code_conformance,
    openapi.content_type_conformance,
    openapi.response_headers_conformance,
    openapi.response_schema_conformance,
    openapi.ignored_auth,
    openapi.unsupported_method,
    openapi.negative_data_rejection,
]
"""No bug, no answer that the schema does not name, nothing taken that the schema excludes."""

PEOPLE = ("ann", "max", "mei", "fay", None)
"""A rep, a team lead, a branch manager, finance, and nobody."""

REFUSED = [400, 401, 403, 404, 405, 409, 412, 413, 415, 422, 428, 429]


@cache
def _described() -> dict[str, Any]:
    found: dict[str, Any] = Generator(api_version="1.0.0").get_schema(public=True)
    return found


def schema(*, thorough: bool) -> Any:
    """The schema as it is served, bound to the product itself.

    Thorough: with every boundary and every undeclared method of every operation as well.
    """
    config = schemathesis.Config.from_dict(
        {
            "generation": {"deterministic": not thorough, "database": "none"},
            "phases": {"coverage": {"enabled": thorough}},
            "checks": {
                "negative_data_rejection": {"expected-statuses": [str(one) for one in REFUSED]}
            },
        }
    )
    loaded = schemathesis.openapi.from_dict(deepcopy(_described()), config=config)
    loaded.app = get_wsgi_application()
    loaded.location = "/api/v1/schema/"
    return loaded


@contextlib.contextmanager
def one_connection() -> Iterator[None]:
    """Let requests share the connection of the test, as Django's own test client does."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    try:
        yield
    finally:
        for signal in signals:
            signal.connect(close_old_connections)


class Bank:
    """Rows that requests can be about, and the tokens of those who ask."""

    def __init__(self, cast: Cast) -> None:
        self._cast = cast
        self._turns = itertools.cycle(PEOPLE)
        self.tokens = {name: token_of(cast.named(name)) for name in PEOPLE if name}
        merchant = factories.MerchantFactory(unit=cast.xuhui, owner=cast.ann)
        free = factories.MerchantFactory(unit=cast.xuhui, owner=None)
        lead = factories.LeadFactory(merchant=merchant, owner=cast.ann)
        follow_up = factories.FollowUpFactory(merchant=merchant, lead=lead, owner=cast.ann)
        notification = Notification.objects.create(
            delivery=factories.DeliveryFactory(recipient=cast.ann, channel=Channel.INBOX),
            recipient=cast.ann,
            kind="follow_up_due",
            title="送方案",
            body="…",
            link="/admin/",
        )
        rival = factories.RivalFactory()
        analysis = factories.SwotAnalysisFactory(rival=rival, merchant=merchant, category_group="")
        self.rows = {
            "insights": factories.InsightFactory(merchant=merchant).pk,
            "rivals": rival.pk,
            "rival-offers": factories.RivalOfferFactory(merchant=merchant, rival=rival).pk,
            "swot": analysis.pk,
            "swot-features": factories.SwotFeatureFactory(analysis=analysis).pk,
            "swot-facts": factories.SwotFactFactory(analysis=analysis).pk,
            "merchants": merchant.pk,
            "outlets": factories.OutletFactory(merchant=merchant).pk,
            "contacts": factories.ContactFactory(merchant=merchant).pk,
            "leads": lead.pk,
            "activities": factories.ActivityFactory(merchant=merchant, lead=lead).pk,
            "follow-ups": follow_up.pk,
            "notifications": notification.pk,
            "devices": uuid7(),
        }
        self.named = {"merchant": str(free.pk), "lead": str(lead.pk), "owner": str(cast.bo.pk)}
        self.named["rival"] = str(rival.pk)
        self.named["unit"] = str(cast.shanghai.pk)

    def ask(self, case: Any) -> None:
        """Send one generated request as one of the people, in turn, then about rows that exist."""
        name = next(self._turns)
        headers = {"Authorization": f"Token {self.tokens[name]}"} if name else {}
        case.call_and_validate(headers=headers, checks=CHECKS)
        if case.meta is not None and case.meta.generation.mode.is_negative:
            return
        noun = case.path.removeprefix("/api/v1/").split("/")[0]
        self._aim(case, noun)
        for name in ("mei", "fay") if noun in campaign_rows.NOUNS else ("ann",):
            headers = {"Authorization": f"Token {self.tokens[name]}"}
            case.call_and_validate(headers=headers, checks=CHECKS)

    def _aim(self, case: Any, noun: str) -> None:
        if noun in campaign_rows.NOUNS and noun not in self.rows:
            self.rows[noun] = campaign_rows.made(noun, self._cast)
        if noun in self.rows and case.path_parameters:
            case.path_parameters["id"] = str(self.rows[noun])
        if isinstance(case.body, Mapping):
            case.body = {
                **case.body,
                **{name: value for name, value in self.named.items() if name in case.body},
            }
