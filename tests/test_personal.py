"""The pages for one patient say what the clinic's rules say, print data as given, and leave their corner free."""

from __future__ import annotations

import io
import re
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, time
from functools import cache
from html import unescape
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handouts.clinic import load_clinic
from handouts.composing import Composition
from handouts.errors import ClinicError, ContentError, HandoutError, Origin
from handouts.formats import A4, LETTER, Paper
from handouts.house import House, load_house
from handouts.library import sample_clinic
from handouts.notes import note_as_html
from handouts.patient import Patient, Visit
from handouts.personal import (
    ManifestRow,
    clock,
    compose_clinician_copy,
    compose_escort,
    compose_manifest,
    compose_personal,
    day_in_words,
    last_moment,
    personal_words,
    unprintable,
)
from handouts.pipeline import produce
from handouts.typesetting import typeset
from tests.small_clinic import CLINIC_TOML, PROTOCOL, write, write_small_clinic

TODAY = date(2026, 11, 22)
DAY = date(2026, 11, 29)
HERE = Origin(Path("schedule.csv"), 7)
PLAN = ("Your treatment day", "How ketamine works")
MAY = Patient(
    reference="HL-20417",
    name="May Example-Placeholder",
    origin=HERE,
    preferred_name="Maya",
    born=date(1980, 5, 4),
    route="infusion",
    conditions=("a secret condition",),
    medicines=("a secret medicine",),
    visits=(Visit(DAY, time(9, 30), "Dr. Ada Example"),),
)


@dataclass(frozen=True)
class Decision:
    title: str
    kept: bool
    why: str


@dataclass(frozen=True)
class Clash:
    problem: str
    remedy: str
    detail: str = ""


DECISIONS = (Decision("Routes", True, "for everybody"), Decision("Spirit", False, "left out as asked: spiritual"))
CLASHES = (Clash("Medicine 1 may weaken the effect", "Talk about it first"),)
ROWS = tuple(
    ManifestRow(at, f"Sample Patient {at}", DAY if at % 2 else None, f"R-{at}", time(9), 4, "es", at == 2, None)
    for at in range(1, 31)
)


@cache
def house(language: str = "en") -> House:
    return load_house(load_clinic(sample_clinic()), language, TODAY)


def personal(patient: Patient = MAY, language: str = "en", large: bool = False, dose: bool = True) -> Composition:
    return compose_personal(patient, house(language), large, LETTER, PLAN, dose)


def words_of(composition: Composition) -> str:
    """The text of a composition without tags and styles, each run of white space one space."""
    body = composition.html.partition("<body")[2].partition(">")[2]
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", body)).split())


def every_page(paper: Paper = LETTER) -> list[tuple[str, Composition]]:
    made = []
    for language in ("en", "es"):
        for large in (False, True):
            name = f"{language}{'-large' if large else ''}"
            made.append((f"personal-{name}", compose_personal(MAY, house(language), large, paper, PLAN)))
            made.append((f"escort-{name}", compose_escort(MAY, house(language), large, paper)))
        made.append((f"copy-{language}", compose_clinician_copy(MAY, house(language), DECISIONS, CLASHES, paper)))
        made.append((f"manifest-{language}", compose_manifest(ROWS, house(language), DAY, paper)))
    return made


