/** Do transactions become what they become everywhere? By the vectors that all SDKs and the server read. */
package tallystick.client.offline

import com.google.gson.JsonObject
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertNull
import tallystick.client.build
import tallystick.client.cases
import tallystick.client.messageIn
import tallystick.client.newId
import tallystick.client.text
import tallystick.client.vectors
import tallystick.v1.Account
import tallystick.v1.Category
import tallystick.v1.Conflict
import tallystick.v1.ConflictChoice
import tallystick.v1.ConflictState
import tallystick.v1.CreateAccountRequest
import tallystick.v1.CreateTransactionRequest
import tallystick.v1.DeleteAccountRequest
import tallystick.v1.Entity
import tallystick.v1.ResolveConflictRequest
import tallystick.v1.RestoreAccountRequest
import tallystick.v1.Transaction
import tallystick.v1.TransactionKind
import tallystick.v1.UpdateAccountRequest
import tallystick.v1.UpdateTransactionRequest

private const val ID = "01900000-0000-7000-8000-000000000101"

class ComposingTest {
    private val vectors = vectors("splits.json")

    private fun screen(): Screen =
        Screen().apply {
            for (each in vectors.cases("accounts")) know(Kinds.ACCOUNT, messageIn(each, Account.getDefaultInstance()))
            for (each in vectors.cases("categories")) know(Kinds.CATEGORY, messageIn(each, Category.getDefaultInstance()))
        }

    /** Only what the case says. */
    private fun assertHas(expected: JsonObject, actual: Transaction?, name: String) {
        val told = FIELD_NAMES.filterKeys(expected::has).values
        val empty = Transaction.getDefaultInstance()
        assertEquals(overlay(empty, messageIn(expected, empty), told), actual?.let { overlay(empty, it, told) }, name)
    }

    @Test
    fun `created transactions are what the vectors say`() {
        for (case in vectors.cases("create")) {
            val request = messageIn(case.getAsJsonObject("request"), CreateTransactionRequest.getDefaultInstance())
            val screen = screen()
            screen.act(request.toBuilder().setTransactionId(ID).build())
            val made = screen.get(Kinds.TRANSACTION, ID)
            if (case.has("refused")) assertNull(made, case.text("name"))
            else assertHas(case.getAsJsonObject("transaction"), made, case.text("name"))
        }
    }

    @Test
    fun `changed transactions are what the vectors say`() {
        for (case in vectors.cases("change")) {
            val before = messageIn(case.getAsJsonObject("before"), Transaction.getDefaultInstance())
            val screen = screen()
            screen.know(Kinds.TRANSACTION, before.toBuilder().build { id = ID; bookedOn = bookedOn.ifEmpty { "2026-02-03" } })
            val update = messageIn(case.getAsJsonObject("update"), UpdateTransactionRequest.getDefaultInstance())
            val request = update.toBuilder().setTransactionId(ID).build()
            if (case.has("refused")) screen.refuses(request) else screen.act(request)
            if (!case.has("refused")) assertHas(case.getAsJsonObject("after"), screen.get(Kinds.TRANSACTION, ID), case.text("name"))
        }
    }

    @Test
    fun `an account comes and goes with its opening balance`() {
        val screen = Screen()
        val request = CreateAccountRequest.newBuilder().build {
            name = " Cash "
            currency = "EUR"
            openingBalance = eur(50)
            openingOn = "2026-01-01"
        }
        val (id) = screen.act(request)
        assertEquals("Cash", screen.get(Kinds.ACCOUNT, id)?.name)
        val opening = screen.list(Kinds.TRANSACTION).single()
        assertEquals(TransactionKind.TRANSACTION_KIND_OPENING to 50L, opening.kind to opening.getEntries(0).amount.minor)
        screen.act(DeleteAccountRequest.newBuilder().setAccountId(id).build())
        assertEquals(emptyList(), screen.list(Kinds.TRANSACTION))
        screen.act(RestoreAccountRequest.newBuilder().setAccountId(id).build())
        assertEquals(listOf(opening.id), screen.list(Kinds.TRANSACTION).map { it.id })
        screen.refuses(
            request.toBuilder().setName(" ").build(),
            request.toBuilder().clearOpeningOn().build(),
            request.toBuilder().setCurrency("CHF").build(),
        )
    }

    @Test
    fun `what was chosen in a conflict is shown`() {
        val theirs = Account.newBuilder().setId(ID).setName("Theirs").build()
        val mine = composeCommand(UpdateAccountRequest.newBuilder().setAccountId(ID).setName("Mine").build(), ID)
        val conflict = Conflict.newBuilder().build {
            id = newId()
            targetId = ID
            state = ConflictState.CONFLICT_STATE_OPEN
            this.theirs = Entity.newBuilder().setAccount(theirs).build()
            mutation = mine
        }
        val screen = Screen()
        screen.know(Kinds.ACCOUNT, theirs, deleted = true)
        screen.know(Kinds.CONFLICT, conflict)
        val take = ResolveConflictRequest.newBuilder().build {
            conflictId = conflict.id
            choice = ConflictChoice.CONFLICT_CHOICE_TAKE_MINE
        }
        screen.act(take)
        assertEquals("Mine", screen.get(Kinds.ACCOUNT, ID)?.name)
        assertEquals(ConflictState.CONFLICT_STATE_TOOK_MINE, screen.get(Kinds.CONFLICT, conflict.id)?.state)
        screen.refuses(take)
    }

    private companion object {
        val FIELD_NAMES = mapOf("entries" to "entries", "status" to "status", "impliedRate" to "implied_rate", "privateTo" to "private_to")
    }
}
