"""What must hold when a run is over: what the outbox says, against what the people have seen."""

from collections.abc import Collection

from tests.faults.connector import Connector, Post
from tests.faults.recipients import KNOWN_NOT_TO_BE_SENT, Ledger, Message


def nothing_is_lost(connector: Connector, ledger: Ledger) -> None:
    """Each message was shown, or stands as one that may not have been."""
    lost = [
        message
        for message, state in ledger.states().items()
        if not connector.copies[message] and state not in KNOWN_NOT_TO_BE_SENT
    ]
    assert not lost, f"{len(lost)} lost: {lost[:5]}"


def what_is_marked_sent_was_sent(connector: Connector, ledger: Ledger) -> None:
    """No message is called sent that nobody was shown."""
    untrue = [
        message
        for message, state in ledger.states().items()
        if state == "sendt" and not connector.copies[message]
    ]
    assert not untrue, f"{len(untrue)} marked sent, but not shown: {untrue[:5]}"


def nobody_is_nagged(connector: Connector, in_flight: Collection[Message] = ()) -> None:
    """Nobody gets more than two copies, and a second one only where the first may not have come.

    That is: the message was being sent when its worker was killed, or shown and answered 502.
    """
    repeated = {message: copies for message, copies in connector.copies.items() if copies > 1}
    too_many = {message: copies for message, copies in repeated.items() if copies > 2}
    assert not too_many, f"more than two copies: {too_many}"
    doubtful = {*in_flight, *connector.ambiguous}
    without_reason = set(repeated) - doubtful
    assert not without_reason, f"sent twice without a reason: {sorted(without_reason)[:5]}"
    assert connector.duplicates <= len(doubtful)


def one_at_a_time(connector: Connector) -> None:
    """No conversation got a post while another was open there."""
    assert not connector.two_at_once


def all_is_sent_once(connector: Connector, ledger: Ledger, count: int) -> None:
    """So many messages, each of them sent, none of them twice."""
    assert ledger.count() == {"sendt": count}
    assert len(connector.copies) == count
    assert connector.duplicates == 0


def most_within(posts: list[Post], seconds: float) -> int:
    """The largest number of these posts that came within so many seconds."""
    times = sorted(post.arrived for post in posts)
    most = first = 0
    for last, time in enumerate(times):
        while time - times[first] >= seconds:
            first += 1
        most = max(most, last - first + 1)
    return most


def posts_in_closed_windows(posts: list[Post], known_after: float) -> list[Post]:
    """The posts that came while everybody had been asked to wait.

    A window begins when its first Retry-After is answered. What came within `known_after` of that
    was under way: the answer has yet to be read, and told to the other copies.
    """
    inside: list[Post] = []
    closed_from = closed_until = 0.0
    events = sorted(
        [(post.arrived, 1, post) for post in posts]
        + [(post.answered, 0, post) for post in posts if _asks_to_wait(post) and post.answered],
        key=lambda event: event[:2],
    )
    for moment, arrives, post in events:
        if arrives:
            if closed_from + known_after < moment < closed_until:
                inside.append(post)
        else:
            if moment >= closed_until:
                closed_from = moment
            closed_until = max(closed_until, moment + (post.fate.retry_after or 0))
    return inside


def _asks_to_wait(post: Post) -> bool:
    return post.fate.status == 429 and post.fate.retry_after is not None
