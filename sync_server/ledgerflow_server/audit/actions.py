"""The acts the audit log knows, by the names they are stored under."""

from enum import StrEnum


class Action(StrEnum):
    """What happened. A name that was once written is never given another meaning."""

    SIGNED_IN = "signed-in"
    SIGN_IN_REFUSED = "sign-in-refused"
    SIGN_IN_THROTTLED = "sign-in-throttled"
    SIGNED_OUT = "signed-out"
    REFRESH_REUSED = "refresh-reused"
    TOTP_BEGUN = "totp-begun"
    TOTP_CONFIRMED = "totp-confirmed"
    TOTP_REMOVED = "totp-removed"
    RECOVERY_CODE_USED = "recovery-code-used"
    PASSWORD_CHANGED = "password-changed"  # noqa: S105 - the name of an act
    USER_CREATED = "user-created"
    USER_CHANGED = "user-changed"
    COMPANY_CREATED = "company-created"
    COMPANY_CHANGED = "company-changed"
    COMPANY_BOUND = "company-bound"
    CODE_CREATED = "code-created"
    CODE_REUSED = "code-reused"
    DEVICE_ENROLLED = "device-enrolled"
    REPLICA_REGISTERED = "replica-registered"
    DEVICE_REVOKED = "device-revoked"
    REVOKED_DEVICE_CAME = "revoked-device-came"
    SIGNATURE_WRONG = "signature-wrong"
    REPLICA_FORKED = "replica-forked"
    EVENT_ID_REUSED = "event-id-reused"
    BATCH_REFUSED = "batch-refused"
    EXPORTED = "exported"
    RECOVERY_BEGUN = "recovery-begun"
    RECOVERY_ENDED = "recovery-ended"
    VERIFICATION_FAILED = "verification-failed"
    EXPORT_ASKED = "export-asked"
    TENANT_RESTORED = "tenant-restored"
