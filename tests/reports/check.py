"""Reads the files of reports as others would, and prints what is wrong with them.

check.py SCHEMA DIR: each folder in DIR holds a report of 2026-W47 in all machine-readable formats. Prints, as JSON,
for each folder its problems (a list of sentences) and the cells of its workbook.
"""

import json
import pathlib
import sys

import asff
import jsonschema
import ocsf
import tables


def against_schema(schema, report):
    validator = jsonschema.Draft202012Validator(schema)
    return [f"json: {error.json_path}: {error.message}" for error in validator.iter_errors(report)]


def check(schema, folder):
    def named(ending):
        return folder / f"keywatch-2026-W47.{ending}"

    report = json.loads(named("json").read_text(encoding="utf-8"))
    problems = against_schema(schema, report)
    problems += tables.check_csv(named("csv"), report)
    found, sheets = tables.check_xlsx(named("xlsx"), report)
    problems += found
    problems += ocsf.check(named("ocsf.jsonl"), report)
    problems += asff.check(named("asff.json"), report)
    return {"problems": problems, "sheets": sheets}


def main():
    schema_file, root = map(pathlib.Path, sys.argv[1:])
    schema = json.loads(schema_file.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    folders = sorted(folder for folder in root.iterdir() if folder.is_dir())
    print(json.dumps({folder.name: check(schema, folder) for folder in folders}))


main()
