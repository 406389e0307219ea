"""The page as HTML: for everybody, by keyboard, small and dark, and never anything but text.

Set SIDE_SCREENSHOTS to a folder to keep a picture of each page, light and dark, wide and narrow.
"""

import dataclasses
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Browser, Request, expect
from playwright.sync_api import Page as Window

from bot.pages.html import Place, page_html
from bot.pages.side_pages import STYLES
from dialogs.messages import CardReply, Chart, Page, Picture, Table
from tests.bot.side import LINKS, sample
from tests.bot.side_window import AXE, PLACE, SAMPLES, chromium, keep_picture, window_of

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
RUN_AXE = """async (tags) => {
  const found = await axe.run(document, { runOnly: { type: "tag", values: tags } });
  return found.violations.map((one) => one.id + ": " + one.nodes.map((n) => n.html).join(" | "));
}"""
FOCUSABLE = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']"
# What has the focus: which element it is, and whether one can see that it has it.
FOCUSED = f"""() => {{
  const one = document.activeElement;
  if (one === document.body) return null;
  const look = getComputedStyle(one);
  const all = [...document.querySelectorAll("{FOCUSABLE}")];
  const seen = look.outlineStyle !== "none" || look.boxShadow !== "none" || one.id === "innhold";
  return [all.indexOf(one), seen || one.classList.contains("ds-skip-link")];
}}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", SAMPLES)
def test_axe_finds_no_fault_against_wcag_2_1_aa(browser: Browser, name: str, theme: Any) -> None:
    """Also with every part that can be opened open, and on a phone."""
    for width in (1100, 320):
        size = {"width": width, "height": 700}
        with window_of(browser, SAMPLES[name], viewport=size, color_scheme=theme) as window:
            window.evaluate("document.querySelectorAll('details').forEach((d) => d.open = true)")
            window.wait_for_load_state("networkidle")
            keep_picture(window, f"{name}-{theme}-{width}")
            window.evaluate(AXE.read_text("utf-8"))
            assert window.evaluate(RUN_AXE, WCAG) == []


@pytest.mark.parametrize("name", SAMPLES)
def test_a_page_is_as_wide_as_the_window_from_320_pixels_and_at_200_percent(
    browser: Browser, name: str
) -> None:
    for width, letters in ((320, 100), (640, 200), (1280, 200)):
        with window_of(browser, SAMPLES[name], viewport={"width": width, "height": 640}) as window:
            window.evaluate(f"document.documentElement.style.fontSize = '{letters}%'")
            assert window.evaluate("document.documentElement.scrollWidth") <= width


def test_light_and_dark_are_two_looks_and_print_is_always_on_white(browser: Browser) -> None:
    grounds = []
    looks: tuple[tuple[Any, Any], ...] = (
        ("light", "screen"),
        ("dark", "screen"),
        ("light", "print"),
    )
    for theme, media in looks:
        with window_of(browser, SAMPLES["alt"], color_scheme=theme) as window:
            window.emulate_media(media=media, color_scheme=theme)
            grounds.append(window.evaluate("getComputedStyle(document.body).backgroundColor"))
            printed = media == "print"
            assert window.get_by_role("button", name="Lagre").is_visible() != printed
            assert window.get_by_role("navigation", name="Meny").is_visible() != printed
    assert grounds[0] != grounds[1]
    assert grounds[2] == grounds[0]


def test_everything_can_be_reached_and_seen_by_keyboard_alone(browser: Browser) -> None:
    with window_of(browser, SAMPLES["alt"]) as window:
        window.evaluate("document.querySelectorAll('details').forEach((d) => d.open = true)")
        reached: dict[int, bool] = {}  # a date has several stops in one
        for _ in range(200):
            window.keyboard.press("Tab")
            focused = window.evaluate(FOCUSED)
            if focused is None:
                break
            reached[focused[0]] = reached.get(focused[0], False) or focused[1]
        # Of several to choose one from, the chosen one has the focus; arrows move it.
        alike = "[...document.querySelectorAll('input[type=radio]:not(:checked)')].length"
        every = window.evaluate(f'document.querySelectorAll("{FOCUSABLE}").length - {alike}')
        assert len(reached) == every
        assert all(reached.values()), "one must see where the focus is"
        assert list(reached) == sorted(reached), "in the order in which it is read"


def test_the_first_key_leads_past_the_menu(browser: Browser) -> None:
    with window_of(browser, SAMPLES["alt"]) as window:
        window.keyboard.press("Tab")
        assert window.locator(":focus").inner_text() == "Hopp til innholdet"
        window.keyboard.press("Enter")
        window.keyboard.press("Tab")
        assert window.locator(":focus").get_attribute("name") == "sok"


def test_what_is_wrong_is_said_with_the_field_it_is_about(browser: Browser) -> None:
    with window_of(browser, SAMPLES["alt"]) as window:
        for label, error in (
            ("Hva hørte dere?", "Feil: Skriv hva dere hørte."),
            ("Antall uker", "Feil: Tallet må være fra 1 til 60."),
            ("Frist", "Feil: Velg en dato."),
        ):
            field = window.get_by_label(label)
            assert field.get_attribute("aria-invalid") == "true"
            id = field.get_attribute("aria-describedby")
            assert window.locator(f"#{id}").inner_text() == error
        assert window.get_by_label("Frist").input_value() == "12. januarr"
        assert window.get_by_label("Tiltak").input_value() == "Felles tid\ni teamet"


def test_a_form_is_sent_with_the_keyboard_and_carries_what_was_filled_in(browser: Browser) -> None:
    sent = _sent_by(browser, "Lagre", fill=True)
    assert sent["nokkel"] == ["0" * 64]
    assert sent["fra"] == ["/side/prove?sok=tid"]
    assert sent["trykk"] == ['{"verb": "prove_save", "runde": "æ\'\\"<1>"}']
    assert sent["felt.hort"] == ["Vi hørte mye."]
    assert sent["felt.flere"] == ["", "l", "r", "t"]
    assert sent["felt.hvem"] == ["", "alle"]


def test_a_way_back_is_open_while_a_field_that_must_be_filled_in_is_empty(browser: Browser) -> None:
    sent = _sent_by(browser, "Tilbake", fill=False)
    assert sent["trykk-alene"] == ['{"verb": "prove_back"}']
    assert "trykk" not in sent


def _sent_by(browser: Browser, button: str, *, fill: bool) -> dict[str, list[str]]:
    sent: list[Request] = []
    with window_of(browser, SAMPLES["alt"]) as window:
        window.on("request", lambda request: sent.append(request))
        if fill:
            window.get_by_label("Hva hørte dere?").fill("Vi hørte mye.")
            window.get_by_label("Antall uker").fill("12")
            window.get_by_label("Alle").check()
            window.get_by_label("Rektor").check()
        window.get_by_role("button", name=button, exact=True).focus()
        with window.expect_navigation():
            window.keyboard.press("Enter")
        posts = [one for one in sent if one.method == "POST"]
        assert [one.url for one in posts] == ["https://bot.eksempel.no/side/trykk"]
        assert posts[0].headers["origin"] == "https://bot.eksempel.no"
        return parse_qs(posts[0].post_data, keep_blank_values=True)


def test_the_policy_lets_the_styles_and_the_pictures_in_and_nothing_is_refused(
    browser: Browser,
) -> None:
    for name in ("alt", "inn-venter"):
        with window_of(browser, SAMPLES[name]) as window:
            said = _complaints(window)
            window.reload(wait_until="networkidle")
            window.evaluate("document.querySelectorAll('img').forEach((i) => i.loading = 'eager')")
            window.wait_for_function("[...document.images].every((i) => i.naturalWidth > 0)")
            assert said == []


def test_a_chart_that_has_no_address_is_a_table_that_stands_open() -> None:
    html = SAMPLES["svar"]
    assert "<picture" not in html
    assert "<details" not in html
    assert "Bakken vises ikke" in html


def test_every_chart_has_its_numbers_in_a_table_beside(browser: Browser) -> None:
    with window_of(browser, SAMPLES["alt"]) as window:
        for figure in window.locator("figure.diagram").all():
            # By keyboard: the pictures above may still be loading, and move what is clicked.
            figure.locator("summary").press("Enter")
            expect(figure.get_by_role("table")).to_be_visible()
            assert figure.get_by_role("img").get_attribute("alt")


@pytest.mark.parametrize("language", ["nb", "nn"])
def test_a_page_is_in_its_language(language: Any) -> None:
    html = page_html(sample(language), PLACE, LINKS)
    assert f'<html lang="{language}"' in html
    assert ("må fyllast ut" in html) is (language == "nn")


def test_the_styles_of_designsystemet_are_those_of_the_package() -> None:
    package = AXE.parents[1] / "@digdir" / "designsystemet-css" / "dist"
    if not package.is_dir():
        pytest.skip("trenger npm-pakken @digdir/designsystemet-css (kjør make setup)")
    for ours, theirs in (
        ("designsystemet.css", package / "src" / "index.css"),
        ("tema.css", package / "theme" / "designsystemet.css"),
    ):
        assert (STYLES / ours).read_bytes() == theirs.read_bytes()


# Texts that want to be more than text

_RUN = ("alert(1)", "window.xss=1", "fetch('https://ondt.eksempel.no')", "eval('1')")
_SHAPES = (
    "<script>{}</script>",
    "<SCRIPT SRC=//ondt.eksempel.no onload={}></SCRIPT>",
    "</title><script>{}</script>",
    "</textarea><script>{}</script>",
    "</select><img src=x onerror={}>",
    '"><img src=x onerror={}>',
    "'><svg onload={}>",
    '" onfocus="{}" autofocus="',
    "' onmouseover='{}' x='",
    "` onclick=`{}`",
    "javascript:{}",
    "JaVaScRiPt:{}",
    " javascript:{}",
    "java\tscript:{}",
    "data:text/html,<script>{}</script>",
    "vbscript:{}",
    'https://a.eksempel.no/" onclick="{}',
    "https://a.eksempel.no/'><script>{}</script>",
    '/side/"><script>{}</script>',
    "/side/../..//ondt.eksempel.no/{}",
    "//ondt.eksempel.no/{}",
    "/\\ondt.eksempel.no/{}",
    "{{{{ {} }}}}",
    "{{% import os %}}{}",
    "{{{{ ''.__class__.__mro__ }}}}{}",
    "${{{}}}",
    "<!--><script>{}</script>-->",
    "]]><script>{}</script>",
    "<svg><script href=data:,{} />",
    "<math><mi xlink:href='javascript:{}'>",
    "<iframe srcdoc='<script>{}</script>'>",
    "<object data='javascript:{}'>",
    "<embed src='javascript:{}'>",
    "<form action='javascript:{}'><button>",
    "<input autofocus onfocus={}>",
    "<details open ontoggle={}>",
    "<video><source onerror={}>",
    "<body onload={}>",
    "<link rel=import href='data:text/html,{}'>",
    "<meta http-equiv=refresh content='0;url=javascript:{}'>",
    "<base href='//ondt.eksempel.no/{}'>",
    "<style>@import '//ondt.eksempel.no/{}';</style>",
    "<a href='javascript:{}'>her</a>",
    "&lt;script&gt;{}&lt;/script&gt;",
    "&#60;script&#62;{}&#60;/script&#62;",
    "\\u003cscript\\u003e{}\\u003c/script\\u003e",
    "+ADw-script+AD4-{}+ADw-/script+AD4-",
    "\ufeff<script>{}</script>",
    "<scr\x00ipt>{}</scr\x00ipt>",
    "<template><script>{}</script></template>",
    "<noscript><p title='</noscript><script>{}</script>'>",
)
PAYLOADS = [shape.format(run) for shape in _SHAPES for run in _RUN]

ALIVE = {"script", "iframe", "object", "embed", "base", "style", "svg", "math", "video", "template"}


class Found(HTMLParser):
    """What in a page could do something."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.alive: list[str] = []
        self.metas = 0
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.metas += tag in ("meta", "link")
        if tag in ALIVE or tag == "noscript":
            self.alive.append(tag)
        for name, value in attrs:
            if name.startswith("on") or name in ("style", "srcdoc", "autofocus"):
                self.alive.append(f"{tag} {name}")
            if name in ("href", "src", "action", "srcset", "formaction"):
                self._lead(tag, name, value or "")

    def _lead(self, tag: str, name: str, value: str) -> None:
        own = value.startswith(("/side", "/stil/", "/papir/", "#")) and "//" not in value
        elsewhere = tag == "a" and value.startswith("https://")
        if not (own or elsewhere):
            self.alive.append(f"{tag} {name}={value}")


