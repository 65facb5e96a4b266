/** Are signatures of webhooks believed or not, as in every other SDK? By the vectors that all of them read. */
package tallystick.client

import kotlin.test.Test
import kotlin.test.assertFailsWith

class WebhooksTest {
    @Test
    fun `those that are valid are believed, and no others`() {
        for (case in vectors("webhooks.json").cases("cases")) {
            val secrets = case.getAsJsonArray("secrets").map { it.asString }
            val verify = { verifyWebhook(case.text("body").toByteArray(), case.text("signature"), secrets, now = case.get("now").asDouble) }
            if (case.get("valid").asBoolean) verify() else assertFailsWith<SignatureInvalid>(case.text("name")) { verify() }
        }
    }

    @Test
    fun `no header is no signature`() {
        assertFailsWith<SignatureInvalid> { verifyWebhook(byteArrayOf(), null, listOf("secret")) }
    }
}
