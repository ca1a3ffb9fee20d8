"""The CSV file, read by Python's own module, and the workbook, read by openpyxl."""

import csv
import datetime
import unicodedata
import zipfile

import openpyxl

import findings

SHEETS = [
    "Summary", "Coverage", "Gaps", "Compliance", "Findings", "Changes", "Places", "Keys in danger", "Exceptions",
    "Times", "Controls", "Method",
]  # fmt: skip


def begins_formula(text):
    """Whether a spreadsheet may take it for one: by its first character that is seen, in the narrow form."""
    seen = "".join(c for c in text if not c.isspace() and unicodedata.category(c) not in ("Cc", "Cf"))
    return unicodedata.normalize("NFKC", seen).startswith(tuple("=+-@\u2212")) or text.startswith(("\t", "\r", "\n"))


def is_faithful(cell, value):
    """Whether the cell is the value, or the value behind an apostrophe."""
    text = "" if value is None else str(value)
    return cell == text or cell == "'" + text


def check_csv(file, report):
    problems = []
    raw = file.read_bytes()
    with open(file, encoding="utf-8", newline="") as lines:
        table = list(csv.reader(lines, strict=True))
    expected = findings.listed(report)
    header, rows = table[0], table[1:]
    if not raw.endswith(b"\r\n"):
        problems.append("csv: the last line has no end")
    if len(rows) != len(expected):
        problems.append(f"csv: {len(rows)} rows for {len(expected)} findings")
    for row, finding in zip(rows, expected):
        if len(row) != len(header):
            problems.append(f"csv: {len(row)} fields under {len(header)} names")
        values = dict(zip(header, row))
        problems += [f"csv: a formula: {cell!r}" for cell in row if begins_formula(cell)]
        for name, value in {"week": report["period"]["week"], **finding}.items():
            if not is_faithful(values.get(name, ""), value):
                problems.append(f"csv: {name} is {values.get(name)!r}, not {value!r}")
    return problems


def as_excel(name, value):
    """The value as a cell has it: moments as dates without a zone."""
    if value is None or value == "":
        return None
    if name.endswith("_at"):
        return datetime.datetime.strptime(value, "%Y-%m-%dT%H:%M:%SZ")
    return value


def shown(value):
    return str(value) if isinstance(value, datetime.datetime) else value


def check_sheet(sheet):
    problems = []
    for row in sheet.iter_rows():
        for cell in row:
            if cell.data_type == "f":
                problems.append(f"xlsx: {sheet.title}!{cell.coordinate} is a formula")
            if cell.hyperlink:
                problems.append(f"xlsx: {sheet.title}!{cell.coordinate} is a link")
            if isinstance(cell.value, datetime.datetime) != cell.is_date:
                problems.append(f"xlsx: {sheet.title}!{cell.coordinate} is no date, or not shown as one")
    if sheet.freeze_panes != "A2":
        problems.append(f"xlsx: the header of {sheet.title} is not frozen")
    if not (sheet.auto_filter.ref or "").startswith("A1:"):
        problems.append(f"xlsx: {sheet.title} has no filter")
    page = sheet.page_setup
    if (page.orientation, str(page.paperSize), page.fitToHeight) != ("landscape", "9", 0):
        problems.append(f"xlsx: {sheet.title} is not set up for A4 landscape")
    return problems


def check_xlsx(file, report):
    book = openpyxl.load_workbook(file)
    problems = [problem for sheet in book for problem in check_sheet(sheet)]
    if book.sheetnames != SHEETS:
        return [*problems, f"xlsx: the sheets are {book.sheetnames}"], {}
    if len(book["Compliance"]._charts) != bool(report["overall"]["weeks"]):
        problems.append("xlsx: a chart is missing, or has nothing to show")
    with zipfile.ZipFile(file) as parts:
        dates = {part.date_time for part in parts.infolist()}
        if dates != {(1980, 1, 1, 0, 0, 0)}:
            problems.append(f"xlsx: the clock stands in it: {dates}")
    as_of = datetime.datetime.strptime(report["period"]["as_of"], "%Y-%m-%dT%H:%M:%SZ")
    if (book.properties.created, book.properties.modified) != (as_of, as_of):
        problems.append(f"xlsx: made at {book.properties.created}, changed at {book.properties.modified}")
    header, *rows = book["Findings"].iter_rows(values_only=True)
    expected = findings.listed(report)
    if len(rows) != len(expected):
        problems.append(f"xlsx: {len(rows)} rows for {len(expected)} findings")
    for row, finding in zip(rows, expected):
        values = dict(zip(header, row))
        for name, value in finding.items():
            wanted, got = as_excel(name, value), values.get(name)
            # openpyxl takes back the escape of an underscore, but no other.
            unescaped = openpyxl.utils.escape.unescape(got) if isinstance(got, str) else got
            if wanted not in (got, unescaped) and got != f"'{wanted}":
                problems.append(f"xlsx: {name} is {got!r}, not {wanted!r}")
    sheets = {
        sheet.title: [[shown(value) for value in row] for row in sheet.iter_rows(values_only=True)] for sheet in book
    }
    return problems, sheets
