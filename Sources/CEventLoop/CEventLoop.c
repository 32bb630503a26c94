// What glibc declares for _GNU_SOURCE only, and what can't be inline.
#define _GNU_SOURCE
#include <link.h>
#include <malloc.h>

#include "CEventLoop.h"

static int forget_code(struct dl_phdr_info *object, size_t size, void *page_size) {
    uintptr_t page = *(uintptr_t *)page_size;
    for (int index = 0; index < object->dlpi_phnum; index++) {
        const ElfW(Phdr) *segment = &object->dlpi_phdr[index];
        // A segment that may be written holds what no file has.
        if (segment->p_type != PT_LOAD || !(segment->p_flags & PF_X) || (segment->p_flags & PF_W)) continue;
        uintptr_t start = object->dlpi_addr + segment->p_vaddr, end = start + segment->p_memsz;
        start = (start + page - 1) / page * page;
        end = end / page * page;
        if (start < end) madvise((void *)start, end - start, MADV_DONTNEED);
    }
    return 0;
}

void turnout_give_back_memory(void) {
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    dl_iterate_phdr(forget_code, &page);
    malloc_trim(0);
}
