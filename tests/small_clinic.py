"""An invented clinic with a handout, a ledger, templates and a style of its own: laid out in no time.

Tests of commands and of bad input stand on it, so that they do not hang on the bundled texts and their look.
"""

from __future__ import annotations

from pathlib import Path

from handouts.library import bundled_root

CLINIC_TOML = """\
[clinic]
name = "Test Clinic"
crisis = "Call 988."

[[locations]]
name = "Here"
address = ["1 Nowhere Street"]
phone = "(555) 010-0100"
hours = "Mondays, 8 am to 9 am"

[brand]
logo = "logo.svg"

[brand.colors]
brand = "#0f5c63"
"""

# A clinic's own rules: goes below CLINIC_TOML. Each number is its own, so that a test sees which one it met.
PROTOCOL = """
[protocol]
approved_by = "Dr. Test, medical director"
approved_on = 2026-01-12
in_force_from = 2026-02-01
after_hours = "(555) 010-0911, any time"
leaves_with = "adult"

[protocol.ketamine]
no_food_hours = 8
no_drink_hours = 3
stay_hours = 4
no_driving_hours = 36

[protocol.esketamine]
no_food_hours = 5
no_drink_hours = 0.5
stay_hours = 2
no_driving_hours = 24
"""

LOGO = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9" width="9"><path d="M0 0h9v9z"/></svg>\n'

HANDOUT = """\
---
title: A small handout
code: SMALL
purpose: To be laid out quickly.
main_message: It is small.[@small-claim]
picture: square
picture_alt: A square.
picture_caption: A square.
version: "1.0"
updated: 2026-11-22
concerns: []
sections: [small-block, small-safety]
summary: [small-block, small-safety]
---
Hello from ((clinic name)).
"""

BLOCK = """\
---
title: A small block
kind: text
icon: square
key_point: This is the key point.[@small-claim]
---
Some text. Call ((clinic phone)).[@small-claim]

![A square.](figure:square "This is a square.")
"""

SAFETY = """\
---
title: Stay safe
kind: safety
icon: square
short:
  - Take care.[@take-care]
groups:
  - title: Always
    items: [take-care]
---
Read this.
"""

TEMPLATE = """\
<!DOCTYPE html>
<html lang="{{ handout.edition.language }}">
<head>
<title>{{ handout.title }}</title>
<style>{{ styles }}</style>
{% block head %}{% endblock %}
</head>
<body>
<h1>{{ handout.title }}</h1>
{% if logo %}<img src="{{ logo }}" alt="{{ clinic.names.name }}">{% endif %}
<p>{{ scribe.prose(handout.main_message) }}</p>
{% block more %}{% endblock %}
{% for section in handout.sections %}
<section id="{{ section.slug }}">
<h2>{{ section.title }}</h2>
{% if section.key_point %}<p>{{ scribe.prose(section.key_point) }}</p>{% endif %}
{% for part in section.body %}
{% if part.alternative is defined %}<img src="{{ scribe.picture(part) }}" alt="{{ part.alternative }}">
{% else %}{{ scribe.prose(part) }}{% endif %}
{% endfor %}
</section>
{% endfor %}
<ol>{% for number, source in scribe.sources %}<li>{{ source.title }}</li>{% endfor %}</ol>
</body>
</html>
"""

STYLE = "html { font: 12pt/1.4 var(--text-font); color: var(--ink); } h1, h2 { color: var(--brand) }\n"

CLAIMS = """\
claims:
- id: small-claim
  topic: size
  claim: Small is beautiful.
  verdict: supported
  evidence_says: Small is quick.
  strength: strong
  sources: [small-study]
  use: ok
- id: left-out
  topic: size
  claim: Small is always best.
  verdict: wrong
  evidence_says: Nobody has shown that.
  strength: early
  sources: [small-study]
  use: omit
"""

SAFETY_TEXTS = """\
safety:
- id: take-care
  group: always
  must: always
  text: Take care.
  sources: [small-study]
  strength: strong
"""

