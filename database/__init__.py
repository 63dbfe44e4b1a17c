"""PostgreSQL: migrations, named queries, and functions `(connection, …) -> model` that never commit."""
