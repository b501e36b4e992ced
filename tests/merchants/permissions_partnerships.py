"""Who may do what with partnerships and agreements through the API."""

from datetime import date, timedelta

from django.utils import timezone

from crm.domain import files
from crm.ids import uuid7
from merchants.domain import agreements, evidence, partnerships
from merchants.domain.agreement_terms import Terms
from merchants.models import PartnershipStage
from tests import factories
from tests.conftest import Cast
from tests.permissions import EDITED_MERCHANT, READING, SEEN_MERCHANT, STRANGERS, Row

ADDED = {201: "ann max mei", 403: READING, 404: STRANGERS}
BY_MANAGER = {200: "mei", 403: f"ann max {READING}", 404: STRANGERS}
SIGNED_OFF = {200: "max mei", 403: f"ann {READING}", 404: STRANGERS}

TABLE = [
    Row("GET", "partnerships/", {200: "ann bo max mei sam fay rui pia otto ada nia"}),
    Row(
        "POST",
        "partnerships/",
        # A merchant that one may not know of is a bad value, as in every body.
        {201: "mei", 403: f"ann max {READING} bo", 400: "sam nia"},
        {
            "merchant": "{free}",
            "stage": "active",
            "agreement": {
                "number": "SH-2026-0404",
                "starts_on": "2026-01-01",
                "ends_on": "2027-12-31",
                "bank_signatory": "周伯言",
                "merchant_signatory": "张三",
                "document": "{meis_paper}",
            },
        },
    ),
    Row("GET", "partnerships/{partnership}/", SEEN_MERCHANT),
    Row("GET", "partnerships/{partnership}/ways/", SEEN_MERCHANT),
    Row("GET", "partnerships/{partnership}/steps/", SEEN_MERCHANT),
    Row("GET", "partnerships/{partnership}/evidence/", SEEN_MERCHANT),
    Row("GET", "partnerships/{partnership}/waivers/", SEEN_MERCHANT),
    Row("GET", "partnerships/{partnership}/agreements/", SEEN_MERCHANT),
    Row(
        "POST",
        "partnerships/{partnership}/advance/",
        EDITED_MERCHANT,
        {"to": "wavering", "reason": "complaint"},
    ),
    Row(
        "POST",
        "partnerships/{partnership}/evidence/",
        ADDED,
        {"kind": "complaint", "said": "商户对结算不满"},
    ),
    Row(
        "POST",
        "partnerships/{starting_partnership}/waivers/",
        {201: "mei", 403: f"ann max {READING}", 404: STRANGERS},
        {"to": "pilot", "guard": "materials_photo", "because": "店面装修"},
    ),
    Row(
        "POST",
        "partnerships/{starting_partnership}/agreements/",
        ADDED,
        {"number": "SH-2027-0001", "starts_on": "2027-01-01", "ends_on": "2027-12-31"},
    ),
    Row("GET", "agreements/{drafted_agreement}/", SEEN_MERCHANT),
    Row("PATCH", "agreements/{drafted_agreement}/", EDITED_MERCHANT, {"notice_days": 60}, '"1"'),
    Row("POST", "agreements/{drafted_agreement}/sign/", SIGNED_OFF, {}),
    Row("POST", "agreements/{signed_agreement}/amend/", EDITED_MERCHANT, {"notice_days": 60}),
    Row(
        "POST",
        "agreements/{signed_agreement}/end/",
        BY_MANAGER,
        {"last_day": "2027-06-30", "because": "商户歇业"},
    ),
]


def things(cast: Cast, names: dict[str, str]) -> dict[str, str]:
    """A running partnership with its agreement and a complaint, and a new one with a draft."""
    earlier = timezone.now() - timedelta(days=3)
    paper = files.keep("协议.pdf", b"%PDF-1.7", kinds=(files.PDF,), by=cast.mei, at=earlier)
    terms = Terms(
        starts_on=date(2026, 1, 1),
        ends_on=date(2027, 12, 31),
        bank_signatory="周伯言",
        merchant_signatory="张三",
        document_id=paper.pk,
    )
    signed, drafted = uuid7(), uuid7()
    running = partnerships.register_existing(
        uuid7(),
        factories.MerchantFactory(unit=cast.xuhui, owner=cast.ann).pk,
        stage=PartnershipStage.ACTIVE,
        agreement_id=signed,
        number="SH-2026-0001",
        terms=terms,
        by=cast.mei,
        at=earlier,
    )
    evidence.file_evidence(
        uuid7(),
        running.pk,
        kind="complaint",
        said="出餐慢",
        by=cast.ann,
        at=earlier + timedelta(hours=1),
    )
    starting = partnerships.begin(
        uuid7(),
        factories.MerchantFactory(unit=cast.xuhui, owner=cast.ann).pk,
        key="lead:1",
        by=cast.ann,
        at=earlier,
    )
    anns = files.keep("协议.pdf", b"%PDF-1.7", kinds=(files.PDF,), by=cast.ann, at=earlier)
    agreements.draft(
        drafted,
        starting.pk,
        number="SH-2026-0002",
        terms=Terms(
            starts_on=date(2026, 12, 1),
            ends_on=date(2027, 11, 30),
            bank_signatory="周伯言",
            merchant_signatory="张三",
            document_id=anns.pk,
        ),
        by=cast.ann,
        at=earlier,
    )
    return {
        "partnership": str(running.pk),
        "starting_partnership": str(starting.pk),
        "signed_agreement": str(signed),
        "drafted_agreement": str(drafted),
        "meis_paper": str(paper.pk),
    }
