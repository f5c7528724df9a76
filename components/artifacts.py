"""Artifact types that TFX has none for; one of the few files of `components/` that import TFX."""

from tfx.types.artifact import Artifact, Property, PropertyType


class CorpusLedger(Artifact):
    """What was read, kept and dropped, corpus by corpus (`ledger.json`)."""

    TYPE_NAME = "CorpusLedger"


class MonolingualSentences(Artifact):
    """Sentences of monolingual corpora (`Split-source`, `Split-target`): no Examples, because they are no pairs."""

    TYPE_NAME = "MonolingualSentences"


class Vocabulary(Artifact):
    """A SentencePiece model (`vocabulary.model`, `vocabulary.json`)."""

    TYPE_NAME = "Vocabulary"
    PROPERTIES = {
        "sha256": Property(type=PropertyType.STRING),
        "size": Property(type=PropertyType.INT),
        "kind": Property(type=PropertyType.STRING),
        "languages": Property(type=PropertyType.STRING),
    }


class PretrainedEncoder(Artifact):
    """Layers that learned from single sentences (`weights.npz`, `pretrained.json`, the vocabulary)."""

    TYPE_NAME = "PretrainedEncoder"
    PROPERTIES = {"objective": Property(type=PropertyType.STRING)}


class GateDecision(Artifact):
    """The gate's verdict with its reasons (`decision.json`)."""

    TYPE_NAME = "GateDecision"
