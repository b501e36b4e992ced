"""The addresses of the demo's servers, as environment variables, kept in a file.

`config/env.py` reads the file, so that a `manage.py` command typed beside the demo finds the same
servers and the same secret.
"""

import base64
import contextlib
import os
import secrets
import socket
from pathlib import Path

from config.local.machine import CannotRunHere

ROOT = Path(__file__).resolve().parent.parent.parent


def data_folder() -> Path:
    """Where everything that this machine keeps for us lies; delete it to begin anew."""
    return Path(os.environ.get("CRM_DATA") or ROOT / ".data").resolve()


def read(file: Path) -> dict[str, str]:
    """The variables in a file of KEY=VALUE lines; none if there is no such file."""
    if not file.exists():
        return {}
    lines = (line.partition("=") for line in file.read_text().splitlines())
    return {name: value for name, sign, value in lines if sign and not name.startswith("#")}


def write(file: Path, variables: dict[str, str]) -> None:
    """Replace the file at once; only its owner may read it."""
    unfinished = file.with_name(f"{file.name}.new")
    unfinished.unlink(missing_ok=True)
    number = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(number, "w") as text:
        text.writelines(f"{name}={value}\n" for name, value in variables.items())
    unfinished.replace(file)


def secret_key(file: Path) -> str:
    """The secret of earlier starts, so that nobody is signed out by a restart; else a new one."""
    return read(file).get("SECRET_KEY") or secrets.token_urlsafe(64)


def sealing_keys(file: Path) -> dict[str, str]:
    """The keys that personal data were sealed with at earlier starts; else new ones."""
    kept = read(file)
    return {
        "SEALING_KEYS": kept.get("SEALING_KEYS") or f"k1:{_random_key()}",
        "BLIND_INDEX_KEY": kept.get("BLIND_INDEX_KEY") or _random_key(),
    }


def _random_key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def is_free(port: int) -> bool:
    """Whether a server can be started on a port of this machine."""
    with contextlib.suppress(OSError), socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", port))
        return True
    return False


def web_port() -> int:
    """The port to use for the browser: PORT, or 8000."""
    wanted = os.environ.get("PORT") or "8000"
    if not wanted.isdigit() or not 0 < int(wanted) < 65536:
        raise CannotRunHere(f"PORT must be a number from 1 to 65535; it is {wanted!r}.")
    return int(wanted)


def first_free_port(first: int) -> int:
    """The first port from a number upwards that no program uses."""
    for port in range(first, min(first + 200, 65536)):
        if is_free(port):
            return port
    raise CannotRunHere(f"No port from {first} to {first + 199} is free on this machine.")
