/** What does the screen show while commands wait? What the rules of the server make of them, until the server's word comes. */
package tallystick.client.offline

import com.google.protobuf.MessageLite
import tallystick.client.build
import tallystick.v1.ConflictChoice
import tallystick.v1.ConflictState
import tallystick.v1.Entity
import tallystick.v1.Mutation
import tallystick.v1.ResolveConflictRequest

/** The view of a copy with mutations laid over it, one after the other. */
internal fun applyAll(mutations: List<Mutation>, below: Below, spaceId: String, userId: String = ""): View {
    val view = View(below)
    for (mutation in mutations) view.attempt { apply(it, mutation, spaceId, userId) }
    return view
}

/** What there is no rule for leaves the view as it is. */
private fun apply(view: View, mutation: Mutation, spaceId: String, userId: String) {
    val command = commandIn(mutation) ?: return
    val made = Made(spaceId, userId, mutation.madeAt.takeIf { mutation.hasMadeAt() })
    if (command is ResolveConflictRequest) return resolveConflict(view, command, made)
    applyToTransactions(view, command, made)
    applyInLedger(view, command, made)
    applyInHome(view, command, made)
    applyToNotifications(view, command, made)
    applyToBudgets(view, command, made)
    applyToWebhooks(view, command, made)
    applyToFiles(view, command)
    applyInGroup(view, command, made)
}

/** The conflict leaves the inbox, and what was chosen is shown. */
private fun resolveConflict(view: View, request: ResolveConflictRequest, made: Made) {
    val conflict = view.require(Kinds.CONFLICT, request.conflictId)
    if (conflict.state != ConflictState.CONFLICT_STATE_OPEN) return
    val takesMine = request.choice == ConflictChoice.CONFLICT_CHOICE_TAKE_MINE
    val state = if (takesMine) ConflictState.CONFLICT_STATE_TOOK_MINE else ConflictState.CONFLICT_STATE_KEPT_THEIRS
    view.put(Kinds.CONFLICT, conflict.toBuilder().build { this.state = state })
    if (!takesMine || !conflict.hasMutation()) return
    Kinds.byCase[conflict.theirs.kindCase]?.let { bringBack(view, it, conflict.targetId, conflict.theirs) }
    view.attempt { apply(it, conflict.mutation, made.spaceId, made.userId) }
}

private fun <M : MessageLite> bringBack(view: View, kind: Kind<M>, id: String, theirs: Entity) {
    if (view.find(kind, id)?.deleted == true) view.put(kind, kind.of(theirs))
}
