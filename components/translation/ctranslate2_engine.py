"""The fast engine: CTranslate2, with SentencePiece and the normalisation of `plain_text.py`. No TensorFlow.

CTranslate2's sums depend on which sentences are in a batch. So batches are formed in one way only: a block of
`BLOCK_SENTENCES` consecutive sentences, counted from the job's first, is sorted by length (the longest first, the
earlier first if equal) and cut into batches of `BATCH_SENTENCES`. Each batch is computed by one thread, as many
batches at a time as there are processors, so the number of processors changes no bit either. Where sentences are to be
independent of each other altogether (`Manner.invariant`), each is a batch by itself: then nothing else is in its sums.
"""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple, final

from typing_extensions import override

from seq2seq_tfx.components.translation.ctranslate2_generator import PromptedGenerator, load_folder
from seq2seq_tfx.components.translation.engine import Engine, Translation
from seq2seq_tfx.components.translation.manner import PLAIN, Alignment, Alternative, Manner, different, links_of
from seq2seq_tfx.components.translation.plain_text import normalise
from seq2seq_tfx.components.vocabulary.files import find_models
from seq2seq_tfx.schemas.config.decoding import DecodingConfig
from seq2seq_tfx.schemas.config.normalisation import NormalisationConfig
from seq2seq_tfx.schemas.errors import InputError
from seq2seq_tfx.schemas.features import EOS_ID

BLOCK_SENTENCES: Final = 1024
BATCH_SENTENCES: Final = 32
_CUDA_BATCH_SENTENCES: Final = 256

Ids = list[int]


class Reading(NamedTuple):
    """How texts become tokens, and how translations are searched for: what `export.json` says."""

    decoding: DecodingConfig
    normalisation: NormalisationConfig
    source_language: str
    max_source_tokens: int
    """The longest source, end mark counted; what is longer is cut off before its end mark."""


class Hypothesis(NamedTuple):
    """A translation as CTranslate2 found it."""

    ids: Ids
    """Without the end mark."""
    score: float
    truncated: bool = False
    """Whether the limit of its length stopped it, not an end mark."""
    attention: Sequence[Sequence[float]] = ()
    """Where alignments are asked for: a row for each token, a column for each of the source; no end marks."""


