"""seq2seq-tfx: a TFX pipeline from parallel corpora to a proven, pushed translation model.

Open `seq2seq_tfx.pipeline.graph` first: it shows every stage and what flows between them.
"""

__version__ = "0.1.0"
