"""Asks every path of a running keywatch with good and bad values, and looks whether each answer is what the
document says.

    python ask.py http://127.0.0.1:8080/api/v1/openapi.json TOKEN
"""

import sys

import schemathesis
from schemathesis.cli import schemathesis as command
from schemathesis.generation import GenerationMode


@schemathesis.hook
def before_call(context, case, kwargs):
    """A cursor is made by the answer before: one that is only well formed is refused, and rightly so."""
    made_up = case.query and "cursor" in case.query
    if made_up and case.meta is not None and case.meta.generation.mode == GenerationMode.POSITIVE:
        del case.query["cursor"]


def main() -> None:
    document, token = sys.argv[1:]
    command(
        [
            "run",
            document,
            "--header",
            f"Authorization: Bearer {token}",
            "--checks",
            "all",
            "--mode",
            "all",
            "--phases",
            "examples,coverage,fuzzing",
            "--max-examples",
            "15",
            "--seed",
            "1",
            "--generation-database",
            "none",
            "--workers",
            "2",
        ]
    )


if __name__ == "__main__":
    main()
