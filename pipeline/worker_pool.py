"""A pool of Beam workers: `python -m seq2seq_tfx.pipeline.worker_pool --port N`, on each machine of a cluster.

It answers as Beam's own external worker pool does. That one starts a new Python for each worker of each job, which then
imports TensorFlow: on small jobs nearly all of the time goes there.
"""

import argparse
import logging
import os
import signal
import socket
import sys
import time
from concurrent import futures
from types import FrameType
from typing import TYPE_CHECKING, Final

from seq2seq_tfx.pipeline.screen import QUIET_ENVIRONMENT, quieten
from seq2seq_tfx.schemas.errors import InputError, Seq2SeqError

if TYPE_CHECKING:
    import grpc

    from seq2seq_tfx.pipeline.forking_pool import ForkingPool

logger = logging.getLogger("worker_pool")

_CALLS: Final = 16


def start(host: str, port: int) -> "tuple[grpc.Server, ForkingPool]":
    """Import what workers need, then listen.

    Args:
        host: The address of this machine to listen at; a cluster calls each machine's own pool, at `localhost`.
        port: A free one.

    Raises:
        InputError: If nothing can listen there.
        WorkError: If something cannot be imported.
    """
    _require_free(host, port)  # before the imports, which take long
    import grpc
    from apache_beam.portability.api import beam_fn_api_pb2_grpc

    from seq2seq_tfx.pipeline.forking_pool import ForkingPool, forking_context

    # Beam's runners ask often whether the pool is alive, which gRPC would take for an attack.
    options = (("grpc.http2.max_pings_without_data", 0), ("grpc.http2.max_ping_strikes", 0), ("grpc.so_reuseport", 0))
    server = grpc.server(futures.ThreadPoolExecutor(_CALLS), options=options)
    pool = ForkingPool(forking_context())
    beam_fn_api_pb2_grpc.add_BeamFnExternalWorkerPoolServicer_to_server(pool, server)
    _require_free(host, port)
    server.add_insecure_port(f"{host}:{port}")
    server.start()
    return server, pool


def _require_free(host: str, port: int) -> None:
    try:
        socket.create_server((host, port)).close()
    except OSError as error:
        raise InputError(
            f"--host and --port must be free to listen at, got {host}:{port} ({error.strerror or error})"
        ) from error


def main(argv: list[str] | None = None) -> int:
    """Serve until SIGTERM or Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m seq2seq_tfx.pipeline.worker_pool", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--host", default="localhost", help="where to listen (localhost)")
    arguments = parser.parse_args(argv)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    os.environ.update(QUIET_ENVIRONMENT)
    quieten()
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        _serve(arguments.host, arguments.port)
    except Seq2SeqError as error:
        print(f"worker pool: {error}", file=sys.stderr)
        return error.exit_status
    except KeyboardInterrupt:
        logger.info("ended")
    return 0


def _serve(host: str, port: int) -> None:
    started = time.monotonic()
    server, pool = start(host, port)
    logger.info("listening at %s:%s, after %.0f seconds of imports", host, port, time.monotonic() - started)
    try:
        server.wait_for_termination()
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)  # a second one must not leave workers behind
        server.stop(0)
        pool.end_all()


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
