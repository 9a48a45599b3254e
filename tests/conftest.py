"""Fixtures for all tests."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests import verapdf
from tests.small_clinic import write_small_clinic


@pytest.fixture(scope="session")
def assert_accessible() -> Callable[..., None]:
    """Return a function that fails unless every given PDF is PDF/UA-1.

    Each call starts Java, which takes a second or two: give it all files of a test at once.
    """

    def check(*paths: Path) -> None:
        __tracebackhide__ = True
        assert paths, "no file to validate"
        wrong = [verdict for verdict in verapdf.validate(paths) if not verdict.compliant]
        assert not wrong, "not PDF/UA-1:\n" + "\n".join(map(str, wrong))

    return check


@pytest.fixture(autouse=True)
def no_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test lays out anew, unless it asks for a cache of its own."""
    monkeypatch.setenv("HANDOUTS_CACHE", "")


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in, as the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def small_clinic(desk: Path) -> Path:
    """`clinic/`: an invented clinic with the handout `small`, laid out in no time."""
    return write_small_clinic(desk / "clinic")
