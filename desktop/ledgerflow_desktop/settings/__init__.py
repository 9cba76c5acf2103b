"""What a program is given from outside: clock, randomness, folders, key store, and a person's preferences."""
