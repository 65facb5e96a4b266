package tallystick

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// ErrSignatureInvalid says not to believe a word of a delivery, and to answer 400.
var ErrSignatureInvalid = errors.New("the delivery is not signed by the server, or not now")

const (
	signatureTolerance = 5 * time.Minute
	// More than any server sends: whoever sends more wants us to compute.
	signaturePartsMax = 10
)

// Others may stand beside them one day.
var (
	signedAt = regexp.MustCompile(`^t=([0-9]{1,15})$`)
	signedBy = regexp.MustCompile(`^v1=([0-9a-f]{64})$`)
)

// VerifyWebhook says whether one of the secrets has signed a webhook's delivery, within five minutes of now; else it returns
// [ErrSignatureInvalid].
//
// The body is what arrived, byte for byte: not what a framework has read and written again. The signature is the header
// Tallystick-Signature. Give both secrets while one takes over from the other.
func VerifyWebhook(body []byte, signature string, secrets ...string) error {
	return verifyWebhookAt(time.Now(), body, signature, secrets)
}

func verifyWebhookAt(now time.Time, body []byte, signature string, secrets []string) error {
	at, hashes, is := readSignature(signature)
	if !is {
		return ErrSignatureInvalid
	}
	isSigned := false
	for _, secret := range secrets {
		if secret == "" {
			continue
		}
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write([]byte(at + "."))
		mac.Write(body)
		expected := []byte(hex.EncodeToString(mac.Sum(nil)))
		for _, hash := range hashes {
			// In constant time: how long it takes must not say how much of a guess is right.
			isSigned = hmac.Equal(expected, []byte(hash)) || isSigned
		}
	}
	seconds, _ := strconv.ParseInt(at, 10, 64)
	if !isSigned || now.Sub(time.Unix(seconds, 0)).Abs() > signatureTolerance {
		return ErrSignatureInvalid
	}
	return nil
}

func readSignature(signature string) (at string, hashes []string, is bool) {
	parts := strings.Split(signature, ",")
	var moments []string
	for _, part := range parts {
		if found := signedAt.FindStringSubmatch(part); found != nil {
			moments = append(moments, found[1])
		}
		if found := signedBy.FindStringSubmatch(part); found != nil {
			hashes = append(hashes, found[1])
		}
	}
	if len(parts) > signaturePartsMax || len(moments) != 1 || len(hashes) == 0 {
		return "", nil, false
	}
	return moments[0], hashes, true
}
