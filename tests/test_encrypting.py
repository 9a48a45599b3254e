"""What is encrypted opens with the password alone, stays readable aloud, and the password is told to nobody."""

import io
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
from hypothesis import given
from hypothesis import strategies as st
from weasyprint import HTML

from handouts.encrypting import VARIABLE, encrypted, read_password
from handouts.errors import HandoutError, Origin, RequestError
from handouts.fonts import font_faces
from tests.verapdf import SOURCE

PASSWORD = "correct horse 7"
FACE = font_faces("Atkinson Hyperlegible", Origin(Path(__file__)))[0]
PAGE = f"""
<html lang="en">
  <style>{FACE.css} html {{ font-family: "{FACE.family}" }}</style>
  <title>Your visit</title>
  <h1>Your visit</h1>
  <p>Ask us anything.</p>
</html>
"""


@pytest.fixture(scope="session")
def plain() -> bytes:
    made = HTML(string=PAGE).write_pdf(pdf_variant="pdf/ua-1")
    assert isinstance(made, bytes)
    return made


def nobody() -> str:
    pytest.fail("somebody was asked for a password")


def refused(password: str) -> HandoutError:
    with pytest.raises(RequestError) as caught:
        read_password(lambda: password, None)
    return caught.value


def test_nothing_can_be_read_without_the_password(plain: bytes) -> None:
    locked = encrypted(plain, PASSWORD)
    for wrong in ("", "correct horse 8", PASSWORD.upper()):
        with pytest.raises(pikepdf.PasswordError):
            pikepdf.open(io.BytesIO(locked), password=wrong)
    assert b"Your visit" not in locked, "the title is in the metadata"
    assert PASSWORD.encode() not in locked


def test_it_is_aes_of_256_bits_and_a_screen_reader_may_read_it(plain: bytes) -> None:
    with pikepdf.open(io.BytesIO(encrypted(plain, PASSWORD)), password=PASSWORD) as pdf:
        assert (pdf.encryption.R, pdf.encryption.bits) == (6, 256)
        assert (pdf.encryption.stream_method.name, pdf.encryption.string_method.name) == ("aesv3", "aesv3")
        assert pdf.allow.accessibility
        assert pdf.allow.print_highres, "it is the patient's own paper"


def test_tags_and_pages_are_those_of_before(plain: bytes) -> None:
    with (
        pikepdf.open(io.BytesIO(plain)) as before,
        pikepdf.open(io.BytesIO(encrypted(plain, PASSWORD)), password=PASSWORD) as after,
    ):
        assert after.Root.MarkInfo.Marked
        kinds = [
            sorted(str(thing.S) for thing in pdf.objects if isinstance(thing, pikepdf.Dictionary) and "/S" in thing)
            for pdf in (before, after)
        ]
        assert kinds[0] == kinds[1]
        assert "/H1" in kinds[0]
        for left, right in zip(before.pages, after.pages, strict=True):
            assert left.Contents.read_bytes() == right.Contents.read_bytes()


def test_accents_open_it_whichever_way_they_are_typed(plain: bytes) -> None:
    locked = encrypted(plain, "contrasen\u0303a")
    with pikepdf.open(io.BytesIO(locked), password="contrase\u00f1a") as pdf:
        assert len(pdf.pages) == 1


@given(st.text(min_size=1))
def test_a_password_is_usable_or_refused_without_being_told(password: str) -> None:
    try:
        usable = read_password(lambda: password, None)
    except RequestError as error:
        assert len(password) < 4 or password not in str(error)
    else:
        assert 0 < len(usable.encode()) <= 127
        assert read_password(lambda: usable, None) == usable


@pytest.mark.parametrize(
    ("password", "problem"),
    [
        ("", "The password is empty"),
        ("  \u00a0 ", "The password is empty"),
        ("bell\x07", "The password has a character that cannot be typed"),
        ("a\x00b", "The password has a character that cannot be typed"),
        ("half \ud800", "The password has a character that cannot be typed"),
        ("ñ" * 64, "The password is too long"),
    ],
)
def test_what_readers_would_cut_or_change_is_refused(plain: bytes, password: str, problem: str) -> None:
    assert refused(password).problem == problem
    with pytest.raises(RequestError, match=problem):
        encrypted(plain, password)


def test_the_longest_password_counts_to_its_last_letter(plain: bytes) -> None:
    locked = encrypted(plain, "x" * 127)
    pikepdf.open(io.BytesIO(locked), password="x" * 127).close()
    with pytest.raises(pikepdf.PasswordError):
        pikepdf.open(io.BytesIO(locked), password="x" * 126 + "y")


def secret_file(desk: Path, content: bytes, mode: int = 0o600) -> Path:
    file = desk / "password"
    file.write_bytes(content)
    file.chmod(mode)
    return file


@pytest.mark.parametrize(
    "content", [b"pass word", b"pass word\n", b"pass word\r\nnot this\n", b"\xef\xbb\xbfpass word\n"]
)
def test_password_is_the_first_line_of_a_file(desk: Path, content: bytes) -> None:
    assert read_password(nobody, secret_file(desk, content)) == "pass word"


@pytest.mark.parametrize(
    ("content", "mode", "problem"),
    [
        (b"pass word", 0o640, "Other users can read"),
        (b"pass word", 0o604, "Other users can read"),
        (b"\n", 0o600, "The password is empty"),
        (b"caf\xe9 au lait", 0o600, "is not UTF-8"),
        (b"x" * 5000, 0o600, "too long"),
    ],
)
def test_password_file_that_cannot_be_used(desk: Path, content: bytes, mode: int, problem: str) -> None:
    file = secret_file(desk, content, mode)
    with pytest.raises(RequestError, match=problem) as caught:
        read_password(nobody, file)
    assert str(caught.value).startswith("password: ")
    assert "pass word" not in str(caught.value)


@pytest.mark.parametrize("name", ["missing", "."])
def test_password_file_that_is_not_there(desk: Path, name: str) -> None:
    with pytest.raises(RequestError, match="cannot be read"):
        read_password(nobody, desk / name)


def test_variable_is_read_once_and_no_later_program_gets_it(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "from the variable")
    assert read_password(nobody, None) == "from the variable"
    assert VARIABLE not in os.environ
    assert read_password(lambda: "from a person", None) == "from a person"
    monkeypatch.setenv(VARIABLE, "from the variable")
    assert read_password(nobody, secret_file(desk, b"from the file")) == "from the file"
    assert VARIABLE not in os.environ, "although it was not needed"


def test_no_temporary_file_is_written(
    plain: bytes, desk: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("temporary")
    elsewhere.chmod(0o500)
    for name in ("TMPDIR", "TMP", "TEMP"):
        monkeypatch.setenv(name, str(elsewhere))
    encrypted(plain, PASSWORD)
    assert not list(elsewhere.iterdir()) and not list(desk.iterdir())


def test_encrypted_file_is_pdf_ua(
    plain: bytes, desk: Path, monkeypatch: pytest.MonkeyPatch, assert_accessible: Callable[..., None]
) -> None:
    if "PDF_PASSWORD" not in SOURCE.read_text(encoding="utf-8"):
        pytest.skip(f"{SOURCE.name} cannot be given a password (PDF_PASSWORD)")
    locked = desk / "locked.pdf"
    locked.write_bytes(encrypted(plain, PASSWORD))
    monkeypatch.setenv("PDF_PASSWORD", PASSWORD)
    assert_accessible(locked)
    said = subprocess.run(
        ["qpdf", "--show-encryption", f"--password={PASSWORD}", locked], capture_output=True, text=True
    )
    assert "extract for accessibility: allowed" in said.stdout
