"""Production starts only with everything it needs, and says what is missing."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from config.env import KEY_FOR_TESTS

ROOT = Path(__file__).resolve().parent.parent.parent
SOUND = {
    "CRM_MODE": "production",
    "SECRET_KEY": "kJ8#pQ2vLm9!xR4tWz7@nB5cYd1$fG6hSa3%eU0iO-jK*lM_qE",
    "SEALING_KEYS": "k2:1u0sT1wfHkMUyVdUYgXlUZ5BuW0yWzJ3oM1tKZ1c2fY=,"
    "k1:Zt0x8zvH2n0b1Xkq9mDq1o5m8eQxJcCwR7uS4pLkYhA=",
    "BLIND_INDEX_KEY": "5y7G2hJ9qW3eR1tY6uI8oP0aS4dF7gH2jK5lZ9xC1vE=",
    "DATABASE_URL": "postgresql://crm:secret@db.bank.test:5432/crm?sslmode=require",
    "CELERY_BROKER_URL": "redis://broker.bank.test:6379/0",
    "EMAIL_URL": "smtp+tls://crm:secret@mail.bank.test:587",
    "EMAIL_FROM": "crm@bank.test",
    "ALLOWED_HOSTS": "crm.bank.test",
    "CSRF_TRUSTED_ORIGINS": "https://crm.bank.test",
    "PUBLIC_URL": "https://crm.bank.test",
}


def start(environment: dict[str, str], code: str = "print('started')") -> tuple[int, str]:
    """Load the settings in a process of its own, as a server would."""
    done = subprocess.run(
        [sys.executable, "-c", f"import django; django.setup(); {code}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        env={
            "PATH": os.environ["PATH"],
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "CRM_DATA": "/nonexistent",
            **environment,
        },
    )
    return done.returncode, done.stdout + done.stderr


def test_it_starts_with_everything_it_needs_and_takes_it_from_the_environment() -> None:
    code, said = start(
        SOUND,
        "from django.conf import settings as s; d = s.DATABASES['default'];"
        "print(d['HOST'], d['NAME'], d['OPTIONS']['sslmode'], s.EMAIL_HOST, s.EMAIL_USE_TLS,"
        " s.CELERY_BROKER_URL, s.SESSION_COOKIE_SECURE, s.DEBUG)",
    )
    assert code == 0, said
    assert said.split() == [
        *("db.bank.test", "crm", "require", "mail.bank.test", "True"),
        *("redis://broker.bank.test:6379/0", "True", "False"),
    ]


@pytest.mark.parametrize(
    "name", [name for name in SOUND if name not in ("CRM_MODE", "CSRF_TRUSTED_ORIGINS")]
)
def test_it_names_the_variable_that_is_missing(name: str) -> None:
    code, said = start({other: value for other, value in SOUND.items() if other != name})
    assert code != 0
    assert name in said.splitlines()[-1]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", "short"),
        ("SECRET_KEY", "ab" * 40),
        ("SEALING_KEYS", "k1:c2hvcnQ="),
        ("SEALING_KEYS", "k1:" + "A" * 43 + "="),
        ("SEALING_KEYS", "k1:" + KEY_FOR_TESTS),
        ("BLIND_INDEX_KEY", "short"),
        ("ALLOWED_HOSTS", "*"),
        ("PUBLIC_URL", "http://crm.bank.test"),
        ("CRM_MODE", "prod"),
    ],
)
def test_it_refuses_what_is_unsafe_or_unknown(name: str, value: str) -> None:
    code, said = start({**SOUND, name: value})
    assert code != 0
    assert name in said.splitlines()[-1]


def test_the_deployment_check_of_django_is_clean() -> None:
    code, said = start(
        SOUND,
        "from django.core.management import call_command;"
        "call_command('check', deploy=True, fail_level='WARNING')",
    )
    assert code == 0, said
