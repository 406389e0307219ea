"""What is stopped before anything is kept, and what is let through."""

import tomllib
from pathlib import Path

import pytest

from dialogs import guard

QUESTIONS = Path(__file__).parents[2] / "knowledge" / "questions"

WORRIES = """
en elev i klassen min blir slått hjemme
ho kuttar seg
jeg orker ikke leve lenger
barnet kommer uten mat hver dag
eg er bekymra for ein gut på 4. trinn
sjefen trakasserer meg
En gutt i 3. klasse forteller at pappa slår ham
ei jente i klassa mi har blåmerke på armane
Jeg tror en av elevene mine blir mishandlet
Eg trur ho blir slått heime
hva gjør jeg når en elev forteller om vold hjemme?
Hva gjør jeg, en elev sier at faren slår
Kva skal eg gjere når ein elev fortel at mora slår?
en elev er redd for å gå hjem
han tør ikke gå hjem etter skolen
faren slår barna sine
Stefaren min slår meg
læreren slår elevene
en assistent i barnehagen lugget et barn
assistenten klyper barna
En elev har med kniv på skolen
en elev truer med å drepe læreren
jeg ble slått av en elev i dag
eg vart sparka av ein elev
elevene slår hverandre i friminuttene
det er vold hjemme hos en av guttene
en elev blir mobbet
ein elev blir mobba kvar dag
sønnen min blir mobbet på skolen
dottera mi vert mobba
blir mobbet hver dag
jeg blir mobbet av kollegaene mine
eg blir mobba på jobb
Hva kan jeg gjøre når rektor mobber meg?
noen i klassen min mobber ei jente
en gutt i 6. klasse har ingen venner og er alltid alene i friminuttet
ei jente på 5. trinn blir utestengt av dei andre
Amina blir plaget av noen gutter
elevene kaller henne stygge ting på snap
de sprer rykter om henne
noen har delt nakenbilder av en elev
en elev har fått nakenbilde sendt rundt
hun ble voldtatt på fest
ein elev har blitt utsett for overgrep
Jeg har mistanke om at et barn blir misbrukt
Onkelen tar på henne
en kollega tafset på meg
tok meg på rumpa
det er en elev som skader seg selv
en elev kutter seg
hva gjør jeg hvis en elev kutter seg
ei jente har kutt på armane
hun har sluttet å spise
ho et ikkje og spyr etter måltida
eleven min har selvmordstanker
eg har sjølvmordstankar
jeg vil dø
eg vil ikkje leve meir
vil ikke leve lenger
en elev sier at han vil dø
en elev har skrevet at hun vil ta livet sitt
han snakker om selvmord
jeg orker ikke mer
eg orkar ikkje meir
alle hadde hatt det bedre uten meg
ingen vits i å leve
ein elev truar med å ta livet av seg
barnet kommer alltid skittent og sultent, sulten hver dag
en elev har ikke med matpakke
guten har aldri med seg mat
eleven får ikke mat hjemme
foreldrene drikker
mora til ein elev er rusa når ho hentar
faren var full da han hentet
faren lukter alkohol ved henting
barnet blir ikke hentet i barnehagen
ein elev er aleine heime heile helga
jenta har de samme klærne hver dag, skitne klær
jeg mistenker omsorgssvikt hos en elev
et barn i gruppa mi opplever omsorgssvikt
Jeg tror han har det vondt hjemme
ho har det ikkje bra heime
jeg er bekymret for en elev
Eg er uroleg for eit barn i barnehagen
vi er bekymra for ei jente på sfo
bekymret for et av barna i gruppa mi
jeg er bekymret for han
er urolig for eleven min
kollegaen min drikker på jobb
en kollega lukter alkohol
en elev røyker hasj
nokre elevar sel hasj på skulen, ein elev i klassa mi brukar narkotika
en elev ruser seg
ein gut i 10. klasse er rusa på skulen
Elev i 7b ble slått ned i friminuttet
en elev skal tvangsgiftes
en elev blir sendt til utlandet mot sin vilje
han vil ikke hjem
en elev gråter hver dag
jeg har en elev som blir mobba
har ein elev som blir slått
Hei! Jeg lurer på noe. En elev i klassen min sier at mamma slår.
læreren kjefter på barna, en lærer krenker elever
Kontaktlæreren til sønnen min krenker ham
Mohammed i klassen blir erta
en elev bir mobet
ein elev vert trakassert
en jente blir trakasert på nett
jeg ble utsatt for trakassering av lederen min
hvem melder jeg fra til om bekymring for et barn?
korleis melder eg ei bekymring for ein elev
eleven har brannmerker
jeg er redd for mannen min
Jeg har oppdaget at en elev har blåmerker
pappaen til en i klassen slår
Hei. Det er en gutt hos oss som alltid har vondt i magen og ikke vil hjem
datteren min gruer seg til skolen fordi hun blir ertet
barnet mitt blir mobbet i barnehagen, hvem kontakter jeg?
Barnet mitt har det ikke bra på skolen
en lærer roper til elevene og dytter dem
jeg blir trakassert på jobb
jeg er utsatt for seksuell trakassering
lederen min har tatt på meg
eg klarer ikkje meir
jeg tenker på å ta livet mitt
jeg vil ikke være her lenger
alt er håpløst og jeg vil bare dø
elev truer med selvmord
elev kutter seg på do
Ei i klassa mi skader seg sjølv
en av jentene mine spiser ikke
et barn sier at hun er redd for faren sin
en elev fortalte at stefaren låser ham inne
Vi mistenker at ei jente blir slått
mistanke om vold mot et barn på avdelingen min
ho fortel at bestefar tek på henne
en treåring med brannsår
foreldrene slår ham
mor er full når hun henter
mamma drikker hver dag
en elev har vært borte i to uker og ingen vet hvor han er
eleven vår er hjemløs
et barn har ikke vinterklær
fire gutter banker opp en elev etter skolen
en gjeng truer en elev på 9. trinn
en elev filmer andre i dusjen
jenta i 8. klasse sender nakenbilder
en voksen mann sender meldinger til en elev
en elev er gravid 13 år
en elev sniffer lim
noen i kollegiet fryser meg ut
Jeg blir fryst ut av kollegene
jeg blir hengt ut av foreldre på facebook
en forelder truet meg
en elev spyttet på meg
rektor kjefter på meg foran alle
en elev vil ikke leve
ein elev har skrive at han ikkje vil leva
Det er mobbing i klassen min
hun holdes utenfor
de holder henne utenfor
han blir frosset ut
jeg føler meg trakassert av sjefen
ein kollega trugar meg
han sa han vil drepe seg
jeg hører stemmer og vil skade noen
en elev kommer til å skyte skolen
eleven blir kalt hore
en gutt blir holdt utenfor
ingen vil leke med ham
jeg e bekymra for en onge i 1. klasse
broren til en elev slår henne
barnet blir alltid hentet for sent
mobbesak i klassen min, en jente gråter hver dag
min sønn mobbes
Elevene mobber en gutt med autisme
guten i 2b vert slegen heime
eg har ei jente i klassa som sjølvskadar
ho har arr på armane
overgrep mot eleven min
mobbing av en elev på trinnet mitt
voldelig far til en elev
hva gjør jeg når et barn forteller at det blir slått?
Jeg tror en kollega ruser seg
naboen slår ungene sine
ekteskap mot sin vilje for en elev
en elev blir tvangsgiftet
Kva gjer eg om eg mistenkjer overgrep mot eit barn
jeg er bekymret for elevene mine
jeg vil melde en bekymring om et barn
en elev er savnet
kan du hjelpe meg, jeg blir slått av mannen min
lærer tafser på elever
""".strip().splitlines()

