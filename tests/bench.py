"""How fast `handouts` is, as ratios from one run: `make bench`. A benchmark, not a test: nothing fails on a slow day.

Whole processes are timed, in turn, so that a machine that slows down half-way slows down both sides.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from handouts.clinic import load_clinic
from handouts.formats import FULL, LETTER
from handouts.library import bundled_root, sample_clinic
from handouts.pipeline import Order, prepare

HANDOUT = "how-ketamine-works"
HANDOUTS = [sys.executable, "-c", "from handouts.cli import main; main()"]
BARE = """
import sys, weasyprint
from pathlib import Path
from weasyprint.text.fonts import FontConfiguration
html, css, out, base = sys.argv[1:]
fonts = FontConfiguration()
sheet = weasyprint.CSS(string=Path(css).read_text(), font_config=fonts)
weasyprint.HTML(string=Path(html).read_text(), base_url=base).write_pdf(
    out, font_config=fonts, stylesheets=[sheet], pdf_variant="pdf/ua-1"
)
"""


def seconds(command: Sequence[str], folder: Path, **environment: str) -> float:
    """Run a command to its end in a folder; return how long it took by the clock."""
    start = time.perf_counter()
    subprocess.run(command, cwd=folder, env={**os.environ, **environment}, check=True, capture_output=True)
    return time.perf_counter() - start


def measure(rounds: int) -> dict[str, list[float]]:
    """The times of each kind of run, in seconds."""
    composition = prepare(Order(HANDOUT, FULL, "en", LETTER), load_clinic(sample_clinic()))
    times: dict[str, list[float]] = {name: [] for name in ("bare", "cold", "unchanged", "help", "list")}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "page.html").write_text(composition.html, encoding="utf-8")
        (folder / "fonts.css").write_text("\n".join(face.css for face in composition.faces), encoding="utf-8")
        (folder / "bare.py").write_text(BARE, encoding="utf-8")
        bare = [sys.executable, "bare.py", "page.html", "fonts.css", "bare.pdf", composition.base.as_uri() + "/"]
        render = [*HANDOUTS, "render", HANDOUT]
        cache = str(folder / "cache")
        seconds(render, folder, HANDOUTS_CACHE=cache)  # fills the cache, and warms the disk for all
        for at in range(rounds):
            print(f"round {at + 1} of {rounds}", file=sys.stderr)
            times["bare"].append(seconds(bare, folder))
            times["cold"].append(seconds(render, folder, HANDOUTS_CACHE=""))
            times["unchanged"].append(seconds(render, folder, HANDOUTS_CACHE=cache))
            times["help"].append(seconds([*HANDOUTS, "--help"], folder))
            times["list"].append(seconds([*HANDOUTS, "list"], folder))
    return times


def measure_library() -> dict[str, list[float]]:
    """The times of printing and checking the whole library, in seconds: one core, all cores, one text changed, none."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        clinic = folder / "clinic"
        shutil.copytree(sample_clinic(), clinic)
        everything = [*HANDOUTS, "render", "--all", "--clinic", str(clinic)]
        cache = str(folder / "cache")
        times = {"one job": [seconds([*everything, "--jobs", "1"], folder, HANDOUTS_CACHE="")]}
        times["all jobs"] = [seconds(everything, folder, HANDOUTS_CACHE=cache)]
        text = clinic / "content" / "en" / "blocks" / "ptsd.md"
        text.parent.mkdir(parents=True)
        ours = bundled_root() / "content" / "en" / "blocks" / "ptsd.md"
        text.write_text(ours.read_text(encoding="utf-8").replace("Read them", "Please read them"), encoding="utf-8")
        times["one text changed"] = [seconds(everything, folder, HANDOUTS_CACHE=cache)]
        times["nothing changed"] = [seconds(everything, folder, HANDOUTS_CACHE=cache)]
        times["check"] = [seconds([*HANDOUTS, "check"], folder) for _ in range(3)]
    return times


def ratio(times: dict[str, list[float]], over: str, under: str) -> float:
    """The median of the ratios, round by round."""
    return statistics.median(a / b for a, b in zip(times[over], times[under], strict=True))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true", help="all times, in seconds")
    parser.add_argument("--library", action="store_true", help="the whole library too: takes some minutes")
    wanted = parser.parse_args()
    times = measure(wanted.rounds)
    library = measure_library() if wanted.library else {}
    times |= library
    if wanted.json:
        print(json.dumps(times, indent=2))
        return
    rows = [
        ("render, cold, against a bare WeasyPrint script", ratio(times, "cold", "bare"), "1.15 times"),
        ("render, nothing changed, against cold", ratio(times, "unchanged", "cold"), "0.25 times"),
        ("handouts --help", statistics.median(times["help"]), "0.2 s"),
        ("handouts list", statistics.median(times["list"]), "0.2 s"),
    ]
    if library:
        rows += [
            ("render --all, all cores against one", ratio(times, "all jobs", "one job"), "0.65 times on two cores"),
            ("render --all, one text changed, against all", ratio(times, "one text changed", "all jobs"), "0.25 times"),
            ("render --all, nothing changed, against all", ratio(times, "nothing changed", "all jobs"), "0.1 times"),
            ("handouts check, the whole library", statistics.median(times["check"]), "3 s"),
        ]
    for name, value, aim in rows:
        print(f"{name:<48} {value:6.2f}   aim: at most {aim}")
    print(", ".join(f"{name} {statistics.median(values):.2f} s" for name, values in times.items()))


if __name__ == "__main__":
    main()
