"""Hostile text, and how to find out that it acts."""
