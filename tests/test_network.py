"""Nothing touches the network, and nothing needs it."""

import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = str(Path(sys.executable).with_name("handouts"))
NO_SOCKETS = """
import socket
import sys

def refuse(event, arguments):
    if event.startswith("socket.") and event != "socket.gethostname":
        sys.stderr.write(f"SOCKET {event} {arguments}\\n")
        sys.stderr.flush()
        __import__("os")._exit(99)

sys.addaudithook(refuse)
PROBE
from handouts.cli import main
main(sys.argv[1:])
"""


def without_sockets(*arguments: str, probe: str = "") -> subprocess.CompletedProcess[str]:
    """Run the command in a Python that ends at once, with code 99, if anything asks for a socket."""
    program = NO_SOCKETS.replace("PROBE", probe)
    return subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True)


def test_the_trap_works(desk: Path) -> None:
    caught = without_sockets("list", probe="socket.create_connection(('192.0.2.1', 80))")
    assert caught.returncode == 99
    assert "SOCKET socket." in caught.stderr


def test_no_socket_is_opened(desk: Path) -> None:
    done = without_sockets("render", "biological", "--output", "output")
    assert (done.returncode, done.stderr) == (0, "")
    assert (desk / "output" / "biological-full-en.pdf").read_bytes().startswith(b"%PDF-")


@pytest.mark.parametrize(
    "text",
    ["<img src=http://192.0.2.1/x.png alt=x>", "<link rel=stylesheet href=https://192.0.2.1/x.css>"],
)
def test_no_socket_is_opened_for_an_address(text: str, small_clinic: Path) -> None:
    (small_clinic / "templates" / "full.html").write_text(
        '{% extends "small.html" %}{% block more %}' + text + "{% endblock %}"
    )
    done = without_sockets("render", "small", "--clinic", "clinic")
    assert done.returncode == 1
    assert "192.0.2.1" in done.stderr


def test_render_where_there_is_no_network(small_clinic: Path, desk: Path) -> None:
    render = [COMMAND, "render", "small", "--clinic", "clinic"]
    cut_off = ["unshare", "--map-root-user", "--net"]
    if subprocess.run([*cut_off, "true"], capture_output=True).returncode:
        pytest.skip("no network of its own can be made here; test_no_socket_is_opened stands in for it")
    done = subprocess.run([*cut_off, *render], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "output/small-full-en.pdf\n"
