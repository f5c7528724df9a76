"""A local S3 server (moto) in a process and a virtual environment of its own (`scripts/peer.sh moto`)."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]
START_SECONDS = 60.0
KEYS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_EC2_METADATA_DISABLED": "true"}


@contextmanager
def s3_server(log: Path) -> Iterator[str]:
    """Start the server; yields what to add to an address, as in `s3://bucket/folder` + it; ends it afterwards."""
    made = subprocess.run([REPOSITORY / "scripts/peer.sh", "moto"], capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr
    port = _free_port()
    program = Path(made.stdout.strip()).with_name("moto_server")
    with log.open("wb") as stream:
        command = [str(program), "--host", "127.0.0.1", "--port", str(port)]
        process = subprocess.Popen(command, stdout=stream, stderr=stream, env={**os.environ, **KEYS})
        try:
            _wait_for(port, process, log)
            yield f"?scheme=http&endpoint_override=127.0.0.1:{port}&region=us-east-1"
        finally:
            process.terminate()
            process.wait()


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _wait_for(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        if process.poll() is not None or time.monotonic() > deadline:
            raise AssertionError(f"the S3 server did not start: {log.read_text()}")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
