"""WORK: one folder a stage, in the order data flows. Each folder's `__init__` names the file to open first."""
