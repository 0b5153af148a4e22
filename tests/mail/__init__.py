"""A mail with everything in it, and the programs that receivers read mail with."""
