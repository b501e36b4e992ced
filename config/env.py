"""Everything the product takes from its environment, typed, in one place.

Three modes. `production` is the default and refuses to start with anything unsafe; `demo` is what
`make demo` runs on one machine; `test` is what the tests run in. A command typed by hand next to a
running demo finds the demo's servers through the file that the demo writes (`.data/environment`).
"""

import base64
import os
from enum import StrEnum
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured
from psycopg.conninfo import conninfo_to_dict

ROOT = Path(__file__).resolve().parent.parent
DATA = Path(os.environ.get("CRM_DATA", ROOT / ".data"))
DEMO_ENVIRONMENT = DATA / "environment"


class Mode(StrEnum):
    PRODUCTION = "production"
    DEMO = "demo"
    TEST = "test"


def _load_files() -> None:
    """Take in `.env`, or what a running demo left; real environment variables always win.

    A demo or a test says what it is in its environment and takes nothing from a file that was
    written for production.
    """
    own = ROOT / ".env"
    if os.environ.get("CRM_MODE") in ("demo", "test"):
        return
    if own.exists():
        environ.Env.read_env(own)
    elif "CRM_MODE" not in os.environ and DEMO_ENVIRONMENT.exists():
        environ.Env.read_env(DEMO_ENVIRONMENT)


_load_files()
_env = environ.Env()

try:
    MODE = Mode(_env.str("CRM_MODE", default=Mode.PRODUCTION))
except ValueError:
    raise ImproperlyConfigured(
        f"CRM_MODE must be one of {', '.join(Mode)}; it is {os.environ['CRM_MODE']!r}."
    ) from None

KEY_FOR_TESTS = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
"""Known to everybody who reads this, so production refuses it."""

PRODUCTION = MODE is Mode.PRODUCTION

_REQUIRED = {
    "SECRET_KEY": "a long random string",
    "SEALING_KEYS": "id:key, the key being 32 random bytes in base64; it seals personal data",
    "BLIND_INDEX_KEY": "32 random bytes in base64; it makes what is sealed findable",
    "DATABASE_URL": "postgresql://user:password@host:5432/name",
    "CELERY_BROKER_URL": "redis://host:6379/0 or amqp://user:password@host//",
    "EMAIL_URL": "smtp://user:password@host:25 or smtp+tls://…:587",
    "EMAIL_FROM": "the address that mails come from",
    "ALLOWED_HOSTS": "host names, separated by commas",
    "PUBLIC_URL": "https://crm.bank.example",
}


def _refuse_unsafe_production() -> None:
    missing = [f"{name} ({hint})" for name, hint in _REQUIRED.items() if not os.environ.get(name)]
    if missing:
        raise ImproperlyConfigured(
            "The product does not start in production without: "
            + "; ".join(missing)
            + ". For a try-out on this machine run `make demo`."
        )
    if len(os.environ["SECRET_KEY"]) < 50 or len(set(os.environ["SECRET_KEY"])) < 12:
        raise ImproperlyConfigured(
            "SECRET_KEY is too short or too regular: give at least 50 random characters."
        )
    for name in ("SEALING_KEYS", "BLIND_INDEX_KEY"):
        keys = [entry.partition(":")[2] or entry for entry in os.environ[name].split(",")]
        if not all(_is_a_sound_key(key) for key in keys):
            raise ImproperlyConfigured(
                f"{name} must be made of 32 random bytes in base64: python -c "
                '"import base64, os; print(base64.b64encode(os.urandom(32)).decode())"'
            )
    if "*" in os.environ["ALLOWED_HOSTS"]:
        raise ImproperlyConfigured("ALLOWED_HOSTS must name the hosts; '*' is not safe.")
    if not os.environ["PUBLIC_URL"].startswith("https://"):
        raise ImproperlyConfigured("PUBLIC_URL must begin with https:// in production.")


def _is_a_sound_key(text: str) -> bool:
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except ValueError:
        return False
    return len(key) == 32 and len(set(key)) >= 12 and text.strip() != KEY_FOR_TESTS


if PRODUCTION:
    _refuse_unsafe_production()


def text(name: str, default: str = "") -> str:
    return str(_env.str(name, default=default))


def number(name: str, default: int) -> int:
    return int(_env.int(name, default=default))


def names(name: str, default: list[str]) -> list[str]:
    return list(_env.list(name, default=default))


def database(url: str) -> dict[str, Any]:
    """Django's view of a libpq address (unix sockets and every libpq option included)."""
    parts = conninfo_to_dict(url)
    known = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST"}
    settings: dict[str, Any] = {
        django: str(parts.pop(libpq)) for libpq, django in known.items() if libpq in parts
    }
    settings["PORT"] = str(parts.pop("port", ""))
    return {"ENGINE": "django.db.backends.postgresql", "OPTIONS": parts, **settings}


def email(url: str) -> dict[str, Any]:
    """Django's EMAIL_* settings from `smtp://`, `smtp+tls://`, `smtp+ssl://`."""
    parts = _env.email_url_config(url)
    return {name: value for name, value in parts.items() if name.startswith("EMAIL_")}
