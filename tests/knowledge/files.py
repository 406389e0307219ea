"""Files as people have them: made here, so that a test says what stands in them."""

from collections.abc import Sequence
from pathlib import Path

import docx


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def write_pdf(path: Path, *pages: Sequence[str]) -> Path:
    """A PDF of the plainest kind, one line of text under the other; "" leaves a line open."""
    kids = " ".join(f"{4 + 2 * n} 0 R" for n in range(len(pages)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for number, lines in enumerate(pages):
        shown = " ".join(f"({_escaped(line)}) Tj T*" for line in lines)
        drawn = f"BT /F1 11 Tf 14 TL 50 800 Td {shown} ET"
        objects += [
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842]"
            f" /Resources << /Font << /F1 3 0 R >> >> /Contents {5 + 2 * number} 0 R >>",
            f"<< /Length {len(drawn.encode('cp1252'))} >>\nstream\n{drawn}\nendstream",
        ]
    content = b"%PDF-1.4\n"
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(len(content))
        content += f"{number} 0 obj\n{body}\nendobj\n".encode("cp1252")
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    content += (
        f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
        f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(content)}\n%%EOF\n"
    ).encode()
    path.write_bytes(content)
    return path


def write_docx(path: Path) -> Path:
    """A Word file with headings, paragraphs, a list and a table."""
    file = docx.Document()
    file.add_heading("Ordensregler", 1)
    file.add_paragraph("Reglene gjelder alle. De ble vedtatt i 2024.")
    file.add_heading("Mobil", 2)
    file.add_paragraph("Dette gjelder:")
    for item in ("Mobilen er av i timen.", "Læreren tar vare på den."):
        file.add_paragraph(item, style="List Bullet")
    table = file.add_table(rows=0, cols=2)
    for row in (("Trinn", "Sted"), ("8. trinn", "Skapet"), ("9. trinn", "Mobilhotellet")):
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text
    file.save(str(path))
    return path


def _escaped(line: str) -> str:
    return line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
