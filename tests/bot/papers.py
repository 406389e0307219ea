"""A paper with everything that a paper may hold."""

from datetime import UTC, date, datetime

from dialogs.messages import Event, Facts, Items, Paper, Paragraph, Picture, Table

NOW = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)

MODULES = (
    Event(
        "m0", "Modul 0: Forberedelse for skolens ledergruppe", date(2027, 1, 4), date(2027, 1, 15)
    ),
    Event(
        "m1",
        "Modul 1: Inkluderende læringsmiljø og profesjonsfellesskapet "
        "som grunnlag for alt annet arbeid på skolen",
        date(2027, 1, 18),
        date(2027, 3, 5),
    ),
    Event("m2", "Modul 2: Dybdelæring", date(2027, 3, 8), date(2027, 4, 16)),
    Event("m3", "Modul 3: Samarbeidslæring", date(2027, 4, 19), date(2027, 5, 28)),
    Event("f", "Fellesmøte", date(2027, 6, 1), date(2027, 6, 1), "Ta med notatene."),
    Event("m4", "Modul 4: Vurdering for læring", date(2027, 8, 23), date(2027, 10, 1)),
)

RICH = Paper(
    "Planbeskrivelse 0.13 for Bjørnåsen skole",
    (
        Paragraph("Skole og skoletype", "heading"),
        Facts(
            (
                ("Skole", "Bjørnåsen skole"),
                ("Skoletype", "Barneskole, 1.–7. trinn"),
                ("Kontakt", ""),
            )
        ),
        Paragraph("Forventninger til profesjonsfellesskapet", "heading"),
        Paragraph(
            "Vi begynner med å kartlegge hva vi allerede får til.\n\n"
            "Deretter velger vi to områder.\nHvert team tar ett hver.\n\n• Punkt fra teksten"
        ),
        Paragraph(
            "«Skolen skal legge til rette for samarbeidslæring i alle fag og på alle trinn.»",
            "quote",
        ),
        Items(
            (
                "Lederne deltar i teamtid",
                "Tillitsvalgte er med i hele prosessen, også når planen endres underveis",
                "To linjer\ni ett punkt",
            )
        ),
        Paragraph("Svarene er gitt av skolens ledergruppe.", "note"),
        Paragraph("Samarbeid med andre skoler", "heading"),
        Table(
            ("Arena", "Hvem", "Når"),
            (
                ("Fellestid", "Hele personalet", "Hver onsdag"),
                (
                    "Ledermøte",
                    "Ledergruppen\nog tillitsvalgte",
                    "Annenhver mandag, med en lengre tekst som går over flere linjer i cellen",
                ),
                ("Teamtid", "", ""),
            ),
        ),
        Paragraph("Fremdriftsplan", "heading"),
        Picture("draft:1", "kari", "Modul 0: 04.01.2027–15.01.2027"),
        Paragraph("Skriv her", "heading"),
        Paragraph("\n" * 6),
    ),
    "Bjørnåsen skole, 2026–2027",
    MODULES,
)
WIDE = Paper(
    "Levende utviklingsplan",
    (
        Table(
            ("Mål", "Tiltak", "Ansvarlig", "Frist", "Kjennetegn", "Ambisjon", "Status"),
            tuple(
                (
                    f"Mål {n}",
                    "Et tiltak som er beskrevet i en ganske lang setning, " * 3,
                    "Kari Nordmann",
                    "12.01.2027",
                    "Elevene sier at de lærer mer av hverandre enn før",
                    "Ambisjon 2 skole › Samarbeidslæring",
                    "I gang",
                )
                for n in range(12)
            ),
        ),
    ),
    "Bjørnåsen skule, 2026–2027",
    language="nn",
)
