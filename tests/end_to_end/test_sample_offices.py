"""What the first walk shows: the sample in two offices, a line that is cut, and one trial balance at the end."""

from pathlib import Path

import pytest

from end_to_end.office import machine_at
from ledgerflow_core.reports.options import ReportOptions
from ledgerflow_desktop.actions import companies, conflict_list, conflicts, reports, resolving
from ledgerflow_desktop.actions.resolving import Decision
from ledgerflow_desktop.sample import story, two_offices
from ledgerflow_desktop.sample.making import make_sample
from ledgerflow_desktop.sample.story import Offices
from ledgerflow_desktop.sample.trial_server import TrialServer

PASSPHRASE = "a walk needs no secret"


@pytest.mark.slow
def test_two_offices_of_the_sample_disagree_and_come_to_one_trial_balance(short_folder: Path, tmp_path: Path) -> None:
    pune, delhi = machine_at(tmp_path, "Pune"), machine_at(tmp_path, "Delhi")
    sample = make_sample(tmp_path / "Sample", PASSPHRASE, pune, vouchers=200)
    meeting = two_offices.meet(TrialServer(short_folder / "trial"), pune.timestamp())
    try:
        with companies.open_company(sample.folder, pune, passphrase=PASSPHRASE) as first:
            two_offices.enrol_first(first, meeting)
            two_offices.sync(first, patience=2)
            joined = two_offices.join_second(tmp_path / "Second", PASSPHRASE, meeting, delhi)
            with companies.open_company(joined, delhi, passphrase=PASSPHRASE) as second:
                offices = Offices(first, second, meeting)
                told: list[str] = []
                invoice = story.disagree(offices, told.append)
                assert "  Delhi office tries to sync: waiting" in told
                (waits,) = conflict_list.listed(second)
                assert (waits.reason, waits.effect) == ("stale-base", invoice.debit_total)
                parked = conflicts.find(second, waits.id)
                resolving.resolve(second, parked, Decision(kind="applied", reason="Three it was"))
                offices.sync_all()
                tables = [reports.run(book, "trial-balance", ReportOptions()) for book in (first, second)]
                assert tables[0].rows == tables[1].rows
                assert conflict_list.listed(first) == []
    finally:
        meeting.end()
