"""What can be wrong with a company file, its keys, and the machine it lies on."""

COMPANY_FILE = {
    "backup-name": "Name a folder that is there, or a file that ends in .lfbackup; nothing was written.",
    "bad-state": "{given} is no GST state code. Use two digits, such as 27.",
    "backup-exists": "A backup of that name stands there already. Choose another name; nothing was changed.",
    "bad-recovery-code": (
        "This is not a recovery code, or a character of it is wrong. Compare it with the printed sheet."
    ),
    "company-exists": "A company stands here already. Choose another name or folder; nothing was changed.",
    "company-field-fixed": "This cannot change once vouchers stand in the books. Begin a new company instead.",
    "company-in-use": "Another program has this company open. Close it there first.",
    "damaged": "The books are not as they were written. Restore the last backup, and keep this file for inquiry.",
    "disk-full": "The disk is full, and nothing was saved. Free some space and try again.",
    "error": "Something went wrong. Try again, and send us the code if it stays.",
    "event-too-new": "A newer LedgerFlow wrote a part of these books. Update this one.",
    "file-too-new": "A newer LedgerFlow wrote this company. Update this one.",
    "folder-missing": "Choose a folder to keep the company in.",
    "group-locked": "The books are locked up to {locked_until}, so {name} stays in its group. Unlock them first.",
    "invalid-input": "The input breaks a rule, and nothing was changed. Correct what is named.",
    "key-store-unavailable": "The key store of this computer cannot be reached. Use the passphrase.",
    "last-passphrase": "This is the last passphrase; without it the books could not be opened. Add another first.",
    "not-a-backup": "This is not a whole backup of LedgerFlow. Choose another file, or fetch this one again.",
    "not-there": "There is no such file or folder. Check the path.",
    "not-a-company": "There is no company in this folder. Choose a folder that ends in .ledgerflow.",
    "passphrase-too-short": "The passphrase is too short. Use at least {least} characters.",
    "read-only": "The company may be read here but not written. Check who may write to its folder.",
    "storage-failed": "The disk did not take what was written, and nothing was saved. Check the disk, then try again.",
    "unknown-slot": "There is no key slot {given}. List the slots to see which there are.",
    "update-needed": "A newer LedgerFlow wrote a part of these books. Update this one before anything is posted.",
    "upgrade-needed": "An older LedgerFlow wrote this company. Open it to upgrade; the old file is kept.",
    "wrong-passphrase": "The passphrase does not open this company. Try again, or use the recovery code.",
    "keys-changed": "The keys were changed meanwhile. Open the company again.",
    "master-already-there": "{name} is there already. Change it instead of making it again.",
    "opening-balance-locked": (
        "The books are locked up to {locked_until}, so the opening balance of {name} cannot change. Unlock them first."
    ),
    "no-passphrase-slot": "This company has no passphrase. Use the recovery code or the key store.",
    "passphrase-missing": "No passphrase was given. Type it, or set LEDGERFLOW_PASSPHRASE.",
    "new-passphrase-missing": "No new passphrase was given. Type it, or set {variable}.",
    "passphrases-differ": "The two passphrases differ. Type them again.",
}