HARMLESS = """
hva sier planen om mobbing
hvordan forebygger vi utenforskap
hva er aktivitetsplikten
hva gjør vi når et barn utsettes for krenkelser
digital mobbing på nett
vold i nære relasjoner i planen?
omsorgssvikt handlingsplan
konflikter og motstand
slå sammen klasser
jeg er bekymret for at vi ikke rekker kompetansepakken
Hva er PRUVA?
Kva er hjørneflagga?
Hvilke tiltak har ambisjon 2 for skolene?
kva seier planen om mobbing
Korleis førebyggjer skulen mobbing?
hvordan avdekker vi omsorgssvikt
hvordan avdekke vold og overgrep
vold og overgrep
vald og overgrep
mobbing barnehage
mobbing
krenkelser
selvskading
rus
rusforebyggende arbeid
tiltak mot mobbing
tiltak mot rasisme og diskriminering
handlingsplan mot mobbing i barnehagen
Har kommunen nulltoleranse mot mobbing?
Hvor mange elever blir mobbet i Drammen?
kor mange elevar blir mobba
hvor mange barn opplever vold
blir elever mobbet
hva gjør skolen når elever blir mobbet
når barn blir mobbet
barn som utsettes for vold
elever som blir mobbet
ingen skal bli mobbet
alle elever har rett til et trygt skolemiljø uten mobbing
Elevene skal ikke utsettes for krenkelser.
Kva er skilnaden på mobbing og krenking?
hva er definisjonen på mobbing
hva er forskjellen på erting og mobbing
hvem har ansvaret for skolemiljøet
hva er plikten til å gripe inn
hvordan lager vi en aktivitetsplan
når skal vi varsle rektor
meldeplikt til barnevernet
hva er opplysningsplikten til barnevernet
samarbeid med barnevernet
Hvordan samarbeider skolen med barnevern og PPT?
psykisk helse og livsmestring
hva står det om psykisk helse
kva står det om livsmeistring
skolevegring
bekymringsfullt fravær
Hva gjør vi med bekymringsfullt skolefravær?
jeg er bekymret for økonomien
vi er bekymret for at planen ikke blir fulgt opp
eg er bekymra for at vi ikkje får tid
Jeg er redd vi ikke rekker modul 2
hvordan håndtere uro i klasserommet
hvordan møte motstand i personalet
hvordan ta opp konflikter mellom kolleger
når blir skolene slått sammen
Er det bestemt at klassene blir slått sammen?
det slår meg at planen er lang
slår planen fast at alle skal med
mobilen skal slås av
kan vi slå på lyden
mat og helse
elever uten norsk som morsmål
barn uten barnehageplass
uteskole uten busstransport
jeg får ikke åpnet lenken
jeg orker ikke flere møter
eg orkar ikkje meir av desse skjemaa
hva gjør jeg når elever ikke leverer
Hvem har ansvar for at barn blir inkludert?
hvordan styrke barns selvfølelse
leve i et demokrati
hva betyr livslang læring
hvorfor skal barn leke
Hva er en autoritativ voksen?
hva er rettighetene til en elev med enkeltvedtak
en elev trenger ekstra hjelp i matematikk
ei jente i klassa mi strevar med lesing
en elev i klassen min har dysleksi
jeg har en elev som ikke snakker norsk
Hvordan får vi med en elev som ikke vil delta i svømming?
en gutt på 4. trinn trenger tilpasset opplæring, hva sier planen
kva gjer vi med elevar som strevar
hvordan jobbe med vennskap
hva er et trygt og godt barnehagemiljø
hva gjør skolen for å hindre utestenging
hvordan følge opp elevundersøkelsen om mobbing
mobbetall
hva er beredskapsplanen ved vold
kurs om vold og overgrep
kompetanse om vald og overgrep
snakke med barn om vanskelige temaer
hvordan snakker vi med barn om overgrep
traumebevisst omsorg
seksualundervisning
pubertet og kropp på 7. trinn
hvordan jobber vi med nettvett
deling av bilder på nett regler
fotografering av elever
SFO i ferien
mat i barnehagen
når er neste møte
kven er leiar for skuleeigarteamet
Tusen takk for hjelpen!
hei
ok
hva gjør vi når barn slår hverandre
hvordan håndterer jeg at barn biter
hva sier planen om barn som slår
hva er tegn på omsorgssvikt
hvilke tegn på vold skal vi se etter
hvem melder til barnevernet
når skal man sende bekymringsmelding
hva er en bekymringsmelding
Hva er rutinen hvis en lærer krenker en elev?
hva er skjerpet aktivitetsplikt når en lærer krenker en elev
§ 12-4 om ansatte som krenker elever
hvordan jobbe forebyggende mot selvskading
rusforebygging på ungdomstrinnet
hva gjør skolen mot hasj
elever og alkohol
foredrag om narkotika på 10. trinn
undervisning om selvmord
hvordan snakke om døden med barn
vold i skolen statistikk
rasisme i skolen
hva gjør vi mot utestenging blant jenter
inkluderende klassemiljø
hvordan hindre at noen står alene i friminuttene
Hvordan jobbe med barn som har opplevd traumer?
barn som har opplevd krig
flyktningbarn
fattigdom
barn i lavinntektsfamilier
gratis skolemat
frokost på skolen
elever uten matpakke
må elevene ha med mat på tur
jeg er uenig i planen
jeg er redd for å gjøre feil
jeg føler meg dum
jeg er sliten av alle møtene
eg er lei av planar
er du full av tull
hvor står det om å slå ring om barna
knekke lesekoden
en elev som ikke knekker lesekoden
en elev er lei av matte
eleven min vil ikke lese
en elev i klassen min er flink i norsk
vi har et barn i barnehagen som ikke snakker
jeg har en gutt på 2. trinn som ikke sitter stille
hvordan inkluderer vi en elev i rullestol
hvordan hjelper jeg et barn som er sjenert
Hvordan kan jeg hjelpe en elev som strever sosialt?
et barn vil ikke dele leker
en elev kommer alltid for sent
en elev har mye fravær, hva gjør jeg
Elev med høyt fravær
en ansatt er sykmeldt
mamma spør om leksehjelp
jeg må hjem, barnet mitt er sykt
kan jeg ta med barnet mitt på jobb
min sønn skal begynne på skolen
foreldrene vil ha møte
en far er misfornøyd med skolen
sjefen min sier vi må ta modul 3
rektor krever at jeg leser planen
hvem kan varsle
varsling av kritikkverdige forhold
varslingsrutiner
hvor melder jeg avvik
har skolen et mobbeombud
hva gjør mobbeombudet
kva er eit mobbeombod
hva er et beredskapsteam mot mobbing
hva koster skolemat
bygge relasjoner til krevende elever
hvordan takle utagerende elever
utagerende atferd
hvordan skal en voksen møte et barn som er sint
hva gjør den voksne når to barn krangler
hva betyr inkludering
den digitale skolen
ta i bruk livsmestring
livet etter skolen
mobbeplakaten
hva er olweus
psykososialt miljø
elevene snakker polsk hjemme
jeg tror elevene leser for lite hjemme
planen blir ikke fulgt
plakaten er hengt opp
barnehagen er full hele året
nettbrettet henger seg opp når elevene skriver
skolen er truet av nedleggelse
elevene får ris til middag
vi kan ikke leve med dette kravet
fokuset er mobbing
barna sover ute i barnehagen
vi har dratt på tur
jeg er sulten
jeg er låst ute av Teams
hvordan gjøre slutt på mobbing
foreldrene er syke
hva er forventet av en elev på 3. trinn
hvordan kan vi hjelpe barn som har det vanskelig
hvem støtter et barn som har det vanskelig
hva gjør vi hvis en elev ikke har det trygt og godt
et barn har det ikke bra i barnehagen hva sier loven
voksne som krenker
ansatte som krenker barn, hva da
deling av nakenbilder
hvordan snakke om nakenbilder med elever
tvangsekteskap tema i undervisningen
skal vi lære dem å slå fra seg
""".strip().splitlines()

