"""A separated PDF becomes PDF/X-4: what a print shop's machine asks for, and nothing that only a screen can use.

Sources: ISO 15930-7:2010 (PDF/X-4): boxes, output intent, trapping, dates, no encryption and nothing that acts.
Its keys in XMP are pdfxid:GTS_PDFXVersion, xmpMM:DocumentID, VersionID and RenditionClass. ISO 32000-1, 14.11.2 (page
boxes) and 14.11.5 (output intents). All but the dates follows from the pages: the same pages and the same date
(`SOURCE_DATE_EPOCH`) give the same bytes.
"""

from __future__ import annotations

import hashlib
import io
import os
import uuid
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

import pikepdf
from pikepdf import Array, Dictionary, Name, String

from handouts.errors import DesignError, MachineError
from handouts.press.profile import UNREGISTERED, Profile

STANDARD, VERSION = "PDF/X-4", "1.6"
REGISTRY = "http://www.color.org"
POINTS = 72 / 25.4  # in a millimetre
_ROUNDING = 0.05  # points: WeasyPrint counts in CSS pixels and rounds
_OF_A_PAGE = ("/Type", "/Parent", "/Contents", "/Resources", "/Group", "/Rotate")
_OF_A_CATALOG = ("/Type", "/Pages", "/Lang")
_PRODUCER = "handouts"
# `typesetting` sets SOURCE_DATE_EPOCH to this where nobody has set it, so that fonts are undated. No print shop takes a
# file of 1970.
_NO_DATE = "0"


@dataclass(frozen=True)
class Boxes:
    """The sheet in points: its trimmed size, how far colour runs over the edge, and the room for marks around that."""

    width: float
    height: float
    bleed: float
    slug: float

    @classmethod
    def of_millimetres(cls, width: float, height: float, bleed: float, slug: float) -> Boxes:
        return cls(*(side * POINTS for side in (width, height, bleed, slug)))

    @property
    def media_width(self) -> float:
        return self.width + 2 * (self.bleed + self.slug)

    @property
    def media_height(self) -> float:
        return self.height + 2 * (self.bleed + self.slug)

    @property
    def media(self) -> tuple[float, float, float, float]:
        """Left, foot, right and top of the whole page, as of the three boxes."""
        return (0.0, 0.0, self.media_width, self.media_height)

    @property
    def trim(self) -> tuple[float, float, float, float]:
        """Where it is cut."""
        return self._within(self.bleed + self.slug)

    @property
    def bled(self) -> tuple[float, float, float, float]:
        """How far colour runs."""
        return self._within(self.slug)

    def _within(self, edge: float) -> tuple[float, float, float, float]:
        return (edge, edge, self.media_width - edge, self.media_height - edge)


def write_pdfx(content: bytes, boxes: Boxes, profile: Profile, title: str) -> bytes:
    """A separated PDF as PDF/X-4. Its pages are as large as the sheet with bleed and slug around it.

    Links and tags are left out: paper has none. The dates are that of `SOURCE_DATE_EPOCH`, else (or if it is 0) now.
    Raises DesignError if a page has another size, MachineError if `SOURCE_DATE_EPOCH` is no number of seconds.
    """
    date = _date()
    with pikepdf.open(io.BytesIO(content)) as pdf:
        for number, page in enumerate(pdf.pages, start=1):
            _page(page, boxes, number)
        _strip(pdf.Root, _OF_A_CATALOG)
        for key in list(pdf.docinfo):
            del pdf.docinfo[key]
        pdf.Root.OutputIntents = Array([_output_intent(pdf, profile)])
        # The identity of the pages alone: the same brochure keeps it, whenever it is written again.
        identity = hashlib.sha256(title.encode() + b"\0" + _saved(pdf)).digest()
        packet = _packet(title, date, uuid.UUID(bytes=identity[:16], version=4))
        pdf.Root.Metadata = pdf.make_stream(packet, Type=Name.Metadata, Subtype=Name.XML)
        written = String(f"D:{date:%Y%m%d%H%M%S}Z")
        pdf.docinfo.Title, pdf.docinfo.Producer = String(title), String(_PRODUCER)
        pdf.docinfo.CreationDate = pdf.docinfo.ModDate = written
        pdf.docinfo.Trapped = Name("/False")
        return _saved(pdf)


