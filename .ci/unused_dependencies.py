"""Fails on a dependency that Cargo.toml declares and no source file names. What is declared for its features
only stands in `[package.metadata.machete] ignored`, as cargo-machete reads it."""

import pathlib
import re
import sys
import tomllib

SOURCES = ("src", "tests", "benches")


def declared(manifest: dict) -> set[str]:
    names = {name for table in ("dependencies", "dev-dependencies") for name in manifest.get(table, {})}
    metadata = manifest["package"].get("metadata", {})
    return names - set(metadata.get("machete", {}).get("ignored", []))


def words(root: pathlib.Path) -> set[str]:
    files = [file for folder in SOURCES for file in (root / folder).rglob("*.rs")]
    return {word for file in files for word in re.findall(r"\w+", file.read_text(encoding="utf-8"))}


def main() -> None:
    root = pathlib.Path(__file__).resolve().parent.parent
    manifest = tomllib.loads((root / "Cargo.toml").read_text(encoding="utf-8"))
    named = words(root)
    unused = sorted(name for name in declared(manifest) if name.replace("-", "_") not in named)
    for name in unused:
        print(f"Cargo.toml declares {name}, and nothing uses it")
    sys.exit(1 if unused else 0)


if __name__ == "__main__":
    main()
