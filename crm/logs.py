"""One line per event: readable in a terminal, JSON on a server. No personal data in it."""

import sys
from typing import Any

import structlog
from structlog.typing import Processor

foreign: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="%H:%M:%S" if sys.stderr.isatty() else "iso", utc=False),
]

renderer: Any = (
    structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    if sys.stderr.isatty()
    else structlog.processors.JSONRenderer(ensure_ascii=False)
)


def configure() -> None:
    """Send structlog's events through the standard logging set up in the settings."""
    structlog.configure(
        processors=[
            *foreign,
            structlog.processors.format_exc_info,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