def poisoned(value: Any, payload: str) -> Any:
    """The same with the payload in place of every text that comes from outside."""
    if isinstance(value, str):
        return payload
    if isinstance(value, tuple):
        return tuple(poisoned(one, payload) for one in value)
    if isinstance(value, dict):
        return {key: poisoned(one, payload) for key, one in value.items()}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        kept = {"language", "style", "weight", "format", "kind"}
        changed = {
            field.name: poisoned(getattr(value, field.name), payload)
            for field in dataclasses.fields(value)
            if field.name not in kept
        }
        return dataclasses.replace(value, **changed)
    return value


def poisoned_page(payload: str, whole: Page | None = None) -> str:
    page: Page = poisoned(whole or sample(), payload)
    place = Place(payload, payload, "/side/prove", {payload: payload}, (payload, "/side/"))
    return page_html(page, place, LINKS)


def test_there_are_two_hundred_ways_to_try() -> None:
    assert len(PAYLOADS) >= 200


@pytest.mark.parametrize("run", range(len(_RUN)))
def test_no_text_becomes_anything_but_text(run: int) -> None:
    """In every field of a page, of its cards, its blocks and its charts."""
    metas = Found(SAMPLES["alt"]).metas
    for payload in PAYLOADS[run :: len(_RUN)]:
        found = Found(poisoned_page(payload))
        assert found.alive == [], payload
        assert found.metas == metas, payload