def _page(page: Any, boxes: Boxes, number: int) -> None:
    left, foot, right, top = (float(side) for side in page.mediabox)
    found = (right - left, top - foot)
    wanted = (boxes.media_width, boxes.media_height)
    if any(abs(here - there) > _ROUNDING for here, there in zip(found, wanted, strict=True)):
        sizes = " and ".join(f"{w / POINTS:.1f} × {h / POINTS:.1f} mm" for w, h in (found, wanted))
        remedy = "Lay it out as large as the sheet with its bleed and slug on each side."
        raise DesignError(f"Page {number} is not as large as the sheet with its edges ({sizes})", remedy)
    rotated = int(page.obj.get("/Rotate", 0))
    if rotated:
        raise DesignError(f"Page {number} is turned by {rotated} degrees", "Lay it out as it is printed.")
    _strip(page.obj, _OF_A_PAGE)
    for name, box in (("/MediaBox", boxes.media), ("/BleedBox", boxes.bled), ("/TrimBox", boxes.trim)):
        page.obj[name] = Array([round(side + start, 4) for side, start in zip(box, (left, foot) * 2, strict=True)])


def _strip(dictionary: Any, kept: Iterable[str]) -> None:
    for key in [key for key in dictionary if key not in kept]:
        del dictionary[key]


def _output_intent(pdf: Any, profile: Profile) -> Any:
    """What the colours are meant for. A condition that is in no registry is told by its profile alone."""
    embedded = pdf.make_stream(b"", N=4, Alternate=Name.DeviceCMYK)
    embedded.write(zlib.compress(profile.content, 9), filter=Name.FlateDecode)
    intent = Dictionary(
        Type=Name.OutputIntent,
        S=Name.GTS_PDFX,
        OutputConditionIdentifier=String(profile.condition),
        Info=String(profile.description),
        DestOutputProfile=embedded,
    )
    if profile.condition != UNREGISTERED:
        intent.RegistryName = String(REGISTRY)
    return pdf.make_indirect(intent)


def _date() -> datetime:
    given = os.environ.get("SOURCE_DATE_EPOCH", _NO_DATE)
    if given == _NO_DATE:
        return datetime.now(UTC).replace(microsecond=0)
    try:
        return datetime.fromtimestamp(int(given), UTC)
    except (ValueError, OverflowError, OSError):
        remedy = "Set it to a number of seconds since 1970, or not at all."
        raise MachineError(f"SOURCE_DATE_EPOCH is “{given}”", remedy) from None


def _packet(title: str, date: datetime, identity: uuid.UUID) -> bytes:
    """The metadata in XMP. Not packed: preflight tools look for it in the raw file."""
    when = f"{date:%Y-%m-%dT%H:%M:%SZ}"
    return f"""<?xpacket begin="\N{ZERO WIDTH NO-BREAK SPACE}" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about=""
    xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmlns:pdf="http://ns.adobe.com/pdf/1.3/"
    xmlns:pdfxid="http://www.npes.org/pdfx/ns/id/"
    xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    xmlns:xmpMM="http://ns.adobe.com/xap/1.0/mm/">
   <dc:format>application/pdf</dc:format>
   <dc:title><rdf:Alt><rdf:li xml:lang="x-default">{escape(title)}</rdf:li></rdf:Alt></dc:title>
   <pdf:Producer>{_PRODUCER}</pdf:Producer>
   <pdf:Trapped>False</pdf:Trapped>
   <pdfxid:GTS_PDFXVersion>{STANDARD}</pdfxid:GTS_PDFXVersion>
   <xmp:CreateDate>{when}</xmp:CreateDate>
   <xmp:ModifyDate>{when}</xmp:ModifyDate>
   <xmp:MetadataDate>{when}</xmp:MetadataDate>
   <xmpMM:DocumentID>uuid:{identity}</xmpMM:DocumentID>
   <xmpMM:VersionID>1</xmpMM:VersionID>
   <xmpMM:RenditionClass>default</xmpMM:RenditionClass>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="r"?>""".encode()


def _saved(pdf: Any) -> bytes:
    """The file; its `/ID` follows from what is in it."""
    written = io.BytesIO()
    pdf.save(
        written,
        deterministic_id=True,
        force_version=VERSION,
        fix_metadata_version=False,
        object_stream_mode=pikepdf.ObjectStreamMode.generate,
    )
    return written.getvalue()
