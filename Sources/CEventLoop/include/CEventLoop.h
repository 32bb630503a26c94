#ifndef TURNOUT_CEVENTLOOP_H
#define TURNOUT_CEVENTLOOP_H

// The system calls that the Glibc module does not export, or exports in a form that Swift can't call.
// Calls that fail return the negated errno, so that nobody reads errno after something else changed it.

#include <errno.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

// Declared by glibc for _GNU_SOURCE only, which would give the structs of other modules a second shape.
int accept4(int, struct sockaddr *__restrict, socklen_t *__restrict, int);
long syscall(long, ...);
int pthread_setname_np(pthread_t, const char *);

// `EventFlag` in module Proxy has these as numbers.
_Static_assert(EPOLLIN == 0x1 && EPOLLOUT == 0x4 && EPOLLERR == 0x8 && EPOLLHUP == 0x10 && EPOLLRDHUP == 0x2000,
               "epoll's flags differ from EventFlag");

static inline long turnout_result(long result) { return result < 0 ? -(long)errno : result; }

static inline int turnout_epoll_create(void) { return (int)turnout_result(epoll_create1(EPOLL_CLOEXEC)); }

// Edge-triggered, both directions, for the life of the descriptor.
static inline int turnout_epoll_add(int epoll, int descriptor, uint64_t token) {
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.u64 = token};
    return (int)turnout_result(epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event));
}

// Level-triggered, input only: listeners and wake-ups.
static inline int turnout_epoll_add_level(int epoll, int descriptor, uint64_t token) {
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = token};
    return (int)turnout_result(epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event));
}

static inline int turnout_epoll_remove(int epoll, int descriptor) {
    return (int)turnout_result(epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, 0));
}

static inline int turnout_epoll_wait(int epoll, struct epoll_event *events, int count, int milliseconds) {
    return (int)turnout_result(epoll_wait(epoll, events, count, milliseconds));
}

static inline uint32_t turnout_event_flags(const struct epoll_event *events, int index) { return events[index].events; }
static inline uint64_t turnout_event_token(const struct epoll_event *events, int index) { return events[index].data.u64; }

static inline int turnout_eventfd(void) { return (int)turnout_result(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)); }

static inline void turnout_eventfd_signal(int descriptor) {
    uint64_t one = 1;
    ssize_t ignored = write(descriptor, &one, sizeof one);
    (void)ignored;
}

static inline void turnout_eventfd_clear(int descriptor) {
    uint64_t value;
    ssize_t ignored = read(descriptor, &value, sizeof value);
    (void)ignored;
}

static inline int turnout_accept(int listener) {
    return (int)turnout_result(accept4(listener, 0, 0, SOCK_NONBLOCK | SOCK_CLOEXEC));
}

static inline int turnout_socket(int family) {
    return (int)turnout_result(socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

// Unix sockets: descriptors that go along with one byte, at most TURNOUT_DESCRIPTORS_AT_ONCE of them.
#define TURNOUT_DESCRIPTORS_AT_ONCE 200
int turnout_send_descriptors(int socket, const int *descriptors, int count);
// Returns how many came, 0 at the end of the stream; there must be room for TURNOUT_DESCRIPTORS_AT_ONCE.
int turnout_receive_descriptors(int socket, int *descriptors);
// Who is at the other end of a Unix socket.
int turnout_peer(int socket, uint32_t *user, int32_t *process);

// Bytes that were sent and the peer's kernel has not acknowledged; 0 when it can't be told.
static inline int turnout_unacknowledged(int descriptor) {
    int count = 0;
    return ioctl(descriptor, SIOCOUTQ, &count) == 0 ? count : 0;
}

static inline int turnout_connect(int descriptor, const struct sockaddr *address, socklen_t length) {
    return (int)turnout_result(connect(descriptor, address, length));
}

static inline int turnout_set_option(int descriptor, int level, int option, int value) {
    return (int)turnout_result(setsockopt(descriptor, level, option, &value, sizeof value));
}

static inline int turnout_no_delay(int descriptor) {
    return turnout_set_option(descriptor, IPPROTO_TCP, TCP_NODELAY, 1);
}

static inline int turnout_socket_error(int descriptor) {
    int error = 0;
    socklen_t length = sizeof error;
    if (getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &length) < 0) return errno;
    return error;
}

// The next close sends a reset, so that the peer can tell a cut answer from a finished one.
static inline void turnout_reset_on_close(int descriptor) {
    struct linger linger = {.l_onoff = 1, .l_linger = 0};
    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
}

// Not recv and send: they are cancellation points, which costs each call two atomic operations that nobody needs here.
static inline long turnout_receive(int descriptor, void *bytes, size_t count) {
    return turnout_result(syscall(SYS_recvfrom, descriptor, bytes, count, 0, 0, 0));
}

static inline long turnout_send(int descriptor, const void *bytes, size_t count) {
    return turnout_result(syscall(SYS_sendto, descriptor, bytes, count, MSG_NOSIGNAL, 0, 0));
}

// Address space that costs memory only where it is touched, without huge pages, which would touch too much.
static inline void *turnout_reserve(size_t count) {
    void *base = mmap(0, count, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (base == MAP_FAILED) return 0;
    madvise(base, count, MADV_NOHUGEPAGE);
    return base;
}

static inline void turnout_unreserve(void *base, size_t count) { munmap(base, count); }

// Gives the pages back; they read as zero afterwards.
static inline void turnout_forget(void *base, size_t count) { madvise(base, count, MADV_DONTNEED); }

// Unmaps the code and the constants of the program and its libraries, which come back from the page cache where they are
// used again, and gives the heap's free pages back to the kernel.
void turnout_give_back_memory(void);

static inline int turnout_name_thread(pthread_t thread, const char *name) { return pthread_setname_np(thread, name); }

static inline uint64_t turnout_monotonic_nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000ull + (uint64_t)now.tv_nsec;
}

static inline uint64_t turnout_random_seed(void) {
    uint64_t seed = 0;
    if (getrandom(&seed, sizeof seed, GRND_NONBLOCK) != sizeof seed) seed = turnout_monotonic_nanoseconds();
    return seed ? seed : 0x9e3779b97f4a7c15ull;
}

#endif
