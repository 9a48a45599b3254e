"""What `lp` is given, what is said when it cannot print, and what a real printer gets."""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from handouts import printing
from handouts.errors import DeliveryError, HandoutError, MachineError, RequestError
from handouts.printing import PrintReceipt, find_printer, print_file
from tests.command import contents

CONTENT = b"%PDF-1.7 \xe2\xe3 the packet"
NAME = "2026-11-22-K7QX2FM.pdf"

# Each program of the print service writes down what it was given, and answers as the test wants.
FAKE = """#!/bin/sh
printf '%s\\n' "$@" > "$FAKE_TOLD/{name}${{2:+-job}}.args"
env > "$FAKE_TOLD/{name}.env"
{body}
"""
LP = 'cat > "$FAKE_TOLD/lp.stdin"\necho "request id is $2-12 (0 file(s))"'
LPSTAT = """
case $1 in
-e) printf 'Ward\\nDesk_2\\n' ;;
-d) echo "system default destination: Desk_2" ;;
-r) echo "scheduler is running" ;;
esac
"""

Fake = Callable[[str, str], None]


@pytest.fixture
def told(desk: Path) -> Path:
    """The folder where the programs write what they were given."""
    (desk / "told").mkdir()
    return desk / "told"


@pytest.fixture
def fake(desk: Path, told: Path, monkeypatch: pytest.MonkeyPatch) -> Fake:
    """Makes a program of that name, which is then the first one found."""
    bin_folder = desk / "bin"
    bin_folder.mkdir()
    monkeypatch.setenv("PATH", f"{bin_folder}:/usr/bin:/bin")
    monkeypatch.setenv("FAKE_TOLD", str(told))

    def make(name: str, body: str) -> None:
        path = bin_folder / name
        path.write_text(FAKE.format(name=name, body=body))
        path.chmod(0o755)

    make("lp", LP)
    make("lpstat", LPSTAT)
    return make


@pytest.fixture
def file(desk: Path) -> Path:
    path = desk / NAME
    path.write_bytes(CONTENT)
    return path


def refused(kind: type[HandoutError], file: Path, printer: str | None = "Ward") -> str:
    """What is said when the file is not printed. It is still there."""
    with pytest.raises(kind) as caught:
        print_file(file, printer, "Handouts", 4)
    assert type(caught.value) is kind
    assert file.read_bytes() == CONTENT
    return str(caught.value)


def test_lp_is_given_these_words_in_this_order(fake: Fake, told: Path, file: Path) -> None:
    assert print_file(file, "Ward", "Handouts", 4) == PrintReceipt("Ward", "Ward-12", 4)
    assert (told / "lp-job.args").read_text().splitlines() == [
        *("-d", "Ward", "-t", "Handouts"),
        *("-o", "sides=two-sided-long-edge", "-o", "print-scaling=none", "-o", "fit-to-page=false"),
    ]
    assert (told / "lp.stdin").read_bytes() == CONTENT


def test_print_service_learns_no_name_of_a_file(fake: Fake, told: Path, file: Path) -> None:
    print_file(file, None, "Handouts", 4)
    said = b"".join(path.read_bytes() for path in told.glob("*.args"))
    assert b"K7QX2FM" not in said
    assert str(file.parent).encode() not in said


def test_without_a_name_it_is_the_default_printer(fake: Fake, told: Path, file: Path) -> None:
    assert print_file(file, None, "Handouts", 4).printer == "Desk_2"
    assert (told / "lp-job.args").read_text().splitlines()[:2] == ["-d", "Desk_2"]


def test_programs_answer_in_english(fake: Fake, told: Path, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "es_ES.UTF-8")
    monkeypatch.setenv("LANGUAGE", "es")
    monkeypatch.setenv("CUPS_SERVER", "127.0.0.1:1")
    print_file(file, "Ward", "Su visita", 4)
    for name in ("lp", "lpstat"):
        given = (told / f"{name}.env").read_text().splitlines()
        assert "LC_ALL=C.UTF-8" in given and "LANGUAGE=" in given
        assert "CUPS_SERVER=127.0.0.1:1" in given, "settings of the machine count"


