"""The function that TFX's Trainer calls."""

import glob
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tfx.components.trainer.fn_args_utils import FnArgs

from seq2seq_tfx.components.files import work_directory
from seq2seq_tfx.components.training.settings import TrainingSettings
from seq2seq_tfx.components.training.stage import TrainingInputs, TrainingOutputs, train
from seq2seq_tfx.components.training.workers import train_on_workers

ENTRY: Final = "seq2seq_tfx.components.training.run_fn.run_fn"
"""Its dotted name, as TFX wants it."""


def run_fn(fn_args: FnArgs) -> None:
    """Train, here or on several workers; the weights go where TFX expects a model to serve.

    Args:
        fn_args: TFX's; `custom_config` holds `vocabulary` and, if there is one, `pretrained` (uris), `settings` (JSON)
            and `code_version`.
    """
    given = fn_args.custom_config
    identity = *fn_args.train_files, *fn_args.eval_files, given["vocabulary"], given["settings"], given["code_version"]
    pretrained = given.get("pretrained")
    settings = TrainingSettings.from_json(given["settings"])
    work = train if settings.training.workers == 1 else train_on_workers
    work(
        TrainingInputs(
            train_files=_expanded(fn_args.train_files),
            eval_files=_expanded(fn_args.eval_files),
            vocabulary=Path(given["vocabulary"]),
            pretrained=None if pretrained is None else Path(pretrained),
        ),
        settings,
        TrainingOutputs(
            weights=Path(fn_args.serving_model_dir),
            logs=Path(fn_args.model_run_dir),
            work=work_directory(fn_args.model_run_dir, *identity, *([pretrained] if pretrained else [])),
        ),
    )


def _expanded(patterns: Sequence[str]) -> list[str]:
    return sorted(path for pattern in patterns for path in glob.glob(pattern))
