"""Keys: secrets that are stored sealed, hashes of passwords, signatures."""