SOURCES = """\
sources:
- key: small-study
  kind: trial
  authors: Person T
  title: A small study
  venue: Journal of Tests
  year: 2020
  cite: null
  doi: null
  verified: stored-page
  checked_level: A
  seen_kind: abstract
"""

ABOUT = "meta: {}\ncorrections:\n- {claim: left-out, correction: Small is not always best.}\nunverified: []\n"

FILES = {
    "clinic.toml": CLINIC_TOML,
    "assets/logo.svg": LOGO,
    "content/figures/square.svg": LOGO,
    "content/figures/icon-square.svg": LOGO,
    "content/en/handouts/small.md": HANDOUT,
    "content/en/blocks/small-block.md": BLOCK,
    "content/en/blocks/small-safety.md": SAFETY,
    "content/ledger/claims.yaml": CLAIMS,
    "content/ledger/safety.yaml": SAFETY_TEXTS,
    "content/ledger/sources.yaml": SOURCES,
    "content/ledger/about.yaml": ABOUT,
    "templates/small.html": TEMPLATE,
    "templates/full.html": '{% extends "small.html" %}\n',
    "templates/summary.html": '{% extends "small.html" %}\n',
    "styles/base.css": STYLE,
    "styles/full.css": "",
    "styles/summary.css": "",
    "styles/large-print.css": "",
}


def write(folder: Path, files: dict[str, str | bytes]) -> Path:
    """Write the files below the folder, over what is there."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def write_small_clinic(folder: Path) -> Path:
    return write(folder, dict(FILES))


# A second language, which nothing that comes with us is written in. Most words of the page stay English.

CLINIC_TOML_FR = CLINIC_TOML.replace('"Call 988."', '{ en = "Call 988.", fr = "Appelez le 988." }').replace(
    '"Mondays, 8 am to 9 am"', '{ en = "Mondays, 8 am to 9 am", fr = "Le lundi, de 8 h à 9 h" }'
)

HANDOUT_FR = """\
---
title: Une petite feuille
code: SMALL
purpose: Pour être mise en page vite.
main_message: Elle est petite.[@small-claim]
picture: square
picture_alt: Un carré.
picture_caption: Un carré.
version: "1.0"
updated: 2026-11-22
concerns: []
sections: [small-block, small-safety]
summary: [small-block, small-safety]
---
Bonjour de ((clinic name)).
"""

BLOCK_FR = """\
---
title: Un petit bloc
kind: text
icon: square
key_point: Ceci est le point clé.[@small-claim]
---
Un peu de texte, {en:off-label} par exemple. Appelez ((clinic phone)).[@small-claim]

![Un carré.](figure:square "Ceci est un carré.")
"""

SAFETY_FR = """\
---
title: Restez prudent
kind: safety
icon: square
short:
  - Faites attention.[@take-care]
groups:
  - title: Toujours
    items: [take-care]
texts:
  take-care: Faites attention à vous.
---
Lisez ceci.
"""

DRAFT_FR, STALE_FR = "Brouillon, traduction non relue", "Plus ancien que le texte anglais"
CRISIS_FR = "Appelez le 988, jour et nuit."

FRENCH = {
    "content/fr/handouts/small.md": HANDOUT_FR,
    "content/fr/blocks/small-block.md": BLOCK_FR,
    "content/fr/blocks/small-safety.md": SAFETY_FR,
}


def furniture_en() -> str:
    return (bundled_root() / "content" / "en" / "furniture.yaml").read_text(encoding="utf-8")


def furniture_fr() -> str:
    own = {
        "language_name": "Français",
        "two_languages": "En deux langues",
        "crisis_line": CRISIS_FR,
        "translation_draft": DRAFT_FR,
        "translation_stale": STALE_FR,
    }
    english = [line for line in furniture_en().splitlines() if line.partition(":")[0] not in own]
    return "\n".join([*english, *(f"{key}: {words}" for key, words in own.items()), ""])


def write_french(folder: Path) -> Path:
    """The small handout in French too. Nobody has recorded yet which English it was made from."""
    return write(folder, {**FRENCH, "clinic.toml": CLINIC_TOML_FR, "content/fr/furniture.yaml": furniture_fr()})
