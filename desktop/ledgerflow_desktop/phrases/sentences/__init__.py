"""The sentences of problems, by what they are about.

A sentence says what is wrong and what to do next. Holes are facts of the problem; a part in square brackets
is left out when one of its facts is not there. `{..._minor}` holes are amounts.
"""