class TestTimes:
    def test_clock_times_before_the_dose_are_counted_back_from_the_visit(self) -> None:
        said = words_of(personal())
        assert "No food after 1:30 am on Sunday, November 29. That is 8 hours before your visit." in said
        assert "No drink or water after 7:30 am on Sunday, November 29. That is 2 hours before your visit." in said

    def test_the_driving_rule_is_never_a_time_of_day_and_always_says_to_sleep(self) -> None:
        said = words_of(personal())
        assert "No driving for at least 24 hours after your dose, and until the next day" in said
        assert "a restful night's sleep" in said
        spanish = words_of(personal(language="es"))
        assert "No maneje por al menos 24 horas después de la dosis, y hasta el día siguiente" in spanish
        assert "dormir bien toda la noche" in spanish

    @pytest.mark.parametrize("route", ["infusion", "injection", "lozenge"])
    def test_ketamine_has_its_own_times(self, route: str) -> None:
        said = words_of(personal(replace(MAY, route=route, visits=())))  # type: ignore[arg-type]
        assert "No food for 8 hours before your dose" in said
        assert "esketamine" not in said
        assert "nose spray" not in said

    def test_the_nose_spray_has_its_own_times(self) -> None:
        said = words_of(personal(replace(MAY, route="nasal", visits=())))
        assert "No food for 2 hours before your dose" in said
        assert "30 minutes" in said
        assert "8 hours" not in said
        assert "I asked about my nose sprays." in said

    def test_both_are_labelled_if_the_route_is_not_known(self) -> None:
        said = words_of(personal(replace(MAY, route=None)))
        ketamine, esketamine = said.index("If you get ketamine"), said.index("If you get esketamine")
        assert ketamine < said.index("1:30 am") < esketamine < said.index("9:00 am")
        assert said.index("With either one") < said.index("24 hours")
        assert "Not sure which one you get? Call (555) 010-0142" in said

    def test_rules_after_the_dose_that_differ_stand_under_each(self, tmp_path: Path) -> None:
        folder = write(tmp_path / "clinic", {"clinic.toml": CLINIC_TOML.replace('logo = "logo.svg"', "") + PROTOCOL})
        other = load_house(load_clinic(folder), "en", TODAY)
        said = words_of(compose_personal(replace(MAY, route=None), other, False, LETTER, ()))
        assert "With either one" not in said
        assert said.index("36 hours") < said.index("If you get esketamine") < said.index("24 hours")

    def test_a_talk_has_no_times(self) -> None:
        said = words_of(personal(dose=False))
        assert "No food" not in said
        assert "No driving" not in said
        assert "Your questions" in said

    def test_the_day_before_and_midnight(self) -> None:
        assert str(last_moment(DAY, time(6, 0), 8)) == "2026-11-28 22:00:00"
        assert str(last_moment(DAY, time(8, 0), 8)) == "2026-11-28 23:59:00", "midnight can be read two ways"
        assert "10:00 pm on Saturday, November 28" in words_of(personal(replace(MAY, visits=(Visit(DAY, time(6)),))))

    def test_a_rule_that_is_missing_is_told(self, tmp_path: Path) -> None:
        folder = write(tmp_path / "clinic", {"clinic.toml": CLINIC_TOML.replace('logo = "logo.svg"', "")})
        with pytest.raises(ClinicError, match="protocol"):
            compose_personal(MAY, load_house(load_clinic(folder), "en", TODAY), False, LETTER, ())

    def test_an_hour_in_words(self) -> None:
        english, spanish = personal_words(house()), personal_words(house("es"))
        assert clock(time(0, 5), english) == "12:05 am".replace(" ", "\xa0")
        assert clock(time(12), english).replace("\xa0", " ") == "12 noon"
        assert clock(time(13, 5), spanish).replace("\xa0", " ") == "1:05 p. m."
        assert "a la 1:00 p. m. con" in words_of(
            personal(replace(MAY, visits=(Visit(DAY, time(13), "Dr. Ada"),)), "es")
        )
        assert day_in_words(TODAY, english) == "Sunday, November 22, 2026"
        assert day_in_words(TODAY, spanish) == "domingo 22 de noviembre de 2026"


class TestPrivacy:
    def test_no_title_or_slug_holds_a_name(self) -> None:
        for name, composition in every_page():
            for secret in ("May", "Maya", "HL-20417", "Sample", "secret"):
                assert secret not in composition.title + composition.slug, name

    def test_nothing_of_the_patient_is_in_the_metadata(self) -> None:
        content = produce(personal()).content
        with pikepdf.open(io.BytesIO(content)) as pdf:
            told = repr(pdf.docinfo) + str(pdf.Root.Metadata.read_bytes())
        assert "Your visit" in told
        for secret in ("May", "HL-20417", "1980", "secret"):
            assert secret not in told

    def test_the_escort_learns_no_reason_and_no_whole_name(self) -> None:
        for language in ("en", "es"):
            for route in ("infusion", "nasal", None):
                text = words_of(compose_escort(replace(MAY, route=route), house(language), False, LETTER))  # type: ignore[arg-type]
                for secret in (*MAY.name.split(), "HL-20417", "1980", "secret", "Ada Example-", "ketamin", "Spravato"):
                    assert not re.search(rf"\b{secret}", text.replace("Maya", ""), re.IGNORECASE), secret
                assert "Maya" in text
                assert not re.search(r"depress|anxi|psych|craving|mood|dose|depre|ansiedad|ánimo", text, re.IGNORECASE)

    def test_the_escort_page_has_no_name_if_no_preferred_one_is_known(self) -> None:
        text = words_of(compose_escort(replace(MAY, preferred_name=None), house(), False, LETTER))
        assert not set(re.findall(r"\w+", text)) & {"May", "Placeholder"}

    def test_the_escort_waits_the_longer_of_both_times(self, tmp_path: Path) -> None:
        folder = write(tmp_path / "clinic", {"clinic.toml": CLINIC_TOML.replace('logo = "logo.svg"', "") + PROTOCOL})
        other = load_house(load_clinic(folder), "en", TODAY)
        assert "36 hours" in words_of(compose_escort(replace(MAY, route=None), other, False, LETTER))
        assert "24 hours" in words_of(compose_escort(replace(MAY, route="nasal"), other, False, LETTER))

    def test_the_personal_page_and_the_manifest_hold_no_condition_or_medicine(self) -> None:
        assert "secret" not in words_of(personal())
        assert "secret" in words_of(compose_clinician_copy(MAY, house(), (), (), LETTER))

    def test_no_repr_tells_a_name(self) -> None:
        assert "Sample" not in repr(ROWS)

    def test_a_name_of_any_length_wraps_so_that_no_error_quotes_it(self) -> None:
        for large in (False, True):
            row = replace(MAY, name="Wide" * 50, preferred_name="Broad" * 40, reference="R" * 60, note="W" * 900)
            row = replace(row, visits=(Visit(DAY, time(9), "Doctor" * 30),))
            assert typeset(personal(row, large=large)).page_count >= 1
            typeset(compose_escort(row, house(), large, LETTER))
        typeset(compose_manifest((replace(ROWS[0], name="Wide" * 50, reference="R" * 60),), house(), DAY, LETTER))


