"""Which of our errors is a violated constraint? By its name; a name that is not here is a fault of ours."""

from collections.abc import Callable

import psycopg

from tallystick.errors import Duplicate, NotVisible, TallystickError
from tallystick.v1.error_reason_pb2 import ErrorReason


def _id_taken() -> TallystickError:
    return Duplicate(ErrorReason.ERROR_REASON_ID_TAKEN, "The id is taken.")


def _already_member() -> TallystickError:
    return Duplicate(ErrorReason.ERROR_REASON_ALREADY_MEMBER, "Is a member already.")


ERRORS: dict[str, Callable[[], TallystickError]] = {
    "pk_member": _id_taken,
    "uq_member_space_id_user_id": _already_member,
    "pk_invitation": _id_taken,
    "pk_book": _id_taken,
    "pk_account": _id_taken,
    "pk_category": _id_taken,
    "pk_transaction": _id_taken,
    "pk_payee": _id_taken,
    "pk_payment_method": _id_taken,
    "pk_tag": _id_taken,
    "pk_rule": _id_taken,
    "pk_template": _id_taken,
    "pk_reconciliation": _id_taken,
    "pk_expense_group": _id_taken,
    "pk_expense": _id_taken,
    "pk_expense_comment": _id_taken,
    "pk_recurring_expense": _id_taken,
    "pk_settlement": _id_taken,
    "pk_settlement_plan": _id_taken,
    "pk_budget": _id_taken,
    "pk_budget_item": _id_taken,
    "pk_budget_move": _id_taken,
    "pk_webhook": _id_taken,
    "pk_file": _id_taken,
    "pk_file_content": _id_taken,
    "pk_file_import": _id_taken,
    "fk_category_space_id_parent_id": NotVisible,
}

# Violations that no request can cause: the door or a command would have had to go wrong. tests/migrations holds every
# constraint of the schema against both lists.
IMPOSSIBLE = frozenset(
    {
        # Put in only where there is none.
        "pk_space",
        "pk_user_space",
        "pk_space_key",
        "pk_journal",
        "pk_answer",
        "pk_answer_apart",
        "pk_audit",
        # Keys that are made here at random, or rows that are put in only where there are none.
        "pk_invitation_route",
        "pk_conflict",
        "pk_login",
        "pk_profile",
        "pk_backup_run",
        "pk_backup_trouble",
        "pk_replaced_space",
        "pk_session",
        "pk_refresh_token",
        "pk_mail_token",
        "pk_known_device",
        "pk_access_key",
        "uq_access_key_secret_hash",
        "pk_throttle",
        "pk_signing_key",
        "pk_quota_use",
        # Whoever registers holds the lock of the address, and looks first.
        "uq_login_email_hash",
        "pk_transaction_tag",
        "pk_template_due",
        "pk_job_run",
        "pk_provider_rate",
        "pk_rate",
        "pk_entry",
        "pk_balance",
        "pk_total",
        "pk_join_request",
        "pk_group_link",
        "pk_tally",
        "pk_group_listing",
        "pk_recurring_due",
        "pk_group_follow",
        # Their ids follow from what they are about, and whoever makes one looks first.
        "pk_preferences",
        "pk_display",
        "pk_client_value",
        "pk_import_profile",
        "pk_import_row",
        "pk_import_secret",
        "pk_webhook_follow",
        "pk_webhook_attempt",
        "pk_webhook_dead_letter",
        # Made, or made anew, together with the content that it opens.
        "pk_file_key",
        # Put in, or replaced by their key.
        "pk_backup_restore",
        "pk_backup_target",
        "pk_backup_target_memory",
        "pk_backup",
        "pk_backup_schedule",
        # Rows that are put in where none is, or whose ids follow from what is told.
        "pk_notice_follow",
        "pk_backup_due",
        "pk_reminder_due",
        "pk_spending_due",
        "pk_digest_due",
        "pk_device_due",
        "pk_notification",
        "pk_notification_preferences",
    }
)


def find_error(violation: psycopg.errors.IntegrityError) -> TallystickError | None:
    name = violation.diag.constraint_name
    make = ERRORS.get(name) if name else None
    return make() if make else None
