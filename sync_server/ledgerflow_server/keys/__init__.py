"""The server's secrets and certificates: files of mode 0600 in the data folder, outside the database."""
