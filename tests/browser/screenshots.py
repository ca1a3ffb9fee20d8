"""Takes the pictures of the README from a dashboard that runs.

    python screenshots.py http://127.0.0.1:8080 docs/images
"""

import pathlib
import sys

from browser import DESKTOP, PHONE, browser


def main():
    origin, folder = sys.argv[1].rstrip("/"), pathlib.Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    with browser() as running:

        def take(name, path, size, scheme="light", whole=False):
            context = running.new_context(viewport=size, color_scheme=scheme, java_script_enabled=False)
            page = context.new_page()
            page.goto(origin + path)
            page.screenshot(path=folder / f"{name}.png", full_page=whole)
            found = page.locator("tbody th a").first
            address = found.get_attribute("href") if path.startswith("/findings?") else None
            context.close()
            return address

        take("posture-light", "/", DESKTOP)
        take("posture-dark", "/", DESKTOP, "dark")
        finding = take("findings", "/findings?state=all", DESKTOP)
        take("finding", finding, DESKTOP)
        take("posture-phone", "/", PHONE)


main()
