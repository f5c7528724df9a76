"""Which device an engine computes on. Light: TensorFlow is asked only where there is a GPU to ask for."""

from seq2seq_tfx.components.translation.engine import SAVED_MODEL
from seq2seq_tfx.components.translation.manner import Device
from seq2seq_tfx.schemas.config.translation import DeviceChoice, EngineChoice
from seq2seq_tfx.schemas.errors import InputError


def choose_device(wanted: DeviceChoice, engine: EngineChoice, has_ctranslate2: bool) -> Device:
    """The device of an export's engine.

    Args:
        wanted: `auto`: a GPU where the engine can use one, else the processor.
        engine: What the configuration asks for.
        has_ctranslate2: Whether the export has a CTranslate2 folder.

    Raises:
        InputError: If a GPU is asked for and the engine can use none.
    """
    if wanted == "cpu":
        return "cpu"
    if engine == SAVED_MODEL or (engine == "auto" and not has_ctranslate2):
        library, usable = "TensorFlow", _graphics_cards() > 0 and _tensorflow_sees_one()
    else:
        library, usable = "CTranslate2", _graphics_cards() > 0
    if usable:
        return "cuda"
    if wanted == "cuda":
        raise InputError(
            f"device cuda must be an NVIDIA GPU that {library} can use, but it finds none; install the GPU's driver"
            f"{' and the extra cuda' if library == 'TensorFlow' else ''}, or use auto or cpu"
        )
    return "cpu"


def _graphics_cards() -> int:
    import ctranslate2

    try:
        count: int = ctranslate2.get_cuda_device_count()
    except RuntimeError:  # a driver that is too old
        return 0
    return count


def _tensorflow_sees_one() -> bool:
    import tensorflow as tf

    return bool(tf.config.list_physical_devices("GPU"))
