"""Money: whole minor units with their currency, exact in and out of text, and in words."""
