"""Companies, devices, the log of sealed batches, and the rows and kept totals made from it.

Amounts are minor units of the company's base currency, debit positive. Days are whole days since 1970-01-01, months
year * 12 + month - 1. Numbers (`..._no`, `gseq`) are given under the lock of the company's head, never by a sequence:
a sequence has holes, and its order is not that of the commits.
"""

from alembic import op

from ledgerflow_server.database.migrations.guarding import guarded

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_WRITTEN_ONCE = "SELECT, INSERT"
_KEPT = "SELECT, INSERT, UPDATE"
_REBUILT = "SELECT, INSERT, UPDATE, DELETE"

# The desktop refuses larger sums, so that every program that reads JSON can hold them.
_MOST = 2**53 - 1
_KEY = "tenant_no, company_no"
_OF_COMPANY = f"FOREIGN KEY ({_KEY}) REFERENCES lf.company ({_KEY})"


def _amount(column: str) -> str:
    return f"{column} bigint NOT NULL CHECK ({column} BETWEEN -{_MOST} AND {_MOST})"


def _hash(column: str, *, null: bool = False) -> str:
    return f"{column} bytea {'' if null else 'NOT NULL '}CHECK (octet_length({column}) = 32)"


_COMPANIES = (
    # `public_id` comes with the first book that is enrolled: the company is born on the desktop. `details` is JSON of
    # the company as its log has it.
    guarded("company", f"""
        public_id uuid,
        name text NOT NULL CHECK (name <> ''),
        details bytea,
        state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'archived')),
        created_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY ({_KEY}), UNIQUE (tenant_no, public_id),
        FOREIGN KEY (tenant_no) REFERENCES lf.tenant (tenant_no)""", app=_KEPT),
    # The one row a batch locks. Its pages keep room, so that an update stays on them.
    guarded("company_head", f"""
        size bigint NOT NULL DEFAULT 0 CHECK (size >= 0),
        root bytea NOT NULL DEFAULT '',
        frontier bytea NOT NULL DEFAULT '',
        masters_at bigint NOT NULL DEFAULT 0,
        locked_until date,
        {_hash("lock_version", null=True)},
        {_hash("company_version", null=True)},
        state text NOT NULL DEFAULT 'normal' CHECK (state IN ('normal', 'recovering')),
        incarnation uuid,
        PRIMARY KEY ({_KEY}), {_OF_COMPANY}""", app=_KEPT, after="WITH (fillfactor = 50)"),
    guarded("device", """
        device_no int4 NOT NULL,
        public_id uuid NOT NULL,
        name text NOT NULL,
        user_no int4 NOT NULL,
        state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'revoked')),
        enrolled_at timestamptz NOT NULL,
        revoked_at timestamptz CHECK ((revoked_at IS NOT NULL) = (state = 'revoked')),
        PRIMARY KEY (tenant_no, device_no), UNIQUE (tenant_no, public_id),
        FOREIGN KEY (tenant_no) REFERENCES lf.tenant (tenant_no)""", app=_KEPT, company=False),
    # `company_no` NULL: the code is good for every company of the tenant.
    guarded("enrolment_code", f"""
        {_hash("code_hash")},
        company_no int4,
        user_no int4 NOT NULL,
        role text NOT NULL,
        expires_at timestamptz NOT NULL,
        used_at timestamptz,
        used_by int4 CHECK ((used_by IS NULL) = (used_at IS NULL)),
        PRIMARY KEY (tenant_no, code_hash), {_OF_COMPANY}""", app=_REBUILT, company=False),
    # `clock_skew`: seconds its clock was ahead of ours at its last hello; it decides nothing.
    guarded("replica", f"""
        replica_no int4 NOT NULL,
        public_id uuid NOT NULL,
        device_no int4 NOT NULL,
        {_hash("public_key")},
        tag text NOT NULL DEFAULT '',
        head_seq bigint NOT NULL DEFAULT 0,
        {_hash("head_hash", null=True)},
        state text NOT NULL DEFAULT 'open',
        opened_at timestamptz NOT NULL,
        last_hello timestamptz,
        outbox_count int4 NOT NULL DEFAULT 0,
        clock_skew int8,
        PRIMARY KEY ({_KEY}, replica_no), UNIQUE ({_KEY}, public_id), {_OF_COMPANY},
        FOREIGN KEY (tenant_no, device_no) REFERENCES lf.device (tenant_no, device_no)""", app=_KEPT),
)  # fmt: skip

