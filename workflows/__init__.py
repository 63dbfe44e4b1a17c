"""Order and waiting, no I/O: the workflows, and what they declare of the activities they call."""
