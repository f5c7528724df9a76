"""One timed translation by one engine of this project: a child process of `decoding_speed.py`.

Usage: python benchmarks/decoding_speed_ours.py < request.json     (prints one line of JSON)
"""

import json
import sys
import time
from pathlib import Path
from typing import Final

import sentencepiece

from seq2seq_tfx.components.translation.ctranslate2_engine import CTranslate2Engine, reading_of
from seq2seq_tfx.components.translation.engine import CTRANSLATE2_FOLDER, Engine
from seq2seq_tfx.components.translation.locating import read_export_record
from seq2seq_tfx.components.translation.saved_model_engine import SavedModelEngine
from seq2seq_tfx.components.vocabulary.files import find_models
from seq2seq_tfx.schemas.config.translation import TranslationConfig

WARM_UP: Final = 64
"""Sentences that are translated before the clock starts."""


def main() -> int:
    """Load, translate, count."""
    request = json.load(sys.stdin)
    export = Path(request["export"])
    engine = load(export, request["engine"])
    lines = Path(request["source"]).read_text(encoding="utf-8").splitlines()
    list(engine.translate(lines[:WARM_UP]))
    started = time.perf_counter()
    texts = [translation.text for translation in engine.translate(lines)]
    seconds = time.perf_counter() - started
    subwords = sentencepiece.SentencePieceProcessor(model_file=str(find_models(export).target))
    print(json.dumps({"seconds": seconds, "lengths": [len(ids) for ids in subwords.encode(texts)]}))
    return 0


def load(export: Path, name: str) -> Engine:
    """The SavedModel, or a CTranslate2 folder by its storage type."""
    if name == "saved_model":
        return SavedModelEngine(export, TranslationConfig().batch_size)
    return CTranslate2Engine(export / CTRANSLATE2_FOLDER / name, reading_of(read_export_record(export)))


if __name__ == "__main__":
    sys.exit(main())
