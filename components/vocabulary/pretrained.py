"""A SentencePiece model that somebody else trained, made ours: the special pieces first, symbols added."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import sentencepiece
from google.protobuf.message import DecodeError
from sentencepiece.sentencepiece_model_pb2 import ModelProto

from seq2seq_tfx.components.vocabulary.settings import PretrainedFile
from seq2seq_tfx.components.vocabulary.train import kind_of, symbol_piece
from seq2seq_tfx.schemas.errors import InputError
from seq2seq_tfx.schemas.features import BOS_ID, EOS_ID, PAD_ID, SPECIAL_PIECES, UNK_ID

_PIECE: Any = ModelProto.SentencePiece


def adopt_model(file: PretrainedFile, symbols: Sequence[str]) -> tuple[bytes, list[int]]:
    """Give a model our special pieces as ids 0 to 5 and the symbols that it lacks as its last ids.

    Its own unknown, begin, end and padding pieces become ours, and so does a piece that has the name of one of ours;
    all others follow in their order. How it cuts a text stays as it was, but for texts that hold a symbol.

    Args:
        file: The SentencePiece model.
        symbols: Texts that are to be one piece each.

    Returns:
        The model, and for each of the given model's ids its id in it.

    Raises:
        InputError: If the file holds no SentencePiece model, or not the one that it held when the run began.
    """
    content = _read(file)
    model = _parsed(content, file.path)
    special_ids = _special_ids(model)
    kept = [number for number in range(len(model.pieces)) if number not in special_ids]
    new_ids = {**special_ids, **{number: len(SPECIAL_PIECES) + place for place, number in enumerate(kept)}}
    others = [model.pieces[number] for number in kept]
    there = {piece.piece: piece for piece in others}
    added = []
    for piece in (symbol_piece(symbol, kind_of(content)) for symbol in symbols):
        if piece in there:
            there[piece].type = _PIECE.USER_DEFINED
        else:
            added.append(_PIECE(piece=piece, score=0.0, type=_PIECE.USER_DEFINED))
    pieces = [*_special_pieces(), *others, *added]
    ours = ModelProto()
    ours.CopyFrom(model)
    del ours.pieces[:]
    ours.pieces.extend(pieces)
    _describe(ours)
    return ours.SerializeToString(deterministic=True), [new_ids[number] for number in range(len(model.pieces))]


def _read(file: PretrainedFile) -> bytes:
    try:
        content = Path(file.path).read_bytes()
    except OSError as error:
        raise InputError(f"vocabulary.pretrained must be readable, but {file.path} is not: {error}") from error
    if hashlib.sha256(content).hexdigest() != file.sha256:
        raise InputError(f"{file.path} must not change while a run reads it, but it did; run again")
    return content


def _parsed(content: bytes, path: str) -> Any:
    try:
        # The processor first: protobuf's own parser fails in several ways on what is no model.
        sentencepiece.SentencePieceProcessor().LoadFromSerializedProto(content)
        return ModelProto.FromString(content)
    except (RuntimeError, DecodeError) as error:
        raise InputError(
            f"vocabulary.pretrained must be a SentencePiece model (a file such as spm.model), but {path} is none; "
            "name the right file, or leave the key out to train a vocabulary"
        ) from error


def _special_ids(model: Any) -> dict[int, int]:
    """The given model's ids of pieces that are ours, and the ids that those have here."""
    spec = model.trainer_spec
    ours = {piece: number for number, piece in enumerate(SPECIAL_PIECES)}
    controls = {spec.pad_piece: PAD_ID, spec.bos_piece: BOS_ID, spec.eos_piece: EOS_ID}
    found = {}
    for number, piece in enumerate(model.pieces):
        if piece.type == _PIECE.UNKNOWN:
            found[number] = UNK_ID
        elif piece.piece in ours:
            found[number] = ours[piece.piece]
        elif piece.type == _PIECE.CONTROL and piece.piece in controls:
            found[number] = controls[piece.piece]
    return found


def _special_pieces() -> list[Any]:
    types = [_PIECE.CONTROL] * len(SPECIAL_PIECES)
    types[UNK_ID] = _PIECE.UNKNOWN
    return [_PIECE(piece=piece, score=0.0, type=kind) for piece, kind in zip(SPECIAL_PIECES, types, strict=True)]


def _describe(model: Any) -> None:
    """Make the record of how the model was trained say what now holds."""
    spec = model.trainer_spec
    spec.pad_id, spec.unk_id, spec.bos_id, spec.eos_id = PAD_ID, UNK_ID, BOS_ID, EOS_ID
    spec.pad_piece, spec.unk_piece = SPECIAL_PIECES[PAD_ID], SPECIAL_PIECES[UNK_ID]
    spec.bos_piece, spec.eos_piece = SPECIAL_PIECES[BOS_ID], SPECIAL_PIECES[EOS_ID]
    spec.vocab_size = len(model.pieces)
    # It speaks of the old pieces.
    model.ClearField("self_test_data")
