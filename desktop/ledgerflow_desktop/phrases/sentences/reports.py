"""What can be wrong with the way a report is asked for."""

REPORTS = {
    "bad-ageing": "{given} are no ages of bills. Write rising days, such as 30,60,90.",
    "bad-depth": "A report cannot be {given} levels deep. Use 0 or more.",
    "bad-window": "{given} is no place or number of rows. Use 0 or more.",
    "day-out-of-range": "{given} lies outside the years 1900 to 2199. Choose another day.",
    "not-a-party-of": (
        "{given} is no party of the report {report}. Choose a customer for receivables, a supplier for payables."
    ),
    "option-missing": "This report needs one more choice. Add it.",
    "option-not-taken": "This report does not take that choice. Leave it out.",
    "options-contradict": "This cannot go together with {with}. Leave one of them out.",
    "period-ends-before-it-begins": "The period ends on {last}, before it begins on {first}. Swap the dates.",
    "too-many-months": "{months} months are too many columns; at most {most} fit. Choose a shorter period.",
    "unknown-report": "There is no report {given}[; did you mean {nearest}?].",
    "output-missing": "{format} is no text for a terminal. Name a file with -o.",
}
