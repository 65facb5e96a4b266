/** Which tables are there? What changes here changes the files of all devices: then `FORMAT` rises, and old files are brought up to it. */
package tallystick.client.offline

import tallystick.client.offline.ColumnType.BLOB
import tallystick.client.offline.ColumnType.INTEGER
import tallystick.client.offline.ColumnType.TEXT

// Stands for no shadow: no copy has this number.
private const val NONE = -1L
private const val BETWEEN_TARGETS = " "

internal val SPACES: Table<SpaceRow> =
    Table(
        "spaces",
        1,
        listOf(
            Column("space_id", TEXT),
            Column("copy", INTEGER),
            Column("cursor", TEXT),
            Column("version", INTEGER),
            Column("next", INTEGER),
            Column("shadow_copy", INTEGER),
            Column("shadow_cursor", TEXT),
            Column("shadow_version", INTEGER),
        ),
        { with(it.shadow ?: Shadow(NONE)) { listOf(it.spaceId, it.copy, it.cursor, it.version, it.next, copy, cursor, version) } },
        {
            val space = SpaceRow(it.text(), it.number(), it.text(), it.number(), it.number())
            space.copy(shadow = Shadow(it.number(), it.text(), it.number()).takeUnless { shadow -> shadow.copy == NONE })
        },
    )

internal val ENTITIES: Table<EntityRow> =
    Table(
        "entities",
        4,
        listOf(
            Column("space_id", TEXT),
            Column("copy", INTEGER),
            Column("kind", TEXT),
            Column("id", TEXT),
            Column("version", INTEGER),
            Column("deleted", INTEGER),
            Column("body", BLOB),
        ),
        { listOf(it.spaceId, it.copy, it.kind, it.id, it.version, numberOf(it.deleted), it.body) },
        { EntityRow(it.text(), it.number(), it.text(), it.text(), it.number(), it.flag(), it.bytes()) },
    )

internal val SUMS: Table<SumRow> =
    Table(
        "sums",
        3,
        listOf(Column("space_id", TEXT), Column("copy", INTEGER), Column("account_id", TEXT), Column("minor", INTEGER)),
        { listOf(it.spaceId, it.copy, it.accountId, it.minor) },
        { SumRow(it.text(), it.number(), it.text(), it.number()) },
    )

internal val OUTBOX: Table<OutboxRow> =
    Table(
        "outbox",
        2,
        listOf(
            Column("space_id", TEXT),
            Column("position", INTEGER),
            Column("request_id", TEXT),
            Column("targets", TEXT),
            Column("body", BLOB),
            Column("sent", INTEGER),
            Column("version", INTEGER),
            Column("reissued", INTEGER),
        ),
        {
            val targets = it.targets.joinToString(BETWEEN_TARGETS)
            listOf(it.spaceId, it.position, it.requestId, targets, it.body, numberOf(it.sent), it.version, numberOf(it.reissued))
        },
        {
            val (spaceId, position, requestId) = Triple(it.text(), it.number(), it.text())
            val targets = it.text().split(BETWEEN_TARGETS).filter(String::isNotEmpty)
            OutboxRow(spaceId, position, requestId, targets, it.bytes(), it.flag(), it.number(), it.flag())
        },
    )

internal val TRAY: Table<TrayRow> =
    Table(
        "tray",
        2,
        listOf(
            Column("space_id", TEXT),
            Column("position", INTEGER),
            Column("request_id", TEXT),
            Column("blocked_by", TEXT),
            Column("body", BLOB),
            Column("rejection", BLOB),
        ),
        { listOf(it.spaceId, it.position, it.requestId, it.blockedBy, it.body, it.rejection) },
        { TrayRow(it.text(), it.number(), it.text(), it.text(), it.bytes(), it.bytes()) },
    )

internal val DRAFTS: Table<DraftRow> =
    Table(
        "drafts",
        2,
        listOf(Column("space_id", TEXT), Column("position", INTEGER), Column("body", BLOB)),
        { listOf(it.spaceId, it.position, it.body) },
        { DraftRow(it.text(), it.number(), it.bytes()) },
    )

internal val REPLACED: Table<ReplacedRow> =
    Table(
        "replaced",
        2,
        listOf(Column("space_id", TEXT), Column("position", INTEGER), Column("request_id", TEXT), Column("body", BLOB)),
        { listOf(it.spaceId, it.position, it.requestId, it.body) },
        { ReplacedRow(it.text(), it.number(), it.text(), it.bytes()) },
    )

internal val TABLES: List<Table<*>> = listOf(SPACES, ENTITIES, SUMS, OUTBOX, TRAY, DRAFTS, REPLACED)

private fun numberOf(flag: Boolean): Long = if (flag) 1 else 0
