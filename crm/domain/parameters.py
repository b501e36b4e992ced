"""Numbers of the method are changed by administrators, with a reason that stays."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from crm import parameters, policies
from crm.actors import Actor, user_id
from crm.command import command
from crm.errors import InvalidInput, NotFound, RuleBroken
from crm.models import ParameterChange
from crm.parameters import PARAMETERS, Parameter
from crm.policies import require

LONGEST_REASON = 2000


@command
def change(
    change_id: UUID,
    name: str,
    *,
    value: Decimal,
    because: str,
    by: Actor,
    at: datetime,
    seen: int | None = None,
) -> ParameterChange:
    """Let a number be another one from now on; other processes follow within a minute.

    `seen` is the number of changes that the person knew of. Raises NotAllowed for anybody but
    administrators, NotFound, InvalidInput for a value out of bounds or no reason, RuleBroken with
    code `parameter_changed_meanwhile`.
    """
    require(policies.may_set_parameters(by), _("Administrators change the numbers."))
    parameter = named(name)
    because = because.strip()
    if not because or len(because) > LONGEST_REASON or "\0" in because:
        raise InvalidInput(
            _("Say why the number changes."), code="parameter_needs_reason", attr="because"
        )
    last = ParameterChange.objects.filter(name=name).aggregate(last=Max("number"))["last"] or 0
    if seen is not None and seen != last:
        raise RuleBroken(
            _("Somebody else has just changed this number."), code="parameter_changed_meanwhile"
        )
    transaction.on_commit(parameters.forget)
    return ParameterChange.objects.create(
        pk=change_id,
        name=name,
        number=last + 1,
        value=_sound(parameter, value),
        because=because,
        changed_by_id=user_id(by),
        at=at,
    )


def named(name: str) -> Parameter:
    """The parameter of a name. Raises NotFound."""
    if name not in PARAMETERS:
        raise NotFound(_("There is no such parameter."), attr="name")
    return PARAMETERS[name]


def _sound(parameter: Parameter, value: Decimal) -> Decimal:
    inside = value.is_finite() and parameter.least <= value <= parameter.most
    if not inside or value != round(value, parameter.places):
        raise InvalidInput(
            _("Choose a number from %(least)s to %(most)s with at most %(places)s decimals.")
            % {
                "least": f"{parameter.least:f}",
                "most": f"{parameter.most:f}",
                "places": parameter.places,
            },
            code="parameter_out_of_bounds",
            attr="value",
        )
    return value
