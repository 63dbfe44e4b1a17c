"""Changes of the rules that cases which are open already must not meet: what a replay of theirs finds stays as it was.

A case knows by `state.changes` which of them hold for it: those that were here when its run began; `ComplaintWorkflow`
asks Temporal, which marks them in its history. A rule that changed says:

    if "holds-count-from-acceptance" in turn.state.changes:
        …  # since 2026-12-01
    else:
        …  # remove when no open case is older

How a change is made and removed: docs/changing-a-workflow.md. Simulations, and whoever else opens a case, have all.
"""

CHANGES: tuple[str, ...] = ()
