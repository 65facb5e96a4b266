"""Is it decided of every table whether an archive of the whole server has it?"""

from tallystick import schema
from tallystick.backups.whole.selection import KEYS, LEFT_OUT, choose

# What people made, what follows from it, and what tells that it is whole.
OF_SPACES = {
    *("space", "user_space", "member", "invitation", "invitation_route", "journal", "answer", "audit", "conflict"),
    *("book", "account", "category", "payee", "payment_method", "tag", "transaction", "transaction_tag", "entry"),
    *("balance", "total", "rate", "reconciliation", "rule", "template", "group_link"),
    *("budget", "budget_item", "budget_move"),
    *("expense_group", "expense", "expense_comment", "recurring_expense", "settlement", "settlement_plan", "tally"),
    *("profile", "join_request", "group_listing"),
    *("preferences", "display", "client_value", "notification", "notification_preferences", "webhook"),
    # The entity of a file, what opens its content, and where that lies; without one of them the content is lost.
    *("file", "file_key", "file_content"),
    # What backups users have, and their permission to reach them.
    *("backup", "backup_restore", "backup_schedule", "backup_target", "backup_target_memory"),
    # Rows that wait for somebody's decision, and the secret by which rows are known again.
    *("file_import", "import_profile", "import_row", "import_secret"),
}
OF_USERS = {"login", "access_key", "answer_apart"}
# How far jobs are: what was told, booked or mailed is not told, booked or mailed again.
OF_JOBS = {
    *(
        "job_run",
        "template_due",
        "recurring_due",
        "reminder_due",
        "spending_due",
        "digest_due",
        "provider_rate",
        "backup_due",
    ),
    *("group_follow", "notice_follow", "webhook_follow", "webhook_attempt", "webhook_dead_letter"),
    # Which archives lie at which target: retention goes on where it was.
    "backup_run",
    "backup_trouble",
    "replaced_space",
}


def test_every_table_is_taken_or_left_out() -> None:
    """If you are here because this failed, you added a table. It is in every archive by itself. To fix: say here that it should be, or in
    `LEFT_OUT` why it is not: nobody misses it after a restore on an empty machine."""
    assert not {*LEFT_OUT} & (OF_SPACES | OF_USERS | OF_JOBS)
    assert {*schema.metadata.tables} == {*OF_SPACES, *OF_USERS, *OF_JOBS, *LEFT_OUT, KEYS}
    assert all(LEFT_OUT.values())


def test_what_is_taken_is_what_is_said_here() -> None:
    found = {name: tuple(table.columns.keys()) for name, table in schema.metadata.tables.items()}
    assert {each.name for each in choose(found, found)} == OF_SPACES | OF_USERS | OF_JOBS