def test_no_lp(fake: Fake, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (file.parent / "bin" / "lp").unlink()
    monkeypatch.setenv("PATH", str(file.parent / "bin"))
    install = "Install it: sudo apt-get install -y cups-client."
    fake("lpstat", "echo Ward")
    assert refused(MachineError, file) == f"{NAME}: The program `lp` is not on this machine. {install}"
    (file.parent / "bin" / "lpstat").unlink()
    assert refused(MachineError, file) == f"{NAME}: The program `lpstat` is not on this machine. {install}"


def test_no_printer(fake: Fake, file: Path, told: Path) -> None:
    fake("lpstat", 'test "$1" = -r && echo "scheduler is running"')
    assert refused(MachineError, file, None).startswith(f"{NAME}: This machine has no printer. ")
    assert not (told / "lp-job.args").exists()


def test_print_service_is_not_running(fake: Fake, file: Path) -> None:
    fake("lpstat", 'test "$1" = -r && echo "scheduler is not running"')
    assert "The print service is not running. Start it: sudo systemctl start cups" in refused(MachineError, file)


@pytest.mark.parametrize("asked", ["Wart", "ward", "", "-x", "--", "Ward Desk_2"])
def test_printer_that_is_not_there(fake: Fake, file: Path, told: Path, asked: str) -> None:
    said = refused(RequestError, file, asked)
    assert said.startswith(f"{NAME}: There is no printer “{asked}”. ")
    assert "There is: Desk_2, Ward." in said
    assert not (told / "lp-job.args").exists()


def test_mistyped_printer_is_guessed(fake: Fake, file: Path) -> None:
    assert "Did you mean “Ward”?" in refused(RequestError, file, "Wart")


def test_no_default_printer(fake: Fake, file: Path) -> None:
    fake("lpstat", 'test "$1" = -e && printf "Ward\\nDesk_2\\n" || echo "no system default destination"')
    said = refused(RequestError, file, None)
    assert said == f"{NAME}: No printer is the default one. Name one: --print PRINTER. There is: Desk_2, Ward."


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ('echo "lp: Destination \\"Ward\\" is not accepting jobs." >&2; exit 1', 'Destination "Ward" is not accepting'),
        ('printf "lp: Error - it broke.\\nand more\\n" >&2; exit 1', "did not take the file: it broke. The file"),
        ("exit 3", "exit code 3"),
    ],
)
def test_printer_does_not_take_it(fake: Fake, file: Path, body: str, words: str) -> None:
    fake("lp", body)
    said = refused(DeliveryError, file)
    assert words in said
    assert "The file is kept." in said


def test_lp_that_ends_before_it_has_read_all(fake: Fake, file: Path, desk: Path) -> None:
    fake("lp", 'echo "lp: it broke" >&2; exit 1')
    large = desk / "large.pdf"
    large.write_bytes(b"x" * 5_000_000)
    with pytest.raises(DeliveryError, match="it broke"):
        print_file(large, "Ward", "Handouts", 4)


def test_lp_that_tells_no_number(fake: Fake, file: Path) -> None:
    fake("lp", "true")
    assert print_file(file, "Ward", "Handouts", 4) == PrintReceipt("Ward", "", 4)


