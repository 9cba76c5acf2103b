"""The companies of a tenant. Their books are born on a desktop; here is where they are awaited and found again."""
