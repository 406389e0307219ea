"""What the database holds, as tables of a document: made of the marks in storage/tables.py.

The words for tables and columns stand in nb.toml and nn.toml. A new table or column about people
that has none there is a KeyError.
"""

from collections.abc import Mapping
from typing import Any

from dialogs.messages import Table
from storage.tables import Table as StoredTable

STORED = StoredTable.metadata.tables


def marked(table: Any) -> dict[str, tuple[str, str]]:
    """The personal columns of a table: the name of each, its purpose and its retention."""
    return {
        column.name: (column.info["purpose"], column.info["retention"])
        for column in table.columns
        if "purpose" in column.info
    }


def kept(texts: Mapping[str, Any], marks: Mapping[str, str]) -> Table:
    """What is kept about people: which data, what for, and until when."""
    rows = []
    for name, table in STORED.items():
        named = texts["columns"].get(name, {})
        together: dict[tuple[str, str], list[str]] = {}
        for column, pair in marked(table).items():
            together.setdefault(pair, []).append(named[column])
        rows += [
            (texts["tables"][name], ", ".join(which), *(marks.get(one, one) for one in pair))
            for pair, which in together.items()
        ]
    words = texts["words"]
    columns = (words["what"], words["which"], words["purpose"], words["retention"])
    return Table(columns, tuple(rows))


def deleted(texts: Mapping[str, Any], marks: Mapping[str, str]) -> Table:
    """Each kind of data about people, when it is deleted, how, and room for the archive's rule."""
    words, how = texts["words"], texts["deleted"]
    rows = []
    for name, table in STORED.items():
        ends = dict.fromkeys(retention for _, retention in marked(table).values())
        rows += [
            (
                texts["tables"][name],
                marks.get(end, end),
                how.get(name, how["otherwise"]),
                words["archive_decides"],
            )
            for end in ends
        ]
    columns = (words["what"], words["retention"], words["how"], words["archive"])
    return Table(columns, tuple(rows))


def others(texts: Mapping[str, Any], marks: Mapping[str, str]) -> Table:
    """What says nothing about anybody, and how long it is there."""
    words = texts["words"]
    rows = [tuple(texts["others"][name]) for name, table in STORED.items() if not marked(table)]
    return Table((words["what"], words["retention"]), tuple(rows))


INSERTS = {"kept": kept, "deleted": deleted, "others": others}
