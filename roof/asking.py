"""`ask`: a question in the terminal, by the same path as the chat."""

import argparse
import io
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from dialogs.contacts import Contacts
from dialogs.questions import Answered, respond
from dialogs.wording import Wording
from knowledge.library import Library, load_documents
from knowledge.quotes import surroundings
from knowledge.search import best_of_each_section
from roof.parts import Stop, contacts_from, knowledge_dir, library_from

LONGEST_PASSAGE = 1_200
MOST_PASSAGES = 10


def add_commands(commands: Any) -> None:
    ask = commands.add_parser("ask", help="still et spørsmål i terminalen")
    ask.add_argument("question", nargs="?", help="spørsmålet")
    ask.add_argument("--json", action="store_true", help="svar som et JSON-objekt")
    ask.add_argument("--jsonl", action="store_true", help="les JSON-linjer fra standard inn")
    ask.add_argument("--nynorsk", action="store_true", help="teksten rundt sitatet på nynorsk")
    ask.add_argument(
        "--documents", type=Path, metavar="MAPPE", help="svar fra filene i en annen mappe"
    )
    ask.set_defaults(command=_ask)


def _ask(arguments: argparse.Namespace) -> int:
    if arguments.documents is not None:
        if not arguments.documents.is_dir():
            raise Stop(f"Finner ikke mappen «{arguments.documents}».")
        library, problems = load_documents(arguments.documents)
        sys.stderr.writelines(f"{problem}\n" for problem in problems)
        if not library.documents:
            raise Stop(
                f"Det er ingen .md-, .txt-, .docx- eller .pdf-filer i «{arguments.documents}»."
            )
    else:
        library = library_from(knowledge_dir())
    wording = Wording("nn" if arguments.nynorsk else "nb")
    contacts = contacts_from(knowledge_dir())
    if arguments.jsonl:
        return _ask_lines(library, contacts, wording, _lines_in())
    if not arguments.question:
        raise Stop('Skriv et spørsmål, for eksempel: ask "Hva er PRUVA?"')
    answered = respond(library, contacts, wording, arguments.question)
    if arguments.json:
        sys.stdout.write(_json("", answered) + "\n")
    else:
        sys.stdout.write(answered.reply.text + "\n")
    return 0


def _lines_in() -> Iterable[str]:
    """Standard input by lines; what is no UTF-8 shows as �, and spoils its own line only."""
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")
    return sys.stdin


def _ask_lines(library: Library, contacts: Contacts, wording: Wording, lines: Iterable[str]) -> int:
    code = 0
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            asked = json.loads(line)
            question, key, before = asked["question"], asked["id"], asked.get("context") or ""
            if not isinstance(question, str) or not isinstance(before, str):
                raise TypeError
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            sys.stderr.write(f'Linje {number} er ikke {{"id": …, "question": …}} som JSON.\n')
            code = 2
            continue
        topic = None
        if before:
            topic = respond(library, contacts, wording, before).topic
        answered = respond(library, contacts, wording, question, topic)
        sys.stdout.write(_json(key, answered) + "\n")
    return code


def _json(key: Any, answered: Answered) -> str:
    told = _told(key, answered)
    text = json.dumps(told, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:  # half a sign, which only JSON can write
        return json.dumps(told)
    return text


def _told(key: Any, answered: Answered) -> dict[str, Any]:
    return {
        "id": key,
        "answered": answered.answered,
        "answer": answered.reply.text,
        "citations": [
            {"document": source.document, "section": source.section}
            for source in answered.reply.sources
        ],
        "passages": [
            {
                "text": surroundings(hit.passage, LONGEST_PASSAGE),
                "document": hit.passage.document.short,
                "section": hit.passage.section.name,
                "score": round(hit.score, 4),
            }
            for hit in best_of_each_section(answered.hits)[:MOST_PASSAGES]
        ],
    }
