"""What follows an attempt to send: is the message tried again, when, or is it over? Pure.

It is a question of time, so it stands here and not with the messages: dialogs/outgoing.py is handed
`after` by app.py, and writes down what it says.
"""

import random
from collections.abc import Callable
from datetime import datetime, timedelta

from dialogs.notices import Outcome, Verdict

FIRST_PAUSE = timedelta(seconds=2)
LONGEST_PAUSE = timedelta(minutes=5)
# What may have arrived is sent once more, when it would have been seen by whoever asks about it.
UNKNOWN_WAIT = timedelta(minutes=5)


def after(
    outcome: Outcome,
    *,
    attempts: int,
    unknowns: int,
    now: datetime,
    latest: datetime,
    jitter: Callable[[], float] = random.random,
    unknown_wait: timedelta = UNKNOWN_WAIT,
) -> Verdict:
    """What becomes of a message after its attempt number `attempts`.

    `unknowns` is how many of the attempts before this may have arrived, `latest` is when the
    message is no longer worth sending. `jitter` gives a number from 0 until 1: those who were
    refused together must not come back together.
    """
    if now.tzinfo is None or latest.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    match outcome.kind:
        case "sent":
            return Verdict("sendt")
        case "hopeless":
            return Verdict("ukjent" if unknowns else "feilet")
        case "unknown":
            again = now + unknown_wait
            # One more try and never a third: nobody is to get more than two copies.
            if outcome.final or unknowns or again > latest:
                return Verdict("ukjent")
            return Verdict("venter", again)
        case "refused":
            again = now + _pause(attempts, jitter()) + timedelta(seconds=outcome.wait or 0)
            if again <= latest:
                return Verdict("venter", again)
            return Verdict("ukjent" if unknowns else "utløpt")


def _pause(attempts: int, chance: float) -> timedelta:
    """Twice as long for each attempt, from half of it up to all of it."""
    doublings = min(max(attempts, 1) - 1, 20)
    longest = min(FIRST_PAUSE * float(2**doublings), LONGEST_PAUSE)
    return longest * (0.5 + chance / 2)
