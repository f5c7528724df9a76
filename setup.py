"""Package metadata; tools are configured in pyproject.toml."""

import re
from pathlib import Path

from setuptools import find_packages, setup
from setuptools.command.build_py import build_py

HERE = Path(__file__).parent
LOCK = HERE / "requirements/compat.txt"
VERSION = re.search(r'__version__ = "(.+)"', (HERE / "pipeline/_package/__init__.py").read_text())[1]


def packages_under(folder: str) -> list[str]:
    """`folder` and its packages, under their installed names."""
    nested = find_packages(folder, exclude=["_package"])
    return [f"seq2seq_tfx.{folder}", *(f"seq2seq_tfx.{folder}.{name}" for name in nested)]


class BuildWithLock(build_py):
    """Puts the lock into the package, so that a pushed model can say what libraries its program was proven with."""

    def run(self) -> None:
        """Build."""
        super().run()
        if LOCK.is_file() and not self.editable_mode:
            self.copy_file(str(LOCK), str(Path(self.build_lib) / "seq2seq_tfx" / LOCK.name))


setup(
    name="seq2seq-tfx",
    version=VERSION,
    description="A TFX pipeline from parallel corpora to a trained, proven, pushed translation model",
    license="Apache-2.0",
    python_requires=">=3.10,<3.11",
    packages=["seq2seq_tfx", *packages_under("schemas"), *packages_under("components"), *packages_under("pipeline")],
    package_dir={
        "seq2seq_tfx": "pipeline/_package",
        "seq2seq_tfx.schemas": "schemas",
        "seq2seq_tfx.components": "components",
        "seq2seq_tfx.pipeline": "pipeline",
    },
    package_data={"seq2seq_tfx": ["py.typed"], "seq2seq_tfx.schemas": ["*.pbtxt"]},
    cmdclass={"build_py": BuildWithLock},
    entry_points={"console_scripts": ["seq2seq = seq2seq_tfx.pipeline.cli:main"]},
    install_requires=[
        "tfx>=1.16,<1.17",
        "tensorflow>=2.16,<2.17",
        "tensorflow-text>=2.16,<2.17",
        "apache-beam[gcp]==2.62.0",
        "dill",
        "sacrebleu>=2.6",
        "sentencepiece>=0.2,<0.2.2",
        "ctranslate2>=4.5",
        "pydantic>=2,<3",
        "pyyaml",
        "packaging",
        "psutil",
        "google-crc32c",
        "orjson",
        "pyarrow",
        "zstandard",
        "pysbd>=0.3.4,<0.4",
        "numpy",
        "regex",
        "google-re2",
    ],
    extras_require={
        "cuda": ["tensorflow[and-cuda]>=2.16,<2.17"],
        "language-identification": ["lingua-language-detector>=2.1"],
    },
)
