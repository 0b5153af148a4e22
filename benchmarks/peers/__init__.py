"""What the API is measured beside, each a site of its own on the same database."""
