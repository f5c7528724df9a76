"""The files of a Vocabulary artifact: one SentencePiece model for both sides, or one for each."""

import shutil
from pathlib import Path
from typing import Final, NamedTuple

from seq2seq_tfx.components.files import sha256_of_file, sha256_of_texts
from seq2seq_tfx.schemas.config.section import Section

MODEL_FILE: Final = "vocabulary.model"
"""The SentencePiece model of both sides."""
SIDE_MODEL_FILES: Final = ("vocabulary.source.model", "vocabulary.target.model")
"""The two models of a vocabulary that is not shared."""
SUMMARY_FILE: Final = "vocabulary.json"
"""Its sha256, sizes, kind and languages, and how well it covers each side."""
MAPPING_FILE: Final = "vocabulary.mapping.json"
"""Only of a given model: by file name, the list whose n-th number is the id here of the given model's id n."""


class VocabularyModels(NamedTuple):
    """Where the SentencePiece models of the two sides lie; one path twice where they share one."""

    source: Path
    target: Path

    @property
    def shared(self) -> bool:
        """Whether both sides have one model."""
        return self.source == self.target

    @property
    def sha256(self) -> str:
        """Identity of the vocabulary: the file's, or that of both files' together."""
        if self.shared:
            return sha256_of_file(self.source)
        return sha256_of_texts(*(sha256_of_file(path) for path in self))

    def copy_to(self, directory: Path) -> None:
        """Copy the models under the same names."""
        for path in dict.fromkeys(self):
            shutil.copyfile(path, directory / path.name)


def find_models(directory: Path) -> VocabularyModels:
    """The models of a vocabulary, of weights or of an export: shared if `vocabulary.model` is there.

    Args:
        directory: The folder that holds them.
    """
    if (directory / MODEL_FILE).exists():
        return VocabularyModels(directory / MODEL_FILE, directory / MODEL_FILE)
    source, target = SIDE_MODEL_FILES
    return VocabularyModels(directory / source, directory / target)


def names_of(shared: bool) -> tuple[str, ...]:
    """The file names of a vocabulary's models."""
    return (MODEL_FILE,) if shared else SIDE_MODEL_FILES


class SideFigures(Section):
    """How well a vocabulary fits one side's text."""

    sentences: int
    """Distinct sentences that the figures are of, of those that the vocabulary was made from."""
    coverage: float
    """Share of characters, spaces apart, that stand in a piece: not unknown, and not spelled as bytes."""
    fertility: float
    """Pieces a word; words are what stands between spaces."""
    unknown_share: float
    """Share of pieces that are `<unk>`."""


class VocabularySummary(Section):
    """What `vocabulary.json` says."""

    sha256: str
    """Identity of the model, or of both together."""
    size: int
    """Number of pieces; the target's where the sides have a vocabulary each."""
    source_size: int | None
    """Number of pieces of the source's vocabulary; none where it is shared."""
    kind: str
    """SentencePiece model type."""
    languages: str
    """Codes of source and target, with a space between."""
    source: SideFigures
    """Of the source's text."""
    target: SideFigures
    """Of the target's text."""
