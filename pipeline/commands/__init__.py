"""One file a verb of the command line; `cli.py` beside this folder lists them."""
