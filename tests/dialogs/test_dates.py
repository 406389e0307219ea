"""Dates and periods are read as people in Norway write them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs.dates import read_date, read_period, show_date

TODAY = date(2026, 11, 22)  # Sunday of week 47


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("12.1.2027", "2027-01-12"),
        ("12.01.27", "2027-01-12"),
        ("12/1-27", "2027-01-12"),
        ("12-1-2027", "2027-01-12"),
        ("2027-01-12", "2027-01-12"),
        ("12. januar 2027", "2027-01-12"),
        ("12 jan", "2027-01-12"),
        ("den 12. januar", "2027-01-12"),
        ("12. Janaur", "2027-01-12"),
        ("tysdag 12. januar", "2027-01-12"),
        ("ti. 12.1.", "2027-01-12"),
        ("12.1.", "2027-01-12"),
        ("22.11.", "2026-11-22"),
        ("21.11.", "2027-11-21"),
        ("29.2.", "2028-02-29"),
        ("i dag", "2026-11-22"),
        ("i morgen", "2026-11-23"),
        ("i morgon", "2026-11-23"),
        ("i overmorgen!", "2026-11-24"),
        ("fredag", "2026-11-27"),
        ("på fredag", "2026-11-27"),
        ("førstkommende fredag", "2026-11-27"),
        ("søndag", "2026-11-29"),
        ("laurdag", "2026-11-28"),
        ("neste fredag", "2026-11-27"),
        ("neste uke", "2026-11-23"),
        ("uke 3", "2027-01-18"),
        ("veke 3", "2027-01-18"),
        ("uke 47", "2026-11-16"),
        ("uke 53", "2026-12-28"),
        ("mandag i uke 3", "2027-01-18"),
        ("tysdag i veke 3 2028", "2028-01-18"),
        ("om to uker", "2026-12-06"),
        ("om ei veke", "2026-11-29"),
        ("om 10 dagar", "2026-12-02"),
        ("om en måned", "2026-12-22"),
    ],
)
def test_a_date_is_read(written: str, meant: str) -> None:
    assert read_date(written, TODAY) == date.fromisoformat(meant)


def test_on_a_monday_next_friday_is_that_of_the_week_after() -> None:
    monday = date(2026, 11, 23)
    assert read_date("fredag", monday) == date(2026, 11, 27)
    assert read_date("neste fredag", monday) == date(2026, 12, 4)


def test_a_month_from_the_last_of_january_is_the_last_of_february() -> None:
    assert read_date("om en måned", date(2027, 1, 31)) == date(2027, 2, 28)


@pytest.mark.parametrize(
    "written",
    ["", "ja", "fire", "5", "31.2.2027", "mandag 12.1.2027", "uke 54", "1.1.0001", "9999-12-31",
     "om 9999 dager", "snart", "i går", "12.13.2027", "x" * 10_000],
)  # fmt: skip
def test_what_is_no_date_is_not_guessed_at(written: str) -> None:
    assert read_date(written, TODAY) is None


@pytest.mark.parametrize(
    ("written", "first", "last"),
    [
        ("12.1.2027–1.3.2027", "2027-01-12", "2027-03-01"),
        ("2027-01-12–2027-03-01", "2027-01-12", "2027-03-01"),
        ("2027-01-12 - 2027-03-01", "2027-01-12", "2027-03-01"),
        ("12/1-27 - 1/3-27", "2027-01-12", "2027-03-01"),
        ("12.1.-1.3.", "2027-01-12", "2027-03-01"),
        ("fra 12.1.2027 til 1.3.2027", "2027-01-12", "2027-03-01"),
        ("frå og med 12. januar til og med 1. mars", "2027-01-12", "2027-03-01"),
        ("12.–20. januar 2027", "2027-01-12", "2027-01-20"),
        ("12.-20.1.2027", "2027-01-12", "2027-01-20"),
        ("1.12.-1.3.2027", "2026-12-01", "2027-03-01"),
        ("1.11.–1.12.", "2026-11-01", "2026-12-01"),
        ("i morgen til neste fredag", "2026-11-23", "2026-11-27"),
        ("uke 3", "2027-01-18", "2027-01-24"),
        ("uke 3–5", "2027-01-18", "2027-02-07"),
        ("veke 50 til veke 3", "2026-12-07", "2027-01-24"),
        ("1.3.2027–12.1.2027", "2027-03-01", "2027-01-12"),
    ],
)
def test_a_period_is_read(written: str, first: str, last: str) -> None:
    read = read_period(written, TODAY)
    assert read == (date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize("written", ["", "12.1.2027", "fra til", "mars til mai", "–", "uke 3 til"])
def test_what_is_no_period_is_not_guessed_at(written: str) -> None:
    assert read_period(written, TODAY) is None


days = st.dates(date(2020, 1, 1), date(2100, 12, 31))


@given(days, days)
def test_what_is_shown_can_be_written_again(day: date, today: date) -> None:
    assert read_date(show_date(day), today) == day
    assert read_period(f"{show_date(today)}–{show_date(day)}", today) == (today, day)


@given(days, st.dates(date(2020, 1, 1), date(2090, 12, 31)))
def test_a_date_without_a_year_is_the_next_one(day: date, today: date) -> None:
    read = read_date(f"{day.day}.{day.month}.", today)
    assert read is not None
    assert today <= read
    assert (read.day, read.month) == (day.day, day.month)


@given(st.text(max_size=100), days)
def test_no_text_is_too_odd(text: str, today: date) -> None:
    read_date(text, today)
    read_period(text, today)
