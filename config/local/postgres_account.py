"""Under which account PostgreSQL runs. It refuses to run as root, so root lends it another one."""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.local.machine import CannotRunHere


@dataclass(frozen=True)
class Account:
    """A user and group number, and whether a program must be switched to them."""

    user: int
    group: int
    switched: bool

    def switch(self) -> dict[str, Any]:
        """What `subprocess` needs to run a program under this account."""
        if not self.switched:
            return {}
        return {"user": self.user, "group": self.group, "extra_groups": []}

    def may(self, how: str, path: Path) -> bool:
        """Whether the account can reach a path: `x` enter or run, `r` read."""
        if not self.switched:
            return True
        asked = ["/bin/sh", "-c", f'test -{how} "$1"', "sh", str(path)]
        try:
            return subprocess.run(asked, cwd="/", check=False, **self.switch()).returncode == 0
        except (PermissionError, subprocess.SubprocessError) as refused:
            raise CannotRunHere(
                "PostgreSQL does not run as root, and this root may not become another user. "
                "Start as an ordinary user, or set DATABASE_URL to a PostgreSQL server."
            ) from refused


def account_for(data: Path) -> Account:
    """The account for a data folder: our own, or for root the folder's owner, else `nobody`."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid(), switched=False)
    if data.exists() and data.stat().st_uid != 0:
        owner = data.stat()
        return Account(owner.st_uid, owner.st_gid, switched=True)
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError as missing:
        raise CannotRunHere(
            "PostgreSQL does not run as root, and there is no account `nobody` to run it as. "
            "Set DATABASE_URL to a PostgreSQL server."
        ) from missing
    return Account(nobody.pw_uid, nobody.pw_gid, switched=True)


def demand_a_name(account: Account) -> None:
    """PostgreSQL looks its account up by number and stops if it has no name."""
    try:
        pwd.getpwuid(account.user)
    except KeyError as missing:
        raise CannotRunHere(
            f"The account with number {account.user} has no entry in /etc/passwd, and PostgreSQL "
            "does not start without one. Set DATABASE_URL to a PostgreSQL server."
        ) from missing
