"""Builds the book (docs/, mdBook) and follows every link in it and in the Markdown at the top of the repository.

    python .ci/book.py [--mdbook PATH]      the book is then in target/book

Fails on any warning of mdBook, on a page that SUMMARY.md does not have, and on a link that leads nowhere: to a file that
is not there, or to an anchor that its page does not have. A link out of docs/ leads to a file of the repository that stands
beside the book in a release, too. Addresses on the web are not asked.
"""

import argparse
import html.parser
import pathlib
import re
import shutil
import subprocess
import sys
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parent.parent
DOCS, BOOK = ROOT / "docs", ROOT / "target" / "book"
FRONT = ["README.md", "ARCHITECTURE.md", "CHANGELOG.md"]
# What deploy/release.sh puts beside the book.
ARCHIVED = ["config", "deploy"]


class Page(html.parser.HTMLParser):
    """The anchors of a page, and where its links lead."""

    def __init__(self, text):
        super().__init__()
        self.anchors, self.links = set(), []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        for name, value in attributes:
            if name == "id":
                self.anchors.add(value)
            elif name in ("href", "src") and value is not None:
                self.links.append(value)


def build(mdbook):
    shutil.rmtree(BOOK, ignore_errors=True)
    done = subprocess.run(
        [mdbook, "build", DOCS], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode != 0 or re.search(r"\b(WARN|ERROR)\b", done.stdout):
        sys.exit(f"mdbook is not content:\n{done.stdout}")


def orphans():
    summary = (DOCS / "SUMMARY.md").read_text()
    named = set(re.findall(r"\]\(([^)]+\.md)\)", summary))
    return [f"docs/{page.name} stands nowhere in SUMMARY.md" for page in sorted(DOCS.glob("*.md"))
            if page.name not in named | {"SUMMARY.md"}]


def is_elsewhere(link):
    return bool(urllib.parse.urlsplit(link).scheme) or link.startswith("//")


def broken_in_book():
    pages = {page: Page(page.read_text()) for page in BOOK.rglob("*.html")}
    for page, content in sorted(pages.items()):
        # They only repeat the others, or stand for a page that is not there.
        if page.name in ("print.html", "404.html", "toc.html"):
            continue
        for link in content.links:
            if is_elsewhere(link):
                continue
            path, _, anchor = urllib.parse.unquote(link).partition("#")
            path = path.partition("?")[0]
            leads = (page.parent / path).resolve() if path else page
            if not leads.is_relative_to(BOOK):
                leads = repository(page, path)
                if leads.relative_to(ROOT).parts[0] not in ARCHIVED:
                    yield f"{page.relative_to(BOOK)}: {link} is not in a release's archive"
            if not leads.exists():
                yield f"{page.relative_to(BOOK)}: {link} leads nowhere"
            elif anchor and leads in pages and anchor not in pages[leads].anchors:
                yield f"{page.relative_to(BOOK)}: {link}: no such place on that page"


def repository(page, path):
    """Where a link out of the book leads: the book is in target/book, but stands for docs/."""
    return (DOCS / page.parent.relative_to(BOOK) / path).resolve()


def slug(heading):
    """The anchor that GitHub gives a heading."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).strip().lower()
    return re.sub(r"[^\w\- ]", "", text).replace(" ", "-")


def broken_in_front():
    for name in FRONT:
        text = re.sub(r"```.*?```", "", (ROOT / name).read_text(), flags=re.S)
        for link in re.findall(r"\]\(([^)\s]+)\)", text):
            if is_elsewhere(link):
                continue
            path, _, anchor = urllib.parse.unquote(link).partition("#")
            leads = ROOT / path if path else ROOT / name
            if not leads.exists():
                yield f"{name}: {link} leads nowhere"
            elif anchor and leads.suffix == ".md":
                headings = re.findall(r"^#+ (.*)$", leads.read_text(), flags=re.M)
                if anchor not in {slug(heading) for heading in headings}:
                    yield f"{name}: {link}: no such heading"


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--mdbook", default=shutil.which("mdbook") or ROOT / "target" / "ci-venv" / "bin" / "mdbook")
    build(arguments.parse_args().mdbook)
    wrong = orphans() + list(broken_in_book()) + list(broken_in_front())
    if wrong:
        sys.exit("\n".join(wrong))
    print(f"the book is whole: {len(list(BOOK.rglob('*.html')))} pages in {BOOK.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
