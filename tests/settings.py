"""The product's settings in test mode, however pytest was started.

Without this, tests begun by hand beside a running demo would take the demo's servers for theirs.
"""

import os

os.environ["CRM_MODE"] = "test"

from config.settings import *  # noqa: F403
