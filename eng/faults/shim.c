/* Makes a system call fail at a chosen moment, for the fault generator: built with "cc -shared -fPIC -o shim.so shim.c -ldl" and preloaded.
   HAQ_FAULT is one of
     write:N   the N-th write and all later ones find the disk full (ENOSPC)
     read:N    the N-th read of a file whose path holds HAQ_FAULT_PATH fails (EIO)
     lock      locks are accepted and do nothing, as on a network file system without them (ENOTSUP)
     clock:S   the clock is S seconds ahead, or behind where S is negative
     step:S    the same from half a second on
   HAQ_FAULT_FIRED is a file that is made when the fault comes about. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static atomic_long count;

static const char *fault(const char *name) {
    const char *set = getenv("HAQ_FAULT");
    size_t length = strlen(name);
    return set && !strncmp(set, name, length) && (set[length] == ':' || !set[length]) ? (set[length] ? set + length + 1 : "") : NULL;
}

static void fired(void) {
    static atomic_flag told = ATOMIC_FLAG_INIT;
    const char *file = getenv("HAQ_FAULT_FIRED");
    if (!file || atomic_flag_test_and_set(&told)) return;
    long fd = syscall(SYS_openat, AT_FDCWD, file, O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
    if (fd >= 0) syscall(SYS_close, fd);
}

static int regular(int fd) {
    struct stat facts;
    return !fstat(fd, &facts) && S_ISREG(facts.st_mode);
}

static int full(int fd) {
    const char *at = fault("write");
    if (!at || !regular(fd) || atomic_fetch_add(&count, 1) + 1 < atol(at)) return 0;
    fired();
    errno = ENOSPC;
    return 1;
}

static int broken(int fd) {
    const char *at = fault("read"), *part = getenv("HAQ_FAULT_PATH");
    char link[64], path[4096];
    if (!at || !part) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, sizeof path - 1);
    if (n <= 0) return 0;
    path[n] = 0;
    if (!strstr(path, part) || atomic_fetch_add(&count, 1) + 1 != atol(at)) return 0;
    fired();
    errno = EIO;
    return 1;
}

#define REAL(type, name, ...) static type (*real)(__VA_ARGS__); if (!real) real = dlsym(RTLD_NEXT, name)

ssize_t write(int fd, const void *data, size_t n) { REAL(ssize_t, "write", int, const void *, size_t); return full(fd) ? -1 : real(fd, data, n); }
ssize_t pwrite(int fd, const void *data, size_t n, off_t at) { REAL(ssize_t, "pwrite", int, const void *, size_t, off_t); return full(fd) ? -1 : real(fd, data, n, at); }
ssize_t pwrite64(int fd, const void *data, size_t n, off_t at) { REAL(ssize_t, "pwrite64", int, const void *, size_t, off_t); return full(fd) ? -1 : real(fd, data, n, at); }
ssize_t read(int fd, void *data, size_t n) { REAL(ssize_t, "read", int, void *, size_t); return broken(fd) ? -1 : real(fd, data, n); }
ssize_t pread(int fd, void *data, size_t n, off_t at) { REAL(ssize_t, "pread", int, void *, size_t, off_t); return broken(fd) ? -1 : real(fd, data, n, at); }
ssize_t pread64(int fd, void *data, size_t n, off_t at) { REAL(ssize_t, "pread64", int, void *, size_t, off_t); return broken(fd) ? -1 : real(fd, data, n, at); }

int flock(int fd, int operation) {
    REAL(int, "flock", int, int);
    if (!fault("lock")) return real(fd, operation);
    fired();
    errno = ENOTSUP;
    return -1;
}

int clock_gettime(clockid_t clock, struct timespec *time) {
    REAL(int, "clock_gettime", clockid_t, struct timespec *);
    const char *by = fault("clock"), *step = fault("step");
    int result = real(clock, time);
    if (result || (!by && !step) || (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE)) return result;
    if (step) {
        static struct timespec first;
        struct timespec now;
        if (real(CLOCK_MONOTONIC, &now)) return result;
        if (!first.tv_sec) first = now;
        if ((now.tv_sec - first.tv_sec) * 1000 + (now.tv_nsec - first.tv_nsec) / 1000000 < 500) return result;
    }
    fired();
    time->tv_sec += atol(by ? by : step);
    return result;
}
