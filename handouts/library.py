"""Where templates, styles, content and pictures are found: the clinic's shelf first, then ours."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from handouts.errors import ClinicError, Origin

SOURCE_LANGUAGE = "en"  # what translations are made from
ROOMS = ("templates", "styles", "content", "assets")


def bundled_root() -> Path:
    """The folder that holds our `templates/`, `styles/` and `content/`.

    Inside an installed wheel that is `handouts/_bundled`; in a checkout or an editable install, the checkout.
    """
    packed = Path(__file__).parent / "_bundled"
    return packed if packed.is_dir() else Path(__file__).parent.parent


_EXAMPLES = {"sample-clinic", "example-clinics", "new-clinic"}  # folders of content/ that hold whole clinics


def sample_clinic() -> Path:
    """The folder of the invented clinic that comes with us."""
    return bundled_root() / "content" / "sample-clinic"


def is_file(path: Path) -> bool:
    """Whether there is such a file. A path that no disk could hold, such as one too long, is not there either."""
    try:
        return path.is_file()
    except OSError:
        return False


def is_folder(path: Path) -> bool:
    """Whether there is such a folder, likewise."""
    try:
        return path.is_dir()
    except OSError:
        return False


@dataclass(frozen=True)
class Place:
    """One place that was looked at, on whose shelf, and whether the file is there."""

    owner: str
    path: Path
    found: bool


@dataclass(frozen=True)
class Library:
    """The shelves that are searched in order. A clinic's file wins over ours of the same name."""

    clinic: Path
    bundled: Path

    @property
    def shelves(self) -> tuple[tuple[str, Path], ...]:
        return (("clinic", self.clinic), ("bundled", self.bundled))

    def places(self, room: str, name: str) -> tuple[Place, ...]:
        """Every place where a file of that room would be, in the order in which they are asked."""
        return tuple(
            Place(owner, path, is_file(path))
            for owner, root in self.shelves
            for path in [self._inside(root / room, name)]
        )

    def find(self, room: str, name: str) -> Path | None:
        """The file that wins, or None. Raises ClinicError if it is a link to a place outside all shelves."""
        path = next((place.path for place in self.places(room, name) if place.found), None)
        if path is not None and not self.holds(path):
            raise ClinicError(
                "This is a link to a file outside the clinic's folder", "Put the file itself here.", Origin(path)
            )
        return path

    def holds(self, path: Path) -> bool:
        """Whether a file really lies on one of the shelves, wherever a link may say it is."""
        return any(path.resolve().is_relative_to(root.resolve()) for _, root in self.shelves)

    def bundled_file(self, room: str, name: str) -> Path:
        """Our own file, even where the clinic has one of the same name."""
        return self._inside(self.bundled / room, name)

    def names(self, room: str, folder: str, suffix: str) -> tuple[str, ...]:
        """The stems of all files with that suffix in a folder of the room, on any shelf, sorted."""
        found = {
            path.stem
            for _, root in self.shelves
            for path in (root / room / folder).glob(f"*{suffix}")
            if path.is_file()
        }
        return tuple(sorted(found))

    def look_everywhere(self, name: str) -> tuple[tuple[Place, ...], ...]:
        """The places for a name in each room. A bare name is also looked for in the folders inside `content`."""
        folders = ["", *self._content_folders()] if len(Path(name).parts) == 1 else [""]
        asked = [(room, name) for room in ROOMS]
        asked += [("content", f"{folder}/{name}") for folder in folders if folder]
        return tuple(self.places(room, inside) for room, inside in asked)

    def all_names(self) -> tuple[str, ...]:
        """The names of all files on all shelves, without their folders."""
        found = {path.name for root in self.roots() for path in root.rglob("*.*") if path.is_file()}
        return tuple(sorted(found))

    def _content_folders(self) -> list[str]:
        inside = [
            path.relative_to(root / "content")
            for _, root in self.shelves
            for pattern in ("*", "*/*")
            for path in (root / "content").glob(pattern)
            if path.is_dir()
        ]
        return sorted({str(path) for path in inside if path.parts[0] not in _EXAMPLES})

    def languages(self) -> tuple[str, ...]:
        """The languages that have at least one handout."""
        found = {
            path.parent.name
            for _, root in self.shelves
            for path in (root / "content").glob("*/handouts")
            if path.is_dir()
        }
        return tuple(sorted(found))

    def roots(self) -> tuple[Path, ...]:
        """The folders that files in a PDF may come from."""
        return tuple(root / room for _, root in self.shelves for room in ROOMS if (root / room).is_dir())

    def is_overridden(self, room: str, name: str) -> bool:
        """Whether the clinic's own file hides one of ours."""
        return all(place.found for place in self.places(room, name))

    @staticmethod
    def _inside(folder: Path, name: str) -> Path:
        """The path of a name within a folder. A name that climbs out of it is looked for, in vain, inside."""
        parts = [part for part in Path(name).parts if part not in ("..", "/", "\\")]
        return folder.joinpath(*parts)