PERSONAL = [
    ("01010112345", "fødselsnummer"),
    ("eleven er født 010101 12345", "fødselsnummer"),
    ("fnr 15.06.12 54321", "fødselsnummer"),
    ("D-nummer 41010112345", "fødselsnummer"),
    ("12 03 11 234 56", "fødselsnummer"),
    ("ring meg på 91234567", "telefonnummer"),
    ("tlf 912 34 567", "telefonnummer"),
    ("mobil 91 23 45 67", "telefonnummer"),
    ("+47 912 34 567", "telefonnummer"),
    ("0047 91234567", "telefonnummer"),
    ("ring 3223 4567", "telefonnummer"),
    ("nummeret er 32 04 00 00, kan du ringe", None),
    ("Ola i 7B", "elev"),
    ("eleven Kari Nordmann på 3. trinn", "elev"),
    ("ola i 7b er sint", "elev"),
    ("Kan Amina på 4. trinn få leksehjelp?", "elev"),
    ("Mohammed (5c) trenger tilrettelegging", "elev"),
    ("Ola Hansen, 7A", "elev"),
    ("jeg har en elev som heter Jonas", "elev"),
    ("ein elev som heiter Ingrid", "elev"),
    ("eleven min Emil strever med lesing", "elev"),
    ("Fatima som går i 2. klasse", "elev"),
    ("i 6A er det en elev som heter Xanthippe", "elev"),
    ("Aila Petrosjan på 3. trinn trenger hjelp", "elev"),
    ("Per i 7. klasse", "elev"),
    ("hva gjør vi med Noah i femte klasse", "elev"),
]

