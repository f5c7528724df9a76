"""What the schema stage receives."""

from seq2seq_tfx.schemas.config.section import Section


class SchemaSettings(Section):
    """The packaged schema, known by its content, wherever the package is installed."""

    schema_sha256: str
    """Hex digest of `schemas/parallel_corpus.pbtxt`."""
