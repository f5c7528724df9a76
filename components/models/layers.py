"""Layers that several families share: projections on rows, layer normalisation, the shared embedding.

Every layer makes its variables in its constructor (float32, with an initial value that follows from the seed and
the variable's name) and computes in the context's dtype. Matrix products run on 2-D rows: a processor is faster at
those than at 3-D tensors.

Shapes: B batch, T length, N rows (mostly B*T), I inputs, O outputs, D width, V vocabulary size.
"""

import hashlib
import math
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar, final

import keras
import tensorflow as tf

from seq2seq_tfx.components.models.dropout import DropoutStream
from seq2seq_tfx.schemas.features import PAD_ID

_NORM_EPSILON = 1e-5

LayerType = TypeVar("LayerType", bound=keras.layers.Layer)


@dataclass(frozen=True, kw_only=True)
class LayerContext:
    """What all layers of one model have in common."""

    seed: int
    """Initial values follow from it and from each variable's path."""
    compute_dtype: str
    """`float32` or `bfloat16`."""
    dropout: DropoutStream
    """Source of all dropout noise of the model."""
    held: dict[str, tuple[tf.Tensor, tf.Tensor]] = field(default_factory=dict)
    """Variables, by path, that are read once for many steps: in the dtype of computation, and as they are."""

    @contextmanager
    def reading_once(self, variables: Iterable[keras.Variable]) -> Iterator[None]:
        """Within, layers take what is read, and cast, of these variables here: for the steps of a loop over time."""
        self.held.update({each.path: (tf.cast(each.value, self.compute_dtype), each.value) for each in variables})
        try:
            yield
        finally:
            self.held.clear()

    def value_of(self, variable: keras.Variable) -> tf.Tensor:
        """The variable in float32."""
        held = self.held.get(variable.path)
        return variable.value if held is None else held[1]

    def cast_of(self, variable: keras.Variable) -> tf.Tensor:
        """The variable in the dtype of computation."""
        held = self.held.get(variable.path)
        return tf.cast(variable.value, self.compute_dtype) if held is None else held[0]

    def seed_of(self, path: str) -> int:
        """A seed for the variable at `path`, independent of any global state."""
        digest = hashlib.sha256(f"{self.seed}/{path}".encode()).digest()
        return int.from_bytes(digest[:4], "big") >> 1

    def glorot(self, path: str) -> keras.initializers.Initializer:
        """Glorot and Bengio's uniform initial values (2010)."""
        return keras.initializers.GlorotUniform(seed=self.seed_of(path))


def policy(compute_dtype: str) -> keras.DTypePolicy:
    """Variables in float32, computation in `compute_dtype`; every cast is written out, Keras does none."""
    return keras.DTypePolicy("float32" if compute_dtype == "float32" else f"mixed_{compute_dtype}")


def own_layers(owner: keras.layers.Layer, layers: list[LayerType]) -> list[LayerType]:
    """Make each layer of a list an attribute of its owner: TensorFlow's checkpoints do not look into Keras's lists."""
    for layer in layers:
        setattr(owner, layer.name.replace(".", "_"), layer)
    return layers


class ModelLayer(keras.layers.Layer):
    """A layer whose variables all exist when its constructor returns.

    Args:
        name: Unique in the model, dotted, as in `encoder.0.feedforward`: variables are saved under it.
        context: What the model's layers have in common.
    """

    def __init__(self, name: str, context: LayerContext) -> None:
        super().__init__(name=name, dtype=policy(context.compute_dtype), autocast=False)
        self.context = context
        self.built = True

    def variable(
        self, name: str, shape: tuple[int, ...], initializer: keras.initializers.Initializer
    ) -> keras.Variable:
        """A new variable, which Keras leaves in float32."""
        return self.add_weight(name=name, shape=shape, initializer=initializer, autocast=False)

    def matrix(self, name: str, rows: int, columns: int) -> keras.Variable:
        """A new variable (rows, columns) with Glorot's initial values."""
        return self.variable(name, (rows, columns), self.context.glorot(f"{self.name}/{name}"))

    def vector(self, name: str, size: int, value: float = 0.0) -> keras.Variable:
        """A new variable (size,) that starts at `value`."""
        return self.variable(name, (size,), keras.initializers.Constant(value))

    def own(self, layers: list[LayerType]) -> list[LayerType]:
        """See `own_layers`."""
        return own_layers(self, layers)

    def computing(self, variable: keras.Variable) -> tf.Tensor:
        """The variable in the dtype of computation."""
        return self.context.cast_of(variable)

    def times(self, x_NI: tf.Tensor, kernel: keras.Variable) -> tf.Tensor:
        """x W in the dtype of computation: (N, O)."""
        held = self.context.held.get(kernel.path)
        return tf.matmul(x_NI, self.computing(kernel)) if held is None else _product(x_NI, *held)


