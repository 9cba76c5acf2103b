"""What countries bring with them: currency, start of the year, and in India the states of GST."""

import importlib
from typing import NamedTuple


class Country(NamedTuple):
    """A country one can choose, with what its companies use most. `year_start` is MM-DD."""

    code: str
    name: str
    currency: str
    year_start: str


COUNTRIES = (
    Country("IN", "India", "INR", "04-01"),
    Country("AE", "United Arab Emirates", "AED", "01-01"),
    Country("BH", "Bahrain", "BHD", "01-01"),
    Country("BD", "Bangladesh", "BDT", "07-01"),
    Country("KW", "Kuwait", "KWD", "01-01"),
    Country("NP", "Nepal", "NPR", "07-16"),
    Country("OM", "Oman", "OMR", "01-01"),
    Country("QA", "Qatar", "QAR", "01-01"),
    Country("SA", "Saudi Arabia", "SAR", "01-01"),
    Country("SG", "Singapore", "SGD", "01-01"),
    Country("LK", "Sri Lanka", "LKR", "04-01"),
    Country("GB", "United Kingdom", "GBP", "04-01"),
    Country("US", "United States", "USD", "01-01"),
)

# GST state codes: Central Goods and Services Tax Rules 2017, Form GST REG-06 (first two characters of a GSTIN).
STATES = (
    ("01", "Jammu and Kashmir"), ("02", "Himachal Pradesh"), ("03", "Punjab"), ("04", "Chandigarh"),
    ("05", "Uttarakhand"), ("06", "Haryana"), ("07", "Delhi"), ("08", "Rajasthan"), ("09", "Uttar Pradesh"),
    ("10", "Bihar"), ("11", "Sikkim"), ("12", "Arunachal Pradesh"), ("13", "Nagaland"), ("14", "Manipur"),
    ("15", "Mizoram"), ("16", "Tripura"), ("17", "Meghalaya"), ("18", "Assam"), ("19", "West Bengal"),
    ("20", "Jharkhand"), ("21", "Odisha"), ("22", "Chhattisgarh"), ("23", "Madhya Pradesh"), ("24", "Gujarat"),
    ("26", "Dadra and Nagar Haveli and Daman and Diu"), ("27", "Maharashtra"), ("29", "Karnataka"), ("30", "Goa"),
    ("31", "Lakshadweep"), ("32", "Kerala"), ("33", "Tamil Nadu"), ("34", "Puducherry"),
    ("35", "Andaman and Nicobar Islands"), ("36", "Telangana"), ("37", "Andhra Pradesh"), ("38", "Ladakh"),
)  # fmt: skip


def usual_of(code: str) -> Country:
    """Return what companies of a country use most; of one not in the list, a currency must be said."""
    return next((country for country in COUNTRIES if country.code == code), Country(code, code, "", "01-01"))


def known_countries() -> frozenset[str]:
    """Return the ISO 3166 codes of the countries there are (from the locale data of Babel)."""
    # Loaded late: only a new company asks, and every command would wait for it.
    territories = importlib.import_module("babel").Locale("en").territories
    return frozenset(code for code in territories if len(code) == 2 and code.isalpha()) - {"ZZ", "QO", "XA", "XB"}


def known_currencies() -> frozenset[str]:
    """Return the ISO 4217 codes of the currencies there are."""
    return frozenset(importlib.import_module("babel.numbers").list_currencies()) - {"XXX", "XTS"}
