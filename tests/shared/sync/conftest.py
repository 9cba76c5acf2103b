"""A company at a server, and an office of it."""

import pytest

from ledgerflow_core.events.event import CompanyCreated
from shared.sync.replica_session import COMPANY, Company
from simulation.sim_replica import SimReplica


@pytest.fixture
def company() -> Company:
    return Company.served()


@pytest.fixture
def office(company: Company) -> SimReplica:
    replica = company.office()
    replica.write(CompanyCreated(company=COMPANY))
    return replica
