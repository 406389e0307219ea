"""/metrics: figures for Prometheus, on a port of their own. No person, unit or text in any of them.

docs/monitoring.md tells what each is for.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator

from aiohttp import web
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)

from bot.readiness import Question, Watched
from dialogs.messages import Reply, TextReply
from storage.watching import OutboxStand

log = logging.getLogger("kvalitetsbot.metrics")

disable_created_metrics()  # when each figure began to be counted: twice as many lines

NAME = "kvalitetsbot"
TURN_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 5, 10, 15)
LAG_SECONDS = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5)
LOOK_EVERY = 0.1


class Metrics:
    """The figures of this copy since it started."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self.turns = Counter(
            f"{NAME}_turns",
            "Turer, etter slag og utfall",
            ("kind", "outcome"),
            registry=registry,
        )
        self.turn_seconds = Histogram(
            f"{NAME}_turn_seconds",
            "Hvor lenge en tur varer, med sending av svaret",
            buckets=TURN_SECONDS,
            registry=registry,
        )
        self.answers = Counter(
            f"{NAME}_answers", "Spørsmål, etter hva svaret var", ("answer",), registry=registry
        )
        self.connector = Counter(
            f"{NAME}_connector_responses",
            "Svar fra Bot Connector på det boten sender, etter status; none er intet svar",
            ("status",),
            registry=registry,
        )
        self.sends = Counter(
            f"{NAME}_sends", "Meldinger fra utboksen, etter utfall", ("outcome",), registry=registry
        )
        self.refused = Counter(
            f"{NAME}_refused_requests",
            "Forespørsler til /api/messages som ble avvist, etter grunn",
            ("reason",),
            registry=registry,
        )
        self.lag = Histogram(
            f"{NAME}_loop_lag_seconds",
            "Hvor mye senere enn avtalt programmet slipper til det som venter",
            buckets=LAG_SECONDS,
            registry=registry,
        )
        self._database = Gauge(f"{NAME}_database_up", "1 når databasen svarer", registry=registry)
        self._rows = Gauge(
            f"{NAME}_outbox_rows", "Rader i utboksen, etter tilstand", ("state",), registry=registry
        )
        self._oldest = Gauge(
            f"{NAME}_outbox_oldest_due_seconds",
            "Hvor lenge meldingen som har ventet lengst over tiden, har ventet",
            registry=registry,
        )
        self._closed = Gauge(
            f"{NAME}_outbox_closed_seconds",
            "Hvor lenge Teams har bedt boten vente med å sende",
            registry=registry,
        )

    def note_answers(self, replies: list[Reply]) -> None:
        """Count what questions were answered with."""
        for reply in replies:
            if isinstance(reply, TextReply) and reply.answer:
                self.answers.labels(reply.answer).inc()

    def set_outbox(self, stand: OutboxStand | None) -> None:
        """None when the database doesn't tell: then there are no figures, rather than old ones."""
        self._database.set(stand is not None)
        self._rows.clear()
        for state, count in stand.rows.items() if stand else ():
            self._rows.labels(state).set(count)
        self._oldest.set(stand.oldest_due if stand else float("nan"))
        self._closed.set(stand.closed_for if stand else float("nan"))

    async def watch_lag(self) -> None:
        """Look ten times a second how late the event loop is, until cancelled."""
        while True:
            due = time.perf_counter() + LOOK_EVERY
            await asyncio.sleep(LOOK_EVERY)
            self.lag.observe(max(0.0, time.perf_counter() - due))


def metrics_app(metrics: Metrics, watched: Watched | None) -> web.Application:
    """An application with /metrics alone."""
    question = Question(watched.outbox_stand) if watched else None

    async def serve(request: web.Request) -> web.Response:
        if question is not None:
            try:
                metrics.set_outbox(await question.answer())
            except Exception as error:
                log.warning("action=outbox_not_counted error=%s", type(error).__name__)
                metrics.set_outbox(None)
        headers = {"Content-Type": CONTENT_TYPE_LATEST}
        return web.Response(body=generate_latest(metrics.registry), headers=headers)

    async def watching(app: web.Application) -> AsyncIterator[None]:
        task = asyncio.create_task(metrics.watch_lag())
        yield
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        if question is not None:
            question.close()

    app = web.Application()
    app.router.add_get("/metrics", serve)
    app.cleanup_ctx.append(watching)
    return app
