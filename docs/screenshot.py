"""Makes the picture of a report for the documentation, with a Chromium that is on PATH.

Run it as ``python docs/screenshot.py REPORT.json docs/report.png [--open CASE] [--fragment TEXT] [--dark]``.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from conformance.report import html, json
from conformance.report.htmlcase import anchor

FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)


def main() -> int:
    """Make the picture; return the exit status."""
    parser = argparse.ArgumentParser(description="Make the picture of a report.")
    parser.add_argument("report", help="the JSON report")
    parser.add_argument("picture", help="the PNG file to write")
    parser.add_argument("--open", default="", metavar="CASE", help="open this case of the first target")
    parser.add_argument(
        "--fragment", default="", metavar="TEXT", help="the filters, as in the page's address: broken=1"
    )
    parser.add_argument("--dark", action="store_true", help="as it looks to those who prefer dark pages")
    parser.add_argument("--width", type=int, default=1200, help="pixels (1200)")
    parser.add_argument("--height", type=int, default=1500, help="pixels (1500)")
    options = parser.parse_args()
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if browser is None:
        parser.error("there is no chromium on PATH")
    report = json.read(options.report)
    page = html.render(report)
    if options.open:  # by hand and not by a link to it, which would scroll the header away
        mark = f'id="{anchor(0, options.open)}"'
        if mark not in page:
            parser.error(f"the report has no case {options.open}")
        page = page.replace(mark, f"{mark} open", 1)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "report.html")
        file.write_text(page, encoding="utf-8")
        command = [browser, *FLAGS, f"--user-data-dir={folder}/profile", f"--screenshot={options.picture}"]
        command += [f"--window-size={options.width},{options.height}"]
        command += [f"--blink-settings=preferredColorScheme={0 if options.dark else 1}"]
        done = subprocess.run(
            [*command, f"{file.as_uri()}#{options.fragment}"], capture_output=True, text=True, timeout=120, check=False
        )
    if done.returncode != 0 or not Path(options.picture).exists():
        sys.stderr.write(done.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
