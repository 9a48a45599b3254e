"""A folder for a clinic to start from: settings explained by comments, and rooms for its own files."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from handouts.clinic import SETTINGS
from handouts.delivery import write_whole
from handouts.errors import DeliveryError, Origin, RequestError
from handouts.library import bundled_root, sample_clinic

_WHERE_OUR_SCHEMA_IS = re.compile(rb"\A#:schema .*\n")  # seen from our own folder
_ROOMS = {
    "assets": "Your logo and photos: SVG, PNG or JPEG. Name them in clinic.toml.",
    "content": "Your own texts, in place of ours of the same name: content/en/blocks/NAME.md and so on.",
    "styles": "Your own styles. clinic.css comes after ours; a file with the name of one of ours takes its place.",
    "templates": 'Your own templates, in place of ours. Begin with {% extends "bundled:NAME" %} to change a part.',
}


def begin(folder: Path) -> tuple[Path, ...]:
    """Write the folder; says what was written. Raises RequestError if there is something in it already, DeliveryError
    if it cannot be written.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise RequestError(
            "There is something there already, and it stays as it is", "Name a new folder.", Origin(folder)
        )
    sample = sample_clinic()
    template = bundled_root() / "content" / "new-clinic" / SETTINGS
    written = [folder / SETTINGS]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for room, words in _ROOMS.items():
            (folder / room).mkdir(exist_ok=True)
            note = folder / room / "README.md"
            write_whole(note, f"{words}\n".encode())
            written.append(note)
        for file in sorted((sample / "assets").iterdir()):
            shutil.copyfile(file, folder / "assets" / file.name)
            written.append(folder / "assets" / file.name)
        # Last: a folder with its settings is a whole one.
        write_whole(folder / SETTINGS, _WHERE_OUR_SCHEMA_IS.sub(b"", template.read_bytes()))
    except OSError as problem:
        raise DeliveryError(
            f"The folder cannot be written ({problem.strerror})", "Choose another place.", Origin(folder)
        ) from None
    return tuple(written)
