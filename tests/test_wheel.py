"""The wheel carries its templates, styles and content, and prints with no checkout and no network."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parent.parent
PRINT = """
import sys

def no_network(event, arguments):
    if event.startswith("socket."):
        raise SystemExit("a socket was opened")

sys.addaudithook(no_network)
import handouts
from handouts.cli import main
from handouts.library import bundled_root

print(handouts.__file__)
print(bundled_root())
main(["render", "biological", "--format", "summary", "--output", "paper.pdf"])
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", str(folder), "."]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    [made] = folder.glob("handouts-*.whl")
    return made


def test_wheel_carries_what_is_printed(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for room in ("templates", "styles", "content"):
        ours = {
            str(path.relative_to(CHECKOUT))
            for path in (CHECKOUT / room).rglob("*")
            if path.is_file() and not path.name.startswith(".")
        }
        assert ours
        missing = {name for name in ours if f"handouts/_bundled/{name}" not in names}
        assert not missing, sorted(missing)[:5]
    package = {
        str(path.relative_to(CHECKOUT))
        for path in (CHECKOUT / "handouts").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert {"handouts/no-machine-fonts.conf", "handouts/checking/syllables-en.txt"} <= package
    assert not package - names, sorted(package - names)[:5]


def test_wheel_prints_without_checkout_or_network(wheel: Path, tmp_path: Path) -> None:
    place = tmp_path / "installed"
    zipfile.ZipFile(wheel).extractall(place)
    environment = {**os.environ, "PYTHONPATH": str(place), "HANDOUTS_CACHE": ""}
    command = [sys.executable, "-c", PRINT]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    package, bundled, paper = done.stdout.splitlines()
    assert Path(package).is_relative_to(place) and Path(bundled).is_relative_to(place), "the checkout was used"
    assert (tmp_path / paper).read_bytes().startswith(b"%PDF")


def test_fonts_of_the_machine_make_no_difference(tmp_path: Path) -> None:
    """The same bytes where fontconfig knows no font, and where it knows all that this machine has."""
    (tmp_path / "empty.conf").write_text("<fontconfig></fontconfig>", encoding="utf-8")
    papers = []
    for number, config in enumerate([str(tmp_path / "empty.conf"), ""]):
        environment = {**os.environ, "HANDOUTS_CACHE": "", "FONTCONFIG_FILE": config, "PYTHONHASHSEED": str(number)}
        output = tmp_path / f"{number}.pdf"
        command = [sys.executable, "-c", "from handouts.cli import main; main()", "render", "spiritual"]
        command += ["--format", "summary", "--output", str(output)]
        subprocess.run(command, env=environment, check=True, capture_output=True, cwd=tmp_path)
        papers.append(output.read_bytes())
    assert papers[0] == papers[1]
