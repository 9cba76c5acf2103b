"""The commands of `ledgerflow-server`, for whoever runs it; never a password on the command line."""
