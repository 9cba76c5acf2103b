"""Role by permission by company, all of them: the table as it is meant, written down a second time."""

import pytest

from ledgerflow_core.sync.roles import Role
from ledgerflow_server.edge.problems import Refused
from ledgerflow_server.identity import rights
from ledgerflow_server.identity.rights import Permission
from ledgerflow_server.tenancy.principal import Principal

# A person of all companies. One letter a permission, in the order of the heading; "-" is no.
TABLE = """
   read-books resolve export see-devices manage-devices manage-people manage-companies read-audit export-tenant
owner       y          y       y      y           y              y             y                y          y
admin       y          y       y      y           y              y             y                y          y
accountant  y          y       y      -           -              -             -                -          -
branch      y          -       -      -           -              -             -                -          -
viewer      y          -       -      -           -              -             -                -          -
auditor     y          -       y      y           -              -             -                y          -
"""
_HEADING, *_LINES = [line.split() for line in TABLE.strip().splitlines()]
ALLOWED = {
    (Role(role), Permission(permission)): said == "y"
    for role, *row in _LINES
    for permission, said in zip(_HEADING, row, strict=True)
}
OF_THE_TENANT = {
    Permission.MANAGE_PEOPLE,
    Permission.MANAGE_COMPANIES,
    Permission.READ_AUDIT,
    Permission.EXPORT_TENANT,
}
OF_A_DEVICE = {Permission.READ_BOOKS, Permission.RESOLVE, Permission.EXPORT}
EVERY = [(role, permission) for role in Role for permission in Permission]


def test_the_table_is_about_every_role_and_permission() -> None:
    assert set(ALLOWED) == {pair for pair in EVERY if pair[1] is not Permission.SYNC}


@pytest.mark.parametrize(("role", "permission"), EVERY)
@pytest.mark.parametrize("companies", [None, (), (1,), (1, 2)])
@pytest.mark.parametrize("company_no", [None, 1, 2])
def test_what_a_person_may_do(
    role: Role, permission: Permission, companies: tuple[int, ...] | None, company_no: int | None
) -> None:
    person = Principal(1, user_no=1, role=role, companies=companies)
    seen = company_no is None or companies is None or company_no in companies
    wanted = ALLOWED.get((role, permission), False) and seen
    if companies is not None and permission in OF_THE_TENANT:
        wanted = False
    assert rights.may(person, permission, company_no) is wanted
    if not wanted:
        with pytest.raises(Refused) as caught:
            rights.require(person, permission, company_no)
        assert caught.value.status == (403 if seen else 404)


@pytest.mark.parametrize(("role", "permission"), EVERY)
def test_a_device_syncs_and_reads_as_its_person_may_and_manages_nothing(role: Role, permission: Permission) -> None:
    device = Principal(1, user_no=1, device_no=1, role=role, companies=(1,))
    wanted = permission is Permission.SYNC or (permission in OF_A_DEVICE and ALLOWED[role, permission])
    assert rights.may(device, permission, 1) is wanted
    assert not rights.may(device, permission, 2)


def test_only_owners_stand_above_admins_and_both_above_the_rest() -> None:
    above = {(one, other) for one in Role for other in Role if rights.outranks(one, other)}
    rest = set(Role) - {Role.OWNER, Role.ADMIN}
    assert above == {(Role.OWNER, Role.ADMIN)} | {(one, other) for one in (Role.OWNER, Role.ADMIN) for other in rest}