def reading_of(record: dict[str, Any]) -> Reading:
    """The settings that an export was made with, from its `export.json`.

    Raises:
        InputError: If they are not those of this version of the program.
    """
    try:
        return Reading(
            DecodingConfig.model_validate(record["decoding"]),
            NormalisationConfig.model_validate(record["normalisation"]),
            str(record["languages"]["source"]),
            int(record["max_source_tokens"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(
            f"export.json must hold decoding, normalisation, languages and max_source_tokens, got "
            f"{type(error).__name__}: {error}; export again, or translate with the program's version that made it"
        ) from error


@final
class CTranslate2Engine(Engine):
    """A loaded CTranslate2 folder.

    Args:
        folder: Holds `model.bin`, `config.json`, CTranslate2's vocabularies and the SentencePiece models. What
            `config.json` says decides whether it is a translator or a language model.
        reading: What the export was made with.
        manner: What is asked of it.

    Raises:
        InputError: If the folder cannot be loaded.
    """

    def __init__(self, folder: Path, reading: Reading, manner: Manner = PLAIN) -> None:
        import sentencepiece

        self.folder = folder
        self._reading, self._manner = reading, manner
        self._beams = 1 if reading.decoding.strategy == "greedy" else reading.decoding.beam_size
        try:
            self._source, self._target = (
                sentencepiece.SentencePieceProcessor(model_file=str(path)) for path in find_models(folder)
            )
            self._translator = load_folder(
                folder,
                device=manner.device or "cpu",
                compute_type="default",
                inter_threads=1 if manner.device == "cuda" else len(os.sched_getaffinity(0)),
                intra_threads=1,
            )
        except (OSError, RuntimeError, ValueError) as error:
            raise InputError(
                f"{folder} must hold a CTranslate2 export of this program, but loading it failed: {error}; export again"
            ) from error
        if manner.alignments and isinstance(self._translator, PromptedGenerator):
            raise InputError(
                "--alignments must go with translation.engine saved_model or auto for a gpt, whose attention "
                "CTranslate2 does not give, got ctranslate2"
            )
        self._source_pieces, self._target_pieces = pieces_of(self._source), pieces_of(self._target)
        self._id_of = {piece: i for i, piece in enumerate(self._target_pieces)}

    @property
    @override
    def block(self) -> int:
        return BLOCK_SENTENCES

    @override
    def translate(self, sentences: Sequence[str]) -> Iterator[Translation]:
        most = 1 if self._manner.n_best == 1 else self._beams  # some may have the same text
        for start in range(0, len(sentences), BLOCK_SENTENCES):
            whole = [self._subwords(sentence) for sentence in sentences[start : start + BLOCK_SENTENCES]]
            block = [self._read_of(ids) for ids in whole]
            for given, read, hypotheses in zip(whole, block, self.search(block, most), strict=True):
                yield self._translation(read, hypotheses, len(read) < len(given))

    def _translation(self, source: Ids, hypotheses: Sequence[Hypothesis], source_cut: bool) -> Translation:
        best, *others = different(
            [Alternative(self.decode(each.ids), each.score) for each in hypotheses], self._manner.n_best
        )
        cut = source_cut or hypotheses[0].truncated
        return Translation(*best, cut, tuple(others), self._alignment(source, hypotheses[0]))

    def _alignment(self, source: Ids, best: Hypothesis) -> Alignment | None:
        if not self._manner.alignments:
            return None
        pieces = _named(source, self._source_pieces), _named(best.ids, self._target_pieces)
        return Alignment(links_of(best.attention), tuple(pieces[0]), tuple(pieces[1]))

    def encode(self, text: str) -> Ids:
        """Subword ids of a text, cut to what the model reads, without the end mark."""
        return self._read_of(self._subwords(text))

    def _subwords(self, text: str) -> Ids:
        ids: Ids = self._source.encode(normalise(text, self._reading.normalisation, self._reading.source_language))
        return ids

    def _read_of(self, ids: Ids) -> Ids:
        return ids[: self._reading.max_source_tokens - 1]

    def decode(self, ids: Ids) -> str:
        """The text of a translation, one line."""
        text: str = self._target.decode(ids)
        return text.replace("\n", " ")

    def search(self, sources: Sequence[Ids], hypotheses: int = 1) -> list[list[Hypothesis]]:
        """Translate one block, with the rules that the SavedModel follows too.

        Args:
            sources: From `encode`; without a token, the translation is empty and its score 0.
            hypotheses: How many of the beam's best, at most as many as beams.

        Returns:
            For each source its hypotheses, best first.
        """
        found = [[Hypothesis([], 0.0)] for _ in sources]
        order = sorted((i for i, ids in enumerate(sources) if ids), key=lambda i: (-len(sources[i]), i))
        decoding = self._reading.decoding
        results = self._translator.translate_batch(
            [_named(sources[i], self._source_pieces) for i in order],
            max_batch_size=self._batch_sentences,
            batch_type="examples",
            beam_size=self._beams,
            num_hypotheses=hypotheses,
            length_penalty=decoding.length_penalty,
            min_decoding_length=1,
            max_decoding_length=decoding.max_length,
            max_input_length=0,
            return_scores=True,
            return_end_token=True,
            **({"return_attention": True} if self._manner.alignments else {}),
        )
        for i, result in zip(order, results, strict=True):
            attention = result.attention if self._manner.alignments else [()] * len(result.hypotheses)
            parts = zip(result.hypotheses, result.scores, attention, strict=True)
            found[i] = [self._hypothesis(*each) for each in parts]
        return found

    def _hypothesis(self, tokens: Sequence[str], score: float, attention: Sequence[Sequence[float]]) -> Hypothesis:
        """What CTranslate2 says; without an end mark, the longest length ended it."""
        ids = [self._id_of[token] for token in tokens]
        ended = ids[-1:] == [EOS_ID]
        length = len(ids) - ended
        return Hypothesis(ids[:length], score, truncated=not ended, attention=attention[:length])

    @property
    def _batch_sentences(self) -> int:
        if self._manner.invariant:
            return 1
        return _CUDA_BATCH_SENTENCES if self._manner.device == "cuda" else BATCH_SENTENCES

    def most_hypotheses(self, wanted: int) -> int:
        """How many hypotheses of a sentence there can be: of beam search as many as beams, else one."""
        return min(wanted, self._beams)

    def log_probs(self, sources: Sequence[Ids], targets: Sequence[Ids]) -> list[list[float]]:
        """Log-probabilities (nats) of the tokens of given translations (without end marks), the end mark's last."""
        results = self._translator.score_batch(
            [_named(ids, self._source_pieces) for ids in sources],
            [_named(ids, self._target_pieces) for ids in targets],
            max_batch_size=BATCH_SENTENCES,
            max_input_length=0,
        )
        return [list(result.log_probs) for result in results]


def pieces_of(subwords: Any) -> list[str]:
    """The pieces of a loaded SentencePiece model, in the order of ids."""
    return [subwords.id_to_piece(i) for i in range(subwords.get_piece_size())]


def _named(ids: Ids, pieces: list[str]) -> list[str]:
    return [pieces[i] for i in ids]
