"""What can be wrong between this book and the server: on the line, at enrolment, in sync, with a decision."""

# What comes next is said where it is known: a single command does not go on by itself.
_KEPT = "Everything is kept here[; {then}]."
_CALL = "Everything is kept here. Call whoever looks after the server."

SYNC = {
    # the line
    "no-answer": "The server did not answer[: {reason}]. Check the address and the line, then try again.",
    "wants-tls": "The server at this address takes TLS alone. Write the address with https instead of http.",
    "speaks-no-tls": (
        "Whoever answers at this address speaks no TLS. Check the port; a server that serves plain HTTP, on this "
        "machine for a trial, is reached by http."
    ),
    "unreachable": f"The server cannot be reached. {_KEPT}",
    "timeout": f"The server did not answer in time. {_KEPT}",
    "certificate": (
        "Whoever answers at the server's address has another certificate than the server. "
        "Nothing was sent; check the network, or ask for a new enrolment code."
    ),
    "not-the-server": (
        "Something else than the server answers at its address, such as the sign-in page of a network. "
        "Sign in there, or check the address."
    ),
    "stopped": "Stopped; everything is kept here.",
    "rate-limited": f"The server asks for patience. {_KEPT}",
    "body-too-slow": f"The line was too slow to send this. {_KEPT}",
    "busy": f"The server is busy. {_KEPT}",
    "storage-full": f"The disk of the server is full. {_CALL}",
    "recovering": f"The server takes back what it lost. {_KEPT}",
    "outcome-unknown": f"The server does not know whether it took what was sent; nothing is taken twice. {_KEPT}",
    "database-unavailable": f"The server's database does not answer. {_KEPT}",
    # enrolment
    "address-insecure": "Plain http is taken on this machine only. Use the https address of the server.",
    "bad-address": "[{given} is no address of a server. ]Write it as https://host:port.",
    "address-has-path": (
        "A LedgerFlow server answers, and has nothing at {path}. Leave that out: the address is {address}."
    ),
    "code-without-fingerprint": (
        "This machine does not know who signed the server's certificate, and the code does not say it: "
        "its second half is missing. Copy it whole: sixteen symbols, a dot, and sixteen more."
    ),
    "bad-code": (
        "This is no enrolment code. Copy it whole: sixteen symbols, a dot, and sixteen more. The server prints it so."
    ),
    "authority-differs": (
        "Who answers at this address is not the server that gave the code. Nothing was sent. "
        "Check the address, or ask for a new code."
    ),
    "already-enrolled": "This book syncs with {server} already. Run sync.",
    "enrol-needs-again": (
        "The server {server} lets this device in no more. With a new code it is let in again as a new device: "
        "ledgerflow enrol BOOK URL CODE --again."
    ),
    "not-enrolled": "This book syncs with no server yet. Enrol it with a code from the server.",
    "code-used": (
        "The enrolment code was used already: by another device, or by this one too long ago to go on. "
        "Ask for a new one."
    ),
    "code-used-here": "This code made the book {book} already. Open that one; for another book ask for a new code.",
    "code-wrong": "The server knows no such enrolment code. Compare it, or ask for a new one.",
    "code-expired": "The enrolment code is too old. Ask for a new one.",
    "company-differs": (
        "The code is for another company than this book. Ask for a code of this company, "
        "or use --new to fetch the company of the code into a new book."
    ),
    "company-empty": (
        "The server has no books of this company yet. Enrol the book of the first office, without --new, "
        "and sync it; then come again with this code."
    ),
    # what the server refuses
    "nothing-synced": "Nothing of this book is at the server yet, so there is nothing it signed. Sync first.",
    "refused": f"The server refused it. {_CALL}",
    "challenge-expired": f"The server's question was answered too late. {_KEPT}",
    "tenant-suspended": "The account at the server is suspended. Everything is kept here; ask the owner of the books.",
    "key-in-use": "Another device signs with the key of this book. Enrol the original instead, or make a new book.",
    "replica-known": "The server knows this book already. Sync it, or ask for its device to be removed first.",
    "device-of-another-user": "This device was enrolled for another person. Ask for a code for that person.",
    "tags-exhausted": "The company has no number tag left for one more device. Ask the owner to close old ones.",
    "batch-malformed": f"What was sent arrived changed. {_KEPT}",
    "digest-differs": f"What was sent arrived changed. {_KEPT}",
    "batch-too-large": f"The server takes smaller pieces only. {_KEPT}",
    "body-too-large": f"The server takes smaller pieces only. {_KEPT}",
    "chain-wrong": f"The server found the chain of events of this book broken. {_CALL}",
    "event-id-reused": f"The server has another event by an identifier of this book. {_CALL}",
    "not-storable": f"The server found no way to put what was sent into its books. {_CALL}",
    "continuation-wrong": f"The server did not take back what it lost. {_CALL}",
    "token-expired": f"The access token ran out. {_KEPT}",
    "token-wrong": f"The server does not take this device's access token. {_CALL}",
    "device-revoked": (
        "This device was shut out at the server, and nothing of it is taken any more. What was not sent is kept here "
        "and can be exported. Ask the owner of the books; with a new code the book is let in again, as a new device: "
        "ledgerflow enrol BOOK URL CODE --again."
    ),
    "signer-unknown": (
        "The server does not know the key of this book, and takes nothing of it. Everything is kept here. Ask the "
        "owner of the books for an enrolment code; with it the book is let in again, as a new device: "
        "ledgerflow enrol BOOK URL CODE --again."
    ),
    "chain-gap": f"The server is missing events in between. {_KEPT}",
    "replica-forked": f"This book is a copy of one the server knows. It takes an identity of its own. {_KEPT}",
    "incarnation-changed": f"The server was restored. What it lost is handed in again. {_KEPT}",
    "not-recovering": f"The server is not waiting for anything. {_KEPT}",
    "not-a-boundary": f"The server's log is not cut at entry {{after}}. {_CALL}",
    "no-such-proof": "The server's log has no such entry, or is too long to prove at once.",
    "client-too-old": "The server needs a newer LedgerFlow. Update this one; everything is kept here.",
    # what the engine finds itself
    "answer-damaged": f"What the server sent arrived damaged, and nothing of it was taken. {_KEPT}",
    "answer-elsewhere": (
        f"What arrived is signed by the server, and for something else or from before; nothing of it was taken. {_KEPT}"
    ),
    "answer-unsigned": (
        "What arrived is not signed by the server this book was enrolled at, and nothing of it was taken. "
        "Everything is kept here. If it lasts, have the server looked into before anything else is trusted."
    ),
    "no-progress": (
        f"The server answers, and nothing comes of it. {_KEPT} If it lasts, tell whoever looks after the server."
    ),
    "server-failing": (
        f"The server answers, and fails again and again at what this book asks. {_KEPT} "
        "Tell whoever looks after the server."
    ),
    "book-damaged": "Something in the file of this book is damaged. Verify it, and restore a backup if it says so.",
    "server-error": f"The server could not do it. {_KEPT}",
    "event-refused": (
        "The server cannot read an event of this book. Everything is kept here; verify the book, update the server."
    ),
    "company-hidden": (
        "The server knows no such company, or this device may not see it. Ask whoever looks after the server."
    ),
    "signature-refused": (
        "The server does not take the signature of this book. Everything is kept here; verify the book."
    ),
    "server-log-differs": (
        "The server's log contradicts what the server signed before. Nothing was taken from it and nothing is lost. "
        "Keep this book and its receipts, and have the server looked into."
    ),
    "server-log-missing": (
        "The server's log ends at entry {has}; this book holds more of it. Sync, and the server gets back what it lost."
    ),
    "log-batch-differs": (
        "Entries {first} to {last} of the server's log are not what this book took from it[: {reason}]. "
        "Keep this book, and have the server looked into."
    ),
    "trial-server-failed": "The server beside the sample did not start[: {reason}]. The sample works without it.",
    # decisions
    "unknown-conflict": "No conflict that waits, or more than one, has an id with {given} at either end. List them.",
    "correction-missing": "Say what is right: name a file with the corrected voucher.",
    "nothing-to-correct": "This conflict is not about a voucher. Keep what stands, or apply what is parked.",
    "nothing-to-reopen": "Its days are not locked. Apply it without reopening.",
    "conflict-day-locked": (
        "[To give it another day: {again} --date {day}. Or ]to unlock its day for this one and lock it again: "
        "{again} --reopen REASON."
    ),
    "not-applicable": "This cannot be applied any more. Keep what stands.",
    "close-outstanding": (
        "The close up to {until} waits for: {names}. Once they have synced the server locks. Only one whose book is "
        "gone, or that a restored backup left behind, an owner or admin closes, by its TAG as `ledgerflow offices` "
        "lists it: ledgerflow offices {book} --close TAG --reason WHY. It is shut out for good then. "
        "Without waiting: ledgerflow lock {book} {until} --now."
    ),
    "office-closed": "{name} is closed already. There is nothing to do.",
    "own-office": "This book is that office. Close it from the book of another one.",
    "unknown-office": "No office is called {given}. List them with `ledgerflow offices` to see which there are.",
}

# `no-answer` by its reason, where a person waits for the answer: nothing goes on by itself.
NO_ANSWER = {
    "unreachable": (
        "Nobody answers at the server's address. Check host and port, that the server runs, and the line; "
        "then try again."
    ),
    "timeout": "The server did not answer in time. Check the line, then try again.",
    "damaged": "What the server sent arrived damaged. Try again.",
    **{reason: SYNC[reason] for reason in ("certificate", "not-the-server", "speaks-no-tls", "stopped", "wants-tls")},
}
