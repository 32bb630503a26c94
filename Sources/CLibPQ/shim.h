#ifndef TURNOUT_CLIBPQ_SHIM_H
#define TURNOUT_CLIBPQ_SHIM_H

#include <libpq-fe.h>
#include <sys/eventfd.h>
#include <spawn.h>
#include <unistd.h>

// Swift doesn't import character macros, nor sys/eventfd.h as part of Glibc.
enum {
    TURNOUT_DIAG_SEVERITY = PG_DIAG_SEVERITY_NONLOCALIZED,
    TURNOUT_DIAG_SQLSTATE = PG_DIAG_SQLSTATE,
    TURNOUT_DIAG_MESSAGE = PG_DIAG_MESSAGE_PRIMARY,
    TURNOUT_DIAG_DETAIL = PG_DIAG_MESSAGE_DETAIL,
    TURNOUT_DIAG_HINT = PG_DIAG_MESSAGE_HINT,
    TURNOUT_DIAG_CONSTRAINT = PG_DIAG_CONSTRAINT_NAME,
    TURNOUT_DIAG_TABLE = PG_DIAG_TABLE_NAME,
    TURNOUT_DIAG_COLUMN = PG_DIAG_COLUMN_NAME,
    TURNOUT_DIAG_FUNCTION = PG_DIAG_SOURCE_FUNCTION,
};

static inline int turnout_eventfd(int nonblocking) {
    return eventfd(0, EFD_CLOEXEC | (nonblocking ? EFD_NONBLOCK : 0));
}

// A mutable global, which Swift can't read safely; passed on to child processes unread.
extern char **environ;
static inline char **turnout_environ(void) { return environ; }

// GNU extensions, which Swift's importer hides.
extern int pipe2(int ends[2], int flags);
static inline int turnout_pipe(int *ends, int flags) { return pipe2(ends, flags); }
extern int posix_spawn_file_actions_addchdir_np(posix_spawn_file_actions_t *, const char *);
static inline int turnout_spawn_chdir(posix_spawn_file_actions_t *actions, const char *path) {
    return posix_spawn_file_actions_addchdir_np(actions, path);
}
enum { TURNOUT_SPAWN_SETSID = 0x80 };

#endif