NOT_PERSONAL = """
Per
Drammen
Haugesund 2018
Marte Blikstad-Balas
Hva sier Marte Blikstad-Balas om lesing på 3. trinn?
kvalitetsplanen 2024-2028
kvalitetsplanen 2024 2028
skoleåret 2023/2024
møtet 12.11.2020
20241112
31122024
budsjett 45000000
kr 45 000 000
25000000 kroner
250 000 000
LK20 på 5. trinn
norsk på 3. trinn
Matematikk på 7. trinn
Hva er målet for Norsk på 3. trinn?
Elevene på 4. trinn
Lærerne i 7B
Rektor på Fjell skole, 7. trinn
Fjell på 3. trinn
hvor mange timer per 3. trinn
elever på 1. trinn
Barn i 1. klasse
Alle på 8. trinn
modul 0.6 til 0.12
opplæringslova § 17-12
ring 116 111
116 123
112
organisasjonsnummer 939 214 895
Hva er elevmedvirkning?
eleven skal medvirke
elev og foresatte
Kan eleven Drammen
hvordan jobber Bragernes på 5. trinn
Kunst og håndverk i 6. klasse
Zippys venner på 1. trinn
Vurdering på 10. trinn
hva skjer i uke 38 39 40
1234567890
side 12, 13, 14 og 15
""".strip().splitlines()


