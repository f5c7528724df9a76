"""Section `push`: where proven models go."""

from typing import Annotated, Final

from pydantic import Field

from seq2seq_tfx.schemas.config.section import Section

_OPTION: Final = r"(scheme|region|endpoint_override|allow_bucket_creation)=[^&@]*"
"""What Arrow knows of an S3 address; nothing else, so that no key can stand in what is recorded of a version."""

Destination = Annotated[
    str,
    Field(
        pattern=rf"^s3://[^/@:?]+(/[^@?]*)?(\?{_OPTION}(&{_OPTION})*)?$",
        json_schema_extra={
            "words": "an address like s3://bucket/folder, without keys: these come from the environment; "
            "after a question mark only scheme, region, endpoint_override and allow_bucket_creation"
        },
    ),
]


class PushConfig(Section):
    """Where proven models go."""

    directory: str = "pushed"
    """Folder of the versions, relative to `root`."""
    destination: Destination | None = None
    """Folder of an S3 object store that the version in use is copied to: its objects first, the pointer last."""
