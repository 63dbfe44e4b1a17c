"""Mail brought to cases: `matching` says to which, `bringing` does it once, `reader` empties a mailbox."""
