"""What a question asks for: who, when, why, how many ..."""

import re
from functools import lru_cache

# Kinds that differ are rarely the same question. The first that is found counts.
_KINDS = {
    "who": "hvem|kven|kem|ansvar\\w*",
    "why": "hvorfor|kvifor|åffer|korfor|hensikt\\w*|poenget|vitsen",
    "many": "hvor mange|kor mange|antall|antal|hvor mye|kor mykje|prosent",
    "long": "hvor lang|hvor lenge|kor lang|kor lenge|varighet",
    "when": "når|dato|tidspunkt|hvilken dag",
    "how": "hvordan|korleis|åssen|korsen",
    "which": "hvilke|hvilken|hvilket|kva for",
    "what": "hva|kva|ka",
    "whether": "(?<!.)(?:er|kan|skal|må|bør|får|har|holder|held|gjelder|finnes|finst|vil)",
}
_ANY = re.compile("|".join(rf"(?P<{kind}>\b(?:{words})\b)" for kind, words in _KINDS.items()))


@lru_cache(maxsize=20_000)
def kind_of(question: str) -> str:
    """What a question asks for: "who", "when", "why" ..., "" when it doesn't say."""
    found = {match.lastgroup for match in _ANY.finditer(question.lower())}
    return next((kind for kind in _KINDS if kind in found), "")
