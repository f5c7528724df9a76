"""Attention and recurrent cells in NumPy, sentence by sentence and place by place, as the papers write them.

Nothing here is shared with the code that it checks, nor made fast.
"""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Array: TypeAlias = npt.NDArray[np.float64]


def softmax(scores: Array) -> Array:
    powers = np.exp(scores - scores.max())
    return powers / powers.sum()


def sigmoid(a: Array) -> Array:
    return 1 / (1 + np.exp(-a))


def multi_head(queries: Array, keys_values: Array, kernels: list[Array], heads: int, allowed: Array) -> Array:
    """Vaswani 2017, section 3.2.2, of one sentence: Concat(head_1 ... head_h) W^O; kernels are W^Q, W^K, W^V, W^O."""
    size = queries.shape[-1] // heads
    read = []
    for head in range(heads):
        w_q, w_k, w_v = (kernel[:, head * size : (head + 1) * size] for kernel in kernels[:3])
        rows = []
        for place, query in enumerate(queries):
            # Equation 1: softmax(Q K^T / sqrt(d_k)) V
            scores = np.array([(query @ w_q) @ (key @ w_k) / np.sqrt(size) for key in keys_values])
            rows.append(softmax(np.where(allowed[place], scores, -np.inf)) @ (keys_values @ w_v))
        read.append(np.stack(rows))
    return np.concatenate(read, axis=-1) @ kernels[3]


def rotated(x: Array, place: int) -> Array:
    """Su 2021, equation 15: R x, the rotation of each pair of numbers by place * theta_i, as one matrix."""
    matrix = np.zeros((len(x), len(x)))
    for i in range(len(x) // 2):
        angle = place * 10000.0 ** (-2 * i / len(x))
        matrix[2 * i : 2 * i + 2, 2 * i : 2 * i + 2] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    return matrix @ x


def luong_score(kind: str, h_t: Array, h_s: Array, variables: dict[str, Array]) -> float:
    """Luong 2015, equation 8."""
    if kind == "luong_dot":
        return float(h_t @ h_s)
    if kind in ("luong_general", "luong_local"):
        return float(h_t @ variables["W_a"] @ h_s)
    return float(variables["v_a"] @ np.tanh(variables["W_a"] @ np.concatenate([h_t, h_s])))


def luong_weights(kind: str, h_t: Array, source: Array, variables: dict[str, Array]) -> Array:
    """Luong 2015, equation 7: softmax over the source; `source` holds the real states alone."""
    return softmax(np.array([luong_score(kind, h_t, h_s, variables) for h_s in source]))


def luong_local_weights(h_t: Array, source: Array, variables: dict[str, Array], reach: int) -> Array:
    """Luong 2015, equations 9 and 10, with places counted from 0: align inside [p_t - D, p_t + D], times a Gaussian."""
    length, sigma = len(source), reach / 2
    p_t = length * sigmoid(variables["v_p"] @ np.tanh(variables["W_p"] @ h_t))
    window = [s for s in range(length) if p_t - reach <= s <= p_t + reach]
    weights = np.zeros(length)
    weights[window] = luong_weights("luong_local", h_t, source[window], variables)
    for s in range(length):
        weights[s] *= np.exp(-((s - p_t) ** 2) / (2 * sigma**2))
    return weights


def bahdanau_weights(s_before: Array, source: Array, variables: dict[str, Array]) -> Array:
    """Bahdanau 2015, appendix A.1.2: e_ij = v_a^T tanh(W_a s_{i-1} + U_a h_j), then its softmax."""
    v_a, w_a, u_a = variables["v_a"], variables["W_a"], variables["U_a"]
    return softmax(np.array([v_a @ np.tanh(w_a @ s_before + u_a @ h_j) for h_j in source]))


def simple_rnn(x: Array, h: Array, w: Array, u: Array, b: Array) -> Array:
    """Elman 1990: h_t = tanh(x W + h U + b), the next state."""
    return np.tanh(x @ w + h @ u + b)


def gru(x: Array, h: Array, w: Array, u: Array, biases: tuple[Array, Array]) -> Array:
    """Cho 2014, equations 5 to 8 (their h~ is n here), the reset gate after the product; gates z, r, n."""
    w_z, w_r, w_n = np.split(w, 3, axis=1)
    u_z, u_r, u_n = np.split(u, 3, axis=1)
    (b_z, b_r, b_n), c = np.split(biases[0], 3), biases[1]
    z = sigmoid(x @ w_z + h @ u_z + b_z)
    r = sigmoid(x @ w_r + h @ u_r + b_r)
    n = np.tanh(x @ w_n + b_n + r * (h @ u_n + c))
    return z * h + (1 - z) * n


def lstm(x: Array, state: tuple[Array, Array], w: Array, u: Array, b: Array) -> tuple[Array, Array]:
    """Hochreiter and Schmidhuber 1997 with Gers's forget gate (2000); gates i, f, o, g; the next h and c."""
    h, c = state
    w_i, w_f, w_o, w_g = np.split(w, 4, axis=1)
    u_i, u_f, u_o, u_g = np.split(u, 4, axis=1)
    b_i, b_f, b_o, b_g = np.split(b, 4)
    i = sigmoid(x @ w_i + h @ u_i + b_i)
    f = sigmoid(x @ w_f + h @ u_f + b_f)
    o = sigmoid(x @ w_o + h @ u_o + b_o)
    g = np.tanh(x @ w_g + h @ u_g + b_g)
    c = f * c + i * g
    return o * np.tanh(c), c
