"""How fast `handouts day` is, as ratios from one run: `make bench`. A benchmark: nothing fails on a slow day.

The other side is a plain loop: it gives WeasyPrint the same kit's HTML for each patient, once, and writes one PDF/UA-1
from the pages. It is spared all that we do besides: no tailoring, no white space tried, no joining, no token, no guard,
no packet; neither the start of Python nor reading texts is counted for it. Ours is the whole process, with all of it.
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
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from handouts.composing import Composition

DAY = date(2026, 11, 23)
HANDOUTS = [sys.executable, "-c", "from handouts.cli import main; main()"]
_FIRST = ["Sample", "May", "Hope", "Example", "Pretend", "Mock", "Trial", "Model", "Demo", "Draft"]
_SECOND = [
    "Autumn",
    "Birch",
    "Clover",
    "Dune",
    "Ember",
    "Fern",
    "Garnet",
    "Heather",
    "Iris",
    "Juniper",
    "Kestrel",
    "Linden",
    "Maple",
    "Nettle",
    "Olive",
]
_LAST = [
    "Placeholder",
    "Example",
    "Invented",
    "Specimen",
    "Nobody",
    "Madeup",
    "Testcase",
    "Standin",
    "Imagined",
    "Fiction",
    "Sampler",
    "Dummy",
]
_KINDS = (  # how one patient differs from the next: visit type, route, condition, what is left out
    ("first-infusion", "infusion", "depression", ""),
    ("later-infusion", "infusion", "depression", ""),
    ("first-infusion", "infusion", "PTSD", "spiritual"),
    ("nasal", "nasal", "depression", ""),
    ("first-infusion", "injection", "chronic pain", ""),
    ("consultation", "", "anxiety", ""),
    ("first-infusion", "lozenge", "depression", ""),
    ("nasal", "nasal", "depression", "spiritual"),
    ("first-infusion", "infusion", "alcohol; depression", ""),
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


_printed: dict[int, str] = {}


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
            row += ["es" if at % 3 == 1 else "en", "yes" if at % 7 in (3, 5) else "no", route, condition, visit]
            row += [DAY.isoformat(), f"{8 + at * 9 // max(patients, 1)}:{at % 12 * 5:02}", "Dr. Ada Example", exclude]
            rows.writerow([*row, "Please **bring** your list of medicines." if at % 4 == 0 else ""])


def day_run(rows: Path, folder: Path, jobs: int, cache: Path) -> Used:
    """`handouts day` with a packet, as a process of its own, from its start to its end."""
    command = [*HANDOUTS, "day", str(rows), "--packet", "packet.pdf", "--output", str(folder), "--jobs", str(jobs)]
    environment = {**os.environ, "HANDOUTS_CACHE": str(cache)}
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
    """What the papers of a schedule are: how many variants of shared pages, who gets each, and HTML for the loop."""

    variants: dict[str, int]
    titles: tuple[str, ...]
    papers: list[list[dict[str, str]]]
    sample: int


def kit(rows: Path, sample: int) -> Kit:
    """The same plans as the day run makes, with the HTML of a sample that is spread over all the variants."""
    from handouts.clinic import load_clinic
    from handouts.formats import LETTER
    from handouts.house import Houses
    from handouts.intake import read_patients
    from handouts.library import sample_clinic
    from handouts.personal import compose_personal
    from handouts.planning import Planner

    houses = Houses(load_clinic(sample_clinic()), date.today())
    planner = Planner(houses, LETTER)
    plans, problems = planner.plans(read_patients(rows))
    if problems:
        raise SystemExit("\n".join(str(problem) for problem in problems))
    named = [" ".join(sorted({plan.patient.language, "large" * plan.large})).strip() for plan in plans]
    keys = [(name, tuple(id(one) for one in plan.shared)) for name, plan in zip(named, plans, strict=True)]
    sets = Counter(keys)
    numbers = {key: f"{at + 1} ({key[0]})" for at, key in enumerate(sets)}
    papers, held = [], []  # held: what is told apart by its id must live on
    # In the order of their variants, each so-manieth one: the sample has of each variant what the day has of it.
    sorted_plans = [plan for key in sets for plan, own in zip(plans, keys, strict=True) if own == key]
    for plan in (sorted_plans[int((at + 0.5) * len(plans) / sample)] for at in range(sample)):
        house = houses.speaking(plan.patient.language)
        own = compose_personal(plan.patient, house, plan.large, LETTER, plan.titles, plan.dose)
        held.append(own)
        papers.append(
            [
                {
                    "html": _as_printed(one),
                    "base": one.base.as_uri() + "/",
                    "css": "\n".join(face.css for face in one.faces),
                }
                for one in (own, *plan.shared)
            ]
        )
    titles = tuple(dict.fromkeys(title for plan in plans for title in plan.titles))
    return Kit({numbers[key]: count for key, count in sets.items()}, titles, papers, sample)


def _as_printed(composition: Composition) -> str:
    """Its HTML with the white space that fits its pages: the loop is not to lay out pages that we do not have."""
    from handouts.typesetting import typeset

    if id(composition) not in _printed:
        rendering = typeset(composition)
        _printed[id(composition)] = composition.with_air(rendering.air, rendering.flowing)
    return _printed[id(composition)]


def plain_loop(made: Kit, folder: Path) -> dict[str, float]:
    """The other side, in one process that lives for all of the sample."""
    import handouts

    (folder / "kit.json").write_text(json.dumps(made.papers), encoding="utf-8")
    (folder / "bare.py").write_text(_BARE, encoding="utf-8")
    fonts = Path(handouts.__file__).with_name("no-machine-fonts.conf")
    command = [sys.executable, str(folder / "bare.py"), str(folder / "kit.json"), str(fonts)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return {key: float(value) for key, value in json.loads(done.stdout).items()}


def measure(patients: int, many: int, sample: int, rounds: int, tell: Callable[[str], None]) -> Figures:
    """All figures of the day run. `many` is 0 to leave out the run that shows how memory grows."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows = {count: folder / f"{count}.csv" for count in {patients, patients // 2, many} - {0}}
        for count, path in rows.items():
            schedule(path, count)
        made = kit(rows[patients], sample)

        def run(what: str, count: int, jobs: int) -> Used:
            place = tempfile.mkdtemp(dir=folder)
            used = day_run(rows[count], Path(place) / "out", jobs, folder / "cache")
            tell(f"{what}: {count} patients, {jobs} at a time: {used.cpu:.1f} s of CPU, {used.wall:.1f} s, {used}")
            return used

        cold = run("the first day, nothing kept", patients, 2)
        turns = []
        for _ in range(rounds):
            plain = plain_loop(made, folder)
            tell(f"plain loop: {sample} patients: {plain}")
            turns.append(Turn(plain, run("papers", patients, 1), run("papers", patients, 2)))
        half = run("packet", patients // 2, 2)
        large = run("memory", many, 2) if many else None
    return Figures(patients, made.titles, made.variants, sample, many, cold, tuple(turns), half, large)


@dataclass(frozen=True)
class Turn:
    """One round: the plain loop and our two runs, one right after the other."""

    plain: dict[str, float]
    one: Used
    two: Used


@dataclass(frozen=True)
class Figures:
    """What was measured, and what follows from it. All ratios are medians over the rounds."""

    patients: int
    titles: tuple[str, ...]
    variants: dict[str, int]
    sample: int
    many: int
    cold: Used
    turns: tuple[Turn, ...]
    half: Used
    large: Used | None

    @property
    def rows(self) -> list[tuple[str, float, str]]:
        """Each figure with its aim, as it stands in the table."""
        few = self.turns[-1].two
        plain = self._median(lambda turn: turn.plain["cpu"] / self.sample)
        each = self.patients
        rows = [
            ("patients", float(each), ""),
            ("variants of their shared pages", float(len(self.variants)), "12 or more"),
            ("pages of a patient", few.pages / each, "about 8"),
            ("pages of a patient, plain loop", self.turns[0].plain["pages"] / self.sample, "the same"),
            ("CPU s a patient, plain loop", plain, ""),
            ("CPU s a patient, --jobs 1", self._median(lambda turn: turn.one.cpu / each), ""),
            ("CPU s a patient, --jobs 2", self._median(lambda turn: turn.two.cpu / each), ""),
            ("CPU s a patient, first day", self.cold.cpu / each, ""),
            ("CPU against the plain loop, --jobs 1", self._cpu(lambda turn: turn.one), "0.167, 0.083"),
            ("CPU against the plain loop, --jobs 2", self._cpu(lambda turn: turn.two), "0.167, 0.083"),
            ("CPU against the plain loop, first day", self.cold.cpu / each / plain, "0.167, 0.083"),
            ("clock, --jobs 2 against --jobs 1", self._median(lambda turn: turn.two.wall / turn.one.wall), "0.6"),
            ("packet, kB a further patient", (few.packet - self.half.packet) / (each - each // 2) / 1000, "25"),
            ("memory of the parent, MB", few.parent, ""),
            ("memory of its largest process, MB", few.worker, ""),
        ]
        if self.large:
            rows += [
                (f"memory of {self.many}, parent", self.large.parent / few.parent, "1.15"),
                (f"memory of {self.many}, largest process", self.large.worker / few.worker, "1.15"),
                (f"memory of {self.many}, all together", self.large.together / few.together, "1.15"),
            ]
        return rows

    def _median(self, value: Callable[[Turn], float]) -> float:
        return statistics.median(value(turn) for turn in self.turns)

    def _cpu(self, ours: Callable[[Turn], Used]) -> float:
        return self._median(lambda turn: (ours(turn).cpu / self.patients) / (turn.plain["cpu"] / self.sample))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--patients", type=int, default=200)
    parser.add_argument("--many", type=int, default=2000, help="patients of the run for memory; 0: leave it out")
    parser.add_argument("--sample", type=int, default=24, help="patients in the plain loop")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="all that was measured")
    wanted = parser.parse_args()
    figures = measure(
        wanted.patients,
        wanted.many,
        wanted.sample,
        wanted.rounds,
        lambda said: print(said, file=sys.stderr, flush=True),
    )
    if wanted.json:
        table = {name: value for name, value, _ in figures.rows}
        print(json.dumps({"figures": table, "measured": dataclasses.asdict(figures)}, indent=2, ensure_ascii=False))
        return
    print(f"Papers: {', '.join(figures.titles)}")
    for name, value, aim in figures.rows:
        print(f"{name:<42} {value:8.3f}{f'   aim: {aim}' if aim else ''}")


if __name__ == "__main__":
    main()
