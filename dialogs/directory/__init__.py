"""The people register kept in step with the kommune's directory (Entra)."""
