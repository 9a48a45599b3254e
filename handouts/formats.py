"""The forms a paper can take: a form is a row in these tables, not a branch in the code."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Paper:
    """A sheet: its CSS name, and its width and height in millimetres."""

    name: str
    width: float
    height: float


@dataclass(frozen=True)
class Format:
    """One form of a handout.

    `pages` is how many pages it may have (None: as many as it takes), `pages_at_most` how many if it does not fit
    otherwise: a language that runs longer gets another sheet, never smaller type. `fill` is the share of the live
    height (paper less margins) that the last page's content must reach, lowest and highest; `airs` are the amounts of
    white space to try, from the most to the least, until the text fits (a factor on the spaces between blocks);
    `must_be_first` is the section that has to stand whole on page 1 (on more than `pages`, it begins there);
    `sources_of_full` says that there is no room for a list of sources: the numbers are those of the full handout.
    `panels`: it is made of panels that each have to hold their own text.
    """

    name: str
    large: bool
    template: str
    stylesheets: tuple[str, ...]
    code: str
    pages: int | None = None
    pages_at_most: int | None = None
    fill: tuple[float, float] | None = None
    airs: tuple[float, ...] = (1.0,)
    must_be_first: str | None = None
    sources_of_full: bool = False
    panels: bool = False


LETTER = Paper("letter", 215.9, 279.4)
A4 = Paper("a4", 210.0, 297.0)
PAPERS = {paper.name: paper for paper in (LETTER, A4)}

_AIRS = (1.9, 1.6, 1.35, 1.15, 1.0, 0.85, 0.7, 0.55, 0.42)

FULL = Format("full", False, "full.html", ("base.css", "full.css"), "F")
FULL_LARGE = Format("full", True, "full.html", ("base.css", "full.css", "large-print.css"), "FL")
SUMMARY = Format(
    "summary", False, "summary.html", ("base.css", "summary.css"), "S", pages=1, fill=(0.85, 0.98), airs=_AIRS
)
SUMMARY_LARGE = Format(
    "summary",
    True,
    "summary.html",
    ("base.css", "summary.css", "large-print.css"),
    "SL",
    pages=2,
    pages_at_most=4,
    airs=_AIRS,
    must_be_first="safety",
    sources_of_full=True,
)
# Two languages side by side. Columns are too narrow for large print, which is printed in each language by itself.
FULL_BILINGUAL = Format("full", False, "bilingual.html", ("base.css", "bilingual.css"), "B")
SUMMARY_BILINGUAL = Format(
    "summary",
    False,
    "bilingual-summary.html",
    ("base.css", "bilingual.css", "bilingual-summary.css"),
    "SB",
    pages=2,
    airs=_AIRS,
)
# What is made for one patient or one day. It is not asked for by name, so it stands in no table. More than its pages
# is not a fault: a clinician's note may be long.
# Nearly all pages of a visit fit with the first: each further try takes as long as the first.
_PERSONAL_AIRS = (0.85, 0.6, 0.4)
PERSONAL = Format(
    "personal", False, "personal.html", ("base.css", "personal.css"), "P", pages=1, pages_at_most=9, airs=_PERSONAL_AIRS
)
PERSONAL_LARGE = replace(PERSONAL, large=True, code="PL", pages=2, pages_at_most=24, airs=(0.75, 0.5, 0.4))
ESCORT = replace(PERSONAL, airs=(1.4, 1.0, 0.6, 0.4), name="escort", template="escort.html", code="E")
ESCORT_LARGE = replace(PERSONAL_LARGE, airs=(1.0, 0.6, 0.4), name="escort", template="escort.html", code="EL")
CLINICIAN_COPY = Format(
    "clinician-copy", False, "clinician-copy.html", ("base.css", "personal.css", "manifest.css"), "C"
)
MANIFEST = Format("manifest", False, "manifest.html", ("base.css", "personal.css", "manifest.css"), "M", pages=9999)
DIVIDER = replace(MANIFEST, name="divider", template="divider.html", code="D")
# A brochure's panels have a height that is fixed; how many pages the file has depends on the fold.
BROCHURE = Format("brochure", False, "brochure.html", ("base.css", "brochure.css"), "B", panels=True)
PREFLIGHT = Format("preflight", False, "preflight.html", ("base.css", "manifest.css", "preflight.css"), "PF", pages=2)
BILINGUAL_FORMATS = {row.name: row for row in (FULL_BILINGUAL, SUMMARY_BILINGUAL)}
FORMATS = {(row.name, row.large): row for row in (FULL, FULL_LARGE, SUMMARY, SUMMARY_LARGE)}
FORMAT_NAMES = ("full", "summary")
