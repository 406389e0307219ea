"""The kinds of meeting that are suggested; the list is open, any other kind can be written."""

KINDS = (
    "skoleledermøte",
    "LED-skole",
    "samarbeidsmøte med tillitsvalgte",
    "sonesamarbeid",
    "lærende nettverk",
    "dialogmøte om skolebasert vurdering",
    "fagsamtale",
    "workshop",
    "veiledning fra UH",
    "samling for nyutdannede",
    "arbeidsgruppe",
)
_BY_SMALL_LETTERS = {kind.casefold(): kind for kind in KINDS}


def kind_as_written(kind: str) -> str:
    """One of the suggested kinds as it is written there; any other as somebody wrote it."""
    written = " ".join(kind.split())
    return _BY_SMALL_LETTERS.get(written.casefold(), written)
