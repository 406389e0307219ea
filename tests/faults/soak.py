"""Mixed use of several copies for a while, one of them killed now and then. Prints the figures.

    python -m tests.faults.soak [--copies 3] [--conversations 200] [--minutes 10]

Copies are killed by SIGKILL once a minute, in turn, but for the last, whose memory is followed. The
exit code is 1 when a promise is broken or a goal missed.
"""

import argparse
import asyncio
import random
import re
import statistics
import string
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import aiohttp

from tests.faults.round_robin import CutOff
from tests.faults.teams import Chat, Json, addresses, all_buttons, buttons, choices, inputs, words
from tests.faults.three_copies import ROUND, World, person, world
from tests.storage.postgresql import USER, running_postgresql

SEED = 20261122
LATENCY = 0.1
PAUSE = 8.0  # seconds between what one person does, on average
SLOWEST_TURN = 0.3  # the p95 that is promised
MOST_GROWTH = 0.05
SETTLED_IN = 0.2  # of the time: caches are filled before memory is first looked at
AT_THE_KILL = 0.5  # a copy may still take a connection while it is being killed
QUESTIONS = (
    "Hva er PRUVA?",
    "Hva er samarbeidslæring?",
    "hvor lang tid tar modul 2?",
    "Hva sier planen om overgangen fra barnehage til skole?",
    "Hvilke tiltak har ambisjon 2 for skolene?",
    "Hvem har ansvar for analysemøtet?",
)
WENT_WRONG = "Noe gikk galt hos meg"
SAVED = "Lagret: "
ROUND_SENT = "Sendt."


@dataclass(slots=True)
class Told:
    """What people were told is kept, each text its own; and what they tried to have kept."""

    answers: set[tuple[str, str, str]] = field(default_factory=set)  # draft, step, text
    feedback: set[str] = field(default_factory=set)
    rounds: set[str] = field(default_factory=set)
    wrong: int = 0
    pages: Counter[int] = field(default_factory=Counter)


@dataclass(slots=True)
class Report:
    """The figures; a sentence for each promise that was broken, and for each goal not reached.

    A promise holds on any machine; a goal is for one that nobody else uses.
    """

    lines: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)

    def tell(self, what: str) -> None:
        self.lines.append(f"      {what}")

    def promise(self, kept: bool, what: str) -> None:
        self.lines.append(("      " if kept else "BRUTT ") + what)
        if not kept:
            self.broken.append(what)

    def goal(self, reached: bool, what: str) -> None:
        self.lines.append(("      " if reached else "BOM   ") + what)
        if not reached:
            self.missed.append(what)


class Person:
    """Somebody who uses the bot: asks, writes, answers, looks at the page."""

    def __init__(self, world: World, number: int, told: Told, texts: "Texts") -> None:
        self._world, self._told, self._texts = world, told, texts
        self._chance = random.Random(SEED + number)
        self._chat = world.teams.chat(person(number))
        self._card: Json | None = None
        self._cookies: dict[str, str] = {}

    async def live(self, until: float, pause: float, page: aiohttp.ClientSession) -> None:
        acts: list[tuple[int, Callable[[], Awaitable[None]]]] = [
            (8, self._ask),
            (8, self._step),
            (1, self._answer_round),
            (2, self._give_feedback),
            (1, self._look_around),
            (2, lambda: self._look_at_page(page)),
        ]
        weights = [weight for weight, _ in acts]
        await asyncio.sleep(self._chance.uniform(0, pause))
        while time.monotonic() < until:
            [(_, act)] = self._chance.choices(acts, weights)
            await act()
            await asyncio.sleep(self._chance.uniform(0.5, 1.5) * pause)

    def _note(self, posts: list[Json]) -> list[Json]:
        self._told.wrong += WENT_WRONG in words(posts)
        return posts

    async def _ask(self) -> None:
        self._note(await self._chat.say(self._chance.choice(QUESTIONS)))

    async def _step(self) -> None:
        """«Neste» on the card that was shown last, with a text of its own."""
        carried = buttons(self._card).get("answer") if self._card else None
        if self._card is None or carried is None:
            self._keep_card(self._note(await self._chat.say("skrive kjennetegn")))
            return
        card, self._card = self._card, None
        text, filled = self._texts.new(), dict[str, str]()
        options = choices(card)
        for id in inputs(card):
            filled[id] = options[id][0] if id in options else text
        posts = self._note(await self._chat.press(carried, **filled))
        if SAVED in words(posts) and text in filled.values():
            self._told.answers.add((carried["draft"], carried["step"], text))
        self._keep_card(posts)
        if self._card is None and posts:  # the last step: once more from the first
            first = {"verb": "open", "draft": carried["draft"], "step": "viktigst"}
            self._keep_card(self._note(await self._chat.press(first)))

    def _keep_card(self, posts: list[Json]) -> None:
        self._card = next((post for post in posts if "answer" in buttons(post)), None)

    async def _answer_round(self) -> None:
        value = {"verb": "round_answer", "round": ROUND}
        filled = {"trivsel__value": "5", "tid__value": "ja", "stotte__value": self._texts.new()}
        if ROUND_SENT in words(self._note(await self._chat.press(value, **filled))):
            self._told.rounds.add(self._chat.person)

    async def _give_feedback(self) -> None:
        text = self._texts.new()
        about = str(self._chat.posts[-1]["id"]) if self._chat.posts else ""
        if await self._chat.react(about, "like", text) == 200:
            self._told.feedback.add(text)

    async def _look_around(self) -> None:
        self._note(await self._chat.say(self._chance.choice(["hjelp", "hvor er vi?", "møter"])))

    async def _look_at_page(self, page: aiohttp.ClientSession) -> None:
        if not self._cookies:
            self._cookies = await log_in(self._chat, page)
            return
        status, _, _ = await browse(page, "GET", f"{self._world.proxy.url}/side/", self._cookies)
        self._told.pages[status] += 1


