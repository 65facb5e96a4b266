"""Does sync know every write and every entity? Whoever adds one must not have to remember."""

from tallystick import contract, schema
from tallystick.proof.proving import entities_of
from tallystick.store.command import name_of
from tallystick.v1.sync_mutation_pb2 import Mutation
from tallystick.v1.sync_pb2 import Entity

# Signing in, and what belongs to it, needs the server there and then.
SIGNING = {
    *(
        "Register",
        "Login",
        "RefreshSession",
        "Logout",
        "ForgotPassword",
        "ResetPassword",
        "VerifyEmail",
        "SendVerification",
    ),
    *("ChangePassword", "RevokeSession", "DeleteMe", "CreateAccessKey", "RevokeAccessKey"),
}
# They make, hide, enter or leave a space, or mail somebody: no outbox of that space can hold them.
AROUND_SPACES = {
    *("CreateBook", "DeleteBook", "RestoreBook", "LeaveSpace"),
    *("CreateGroup", "DeleteGroup", "RestoreGroup", "JoinGroup"),
    *("Invite", "AcceptInvitation", "DeclineInvitation", "CancelInvitation", "JoinByCode"),
}
# They show a secret, or ask an address there and then.
HERE_AND_NOW = {"CreateWebhook", "RotateWebhookSecret", "TestWebhook", "ReplayWebhook"}
# Contents come while the server is there.
BRINGING = {"StartUpload", "UploadPart", "FinishUpload", "CancelUpload", "Upload"}
# They are about files and rows that only the server has.
ON_FILES = {
    *("CreateImport", "UpdateImportMapping", "UpdateImportRows", "ProcessImport", "RevertImport"),
    *("DeleteImport", "DeleteImportProfile"),
}
# They are about places that only the server reaches, and say there and then whether it did.
OF_BACKUPS = {
    *("ConnectTarget", "CompleteConnection", "RemoveTarget"),
    *("CreateBackup", "VerifyBackup", "RestoreBackup", "DeleteBackup", "SetBackupSchedule", "RemoveBackupSchedule"),
}
# They carry others.
CARRYING = {"Push"}
# Only owners see them, and copies do not ask for roles.
ON_THE_SERVER_ONLY = {"invitation"}


def test_every_write_is_a_mutation() -> None:
    """If you are here because this failed, you added a call that writes. To fix: add its request to the oneof in sync_mutation.proto and
    name its command in the feature's pushed.py; or say above why it cannot wait in an outbox."""
    writes = (
        {rpc.name for rpc in contract.rpcs().values() if rpc.is_write}
        - SIGNING
        - AROUND_SPACES
        - HERE_AND_NOW
        - BRINGING
        - ON_FILES
        - OF_BACKUPS
        - CARRYING
    )
    fields = Mutation.DESCRIPTOR.oneofs_by_name["command"].fields
    assert {field.name for field in fields} == {name_of(name) for name in writes}
    assert {field.message_type.name for field in fields if field.message_type} == {f"{name}Request" for name in writes}


def test_every_entity_is_a_change() -> None:
    """If you are here because this failed, you added an entity. To fix: add it to the oneof in sync.proto, by the name of its table, and
    name it in the feature's pushed.py."""
    kinds = {entity.kind: entity.message_type.DESCRIPTOR.full_name for entity in entities_of(schema)}
    fields = Entity.DESCRIPTOR.oneofs_by_name["kind"].fields
    sent = {field.name: field.message_type.full_name for field in fields if field.message_type}
    assert sent == {kind: name for kind, name in kinds.items() if kind not in ON_THE_SERVER_ONLY}
