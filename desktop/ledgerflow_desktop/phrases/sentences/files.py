"""What can be wrong with a file of other books on its way in."""

FILES = {
    "account-outside-tree": (
        "{count} accounts hang under no root of the account tree. Mend the file where it came from."
    ),
    "bad-bill-type": "{given} is no kind of bill reference. Mend the file where it came from.",
    "bad-json": "This is not JSON[: {reason}][: {given}]. Mend the line, or export the file again.",
    "bad-utf-8": "The line is not UTF-8. Export the file again as UTF-8.",
    "bad-xml": "This is not well-formed XML[: {reason}]. Export the file again.",
    "byte-order-mark": "The file begins with a byte order mark. Save it as UTF-8 without one.",
    "conflicting-master": "{name} stands in the file twice and differently[ (first at {earlier})]. Keep one of them.",
    "damaged-file": "The file is damaged[: {reason}]. Export it again.",
    "duplicate-id": "The identifier {given} stands in the file twice. Export the file again.",
    "duplicate-key": "The field {field} stands in the line twice. Keep one of them.",
    "element-too-large": "One part of the file[, {name},] is too large to be what it says. Export the file again.",
    "line-too-long": "The line is longer than {bytes_max} bytes. Check that every record has a line of its own.",
    "missing-field": "The field {field} is missing. Add it.",
    "missing-name": "A record has no name. Mend the file where it came from.",
    "missing-voucher-type": "A voucher names no voucher type. Mend the file where it came from.",
    "no-currency": "The file names no currency. Say which one its amounts are in.",
    "no-exchange-rate": (
        "The file has no rate for a currency it uses. Add the rate in the books it came from, export again."
    ),
    "not-a-gnucash-file": "This is not a GnuCash book[: it begins with {root}]. Choose another file or format.",
    "not-a-tally-file": "This is not a Tally export[: it begins with {root}]. Choose another file or format.",
    "nul-character": "The line holds a NUL character. Export the file again.",
    "truncated-file": "The file ends in the middle. Copy or export it again.",
    "unknown-account-type": "{given} is no account type known here. Tell us which program wrote the file.",
    "unknown-currency": "{given} is no currency known here. Use its ISO 4217 code.",
    "unknown-field": "There is no field {field} here. Check its spelling, or take it out.",
    "unknown-kind": "{given} is no kind of record known here. Check its spelling.",
    "unpacks-too-far": (
        "The file unpacks to more than {ratio_max} times its size and was left alone. Unpack and check it."
    ),
    "file-changed": "The file changed while it was read, and nothing was attached. Try again once it is written.",
    "file-exists": "A file of that name stands there already. Choose another name; nothing was changed.",
    "nothing-attached": "None of the {count} files was attached. Attach them again once that is mended.",
    "save-needs-both": "A copy needs a name and a place. Give --save NAME and --to PATH together.",
    "unreadable-file": "The file cannot be read[: {reason}]. Check that it exists and that you may read it.",
    "unsupported-encoding": "The encoding {encoding} is not read here. Export the file as UTF-8.",
    "wrong-encoding": (
        "The file is not in the encoding[ {encoding}] it names[ (byte {before_byte})]. Export it again as UTF-8."
    ),
    "wrong-type": "[{given} stands where ]{wanted} is wanted. Correct the value.",
    "xml-doctype-refused": (
        "The file defines a document type, which no export needs and an attack might. It was left alone."
    ),
    "xml-object-too-large": "One record of the file is larger than {bytes_max} bytes. Export a shorter period.",
    "xml-text-too-long": "One text in the file is longer than {bytes_max} bytes. Export the file again.",
    "xml-too-deep": "The file nests deeper than {most} levels. Export it again.",
    "xml-too-many-attributes": "One element of the file has more than {most} attributes. Export it again.",
    "bad-choice": "[{given} is ]not one of the values this field takes. Correct it.",
    "cancelled": "Stopped; nothing was changed.",
    "currency-differs": (
        "The file is in {file} and these books are in {book}. Import it into books of its own currency."
    ),
    "duplicate-account": "The account {given} stands in the file twice. Keep one of them.",
    "formats-differ": "The files are of different formats: {formats}. Import one format at a time.",
    "group-missing": "An account names no group. Add one.",
    "hledger-not-understood": "This line of the journal is not understood[: {given}]. Rewrite it in the plain form.",
    "importer-stopped": "The import stopped without saying why, and nothing was changed. Try again with fewer files.",
    "input-too-large": "The input is larger than {bytes_max} bytes. Send it in parts.",
    "no-files": "No file was named. Name at least one.",
    "no-price": "There is no price for {given}. Add it to the file.",
    "not-a-voucher": "This is not a voucher. Send a JSON object with its entries.",
    "not-imported": "This kind of record is not imported yet. Take it out.",
    "unknown-format": "[{given} is ]not a format known here. Name one with --format.",
    "unknown-root-group": (
        "{given} is no root or predefined group. Begin the path with Assets, Liabilities, Equity, Income or Expenses."
    ),
}
