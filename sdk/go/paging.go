package tallystick

import (
	"context"
	"iter"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// PageRequest is a request of a call that lists page by page.
type PageRequest interface {
	proto.Message
	GetPageToken() string
}

// Page is the answer of such a call.
type Page interface {
	proto.Message
	GetNextPageToken() string
}

// Pages are the answers to a listing call, until there are no more: Pages(ctx, client.Ledger.ListAccounts, &v1.ListAccountsRequest{…}).
// An error is the last that comes. The request stays as it is.
func Pages[Request PageRequest, Answer Page](
	ctx context.Context, call func(context.Context, Request, ...grpc.CallOption) (Answer, error), request Request,
) iter.Seq2[Answer, error] {
	return func(yield func(Answer, error) bool) {
		asked := proto.CloneOf(request)
		for {
			page, err := call(ctx, asked)
			if !yield(page, err) || err != nil || page.GetNextPageToken() == "" {
				return
			}
			setPageToken(asked, page.GetNextPageToken())
		}
	}
}

// Each are the items of a listing call. Pages are fetched as they are needed, and items says which of an answer's lists is meant:
//
//	for account, err := range Each(ctx, client.Ledger.ListAccounts, request, (*v1.ListAccountsResponse).GetAccounts) { … }
func Each[Request PageRequest, Answer Page, Item any](
	ctx context.Context,
	call func(context.Context, Request, ...grpc.CallOption) (Answer, error),
	request Request,
	items func(Answer) []Item,
) iter.Seq2[Item, error] {
	return func(yield func(Item, error) bool) {
		for page, err := range Pages(ctx, call, request) {
			if err != nil {
				var none Item
				yield(none, err)
				return
			}
			for _, item := range items(page) {
				if !yield(item, nil) {
					return
				}
			}
		}
	}
}

// setPageToken writes what the generated messages have a field and a getter for, but no common setter.
func setPageToken(request proto.Message, token string) {
	message := request.ProtoReflect()
	message.Set(message.Descriptor().Fields().ByName("page_token"), protoreflect.ValueOfString(token))
}
