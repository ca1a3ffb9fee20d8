"""Reads an export back with DuckDB: the types and rows of every view, as JSON on stdout."""

import datetime
import json
import os
import sys

import duckdb

TIME = "TIMESTAMP WITH TIME ZONE"


def files(root, view, ending):
    return f"{root}/{view}/**/*.{ending}"


def read(db, root, view, ending):
    path = files(root, view, ending)
    options = "hive_partitioning = true, hive_types_autocast = false"
    source = {
        "parquet": f"read_parquet('{path}', {options})",
        "csv": f"read_csv('{path}', {options}, all_varchar = true, allow_quoted_nulls = false, header = true)",
        "jsonl": f"read_json('{path}', {options}, format = 'newline_delimited')",
    }[ending]
    described = db.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()
    columns = [(row[0], row[1]) for row in described]
    # A moment as microseconds: to hand it to Python would take a library of time zones.
    chosen = ", ".join(f'epoch_us("{n}") AS "{n}"' if t == TIME else f'"{n}"' for n, t in columns)
    rows = []
    for row in db.execute(f"SELECT {chosen} FROM {source}").fetchall():
        values = {}
        for (name, kind), value in zip(columns, row):
            if kind == TIME and value is not None:
                moment = datetime.datetime.fromtimestamp(value / 1_000_000, datetime.timezone.utc)
                value = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
            values[name] = value if isinstance(value, (int, float, str, type(None))) else str(value)
        rows.append(values)
    return {"types": dict(columns), "rows": rows}


def main():
    root, ending = sys.argv[1:]
    db = duckdb.connect()
    print(json.dumps({view: read(db, root, view, ending) for view in sorted(os.listdir(root))}))


main()
