"""What breaks while newsletters go out, and what becomes of every mail then."""
