"""`make clean-data`: stop this machine's servers and delete what they kept."""

import shutil
import sys

from config.local import environment
from config.local.machine import CannotRunHere
from config.local.one_at_a_time import only_one
from config.local.postgres import LocalPostgres


def main() -> int:
    """Delete the data of the demo and of the tests; refused while one of them runs."""
    data = environment.data_folder()
    try:
        with (
            only_one(data / "demo.lock", what="The demo"),
            only_one(data / "test.lock", what="`make test`"),
        ):
            for name in ("postgres", "test-postgres"):
                LocalPostgres(data / name).remove()
            shutil.rmtree(data)
    except CannotRunHere as reason:
        print(f"\n{reason}\n", file=sys.stderr)
        return 1
    print(f"{data} is gone. `make demo` begins anew.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
