"""What a case does to the world: one class per collaborator, its methods idempotent by key.

Each transaction is opened and committed here, at the edge; `database/` never commits.
"""
