"""Prints what a client said of the mock, one JSON object a row."""

import json


def run(client, row, ask):
    """Asks, and prints the row: what the client said, or how it failed."""
    try:
        state, said = "ok", ask()
    except Exception as error:  # Whatever a client throws is what it says.
        state, said = "failed", f"{type(error).__name__}: {error}".split("\n")[0]
    print(json.dumps({"state": state, "client": client, "row": row, "said": str(said)}), flush=True)
