"""How fast `handouts day` is, as ratios from one run: `make bench`. A benchmark, not a test: nothing fails on a slow day.

The other side is a plain loop: it gives WeasyPrint the same kit's HTML for each patient, once, and writes one PDF/UA-1
from the pages. It is spared all that we do besides: no tailoring, no white space tried, no joining, no token, no guard,
no packet, and neither the start of Python nor reading texts is counted for it. Ours is the whole process, with all of it.
"""

from __future__ import annotations

import argparse
import csv
import dataclasses
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

DAY = date(2026, 11, 23)
HANDOUTS = [sys.executable, "-c", "from handouts.cli import main; main()"]
_FIRST = "Sample May Hope Example Pretend Mock Trial Model Demo Draft".split()
_SECOND = "Autumn Birch Clover Dune Ember Fern Garnet Heather Iris Juniper Kestrel Linden Maple Nettle Olive".split()
_LAST = "Placeholder Example Invented Specimen Nobody Madeup Testcase Standin Imagined Fiction Sampler Dummy".split()
_KINDS = (  # how one patient differs from the next: visit type, route, condition, what is left out
    ("first-infusion", "infusion", "depression", ""),
    ("later-infusion", "infusion", "depression", ""),
    ("first-infusion", "infusion", "PTSD", "spiritual"),
    ("nasal", "nasal", "depression", ""),
    ("first-infusion", "injection", "chronic pain", ""),
    ("consultation", "", "anxiety", ""),
    ("first-infusion", "lozenge", "depression", ""),
    ("nasal", "nasal", "depression", "spiritual"),
    ("consultation", "", "alcohol; depression", ""),
    ("first-infusion", "infusion", "", ""),
)
_BARE = """
import json, resource, sys, time
import os
os.environ["FONTCONFIG_FILE"] = sys.argv[2]
import weasyprint
from weasyprint.text.fonts import FontConfiguration
papers = json.load(open(sys.argv[1], encoding="utf-8"))
fonts = FontConfiguration()
sheets = {css: weasyprint.CSS(string=css, font_config=fonts) for css in {page["css"] for p in papers for page in p}}
def cpu():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
start, clock, pages, size = cpu(), time.perf_counter(), 0, 0
for paper in papers:
    made = []
    for page in paper:
        html = weasyprint.HTML(string=page["html"], base_url=page["base"])
        made.append(html.render(font_config=fonts, stylesheets=[sheets[page["css"]]], pdf_variant="pdf/ua-1"))
    every = [page for document in made for page in document.pages]
    size += len(made[0].copy(every).write_pdf(pdf_variant="pdf/ua-1"))
    pages += len(every)
print(json.dumps({"cpu": cpu() - start, "wall": time.perf_counter() - clock, "pages": pages, "bytes": size}))
"""


@dataclass(frozen=True)
class Used:
    """What a whole run took, all its processes counted. Memory in MB: the most that was held at any time."""

    cpu: float
    wall: float
    parent: float
    worker: float
    together: float
    packet: int
    pages: int


def schedule(path: Path, patients: int) -> None:
    """A day of invented people, in the order in which kinds, languages and print sizes mix."""
    columns = "reference,name,born,language,large_print,route,condition,visit_type,visit_date,visit_time,clinician"
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow([*columns.split(","), "exclude", "note"])
        for at in range(patients):
            visit, route, condition, exclude = _KINDS[at % len(_KINDS)]
            first, rest = at % len(_FIRST), at // len(_FIRST)
            second, last = rest % len(_SECOND), rest // len(_SECOND)
            name = f"{_FIRST[first]} {_SECOND[second]} {_LAST[(last + first) % len(_LAST)]}"
            if last >= len(_LAST):
                name += f" {_SECOND[(second + last) % len(_SECOND)]}"
            row = [f"B-{10_000 + at}", name, date(1950 + at % 50, 1 + at % 12, 1 + at % 28).isoformat()]
            row += ["es" if at % 3 == 1 else "en", "yes" if at % 7 == 3 else "no", route, condition, visit]
            row += [DAY.isoformat(), f"{8 + at * 9 // max(patients, 1)}:{at % 12 * 5:02}", "Dr. Ada Example", exclude]
            rows.writerow([*row, "Please **bring** your list of medicines." if at % 4 == 0 else ""])


