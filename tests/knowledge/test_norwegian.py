"""Words: whatever is written is read, and the forms of a word meet in one stem."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.library import Library
from knowledge.norwegian import WordLists, Words, fold, stem, tokens

# Letters that Norwegians write, and some that they paste.
NORWEGIAN = st.text("abcdefghijklmnopqrstuvwxyzæøåéèêóòôäöü ABCÆØÅÉ.,-–0123456789", max_size=60)
ANYTHING = st.text(max_size=200)


@pytest.fixture(scope="module")
def words(library: Library) -> Words:
    return library.words


@given(ANYTHING)
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(ANYTHING)
def test_the_words_of_any_text_are_lower_case_and_read_the_same_again(text: str) -> None:
    found = tokens(text)
    assert found == [word.lower() for word in found]
    assert tokens(" ".join(found)) == found


@given(ANYTHING)
def test_a_stem_is_never_empty_or_longer_than_its_word(text: str) -> None:
    for word in tokens(text):
        assert 0 < len(stem(word)) <= len(word) + 2  # «lærarar» becomes «lærer» on its way


@given(NORWEGIAN)
def test_capitals_make_no_difference(text: str) -> None:
    assert tokens(text.upper()) == tokens(text.lower()) == tokens(text)


@given(NORWEGIAN)
def test_an_å_of_one_sign_or_two_makes_no_difference(text: str) -> None:
    composed, apart = (unicodedata.normalize(form, text) for form in ("NFC", "NFD"))
    assert tokens(composed) == tokens(apart)
    assert fold(composed) == fold(apart)


@given(st.text("abdefgiklmnoprstuvyæøå-", min_size=1, max_size=40))
def test_any_word_has_terms_that_weigh_at_most_as_much_as_the_word_itself(text: str) -> None:
    words = Words(WordLists())
    words.learn(["Elevmedvirkning i skolen gir elever og lærere medvirkning."])
    for word in tokens(text):
        terms = words.terms(word)
        assert terms[words.stem(word)] == 1.0
        assert all(0.0 < weight <= 1.0 for weight in terms.values())


def test_every_word_of_the_documents_finds_itself(library: Library) -> None:
    words = library.words
    for document in library.documents:
        for section in document.sections:
            for word in tokens(" ".join(unit.text for unit in section.units)):
                assert words.stem(word) in words.known


@pytest.mark.parametrize(
    "forms",
    [
        "lærer lærere læreren lærerne lærernes",
        "elev elever eleven elevene elevenes",
        "skole skoler skolen skolene",
        "barnehage barnehager barnehagen barnehagene barnehagens",
        "barn barnet barna barnas",
        "tiltak tiltaket tiltakene",
        "ferdighet ferdigheter ferdigheten ferdighetene",
        "ambisjon ambisjoner ambisjonen ambisjonene",
        "vurdere vurderer vurdering vurderingen vurderinger",
        "medvirke medvirker medvirkning medvirkningen",
        "verdi verdier verdien verdiene",
        "foreldre foreldrene foreldres",
        "voksen voksne voksnes",
        "møte møter møtet møtene",
        "trygg trygge trygt",
        "overgang overganger overgangen overgangene",
        "modul moduler modulen modulene",
        "veileder veiledere veilederen veilederne",
        "leder ledere lederen lederne",
        "plan planer planen planene",
        "hjørneflagg hjørneflagget hjørneflaggene",
    ],
)
def test_the_inflected_forms_of_a_word_meet(words: Words, forms: str) -> None:
    assert len({words.stem(form) for form in forms.split()}) == 1


@pytest.mark.parametrize(
    ("nynorsk", "bokmål"),
    [
        ("skulen", "skolen"),
        ("skuleeigar", "skoleeier"),
        ("skuleleiarar", "skoleledere"),
        ("leiar", "leder"),
        ("leiarar", "ledere"),
        ("leiarane", "lederne"),
        ("lærarane", "lærerne"),
        ("elevane", "elevene"),
        ("barnehagane", "barnehagene"),
        ("tilsette", "ansatte"),
        ("vaksne", "voksne"),
        ("heim", "hjem"),
        ("kvardag", "hverdag"),
        ("medverknad", "medvirkning"),
        ("elevmedverknad", "elevmedvirkning"),
        ("leiken", "leken"),
        ("rettleiing", "veiledning"),
        ("rettleiar", "veileder"),
        ("nyutdanna", "nyutdannede"),
        ("fråvær", "fravær"),
        ("kjenneteikn", "kjennetegn"),
        ("tryggleik", "trygghet"),
        ("inkluderande", "inkluderende"),
        ("dugleikar", "ferdigheter"),
        ("meistring", "mestring"),
        ("livsmeistring", "livsmestring"),
        ("overgangar", "overganger"),
        ("oppfølgjing", "oppfølging"),
        ("opplæringslova", "opplæringsloven"),
        ("tverrfagleg", "tverrfaglig"),
        ("tiltaka", "tiltakene"),
        ("forventningar", "forventninger"),
        ("røynsle", "erfaring"),
    ],
)
def test_nynorsk_and_bokmål_meet(words: Words, nynorsk: str, bokmål: str) -> None:
    assert words.stem(nynorsk) == words.stem(bokmål)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("barnehage", "skole"),
        ("elev", "lærer"),
        ("ferdig", "ferdighet"),
        ("tid", "tidlig"),
        ("mål", "måltid"),
        ("lek", "lekse"),
    ],
)
def test_different_words_stay_apart(words: Words, one: str, other: str) -> None:
    assert words.stem(one) != words.stem(other)


@pytest.mark.parametrize(
    ("compound", "parts"),
    [
        ("elevfravær", ("elev", "fravær")),
        ("skolefravær", ("skole", "fravær")),
        ("foreldresamarbeidsplan", ("foreldresamarbeid", "plan")),
        ("læringsmiljøteam", ("læringsmiljø", "team")),
        ("voksenansvar", ("voksen", "ansvar")),
        ("kompetanseplan", ("kompetanse", "plan")),
        ("barnehage-samarbeid", ("barnehage", "samarbeid")),
    ],
)
def test_a_compound_that_nobody_wrote_is_read_by_its_parts(
    words: Words, compound: str, parts: tuple[str, ...]
) -> None:
    found = words.terms(compound)
    assert {words.stem(part) for part in parts} <= found.keys()


def test_a_compound_is_only_split_into_words_that_the_documents_know() -> None:
    words = Words(WordLists())
    words.learn(["fravær blant elever"])
    assert words.parts(words.stem("elevfravær")) == ("elev", "fravær")
    assert words.parts(words.stem("bilfravær")) == ()
    assert words.parts(words.stem("elevbil")) == ()


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("samarbedslæring", "samarbeidslæring"),
        ("hjørneflaggne", "hjørneflaggene"),
        ("livsmestrnig", "livsmestring"),
        ("prvua", "pruva"),
        ("karriereveiledening", "karriereveiledning"),
        ("dømekraft", "dømmekraft"),
        ("overgnag", "overgang"),
        ("medvirking", "medvirkning"),
        ("fravør", "fravær"),
        ("grunmur", "grunnmur"),
        ("forventingsblomsten", "forventningsblomsten"),
        ("kompetansepaken", "kompetansepakken"),
        ("lekeglde", "lekeglede"),
        ("rekrutering", "rekruttering"),
        ("barnhage", "barnehage"),
    ],
)
def test_a_misspelled_word_finds_the_word_that_was_meant(
    words: Words, written: str, meant: str
) -> None:
    assert words.stem(meant) in words.terms(written)


@pytest.mark.parametrize("word", ["giraffhals", "pannekake", "bitcoin", "xyzzy"])
def test_a_word_that_is_far_from_all_others_is_not_taken_for_one(words: Words, word: str) -> None:
    assert words.spellings(word) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("møtet 12.11.2020.", ["møtet", "12.11.2020"]),
        ("kl. 12:30", ["kl", "12:30"]),
        ("3,5 timer", ["3,5", "timer"]),
        ("0.6–0.12", ["0.6", "0.12"]),
        ("skoleåret 2020–21", ["skoleåret", "2020", "21"]),
        ("§ 17-12", ["17", "12"]),
        ("leke- og læringsmiljø", ["leke", "og", "læringsmiljø"]),
        ("voksen-barn-relasjon", ["voksen-barn-relasjon"]),
    ],
)
def test_numbers_and_hyphens_stay(text: str, expected: list[str]) -> None:
    assert tokens(text) == expected


def test_a_number_means_only_itself(words: Words) -> None:
    for number in ("0.12", "12.11.2020", "2020", "2"):
        assert words.terms(number) == {number: 1.0}
