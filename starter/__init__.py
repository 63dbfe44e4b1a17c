"""The client side of Temporal: `starter.client` files complaints, speaks to cases, lists and imports."""
