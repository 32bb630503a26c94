#ifndef TURNOUT_CLIBPQ_SHIM_H
#define TURNOUT_CLIBPQ_SHIM_H

#include <libpq-fe.h>
#include <sys/eventfd.h>

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

#endif
