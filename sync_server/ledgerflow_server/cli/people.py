"""`create-user` and `reset-password`: who may sign in; passwords are shown once and kept by nobody."""

import argparse
import os

from ledgerflow_core.sync.roles import Role
from ledgerflow_server.cli.services import Hands, new_password, run_with, server_of
from ledgerflow_server.identity.people import NewUser
from ledgerflow_server.settings.settings import Settings


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Run one of the two commands."""
    act = _create if arguments.command == "create-user" else _reset
    run_with(settings, lambda hands: act(hands, arguments))
    return 0


async def _create(hands: Hands, arguments: argparse.Namespace) -> None:
    tenant = await hands.tenant(arguments.tenant)
    companies = None
    if arguments.company:
        companies = tuple([(await hands.company(tenant, said)).company_no for said in arguments.company])
    password = new_password(os.urandom)
    name = arguments.name or arguments.login
    new = NewUser(arguments.login, name, Role(arguments.role), companies, password)
    user = await hands.people.create(server_of(tenant), new)
    print(f"user          {user.login}, {user.role} of {tenant.name}\nid            {user.public_id}")
    print(f"password      {password}    (shown this once; to be changed at the first sign-in)")


async def _reset(hands: Hands, arguments: argparse.Namespace) -> None:
    tenant = await hands.tenant(arguments.tenant)
    user = await hands.user(tenant, arguments.user)
    password = new_password(os.urandom)
    await hands.people.reset_password(server_of(tenant), user.public_id, password)
    print(f"user          {user.login}; all sessions have ended")
    print(f"password      {password}    (shown this once; to be changed at the first sign-in)")
    if arguments.second_factor:
        await hands.people.remove_second_factor(server_of(tenant), user.public_id)
        print("second factor turned off")
