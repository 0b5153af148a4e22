"""Doing things at the same moment, where the database lets several do so."""

import threading

import pytest
from django.db import connection

with_real_concurrency = pytest.mark.skipif(
    connection.vendor == "sqlite", reason="SQLite lets one transaction write at a time"
)


def at_once(*verbs):
    """Run verbs at the same moment, each on a connection of its own."""
    gate = threading.Barrier(len(verbs))

    def run(verb):
        gate.wait()
        try:
            verb()
        finally:
            connection.close()

    runs = [threading.Thread(target=run, args=[verb]) for verb in verbs]
    for one in runs:
        one.start()
    for one in runs:
        one.join()
