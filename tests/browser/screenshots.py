"""Takes the pictures of the README from a dashboard that runs.

    python screenshots.py http://127.0.0.1:8080 docs/images
"""

import pathlib
import sys

from browser import PHONE, browser


# Small enough for a README.
DESKTOP = {"width": 1080, "height": 720}


def main():
    origin, folder = sys.argv[1].rstrip("/"), pathlib.Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    with browser() as running:

        def take(name, path, size, scheme="light"):
            context = running.new_context(viewport=size, color_scheme=scheme, java_script_enabled=False)
            page = context.new_page()
            page.goto(origin + path)
            page.screenshot(path=folder / f"{name}.png")
            context.close()

        take("posture-light", "/", DESKTOP)
        take("posture-dark", "/", DESKTOP, "dark")
        take("findings", "/findings?state=all", DESKTOP)
        take("finding", worst(running, origin), DESKTOP)
        take("report", newest_report(running, origin), DESKTOP)
        take("posture-phone", "/", PHONE)


def newest_report(running, origin):
    """The address of the newest week's report."""
    page = running.new_page()
    page.goto(f"{origin}/reports")
    address = page.locator("tbody th a").first.get_attribute("href")
    page.close()
    return address


def worst(running, origin):
    """The address of the newest critical finding that is open."""
    page = running.new_page()
    page.goto(f"{origin}/findings?severity=critical")
    address = page.locator("tbody th a").first.get_attribute("href")
    page.close()
    return address


main()
