"""Section `push`: where proven models go."""

from typing import Annotated

from pydantic import Field

from seq2seq_tfx.schemas.config.section import Section

Destination = Annotated[
    str,
    Field(
        pattern=r"^s3://[^/@:?]+(/[^@?]*)?(\?[^@]*)?$",
        json_schema_extra={
            "words": "an address like s3://bucket/folder, without keys: these come from the environment"
        },
    ),
]


class PushConfig(Section):
    """Where proven models go."""

    directory: str = "pushed"
    """Folder of the versions, relative to `root`."""
    destination: Destination | None = None
    """Folder of an S3 object store that the version in use is copied to: its objects first, the pointer last."""
