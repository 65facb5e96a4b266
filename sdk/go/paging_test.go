package tallystick

import (
	"slices"
	"testing"
	"testing/synctest"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	v1 "tallystick.dev/go/v1"
)

// threePages are a, b and c, of which the second page is empty.
func threePages(asked *[]string) func(*v1.ListTransactionsRequest) (*v1.ListTransactionsResponse, error) {
	pages := map[string]*v1.ListTransactionsResponse{
		"":  {Transactions: []*v1.Transaction{{Id: "a"}, {Id: "b"}}, NextPageToken: "2"},
		"2": {NextPageToken: "3"},
		"3": {Transactions: []*v1.Transaction{{Id: "c"}}},
	}
	return func(request *v1.ListTransactionsRequest) (*v1.ListTransactionsResponse, error) {
		*asked = append(*asked, request.GetBookId()+request.GetPageToken())
		if page := pages[request.GetPageToken()]; page != nil {
			return page, nil
		}
		return nil, failure(codes.InvalidArgument, "INVALID_PAGE_TOKEN")
	}
}

func TestAListIsReadToItsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked, found []string
		client := serve(t, &scripted{list: threePages(&asked)}, Options{})
		request := &v1.ListTransactionsRequest{BookId: "book"}
		items := (*v1.ListTransactionsResponse).GetTransactions
		for transaction, err := range Each(t.Context(), client.Ledger.ListTransactions, request, items) {
			if err != nil {
				t.Fatal(err)
			}
			found = append(found, transaction.GetId())
		}
		if !slices.Equal(found, []string{"a", "b", "c"}) || !slices.Equal(asked, []string{"book", "book2", "book3"}) {
			t.Errorf("found %q, asked %q", found, asked)
		}
		if !proto.Equal(request, &v1.ListTransactionsRequest{BookId: "book"}) {
			t.Errorf("the request has become %v", request)
		}
	})
}

func TestNoMoreIsAskedThanIsRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked []string
		client := serve(t, &scripted{list: threePages(&asked)}, Options{})
		items := (*v1.ListTransactionsResponse).GetTransactions
		for range Each(t.Context(), client.Ledger.ListTransactions, &v1.ListTransactionsRequest{}, items) {
			break
		}
		if len(asked) != 1 {
			t.Errorf("asked %q", asked)
		}
	})
}

func TestAFailureIsTheLastOfAList(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked []string
		client := serve(t, &scripted{list: threePages(&asked)}, Options{})
		items := (*v1.ListTransactionsResponse).GetTransactions
		rounds, last := 0, error(nil)
		for _, err := range Each(t.Context(), client.Ledger.ListTransactions, &v1.ListTransactionsRequest{PageToken: "9"}, items) {
			rounds, last = rounds+1, err
		}
		if rounds != 1 || ReasonOf(last) != "INVALID_PAGE_TOKEN" {
			t.Errorf("%d rounds, %v", rounds, last)
		}
	})
}

// Pages writes the token by the name of its field.
func TestWhateverSendsPagesTakesTheirTokens(t *testing.T) {
	listing := 0
	protoregistry.GlobalFiles.RangeFilesByPackage("tallystick.v1", func(file protoreflect.FileDescriptor) bool {
		for i := range file.Services().Len() {
			methods := file.Services().Get(i).Methods()
			for j := range methods.Len() {
				method := methods.Get(j)
				if method.Output().Fields().ByName("next_page_token") == nil {
					continue
				}
				listing++
				token := method.Input().Fields().ByName("page_token")
				if token == nil || token.Kind() != protoreflect.StringKind {
					t.Error(method.FullName())
				}
			}
		}
		return true
	})
	if listing < 10 {
		t.Errorf("only %d calls list anything", listing)
	}
}
