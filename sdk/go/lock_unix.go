//go:build unix && !solaris && !aix

package tallystick

import (
	"errors"
	"os"
	"syscall"
)

// tryLock says whether the lock is ours now. Another's is no error.
func tryLock(file *os.File) (bool, error) {
	err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) || errors.Is(err, syscall.EINTR) {
		return false, nil
	}
	return err == nil, err
}