def test_print_service_that_does_not_answer(fake: Fake, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(printing, "_ASKING_SECONDS", 0.2)
    fake("lpstat", "exec sleep 20")
    assert "The print service does not answer" in refused(DeliveryError, file)


def test_file_that_is_gone(fake: Fake, desk: Path, told: Path) -> None:
    with pytest.raises(DeliveryError, match="cannot be read"):
        print_file(desk / NAME, "Ward", "Handouts", 4)
    assert not (told / "lp-job.args").exists()


def test_printer_can_be_asked_for_before_there_is_a_file(fake: Fake) -> None:
    assert (find_printer(None), find_printer("Ward")) == ("Desk_2", "Ward")
    with pytest.raises(RequestError, match=r"^There is no printer"):
        find_printer("Wart")


# --- A real printer: CUPS and an IPP printer of this test's own, which only this machine can reach ---

PARTS = ("cupsd", "ippeveprinter", "lpadmin", "lp", "lpstat", "dbus-daemon")
BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:path={here}/bus</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/>
</policy></busconfig>
"""
CUPSD = """Listen 127.0.0.1:{port}
Browsing Off
DefaultAuthType None
<Location />
  Order allow,deny
  Allow from 127.0.0.1
</Location>
<Policy default>
  <Limit All>
    Order deny,allow
  </Limit>
</Policy>
"""
CUPS_FILES = """ServerRoot {here}/etc
CacheDir {here}/cache
StateDir {here}/state
RequestRoot {here}/requests
TempDir {here}/temporary
ServerBin {usr}/lib/cups
DataDir {usr}/share/cups
AccessLog {here}/access.log
ErrorLog {here}/error.log
PageLog {here}/page.log
"""


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def until(seen: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + 20
    while not seen():
        assert time.monotonic() < end, what
        time.sleep(0.05)


def answers(port: int) -> bool:
    with socket.socket() as asked:
        return asked.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def ward(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A printer “Ward”, the only one, and not the default. Returns the folder where its jobs arrive."""
    monkeypatch.setenv("PATH", f"{os.environ['PATH']}:/usr/sbin:/sbin")
    missing = [part for part in PARTS if shutil.which(part) is None]
    if missing:
        pytest.skip(f"not on this machine: {', '.join(missing)} (cups-daemon cups-client cups-ipp-utils dbus)")
    with ExitStack() as stack:
        # Not pytest's folder: cupsd gives up root, and its user cannot open that one.
        here = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ward-")))
        here.chmod(0o755)
        for name in ("etc", "cache", "state", "requests", "temporary", "spool"):
            (here / name).mkdir()

        def start(*command: str | Path, **more: str) -> None:
            log = stack.enter_context((here / f"{command[0]}.out").open("wb"))
            process = subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, **more})
            stack.callback(process.wait, 20)
            stack.callback(process.terminate)

        ports = free_port(), free_port()
        cupsd = Path(str(shutil.which("cupsd"))).resolve()
        (here / "bus.conf").write_text(BUS.format(here=here))
        (here / "etc" / "cupsd.conf").write_text(CUPSD.format(port=ports[0]))
        (here / "etc" / "cups-files.conf").write_text(CUPS_FILES.format(here=here, usr=cupsd.parent.parent))
        on_job = here / "on-job"
        on_job.write_text(f"#!/bin/sh\nenv | grep ^IPP_ > {here}/job.part && mv {here}/job.part {here}/job\n")
        on_job.chmod(0o755)

        start("dbus-daemon", f"--config-file={here}/bus.conf", "--nofork", "--nopidfile")
        until((here / "bus").exists, "dbus-daemon does not start")
        # `-n localhost` keeps it on this machine, `-r off` unannounced; without a bus it does not start.
        start(
            *("ippeveprinter", "-n", "localhost", "-p", str(ports[1]), "-r", "off", "-2", "-k"),
            *("-d", here / "spool", "-f", "application/pdf", "-c", on_job, "Ward"),
            DBUS_SYSTEM_BUS_ADDRESS=f"unix:path={here}/bus",
        )
        until(lambda: answers(ports[1]), "ippeveprinter does not start")
        start("cupsd", "-f", "-c", here / "etc" / "cupsd.conf", "-s", here / "etc" / "cups-files.conf")
        until(lambda: answers(ports[0]), "cupsd does not start")
        monkeypatch.setenv("CUPS_SERVER", f"127.0.0.1:{ports[0]}")
        monkeypatch.setenv("HOME", str(here))  # no default printer of whoever runs the tests
        for variable in ("LPDEST", "PRINTER"):
            monkeypatch.delenv(variable, raising=False)
        uri = f"ipp://localhost:{ports[1]}/ipp/print"
        subprocess.run(["lpadmin", "-p", "Ward", "-E", "-v", uri], check=True, capture_output=True)
        yield here


def test_a_real_printer_gets_the_file_two_sided_unscaled_and_unnamed(ward: Path, file: Path) -> None:
    receipt = print_file(file, "Ward", "Handouts", 4)
    assert (receipt.printer, receipt.job, receipt.sheets) == ("Ward", "Ward-1", 4)
    until((ward / "job").exists, "the job does not arrive")
    job = dict(line.partition("=")[::2] for line in (ward / "job").read_text().splitlines())
    assert job["IPP_SIDES"] == "two-sided-long-edge"
    assert job["IPP_PRINT_SCALING"] == "none"
    assert job["IPP_FIT_TO_PAGE"] == "false"
    assert job["IPP_JOB_NAME"] == "Handouts"
    assert "K7QX2FM" not in str(job).replace(getpass.getuser(), "")
    (printed,) = [path for path in (ward / "spool").iterdir() if path.suffix == ".pdf"]
    assert printed.read_bytes() == CONTENT, "byte for byte"
    everything = b"".join(contents(ward).values()).replace(CONTENT, b"")
    assert b"K7QX2FM" not in everything, "no log and no queue has the file's name"

    assert "Did you mean “Ward”?" in refused(RequestError, file, "Word")
    assert "No printer is the default one" in refused(RequestError, file, None)
    subprocess.run(["lpadmin", "-d", "Ward"], check=True, capture_output=True)
    assert print_file(file, None, "Handouts", 4).job == "Ward-2"
    subprocess.run(["lpadmin", "-x", "Ward"], check=True, capture_output=True)
    assert "This machine has no printer" in refused(MachineError, file, None)


def test_a_real_lp_without_its_service(ward: Path, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUPS_SERVER", f"127.0.0.1:{free_port()}")
    assert "The print service is not running" in refused(MachineError, file)
