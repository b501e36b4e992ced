"""What customers of the demo bought: purchases taken in by file, with refunds, and a few rows that
somebody has to look at."""

import csv
import io
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from campaigns.demo_offers import OFFERS, TUESDAY, Offer
from campaigns.demo_road import FINANCE, day_of, moment
from campaigns.domain import budget_alerts, campaign_ticking, discrepancies, intake_files
from campaigns.models import (
    Campaign,
    Discrepancy,
    DiscrepancyCode,
    DiscrepancyResolution,
    Redemption,
    RedemptionIntake,
)
from crm import demo
from crm.demo import Demo
from crm.domain import files, jobs
from crm.ids import uuid7
from crm.models import OrgUnit
from merchants.models import MerchantIdentifier

SOURCE = "unionpay"
CHINA = ZoneInfo("Asia/Shanghai")
SEED = 5
HEADER = ("交易参考号", "事件", "商户号", "交易时间", "交易金额", "卡标识", "活动编号")
FILES = {
    "上海分行": (-100, -64, -38, -24, -10, -3, 0),
    "杭州分行": (-14, 0),
}
"""Up to which day, counted from today, each file of a branch goes; it is taken in that morning."""
RETURNED_ONE_IN = 31
PARTLY_ONE_IN = 47
UNKNOWN_MID = "898310058129999"


@dataclass(frozen=True)
class Event:
    """One line of a file."""

    reference: str
    kind: str
    mid: str
    at: datetime
    fen: int
    card: str
    campaign: str

    @property
    def cells(self) -> Sequence[str]:
        said = self.at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S")
        yuan = f"{self.fen // 100}.{self.fen % 100:02d}"
        return (self.reference, self.kind, self.mid, said, yuan, self.card, self.campaign)


@demo.step(92)
def take_purchases_in(story: Demo) -> str:
    """Weeks of purchases, brought by finance; what does not fit waits for it with a due date."""
    dice = random.Random(SEED)  # noqa: S311  Dice, not secrets.
    for unit_name, days in FILES.items():
        events = sorted(
            (
                event
                for offer in OFFERS
                if offer.unit == unit_name and offer.uses
                for event in _events(story, offer, dice)
            ),
            key=lambda one: (one.at, one.reference),
        )
        first = date.min
        for last in days:
            until = day_of(story, last)
            some = [one for one in events if first <= one.at.astimezone(CHINA).date() < until]
            if some:
                if last == 0:
                    some += _doubtful(story, some, unit_name)
                _take_in(story, unit_name, some, last)
            first = until
    campaign_ticking.pause_spent(at=moment(story, 0, 8))
    budget_alerts.tell(at=moment(story, 0, 8, 5))
    _work_off(story)
    return _(
        "Redemptions: %(redemptions)s in %(files)s files, %(discrepancies)s discrepancies wait."
    ) % {
        "redemptions": Redemption.objects.count(),
        "files": RedemptionIntake.objects.count(),
        "discrepancies": Discrepancy.objects.open().count(),
    }


