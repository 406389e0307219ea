"""What is logged of a fault."""

import logging

from bot.log_lines import place_of

log = logging.getLogger("kvalitetsbot")


def log_error(action: str, error: BaseException) -> None:
    """Where it went wrong, without the error's own words: they may quote a person."""
    log.error("action=%s error=%s where=%s", action, type(error).__name__, place_of(error))
