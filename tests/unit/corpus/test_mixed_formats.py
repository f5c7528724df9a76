"""One configuration that mixes every format and compression goes through ingestion, and nothing is lost."""

from pathlib import Path

from corpus_files import WRITERS, generated_pairs, write_mixed

from seq2seq_tfx.components.corpus.fingerprints import fingerprint_files
from seq2seq_tfx.components.corpus.settings import CorpusSettings
from seq2seq_tfx.components.corpus.stage import ingest
from seq2seq_tfx.schemas.config.loading import load_config


def test_every_format_is_ingested_when_one_configuration_mixes_them(tmp_path: Path) -> None:
    pairs = sorted(set(generated_pairs(900)))
    given = {name.replace(" ", "-"): pairs[n * 100 : (n + 1) * 100] for n, name in enumerate(WRITERS)}
    counts = {name: len(part) for name, part in given.items()}
    path = tmp_path / "pipeline.yaml"
    shares = "splits: {eval_share: 0.1, test_share: 0.1}\n"
    path.write_text(f"name: a\nlanguages: {{source: en, target: es}}\n{shares}corpora:\n{write_mixed(tmp_path, given)}")
    config = load_config(path).config
    settings = CorpusSettings(
        languages=config.languages,
        corpora=config.corpora,
        cleaning=config.cleaning,
        splits=config.splits,
        files=fingerprint_files(config.corpora, tmp_path, tmp_path / "memory.json"),
    )
    ledger = ingest(settings, str(tmp_path / "examples"), tmp_path)
    assert {each.corpus: each.read for each in ledger.corpora} == counts
    assert {each.corpus: sum(each.kept.values()) for each in ledger.corpora} == counts
