/** What does a device show of a book whose commands wait, beyond what the vectors say? As the server would have it. */
package tallystick.client.offline

import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertNull
import tallystick.client.build
import tallystick.client.newId
import tallystick.v1.Account
import tallystick.v1.BatchDeleteTransactionsRequest
import tallystick.v1.BatchUpdateTransactionsRequest
import tallystick.v1.Category
import tallystick.v1.CategoryKind
import tallystick.v1.CloseAccountRequest
import tallystick.v1.CreateRuleRequest
import tallystick.v1.CreateTagRequest
import tallystick.v1.CreateTransactionRequest
import tallystick.v1.DeleteAccountRequest
import tallystick.v1.DeleteCategoryRequest
import tallystick.v1.DeleteTransactionRequest
import tallystick.v1.Entry
import tallystick.v1.Payee
import tallystick.v1.ReopenAccountRequest
import tallystick.v1.ReorderCategoriesRequest
import tallystick.v1.RestoreAccountRequest
import tallystick.v1.RestoreCategoryRequest
import tallystick.v1.RestorePayeeRequest
import tallystick.v1.RestoreTransactionRequest
import tallystick.v1.Transaction
import tallystick.v1.TransactionDraft
import tallystick.v1.TransactionKind
import tallystick.v1.TransactionStatus
import tallystick.v1.TransactionUpdate
import tallystick.v1.UpdateAccountRequest
import tallystick.v1.UpdateTagRequest
import tallystick.v1.UpdateTransactionRequest

class LedgerTest {
    private val user = newId()
    private val screen = Screen(user)
    private val cash = Account.newBuilder().setId(newId()).setName("Cash").setCurrency("EUR").build()
    private val food = category("Food")

    init {
        screen.know(Kinds.ACCOUNT, cash)
    }

    private fun category(name: String, parentId: String = ""): Category =
        Category.newBuilder().build {
            id = newId()
            this.name = name
            this.parentId = parentId
            kind = CategoryKind.CATEGORY_KIND_EXPENSE
        }.also { screen.know(Kinds.CATEGORY, it) }

    private fun expense(write: CreateTransactionRequest.Builder.() -> Unit = {}): CreateTransactionRequest =
        CreateTransactionRequest.newBuilder().build {
            kind = TransactionKind.TRANSACTION_KIND_EXPENSE
            accountId = cash.id
            amount = eur(5)
            bookedOn = "2026-02-03"
            write()
        }

    private fun change(id: String, write: TransactionDraft.Builder.() -> Unit): UpdateTransactionRequest =
        UpdateTransactionRequest.newBuilder().setTransactionId(id).setChange(TransactionDraft.newBuilder().build(write)).build()

    private fun reconciled(deleted: Boolean = false): Transaction {
        val entry = Entry.newBuilder().build {
            accountId = cash.id
            categoryId = food.id
            amount = eur(-5)
            status = TransactionStatus.TRANSACTION_STATUS_RECONCILED
        }
        val transaction = Transaction.newBuilder().build {
            id = newId()
            kind = TransactionKind.TRANSACTION_KIND_EXPENSE
            bookedOn = "2026-02-03"
            addEntries(entry)
            status = entry.status
        }
        screen.know(Kinds.TRANSACTION, transaction, deleted)
        return transaction
    }

    private fun statusOf(id: String): TransactionStatus? = screen.get(Kinds.TRANSACTION, id)?.status

    @Test
    fun `what a statement covers stays, unless somebody unlocks it`() {
        val id = reconciled().id
        val dearer = change(id) { amount = eur(6) }
        screen.refuses(dearer, change(id) { bookedOn = "2026-02-04" }, DeleteTransactionRequest.newBuilder().setTransactionId(id).build())
        screen.act(change(id) { note = "described" })
        assertEquals(TransactionStatus.TRANSACTION_STATUS_RECONCILED, statusOf(id))
        screen.act(dearer.toBuilder().setUnlock(true).build())
        assertEquals(TransactionStatus.TRANSACTION_STATUS_CLEARED, statusOf(id))
        assertEquals(-6, screen.get(Kinds.TRANSACTION, id)?.getEntries(0)?.amount?.minor)
    }

    @Test
    fun `what comes back has no categories that are gone, and no statement`() {
        val transaction = reconciled(deleted = true)
        val restore = RestoreTransactionRequest.newBuilder().setTransactionId(transaction.id).build()
        screen.act(DeleteCategoryRequest.newBuilder().setCategoryId(food.id).build())
        screen.act(restore)
        val entry = screen.get(Kinds.TRANSACTION, transaction.id)?.getEntries(0)
        assertEquals("" to TransactionStatus.TRANSACTION_STATUS_CLEARED, entry?.categoryId to entry?.status)
        // What is there does not come back again.
        screen.refuses(restore)
    }

