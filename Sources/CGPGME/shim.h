#include <gpgme.h>
#include <pthread.h>
#include <spawn.h>

// glibc has these, but shows them only under _GNU_SOURCE, which Swift's importer does not set.
int pipe2(int ends[2], int flags);
int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int from);
int pthread_setname_np(pthread_t thread, const char *name);
