"""Go to: one list over every screen, report, account, voucher number and command, found as it is typed."""
