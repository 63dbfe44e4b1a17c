"""The HTTP interface for backend services and the mobile app, under `/api/v1`, with its own OpenAPI document."""
