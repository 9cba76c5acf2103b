"""Companies: the list, making one, unlocking one, bringing books in."""
