"""A company at a server, and an office of it."""

import random
import uuid

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledgerflow_core.events.event import CompanyCreated
from shared.sync.replica_session import COMPANY, Company
from simulation.sim_replica import SimReplica
from simulation.sim_server import SimServer


@pytest.fixture
def company() -> Company:
    chance = random.Random(7)

    def new_id() -> str:
        return str(uuid.UUID(int=chance.getrandbits(128), version=4))

    def new_key() -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(chance.randbytes(32))

    return Company(SimServer(COMPANY.id, new_key(), new_id), new_id, new_key)


@pytest.fixture
def office(company: Company) -> SimReplica:
    replica = company.office()
    replica.write(CompanyCreated(company=COMPANY))
    return replica
