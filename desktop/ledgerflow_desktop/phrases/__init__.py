"""Words for people: what a code says in a sentence, for screens, the command line and paper alike."""
