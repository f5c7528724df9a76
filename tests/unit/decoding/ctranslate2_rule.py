"""CTranslate2's beam search of one sentence, one candidate at a time, as its source reads (patience 1)."""

import numpy as np
from scripted_model import Table, log_probs

from seq2seq_tfx.schemas.features import EOS_ID


def reference_search(table: Table, beams: int, length_penalty: float, max_length: int) -> tuple[list[int], float]:
    """The best hypothesis, without its end mark, and its score."""
    vocabulary = table.shape[-1]
    alive: list[tuple[tuple[int, ...], float]] = [((), 0.0)]
    finished: list[tuple[tuple[int, ...], float]] = []
    for step in range(max_length):
        candidates = [
            ((*prefix, token), log_probs(table, (*prefix, token)))
            for prefix, _ in alive
            for token in range(vocabulary)
            if np.isfinite(log_probs(table, (*prefix, token)))
        ]
        candidates = sorted(candidates, key=lambda each: -each[1])[: 2 * beams]
        last = step + 1 == max_length
        ends = [last or tokens[-1] == EOS_ID for tokens, _ in candidates[:beams]]
        for ended, (tokens, total) in zip(ends, candidates, strict=False):
            if ended:
                finished.append((tokens, total / (step + 1) ** length_penalty))
        enough = ends[0] if length_penalty == 0.0 else len(finished) >= beams
        if last or enough:
            break
        alive = [each for each in candidates if each[0][-1] != EOS_ID][:beams]
    tokens, score = max(finished, key=lambda each: each[1])
    return [token for token in tokens if token != EOS_ID], score
