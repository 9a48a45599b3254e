"""The finished paper."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Pdf:
    """A finished file: its bytes, title and number of pages."""

    content: bytes
    title: str
    page_count: int
