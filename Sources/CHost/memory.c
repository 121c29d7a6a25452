#include <sys/vfs.h>

#include "CHost.h"

int oxbow_is_in_memory(const char *path) {
    struct statfs facts;
    // TMPFS_MAGIC and RAMFS_MAGIC of statfs(2).
    return statfs(path, &facts) == 0 && (facts.f_type == 0x01021994 || facts.f_type == 0x858458f6);
}