@pytest.mark.parametrize("text", WORRIES)
def test_text_that_tells_of_harm_is_a_worry(text: str) -> None:
    """Who tells of harm to somebody gets the contacts, and nothing is kept."""
    found = guard.find(text)
    assert found is not None
    assert found.kind == "worry"


@pytest.mark.parametrize("text", HARMLESS)
def test_a_question_about_the_topic_is_answered(text: str) -> None:
    """Who asks what the plan says about mobbing is answered, not stopped."""
    assert guard.find(text) is None


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("en elev blir slått hjemme", "vold"),
        ("en elev blir mobbet", "mobbing"),
        ("ho kuttar seg", "selvskading"),
        ("jeg vil ikke leve lenger", "akutt"),
        ("hun ble voldtatt", "overgrep"),
        ("et barn kommer uten matpakke hver dag", "omsorgssvikt"),
        ("en elev røyker hasj", "rus"),
        ("jeg er bekymret for en elev", "bekymring"),
    ],
)
def test_the_finding_says_what_it_is_about(text: str, what: str) -> None:
    """The finding names the harm, never the text."""
    assert guard.find(text) == guard.Finding("worry", what)


def test_a_worry_comes_before_personal_data() -> None:
    """A child in need gets the contacts even when the text holds a name."""
    found = guard.find("Ola i 7B blir slått hjemme, ring meg på 91234567")
    assert found == guard.Finding("worry", "vold")


@pytest.mark.parametrize(("text", "what"), [(t, w) for t, w in PERSONAL if w])
def test_personal_data_is_found(text: str, what: str) -> None:
    """A fødselsnummer, a phone number and a pupil with a name are not kept."""
    assert guard.find(text) == guard.Finding("personal", what)


@pytest.mark.parametrize("text", NOT_PERSONAL)
def test_years_money_places_and_authors_are_not_personal(text: str) -> None:
    """Numbers and names that point at no pupil go through."""
    assert guard.find(text) is None


def test_hardly_a_question_of_our_own_is_stopped() -> None:
    """Of the curated questions at most two in a thousand are taken for a child's story."""
    asked = [
        question
        for path in sorted(QUESTIONS.glob("*.toml"))
        for answer in tomllib.loads(path.read_text(encoding="utf-8")).get("answer", [])
        for question in answer["ask"]
    ]
    stopped = [question for question in asked if guard.find(question) is not None]
    assert len(stopped) <= len(asked) * 0.002, stopped


@pytest.mark.parametrize(
    "text",
    ["", " ", "\x00", "🙂" * 500, "a" * 30_000, "1 " * 15_000, "elev " * 6_000, "(" * 30_000],
)
def test_odd_and_long_texts_pass(text: str) -> None:
    """Whatever is pasted, the guard comes back with an answer."""
    assert guard.find(text) is None


def test_a_worry_at_the_end_of_a_long_text_is_found() -> None:
    """A long story is read to its end."""
    assert guard.find("Vi har hatt en fin dag på tur. " * 900 + "En elev blir slått hjemme.")
