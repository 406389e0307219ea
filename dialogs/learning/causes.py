"""Why an answer was not good: what a fagrådgiver may find, as it is stored."""

from dialogs.wording import Wording

MISSING = "mangler i planen"
CAUSES = (
    MISSING,
    "formulert annerledes",
    "utdatert",
    "feil avsnitt",
    "ikke noe å gjøre",
)


def cause_name(wording: Wording, cause: str) -> str:
    """The cause in the language of the reader; one that is no longer known as it was stored."""
    names: dict[str, str] = dict(wording.many("learning_causes"))
    return names.get(cause, cause)
