"""What a problem means for whoever runs the server, and the command that mends it."""

from ledgerflow_core.errors import Problem

_SENTENCES = {
    "unknown-setting": "there is no such setting; 'ledgerflow-server settings' lists them",
    "wrong-setting": "must be {wanted}",
    "setting-without-its-pair": "is missing: certificate and key are given together",
    "config-unreadable": "cannot be read as TOML ({reason})",
    "keys-missing": "is not there; on a new machine: ledgerflow-server init",
    "keys-damaged": "does not hold what it should; put it back from the backup of the data folder",
    "keys-exist": "stands already and is not overwritten",
    "key-readable-by-others": "others may read it (mode {mode}): chmod 600 it",
    "insecure-beyond-loopback": "plain HTTP is for loopback only, not for {host}: set LEDGERFLOW_HOST=127.0.0.1, "
    "or leave out --insecure-loopback",
    "database-unavailable": "the database does not answer: {reason}",
    "database-secrets-unreadable": "cannot be used: {reason}",
    "database-too-old": "PostgreSQL {version} is too old; {wanted} or newer is needed",
    "embedded-database-failed": "our own PostgreSQL failed: {reason}",
    "schema-behind": "the database is at revision '{schema}', this program needs '{wanted}': ledgerflow-server migrate",
    "role-refused": "the database does not let this role in; its passwords were changed: ledgerflow-server migrate",
    "tenancy-unsafe": "the database does not keep tenants apart ({violations} faults, first: {rule} {detail}): "
    "ledgerflow-server doctor",
    "no-such-tenant": "there is no such tenant; there are: {known}",
    "which-tenant": "there are several ({known}): say which with --tenant",
    "no-such-company": "there is no such company; there are: {known}",
    "which-company": "there are several ({known}): say which with --company",
    "no-such-user": "there is no such user; there are: {known}",
    "which-user": "there are several ({known}): say which",
    "no-such-device": "there is no such device; there are: {known}",
    "which-device": "several have this name ({known}): give the id",
    "server-itself": "this is the server itself, which cannot be shut out",
    "no-such-job": "no job of this number has failed; 'ledgerflow-server jobs' shows those that have",
    "login-taken": "another user has this login",
    "bad-tenant-name": "is no name of a tenant: 1 to {most} characters",
    "backup-damaged": "the backup is not as it was written ({reason}): take another one",
    "passphrase-wrong": "the passphrase does not open this backup",
    "passphrase-too-short": "the passphrase must have {least} characters or more",
    "no-terminal": "there is no terminal to ask for the passphrase at; give it with --passphrase-fd",
    "no-such-folder": "there is no such folder; make it first (a new file is named with an ending: today.backup)",
    "passphrases-differ": "the two are not the same",
    "backup-newer": "the backup is of a newer version (revision {backup}, this program has {program}): upgrade first",
    "backup-of-another-version": "the backup is of revision {backup}, this program has {program}: restore the whole "
    "backup elsewhere and migrate it",
    "backup-of-another-server": "this server has another key: the tenant's seals cannot be opened here",
    "backup-not-proven": "what was restored from it is not as it was written; see the findings above",
    "restore-would-overwrite": "stands here and is another one; restore into an empty data folder",
    "database-not-empty": "the database has tenants already; restore into an empty one",
    "tenant-lives": "this tenant is here and is not overwritten",
    "tenant-number-taken": "its number is another tenant's by now ({by}): restore the whole backup elsewhere",
    "server-is-running": "stop 'serve' and 'worker' first: they go by the old life of the log",
    "not-confirmed": "was not confirmed; nothing was done",
    "port-taken": "another program listens there; end it or set LEDGERFLOW_PORT",
    "address-unusable": "cannot be listened on ({reason}); set LEDGERFLOW_HOST",
}


def line(problem: Problem) -> str:
    """Return one line: place, sentence, code. A problem without a sentence shows its facts."""
    facts = {name: "" if value is None else str(value) for name, value in problem.facts.items()}
    try:
        said = _SENTENCES[problem.code].format_map(facts)
    except KeyError:
        said = ", ".join(f"{name} {value}" for name, value in facts.items()) or problem.code.replace("-", " ")
    return f"{problem.place}: {said} [{problem.code}]" if problem.place else f"{said} [{problem.code}]"
