"""/side/laering/…: which page is behind each address, for those who may see them."""

from collections.abc import Mapping

from dialogs.access import may_see_teaching
from dialogs.context import Composing, Paged
from dialogs.learning.case_page import case_page
from dialogs.learning.drafts_page import drafts_page
from dialogs.learning.entry_form import entry_page
from dialogs.learning.gain_page import gain_page
from dialogs.learning.learning_page import list_page
from dialogs.learning.try_page import try_page
from dialogs.messages import Page


def _page(composing: Composing, rest: str, query: Mapping[str, str]) -> Page | None:
    if not may_see_teaching(composing.person):
        return None
    first, _, id = rest.partition("/")
    match first, id:
        case "", "":
            return list_page(composing, query)
        case "sak", _:
            return case_page(composing, id, query)
        case "utkast", "":
            return drafts_page(composing, query)
        case "utkast", _:
            return entry_page(composing, id, query)
        case "prov", "":
            return try_page(composing)
        case "gevinst", "":
            return gain_page(composing)
    return None


PAGES: dict[str, Paged] = {"laering": _page}
