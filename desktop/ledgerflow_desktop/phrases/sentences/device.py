"""What can be wrong about this device at the server: what its user may not do, and where its signing key is."""

DEVICE = {
    "not-permitted": (
        "The role {role} has no right to this[ ({act})]. Nothing was saved. "
        "Ask the owner of the books for the right, or somebody who has it to do it."
    ),
    "server-itself": "This is the server itself, which cannot be shut out.",
    "signing-key-missing": (
        "The key this book signs with is not in the key store of this computer and person. Where it is, move it into "
        "the book (ledgerflow keys BOOK --signing-key book); where it is lost, ask for an enrolment code and enrol "
        "the book again. Everything in it is kept."
    ),
    "signing-key-out-of-reach": (
        "The key this book signs with is in the key store of this computer, which does not answer[ ({reason})]. "
        "Unlock it, or sign in at the screen, and do it again; nothing was changed. Where the store is gone for good, "
        "ask for an enrolment code and enrol the book again."
    ),
    "no-key-store": "This computer has no key store that works. The signing key stays in keys.json.",
    "enrol-again": (
        "The server does not know this copy of the book, and the key to introduce it with is not here. "
        "Ask for an enrolment code and enrol the book again; everything in it is kept, and is sent then."
    ),
    "other-server": (
        "Another server took the code than the one this book syncs with ({server}). Ask there for a code; "
        "nothing in this book was changed."
    ),
}