    @Test
    fun `nothing is booked on an account after the day it was closed`() {
        val (id) = screen.act(expense { bookedOn = "2026-02-05" })
        screen.act(CloseAccountRequest.newBuilder().setAccountId(cash.id).setClosedOn("2026-02-04").build())
        screen.refuses(expense { bookedOn = "2026-02-05" }, change(id) { bookedOn = "2026-02-06" })
        // Neither is what was booked before, nor what is on it already, in the way.
        screen.act(expense())
        screen.act(change(id) { amount = eur(7) })
        assertEquals(-7, screen.get(Kinds.TRANSACTION, id)?.getEntries(0)?.amount?.minor)
        screen.act(ReopenAccountRequest.newBuilder().setAccountId(cash.id).build())
        screen.act(change(id) { bookedOn = "2026-02-06" })
        assertEquals("2026-02-06", screen.get(Kinds.TRANSACTION, id)?.bookedOn)
    }

    @Test
    fun `labels are there, or were on it before`() {
        val (tag) = screen.act(CreateTagRequest.newBuilder().setName(" tag ").build())
        assertEquals("tag", screen.get(Kinds.TAG, tag)?.name)
        val (id) = screen.act(expense { addTagIds(tag.uppercase()) })
        assertEquals(listOf(tag), screen.get(Kinds.TRANSACTION, id)?.tagIdsList?.toList())
        screen.refuses(
            expense { addTagIds(newId()) },
            expense { payeeId = newId() },
            expense { paymentMethodId = newId() },
            expense { refundOfId = id },
            expense { kind = TransactionKind.TRANSACTION_KIND_OPENING },
            expense { accountId = newId() },
            UpdateTagRequest.newBuilder().setTagId(tag).setName(" ").build(),
        )
        val (refund) = screen.act(expense { kind = TransactionKind.TRANSACTION_KIND_REFUND; refundOfId = id })
        assertEquals(id, screen.get(Kinds.TRANSACTION, refund)?.refundOfId)
    }

    @Test
    fun `a batch happens whole or not at all`() {
        val (one) = screen.act(expense())
        val (two) = screen.act(expense())
        fun updates(other: String): BatchUpdateTransactionsRequest {
            val changes = listOf(one, other).map { id ->
                TransactionUpdate.newBuilder().setTransactionId(id).setChange(TransactionDraft.newBuilder().setNote("both")).build()
            }
            return BatchUpdateTransactionsRequest.newBuilder().addAllUpdates(changes).build()
        }
        screen.refuses(updates(newId()), BatchDeleteTransactionsRequest.newBuilder().addTransactionIds(one).addTransactionIds(newId()).build())
        screen.act(updates(two))
        assertEquals(listOf("both", "both"), screen.list(Kinds.TRANSACTION).map { it.note })
        screen.act(BatchDeleteTransactionsRequest.newBuilder().addTransactionIds(one).addTransactionIds(two).build())
        assertEquals(emptyList(), screen.list(Kinds.TRANSACTION))
    }

    @Test
    fun `an opening balance that was deleted on its own stays so`() {
        val opening = Transaction.newBuilder().setId(newId()).setVersion(2).build()
        screen.know(Kinds.ACCOUNT, cash.toBuilder().setVersion(3).setOpeningTransactionId(opening.id).build())
        screen.know(Kinds.TRANSACTION, opening, deleted = true)
        screen.act(DeleteAccountRequest.newBuilder().setAccountId(cash.id).build())
        assertNull(screen.get(Kinds.ACCOUNT, cash.id))
        screen.act(RestoreAccountRequest.newBuilder().setAccountId(cash.id).build())
        assertEquals("Cash", screen.get(Kinds.ACCOUNT, cash.id)?.name)
        assertNull(screen.get(Kinds.TRANSACTION, opening.id))
    }

    @Test
    fun `an account is private to whoever makes it so, and with it what is only on it`() {
        screen.act(UpdateAccountRequest.newBuilder().setAccountId(cash.id).setPrivate(true).build())
        assertEquals(user, screen.get(Kinds.ACCOUNT, cash.id)?.privateTo)
        val (id) = screen.act(expense())
        assertEquals(user, screen.get(Kinds.TRANSACTION, id)?.privateTo)
    }

    @Test
    fun `what comes back names nothing that is gone`() {
        val below = category("Below", food.id)
        screen.know(Kinds.CATEGORY, below, deleted = true)
        val payee = Payee.newBuilder().setId(newId()).setDefaultCategoryId(food.id).build()
        screen.know(Kinds.PAYEE, payee, deleted = true)
        screen.act(DeleteCategoryRequest.newBuilder().setCategoryId(food.id).build())
        screen.act(RestoreCategoryRequest.newBuilder().setCategoryId(below.id).build())
        screen.act(RestorePayeeRequest.newBuilder().setPayeeId(payee.id).build())
        assertEquals("", screen.get(Kinds.CATEGORY, below.id)?.parentId)
        assertEquals("", screen.get(Kinds.PAYEE, payee.id)?.defaultCategoryId)
    }

    @Test
    fun `an order is kept, and what is new comes last`() {
        val ids = listOf(category("B").id, category("A").id)
        screen.act(ReorderCategoriesRequest.newBuilder().addAllCategoryIds(ids).build())
        assertEquals(listOf(1, 2), ids.map { screen.get(Kinds.CATEGORY, it)?.position })
        val (rule) = screen.act(CreateRuleRequest.newBuilder().setName("Rule").build())
        assertEquals(1_000_000, screen.get(Kinds.RULE, rule)?.position)
    }
}
