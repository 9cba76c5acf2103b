"""Alembic's entry: run the steps as the tables' owner on the connection that was handed in, one transaction each."""

from alembic import context

connection = context.config.attributes["connection"]
connection.exec_driver_sql("SET ROLE lf_owner")
connection.exec_driver_sql("CREATE SCHEMA IF NOT EXISTS lf")
connection.commit()
context.configure(
    connection=connection,
    target_metadata=None,
    transaction_per_migration=True,
    version_table="schema_version",
    version_table_schema="lf",
)
with context.begin_transaction():
    context.run_migrations()
