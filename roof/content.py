"""`documents` and `guides`: what is wrong in the files that a fagrådgiver writes."""

import argparse
import sys
from pathlib import Path
from typing import Any

from knowledge.library import load_library
from roof.parts import Stop, contacts_from, knowledge_dir


def add_commands(commands: Any) -> None:
    documents = commands.add_parser("documents", help="dokumentene").add_subparsers(required=True)
    check = documents.add_parser("check", help="se etter feil i alle filer i kunnskapsmappen")
    check.set_defaults(command=_check_documents)

    guides = commands.add_parser("guides", help="steg for steg").add_subparsers(required=True)
    check_guides = guides.add_parser("check", help="se etter feil i alle filer, eller i disse")
    check_guides.add_argument("file", nargs="*", type=Path, metavar="FIL.toml")
    check_guides.set_defaults(command=_check_guides)


def _check_documents(arguments: argparse.Namespace) -> int:
    folder = knowledge_dir()
    if folder is not None and not folder.is_dir():
        raise Stop(f"Finner ikke mappen «{folder}»: rett KNOWLEDGE_DIR.")
    contacts_from(folder)
    library, problems = load_library(folder)
    sys.stdout.writelines(f"{problem}\n" for problem in problems)
    asked = sum(len(passage.asks) for passage in library.passages)
    sys.stdout.write(
        f"{len(library.documents)} dokumenter, {asked} måter å spørre på, "
        f"{len(library.veiviser)} veivisere, {len(library.promises)} løfter. "
        + (f"{len(problems)} feil å rette.\n" if problems else "Alt i orden.\n")
    )
    return 2 if problems else 0


def _check_guides(arguments: argparse.Namespace) -> int:
    from dialogs.guide_files import check_guides
    from dialogs.question_set_files import check_question_sets, is_question_set
    from dialogs.questions import section_address
    from knowledge.documents import read_documents
    from knowledge.library import HOME

    folder = knowledge_dir()
    if folder is not None and not folder.is_dir():
        raise Stop(f"Finner ikke mappen «{folder}»: rett KNOWLEDGE_DIR.")
    folders = [HOME / "documents", *([folder] if folder else [])]
    documents = [document for one in folders for document in read_documents(one)[0]]
    sections = {section_address(s) for d in documents for s in d.sections if s.path}
    given: list[Path] = arguments.file
    of_sets = [path for path in given if is_question_set(path)]
    of_guides = [path for path in given if path not in of_sets]
    counts, problems = dict[str, int](), list[str]()
    for what, paths, check in (
        ("steg for steg", of_guides, check_guides),
        ("spørsmålssett", of_sets, check_question_sets),
    ):
        if paths or not given:  # without any files, all that are in use
            counts[what], found = check(paths, sections, folder)
            problems += found
    sys.stdout.writelines(f"{problem}\n" for problem in problems)
    checked = ", ".join(f"{count} {what}" for what, count in counts.items())
    told = f"{len(problems)} feil å rette." if problems else "Alt i orden."
    sys.stdout.write(f"{checked}. {told}\n")
    return 2 if problems else 0
