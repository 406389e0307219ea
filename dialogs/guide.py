"""What a guide is: strict objects, as a fagrådgiver writes them in TOML (docs/guides.md).

A guide is words, order, kinds and one-level branching (answer -> a later step). It has no
expression language: whatever is computed is a function in actions.py, called by its name. A step
that needs more needs a function, not a feature here. `guide_files.py` reads and cross-checks.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from dialogs.messages import Language

Kind = Literal[
    "read",
    "short_text",
    "long_text",
    "one_of",
    "several_of",
    "number",
    "scale",
    "two_scales",
    "date",
    "period",
    "table",
]
ColumnKind = Literal["short_text", "long_text", "one_of", "number", "date"]
# Who may read what is shared; dialogs/access.py says exactly who that is.
Audience = Literal["skolen", "sonen", "ledere", "skoleeierteamet", "alle"]
OwnerKind = Literal["school", "skoleeierteam", "person"]

LONGEST_SHORT_TEXT = 200
LONGEST_LONG_TEXT = 3_000
LONGEST_CELL = 1_000  # of a text in a table: all the cells of a row stand on one card


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


def in_language(language: Language, nb: str, nn: str) -> str:
    """The text in that language; bokmål where there is no nynorsk."""
    return nn if language == "nn" and nn else nb


class Option(_Strict):
    """One of the answers to choose between. `value` is stored, so it never changes."""

    value: str = Field(min_length=1, pattern=r"^[a-z0-9æøå_-]+$")
    text: str = Field(min_length=1)
    text_nn: str = Field(min_length=1)


class Link(_Strict):
    """Where figures and texts are that nobody shall have to retype."""

    text: str = Field(min_length=1)
    text_nn: str = Field(min_length=1)
    url: str = Field(pattern=r"^https://")


class Scale(_Strict):
    """One of two scales 1–5 side by side: the question, and what 1 and 5 mean."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    text: str = Field(min_length=1)
    text_nn: str = Field(min_length=1)
    low: str = Field(min_length=1)
    low_nn: str = Field(min_length=1)
    high: str = Field(min_length=1)
    high_nn: str = Field(min_length=1)


class Column(_Strict):
    """A column of a table of rows."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    kind: ColumnKind
    label: str = Field(min_length=1)
    label_nn: str = Field(min_length=1)
    optional: bool = False
    choices: tuple[Option, ...] = ()
    choices_from: str = ""


class Step(_Strict):
    """One step. `label` is its heading in the finished document; without it, `text` is."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    kind: Kind
    text: str = Field(min_length=1)
    text_nn: str = Field(min_length=1)
    label: str = ""
    label_nn: str = ""
    help: str = ""
    help_nn: str = ""
    optional: bool = False
    on_sheet: bool = True  # asked on the printed sheet as well
    example: bool = False  # our own sub-question, which the kommune may replace
    source: str = ""
    why: str = ""  # the address of the section it serves: "Kvalitetsplanen › Del 2 › …"
    next: dict[str, str] = Field(default_factory=dict)  # answer -> id of a later step
    prefill: str = ""  # a function in actions.py that proposes an answer
    compute: str = ""  # kind "read" only: a function that writes what is read
    links: tuple[Link, ...] = ()
    choices: tuple[Option, ...] = ()
    choices_from: str = ""  # a function that gives the choices
    minimum: float | None = None
    maximum: float | None = None
    unit: str = ""
    unit_nn: str = ""
    low: str = ""
    low_nn: str = ""
    high: str = ""
    high_nn: str = ""
    scales: tuple[Scale, ...] = ()
    columns: tuple[Column, ...] = ()

    def asked(self, language: Language) -> str:
        return in_language(language, self.text, self.text_nn)

    def heading(self, language: Language) -> str:
        return in_language(language, self.label or self.text, self.label_nn or self.text_nn)

    def helped(self, language: Language) -> str:
        return in_language(language, self.help, self.help_nn)


class Guide(_Strict):
    """A guide: what it is, who may run it, whose it becomes, and its steps in order."""

    id: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    title: str = Field(min_length=1)
    title_nn: str = Field(min_length=1)
    about: str = Field(min_length=1)
    about_nn: str = Field(min_length=1)
    source: str = Field(min_length=1)
    minutes: int = Field(ge=1, le=240)
    owner: OwnerKind
    roles: tuple[str, ...] = Field(min_length=1)
    unit_kinds: tuple[str, ...] = ()  # "skole", "barnehage" …; none: wherever people work
    # "year": one each school year. "theme": as many as wanted, each named by the step `named_by`.
    per: Literal["year", "theme"] = "year"
    named_by: str = ""
    audiences: tuple[Audience, ...] = ()  # none: it can't be shared
    suggested: Audience | None = None
    starts_when: str = ""  # a function in actions.py that may say why not yet
    listed: bool = True  # shown by "steg for steg"; else it is begun from somewhere else
    group: str = ""  # heading in that list
    group_nn: str = ""
    ask: tuple[str, ...] = ()  # what people write to begin it
    step: tuple[Step, ...] = Field(min_length=1)

    def named(self, language: Language) -> str:
        return in_language(language, self.title, self.title_nn)

    def described(self, language: Language) -> str:
        return in_language(language, self.about, self.about_nn)

    def find(self, id: str) -> Step | None:
        return next((step for step in self.step if step.id == id), None)
