#include <errno.h>
#include <sys/prctl.h>

#include "CHost.h"

int oxbow_make_non_dumpable(void) {
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return errno;
    return prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0 ? 0 : EPERM;
}
