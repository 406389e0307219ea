"""What a person reads in the bot's replies, as one text."""

from collections.abc import Iterable

from dialogs.messages import (
    CardReply,
    Chart,
    Choice,
    DateInput,
    DialogReply,
    Facts,
    Items,
    NumberInput,
    PageLinks,
    Paragraph,
    Picture,
    Reply,
    Table,
    TextInput,
    TextReply,
    WebLinks,
)


def shown(replies: Iterable[Reply], *, buttons: bool = True) -> str:
    """All that stands in the replies; with `buttons`, their titles too."""
    texts: list[str] = []
    for reply in replies:
        if isinstance(reply, TextReply):
            texts.append(reply.text)
            continue
        card = reply.card if isinstance(reply, DialogReply) else reply
        texts += [card.title, *_texts_of(card)]
        if buttons:
            texts += [button.title for button in card.buttons]
    return "\n".join(texts)


def _texts_of(card: CardReply) -> list[str]:
    texts: list[str] = []
    for block in card.blocks:
        match block:
            case Paragraph(text=text):
                texts.append(text)
            case Items(items=items):
                texts += items
            case Chart(alt=alt):
                texts.append(alt)
            case WebLinks(links=links) | PageLinks(links=links):
                texts += [text for text, _ in links]
            case Facts(pairs=pairs):
                texts += [f"{label}: {value}" for label, value in pairs]
            case Table(columns=columns, rows=rows):
                texts += [" | ".join(row) for row in (columns, *rows)]
            case Picture(alt=alt):
                texts.append(alt)
            case Choice(label=label, options=options):
                texts += [label, *(name for _, name in options)]
            case TextInput() | NumberInput() | DateInput():
                texts += [block.label, block.value]
    return texts
