"""The job queue (procrastinate 3.10.0) in a schema of its own; the server may add jobs inside its own transactions."""

from importlib import resources

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# A job is rows and nothing more: its arguments name numbers and ids, never what stands in them. The server adds jobs
# and learns their number; it cannot read or change any.
_GRANTS = """
    GRANT USAGE ON SCHEMA jobs TO lf_app;
    REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA jobs FROM PUBLIC;
    ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
    GRANT EXECUTE ON FUNCTION jobs.procrastinate_defer_jobs_v1(jobs.procrastinate_job_to_defer_v1[]) TO lf_app;
    GRANT INSERT, SELECT (id) ON jobs.procrastinate_jobs TO lf_app;
    GRANT INSERT ON jobs.procrastinate_events TO lf_app;
    GRANT USAGE ON SEQUENCE jobs.procrastinate_jobs_id_seq, jobs.procrastinate_events_id_seq TO lf_app;
"""


def upgrade() -> None:
    """Make procrastinate's own tables, owned by the role that runs the queue."""
    connection = op.get_bind()
    schema = resources.files("procrastinate").joinpath("sql", "schema.sql").read_text("utf-8")
    for statement in (
        "SET LOCAL ROLE lf_migrate",
        "CREATE SCHEMA jobs AUTHORIZATION lf_queue",
        "SET LOCAL ROLE lf_queue",
        "SET LOCAL search_path = jobs, pg_temp",
        schema,
        _GRANTS,
        "SET LOCAL search_path = pg_catalog, pg_temp",
        "SET LOCAL ROLE lf_owner",
    ):
        # Without parameters psycopg takes the text as it stands, percent signs and several statements alike.
        connection.exec_driver_sql(statement, execution_options={"no_parameters": True})
