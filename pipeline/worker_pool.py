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
        OSError: If nothing can listen there.
    """
    socket.create_server((host, port)).close()  # before the imports, which take long
    import grpc
    from apache_beam.portability.api import beam_fn_api_pb2_grpc

    from seq2seq_tfx.pipeline.forking_pool import ForkingPool, forking_context

    # Beam's runners ask often whether the pool is alive, which gRPC would take for an attack.
    options = (("grpc.http2.max_pings_without_data", 0), ("grpc.http2.max_ping_strikes", 0), ("grpc.so_reuseport", 0))
    server = grpc.server(futures.ThreadPoolExecutor(_CALLS), options=options)
    pool = ForkingPool(forking_context())
    beam_fn_api_pb2_grpc.add_BeamFnExternalWorkerPoolServicer_to_server(pool, server)
    server.add_insecure_port(f"{host}:{port}")
    server.start()
    return server, pool


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
    started = time.monotonic()
    try:
        server, pool = start(arguments.host, arguments.port)
    except OSError as error:
        print(f"--port must be free at {arguments.host}, got {arguments.port} ({error.strerror})", file=sys.stderr)
        return 2
    seconds = time.monotonic() - started
    logger.info("listening at %s:%s, after %.0f seconds of imports", arguments.host, arguments.port, seconds)
    try:
        server.wait_for_termination()
    except KeyboardInterrupt:
        logger.info("ending")
    finally:
        server.stop(0)
        pool.end_all()
    return 0


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
