"""What a complaint is and how it is handled: pure rules, no clock, no I/O, standard library and pydantic only."""
