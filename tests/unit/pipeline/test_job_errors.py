"""The error that matters, out of what failed jobs were seen to say."""

import pytest

from seq2seq_tfx.pipeline.job_errors import error_of
from seq2seq_tfx.schemas.errors import InputError, WorkError

PYTHON = """\
Traceback (most recent call last):
  File "local_job_service.py", line 294, in _run_job
    self.result = self._invoke_runner()
RuntimeError: Traceback (most recent call last):
  File "work.py", line 3, in work
    raise ValueError(task)
ValueError: three is too much [while running 'work']
"""
JAVA = """\
java.lang.RuntimeException: Error received from SDK harness for instruction 4: Traceback (most recent call last):
  File "chunks.py", line 81, in read_chunk
    raise CorpusError(message)
seq2seq_tfx.schemas.errors.CorpusError: a.tsv:7: must be UTF-8, got byte 0xff;
  save it as UTF-8 [while running 'read-ptransform-21']

\tat org.apache.beam.runners.fnexecution.control.FnApiControlClient.handle(FnApiControlClient.java:180)
"""
OURS = "a.tsv:7: must be UTF-8, got byte 0xff;\n  save it as UTF-8"
CAUSES = """\
org.apache.flink.runtime.client.JobExecutionException: Job execution failed.
\tat org.apache.flink.runtime.jobmaster.JobResult.toJobExecutionResult(JobResult.java:144)
Caused by: java.io.IOException: Insufficient number of network buffers: required 512, but only 269 available.
\tat org.apache.flink.runtime.io.network.buffer.NetworkBufferPool.createBufferPool(NetworkBufferPool.java:412)
"""


@pytest.mark.parametrize(
    ("said", "lost"),
    [
        ("...JobMasterException: TaskManager with id a:1-b2 is no longer reachable.", "a:1-b2"),
        ("...TimeoutException: Heartbeat of TaskManager with id b:2 timed out.", "b:2"),
        (
            "...: Connection unexpectedly closed by remote task manager 'a/1.2.3.4:5'. This might indicate",
            "a/1.2.3.4:5",
        ),
    ],
)
def test_the_error_says_what_to_do_when_a_machine_was_lost(said: str, lost: str) -> None:
    found = error_of(said)
    assert isinstance(found, WorkError)
    assert f"but {lost} was lost" in str(found) and "run again" in str(found)


@pytest.mark.parametrize(
    ("said", "kind", "message"),
    [
        (PYTHON, RuntimeError, "ValueError: three is too much"),
        (JAVA, InputError, OURS),
        (JAVA.replace("CorpusError", "WorkError"), WorkError, OURS),
        (CAUSES, RuntimeError, "java.io.IOException: Insufficient number of network buffers: required 512, "
                               "but only 269 available."),
        ("cancelled by hand\nat noon", RuntimeError, "cancelled by hand"),
        ("", RuntimeError, "it says nothing"),
    ],
)  # fmt: skip
def test_the_last_error_is_found_and_ours_is_raised_as_it_was(said: str, kind: type[Exception], message: str) -> None:
    error = error_of(said)
    assert type(error) is kind
    assert str(error) == message
