"""Rows of many vouchers, straight into the tables: the shape of a real year without the work of writing its log.

Each voucher moves one amount between two of 300 accounts; a few accounts see most of it, as sales and cash do. Totals
lie in the order of their days, as they do where a year was posted day after day.
"""

from datetime import date
from typing import LiteralString

import msgspec
from msgspec.structs import replace

from builders import a_company, account_id, an_account
from ledgerflow_core.calendar import day_number
from ledgerflow_core.identifiers import CompanyId
from ledgerflow_core.masters.chart import Chart, predefined_chart
from ledgerflow_core.masters.voucher_type import VoucherNature, voucher_type_id
from ledgerflow_server.database.connecting import Connection

FIRST, LAST = date(2025, 4, 1), date(2026, 3, 31)
ACCOUNTS = 300
BUSIEST = "Account 0"

_VOUCHERS: LiteralString = """
    CREATE TEMPORARY TABLE many AS
    SELECT n AS voucher_no, %(first)s + (n * 365 / %(vouchers)s)::int4 AS day, 100 + n %% 90000 AS amount,
        %(base)s + CASE WHEN n %% 3 = 0 THEN 0 ELSE n * 7 %% %(accounts)s END AS debit,
        %(base)s + (n * 11 + 1) %% %(accounts)s AS credit
    FROM generate_series(1, %(vouchers)s::int8) AS n
"""
_ROWS: tuple[LiteralString, ...] = (
    """INSERT INTO lf.voucher (tenant_no, company_no, voucher_no, public_id, day, type_no, year, number, account_no,
           amount, state, version, version_hash, gseq, narration)
       SELECT %(tenant)s, %(company)s, voucher_no, gen_random_uuid(), day, %(type)s, %(first)s, voucher_no::text, debit,
           amount, 0, 1, sha256(voucher_no::text::bytea), voucher_no, 'paid for no. ' || voucher_no FROM many""",
    """INSERT INTO lf.posting (tenant_no, company_no, account_no, day, voucher_no, line, amount, against_no)
       SELECT %(tenant)s, %(company)s, debit, day, voucher_no, 0, amount, credit FROM many
       UNION ALL SELECT %(tenant)s, %(company)s, credit, day, voucher_no, 1, -amount, debit FROM many
       ORDER BY 3, 4, 5""",
    """INSERT INTO lf.day_total (tenant_no, company_no, account_no, day, debit, credit, entries)
       SELECT %(tenant)s, %(company)s, account_no, day, sum(greatest(amount, 0)), sum(least(amount, 0)),
           count(*)
       FROM (SELECT debit AS account_no, day, amount FROM many UNION ALL SELECT credit, day, -amount FROM many) AS entry
       GROUP BY account_no, day ORDER BY day, account_no""",
    """INSERT INTO lf.month_total (tenant_no, company_no, account_no, month, debit, credit, entries)
       SELECT %(tenant)s, %(company)s, account_no, extract(year FROM at) * 12 + extract(month FROM at) - 1,
           sum(debit), sum(credit), sum(entries)
       FROM (SELECT *, date '1970-01-01' + day AS at FROM lf.day_total
             WHERE tenant_no = %(tenant)s AND company_no = %(company)s) AS kept
       GROUP BY account_no, 4 ORDER BY 4, account_no""",
    """INSERT INTO lf.day_count (tenant_no, company_no, day, vouchers)
       SELECT %(tenant)s, %(company)s, day, count(*) FROM many GROUP BY day""",
    "DROP TABLE many",
)


def a_chart() -> Chart:
    """300 accounts under two groups, beside the predefined masters."""
    chart = predefined_chart()
    for n in range(ACCOUNTS):
        group = "indirect-expenses" if n % 2 else "sundry-debtors"
        chart.put(an_account(f"Account {n}", group))
    return chart


def write(administrator: Connection, tenant_no: int, company_no: int, vouchers: int) -> CompanyId:
    """Fill a company without books with so many vouchers of one year; return the id it has from then on."""
    chart = a_chart()
    ours = {account_id(f"Account {n}"): None for n in range(ACCOUNTS)}
    masters = [chart.masters[master] for master in ours | dict.fromkeys(chart.masters)]
    numbers = {master.id: no for no, master in enumerate(masters, start=1)}
    of_company = {"tenant": tenant_no, "company": company_no}
    [(company,)] = administrator.execute("SELECT gen_random_uuid()::text").fetchall()
    details = replace(a_company(books_begin=FIRST), id=company)
    administrator.execute(
        "UPDATE lf.company SET public_id = %(id)s, details = %(details)s"
        " WHERE tenant_no = %(tenant)s AND company_no = %(company)s",
        of_company | {"id": company, "details": msgspec.json.encode(details)},
    )
    administrator.execute(
        "INSERT INTO lf.company_head (tenant_no, company_no) VALUES (%(tenant)s, %(company)s) ON CONFLICT DO NOTHING",
        of_company,
    )
    for master in masters:
        administrator.execute(
            "INSERT INTO lf.master (tenant_no, company_no, master_no, public_id, version_hash, gseq, body)"
            " VALUES (%(tenant)s, %(company)s, %(no)s, %(id)s, NULL, 0, %(body)s)",
            of_company | {"no": numbers[master.id], "id": master.id, "body": msgspec.json.encode(master)},
        )
    given = of_company | {
        "vouchers": vouchers,
        "first": day_number(FIRST),
        "base": 1,
        "accounts": ACCOUNTS,
        "type": numbers[voucher_type_id(VoucherNature.JOURNAL)],
    }
    for statement in (_VOUCHERS, *_ROWS):
        administrator.execute(statement, given)
    administrator.execute("ANALYZE")
    return CompanyId(company)
