"""`python -m tests.translations`: collect, merge, compile; say what still lacks Chinese."""

import sys

from tests.translations import catalogues

missing = {room: catalogues.update(room) for room in catalogues.ROOMS}
for room, count in missing.items():
    print(f"{room:12} {count} sentences without Chinese")
sys.exit(any(missing.values()))
