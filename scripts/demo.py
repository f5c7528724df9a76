"""The main job on the generated corpus: `init`, `run`, then five sentences that the model never saw."""

import gzip
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

SEQ2SEQ = Path(sys.executable).parent / "seq2seq"


def main() -> int:
    """Run the quickstart in `build/demo` (or the folder given) and show what came out."""
    directory = Path(sys.argv[1] if len(sys.argv) > 1 else "build/demo")
    config = directory / "pipeline.yaml"
    if not config.exists():
        seq2seq("init", str(directory))
    seq2seq("run", str(config))
    show_translations(directory)
    return 0


def show_translations(directory: Path) -> None:
    """Translate five test sentences with the pushed model."""
    sentences = read_lines(directory / "corpus" / "test.en.gz")
    references = read_lines(directory / "corpus" / "test.es.gz")
    chosen = random.Random(5).sample(range(len(sentences)), 5)
    with tempfile.TemporaryDirectory() as folder:
        source, output = Path(folder) / "source.txt", Path(folder) / "output.txt"
        source.write_text("".join(f"{sentences[i]}\n" for i in chosen), encoding="utf-8")
        seq2seq(
            "translate",
            "--quiet",
            "--model",
            str(directory / "work" / "pushed"),
            "--input",
            str(source),
            "--output",
            str(output),
        )
        translations = output.read_text(encoding="utf-8").splitlines()
    print("\nfive test sentences, none of them in the training corpus:")
    for index, translation in zip(chosen, translations, strict=True):
        print(f"\n  source       {sentences[index]}\n  translation  {translation}\n  reference    {references[index]}")


def read_lines(path: Path) -> list[str]:
    """The lines of a gzip file."""
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        return stream.read().splitlines()


def seq2seq(*words: str) -> None:
    """Show a command and run it; the demo ends where it fails."""
    print(f"\n$ seq2seq {' '.join(words)}", flush=True)
    finished = subprocess.run([str(SEQ2SEQ), *words], env=os.environ, check=False)
    if finished.returncode:
        sys.exit(finished.returncode)


if __name__ == "__main__":
    sys.exit(main())
