"""The `tuntas` command, the local stack and the demonstration: composition roots."""