class Texts:
    """Texts that are each other's unlike, of letters alone: numbers may be taken for somebody's."""

    def __init__(self) -> None:
        self._numbers = count(26**3)

    def new(self) -> str:
        number, letters = next(self._numbers), ""
        while number:
            number, letter = divmod(number, 26)
            letters += string.ascii_lowercase[letter]
        return f"Vi ser {letters} hos oss"


async def log_in(chat: Chat, page: aiohttp.ClientSession) -> dict[str, str]:
    """The way in: a link in the chat, the number that the browser shows, and in. {} if cut off."""
    posts = await chat.say("siden")
    links = [one for post in posts for one in addresses(post) if "/side/inn/" in one]
    if not links:
        return {}
    status, shown, cookies = await browse(page, "GET", links[0], {})
    number = re.search(r'class="tall">(\d\d)<', shown)
    key = re.search(r'name="nokkel" value="([0-9a-f]+)"', shown)
    if status != 200 or not number or not key:
        return {}
    pressed = [
        one for post in posts for one in all_buttons(post) if one.get("number") == int(number[1])
    ]
    await chat.press(pressed[0])
    status, _, inside = await browse(page, "POST", links[0], cookies, {"nokkel": key[1]})
    return {**cookies, **inside} if status == 303 else {}


async def browse(
    page: aiohttp.ClientSession,
    method: str,
    url: str,
    cookies: dict[str, str],
    fields: dict[str, str] | None = None,
) -> tuple[int, str, dict[str, str]]:
    """Status, text and new cookies; 0 when nobody answers."""
    headers = {"Origin": url[: url.index("/", 8)]} if method == "POST" else {}
    try:
        async with page.request(
            method, url, cookies=cookies, data=fields, headers=headers, allow_redirects=False
        ) as answer:
            text = await answer.text()
            return answer.status, text, {k: one.value for k, one in answer.cookies.items()}
    except (aiohttp.ClientError, TimeoutError, OSError):
        return 0, "", {}


async def soak(
    world: World, *, conversations: int, seconds: float, kills: int, pause: float = PAUSE
) -> Report:
    """Let people use the copies for so long, and see what came of it."""
    told, texts = Told(), Texts()
    began = time.monotonic()
    until = began + seconds
    survivor = world.copies[-1]
    memory: list[float] = []
    kills_done: list[tuple[str, float]] = []

    async def follow_memory() -> None:
        await asyncio.sleep(seconds * SETTLED_IN)
        memory.append(survivor.resident())
        await asyncio.sleep(until - time.monotonic())
        memory.append(survivor.resident())

    async def kill_now_and_then() -> None:
        others = world.copies[:-1]
        for number in range(kills):
            # The last is over, and the copy back, before the end.
            await asyncio.sleep(max(0.0, began + seconds * (number + 0.5) / kills - now()))
            copy = others[number % len(others)]
            kills_done.append((copy.url, now()))
            await copy.kill()
            await copy.start()

    now = time.monotonic
    jar = aiohttp.DummyCookieJar()
    async with aiohttp.ClientSession(
        cookie_jar=jar, connector=aiohttp.TCPConnector(limit=0)
    ) as page:
        people = [Person(world, number, told, texts) for number in range(1, conversations + 1)]
        await asyncio.gather(
            follow_memory(),
            kill_now_and_then(),
            *(one.live(until, pause, page) for one in people),
        )
        lag = await loop_lag(page, survivor.metrics_port)
    return _report(world, told, memory, kills_done, lag)


