"""`python -m tests.translations`: collect, merge, compile; say what still lacks Chinese."""

import sys

from tests.translations import catalogues

missing = {room: catalogues.update(room) for room in catalogues.ROOMS}
for room, count in missing.items():
    sys.stdout.write(f"{room:12} {count} sentences without Chinese\n")
sys.exit(any(missing.values()))
