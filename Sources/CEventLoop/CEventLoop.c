// What glibc declares for _GNU_SOURCE only, and what can't be inline.
#define _GNU_SOURCE
#include <link.h>
#include <malloc.h>

#include "CEventLoop.h"

static int forget_files(struct dl_phdr_info *object, size_t size, void *page_size) {
    uintptr_t page = *(uintptr_t *)page_size;
    for (int index = 0; index < object->dlpi_phnum; index++) {
        const ElfW(Phdr) *segment = &object->dlpi_phdr[index];
        // A segment that may be written holds what no file has.
        if (segment->p_type != PT_LOAD || (segment->p_flags & PF_W)) continue;
        uintptr_t start = object->dlpi_addr + segment->p_vaddr, end = start + segment->p_memsz;
        start = (start + page - 1) / page * page;
        end = end / page * page;
        if (start < end) madvise((void *)start, end - start, MADV_DONTNEED);
    }
    return 0;
}

void turnout_give_back_memory(void) {
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    dl_iterate_phdr(forget_files, &page);
    malloc_trim(0);
}

int turnout_send_descriptors(int socket, const int *descriptors, int count) {
    if (count < 1 || count > TURNOUT_DESCRIPTORS_AT_ONCE) return -EINVAL;
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(int) * TURNOUT_DESCRIPTORS_AT_ONCE)];
    } control = {0};
    char byte = 0;
    struct iovec part = {.iov_base = &byte, .iov_len = 1};
    size_t size = sizeof(int) * (size_t)count;
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = CMSG_SPACE(size)};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(size);
    memcpy(CMSG_DATA(header), descriptors, size);
    return (int)turnout_result(sendmsg(socket, &message, MSG_NOSIGNAL));
}

int turnout_receive_descriptors(int socket, int *descriptors) {
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(int) * TURNOUT_DESCRIPTORS_AT_ONCE)];
    } control = {0};
    char byte;
    struct iovec part = {.iov_base = &byte, .iov_len = 1};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
    int received = (int)turnout_result(recvmsg(socket, &message, MSG_CMSG_CLOEXEC));
    if (received <= 0) return received;
    int count = 0;
    for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
        int more = (int)((header->cmsg_len - CMSG_LEN(0)) / sizeof(int));
        // The kernel may give fewer than were sent, never more than there is room for.
        memcpy(descriptors + count, CMSG_DATA(header), sizeof(int) * (size_t)more);
        count += more;
    }
    return count;
}

int turnout_peer(int socket, uint32_t *user, int32_t *process) {
    struct ucred peer;
    socklen_t length = sizeof peer;
    int result = (int)turnout_result(getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &length));
    if (result < 0) return result;
    *user = peer.uid;
    *process = peer.pid;
    return 0;
}
