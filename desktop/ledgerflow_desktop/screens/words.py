"""Dates, periods and times as the screen writes them: the same words as on paper."""

from datetime import datetime

from ledgerflow_core.calendar import Period
from ledgerflow_desktop.printing import report_words
from ledgerflow_desktop.settings.machine import Machine

long_date = report_words.long_date
short_date = report_words.short_date


def period_words(period: Period) -> str:
    """Return a period short enough for a bar: ``01-Apr-2026 – 31-Mar-2027``."""
    if period.first == period.last:
        return short_date(period.first)
    return f"{short_date(period.first)} – {short_date(period.last)}"


def clock_time(machine: Machine) -> str:
    """Return the local time of day to the second."""
    return f"{datetime.fromtimestamp(machine.milliseconds() / 1000).astimezone():%H:%M:%S}"
