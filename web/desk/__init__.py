"""The desk: where agents, leads, auditors and administrators work."""