_LOG = (
    # A sealed batch as it came. `known` of its leading events were in the log already; the others are
    # first_gseq .. last_gseq, without holes from one batch to the next.
    guarded("log_batch", f"""
        first_gseq bigint NOT NULL CHECK (first_gseq > 0),
        last_gseq bigint NOT NULL,
        replica_no int4 NOT NULL,
        first_seq bigint NOT NULL,
        last_seq bigint NOT NULL CHECK (last_seq >= first_seq),
        known int4 NOT NULL DEFAULT 0 CHECK (known >= 0),
        {_hash("batch_hash")},
        sealed bytea NOT NULL,
        outcomes bytea NOT NULL,
        leaves bytea NOT NULL,
        frontier bytea NOT NULL,
        receipt bytea,
        received_at timestamptz NOT NULL,
        device_no int4 NOT NULL,
        PRIMARY KEY ({_KEY}, first_gseq), UNIQUE ({_KEY}, batch_hash),
        UNIQUE ({_KEY}, replica_no, first_seq, last_seq, first_gseq)""", app=_WRITTEN_ONCE),
    # A receipt is made after its batch is in; nothing else of a batch may change.
    "GRANT UPDATE (receipt) ON lf.log_batch TO lf_app;",
    guarded("event_key", f"""
        event_id uuid NOT NULL,
        gseq bigint NOT NULL,
        PRIMARY KEY ({_KEY}, event_id)""", app=_WRITTEN_ONCE),
    guarded("parked", f"""
        gseq bigint NOT NULL,
        event_id uuid NOT NULL,
        reason text NOT NULL,
        voucher_id uuid,
        replica_no int4 NOT NULL,
        resolved_gseq bigint,
        PRIMARY KEY ({_KEY}, gseq)""", app=_KEPT),
    f"CREATE INDEX parked_open ON lf.parked ({_KEY}, gseq) WHERE resolved_gseq IS NULL;",
    # Sealed bytes come compressed: trying again costs time and gains nothing.
    "ALTER TABLE lf.log_batch ALTER sealed SET STORAGE EXTERNAL, ALTER leaves SET STORAGE EXTERNAL;",
    # Who asked every replica to send what it has up to a day, and who has.
    guarded("close_request", f"""
        request_id uuid NOT NULL,
        gseq bigint NOT NULL,
        until date NOT NULL,
        user_id uuid NOT NULL,
        locked_gseq bigint,
        PRIMARY KEY ({_KEY}, request_id)""", app=_KEPT),
    guarded("close_ack", f"""
        request_id uuid NOT NULL,
        replica_no int4 NOT NULL,
        gseq bigint NOT NULL,
        PRIMARY KEY ({_KEY}, request_id, replica_no)""", app=_WRITTEN_ONCE),
    guarded("checkpoint", f"""
        size bigint NOT NULL,
        {_hash("root")},
        note bytea NOT NULL,
        at timestamptz NOT NULL,
        PRIMARY KEY ({_KEY}, size)""", app=_WRITTEN_ONCE),
    guarded("fork_evidence", f"""
        at timestamptz NOT NULL,
        evidence_id uuid NOT NULL,
        code text NOT NULL,
        detail bytea NOT NULL,
        PRIMARY KEY ({_KEY}, at, evidence_id)""", app=_WRITTEN_ONCE),
    guarded("refused_request", f"""
        at timestamptz NOT NULL,
        request_id uuid NOT NULL,
        code text NOT NULL,
        detail bytea NOT NULL,
        PRIMARY KEY ({_KEY}, at, request_id)""", app=_WRITTEN_ONCE),
    guarded("attachment", f"""
        {_hash("sha256")},
        size bigint NOT NULL CHECK (size >= 0),
        received bigint NOT NULL DEFAULT 0 CHECK (received BETWEEN 0 AND size),
        media_type text NOT NULL,
        complete bool NOT NULL DEFAULT false CHECK (NOT complete OR received = size),
        PRIMARY KEY ({_KEY}, sha256)""", app=_REBUILT),
)  # fmt: skip

