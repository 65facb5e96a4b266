// Package vectors reads what every SDK has to agree on, for tests. Numbers are texts there: no reader makes floating point numbers of them.
package vectors

import (
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// Read reads sdk/vectors/<name>.json.
func Read[Vectors any](t *testing.T, name string) (read Vectors) {
	t.Helper()
	_, here, _, _ := runtime.Caller(0)
	text, err := os.ReadFile(filepath.Join(filepath.Dir(here), "..", "..", "..", "vectors", name+".json"))
	if err == nil {
		err = json.Unmarshal(text, &read)
	}
	if err != nil {
		t.Fatal(err)
	}
	return read
}
