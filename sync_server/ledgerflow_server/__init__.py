"""The sync server: empty until sync is built; see sync_server/README.md."""
