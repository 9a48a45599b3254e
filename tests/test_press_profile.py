"""A profile of a print shop: ours is what it says, and nothing else than a CMYK output profile is taken."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import ImageCms

from handouts.errors import ClinicError, Origin
from handouts.press.profile import Profile, default_profile, load_profile, read_profile


def refused(content: bytes) -> ClinicError:
    with pytest.raises(ClinicError) as caught:
        read_profile(content, Origin(Path("shop.icc")))
    assert caught.value.where == Origin(Path("shop.icc"))
    assert "print shop" in caught.value.remedy
    return caught.value


def changed(at: int, written: bytes) -> bytes:
    content = bytearray(default_profile().content)
    content[at : at + len(written)] = written
    return bytes(content)


def test_ours_is_for_coated_paper() -> None:
    profile = default_profile()
    assert profile.condition == "FOGRA39"
    assert profile.description == "FOGRA39L (ISO 12647-2:2004/Amd 1, coated)"
    assert profile.origin.path.name == "fogra39l.icc"
    assert (profile.origin.path.parent / "README.md").is_file()


def test_one_of_the_shop_is_loaded_from_its_file(tmp_path: Path) -> None:
    path = tmp_path / "shop.icc"
    path.write_bytes(default_profile().content)
    profile = load_profile(path)
    assert (profile.condition, profile.origin.path) == ("Custom", path)
    assert load_profile(path, "FOGRA51").condition == "FOGRA51"
    assert hash(profile) == hash(Profile(profile.content, "", "", profile.origin))


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"%PDF-1.6 no profile at all" * 20, default_profile().content[:5000]),
        changed(36, b"none"),
    ],
)
def test_what_is_no_whole_profile(content: bytes) -> None:
    assert refused(content).problem == "This is not an ICC profile, or not a whole one"


def test_a_profile_of_a_screen() -> None:
    assert "for RGB" in refused(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()).problem


def test_a_gray_profile() -> None:
    assert "for GRAY" in refused(changed(16, b"GRAY")).problem


def test_a_profile_that_links_two_devices_is_not_for_printing() -> None:
    assert "“link”" in refused(changed(12, b"link")).problem


def test_a_profile_too_new_for_pdf() -> None:
    assert "version 5" in refused(changed(8, b"\x05")).problem


def test_a_profile_without_tables() -> None:
    count = int.from_bytes(default_profile().content[128:132], "big")
    assert "damaged" in refused(changed(132, b"none" * 3 * count)).problem


def test_there_is_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(ClinicError, match="cannot be read"):
        load_profile(tmp_path / "none.icc")