def day_run(rows: Path, folder: Path, jobs: int, cache: Path | None) -> Used:
    """`handouts day` with a packet, as a process of its own, from its start to its end."""
    command = [*HANDOUTS, "day", str(rows), "--packet", "packet.pdf", "--output", str(folder), "--jobs", str(jobs)]
    environment = {**os.environ, "HANDOUTS_CACHE": str(cache or "")}
    start = time.perf_counter()
    with tempfile.TemporaryFile() as told:
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=told)
        watch = _Watch(process.pid)
        _, status, usage = os.wait4(process.pid, 0)  # the times of all its own processes are in it
        process.returncode = os.waitstatus_to_exitcode(status)
        wall = time.perf_counter() - start
        watch.stop()
        told.seek(0)
        last = told.read().decode().strip().splitlines()[-1:]
    if process.returncode:
        raise SystemExit(f"the day run failed: {last}")
    pages = int(last[0].split(" pages")[0].rsplit(" ", 1)[-1])
    parent, worker, together = watch.peaks(process.pid)
    packet = (folder / "packet.pdf").stat().st_size
    return Used(usage.ru_utime + usage.ru_stime, wall, parent, worker, together, packet, pages)


class _Watch:
    """Looks at a process and those it starts, twenty times a second: how much memory each has held at most.

    The kernel's own sum for ended processes (`ru_maxrss`) would count what the process before it held.
    """

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._peaks: dict[int, int] = {}
        self._together = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        self._thread.join()

    def peaks(self, parent: int) -> tuple[float, float, float]:
        """In MB: the parent, the largest of its processes, and the most that all held at one time."""
        others = [peak for pid, peak in self._peaks.items() if pid != parent]
        return self._peaks.get(parent, 0) / 1024, max(others, default=0) / 1024, self._together / 1024

    def _look(self) -> None:
        while not self._over.wait(0.05):
            now = 0
            for pid in _family(self._pid):
                held = _status(pid)
                self._peaks[pid] = max(self._peaks.get(pid, 0), held.get("VmHWM", 0))
                now += held.get("VmRSS", 0)
            self._together = max(self._together, now)


def _family(pid: int) -> Iterator[int]:
    yield pid
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text()
        threads = [path for path in Path(f"/proc/{pid}/task").iterdir() if path.name != str(pid)]
        children += "".join((path / "children").read_text() for path in threads)
    except OSError:
        return
    for child in children.split():
        yield from _family(int(child))


def _status(pid: int) -> dict[str, int]:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return {}
    return {key: int(rest.split()[0]) for key, _, rest in (line.partition(":") for line in lines) if key[:2] == "Vm"}


@dataclass(frozen=True)
class Kit:
    """What the papers of a schedule are: how many variants of shared pages, who gets each, and HTML for the other side."""

    variants: dict[str, int]
    titles: tuple[str, ...]
    papers: list[list[dict[str, str]]]
    sample: int


def kit(rows: Path, sample: int) -> Kit:
    """The same plans as the day run makes, with the HTML of a sample that is spread over all the variants."""
    from handouts.clinic import load_clinic
    from handouts.formats import LETTER
    from handouts.intake import read_patients
    from handouts.library import sample_clinic
    from handouts.personal import compose_personal
    from handouts.planning import Planner

    planner = Planner(load_clinic(sample_clinic()), LETTER, date.today())
    plans, problems = planner.plans(read_patients(rows))
    if problems:
        raise SystemExit("\n".join(str(problem) for problem in problems))
    named = [" ".join(sorted({plan.patient.language, "large" * plan.large})).strip() for plan in plans]
    keys = [(name, tuple(id(one) for one in plan.shared)) for name, plan in zip(named, plans, strict=True)]
    sets = Counter(keys)
    numbers = {key: f"{at + 1} ({key[0]})" for at, key in enumerate(sets)}
    papers = []
    # In the order of their variants, each so-manieth one: the sample has of each variant what the day has of it.
    sorted_plans = [plan for key in sets for plan, own in zip(plans, keys, strict=True) if own == key]
    for plan in (sorted_plans[int((at + 0.5) * len(plans) / sample)] for at in range(sample)):
        house = planner.house(plan.patient.language)
        own = compose_personal(plan.patient, house, plan.large, LETTER, plan.titles, plan.dose)
        papers.append(
            [
                {
                    "html": one.html,
                    "base": one.base.as_uri() + "/",
                    "css": "\n".join(face.css for face in one.faces),
                }
                for one in (own, *plan.shared)
            ]
        )
    titles = tuple(dict.fromkeys(title for plan in plans for title in plan.titles))
    return Kit({numbers[key]: count for key, count in sets.items()}, titles, papers, sample)


