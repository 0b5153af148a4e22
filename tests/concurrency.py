"""Doing things at the same moment, where the database lets several do so."""

import threading

import pytest
from django.db import connection

with_real_concurrency = pytest.mark.skipif(
    connection.vendor == "sqlite", reason="SQLite lets one transaction write at a time"
)

# Seconds; on a busy machine as well.
PATIENCE = 120


def at_once(*verbs):
    """Run verbs at the same moment, each on a connection of its own."""
    gate = threading.Barrier(len(verbs))

    def run(verb):
        gate.wait()
        try:
            verb()
        finally:
            connection.close()

    runs = [threading.Thread(target=run, args=[verb], daemon=True) for verb in verbs]
    for one in runs:
        one.start()
    for one in runs:
        one.join(timeout=PATIENCE)
    assert not any(one.is_alive() for one in runs), "One of them waits for ever."
