"""The needs interviews of the demo: nine-grids walked in the words of each kind of shop."""

from datetime import date, datetime, timedelta
from uuid import UUID

from crm.ids import uuid7
from crm.models import User
from leads import demo_steps
from leads.demo_shops import TROUBLES, Trouble
from leads.domain import cells, entry_points, interviews, questions
from leads.domain.interviews import Wanted
from leads.models import AgreedVia, Cell, CellStatus, GridMode, Lead, Pain, PainStatus
from leads.models.grid_words import CONFIRM_CELLS
from merchants.demo import EVERYBODY_LOOKS_FOR

_MINUTE = timedelta(minutes=1)
COLUMNS = {
    "R": (Cell.R1, Cell.R2, Cell.R3),
    "I": (Cell.I1, Cell.I2, Cell.I3),
    "C": (Cell.C1, Cell.C2, Cell.C3),
}


class Interviewer:
    """Holds the interviews: one trouble a merchant, told as far as its lead has come."""

    def __init__(self, today: date) -> None:
        self.today = today
        self.pains = 0
        self._told: dict[UUID, Trouble] = {}
        self._turns: dict[str, int] = {}

    def trouble(self, lead: Lead) -> Trouble:
        """What the merchant of a lead suffers from."""
        if lead.merchant_id not in self._told:
            kind = questions.set_for(lead.merchant)
            choice = TROUBLES[kind]
            turn = 0
            if lead.merchant.brand != EVERYBODY_LOOKS_FOR:
                turn = self._turns.get(kind, 0)
                self._turns[kind] = turn + 1
            self._told[lead.merchant_id] = choice[turn % len(choice)]
        return self._told[lead.merchant_id]

    def pain(self, lead: Lead, *, by: User, at: datetime, mode: GridMode = GridMode.CREATE) -> Pain:
        """The pain on the table, found now if there is none."""
        known = Pain.objects.open().filter(merchant=lead.merchant_id).order_by("created_at").first()
        if known is not None:
            return known
        trouble = self.trouble(lead)
        self.pains += 1
        trigger_on = self.today + timedelta(days=18 + self.pains * 7 % 60)
        return interviews.open_pain(
            uuid7(),
            lead.merchant_id,
            lead_id=lead.pk,
            title=trouble.title,
            mode=mode,
            trigger=trouble.trigger,
            trigger_on=trigger_on if trouble.trigger else None,
            by=by,
            at=at,
        )

    def fill(self, lead: Lead, *asked: Cell, by: User, at: datetime, half: bool = False) -> None:
        """Cells are filled in this order, and confirm cells agreed with somebody there."""
        pain = self.pain(lead, by=by, at=at)
        full = set(pain.cells.filter(status=CellStatus.COMPLETE).values_list("cell", flat=True))
        trouble = self.trouble(lead)
        for number, cell in enumerate(one for one in asked if one not in full):
            moment = at + number * _MINUTE
            said, figures = trouble.said[cell], trouble.figures.get(cell)
            if cell in CONFIRM_CELLS:
                cells.confirm(
                    pain.pk,
                    cell,
                    agreed_by_id=demo_steps.contact(lead, by=by, at=moment).pk,
                    agreed_at=moment,
                    agreed_via=AgreedVia.VISIT,
                    words=said,
                    numbers=figures,
                    by=by,
                    at=moment,
                )
            else:
                status = CellStatus.PARTIAL if half else CellStatus.COMPLETE
                cells.fill(
                    pain.pk, cell, status=status, words=said, numbers=figures, by=by, at=moment
                )

    def walk(self, lead: Lead, columns: str, *, thoroughly: bool, by: User, at: datetime) -> None:
        """Some columns from the top to the bottom; who is in a hurry asks the last two alone."""
        asked = [cell for column in columns for cell in COLUMNS[column][0 if thoroughly else 1 :]]
        self.fill(lead, *asked, by=by, at=at)

    def critical(self, lead: Lead, *, by: User, at: datetime) -> None:
        """The merchant has agreed to the reasons, and to what they cost a month."""
        thoroughly = by.email.startswith("rep@")
        self.walk(lead, "RI", thoroughly=thoroughly, by=by, at=at - timedelta(minutes=12))

    def vision(self, lead: Lead, *, by: User, at: datetime) -> None:
        """The merchant has agreed to what would solve it."""
        self.critical(lead, by=by, at=at)
        thoroughly = by.email.startswith("rep@")
        self.walk(lead, "C", thoroughly=thoroughly, by=by, at=at - timedelta(minutes=5))

    def entry_point(self, lead: Lead, *, by: User, at: datetime) -> None:
        """What the merchant needs is named, and the lead is entered with its pain."""
        pain = self.pain(lead, by=by, at=at)
        if not pain.capabilities.exists():
            self.name_capabilities(lead, pain, by=by, at=at)
        entry_points.choose(lead.pk, pain.pk, by=by, at=at)

    def name_capabilities(self, lead: Lead, pain: Pain, *, by: User, at: datetime) -> None:
        wanted: list[Wanted] = list(self.trouble(lead).capabilities)
        interviews.name_capabilities(pain.pk, wanted, by=by, at=at)

    def out_of_order(self, lead: Lead, *, by: User, at: datetime) -> None:
        """The rep spoke of the offer before reasons and impact were agreed."""
        self.fill(lead, Cell.R1, Cell.R2, Cell.C1, Cell.C2, by=by, at=at)

    def reengineered(self, lead: Lead, *, by: User, at: datetime) -> None:
        """The merchant has another bank's plan in hand: the interview begins with it."""
        if not Pain.objects.open().filter(merchant=lead.merchant_id).exists():
            self.pain(lead, by=by, at=at, mode=GridMode.REENGINEER)
        self.fill(lead, Cell.C1, Cell.R1, Cell.R2, Cell.R3, Cell.I1, by=by, at=at)

    def latent(self, lead: Lead, *, by: User, at: datetime) -> None:
        self.fill(lead, Cell.R1, by=by, at=at)
        self.fill(lead, Cell.R2, by=by, at=at + _MINUTE, half=True)

    def admitted(self, lead: Lead, *, by: User, at: datetime) -> None:
        thoroughly = by.email.startswith("rep@")
        self.walk(lead, "R", thoroughly=thoroughly, by=by, at=at)

    def is_critical(self, lead: Lead) -> bool:
        found: bool = Pain.objects.filter(
            merchant=lead.merchant_id, status__in=(PainStatus.CRITICAL, PainStatus.VISION)
        ).exists()
        return found