_ROWS = (
    guarded("master", f"""
        master_no int4 NOT NULL,
        public_id uuid NOT NULL,
        {_hash("version_hash", null=True)},
        gseq bigint NOT NULL,
        body bytea NOT NULL,
        PRIMARY KEY ({_KEY}, master_no), UNIQUE ({_KEY}, public_id)""", app=_KEPT),
    # The current version of each voucher. `year` (first day of the financial year) is NULL where a number may repeat;
    # where it may not, the number stands in `voucher_number` too.
    guarded("voucher", f"""
        voucher_no bigint NOT NULL,
        public_id uuid NOT NULL,
        day int4 NOT NULL,
        type_no int4 NOT NULL,
        year int4,
        number text NOT NULL,
        account_no int4,
        {_amount("amount")},
        state int2 NOT NULL,
        version int4 NOT NULL,
        {_hash("version_hash")},
        gseq bigint NOT NULL,
        narration text NOT NULL,
        PRIMARY KEY ({_KEY}, voucher_no)""", app=_KEPT),
    f"CREATE INDEX voucher_by_day ON lf.voucher ({_KEY}, day, voucher_no);",
    # Of indexes that look alike the planner takes the newest, and all do on a table it has no figures of yet: batches
    # look vouchers up by their id, so this one is made last, and numbers have a table of their own.
    f"ALTER TABLE lf.voucher ADD CONSTRAINT voucher_public_id UNIQUE ({_KEY}, public_id);",
    guarded("voucher_number", f"""
        type_no int4 NOT NULL,
        year int4 NOT NULL,
        number text NOT NULL,
        voucher_no bigint NOT NULL,
        PRIMARY KEY ({_KEY}, type_no, year, number)""", app=_WRITTEN_ONCE),
    guarded("voucher_version", f"""
        voucher_no bigint NOT NULL,
        version int4 NOT NULL,
        gseq bigint NOT NULL,
        PRIMARY KEY ({_KEY}, voucher_no, version)""", app=_WRITTEN_ONCE),
    # Entries in the books. `against_no` is the account on the other side, negative when there are several.
    guarded("posting", f"""
        account_no int4 NOT NULL,
        day int4 NOT NULL,
        voucher_no bigint NOT NULL,
        line int2 NOT NULL,
        {_amount("amount")},
        against_no int4 NOT NULL,
        PRIMARY KEY ({_KEY}, account_no, day, voucher_no, line)""", app=_REBUILT),
    guarded("bill_entry", f"""
        account_no int4 NOT NULL,
        name text NOT NULL,
        day int4 NOT NULL,
        voucher_no bigint NOT NULL,
        line int2 NOT NULL,
        part int2 NOT NULL,
        kind int2 NOT NULL,
        due int4,
        {_amount("amount")},
        PRIMARY KEY ({_KEY}, account_no, name, day, voucher_no, line, part)""", app=_REBUILT),
    guarded("cost_entry", f"""
        centre_no int4 NOT NULL,
        day int4 NOT NULL,
        voucher_no bigint NOT NULL,
        line int2 NOT NULL,
        part int2 NOT NULL,
        account_no int4 NOT NULL,
        {_amount("amount")},
        PRIMARY KEY ({_KEY}, centre_no, day, voucher_no, line, part)""", app=_REBUILT),
    guarded("foreign_entry", f"""
        account_no int4 NOT NULL,
        day int4 NOT NULL,
        voucher_no bigint NOT NULL,
        line int2 NOT NULL,
        currency text NOT NULL,
        {_amount("amount")},
        {_amount("base")},
        PRIMARY KEY ({_KEY}, account_no, day, voucher_no, line)""", app=_REBUILT),
)  # fmt: skip

# Debits >= 0, credits <= 0. Time comes first in the key: what a report adds up shares a page.
_SUMS = f"""
    debit bigint NOT NULL CHECK (debit BETWEEN 0 AND {_MOST}),
    credit bigint NOT NULL CHECK (credit BETWEEN -{_MOST} AND 0),
    entries bigint NOT NULL CHECK (entries >= 0)"""
_TOTALS = (
    guarded("month_total", f"""
        account_no int4 NOT NULL,
        month int4 NOT NULL, {_SUMS},
        PRIMARY KEY ({_KEY}, month, account_no)""", app=_REBUILT, after="WITH (fillfactor = 70)"),
    guarded("day_total", f"""
        account_no int4 NOT NULL,
        day int4 NOT NULL, {_SUMS},
        PRIMARY KEY ({_KEY}, day, account_no)""", app=_REBUILT, after="WITH (fillfactor = 70)"),
    guarded("day_count", f"""
        day int4 NOT NULL,
        vouchers bigint NOT NULL CHECK (vouchers >= 0),
        PRIMARY KEY ({_KEY}, day)""", app=_REBUILT, after="WITH (fillfactor = 70)"),
)  # fmt: skip


def upgrade() -> None:
    """Lay the tables of companies and their books."""
    for part in (*_COMPANIES, *_LOG, *_ROWS, *_TOTALS):
        op.execute(part)
