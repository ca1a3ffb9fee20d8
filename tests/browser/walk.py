"""Walks through the dashboard as a person would, and fails at the first thing that is not as it should be.

    python walk.py http://127.0.0.1:8080

Everything is done once without JavaScript, on a desktop and a phone, light and dark; nothing may be asked of another
place, be missing, or complain. Then axe looks at each page that was seen, and none may be wider than the screen.
"""

import io
import sys
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from browser import DESKTOP, PHONE, browser
from pypdf import PdfReader

LOOKS = [(DESKTOP, "light"), (DESKTOP, "dark"), (PHONE, "light"), (PHONE, "dark")]
# The colours are the same on a phone.
EXAMINED = LOOKS[:3]

# What axe calls these is a defect for someone.
GRAVE = {"serious", "critical"}


class Watch:
    """What happens on a page besides what is asked of it."""

    def __init__(self, page, origin):
        self.wrong = []
        page.on("console", lambda message: self.wrong.append(f"console: {message.type}: {message.text}"))
        page.on("pageerror", lambda error: self.wrong.append(f"error: {error}"))
        page.on("requestfailed", lambda request: self.wrong.append(f"failed: {request.url}: {request.failure}"))
        page.on("response", lambda answer: self.saw(answer, origin))

    def saw(self, answer, origin):
        at = urlsplit(answer.url)
        if at.scheme == "data":
            return
        if f"{at.scheme}://{at.netloc}" != origin:
            self.wrong.append(f"another place: {answer.url}")
        if answer.status >= 400:
            self.wrong.append(f"status {answer.status}: {answer.url}")


def check(page, watch, size):
    """What holds on every page."""
    where = f"{page.url} at {size['width']}"
    assert not watch.wrong, f"{where}: {watch.wrong}"
    assert page.locator("h1").count() == 1, f"{where}: one first heading"
    assert page.locator("main").count() == 1, where


def walk(context, origin, size):
    """The main way through the dashboard; the addresses that it came by."""
    page = context.new_page()
    watch = Watch(page, origin)
    seen = []

    def arrived(heading):
        check(page, watch, size)
        assert heading in page.locator("h1").inner_text(), f"{page.url}: {page.locator('h1').inner_text()!r}"
        seen.append(page.url)

    page.goto(f"{origin}/")
    arrived("Posture")
    for words in ("Open findings", "Compliance", "Not seen"):
        assert page.get_by_role("heading", name=words, exact=True).is_visible(), words
    # By the keyboard alone: the first stop leads past the menu.
    page.keyboard.press("Tab")
    assert page.locator(":focus").inner_text() == "Skip to the content"

    page.get_by_role("link", name="Findings", exact=True).click()
    arrived("Findings")
    shown = page.locator("tbody tr").count()
    assert shown > 0, "there are open findings"
    page.get_by_label("Severity").select_option("critical")
    page.get_by_role("button", name="Show").click()
    arrived("Findings")
    assert "severity=critical" in page.url, page.url
    rows = page.locator("tbody tr")
    assert 0 < rows.count() <= shown, rows.count()
    assert all("critical" in row.inner_text() for row in rows.all())

    link = rows.first.get_by_role("link").first
    name = link.inner_text()
    link.click()
    arrived(name)
    assert page.get_by_role("heading", name="Timeline").is_visible()
    assert "Opened" in page.locator(".timeline").inner_text()
    page.get_by_text("The resource as AWS described it").click()
    assert page.locator("details pre").is_visible(), "it opens without a script"

    page.locator("dl.card").get_by_role("link").nth(1).click()
    check(page, watch, size)
    seen.append(page.url)
    for part in ("Accounts", "Coverage", "Scans", "Reports"):
        link = page.get_by_role("navigation", name="Dashboard").get_by_role("link", name=part)
        link.click()
        arrived(part)
        assert page.locator("nav a[aria-current=page]").inner_text() == part
    assert page.get_by_role("link", name="2026-W36 as xlsx").count() == 1, "it can be downloaded"
    page.get_by_role("link", name="2026-W36", exact=True).click()
    arrived("2026-W36")
    page.goto(f"{origin}/coverage?outcome=failed&reason=&account=&region=")
    arrived("Coverage")
    page.close()
    return seen


def no_overflow(page, size):
    """Without a script nothing can measure it."""
    beyond = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert beyond <= 0, f"{page.url} at {size['width']}: {beyond} pixels too wide"


def prints(page, address):
    """The report on A4: whole, in order, in black on white whatever the screen's look."""
    page.goto(address)
    paper = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True, print_background=True)))
    sizes = {(round(float(sheet.mediabox.width)), round(float(sheet.mediabox.height))) for sheet in paper.pages}
    assert sizes <= {(595, 842), (596, 842), (595, 843), (596, 843)}, f"{address}: {sizes} is not A4, in points"
    texts = [" ".join(sheet.extract_text().split()) for sheet in paper.pages]
    assert len(texts) > 1 and all(len(text) > 40 for text in texts), f"{address}: {[len(text) for text in texts]}"
    whole = " ".join(texts)
    parts = ["What got better", "What got worse", "What was not seen", "Scope and coverage", "Method and evidence"]
    at = 0
    for part in parts:
        at = whole.find(part, at)
        assert at >= 0, f"{address}: {part!r} is not there, or not in its place"
    page.emulate_media(media="print")
    color = page.evaluate("getComputedStyle(document.body).color")
    dark = sum(int(part) for part in color.removeprefix("rgb(").removesuffix(")").split(","))
    assert dark < 200, f"{address} prints in {color}"
    page.emulate_media(media="screen")


def main():
    origin = sys.argv[1].rstrip("/")
    axe = Axe()
    with browser() as running:
        seen = []
        for size, scheme in LOOKS:
            context = running.new_context(viewport=size, color_scheme=scheme, java_script_enabled=False)
            seen = walk(context, origin, size)
            context.close()
        pages = [*dict.fromkeys(seen), f"{origin}/findings/0"]
        for size, scheme in EXAMINED:
            # The policy of the pages would refuse axe's own script.
            context = running.new_context(viewport=size, color_scheme=scheme, bypass_csp=True)
            page = context.new_page()
            for address in pages:
                page.goto(address)
                no_overflow(page, size)
                violations = axe.run(page).response["violations"]
                told = [
                    f"{found['id']}: {found['help']}: {[node['html'] for node in found['nodes'][:3]]}"
                    for found in violations
                    # A report names its tables as it names their sections, so it has some landmarks twice.
                    if "/reports/" not in address or found["impact"] in GRAVE
                ]
                assert not told, f"{address} at {size['width']}, {scheme}: {told}"
            prints(page, f"{origin}/reports/2026-W36")
            context.close()
        print(f"{len(pages)} pages are as they should be")


main()
