/** How does what happened in a space come into its copy? A page at a time, each in one transaction with the cursor it leads to. */
package tallystick.client.offline

import tallystick.client.build
import tallystick.v1.Change
import tallystick.v1.PullResponse
import tallystick.v1.ResetReason

/** Where a pull goes on. */
internal val SpaceRow.cursorToPull: String get() = shadow?.cursor ?: cursor

/** Somebody else has moved the copy meanwhile: the page belongs to where it was. */
internal class Overtaken : RuntimeException()

/** Keeps a page that was asked for with `asked`. Returns what to tell. */
internal fun keepPage(tx: WriteTx, spaceId: String, asked: String, page: PullResponse): List<BookNews> {
    val found = readSpace(tx, spaceId)
    if (found.cursorToPull != asked) throw Overtaken()
    val isReset = page.reset != ResetReason.RESET_REASON_UNSPECIFIED
    val isFirst = found.cursor.isEmpty() && found.shadow == null
    val space = if (isReset || isFirst) beginShadow(tx, found) else found
    val shadow = space.shadow
    val isWhole = if (shadow == null) keepInCopy(tx, space, page) else keepInShadow(tx, space, shadow, page)
    return buildList {
        if (isWhole) add(BookNews.CHANGED)
        if (isReset) add(BookNews.RESET)
        if (page.changesList.any { it.entity.hasConflict() }) add(BookNews.CONFLICT)
    }
}

/** Keeps changes that follow on where the copy is. */
internal fun keepChanges(tx: WriteTx, spaceId: String, asked: String, cursor: String, changes: List<Change>): List<BookNews> =
    keepPage(
        tx,
        spaceId,
        asked,
        PullResponse.newBuilder().build {
            this.cursor = cursor
            addAllChanges(changes)
        },
    )

/** From now on pulls make the copy anew, beside the one there is. */
internal fun beginShadow(tx: WriteTx, space: SpaceRow): SpaceRow {
    space.shadow?.let { dropCopy(tx, space.spaceId, it.copy) }
    val copy = maxOf(space.copy, space.shadow?.copy ?: 0) + 1
    return space.copy(shadow = Shadow(copy)).also { tx.put(SPACES, it) }
}

private fun keepInCopy(tx: WriteTx, space: SpaceRow, page: PullResponse): Boolean {
    putChanges(tx, space.spaceId, space.copy, page.changesList)
    moveTo(tx, space.copy(cursor = page.cursor, version = reached(space.version, page)))
    return true
}

/** Returns whether it has taken the place of the copy. */
private fun keepInShadow(tx: WriteTx, space: SpaceRow, shadow: Shadow, page: PullResponse): Boolean {
    putChanges(tx, space.spaceId, shadow.copy, page.changesList)
    val version = reached(shadow.version, page)
    if (page.atHead) {
        dropCopy(tx, space.spaceId, space.copy)
        sendAgain(tx, space.spaceId)
        moveTo(tx, SpaceRow(space.spaceId, shadow.copy, page.cursor, version, space.next))
    } else {
        tx.put(SPACES, space.copy(shadow = Shadow(shadow.copy, page.cursor, version)))
    }
    return page.atHead
}

private fun moveTo(tx: WriteTx, space: SpaceRow) {
    tx.put(SPACES, space)
    dropMirrored(tx, space.spaceId, space.version)
}

/** A copy at the head has reached it, also where the newest commits changed nothing that the user sees. */
private fun reached(version: Long, page: PullResponse): Long =
    maxOf(version, page.changesList.maxOfOrNull { it.version } ?: 0, if (page.atHead) page.head else 0)
