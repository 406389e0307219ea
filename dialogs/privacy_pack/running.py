"""What the documents need to know of how the bot is set up."""

from dataclasses import dataclass
from datetime import date, time


@dataclass(frozen=True, slots=True)
class Running:
    """The settings that the documents name; "" where the kommune hasn't said. No secrets.

    `hours` is when the bot may write unasked, None for always. `directory`: the register is made
    of groups in Entra ID.
    """

    kommune: str
    contact: str
    hosting: str
    address: str
    postgresql: bool
    directory: bool
    smallest: int
    hours: tuple[time, time] | None
    day: date
