/** What does a device show of webhooks and files whose commands wait? */
package tallystick.client.offline

import com.google.protobuf.FieldMask
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertNull
import tallystick.client.build
import tallystick.client.newId
import tallystick.v1.DeleteFileRequest
import tallystick.v1.DeleteWebhookRequest
import tallystick.v1.File
import tallystick.v1.RestoreFileRequest
import tallystick.v1.RestoreWebhookRequest
import tallystick.v1.UpdateWebhookRequest
import tallystick.v1.Webhook
import tallystick.v1.WebhookProblem

class WebhooksTest {
    private val user = newId()
    private val somebody = newId()
    private val screen = Screen(user)

    private fun webhook(problem: WebhookProblem = WebhookProblem.WEBHOOK_PROBLEM_UNSPECIFIED): String {
        val webhook = Webhook.newBuilder().build {
            id = newId()
            url = "https://hooks.example.com/in"
            userId = somebody
            this.problem = problem
        }
        screen.know(Kinds.WEBHOOK, webhook)
        return webhook.id
    }

    private fun update(id: String, write: UpdateWebhookRequest.Builder.() -> Unit): UpdateWebhookRequest =
        UpdateWebhookRequest.newBuilder().build { webhookId = id; write() }

    @Test
    fun `whoever changes where a webhook leads takes it over`() {
        val id = webhook(WebhookProblem.WEBHOOK_PROBLEM_TARGET_FAILING)
        screen.act(update(id.uppercase()) { description = " x "; addKinds("account") })
        val changed = screen.get(Kinds.WEBHOOK, id)
        val told = listOf(changed?.description, changed?.kindsList?.toList(), changed?.userId, changed?.problem)
        assertEquals(listOf("x", listOf("account"), somebody, WebhookProblem.WEBHOOK_PROBLEM_UNSPECIFIED), told)
        screen.act(update(id) { url = "https://other.example.com?in" })
        assertEquals(user, screen.get(Kinds.WEBHOOK, id)?.userId)
    }

    @Test
    fun `so does whoever lets one go on whose user may not look any more`() {
        val id = webhook(WebhookProblem.WEBHOOK_PROBLEM_ACCESS_LOST)
        screen.act(DeleteWebhookRequest.newBuilder().setWebhookId(id).build())
        assertNull(screen.get(Kinds.WEBHOOK, id))
        screen.act(RestoreWebhookRequest.newBuilder().setWebhookId(id).build())
        val again = screen.get(Kinds.WEBHOOK, id)
        assertEquals(user to WebhookProblem.WEBHOOK_PROBLEM_UNSPECIFIED, again?.userId to again?.problem)
    }

    @Test
    fun `what the server would refuse is not shown`() {
        val id = List(11) { webhook() }.first()
        val wrong = listOf("ftp://example.com", "https://", "https://ann:secret@example.com", "https://example.com/#in", "https://a b")
        screen.refuses(*wrong.map { update(id) { url = it } }.toTypedArray())
        for (path in listOf("user_id", "url")) screen.refuses(update(id) { updateMask = FieldMask.newBuilder().addPaths(path).build() })
        screen.act(DeleteWebhookRequest.newBuilder().setWebhookId(id).build())
        screen.refuses(RestoreWebhookRequest.newBuilder().setWebhookId(id).build())
    }

    @Test
    fun `a file is hidden at once, and comes back as it was`() {
        val file = File.newBuilder().setId(newId()).setName("bill.pdf").build()
        screen.know(Kinds.FILE, file)
        screen.act(DeleteFileRequest.newBuilder().setFileId(file.id.uppercase()).build())
        assertNull(screen.get(Kinds.FILE, file.id))
        screen.act(RestoreFileRequest.newBuilder().setFileId(file.id).build())
        assertEquals(file, screen.get(Kinds.FILE, file.id))
    }
}