class TestWords:
    def test_who_it_is_for(self) -> None:
        html = personal().html
        assert '<b class="full-name">May Example-Placeholder</b>' in html
        said = words_of(personal())
        assert "Hello, Maya" in said
        assert "Born Sunday, May 4, 1980" in said
        assert "Reference HL-20417" in said
        assert all(title in said for title in PLAN)

    def test_who_to_call(self) -> None:
        for language, emergency in (("en", "Call 911"), ("es", "Llame al 911")):
            for composition in (personal(language=language), compose_escort(MAY, house(language), False, LETTER)):
                said = words_of(composition).replace("\xa0", " ")
                assert all(part in said for part in (emergency, "988", "(555) 010-0142", "(555) 010-0143")), said

    def test_a_day_that_is_not_known_is_a_line_to_write_on(self) -> None:
        assert "Day and time:" in words_of(personal(replace(MAY, visits=())))

    def test_the_clinician_reads_why(self) -> None:
        said = words_of(compose_clinician_copy(MAY, house(), DECISIONS, CLASHES, LETTER))
        assert "Spirit left out as asked: spiritual" in said
        assert "Medicine 1 may weaken the effect. Talk about it first" in said

    def test_the_manifest_counts_and_names_look_alikes(self) -> None:
        rows = (*ROWS[:2], replace(ROWS[2], looks_like="no. 2"))
        said = words_of(compose_manifest(rows, house(), DAY, LETTER))
        assert "Patients: 3 · Sheets of paper: 12" in said
        assert "Looks like no. 2" in said
        assert "Nobody is on this list." in words_of(compose_manifest((), house(), DAY, LETTER))

    def test_a_language_without_words_says_so(self) -> None:
        bare = replace(house(), furniture=house().furniture.model_copy(update={"personal": None}))
        with pytest.raises(ContentError, match="no words for personal pages"):
            compose_personal(MAY, bare, False, LETTER, ())

    def test_styles_and_fonts_are_read_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        personal()
        monkeypatch.setattr("handouts.personal.styles_of", lambda *_: pytest.fail("read again"))
        personal(replace(MAY, note="x" * 2000))


WILD = "<script>alert(1)</script> {{ clinic.names }} {% if %} ((clinic phone)) [@claim] =cmd|'/c' &nbsp; ![x](figure:y)"