def _report(
    world: World, told: Told, memory: list[float], kills: list[tuple[str, float]], lag: float
) -> Report:
    report, teams = Report(), world.teams
    times = sorted(took for _, took in teams.times)
    cuts = statistics.quantiles(times, n=100)
    p50, p95, p99 = (1000 * cuts[at] for at in (49, 94, 98))
    pages = sum(told.pages.values())
    report.tell(f"{len(times)} turer, {pages} sidevisninger, {len(kills)} kopier drept")
    report.tell(f"p50 {p50:.0f} ms, p99 {p99:.0f} ms, tregeste {1000 * times[-1]:.0f} ms")
    report.goal(p95 <= 1000 * SLOWEST_TURN, f"p95 {p95:.0f} ms (mål {1000 * SLOWEST_TURN:.0f})")
    in_flight = [one for one in world.proxy.cut_off if _was_in_flight(one, kills)]
    faults = Counter({s: n for s, n in world.proxy.statuses.items() if s >= 500})
    by_status = (
        ", ".join(f"{n} svar {status}" for status, n in sorted(faults.items())) or "0 svar 5xx"
    )
    report.promise(
        faults.total() == len(in_flight),
        f"{by_status}; {len(in_flight)} var underveis i en kopi som ble drept",
    )
    report.promise(teams.lost == 0, f"{teams.lost} meldinger ubesvart også andre gang")
    report.promise(told.wrong == 0, f"{told.wrong} svar om at noe gikk galt")
    lost, doubled = _compare(world, told)
    kept = len(told.answers) + len(told.feedback) + len(told.rounds)
    report.promise(not lost, f"{len(lost)} av {kept} lagrede er tapt")
    report.promise(not doubled, f"{len(doubled)} er lagret to ganger")
    growth = memory[-1] / memory[0] - 1
    report.goal(
        growth < MOST_GROWTH, f"minne {memory[0]:.0f} → {memory[-1]:.0f} MB ({100 * growth:+.1f} %)"
    )
    report.tell(f"etterslep i hendelsesløkken: p99 ≤ {1000 * lag:.0f} ms")
    return report


def _was_in_flight(request: CutOff, kills: list[tuple[str, float]]) -> bool:
    return any(
        request.copy == copy and request.began - AT_THE_KILL <= at <= request.ended
        for copy, at in kills
    )


def _compare(world: World, told: Told) -> tuple[list[str], list[str]]:
    """What people were told is kept and isn't; and what is kept twice."""
    answers = Counter(
        (str(draft), str(key), value.get("text", "") if isinstance(value, dict) else str(value))
        for draft, key, value in world.rows("SELECT draft, key, value FROM answer")
    )
    feedback = Counter(str(text) for (text,) in world.rows("SELECT text FROM feedback"))
    answered = {str(who) for (who,) in world.rows("SELECT person FROM answered")}
    [(ballots,)] = world.rows("SELECT count(*) FROM ballot")
    lost = [text for *where, text in told.answers if (*where, text) not in answers]
    lost += [text for text in told.feedback if text not in feedback]
    lost += [who for who in told.rounds if who not in answered]
    doubled = [text for (*_, text), n in answers.items() if n > 1 and text.startswith("Vi ser")]
    doubled += [text for text, n in feedback.items() if n > 1]
    if ballots != 4 * len(answered):  # two questions, each by place and by role
        doubled.append(f"{ballots} svar fra {len(answered)} personer")
    return lost, doubled


async def loop_lag(session: aiohttp.ClientSession, metrics_port: int) -> float:
    """Seconds that 99 of 100 looks were at most late, by the histogram's edges."""
    async with session.get(f"http://127.0.0.1:{metrics_port}/metrics") as answer:
        text = await answer.text()
    found = re.findall(r'loop_lag_seconds_bucket\{le="([^"]+)"\} (\S+)', text)
    total = float(found[-1][1])
    return next(float(edge) for edge, seen in found if float(seen) >= 0.99 * total)


async def _run(arguments: argparse.Namespace) -> Report:
    with running_postgresql() as server, tempfile.TemporaryDirectory() as folder:
        async with world(
            f"postgresql://{USER}@/postgres?host={server}",
            Path(folder),
            copies=arguments.copies,
            people=arguments.conversations,
            latency=LATENCY,
        ) as running:
            return await soak(
                running,
                conversations=arguments.conversations,
                seconds=60 * arguments.minutes,
                kills=max(1, int(arguments.minutes)),
                pause=arguments.pause,
            )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--copies", type=int, default=3)
    parser.add_argument("--conversations", type=int, default=200)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--pause", type=float, default=PAUSE, help="sekunder mellom det en gjør")
    report = asyncio.run(_run(parser.parse_args()))
    sys.stdout.write("\n".join(report.lines) + "\n")
    return 1 if report.broken or report.missed else 0


if __name__ == "__main__":
    sys.exit(main())
