#include <errno.h>
#include <sys/prctl.h>

#include "CHost.h"

int oxbow_make_non_dumpable(void) {
    return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 ? 0 : errno;
}
