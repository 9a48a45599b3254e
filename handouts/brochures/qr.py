"""The QR code on a brochure's back: the clinic's page, and nothing about anybody."""

from __future__ import annotations

from dataclasses import dataclass

from handouts.errors import ClinicError

QUIET = 4  # modules of white around the code: ISO/IEC 18004, 6.3.8
LEAST_MODULE = 0.5  # millimetres: a phone reads it from a hand's distance
LEAST_SIDE = 20.0  # millimetres, the quiet zone not counted


@dataclass(frozen=True)
class QrCode:
    """A code as an address of a drawing, with what it opens. `side` is its width in millimetres with its quiet zone."""

    address: str
    opens: str
    side: float


def qr_code(web: str) -> QrCode:
    """The code for a clinic's web address as it stands in clinic.toml, without https://.

    Raises ClinicError for an address with a question or a mark in it, which could tell one reader from another.
    """
    import segno  # slow to import, and only brochures need it

    url = web if "://" in web else f"https://{web}"
    if any(sign in url for sign in "?#@ "):
        raise ClinicError(
            f"The web address “{web}” holds more than a page",
            "Leave out everything from ? or # on: a QR code may not tell one reader from another.",
        )
    code = segno.make(url, error="m", micro=False, boost_error=False)
    modules = code.symbol_size(border=0)[0]
    module = max(LEAST_MODULE, LEAST_SIDE / modules)
    address = code.svg_data_uri(border=QUIET, dark="#000", light="#fff", xmldecl=False, omitsize=True)
    return QrCode(address, url, round(module * (modules + 2 * QUIET), 2))
