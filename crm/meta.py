"""What a phone needs to know beforehand: every enumeration in both languages, and more by room."""

from collections.abc import Callable
from typing import Any

from django.db import models
from django.utils import translation

_enumerations: dict[str, type[models.TextChoices]] = {}
_facts: dict[str, Callable[[], Any]] = {}


def enumeration(name: str, choices: type[models.TextChoices]) -> None:
    """Publish an enumeration with its labels."""
    _enumerations[name] = choices


def fact(name: str, value: Callable[[], Any]) -> None:
    """Publish something else: roads between stages, thresholds."""
    _facts[name] = value


def everything() -> dict[str, Any]:
    """All that is published, as plain JSON values."""
    return {
        "enums": {
            name: [
                {"value": str(choice), "label": {"zh-hans": zh, "en": en}}
                for choice, zh, en in zip(
                    choices, _labels(choices, "zh-hans"), _labels(choices, "en"), strict=True
                )
            ]
            for name, choices in sorted(_enumerations.items())
        },
        **{name: value() for name, value in sorted(_facts.items())},
    }


def _labels(choices: type[models.TextChoices], language: str) -> list[str]:
    with translation.override(language):
        return [str(choice.label) for choice in choices]
