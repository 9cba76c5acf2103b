"""`enrol-code` and `revoke-device`: how a device gets in, and how it is shut out."""

import argparse

from ledgerflow_core.errors import refuse
from ledgerflow_server.app import authority_of
from ledgerflow_server.cli import addresses
from ledgerflow_server.cli.services import Hands, pick, run_with, server_of
from ledgerflow_server.companies.repository import Company
from ledgerflow_server.devices.endpoints import whole_code
from ledgerflow_server.devices.repository import Device, server_device
from ledgerflow_server.identity.repository import User
from ledgerflow_server.keys import certificates
from ledgerflow_server.ledger.service.own_replica import DEVICE_NAME
from ledgerflow_server.settings.settings import Settings
from ledgerflow_server.tenancy.directory import Tenant

HOURS_MOST = 168


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Run one of the two commands."""
    act = _code if arguments.command == "enrol-code" else _revoke
    run_with(settings, lambda hands: act(hands, arguments))
    return 0


async def make_code(hands: Hands, tenant: Tenant, company: Company, user: User, hours: int) -> None:
    """Make a code and print it with the line that uses it."""
    made = await hands.devices.new_code(server_of(tenant), company.company_no, user.public_id, hours)
    authority = authority_of(hands.services.settings)
    code = whole_code(made.code, certificates.fingerprint(authority) if authority else "")
    print(f"code          {code}")
    print(f"              for one device of {user.login} in {company.name}, within {hours} hours")
    print(f"on the device ledgerflow enrol BOOK {addresses.public_url(hands.services.settings)} {code}")


async def _code(hands: Hands, arguments: argparse.Namespace) -> None:
    if not 1 <= arguments.hours <= HOURS_MOST:
        raise refuse("wrong-setting", "--hours", wanted=f"a whole number from 1 to {HOURS_MOST}")
    tenant = await hands.tenant(arguments.tenant)
    company = await hands.company(tenant, arguments.company)
    await make_code(hands, tenant, company, await hands.user(tenant, arguments.user), arguments.hours)


async def _revoke(hands: Hands, arguments: argparse.Namespace) -> None:
    tenant = await hands.tenant(arguments.tenant)
    devices = (await hands.devices.all(server_of(tenant))).devices
    if _is_server(arguments.device.casefold(), tenant, devices):
        raise refuse("server-itself", "device")
    device = pick("device", devices, arguments.device, lambda one: (one.public_id, one.name))
    await hands.devices.revoke(server_of(tenant), device.public_id)
    print(f"{device.name} ({device.public_id}) is shut out.")


def _is_server(said: str, tenant: Tenant, devices: list[Device]) -> bool:
    """Whether the server's own device is meant: offices see it by its name, which a device of people may have too."""
    if said == DEVICE_NAME.casefold():
        return said not in (device.name.casefold() for device in devices)
    return said == server_device(tenant.public_id)
