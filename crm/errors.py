"""How the domain says no: an exception with a sentence in it and a stable code.

Domain code knows no HTTP. The doors translate: the API into problem+json, the admin into a message
beside the row, an import into a line of the error file.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise

type Sentence = str | Promise
"""What a person reads; lazily translated, so that it comes out in the reader's language."""


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, with the field it is about when there is one."""

    code: str
    detail: Sentence
    attr: str | None = None


class DomainError(Exception):
    """The base of every no. `code` is stable, `message` is for people."""

    code = "refused"
    retryable = False

    def __init__(
        self,
        message: Sentence,
        *,
        code: str | None = None,
        attr: str | None = None,
        problems: Sequence[Problem] = (),
        **facts: Any,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or type(self).code
        self.problems = tuple(problems) or (Problem(self.code, message, attr),)
        self.facts = facts
        """What else a client may want to know, as plain JSON values."""

    def __str__(self) -> str:
        return str(self.message)


class NotAllowed(DomainError):
    """The actor may see the row but may not do this to it."""

    code = "not_allowed"


class NotFound(DomainError):
    """There is no such row, or it is not the actor's to know of."""

    code = "not_found"


class RuleBroken(DomainError):
    """A rule of the business says no."""

    code = "rule_broken"


class InvalidInput(RuleBroken):
    """A value makes no sense here, whatever the state of the rows."""

    code = "invalid"


class StageNotReachable(RuleBroken):
    """No road leads there, or something that the road asks for is missing."""

    code = "stage_not_reachable"


class Stale(DomainError):
    """Somebody else changed the row since the actor read it."""

    code = "stale"


class TryAgain(DomainError):
    """Two people met at the same row; nothing was written and a second try will do."""

    code = "try_again"
    retryable = True
