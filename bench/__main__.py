"""All figures, with the goals beside them: `make bench`, or `python -m bench quality ranking`.

How they are measured:
quality    bench/quality.py: right answers on our own and the shared questions, through `app.py ask`
ablation   bench/ablation.py: the same with one part of the ranking taken away at a time
documents  bench/own_documents.py: somebody's own documents, beside tantivy on the same passages
ranking    bench/ranking.py: milliseconds a question, on our corpus and on 100,000 passages
serving    bench/serving.py: start to first answer, and memory
sending    bench/sending.py: answers while 1,000 reminders are sent, and how late those are
turns      bench/http_turns.py: whole turns over HTTP, beside the SDK's echo bot and bare aiohttp
steps      bench/steps.py: a step of a guide beside an answered question
pages      bench/pages.py: closing a round, every page and the files, of up to a million answers

Times depend on the machine and on what else it does: run nothing beside it. All that is drawn at
random has a fixed seed. docs/quality.md holds the figures of a run, and what was learned from it.
"""

import argparse
import logging
import os
import sys
from collections.abc import Callable

from bench import ablation, own_documents, pages, quality, ranking, sending, serving, steps

PARTS: dict[str, tuple[str, Callable[[], str]]] = {
    "quality": ("Right answers", quality.report),
    "documents": ("Somebody's own documents, beside tantivy", own_documents.report),
    "ablation": ("What each part of the ranking gives", ablation.report),
    "serving": ("Start and memory", serving.report),
    "turns": ("Whole turns over HTTP", serving.report_turns),
    "steps": ("A step of a guide beside a question", steps.report),
    "sending": ("The chat while reminders are sent", sending.report),
    "pages": ("The page in the browser, of up to a million answers", pages.report),
    "ranking": ("Milliseconds a question", ranking.report),
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"{', '.join(PARTS)} (all)")
    wanted = parser.parse_args().parts or list(PARTS)
    if unknown := [name for name in wanted if name not in PARTS]:
        parser.error(f"no such part: {', '.join(unknown)}")
    # What ships is measured, not what somebody has added on this machine.
    os.environ.pop("KNOWLEDGE_DIR", None)
    logging.disable(logging.INFO)
    for name in wanted:
        title, report = PARTS[name]
        sys.stdout.write(f"\n== {title} ==\n\n{report()}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