def plain_loop(made: Kit, folder: Path) -> dict[str, float]:
    """The other side, in one process that lives for all of the sample."""
    import handouts

    (folder / "kit.json").write_text(json.dumps(made.papers), encoding="utf-8")
    (folder / "bare.py").write_text(_BARE, encoding="utf-8")
    fonts = Path(handouts.__file__).with_name("no-machine-fonts.conf")
    command = [sys.executable, str(folder / "bare.py"), str(folder / "kit.json"), str(fonts)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return {key: float(value) for key, value in json.loads(done.stdout).items()}


def measure(patients: int, many: int, sample: int, rounds: int, tell: Callable[[str], None]) -> dict[str, object]:
    """All figures of the day run. `many` is 0 to leave out the run that shows how memory grows."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows = {count: folder / f"{count}.csv" for count in {patients, patients // 2, many} - {0}}
        for count, path in rows.items():
            schedule(path, count)
        made = kit(rows[patients], sample)
        cache = folder / "cache"

        def run(what: str, count: int, jobs: int, kept: bool = True) -> Used:
            tell(f"{what}: {count} patients, {jobs} at a time")
            place = tempfile.mkdtemp(dir=folder)
            return day_run(rows[count], Path(place) / "out", jobs, cache if kept else None)

        run("filling the cache", patients, 1)
        turns = []
        for at in range(rounds):
            tell(f"round {at + 1} of {rounds}: plain loop, {sample} patients")
            turns.append((plain_loop(made, folder), run("papers", patients, 1), run("papers", patients, 2)))
        cold = run("papers, nothing kept from another day", patients, 2, kept=False)
        half = run("packet", patients // 2, 2)
        large = run("memory", many, 2) if many else None
    plain, one, two = ([turn[at] for turn in turns] for at in range(3))
    both = turns[-1][2]
    per_plain = [turn["cpu"] / sample for turn in plain]  # type: ignore[call-overload,index]
    one_cpu = [used.cpu / patients for used in one]  # type: ignore[union-attr]
    two_cpu = [used.cpu / patients for used in two]  # type: ignore[union-attr]
    figures: dict[str, object] = {
        "patients": patients,
        "variants": made.variants,
        "papers": made.titles,
        "pages": one[0].pages,  # type: ignore[union-attr]
        "pages per patient": one[0].pages / patients,  # type: ignore[union-attr]
        "pages per patient, plain loop": plain[0]["pages"] / sample,  # type: ignore[call-overload,index]
        "patients in the plain loop": sample,
        "CPU seconds per patient, plain loop": per_plain,
        "CPU seconds per patient, --jobs 1": one_cpu,
        "CPU seconds per patient, --jobs 2": two_cpu,
        "CPU seconds per patient, --jobs 2, nothing kept": cold.cpu / patients,
        "CPU against the plain loop": statistics.median(a / b for a, b in zip(one_cpu, per_plain, strict=True)),
        "CPU against the plain loop, --jobs 2": statistics.median(
            a / b for a, b in zip(two_cpu, per_plain, strict=True)
        ),
        "CPU against the plain loop, nothing kept": cold.cpu / patients / statistics.median(per_plain),
        "wall of --jobs 2 against --jobs 1": statistics.median(
            b.wall / a.wall  # type: ignore[union-attr]
            for a, b in zip(one, two, strict=True)
        ),
        "packet bytes": both.packet,
        "packet bytes per further patient": (both.packet - half.packet) / (patients - patients // 2),
        "runs": {
            "jobs 1": [dataclasses.asdict(used) for used in one],
            "jobs 2": [dataclasses.asdict(used) for used in two],
            "nothing kept": dataclasses.asdict(cold),
            "half": dataclasses.asdict(half),
            "many": dataclasses.asdict(large) if large else None,
            "plain loop": plain,
        },
    }
    if large:
        figures["many patients"] = many
        figures["memory of many against few"] = {
            name: getattr(large, name) / getattr(both, name) for name in ("parent", "worker", "together")
        }
    return figures


if __name__ == "__main__":
    pass
