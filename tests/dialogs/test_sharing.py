"""Sharing a draft: seeing it first, choosing readers, asking rektor, withdrawing, deputies."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

import dialogs
from dialogs.messages import CardReply, Download, Paragraph, Reply
from knowledge.library import Library
from storage.database import Database
from storage.people import import_people, list_people
from storage.shared import Reader, deputy_of, find_shared, list_shared, name_deputy, versions_of
from tests.dialogs.kommune import (
    ANE_LÆRER,
    BJØRN_LÆRER,
    DAVID_REKTOR,
    ELI_REKTOR,
    FATIMA_AVDELINGSLEDER,
    GEIR_TILLITSVALGT,
    HANNE_SKOLEEIER,
    IVAR_FAGRÅDGIVER,
    JORUNN_ADMINISTRATOR,
    KARI_AVDELINGSLEDER,
    LARS_REKTOR,
    UNKNOWN,
    Kommune,
    buttons,
    choice,
    make_guide,
)
from tests.dialogs.shown import shown

TEXTS = Path(dialogs.__file__).parent / "texts"
GONE = "slettet, eller det hører til noen andre"
NOT_SHARED = "Dette er ikke delt med deg"


@pytest.fixture
def kommune(library: Library, database: Database) -> Kommune:
    return Kommune(
        library,
        database,
        make_guide("own", owner="person", roles=("lærer", "rektor"), suggested="skolen"),
        make_guide("team", owner="skoleeierteam", roles=("skoleeierteam", "fagrådgiver")),
        make_guide("notes", audiences=(), suggested=None),
    )


def card(replies: list[Reply]) -> CardReply:
    assert len(replies) == 1
    assert isinstance(replies[0], CardReply)
    return replies[0]


# Seeing it


def test_the_preview_is_what_readers_will_see(kommune: Kommune) -> None:
    draft = kommune.draft(answer="Vi vil lykkes med dybdelæring.")
    preview = card(kommune.press(DAVID_REKTOR, "preview", draft=draft))
    version = kommune.share(draft)
    read = card(kommune.press(LARS_REKTOR, "shared_read", version=version))
    assert preview.title == read.title
    body = [one for one in preview.blocks if one != Paragraph("Nordlia skole, 2026–2027", "note")]
    assert body
    assert [one for one in read.blocks if one in body] == body


def test_the_preview_leads_on_to_sharing_word_text_and_back(kommune: Kommune) -> None:
    draft = kommune.draft()
    preview = card(kommune.press(DAVID_REKTOR, "preview", draft=draft))
    files = [(b.format, b.paper) for b in preview.buttons if isinstance(b, Download)]
    assert files == [("docx", f"draft:{draft}"), ("txt", f"draft:{draft}")]
    assert {"Del", "Tilbake til utkastet"} <= buttons([preview]).keys()


def test_a_guide_that_is_not_for_sharing_can_be_seen_but_not_shared(kommune: Kommune) -> None:
    draft = kommune.draft(guide="notes")
    assert "Del" not in buttons(kommune.press(DAVID_REKTOR, "preview", draft=draft))
    said = shown(kommune.press(DAVID_REKTOR, "share_ask", draft=draft))
    assert "ikke laget for å deles" in said


# Sharing it


def test_each_audience_is_said_as_exactly_who_reads(kommune: Kommune) -> None:
    asked = choice(kommune.press(DAVID_REKTOR, "share_ask", draft=kommune.draft()), "audience")
    assert dict(asked.options) == {
        "skolen": "Bare skolen: alle ansatte ved Nordlia skole",
        "sonen": "Sonen: skolen og skolelederne i Sone nord",
        "ledere": "Alle ledere: skolen, alle skoleledere i kommunen og skoleeierteamet",
        "skoleeierteamet": "Skoleeierteamet: skolen og skoleeierteamet",
        "alle": "Alle skoler: alle i personregisteret",
    }
    assert asked.value == "ledere"


def test_the_team_is_not_asked_about_a_school_it_does_not_have(kommune: Kommune) -> None:
    draft = kommune.draft(HANNE_SKOLEEIER, guide="team")
    asked = choice(kommune.press(HANNE_SKOLEEIER, "share_ask", draft=draft), "audience")
    assert [value for value, _ in asked.options] == ["ledere", "skoleeierteamet", "alle"]
    assert not [label for _, label in asked.options if "skolen" in label]


READERS = {
    "skolen": {ANE_LÆRER, DAVID_REKTOR, KARI_AVDELINGSLEDER},
    "sonen": {ANE_LÆRER, DAVID_REKTOR, KARI_AVDELINGSLEDER, LARS_REKTOR},
    "skoleeierteamet": {
        *(ANE_LÆRER, DAVID_REKTOR, KARI_AVDELINGSLEDER),
        *(HANNE_SKOLEEIER, IVAR_FAGRÅDGIVER),
    },
    "ledere": {
        *(ANE_LÆRER, DAVID_REKTOR, KARI_AVDELINGSLEDER, LARS_REKTOR),
        *(FATIMA_AVDELINGSLEDER, ELI_REKTOR, HANNE_SKOLEEIER, IVAR_FAGRÅDGIVER),
    },
    "alle": {
        *(ANE_LÆRER, DAVID_REKTOR, KARI_AVDELINGSLEDER, LARS_REKTOR, BJØRN_LÆRER),
        *(FATIMA_AVDELINGSLEDER, ELI_REKTOR, GEIR_TILLITSVALGT, HANNE_SKOLEEIER),
        *(IVAR_FAGRÅDGIVER, JORUNN_ADMINISTRATOR),
    },
}


@pytest.mark.parametrize("audience", READERS)
def test_those_read_who_were_chosen_and_nobody_else(kommune: Kommune, audience: str) -> None:
    version = kommune.share(audience=audience)
    for person in (*READERS["alle"], UNKNOWN):
        for verb in ("shared_read", "comment_ask", "useful", "shared_versions"):
            replies = kommune.press(person, verb, version=version)
            assert ("Plan for" in shown(replies)) is (person in READERS[audience]), (person, verb)
        listed = shown(kommune.write(person, "delt av skolene"))
        assert ("Plan for skolen" in listed) is (person in READERS[audience]), person


def test_the_card_after_sharing_says_who_can_read_it_now(kommune: Kommune) -> None:
    asked = kommune.press(DAVID_REKTOR, "share_ask", draft=kommune.draft())
    done = card(kommune.follow(DAVID_REKTOR, buttons(asked)["Del"], audience="sonen"))
    assert "Kan lese nå: Sonen: skolen og skolelederne i Sone nord" in shown([done])
    assert "Trekk tilbake" in buttons([done])
    assert [b.format for b in done.buttons if isinstance(b, Download)] == ["docx"]


def test_pressing_twice_shares_once(kommune: Kommune) -> None:
    draft = kommune.draft()
    button = buttons(kommune.press(DAVID_REKTOR, "share_ask", draft=draft))["Del"]
    first = card(kommune.follow(DAVID_REKTOR, button, audience="ledere"))
    second = card(kommune.follow(DAVID_REKTOR, button, audience="ledere"))
    assert first == second
    with kommune.session() as session:
        assert len(versions_of(session, draft)) == 1


def test_nothing_is_shared_that_has_changed_since_it_was_seen(kommune: Kommune) -> None:
    draft = kommune.draft()
    button = buttons(kommune.press(DAVID_REKTOR, "share_ask", draft=draft))["Del"]
    kommune.answer(draft, "Noe helt annet.", KARI_AVDELINGSLEDER)
    replies = kommune.follow(DAVID_REKTOR, button, audience="alle")
    assert "Kari Moen endret utkastet 23.11.2026" in shown(replies)
    assert "Noe helt annet." in shown(replies)
    with kommune.session() as session:
        assert versions_of(session, draft) == []
    again = kommune.follow(DAVID_REKTOR, buttons(replies)["Del"])
    assert "Kan lese nå" in shown(
        kommune.follow(DAVID_REKTOR, buttons(again)["Del"], audience="skolen")
    )


def test_a_preview_from_before_the_change_asks_to_look_again(kommune: Kommune) -> None:
    draft = kommune.draft()
    preview = kommune.press(DAVID_REKTOR, "preview", draft=draft)
    kommune.answer(draft, "Noe helt annet.", KARI_AVDELINGSLEDER)
    assert "endret utkastet" in shown(kommune.follow(DAVID_REKTOR, buttons(preview)["Del"]))


def test_without_a_chosen_audience_it_is_asked_again(kommune: Kommune) -> None:
    button = buttons(kommune.press(DAVID_REKTOR, "share_ask", draft=kommune.draft()))["Del"]
    for chosen in ("", "naboen", None, 3, ["alle"], "x" * 100_000):
        replies = kommune.follow(DAVID_REKTOR, button, audience=chosen)
        assert Paragraph("Velg hvem som skal kunne lese det.", "error") in card(replies).blocks


def test_an_audience_that_the_guide_does_not_offer_is_refused(
    library: Library, database: Database
) -> None:
    kommune = Kommune(library, database, make_guide(audiences=("skolen",), suggested="skolen"))
    draft = kommune.draft()
    button = buttons(kommune.press(DAVID_REKTOR, "share_ask", draft=draft))["Del"]
    replies = kommune.follow(DAVID_REKTOR, button, audience="alle")
    assert "Velg hvem" in shown(replies)
    with kommune.session() as session:
        assert versions_of(session, draft) == []


def test_what_lacks_answers_says_which_and_links_to_them(kommune: Kommune) -> None:
    draft = kommune.draft(answer="")
    for verb in ("share_ask", "share"):
        replies = kommune.press(DAVID_REKTOR, verb, draft=draft, revision=0, audience="alle")
        text = shown(replies)
        assert "Mål" in text
        assert "Når?" not in text  # optional
        assert buttons(replies)["Svar på «Mål»"].value == {
            "verb": "open",
            "draft": draft,
            "step": "maal",
        }
    with kommune.session() as session:
        assert versions_of(session, draft) == []


def test_sharing_with_fewer_takes_it_from_the_others(kommune: Kommune) -> None:
    draft = kommune.draft()
    version = kommune.share(draft, "ledere")
    kommune.assistant.remember_cards([(f"chat with {ELI_REKTOR}", "card", f"version:{version}")])
    kommune.assistant.remember_cards([(f"chat with {ANE_LÆRER}", "card", f"version:{version}")])
    assert kommune.share(draft, "skolen") == version
    assert NOT_SHARED in shown(kommune.press(ELI_REKTOR, "shared_read", version=version))
    sent = kommune.messages_at(kommune.now)
    assert "deler dette med færre" in shown(sent[ELI_REKTOR])
    assert ANE_LÆRER not in sent  # who still reads keeps the card


def test_one_shares_ones_own_with_ones_school(kommune: Kommune) -> None:
    version = kommune.share(kommune.draft(ANE_LÆRER, guide="own"), "skolen", ANE_LÆRER)
    assert "Ane Solbakk" in shown(kommune.press(DAVID_REKTOR, "shared_read", version=version))
    assert NOT_SHARED in shown(kommune.press(ELI_REKTOR, "shared_read", version=version))


# Who may


@pytest.mark.parametrize("verb", ["preview", "share_ask", "share", "tell_rektor"])
def test_the_draft_of_a_school_is_gone_for_everybody_else(kommune: Kommune, verb: str) -> None:
    draft = kommune.draft()
    others = READERS["alle"] - {DAVID_REKTOR, KARI_AVDELINGSLEDER}
    for person in others:
        value = {"draft": draft, "revision": 1, "audience": "alle"}
        theirs = shown(kommune.press(person, verb, **value))
        none = shown(kommune.press(person, verb, **value | {"draft": "no such draft"}))
        assert theirs == none  # not even that it exists
    assert GONE in shown(kommune.press(LARS_REKTOR, verb, draft=draft))
    assert "personregister" in shown(kommune.press(UNKNOWN, verb, draft=draft))
    with kommune.session() as session:
        assert versions_of(session, draft) == []


def test_avdelingsleder_does_not_share_but_may_tell_rektor(kommune: Kommune) -> None:
    draft = kommune.draft()
    preview = kommune.press(KARI_AVDELINGSLEDER, "preview", draft=draft)
    assert "Del" not in buttons(preview)
    assert "Si fra til rektor" in buttons(preview)
    for verb in ("share_ask", "share"):
        replies = kommune.press(KARI_AVDELINGSLEDER, verb, draft=draft, revision=1, audience="alle")
        assert "Det er rektor" in shown(replies)
    said = shown(kommune.follow(KARI_AVDELINGSLEDER, buttons(replies)["Si fra til rektor"]))
    assert "David Lunde får melding" in said
    with kommune.session() as session:
        assert versions_of(session, draft) == []
    kommune.press(KARI_AVDELINGSLEDER, "tell_rektor", draft=draft)
    sent = kommune.messages_at(kommune.now)
    assert list(sent) == [DAVID_REKTOR]
    assert len(sent[DAVID_REKTOR]) == 1  # pressed twice, told once
    assert "Kari Moen ønsker at «Plan for skolen» blir delt" in shown(sent[DAVID_REKTOR])
    look = buttons(sent[DAVID_REKTOR])["Se det slik leserne vil se det"]
    assert "Del" in buttons(kommune.follow(DAVID_REKTOR, look))


def test_a_wish_that_is_granted_before_it_is_sent_is_not_sent(kommune: Kommune) -> None:
    draft = kommune.draft()
    kommune.press(KARI_AVDELINGSLEDER, "tell_rektor", draft=draft)
    kommune.share(draft)
    assert DAVID_REKTOR not in kommune.messages_at(kommune.now)


def test_a_wish_at_a_school_without_rektor_says_so(kommune: Kommune) -> None:
    draft = kommune.draft(FATIMA_AVDELINGSLEDER)
    said = shown(kommune.press(FATIMA_AVDELINGSLEDER, "tell_rektor", draft=draft))
    assert "ingen rektor ved Fjellheim skole" in said


# The deputy


def test_the_deputy_shares_and_withdraws_like_rektor(kommune: Kommune) -> None:
    asked = kommune.write(DAVID_REKTOR, "stedfortreder")
    options = dict(choice(asked, "person").options)
    assert options == {KARI_AVDELINGSLEDER: "Kari Moen", "ingen": "Ingen stedfortreder"}
    said = kommune.follow(DAVID_REKTOR, buttons(asked)["Lagre"], person=KARI_AVDELINGSLEDER)
    assert "Kari Moen kan nå dele" in shown(said)
    version = kommune.share(kommune.draft(), who=KARI_AVDELINGSLEDER)
    assert "trukket tilbake" in shown(
        kommune.press(KARI_AVDELINGSLEDER, "withdraw", version=version)
    )
    said = kommune.press(DAVID_REKTOR, "deputy", person="ingen")
    assert "bare rektor" in shown(said)
    assert "Det er rektor" in shown(
        kommune.press(KARI_AVDELINGSLEDER, "share_ask", draft=kommune.draft())
    )


@pytest.mark.parametrize(
    "chosen", [ANE_LÆRER, FATIMA_AVDELINGSLEDER, DAVID_REKTOR, None, 7, "", []]
)
def test_only_an_avdelingsleder_of_the_school_can_be_deputy(kommune: Kommune, chosen: Any) -> None:
    assert "Velg en avdelingsleder" in shown(kommune.press(DAVID_REKTOR, "deputy", person=chosen))
    with kommune.session() as session:
        assert deputy_of(session, "Nordlia skole") is None


def test_only_rektor_names_a_deputy(kommune: Kommune) -> None:
    for person in READERS["alle"] - {DAVID_REKTOR, LARS_REKTOR, ELI_REKTOR}:
        for replies in (
            kommune.write(person, "stadfortredar"),
            kommune.press(person, "deputy", person=KARI_AVDELINGSLEDER),
        ):
            assert "berre rektor" in shown(replies) or "bare rektor" in shown(replies)
    with kommune.session() as session:
        assert deputy_of(session, "Nordlia skole") is None


def test_a_rektor_without_avdelingsledere_is_told_so(kommune: Kommune) -> None:
    said = shown(kommune.write(LARS_REKTOR, "stedfortreder"))
    assert "ingen avdelingsleder ved Bakken skole" in said


def test_a_deputy_who_leaves_the_register_is_no_deputy(kommune: Kommune) -> None:
    with kommune.session() as session:
        name_deputy(session, "Nordlia skole", KARI_AVDELINGSLEDER, DAVID_REKTOR, kommune.now)
        people = [p for p in list_people(session) if p.key != KARI_AVDELINGSLEDER]
        import_people(session, people, dry_run=False)
    said = kommune.press(KARI_AVDELINGSLEDER, "share_ask", draft=kommune.draft())
    assert "personregister" in shown(said)
    assert "ingen avdelingsleder" in shown(kommune.write(DAVID_REKTOR, "stedfortreder"))


# Withdrawing


def test_what_is_withdrawn_nobody_reads_and_it_can_be_shared_again(kommune: Kommune) -> None:
    draft = kommune.draft()
    version = kommune.share(draft)
    asked = kommune.press(DAVID_REKTOR, "withdraw_ask", version=version)
    assert "Vil du trekke tilbake" in shown(asked)
    assert "Plan" in shown(kommune.press(ELI_REKTOR, "shared_read", version=version))  # not yet
    done = kommune.follow(DAVID_REKTOR, buttons(asked)["Trekk tilbake"])
    assert "er trukket tilbake" in shown(done)
    for person in (ELI_REKTOR, ANE_LÆRER, DAVID_REKTOR):
        assert NOT_SHARED in shown(kommune.press(person, "shared_read", version=version))
    again = kommune.follow(DAVID_REKTOR, buttons(asked)["Trekk tilbake"])
    assert NOT_SHARED in shown(again)  # pressed twice
    kommune.share(draft)
    assert "Plan" in shown(kommune.press(ELI_REKTOR, "shared_read", version=version))


def test_cards_that_were_sent_say_that_it_is_withdrawn(kommune: Kommune) -> None:
    version = kommune.share()
    kommune.assistant.remember_cards(
        [(f"chat with {p}", f"card of {p}", f"version:{version}") for p in (ELI_REKTOR, ANE_LÆRER)]
    )
    kommune.press(DAVID_REKTOR, "withdraw", version=version)
    kommune.press(DAVID_REKTOR, "withdraw", version=version)
    outgoing = kommune.outgoing_at(kommune.now)
    assert {(one.conversation, one.replaces) for one in outgoing} == {
        (f"chat with {p}", f"card of {p}") for p in (ELI_REKTOR, ANE_LÆRER)
    }
    for one in outgoing:
        assert "Nordlia skole trakk dette tilbake 23.11.2026" in shown([one.reply])
        assert "dybdelæring" not in shown([one.reply])


def test_cards_are_left_alone_when_it_is_shared_again_at_once(kommune: Kommune) -> None:
    draft = kommune.draft()
    version = kommune.share(draft)
    kommune.assistant.remember_cards([(f"chat with {ELI_REKTOR}", "card", f"version:{version}")])
    kommune.press(DAVID_REKTOR, "withdraw", version=version)
    kommune.share(draft)
    assert kommune.messages_at(kommune.now) == {}
    kommune.press(DAVID_REKTOR, "withdraw", version=version)
    assert "trakk dette tilbake" in shown(kommune.messages_at(kommune.now)[ELI_REKTOR])


def test_only_those_who_may_share_may_withdraw(kommune: Kommune) -> None:
    version = kommune.share(audience="alle")
    for person in READERS["alle"] - {DAVID_REKTOR}:
        assert "Trekk tilbake" not in buttons(kommune.press(person, "shared_read", version=version))
        for verb in ("withdraw_ask", "withdraw"):
            said = shown(kommune.press(person, verb, version=version))
            assert "bare den som kan dele" in said or "berre den som kan dele" in said
    with kommune.session() as session:
        assert find_shared(session, version, Reader("", "", "", False, False)) is not None


# Whatever is pressed


VERBS = [
    *("preview", "share_ask", "share", "tell_rektor", "withdraw_ask", "withdraw", "shared_list"),
    *("shared_read", "shared_versions", "useful", "comment_ask", "comment", "comment_delete"),
    *("deputy_ask", "deputy", "digest"),
]
KEYS = (
    *("draft", "version", "revision", "audience", "id", "text", "person", "on", "search"),
    *("guide", "offset"),
)
FORGED: list[Any] = [
    *(None, True, -1, 10**30, 1.5, float("nan"), "", "x", "\x00", "x" * 200_000),
    *([], {}, ["a"], {"a": {}}, "version:1", "' OR 1=1 --", "%"),
]


@pytest.mark.parametrize("verb", VERBS)
def test_forged_values_get_a_sentence_and_reveal_nothing(kommune: Kommune, verb: str) -> None:
    secret = "Bare for Nordlia."
    version = kommune.share(kommune.draft(answer=secret), "skolen")
    for person in (LARS_REKTOR, HANNE_SKOLEEIER, UNKNOWN):
        assert shown(kommune.press(person, verb))
        for forged in FORGED:
            replies = kommune.press(person, verb, **dict.fromkeys(KEYS, forged))
            assert shown(replies)
            assert secret not in shown(replies)
    with kommune.session() as session:
        everything, total = list_shared(session, Reader("", "Nordlia skole", "", False, False))
    assert (total, everything[0].id, everything[0].audience) == (1, version, "skolen")


@pytest.mark.parametrize("verb", VERBS)
def test_somebody_outside_the_register_is_told_whom_it_is_for(kommune: Kommune, verb: str) -> None:
    said = shown(kommune.press(UNKNOWN, verb, draft="x", version="x", on=True))
    assert (
        said
        == "Dette er for dem som står i kommunens personregister. Spør gjerne om planen likevel."
    )


def test_every_text_of_sharing_is_in_both_languages_with_the_same_names_to_fill_in() -> None:
    nb, nn = (
        tomllib.loads((TEXTS / language / "sharing.toml").read_text("utf-8"))
        for language in ("nb", "nn")
    )
    assert nb.keys() == nn.keys()
    for key, text in nb.items():
        assert type(text) is type(nn[key])
        if isinstance(text, str):
            names = {part.split("}")[0] for part in text.split("{")[1:]}
            assert names == {part.split("}")[0] for part in nn[key].split("{")[1:]}, key
