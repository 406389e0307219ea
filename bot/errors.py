"""What is logged of a fault."""

import logging
import traceback

log = logging.getLogger("kvalitetsbot")


def log_error(action: str, error: BaseException) -> None:
    """Where it went wrong, without the error's own words: they may quote a person."""
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    where = " < ".join(f"{frame.filename}:{frame.lineno}" for frame in reversed(frames))
    log.error("action=%s error=%s where=%s", action, type(error).__name__, where)