@tf.custom_gradient
def _product(
    x_NI: tf.Tensor, cast_IO: tf.Tensor, kernel_IO: tf.Tensor
) -> tuple[tf.Tensor, Callable[[tf.Tensor], list[tf.Tensor | None]]]:
    """x W by the cast W; the gradient goes to W as it is, so that a loop adds its steps up in float32."""

    def gradient(dy_NO: tf.Tensor) -> list[tf.Tensor | None]:
        d_kernel_IO = tf.matmul(x_NI, dy_NO, transpose_a=True)
        return [tf.matmul(dy_NO, cast_IO, transpose_b=True), None, tf.cast(d_kernel_IO, kernel_IO.dtype)]

    return tf.matmul(x_NI, cast_IO), gradient


@final
class Projection(ModelLayer):
    """y = x W, or x W + b."""

    def __init__(self, name: str, context: LayerContext, inputs: int, outputs: int, *, bias: bool) -> None:
        super().__init__(name, context)
        self.kernel = self.matrix("kernel", inputs, outputs)
        self.bias = self.vector("bias", outputs) if bias else None

    def call(self, x_NI: tf.Tensor) -> tf.Tensor:
        """Project rows: (N, I) to (N, O)."""
        y_NO = self.times(x_NI, self.kernel)
        return y_NO if self.bias is None else tf.nn.bias_add(y_NO, self.computing(self.bias))


@tf.custom_gradient
def _normalised(x_ND: tf.Tensor) -> tuple[tf.Tensor, object]:
    """Rows with mean 0 and variance 1. The gradient is written out: half the passes of the automatic one."""
    centred_ND = x_ND - tf.reduce_mean(x_ND, axis=-1, keepdims=True)
    inverse_N1 = tf.math.rsqrt(tf.reduce_mean(tf.square(centred_ND), axis=-1, keepdims=True) + _NORM_EPSILON)
    y_ND = centred_ND * inverse_N1

    def gradient(dy_ND: tf.Tensor) -> tf.Tensor:
        along_N1 = tf.reduce_mean(dy_ND * y_ND, axis=-1, keepdims=True)
        mean_N1 = tf.reduce_mean(dy_ND, axis=-1, keepdims=True)
        return inverse_N1 * (dy_ND - mean_N1 - y_ND * along_N1)

    return y_ND, gradient


@final
class LayerNorm(ModelLayer):
    """Layer normalisation (Ba 2016) of rows, computed in float32."""

    def __init__(self, name: str, context: LayerContext, width: int) -> None:
        super().__init__(name, context)
        self.scale = self.vector("scale", width, 1.0)
        self.offset = self.vector("offset", width)

    def call(self, x_ND: tf.Tensor) -> tf.Tensor:
        """Normalise rows: (N, D) to (N, D)."""
        scale, offset = self.context.value_of(self.scale), self.context.value_of(self.offset)
        y_ND = _normalised(tf.cast(x_ND, tf.float32)) * scale + offset
        return tf.cast(y_ND, self.context.compute_dtype)


@final
class Embedding(ModelLayer):
    """A vector for each token; (V, D), normal with standard deviation D ** -0.5."""

    def __init__(self, name: str, context: LayerContext, vocabulary_size: int, width: int) -> None:
        super().__init__(name, context)
        initializer = keras.initializers.RandomNormal(
            stddev=1.0 / math.sqrt(width), seed=context.seed_of(f"{name}/table")
        )
        self.table = self.variable("table", (vocabulary_size, width), initializer)

    def call(self, ids: tf.Tensor) -> tf.Tensor:
        """Look up: any shape to that shape with (D,) added."""
        return tf.cast(tf.gather(self.context.value_of(self.table), ids), self.context.compute_dtype)


def real_positions(ids_BT: tf.Tensor) -> tf.Tensor:
    """Where there is a token and no padding: bool (B, T)."""
    return tf.not_equal(ids_BT, PAD_ID)