def _events(story: Demo, offer: Offer, dice: random.Random) -> Iterator[Event]:
    """So many purchases over the days of an offer, and what came back of some of them."""
    campaign = Campaign.objects.get(name=offer.name)
    shops = list(
        MerchantIdentifier.objects.filter(outlet__merchant__campaigns=campaign)
        .order_by("mid")
        .values_list("mid", flat=True)
    )
    days = [
        day
        for place in range(offer.starts, min(offer.ends, -1) + 1)
        if (day := day_of(story, place)).isoweekday() in offer.weekdays
    ]
    for number in range(offer.uses if days else 0):
        day = days[number * len(days) // offer.uses]
        at = datetime.combine(
            day, time(dice.randrange(10, 21), dice.randrange(60), dice.randrange(60)), CHINA
        )
        low, high = offer.spends
        fen = low * 100 + dice.randrange((high - low) * 10 + 1) * 10
        reference = f"U{day:%y%m%d}{offer.budget_yuan % 997:03d}{number:05d}"
        card = f"k{dice.getrandbits(60):015x}"
        mid = dice.choice(shops)
        yield Event(reference, "核销", mid, at, fen, card, offer.name)
        if offer.weekdays == TUESDAY:
            continue  # A film that was seen is not given back.
        if number % RETURNED_ONE_IN == RETURNED_ONE_IN - 1:
            yield Event(reference, "撤销", mid, at + timedelta(minutes=25), fen, card, offer.name)
        elif number % PARTLY_ONE_IN == PARTLY_ONE_IN - 1:
            back = fen // 200 * 100
            yield Event(reference, "退款", mid, at + timedelta(hours=1), back, card, offer.name)


def _doubtful(story: Demo, events: Sequence[Event], unit_name: str) -> Iterable[Event]:
    """Rows that do not fit: a shop that nobody knows, a refund of nothing, a purchase outside the
    days of its offer, one reported twice with another amount, one of no campaign."""
    if unit_name != "上海分行":
        return ()
    day, bought = events[-1].at, [one for one in events if one.kind == "核销"]
    one, other = bought[0], bought[-1]
    spare = f"U{day:%y%m%d}9990000"
    return (
        Event(f"{spare}1", "核销", UNKNOWN_MID, day, 23_800, "c0ffee01", other.campaign),
        Event(f"{spare}2", "退款", other.mid, day, 12_000, "c0ffee02", other.campaign),
        Event(f"{spare}3", "核销", one.mid, day, 900, "c0ffee03", one.campaign),
        Event(one.reference, "核销", one.mid, one.at, one.fen + 1_000, one.card, one.campaign),
        Event(f"{spare}4", "核销", other.mid, day, 26_800, "c0ffee04", "国庆满减（旧）"),
    )


def _take_in(story: Demo, unit_name: str, events: Sequence[Event], last: int) -> None:
    """A file as the card scheme sends it, taken in by finance on its last day."""
    by = demo.person(FINANCE[unit_name])
    at = max(moment(story, last, 7, 30), events[-1].at + timedelta(minutes=1))
    written = io.StringIO()
    sheet = csv.writer(written, lineterminator="\n")
    sheet.writerow(HEADER)
    sheet.writerows(one.cells for one in events)
    kept = files.keep(
        f"银联核销{unit_name}{day_of(story, last):%Y%m%d}.csv",
        written.getvalue().encode("utf-8-sig"),
        kinds=files.LISTS,
        by=by,
        at=at,
    )
    unit_id = OrgUnit.objects.get(name=unit_name).pk
    found = intake_files.open_file(uuid7(), kept.pk, source=SOURCE, unit_id=unit_id, by=by, at=at)
    intake_files.run(found.pk, by=by, at=at)
    work(found.job_id, at=at)


def work(job_id: UUID | None, *, at: datetime) -> None:
    """What a worker would do: the whole job, at once."""
    claimed = jobs.claim(job_id)
    assert claimed is not None
    jobs.work(claimed, at=at)


def _work_off(story: Demo) -> None:
    """Finance has looked at some of what waits: one is settled, one is nothing to be paid for."""
    finance = demo.person("finance")
    at = story.now - timedelta(seconds=30)
    for code, settled in (
        (DiscrepancyCode.ORIGINAL_MISSING, False),
        (DiscrepancyCode.DUPLICATE, True),
    ):
        row = Discrepancy.objects.open().filter(code=code).order_by("pk").first()
        if row is None:
            continue
        if settled:
            discrepancies.resolve(
                row.pk,
                resolution=DiscrepancyResolution.BANK_RIGHT,
                note="收单行重复报送，以首笔为准。",
                by=finance,
                at=at,
            )
        else:
            discrepancies.dismiss(
                row.pk, note="原交易不在活动期内，无需退回补贴。", by=finance, at=at
            )
