"""Fixtures for all tests."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests import verapdf


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
