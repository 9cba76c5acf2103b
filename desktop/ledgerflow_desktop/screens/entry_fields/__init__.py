"""What a person types, understood: sums, days and the beginnings of names. No Qt, so that tests ask directly."""
