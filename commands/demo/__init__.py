"""The demonstration: stories on a real stack, played by scripted agents and complainants side by side."""
