package tallystick

import (
	"errors"
	"testing"
	"time"

	"tallystick.dev/go/internal/vectors"
)

type webhookVectors struct {
	Cases []struct {
		Name, Body, Signature string
		Secrets               []string
		Now                   int64
		Valid                 bool
	}
}

func TestSignaturesAreWhatTheVectorsSay(t *testing.T) {
	said := vectors.Read[webhookVectors](t, "webhooks")
	if len(said.Cases) == 0 {
		t.Fatal("there is nothing to compare with")
	}
	for _, try := range said.Cases {
		t.Run(try.Name, func(t *testing.T) {
			err := verifyWebhookAt(time.Unix(try.Now, 0), []byte(try.Body), try.Signature, try.Secrets)
			if (err == nil) != try.Valid || err != nil && !errors.Is(err, ErrSignatureInvalid) {
				t.Error(err)
			}
		})
	}
}
