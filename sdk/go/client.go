package tallystick

import (
	"context"
	"crypto/tls"
	"regexp"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"

	v1 "tallystick.dev/go/v1"
)

const (
	defaultTimeout = 30 * time.Second
	// A page of changes is about as large as was asked for, but a commit is never cut.
	receivedBytesMax = 64 << 20
	connectTimeout   = 10 * time.Second
)

var thisMachine = regexp.MustCompile(
	`^(?:(?:dns:/*|ipv[46]:)?(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?|unix(?:-abstract)?:.*)$`,
)

// Options say how a client reaches its server. The zero value is good for most.
type Options struct {
	// Where the tokens of whoever signs in are kept. Nil: in memory, until the program ends.
	Tokens TokenStore
	// How TLS is done. Nil: with the system's roots; and not at all to a server on this machine.
	TLS *tls.Config
	// Speak without encryption to a server beyond this machine. Whoever is on the way can then act as the user.
	Plaintext bool
	// How long a call may take with all its repeats, unless its context says so. Zero: 30 seconds.
	Timeout time.Duration
	// How often a call is repeated. The zero value means six tries within about six seconds.
	Retries Retries
	// What else grpc is to know, such as a dialer of the program's own.
	Dial []grpc.DialOption
}

// Client has a stub for each service. A call that fails returns an [*Error]. Goroutines may share it.
type Client struct {
	// Signing up, signing in, and what belongs to the user alone.
	Auth v1.AuthServiceClient
	// Who shares a space, and how others come to share it.
	Spaces v1.SpaceServiceClient
	// Books and the money in them.
	Ledger v1.LedgerServiceClient
	// What people mean to spend.
	Budgets v1.BudgetServiceClient
	// Groups that share expenses.
	Groups v1.GroupServiceClient
	// What the money in a book comes to.
	Reports v1.ReportServiceClient
	// What the user wants to see, and how.
	Settings v1.SettingsServiceClient
	// Receipts, statements and documents.
	Files v1.FileServiceClient
	// What the user should know of.
	Notifications v1.NotificationServiceClient
	// Addresses that are told what happens in a space.
	Webhooks v1.WebhookServiceClient
	// What is kept, as files.
	Exports v1.ExportServiceClient
	// Files of banks and other programs, on their way into a book.
	Imports v1.ImportServiceClient
	// Archives of spaces.
	Backups v1.BackupServiceClient
	// Copies of spaces. [Client.Watch] is made of it.
	Sync v1.SyncServiceClient
	// How the server is.
	Status v1.StatusServiceClient

	// For stubs of a program's own: calls on it are signed, repeated, and fail with reasons.
	Conn grpc.ClientConnInterface

	conn    *grpc.ClientConn
	session *session
	retries Retries
}

// NewClient makes a client of the server at a target such as "tallystick.example:443". It connects with the first call. It fails when
// the target cannot be read, or the tokens cannot.
func NewClient(target string, options Options) (*Client, error) {
	store := options.Tokens
	if store == nil {
		store = MemoryTokens(Tokens{})
	}
	timeout := options.Timeout
	if timeout <= 0 {
		timeout = defaultTimeout
	}
	retries := options.Retries.orUsual()
	current, err := newSession(store, retries, timeout)
	if err != nil {
		return nil, err
	}
	calls := &calls{caller: current, retries: retries, timeout: timeout}
	conn, err := grpc.NewClient(target, append(dialOptions(target, options, retries, calls), options.Dial...)...)
	if err != nil {
		return nil, err
	}
	current.auth = v1.NewAuthServiceClient(plainConn{conn})
	return newClient(conn, current, retries), nil
}

func newClient(conn *grpc.ClientConn, current *session, retries Retries) *Client {
	return &Client{
		Auth:          v1.NewAuthServiceClient(conn),
		Spaces:        v1.NewSpaceServiceClient(conn),
		Ledger:        v1.NewLedgerServiceClient(conn),
		Budgets:       v1.NewBudgetServiceClient(conn),
		Groups:        v1.NewGroupServiceClient(conn),
		Reports:       v1.NewReportServiceClient(conn),
		Settings:      v1.NewSettingsServiceClient(conn),
		Files:         v1.NewFileServiceClient(conn),
		Notifications: v1.NewNotificationServiceClient(conn),
		Webhooks:      v1.NewWebhookServiceClient(conn),
		Exports:       v1.NewExportServiceClient(conn),
		Imports:       v1.NewImportServiceClient(conn),
		Backups:       v1.NewBackupServiceClient(conn),
		Sync:          v1.NewSyncServiceClient(conn),
		Status:        v1.NewStatusServiceClient(conn),
		Conn:          conn,
		conn:          conn,
		session:       current,
		retries:       retries,
	}
}

func dialOptions(target string, options Options, retries Retries, calls *calls) []grpc.DialOption {
	// A connection that failed is tried again about as soon as a call is.
	redial := grpc.ConnectParams{
		Backoff:           backoff.Config{BaseDelay: retries.FirstWait, Multiplier: 2, Jitter: 0.5, MaxDelay: retries.LongestWait},
		MinConnectTimeout: connectTimeout,
	}
	return []grpc.DialOption{
		grpc.WithTransportCredentials(transportCredentials(target, options)),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(receivedBytesMax)),
		grpc.WithConnectParams(redial),
		// What a name server says must not change how calls are made.
		grpc.WithDisableServiceConfig(),
		grpc.WithUnaryInterceptor(calls.unary),
		grpc.WithStreamInterceptor(calls.stream),
	}
}

func transportCredentials(target string, options Options) credentials.TransportCredentials {
	if options.TLS == nil && (options.Plaintext || thisMachine.MatchString(target)) {
		return insecure.NewCredentials()
	}
	return credentials.NewTLS(options.TLS)
}

// SignIn begins a session. Its tokens are in the token store when this returns. The device name is what the user's list of devices calls
// this one.
func (c *Client) SignIn(ctx context.Context, email, password, deviceName string) (*v1.LoginResponse, error) {
	return c.session.signIn(ctx, email, password, deviceName)
}

// SignOut ends the session, and forgets its tokens. When the server cannot be told, it fails and forgets nothing.
func (c *Client) SignOut(ctx context.Context) error {
	return c.session.signOut(ctx)
}

// Tokens says who is signed in.
func (c *Client) Tokens() Tokens {
	return c.session.current()
}

// Close ends the connection, and with it the calls that are under way.
func (c *Client) Close() error {
	return c.conn.Close()
}
