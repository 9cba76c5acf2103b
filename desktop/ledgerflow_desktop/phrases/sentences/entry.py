"""What can be wrong with a voucher or a master as it is typed."""

ENTRY = {
    "already-attached": "This file is attached already, as {name}. There is nothing to do.",
    "amount-not-understood": "{given} is not an amount[ (character {at})]. Type digits, or sums such as 1200*1.18.",
    "amount-too-large": "The amount[ {given}] is larger than the books can hold. Split it over several entries.",
    "attachment-not-here": "{name} has not arrived from the other office yet. Sync, and open it then.",
    "attachment-too-large": (
        "The file is larger than what can be attached[: {size} bytes, and at most {most} can be]. Attach a smaller one."
    ),
    "bad-amount": "[{given} is ]not an amount. Write digits with a point for decimals, such as 1234.50.",
    "bad-attachment": "{given} does not name an attached file. Attach the file again.",
    "bad-country": "{given} is not a country code. Use two letters, such as IN or AE.",
    "bad-currency": "{given} is not a currency code. Use three capital letters, such as INR.",
    "bad-date": "{given} is not a date. Write it as 2026-04-01.",
    "bad-exponent": "A currency cannot have {given} decimals. Use 0 to {most}.",
    "bad-identifier": "{given} is not an identifier. Leave it out, and the program makes one.",
    "bad-quantity": "{given} is not a quantity. Write digits with a point for decimals.",
    "bad-rate": "[{given} is ]not a rate. Write a positive decimal, such as 83.25.",
    "bad-width": "A number cannot be {given} digits wide. Choose a width from 1 to 10.",
    "bad-year-start": (
        "A financial year cannot begin on [{given}][day {day} of month {month}]. Choose a day every year has."
    ),
    "before-books-begin": (
        "{date} lies before the books begin on {begin}. Choose a later date, or a company whose books begin earlier."
    ),
    "bills-do-not-add-up": (
        "The bill references differ from the entry by {difference_minor}. Allocate the rest, or set it on account."
    ),
    "born-cancelled": "A new voucher cannot be cancelled already. Save it, then cancel it.",
    "cancel-it-instead": "Altering voucher {number} cannot cancel it. Cancel it, saying why.",
    "character-not-allowed": "The character {character} at place {at} hides or reorders text. Take it out.",
    "contra-needs-cash-or-bank": (
        "A contra moves money between cash and bank; {account} is neither. Use a journal instead."
    ),
    "costs-do-not-add-up": (
        "The cost centres of one category do not add up to the entry[: {difference_minor} is left]. Allocate the rest."
    ),
    "division-by-zero": "The sum {given} divides by zero. Correct it.",
    "foreign-sign-differs": (
        "The foreign amount stands on the other side than the amount of the entry. Correct one of them."
    ),
    "groups-too-deep": "Groups go at most {most} levels deep. Place the group higher up.",
    "kind-cannot-change": "A master cannot become another kind of master. Make a new one.",
    "leaves-its-year": (
        "Voucher {number} was numbered in the year {year} and cannot leave it. Cancel it and enter a new one."
    ),
    "lock-moves-back": "The books are locked until {locked_until} already. Unlock them first, saying why.",
    "master-merged": "{name} was merged into another one and stays as it is. Use the one it became.",
    "master-retired": "{name} is retired. Choose another, or bring it back in its master.",
    "master-too-large": "The master has {bytes} bytes; at most {most} fit. Shorten its notes or opening bills.",
    "merges-a-parent": "{below} stands under {name}. Place it elsewhere first, then merge.",
    "merges-into-itself": "{name} cannot be merged into itself. Choose another one.",
    "merges-unlike": (
        "{name} and {into} differ in {field}, and only like ones can become one. Change one of them first."
    ),
    "name-empty": "The name is missing. Type one.",
    "name-taken": "Another one is called {name} already. Choose another name.",
    "nature-cannot-change": (
        "The nature of {name} cannot change: vouchers of this type stand in the books. Make a new type."
    ),
    "no-entries": "The voucher has no entries. Enter at least one debit and one credit.",
    "nothing-to-unlock": "The books are not locked. There is nothing to unlock.",
    "number-too-long": (
        "Numbers of this type would have {length} characters; tax law takes {most}. Shorten the prefix or the width."
    ),
    "number-cannot-change": "Voucher {number} keeps its number for good. Cancel it and enter a new one.",
    "number-missing": "This voucher type is numbered by hand. Type a number.",
    "number-skips-ahead": "Number {number} would leave some out: {next} is next. Take that, or leave it empty.",
    "number-taken": "The number[ {number}] is taken already. Choose another.",
    "on-account-has-no-name": (
        "An amount on account belongs to no bill, so it takes no name. Take {name} out, or choose a bill."
    ),
    "payment-needs-cash-or-bank": "A payment needs a cash or bank account. Add one, or use a journal.",
    "prefix-has-blanks": "The prefix begins or ends with a blank. Take it out.",
    "period-locked": (
        "The books are locked until {locked_until}, and {date} lies before. Choose a later date, or unlock."
    ),
    "reason-missing": "Unlocking needs a reason; it is kept in the edit log. Type one.",
    "receipt-needs-cash-or-bank": "A receipt needs a cash or bank account. Add one, or use a journal.",
    "reserved-name-is-fixed": (
        "{name} is predefined: it keeps its place and cannot be retired. Make one of your own beside it."
    ),
    "retired-already": "{name} is retired already. There is nothing to do.",
    "stale-version": "Voucher {number} was changed meanwhile. Open it again and repeat the change.",
    "stands-under-itself": "{name} would stand under itself. Choose another parent.",
    "text-too-long": "The text has {length} characters; at most {most} fit. Shorten it.",
    "too-many-address-lines": "The address has {count} lines; at most {most} fit. Shorten it.",
    "too-many-aliases": "The account has {count} other names; at most {most} fit. Take some out.",
    "too-many-decimals": "{given} has more decimals than the {decimals} of the currency. Round it.",
    "too-many-attachments": "The voucher has {count} files; at most {most} fit. Join some of them.",
    "too-many-entries": "The voucher has {count} entries; at most {most} fit. Split it.",
    "too-many-opening-bills": "The account would have {count} opening bills; at most {most} fit. Join some of them.",
    "too-many-rates": "The currency has {count} rates; at most {most} fit. Leave old ones out.",
    "too-many-tax-identities": "There are {count} registrations with tax offices; at most {most} fit. Take some out.",
    "type-cannot-change": "Voucher {number} keeps its type for good. Cancel it and enter a new one.",
    "unbalanced": (
        "Debit and credit differ by [{difference_minor}][{difference}]. Correct an amount, or add the missing entry."
    ),
    "several-vouchers": "Several vouchers have the number {given}. Name one by its id: {ids}.",
    "unknown-account": "There is no ledger account {given}[; did you mean {nearest}?]. Choose one, or create it.",
    "unknown-attachment": "The voucher has no file {given}. List its files to see which there are.",
    "unknown-cost-category": "There is no cost category {given}[; did you mean {nearest}?]. Choose one, or create it.",
    "unknown-cost-centre": "There is no cost centre {given}[; did you mean {nearest}?]. Choose one, or create it.",
    "unknown-group": "There is no group {given}[; did you mean {nearest}?]. Choose one, or create it.",
    "unknown-master": "There is no master {given} in these books. It may have come from other books.",
    "unknown-voucher": "There is no voucher {given} in these books. Look for it in the day book.",
    "unknown-voucher-type": (
        "There is no voucher type[ {given}][ {parent}][; did you mean {nearest}?]. Choose one, or create it."
    ),
    "voucher-already-posted": "This voucher is in the books already. Alter it instead of entering it again.",
    "voucher-too-large": "The voucher has {bytes} bytes; at most {most} fit. Split it.",
    "voucher-cancelled": "Voucher {number} is cancelled and stays so. Enter a new one.",
    "account-missing": "An amount has no ledger account. Choose one.",
    "account-not-found": "There is no ledger account {given}. Choose one, or create it.",
    "amount-missing": "The entry has no amount. Type one.",
    "amount-zero": "The amount is zero. Type one, or take the entry out.",
    "draft-too-large": "The draft has {length} characters; at most {most} are kept. Save the voucher, or shorten it.",
    "nothing-entered": "Nothing has been entered. Type the first entry.",
    "unknown-centre": "There is no cost centre {given}[; did you mean {nearest}?]. Choose one.",
}