class TestNotes:
    def test_data_is_printed_as_given(self) -> None:
        row = replace(MAY, name=WILD, preferred_name=WILD, reference=WILD, note=WILD)
        row = replace(row, visits=(Visit(DAY, time(9), WILD),))
        for composition in (personal(row), compose_clinician_copy(row, house(), (), (), LETTER)):
            assert "<script" not in composition.html
            assert words_of(composition).count(WILD) >= 2
        assert unescape(re.sub(r"<[^>]*>", "", note_as_html(WILD))) == WILD

    @pytest.mark.parametrize(
        ("note", "html"),
        [
            ("**bold** and *thin*", "<p><b>bold</b> and <b>thin</b></p>"),
            ("__bold__ and _thin_", "<p><b>bold</b> and <b>thin</b></p>"),
            ("# A **heading** #", "<p><b>A heading</b></p>"),
            ("- one\n* two\n• three", "<ul><li>one</li><li>two</li><li>three</li></ul>"),
            ("3. three\n4) four", '<ol><li value="3">three</li><li value="4">four</li></ol>'),
            ("one\ntwo\n\nthree", "<p>one<br>two</p>\n<p>three</p>"),
            ("2*3*4 a_b_c ** * _", "<p>2*3*4 a_b_c ** * _</p>"),
            ("[a](http://x.example) `code` > quote", "<p>[a](http://x.example) `code` &gt; quote</p>"),
            ("    four spaces", "<p>four spaces</p>"),
            ("**<b>&amp;</b>**", "<p><b>&lt;b&gt;&amp;amp;&lt;/b&gt;</b></p>"),
            ("", ""),
        ],
    )
    def test_a_little_markdown(self, note: str, html: str) -> None:
        assert note_as_html(note) == html

    @settings(max_examples=300, deadline=None)
    @given(st.text(alphabet=st.sampled_from("ab <>&*_-#1.2)\n[](){}@!`'\"é"), max_size=80))
    def test_any_note_gives_only_our_tags_and_keeps_its_letters(self, note: str) -> None:
        html = str(note_as_html(note))
        assert set(re.findall(r"</?(\w+)", html)) <= {"p", "b", "ul", "ol", "li", "br"}
        shown = unescape(re.sub(r"<[^>]*>", "", html))
        for letter in "abé<>&[](){}@!`'\"":
            if letter != ")":  # part of a number before a line
                assert shown.count(letter) == note.count(letter)

    def test_a_very_long_note_takes_more_pages_and_no_time(self) -> None:
        row = replace(MAY, note="A sentence that goes on. " * 200)
        assert 2 <= typeset(personal(row)).page_count <= 4
        assert note_as_html("**a " * 1250 + "- " * 2000)


class TestPaper:
    def test_letters_that_no_font_holds(self) -> None:
        assert unprintable("Nguyễn Văn Mẫu, Müller, Łukasz, Ωμέγα, Иван", house()) == ""
        assert unprintable("Sample 山 \U0001f600 山\x00", house()) == "山\U0001f600\x00"
        with pytest.raises(HandoutError):
            produce(personal(replace(MAY, name="Sample 山")))
        produce(personal(replace(MAY, name="Nguyễn Văn Mẫu Иван Ωμέγα")))

    def test_pages(self) -> None:
        assert typeset(personal()).page_count == 1
        assert typeset(personal(language="es")).page_count == 1
        assert typeset(personal(large=True)).page_count <= 2
        assert typeset(personal(language="es", large=True)).page_count <= 2
        assert typeset(compose_escort(MAY, house("es"), True, LETTER)).page_count <= 2

    @pytest.mark.parametrize("paper", [LETTER, A4], ids=lambda paper: paper.name)
    def test_every_page_is_accessible_and_leaves_its_corner_free(
        self, paper: Paper, tmp_path: Path, assert_accessible: Callable[..., None]
    ) -> None:
        paths = []
        for name, composition in every_page(paper):
            path = tmp_path / f"{name}.pdf"
            path.write_bytes(produce(composition).content)
            paths.append(path)
            document = pypdfium2.PdfDocument(path)
            width, height = (3.4 * 72, 1.15 * 43) if "large" in name else (2.2 * 72, 24.0)
            for page in document:
                right = page.get_width() - 0.5 * 72
                foot = page.get_height() - 0.98 * 72 if "large" in name else page.get_height() - 0.6 * 72
                top = page.get_height() - foot
                text = page.get_textpage().get_text_bounded(right - width, top - 8 - height, page.get_width(), top)
                assert not text.strip(), f"{name}: {text}"
            document.close()
        assert_accessible(*paths)

    @pytest.mark.parametrize("language", ["en", "es"])
    def test_large_print_is_large_everywhere(self, language: str, tmp_path: Path) -> None:
        for at, composition in enumerate(
            (
                personal(replace(MAY, route=None, note="- one"), language, True),
                compose_escort(MAY, house(language), True, A4),
            )
        ):
            path = tmp_path / f"{at}.pdf"
            path.write_bytes(produce(composition).content)
            sizes = subprocess.run(
                ["pdftohtml", "-xml", "-i", "-stdout", path], capture_output=True, text=True, check=True
            ).stdout
            found = {int(size) for size in re.findall(r'<fontspec id="\d+" size="(\d+)"', sizes)}
            assert found
            assert min(found) >= 26, found  # pdftohtml counts in its own pixels: 18 points are 27

    def test_the_small_clinic_with_styles_of_its_own_can_print_it(self, tmp_path: Path) -> None:
        folder = write_small_clinic(tmp_path / "clinic")
        write(folder, {"clinic.toml": CLINIC_TOML + PROTOCOL})
        other = load_house(load_clinic(folder), "en", TODAY)
        assert typeset(compose_personal(MAY, other, False, LETTER, PLAN)).page_count >= 1
