"""Brings `.sqlx` up to date: what the build knows of each checked query, its columns, types and parameters. The
build itself asks no database; this asks one that has the schema of `migrations/` and nothing else.

    python3 .ci/queries.py           after a change to a query or a new migration
    python3 .ci/queries.py --check   changes nothing, and fails if there is something to change
"""

import argparse
import contextlib
import os
import pathlib
import sqlite3
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
KEPT = ROOT / ".sqlx"


def make_schema(file: pathlib.Path) -> None:
    migrations = sorted((ROOT / "migrations").glob("*.sql"), key=lambda path: int(path.name.split("_")[0]))
    with contextlib.closing(sqlite3.connect(file)) as db:
        for migration in migrations:
            try:
                db.executescript(migration.read_text(encoding="utf-8"))
            except sqlite3.Error as error:
                sys.exit(f"{migration.relative_to(ROOT)}: {error}")


def describe(scratch: pathlib.Path) -> dict[str, str]:
    """Every query as SQLite describes it now, by the name of its file."""
    schema = scratch / "schema.db"
    make_schema(schema)
    found = scratch / "found"
    found.mkdir()
    # Cargo does not know that the build depends on the schema.
    (ROOT / "src" / "lib.rs").touch()
    environment = {"DATABASE_URL": f"sqlite://{schema}", "SQLX_OFFLINE_DIR": str(found)}
    # Against `.cargo/config.toml`, which is there so that no other build asks a database.
    online = 'env.SQLX_OFFLINE.value="false"'
    command = ["cargo", "--config", online, "check", "--locked", "--lib"]
    done = subprocess.run(command, cwd=ROOT, env=os.environ | environment, check=False)
    # What was built says nothing of `.sqlx`; the next build has to.
    (ROOT / "src" / "lib.rs").touch()
    if done.returncode != 0:
        sys.exit("the queries and the schema do not fit: see above")
    return read(found)


def read(folder: pathlib.Path) -> dict[str, str]:
    return {file.name: file.read_text(encoding="utf-8") for file in folder.glob("query-*.json")}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("--check", action="store_true", help="change nothing; fail if something differs")
    check = arguments.parse_args().check

    with tempfile.TemporaryDirectory() as scratch:
        now = describe(pathlib.Path(scratch))
    if not now:
        sys.exit("no query was described: does cargo see `--config`?")
    before = read(KEPT)
    changes = (
        [("missing", name, now[name]) for name in sorted(now.keys() - before.keys())]
        + [("no longer used", name, before[name]) for name in sorted(before.keys() - now.keys())]
        + [("changed", name, now[name]) for name in sorted(now.keys() & before.keys()) if now[name] != before[name]]
    )
    if check:
        for what, name, text in changes:
            print(f".sqlx/{name}: {what}\n{text}")
        if changes:
            sys.exit("`.sqlx` is out of date: run `python3 .ci/queries.py`, and commit what it changed")
    else:
        KEPT.mkdir(exist_ok=True)
        for name in before.keys() - now.keys():
            (KEPT / name).unlink()
        for name, text in now.items():
            if before.get(name) != text:
                (KEPT / name).write_text(text, encoding="utf-8")
    print(f"{len(now)} queries, {len(changes)} {'differ' if check else 'changed'}")


if __name__ == "__main__":
    main()