def test_nothing_of_it_runs_in_a_browser_without_the_policy_either(browser: Browser) -> None:
    """The policy is the second lock; here the first is tried alone."""
    read, form = sample().cards
    blocks = tuple(one for one in read.blocks if not isinstance(one, Chart | Picture))
    small = Page(
        "Side", (CardReply("Les", blocks), CardReply("Fyll ut", form.blocks, form.buttons))
    )
    html = "".join(poisoned_page(payload, small) for payload in PAYLOADS)
    with window_of(browser, html, policy="style-src 'none'") as window:
        said = _complaints(window)
        assert _alive_in(window) == 0
        assert window.evaluate("window.xss") is None
        assert said == []


def _complaints(window: Window) -> list[str]:
    """What the console and dialogs of a window say from now on."""
    said: list[str] = []
    window.on("console", lambda message: said.append(message.text))
    window.on("dialog", lambda dialog: said.append(dialog.message))
    return said


def _alive_in(window: Window) -> int:
    return int(
        window.evaluate(
            """() => [...document.querySelectorAll("*")].filter((one) =>
              ["SCRIPT", "IFRAME", "OBJECT", "EMBED", "BASE", "STYLE"].includes(one.tagName)
              || [...one.attributes].some((a) => a.name.startsWith("on"))
              || /^\\s*(java|vb)script:/i.test(one.href?.toString() || one.action?.toString() || "")
            ).length"""
        )
    )


def test_a_chart_under_a_heading_that_says_the_same_has_its_title_for_readers_aloud_only() -> None:
    """The eyes have read it once; the name of the figure stays."""
    chart = Chart("shares", "Så mye har vi fått til", "Ingenting å vise.", ())
    under = Page("Runden", (CardReply("Så mye har vi fått til", (chart,)),))
    beside = Page("Runden", (CardReply("Om runden", (chart,)),))
    assert '<figcaption id="diagram-0" class="ds-sr-only">' in page_html(under, PLACE, LINKS)
    assert '<figcaption id="diagram-0">' in page_html(beside, PLACE, LINKS)


def test_a_number_stays_on_the_line_of_its_sign() -> None:
    table = Table(("Tema", "Avstand"), (("Dybdelæring", "+0,4 (± 0,2)"),))
    html = page_html(Page("Runden", (CardReply("Tall", (table,)),)), PLACE, LINKS)
    assert "+0,4 (±\u00a00,2)" in html
