"""The first words, and what one can write."""

from dialogs.context import Commanded, Context
from dialogs.demo import first_person
from dialogs.messages import CardReply, Items, Paragraph, Reply, Suggestion, TextReply


def welcome(context: Context) -> TextReply:
    wording = context.wording
    first_name = context.message.sender_name.split(" ")[0] if context.message.sender_name else ""
    prompts = tuple(Suggestion(q, q) for q in wording.many("welcome_prompts"))
    text = wording.say("welcome", name=f", {first_name}" if first_name else "")
    who = context.turn.person or (first_person(context.session) if context.local else None)
    if context.local and who is not None:
        text += "\n\n" + wording.say("welcome_local", name=who.name, role=who.role, unit=who.unit)
    return TextReply(text, suggestions=prompts)


def help_card(context: Context, rest: str = "") -> list[Reply]:
    """«hjelp»: what one can write, by what the person's role may do."""
    wording, person = context.wording, context.person
    commands = list(wording.many("help_commands"))
    if person is not None:
        commands += [
            [command, what]
            for roles, command, what in wording.many("help_for_roles")
            if not roles or person.role in roles
        ]
    if context.local:
        commands.append(wording.many("help_local"))
    card = CardReply(
        wording.say("help_title"),
        (
            Paragraph(wording.say("help_intro")),
            Items(tuple(f"«{command}» {what}" for command, what in commands)),
            Paragraph(wording.say("help_note"), "note"),
        ),
        language=wording.language,
    )
    return [card]


COMMANDS: dict[str, Commanded] = {
    "hjelp": help_card,
    "help": help_card,
    "kommandoer": help_card,
    "kommandoar": help_card,
    "meny": help_card,
    "hva kan jeg spørre om": help_card,
    "kva kan eg spørje om": help_card,
    "hva kan du": help_card,
    "kva kan du": help_card,
}
