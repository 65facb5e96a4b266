package tallystick

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"tallystick.dev/go/internal/vectors"
	v1 "tallystick.dev/go/v1"
)

type wireVectors struct {
	Messages []struct {
		Message, Hex string
		JSON         json.RawMessage
	}
	UnknownEntity struct {
		Change string
		Field  protoreflect.FieldNumber
	}
}

type entityVectors struct {
	Entities []struct {
		Kind, Hex string
		JSON      json.RawMessage
	}
}

type commandVectors struct {
	Commands []struct {
		Kind, Hex string
		Least     bool
		JSON      json.RawMessage
	}
}

func TestTheWireIsWhatTheVectorsSay(t *testing.T) {
	for _, try := range vectors.Read[wireVectors](t, "wire").Messages {
		kind, err := protoregistry.GlobalTypes.FindMessageByName(protoreflect.FullName(try.Message))
		if err != nil {
			t.Fatal(err)
		}
		compareWire(t, kind, try.JSON, try.Hex)
	}
}

func TestEveryKindOfEntityLosesNothing(t *testing.T) {
	said := vectors.Read[entityVectors](t, "entities").Entities
	kind := (&v1.Entity{}).ProtoReflect()
	if kinds := kind.Descriptor().Fields().Len(); len(said) != kinds {
		t.Errorf("%d of %d kinds", len(said), kinds)
	}
	for _, try := range said {
		t.Run(try.Kind, func(t *testing.T) { compareWire(t, kind.Type(), try.JSON, try.Hex) })
	}
}

func TestEveryCommandLosesNothing(t *testing.T) {
	said := vectors.Read[commandVectors](t, "commands").Commands
	kind := (&v1.Mutation{}).ProtoReflect()
	kinds := kind.Descriptor().Oneofs().ByName("command").Fields()
	// Each in full, and with no more than it needs.
	if len(said) != 2*kinds.Len() {
		t.Errorf("%d of %d commands", len(said), 2*kinds.Len())
	}
	for _, try := range said {
		t.Run(fmt.Sprintf("%s least=%t", try.Kind, try.Least), func(t *testing.T) {
			if try.Kind == "leave_group" && !try.Least {
				compareUnordered(t, kind.Type(), try.JSON, try.Hex)
			} else {
				compareWire(t, kind.Type(), try.JSON, try.Hex)
			}
		})
	}
}

// Go writes the field of a oneof after all others. Where it has not the highest number, the bytes are the same fields in another order,
// which every reader takes.
func compareUnordered(t *testing.T, kind protoreflect.MessageType, said json.RawMessage, wire string) {
	t.Helper()
	read, again := kind.New().Interface(), kind.New().Interface()
	if err := proto.Unmarshal(bytesOf(t, wire), read); err != nil {
		t.Fatal(err)
	}
	written := write(t, read)
	if len(written) != len(wire) || written == wire {
		t.Errorf("%s\nis not another order of\n%s", written, wire)
	}
	compareWire(t, kind, said, written)
	if err := proto.Unmarshal(bytesOf(t, written), again); err != nil || !proto.Equal(read, again) {
		t.Errorf("%v, %v", again, err)
	}
}

func TestWhatANewerServerSendsIsKept(t *testing.T) {
	said := vectors.Read[wireVectors](t, "wire").UnknownEntity
	change := &v1.Change{}
	if err := proto.Unmarshal(bytesOf(t, said.Change), change); err != nil {
		t.Fatal(err)
	}
	if change.GetEntity().GetKind() != nil || len(change.GetEntity().ProtoReflect().GetUnknown()) == 0 {
		t.Errorf("%v", change)
	}
	if wire := write(t, change); wire != said.Change {
		t.Error(wire)
	}
	// An enum's value that has no name here yet.
	account := &v1.Account{Type: 99}
	read := &v1.Account{}
	if err := proto.Unmarshal(bytesOf(t, write(t, account)), read); err != nil || read.GetType() != 99 {
		t.Errorf("%v, %v", read, err)
	}
}

func compareWire(t *testing.T, kind protoreflect.MessageType, said json.RawMessage, wire string) {
	t.Helper()
	read, composed := kind.New().Interface(), kind.New().Interface()
	if err := proto.Unmarshal(bytesOf(t, wire), read); err != nil {
		t.Fatal(err)
	}
	if err := protojson.Unmarshal(said, composed); err != nil {
		t.Fatal(err)
	}
	if !proto.Equal(read, composed) || len(read.ProtoReflect().GetUnknown()) > 0 {
		t.Errorf("%v\nis not\n%v", read, composed)
	}
	for _, each := range []proto.Message{read, composed} {
		if written := write(t, each); written != wire {
			t.Errorf("%s\nis not\n%s", written, wire)
		}
	}
}

func write(t *testing.T, message proto.Message) string {
	t.Helper()
	wire, err := proto.MarshalOptions{Deterministic: true}.Marshal(message)
	if err != nil {
		t.Fatal(err)
	}
	return hex.EncodeToString(wire)
}

func bytesOf(t *testing.T, text string) []byte {
	t.Helper()
	wire, err := hex.DecodeString(strings.TrimSpace(text))
	if err != nil {
		t.Fatal(err)
	}
	return wire
}
