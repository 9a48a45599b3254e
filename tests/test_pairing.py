"""What stands beside what: texts cut into their parts, and every place where two languages have not the same ones."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handouts.errors import ContentError, HandoutError, Origin
from handouts.handout import Choice, Figure, Handout, PeopleGroup, Prose, SafetyGroup, Section, Step
from handouts.pairing import differences, paired
from handouts.prose import read_body
from tests.manuscripts import (
    HERE,
    NOWHERE,
    body,
    good_handout,
    line,
    paper,
    picture,
    reworded,
    with_section,
    without_section,
)

THERE = Origin(Path("content/fr/blocks/what.md"))
HANDOUT_THERE = Origin(Path("content/fr/handouts/good.md"))
SAME_PARTS = "Give it the same parts in the same order."
SAME_ORDER = "Bring them into the same order, with the same citations."


def english(**changes: Any) -> Handout:
    """The good handout, with more in its first section."""
    more = {
        "choices": (Choice("Boat", "boat", line("It is slow.")), Choice("Train", "train", line("It is quick."))),
        "steps": (Step("Pack", line("Take a coat.")), Step("Leave", line("Lock up."))),
        "checklist": (line("You have a ride."), line("You have eaten.")),
        "fields": ("Name", "Day"),
        "short": (line("Rest."), line("Drink.")),
        "groups": (SafetyGroup("Always", ("call-911", "relapse")),),
        "safety_items": ("call-911", "relapse"),
        "words": {"glutamate": line("A signal."), "gate": line("A way in.")},
    }
    return with_section(good_handout(), "what", **{**more, **changes})


def french(**changes: Any) -> Handout:
    """Its translation, with other words, and with changes in its first section."""
    text = reworded(with_section(english(), "what", origin=THERE, **changes), r"\bthe\b|\byou\b|\bit\b", "cela")
    return replace(text, origin=HANDOUT_THERE)


def told(left: Handout, right: Handout) -> list[tuple[str, str, str]]:
    """Each difference: the file, what is wrong, what to do."""
    return [(str(error.where), error.problem, error.remedy) for error in differences(left, right)]


def section(handout: Handout) -> Section:
    return handout.sections[0]


# What is alike


def test_translation_with_the_same_parts() -> None:
    left, right = english(), french()
    assert told(left, right) == []
    pair = paired(left, right)
    assert (pair.left, pair.right) == (left, right)
    assert [(one.left.slug, one.right.slug) for one in pair.sections] == [(s.slug, s.slug) for s in left.sections]
    assert [one.left.slug for one in pair.summary_sections] == ["what", "safety"]


def test_each_part_is_beside_its_counterpart() -> None:
    first = paired(english(), french()).sections[0]
    for part in ("know", "learning", "choices", "steps", "checklist", "fields", "short", "groups"):
        one, other = getattr(first.left, part), getattr(first.right, part)
        assert first.rows(part) == list(zip(one, other, strict=True)) != [], part
    assert [(one[0], other[0]) for one, other in first.rows("words")] == [("glutamate", "glutamate"), ("gate", "gate")]
    (pictured,) = [one for one, _ in first.body if one.is_picture]
    assert isinstance(pictured, Figure)
    assert first.people(pictured) == [(PeopleGroup(5, 10, "felt better"),) * 2]


def test_words_numbers_and_titles_may_differ() -> None:
    """What is told is parts, not words: a translation has other words, and its list may stand in another alphabet."""
    right = french(title="Quoi", words={"glutamate": line("Un signal."), "porte": line("Un passage.")})
    right = replace(right, title="Un titre", purpose="Autre.", edition=replace(right.edition, version="2.0"))
    assert told(english(), right) == []


# What is not alike


FEWER: dict[str, tuple[object, str]] = {
    "know": ((), "It has 0 lines of `know:`, and the other language 1"),
    "learning": ((line("How it helps you is not known.[@mechanism-not-fully-known]"),) * 2, "It has 2 lines of"),
    "choices": ((Choice("Boat", "boat", line("It is slow.")),), "It has 1 lines of `choices:`, and the other"),
    "steps": ((Step("Pack", line("Take a coat.")),), "It has 1 lines of `steps:`, and the other language 2"),
    "checklist": ((line("You have a ride."),) * 3, "It has 3 lines of `checklist:`, and the other language 2"),
    "fields": (("Name", "Day", "Hour"), "It has 3 lines of `fields:`, and the other language 2"),
    "short": ((line("Rest."),), "It has 1 lines of `short:`, and the other language 2"),
    "words": ({"gate": line("A way in.")}, "It has 1 lines of `words:`, and the other language 2"),
}


@pytest.mark.parametrize("part", FEWER)
def test_line_more_or_less(part: str) -> None:
    lines, problem = FEWER[part]
    ((where, said, remedy),) = told(english(), french(**{part: lines}))
    assert (where, remedy) == (str(THERE.path), SAME_PARTS)
    assert said.startswith(problem) and f"`{part}:`" in said


BODY = "One.[@relapse]\n\n### Heading\n\n- First.\n- Second.\n\nTwo.[@not-everyone]\n"


@pytest.mark.parametrize(
    ("other", "problem", "remedy"),
    [
        pytest.param(f"{BODY}\nThree.\n", "It has 6 paragraphs and pictures", SAME_PARTS, id="a paragraph more"),
        pytest.param(BODY.replace("- Second.\n", ""), "It has 4 paragraphs and pictures", SAME_PARTS, id="a list line"),
        pytest.param(BODY.replace("### Heading\n\n", ""), "It has 4 paragraphs and pictures", SAME_PARTS, id="heading"),
        pytest.param(
            BODY.replace("One.[@relapse]", "One.[@not-everyone]").replace("Two.[@not-everyone]", "Two.[@relapse]"),
            "Number 1 of its paragraphs and pictures below its front matter is “p @not-everyone”, "
            "in the other language “p @relapse”",
            SAME_ORDER,
            id="another order of citations",
        ),
        pytest.param(
            BODY.replace("Two.[@not-everyone]", "Two."),
            "Number 5 of its paragraphs and pictures below its front matter is “p”, in the other language "
            "“p @not-everyone”",
            SAME_ORDER,
            id="a citation less",
        ),
        pytest.param(
            BODY.replace("### Heading\n\n- First.", "- First.").replace("Two.[", "### Heading\n\nTwo.["),
            "Number 2 of its paragraphs and pictures below its front matter is “ul”, in the other language “h3”",
            SAME_ORDER,
            id="another order of parts",
        ),
        pytest.param(
            BODY.replace("- First.\n- Second.", "1. First.\n2. Second."),
            "Number 3 of its paragraphs and pictures below its front matter is “ol”, in the other language “ul”",
            SAME_ORDER,
            id="another kind of list",
        ),
    ],
)
def test_body(other: str, problem: str, remedy: str) -> None:
    ((where, said, done),) = told(english(body=body(BODY)), french(body=body(other)))
    assert (where, done) == (str(THERE.path), remedy)
    assert said.startswith(problem)


def test_citations_of_a_part_may_stand_in_another_order() -> None:
    """Another language may say the second half of a sentence first, or cite twice."""
    one, other = "One[@relapse], two.[@not-everyone]", "Two[@not-everyone; @relapse], one.[@relapse]"
    assert told(english(body=body(one)), french(body=body(other))) == []


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda shown: replace(shown, name="another-hill"), "is “figure:another-hill”, in the other language “figure:"),
        (lambda shown: replace(shown, kind="people"), "is “people:snowy-hill”, in the other language “figure:snowy"),
    ],
)
def test_another_picture(change: Callable[[Figure], Figure], problem: str) -> None:
    text, shown = section(english()).body
    assert isinstance(shown, Figure)
    ((where, said, _),) = told(english(), french(body=(text, change(shown))))
    assert where == str(THERE.path) and said.startswith("Number 2 of its paragraphs and pictures") and problem in said
    ((_, said, _),) = told(english(), french(body=(shown, text)))
    assert said.startswith("Number 1 of its paragraphs and pictures")


@pytest.mark.parametrize(
    "people",
    [
        {},
        {"snowy-hill": (PeopleGroup(4, 10, "felt better"),)},
        {"snowy-hill": (PeopleGroup(5, 100, "felt better"),)},
        {"snowy-hill": (PeopleGroup(5, 10, "felt better"),) * 2},
    ],
)
def test_other_numbers_of_people(people: object) -> None:
    found = told(english(), french(people=people))
    assert found == [(str(THERE.path), "`people: snowy-hill:` has not the same numbers", "Take them over.")]


def test_other_words_for_the_same_people() -> None:
    assert told(english(), french(people={"snowy-hill": (PeopleGroup(5, 10, "se sentaient mieux"),)})) == []


@pytest.mark.parametrize(
    ("part", "other"),
    [
        ("safety_items", ("call-911",)),
        ("safety_items", ("relapse", "call-911")),
        ("groups", (SafetyGroup("Toujours", ("call-911",)),)),
        ("groups", (SafetyGroup("Toujours", ("relapse", "call-911")),)),
        ("groups", (SafetyGroup("Toujours", ("call-911",)), SafetyGroup("Encore", ("relapse",)))),
        ("groups", ()),
    ],
)
def test_other_safety_texts(part: str, other: object) -> None:
    found = told(english(), french(**{part: other}))
    assert found == [(str(THERE.path), f"`{part}:` does not name the same safety texts", "Take them over.")]
    assert told(english(), french(groups=(SafetyGroup("Un autre titre", ("call-911", "relapse")),))) == []


def test_another_kind_or_key_point() -> None:
    kind = (str(THERE.path), "Its kind is text, in the other language mechanism", "Make them alike.")
    assert told(english(), french(kind="text")) == [kind]
    none = "It has 0 lines under `key_point:`, and the other language 1"
    remedy = "Give it the same parts in the same order."
    assert told(english(), french(key_point=None)) == [(str(THERE.path), none, remedy)]
    assert told(english(), french(kind="text", key_point=None)) == [kind, (str(THERE.path), none, remedy)]


def test_other_sections() -> None:
    right = french()
    problem = "It has not the same sections as the other language"
    for other in (
        without_section(right, "help"),
        replace(right, sections=(right.sections[1], right.sections[0], *right.sections[2:])),
        replace(right, summary=("safety", "what")),
        replace(right, summary=("safety",)),
    ):
        ((where, said, remedy),) = told(english(), other)
        assert (where, said) == (str(HANDOUT_THERE.path), problem)
        assert "`sections:`" in remedy and "`summary:`" in remedy


def test_other_opening_words() -> None:
    right = replace(french(), welcome=body("Un.\n\nDeux."))
    found = told(english(), right)
    problem = "It has 2 paragraphs of the opening words, and the other language 1"
    assert found == [(str(HANDOUT_THERE.path), problem, SAME_PARTS)]


def test_line_may_begin_with_bold_type_or_a_foreign_phrase() -> None:
    """In one language and not in the other: it is the same line."""
    for words in ("**Cela** va mieux.[@not-everyone]", "{en:Off-label} va mieux.[@not-everyone]"):
        assert told(english(), french(know=(line(words),))) == [], words
    meanings = {"glutamate": line("**Un** signal."), "gate": line("{en:Gate}, un passage.")}
    assert told(english(), french(words=meanings)) == []


def test_heading_above_safety_texts_on_one_side_only() -> None:
    """It would be lost, or printed as “None”."""
    assert told(english(safety_title="Mind these"), french(safety_title="Attention")) == []
    for one, other in (("Mind these", None), (None, "Attention")):
        ((where, said, _),) = told(english(safety_title=one), french(safety_title=other))
        assert where == str(THERE.path) and "safety_title" in said


def test_another_picture_beside_the_title() -> None:
    """One drawing is printed, and described in both languages."""
    right = french()
    ((where, said, _),) = told(english(), replace(right, picture=replace(right.picture, name="another-hill")))
    assert where == str(HANDOUT_THERE.path) and "another-hill" in said


@pytest.mark.parametrize("where", ["main message", "key point"])
def test_other_citations_at_the_head(where: str) -> None:
    other = line("Cela aide.[@common-side-effects]")
    right = replace(french(), main_message=other) if where == "main message" else french(key_point=other)
    (found,) = told(english(), right)
    assert found[0] == str((HANDOUT_THERE if where == "main message" else THERE).path)


def test_all_are_told_at_once() -> None:
    right = replace(french(know=(), short=()), welcome=body("Un.\n\nDeux."))
    found = told(english(), right)
    assert len(found) == 3
    with pytest.raises(HandoutError) as raised:
        paired(english(), right)
    assert all(f"{where}: {problem}. {remedy}" in str(raised.value) for where, problem, remedy in found)
    with pytest.raises(ContentError, match=r"what\.md: It has 0 lines of `know:`"):
        paired(english(), french(know=()))


def test_our_own_english_is_beside_itself() -> None:
    shipped = paper(good_handout()).handout
    assert told(shipped, shipped) == []


# How a text is cut


def cut(*parts: Prose | Figure) -> list[str]:
    """The pieces that a text becomes, as HTML; `» name` for a picture."""
    text = replace(good_handout(), welcome=parts)
    pieces = [one for one, other in paired(text, text).welcome if one == other]
    return [f"» {piece.name}" if isinstance(piece, Figure) else piece.html for piece in pieces]


def test_paragraphs_headings_and_lines_of_lists_are_pieces() -> None:
    pieces = cut(*body("One **two**.\n\n### Three\n\n- Four.\n- Five.\n\nSix & “seven”.\n\n> Eight.\n>\n> Nine."))
    assert [squeezed(piece) for piece in pieces] == [
        "<p>One<strong>two</strong>.</p>",
        "<h3>Three</h3>",
        "<ul><li>Four.</li></ul>",
        '<ulclass="goes-on"><li>Five.</li></ul>',
        "<p>Six&amp;“seven”.</p>",
        "<blockquote><p>Eight.</p><p>Nine.</p></blockquote>",
    ]


def test_pictures_stand_between_pieces() -> None:
    shown = picture("A person on a sled on a snowy hill.")
    assert cut(*body("One."), shown, *body("Two.")) == ["<p>One.</p>", "» snowy-hill", "<p>Two.</p>"]


def test_list_within_a_list_stays_with_its_line() -> None:
    one, other = cut(*body("- One.\n    - Two.\n    - Three.\n- Four."))
    assert squeezed(one) == "<ul><li>One.<ul><li>Two.</li><li>Three.</li></ul></li></ul>"
    assert squeezed(other) == '<ulclass="goes-on"><li>Four.</li></ul>'


def test_pieces_know_where_they_were_written() -> None:
    text = replace(good_handout(), welcome=read_body("One.\n\n- Two.", NOWHERE, 7))
    assert {piece.origin for pair in paired(text, text).welcome for piece in pair} == {Origin(NOWHERE, 7)}


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", html.unescape(text).replace("&", "&amp;"))


WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\r\x00", exclude_categories=("Cs",)), min_size=1)
INLINE = st.builds(html.escape, WORDS) | st.builds(
    "<strong>{} <br />{}</strong>\n".format, WORDS.map(html.escape), WORDS.map(html.escape)
)
TEXT = st.lists(INLINE, min_size=1, max_size=3).map("".join)
LIST_LINE = st.deferred(lambda: st.builds("<li>{}{}</li>\n".format, TEXT, st.just("") | INNER_LIST))
INNER_LIST = st.lists(LIST_LINE, min_size=1, max_size=2).map(lambda lines: f"<ul>\n{''.join(lines)}</ul>\n")
LISTS = st.tuples(st.sampled_from(["ul", "ol"]), st.lists(LIST_LINE, min_size=1, max_size=4))
BLOCKS = st.tuples(st.sampled_from(["p", "h3", "blockquote"]), TEXT) | LISTS


@given(st.lists(BLOCKS, min_size=1, max_size=6), st.sampled_from(["", "\n", "\n\n  "]))
def test_cutting_loses_no_letter(blocks: list[tuple[str, Any]], between: str) -> None:
    """Any paragraphs and lists: the same letters in the same order, and each piece a whole one."""
    whole = between.join(
        f"<{tag}>{inner if isinstance(inner, str) else ''.join(inner)}</{tag}>" for tag, inner in blocks
    )
    pieces = cut(Prose(whole, HERE))
    assert letters("".join(pieces)) == letters(whole)
    assert len(pieces) == sum(1 if isinstance(inner, str) else len(inner) for _, inner in blocks)
    kinds = [tag for tag, inner in blocks for _ in ([inner] if isinstance(inner, str) else inner)]
    for kind, piece in zip(kinds, pieces, strict=True):
        assert re.match(rf"<{kind}\b", piece) and piece.endswith(f"</{kind}>")
        opened, closed = (re.findall(pattern, piece) for pattern in (r"<(\w+)(?![^>]*/>)", r"</(\w+)>"))
        assert sorted(opened) == sorted(closed)


@given(st.lists(st.text("abc é’&<>*_#-1.[]()\\ \n", min_size=1, max_size=40), max_size=8))
def test_cutting_what_somebody_wrote_loses_no_letter(paragraphs: list[str]) -> None:
    try:
        parts = read_body("\n\n".join(paragraphs), NOWHERE, 1)
    except HandoutError:
        return
    assert letters("".join(cut(*parts))) == letters("".join(part.html for part in parts if isinstance(part, Prose)))


def letters(text: str) -> str:
    """The words of a piece of HTML, without white space."""
    return "".join(html.unescape(re.sub(r"<[^>]*>", "", text)).split())
